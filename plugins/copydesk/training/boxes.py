"""Boxes of our own writing set into training pages: promos between paragraphs, which the labelled pages seldom have."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import Any

from ..errors import SettingError

_PARAGRAPH = re.compile(r"<p\b[^>]*>((?:(?!<p\b).){20,4000}?)</p>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")
_LEAST = 5  # words of a paragraph after which a box is set
_MOST = 3  # boxes a page
_LONGEST_AD = 5  # lines
_ENGLISH = 0.4  # share of the boxes: the pages are English, other languages are to be known too

# What stands around a box, and around each part of it; {} is the class, if there is one.
_FRAMES = (
    "<div{}>%s</div>",
    "<div{}><div>%s</div></div>",
    "<aside{}>%s</aside>",
    "<section{}>%s</section>",
    "<div{}><div><div>%s</div></div></div>",
    "%s",
)
_TITLES = ("<h3>%s</h3>", "<h4>%s</h4>", "<p><strong>%s</strong></p>", "<div>%s</div>", "<h2>%s</h2>", "<span>%s</span>")
_LINES = ("<p>%s</p>", "<div>%s</div>", "<p><em>%s</em></p>", "<p class='text'>%s</p>")
_LINKS = ("<p><a href='#'>%s</a></p>", "<p><strong><a href='#'>%s</a></strong></p>", "<div><a href='#'>%s</a></div>")
_ITEMS = ("<ul>%s</ul>", "<div>%s</div>")
_ACTIONS = (
    "<a href='#'>%s</a>",
    "<p><a href='#'>%s</a></p>",
    "<form><input type='email'><button>%s</button></form>",
    "<button>%s</button>",
)
# Mostly names that tell nothing: what tells by its name is known already.
_CLASSES = ("", "", "", "inline-block", "c-item c-item--wide", "wp-block-group", "box", "module module-12", "article-insert", "embed")
_TELLING = {"newsletter": "newsletter-signup", "related": "related", "donation": "support-us", "app": "app-promo"}


@dataclass(frozen=True, slots=True)
class Box:
    """A promo: an optional title, its lines, the text of its button; `kind` says what it is for."""

    language: str
    kind: str
    title: str
    lines: tuple[str, ...]
    action: str


def load(folder: Path) -> list[Box]:
    """The boxes and the shorter ads below a folder of our own texts. Raises SettingError when there are none."""
    boxes = [Box(row["language"], row["kind"], row["title"], tuple(row["lines"]), row["action"]) for row in _rows(folder / "boxes")]
    if not boxes:
        raise SettingError(f"{folder}: no boxes/*.jsonl; name the folder of own texts with --own")
    for row in _rows(folder / "ads"):
        lines = tuple(line.strip() for line in row["text"].splitlines() if line.strip())
        if len(lines) <= _LONGEST_AD:
            boxes.append(Box(row["language"], "ad", "", lines, ""))
    return boxes


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl")):
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def insert(page: str, article: str, boxes: Sequence[Box], order: random.Random) -> tuple[str, list[str]]:
    """The page with one to three boxes after paragraphs of its article, and the texts of their parts; as it was without any."""
    known = _trigrams(article)
    ends = [match.end() for match in _PARAGRAPH.finditer(page) if _is_of(match.group(1), known)]
    if not ends:
        return page, []
    places = set(order.sample(ends, min(len(ends), order.randint(1, _MOST))))
    if len(ends) > 2 and order.random() < 0.3:
        places.add(ends[-2])  # one paragraph follows: it is of the article all the same
    texts: list[str] = []
    for at in sorted(places, reverse=True):
        box = order.choice([b for b in boxes if (b.language == "en") == (order.random() < _ENGLISH)] or boxes)
        texts += [box.title, *box.lines, box.action]
        page = page[:at] + _markup(box, order) + page[at:]
    return page, [text for text in texts if text]


def _trigrams(text: str) -> set[tuple[str, str, str]]:
    words = _WORD.findall(text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def _is_of(markup: str, known: set[tuple[str, str, str]]) -> bool:
    text = unescape(_TAG.sub(" ", markup))
    own = _trigrams(text)
    return len(own) >= _LEAST and len(own & known) > 0.7 * len(own)


def _markup(box: Box, order: random.Random) -> str:
    """One way to mark a box up, drawn at random."""
    if box.kind == "related" and not box.title:
        parts = order.choice(_LINKS) % escape(box.lines[0])
        head, colon, rest = box.lines[0].partition(":")
        if colon and order.random() < 0.4:
            parts = f"<p><strong>{escape(head)}:</strong> <a href='#'>{escape(rest.strip())}</a></p>"
    elif box.kind == "related":
        items = "".join(f"<li><a href='#'>{escape(line)}</a></li>" for line in box.lines)
        parts = order.choice(_TITLES) % escape(box.title) + order.choice(_ITEMS) % items
    else:
        line = order.choice(_LINES)
        parts = (order.choice(_TITLES) % escape(box.title) if box.title else "") + "".join(line % escape(each) for each in box.lines)
        parts += order.choice(_ACTIONS) % escape(box.action) if box.action else ""
    name = _TELLING.get(box.kind, "") if order.random() < 0.2 else order.choice(_CLASSES)
    return (order.choice(_FRAMES) % parts).replace("{}", f" class='{name}'" if name else "")
