"""What a line of text says: its words by hash, how rare they are, a vector of its meaning, how far it sounds like a pitch.

The encoder is a small student of a multilingual sentence encoder (Yang et al.: Multilingual universal sentence encoder for
semantic retrieval, 2019; `copydesk train meaning` makes it): a vector a word, a convolution over three words, a sum over
the line. The scores are logistic regressions over words and pairs of words. Both go by hash, so no list of words is stored.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..characters import Column
from . import net
from .lexicon import Found

MEANING, SCORES = "meaning.npz", "words.npz"
BUCKETS = 1 << 16
DIMENSIONS = 64
STEP = 1 / 16  # of the stored vectors: whole numbers of it, a byte each


@dataclass(frozen=True, slots=True)
class Meaning:
    """The encoder over a vocabulary of v words, row 0 for all others.

    `hashes` (v) in order, `vectors` (v + 1, 64) in steps, `rarity` (v + 1); then the layers: `conv` (3 x 64, c), `deep` and
    `out` from the sums (64 + c) to 64, `through` past them.
    """

    hashes: Column
    vectors: Column
    rarity: Column
    conv: Column
    conv_bias: Column
    deep: Column
    deep_bias: Column
    out: Column
    out_bias: Column
    through: Column


@lru_cache(maxsize=1)
def meaning() -> Meaning:
    """The encoder of the package, read once."""
    return widened(net.arrays(MEANING))


def widened(arrays: net.Net) -> Meaning:
    """The encoder of stored arrays, its layers as float32: half of the width is stored, for the half is lost in the noise."""
    return Meaning(**{name: array.astype(np.float32) if array.dtype == np.float16 else array for name, array in arrays.items()})


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of n blocks, one after the other: their `hash`, and the `block` (0 to n - 1, rising) that each stands in."""

    hash: Column
    block: Column
    n: int


@lru_cache(maxsize=1 << 16)
def hashed(word: str) -> int:
    """The 32 bits that stand for a word."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def tokens(found: Found) -> Tokens:
    """The words that the lexicons' look-up split the blocks into."""
    n = len(found.first)
    each = np.array([hashed(token) for token in found.tokens], np.int64)
    # Between two blocks stands a break.
    block = np.repeat(np.arange(n), found.words + 1)[: len(each)]
    inside = np.ones(len(each), np.bool_)
    inside[found.first + found.words] = False
    return Tokens(each[inside], block[inside], n)


def known(tokens: Tokens, meaning: Meaning) -> Column:
    """The row of each word in the tables, 0 for one that they lack."""
    at = np.minimum(np.searchsorted(meaning.hashes, tokens.hash), len(meaning.hashes) - 1)
    rows: Column = np.where(meaning.hashes[at] == tokens.hash, at + 1, 0)
    return rows


def vectors(tokens: Tokens, rows: Column, meaning: Meaning) -> Column:
    """What each block says: (n, 64), of length 1, zero where there are no words; `rows` as from `known`."""
    said = meaning.vectors[rows].astype(np.float32) * np.float32(STEP)
    beside = np.zeros((len(rows), 3 * DIMENSIONS), np.float32)
    beside[:, DIMENSIONS : 2 * DIMENSIONS] = said
    same = (tokens.block[1:] == tokens.block[:-1])[:, None]
    beside[1:, :DIMENSIONS] = said[:-1] * same
    beside[:-1, 2 * DIMENSIONS :] = said[1:] * same
    sums = _sums(np.concatenate((said, np.maximum(beside @ meaning.conv + meaning.conv_bias, 0)), axis=1), tokens)
    count = np.bincount(tokens.block, minlength=tokens.n)[:, None]
    sums /= np.sqrt(np.maximum(count, 1), dtype=np.float32)
    meant = np.maximum(sums @ meaning.deep + meaning.deep_bias, 0) @ meaning.out + sums @ meaning.through + meaning.out_bias
    unit: Column = np.where(count > 0, meant / (np.linalg.norm(meant, axis=1, keepdims=True) + np.float32(1e-6)), np.float32(0))
    return unit


def _sums(values: Column, tokens: Tokens) -> Column:
    """The sums (n, c) over the words of each block."""
    sums = np.zeros((tokens.n, values.shape[1]), np.float32)
    if len(values):
        begins = np.flatnonzero(np.diff(tokens.block, prepend=-1))
        sums[tokens.block[begins]] = np.add.reduceat(values, begins, axis=0)
    return sums


def grams(tokens: Tokens) -> tuple[Column, Column]:
    """The distinct words and pairs of words of each block: (block, index into a table of 2 x `BUCKETS`), in order."""
    bucket = tokens.hash % BUCKETS
    first, second = bucket[:-1], bucket[1:]
    pair = BUCKETS + (first * 31 + second * 17) % BUCKETS
    beside = tokens.block[:-1] == tokens.block[1:]
    index = np.concatenate((bucket, pair[beside]))
    block = np.concatenate((tokens.block, tokens.block[:-1][beside]))
    block, index = np.divmod(np.unique(block * (2 * BUCKETS) + index), 2 * BUCKETS)
    return block, index


def scores(tokens: Tokens, weights: Column) -> Column:
    """Log-odds (n, s) of each block by s regressions; `weights` (2 x `BUCKETS` + 1, s), the bias last."""
    block, index = grams(tokens)
    count = np.maximum(np.bincount(block, minlength=tokens.n), 1)
    columns = [np.bincount(block, column[index], tokens.n) / np.sqrt(count) + column[-1] for column in weights.T]
    return np.stack(columns, axis=1)
