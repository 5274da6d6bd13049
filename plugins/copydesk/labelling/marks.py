"""Marks of commerce in a text: addresses, prices, numbers, symbols.

Where one may begin is told by a table over code points, for all of them at once; a pattern looks at these places alone,
which takes half the time of a search for each.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache, reduce
from operator import or_

import numpy as np

from ..characters import Column

# What an ad is marked with, in the words of the receipt.
MARKS = (
    *("a web address", "a mail address or handle", "a telephone number", "a price", "a percentage"),
    *("a time of day", "a year", "a hashtag", "arrows and ticks", "words in capitals"),
)
_DIGITS, _CAPITALS = "0123456789", "".join(map(chr, [*range(ord("A"), ord("Z") + 1), *range(0xC0, 0xD7), *range(0xD8, 0xDF)]))
_ANY, _FIRST, _LAST = range(3)  # of a run of the characters that it begins with

# The characters that a mark begins with, where in a run of them, and the pattern from there on.
_PATTERNS = tuple(
    (MARKS.index(mark), begins, where, re.compile(pattern))
    for mark, begins, where, pattern in (
        ("a web address", ".:", _ANY, r"(?<=[\w-]{2})\.[A-Za-z]{2,10}(?:/\S*)?(?=[\s.,;:!?)]|$)|://"),
        ("a mail address or handle", "@", _ANY, r"@(?=\w)"),
        ("a telephone number", _DIGITS, _FIRST, r"[0-9]{2,5}\)?[ ./-]?[0-9]{2,4}[ .-][0-9]{2,4}(?![0-9])"),
        ("a price", "$€£¥₹", _ANY, r".\s?[0-9]"),
        ("a price", _DIGITS, _LAST, r".(?:(?:\.[0-9]+)?\s?[€£₽¥]|\s?(?:USD|EUR|euros?|dollars?|pounds|Euro|reais)\b)"),
        ("a percentage", "%", _ANY, r"(?<=[0-9])%|(?<=[0-9]\s)%"),
        ("a time of day", _DIGITS, _LAST, r".(?::[0-9][0-9]|\s?[ap]\.?m\b)"),
        ("a year", "12", _FIRST, r"(?<!\w)(?:19|20)[0-9]{2}\b"),
        ("a hashtag", "#", _ANY, r"(?<!\S)#\w{2}"),
        ("arrows and ticks", "→»>✓✔★☎👉📌🎁*", _ANY, r"."),
        ("words in capitals", _CAPITALS, _FIRST, rf"(?<!\w)[{_CAPITALS}]{{4,}}\b"),
    )
)
_BEGUN_FIRST, _BEGUN_LAST = (
    np.uint16(reduce(or_, (1 << bit for bit, (_, _, where, _) in enumerate(_PATTERNS) if where == edge))) for edge in (_FIRST, _LAST)
)
_IN_CAPITALS = np.uint16(reduce(or_, (1 << bit for bit, (mark, _, _, _) in enumerate(_PATTERNS) if MARKS[mark] == "words in capitals")))
_BEYOND = max(ord(character) for _, begins, _, _ in _PATTERNS for character in begins) + 1
_AT_ONCE = 1 << 16  # places, so that memory is bounded


@lru_cache(maxsize=1)
def _table() -> Column:
    """Which patterns may begin with each code point, a bit each; the last entry stands for all beyond."""
    table = np.zeros(_BEYOND + 1, np.uint16)
    for bit, (_, begins, _, _) in enumerate(_PATTERNS):
        table[list(map(ord, begins))] |= np.uint16(1 << bit)
    return table


@cache
def _patterns_of(bits: int) -> list[tuple[int, re.Pattern[str]]]:
    """The patterns of these bits, and the numbers of their marks."""
    return [(number, pattern) for bit, (number, _, _, pattern) in enumerate(_PATTERNS) if bits >> bit & 1]


def marks(text: str, code: Column, start: Column) -> Column:
    """How many of each mark (m, n) begin in each of n blocks of a text with these code points; the blocks begin at `start`, rising."""
    may = _table().take(code, mode="clip")
    again = may[1:] & may[:-1]
    may[1:] &= ~(again & _BEGUN_FIRST)
    may[:-1] &= ~(again & _BEGUN_LAST)
    may[:-1] &= again | ~_IN_CAPITALS  # one capital is none
    places = np.flatnonzero(may != 0)
    n = len(start)
    counts = np.zeros(len(MARKS) * n)
    past = [0] * len(MARKS)  # the end of the last mark of each kind: none begins in another
    for first in range(0, len(places), _AT_ONCE):
        some = places[first : first + _AT_ONCE]
        blocks = np.maximum(np.searchsorted(start, some, "right") - 1, 0)
        slots = []
        for at, bits, block in zip(some.tolist(), may[some].tolist(), blocks.tolist(), strict=True):
            for number, pattern in _patterns_of(bits):
                if at >= past[number] and (found := pattern.match(text, at)):
                    slots.append(number * n + block)
                    past[number] = found.end()
        counts += np.bincount(np.array(slots, np.int64), minlength=len(counts))
    return counts.reshape(len(MARKS), n)
