"""How text from outside is put on a page: escaped by the templates, its controls made visible, links made relative."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ..overruling import Scope

HERE = Path(__file__).parent
SCOPES = {
    Scope.DOCUMENT: "this text in this document only",
    Scope.TEXT: "exactly this text in every document of the source (a campaign)",
    Scope.PHRASE: "every block of the source with this phrase in it (a site rule)",
    Scope.SELECTOR: "every block in the elements of the source's pages that this CSS selector matches (a site rule)",
}
# Controls, direction overrides, isolates and invisible characters: they must not steer the page, and a person should see them.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")


def plain(text: str) -> str:
    """Text whose steering characters stand as their code points: `⟨U+202E⟩`."""
    return _STEERING.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def link(page: str, **parameters: Any) -> str:
    """A relative link to a page of the desk; empty parameters are left out."""
    given = {name: value for name, value in parameters.items() if value not in ("", None)}
    query = urlencode(given, errors="replace")
    return f"{page}?{query}" if query else page


def environment() -> Environment:
    """The templates: everything in them is escaped, and an unknown name is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["link"] = link
    made.globals["exact"] = lambda text: Markup(escape(text))  # noqa: S704 - escaped; a form must send what stood there, controls too
    made.filters |= {"percent": percent, "amount": amount, "css": css, "moment": moment, "with": lambda given, **more: {**given, **more}}
    return made


def _visible(value: Any) -> Any:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def amount(number: float | None) -> str:
    """A number with narrow no-break spaces between thousands."""
    return "–" if number is None else f"{number:,.0f}".replace(",", "\u202f")


def css(name: str) -> str:
    """A name of ours (a label, a reason) as a class name."""
    return re.sub(r"[^a-z]+", "-", unicodedata.normalize("NFKD", name).lower())


def line(values: list[float | None], width: int, height: int, most: float) -> list[str]:
    """Values over time as the points of SVG polylines, a new one after each gap; `most` is at the top."""
    step = width / max(len(values) - 1, 1)
    pieces: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{index * step:.1f},{height - height * min(value / most, 1) if most else height:.1f}")
    return [" ".join(piece if len(piece) > 1 else piece * 2) for piece in pieces if piece]


def moment(when: str) -> str:
    """An ISO 8601 moment of a row, to the minute."""
    return f"{when[:16].replace('T', ' ')} UTC"
