"""The rules that are certain, as rows: the first that holds decides its block, before any score does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..model import Decision, Kind, Label, Place, Reason
from .features import Look

_SHORT = 12
_LINE = 25


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: `holds` looks at one block; when it holds, the block gets this label, reason and score."""

    name: str
    label: Label
    reason: Reason
    score: float
    holds: Callable[[Look], bool]


def _at(place: Place) -> Callable[[Look], bool]:
    """Stands inside an element of this place."""
    bits = int(place)
    return lambda look: bool(look.place & bits)


def _short_at(place: Place, words: int = _SHORT) -> Callable[[Look], bool]:
    """Stands there and is short or mostly links: a paragraph of prose needs more evidence than a class name."""
    bits = int(place)
    return lambda look: bool(look.place & bits) and (look.words <= words or look.linked > 0.5)


def _opens(lexicon: str, words: int = _SHORT) -> Callable[[Look], bool]:
    """A short block that begins with a phrase of the lexicon and is no sentence of its own."""
    return lambda look: (
        lexicon in look.hits.opening and look.words <= words and (lexicon in look.hits.whole or not look.ends_sentence or look.linked > 0.5)
    )


def _mentions(lexicon: str, share: float, words: int = 60) -> Callable[[Look], bool]:
    """Phrases of the lexicon make up at least this share of a short block."""
    return lambda look: 0 < look.words <= words and look.hits.share(lexicon) >= share


def _is_share_bar(look: Look) -> bool:
    return "share" in look.hits.opening and look.words <= 6 and look.hits.share("share") >= 0.4 and not look.ends_sentence


def _is_reading_time(look: Look) -> bool:
    words = look.hits.words
    return (
        len(words) <= 5
        and bool({"min", "mins", "minute", "minutes", "minuten", "minutos", "minuti"} & set(words))
        and (bool({"read", "lesezeit", "lecture", "lectura", "lettura", "leitura"} & set(words)))
    )


def _is_credit(look: Look) -> bool:
    return "credit" in look.hits.opening and look.words <= 10 and (":" in look.text or "/" in look.text or "©" in look.text)


def _is_form(look: Look) -> bool:
    return bool(look.place & Place.FORM) and look.words <= 40


def _is_linked_list(look: Look) -> bool:
    return look.linked > 0.9 and look.block.kind is Kind.LIST_ITEM


def _is_lone_link(look: Look) -> bool:
    return look.linked > 0.95 and look.block.kind is not Kind.HEADING


B, A = Label.BOILERPLATE, Label.ADVERTORIAL
# Scores say how often a rule is right; to be measured with the reasons of the development pages.
RULES: tuple[Rule, ...] = (
    Rule("hidden element", B, Reason.HIDDEN, 0.99, _at(Place.HIDDEN)),
    Rule("navigation element", B, Reason.NAVIGATION, 0.99, _at(Place.NAV | Place.MENU)),
    Rule("cookie dialog", B, Reason.COOKIE_NOTICE, 0.98, _at(Place.COOKIE)),
    Rule("cookie wording", B, Reason.COOKIE_NOTICE, 0.9, _mentions("cookie", 0.15)),
    Rule("dialog element", B, Reason.PAGE_FURNITURE, 0.9, _at(Place.DIALOG)),
    Rule("comment section", B, Reason.COMMENTS, 0.95, _at(Place.COMMENTS)),
    Rule("advertising slot", A, Reason.SPONSORED, 0.9, _at(Place.ADVERT)),
    Rule("donation box", B, Reason.DONATION, 0.85, _at(Place.DONATION)),
    Rule("newsletter box", B, Reason.NEWSLETTER, 0.9, _at(Place.NEWSLETTER)),
    Rule("share bar element", B, Reason.SHARE_BAR, 0.95, _short_at(Place.SHARE)),
    Rule("share bar wording", B, Reason.SHARE_BAR, 0.9, _is_share_bar),
    Rule("related box", B, Reason.RELATED_LINKS, 0.9, _short_at(Place.RELATED, 40)),
    Rule("related wording", B, Reason.RELATED_LINKS, 0.85, _opens("related", 16)),
    Rule("tag list", B, Reason.TAGS, 0.85, _short_at(Place.TAGS)),
    Rule("author card", B, Reason.AUTHOR_CARD, 0.85, _at(Place.AUTHOR)),
    Rule("byline element", B, Reason.BYLINE, 0.85, _short_at(Place.BYLINE, 20)),
    Rule("photo credit element", B, Reason.CREDIT, 0.85, _short_at(Place.CREDIT, 20)),
    Rule("photo credit wording", B, Reason.CREDIT, 0.8, _is_credit),
    Rule("form", B, Reason.FORM, 0.9, _is_form),
    Rule("promo box", B, Reason.SUBSCRIPTION, 0.8, _short_at(Place.PROMO, 40)),
    Rule("legal box", B, Reason.LEGAL, 0.85, _short_at(Place.LEGAL, 40)),
    Rule("legal wording", B, Reason.LEGAL, 0.85, _mentions("legal", 0.25, 30)),
    Rule("page footer", B, Reason.PAGE_FURNITURE, 0.95, _at(Place.FOOTER)),
    Rule("sidebar", B, Reason.PAGE_FURNITURE, 0.9, _at(Place.SIDEBAR | Place.ASIDE)),
    Rule("sponsor label", A, Reason.SPONSORED, 0.9, lambda look: "sponsor_label" in look.hits.whole),
    Rule("page furniture wording", B, Reason.PAGE_FURNITURE, 0.9, lambda look: "furniture" in look.hits.whole),
    Rule("reading time", B, Reason.PAGE_FURNITURE, 0.9, _is_reading_time),
    Rule("newsletter wording", B, Reason.NEWSLETTER, 0.8, _mentions("newsletter", 0.2, 50)),
    Rule("list of links", B, Reason.NAVIGATION, 0.8, _is_linked_list),
    Rule("lone link", B, Reason.RELATED_LINKS, 0.7, _is_lone_link),
)


def certain(looks: Sequence[Look], rules: Sequence[Rule] = RULES) -> list[Decision | None]:
    """The decision of the first rule that holds for each block, or None where a score must decide."""
    return [next((_decide(rule, look) for rule in rules if rule.holds(look)), None) for look in looks]


def _decide(rule: Rule, look: Look) -> Decision:
    return Decision(look.block, rule.label, rule.reason, rule.name, rule.score)
