"""Which overrulings hold for a block of a date: exactly those make it stale, whether they are new or undone.

What a rule's text or phrase stands in is told by the published rows, where every visible character is kept or removed. So that
a date of many documents costs little, rows are first sought by words of the rule that no fixer changes, in Arrow, and only those
are looked at block by block. A CSS selector cannot be asked of rows: it is taken to hold wherever its source has pages.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..overruling import Overruling, Scope
from . import browsing, overrulings, reading_back, store
from .blocks import blocks
from .remembered import Memory

COLUMNS = ["id", "source", "title", "text", "kept", "removed", "edits", "media_type"]
_KNOWN = Memory(50_000)
_PROBES = 3
_WORD = re.compile(r"[^\W_]+")
# Fixers that leave words as they are, or join them; after any other a word of the raw text may not stand in the clean text.
_LEAVE_WORDS = [
    *("exotic spaces", "line ends", "hyphenation", "hard wraps", "quotes", "dashes"),
    *("bullets", "spaces", "line spaces", "blank lines", "edges"),
]


def digest(home: str, date: str, about: Sequence[Overruling]) -> str:
    """The digest of those of the overrulings that hold for a block of a published date; "" when none does."""
    version = store.version(reading_back.articles_path(home, date)) if about else ""
    names = {one.id: (home, date, version, one) for one in about}
    unknown = [one for one in about if _KNOWN.known(names[one.id]) is None]
    if unknown:
        with browsing.opened(home, "articles", date) as table:
            found = _looked_up(table, date, unknown)
        for one in unknown:
            _KNOWN.put(names[one.id], one.id in found)
    return overrulings.digest(one for one in about if _KNOWN.known(names[one.id]))


def _looked_up(table: browsing.Table, date: str, about: Sequence[Overruling]) -> set[str]:
    """The ids of those that hold: one of a single document is asked of its row, the others of all rows of their source."""
    single = {one.id: table.find(one.document) for one in about if one.scope is Scope.DOCUMENT}
    found = Holding(date, [one for one in about if one.id not in single])
    for source in sorted({one.source for one in found.about}):
        for batch in table.batches(COLUMNS, source):
            found.articles(batch)
    return found.ids | {one.id for one in about if (row := single.get(one.id)) and _holds(one, date, row)}


class Holding:
    """Finds, in batches of a date's articles, the ids of the overrulings that hold for a block of one."""

    def __init__(self, date: str, about: Sequence[Overruling]) -> None:
        self.date, self.about = date, about
        self.ids: set[str] = set()

    def articles(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Look at a batch of articles; returns it."""
        for one in self.about:
            if one.id not in self.ids and any(_holds(one, self.date, row) for row in _candidates(one, batch)):
                self.ids.add(one.id)
        return batch

    @property
    def digest(self) -> str:
        return overrulings.digest(one for one in self.about if one.id in self.ids)


def _holds(one: Overruling, date: str, row: dict[str, Any]) -> bool:
    if not one.is_about(date, row["source"], row["id"]):
        return False
    if one.scope is Scope.SELECTOR:
        return bool(row["media_type"] == "text/html")
    return any(one.holds_for(block.before) for block in blocks(row) if block.reason != "headline")


def _candidates(one: Overruling, batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """The rows that the overruling may hold for."""
    may = pc.equal(batch["source"], one.source)
    if one.scope is Scope.DOCUMENT:
        may = pc.and_(may, pc.equal(batch["id"], one.document))
    if not pc.any(may).as_py():
        return
    if one.scope is not Scope.SELECTOR and (words := _probes(one)):
        has_all = functools.reduce(pc.and_, (_has(batch, word, ignore_case=one.scope is Scope.PHRASE) for word in words))
        may = pc.and_(may, pc.or_(has_all, _is_rewritten(batch)))
    for row in pc.indices_nonzero(may).to_pylist():
        yield batch.slice(row, 1).to_pylist()[0]


def _has(batch: pa.RecordBatch, word: str, *, ignore_case: bool) -> pa.Array:
    """Whether the word stands in the clean text of a row, or in what was removed from it."""
    kept = pc.fill_null(pc.match_substring(batch["text"], word, ignore_case=ignore_case), fill_value=False)
    cuts = pc.match_substring(pc.struct_field(pc.list_flatten(batch["removed"]), "text"), word, ignore_case=ignore_case)
    return pc.or_(kept, _any(batch["removed"], cuts))


def _is_rewritten(batch: pa.RecordBatch) -> pa.Array:
    """Whether a fixer changed words of a row."""
    fixers = pc.struct_field(pc.list_flatten(batch["edits"]), "fixer")
    return _any(batch["edits"], pc.invert(pc.is_in(fixers, value_set=pa.array(_LEAVE_WORDS))))


def _any(lists: pa.Array, holds: pa.Array) -> pa.Array:
    """Whether any element of each list holds; `holds` is over the flattened lists."""
    rows = pc.unique(pc.filter(pc.list_parent_indices(lists), holds))
    return pc.is_in(pa.array(range(len(lists)), rows.type), value_set=rows)


def _probes(one: Overruling) -> list[str]:
    """The longest words of the rule: a row without them is none that it holds for."""
    text = one.text
    if one.scope is Scope.PHRASE:  # it may begin and end within a word, and with half of what one character is folded to
        text = _folded().sub(" ", text)[1:-1]
    return sorted(set(_WORD.findall(text)), key=lambda word: (-len(word), word))[:_PROBES]


@functools.cache
def _folded() -> re.Pattern[str]:
    """What folding of case may have made of one character: ss of ß, fi of a ligature ..., in either case."""
    several = {part for code in range(0x80, 0x10000) for part in (chr(code).casefold(),) if len(part) > 1}
    letters = {letter for part in several for letter in (*part, *part.upper())}
    return re.compile(f"[{re.escape(''.join(sorted(letters)))}]{{2,}}")
