"""Phrase look-up: every lexicon is a text file with one phrase a line, found by words, over all blocks at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from ..characters import Column

_BREAK = "\x1e"  # stands between two texts; no phrase reaches over it
_WORD = re.compile(rf"[^\W_]+(?:['’-][^\W_]+)*|©|{_BREAK}")


@dataclass(frozen=True, slots=True)
class Lexicons:
    """All phrases, ready to be found; a set of lexicons is a bit mask, bit i for `names[i]`.

    `ids` numbers the words that begin a phrase; `single[id]` are the lexicons of that word alone, `longer[id]` tells
    whether it begins phrases of more words, which stand in `phrases` under their first two words.
    """

    names: tuple[str, ...]
    ids: Mapping[str, int]
    single: Column
    longer: Column
    phrases: Mapping[tuple[str, str], Sequence[tuple[list[str], int]]]
    digest_source: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the lexicons found in n texts.

    `words` (n) counts words, `covered` (n, lexicons) those that phrases of a lexicon cover; `opening` (n) masks the
    lexicons with a phrase at the very start, `whole` (n) those whose phrase is all there is. `tokens[first[i] :
    first[i] + words[i]]` are the words of text i.
    """

    tokens: Sequence[str]
    first: Column
    words: Column
    covered: Column
    opening: Column
    whole: Column

    def words_of(self, index: int) -> Sequence[str]:
        start = int(self.first[index])
        return self.tokens[start : start + int(self.words[index])]

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


def words(text: str) -> list[str]:
    """The case-folded words of a text; apostrophes and hyphens inside a word belong to it."""
    return _WORD.findall(_plain(text))


def _plain(text: str) -> str:
    return text.replace("’", "'").replace(_BREAK, " ").casefold()


@lru_cache(maxsize=1)
def lexicons() -> Lexicons:
    """The lexicons of the package, read once."""
    folder = sorted(files(__package__).joinpath("lexicons").iterdir(), key=lambda i: i.name)
    masks: dict[tuple[str, ...], int] = {}
    source = []
    for bit, item in enumerate(folder):
        text = item.read_text(encoding="utf-8")
        source.append(f"{item.name}\n{text}")
        for line in text.splitlines():
            phrase = () if line.startswith("#") else tuple(words(line))
            if phrase:
                masks[phrase] = masks.get(phrase, 0) | 1 << bit
    ids = {word: i for i, word in enumerate(sorted({phrase[0] for phrase in masks}), 1)}
    single, longer = np.zeros(len(ids) + 1, np.int64), np.zeros(len(ids) + 1, np.bool_)
    phrases: dict[tuple[str, str], list[tuple[list[str], int]]] = {}
    for phrase, mask in sorted(masks.items()):
        if len(phrase) == 1:
            single[ids[phrase[0]]] = mask
        else:
            longer[ids[phrase[0]]] = True
            phrases.setdefault((phrase[0], phrase[1]), []).append((list(phrase), mask))
    return Lexicons(tuple(item.name.removesuffix(".txt") for item in folder), ids, single, longer, phrases, "\n".join(source))


def find(texts: Sequence[str]) -> Found:
    """What the lexicons find in each of the texts."""
    lexicon = lexicons()
    if any(_BREAK in text for text in texts):
        texts = [text.replace(_BREAK, " ") for text in texts]
    tokens = _WORD.findall(_BREAK.join([*texts, ""]).replace("’", "'").casefold())
    get = lexicon.ids.get
    ids = np.array([get(token, 0) if token != _BREAK else -1 for token in tokens], np.int64)
    ends = np.flatnonzero(ids < 0)
    first = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))[: len(ends)]
    counts = ends - first
    ids[ends] = 0
    bits = lexicon.single[ids]
    filled = counts > 0
    opening = np.where(filled, bits[np.minimum(first, len(bits) - 1)] if len(bits) else 0, 0)
    whole = np.where(counts == 1, opening, 0)
    text_at = {int(at): i for i, at in enumerate(first) if filled[i]}
    for at in np.flatnonzero(lexicon.longer[ids]).tolist():
        for phrase, mask in lexicon.phrases.get((tokens[at], tokens[at + 1]), ()):
            end = at + len(phrase)
            if tokens[at:end] == phrase:
                bits[at:end] |= mask
                index = text_at.get(at)
                if index is not None:
                    opening[index] |= mask
                    if counts[index] == len(phrase):
                        whole[index] |= mask
    covered = _sums((bits[:, None] >> np.arange(len(lexicon.names))) & 1, first, ends)
    return Found(tokens, first, counts, covered, opening, whole)


def _sums(values: Column, first: Column, ends: Column) -> Column:
    """The sums of rows [first, end) for each pair."""
    total = np.concatenate((np.zeros((1, values.shape[1]), np.int64), np.cumsum(values, axis=0)))
    result: Column = total[ends] - total[first]
    return result


def look_up(text: str) -> Hits:
    """What the lexicons find in one text."""
    return find([text]).hits(0)
