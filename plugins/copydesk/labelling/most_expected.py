"""From the probability of each block to be in the article to the set of blocks that is taken for it."""

from __future__ import annotations

import numpy as np

from ..characters import Column

_LIGHTEST = 0.3  # words that a block without any counts for


def kept(scores: Column, words: Column, threshold: float) -> Column:
    """The set of blocks (a mask) with the greatest expected word F1, given the probabilities (n) of the blocks and their words (n).

    A block with a higher probability goes before one with a lower, so that the set is a prefix of that order (Ye, Chai,
    Lee, Chieu: Optimizing F-measures, ICML 2012). `threshold` (0.5: no change) shifts the log-odds before.
    """
    odds = scores * (1 - threshold)
    shifted = odds / np.maximum(odds + (1 - scores) * threshold, 1e-9)
    weight = np.maximum(words, _LIGHTEST)
    right = shifted * weight
    order = np.argsort(-shifted, kind="stable")
    expected = np.cumsum(right[order]) / (np.cumsum(weight[order]) + right.sum() + 1e-9)
    least = shifted[order][int(np.argmax(expected))] if len(order) else 1.0
    mask: Column = (shifted >= least) & (shifted > 0)
    return mask
