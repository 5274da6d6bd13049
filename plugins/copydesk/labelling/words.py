"""What words mean to the text model: a vector, how rare a word is, and how far it sounds like a pitch; by hash, so no list of words.

The vectors are the singular vectors of positive pointwise mutual information (Levy, Goldberg: Neural word embedding as
implicit matrix factorization, 2014) over the training texts; the pitch is a logistic regression over words and pairs of words.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..characters import Column
from . import net
from .lexicon import Found

FILE = "words.npz"
BUCKETS = 1 << 16
DIMENSIONS = 64


@dataclass(frozen=True, slots=True)
class Words:
    """Tables by bucket b: `vectors` (b, 64) in 127ths, `weight` and `rarity` (b) of words, `pitch` (2b + 1) of words, pairs, bias."""

    vectors: Column
    weight: Column
    rarity: Column
    pitch: Column


@lru_cache(maxsize=1)
def words() -> Words:
    """The tables of the package, read once."""
    return Words(**net.arrays(FILE))


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of n blocks, one after the other: their `bucket` and the `block` (0 to n - 1) that each stands in."""

    bucket: Column
    block: Column
    n: int


@lru_cache(maxsize=1 << 16)
def _hash(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass")) % BUCKETS


def tokens(found: Found) -> Tokens:
    """The words that the lexicons' look-up split the blocks into."""
    n = len(found.first)
    bucket = np.array([_hash(token) for token in found.tokens], np.int64)
    # Between two blocks stands a break.
    block = np.repeat(np.arange(n), found.words + 1)[: len(bucket)]
    inside = np.ones(len(bucket), np.bool_)
    inside[found.first + found.words] = False
    return Tokens(bucket[inside], block[inside], n)


def vectors(tokens: Tokens, words: Words) -> Column:
    """The sum (n, 64) of the vectors of each block's words, rare words first."""
    rows = words.vectors[tokens.bucket].astype(np.float64) * words.weight[tokens.bucket][:, None]
    total = np.concatenate((np.zeros((1, DIMENSIONS)), np.cumsum(rows, axis=0)))
    ends = np.cumsum(np.bincount(tokens.block, minlength=tokens.n))
    sums: Column = total[ends] - total[np.concatenate(([0], ends[:-1]))]
    return sums


def grams(tokens: Tokens) -> tuple[Column, Column]:
    """The distinct words and pairs of words of each block: (block, index into `Words.pitch`), in order."""
    first, second = tokens.bucket[:-1], tokens.bucket[1:]
    pair = BUCKETS + (first * 31 + second * 17) % BUCKETS
    beside = tokens.block[:-1] == tokens.block[1:]
    index = np.concatenate((tokens.bucket, pair[beside]))
    block = np.concatenate((tokens.block, tokens.block[:-1][beside]))
    block, index = np.divmod(np.unique(block * (2 * BUCKETS) + index), 2 * BUCKETS)
    return block, index


def pitch(tokens: Tokens, weights: Column) -> Column:
    """How far the words of each block (n) sound like a pitch: log-odds."""
    block, index = grams(tokens)
    count = np.maximum(np.bincount(block, minlength=tokens.n), 1)
    sums: Column = np.bincount(block, weights[index], tokens.n) / np.sqrt(count) + weights[-1]
    return sums
