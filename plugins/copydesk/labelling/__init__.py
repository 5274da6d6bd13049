"""Labelling: a `Decision` for every block. This is the one place that may remove text.

Two passes, as in jusText: each block alone (rules, then scores), then its neighbours.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial

import numpy as np

from ..characters import Column
from ..model import Decision, Document, Kind, Label, Place, Reason
from ..overruling import Overruling, Verdict
from ..policy import Policy
from . import adverts, most_expected, net, page_model, text_model
from . import words as text_words
from .columns import Columns, columns
from .exact import Exact
from .headline import headline
from .lexicon import lexicons
from .one_thread import one_thread
from .page_features import features
from .rules import RULES, Rule, first_that_holds

# The rule of a block whose text another has; a refrain of a few words is none.
REPEATS = "repeats a block"
_LEAST_REPEATED = 8
# A copy of the whole article has so many words, so large a share of all that is kept; the rest so large a share of its own, and
# they share so many.
_LEAST_COPY, _LARGE, _MUCH, _SAME = 100, 0.3, 0.6, 0.8
_WORD = re.compile(r"\w+")
_ALIKE = 0.6
_CREDITED = 0.12  # a caption with a credit at its end has less of its words
# Looking a member up in its enumeration takes longer than what is done with it.
_CONTENT, _FURNITURE = Label.CONTENT, Label.BOILERPLATE
_ARTICLE, _HEADLINE, _RELATED = Reason.ARTICLE, Reason.HEADLINE, Reason.RELATED_LINKS
_AS_DECISION = partial(tuple.__new__, Decision)  # of a tuple of its fields, without a call of Python


@one_thread
def label(document: Document, policy: Policy, overrulings: Sequence[Overruling] = (), judge: Exact | None = None) -> tuple[Decision, ...]:
    """One decision for each block of the document, in order; a person's overrulings have the last word.

    `judge` judges a page instead of the package's own networks.
    """
    seen = columns(document)
    rules = first_that_holds(seen)
    if document.media_type == "text/html":
        scores = page_model.scores(features(seen), seen.words, judge or page_model.judge())
        labelled = _label_page(seen, rules, policy, headline(seen, []), scores)
    else:
        labelled = adverts.decide(seen, rules, policy)
    decided = with_headline(seen, labelled)
    return tuple(_overruled(document, at, decided[at], overrulings) for at in range(len(decided))) if overrulings else tuple(decided)


def with_headline(seen: Columns, labelled: list[Decision]) -> list[Decision]:
    """The decisions with that of the headline, which is the title, changed in place."""
    title = headline(seen, [d.label is not Label.CONTENT for d in labelled])
    if title is not None:
        labelled[title] = Decision(seen.document.blocks[title], Label.CONTENT, Reason.HEADLINE, "headline", 0.95)
    return labelled


def _overruled(document: Document, at: int, decision: Decision, overrulings: Sequence[Overruling]) -> Decision:
    """The decision of the last overruling that holds for a block, else the one it had; none holds for the headline, which is the title."""
    if decision.reason is _HEADLINE:
        return decision
    text = document.text_of(decision.block)
    selectors = {selector for selector, first, last in document.selected if first <= at < last}
    last = next((one for one in reversed(overrulings) if one.holds_for(text, selectors)), None)
    if last is None or (last.verdict is Verdict.KEEP and decision.label is Label.CONTENT):
        return decision
    rule = f"overruling {last.id}"
    if last.verdict is Verdict.KEEP:
        return Decision(decision.block, Label.CONTENT, Reason.ARTICLE, rule, 1.0)
    return Decision(decision.block, last.label, Reason.OVERRULED, rule, 1.0)


def digest() -> str:
    """What decides besides the policy: rules, lexicons and models, as 16 hex digits."""
    rows = "\n".join(f"{r.name}\t{r.label}\t{r.reason}\t{r.score}" for r in RULES)
    models = [net.digest(name) for name in (page_model.FILE, text_model.FILE, text_words.MEANING, text_words.SCORES)]
    source = "\n".join((rows, lexicons().digest_source, *models))
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def _label_page(seen: Columns, rules: Sequence[Rule | None], policy: Policy, title: int | None, scores: Column) -> list[Decision]:
    scores[[rule is not None and rule.certain for rule in rules]] = 0.0
    kept = most_expected.kept(scores, seen.words, policy.content_threshold)
    free = np.array([rule is None for rule in rules], np.bool_)
    _keep_alike(seen, kept, free)
    _keep_apparatus(seen, kept, free, title)
    repeats = _repeats(seen, kept, scores)
    against = np.round(1 - scores, 4)
    strike_captions = policy.captions == "strike"
    decisions = []
    before = None
    for block, rule, keep, again, score, other in zip(
        seen.document.blocks, rules, kept.tolist(), repeats.tolist(), scores.tolist(), against.tolist(), strict=True
    ):
        if again:
            decided = (block, _FURNITURE, Reason.REPEATED, REPEATS, 0.95, False, ())
        elif keep and strike_captions and block.kind is Kind.CAPTION:
            decided = (block, _FURNITURE, Reason.CREDIT, "captions struck", 0.9, False, ())
        elif keep:
            decided = (block, _CONTENT, _ARTICLE, page_model.MODEL, score, False, ())
        elif rule is not None:
            decided = (block, rule.label, rule.reason, rule.name, rule.score if rule.certain else other, False, ())
        else:  # the model alone; what stands under a linked title (an excerpt, a date) is of its card
            related = before is _RELATED or 2 * block.linked > block.end - block.start
            other_reason = Reason.CREDIT if block.kind is Kind.CAPTION else Reason.PAGE_FURNITURE
            decided = (block, _FURNITURE, _RELATED if related else other_reason, page_model.MODEL, other, False, ())
        before = decided[2]
        decisions.append(decided)
    return list(map(_AS_DECISION, decisions))


def _keep_alike(seen: Columns, kept: Column, free: Column) -> None:
    """Prose in elements like those that make up the article (same tag, class and parents) is of the article too.

    A box in the middle of an article may make a model take what comes after it for the end of the page.
    """
    words = np.where(seen.prose | seen.ends_sentence | seen.is_kind(Kind.TABLE_ROW), seen.words, 0)
    total = np.bincount(seen.likes, weights=words)
    of_article = np.bincount(seen.likes, weights=words * kept) >= _ALIKE * np.maximum(total, 1)
    kept |= free & of_article[seen.likes] & (words > 0) & (seen.linked < 0.2)


def _keep_apparatus(seen: Columns, kept: Column, free: Column, title: int | None) -> None:
    """Captions, tables, code and the standfirst stay with the paragraphs they belong to; the development data often lacks them.

    A caption says something: a few words without a full stop, or a credit, stay only where the model keeps them.
    """
    near = np.convolve(kept, np.ones(7), "same")[: len(kept)] > 0
    caption = seen.is_kind(Kind.CAPTION) | (seen.at(int(Place.FIGURE)) & (seen.words >= _LEAST_REPEATED))
    caption &= ((seen.words >= _LEAST_REPEATED) | seen.ends_sentence) & (seen.share("credit") < _CREDITED)
    kept |= free & near & (caption | seen.is_kind(Kind.TABLE_ROW, Kind.CODE)) & (seen.linked < 0.5)
    if title is not None and kept.any():
        first = title + 1 + int(np.argmax(kept[title + 1 :])) if kept[title + 1 :].any() else title
        span = slice(title + 1, min(first, title + 4))
        kept[span] |= free[span] & (seen.words[span] >= _LEAST_REPEATED) & (seen.linked[span] < 0.2)


def _repeats(seen: Columns, kept: Column, scores: Column) -> Column:
    """Which kept blocks have the text of another that is surer to be in the article, or is as sure and stands before; and
    a block that has the whole article once more, to be copied or for machines.
    """
    text, blocks = seen.document.text, seen.document.blocks
    best: dict[str, int] = {}
    repeats = np.zeros(len(blocks), np.bool_)
    for index in np.flatnonzero(kept & (seen.words >= _LEAST_REPEATED)).tolist():
        words = text[blocks[index].start : blocks[index].end]
        other = best.setdefault(words, index)
        if other != index:
            worse = other if scores[index] > scores[other] else index
            best[words] = other if worse == index else index
            repeats[worse] = True
    for index in np.flatnonzero(kept & (seen.words >= max(_LEAST_COPY, _LARGE * (seen.words * kept).sum()))).tolist():
        rest = [text[b.start : b.end] for b, keep, again in zip(blocks, kept, repeats, strict=True) if keep and not again]
        repeats[index] = _is_copy(text[blocks[index].start : blocks[index].end], rest)
    return repeats


def _is_copy(text: str, all_texts: Sequence[str]) -> bool:
    """Whether one of the texts says what all the others say, and little else."""
    own, others = (Counter(_WORD.findall(part.lower())) for part in (text, " ".join(all_texts)))
    others -= own
    return others.total() >= _MUCH * own.total() and (own & others).total() >= _SAME * min(own.total(), others.total())
