"""Plain text to blocks: a line is a block, a hard-wrapped paragraph is joined again, a blank line parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from ..errors import Unreadable
from ..model import Block, Containers, Document, Kind, RejectReason
from ..policy import Policy

_BULLET = re.compile(r"(?:[•‣◦▪●○∙·*+–—-]|\(?\d{1,3}[.)]|\(?[a-z]\))\s+\S")
_SENTENCE_END = (".", "!", "?", "…", ":", ";", ",", '."', ".”", "!”", "?”", ".»", "。", "！", "？")

# A text is hard-wrapped when lines end where the next word would not have fit any more.
_WIDEST_WRAP = 100
_NARROWEST_WRAP = 40
_SURE_WRAP = 60
_FULL_SHARE = 0.7
_LONGEST_HEADING = 160
_SHORT_LINE = 60


class _Line(NamedTuple):
    """A non-empty line, without the white space at its ends; `breaks` counts the line ends before it."""

    start: int
    end: int
    indent: int
    breaks: int

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def width(self) -> int:
        return self.indent + self.length


# Of a tuple of their fields, without a call of Python.
_AS_BLOCK, _AS_LINE = partial(tuple.__new__, Block), partial(tuple.__new__, _Line)


def read_plain(text: str, encoding: str, policy: Policy) -> Document:
    """The document of a plain text; its visible text is the decoded file itself.

    Raises Unreadable when it holds more blocks than the policy allows.
    """
    lines = _lines(text)
    width = _wrap_width(text, lines)
    spans = list(_paragraphs(text, lines, width))
    if len(spans) > policy.max_blocks:
        raise Unreadable(RejectReason.TOO_MANY_BLOCKS, f"{len(spans)} paragraphs, the policy allows {policy.max_blocks}")
    blocks = tuple(map(_AS_BLOCK, _blocks(text, spans)))
    return Document(text, blocks, "text/plain", encoding, containers=Containers(lasts=(len(blocks),)))


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    at = 0
    last = 0
    for number, raw in enumerate(text.splitlines(keepends=True)):
        if line := raw.strip():
            indent = 0 if line[0] == raw[0] else len(raw) - len(raw.lstrip())
            lines.append(_AS_LINE((at + indent, at + indent + len(line), indent, number - last if lines else 2)))
            last = number
        at += len(raw)
    return lines


def _wrap_width(text: str, lines: Sequence[_Line]) -> int | None:
    """The column at which the text is hard-wrapped, or None when it is not.

    Lines that the next line continues without a blank line must nearly all be full: the next word
    would have passed the widest of them.
    """
    pairs = [(a, b) for a, b in pairwise(lines) if b.breaks == 1]
    width = max((a.width for a, _ in pairs if a.width <= _WIDEST_WRAP), default=0)
    if width < _NARROWEST_WRAP:
        return None
    full = sum(_is_full(text, a, b, width) for a, b in pairs)
    return width if full >= max(2 if width >= _SURE_WRAP else 3, _FULL_SHARE * len(pairs)) else None


def _is_full(text: str, line: _Line, following: _Line, width: int) -> bool:
    """Whether a line has no room for the first word of the next."""
    return line.width <= width < line.width + 1 + len(text[following.start : following.end].split(None, 1)[0])


def _paragraphs(text: str, lines: Sequence[_Line], width: int | None) -> Iterator[tuple[int, int, int]]:
    """Yields (start, end, line ends before) of each block, joining the lines of hard-wrapped paragraphs."""
    i = 0
    while i < len(lines):
        first = lines[i]
        j = i
        while width is not None and j + 1 < len(lines) and _continues(text, lines[j], lines[j + 1], width):
            j += 1
        yield first.start, lines[j].end, first.breaks
        i = j + 1


def _continues(text: str, line: _Line, following: _Line, width: int) -> bool:
    return (
        following.breaks == 1
        and line.length > width // 2
        and _is_full(text, line, following, width)
        and not (_BULLET.match(text, following.start) and text[following.start] not in "–—-")
        and following.indent <= line.indent + 1 + 2 * bool(_BULLET.match(text, line.start))
    )


def _blocks(text: str, spans: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int, Kind, int, int, int]]:
    """Yields the fields of each block."""
    for i, (start, end, breaks) in enumerate(spans):
        after = spans[i + 1][2] if i + 1 < len(spans) else 2
        kind, level = _kind(text[start:end], i, breaks, after)
        yield start, end, kind, level, 0, 0


def _kind(line: str, index: int, before: int, after: int) -> tuple[Kind, int]:
    """The kind and level of a line that has `before` and `after` line ends around it."""
    if _BULLET.match(line):
        return Kind.LIST_ITEM, 1
    alone = before > 1 and after > 1
    if len(line) <= _LONGEST_HEADING and not line.endswith(_SENTENCE_END) and "\n" not in line:
        if index == 0:
            return Kind.HEADING, 1
        if alone and len(line) <= _LONGEST_HEADING // 2 and line[0].isupper():
            return Kind.HEADING, 2
    if not alone and len(line) <= _SHORT_LINE:
        return Kind.LINE, 0
    return Kind.PARAGRAPH, 0
