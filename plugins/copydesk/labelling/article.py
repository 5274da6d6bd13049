"""Finding the article in a page: the element whose prose outweighs its furniture, and what in it is text.

The seam where a learned model goes: `article_scores` gives each block the probability that it belongs to the
article. This first one is the classic main-mass method (Finn's body text extraction, over elements instead of
token runs): it takes the element with the largest sum of prose minus furniture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..characters import Column
from .columns import FOR_ARTICLE, Columns, elements
from .rules import Rule

MODEL = "main mass 1"
# Calibrated on the 793 development articles, word F1; flat within 0.5 to 1.5 of each.
_FURNITURE_WEIGHT = 0.6
_DECIDED_WEIGHT = 0.1
_EVIDENCE = 1.25
_INSIDE = 0.85
_OUTSIDE = 0.1


def article_scores(columns: Columns, decided: Sequence[Rule | None]) -> Column:
    """The score (0 to 1) of each block for being part of the article."""
    mass = elements(columns.document).below(_weights(columns, np.array([rule is not None for rule in decided], np.bool_)))
    root = len(mass) - 1 - int(np.argmax(np.round(mass, 6)[::-1]))
    first, last = columns.document.containers.firsts[root], columns.document.containers.lasts[root]
    inside = (np.arange(len(columns)) >= first) & (np.arange(len(columns)) < last)
    return np.where(inside, np.where(columns.linked < 0.6, _INSIDE, 0.3), _OUTSIDE)


def _weights(columns: Columns, decided: Column) -> Column:
    """How much each block speaks for its element: words of prose for it, words of furniture against it."""
    words = columns.words
    for_article = np.where((columns.place & FOR_ARTICLE) != 0, _EVIDENCE, 1.0)
    text = np.where(columns.prose | columns.ends_sentence, words * for_article, 0.0)
    weights = np.where(columns.linked < 0.4, text, -_FURNITURE_WEIGHT * np.maximum(words, 2))
    return np.where(decided, -_DECIDED_WEIGHT * words, weights)
