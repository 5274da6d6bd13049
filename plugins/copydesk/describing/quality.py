"""Figures that tell how far a clean text can be trusted, and flags for what looks wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..characters import Class, Column, units, word_starts
from ..language import UNDETERMINED, Language
from ..model import Quality

_SYMBOLS = "#{}[]<>|\\^~=_*@…"


@dataclass(frozen=True, slots=True)
class _Figures:
    words: int
    kept: float
    length: float
    symbols: float
    duplicates: float
    shouting: float
    language: Language


@dataclass(frozen=True, slots=True)
class Flag:
    """A row: the flag's name, what it means, and when it holds. The bounds on symbols, repetition and word
    length follow the order of magnitude of the Gopher rules (Rae et al. 2021, table A1).
    """

    name: str
    explains: str
    holds: Callable[[_Figures], bool]


FLAGS: tuple[Flag, ...] = (
    Flag("no text", "nothing was kept", lambda f: f.words == 0),
    Flag("short", "fewer than 50 words", lambda f: 0 < f.words < 50),
    Flag("mostly removed", "less than a tenth of the visible text was kept", lambda f: f.kept < 0.1),
    Flag("unknown language", "the language could not be told", lambda f: f.language.code == UNDETERMINED),
    Flag("mixed languages", "a third of the text or more is in another language than the rest", lambda f: f.language.mixed),
    Flag("many symbols", "more than one symbol or ellipsis in ten words", lambda f: f.symbols > 0.1),
    Flag("repetitive", "more than three lines in ten are repeated", lambda f: f.duplicates > 0.3),
    Flag("odd words", "mean word length outside 3 to 10 letters", lambda f: f.words >= 50 and not 3 <= f.length <= 10),
    Flag("shouting", "more than half of the letters are capitals", lambda f: f.words > 10 and f.shouting > 0.5),
)


_COUNTED = [int(each) for each in (Class.LOWER, Class.UPPER, Class.DIGIT, Class.UNSPACED)]


@lru_cache(maxsize=1)
def _symbols() -> Column:
    """Which code points of the basic plane are symbols."""
    table = np.zeros(0x10000, np.bool_)
    table[[ord(symbol) for symbol in _SYMBOLS]] = True
    return table


def quality(text: str, visible: int, kept: int, language: Language) -> Quality:
    """The figures of a clean text; `visible` and `kept` are code points of the document's blocks."""
    code, cls = units(text)
    words = int(np.count_nonzero(word_starts(cls)))
    lower, upper, digits, unspaced = (int(np.count_nonzero(cls == each)) for each in _COUNTED)
    letters = lower + upper + unspaced
    lines = [line for line in text.splitlines() if line.strip()]
    symbols = int(np.count_nonzero(_symbols().take(code, mode="clip"))) + text.count("...")
    figures = _Figures(
        words=words,
        kept=round(kept / visible, 4) if visible else 0.0,
        length=round((letters + digits) / words, 4) if words else 0.0,
        symbols=round(symbols / words, 4) if words else 0.0,
        duplicates=round(1 - len(set(lines)) / len(lines), 4) if lines else 0.0,
        shouting=upper / letters if letters else 0.0,
        language=language,
    )
    flags = tuple(flag.name for flag in FLAGS if flag.holds(figures))
    return Quality(figures.words, figures.kept, figures.length, figures.symbols, figures.duplicates, flags)
