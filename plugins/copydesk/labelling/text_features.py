"""What the text model looks at: one row a block of plain text, over the block, its voice, the rest of the document and the gaps around."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from ..characters import Class, Column, classes, points
from .columns import KINDS, Columns
from .lexicon import BREAK, covering, lexicons
from .marks import MARKS, marks
from .words import DIMENSIONS, Meaning, Tokens, known, scores, tokens, vectors

_QUOTED = re.compile(rf"[“\"«„][^”\"»“{BREAK}]*[”\"»“]?")
_OPENING, _CLOSING = "“«„", "”»"
_FAR = (0, 1, 4)  # blocks beyond which the rest of the document begins
_NAMING = 1.5  # rarity from which on a word tells what a text is about
_ANY_GAP = 3
LAYOUT = 2 * (_ANY_GAP + 1) + 4
_ENDS, _QUOTES, _BULLETS = (np.array(list(map(ord, marks_))) for marks_ in (':!?…”"»,', "“\"«„'‘", "-–—•*[("))
_BEGINNINGS = 5
_COSINES, _SHARES = 10, 16


def features(columns: Columns, meaning: Meaning, weights: Column) -> Column:
    """The features of n blocks, (n, f) as float32; the first `LAYOUT` are gaps and lengths, the last the scores of words."""
    said = tokens(columns.found)
    rows = known(said, meaning)
    groups = (
        _layout(columns),
        _own(columns),
        _voice(columns),
        _place(columns),
        _shared(said, meaning.rarity[rows]),
        _meaning(vectors(said, rows, meaning)),
        scores(said, weights),
    )
    return np.concatenate(groups, axis=1, dtype=np.float32)


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


def _own(c: Columns) -> Column:
    """The block itself: length, kind, characters, marks of commerce, how it begins and ends."""
    chars, words = np.maximum(c.chars, 1)[:, None], np.maximum(c.words, 1)[:, None]
    counted = marks(c.document.text, c.start).T
    code = points(c.document.text)
    first, last = code[c.start], code[c.end - 1]
    cls = classes(first)
    begins = (
        cls == Class.UPPER,
        cls == Class.DIGIT,
        cls == Class.LOWER,
        *((first[:, None] == marks_).any(axis=1) for marks_ in (_QUOTES, _BULLETS)),
    )
    return np.concatenate(
        (
            np.stack((_log(c.chars), _log(c.words), c.ends_sentence, c.level), axis=1),
            np.minimum(chars / words, 20),
            c.letters / chars,
            c.letters[:, [Class.COMMA, Class.END, Class.SHOUT]] / words,
            c.kind[:, None] == np.arange(len(KINDS)),
            _log(counted),
            counted > 0,
            last[:, None] == _ENDS,
            np.stack(begins, axis=1),
        ),
        axis=1,
    )


def _voice(c: Columns) -> Column:
    """Whose voice it is: the lexicons outside and inside quotation marks, and quotations that are left open."""
    found, n = c.found, len(c)
    spans = [span.span() for span in _QUOTED.finditer(found.joined)]
    begins, ends = np.array(spans, np.int64).reshape(-1, 2).T
    nearest = np.searchsorted(begins, found.begin, "right") - 1
    outside = (nearest < 0) | (found.begin >= np.append(ends, 0)[nearest])
    words = np.maximum(found.words, 1)[:, None]
    uttered = covering(found.masks * outside, found.text_of, n)
    share = uttered / words
    spoken = np.bincount(found.text_of, ~outside, n)
    bits = np.arange(share.shape[1])
    texts = [c.document.text_of(block) for block in c.document.blocks]
    straight = np.array([text.count('"') % 2 for text in texts])
    opened = np.array([sum(map(text.count, _OPENING)) - sum(map(text.count, _CLOSING)) for text in texts])
    quote = np.stack((spoken / words[:, 0], straight, opened > 0, opened < 0, spoken > 0), axis=1)
    mean = (share * words).sum(axis=0) / words.sum()
    groups = (
        share,
        uttered > 0,
        (found.covered - uttered) / words,
        (found.opening[:, None] >> bits) & 1,
        (found.whole[:, None] >> bits) & 1,
        share - mean,
        quote,
    )
    return np.concatenate(groups, axis=1)


def _place(c: Columns) -> Column:
    """Where the block stands."""
    n = len(c)
    at = np.arange(n)
    before = np.cumsum(c.words) - c.words
    total = max(int(c.words.sum()), 1)
    length = _log(c.words)
    return np.stack(
        (
            _log(at),
            _log(n - 1 - at),
            at == 0,
            at == n - 1,
            before / total,
            length - length.mean(),
        ),
        axis=1,
    )


def _layout(c: Columns) -> Column:
    """The line ends around the block, how usual they are here, how long the text is; made texts give too much away by them."""
    document = c.document
    ends, starts = [0, *c.end.tolist()], [*c.start.tolist(), len(document.text)]
    breaks = np.array([min(document.text.count("\n", e, s), _ANY_GAP) for e, s in zip(ends, starts, strict=True)])
    breaks[[0, -1]] = 2
    share = np.bincount(breaks[1:-1], minlength=_ANY_GAP + 1) / max(len(breaks) - 2, 1)
    before, after = breaks[:-1], breaks[1:]
    n = len(c)
    groups = (
        (before[:, None] == np.arange(_ANY_GAP + 1)),
        (after[:, None] == np.arange(_ANY_GAP + 1)),
        share[before][:, None],
        share[after][:, None],
        np.full((n, 2), (np.log1p(n), np.log1p(c.words.sum()))),
    )
    return np.concatenate(groups, axis=1)


def _shared(said: Tokens, rarity: Column) -> Column:
    """How much of what the block says is said elsewhere in the document, rare words first; and what passes over it."""
    n = said.n
    word, block = said.which[said.order], said.block[said.order]
    fresh = np.ones(len(word), np.bool_)  # each word of a block once
    fresh[1:] = (word[1:] != word[:-1]) | (block[1:] != block[:-1])
    word, block = word[fresh], block[fresh]
    rarity = rarity[word].astype(np.float64)
    weight = np.where(rarity > _NAMING, rarity, 0.0)
    padded = np.concatenate(((-1,), word, (-1,)))
    edges, same = np.flatnonzero(padded[1:] != padded[:-1]), word[1:] == word[:-1]
    count = edges[1:] - edges[:-1]
    first, last, often = np.repeat(np.stack((block[edges[:-1]], block[edges[1:] - 1], count)), count, axis=1)
    since, until = np.full((2, len(word)), n + 99)
    since[1:][same] = until[:-1][same] = (block[1:] - block[:-1])[same]
    total = np.bincount(block, weight, n) + 1e-6
    number = np.maximum(np.bincount(block, minlength=n), 1)
    early, late = block - first, last - block
    told = np.array(
        (
            *((early > reach) | (late > reach) for reach in _FAR),
            *(early > _FAR[-1], late > _FAR[-1], since == 1, until == 1, since <= 3, until <= 3),
            *(first == 0, (first <= 2) & (block > 4), often >= 3, often >= 5, rarity > 7),
        )
    )
    # One sum for all: of each kind in each block.
    slots = np.arange(len(told))[:, None] * n + block
    shares = np.bincount(slots.ravel(), (told * weight).ravel(), len(told) * n).reshape(len(told), n).T / total[:, None]
    far = shares[:, : len(_FAR)]
    columns = (
        np.log1p(total),
        total / number,
        np.bincount(block, rarity, n) / number,
        _passing(block, until, weight, (until > 1) & (until <= 6), n),
        _passing(block, until, weight, (until > 1) & (until < n), n),
    )
    return np.concatenate((far, far - np.average(far, axis=0, weights=number), shares[:, len(_FAR) :], np.stack(columns, axis=1)), axis=1)


def _passing(block: Column, until: Column, weight: Column, passes: Column, n: int) -> Column:
    """The weight of the words that stand before the block and come again after it."""
    change = np.bincount(block[passes] + 1, weight[passes], n + 1) - np.bincount((block + until)[passes], weight[passes], n + 1)
    column: Column = np.log1p(np.maximum(np.cumsum(change)[:n], 0))
    return column


def _meaning(vectors: Column) -> Column:
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
    sides = (
        *(vectors, total - vectors, total - near, total - around),
        *(window(-1, 0), window(1, 2), longer_before, window(1, 4)),
        *(np.broadcast_to(vectors[:1], vectors.shape), total - longer_before, near, around),
    )
    unit = _unit(np.stack(sides))
    cosines = np.einsum("cnd,cnd->nc", unit[_SIDES[0]], unit[_SIDES[1]])
    rest = cosines[:, :_REST]
    return np.concatenate((rest, rest - rest.mean(axis=0), cosines[:, _REST:], unit[0]), axis=1)


# Which of the sides of `_meaning` are compared: the block with the rest of the document thrice, then with and among what is near.
_SIDES = [[0, 0, 0, 0, 0, 0, 0, 0, 4, 6, 6, 10, 11], [1, 2, 3, 4, 5, 6, 7, 8, 5, 7, 9, 2, 3]]
_REST = len(_FAR)
_WIDEST = 5  # blocks of a window of `_meaning` on one side


def _unit(vectors: Column) -> Column:
    column: Column = vectors / (np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True)) + 1e-6)
    return column
