"""Phrase look-up: every lexicon is a text file with one phrase a line, found by words, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|©")
_QUOTES = str.maketrans({"’": "'"})


@dataclass(frozen=True, slots=True)
class Lexicons:
    """All phrases by their first word: (words of the phrase, names of the lexicons that hold it), longest first."""

    by_first: Mapping[str, Sequence[tuple[tuple[str, ...], tuple[str, ...]]]]
    digest_source: str


@dataclass(frozen=True, slots=True)
class Hits:
    """What the lexicons found in one text: the number of words that each covers, by lexicon.

    `opening` holds the lexicons with a phrase at the very start, `whole` those whose phrase is all there is.
    """

    words: Sequence[str]
    covered: Mapping[str, int]
    opening: frozenset[str]
    whole: frozenset[str]

    def share(self, lexicon: str) -> float:
        """The share of the text's words that the phrases of a lexicon cover, 0 to 1."""
        return self.covered.get(lexicon, 0) / len(self.words) if self.words else 0.0


def words(text: str) -> list[str]:
    """The case-folded words of a text; apostrophes and hyphens inside a word belong to it."""
    return _WORD.findall(text.casefold().translate(_QUOTES))


@lru_cache(maxsize=1)
def lexicons() -> Lexicons:
    """The lexicons of the package, read once."""
    phrases: dict[tuple[str, ...], list[str]] = {}
    source = []
    folder = files(__package__).joinpath("lexicons")
    for item in sorted(folder.iterdir(), key=lambda i: i.name):
        text = item.read_text(encoding="utf-8")
        source.append(f"{item.name}\n{text}")
        for phrase in _phrases(text):
            names = phrases.setdefault(phrase, [])
            name = item.name.removesuffix(".txt")
            if name not in names:
                names.append(name)
    return Lexicons(_by_first(phrases), "\n".join(source))


def _phrases(text: str) -> Iterable[tuple[str, ...]]:
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield tuple(words(line))


def _by_first(phrases: Mapping[tuple[str, ...], list[str]]) -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for phrase, names in phrases.items():
        if phrase:
            by_first.setdefault(phrase[0], []).append((phrase, tuple(names)))
    for entries in by_first.values():
        entries.sort(key=lambda e: -len(e[0]))
    return by_first


def look_up(text: str) -> Hits:
    """What the lexicons find in `text`; of phrases that overlap, each lexicon counts its longest first."""
    found = words(text)
    covered: dict[str, int] = {}
    until: dict[str, int] = {}
    opening: set[str] = set()
    whole: set[str] = set()
    by_first = lexicons().by_first
    count = len(found)
    for at, word in enumerate(found):
        for phrase, names in by_first.get(word, ()):
            end = at + len(phrase)
            if end > count or (len(phrase) > 1 and tuple(found[at:end]) != phrase):
                continue
            for name in names:
                if until.get(name, 0) > at:
                    continue
                until[name] = end
                covered[name] = covered.get(name, 0) + len(phrase)
                if at == 0:
                    opening.add(name)
                    if end == count:
                        whole.add(name)
    return Hits(found, covered, frozenset(opening), frozenset(whole))
