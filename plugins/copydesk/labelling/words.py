"""What a line of text says: its words by hash, how rare they are, a vector of its meaning, how far it sounds like a pitch.

The encoder is a small student of a multilingual sentence encoder (Yang et al.: Multilingual universal sentence encoder for
semantic retrieval, 2019; `copydesk train meaning` makes it): a vector a word, a convolution over three words, a sum over
the line. The scores are logistic regressions over words and pairs of words. Both go by hash, so no list of words is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from ..characters import Column
from . import net
from .lexicon import Found

MEANING, SCORES = "meaning.npz", "words.npz"
BUCKETS = 1 << 16
_WIDTH = 17  # bits of a place in two tables of so many
DIMENSIONS = 64
_MIXED, _UPPER = np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(32)  # the first letter tells in the upper half of a hash too
_PLACES, _PLACE = np.uint64(31), np.uint64((1 << 31) - 1)  # of a word in a text: below the 32 bits of its hash
_HEARD, _AT_ONCE = 256, 128  # words of a block, blocks
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


def widened(arrays: Mapping[str, Column]) -> Meaning:
    """The encoder of stored arrays, its layers as float32: half of the width is stored, for the half is lost in the noise."""
    return Meaning(**{name: array.astype(np.float32) if array.dtype == np.float16 else array for name, array in arrays.items()})


@dataclass(frozen=True, slots=True)
class Tokens:
    """The w words of n blocks, one after the other: their `hash` (32 bits), and the `block` (0 to n - 1, rising) that each stands in.

    `order` sorts them by hash, those of one hash as they stand; `distinct` has the d hashes in that order, `which` the place
    of each word among them.
    """

    hash: Column
    block: Column
    n: int
    order: Column
    distinct: Column
    which: Column


def tokens(found: Found) -> Tokens:
    """The words that the lexicons' look-up split the blocks into."""
    inside = np.ones(len(found.hashes), np.bool_)
    inside[found.first + found.words] = False  # between two blocks stands a break
    hashes = found.hashes[inside] * _MIXED >> _UPPER
    # One sort of whole numbers, the hash above the place: several times as fast as one that gives places back.
    placed = np.sort(hashes << _PLACES | np.arange(len(hashes), dtype=np.uint64))
    order, ranked = (placed & _PLACE).astype(np.int64), placed >> _PLACES
    fresh = np.ones(len(ranked), np.bool_)
    np.not_equal(ranked[1:], ranked[:-1], out=fresh[1:])
    which = np.empty(len(ranked), np.int64)
    which[order] = np.cumsum(fresh) - 1
    return Tokens(hashes.astype(np.int64), found.text_of[inside], len(found.first), order, ranked[fresh].astype(np.uint32), which)


def known(tokens: Tokens, meaning: Meaning) -> Column:
    """The row of each distinct word in the tables, 0 for one that they lack."""
    at = np.minimum(np.searchsorted(meaning.hashes, tokens.distinct), len(meaning.hashes) - 1)
    rows: Column = np.where(meaning.hashes[at] == tokens.distinct, at + 1, 0)
    return rows


def vectors(tokens: Tokens, rows: Column, meaning: Meaning) -> Column:
    """What each block says: (n, 64), of length 1, zero where there are no words; `rows` as from `known`.

    The start of a very long block speaks for it; a few blocks at a time are read, so that memory is bounded.
    """
    block, which = tokens.block, tokens.which
    count = np.bincount(block, minlength=tokens.n)
    if tokens.n and count.max() > _HEARD:
        heard = np.arange(len(block)) - np.repeat(np.cumsum(count) - count, count) < _HEARD
        block, which = block[heard], which[heard]
        count = np.minimum(count, _HEARD)
    sums = np.zeros((tokens.n, DIMENSIONS + meaning.conv.shape[1]), np.float32)
    if tokens.n <= _AT_ONCE:
        _add(sums, block, which, rows, meaning)
    else:
        edges = np.searchsorted(block, np.arange(0, tokens.n + _AT_ONCE, _AT_ONCE)).tolist()
        for first, last in pairwise(edges):
            distinct, among = np.unique(which[first:last], return_inverse=True)
            _add(sums, block[first:last], among, rows[distinct], meaning)
    sums /= np.sqrt(np.maximum(count, 1), dtype=np.float32)[:, None]
    meant = np.maximum(sums @ meaning.deep + meaning.deep_bias, 0) @ meaning.out + sums @ meaning.through + meaning.out_bias
    unit: Column = np.where(count[:, None] > 0, meant / (np.linalg.norm(meant, axis=1, keepdims=True) + np.float32(1e-6)), np.float32(0))
    return unit


def _add(sums: Column, block: Column, which: Column, rows: Column, meaning: Meaning) -> None:
    """Add the words' vectors, and those of each word between its neighbours, to the sums of their blocks.

    Half of a text's words come again: each is multiplied once; `which` are places among their `rows`. The last row, all
    zeros, is the neighbour beyond a block's edge.
    """
    if not len(which):
        return
    beyond = len(rows)
    known = np.zeros((beyond + 1, DIMENSIONS), np.float32)
    np.multiply(meaning.vectors[rows], np.float32(STEP), out=known[:beyond])
    before, own, after = known @ meaning.conv.reshape(3, DIMENSIONS, -1)
    own += meaning.conv_bias
    ends = np.flatnonzero(block[1:] != block[:-1])
    convolved = own.take(which, axis=0)  # half the time of an index
    beside = which[:-1].copy()
    beside[ends] = beyond
    convolved[1:] += before.take(beside, axis=0)
    beside[:] = which[1:]
    beside[ends] = beyond
    convolved[:-1] += after.take(beside, axis=0)
    np.maximum(convolved, 0, out=convolved)
    begins = np.concatenate((np.zeros(1, np.int64), ends + 1))
    sums[block[begins], :DIMENSIONS] = np.add.reduceat(known.take(which, axis=0), begins, axis=0)
    sums[block[begins], DIMENSIONS:] = np.add.reduceat(convolved, begins, axis=0)


def grams(tokens: Tokens) -> tuple[Column, Column]:
    """The distinct words and pairs of words of each block: (block, index into a table of 2 x `BUCKETS`), in order."""
    bucket = tokens.hash & (BUCKETS - 1)
    pair = (bucket[:-1] * 31 + bucket[1:] * 17) & (BUCKETS - 1) | BUCKETS
    beside = tokens.block[:-1] == tokens.block[1:]
    above = tokens.block << _WIDTH
    slots = np.sort(np.concatenate((above | bucket, (above[:-1] | pair)[beside])))
    fresh = np.ones(len(slots), np.bool_)
    np.not_equal(slots[1:], slots[:-1], out=fresh[1:])
    slots = slots[fresh]
    return slots >> _WIDTH, slots & (2 * BUCKETS - 1)


def scores(tokens: Tokens, weights: Column) -> Column:
    """Log-odds (n, s) of each block by s regressions; `weights` (2 x `BUCKETS` + 1, s), the bias last."""
    block, index = grams(tokens)
    length = np.sqrt(np.maximum(np.bincount(block, minlength=tokens.n), 1))
    columns = [np.bincount(block, column, tokens.n) / length for column in weights[index].T]
    odds: Column = np.stack(columns, axis=1) + weights[-1]
    return odds
