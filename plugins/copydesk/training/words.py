"""Fitting what words mean: vectors from what stands beside what, and a pitch score from ads and articles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..characters import Column
from ..labelling.lexicon import find
from ..labelling.words import BUCKETS, DIMENSIONS, Tokens, Words, grams, tokens

_REACH = 5  # words on each side that stand beside a word
_LEAST = 5  # times that a word stands in the texts, to have a vector
_SMOOTHED = 0.75  # power of the frequencies of neighbours (Mikolov et al. 2013)
_FREQUENT = 1e-3  # share of all words at which a word counts half (Arora, Liang, Ma 2017)
_STRENGTH = 30.0  # C of the logistic regression: the best of 3, 10, 30 and 100 in average precision over left-out ads


def fit_words(texts: Sequence[Sequence[str]], lines: Sequence[str], is_ad: Column) -> Words:
    """The tables: vectors and rarity from `texts` (lists of lines), the pitch from `lines`, of which `is_ad` (n) are of ads."""
    said = [tokens(find(text)) for text in texts]
    count = np.bincount(np.concatenate([t.bucket for t in said]), minlength=BUCKETS)
    documents = np.bincount(np.concatenate([np.unique(t.bucket) for t in said]), minlength=BUCKETS)
    vectors = _vectors(said, count)
    weight = _FREQUENT / (_FREQUENT + count / count.sum())
    rarity = np.log((len(texts) + 1) / (documents + 1))
    return Words(
        np.round(127 * vectors).astype(np.int8), weight.astype(np.float16), rarity.astype(np.float16), fit_pitch(tokens(find(lines)), is_ad)
    )


def _vectors(said: Sequence[Tokens], count: Column) -> Column:
    """Vectors (b, 64) of length 1, by the singular vectors of positive pointwise mutual information; zero for rare words."""
    from scipy.sparse import coo_matrix, csr_matrix
    from sklearn.utils.extmath import randomized_svd

    known = count >= _LEAST
    beside = csr_matrix((BUCKETS, BUCKETS), dtype=np.float64)
    bucket = np.concatenate([t.bucket for t in said])
    block = np.concatenate([t.block + 1_000_000 * i for i, t in enumerate(said)])
    for reach in range(1, _REACH + 1):
        first, second = bucket[:-reach], bucket[reach:]
        inside = (block[:-reach] == block[reach:]) & known[first] & known[second]
        ones = np.ones(int(inside.sum()))
        beside = beside + coo_matrix((ones, (first[inside], second[inside])), shape=(BUCKETS, BUCKETS)).tocsr()
    pairs = (beside + beside.T).tocoo()
    sums = np.asarray((beside + beside.T).sum(axis=1)).ravel()
    expected = sums**_SMOOTHED / (sums**_SMOOTHED).sum()
    information = np.log(pairs.data / (sums[pairs.row] * expected[pairs.col]))
    positive = information > 0
    matrix = csr_matrix((information[positive], (pairs.row[positive], pairs.col[positive])), shape=(BUCKETS, BUCKETS))
    left, values, _ = randomized_svd(matrix, DIMENSIONS, n_iter=4, random_state=0)
    vectors = left * np.sqrt(values)
    unit: Column = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6) * known[:, None]
    return unit


def fit_pitch(said: Tokens, is_ad: Column) -> Column:
    """The weights (2b + 1) that `labelling.words.pitch` takes, from n lines."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    block, index = grams(said)
    count = np.maximum(np.bincount(block, minlength=said.n), 1)
    rows = csr_matrix((1 / np.sqrt(count[block]), (block, index)), shape=(said.n, 2 * BUCKETS))
    model = LogisticRegression(C=_STRENGTH, class_weight="balanced", solver="liblinear", random_state=0).fit(rows, is_ad)
    weights: Column = np.append(model.coef_[0], model.intercept_).astype(np.float16)
    return weights
