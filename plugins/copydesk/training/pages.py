"""Labelled pages: every block of a page, and how much of it is in the article that somebody marked by hand."""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..characters import Column
from ..errors import SettingError, Unreadable
from ..labelling.columns import columns
from ..labelling.page_features import features
from ..model import Document, RawDocument
from ..policy import Policy
from ..reading import read
from ..reading.decode import decode
from .boxes import Box, insert

FOLDS = 5
COPIES = 1  # of each page with boxes
_COLUMNS = ("id", "domain", "page_type", "html", "main_content")
_SNIPPETS = ("with", "without")
_WORD = re.compile(r"\w+")
_NEEDED = 4  # words of a block that can be looked for; shorter ones occur by chance
_NEAR = 9  # blocks


@dataclass(frozen=True, slots=True)
class Blocks:
    """The sample of a page: n blocks, their `features` (n, f), the number of `words` in each, and how much of it is in the
    article, `target` (n), 0 to 1.
    """

    features: Column
    words: Column
    target: Column


@dataclass(frozen=True, slots=True)
class Page:
    """A labelled page: its blocks as they are and, when boxes of our own were set into it, as they are then.

    `wanted` and `unwanted` are snippets that must and that must not be in its clean text, where somebody chose some.
    """

    id: str
    fold: int
    document: Document
    article: str
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    blocks: Blocks
    boxed: tuple[Blocks, ...]


def load(path: Path, boxes: Sequence[Box]) -> Iterator[Page]:
    """The labelled articles in a Parquet file of pages, those apart that cannot be read.

    Raises SettingError when the file lacks a column.
    """
    for row in rows_of(path, _COLUMNS, _SNIPPETS):
        if row["page_type"] == "article":
            try:
                yield labelled(row, boxes)
            except Unreadable:
                continue


def rows_of(path: Path, names: Sequence[str], others: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The rows of a Parquet file of pages, with `others` where it has them.

    Raises SettingError when it lacks one of the columns `names`, or cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            missing = sorted(set(names) - set(file.schema_arrow.names))
            if missing:
                raise SettingError(f"{path}: no column {missing[0]!r}; labelled pages need {', '.join(names)}")
            rows: list[dict[str, Any]] = file.read(columns=[*names, *(n for n in others if n in file.schema_arrow.names)]).to_pylist()
    except (OSError, pa.ArrowInvalid) as error:
        raise SettingError(f"{path}: not a readable Parquet file of pages: {error}") from error
    return rows


def labelled(row: Mapping[str, Any], boxes: Sequence[Box]) -> Page:
    """The page of one row, its blocks aligned with the text of its article."""
    html, article = decode(row["html"], html=True)[0], row["main_content"] or ""
    document = _read(row["id"], html)
    boxed = []
    for copy in range(COPIES):
        order = random.Random(f"{row['id']} {copy}")  # noqa: S311 - the same boxes at the same places each time
        page, texts = insert(html, article, boxes, order)
        if texts:
            boxed.append(_blocks(_read(row["id"], page), article, texts))
    wanted, unwanted = (tuple(row.get(name) or ()) for name in _SNIPPETS)
    return Page(row["id"], fold_of(row["domain"]), document, article, wanted, unwanted, _blocks(document, article), tuple(boxed))


def _read(id_: str, html: str) -> Document:
    return read(RawDocument(id_, html, media_type="text/html"), Policy())


def _blocks(document: Document, article: str, foreign: Sequence[str] = ()) -> Blocks:
    """The blocks of a document, none of those in the article whose text is `foreign`."""
    tokens = [_WORD.findall(document.text_of(block).lower()) for block in document.blocks]
    target = align(tokens, [_WORD.findall(line) for line in article.lower().splitlines()])
    known = {tuple(_WORD.findall(text.lower())) for text in foreign}
    target[[tuple(words) in known for words in tokens]] = 0.0
    return Blocks(features(columns(document)), np.array([len(t) for t in tokens], np.float64), target)


def fold_of(domain: str) -> int:
    """Pages of one site, and so the copies of a page, share their fold."""
    return int(hashlib.sha256(domain.encode()).hexdigest(), 16) % FOLDS


def align(blocks: Sequence[Sequence[str]], lines: Sequence[Sequence[str]]) -> Column:
    """The share (0 to 1) of each block that is in the article, both given as words.

    A block counts by its word trigrams; a short one is in when it is a whole line of the article, or when it occurs in
    it and the longer blocks around are in. Of blocks with the same words only as many are in as the article has, first
    where most of the article stands.
    """
    article = [word for line in lines for word in line]
    joined = f" {' '.join(article)} "
    trigrams = set(zip(article, article[1:], article[2:], strict=False))
    whole = {" ".join(line) for line in lines}
    target = np.zeros(len(blocks))
    for i, block in enumerate(blocks):
        if len(block) >= _NEEDED:
            target[i] = sum(t in trigrams for t in zip(block, block[1:], block[2:], strict=False)) / (len(block) - 2)
        elif block:
            target[i] = 1.0 if " ".join(block) in whole else np.nan if f" {' '.join(block)} " in joined else 0.0
    for i in np.flatnonzero(np.isnan(target)).tolist():
        around = [
            _nearest(blocks, target, range(i - 1, max(i - 4, -1), -1)),
            _nearest(blocks, target, range(i + 1, min(i + 4, len(blocks)))),
        ]
        target[i] = float(min(around) > 0.7)
    return _as_often(blocks, target, joined)


def _nearest(blocks: Sequence[Sequence[str]], target: Column, reach: range) -> float:
    return next((float(target[j]) for j in reach if len(blocks[j]) >= _NEEDED), 0.0)


def _as_often(blocks: Sequence[Sequence[str]], target: Column, article: str) -> Column:
    words = np.array([len(block) for block in blocks])
    density = np.convolve(target * words, np.ones(_NEAR), "same")[: len(blocks)]
    seen: Counter[str] = Counter()
    for i in np.argsort(-density, kind="stable").tolist():
        text = " ".join(blocks[i])
        if target[i] > 0 and len(blocks[i]) < 40:
            if seen[text] >= max(1, article.count(f" {text} ")):
                target[i] = 0.0
            seen[text] += 1
    return target
