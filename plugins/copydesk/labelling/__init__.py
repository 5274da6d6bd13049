"""Labelling: a `Decision` for every block. This is the one place that may remove text.

Two passes, as in jusText: each block alone (rules, then scores), then its neighbours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ..model import Block, Decision, Document, Kind, Label, Reason
from ..policy import Policy
from . import adverts, article
from .columns import Columns, columns
from .features import looks
from .headline import headline
from .lexicon import lexicons
from .neighbours import advert_spans
from .rules import RULES, Rule, first_that_holds

# The rule of a block that says little by itself and was taken along with the pitch beside it.
BESIDE = "beside a pitch"


def label(document: Document, policy: Policy) -> tuple[Decision, ...]:
    """One decision for each block of the document, in order."""
    seen = columns(document)
    rules = first_that_holds(seen)
    labelled = (_label_page if document.media_type == "text/html" else _label_text)(seen, rules, policy)
    title = headline(seen, [d.label is not Label.CONTENT for d in labelled])
    if title is not None:
        labelled[title] = Decision(document.blocks[title], Label.CONTENT, Reason.HEADLINE, "headline", 0.95)
    return tuple(labelled)


def digest() -> str:
    """What decides besides the policy: rules, lexicons and models, as 16 hex digits."""
    rows = "\n".join(f"{r.name}\t{r.label}\t{r.reason}\t{r.score}" for r in RULES)
    source = f"{rows}\n{lexicons().digest_source}\n{article.MODEL}\n{adverts.MODEL}"
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def _by_rule(block: Block, rule: Rule) -> Decision:
    return Decision(block, rule.label, rule.reason, rule.name, rule.score)


def _label_page(seen: Columns, rules: Sequence[Rule | None], policy: Policy) -> list[Decision]:
    scores = article.article_scores(seen, rules).tolist()
    linked = seen.linked.tolist()
    return [
        _by_rule(block, rule) if rule else _by_article(block, score, share, policy)
        for block, rule, score, share in zip(seen.document.blocks, rules, scores, linked, strict=True)
    ]


def _by_article(block: Block, score: float, linked: float, policy: Policy) -> Decision:
    if block.kind is Kind.CAPTION and policy.captions == "strike":
        return Decision(block, Label.BOILERPLATE, Reason.CREDIT, "captions struck", 0.9)
    if score >= policy.content_threshold:
        return Decision(block, Label.CONTENT, Reason.ARTICLE, article.MODEL, score)
    reason = Reason.RELATED_LINKS if linked > 0.5 else Reason.PAGE_FURNITURE
    return Decision(block, Label.BOILERPLATE, reason, article.MODEL, round(1 - score, 4))


def _label_text(columns_: Columns, rules: Sequence[Rule | None], policy: Policy) -> list[Decision]:
    seen = looks(columns_)
    pitches = adverts.pitches(seen)
    scores = adverts.advert_scores(pitches, seen)
    labelled = [
        _by_rule(look.block, rule) if rule else Decision(look.block, Label.CONTENT, Reason.ARTICLE, adverts.MODEL, round(1 - score, 4))
        for look, rule, score in zip(seen, rules, scores, strict=True)
    ]
    for first, last in advert_spans(seen, pitches, scores, policy):
        reason = adverts.reason_of(pitches[first:last])
        for i in (i for i in range(first, last) if labelled[i].label is not Label.ADVERTORIAL):
            rule = adverts.MODEL if scores[i] >= policy.ad_threshold else BESIDE
            labelled[i] = Decision(seen[i].block, Label.ADVERTORIAL, reason, rule, max(scores[i], policy.ad_threshold))
    return labelled
