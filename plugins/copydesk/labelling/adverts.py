"""Advertorials in plain text: the spans that the text model strikes, what each advertises, and the evidence that counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..characters import Column
from ..model import Block, Decision, Kind, Label, Reason
from ..policy import Policy
from . import most_expected, receipt, text_model
from .columns import Columns
from .rules import Rule
from .text_features import MEANING, features
from .text_model import State
from .words import meaning

# "ADVERTISEMENT – ...", "Anzeige: ...": a label that the pitch follows on the same line.
_LABEL_THEN_PITCH = re.compile(r"[\[(*]*\w+(?: \w+){0,3}[\])*]*\s*[:|–—-]\s")
_LONGEST_LABEL = 6  # words
_OUTRIGHT = 2  # words of a kind's lexicon
_CERTAIN = 20.0  # log-odds of a block that belongs to its neighbours
_ROUNDS = 3
# Looking a member up in its enumeration takes longer than what is done with it.
_CONTENT, _FURNITURE, _ARTICLE = Label.CONTENT, Label.BOILERPLATE, Reason.ARTICLE
_OF_ADS = np.array([state in (State.AD_BEGINS, State.AD) for state in State])
_AS_DECISION = partial(tuple.__new__, Decision)  # of a tuple of its fields, without a call of Python


def decide(seen: Columns, rules: Sequence[Rule | None], policy: Policy) -> list[Decision]:
    """One decision for each block of a plain text, by the models of the package, with the receipts of its ads."""
    rows = features(seen, meaning(), text_model.weights().scores)
    decisions = decided(seen, rules, policy, *text_model.outputs(rows, seen.words))
    label_alone, label_first = _is_label_alone(seen), seen.opens("sponsor_label")
    for first, last in _runs(np.array([d.label is Label.ADVERTORIAL and d.rule == text_model.MODEL for d in decisions])):
        kind, alone = _said(seen, first, last), label_alone[first:last]
        begun = (first + np.flatnonzero(label_first[first:last])).tolist()
        labelled = bool(alone.any()) or any(_has_pitch_after_label(seen, index) for index in begun)
        pitch = first + np.flatnonzero(~alone)
        if kind is None:
            kind = receipt.kind(rows[:, MEANING], seen.found, pitch, text_model.weights().kinds) if len(pitch) else Reason.SPONSORED
        evidence = receipt.evidence(rows, seen.words, first, last)
        decisions[first:last] = [d._replace(reason=kind, labelled=labelled, evidence=evidence) for d in decisions[first:last]]
    return decisions


def decided(seen: Columns, rules: Sequence[Rule | None], policy: Policy, emitted: Column, steps: Column) -> list[Decision]:
    """The model's spans of ads whole, rules for furniture, content for the rest; `emitted` and `steps` as of `text_model.outputs`."""
    steps = text_model.careful(steps, policy.ad_threshold)
    chain, emitted = whole(seen, emitted, steps)
    sure = text_model.probabilities(emitted, steps).round(4)
    believed = (sure[:, text_model.AD_BEGINS] + sure[:, text_model.AD]).round(4)
    chain = _settled(seen, rules, policy, chain, sure, believed)
    outside = map(_outside, seen.document.blocks, rules, chain.tolist(), sure.tolist())
    decisions = list(map(_AS_DECISION, outside))
    for first, last in _runs(_is_ad(chain)):
        if all(rule and rule.label is Label.BOILERPLATE for rule in rules[first:last]):
            continue  # furniture that a rule knows by its wording
        for index in range(first, last):
            score = min(float(believed[index]), 1.0)
            decisions[index] = Decision(seen.document.blocks[index], Label.ADVERTORIAL, Reason.SPONSORED, text_model.MODEL, score)
    return decisions


def whole(seen: Columns, emitted: Column, steps: Column) -> tuple[Column, Column]:
    """The best chain in which every span is whole, and the scores that it is best by.

    What a span must have with it is made certain, then the best chain is looked for again: a call after the bullets
    follows once they are of the ad.
    """
    emitted = emitted.copy()
    chain = text_model.best(emitted, steps)
    for _ in range(_ROUNDS):
        added = _completed(seen, _is_ad(chain)) & ~_is_ad(chain)
        if not added.any():
            break
        emitted[added, State.AD] += _CERTAIN
        chain = text_model.best(emitted, steps)
    return chain, emitted


def _is_ad(chain: Column) -> Column:
    column: Column = _OF_ADS[chain]
    return column


def _completed(seen: Columns, is_ad: Column) -> Column:
    """The spans with their bullets and the lines that say the same again."""
    taken: list[bool] = is_ad.tolist()
    if not any(taken):
        return is_ad
    bullets = seen.is_kind(Kind.LIST_ITEM).tolist()
    document = seen.document
    text = document.text
    colons = [text[block.end - 1] == ":" for block in document.blocks]
    for index in range(1, len(taken)):
        listed = bullets[index] and (bullets[index - 1] or colons[index - 1])
        announces = colons[index] and bullets[index + 1 : index + 2] == [True] and seen.words[index] <= _LONGEST_LABEL
        taken[index] = taken[index] or (taken[index - 1] and bool(listed or announces))
    pitches = {document.text_of(block) for block, ad in zip(document.blocks, taken, strict=True) if ad}
    taken = [ad or document.text_of(block) in pitches for block, ad in zip(document.blocks, taken, strict=True)]
    return np.array(taken)


def _settled(seen: Columns, rules: Sequence[Rule | None], policy: Policy, chain: Column, sure: Column, believed: Column) -> Column:
    """The chain (n) with its content and furniture as the greatest expected word F1 has them.

    `sure` (n, 4) are the probabilities of the states, `believed` (n) those of an ad.

    Out of fold: over dumps of pages word F1 .9325, with the content of the best chain .9284; over lines of ads .953 and .946.
    """
    free = np.array([rule is None for rule in rules], np.bool_) & ~_is_ad(chain)
    article = most_expected.kept(np.where(free, sure[:, text_model.CONTENT], 0.0), np.where(free, seen.words, 0), policy.content_threshold)
    other = np.where(believed > sure[:, text_model.FURNITURE], text_model.AD, text_model.FURNITURE)
    return np.where(free, np.where(article, text_model.CONTENT, other), chain)


def _outside(block: Block, rule: Rule | None, state: int, sure: Sequence[float]) -> tuple[Any, ...]:
    """The fields of the decision about a block outside ads; a rule goes before the model, for it says why."""
    if rule is not None:
        return block, rule.label, rule.reason, rule.name, rule.score, False, ()
    if state == text_model.FURNITURE:
        return block, _FURNITURE, Reason.PAGE_FURNITURE, text_model.MODEL, sure[state], False, ()
    return block, _CONTENT, _ARTICLE, text_model.MODEL, sure[state], False, ()


def _runs(mask: Column) -> Iterator[tuple[int, int]]:
    """The runs [first, last) of true values."""
    padded = np.zeros(len(mask) + 2, np.bool_)
    padded[1:-1] = mask
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _said(seen: Columns, first: int, last: int) -> Reason | None:
    """What an ad says outright that it is: of our own ads 10 of 10 with words of appeals were appeals, 6 of 7 with words of newsletters."""
    donation, newsletter = (int(seen.covered(name)[first:last].sum()) for name in ("donation", "newsletter"))
    if max(donation, newsletter) < _OUTRIGHT:
        return None
    return Reason.DONATION if donation >= newsletter else Reason.NEWSLETTER


def _is_label_alone(seen: Columns) -> Column:
    """Which blocks say that they are an ad and little else."""
    alone: Column = (seen.covered("sponsor_label") > 0) & (seen.found.words <= _LONGEST_LABEL)
    return alone


def _has_pitch_after_label(seen: Columns, index: int) -> bool:
    """Whether a block that begins with words of a label goes on after a colon or dash, as a label before its pitch does."""
    return bool(_LABEL_THEN_PITCH.match(seen.document.text_of(seen.document.blocks[index])))
