"""What labelling knows about the blocks of a document, as columns over all of them: one pass in numpy, no loop in Python.

Letters are counted through a look-up table over the text's code points, words by the lexicons' one look-up, and what
lies below an element is the difference of two prefix sums, for its blocks are contiguous.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..characters import Class, Column, classes, points, word_starts
from ..model import Block, Document, Kind, Place
from .lexicon import Found, find, hashes, lexicons

KINDS = tuple(Kind)
# Evidence of these kinds speaks for the article; it holds however large the element is.
FOR_ARTICLE = int(Place.ARTICLE | Place.MAIN | Place.BODY_CLASS)
# A kind of place that holds more than this share of the page's prose is no furniture, whatever its name says.
_LARGEST_FURNITURE = 0.3
_LARGEST_SHARE = {Place.COMMENTS: 0.9, Place.HIDDEN: 0.5}
_LIMITED = np.array([int(p) for p in Place if not p & (FOR_ARTICLE | Place.FIGURE)])
_LARGEST = np.array([_LARGEST_SHARE.get(p, _LARGEST_FURNITURE) for p in Place if not p & (FOR_ARTICLE | Place.FIGURE)])
_PROSE_WORDS = 12
_PROSE_LINKED = 0.4
# The lexicons speak of furniture and pitches, which are short lines on a page; a plain text is looked up whole.
LONGEST_LOOKED_UP = 60
_KIND_NUMBER = {kind: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True)  # without slots, so that a column may be cached
class Columns:
    """n blocks, c character classes, l lexicons; all columns are of length n.

    `place` is the union of `Place` bits over the elements around a block, the huge ones apart; `linked` the share of
    its characters inside links; `letters` (n, c) counts characters by class, `shares` (n, l) tells how much of the words the
    phrases of each lexicon cover; `likes` numbers the elements that they stand in, those of a kind alike.
    """

    document: Document
    found: Found
    start: Column
    end: Column
    kind: Column
    level: Column
    container: Column
    chars: Column
    words: Column
    linked: Column
    letters: Column
    shares: Column
    ends_sentence: Column
    prose: Column
    place: Column
    likes: Column

    def __len__(self) -> int:
        return len(self.chars)

    @cached_property
    def code(self) -> Column:
        """The code points of the document's text."""
        return points(self.document.text)

    @cached_property
    def inside(self) -> Column:
        """Which blocks stand in each place (p, n), in the order of the `Place` bits."""
        octets = self.place.astype("<u4").view(np.uint8).reshape(-1, 4)
        bits: Column = np.unpackbits(octets, axis=1, count=len(Place), bitorder="little").T.astype(np.bool_, order="C")
        return bits

    @cached_property
    def places(self) -> int:
        """The places in which any block stands (`Place` bits)."""
        return int(np.bitwise_or.reduce(self.place))

    @cached_property
    def mostly_linked(self) -> Column:
        linked: Column = self.linked > 0.5
        return linked

    @cached_property
    def nowhere(self) -> Column:
        """No block: one array for all that ask, so that it is known by identity."""
        column = np.zeros(len(self), np.bool_)
        column.flags.writeable = False
        return column

    def at(self, places: int) -> Column:
        """Which blocks stand in one of these places (`Place` bits)."""
        if not places & self.places:
            return self.nowhere
        if places & (places - 1):
            inside: Column = (self.place & places) != 0
            return inside
        one: Column = self.inside[places.bit_length() - 1]
        return one

    @cached_property
    def overlaps(self) -> Column:
        """The shares (3, n) of each block's words that stand in og:title, in `<title>`, and in any of the two."""
        head, found = self.document.head, self.found
        titles = [hashes(title) for title in (head.meta.get("og:title", ""), head.title)]
        known = np.unique(np.concatenate(titles))
        masks = np.array([*(np.isin(known, title) for title in titles), np.ones(len(known), np.bool_)])
        shares: Column = found.common(known, masks, found.words <= LONGEST_LOOKED_UP) / np.maximum(found.words, 1)
        return shares

    @cached_property
    def begun(self) -> Column:
        """Which blocks begin with a phrase of each lexicon, and which are one and nothing else (2, l, n)."""
        masks = np.array((self.found.opening, self.found.whole))[:, None]
        bits: Column = (masks & (1 << np.arange(len(lexicons().names)))[:, None]) != 0
        return bits

    def covered(self, lexicon: str) -> Column:
        """How many words of each block the phrases of a lexicon cover."""
        column: Column = self.found.covered[:, lexicons().names.index(lexicon)]
        return column

    def share(self, lexicon: str) -> Column:
        """The share of each block's words that the phrases of a lexicon cover, 0 to 1."""
        column: Column = self.shares[:, lexicons().names.index(lexicon)]
        return column

    def opens(self, lexicon: str) -> Column:
        """Which blocks begin with a phrase of a lexicon."""
        column: Column = self.begun[0, lexicons().names.index(lexicon)]
        return column

    def is_whole(self, lexicon: str) -> Column:
        """Which blocks are a phrase of a lexicon and nothing else."""
        column: Column = self.begun[1, lexicons().names.index(lexicon)]
        return column

    def is_kind(self, *kinds: Kind) -> Column:
        inside: Column = self.kind == _KIND_NUMBER[kinds[0]]
        for kind in kinds[1:]:
            inside = inside | (self.kind == _KIND_NUMBER[kind])
        return inside


def columns(document: Document) -> Columns:
    """The columns of a document's blocks."""
    blocks, text = document.blocks, document.text
    start, end, kind, level, linked, container = _fields(blocks)
    cls = classes(points(text))
    letters = _count(cls, start, end)
    begun = np.zeros(len(cls) + 1, np.int64)
    np.cumsum(word_starts(cls), out=begun[1:])
    words = begun[end] - begun[start] - (letters[:, Class.UNSPACED] + 1) // 2  # about two characters make a word
    longest = LONGEST_LOOKED_UP if document.media_type == "text/html" else len(text)
    found = find([text[b.start : b.end] if w <= longest else "" for b, w in zip(blocks, words.tolist(), strict=True)])
    chars = end - start
    share = linked / np.maximum(chars, 1)
    prose = (words >= _PROSE_WORDS) & (share < _PROSE_LINKED) & (kind != _KIND_NUMBER[Kind.TABLE_ROW])
    place = _places(document, container, np.where(prose, words, 0))
    shares = found.covered / np.maximum(found.words, 1)[:, None]
    likes = _numbers(document.containers.likes)[container]
    ends = _ends(cls, end)
    return Columns(document, found, start, end, kind, level, container, chars, words, share, letters, shares, ends, prose, place, likes)


def _fields(blocks: Sequence[Block]) -> Iterator[Column]:
    """The fields of the blocks, a column each; the kind as a number."""
    starts, ends, kinds, *others = zip(*blocks, strict=True) if blocks else ((),) * 6
    for values in (starts, ends, [_KIND_NUMBER[kind] for kind in kinds], *others):
        yield _numbers(values)


def _count(cls: Column, start: Column, end: Column) -> Column:
    """Characters by class (n, c) for each span; the spans are disjoint and in order."""
    edges = np.zeros(2 * len(start) + 2, np.int64)
    edges[1:-1:2], edges[2:-1:2], edges[-1] = start, end, len(cls)
    parts = len(edges) - 1
    part = np.repeat(np.arange(0, parts * len(Class), len(Class)), edges[1:] - edges[:-1])
    part += cls
    counts = np.bincount(part, minlength=parts * len(Class))
    by_span: Column = counts.reshape(-1, len(Class))[1::2]
    return by_span


_STOPS, _CLOSES = 1, 2
_ENDING = np.zeros(len(Class), np.uint8)
_ENDING[[Class.END, Class.SHOUT]], _ENDING[Class.CLOSER] = _STOPS, _CLOSES
_BACK = np.array([[2], [1], [0]])


def _ends(cls: Column, end: Column) -> Column:
    """Whether each span ends like a sentence: a full stop and at most two closing marks after it."""
    padded = np.concatenate((np.zeros(3, np.uint8), cls))
    ending = _ENDING[padded[end + _BACK]]  # of the last, the last but one and the third from the end
    stops, closes = ending == _STOPS, ending == _CLOSES
    result: Column = stops[0] | (closes[0] & (stops[1] | (closes[1] & stops[2])))
    return result


def _places(document: Document, container: Column, prose_words: Column) -> Column:
    """The `Place` bits in force for each block: those of the elements around it.

    A kind of place that would hold a large part of the page's prose is a name of the site's own ("widget", "card") and
    is not in force anywhere on the page.
    """
    if not any(document.containers.places):
        return np.zeros(len(container), np.int64)
    union: list[int] = []
    for parent, own in zip(document.containers.parents, document.containers.places, strict=True):
        union.append(own | union[parent] if parent >= 0 else own)
    place: Column = _numbers(union)[container]
    words = ((place & _LIMITED[:, None]) != 0) @ prose_words
    void = int(_LIMITED[words > _LARGEST * prose_words.sum()].sum())
    return place & ~np.int64(void)


@dataclass(frozen=True, slots=True)
class Elements:
    """Sums of block columns below every element of the page."""

    first: Column
    last: Column
    parent: Column

    def below(self, values: Column) -> Column:
        """The sum of `values` (n, ...) over the blocks below each element."""
        total = np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0, dtype=np.float64)))
        sums: Column = total[self.last] - total[self.first]
        return sums


def elements(document: Document) -> Elements:
    c = document.containers
    return Elements(_numbers(c.firsts), _numbers(c.lasts), _numbers(c.parents))


def _numbers(values: Sequence[int]) -> Column:
    return np.fromiter(values, np.int64, len(values))  # np.array takes four times as long over a list of numbers
