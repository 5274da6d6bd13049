"""The rules, as rows: why a block that is struck is struck, and which blocks no model is asked about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..characters import Class, Column
from ..model import Kind, Label, Place, Reason
from .columns import Columns
from .lexicon import among, hashes, upper_bits

_SHORT = 12
_MENUS = int(Place.NAV | Place.MENU | Place.HEADER)
# A day or a month before or after a year, in words or numbers.
_DATE = re.compile(
    r"\b[^\W\d_]{3,10}\.?,? ?(?:\d{1,2}(?:st|nd|rd|th)?,? )?(?:19|20)\d\d\b"
    r"|\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d\b|^[^\W\d_]{3,9}\.? \d{1,2}$"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: `holds` looks at all blocks at once; where it holds, a block gets this label, reason and score.

    On a page the rules that are `certain` decide before the model; the others say why the model struck a block. Only those
    `by_wording` are asked about a plain text, which has no elements and no links.
    """

    name: str
    label: Label
    reason: Reason
    score: float
    holds: Callable[[Columns], Column]
    certain: bool = False
    by_wording: bool = False


def _at(*places: Place) -> Callable[[Columns], Column]:
    """Stands inside an element of one of these places."""
    mask = sum(map(int, places))
    return lambda c: c.at(mask)


def _short_at(place: Place, words: int = _SHORT) -> Callable[[Columns], Column]:
    """Stands there and is short or mostly links: a paragraph of prose needs more evidence than a class name."""
    mask = int(place)
    return lambda c: c.at(mask) & ((c.words <= words) | c.mostly_linked) if c.places & mask else c.nowhere


def _opens(lexicon: str, words: int = _SHORT) -> Callable[[Columns], Column]:
    """A short block that begins with a phrase of the lexicon and is no sentence of its own."""
    return lambda c: c.opens(lexicon) & (c.words <= words) & (c.is_whole(lexicon) | ~c.ends_sentence | c.mostly_linked)


def _mentions(lexicon: str, share: float, words: int = 60) -> Callable[[Columns], Column]:
    """Phrases of the lexicon make up at least this share of a short block."""
    return lambda c: (c.words > 0) & (c.words <= words) & (c.share(lexicon) >= share)


def _is_share_bar(c: Columns) -> Column:
    return c.opens("share") & (c.words <= 6) & (c.share("share") >= 0.4) & ~c.ends_sentence


_MINUTES = hashes("min mins minute minutes minuten minutos minuti")
_READING = hashes("read lesezeit lecture lectura lettura leitura")
_OF_READING = np.union1d(_MINUTES, _READING)
_MAY_BE_OF_READING = upper_bits(_OF_READING)
_BOTH = np.array([np.isin(_OF_READING, _MINUTES), np.isin(_OF_READING, _READING)])


def _is_reading_time(c: Columns) -> Column:
    short = (c.words <= 5) & (c.words >= 2)
    if not short[c.found.text_of[among(c.found.hashes, _MAY_BE_OF_READING)]].any():
        return c.nowhere
    return short & (c.found.common(_OF_READING, _BOTH, short) > 0).all(axis=0)


def _is_credit(c: Columns) -> Column:
    holds = c.opens("credit") & (c.words <= 10)
    for index in np.flatnonzero(holds).tolist():
        block = c.document.text_of(c.document.blocks[index])
        holds[index] = any(mark in block for mark in ":/©")
    return holds


def _is_form(c: Columns) -> Column:
    holds: Column = c.at(int(Place.FORM)) & (c.words <= 40)
    return holds


def _on_page(c: Columns) -> bool:
    return c.document.media_type == "text/html"


def _is_price(c: Columns) -> Column:
    """A price or a discount and little else, on a page: the button beside a product."""
    if not _on_page(c):
        return c.nowhere
    holds: Column = (c.letters[:, Class.MONEY] > 0) & (c.words <= 8) & ~c.is_kind(Kind.TABLE_ROW) & ~c.ends_sentence
    return holds


def _is_date(c: Columns) -> Column:
    """A date and little else, on a page: in a text it may be of the story."""
    if not _on_page(c):
        return c.nowhere
    holds = (c.letters[:, Class.DIGIT] > 0) & (c.words >= 2) & (c.words <= 8) & (c.linked < 0.5) & ~c.at(_MENUS)
    for index in np.flatnonzero(holds).tolist():
        block = c.document.text_of(c.document.blocks[index])
        holds[index] = bool(_DATE.search(block))
    return holds


def _of_cookies(c: Columns) -> Column:
    """Stands in a dialog that speaks of cookies somewhere."""
    inside = c.at(int(Place.DIALOG))
    if not inside.any():
        return inside
    dialog = np.cumsum(inside & ~np.concatenate((np.zeros(1, np.bool_), inside[:-1]))) * inside
    speaks = np.bincount(dialog, weights=c.covered("cookie")) > 1
    holds: Column = inside & speaks[dialog]
    return holds


def _is_title_link(c: Columns) -> Column:
    """A link as long as a headline, not in a menu."""
    return (c.linked > 0.9) & (c.words >= 5) & ~c.at(_MENUS)


def _is_in_field(c: Columns) -> Column:
    """Stands in a text field: code to embed, a text to republish."""
    tags = c.document.containers.tags
    if "textarea" not in tags:
        return c.nowhere
    return np.array([tag == "textarea" for tag in tags])[c.container]


def _is_linked_list(c: Columns) -> Column:
    return (c.linked > 0.9) & c.is_kind(Kind.LIST_ITEM)


def _is_lone_link(c: Columns) -> Column:
    return (c.linked > 0.95) & ~c.is_kind(Kind.HEADING)


B, A = Label.BOILERPLATE, Label.ADVERTORIAL
# Scores say how often a rule is right; to be measured with the reasons of the development pages.
RULES: tuple[Rule, ...] = (
    Rule("hidden element", B, Reason.HIDDEN, 0.99, _at(Place.HIDDEN), certain=True),
    Rule("navigation element", B, Reason.NAVIGATION, 0.99, _short_at(Place.NAV | Place.MENU, 25)),
    Rule("cookie dialog", B, Reason.COOKIE_NOTICE, 0.98, _at(Place.COOKIE), certain=True),
    Rule("cookie wording", B, Reason.COOKIE_NOTICE, 0.9, _mentions("cookie", 0.15), certain=True, by_wording=True),
    Rule("cookie dialog wording", B, Reason.COOKIE_NOTICE, 0.9, _of_cookies, certain=True),
    Rule("dialog element", B, Reason.PAGE_FURNITURE, 0.9, _at(Place.DIALOG), certain=True),
    Rule("comment section", B, Reason.COMMENTS, 0.95, _at(Place.COMMENTS), certain=True),
    Rule("advertising slot", A, Reason.SPONSORED, 0.9, _at(Place.ADVERT)),
    Rule("donation box", B, Reason.DONATION, 0.85, _at(Place.DONATION)),
    Rule("newsletter box", B, Reason.NEWSLETTER, 0.9, _at(Place.NEWSLETTER), certain=True),
    Rule("share bar element", B, Reason.SHARE_BAR, 0.95, _short_at(Place.SHARE)),
    Rule("price", B, Reason.SHOP, 0.8, _is_price),
    Rule("share bar wording", B, Reason.SHARE_BAR, 0.9, _is_share_bar, by_wording=True),
    Rule("related box", B, Reason.RELATED_LINKS, 0.9, _short_at(Place.RELATED, 40)),
    Rule("related wording", B, Reason.RELATED_LINKS, 0.85, _opens("related", 16), by_wording=True),
    Rule("tag list", B, Reason.TAGS, 0.85, lambda c: _short_at(Place.TAGS)(c) & ~c.is_kind(Kind.HEADING)),
    Rule("author card", B, Reason.AUTHOR_CARD, 0.85, _at(Place.AUTHOR)),
    Rule("byline element", B, Reason.BYLINE, 0.85, _short_at(Place.BYLINE, 20)),
    Rule("date line", B, Reason.BYLINE, 0.8, _is_date),
    Rule("photo credit element", B, Reason.CREDIT, 0.85, lambda c: _short_at(Place.CREDIT, 20)(c) & ~c.at(int(Place.LEGAL | Place.FOOTER))),
    Rule("photo credit wording", B, Reason.CREDIT, 0.8, _is_credit, by_wording=True),
    Rule("text field", B, Reason.FORM, 0.95, _is_in_field, certain=True),
    Rule("form", B, Reason.FORM, 0.9, _is_form),
    Rule("promo box", B, Reason.SUBSCRIPTION, 0.8, lambda c: _short_at(Place.PROMO, 40)(c) & ~c.at(int(Place.FOOTER))),
    Rule("legal box", B, Reason.LEGAL, 0.85, _short_at(Place.LEGAL, 40)),
    Rule("legal wording", B, Reason.LEGAL, 0.85, _mentions("legal", 0.25, 30), certain=True, by_wording=True),
    Rule("page footer", B, Reason.PAGE_FURNITURE, 0.95, _at(Place.FOOTER), certain=True),
    Rule("sidebar", B, Reason.PAGE_FURNITURE, 0.9, _at(Place.SIDEBAR, Place.ASIDE)),
    Rule("sponsor label", A, Reason.SPONSORED, 0.9, lambda c: c.is_whole("sponsor_label"), certain=True, by_wording=True),
    Rule("page furniture wording", B, Reason.PAGE_FURNITURE, 0.9, lambda c: c.is_whole("furniture"), certain=True, by_wording=True),
    Rule("reading time", B, Reason.PAGE_FURNITURE, 0.9, _is_reading_time, certain=True, by_wording=True),
    Rule("newsletter wording", B, Reason.NEWSLETTER, 0.8, _mentions("newsletter", 0.2, 50), by_wording=True),
    Rule("linked title", B, Reason.RELATED_LINKS, 0.8, _is_title_link),
    Rule("list of links", B, Reason.NAVIGATION, 0.8, _is_linked_list),
    Rule("lone link", B, Reason.RELATED_LINKS, 0.7, _is_lone_link),
)


def first_that_holds(columns: Columns, rules: Sequence[Rule] = RULES) -> list[Rule | None]:
    """The first rule that holds for each block, or None."""
    which = np.full(len(columns), len(rules))
    plain = columns.document.media_type == "text/plain"
    for number in range(len(rules) - 1, -1, -1):
        if plain and not rules[number].by_wording:
            continue
        held = rules[number].holds(columns)
        if held is not columns.nowhere:
            which[held] = number
    rows: list[Rule | None] = [*rules, None]
    return [rows[number] for number in which.tolist()]
