"""Which blocks print the headline: it is the article's title and stays out of its body."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..characters import Column
from ..model import Document, Kind, Place
from .columns import Columns, overlap
from .lexicon import words

_NEVER = (Place.HIDDEN, Place.NAV, Place.FOOTER)
_LONGEST = 60


def headline(columns: Columns, struck: Sequence[bool]) -> int | None:
    """The index of the block that is the headline, or None.

    In a page: the level-1 heading that agrees best with `<title>` or og:title, else the first level-1 heading,
    else a heading that repeats the title. In plain text: the heading that it begins with, once what is struck
    (an ad's label, a share bar) is passed over.
    """
    document = columns.document
    if document.media_type == "text/plain":
        first = next((i for i, gone in enumerate(struck) if not gone), None)
        return first if first is not None and _opens_text(columns, first) else None
    titles = _titles(document)
    known = {word for title in titles for word in title}
    can_be = ~columns.at(*_NEVER) & (columns.found.words > 0) & (columns.found.words <= _LONGEST)
    best, best_score = None, 0.0
    for index in can_be.nonzero()[0].tolist():
        if document.blocks[index].kind is not Kind.HEADING and known.isdisjoint(columns.found.words_of(index)[:2]):
            continue  # most blocks of a page: too few words in common to repeat the title
        score = _score(columns, index, titles)
        if score > best_score:
            best, best_score = index, score
    return best


def _titles(document: Document) -> list[list[str]]:
    return [words(title) for title in (document.head.meta.get("og:title", ""), document.head.title) if title]


def title_overlap(columns: Columns) -> Column:
    """How far each block repeats the page's title, 0 to 1."""
    known = {word for title in _titles(columns.document) for word in title}
    found = columns.found
    overlaps = np.zeros(len(columns))
    for index in ((found.words > 0) & (found.words <= _LONGEST)).nonzero()[0].tolist():
        words_ = found.words_of(index)
        if not known.isdisjoint(words_[:2]):
            overlaps[index] = overlap(words_, known)
    return overlaps


def _opens_text(columns: Columns, index: int) -> bool:
    return columns.document.blocks[index].kind in (Kind.HEADING, Kind.LINE) and not columns.ends_sentence[index]


def _score(columns: Columns, index: int, titles: Sequence[list[str]]) -> float:
    """How much a block looks like the headline; 0 when it cannot be."""
    block, found = columns.document.blocks[index], columns.found.words_of(index)
    agreement = max((overlap(found, title) for title in titles), default=0.0)
    if block.kind is Kind.HEADING:
        level = 0.5 if block.level == 1 else 0.0
        return level + agreement if level or agreement > 0.6 else 0.0
    return agreement * 0.7 if agreement > 0.85 and len(found) >= 4 else 0.0
