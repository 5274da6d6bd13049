"""What the text model looks at: one row a block of plain text, over the block, its voice, the rest of the document and the gaps around."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from ..characters import Class, Column, classes
from .columns import KINDS, Columns
from .lexicon import BREAK, covering, lexicons
from .marks import MARKS, marks
from .words import DIMENSIONS, Meaning, Tokens, first_of_equals, known, scores, tokens, vectors

_QUOTED = re.compile(rf"[“\"«„][^”\"»“{BREAK}]*[”\"»“]?")
_OPENING, _CLOSING = "“«„", "”»"
_FAR = (0, 1, 4)  # blocks beyond which the rest of the document begins
_REACHES = np.array(_FAR)[:, None]
_NEAR = 6  # blocks in which a word comes again
_NAMING = 1.5  # rarity from which on a word tells what a text is about
_ANY_GAP = 3
LAYOUT = 2 * (_ANY_GAP + 1) + 4
_ENDS, _QUOTES, _BULLETS = (np.array(list(map(ord, marks_)))[:, None] for marks_ in (':!?…”"»,', "“\"«„'‘", "-–—•*[("))
_BEGINNINGS = 5
_COSINES, _SHARES = 10, 16


def features(columns: Columns, meaning: Meaning, weights: Column) -> Column:
    """The features of n blocks, (n, f) as float32; the first `LAYOUT` are gaps and lengths, the last the scores of words."""
    said = tokens(columns.found)
    rows = known(said, meaning)
    groups = (
        *_layout(columns),
        *_own(columns),
        *_voice(columns),
        *_place(columns),
        *_shared(said, meaning.rarity[rows]),
        *_meaning(vectors(said, rows, meaning)),
        scores(said, weights).T,
    )
    # A row a feature while they are made, for each is a column over the blocks.
    return np.concatenate(groups, dtype=np.float32).T


# How the receipt calls the lexicons.
_LEXICONS = {
    "attribution": "who is quoted",
    "call_to_action": "calls to action",
    "cookie": "words of cookie notices",
    "credit": "words of photo credits",
    "donation": "words of donation appeals",
    "first_person": "the first person",
    "furniture": "words of page furniture",
    "legal": "words of legal notices",
    "newsletter": "words of newsletter promos",
    "offer": "offers and deadlines",
    "related": "pointers to other pages",
    "second_person": "speaks to the reader",
    "share": "words of share bars",
    "sponsor_label": "says that it is an ad",
}
_FORM, _PLACE, _GAPS = "its length and form", "where it stands", "the gaps around it"
_QUOTE, _STRANGE, _ABOUT, _SAYS = "a quotation around it", "names of its own", "not what the text is about", "what it says"
# Which features are what a block says.
MEANING = slice(-DIMENSIONS - 2, -2)
_WORDING = ("its wording, like a pitch", "its wording, like page furniture")


@lru_cache(maxsize=1)
def evidence() -> tuple[str, ...]:
    """What each of the f features tells, in the words of a receipt."""
    lexicons_ = [_LEXICONS[name] for name in lexicons().names]
    own = [_FORM] * (4 + 1 + len(Class) + 3 + len(KINDS)) + [*MARKS] * 2 + [_FORM] * (len(_ENDS) + _BEGINNINGS)
    cosines = [_ABOUT] * (2 * len(_FAR) + _COSINES) + [_SAYS] * DIMENSIONS
    shared = [_STRANGE] * (2 * len(_FAR) + _SHARES)
    return (*[_GAPS] * LAYOUT, *own, *lexicons_ * 6, *[_QUOTE] * 5, *[_PLACE] * 6, *shared, *cosines, *_WORDING)


def _log(values: Column) -> Column:
    column: Column = np.log1p(values)
    return column


def _rows(*columns: Column) -> Iterator[Column]:
    """Columns over the blocks as rows of one each."""
    for column in columns:
        yield column[None]


_KIND_NUMBERS = np.arange(len(KINDS))[:, None]
_CASES = np.array([Class.UPPER, Class.DIGIT, Class.LOWER])[:, None]
_PACED = [Class.COMMA, Class.END, Class.SHOUT]


def _own(c: Columns) -> Iterator[Column]:
    """The block itself: length, kind, characters, marks of commerce, how it begins and ends."""
    chars, words = np.maximum(c.chars, 1), np.maximum(c.words, 1)
    letters = c.letters.T
    first, last = c.code[c.start], c.code[c.end - 1]
    counted = marks(c.document.text, c.code, c.start)
    logs = _log(np.concatenate((*_rows(c.chars, c.words), counted)))
    yield logs[:2]
    yield from _rows(c.ends_sentence, c.level, np.minimum(chars / words, 20))
    yield letters / chars
    yield letters[_PACED] / words
    yield c.kind == _KIND_NUMBERS
    yield logs[2:]
    yield counted > 0
    yield last == _ENDS
    yield classes(first) == _CASES
    yield from _rows((first == _QUOTES).any(axis=0), (first == _BULLETS).any(axis=0))


def _voice(c: Columns) -> Iterator[Column]:
    """Whose voice it is: the lexicons outside and inside quotation marks, and quotations that are left open."""
    found, n = c.found, len(c)
    begins, ends = np.array([span.span() for span in _QUOTED.finditer(found.joined)], np.int64).reshape(-1, 2).T
    inside = np.zeros(len(found.begin), np.bool_)
    for first, last in zip(np.searchsorted(found.begin, begins).tolist(), np.searchsorted(found.begin, ends).tolist(), strict=True):
        inside[first:last] = True
    quoted_in = found.text_of[inside]
    quoted = covering(found.masks[inside], quoted_in, n).T
    uttered = found.covered.T - quoted
    words = np.maximum(found.words, 1)
    share = uttered / words
    spoken = np.bincount(quoted_in, minlength=n)
    straight, opened = _left_open(c)
    yield share
    yield uttered > 0
    yield quoted / words
    yield c.begun.reshape(-1, n)
    yield share - (share @ words / words.sum())[:, None]
    yield from _rows(spoken / words, straight, opened > 0, opened < 0, spoken > 0)


def _left_open(c: Columns) -> tuple[Column, Column]:
    """Whether the straight quotation marks of each block are odd, and by how many its opening ones outnumber the closing ones."""
    n = len(c)
    turns = _turns().take(c.code, mode="clip")
    at = np.flatnonzero(turns != 0)
    turns, block = turns[at], np.searchsorted(c.start, at, side="right") - 1
    straight = turns == _STRAIGHT
    return np.bincount(block[straight], minlength=n) % 2, np.bincount(block, np.where(straight, 0, turns), n)


_STRAIGHT = 2


@lru_cache(maxsize=1)
def _turns() -> Column:
    """What each code point does to a quotation: 1 opens it, -1 closes it, `_STRAIGHT` does either; the last stands for all beyond."""
    marks_ = {**dict.fromkeys(_OPENING, 1), **dict.fromkeys(_CLOSING, -1), '"': _STRAIGHT}
    table = np.zeros(max(map(ord, marks_)) + 2, np.int8)
    table[list(map(ord, marks_))] = list(marks_.values())
    return table


def _place(c: Columns) -> Iterator[Column]:
    """Where the block stands."""
    n = len(c)
    at = np.arange(n)
    words = np.cumsum(c.words)
    length = _log(c.words)
    yield from _rows(_log(at), _log(n - 1 - at), at == 0, at == n - 1)
    yield from _rows((words - c.words) / max(int(c.words.sum()), 1), length - length.mean())


def _layout(c: Columns) -> Iterator[Column]:
    """The line ends around the block, how usual they are here, how long the text is; made texts give too much away by them."""
    document, n = c.document, len(c)
    ends, starts = [0, *c.end.tolist()], [*c.start.tolist(), len(document.text)]
    breaks = np.array([min(document.text.count("\n", e, s), _ANY_GAP) for e, s in zip(ends, starts, strict=True)])
    breaks[[0, -1]] = 2
    share = np.bincount(breaks[1:-1], minlength=_ANY_GAP + 1) / max(len(breaks) - 2, 1)
    usual = share[breaks]
    around = breaks == _BREAKS
    yield around[:, :-1]
    yield around[:, 1:]
    yield from _rows(usual[:-1], usual[1:], np.full(n, math.log1p(n)), np.full(n, math.log1p(c.words.sum())))


_BREAKS = np.arange(_ANY_GAP + 1)[:, None]


def _shared(said: Tokens, rarity: Column) -> Iterator[Column]:
    """How much of what the block says is said elsewhere in the document, rare words first; and what passes over it.

    `rarity` (d) is of the distinct words.
    """
    n = said.n
    word, block = said.which[said.order], said.block[said.order]
    fresh = first_of_equals(word) | first_of_equals(block)  # each word of a block once
    word, block = word[fresh], block[fresh]
    rarity = rarity[word].astype(np.float64)
    weight = np.where(rarity > _NAMING, rarity, 0.0)
    same = word[1:] == word[:-1]
    count = np.bincount(word)
    last_of = np.cumsum(count) - 1
    first, last, often = block[last_of - count + 1][word], block[last_of][word], count[word]
    since, until = np.full((2, len(word)), n + 99)
    since[1:][same] = until[:-1][same] = (block[1:] - block[:-1])[same]
    total = np.bincount(block, weight, n) + 1e-6
    number = np.maximum(np.bincount(block, minlength=n), 1)
    early, late = block - first, last - block
    told = np.concatenate(
        (
            np.maximum(early, late) > _REACHES,
            *_rows(early > _FAR[-1], late > _FAR[-1], since == 1, until == 1, since <= 3, until <= 3),
            *_rows(first == 0, (first <= 2) & (block > 4), often >= 3, often >= 5, rarity > 7),
        )
    )
    shares = np.bincount((block + np.arange(0, len(told) * n, n)[:, None]).ravel(), (told * weight).ravel(), len(told) * n)
    shares = shares.reshape(len(told), n) / total
    far = shares[: len(_FAR)]
    yield far
    yield far - (far @ number / number.sum())[:, None]
    yield shares[len(_FAR) :]
    passing = (until > 1) & (until < n)
    yield from _rows(_log(total), total / number, np.bincount(block, rarity, n) / number)
    for passes in (passing & (until <= _NEAR), passing):
        yield from _rows(_log(_passing(block, until, weight, passes, n)))


def _passing(block: Column, until: Column, weight: Column, passes: Column, n: int) -> Column:
    """The weight of the words that stand before the block and come again after it."""
    block, until, weight = block[passes], until[passes], weight[passes]
    change = np.bincount(block + 1, weight, n + 1) - np.bincount(block + until, weight, n + 1)
    column: Column = np.maximum(np.cumsum(change)[:n], 0)
    return column


def _meaning(vectors: Column) -> Iterator[Column]:
    """What the block is about, and how near that is to its neighbours and to the rest of the document (cosines)."""
    n = len(vectors)
    # The sum of all vectors before each block, from so many before the first on: a window is the difference of two views.
    padded = np.zeros((n + 1 + 2 * _WIDEST, vectors.shape[1]))
    np.cumsum(vectors, axis=0, out=padded[_WIDEST + 1 : _WIDEST + 1 + n])
    padded[_WIDEST + 1 + n :] = total = padded[_WIDEST + n]

    def window(first: int, last: int) -> Column:
        column: Column = padded[_WIDEST + last : _WIDEST + last + n] - padded[_WIDEST + first : _WIDEST + first + n]
        return column

    near, around, longer_before = window(-1, 2), window(-4, 5), window(-3, 0)
    each = (
        *(vectors, total - vectors, total - near, total - around),
        *(window(-1, 0), window(1, 2), longer_before, window(1, 4)),
        *(np.broadcast_to(vectors[:1], vectors.shape), total - longer_before, near, around),
    )
    sides = np.concatenate(each, dtype=np.float32).reshape(len(each), n, -1)
    length = np.sqrt(np.vecdot(sides, sides)) + 1e-6
    between = np.vecdot(sides[_LEFT], sides[_RIGHT])
    cosines = np.concatenate((np.vecdot(sides[0], sides[1 : 1 + _WITH_BLOCK]) / length[0], between / length[_LEFT]))
    cosines /= length[_COMPARED]
    rest = cosines[:_REST]
    yield rest
    yield rest - np.add.reduce(rest, axis=1, keepdims=True) / n
    yield cosines[_REST:]
    yield vectors.T


# Of the sides of `_meaning` the block is compared with so many, and these with those; the first are the rest of the document, thrice.
_WITH_BLOCK, _LEFT, _RIGHT = 8, [4, 6, 6, 10, 11], [5, 7, 9, 2, 3]
_COMPARED = [*range(1, 1 + _WITH_BLOCK), *_RIGHT]
_REST = len(_FAR)
_WIDEST = 5  # blocks of a window of `_meaning` on one side
