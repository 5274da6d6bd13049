"""Our own ads and stories are of many hands: none says what another says, and none what the development set says."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.development import BENCH, TEXTS, needs

SEEDS = Path(__file__).parents[2] / "seeds" / "training"
LANGUAGES = Path(__file__).parents[1] / "languages" / "texts"
_GRAM, _SENTENCE = 5, 5  # words; shorter sentences are anybody's
_ALIKE = 0.2


def _own() -> Iterator[tuple[str, str]]:
    for path in sorted(path for kind in ("ads", "stories", "slots") for path in (SEEDS / kind).glob("*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            yield row["id"], row["text"]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _grams(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[at : at + _GRAM]) for at in range(len(words) - _GRAM + 1)}


def _sentences(text: str) -> set[str]:
    parts = (_words(part) for part in re.split(r"(?<=[.!?])\s+|\n+", text))
    return {" ".join(words) for words in parts if len(words) >= _SENTENCE}


def _told() -> set[str]:
    return {sentence for _, text in _own() for sentence in _sentences(text)}


def test_no_two_texts_share_a_sentence_or_a_fifth_of_their_runs_of_five_words() -> None:
    said: dict[str, str] = {}
    index: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, text in _own():
        for sentence in _sentences(text):
            assert said.setdefault(sentence, name) == name, f"{name} and {said[sentence]} share: {sentence}"
        grams = _grams(text)
        for other, shared in Counter(other for gram in grams for other in index[gram]).most_common(1):
            assert shared < _ALIKE * len(grams), f"{shared} of the {len(grams)} runs of five words of {name} are in {other}"
        for gram in grams:
            index[gram].append(name)


def test_ids_are_told_once() -> None:
    twice = [name for name, times in Counter(name for name, _ in _own()).items() if times > 1]
    assert not twice


def test_no_sentence_is_in_the_texts_by_language_that_figures_are_taken_on() -> None:
    judged = set()
    for path in LANGUAGES.glob("*.jsonl"):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            judged |= _sentences("\n".join(line for _, line in row["blocks"]))
    assert _told() & judged == set()


@needs(TEXTS)
def test_no_sentence_is_in_the_development_set() -> None:
    theirs = set()
    for row in map(json.loads, (BENCH / TEXTS).read_text(encoding="utf-8").splitlines()):
        theirs |= _sentences(row["text"])
    assert _told() & theirs == set()
