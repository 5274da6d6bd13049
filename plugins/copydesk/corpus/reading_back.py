"""Reading back: what is published, and what its footers say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import pyarrow.parquet as pq
from upath import UPath

from ..errors import SettingError
from . import store

SCHEMA = "copydesk.schema_version"
CLEANING = "copydesk.cleaning_version"
POLICY = "copydesk.policy"
MODEL = "copydesk.model"
INPUT = "copydesk.input"
OVERRULED = "copydesk.overrulings"
COUNTS = "copydesk.counts"
FIGURES = "copydesk.figures"
REJECTS_SHA256 = "copydesk.rejects_sha256"


def path(home: str, table: str, date: str) -> UPath:
    """Where a table's file of a date lies."""
    return store.at(home) / "corpus" / table / f"date={date}" / f"{table}.parquet"


def articles_path(home: str, date: str) -> UPath:
    return path(home, "articles", date)


def dates(home: str) -> list[str]:
    """The published dates, in order."""
    folder = store.at(home) / "corpus" / "articles"
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
    with store.parquet(file) as parquet:
        for batch in parquet.iter_batches(batch_size=256):
            yield from batch.to_pylist()


def read_footer(file: UPath) -> dict[str, str]:
    """Our keys of a Parquet file's footer."""
    with file.open("rb") as opened:
        metadata = pq.read_metadata(opened).metadata or {}
    return {k.decode(): v.decode() for k, v in metadata.items() if k.startswith(b"copydesk.")}


def footer(home: str, date: str) -> dict[str, str]:
    """The footer of a date's published articles; empty when there are none."""
    file = articles_path(home, date)
    return read_footer(file) if file.exists() else {}


def counts(footer_: Mapping[str, str]) -> dict[str, int]:
    """The counts of a footer: files, articles, rejects, duplicates, timeouts, crashes."""
    found: dict[str, int] = json.loads(footer_.get(COUNTS, "{}"))
    return found


def figures(footer_: Mapping[str, str]) -> dict[str, Any]:
    """The figures of a footer, as `corpus.figures` counts them."""
    found: dict[str, Any] = json.loads(footer_.get(FIGURES, '{"sources": {}}'))
    return found


def dates_before(home: str, date: str, like: Mapping[str, str], most: int) -> list[dict[str, str]]:
    """The footers of at most `most` published dates before `date`, the latest first, under the policy, model and code of `like`."""
    keys = (POLICY, MODEL, CLEANING)
    footers = (footer(home, before) for before in reversed(dates(home)) if before < date)
    return list(islice((found for found in footers if all(found.get(key) == like[key] for key in keys)), most))


def identity(home: str, date: str) -> str:
    """A name for what is published for a date, "" when nothing is."""
    file = articles_path(home, date)
    return identity_of(file) if file.exists() else ""


def identity_of(file: UPath) -> str:
    """A name for the rows of an articles file: equal footers mean equal rows (promise 5)."""
    try:
        found = read_footer(file)
    except (OSError, ValueError):  # ArrowInvalid is a ValueError
        return "unreadable"
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def sha256_of(file: UPath) -> str:
    """The sha256 of a file, as hex digits."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
