"""The text model: which blocks of a plain text are advertorials or furniture, as a chain of states over the blocks.

A network gives every block a score for every state, a table every step from one state to the next (a linear-chain
conditional random field: Lafferty, McCallum, Pereira, ICML 2001); the best chain strikes whole spans.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import chain
from operator import add

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


CONTENT, AD_BEGINS, AD, FURNITURE = map(int, State)  # quicker than a look into the enumeration


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
    return _mean(judge()(features, lengths)), _steps()


@lru_cache(maxsize=1)
def _steps() -> Column:
    return _mean(net.arrays(FILE)["steps"])


def judged(judge: Exact, steps: Column, features: Column, lengths: Column) -> tuple[Column, Column]:
    """The same of any k networks and their `steps` (k, 4, 4): the means over them."""
    return _mean(judge(features, lengths)), _mean(steps)


def _mean(of_networks: Column) -> Column:
    mean: Column = of_networks.mean(axis=0, dtype=np.float64).round(4)
    return mean


def careful(steps: Column, threshold: float) -> Column:
    """The steps with the price of beginning an ad raised by the log-odds of the threshold (0.5: as it was learned)."""
    priced = steps.copy()
    price = math.log(threshold) - math.log(1 - threshold) if 0 < threshold < 1 else math.copysign(_NEVER, threshold - _HALF)
    priced[:, AD_BEGINS] -= price
    for outside in (CONTENT, FURNITURE):
        priced[outside, AD] -= price  # an ad without its beginning
    return priced


def best(emitted: Column, steps: Column) -> Column:
    """The states (n) of the best chain; before and after the text is content (Viterbi)."""
    (aa, ba, ca, da), (ab, bb, cb, db), (ac, bc, cc, dc), (ad, bd, cd, dd) = steps.T.tolist()
    rows = emitted.tolist()  # floats of Python: over four states faster than numpy
    a, b, c, d = map(add, steps[CONTENT].tolist(), rows[0])
    came = []
    for to_a, to_b, to_c, to_d in rows[1:]:
        ways = from_a, from_b, from_c, from_d = (
            (a + aa, b + ba, c + ca, d + da),
            (a + ab, b + bb, c + cb, d + db),
            (a + ac, b + bc, c + cc, d + dc),
            (a + ad, b + bd, c + cd, d + dd),
        )
        came.append(ways)
        a, b, c, d = max(from_a) + to_a, max(from_b) + to_b, max(from_c) + to_c, max(from_d) + to_d
    last = (a + aa, b + ba, c + ca, d + da)
    states = [last.index(max(last))]
    for ways in reversed(came):
        way = ways[states[-1]]
        states.append(way.index(max(way)))
    return np.array(states[::-1])


def probabilities(emitted: Column, steps: Column) -> Column:
    """The probability (n, 4) of each block to be in each state, over all chains (forward and backward sums)."""
    ways, likely = np.exp(steps - steps.max()), np.exp(emitted - emitted.max(axis=1, keepdims=True))
    rows = likely.tolist()
    forward = _sums(rows, ways[CONTENT].tolist(), ways.T.tolist())
    backward = _sums(rows[::-1], ways[:, CONTENT].tolist(), ways.tolist())[::-1]
    before, after = (np.fromiter(chain.from_iterable(sums), np.float64, likely.size).reshape(likely.shape) for sums in (forward, backward))
    both = before * after * likely
    column: Column = both / both.sum(axis=1, keepdims=True)
    return column


def _sums(rows: Sequence[Sequence[float]], ways_in: Sequence[float], ways: Sequence[Sequence[float]]) -> list[tuple[float, ...]]:
    """For each row of likelihoods the sums over all chains that lead to it, without its own; `ways[i]` are the ways into state i.

    Only the proportions within a row count. Floats of Python: over four states faster than numpy.
    """
    (aa, ba, ca, da), (ab, bb, cb, db), (ac, bc, cc, dc), (ad, bd, cd, dd) = ways
    sums = [tuple(ways_in)]
    for own_a, own_b, own_c, own_d in rows[:-1]:
        a, b, c, d = sums[-1]
        a, b, c, d = a * own_a, b * own_b, c * own_c, d * own_d
        whole = a + b + c + d
        a, b, c, d = a / whole, b / whole, c / whole, d / whole
        sums.append(
            (
                a * aa + b * ba + c * ca + d * da,
                a * ab + b * bb + c * cb + d * db,
                a * ac + b * bc + c * cc + d * dc,
                a * ad + b * bd + c * cd + d * dd,
            )
        )
    return sums
