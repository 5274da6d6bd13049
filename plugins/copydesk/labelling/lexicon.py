"""Phrase look-up: every lexicon is a text file with one phrase a line, found by words, over all blocks at once.

Words are told apart by a table over code points and known by a hash, both in numpy: a polynomial over the letters, from the
difference of two prefix sums (Karp, Rabin 1987), modulo 2^64, which is how numpy multiplies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from ..characters import UNSPACED, Column, points

BREAK = "\x1e"  # stands between two texts; no phrase reaches over it
_LAST_LETTER = 0x32400  # the highest code point of a letter or digit lies below it
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it has an inverse
_INVERSE = np.uint64(pow(int(_BASE), -1, 1 << 64))
_WITHIN = 4
_STEP = np.uint64(0xD6E8FEB86659FD93)  # from the hash of a word to that of a pair
_UPPER = np.uint64(48)  # bits below the upper sixteen


@dataclass(frozen=True, slots=True)
class Lexicons:
    """All phrases, ready to be found; a set of lexicons is a bit mask, bit i for `names[i]`.

    `single` has the sorted hashes of the phrases of one word, and their masks. Longer ones stand in `longer` under the hash
    of their first two words, as hashes of all words, with their mask. `words` and `pairs` (2^16 each) tell by the upper bits
    of a hash whether it may be among the one or the other.
    """

    names: tuple[str, ...]
    single: tuple[Column, Column]
    longer: Mapping[int, Sequence[tuple[list[int], int]]]
    words: Column
    pairs: Column
    digest_source: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the lexicons found in n texts.

    `words` (n) counts words, `covered` (n, lexicons) those that phrases of a lexicon cover; `opening` (n) masks the
    lexicons with a phrase at the very start, `whole` (n) those whose phrase is all there is. `tokens[first[i] :
    first[i] + words[i]]` are the words of text i; `hashes`, `masks` and `text_of` are their hashes, the lexicons whose
    phrases cover them, and the texts that they stand in; between two texts stands a break.
    """

    joined: str
    begin: Column
    end: Column
    hashes: Column
    masks: Column
    text_of: Column
    first: Column
    words: Column
    covered: Column
    opening: Column
    whole: Column

    @property
    def tokens(self) -> Sequence[str]:
        return [self.joined[a:b] for a, b in zip(self.begin.tolist(), self.end.tolist(), strict=True)]

    def words_of(self, index: int) -> Sequence[str]:
        span = slice(int(self.first[index]), int(self.first[index] + self.words[index]))
        return [self.joined[a:b] for a, b in zip(self.begin[span].tolist(), self.end[span].tolist(), strict=True)]

    def common(self, words: Column, sets: Column, asked: Column) -> Column:
        """How many words (s, n) of each text are in each of the sets (s, w), masks over words given by their sorted hashes.

        Of a text that is not `asked` about (n) none are.
        """
        counts = np.zeros((len(sets), len(self.first)), np.int64)
        if len(words):
            of_asked = asked[self.text_of]
            hashes, text_of = self.hashes[of_asked], self.text_of[of_asked]
            index = np.searchsorted(words, hashes)
            known = np.flatnonzero(words.take(index, mode="clip") == hashes)
            text, word = text_of[known], index[known]
            for row, chosen in zip(counts, sets, strict=True):
                row[:] = np.bincount(text, weights=chosen[word], minlength=len(row))
        return counts

    def hits(self, index: int) -> Hits:
        """What was found in one of the texts, by name."""
        names = lexicons().names
        covered = {name: count for name, count in zip(names, self.covered[index].tolist(), strict=True) if count}
        opening, whole = (
            frozenset(name for i, name in enumerate(names) if int(masks[index]) >> i & 1) for masks in (self.opening, self.whole)
        )
        return Hits(self.words_of(index), covered, opening, whole)


@dataclass(frozen=True, slots=True)
class Hits:
    """What the lexicons found in one text, by name."""

    words: Sequence[str]
    covered: Mapping[str, int]
    opening: frozenset[str]
    whole: frozenset[str]

    def share(self, lexicon: str) -> float:
        """The share of the text's words that the phrases of a lexicon cover, 0 to 1."""
        return self.covered.get(lexicon, 0) / len(self.words) if self.words else 0.0


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of texts that were joined by breaks, breaks among them: where they begin and end, and their hashes."""

    begin: Column
    end: Column
    hashes: Column
    is_break: Column


def words(text: str) -> list[str]:
    """The case-folded words of a text; apostrophes and hyphens inside a word belong to it."""
    joined = _plain(text)
    found = _words(joined)
    return [joined[a:b] for a, b in zip(found.begin.tolist(), found.end.tolist(), strict=True)]


def hashes(text: str) -> Column:
    """The hashes of the distinct words of a text."""
    return np.unique(_words(_plain(text)).hashes)


def _plain(text: str) -> str:
    return text.replace("’", "'").replace(BREAK, " ").casefold()


@lru_cache(maxsize=1)
def _letters() -> Column:
    """What each code point is to a word: 0 nothing, 1 a letter or digit, 2 a word of its own, 3 a break, 4 what may stand within."""
    table = np.array([chr(point).isalnum() for point in range(_LAST_LETTER)], np.uint8)
    for first, last in UNSPACED:
        table[first : last + 1] *= 2  # a phrase stands anywhere in scripts without spaces: each character is a word
    table[ord("©")], table[ord(BREAK)] = 2, 3
    table[[ord("'"), ord("-")]] = _WITHIN
    table[-1] = 0
    return table


@lru_cache(maxsize=1)
def _powers(size: int) -> tuple[Column, Column]:
    """The powers of the base and of its inverse."""
    bases = np.full((2, size), [[_BASE], [_INVERSE]], np.uint64)
    bases[:, 0] = 1
    powers, inverses = np.multiply.accumulate(bases, axis=1)
    return powers, inverses


def _words(joined: str) -> _Words:
    code = points(joined)
    padded = np.zeros(len(code) + 2, np.uint8)
    letter = padded[1:-1]
    _letters().take(code, mode="clip", out=letter)  # beyond the last is no letter
    within = np.flatnonzero(letter == _WITHIN)
    letter[within] = (padded[within] == 1) & (padded[within + 2] == 1)
    changes = padded[1:] != padded[:-1]
    changes |= (padded[1:] > 1) | (padded[:-1] > 1)
    edges = np.flatnonzero(changes)
    begin, end = edges[:-1], edges[1:]
    real = letter[begin] > 0 if len(letter) else np.zeros(0, np.bool_)
    begin, end = begin[real], end[real]
    size = 1 << max(16, len(code).bit_length())
    powers, inverses = _powers(size)
    total = np.zeros(len(code) + 1, np.uint64)
    np.cumsum((code + np.uint32(1)) * powers[: len(code)], out=total[1:])
    return _Words(begin, end, (total[end] - total[begin]) * inverses[begin], letter[begin] == 3)


@lru_cache(maxsize=1)
def lexicons() -> Lexicons:
    """The lexicons of the package, read once."""
    folder = sorted(files(__package__).joinpath("lexicons").iterdir(), key=lambda i: i.name)
    masks: dict[tuple[int, ...], int] = {}
    source = []
    for bit, item in enumerate(folder):
        text = item.read_text(encoding="utf-8")
        source.append(f"{item.name}\n{text}")
        for line in text.splitlines():
            phrase = () if line.startswith("#") else tuple(_words(_plain(line)).hashes.tolist())
            if phrase:
                masks[phrase] = masks.get(phrase, 0) | 1 << bit
    single = sorted((phrase[0], mask) for phrase, mask in masks.items() if len(phrase) == 1)
    longer: dict[int, list[tuple[list[int], int]]] = {}
    for phrase, mask in sorted(masks.items()):
        if len(phrase) > 1:
            longer.setdefault(int(_pairs(np.array(phrase[:2], np.uint64))[0]), []).append((list(phrase), mask))
    names = tuple(item.name.removesuffix(".txt") for item in folder)
    words, of_words = np.array([word for word, _ in single], np.uint64), np.array([mask for _, mask in single], np.int64)
    return Lexicons(names, (words, of_words), longer, upper_bits(words), upper_bits(np.array(list(longer), np.uint64)), "\n".join(source))


def upper_bits(hashes: Column) -> Column:
    """Whether one of the hashes has these upper sixteen bits, for all there are."""
    table = np.zeros(1 << 16, np.bool_)
    table[hashes >> _UPPER] = True
    return table


def among(hashes: Column, upper: Column) -> Column:
    """The places of the hashes that may be among those whose `upper_bits` these are."""
    column: Column = np.flatnonzero(upper[hashes >> _UPPER])
    return column


def _pairs(hashes: Column) -> Column:
    """The hashes of each word with the next."""
    column: Column = hashes[:-1] * _STEP + hashes[1:]
    return column


def find(texts: Sequence[str]) -> Found:
    """What the lexicons find in each of the texts."""
    lexicon = lexicons()
    joined = BREAK.join([*texts, ""])
    if joined.count(BREAK) > len(texts):
        joined = BREAK.join([text.replace(BREAK, " ") for text in texts] + [""])
    joined = joined.replace("’", "'").casefold()
    found = _words(joined)
    ends = np.flatnonzero(found.is_break)
    first = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))[: len(ends)]
    counts = ends - first
    text_of = np.repeat(np.arange(len(ends)), counts + 1)
    bits = _single(found.hashes, lexicon)
    filled = counts > 0
    opening = np.where(filled, bits[first], 0)  # at the first word of a text, or at the break after it
    whole = np.where(counts == 1, opening, 0)
    pairs = _pairs(found.hashes)
    for at in among(pairs, lexicon.pairs).tolist():
        for phrase, mask in lexicon.longer.get(int(pairs[at]), ()):
            length = len(phrase)
            if found.hashes[at : at + length].tolist() == phrase:
                bits[at : at + length] |= mask
                text = int(text_of[at])
                if first[text] == at:
                    opening[text] |= mask
                    whole[text] |= mask if counts[text] == length else 0
    covered = covering(bits, text_of, len(ends))
    return Found(joined, found.begin, found.end, found.hashes, bits, text_of, first, counts, covered, opening, whole)


def covering(masks: Column, text_of: Column, texts: int) -> Column:
    """How many words of each text (texts, lexicons) the phrases of each lexicon cover; `masks` and `text_of` as of `Found`."""
    number_of = len(lexicons().names)
    at = np.flatnonzero(masks)
    word, number = np.nonzero((masks[at][:, None] >> np.arange(number_of)) & 1)
    slots = text_of[at[word]] * number_of + number
    column: Column = np.bincount(slots, minlength=texts * number_of).reshape(texts, number_of)
    return column


def _single(hashes: Column, lexicon: Lexicons) -> Column:
    """The masks of the lexicons that each word is a phrase of."""
    words, masks = lexicon.single
    column = np.zeros(len(hashes), np.int64)
    at = among(hashes, lexicon.words)
    asked = hashes[at]
    index = np.searchsorted(words, asked)
    column[at] = np.where(words.take(index, mode="clip") == asked, masks.take(index, mode="clip"), 0)
    return column


def look_up(text: str) -> Hits:
    """What the lexicons find in one text."""
    return find([text]).hits(0)
