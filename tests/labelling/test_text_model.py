"""The chain over the blocks of a plain text: the best one is found, and a careful policy makes ads dearer."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from copydesk.labelling.text_model import State, best, careful, probabilities

SCORES = st.floats(-5, 5).map(lambda value: round(value, 2))
STEPS = arrays(np.float64, (4, 4), elements=SCORES)
EMITTED = st.integers(1, 5).flatmap(lambda n: arrays(np.float64, (n, 4), elements=SCORES))


def _score(chain: tuple[int, ...], emitted: np.ndarray, steps: np.ndarray) -> float:
    """Of a chain that comes from content and goes back to it."""
    whole = (State.CONTENT, *chain, State.CONTENT)
    return float(sum(steps[a, b] for a, b in pairwise(whole)) + sum(emitted[i, s] for i, s in enumerate(chain)))


@given(EMITTED, STEPS)
def test_no_other_chain_scores_higher(emitted: np.ndarray, steps: np.ndarray) -> None:
    highest = max(_score(chain, emitted, steps) for chain in product(range(4), repeat=len(emitted)))
    assert np.isclose(_score(tuple(best(emitted, steps).tolist()), emitted, steps), highest)


@settings(deadline=None)  # a busy machine is no failure
@given(EMITTED, STEPS)
def test_probabilities_are_those_of_all_chains(emitted: np.ndarray, steps: np.ndarray) -> None:
    chains = list(product(range(4), repeat=len(emitted)))
    weights = np.exp([_score(chain, emitted, steps) for chain in chains])
    expected = np.zeros((len(emitted), 4))
    for chain, weight in zip(chains, weights / weights.sum(), strict=True):
        expected[np.arange(len(emitted)), list(chain)] += weight
    assert np.allclose(probabilities(emitted, steps), expected)


def _ads(chain: list[int]) -> int:
    """The ads of a chain, with their beginning or without."""
    return sum(s == State.AD_BEGINS or (s == State.AD and b in (State.CONTENT, State.FURNITURE)) for b, s in pairwise((0, *chain)))


@given(EMITTED, STEPS, st.floats(0, 1), st.floats(0, 1))
def test_a_more_careful_policy_never_begins_more_ads(emitted: np.ndarray, steps: np.ndarray, one: float, other: float) -> None:
    begun = [_ads(best(emitted, careful(steps, t)).tolist()) for t in sorted((one, other))]
    assert begun[0] >= begun[1]


def test_a_threshold_of_one_strikes_no_ad() -> None:
    assert set(best(np.array([[0.0, 50, 50, 0]] * 3), careful(np.zeros((4, 4)), 1.0)).tolist()).isdisjoint({State.AD_BEGINS})
