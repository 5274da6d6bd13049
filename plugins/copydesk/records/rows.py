"""Records of named fields: JSON, JSON Lines, CSV; and which field of theirs is what."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from ..errors import Unreadable
from ..model import RejectReason
from ..reading.decode import ONE_BY_ONE
from .record import Opened, Record, broken
from .single import whole
from .text import as_utf8

# What exports, feeds and crawlers call their fields; the first that a record has a value for is taken. A source may
# name its own, also inside others: `data.body`.
FIELDS: dict[str, tuple[str, ...]] = {
    "html": ("html", "raw_html", "content_html", "body_html", "html_content", "raw_content", "page_html"),
    "text": ("text", "content", "body", "article", "full_text", "fulltext", "article_text", "maintext", "main_content",
             "articleBody", "content_text"),
    "url": ("url", "link", "uri", "source_url", "canonical_url", "permalink", "href"),
    "title": ("title", "headline", "name"),
    "author": ("author", "authors", "byline", "creator"),
    "date": ("date", "published_at", "published", "publish_date", "date_publish", "datePublished", "date_published", "pub_date", "pubDate",
             "publishedAt", "publication_date", "created_at", "timestamp"),
    "modified": ("modified_at", "modified", "dateModified", "date_modified", "updated_at", "updated"),
    "id": ("id", "_id", "guid", "uuid", "article_id"),
    "language": ("language", "lang"),
    "site_name": ("site_name", "publisher", "source_name"),
    "section": ("section", "category"),
    "tags": ("tags", "keywords"),
    "description": ("description", "summary", "excerpt"),
    "image": ("image", "image_url", "top_image"),
    "encoding": ("encoding", "charset"),
}  # fmt: skip
_BODIES = ("html", "text")
_GIVEN = tuple(field for field in FIELDS if field not in {*_BODIES, "url", "encoding"})
_BLANK = re.compile(r"\s*")
_ROW_LINES = 50_000  # of a CSV row whose quote is not closed
_DEPTH = 5  # of names in names
_EPOCH = (1e8, 4.2e9)  # seconds from 1973 to 2103; thousand times as many are milliseconds


def read_jsonl(opened: Opened) -> Iterator[Record]:
    """An object a line; a line that is none is one bad record. Blank lines are no records."""
    number = offset = 0
    for line, size, whole_line in _lines(opened):
        start, offset = offset, offset + size
        if not line.strip(b" \t\r\n\0"):
            continue
        number += 1
        if not whole_line:
            yield broken(number, start, f"a line of {size} bytes, the policy allows {opened.policy.max_bytes}", RejectReason.TOO_LARGE)
            continue
        yield _json_record(opened, number, start, line)


def _json_record(opened: Opened, number: int, start: int, line: bytes) -> Record:
    try:
        value = json.loads(_decoded(line))
    except (ValueError, RecursionError) as error:
        return broken(number, start, f"not JSON: {error}", data=line)
    if not isinstance(value, dict):
        return broken(number, start, "not a JSON object", data=line)
    return record_of(opened, number, start, value)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8-sig", ONE_BY_ONE)


def _lines(opened: Opened) -> Iterator[tuple[bytes, int, bool]]:
    """Each line, its size, and whether it is whole: of one longer than a document may be only the beginning is held."""
    most = opened.policy.max_bytes
    while line := opened.stream.readline(most + 1):
        if len(line) <= most or line.endswith(b"\n"):
            yield line, len(line), True
            continue
        size = len(line)
        while (more := opened.stream.readline(1 << 20)) and not more.endswith(b"\n"):
            size += len(more)
        yield b"{", size + len(more), False


def read_json(opened: Opened) -> Iterator[Record]:
    """A list's objects, streamed; or the one object; or the objects of the one list that it holds."""
    head = opened.stream.peek(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"["):
        yield from _elements(opened)
        return
    data = whole(opened)
    try:
        value = json.loads(_decoded(data))
    except (ValueError, RecursionError) as error:
        raise Unreadable(RejectReason.BROKEN, f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Unreadable(RejectReason.BROKEN, "neither a JSON object nor a list of objects")
    lists = [v for v in value.values() if isinstance(v, list) and v and all(isinstance(i, dict) for i in v)]
    if len(lists) == 1 and _body(opened, value) is None:
        for number, item in enumerate(lists[0], 1):
            yield record_of(opened, number, 0, item)
    else:
        yield record_of(opened, 1, 0, value)._replace(number=None)


def _elements(opened: Opened) -> Iterator[Record]:
    """The elements of a JSON array, one in memory at a time. What follows a broken one cannot be told apart."""
    window = _Window(opened)
    number = 0
    window.skip("[")
    while not window.at("]"):
        number += 1
        start = window.offset
        yield window.element(number, start)
        window.skip(",")


class _Window:
    """The decoded part of a stream of JSON that is being looked at."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.stream = io.TextIOWrapper(opened.stream, encoding="utf-8-sig", errors=ONE_BY_ONE, newline="")
        self.text = ""
        self.done = 0  # what stands before is done with
        self.offset = 0
        self.decoder = json.JSONDecoder()

    def _more(self, size: int) -> bool:
        piece = self.stream.read(size)
        self.text = self.text[self.done :] + piece
        self.done = 0
        return bool(piece)

    def _pass(self, to: int) -> None:
        self.offset += len(self.text[self.done : to].encode("utf-8", "surrogatepass"))
        self.done = to

    def _to_token(self) -> str:
        while True:
            blank = _BLANK.match(self.text, self.done)
            self._pass(blank.end() if blank else self.done)
            if self.done < len(self.text) or not self._more(65_536):
                return self.text[self.done : self.done + 1]

    def skip(self, token: str) -> None:
        if self._to_token() == token:
            self._pass(self.done + 1)
            self._to_token()

    def at(self, token: str) -> bool:
        found = self._to_token()
        if not found:
            raise Unreadable(RejectReason.BROKEN, f"the list has no end at byte {self.offset}")
        return found == token

    def element(self, number: int, start: int) -> Record:
        most = self.opened.policy.max_bytes
        size = 65_536
        while True:
            try:
                value, end = self.decoder.raw_decode(self.text, self.done)
            except (ValueError, RecursionError) as error:
                if len(self.text) - self.done > most:
                    raise Unreadable(RejectReason.TOO_LARGE, f"at byte {start}: a record of more than {most} characters") from error
                if _is_hopeless(error, self.text) or not self._more(size := size * 2):
                    raise Unreadable(RejectReason.BROKEN, f"at byte {start}: not JSON: {error}") from error
                continue
            if end == len(self.text) and not isinstance(value, dict) and self._more(size):
                continue  # a number may go on
            self._pass(end)
            if not isinstance(value, dict):
                return broken(number, start, "not a JSON object")
            return record_of(self.opened, number, start, value)


def _is_hopeless(error: Exception, text: str) -> bool:
    """Whether more text cannot mend what does not parse: the fault lies well before the end of what was read."""
    if not isinstance(error, json.JSONDecodeError):
        return True
    return error.pos < len(text) - 64 and not error.msg.startswith("Unterminated string")


def read_csv(opened: Opened) -> Iterator[Record]:
    """A row a record, under the names of the first line; a row that does not fit them is one bad record."""
    csv.field_size_limit(max(csv.field_size_limit(), opened.policy.max_bytes))
    rows = _Rows(opened)
    names = rows.names()
    if not names:
        return
    if not any(_known(opened, names, body) for body in _BODIES):
        raise Unreadable(RejectReason.BROKEN, f"no column is known as html or text: {', '.join(names[:20])}; name one in sources.yaml")
    for number in itertools.count(1):
        found = rows.next(len(names))
        if found is None:
            return
        start, values, problem, raw = found
        yield (
            broken(number, start, problem, data=raw) if problem else record_of(opened, number, start, dict(zip(names, values, strict=True)))
        )


class _Rows:
    """The rows of a CSV stream with their places. A row ends where its quotes are closed.

    One whose quote is never closed swallows no more than itself: its first line is the bad row, the next line begins anew.
    """

    def __init__(self, opened: Opened) -> None:
        self.stream = as_utf8(opened.stream)
        self.most = opened.policy.max_bytes
        self.back: list[bytes] = []  # lines that were looked at, last first
        self.offset = self.quotes = 0
        first = self._line()
        self.back.append(first)
        tabs = opened.name.lower().endswith((".tsv", ".tab"))
        self.delimiter = "\t" if tabs else max(",;\t", key=lambda mark: first.count(mark.encode()))

    def names(self) -> list[str]:
        found = self.next(None)
        return [name.strip() for name in found[1]] if found else []

    def next(self, width: int | None) -> tuple[int, list[str], str, bytes] | None:
        """(offset, values, problem, bytes) of the next row that is not blank; None at the end."""
        while line := self._line():
            start = self.offset
            if not line.strip():
                self.offset += len(line)
                continue
            lines, size = [line], len(line)
            while self._is_open(lines) and size <= self.most and len(lines) < _ROW_LINES and (more := self._line()):
                lines.append(more)
                size += len(more)
            values, problem = self._parse(b"".join(lines), width)
            if problem:
                self.back.extend(reversed(lines[1:]))
                del lines[1:]
            self.offset += sum(map(len, lines))
            return start, values, problem, lines[0] if problem else b""
        return None

    def _is_open(self, lines: list[bytes]) -> bool:
        self.quotes = lines[-1].count(b'"') + (self.quotes if len(lines) > 1 else 0)
        return self.quotes % 2 == 1

    def _parse(self, row: bytes, width: int | None) -> tuple[list[str], str]:
        try:
            values = next(csv.reader(io.StringIO(row.decode(), newline=""), delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            return [], f"not a row: {error}"
        if width is not None and len(values) != width:
            return [], f"{len(values)} fields, the first line names {width}"
        return values, ""

    def _line(self) -> bytes:
        return self.back.pop() if self.back else self.stream.readline(self.most + 1)


def record_of(opened: Opened, number: int, offset: int, row: Mapping[str, Any]) -> Record:
    """The record of a row: its html or text, and what else its fields say of it."""
    found = _body(opened, row)
    if found is None:
        names = ", ".join(map(str, list(row)[:20]))
        return broken(number, offset, f"no field of it is known as html or text: {names}; name one in sources.yaml")
    kind, body = found
    given = {}
    for field in _GIVEN:
        if value := as_text(first(opened, row, field), field):
            given[field] = value
    url = as_text(first(opened, row, "url"), "url")
    if isinstance(body, bytes) and (encoding := as_text(first(opened, row, "encoding"), "encoding")):
        given["encoding"] = encoding
    return Record(number, body, "text/html" if kind == "html" else None, given, url, offset)


def _body(opened: Opened, row: Mapping[str, Any]) -> tuple[str, str | bytes] | None:
    for kind in _BODIES:
        value = first(opened, row, kind)
        if isinstance(value, (str, bytes)) and value.strip():
            return kind, value
    return None


def _known(opened: Opened, names: list[str], field: str) -> bool:
    return any(name in names for name in (*opened.fields.get(field, ()), *FIELDS[field]))


def first(opened: Opened, row: Mapping[str, Any], field: str) -> Any:
    """The value of a field, under the first name for it that has one; a source's names come first."""
    for name in opened.fields.get(field, FIELDS[field]):
        value: Any = row.get(name)
        if value is None and "." in name:
            value = row
            for part in name.split("."):
                value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None and value != "":
            return value
    return None


def as_text(value: Any, field: str, depth: int = _DEPTH) -> str | None:
    """A field's value as the text that `RawDocument.given` holds: times as ISO 8601, several names one a line."""
    if not depth:
        return None
    is_time = field in {"date", "modified"}
    match value:
        case str():
            text = _epoch(float(value)) if is_time and re.fullmatch(r"\d{9,13}(?:\.\d+)?", value) else value.strip()
        case datetime() | date():
            text = value.isoformat()
        case list():
            text = "\n".join(filter(None, (as_text(item, field, depth - 1) for item in value[:50])))
        case {"name": inner} | {"title": inner} | {"url": inner}:
            text = as_text(inner, field, depth - 1)
        case int() | float() if not isinstance(value, bool):
            text = _epoch(value) if is_time else str(value)
        case _:
            text = None
    return text or None


def _epoch(value: float) -> str | None:
    """The UTC time of seconds or milliseconds since 1970, in a plausible year."""
    if not _EPOCH[0] <= value <= _EPOCH[1] * 1000:
        return None
    seconds = value / 1000 if value >= _EPOCH[0] * 1000 else value
    return datetime.fromtimestamp(seconds, UTC).isoformat() if _EPOCH[0] <= seconds <= _EPOCH[1] else None
