"""Which blocks print the headline: it is the article's title and stays out of its body."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..characters import Column
from ..model import Kind, Place
from .columns import LONGEST_LOOKED_UP, Columns

_NEVER = int(Place.HIDDEN | Place.NAV | Place.FOOTER)


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
    scores = _scores(columns)
    best = int(np.argmax(scores)) if len(scores) else 0
    return best if len(scores) and scores[best] > 0 else None


def _opens_text(columns: Columns, index: int) -> bool:
    return columns.document.blocks[index].kind in (Kind.HEADING, Kind.LINE) and not columns.ends_sentence[index]


def _scores(columns: Columns) -> Column:
    """How much each block looks like the headline; 0 where it cannot be."""
    agreement = columns.overlaps[:2].max(axis=0)
    level = 0.5 * (columns.level == 1)
    heading = np.where((level > 0) | (agreement > 0.6), level + agreement, 0.0)
    other = np.where((agreement > 0.85) & (columns.found.words >= 4), 0.7 * agreement, 0.0)
    words = columns.found.words
    can_be = ~columns.at(_NEVER) & (words > 0) & (words <= LONGEST_LOOKED_UP)
    scores: Column = np.where(can_be, np.where(columns.is_kind(Kind.HEADING), heading, other), 0.0)
    return scores
