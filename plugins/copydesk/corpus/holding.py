"""Which overrulings hold for a block of a date: exactly those make it stale, whether they are new or undone.

What a rule's text or phrase stands in is told by the published rows, where every visible character is kept or removed. So that
a date of many documents costs little, rows are first sought by words of the rule that no fixer changes, in Arrow, and only those
are looked at block by block. A CSS selector cannot be asked of rows: it is taken to hold wherever its source has pages.
"""

from __future__ import annotations

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
# Words of ASCII letters between spaces and ASCII signs: fixers put accents on letters and join what an invisible character parts.
_WORD = re.compile(r"(?<![^\s!-/:-@\[-`{-~])[A-Za-z0-9]+(?![^\s!-/:-@\[-`{-~])")
# What letters become when case is folded, and so may stand for one character in the text: ß, ﬁ, ﬅ ...
_FOLDED = re.compile("[sftil]{2,}", re.IGNORECASE)


def digest(home: str, date: str, about: Sequence[Overruling]) -> str:
    """The digest of those of the overrulings that hold for a block of a published date; "" when none does."""
    version = store.version(reading_back.articles_path(home, date)) if about else ""
    names = {one.id: (home, date, version, one) for one in about}
    unknown = [one for one in about if _KNOWN.known(names[one.id]) is None]
    if unknown:
        with browsing.opened(home, "articles", date) as table:
            found = Holding(date, unknown)
            for source in sorted({one.source for one in unknown}):
                for batch in table.batches(COLUMNS, source):
                    found.articles(batch)
        for one in unknown:
            _KNOWN.put(names[one.id], one.id in found.ids)
    return overrulings.digest(one for one in about if _KNOWN.known(names[one.id]))


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
    if one.scope is not Scope.SELECTOR:
        for word in _probes(one):
            may = pc.and_(may, _has(batch, word, ignore_case=one.scope is Scope.PHRASE))
    for row in pc.indices_nonzero(may).to_pylist():
        yield batch.slice(row, 1).to_pylist()[0]


def _has(batch: pa.RecordBatch, word: str, *, ignore_case: bool) -> pa.Array:
    """Whether the word stands in the clean text of a row, or in what was removed from it."""
    kept = pc.fill_null(pc.match_substring(batch["text"], word, ignore_case=ignore_case), fill_value=False)
    cuts = pc.match_substring(pc.struct_field(pc.list_flatten(batch["removed"]), "text"), word, ignore_case=ignore_case)
    rows = pc.unique(pc.filter(pc.list_parent_indices(batch["removed"]), cuts))
    return pc.or_(kept, pc.is_in(pa.array(range(len(batch)), rows.type), value_set=rows))


def _probes(one: Overruling) -> list[str]:
    """The longest words that stand, as they are, in the row of every document that the overruling holds for."""
    text = one.text
    if one.scope is Scope.PHRASE:  # it may begin and end within a word, and with half of what one character is folded to
        text = _FOLDED.sub(" ", text)[1:-1]
    return sorted(set(_WORD.findall(text)), key=lambda word: (-len(word), word))[:_PROBES]
