"""What the page model looks at: one row a block, over the block, the elements around it, its place and its neighbours."""

from __future__ import annotations

from collections.abc import Iterator

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

_KINDS = np.arange(len(KINDS))[:, None]
_PLACES = np.arange(len(Place))[:, None]
_TAG_NUMBERS = np.arange(len(_TAGS))[:, None]
_TAG_NUMBER = {tag: number for number, tag in enumerate(_TAGS)}
_SIGNS = [Class.UPPER, Class.DIGIT, Class.SEPARATOR, Class.MONEY, Class.SHOUT, Class.CLOSER, Class.COMMA, Class.END]


def features(columns: Columns) -> Column:
    """The features of n blocks, (n, f) as float32."""
    return np.concatenate(list(_groups(columns)), axis=0, dtype=np.float32).T


def _groups(c: Columns) -> Iterator[Column]:
    """Features as rows (f, n): a page has more features than many of its blocks, and a row is one piece of memory."""
    below = elements(c.document)
    furniture = (c.place & _FURNITURE) != 0
    words, prose = np.log1p(c.words), np.where(c.prose, c.words, 0)
    yield _own(c, words)
    yield _repeats(c)
    yield _under_heading(c, furniture)
    yield from _around(c, below, prose, furniture)
    yield _in_page(c, below, np.where(furniture, 0, prose), furniture)
    yield from _beside(c, words, furniture)


def _rows(*columns: Column) -> Column:
    """Columns as the rows of one array, which takes a third of the time of stacking them."""
    rows = np.empty((len(columns), len(columns[0])), np.float32)
    for row, column in zip(rows, columns, strict=True):
        row[:] = column
    return rows


def _signed_log(values: Column) -> Column:
    column: Column = np.sign(values) * np.log1p(np.abs(values))
    return column


def _own(c: Columns, words: Column) -> Column:
    """The block itself: length, links, characters, kind, places, lexicons, the words it shares with the title."""
    each = np.maximum(c.words, 1)
    bits = np.arange(len(lexicons().names))[:, None]
    return np.concatenate(
        (
            _rows(np.log1p(c.chars), words, c.linked, c.ends_sentence, c.prose, c.level, c.overlaps.max(axis=0), (c.chars / each).clip(0, 20)),
            c.letters.T[_SIGNS] / np.maximum(c.chars, 1),
            c.kind == _KINDS,
            (c.place >> _PLACES) & 1,
            c.shares.T,
            (c.found.opening >> bits) & 1,
        )
    )


def _repeats(c: Columns) -> Column:
    """Whether the same text stood before or comes again: layouts for small screens, teasers, pull quotes."""
    before_after = np.zeros((2, len(c)), np.float32)
    seen: dict[str, int] = {}
    text, blocks = c.document.text, c.document.blocks
    for index in np.flatnonzero(c.words >= _LEAST_REPEATED).tolist():
        block = blocks[index]
        other = seen.setdefault(text[block.start : block.end], index)
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
    since = np.log1p(total - total[heading])
    return np.concatenate((c.shares[heading].T, _rows(under, c.level[heading], np.log1p(at - last), since, furniture[heading]))) * under


def _around(c: Columns, below: Elements, prose: Column, furniture: Column) -> Iterator[Column]:
    """The elements around the block, from the inside: size, links, prose, list items, furniture; their tags; their likes."""
    counted = (c.words, c.linked * c.words, prose, np.ones(len(c)), c.is_kind(Kind.LIST_ITEM), furniture)
    words, linked, text, blocks, items, inside = below.below(np.stack(counted, axis=1)).T
    total = max(float(prose.sum()), 1.0)
    each, count = np.maximum(words, 1), np.maximum(blocks, 1)
    figures = _rows(np.log1p(words), np.log1p(blocks), linked / each, text / each, text / total, items / count, inside / count)
    names = c.document.containers.tags
    tags = np.fromiter((_TAG_NUMBER.get(name, -1) for name in names), np.int64, len(names))
    at = c.container
    for level in range(_LEVELS):
        yield figures[:, at]
        if level < _NAMED:
            yield tags[at] == _TAG_NUMBERS
        at = np.maximum(below.parent[at], 0)
    likes = c.likes
    number = np.bincount(likes)[likes]
    alike, alike_prose = np.bincount(likes, weights=c.words)[likes], np.bincount(likes, weights=prose)[likes]
    yield _rows(np.log1p(number), np.log1p(alike / number), alike_prose / np.maximum(alike, 1), alike_prose / total)


def _main_mass(c: Columns, below: Elements, furniture: Column) -> int:
    """The element with the greatest sum of prose minus furniture, the deepest of equals.

    Finn's body text extraction (Finn, Kushmerick, Smyth 2001), over elements instead of the token sequence.
    """
    text = np.where(c.prose | c.ends_sentence, c.words * np.where((c.place & FOR_ARTICLE) != 0, 1.25, 1.0), 0.0)
    weights = np.where(c.linked < 0.4, text, -0.6 * np.maximum(c.words, 2))
    mass = np.round(below.below(np.where(furniture, -0.1 * c.words, weights)), 6)
    return len(mass) - 1 - int(np.argmax(mass[::-1]))


def _in_page(c: Columns, below: Elements, prose: Column, furniture: Column) -> Column:
    """Where the block stands: in the page, in the main mass, from the first main heading on; `prose` outside furniture."""
    n = len(c)
    at = np.arange(n)
    main = _main_mass(c, below, furniture)
    first, last = int(below.first[main]), int(below.last[main])
    inside = (at >= first) & (at < last)
    total = max(float(prose.sum()), 1.0)
    before = np.cumsum(prose)
    headings = np.flatnonzero(c.is_kind(Kind.HEADING) & (c.level == 1))
    heading = int(headings[0]) if len(headings) else first
    return _rows(
        at / n,
        np.log1p(at),
        np.log1p(n - at),
        (before - prose) / total,
        1 - before / total,
        inside,
        np.where(inside, (at - first) / max(last - first, 1), -1.0),
        _signed_log(at - first),
        _signed_log(last - at),
        _signed_log(at - heading),
        np.full(n, prose[first:last].sum() / total),
        np.full(n, np.log1p(total)),
        np.where(inside, np.log1p(last - first), 0.0),
    )


def _beside(c: Columns, words: Column, furniture: Column) -> Iterator[Column]:
    """The means over the blocks before and after, and whether the nearest stand in the same element."""
    kinds = (c.is_kind(kind) for kind in (Kind.HEADING, Kind.LIST_ITEM, Kind.PARAGRAPH))
    marks = _rows(words, c.linked, c.prose, c.ends_sentence, *kinds, furniture, c.shares.sum(axis=1), (c.place & FOR_ARTICLE) != 0)
    n = len(c)
    at = np.arange(n)
    total = np.zeros((len(marks), n + 1))
    np.cumsum(marks, axis=1, out=total[:, 1:])
    for reach in _REACHES:
        low, high = np.maximum(at - reach, 0), np.minimum(at + reach + 1, n)
        yield (total[:, at] - total[:, low]) / reach
        yield (total[:, high] - total[:, at + 1]) / reach
    same = np.zeros((4, n), np.float32)
    for row, distance in enumerate((1, 2)):
        beside = c.container[distance:] == c.container[:-distance]
        same[2 * row, distance:], same[2 * row + 1, : n - distance] = beside, beside
    yield same
