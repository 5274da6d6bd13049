"""What the page model looks at: one row a block, over the block, the elements around it, its place and its neighbours."""

from __future__ import annotations

import numpy as np

from ..characters import Class, Column
from ..model import Kind, Place
from .columns import FOR_ARTICLE, KINDS, Columns, Elements, elements
from .headline import title_overlap
from .lexicon import lexicons

_LEVELS = 4  # elements around a block that are looked at, from the inside
_NAMED = 2  # of these so many by their tags
_TAGS = ("p", "div", "li", "section", "article", "main", "td", "blockquote", "figure", "a", "header", "form", "body", "span", "dd", "aside")
_FURNITURE = sum(int(place) for place in Place if not place & (FOR_ARTICLE | Place.FIGURE))
_REACH = 3  # neighbours on each side that are looked at one by one
_REACHES = (6, 15)  # and so many as a mean
_LEAST_REPEATED = 4  # words; shorter ones repeat by chance


def features(columns: Columns) -> Column:
    """The features of n blocks, (n, f) as float32."""
    below = elements(columns.document)
    groups = (
        _own(columns),
        _repeats(columns),
        _under_heading(columns),
        _around(columns, below),
        _in_page(columns, below),
        _beside(columns),
    )
    return np.concatenate(groups, axis=1, dtype=np.float32)


def _in_furniture(c: Columns) -> Column:
    inside: Column = (c.place & _FURNITURE) != 0
    return inside


def _log(values: Column | int) -> Column:
    column: Column = np.log1p(values)
    return column


def _signed_log(values: Column) -> Column:
    column: Column = np.sign(values) * np.log1p(np.abs(values))
    return column


def _own(c: Columns) -> Column:
    """The block itself: length, links, characters, kind, places, lexicons, the words it shares with the title."""
    chars = np.maximum(c.chars, 1)[:, None]
    words = np.maximum(c.words, 1)[:, None]
    bits = np.arange(len(lexicons().names))
    return np.concatenate(
        (
            np.stack((_log(c.chars), _log(c.words), c.linked, c.ends_sentence, c.prose, c.level, title_overlap(c)), axis=1),
            (chars / words).clip(0, 20),
            c.letters[:, [Class.UPPER, Class.DIGIT, Class.SEPARATOR, Class.MONEY, Class.SHOUT, Class.CLOSER]] / chars,
            c.letters[:, [Class.COMMA, Class.END]] / words,
            c.kind[:, None] == np.arange(len(KINDS)),
            (c.place[:, None] >> np.arange(len(Place))) & 1,
            c.found.covered / np.maximum(c.found.words, 1)[:, None],
            (c.found.opening[:, None] >> bits) & 1,
            (c.found.whole[:, None] >> bits) & 1,
        ),
        axis=1,
    )


def _repeats(c: Columns) -> Column:
    """Whether the same text stood before or comes again: layouts for small screens, teasers, pull quotes."""
    n = len(c)
    before, after = np.zeros(n), np.zeros(n)
    seen: dict[str, int] = {}
    text, blocks = c.document.text, c.document.blocks
    for index in np.flatnonzero(c.words >= _LEAST_REPEATED).tolist():
        block = blocks[index]
        other = seen.setdefault(text[block.start : block.end], index)
        if other != index:
            before[index] = after[other] = 1
    return np.stack((before, after), axis=1)


def _under_heading(c: Columns) -> Column:
    """The last heading above: what its words say, its level, how far it is."""
    at = np.arange(len(c))
    last = np.maximum.accumulate(np.where(c.is_kind(Kind.HEADING), at, -1))
    under = last >= 0
    heading = np.maximum(last, 0)
    share = c.found.covered[heading] / np.maximum(c.found.words[heading], 1)[:, None]
    total = np.cumsum(c.words)
    rest = (under, c.level[heading], _log(at - last), _log(total - total[heading]), _in_furniture(c)[heading])
    column: Column = np.concatenate((share, np.stack(rest, axis=1)), axis=1) * under[:, None]
    return column


def _around(c: Columns, below: Elements) -> Column:
    """The elements around the block, from the inside: size, links, prose, list items, furniture; their tags; their likes."""
    prose = np.where(c.prose, c.words, 0)
    counted = (c.words, c.linked * c.words, prose, np.ones(len(c)), c.is_kind(Kind.LIST_ITEM), _in_furniture(c))
    sums = below.below(np.stack(counted, axis=1))
    total = max(float(prose.sum()), 1.0)
    words, blocks = np.maximum(sums[:, 0], 1), np.maximum(sums[:, 3], 1)
    shares = (sums[:, 1] / words, sums[:, 2] / words, sums[:, 2] / total, sums[:, 4] / blocks, sums[:, 5] / blocks)
    figures = np.stack((_log(sums[:, 0]), _log(sums[:, 3]), *shares), axis=1)
    tags = np.array([_TAG_NUMBER.get(tag, -1) for tag in c.document.containers.tags])
    groups = []
    at = c.container
    for level in range(_LEVELS):
        groups.append(figures[at])
        if level < _NAMED:
            groups.append(tags[at][:, None] == np.arange(len(_TAGS)))
        at = np.maximum(below.parent[at], 0)
    likes = np.array(c.document.containers.likes)[c.container]
    count = np.bincount(likes)[likes]
    alike, alike_prose = np.bincount(likes, weights=c.words)[likes], np.bincount(likes, weights=prose)[likes]
    groups.append(np.stack((_log(count), _log(alike / count), alike_prose / np.maximum(alike, 1), alike_prose / total), axis=1))
    return np.concatenate(groups, axis=1)


_TAG_NUMBER = {tag: number for number, tag in enumerate(_TAGS)}


def _main_mass(c: Columns, below: Elements) -> int:
    """The element with the greatest sum of prose minus furniture, the deepest of equals.

    Finn's body text extraction (Finn, Kushmerick, Smyth 2001), over elements instead of the token sequence.
    """
    text = np.where(c.prose | c.ends_sentence, c.words * np.where((c.place & FOR_ARTICLE) != 0, 1.25, 1.0), 0.0)
    weights = np.where(c.linked < 0.4, text, -0.6 * np.maximum(c.words, 2))
    mass = np.round(below.below(np.where(_in_furniture(c), -0.1 * c.words, weights)), 6)
    return len(mass) - 1 - int(np.argmax(mass[::-1]))


def _in_page(c: Columns, below: Elements) -> Column:
    """Where the block stands: in the page, in the main mass, from the first main heading on."""
    n = len(c)
    at = np.arange(n)
    main = _main_mass(c, below)
    first, last = int(below.first[main]), int(below.last[main])
    inside = (at >= first) & (at < last)
    prose = np.where(c.prose & ~_in_furniture(c), c.words, 0)
    total = max(float(prose.sum()), 1.0)
    before = np.cumsum(prose) - prose
    headings = np.flatnonzero(c.is_kind(Kind.HEADING) & (c.level == 1))
    heading = int(headings[0]) if len(headings) else first
    depth = np.zeros(n)  # of the elements around the block, those within the main mass
    around = c.container
    for _ in range(2 * _LEVELS):
        depth += (below.first[around] >= first) & (below.last[around] <= last)
        around = np.maximum(below.parent[around], 0)
    columns = (
        at / n,
        _log(at),
        _log(n - at),
        before / total,
        1 - (before + prose) / total,
        inside,
        np.where(inside, (at - first) / max(last - first, 1), -1.0),
        _signed_log(at - first),
        _signed_log(last - at),
        _signed_log(at - heading),
        np.full(n, prose[first:last].sum() / total),
        np.full(n, np.log1p(total)),
        depth,
        np.where(inside, np.log1p(last - first), 0.0),
    )
    return np.stack(columns, axis=1)


def _beside(c: Columns) -> Column:
    """The blocks before and after, one by one, and the means over more of them."""
    marks = np.stack(
        (
            _log(c.words),
            c.linked,
            c.prose,
            c.ends_sentence,
            c.is_kind(Kind.HEADING),
            c.is_kind(Kind.LIST_ITEM),
            c.is_kind(Kind.PARAGRAPH),
            _in_furniture(c),
            c.found.covered.sum(axis=1) / np.maximum(c.found.words, 1),
            (c.place & FOR_ARTICLE) != 0,
        ),
        axis=1,
    )
    n = len(c)
    at = np.arange(n)
    padded = np.pad(marks.astype(np.float64), ((_REACH, _REACH), (0, 0)), constant_values=-1.0)
    containers = np.pad(c.container, _REACH, constant_values=-1)
    groups = []
    for first in (first for first in range(2 * _REACH + 1) if first != _REACH):
        groups += [padded[first : first + n], (containers[first : first + n] == c.container)[:, None]]
    total = np.concatenate((np.zeros((1, marks.shape[1])), np.cumsum(marks, axis=0)))
    for reach in _REACHES:
        low, high = np.maximum(at - reach, 0), np.minimum(at + reach + 1, n)
        groups += [(total[at] - total[low]) / reach, (total[high] - total[at + 1]) / reach]
    return np.concatenate(groups, axis=1)
