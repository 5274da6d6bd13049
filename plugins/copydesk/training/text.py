"""`copydesk train text`: from labelled texts, pages and texts of our own to the weights of the text model and its card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..characters import Column
from ..labelling.adverts import whole
from ..labelling.columns import Columns
from ..labelling.lexicon import find
from ..labelling.net import run
from ..labelling.text_model import State, careful
from ..labelling.words import Words, tokens
from ..model import RawDocument
from ..policy import Policy
from ..reading import read
from .net import Batch, Parameters, Task, fit, stack, workers
from .pages import FOLDS, fold_of, rows_of
from .texts import Labelled, Piece, article, composed, load, own, pieces_of, sample, unlabelled
from .words import fit_pitch, fit_words

SEEDS = (0, 1, 2)
CARD = {
    "what": "Convolutional networks with a chain over the lines of a plain text: article, advertorial or furniture.",
    "data": [
        "Labelled texts and article pages made from the WCXB development split, CC-BY-4.0, (c) 2026 Murrough Foley",
        "ads and stories of our own writing (seeds/training)",
    ],
    "method": "Folds by base article and by domain; networks, words and pitch scores of a fold saw neither its articles nor its ads.",
    "bad_at": [
        "sober native advertorials that never address the reader",
        "the first or last line of a long ad, when it reads like a subheading of the article",
        "speaker labels, short bylines and notes to the reader, which it may strike",
        "languages other than English, German, French, Spanish, Italian, Portuguese and Dutch",
    ],
}
COMPOSED = 6000
_TWICE = 2  # times that a real labelled text stands among the composed ones
_FORCED = -30.0  # between two documents is content
_SEPARATE = 0.3  # weight of the cross-entropy of single blocks beside that of the chain

Outputs = tuple[Columns, Column, Column]  # of a text: its blocks, their scores (n, 4), the steps (4, 4)

_STEPS = np.zeros((len(State), len(State)), np.float32)
_STEPS[[State.CONTENT, State.FURNITURE], State.AD] = -8  # an ad begins with its beginning
_STEPS[:, State.AD_BEGINS] = -1


def _loss(parameters: Parameters, outputs: Any, batch: Batch) -> Any:
    """The negative log-likelihood of the chain (a conditional random field) plus the cross-entropy of single blocks."""
    import jax
    import jax.numpy as jnp
    import optax

    steps, mask = parameters["steps"], batch.mask
    target = batch.target.astype(jnp.int32)
    emitted = jnp.where(mask[:, None] > 0, outputs, jnp.where(jnp.arange(len(State)) == State.CONTENT, 0.0, _FORCED))

    def forward(before: Any, row: Any) -> tuple[Any, None]:
        return jax.nn.logsumexp(before[:, None] + steps, axis=0) + row, None

    last, _ = jax.lax.scan(forward, emitted[0], emitted[1:], unroll=8)
    chain = emitted[jnp.arange(len(target)), target].sum() + steps[target[:-1], target[1:]].sum()
    single = optax.softmax_cross_entropy_with_integer_labels(outputs, target) * mask
    return (jax.nn.logsumexp(last) - chain + _SEPARATE * single.sum()) / mask.sum()


TASK = Task(outputs=len(State), loss=_loss, extra={"steps": _STEPS}, rows=1024, epochs=12, rate=2e-3, decay=0.03, dropped=0.25)


def train(
    texts: Path, pages: Path, folder: Path, progress: Callable[[int], None]
) -> tuple[Mapping[str, Column], Mapping[str, Column], dict[str, Any]]:
    """The weights of the networks and of the words fitted on everything, and the figures of those fitted without a fold.

    Raises SettingError when a file is not of the kind that it should be.
    """
    material = _Material.of(texts, pages, folder)
    found: dict[str, Outputs] = {}
    with workers() as pool:
        futures = {pool.submit(_fit, material, fold): fold for fold in (None, *range(FOLDS))}
        for future in as_completed(futures):
            progress(1)
            if futures[future] is not None:
                found |= future.result()[2]
        nets, words, _ = next(future for future, fold in futures.items() if fold is None).result()
    labelled = {text.id: text for text in material.texts}
    return nets, asdict(words), {**CARD, "texts": len(labelled), "folds": FOLDS, "out_of_fold": curve(labelled, found)}


class _Material:
    """All that is learned from, with the folds that each piece belongs to."""

    def __init__(self, texts: list[Labelled], pieces: list[Piece], lines: list[tuple[int, list[str]]]) -> None:
        self.texts, self.pieces, self.lines = texts, pieces, lines

    @classmethod
    def of(cls, texts: Path, pages: Path, folder: Path) -> _Material:
        rows = rows_of(pages, ("id", "domain", "page_type", "title", "html", "main_content"))
        labelled = list(load(texts, {row["id"]: row["domain"] for row in rows}))
        pieces = [*pieces_of(labelled), *own(folder)]
        known = {piece.id.rpartition(":")[2] for piece in pieces}
        pieces += [
            article(row["id"], row["domain"], row["title"] or "", row["main_content"] or "")
            for row in rows
            if row["page_type"] == "article" and row["id"] not in known
        ]
        return cls(labelled, [p for p in pieces if p.lines], [(fold_of(row["domain"]), _visible(row)) for row in rows])


def _visible(row: Mapping[str, Any]) -> list[str]:
    from ..errors import Unreadable

    try:
        document = read(RawDocument(row["id"], row["html"], media_type="text/html"), Policy())
    except Unreadable:
        return []
    return list(dict.fromkeys(document.text_of(block) for block in document.blocks if block.end - block.start > 15))


def _fit(material: _Material, fold: int | None) -> tuple[Mapping[str, Column], Words, dict[str, Any]]:
    """Networks and words without a fold, and what they make of its texts: blocks, scores, steps."""
    pieces = [piece for piece in material.pieces if fold not in piece.folds]
    words, pitches = _words(material, pieces, fold)
    left_out = [text for text in material.texts if text.fold == fold]
    theirs = frozenset[str]().union(*(text.ads for text in left_out))
    real = [text for text in material.texts if text.fold != fold and not text.ads & theirs]
    parts = {piece.id: piece.part for piece in pieces}
    made = (sample(text, words, parts, pitches) for text in (*real * _TWICE, *composed(pieces, COMPOSED, seed=0)))
    samples = [text for text in made if text is not None]
    nets = [fit(samples, TASK, seed) for seed in SEEDS]
    found = {}
    for text in left_out:
        seen, rows = unlabelled(text, words)
        found[text.id] = (seen, np.mean([run(net, rows, seen.words) for net in nets], axis=0), np.mean([n["steps"] for n in nets], axis=0))
    return stack(nets), words, found


def _words(material: _Material, pieces: Sequence[Piece], fold: int | None) -> tuple[Words, list[Column]]:
    """The tables of words, and the weights of pitch fitted without each part of the pieces."""
    told = [(line, p.state is State.AD, p.part) for p in pieces if p.state is not State.FURNITURE for line in p.lines[:40]]
    lines, is_ad, part = [line for line, _, _ in told], np.array([ad for _, ad, _ in told]), np.array([at for _, _, at in told])
    texts = [lines for at, lines in material.lines if at != fold and lines] + [list(p.lines) for p in pieces if p.id.startswith("own:")]
    pitches = [fit_pitch(tokens(find([line for line, _, at in told if at != left])), is_ad[part != left]) for left in range(FOLDS)]
    return fit_words(texts, lines, is_ad), pitches


def curve(texts: Mapping[str, Labelled], found: Mapping[str, Outputs]) -> list[dict[str, float]]:
    """Ads found against articles harmed, for thresholds from thorough to careful."""
    return [{"ad_threshold": t, **figures(texts, found, t)} for t in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)]


def figures(texts: Mapping[str, Labelled], found: Mapping[str, Outputs], threshold: float) -> dict[str, float]:
    """Precision, recall and F1 over lines of ads; shares of documents perfect and harmed, of content lines kept."""
    hits = wrong = missed = content = 0
    perfect: list[bool] = []
    harmed: list[bool] = []
    for id_, (seen, emitted, steps) in found.items():
        chain, _ = whole(seen, emitted, careful(steps, threshold))
        blocks = seen.document.blocks
        struck = [(block.start, block.end) for block, state in zip(blocks, chain.tolist(), strict=True) if state != State.CONTENT]
        lines = texts[id_].lines
        gone = [any(first < line.end and line.start < last for first, last in struck) for line in lines]
        ads = [g for line, g in zip(lines, gone, strict=True) if line.state is State.AD]
        lost = sum(g for line, g in zip(lines, gone, strict=True) if line.state is State.CONTENT)
        hits, missed, wrong = hits + sum(ads), missed + len(ads) - sum(ads), wrong + lost
        content += sum(line.state is State.CONTENT for line in lines)
        (perfect if ads else harmed).append(all(ads) and not lost if ads else bool(lost))
    return {
        "precision": round(hits / max(hits + wrong, 1), 4),
        "recall": round(hits / max(hits + missed, 1), 4),
        "f1": round(2 * hits / max(2 * hits + wrong + missed, 1), 4),
        "perfect": round(sum(perfect) / max(len(perfect), 1), 4),
        "harmed": round(sum(harmed) / max(len(harmed), 1), 4),
        "content_kept": round(1 - wrong / max(content, 1), 4),
    }
