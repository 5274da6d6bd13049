"""What the page model looks at: one row a block, over the block, the elements around it, its place and its neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from ..characters import Class, Column
from ..model import Kind, Place
from .columns import FOR_ARTICLE, KINDS, Columns, Elements, elements
from .lexicon import lexicons

_LEVELS = 4  # elements around a block that are looked at, from the inside
_NAMED = 2  # of these so many by their tags
_TAGS = ("p", "div", "li", "section", "article", "main", "td", "blockquote", "figure", "a", "header", "form", "body", "span", "dd", "aside")
_FURNITURE = sum(int(place) for place in Place if not place & (FOR_ARTICLE | Place.FIGURE))
_REACHES = (1, 4, 15)  # blocks before and after that are looked at as a mean
_LEAST_REPEATED = 4  # words; shorter ones repeat by chance

_KIND_NUMBERS = np.arange(len(KINDS))[:, None]
_TAG_NUMBERS = np.arange(len(_TAGS))[:, None]
_SIGNS = [Class.UPPER, Class.DIGIT, Class.SEPARATOR, Class.MONEY, Class.SHOUT, Class.CLOSER, Class.COMMA, Class.END]
_LARGEST = 1 << 16


class _TagNumber(dict[str, int]):
    """The numbers of the tags that are looked at, -1 for the others."""

    def __missing__(self, tag: str) -> int:
        return -1


_TAG_NUMBER = _TagNumber((tag, number) for number, tag in enumerate(_TAGS))


@lru_cache(maxsize=1)
def _logs() -> Column:
    """The logarithms of 1 to 2^16, rounded: the last bits of a logarithm differ from machine to machine."""
    return np.array([round(math.log1p(number), 5) for number in range(_LARGEST)], np.float32)


def _log(counts: Column) -> Column:
    """log(1 + x) of whole numbers."""
    column: Column = _logs()[np.minimum(counts, _LARGEST - 1)]
    return column


def _signed_log(counts: Column) -> Column:
    column: Column = np.sign(counts) * _log(np.abs(counts))
    return column


def _bits(masks: Column, count: int) -> Column:
    """The lowest bits (count, n) of n masks, each 0 or 1."""
    octets = masks.astype("<u4").view(np.uint8).reshape(-1, 4)
    bits: Column = np.unpackbits(octets, axis=1, count=count, bitorder="little").T
    return bits


def _rows(*columns: Column) -> Column:
    """Columns as the rows of one array, which takes a third of the time of stacking them."""
    rows = np.empty((len(columns), len(columns[0])), np.float32)
    for row, column in zip(rows, columns, strict=True):
        row[:] = column
    return rows


def features(columns: Columns) -> Column:
    """The features of n blocks, (n, f) as float32: the same to the last bit on every machine."""
    return np.concatenate(list(_groups(columns)), axis=0, dtype=np.float32).T


def _groups(c: Columns) -> Iterator[Column]:
    """Features as rows (f, n): a page has more features than many of its blocks, and a row is one piece of memory."""
    furniture = (c.place & _FURNITURE) != 0
    for_article = (c.place & FOR_ARTICLE) != 0
    words, prose = _log(c.words), np.where(c.prose, c.words, 0)
    below = elements(c.document)
    sums = below.below(_counted(c, prose, furniture, for_article))
    yield _own(c, words)
    yield _repeats(c)
    yield _under_heading(c, furniture)
    yield from _around(c, below, sums, prose)
    yield _in_page(c, below, sums[:, -1], np.where(furniture, 0, prose))
    yield from _beside(c, words, furniture, for_article)


def _own(c: Columns, words: Column) -> Column:
    """The block itself: length, links, characters, kind, places, lexicons, the words it shares with the title."""
    each = np.maximum(c.words, 1)
    overlap = c.overlaps.max(axis=0)
    return np.concatenate(
        (
            _rows(_log(c.chars), words, c.linked, c.ends_sentence, c.prose, c.level, overlap, np.minimum(c.chars / each, 20)),
            c.letters.T[_SIGNS] / np.maximum(c.chars, 1),
            c.kind == _KIND_NUMBERS,
            c.inside,
            c.shares.T,
            _bits(c.found.opening, len(lexicons().names)),
        )
    )


def _repeats(c: Columns) -> Column:
    """Whether the same text stood before or comes again: layouts for small screens, teasers, pull quotes."""
    before_after = np.zeros((2, len(c)), np.float32)
    seen: dict[str, int] = {}
    text, blocks = c.document.text, c.document.blocks
    for index in np.flatnonzero(c.words >= _LEAST_REPEATED).tolist():
        start, end, *_ = blocks[index]
        other = seen.setdefault(text[start:end], index)
        if other != index:
            before_after[0, index] = before_after[1, other] = 1
    return before_after


def _under_heading(c: Columns, furniture: Column) -> Column:
    """The heading before the block: what the lexicons find in it, its level, how far it is, whether it stands in furniture."""
    at = np.arange(len(c))
    last = np.maximum.accumulate(np.where(c.is_kind(Kind.HEADING), at, -1))
    under = last >= 0
    heading = np.maximum(last, 0)
    total = np.cumsum(c.words)
    since = _log(total - total[heading])
    return np.concatenate((c.shares[heading].T, _rows(under, c.level[heading], _log(at - last), since, furniture[heading]))) * under


def _counted(c: Columns, prose: Column, furniture: Column, for_article: Column) -> Column:
    """What is summed below every element (n, 7): words, linked words, prose, blocks, list items, furniture, and prose minus furniture.

    The last is for Finn's body text extraction (Finn, Kushmerick, Smyth 2001), over elements instead of the token sequence.
    """
    text = np.where(c.prose | c.ends_sentence, c.words * np.where(for_article, 1.25, 1.0), 0.0)
    mass = np.where(furniture, -0.1 * c.words, np.where(c.linked < 0.4, text, -0.6 * np.maximum(c.words, 2)))
    counted = np.empty((len(c), 7))
    columns: tuple[Any, ...] = (c.words, c.linked * c.words, prose, 1, c.is_kind(Kind.LIST_ITEM), furniture, mass)
    for number, column in enumerate(columns):
        counted[:, number] = column
    return counted


def _around(c: Columns, below: Elements, sums: Column, prose: Column) -> Iterator[Column]:
    """The elements around the block, from the inside: size, links, prose, list items, furniture; their tags; their likes."""
    words, linked, text, blocks, items, inside = sums.T[:6]
    total = max(int(prose.sum()), 1)
    each, count = np.maximum(words, 1), np.maximum(blocks, 1)
    sizes = _log(words.astype(np.int64)), _log(blocks.astype(np.int64))
    figures = _rows(*sizes, linked / each, text / each, text / total, items / count, inside / count)
    names = c.document.containers.tags
    tags = np.fromiter(map(_TAG_NUMBER.__getitem__, names), np.int64, len(names))
    at = c.container
    for level in range(_LEVELS):
        yield figures[:, at]
        if level < _NAMED:
            yield tags[at] == _TAG_NUMBERS
        at = np.maximum(below.parent[at], 0)
    likes = c.likes
    number = np.bincount(likes)[likes]
    alike = np.bincount(likes, weights=c.words)[likes].astype(np.int64)
    alike_prose = np.bincount(likes, weights=prose)[likes]
    yield _rows(_log(number), _log(alike // number), alike_prose / np.maximum(alike, 1), alike_prose / total)


def _in_page(c: Columns, below: Elements, mass: Column, prose: Column) -> Column:
    """Where the block stands: in the page, in the main mass, from the first main heading on; `prose` outside furniture.

    The main mass is the element with the greatest sum of prose minus furniture, the deepest of equals.
    """
    n = len(c)
    at = np.arange(n)
    main = len(mass) - 1 - int(np.argmax(np.round(mass[::-1], 6)))
    first, last = int(below.first[main]), int(below.last[main])
    inside = (at >= first) & (at < last)
    total = max(int(prose.sum()), 1)
    before = np.cumsum(prose)
    headings = np.flatnonzero(c.is_kind(Kind.HEADING) & (c.level == 1))
    heading = int(headings[0]) if len(headings) else first
    return _rows(
        at / n,
        _log(at),
        _log(n - at),
        (before - prose) / total,
        1 - before / total,
        inside,
        np.where(inside, (at - first) / max(last - first, 1), -1.0),
        _signed_log(at - first),
        _signed_log(last - at),
        _signed_log(at - heading),
        np.full(n, prose[first:last].sum() / total),
        np.full(n, _log(np.array(total))),
        np.where(inside, _log(np.array(last - first)), 0.0),
    )


def _beside(c: Columns, words: Column, furniture: Column, for_article: Column) -> Iterator[Column]:
    """The means over the blocks before and after, and whether the nearest stand in the same element."""
    kinds = (c.is_kind(kind) for kind in (Kind.HEADING, Kind.LIST_ITEM, Kind.PARAGRAPH))
    marks = _rows(words, c.linked, c.prose, c.ends_sentence, *kinds, furniture, c.shares.sum(axis=1), for_article)
    n, far = len(c), _REACHES[-1]
    total = np.zeros((len(marks), n + 1 + 2 * far))  # of the blocks before, from so many before the first on
    np.cumsum(marks, axis=1, out=total[:, far + 1 : far + 1 + n])
    total[:, far + 1 + n :] = total[:, far + n, None]
    here, next_ = total[:, far : far + n], total[:, far + 1 : far + 1 + n]
    for reach in _REACHES:
        yield (here - total[:, far - reach : far - reach + n]) / reach
        yield (total[:, far + 1 + reach : far + 1 + reach + n] - next_) / reach
    same = np.zeros((4, n), np.float32)
    for row, distance in enumerate((1, 2)):
        beside = c.container[distance:] == c.container[:-distance]
        same[2 * row, distance:], same[2 * row + 1, : n - distance] = beside, beside
    yield same
