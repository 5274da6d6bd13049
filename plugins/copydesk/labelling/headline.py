"""Which blocks print the headline: it is the article's title and stays out of its body."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Document, Kind, Place
from .features import Look
from .lexicon import words

_HIDDEN = int(Place.HIDDEN | Place.NAV | Place.FOOTER)
_LONGEST = 60


def headline(document: Document, looks: Sequence[Look], struck: Sequence[bool]) -> int | None:
    """The index of the block that is the headline, or None.

    In a page: the level-1 heading that agrees best with `<title>` or og:title, else the first level-1 heading,
    else a heading that repeats the title. In plain text: the heading that it begins with, once what is struck
    (an ad's label, a share bar) is passed over.
    """
    if document.media_type == "text/plain":
        first = next((look for look, gone in zip(looks, struck, strict=True) if not gone), None)
        return first.index if first and _opens_text(first) else None
    titles = [words(t) for t in (document.head.meta.get("og:title", ""), document.head.title) if t]
    best, best_score = None, 0.0
    for look in looks:
        score = _score(look, titles)
        if score > best_score:
            best, best_score = look.index, score
    return best


def _opens_text(look: Look) -> bool:
    return look.block.kind in (Kind.HEADING, Kind.LINE) and not look.ends_sentence


def _score(look: Look, titles: Sequence[list[str]]) -> float:
    """How much a block looks like the headline; 0 when it cannot be."""
    if look.place & _HIDDEN or not 0 < look.words <= _LONGEST:
        return 0.0
    agreement = max((_overlap(look.hits.words, title) for title in titles), default=0.0)
    if look.block.kind is Kind.HEADING:
        level = 0.5 if look.block.level == 1 else 0.0
        return level + agreement if level or agreement > 0.6 else 0.0
    return agreement * 0.7 if agreement > 0.85 and look.words >= 4 else 0.0


def _overlap(block: Sequence[str], title: Sequence[str]) -> float:
    """The share of the block's words that the title has in common with it; a site's name in it does no harm."""
    if not block:
        return 0.0
    known = set(title)
    return sum(word in known for word in block) / len(block)
