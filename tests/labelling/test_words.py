"""The encoder of lines: near in meaning is near in numbers, across languages, and a line's numbers are its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.labelling import net
from copydesk.labelling.lexicon import find
from copydesk.labelling.words import BUCKETS, DIMENSIONS, MEANING, STEP, grams, known, meaning, tokens, vectors

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


def test_rounding_the_convolution_to_bytes_is_lost_in_the_noise() -> None:
    """The network as it was learned, word by word, beside the table of bytes that stands for it."""
    lines = ["Order your lamp now and save a third", "The council met on Monday", "A farola foi reparada"]
    arrays = {name: array.astype(np.float64) for name, array in net.arrays(MEANING).items()}
    said = tokens(find(lines))
    words = arrays["vectors"][known(said, meaning())[said.which]] * STEP
    expected = []
    for line in range(len(lines)):
        own = words[said.block == line]
        padded = np.pad(own, ((1, 1), (0, 0)))
        beside = np.concatenate((padded[:-2], padded[1:-1], padded[2:]), axis=1)
        heard = np.maximum(beside @ arrays["conv"] + arrays["conv_bias"], 0)
        sums = np.concatenate((own, heard), axis=1).sum(axis=0) / np.sqrt(len(own))
        expected.append(
            np.maximum(sums @ arrays["deep"] + arrays["deep_bias"], 0) @ arrays["out"] + sums @ arrays["through"] + arrays["out_bias"]
        )
    unit = np.array(expected) / np.linalg.norm(expected, axis=1, keepdims=True)
    assert ((unit * _vectors(*lines)).sum(axis=1) > 0.999).all()


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


def test_words_and_pairs_count_once_a_line_and_no_pair_reaches_over_its_end() -> None:
    block, index = grams(tokens(find(["to be to be", "or not"])))
    assert np.bincount(block).tolist() == [4, 3]  # to, be, "to be", "be to"; or, not, "or not"
    assert [(index[block == line] >= BUCKETS).sum() for line in (0, 1)] == [2, 1]
