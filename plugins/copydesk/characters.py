"""The class of every character of a text, through one look-up table over its code points."""

from __future__ import annotations

import unicodedata
from enum import IntEnum
from functools import lru_cache
from typing import Any

import numpy as np

Column = np.ndarray[Any, np.dtype[Any]]

# Scripts that put no spaces between words (Thai, Lao, Burmese, Khmer, Japanese, Chinese).
UNSPACED = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3040, 0x30FF)),
    *((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)),
)


class Class(IntEnum):
    """Classes of characters; every code point is of one."""

    OTHER = 0
    LOWER = 1  # letters without case and combining marks too
    UPPER = 2
    DIGIT = 3
    UNSPACED = 4
    SPACE = 5
    COMMA = 6
    END = 7  # of a sentence
    SHOUT = 8  # ! and ?
    CLOSER = 9  # quotation marks and brackets that may follow it
    OPENER = 10
    MONEY = 11
    SEPARATOR = 12  # | / · and arrows, between the parts of furniture


# Looking a member up in its enumeration takes longer than many a comparison with it.
_LAST_OF_WORDS, _UNSPACED_CLASS = np.uint8(Class.DIGIT), np.uint8(Class.UNSPACED)

_BY_CATEGORY = {
    **dict.fromkeys(("Ll", "Lm", "Lo", "Mn", "Mc", "Me"), Class.LOWER),
    "Lu": Class.UPPER,
    "Lt": Class.UPPER,
    "Nd": Class.DIGIT,
    "Zs": Class.SPACE,
    "Sc": Class.MONEY,
}
_BY_CHARACTER = (
    ("\t\n\r", Class.SPACE),
    (",;:،、，；：", Class.COMMA),
    (".…。।．", Class.END),
    ("!?！？؟", Class.SHOUT),
    ("\"'”’»)]」』", Class.CLOSER),
    ("“‘«„([「『", Class.OPENER),
    ("%", Class.MONEY),
    ("|/·•›→>▸", Class.SEPARATOR),
)


@lru_cache(maxsize=1)
def _table() -> Column:
    """The class of every code point of the basic plane; the last entry stands for all others."""
    table = np.array([_BY_CATEGORY.get(unicodedata.category(chr(point)), Class.OTHER) for point in range(0x10000)], np.uint8)
    for first, last in UNSPACED:
        table[first : last + 1] = Class.UNSPACED
    for characters, cls in _BY_CHARACTER:
        table[[ord(character) for character in characters]] = cls
    return table


def points(text: str) -> Column:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))


@lru_cache(maxsize=1)  # quality and fingerprint look at the same text one after the other
def units(text: str) -> tuple[Column, Column]:
    """The UTF-16 code units of a text and their classes: half of the memory, where places and characters beyond the basic
    plane do not matter.
    """
    code = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.dtype("<u2"))
    return code, _table().take(code, mode="clip")


def classes(code_points: Column) -> Column:
    """The `Class` of each code point."""
    column: Column = _table().take(code_points, mode="clip")  # all beyond are the last
    return column


def is_word(cls: Column) -> Column:
    """Which characters belong to words: letters, marks and digits of scripts that put spaces between words."""
    column: Column = (cls - np.uint8(1)) < _LAST_OF_WORDS
    return column


def word_starts(cls: Column) -> Column:
    """Where a word begins; in scripts written without spaces each character counts as one."""
    inside = is_word(cls)
    starts = inside.copy()
    starts[1:] &= ~inside[:-1]
    result: Column = starts | (cls == _UNSPACED_CLASS)
    return result
