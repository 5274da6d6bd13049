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
from .exact import Exact, exact

MODEL = "text model 1"
FILE = "text.npz"
_HALF = 0.5
_NEVER = 300.0  # log-odds that nothing outweighs, and that exp can still tell from nothing


class State(IntEnum):
    """What a block of plain text is."""

    CONTENT = 0
    AD_BEGINS = 1
    AD = 2
    FURNITURE = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """What is fitted beside the networks: `scores` (2b + 1, 2) of words, `kinds` (64 + l + 1, k) of ads by `receipt.summary`; bias last."""

    scores: Column
    kinds: Column


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The weights of the package, read once."""
    return Weights(**net.arrays(words.SCORES))


@lru_cache(maxsize=1)
def judge() -> Exact:
    """The networks of the package."""
    return exact(net.arrays(FILE))


def outputs(features: Column, lengths: Column) -> tuple[Column, Column]:
    """The scores (n, 4) of the states of n blocks with so many words and of the steps between them (4, 4), rounded: log-odds."""
    return judged(judge(), net.arrays(FILE)["steps"], features, lengths)


def judged(judge: Exact, steps: Column, features: Column, lengths: Column) -> tuple[Column, Column]:
    """The same of any k networks and their `steps` (k, 4, 4): the means over them."""
    return np.round(judge(features, lengths).mean(axis=0), 4), np.round(steps.astype(np.float64).mean(axis=0), 4)


def careful(steps: Column, threshold: float) -> Column:
    """The steps with the price of beginning an ad raised by the log-odds of the threshold (0.5: as it was learned)."""
    priced = steps.copy()
    price = np.log(threshold) - np.log(1 - threshold) if 0 < threshold < 1 else np.sign(threshold - _HALF) * _NEVER
    priced[:, State.AD_BEGINS] -= price
    priced[[State.CONTENT, State.FURNITURE], State.AD] -= price  # an ad without its beginning
    return priced


def best(emitted: Column, steps: Column) -> Column:
    """The states (n) of the best chain; before and after the text is content (Viterbi)."""
    into, rows = steps.T.tolist(), emitted.tolist()  # floats of Python: over four states faster than numpy
    score = [step + own for step, own in zip(steps[State.CONTENT].tolist(), rows[0], strict=True)]
    came = []
    for row in rows[1:]:
        ways = [[before + step for before, step in zip(score, column, strict=True)] for column in into]
        score = [max(way) for way in ways]
        came.append([way.index(most) for way, most in zip(ways, score, strict=True)])
        score = [most + own for most, own in zip(score, row, strict=True)]
    last = [before + step for before, step in zip(score, into[State.CONTENT], strict=True)]
    chain = [last.index(max(last))]
    for back in reversed(came):
        chain.append(back[chain[-1]])
    return np.array(chain[::-1])


def probabilities(emitted: Column, steps: Column) -> Column:
    """The probability (n, 4) of each block to be in each state, over all chains (forward and backward sums)."""
    ways, likely = np.exp(steps - steps.max()), np.exp(emitted - emitted.max(axis=1, keepdims=True))
    forward, backward = np.empty_like(likely), np.empty_like(likely)
    state = ways[State.CONTENT]
    for i, row in enumerate(likely):  # only the proportions within a row count
        state = state * row
        forward[i] = state = state / state.sum()
        state = state @ ways
    state = ways[:, State.CONTENT]
    for i in range(len(likely) - 1, -1, -1):
        backward[i] = state = state / state.sum()
        state = ways @ (likely[i] * state)
    both = forward * backward
    column: Column = both / both.sum(axis=1, keepdims=True)
    return column
