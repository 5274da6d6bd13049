"""BeautifulSoup as the independent witness of what the visible text of a page is."""

from __future__ import annotations

import warnings

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import CData, Comment, Declaration, Doctype, ProcessingInstruction

# Section 15.3.1 of the HTML Standard ("Hidden elements"), and iframe, whose text no browser shows.
NEVER_RENDERED = frozenset(
    "area base basefont datalist head link meta noembed noframes param rp script style template title iframe".split()
)


def visible_text(html: str, parser: str = "html5lib") -> str:
    """The visible text of a page as BeautifulSoup sees it, as it stands in its nodes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        soup = BeautifulSoup(html, parser)
    pieces: list[str] = []
    stack: list[Tag] = [soup.body or soup]
    while stack:
        item = stack.pop()
        if isinstance(item, Tag):
            if item.name not in NEVER_RENDERED:
                stack.extend(reversed(item.contents))  # type: ignore[arg-type]
        elif isinstance(item, NavigableString) and not isinstance(item, (Comment, CData, Declaration, Doctype, ProcessingInstruction)):
            pieces.append(str(item))
    return "".join(pieces)


def letters(text: str) -> str:
    """The text without white space: what must be conserved."""
    return "".join(text.split())
