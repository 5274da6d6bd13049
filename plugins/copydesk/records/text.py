"""Streams of text in other encodings, as UTF-8."""

from __future__ import annotations

import codecs
import io

from ..errors import Unreadable
from ..reading.decode import ONE_BY_ONE, encoding_of
from .unpack import CHUNK, buffered


def transcoded(stream: io.BufferedReader, encoding: str) -> io.BufferedReader:
    """The stream as UTF-8, without a byte order mark; bytes that do not fit are read as Windows-1252."""
    decoder = codecs.getincrementaldecoder(encoding)(ONE_BY_ONE)
    waiting = b""
    first = True

    def fill(size: int) -> bytes:
        nonlocal waiting, first
        while not waiting:
            data = stream.read1(CHUNK)
            text = decoder.decode(data, final=not data)
            if first and text:
                text, first = text.removeprefix("\ufeff"), False
            waiting = text.encode("utf-8", "replace")
            if not data:
                break
        piece, waiting = waiting[:size], waiting[size:]
        return piece

    return buffered(fill)


def as_utf8(stream: io.BufferedReader, declared: str | None = None) -> io.BufferedReader:
    """The stream as UTF-8; the encoding is told from its first bytes and what it declares."""
    head = stream.peek(CHUNK)
    try:
        encoding = encoding_of(_whole_lines(head), declared=declared)
    except Unreadable:
        encoding = "utf-8"  # its reader will say what is wrong
    return transcoded(stream, encoding)


def _whole_lines(head: bytes) -> bytes:
    """The head up to its last line end, so that no character is cut in two."""
    end = head.rfind(b"\n")
    return head[: end + 1] if end > 0 else head
