"""The page model: which blocks of a page are its article."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..characters import Column
from . import net
from .exact import Exact, exact

MODEL = "page model 1"
FILE = "page.npz"


@lru_cache(maxsize=1)
def judge() -> Exact:
    """The networks of the package."""
    return exact(net.arrays(FILE))


def scores(features: Column, words: Column, judge: Exact) -> Column:
    """The probability (n) of each of n blocks to be in the article, rounded to 4 decimals; `words` counts theirs."""
    rounded: Column = np.round((1 / (1 + np.exp(-judge(features, words)[..., 0]))).mean(axis=0), 4)
    return rounded
