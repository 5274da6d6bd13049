"""What an overruling would change over the last dates, before it is saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, NamedTuple

from .. import feeder, jobs, reading
from ..corpus import browsing, reading_back
from ..corpus.blocks import Shown, blocks
from ..errors import CopydeskError
from ..intake import read_sources
from ..model import Span
from ..overruling import Overruling, Scope, Verdict
from ..records import file_of_record
from .raw import SECONDS, raw_records

_ROWS = 20_000  # documents that are looked at by their rows
_PAGES = 500  # documents whose raw files are read again, to ask them for a CSS selector
_EXAMPLES = 20
_SUGGESTED = 12
_COLUMNS = ["id", "title", "text", "kept", "removed", "edits", "media_type", "raw_sha256"]


class Change(NamedTuple):
    """A block that an overruling would change."""

    date: str
    id: str
    title: str
    block: Shown


@dataclass(slots=True)
class Preview:
    """How many blocks on which dates would change, and the first of them; `unread` raw files are gone, changed or too large."""

    blocks: int = 0
    dates: list[str] = field(default_factory=list)
    examples: list[Change] = field(default_factory=list)
    documents: int = 0
    unread: int = 0
    whole: bool = True

    def add(self, date: str, row: dict[str, Any], changed: list[Shown]) -> None:
        self.documents += 1
        self.blocks += len(changed)
        self.dates += [date] if changed and date not in self.dates else []
        self.examples += [Change(date, row["id"], row["title"] or "", b) for b in changed[: _EXAMPLES - len(self.examples)]]


def preview(raw: str, home: str, together: Sequence[Overruling], days: int) -> Preview:
    """What overrulings that differ in their texts alone would change of the last `days` published dates, the latest first."""
    found, given = Preview(), together[0]
    most = _PAGES if given.scope is Scope.SELECTOR else _ROWS
    dates = [given.date] if given.scope is Scope.DOCUMENT else reading_back.dates(home)[::-1][:days]
    for date in dates:
        if not given.is_about(date, given.source, given.document):
            continue
        rows = _rows(home, date, given)
        changes = _by_selector(raw, home, date, given, rows, found) if given.scope is Scope.SELECTOR else _by_text(together, rows)
        for row, changed in changes:
            if found.documents >= most:
                found.whole = False
                return found
            found.add(date, row, changed)
    return found


def _rows(home: str, date: str, given: Overruling) -> Iterator[dict[str, Any]]:
    with browsing.opened(home, "articles", date) as table:
        if given.document:
            row = table.find(given.document)
            yield from [row] if row else []
            return
        for batch in table.batches(_COLUMNS, given.source):
            yield from batch.to_pylist()


Changes = Iterator[tuple[dict[str, Any], list[Shown]]]


def _by_text(together: Sequence[Overruling], rows: Iterator[dict[str, Any]]) -> Changes:
    for row in rows:
        yield row, [b for b in blocks(row) if _would_change(together[0], b) and any(one.holds_for(b.before) for one in together)]


def _by_selector(raw: str, home: str, date: str, given: Overruling, rows: Iterator[dict[str, Any]], found: Preview) -> Changes:
    """Raw pages are read again, for rows do not tell the elements that their blocks stood in."""
    policy, sources = jobs.read_policy(home), read_sources(home)
    pages = (row for row in rows if row["media_type"] == "text/html")
    with feeder.reader(SECONDS) as reader:
        for file, of_file in groupby(pages, key=lambda row: file_of_record(row["id"])):
            wanted = {row["id"]: row for row in of_file}
            with suppress(CopydeskError, OSError):  # the file is gone, or too large for a page
                for record, sha256 in raw_records(raw, date, file, sources, policy, reader):
                    row = wanted.get(record.id)
                    if row is None or sha256 != row["raw_sha256"]:
                        continue
                    document = reading.read(replace(record, overrulings=(given,)), policy)
                    selected = {document.blocks[at][:2] for _, first, last in document.selected for at in range(first, last)}
                    del wanted[record.id]
                    yield row, [b for b in blocks(row) if _would_change(given, b) and (b.start, b.end) in selected]
            found.unread += len(wanted)


def _would_change(given: Overruling, block: Shown) -> bool:
    return block.reason != "headline" and block.is_cut == (given.verdict is Verdict.KEEP)


def suggested(raw: str, home: str, date: str, row: dict[str, Any], block: Shown) -> list[tuple[str, int]]:
    """CSS selectors that match around a block of a page, the narrowest first, with their blocks; none where its raw file is gone."""
    if row["media_type"] != "text/html":
        return []
    policy, sources = jobs.read_policy(home), read_sources(home)
    with suppress(CopydeskError, OSError), feeder.reader(SECONDS) as reader:
        for record, sha256 in raw_records(raw, date, file_of_record(row["id"]), sources, policy, reader):
            if (record.id, sha256) == (row["id"], row["raw_sha256"]):
                return reading.selectors_of(record, policy, Span(block.start, block.end))[:_SUGGESTED]
    return []
