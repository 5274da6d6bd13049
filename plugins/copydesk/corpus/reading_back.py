"""Reading back: what is published, what its footers say, and which dates are stale and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ..errors import SettingError
from ..model import Partition, PlannedFile
from . import schema
from .landing import input_digest

SCHEMA = "copydesk.schema_version"
CLEANING = "copydesk.cleaning_version"
POLICY = "copydesk.policy"
INPUT = "copydesk.input"
COUNTS = "copydesk.counts"
REJECTS_SHA256 = "copydesk.rejects_sha256"


def path(home: str, table: str, date: str) -> Path:
    """Where a table's file of a date lies."""
    return Path(home) / "corpus" / table / Partition(date).directory / f"{table}.parquet"


def articles_path(home: str, date: str) -> Path:
    return path(home, "articles", date)


def dates(home: str) -> list[str]:
    """The published dates, in order."""
    folder = Path(home) / "corpus" / "articles"
    return sorted(p.parent.name.removeprefix("date=") for p in folder.glob("date=*/articles.parquet"))


def articles(home: str, date: str) -> Iterator[dict[str, Any]]:
    """The articles of a published date, one dict a row, without loading them all."""
    return _rows(home, "articles", date)


def rejects(home: str, date: str) -> Iterator[dict[str, Any]]:
    """The rejects of a published date."""
    return _rows(home, "rejects", date)


def _rows(home: str, table: str, date: str) -> Iterator[dict[str, Any]]:
    file = path(home, table, date)
    if not file.exists():
        raise SettingError(f"{date} is not published in {home}: there is no {file}")
    with pq.ParquetFile(file) as parquet:
        for batch in parquet.iter_batches(batch_size=256):
            yield from batch.to_pylist()


def read_footer(file: Path) -> dict[str, str]:
    """Our keys of a Parquet file's footer."""
    metadata = pq.read_metadata(file).metadata or {}
    return {k.decode(): v.decode() for k, v in metadata.items() if k.startswith(b"copydesk.")}


def footer(home: str, date: str) -> dict[str, str]:
    """The footer of a date's published articles; empty when there are none."""
    file = articles_path(home, date)
    return read_footer(file) if file.exists() else {}


def counts(footer_: Mapping[str, str]) -> dict[str, int]:
    """The counts of a footer: files, articles, rejects, duplicates, timeouts, crashes."""
    found: dict[str, int] = json.loads(footer_.get(COUNTS, "{}"))
    return found


def identity(home: str, date: str) -> str:
    """A name for what is published for a date, "" when nothing is."""
    file = articles_path(home, date)
    return identity_of(file) if file.exists() else ""


def identity_of(file: Path) -> str:
    """A name for the rows of an articles file: equal footers mean equal rows (promise 5)."""
    try:
        found = read_footer(file)
    except (OSError, ValueError):  # ArrowInvalid is a ValueError
        return "unreadable"
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def stale(home: str, date: str, files: Sequence[PlannedFile], versions: Mapping[str, str]) -> list[str]:
    """Why a date's published files are not what a run would write now; empty when they are."""
    if not articles_path(home, date).exists():
        return ["missing"]
    if identity(home, date) == "unreadable":
        return ["unreadable"]
    found = footer(home, date)
    torn = not path(home, "rejects", date).exists() or sha256_of(path(home, "rejects", date)) != found.get(REJECTS_SHA256)
    checks = {
        "input changed": found.get(INPUT) != input_digest(list(files)),
        "policy changed": found.get(POLICY) != versions[POLICY],
        "code changed": found.get(CLEANING) != versions[CLEANING],
        "older schema": found.get(SCHEMA) != str(schema.SCHEMA_VERSION),
        "torn pair": torn,
    }
    return [why for why, holds in checks.items() if holds]


def sha256_of(file: Path) -> str:
    """The sha256 of a file, as hex digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
