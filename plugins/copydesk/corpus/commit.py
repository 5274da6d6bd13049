"""Merge and commit: a date's two files are staged whole, checked, and put in place by one atomic replace each.

Rejects go first; articles is the commit point, and its footer holds the sha256 of the rejects. A crash between
the two leaves a torn pair, which `staleness.stale` sees and the next run repairs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from upath import UPath

from ..errors import PlanError, PublishConflict
from ..records import file_of_record
from . import reading_back, schema, staging, store
from .figures import Figures
from .holding import Holding
from .landing import input_digest
from .staging import Plan

# Small row groups make look-ups by id cheap; a group also ends when its texts pass 64 MB.
_GROUP_ROWS = 1_000
_GROUP_BYTES = 64_000_000
_COUNTS = ("records", "articles", "rejects", "skipped", "timeouts", "crashes")


def merge(plan: Plan, *, versions: Mapping[str, str]) -> dict[str, int]:
    """Merge the parts of a plan into its two staged files; returns the counts.

    `versions` are the footer's keys that the caller knows (code, model, policy). Chunks are slices of
    the files sorted by (source, id), and records follow each other in a file, so the parts in order are sorted: memory holds
    one row group. Raises PlanError when the parts do not hold exactly the records that were read of the plan's files.
    """
    parts = staging.parts(plan)
    _refuse_disagreement(plan, parts)
    pending = _Pending(parts)
    counts = {"files": len(plan.files)} | {k: sum(c[k] for _, c in parts) for k in _COUNTS}
    footer = {
        **versions,
        reading_back.SCHEMA: str(schema.SCHEMA_VERSION),
        reading_back.INPUT: input_digest(list(plan.files)),
    }
    rejects, figures = plan.directory / "rejects.parquet", Figures()
    _write(
        rejects,
        schema.REJECTS,
        map(figures.rejects, _rows(parts, ".rejects", pending)),
        footer | {reading_back.COUNTS: json.dumps(counts, sort_keys=True)},
        counts["rejects"],
    )
    duplicates, holding = _Duplicates(), Holding(plan.date, plan.overrulings)
    batches = (holding.articles(figures.articles(duplicates.mark(batch))) for batch in _rows(parts, ".articles", pending))
    footer[reading_back.REJECTS_SHA256] = reading_back.sha256_of(rejects)
    _write(
        plan.directory / "articles.parquet",
        schema.ARTICLES,
        batches,
        lambda: (
            footer
            | {
                reading_back.COUNTS: json.dumps(counts | {"duplicates": duplicates.count}, sort_keys=True),
                reading_back.OVERRULED: holding.digest,
                reading_back.FIGURES: json.dumps(figures.as_json(), sort_keys=True),
            }
        ),
        counts["articles"],
    )
    if missing := pending.missing(plan):
        raise PlanError(
            f"{plan.date}: {len(missing)} planned files are not whole in the parts, the first is {missing[0]}; start a new run of the date"
        )
    return counts | {"duplicates": duplicates.count}


def _refuse_disagreement(plan: Plan, parts: Iterable[tuple[UPath, Any]]) -> None:
    """Refuse parts of one file of which some could be read further than others: between them records would be lost."""
    stopped: dict[int, int | None] = {}
    for chunk, (_, counts) in zip(plan.chunks, parts, strict=True):
        file = plan.files[chunk.first]
        fell = counts.get("fell", {}).get(file.id) if chunk.parts > 1 else None
        if stopped.setdefault(chunk.first, fell) not in (None, fell):
            raise PlanError(
                f"{plan.date}: reading {file.uri} ended after record {stopped[chunk.first]} in one clean task, and not in another; "
                "start a new run of the date"
            )
        stopped[chunk.first] = fell


class _Pending:
    """How many rows each planned file still has to come: as many as records were read of it, and one at least."""

    def __init__(self, parts: Iterable[tuple[UPath, Any]]) -> None:
        self.rows: Counter[str] = Counter()
        for _, counts in parts:
            self.rows.update(counts["records_of"])

    def tick(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            file = id_ if id_ in self.rows else file_of_record(id_)
            self.rows[file] -= 1

    def missing(self, plan: Plan) -> list[str]:
        """The files whose rows are not as many as their records."""
        return [f.uri for f in plan.files if self.rows.get(f.id, 1)] + [id_ for id_, left in self.rows.items() if left < 0]


def _rows(parts: Iterable[tuple[UPath, Any]], suffix: str, pending: _Pending) -> Iterator[pa.RecordBatch]:
    """The batches of all parts in order, each row ticked off its file's."""
    for stem, _ in parts:
        with store.parquet(stem.with_suffix(suffix)) as part:
            for batch in part.iter_batches(batch_size=256):
                pending.tick(batch["id"].to_pylist())
                yield batch


class _Duplicates:
    """Marks articles whose text stood before in the date; the first in order is the original."""

    def __init__(self) -> None:
        self.first: dict[str, str] = {}
        self.count = 0

    def mark(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        originals = [
            self._original(id_, fingerprint) if words else None
            for id_, fingerprint, words in zip(
                batch["id"].to_pylist(), batch["fingerprint"].to_pylist(), batch["word_count"].to_pylist(), strict=True
            )
        ]
        at = batch.schema.get_field_index("duplicate_of")
        return batch.set_column(at, batch.schema.field(at), pa.array(originals, pa.string()))

    def _original(self, id_: str, fingerprint: str) -> str | None:
        original = self.first.setdefault(fingerprint, id_)
        if original == id_:
            return None
        self.count += 1
        return original


def _write(path: UPath, columns: pa.Schema, batches: Iterable[pa.RecordBatch], footer: Any, rows: int) -> None:
    """Write a table file whose bytes depend on its rows alone; `footer` may be called when all rows are written."""
    # Within a source rows are in the order of their files' ids, and in a file in that of their numbers: #2 before #10, which no
    # reader of the footer's `sorting_columns` would expect. So they name the source alone.
    sorting = [pq.SortingColumn(columns.get_field_index("source"))]
    bloom = {"id": {"ndv": max(rows, 1), "fpp": 0.01}}
    # Written under a name of its own: the staged name may share its file with the published one, which a second merge of the
    # plan must not write into.
    with (
        store.written(path) as sink,
        pq.ParquetWriter(
            sink,
            columns,
            compression="zstd",
            compression_level=3,
            write_page_index=True,
            sorting_columns=sorting,
            bloom_filter_options=bloom,
            use_dictionary=["source", "site_name", "section", "language", "media_type", "encoding", "reason"],
        ) as writer,
    ):
        for group in _groups(batches, columns):
            writer.write_table(group, row_group_size=max(len(group), 1))
        writer.add_key_value_metadata(footer() if callable(footer) else footer)


def _groups(batches: Iterable[pa.RecordBatch], columns: pa.Schema) -> Iterator[pa.Table]:
    """Row groups cut by rows and bytes alone, so that neither chunks nor batches show in the file."""
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        first = 0
        for index, length in enumerate(_lengths(batch)):
            if rows and (rows >= _GROUP_ROWS or size + length > _GROUP_BYTES):
                waiting.append(batch.slice(first, index - first))
                yield pa.Table.from_batches(waiting, columns).combine_chunks()
                waiting, first, rows, size = [], index, 0, 0
            rows += 1
            size += length
        waiting.append(batch.slice(first))
    if rows:
        yield pa.Table.from_batches(waiting, columns).combine_chunks()


def _lengths(batch: pa.RecordBatch) -> list[int]:
    name = "text" if "text" in batch.schema.names else "detail"
    return [length or 0 for length in pc.binary_length(batch[name]).to_pylist()]


def defects(plan: Plan) -> Iterator[str]:
    """What is wrong with a plan's staged files, whatever any gate allows: another schema than ours, an id that stands twice."""
    for name, columns in (("articles", schema.ARTICLES), ("rejects", schema.REJECTS)):
        with store.parquet(plan.directory / f"{name}.parquet") as staged:
            if not staged.schema_arrow.equals(columns):
                yield f"{name} has other columns than schema version {schema.SCHEMA_VERSION}"
            ids: set[str] = set()
            for batch in staged.iter_batches(columns=["id"]):
                for id_ in batch["id"].to_pylist():
                    if id_ in ids:
                        yield f"{name} has the id {id_} twice"
                    ids.add(id_)


def publish(plan: Plan) -> UPath:
    """Put the staged date in the place of the published one; returns the path of its articles.

    Safe to repeat after a crash at any moment. Raises PublishConflict when another run has published the date
    since this plan was made, or is publishing it now.
    """
    staged = {name: plan.directory / f"{name}.parquet" for name in ("rejects", "articles")}
    if not all(file.exists() for file in staged.values()):
        raise PlanError(f"{plan.date}: nothing is staged in {plan.directory}; clear the merge task of this run")
    with store.locked(store.at(plan.home) / "state" / "locks" / f"{plan.date}.lock", plan.id):
        current = reading_back.identity(plan.home, plan.date)
        if current not in (plan.base, reading_back.identity_of(staged["articles"])):
            raise PublishConflict(f"{plan.date}: another run published this date after this run was planned; start a new run of the date")
        for name, file in staged.items():
            store.put_in_place(file, reading_back.path(plan.home, name, plan.date))
    return reading_back.articles_path(plan.home, plan.date)
