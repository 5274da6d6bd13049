"""Staleness: which published dates are not what a run would write now, and why. The list is what one backfills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from ..model import PlannedFile
from ..overruling import Overruling
from ..records import file_of_record
from . import holding, overrulings, reading_back, schema, store
from .landing import input_digest


class Cause(StrEnum):
    """Why a date is stale."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    INPUT = "input changed"
    OVERRULED = "overruled"
    POLICY = "policy changed"
    MODEL = "model changed"
    CODE = "code changed"
    SCHEMA = "older schema"
    TORN = "torn pair"


class Stale(NamedTuple):
    """One cause, with what was seen."""

    cause: Cause
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.cause.value} ({self.detail})" if self.detail else self.cause.value


def stale(
    home: str, date: str, files: Sequence[PlannedFile], versions: Mapping[str, str], standing: Sequence[Overruling] = ()
) -> list[Stale]:
    """Why a date's published files are not what a run would write now; empty when they are.

    `versions` are the footer's keys that name the code, the model and the policy of such a run, `standing` the overrulings that
    nobody has undone.
    """
    if not reading_back.articles_path(home, date).exists():
        return [Stale(Cause.MISSING)]
    if reading_back.identity(home, date) == "unreadable":
        return [Stale(Cause.UNREADABLE)]
    footer = reading_back.footer(home, date)
    found = [Stale(Cause.TORN)] if _is_torn(home, date, footer) else []
    if footer.get(reading_back.INPUT) != input_digest(list(files)):
        found.append(Stale(Cause.INPUT, "" if found else _difference(home, date, files)))
    return found + by_footer(home, date, footer, versions, standing)


def by_footer(home: str, date: str, footer: Mapping[str, str], versions: Mapping[str, str], standing: Sequence[Overruling]) -> list[Stale]:
    """Why a date is stale as far as what is published of it tells: policy, model, code, schema, overrulings, but not its raw files."""
    keys = {Cause.POLICY: reading_back.POLICY, Cause.MODEL: reading_back.MODEL, Cause.CODE: reading_back.CLEANING}
    found = [Stale(cause) for cause, key in keys.items() if footer.get(key) != versions[key]]
    about = overrulings.about(standing, date, reading_back.figures(footer)["sources"])
    if footer.get(reading_back.OVERRULED, "") != holding.digest(home, date, about):
        found.append(Stale(Cause.OVERRULED))
    if footer.get(reading_back.SCHEMA) != str(schema.SCHEMA_VERSION):
        found.append(Stale(Cause.SCHEMA))
    return found


def _is_torn(home: str, date: str, footer: Mapping[str, str]) -> bool:
    rejects = reading_back.path(home, "rejects", date)
    return not rejects.exists() or reading_back.sha256_of(rejects) != footer.get(reading_back.REJECTS_SHA256)


def _difference(home: str, date: str, files: Sequence[PlannedFile]) -> str:
    """How the listing differs from what was published: new, changed and vanished files, with an example.

    Rows tell the digest of a file that is one document; of a file with many records they tell that it was there.
    """
    old: dict[str, str | None] = {}
    for table in ("articles", "rejects"):
        with store.parquet(reading_back.path(home, table, date)) as published:
            rows = published.read(["id", "raw_sha256"])
        for id_, sha256 in zip(rows["id"].to_pylist(), rows["raw_sha256"].to_pylist(), strict=True):
            file = file_of_record(id_)
            old[file] = sha256 if file == id_ else None
    now = {f.id: f.sha256 for f in files}
    kinds = {
        "new": sorted(now.keys() - old.keys()),
        "changed": sorted(id_ for id_ in now.keys() & old.keys() if old[id_] not in (now[id_], None)),
        "gone": sorted(old.keys() - now.keys()),
    }
    told = [f"{len(ids)} {kind}: {ids[0]}{' ...' if len(ids) > 1 else ''}" for kind, ids in kinds.items() if ids]
    return ", ".join(told) or "a file with many records changed"
