"""The page model: which blocks of a page are its article."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..characters import Column
from . import net

MODEL = "page model 1"
FILE = "page.npz"
_LIGHTEST = 0.3  # words that a block without any counts for


def nets() -> Sequence[net.Net]:
    """The networks of the package."""
    return net.nets(FILE)


def scores(features: Column, words: Column, nets: Sequence[net.Net]) -> Column:
    """The probability (n) of each of n blocks to be in the article, rounded to 4 decimals; `words` counts theirs."""
    total = sum(1 / (1 + np.exp(-net.run(each, features, words)[:, 0])) for each in nets)
    rounded: Column = np.round(np.asarray(total, np.float64) / len(nets), 4)
    return rounded


def kept(scores: Column, words: Column, threshold: float) -> Column:
    """The set of blocks (a mask) with the greatest expected word F1, given the probabilities of the blocks.

    A block with a higher probability goes before one with a lower, so that the set is a prefix of that order (Ye, Chai,
    Lee, Chieu: Optimizing F-measures, ICML 2012). `threshold` (0.5: no change) shifts the log-odds before.
    """
    odds = scores * (1 - threshold)
    shifted = odds / np.maximum(odds + (1 - scores) * threshold, 1e-9)
    weight = np.maximum(words, _LIGHTEST)
    order = np.argsort(-shifted, kind="stable")
    expected = np.cumsum((shifted * weight)[order]) / (np.cumsum(weight[order]) + (shifted * weight).sum() + 1e-9)
    least = shifted[order][int(np.argmax(expected))] if len(order) else 1.0
    mask: Column = (shifted >= least) & (shifted > 0)
    return mask
