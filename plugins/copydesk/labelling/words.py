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
_GRAM_BITS = (2 * BUCKETS - 1).bit_length()  # of a place in two tables of so many
DIMENSIONS = 64
_MIXED, _UPPER = np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(32)  # the first letter tells in the upper half of a hash too
_PLACE_BITS, _PLACE_MASK = np.uint64(31), np.uint64((1 << 31) - 1)  # of a word in a text: below the 32 bits of its hash
_HEARD, _AT_ONCE = 256, 128  # words of a block, blocks
_LAYERS = ("deep", "deep_bias", "out", "out_bias", "through")
_TINY = np.float32(1e-6)
_ZERO = 128  # of a byte without a sign
_MOST = 255  # steps of what a word adds; `_HEARD` of them fit into sixteen bits
STEP = 1 / 16  # of the stored vectors: whole numbers of it, a byte each


@dataclass(frozen=True, slots=True)
class Meaning:
    """The encoder over a vocabulary of v words, row 0 for all others.

    `hashes` (v) in order, `rarity` (v + 1); `table` (v + 1, 4 x 64) of each word in bytes: its vector, of which `_ZERO` is
    none, and what it adds to the word after it, to itself and to the word before it; then the layers from the sums of both
    (128) to 64: `deep` and `out`, and `through` past them.
    """

    hashes: Column
    rarity: Column
    table: Column
    deep: Column
    deep_bias: Column
    out: Column
    out_bias: Column
    through: Column


@lru_cache(maxsize=1)
def meaning() -> Meaning:
    """The encoder of the package, read once."""
    return encoder(net.arrays(MEANING))


def encoder(arrays: Mapping[str, Column]) -> Meaning:
    """The encoder of arrays as training leaves them: `vectors` (v + 1, 64) in steps of `STEP`, `conv` (3 x 64, 64) and the layers.

    The convolution is made for every word once, and rounded to a byte: a sum of bytes is exact, and the rounding is lost in
    the noise (a correlation of .99999 over the development texts), as is what the layers lose by being stored at half the width.
    """
    conv, bias, *layers = (arrays[name].astype(np.float32) for name in ("conv", "conv_bias", *_LAYERS))
    beside = arrays["vectors"].astype(np.float32) @ np.concatenate(np.split(conv * np.float32(STEP), 3), axis=1)
    beside[:, DIMENSIONS : 2 * DIMENSIONS] += bias
    largest = np.maximum(beside.max(axis=0), -beside.min(axis=0)).reshape(3, DIMENSIONS).max(axis=0)
    steps = np.maximum(largest, _TINY) / np.float32(127)
    beside /= np.tile(steps, 3)
    table = np.concatenate((arrays["vectors"] ^ np.int8(-_ZERO), np.rint(beside, out=beside).astype(np.int8)), axis=1)
    steps = np.concatenate((np.full(DIMENSIONS, STEP, np.float32), steps))[:, None]
    deep, deep_bias, out, out_bias, through = layers
    return Meaning(arrays["hashes"], arrays["rarity"].astype(np.float32), table, deep * steps, deep_bias, out, out_bias, through * steps)


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


def first_of_equals(column: Column) -> Column:
    """Which values (n) differ from the one before; the first always."""
    fresh = np.ones(len(column), np.bool_)
    np.not_equal(column[1:], column[:-1], out=fresh[1:])
    return fresh


def tokens(found: Found) -> Tokens:
    """The words that the lexicons' look-up split the blocks into."""
    inside = np.ones(len(found.hashes), np.bool_)
    inside[found.first + found.words] = False  # between two blocks stands a break
    hashes = found.hashes[inside] * _MIXED >> _UPPER
    # One sort of whole numbers, the hash above the place: several times as fast as one that gives places back.
    placed = np.sort(hashes << _PLACE_BITS | np.arange(len(hashes), dtype=np.uint64))
    order, ranked = (placed & _PLACE_MASK).astype(np.int64), placed >> _PLACE_BITS
    fresh = first_of_equals(ranked)
    which = np.empty(len(ranked), np.int64)
    which[order] = np.cumsum(fresh) - 1
    return Tokens(hashes.astype(np.int64), found.text_of[inside], len(found.first), order, ranked[fresh].astype(np.uint32), which)


def known(tokens: Tokens, meaning: Meaning) -> Column:
    """The row of each distinct word in the tables, 0 for one that they lack."""
    at = np.searchsorted(meaning.hashes, tokens.distinct)
    rows: Column = np.where(meaning.hashes.take(at, mode="clip") == tokens.distinct, at + 1, 0)
    return rows


def vectors(tokens: Tokens, rows: Column, meaning: Meaning) -> Column:
    """What each block says: (n, 64), of length 1, zero where there are no words; `rows` as from `known`.

    The start of a very long block speaks for it; a few blocks at a time are read, so that memory is bounded.
    """
    block, rows = tokens.block, rows[tokens.which]
    count = np.bincount(block, minlength=tokens.n)
    if count.max(initial=0) > _HEARD:
        heard = np.arange(len(block)) - np.repeat(np.cumsum(count) - count, count) < _HEARD
        block, rows = block[heard], rows[heard]
        count = np.minimum(count, _HEARD)
    sums = np.zeros((tokens.n, 2 * DIMENSIONS), np.float32)
    edges = np.searchsorted(block, np.arange(0, tokens.n + _AT_ONCE, _AT_ONCE)).tolist()
    for first, last in pairwise(edges):
        _add(sums, block[first:last], meaning.table.take(rows[first:last], axis=0))
    sums[:, :DIMENSIONS] -= (_ZERO * count)[:, None]
    sums /= np.sqrt(np.maximum(count, 1), dtype=np.float32)[:, None]
    meant: Column = np.maximum(sums @ meaning.deep + meaning.deep_bias, 0) @ meaning.out + sums @ meaning.through + meaning.out_bias
    meant[count == 0] = 0
    meant /= np.sqrt(np.vecdot(meant, meant))[:, None] + _TINY
    return meant


def _add(sums: Column, block: Column, said: Column) -> None:
    """Add the words' vectors, and those of each word between its neighbours, to the sums of their blocks, in steps.

    `said` (w, 4 x 64) are rows of `Meaning.table`. Four sums at a time are made in a word of 64 bits: none passes sixteen.
    """
    if not len(said):
        return
    own, to_next, to_itself, to_last = (said[:, at : at + DIMENSIONS] for at in range(0, said.shape[1], DIMENSIONS))
    begins = np.flatnonzero(first_of_equals(block))
    ends = begins[1:] - 1  # nothing passes from one block to the next
    beside = to_itself.astype(np.int16)
    from_last, from_next = to_next[:-1].copy(), to_last[1:].copy()
    from_last[ends] = from_next[ends] = 0
    beside[1:] += from_last
    beside[:-1] += from_next
    np.clip(beside, 0, _MOST, out=beside)
    each = (own.view(np.uint8).astype(np.uint16), beside)
    summed = [np.add.reduceat(lanes.view(np.uint64), begins, axis=0).view(np.uint16) for lanes in each]
    sums[block[begins]] = np.concatenate(summed, axis=1)


def grams(tokens: Tokens) -> tuple[Column, Column]:
    """The distinct words and pairs of words of each block: (block, index into a table of 2 x `BUCKETS`), in order."""
    bucket = tokens.hash & (BUCKETS - 1)
    pair = (bucket[:-1] * 31 + bucket[1:] * 17) & (BUCKETS - 1) | BUCKETS
    beside = tokens.block[:-1] == tokens.block[1:]
    above = tokens.block << _GRAM_BITS
    slots = np.sort(np.concatenate((above | bucket, (above[:-1] | pair)[beside])))
    slots = slots[first_of_equals(slots)]
    return slots >> _GRAM_BITS, slots & (2 * BUCKETS - 1)


def scores(tokens: Tokens, weights: Column) -> Column:
    """Log-odds (n, s) of each block by s regressions; `weights` (2 x `BUCKETS` + 1, s), the bias last."""
    block, index = grams(tokens)
    length = np.sqrt(np.maximum(np.bincount(block, minlength=tokens.n), 1))
    odds = np.array([np.bincount(block, column, tokens.n) for column in weights.take(index, axis=0).T]) / length
    biased: Column = odds.T + weights[-1]
    return biased
