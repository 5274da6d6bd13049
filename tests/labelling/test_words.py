"""The encoder of lines: near in meaning is near in numbers, across languages, and a line's numbers are its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.labelling.lexicon import find
from copydesk.labelling.words import DIMENSIONS, known, meaning, tokens, vectors

LINES = st.lists(st.text(st.characters(codec="utf-8"), max_size=60), min_size=1, max_size=8)


def _vectors(*lines: str) -> np.ndarray:
    said = tokens(find(lines))
    return vectors(said, known(said, meaning()), meaning())


@given(LINES)
def test_every_line_has_a_vector_of_length_one_or_no_words(lines: list[str]) -> None:
    found = find(lines)
    length = np.linalg.norm(_vectors(*lines), axis=1)
    assert np.allclose(length, found.words > 0, atol=1e-3)


@given(LINES)
def test_a_line_means_the_same_whatever_stands_around_it(lines: list[str]) -> None:
    alone = np.concatenate([_vectors(line) for line in lines])
    assert np.allclose(_vectors(*lines), alone, atol=1e-4)
    assert alone.shape == (len(lines), DIMENSIONS)


def test_so_does_one_of_many_lines_and_the_start_of_a_very_long_one() -> None:
    lines = [f"Ferry number {number} leaves the harbour of town {number % 7} at noon" for number in range(300)]
    assert np.allclose(_vectors(*lines)[::50], np.concatenate([_vectors(line) for line in lines[::50]]), atol=1e-4)
    words = " ".join(lines).split(" ")
    heard, whole = _vectors(" ".join(words[:256])), _vectors("a b", " ".join(words), "c")
    assert np.allclose(heard, whole[1], atol=1e-2)  # but for what the last word heard says beside the next


@pytest.mark.parametrize(
    ("line", "near", "far"),
    [
        ("Subscribe to our weekly newsletter", "Abonnieren Sie unseren wöchentlichen Newsletter", "Der Fluss stieg um zwei Meter"),
        ("Your donation helps hungry children", "Votre don aide des enfants qui ont faim", "Le pont sera fermé jusqu'au printemps"),
        ("The striker scored twice in the second half", "El delantero marcó dos goles", "Compre ahora con descuento"),
    ],
)
def test_the_same_thing_said_in_another_language_is_nearer_than_another_thing(line: str, near: str, far: str) -> None:
    said = _vectors(line, near, far)
    assert said[0] @ said[1] > said[0] @ said[2] + 0.2
