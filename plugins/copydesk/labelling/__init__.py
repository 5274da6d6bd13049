"""Labelling: a `Decision` for every block. This is the one place that may remove text.

Two passes, as in jusText: each block alone (rules, then scores), then its neighbours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ..model import Decision, Document, Kind, Label, Reason
from ..policy import Policy
from . import adverts, article
from .features import Look, looks
from .headline import headline
from .lexicon import lexicons
from .neighbours import advert_spans
from .rules import RULES, certain

# The rule of a block that says little by itself and was taken along with the pitch beside it.
BESIDE = "beside a pitch"


def label(document: Document, policy: Policy) -> tuple[Decision, ...]:
    """One decision for each block of the document, in order."""
    seen = looks(document)
    decided = certain(seen)
    is_page = document.media_type == "text/html"
    labelled = _label_page(document, seen, decided, policy) if is_page else _label_text(seen, decided, policy)
    title = headline(document, seen, [d.label is not Label.CONTENT for d in labelled])
    if title is not None:
        labelled[title] = Decision(seen[title].block, Label.CONTENT, Reason.HEADLINE, "headline", 0.95)
    return tuple(labelled)


def digest() -> str:
    """What decides besides the policy: rules, lexicons and models, as 16 hex digits."""
    rows = "\n".join(f"{r.name}\t{r.label}\t{r.reason}\t{r.score}" for r in RULES)
    source = f"{rows}\n{lexicons().digest_source}\n{article.MODEL}\n{adverts.MODEL}"
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def _label_page(document: Document, seen: Sequence[Look], decided: Sequence[Decision | None], policy: Policy) -> list[Decision]:
    scores = article.article_scores(document, seen, decided)
    return [decision or _by_article(look, score, policy) for look, decision, score in zip(seen, decided, scores, strict=True)]


def _by_article(look: Look, score: float, policy: Policy) -> Decision:
    if look.block.kind is Kind.CAPTION and policy.captions == "strike":
        return Decision(look.block, Label.BOILERPLATE, Reason.CREDIT, "captions struck", 0.9)
    if score >= policy.content_threshold:
        return Decision(look.block, Label.CONTENT, Reason.ARTICLE, article.MODEL, score)
    reason = Reason.RELATED_LINKS if look.linked > 0.5 else Reason.PAGE_FURNITURE
    return Decision(look.block, Label.BOILERPLATE, reason, article.MODEL, round(1 - score, 4))


def _label_text(seen: Sequence[Look], decided: Sequence[Decision | None], policy: Policy) -> list[Decision]:
    pitches = adverts.pitches(seen)
    scores = adverts.advert_scores(pitches, seen)
    labelled = [
        decision or Decision(look.block, Label.CONTENT, Reason.ARTICLE, adverts.MODEL, round(1 - score, 4))
        for look, decision, score in zip(seen, decided, scores, strict=True)
    ]
    for first, last in advert_spans(seen, pitches, scores, policy):
        reason = adverts.reason_of(pitches[first:last])
        for i in (i for i in range(first, last) if labelled[i].label is not Label.ADVERTORIAL):
            rule = adverts.MODEL if scores[i] >= policy.ad_threshold else BESIDE
            labelled[i] = Decision(seen[i].block, Label.ADVERTORIAL, reason, rule, max(scores[i], policy.ad_threshold))
    return labelled
