"""Training documents for the text model: articles with advertorials set into them, every block labelled."""

from __future__ import annotations

import json
import math
import random
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from ..characters import Column
from ..describing import identify
from ..errors import SettingError, Unreadable
from ..labelling.columns import columns
from ..labelling.lexicon import words
from ..labelling.text_features import features
from ..labelling.text_model import State
from ..labelling.words import Meaning, scores, tokens
from ..model import RawDocument
from ..policy import Policy
from ..reading import read
from .pages import FOLDS, align, fold_of

_LONGEST_ARTICLE, _BRIEF = 90, 9  # lines
_TELLING = 0.4  # share of stories of our own, most of which read like ads or are not in English
# A label between two lines of the article, for an ad that is not there: in so many of the texts, and so many times at most.
_EMPTY, _SLOTS = 0.06, 2
_INSIDE = 0.5  # share of a block that must be in the article
_SAME = 0.6  # of the words of a headline and the title, how many both have
# In these there are ads of ours and far fewer than in English, of which the networks stay less sure: they are learned at the price
# that the default threshold puts on beginning an ad.
_DEARER = frozenset({"de", "es", "fr", "it", "nl", "pt"})
_PRICE = math.log(Policy().ad_threshold) - math.log(1 - Policy().ad_threshold)
_STATES = {"content": State.CONTENT, "ad": State.AD, "boilerplate": State.FURNITURE}


@dataclass(frozen=True, slots=True)
class Piece:
    """An article, an ad or a few lines of furniture; `folds` are those whose documents hold it."""

    id: str
    state: State
    language: str
    lines: tuple[str, ...]
    folds: frozenset[int] = frozenset()
    kind: str = ""  # what an ad of our own advertises


def part_of(piece: str) -> int:
    """Which of the scores of words was fitted without this piece; an article has the same name in a page and in a text."""
    return zlib.crc32(piece.rpartition(":")[2].encode()) % FOLDS


@dataclass(frozen=True, slots=True)
class Line:
    start: int
    end: int
    state: State
    piece: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """A plain text with every line labelled."""

    id: str
    fold: int
    text: str
    lines: tuple[Line, ...]
    language: str

    @property
    def ads(self) -> frozenset[str]:
        return frozenset(line.piece for line in self.lines if line.state is State.AD)


@dataclass(frozen=True, slots=True)
class Text:
    """The sample of one labelled text; `target` (n, 2) holds the `State` of each block and the price of beginning an ad, log-odds."""

    id: str
    features: Column
    words: Column
    target: Column


def load(path: Path, domains: Mapping[str, str]) -> Iterator[Labelled]:
    """The labelled texts of a JSON Lines file; `domains` by page id give those made from pages the fold of their page.

    Raises SettingError naming the line that is not one.
    """
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            yield _labelled(json.loads(row), domains)
        except (KeyError, ValueError) as error:
            raise SettingError(f"{path}:{number}: not a labelled text ({type(error).__name__}: {error})") from error


def origins(path: Path) -> set[str]:
    """The ids of pages and the names of sites that labelled texts and their ads come from."""
    found: set[str] = set()
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        found.update(part.rpartition(":")[2] for part in row["source"].split(" + "))
        found.update(urlsplit(block.get("origin", "").partition(":")[2]).netloc.removeprefix("www.") for block in row["blocks"])
    return found - {""}


def _labelled(row: Mapping[str, Any], domains: Mapping[str, str]) -> Labelled:
    base = row["source"].split(" + ")[0]
    fold = fold_of(domains.get(base.rpartition(":")[2], base))
    lines = tuple(
        Line(b["start"], b["end"], _STATES[b["label"]], f"ad:{b['ad_id']}" if b["label"] == "ad" else f"{b['label']}:{base}")
        for b in row["blocks"]
    )
    return Labelled(row["id"], fold, row["text"], lines, row.get("lang", "en"))


def pieces_of(texts: Sequence[Labelled]) -> list[Piece]:
    """The articles, ads and runs of furniture that labelled texts are made of, each once."""
    found: dict[str, Piece] = {}
    for text in texts:
        runs = [(id_, state, list(lines)) for (id_, state), lines in groupby(text.lines, key=lambda line: (line.piece, line.state))]
        content = [line for _, state, lines in runs if state is State.CONTENT for line in lines]
        for id_, state, lines in [(f"content:{text.id}", State.CONTENT, content), *(r for r in runs if r[1] is not State.CONTENT)]:
            key = content[0].piece if state is State.CONTENT and content else id_
            words = tuple(text.text[line.start : line.end] for line in lines)
            known = found.get(key, Piece(key, state, text.language, words))
            found[key] = replace(known, folds=known.folds | {text.fold})
    return [piece for piece in found.values() if piece.lines]


def own(folder: Path) -> Iterator[Piece]:
    """The ads and stories of our own writing below a folder, and what empty slots for ads leave of themselves."""
    for kind, state in (("ads", State.AD), ("stories", State.CONTENT), ("slots", State.FURNITURE)):
        for path in sorted((folder / kind).glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                yield Piece(f"own:{row['id']}", state, row["language"], _lines(row["text"]), kind=row.get("kind", ""))


def article(id_: str, domain: str, title: str, body: str) -> Piece:
    """The article of a labelled page as plain text."""
    lines = _lines(body)[:_LONGEST_ARTICLE]
    head = (title.strip(),) if title.strip() and (not lines or lines[0] != title.strip()) else ()
    return Piece(f"page:{id_}", State.CONTENT, identify(body)[0], head + lines, frozenset({fold_of(domain)}))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def composed(pieces: Sequence[Piece], number: int, seed: int) -> Iterator[Labelled]:
    """Articles of every kind, most with an ad or two set in anywhere, some with furniture, with all kinds of gaps.

    The gaps vary on purpose: in sets that are made by setting ads in they give the ads away, in real files they do not.
    """
    chance = random.Random(seed)  # noqa: S311 - varies training data, guards nothing
    articles, ads, furniture = ([p for p in pieces if p.state is state] for state in (State.CONTENT, State.AD, State.FURNITURE))
    telling = [p for p in articles if p.id.startswith("own:")]
    slots = [p for p in furniture if p.id.startswith("own:")]
    furniture = [p for p in furniture if not p.id.startswith("own:")]
    languages = {p.language for p in ads}
    for i in range(number):
        story = chance.choice(telling if telling and chance.random() < _TELLING else articles)
        fitting = [p for p in ads if p.language == story.language] if story.language in languages else ads
        fitting = fitting if chance.random() > 0.03 else ads
        count = chance.choices((0, 1, 2), (30, 55, 15))[0]
        extra = chance.choices(furniture, k=chance.randint(1, 3)) if furniture and chance.random() < 0.3 else []
        cut = [_cut(chance, chance.choice(fitting)) for _ in range(count)]
        empty = [p for p in slots if p.language == story.language] if chance.random() < _EMPTY else []
        yield _set_in(chance, f"composed-{i}", story, cut, extra, chance.choice(empty) if empty else None)


def _cut(chance: random.Random, ad: Piece) -> Piece:
    """Now and then a part of an ad only."""
    if len(ad.lines) <= 3 or chance.random() > 0.2:
        return ad
    first = chance.randint(0, 1)
    return replace(ad, lines=ad.lines[first : chance.randint(first + 2, len(ad.lines))])


# What agencies and papers put around a story, which few pages of the development data have.
_PLACES = "MARLOW, Port Ellis, BREDA SUD, Nakuru, SAN TELMO, Oberwald, VIENNA, Lagos, GENEVA, Quito, TOKYO, Kilmore, RABAT, Aarhus".split(
    ", "
)
_MONTHS = "Jan. Feb March April May June July Aug. Sept. Oct Nov December".split()
_AGENCIES = ("", "", "", " (Own report)", " (WNS)", " (dpa)")
_DASHES = (" - ", " – ", " — ", ": ")
_BY = ("By ", "by ", "", "BY ", "Von ", "Por ", "Par ", "Di ")
_NAMES = (
    "Ana Keller",
    "Tom Ashdown",
    "Ruth Ortiz",
    "Idris Nkemelu",
    "Mei Tanaka",
    "Jonas Varga",
    "Clara Moreau",
    "Omar Silva",
    "Nell Harker",
)
_ROLES = ("", "", ", Staff Writer", " | Correspondent")
_CLOSINGS = (
    "(Reporting by {}; editing by {})",
    "Additional reporting by {}.",
    "{} and {} contributed to this report.",
    "###",
    "ENDS",
    "- {}",
)
_LEAST_LEAD = 80  # characters


def _dressed(chance: random.Random, lines: tuple[str, ...]) -> tuple[str, ...]:
    """The article with, now and then, a dateline, a byline or a reporters' line at the end."""
    rows = list(lines)
    lead = next((i for i, row in enumerate(rows[:4]) if i and len(row) > _LEAST_LEAD), None)
    if lead and chance.random() < 0.25:
        day = f", {chance.choice(_MONTHS)} {chance.randint(1, 28)}" if chance.random() < 0.6 else ""
        rows[lead] = chance.choice(_PLACES) + day + chance.choice(_AGENCIES) + chance.choice(_DASHES) + rows[lead]
    if lead and chance.random() < 0.2:
        rows.insert(1, chance.choice(_BY) + chance.choice(_NAMES) + chance.choice(_ROLES))
    if lead and chance.random() < 0.12:
        rows.append(chance.choice(_CLOSINGS).format(*chance.sample(_NAMES, 2)))
    return tuple(rows)


_Rows = list[tuple[str, Piece, int]]  # a line, its piece, and which setting in of a piece it belongs to


def _set_in(
    chance: random.Random, id_: str, story: Piece, ads: Sequence[Piece], furniture: Sequence[Piece], slot: Piece | None
) -> Labelled:
    lines = _dressed(chance, story.lines)
    if len(lines) > 14 and chance.random() < 0.6:
        lines = lines[: chance.randint(6, min(len(lines), 40))]
    elif len(lines) > _BRIEF and chance.random() < 0.15:
        lines = lines[: chance.randint(_BRIEF // 2, _BRIEF)]
    rows: _Rows = [(line, story, 0) for line in lines]
    for turn, ad in enumerate(ads, 1):
        at = chance.choices((0, 1, len(rows), chance.randint(1, len(rows))), (6, 8, 13, 73))[0]
        _insert(rows, at, ad, turn)
    for turn, piece in enumerate(furniture, len(ads) + 1):
        at = chance.choice((0, 1, 2, len(rows))) if chance.random() < 0.6 else chance.randint(0, len(rows))
        _insert(rows, at, replace(piece, lines=piece.lines[:4]), turn)
    if slot:
        inside = [i for i in range(1, len(rows)) if not rows[i - 1][2] and not rows[i][2]]
        for at in sorted(chance.sample(inside, min(chance.randint(1, _SLOTS), len(inside))), reverse=True):
            rows[at:at] = [(line, slot, len(ads) + len(furniture) + 1) for line in slot.lines]
    return _joined(chance, id_, rows)


def _insert(rows: _Rows, at: int, piece: Piece, turn: int) -> None:
    """Set a piece in, but not into another that was set in."""
    while 0 < at < len(rows) and rows[at][2] and rows[at][2] == rows[at - 1][2]:
        at += 1
    rows[at:at] = [(line, piece, turn) for line in piece.lines]


def _joined(chance: random.Random, id_: str, rows: _Rows) -> Labelled:
    usual = chance.choice((2, 2, 2, 2, 1, 1, 3, None))
    manner = chance.choice(("usual", "usual", "usual", "tight", "blank", "before", "after", "any"))
    text, lines = "", []
    for i, (line, piece, turn) in enumerate(rows):
        if i:
            same = rows[i - 1][2] == turn
            edge = not same or turn > 0
            gap = usual or chance.choice((1, 2, 2, 3))
            if edge and manner in {"tight", "blank"}:
                gap = 1 if manner == "tight" else 2
            elif (manner == "before" and turn and not same) or (manner == "after" and not turn and not same):
                gap = 1
            elif edge and manner == "any":
                gap = chance.choice((1, 1, 2, 2, 3))
            elif turn and same and chance.random() < 0.3:
                gap = 1
            text += "\n" * gap
        lines.append(Line(len(text), len(text) + len(line), piece.state, piece.id))
        text += line
    return Labelled(id_, -1, text, tuple(lines), rows[0][1].language)


def dump(row: Mapping[str, Any]) -> Labelled | None:
    """The visible lines of a labelled page, its structure gone: its headline and its article's lines are content, the rest furniture."""
    try:
        document = read(RawDocument(row["id"], row["html"], media_type="text/html"), Policy())
    except Unreadable:
        return None
    blocks = [document.text_of(block) for block in document.blocks]
    said = [words(block) for block in blocks]
    article = [words(line) for line in (row["main_content"] or "").splitlines()]
    inside = (align(said, article) > _INSIDE).tolist()
    first = inside.index(True) if True in inside else 0
    title = set(words(row["title"] or ""))
    same = [i for i in range(first) if len(said[i]) > 1 and title and len(title.intersection(said[i])) > _SAME * len(title.union(said[i]))]
    inside[same[-1] if same else first] |= bool(same)
    text, lines = "", []
    for block, content in zip(blocks, inside, strict=True):
        for line in _lines(block):
            lines.append(Line(len(text), len(text) + len(line), State.CONTENT if content else State.FURNITURE, f"page:{row['id']}"))
            text += line + "\n"
    return Labelled(f"dump:{row['id']}", fold_of(row["domain"]), text, tuple(lines), "")


def sample(text: Labelled, meaning: Meaning, weights: Sequence[Column]) -> Text | None:
    """The sample of a labelled text, each block's scores by the weights that were fitted without its piece."""
    try:
        document = read(RawDocument(text.id, text.text, media_type="text/plain"), Policy())
    except Unreadable:
        return None
    seen = columns(document)
    lines = [_line_of(text.lines, block.start, block.end) for block in document.blocks]
    rows = features(seen, meaning, weights[0])
    said = tokens(seen.found)
    by_part = np.stack([scores(said, each) for each in weights])
    rows[:, -by_part.shape[2] :] = by_part[[part_of(line.piece) for line in lines], np.arange(len(lines))]
    price = _PRICE if text.language in _DEARER else 0.0
    target = states([line.state for line in lines])
    return Text(text.id, rows, seen.words, np.stack((target, np.full(len(target), price)), axis=1))


def states(labels: Sequence[State]) -> Column:
    """The chain of states: the first block of a run of ads begins it."""
    chain = np.array(labels)
    begins = (chain == State.AD) & (np.concatenate(([State.CONTENT], chain[:-1])) != State.AD)
    return np.where(begins, State.AD_BEGINS, chain)


def _line_of(lines: Sequence[Line], start: int, end: int) -> Line:
    """The line that a block shares the most characters with."""
    return max(lines, key=lambda line: min(line.end, end) - max(line.start, start))
