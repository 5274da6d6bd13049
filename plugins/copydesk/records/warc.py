"""Web archives. The frames of records are told here, for no library tells a length that lies; what is in them fastwarc parses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fastwarc.warc import WarcRecord

from ..errors import Unreadable
from ..model import RejectReason
from .record import Opened, Record, broken
from .unpack import CHUNK

_BEGIN = re.compile(rb"^WARC/[01]\.\d{1,3}[ \t]*\r?\n", re.MULTILINE)
_END = b"\r\n\r\n"  # of a record
_HEADER_END = re.compile(rb"\n\r?\n")
_LINE_ENDS = re.compile(rb"[\r\n]*")
_LINE = 64  # bytes that hold the line that begins a record, and the line ends before it
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_TYPE = re.compile(rb"^warc-type[ \t]*:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_DOCUMENTS = (b"response", b"resource", b"conversion")
_LONGEST_HEADER = 262_144
_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown")
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate", "br", "zstd"})


class _Frame(NamedTuple):
    """A record as it stands in the file; `problem` says why its length cannot be believed."""

    number: int
    offset: int
    header: bytes
    block: bytes
    problem: str = ""
    reason: RejectReason = RejectReason.BROKEN


def read(opened: Opened) -> Iterator[Record]:
    """The documents of a web archive, under the numbers of their records (requests and the like count, too).

    Responses with a status that is no success and what is neither HTML nor text are skipped. `#n` finds a record again in
    any tool that counts records.
    """
    for frame in _Frames(opened).read():
        if frame.problem:
            yield broken(frame.number, frame.offset, frame.problem, frame.reason)
            continue
        kind = _TYPE.search(frame.header)
        if not kind or kind[1].lower() not in _DOCUMENTS:
            opened.skipped[kind[1].decode().lower() if kind else "no type"] += 1
            continue
        record = _document(opened, frame)
        if record:
            yield record


def _document(opened: Opened, frame: _Frame) -> Record | None:
    try:
        record = WarcRecord.from_bytes(frame.header + frame.block)
        if record.is_http:
            record.parse_http(auto_decode="all")
        skip = _no_document(record)
        if skip:
            opened.skipped[skip] += 1
            return None
        data = record.reader.read(opened.policy.max_bytes + 1)
    except (OSError, ValueError) as error:
        return broken(frame.number, frame.offset, str(error), data=frame.block)
    if len(data) > opened.policy.max_bytes:
        return broken(frame.number, frame.offset, f"more than {opened.policy.max_bytes} bytes unpacked", RejectReason.TOO_LARGE)
    given = {"crawled": record.headers.get("WARC-Date", ""), "id": record.headers.get("WARC-Record-ID", "")}
    if record.is_http_parsed and record.http_charset:
        given["encoding"] = record.http_charset
    kind = _media_type(record)
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>") or None
    return Record(frame.number, data, kind or None, {k: v for k, v in given.items() if v}, url, frame.offset)


def _no_document(record: WarcRecord) -> str:
    """What a record is that holds no article; "" for one that may."""
    if record.is_http_parsed:
        status = record.http_headers.status_code
        if status is not None and not 200 <= status < 300:
            return f"status {status}"
        encoding = (record.http_headers.get("Content-Encoding") or "").strip().lower()
        if encoding not in _ENCODINGS:
            return f"content encoding {encoding[:20]}"
    kind = _media_type(record)
    return "" if not kind or kind in _TYPES else kind


def _media_type(record: WarcRecord) -> str:
    kind = record.http_content_type if record.is_http_parsed else record.headers.get("Content-Type")
    identified = record.headers.get("WARC-Identified-Payload-Type")
    return (kind or identified or "").split(";")[0].strip().lower()[:60]


class _Frames:
    """The frames of a stream of records. Where one's length is not true, reading goes on at the next line that begins one.

    `data[at:]` is what was read and not yet told; `base` is the offset of `data[0]` in the file.
    """

    def __init__(self, opened: Opened) -> None:
        self.stream = opened.stream
        self.most = opened.policy.max_bytes
        self.data = b""
        self.at = self.base = 0
        self.number = 0
        self.failed: Unreadable | None = None
        self.told = False  # whether a record tells of the failure

    def read(self) -> Iterator[_Frame]:
        while not (self._ends() and self.at == len(self.data)):
            self.number += 1
            if _BEGIN.match(self.data, self.at):
                yield self._frame()
            else:
                start = self.base + self.at
                self._to_next()
                yield _Frame(self.number, start, b"", b"", self._why(f"{self.base + self.at - start} bytes that are no record"))
        if self.failed and not self.told:
            raise self.failed

    def _frame(self) -> _Frame:
        start, begin = self.base + self.at, self.at
        header = self._header()
        length = _LENGTH.search(header)
        if not length:
            self.at += 1  # past the line that it begins with
            self._to_next()
            return _Frame(self.number, start, header, b"", self._why("its header tells no length"))
        size = int(length[1])
        self.at = begin = begin + len(header)
        if size > self.most:
            return self._passed(start, header, size)
        begin -= self._hold(size)
        block = self.data[begin : begin + size]
        self.at = begin + len(block)
        if len(block) == size and self._ends():
            return _Frame(self.number, start, header, block)
        if len(block) == size and self.data.startswith(_END, self.at):
            self.at += len(_END)  # whole, though what follows is no record
            return _Frame(self.number, start, header, block)
        self.at = begin
        self._to_next()
        what = f"it ends after {len(block)} of {size} bytes" if len(block) < size else f"its length of {size} bytes is not true"
        return _Frame(self.number, start, header, b"", self._why(what))

    def _why(self, what: str) -> str:
        """What is wrong with the record that was told last, and with the stream, where that is the cause."""
        if not self.failed or self.at < len(self.data):
            return what
        self.told = True
        return f"{what}: {self.failed.detail}"

    def _passed(self, start: int, header: bytes, size: int) -> _Frame:
        """A record larger than a document may be. Where its length is a lie, it ends at the next one."""
        end = self.base + self.at + size
        self._to_next()
        kind = _TYPE.search(header)
        if self.base + self.at < end:
            return _Frame(self.number, start, header, b"", f"its length of {size} bytes is not true")
        if kind and kind[1].lower() in _DOCUMENTS:
            return _Frame(self.number, start, header, b"", f"{size} bytes, the policy allows {self.most}", RejectReason.TOO_LARGE)
        return _Frame(self.number, start, header, b"")

    def _hold(self, size: int) -> int:
        """See to it that `size` bytes from `at` on are held, where there are so many; how far they moved."""
        missing = self.at + size - len(self.data)
        if missing <= 0:
            return 0
        moved = self.at
        self.data = b"".join([self.data[moved:], *self._pieces(missing)])
        self.base += moved
        self.at = 0
        return moved

    def _pieces(self, size: int) -> Iterator[bytes]:
        """At least `size` bytes more, where there are so many. A stream that fails ends there; why is told by the record."""
        while size > 0 and self.failed is None:
            try:
                piece = self.stream.read1(max(size, CHUNK))
            except Unreadable as error:
                self.failed = error
                return
            if not piece:
                return
            yield piece
            size -= len(piece)

    def _header(self) -> bytes:
        size = 0
        while not (end := _HEADER_END.search(self.data, self.at)) and size < _LONGEST_HEADER and len(self.data) - self.at >= size:
            size += CHUNK
            self._hold(size)
        return self.data[self.at : end.end()] if end else self.data[self.at : self.at + size]

    def _ends(self) -> bool:
        """Whether a record may begin here: line ends, and then a line that begins one or the end of the file."""
        before = self.at
        before -= self._hold(_LINE)
        gap = _LINE_ENDS.match(self.data, self.at)
        at = gap.end() if gap else self.at
        if at < len(self.data) and not _BEGIN.match(self.data, at):
            self.at = before
            return False
        self.at = at
        return True

    def _to_next(self) -> bool:
        """To the next line that begins a record, past whatever else there is; whether there is one."""
        while True:
            if found := _BEGIN.search(self.data, self.at):
                self.at = found.start()
                return True
            line = self.data.rfind(b"\n", max(self.at, len(self.data) - _LINE))
            self.at = line if line >= 0 else len(self.data)  # what may be cut off of such a line
            held = len(self.data) - self.at
            self._hold(held + 1)
            if len(self.data) - self.at == held:
                self.at = len(self.data)
                return False
