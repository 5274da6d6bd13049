"""What an article prints about itself around its headline: who wrote it, and when it was published and updated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..model import Document, Place
from .dates import printed

_BEFORE, _AFTER = 6, 14  # blocks around the headline in which a byline stands
_LONGEST = 200
_SHORT = 60  # code points of a line that holds a name or a date and little else
_NEAR = 5  # lines after the headline in which a name needs no "by"
_PLACES = int(Place.BYLINE | Place.AUTHOR)
_NO_PLACES = int(Place.COMMENTS | Place.RELATED | Place.FOOTER | Place.NAV | Place.LISTING)
# "By Ana Lume", "Written by: ...", "Von ...": what stands before names, at the start of a line or after a separator.
_BY = re.compile(
    r"(?:^|[|•·–—\n]\s*|\s{2,}|\d{4}\s+|\bposted\b.{0,30}?\s)(?:(?:written|posted|published|reported|words|story|text|article|post|report)\s+)?"
    r"(?:by|von|par|por|di|door|av|af)(?:\s*:\s*|\s+|(?=[A-Z]))(.{3,120})",
    re.IGNORECASE,
)
# Most lines have nothing that "by" could stand behind but their start: one class of characters tells that, at an eighth of the cost.
_PARTED = re.compile(r"[|•·–—\d\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_LABELLED = re.compile(
    r"^(?:authors?|autor(?:en|in|es)?|auteurs?|autore|text|words|reporter|contributors?)\s*:\s*(.{3,120})", re.IGNORECASE
)
_ONLY_BY = re.compile(
    r"^(?:(?:written|posted|published|reported|words|story)\s+)?(?:by|von|par|por|di|door|authors?|about the author)\s*:?$", re.IGNORECASE
)
_UPDATED = re.compile(
    r"\b(?:updated?|modified|revised|reviewed|aktualisiert|mis à jour|actualizado|aggiornato|atualizado|bijgewerkt)\b", re.IGNORECASE
)
# A name ends where something else is told: a separator, a date, a role, the next sentence.
_NAME_ENDS = re.compile(
    r"\s*(?:[|•·⋅–—/(\[\n@<>:]|\s-\s|(?<=[a-z]{2})\.\s|\s{2,}|\d|,?\s+(?:updated|published|posted|on|in|at|for|from|last|is|has|staff|senior|contributing|editor|"
    r"head|chief|writer|reporter|correspondent|min read|comments?|leave|share|medically|reviewed|edited|photo\w*|am|vom|le)\b"
    r"|\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d).*",
    re.IGNORECASE | re.DOTALL,
)
_MONTHS = (
    "January February March April May June July August September October November December Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec"
).split()
_GLUED_DATE = re.compile(rf"(?<=[a-z])(?=(?:{'|'.join(_MONTHS)})\.? \d)")
_LEADING_DATE = re.compile(r"^(?:[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2}\.? [A-Z][a-z]{2,8}\.? \d{4})\s*")
_AND = re.compile(r"\s*(?:,?\s+and\s+|,?\s+und\s+|,?\s+et\s+|,?\s+y\s+|,?\s+e\s+|,?\s*&\s*|[,;\n]\s*)\s*")
_WORD = re.compile(r"^(?:[^\W\d_]['’.-]?)+\.?$")
_PARTICLES = frozenset("de da di du del della der den van von le la el al bin ibn y e dos das ter ten zu af o".split())
_NO_NAMES = frozenset(
    """
    the a an our your this these more read about author authors team editorial staff admin editor editors share follow contact
    comments comment home news blog post posts article articles subscribe newsletter published updated written by posted filed
    under tags category categories leave reply guest writer contributor contributors content marketing company services privacy
    policy terms learn best how what why menu search
    """.split()
)
# Addresses, handles, numbers, and variables that a template left behind.
_NO_DECLARED = re.compile(
    r"@|https?:|www\.|\d{3}|^\w+\.\w+\.|[{}<>$]|^(?:undefined|null|none|unknown|webmaster|user|anonymous)$", re.IGNORECASE
)
_CREDENTIALS = re.compile(r"^(?:[A-Z][A-Za-z]{0,2}\.?){1,4}$|^(?:[A-Z]{2,6}|PhD|Ph\.D\.?|Jr\.?|Sr\.?|M\.?D\.?|BSc|MSc|LLM|CFP®?|CPA)$")


class Printed(NamedTuple):
    """What the lines around the headline say; empty where they say nothing."""

    authors: tuple[str, ...] = ()
    published: str | None = None
    updated: str | None = None


def read_byline(document: Document, headline: int, language: str = "") -> Printed:
    """What is printed around the block number `headline`: authors in bylines and author cards, dates before all others."""
    lines = list(_lines(document, headline))
    published = updated = None
    for line, _ in lines:
        day = printed(line, language)
        if day and _UPDATED.search(line):
            updated = updated or day
        elif day:
            published = published or day
    return Printed(_authors(lines), published, updated)


def _lines(document: Document, headline: int) -> Iterator[tuple[str, int]]:
    """The short blocks around the headline, and the places that they stand in; those after it come first."""
    blocks, places = document.blocks, document.containers.places
    after = range(headline + 1, min(headline + 1 + _AFTER, len(blocks)))
    before = range(max(headline - _BEFORE, 0), headline)
    for number in (*after, *before):
        block = blocks[number]
        where = places[block.container]
        if block.end - block.start <= _LONGEST and not where & _NO_PLACES:
            yield document.text[block.start : block.end], where


def _authors(lines: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Names after "by"; else those that stand alone in a place for them, or beside the date under the headline."""
    waiting = False
    for line, _ in lines:
        if waiting and (found := names(line)):
            return found
        waiting = bool(_ONLY_BY.match(line))
        parted = _PARTED.search(line) or "  " in line or "posted" in line.lower()
        said = _LABELLED.match(line) or (_BY.search(line) if parted else _BY.match(line))
        if said and (found := names(said[1], after_by=len(line) <= _SHORT)):
            return found
    for line, where in lines:
        if where & _PLACES and (found := names(line)):
            return found
    near = [line for line, _ in lines[:_NEAR]]
    for number, line in enumerate(near):
        beside = near[max(number - 1, 0) : number] + near[number + 1 : number + 2]
        if len(line) <= _SHORT and any(printed(other) for other in beside if len(other) <= _SHORT) and (found := names(line)):
            return found
    return ()


def names(text: str, *, after_by: bool = False) -> tuple[str, ...]:
    """Names of persons in a printed line, once each, without dates, roles and credentials.

    `after_by`: "by" stands before them, so that one word will do.
    """
    found: dict[str, str] = {}
    for part in _AND.split(_cut(text)):
        name = part.strip(" .*")
        if _is_name(name, least=1 if after_by else 2) and not (found and _CREDENTIALS.match(name)):
            found.setdefault(name.casefold(), name)
        elif not _CREDENTIALS.match(name):
            break  # what follows a part that is no name is none either
    return tuple(found.values())


def _cut(text: str) -> str:
    text = _LEADING_DATE.sub("", _GLUED_DATE.sub(" | ", text.strip()))
    text = re.sub(r"^(?:(?:written|posted|story|words)\s+)?by\s*:?\s+", "", text.lstrip(" |•·⋅–—-,"), flags=re.IGNORECASE)
    return _NAME_ENDS.sub("", text)


def declared(texts: Iterable[str]) -> tuple[str, ...]:
    """Names in texts that are declared to hold names, once each: one word or an organisation will do."""
    found: dict[str, str] = {}
    for text in filter(None, texts):
        for part in _AND.split(re.sub(r"^by:?\s+", "", " ".join(text.split()), flags=re.IGNORECASE)):
            name = part.strip(" .*")
            if _is_declared(name) and not (found and _CREDENTIALS.match(name)):
                found.setdefault(name.casefold(), name)
    return tuple(found.values())


def _is_name(name: str, least: int = 2) -> bool:
    words = name.split()
    return (
        least <= len(words) <= 5
        and len(name) > 2
        and len(name) <= 50
        and all(_WORD.match(word) and (word[0].isupper() or word in _PARTICLES) for word in words)
        and not _NO_NAMES & {word.casefold().strip(".") for word in words}
    )


def _is_declared(name: str) -> bool:
    words = name.split()
    return 2 < len(name) < 80 and len(words) <= 7 and not _NO_DECLARED.search(name) and name.casefold() not in _NO_NAMES
