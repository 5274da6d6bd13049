"""What a block of plain text has of a sales pitch or an appeal."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..model import Block
from .columns import Columns
from .lexicon import Hits, look_up

_URL = re.compile(r"\b(?:https?://|www\.)\S|\b[\w-]+\.(?:com|org|net|de|fr|es|it|pt|br|co\.uk|io|shop|info)\b(?!\w)", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)\+?\(?\d{2,5}\)?[ ./-]?\d{2,4}[ .-]\d{2,4}(?:[ .-]\d{2,4})?(?!\d)")
_PRICE = re.compile(r"[$€£]\s?\d|\d\s?[€£]|\d+(?:[.,]\d+)?\s?(?:USD|EUR|euros?|dollars)\b|\d+\s?%")
_QUOTED = re.compile(r"[“\"«„][^”\"»“]*(?:[”\"»“]|$)")
_SHOUT = re.compile(r"\b[A-ZÀ-Þ]{3,}\b")


@dataclass(frozen=True, slots=True)
class Look:
    """One block of a plain text."""

    block: Block
    text: str
    hits: Hits
    words: int
    ends_sentence: bool
    index: int


def looks(columns: Columns) -> list[Look]:
    """A `Look` for each block of the document, in order."""
    document = columns.document
    return [
        Look(block, document.text_of(block), columns.found.hits(i), int(columns.words[i]), bool(columns.ends_sentence[i]), i)
        for i, block in enumerate(document.blocks)
    ]


@dataclass(frozen=True, slots=True)
class Pitch:
    """What a block has of a sales pitch or an appeal: counts and shares over its words outside quotation marks."""

    second_person: float
    first_person: float
    calls: int
    calls_first: bool
    offers: int
    donation: int
    newsletter: int
    label: bool
    attribution: int
    exclaims: int
    shouts: int
    url: bool
    phone: bool
    price: bool


def pitch(look: Look) -> Pitch:
    """The `Pitch` of one block; what stands in quotation marks is somebody else's voice and does not count."""
    outside = _QUOTED.sub(" ", look.text)
    hits = look_up(outside) if len(outside) != len(look.text) else look.hits
    covered = hits.covered
    return Pitch(
        second_person=hits.share("second_person"),
        first_person=hits.share("first_person"),
        calls=covered.get("call_to_action", 0),
        calls_first="call_to_action" in hits.opening,
        offers=covered.get("offer", 0),
        donation=covered.get("donation", 0),
        newsletter=covered.get("newsletter", 0),
        label=_is_label(look),
        attribution=look.hits.covered.get("attribution", 0),
        exclaims=outside.count("!"),
        shouts=len(_SHOUT.findall(outside)),
        url=bool(_URL.search(outside)),
        phone=bool(_PHONE.search(outside)),
        price=bool(_PRICE.search(outside)),
    )


# "ADVERTISEMENT – ...", "Anzeige: ...": a label that the pitch follows on the same line.
_LABEL_THEN_PITCH = re.compile(r"[\[(*]*\w+(?: \w+){0,3}[\])*]*\s*[:|–—-]\s")


def _is_label(look: Look) -> bool:
    """Whether a block says that it is an ad, on a line of its own or before its text."""
    if "sponsor_label" in look.hits.whole or ("sponsor_label" in look.hits.covered and look.words <= 6):
        return True
    return "sponsor_label" in look.hits.opening and bool(_LABEL_THEN_PITCH.match(look.text))
