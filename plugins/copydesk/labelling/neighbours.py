"""The second pass: what stands between, before and after. A cut is a whole span, not a few of its lines."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Kind
from ..policy import Policy
from .features import Look, Pitch

# Blocks of a pitch that say little by themselves are taken along at this share of the threshold.
_WEAK_SHARE = 0.35
_LABELLED_SHARE = 0.2
_LONGEST_BRIDGE = 2
_SHORT = 8


def advert_spans(looks: Sequence[Look], pitches: Sequence[Pitch], scores: Sequence[float], policy: Policy) -> list[tuple[int, int]]:
    """The runs [first, last) of blocks that are advertorials.

    A run begins at a block whose own score passes the threshold. It grows over neighbours that sound like a
    pitch, bullets after a colon and short lines beside them, and bridges a gap between two parts of one pitch.
    """
    sure = [score >= policy.ad_threshold for score in scores]
    taken = list(sure)
    for index in range(len(looks)):
        if sure[index]:
            _grow(index, +1, looks, pitches, scores, taken, policy)
            _grow(index, -1, looks, pitches, scores, taken, policy)
    _bridge(looks, taken, pitches)
    return _runs(taken)


def _grow(
    index: int, step: int, looks: Sequence[Look], pitches: Sequence[Pitch], scores: Sequence[float], taken: list[bool], policy: Policy
) -> None:
    """Take neighbours of a sure block while they belong to its pitch."""
    share = _LABELLED_SHARE if pitches[index].label else _WEAK_SHARE
    announced = step > 0 and _announces(index, looks, pitches, scores)
    at = index + step
    while 0 <= at < len(looks) and not taken[at]:
        before = looks[at - step]
        named = announced and at == index + 1 and not pitches[at].attribution and not _quoted(looks[at])
        if not (named or scores[at] >= share * policy.ad_threshold or _belongs(looks, at, before, step)):
            break
        taken[at] = True
        at += step


def _announces(index: int, looks: Sequence[Look], pitches: Sequence[Pitch], scores: Sequence[float]) -> bool:
    """Whether a block is a label line that speaks of what follows it: not when the pitch stands before it."""
    if not pitches[index].label or looks[index].words > _SHORT or index + 1 == len(looks):
        return False
    return index == 0 or looks[index - 1].words <= _SHORT or scores[index - 1] <= scores[index + 1]


def _belongs(looks: Sequence[Look], at: int, beside: Look, step: int) -> bool:
    """Whether a block that says little belongs to the pitch beside it: its bullets, its short lines."""
    look = looks[at]
    if look.block.kind is Kind.LIST_ITEM:
        return step < 0 or beside.block.kind is Kind.LIST_ITEM or beside.text.endswith(":")
    if at == 0 or look.block.level == 1:  # the headline
        return False
    return look.words <= _SHORT and not look.ends_sentence and look.block.kind is Kind.LINE


def _bridge(looks: Sequence[Look], taken: list[bool], pitches: Sequence[Pitch]) -> None:
    """Close gaps of one or two blocks without reporting between two taken blocks."""
    last = None
    for index, is_taken in enumerate(list(taken)):
        if not is_taken:
            continue
        if last is not None and 1 < index - last <= _LONGEST_BRIDGE + 1:
            gap = range(last + 1, index)
            if all(not pitches[i].attribution and not _quoted(looks[i]) for i in gap):
                for i in gap:
                    taken[i] = True
        last = index


def _quoted(look: Look) -> bool:
    return look.text[:1] in "\"“„«'‘"


def _runs(taken: Sequence[bool]) -> list[tuple[int, int]]:
    runs = []
    start = None
    for index, value in enumerate([*taken, False]):
        if value and start is None:
            start = index
        elif not value and start is not None:
            runs.append((start, index))
            start = None
    return runs
