"""Cleaning as a pure function over Arrow batches: what Spark's `mapInArrow` and Ray's `map_batches` run."""

from __future__ import annotations

import hashlib
from typing import Any

import pyarrow as pa

from .corpus import schema
from .errors import SettingError
from .model import Extraction, RawDocument
from .pipeline import clean_document
from .policy import Policy

# The articles table's columns, and what became of each row: "clean" or "rejected", and why.
SCHEMA = pa.schema(
    [
        *(field.with_nullable(True) for field in schema.ARTICLES),
        pa.field("status", pa.string()),
        pa.field("error", pa.struct([("reason", pa.string()), ("detail", pa.string())])),
    ]
)
_OPTIONAL = ("source", "uri", "url", "media_type")


def clean_batch(batch: pa.RecordBatch, policy: Policy) -> pa.RecordBatch:
    """Clean each row; one row out for each row in, in order, of the schema `SCHEMA`.

    Columns in: `id`, `data` (binary or string), and where there are any `source`, `uri`, `url`, `media_type`.
    A rejected row has its id, source, uri, status and error. Raises SettingError when `id` or `data` is missing.
    """
    missing = [name for name in ("id", "data") if name not in batch.schema.names]
    if missing:
        raise SettingError(f"clean_batch: the batch has no column {missing[0]!r}; it has {', '.join(batch.schema.names)}")
    columns = [name for name in ("id", "data", *_OPTIONAL) if name in batch.schema.names]
    rows = batch.select(columns).to_pylist()
    return schema.batch([_row(row, policy) for row in rows], SCHEMA)


def _row(row: dict[str, Any], policy: Policy) -> dict[str, Any]:
    data = row["data"] if row["data"] is not None else b""
    raw = RawDocument(row["id"], data, row.get("source") or "", row.get("uri") or "", media_type=row.get("media_type"), url=row.get("url"))
    stored = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    sha256 = hashlib.sha256(stored).hexdigest()
    result = clean_document(raw, policy)
    if isinstance(result, Extraction):
        return {**schema.article_row(result, sha256, len(stored)), "status": "clean", "error": None}
    error = {"reason": result.reason.value, "detail": result.detail}
    receipt = {"raw_sha256": sha256, "raw_bytes": len(stored)}
    return {"id": result.id, "source": result.source, "uri": result.uri, **receipt, "status": "rejected", "error": error}
