"""Fitting scores of lines by their words and pairs of words: how far a line sounds like a pitch, how far like furniture."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from ..characters import Column
from ..labelling.lexicon import find
from ..labelling.words import BUCKETS, grams, tokens

_MOST = 60_000  # lines of one regression


def fit_scores(lines: Sequence[str], holds: Sequence[bool], strength: float) -> Column:
    """The weights (2 x `BUCKETS` + 1) of one column of `labelling.words.scores`; `strength` is C of the logistic regression."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    chosen = range(len(lines))
    if len(lines) > _MOST:
        chosen = sorted(random.Random(0).sample(chosen, _MOST))  # type: ignore[assignment] # noqa: S311 - chooses lines, guards nothing
    said = tokens(find([lines[i] for i in chosen]))
    block, index = grams(said)
    count = np.maximum(np.bincount(block, minlength=said.n), 1)
    rows = csr_matrix((1 / np.sqrt(count[block]), (block, index)), shape=(said.n, 2 * BUCKETS))
    model = LogisticRegression(C=strength, class_weight="balanced", solver="liblinear", random_state=0)
    model.fit(rows, np.array([holds[i] for i in chosen]))
    weights: Column = np.append(model.coef_[0], model.intercept_).astype(np.float16)
    return weights
