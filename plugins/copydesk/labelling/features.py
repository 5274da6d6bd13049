"""What labelling knows about each block: its words, its place in the page, and what the lexicons found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..model import Block, Document, Kind, Place
from .lexicon import Hits, look_up

# Evidence of these kinds speaks for the article; it holds however large the element is.
_FOR_ARTICLE = int(Place.ARTICLE | Place.MAIN | Place.BODY_CLASS | Place.FIGURE)
# A kind of place that holds more than this share of the page's prose is no furniture, whatever its name says.
_LARGEST_FURNITURE = 0.3
_LARGEST_SHARE = {Place.COMMENTS: 0.9, Place.HIDDEN: 0.5}
_LARGEST = [(int(p), _LARGEST_SHARE.get(p, _LARGEST_FURNITURE)) for p in Place if not p & _FOR_ARTICLE]
_PROSE_WORDS = 12
_PROSE_LINKED = 0.4

_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_URL = re.compile(r"\b(?:https?://|www\.)\S|\b[\w-]+\.(?:com|org|net|de|fr|es|it|pt|br|co\.uk|io|shop|info)\b(?!\w)", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)\+?\(?\d{2,5}\)?[ ./-]?\d{2,4}[ .-]\d{2,4}(?:[ .-]\d{2,4})?(?!\d)")
_PRICE = re.compile(r"[$€£]\s?\d|\d\s?[€£]|\d+(?:[.,]\d+)?\s?(?:USD|EUR|euros?|dollars)\b|\d+\s?%")
_QUOTED = re.compile(r"[“\"«„][^”\"»“]*(?:[”\"»“]|$)")
_SHOUT = re.compile(r"\b[A-ZÀ-Þ]{3,}\b")


@dataclass(frozen=True, slots=True)
class Look:
    """One block as the rules see it. `place` is the union over the elements around it, the huge ones apart."""

    block: Block
    text: str
    hits: Hits
    words: int
    linked: float
    prose: bool
    place: int
    index: int
    count: int

    @property
    def ends_sentence(self) -> bool:
        return bool(_SENTENCE_END.search(self.text))


def looks(document: Document) -> list[Look]:
    """A `Look` for each block of the document, in order."""
    blocks = document.blocks
    hits = [look_up(document.text_of(block)) for block in blocks]
    prose = [_is_prose(block, found) for block, found in zip(blocks, hits, strict=True)]
    place = _places(document, [len(h.words) if p else 0 for h, p in zip(hits, prose, strict=True)])
    return [
        Look(
            block,
            document.text_of(block),
            found,
            len(found.words),
            block.linked / (block.end - block.start),
            is_prose,
            place[block.container],
            i,
            len(blocks),
        )
        for i, (block, found, is_prose) in enumerate(zip(blocks, hits, prose, strict=True))
    ]


def _is_prose(block: Block, hits: Hits) -> bool:
    linked = block.linked / (block.end - block.start)
    return len(hits.words) >= _PROSE_WORDS and linked < _PROSE_LINKED and block.kind is not Kind.TABLE_ROW


def masses(document: Document, weights: Sequence[float]) -> list[float]:
    """The sum of the blocks' weights below each container, itself included."""
    mass = [0.0] * len(document.containers)
    for block, weight in zip(document.blocks, weights, strict=True):
        mass[block.container] += weight
    for index in range(len(mass) - 1, 0, -1):  # parents come before their children
        mass[document.containers[index].parent] += mass[index]
    return mass


def _places(document: Document, prose_words: Sequence[int]) -> list[int]:
    """The `Place` bits in force inside each container: those of its ancestors and its own.

    A kind of place that would hold a large part of the page's prose is a name of the site's own ("widget",
    "card") and is not in force anywhere on the page.
    """
    union = [0] * len(document.containers)
    for index, container in enumerate(document.containers):
        union[index] = container.place | (union[container.parent] if container.parent >= 0 else 0)
    words_at: dict[int, int] = {}
    for block, count in zip(document.blocks, prose_words, strict=True):
        if count:
            words_at[union[block.container]] = words_at.get(union[block.container], 0) + count
    total = sum(words_at.values())
    void = 0
    for place, largest in _LARGEST:
        if sum(count for bits, count in words_at.items() if bits & place) > largest * total:
            void |= place
    return [bits & ~void for bits in union]


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
