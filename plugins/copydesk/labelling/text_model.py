"""The text model: which blocks of a plain text are advertorials or furniture, as a chain of states over the blocks.

A network gives every block a score for every state, a table every step from one state to the next (a linear-chain
conditional random field: Lafferty, McCallum, Pereira, ICML 2001); the best chain strikes whole spans.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np

from ..characters import Column
from . import net, words

MODEL = "text model 1"
FILE = "text.npz"
_HALF = 0.5


class State(IntEnum):
    """What a block of plain text is."""

    CONTENT = 0
    AD_BEGINS = 1
    AD = 2
    FURNITURE = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """What is fitted beside the networks: `scores` (2b + 1, 2) of words, `kinds` (64 + 1, k) of ads, the bias last."""

    scores: Column
    kinds: Column


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The weights of the package, read once."""
    return Weights(**net.arrays(words.SCORES))


def outputs(features: Column, lengths: Column) -> tuple[Column, Column]:
    """The scores (n, 4) of the states of n blocks with so many words and of the steps between them (4, 4), rounded: log-odds."""
    nets = net.nets(FILE)
    emitted = sum(net.run(each, features, lengths) for each in nets)
    steps = sum(each["steps"] for each in nets)
    return np.round(np.asarray(emitted, np.float64) / len(nets), 4), np.round(np.asarray(steps, np.float64) / len(nets), 4)


def careful(steps: Column, threshold: float) -> Column:
    """The steps with the price of beginning an ad raised by the log-odds of the threshold (0.5: as it was learned)."""
    priced = steps.copy()
    price = np.log(threshold) - np.log(1 - threshold) if 0 < threshold < 1 else np.sign(threshold - _HALF) * 1e6
    priced[:, State.AD_BEGINS] -= price
    priced[[State.CONTENT, State.FURNITURE], State.AD] -= price  # an ad without its beginning
    return priced


def best(emitted: Column, steps: Column) -> Column:
    """The states (n) of the best chain; before and after the text is content (Viterbi)."""
    score = steps[State.CONTENT] + emitted[0]
    came = []
    for row in emitted[1:]:
        ways = score[:, None] + steps
        came.append(ways.argmax(axis=0))
        score = ways.max(axis=0) + row
    chain = [int((score + steps[:, State.CONTENT]).argmax())]
    for row in reversed(came):
        chain.append(int(row[chain[-1]]))
    return np.array(chain[::-1])


def probabilities(emitted: Column, steps: Column) -> Column:
    """The probability (n, 4) of each block to be in each state, over all chains (forward and backward sums)."""
    n = len(emitted)
    forward, backward = np.empty((n, len(State))), np.empty((n, len(State)))
    forward[0] = steps[State.CONTENT] + emitted[0]
    for i in range(1, n):
        forward[i] = np.logaddexp.reduce(forward[i - 1][:, None] + steps, axis=0) + emitted[i]
    backward[-1] = steps[:, State.CONTENT]
    for i in range(n - 2, -1, -1):
        backward[i] = np.logaddexp.reduce(steps + emitted[i + 1] + backward[i + 1], axis=1)
    both = forward + backward
    column: Column = np.exp(both - np.logaddexp.reduce(both, axis=1)[:, None])
    return column
