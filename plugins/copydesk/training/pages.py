"""Labelled pages: every block of a page, and how much of it is in the article that somebody marked by hand."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..characters import Column
from ..errors import SettingError, Unreadable
from ..labelling.columns import columns
from ..labelling.page_features import features
from ..model import RawDocument
from ..policy import Policy
from ..reading import read

FOLDS = 5
_COLUMNS = ("id", "domain", "page_type", "html", "main_content")
_WORD = re.compile(r"\w+")
_NEEDED = 4  # words of a block that can be looked for; shorter ones occur by chance
_NEAR = 9  # blocks


@dataclass(frozen=True, slots=True)
class Page:
    """n blocks: their `features` (n, f), `words` in each, and the share of them in the article, `target` (n), 0 to 1.

    `tokens` are the words of each block and `article` those of the whole article, as a bag-of-words score counts them.
    """

    id: str
    fold: int
    features: Column
    words: Column
    target: Column
    tokens: Sequence[Sequence[str]]
    article: Sequence[str]


def load(path: Path, page_type: str = "article") -> Iterator[Page]:
    """The labelled pages of one type in a Parquet file of pages, those apart that cannot be read.

    Raises SettingError when the file lacks a column.
    """
    rows = rows_of(path, _COLUMNS)
    for row in rows:
        if row["page_type"] == page_type:
            try:
                yield labelled(row["id"], row["html"], row["main_content"], fold_of(row["domain"]))
            except Unreadable:
                continue


def rows_of(path: Path, names: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a Parquet file of pages. Raises SettingError when it lacks a column or cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            missing = sorted(set(names) - set(file.schema_arrow.names))
            if missing:
                raise SettingError(f"{path}: no column {missing[0]!r}; labelled pages need {', '.join(names)}")
            rows: list[dict[str, Any]] = file.read(columns=list(names)).to_pylist()
    except (OSError, pa.ArrowInvalid) as error:
        raise SettingError(f"{path}: not a readable Parquet file of pages: {error}") from error
    return rows


def labelled(id_: str, html: str, article: str, fold: int) -> Page:
    """The page with its blocks aligned with the text of its article."""
    document = read(RawDocument(id_, html, media_type="text/html"), Policy())
    tokens = [_WORD.findall(document.text_of(block).lower()) for block in document.blocks]
    words = np.array([len(t) for t in tokens], np.float64)
    lines = [_WORD.findall(line) for line in article.lower().splitlines()]
    return Page(id_, fold, features(columns(document)), words, align(tokens, lines), tokens, [word for line in lines for word in line])


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
