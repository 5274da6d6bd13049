"""The tables' columns, in one explicit schema with a version. Columns are only ever appended, nullable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ..model import Extraction, Rejection

SCHEMA_VERSION = 2  # 2: record_id

_KEPT = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("text_start", pa.int32()), ("text_end", pa.int32())])
_REMOVED = pa.struct(
    [
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("text", pa.string()),
        ("label", pa.string()),
        ("reason", pa.string()),
        ("rule", pa.string()),
        ("score", pa.float32()),
        ("labelled", pa.bool_()),
        ("evidence", pa.list_(pa.string())),
    ]
)
_EDIT = pa.struct([("fixer", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("before", pa.string()), ("after", pa.string())])
_QUALITY = pa.struct(
    [
        ("kept_share", pa.float32()),
        ("mean_word_length", pa.float32()),
        ("symbol_share", pa.float32()),
        ("duplicate_line_share", pa.float32()),
    ]
)
# A list of pairs and not a map: Hugging Face `datasets` refuses to open a table with a map column.
_ORIGIN = pa.list_(pa.struct([("field", pa.string()), ("origin", pa.string())]))

ARTICLES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("uri", pa.string(), nullable=False),
        ("url", pa.string()),
        ("title", pa.string()),
        ("authors", pa.list_(pa.string())),
        ("published_at", pa.string()),
        ("modified_at", pa.string()),
        ("site_name", pa.string()),
        ("section", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("image", pa.string()),
        ("description", pa.string()),
        ("metadata_origin", _ORIGIN),
        ("language", pa.string()),
        ("language_score", pa.float32()),
        ("text", pa.string()),
        ("word_count", pa.int32()),
        ("quality", _QUALITY),
        ("quality_flags", pa.list_(pa.string())),
        ("doubt", pa.float32()),
        ("kept", pa.list_(_KEPT)),
        ("removed", pa.list_(_REMOVED)),
        ("edits", pa.list_(_EDIT)),
        ("duplicate_of", pa.string()),
        ("fingerprint", pa.string()),
        ("raw_sha256", pa.string()),
        ("raw_bytes", pa.int64()),
        ("media_type", pa.string()),
        ("encoding", pa.string()),
        ("record_id", pa.string()),
    ]
)
REJECTS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("uri", pa.string(), nullable=False),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("raw_sha256", pa.string()),
        ("raw_bytes", pa.int64()),
    ]
)


def article_row(e: Extraction, sha256: str, size: int) -> dict[str, Any]:
    """The articles row of an extraction; `duplicate_of` is for merge to fill."""
    m, q = e.metadata, e.quality
    return {
        "id": e.id,
        "source": e.source,
        "uri": e.uri,
        "url": m.url,
        "title": m.title,
        "authors": list(m.authors),
        "published_at": m.published_at,
        "modified_at": m.modified_at,
        "site_name": m.site_name,
        "section": m.section,
        "tags": list(m.tags),
        "image": m.image,
        "description": m.description,
        "metadata_origin": [{"field": name, "origin": where} for name, where in sorted(m.origin.items())],
        "language": e.language,
        "language_score": e.language_score,
        "text": e.text,
        "word_count": q.word_count,
        "quality": {name: getattr(q, name) for name in (f.name for f in _QUALITY)},
        "quality_flags": list(q.flags),
        "doubt": e.doubt,
        "kept": [{"start": k.start, "end": k.end, "text_start": k.text_start, "text_end": k.text_end} for k in e.kept],
        "removed": [r._asdict() for r in e.removed],
        "edits": [{"fixer": x.fixer, "start": x.start, "end": x.end, "before": x.before, "after": x.after} for x in e.edits],
        "duplicate_of": None,
        "fingerprint": e.fingerprint,
        "raw_sha256": sha256,
        "raw_bytes": size,
        "media_type": e.media_type,
        "encoding": e.encoding,
        "record_id": m.record_id,
    }


def reject_row(r: Rejection, sha256: str, size: int) -> dict[str, Any]:
    """The rejects row of a rejection."""
    return {
        "id": r.id,
        "source": r.source,
        "uri": r.uri,
        "reason": r.reason.value,
        "detail": r.detail,
        "raw_sha256": sha256,
        "raw_bytes": size,
    }


def batch(rows: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows as a batch of the schema; a lone surrogate, which Arrow refuses, becomes U+FFFD."""
    try:
        return pa.RecordBatch.from_pylist(list(rows), schema=schema)
    except UnicodeEncodeError:
        return pa.RecordBatch.from_pylist([_storable(row) for row in rows], schema=schema)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {name: _storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return value
