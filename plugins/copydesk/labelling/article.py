"""Finding the article in a page: the element whose prose outweighs its furniture, and what in it is text.

The seam where a learned model goes: `article_scores` gives each block the probability that it belongs to the
article. This first one is the classic main-mass method (Finn's body text extraction, over elements instead of
token runs): it takes the element with the largest sum of prose minus furniture.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Decision, Document, Place
from .features import Look, masses

MODEL = "main mass 1"
# Calibrated on the 793 development articles, word F1; flat within 0.5 to 1.5 of each.
_FURNITURE_WEIGHT = 0.6
_DECIDED_WEIGHT = 0.1
_EVIDENCE = 1.25
_INSIDE = 0.85
_OUTSIDE = 0.1
_FOR_ARTICLE = int(Place.BODY_CLASS | Place.ARTICLE | Place.MAIN)


def article_scores(document: Document, looks: Sequence[Look], decided: Sequence[Decision | None]) -> list[float]:
    """The score (0 to 1) of each block for being part of the article."""
    root = _main_container(document, looks, decided)
    inside = _inside(document, root)
    return [_score(look, inside[look.block.container]) for look in looks]


def _weight(look: Look, decision: Decision | None) -> float:
    """How much a block speaks for its element: words of prose for it, words of furniture against it."""
    if decision is not None:
        return -_DECIDED_WEIGHT * look.words
    if look.linked < 0.4:
        if look.prose or look.ends_sentence:
            return look.words * (_EVIDENCE if look.place & _FOR_ARTICLE else 1.0)
        return 0.0
    return -_FURNITURE_WEIGHT * max(look.words, 2)


def _main_container(document: Document, looks: Sequence[Look], decided: Sequence[Decision | None]) -> int:
    """The deepest of the containers with the greatest sum of weights."""
    mass = masses(document, [_weight(look, d) for look, d in zip(looks, decided, strict=True)])
    return max(range(len(mass)), key=lambda i: (round(mass[i], 6), i))


def _inside(document: Document, root: int) -> list[bool]:
    """Whether each container lies within `root`."""
    inside = [False] * len(document.containers)
    for index, container in enumerate(document.containers):
        inside[index] = index == root or (container.parent >= 0 and inside[container.parent])
    return inside


def _score(look: Look, inside: bool) -> float:
    if not inside:
        return _OUTSIDE
    return _INSIDE if look.linked < 0.6 else 0.3
