from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from copydesk.labelling.most_expected import kept


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 60)), min_size=1, max_size=8))
def test_no_other_set_of_blocks_has_a_greater_expected_f1(blocks: list[tuple[int, int]]) -> None:
    scores, words = np.array([p / 100 for p, _ in blocks]), np.array([float(w) for _, w in blocks])

    def expected(mask: np.ndarray) -> float:
        return float(2 * (scores * words * mask).sum() / ((words * mask).sum() + (scores * words).sum()))

    best = max(expected(np.array(mask)) for mask in product((0, 1), repeat=len(blocks)))
    assert expected(kept(scores, words, 0.5)) >= best - 1e-6


@given(st.lists(st.integers(0, 100), min_size=1, max_size=20), st.integers(1, 98))
def test_a_higher_threshold_never_keeps_more(scores: list[int], threshold: int) -> None:
    column, words = np.array(scores) / 100, np.full(len(scores), 10.0)
    assert not (kept(column, words, (threshold + 1) / 100) & ~kept(column, words, threshold / 100)).any()
