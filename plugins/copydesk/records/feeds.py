"""RSS, Atom and WordPress exports, parsed as they stream in: expat knows no network and is told no entities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from html.entities import html5
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from ..errors import Unreadable
from ..model import RejectReason
from .record import Opened, Record, broken
from .text import as_utf8
from .unpack import CHUNK

_ITEMS = frozenset({"item", "entry"})
_NEXT_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>]")
_LONGEST_TOKEN = 64  # bytes that may hold the beginning of the next item's tag
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_XML_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}?\?>")
# Control characters that XML forbids and that feeds hold all the same; as spaces they move nothing.
_CONTROLS = bytes.maketrans(bytes(set(range(32)) - {9, 10, 13}), b" " * 29)
_DEEPEST = 200
_LONGEST_HEAD = 1_000_000
_PARAGRAPH = re.compile(r"<p[\s>]|<!-- wp:", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
# An item's fields by the local names of their elements, "author name" for a name in an author. The first with a value is taken.
_FIELDS = {
    "title": ("title",),
    "author": ("creator", "author name", "author"),
    "date": ("pubDate", "published", "post_date_gmt", "date", "issued", "updated"),
    "modified": ("updated", "post_modified_gmt"),
    "id": ("guid", "id"),
    "tags": ("category",),
    "description": ("summary", "description"),
}
_BODIES = ("encoded", "content", "summary", "description")
_TEXTS = frozenset().union(*_FIELDS.values(), _BODIES) | {"link", "post_type", "status"}
_MEDIA = "http://search.yahoo.com/mrss/"  # its title, description and content are a picture's
_NO_ARTICLE = {"post_type": ("post", "page"), "status": ("publish",)}  # what else WordPress exports is skipped


def read(opened: Opened) -> Iterator[Record]:
    """The items of a feed with their HTML. After a broken item reading goes on at the next one.

    Offsets are bytes of the feed as UTF-8.
    """
    declared = _DECLARED.search(opened.stream.peek(CHUNK)[:512])
    stream = as_utf8(opened.stream, declared[1].decode() if declared else None)
    feed = _Feed(opened)
    data = stream.read1(CHUNK)
    if declaration := _XML_DECLARATION.match(data):  # it may name an encoding that is no longer true
        data = b" " * declaration.end() + data[declaration.end() :]
    while data:
        yield from feed.parse(data.translate(_CONTROLS))
        data = stream.read1(CHUNK)
    yield from feed.close()


class _Feed:
    """The state of one feed: the parser, the item that is open, and where in the feed they are."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.number = 0
        self.done: list[Record] = []
        self.site: dict[str, str] = {}
        self.head: bytes = b""  # all before the first item: a new parser begins with it
        self.has_items = False
        self.at = 0  # where the bytes begin that are parsed now
        self.lost: bytes | None = None  # after an error: bytes in which the next item is looked for
        self._begin(0)

    def _begin(self, base: int) -> None:
        """A new parser, whose first byte is the feed's byte `base`."""
        self.base = base
        self.parser = parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.UseForeignDTD(True)
        parser.ExternalEntityRefHandler = lambda *_: 1  # nothing is fetched
        parser.EntityDeclHandler = _refuse_entity
        parser.SkippedEntityHandler = lambda name, _: self._characters(html5.get(f"{name};", f"&{name};"))
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        self.path: list[str] = []
        self.item: dict[str, list[str]] | None = None
        self.begins = self.size = 0
        self.pieces: list[str] = []
        self.markup = 0  # the depth of the element whose content is XHTML

    def parse(self, data: bytes) -> Iterator[Record]:
        while data:
            if self.lost is not None and not (data := self._next_item(data)):
                return
            if not self.has_items:
                self.head = (self.head + data)[:_LONGEST_HEAD]
            try:
                self.parser.Parse(data, False)
                self.at += len(data)
                data = b""
            except expat.ExpatError as error:
                data = data[self._broken(error) :]
            yield from self.done
            self.done = []

    def close(self) -> Iterator[Record]:
        if self.lost is None:
            try:
                self.parser.Parse(b"", True)
            except expat.ExpatError as error:
                self._fail(f"the feed ends early: {expat.errors.messages[error.code]}")
        yield from self.done

    def _broken(self, error: expat.ExpatError) -> int:
        """Give up what is broken; how many of the bytes that are parsed now are done with."""
        stop = self.base + self.parser.ErrorByteIndex
        self._fail(f"not well-formed at byte {stop}: {expat.errors.messages[error.code]}")
        done = max(0, stop - self.at, self.begins + 1 - self.at)
        self.at += done
        self.lost = b""
        return done

    def _fail(self, what: str) -> None:
        self.number += 1
        self.done.append(broken(self.number, self.begins if self.item is not None else self._here(), what))

    def _next_item(self, data: bytes) -> bytes:
        """The bytes from the next item on, with a new parser that has seen what stands before all items."""
        data = (self.lost or b"") + data
        found = _NEXT_ITEM.search(data)
        if not found or not self.has_items:
            self.lost = data[-_LONGEST_TOKEN:]
            self.at += len(data) - len(self.lost)
            return b""
        self.lost = None
        self.at += found.start()
        self._begin(self.at - len(self.head))
        self.parser.Parse(self.head, False)
        return data[found.start() :]

    def _here(self) -> int:
        return max(0, self.base + self.parser.CurrentByteIndex)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if self.markup:
            inside = "".join(f" {key.rpartition(' ')[2]}={quoteattr(value)}" for key, value in attributes.items())
            self._add(f"<{local}{inside}>")
        self.path.append(local)
        if len(self.path) > _DEEPEST:
            raise Unreadable(RejectReason.TOO_DEEP, f"more than {_DEEPEST} elements are open at byte {self._here()}")
        if self.markup:
            return
        self.pieces = []
        if self.item is None and local in _ITEMS:
            self.item, self.begins, self.size = {}, self._here(), 0
            if not self.has_items:
                self.has_items = True
                self.head = self.head[: self.begins]
        elif self.item is not None and space != _MEDIA:
            self._field(local, attributes)

    def _field(self, local: str, attributes: dict[str, str]) -> None:
        assert self.item is not None
        if local == "link" and attributes.get("href") and attributes.get("rel", "alternate") == "alternate":
            self.item.setdefault("link", []).append(attributes["href"])
        elif local == "category" and attributes.get("term"):
            self.item.setdefault("category", []).append(attributes["term"])
        elif local in {"content", "summary"}:
            kind = attributes.get("type", "text")
            self.item[f"{local} type"] = [kind]
            self.markup = len(self.path) if kind == "xhtml" else 0

    def _end(self, name: str) -> None:
        space, _, local = name.rpartition(" ")
        if self.markup and len(self.path) > self.markup:
            self.path.pop()
            self._add(f"</{local}>")
            return
        self.markup = 0
        self.path.pop()
        text = "".join(self.pieces).strip()
        self.pieces = []
        if self.item is None:
            if len(self.path) in {1, 2} and self.path[-1] in {"channel", "feed"} and local in {"title", "language"} and text:
                self.site.setdefault(local, text)
        elif local in _ITEMS:
            self._finish(self.item)
            self.item = None
        elif text and space != _MEDIA:
            key = "author name" if local == "name" and self.path[-1:] == ["author"] else local
            if key in _TEXTS:
                self.item.setdefault(key, []).append(text)

    def _characters(self, text: str) -> None:
        self._add(escape(text) if self.markup else text)

    def _add(self, text: str) -> None:
        self.size += len(text)
        if self.item is None or self.size <= self.opened.policy.max_bytes:
            self.pieces.append(text)

    def _finish(self, item: dict[str, list[str]]) -> None:
        self.number += 1
        for key, allowed in _NO_ARTICLE.items():
            if key in item and item[key][0] not in allowed:
                self.opened.skipped[f"{key.replace('_', ' ')} {item[key][0]}"] += 1
                return
        if self.size > self.opened.policy.max_bytes:
            what = f"more than {self.opened.policy.max_bytes} characters (max_bytes of the policy)"
            self.done.append(broken(self.number, self.begins, what, RejectReason.TOO_LARGE))
        else:
            self.done.append(self._record(item))

    def _record(self, item: dict[str, list[str]]) -> Record:
        given: dict[str, str] = {}
        for field, names in _FIELDS.items():
            values = next((item[name] for name in names if name in item), None)
            if values:
                given[field] = (
                    "\n".join(values) if field in {"tags", "author"} else _iso(values[0]) if field in {"date", "modified"} else values[0]
                )
        given |= {"site_name": self.site["title"]} if "title" in self.site else {}
        given |= {"language": self.site["language"]} if "language" in self.site else {}
        body = next((name for name in _BODIES if name in item), "")
        text = item[body][0] if body else ""
        given = {k: v for k, v in given.items() if k != "description" or v != text}
        plain = body in {"content", "summary"} and item.get(f"{body} type", ["html"])[0] == "text" and "<" not in text
        if not plain and not _PARAGRAPH.search(text):  # WordPress exports and hand-made feeds part paragraphs by blank lines
            text = _BLANK_LINES.sub("\n<p>", text)
        url = next(iter(item.get("link", ())), None)
        return Record(self.number, text, "text/plain" if plain else "text/html", given, url, self.begins)


def _refuse_entity(name: str, *_: Any) -> None:
    raise Unreadable(RejectReason.BROKEN, f"it declares an entity ({name[:40]}), which feeds never need and bombs are made of")


def _iso(text: str) -> str:
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError):
        return text
