"""BeautifulSoup as the independent witness of what the visible text of a page is.

`python -m tests.witness` hears it on every development page and writes down a digest of what it says, in `cases/witness.json`:
html5lib takes minutes for that, and says the same every time.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path

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


STATEMENTS = Path(__file__).parent / "cases" / "witness.json"


def statement(html: str) -> str:
    """A digest of the visible letters of a page, as BeautifulSoup sees it on html5lib's tree."""
    return digest(visible_text(html))


def digest(text: str) -> str:
    """A digest of the letters of a text."""
    return hashlib.sha256(letters(text).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def main() -> None:
    from rich.progress import track

    from copydesk.reading.decode import decode
    from tests.development import pages

    said = {row["id"]: statement(decode(row["html"], html=True)[0]) for row in track(pages(), "hearing the witness")}
    STATEMENTS.write_text(json.dumps(said, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
