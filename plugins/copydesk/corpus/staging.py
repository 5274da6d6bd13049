"""Staging: a run's frozen plan, the parts that its tasks write, and who holds it. Nothing here is read by users.

<home>/state/staging/<date>/<plan id>/
plan.json               what discover froze
held                    locked (shared) by every task at work on the plan
parts/<chunk>-<attempt> articles and rejects of one attempt at one chunk; its .json makes it complete
articles.parquet rejects.parquet    merged, waiting for publish
published.json          the asset event of a published plan, whose parts and files are gone: publish may be tried again
KEEP                    why this plan is not swept: a failed check, a dry run
"""

from __future__ import annotations

import calendar
import dataclasses
import fcntl
import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from ..errors import PlanError, SettingError
from ..model import Chunk, Extraction, PlannedFile, Receipt, Rejection, Told
from ..overruling import Overruling
from ..policy import Policy
from . import schema, store

_MAX_CHUNKS = 1_000  # Airflow maps at most 1,024 tasks (core.max_map_length)
_CHUNK_FILES = 2_000
_LEAST_PART = 1_000_000  # bytes of a file that are worth a task of their own
_MAX_PARTS = 16  # of one file: each task reads it as far as its part, which costs a twentieth of cleaning a crawl, or less
_SWEEP_AFTER = 24 * 3600  # seconds
_PART_ROWS = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of a date will do, frozen by discover: files with digests, chunks, policy, and the base.

    `base` names the published date that the plan starts from ("" when there is none); publish refuses when
    another has taken its place.
    """

    id: str
    date: str
    raw: str
    home: str
    files: tuple[PlannedFile, ...]
    chunks: tuple[Chunk, ...]
    policy: Policy
    base: str
    dry_run: bool = False
    overrulings: tuple[Overruling, ...] = ()

    @property
    def directory(self) -> UPath:
        return store.at(self.home) / "state" / "staging" / self.date / self.id


def freeze(
    date: str,
    raw: str,
    home: str,
    files: Sequence[PlannedFile],
    policy: Policy,
    base: str,
    *,
    chunk_bytes: int,
    dry_run: bool,
    overrulings: Sequence[Overruling] = (),
) -> Plan:
    """Write the plan of a run below the home; raises SettingError when the home cannot be written."""
    name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{uuid.uuid4().hex[:8]}"
    plan = Plan(name, date, raw, home, tuple(files), tuple(cut(files, chunk_bytes)), policy, base, dry_run, tuple(overrulings))
    try:
        store.make_folder(plan.directory / "parts")
    except OSError as error:
        raise SettingError(f"COPYDESK_HOME: {plan.directory} cannot be written: {error.strerror}") from error
    store.write(plan.directory / "plan.json", json.dumps(dataclasses.asdict(plan)).encode())
    return plan


def load(directory: str) -> Plan:
    """The plan that discover froze in `directory`."""
    try:
        data = json.loads((store.at(directory) / "plan.json").read_bytes())
    except FileNotFoundError:
        raise PlanError(f"{directory}: this plan was swept; start a new run of the date") from None
    return Plan(
        **{
            **data,
            "files": tuple(PlannedFile(**{**f, "told": Told(**f["told"])}) for f in data["files"]),
            "chunks": tuple(Chunk(**c) for c in data["chunks"]),
            "overrulings": tuple(Overruling.of(o) for o in data.get("overrulings", ())),
            "policy": Policy.of(data["policy"], where=f"{directory}/plan.json"),
        }
    )


def cut(files: Sequence[PlannedFile], chunk_bytes: int) -> Iterator[Chunk]:
    """Cut the sorted files into contiguous chunks of at most about `chunk_bytes` and 2,000 files; a larger file into up to 16 parts.

    The bounds are raised where they would give more chunks than a run may map.
    """
    most_bytes = max(chunk_bytes, -(-3 * sum(f.size for f in files) // _MAX_CHUNKS))
    most_files = max(_CHUNK_FILES, -(-2 * len(files) // _MAX_CHUNKS))
    number = first = size = 0
    for index, file in enumerate(files):
        if index > first and (size + file.size > most_bytes or index - first >= most_files):
            yield Chunk(number, first, index)
            number, first, size = number + 1, index, 0
        size += file.size
        parts = min(-(-size // max(most_bytes, _LEAST_PART)), _MAX_PARTS)
        if parts > 1:  # it is the only one, for with others the chunk would have been cut before it
            yield from (Chunk(number + part, index, index + 1, part, parts) for part in range(parts))
            number, first, size = number + parts, index + 1, 0
    if first < len(files):
        yield Chunk(number, first, len(files))


@contextmanager
def held(plan: Plan) -> Iterator[None]:
    """Hold the plan while a task works on it, so that nobody sweeps it; on an object store its age alone guards it."""
    if not store.is_local(plan.directory):
        yield
        return
    with (plan.directory / "held").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def write_part(
    plan: Plan,
    chunk: Chunk,
    results: Iterable[tuple[Receipt, Extraction | Rejection]],
    records: Mapping[int, int],
    skipped: Mapping[str, int],
    fell: Mapping[str, int],
) -> dict[str, Any]:
    """Write one attempt at a chunk under a name of its own; complete once its .json is there.

    `records` counts what was read of each file (by its number in the plan), and is told, like `skipped` and `fell` (files that
    felled the reader, and the last record before that), when all results are written: merge holds the rows against it.
    """
    stem = plan.directory / "parts" / f"{chunk.number:05d}-{uuid.uuid4().hex[:8]}"
    counts: dict[str, Any] = {"plan": plan.id, "chunk": chunk.number, "files": chunk.last - chunk.first, "articles": 0, "rejects": 0}
    counts |= {"timeouts": 0, "crashes": 0}
    with (
        _writer(stem.with_suffix(".articles"), schema.ARTICLES) as articles,
        _writer(stem.with_suffix(".rejects"), schema.REJECTS) as rejects,
    ):
        for receipt, result in results:
            if isinstance(result, Extraction):
                articles.add(schema.article_row(result, receipt.sha256, receipt.size))
            else:
                rejects.add(schema.reject_row(result, receipt.sha256, receipt.size))
                counts["timeouts"] += result.reason.value == "timeout"
                counts["crashes"] += result.reason.value == "crash"
        counts |= {"articles": articles.count, "rejects": rejects.count, "records": sum(records.values())}
    counts["skipped"] = sum(skipped.values())
    told = {plan.files[number].id: count for number, count in records.items()}
    store.write(stem.with_suffix(".json"), json.dumps(counts | {"records_of": told, "fell": dict(fell)}).encode())
    return counts


class _Rows:
    """Rows on their way into a Parquet file, a batch at a time."""

    def __init__(self, writer: pq.ParquetWriter, columns: pa.Schema) -> None:
        self.writer, self.schema, self.rows, self.count = writer, columns, [], 0

    rows: list[dict[str, Any]]

    def add(self, row: dict[str, Any]) -> None:
        self.rows.append(row)
        self.count += 1
        if len(self.rows) >= _PART_ROWS:
            self.flush()

    def flush(self) -> None:
        if self.rows:
            self.writer.write_batch(schema.batch(self.rows, self.schema))
            self.rows = []


@contextmanager
def _writer(path: UPath, columns: pa.Schema) -> Iterator[_Rows]:
    with store.written(path) as sink, pq.ParquetWriter(sink, columns, compression="zstd", compression_level=1) as writer:
        rows = _Rows(writer, columns)
        yield rows
        rows.flush()


def parts(plan: Plan) -> list[tuple[UPath, dict[str, Any]]]:
    """One complete part for each chunk of the plan, in order: (path stem, counts).

    Raises PlanError when a chunk has none, or a part belongs to another plan.
    """
    found: dict[int, tuple[UPath, dict[str, Any]]] = {}
    for path in sorted((plan.directory / "parts").glob("*.json")):
        counts = json.loads(path.read_bytes())
        if counts["plan"] != plan.id:
            raise PlanError(f"{path} belongs to plan {counts['plan']}, not to {plan.id}; start a new run of {plan.date}")
        found.setdefault(counts["chunk"], (path.with_suffix(""), counts))
    if published(plan) is not None:
        raise PlanError(f"{plan.date}: this plan is published already; start a new run of the date")
    missing = [c.number for c in plan.chunks if c.number not in found]
    if missing:
        raise PlanError(f"{plan.date}: chunks {missing[:10]} were not cleaned; clear the failed clean tasks of this run")
    return [found[c.number] for c in plan.chunks]


def keep(plan: Plan, why: str) -> None:
    """Mark the plan as one to be looked at: it is not swept."""
    (plan.directory / "KEEP").write_text(why + "\n", encoding="utf-8")


def sweep(home: str) -> list[UPath]:
    """Remove plans over a day old (a week on an object store) that nobody holds and nobody wants to look at; returns what went."""
    swept = []
    for directory in sorted((store.at(home) / "state" / "staging").glob("*/*"), key=str):
        if _is_old(directory) and not (directory / "KEEP").exists() and _is_free(directory):
            discard(directory)
            swept.append(directory)
    return swept


def _is_old(directory: UPath) -> bool:
    if store.is_local(directory):
        return time.time() - directory.stat().st_mtime > _SWEEP_AFTER
    made = calendar.timegm(time.strptime(directory.name[:16], "%Y%m%dT%H%M%SZ"))  # a store's folders have no time; the plan's id has
    return time.time() - made > 7 * _SWEEP_AFTER


def _is_free(directory: UPath) -> bool:
    if not store.is_local(directory):
        return True
    try:
        with (directory / "held").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def finish(plan: Plan, event: dict[str, Any]) -> None:
    """Leave of a published plan only what a second attempt at publish needs; sweeping takes the rest in a day."""
    store.write(plan.directory / "published.json", json.dumps(event).encode())
    for name in ("articles.parquet", "rejects.parquet"):
        (plan.directory / name).unlink(missing_ok=True)
    store.remove(plan.directory / "parts")


def published(plan: Plan) -> dict[str, Any] | None:
    """The asset event of a plan that is published already."""
    file = plan.directory / "published.json"
    if not file.exists():
        return None
    event: dict[str, Any] = json.loads(file.read_bytes())
    return event


def discard(directory: UPath) -> None:
    """Remove a plan and all that was staged for it."""
    store.remove(directory)
    if store.is_local(directory):
        with suppress(OSError):  # other plans of the date are still there
            directory.parent.rmdir()
