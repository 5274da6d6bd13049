"""The page model: which blocks of a page are its article."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..characters import Column
from . import net
from .exact import Exact, exact

MODEL = "page model 1"
FILE = "page.npz"
_LIGHTEST = 0.3  # words that a block without any counts for


@lru_cache(maxsize=1)
def judge() -> Exact:
    """The networks of the package."""
    return exact(net.arrays(FILE))


def scores(features: Column, words: Column, judge: Exact) -> Column:
    """The probability (n) of each of n blocks to be in the article, rounded to 4 decimals; `words` counts theirs."""
    rounded: Column = np.round((1 / (1 + np.exp(-judge(features, words)[..., 0]))).mean(axis=0), 4)
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
