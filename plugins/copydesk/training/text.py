"""`copydesk train text`: from labelled texts, pages and texts of our own to the weights of the text model and its card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..characters import Column
from ..errors import Unreadable
from ..labelling import adverts, with_headline
from ..labelling.columns import Columns, columns
from ..labelling.exact import exact
from ..labelling.lexicon import find, words
from ..labelling.receipt import summary
from ..labelling.rules import first_that_holds
from ..labelling.text_features import LAYOUT, features
from ..labelling.text_model import State, judged
from ..labelling.words import known, meaning, tokens, vectors
from ..model import Decision, Label, RawDocument, Reason
from ..policy import Policy
from ..reading import read
from .net import Batch, Parameters, Task, fit, stack, workers
from .pages import FOLDS, rows_of
from .texts import Labelled, Piece, article, composed, dump, load, origins, own, part_of, pieces_of, sample
from .words import fit_scores

SEEDS = (0, 1, 2)
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
CARD = {
    "what": "Convolutional networks with a chain over the lines of a plain text: article, advertorial or furniture.",
    "data": [
        "Labelled texts and article pages made from the WCXB development split, CC-BY-4.0, (c) 2026 Murrough Foley",
        "ads and stories of our own writing (seeds/training)",
    ],
    "method": "Folds by base article and by domain; networks and scores of words of a fold saw neither its articles nor its ads.",
    "bad_at": [
        "sober native advertorials that never address the reader",
        "the first or last line of a long ad, when it reads like a subheading of the article",
        "speaker labels, short bylines and notes to the reader, which it may strike",
        "languages other than English, German, French, Spanish, Italian, Portuguese and Dutch",
    ],
}
COMPOSED = 8000
_TWICE = 2  # times that a real labelled text stands among the composed ones
_FORCED = -30.0  # between two documents is content
_SEPARATE = 0.3  # weight of the cross-entropy of single blocks beside that of the chain
# C of the regressions: the best of 3, 10, 30 and 100 in average precision over left-out ads; furniture has far more lines.
_PITCH, _FURNITURE = 30.0, 3.0
_KIND = 0.2  # C of the regression that names what an ad advertises
_TOLD = 40  # lines of an article that the regressions learn from

Outputs = tuple[Columns, Column, Column]  # of a text: its blocks, their scores (n, 4), the steps (4, 4)

_STEPS = np.zeros((len(State), len(State)), np.float32)
_STEPS[[State.CONTENT, State.FURNITURE], State.AD] = -8  # an ad begins with its beginning
_STEPS[:, State.AD_BEGINS] = -1


def _loss(parameters: Parameters, outputs: Any, batch: Batch) -> Any:
    """The negative log-likelihood of the chain (a conditional random field) plus the cross-entropy of single blocks.

    Of a text that is learned at a price, beginning an ad costs as much in the chain as a threshold makes it cost in cleaning.
    """
    import jax
    import jax.numpy as jnp
    import optax

    steps, mask = parameters["steps"], batch.mask
    target, price = batch.target[:, 0].astype(jnp.int32), batch.target[:, 1:]
    priced = outputs - price * (jnp.arange(len(State)) == State.AD_BEGINS)
    emitted = jnp.where(mask[:, None] > 0, priced, jnp.where(jnp.arange(len(State)) == State.CONTENT, 0.0, _FORCED))

    def forward(before: Any, row: Any) -> tuple[Any, None]:
        return jax.nn.logsumexp(before[:, None] + steps, axis=0) + row, None

    last, _ = jax.lax.scan(forward, emitted[0], emitted[1:], unroll=8)
    chain = emitted[jnp.arange(len(target)), target].sum() + steps[target[:-1], target[1:]].sum()
    single = optax.softmax_cross_entropy_with_integer_labels(outputs, target) * mask
    return (jax.nn.logsumexp(last) - chain + _SEPARATE * single.sum()) / mask.sum()


TASK = Task(outputs=len(State), loss=_loss, extra={"steps": _STEPS}, rows=1024, epochs=12, rate=2e-3, decay=0.03, dropped=0.25)


@dataclass(frozen=True, slots=True)
class Material:
    """All that is learned from: whole texts, the pieces that texts are composed of, and the dumps of pages."""

    texts: Sequence[Labelled]
    pieces: Sequence[Piece]
    dumps: Sequence[Labelled]
    articles: Mapping[str, str]  # of the dumps, by id


def material(texts: Path, pages: Path, folder: Path) -> Material:
    """What the files and the folder of our own texts hold. Raises SettingError when one is not of its kind."""
    rows = rows_of(pages, ("id", "domain", "page_type", "title", "html", "main_content"))
    labelled = list(load(texts, {row["id"]: row["domain"] for row in rows}))
    pieces = [*pieces_of(labelled), *own(folder)]
    known = {piece.id.rpartition(":")[2] for piece in pieces}
    articles = [row for row in rows if row["page_type"] == "article"]
    pieces += [
        article(row["id"], row["domain"], row["title"] or "", row["main_content"] or "") for row in articles if row["id"] not in known
    ]
    dumps = [text for text in map(dump, articles) if text is not None]
    return Material(labelled, [p for p in pieces if p.lines], dumps, {f"dump:{row['id']}": row["main_content"] or "" for row in articles})


def lines_for_meaning(texts: Path, pages: Path, folder: Path) -> tuple[list[list[str]], list[str]]:
    """The lines of every page whose site no labelled text comes from, and the lines of our own ads and stories."""
    rows = rows_of(pages, ("id", "domain", "html"))
    told = origins(texts)
    apart = {row["domain"] for row in rows if row["id"] in told or row["domain"].removeprefix("www.") in told}
    return [_visible(row) for row in rows if row["domain"] not in apart], [line for piece in own(folder) for line in piece.lines]


def _visible(row: Mapping[str, Any]) -> list[str]:
    try:
        document = read(RawDocument(row["id"], row["html"], media_type="text/html"), Policy())
    except Unreadable:
        return []
    return list(dict.fromkeys(text for text in map(document.text_of, document.blocks) if 15 < len(text) < 600))


def train(
    learned: Material, progress: Callable[[int], None], *, layout: bool = True
) -> tuple[Mapping[str, Column], Mapping[str, Column], dict[str, Any], dict[str, list[tuple[int, int]]]]:
    """The weights of the networks and of the scores fitted on everything; the card, and what was removed, of those without a fold.

    `layout=False` hides line gaps and lengths from the networks: what is left when real files have none of the gaps that set-in ads have.
    """
    found: dict[str, Outputs] = {}
    with workers() as pool:
        futures = {pool.submit(_fit, learned, fold, layout): fold for fold in (None, *range(FOLDS))}
        for future in as_completed(futures):
            progress(1)
            if futures[future] is not None:
                found |= future.result()[2]
        nets, scores, _ = next(future for future, fold in futures.items() if fold is None).result()
    kinds, right = _kinds([piece for piece in learned.pieces if piece.kind])
    texts = {text.id: text for text in learned.texts}
    curve = [{"ad_threshold": t, **figures(texts, found, replace(Policy(), ad_threshold=t))} for t in THRESHOLDS]
    card = {**CARD, "texts": len(texts), "folds": FOLDS, "out_of_fold": curve, "dumps": dumped(learned, found), "kinds_right": right}
    removed = {id_: _struck(decide(found[id_], Policy())) for id_ in texts}
    return nets, {"scores": scores, "kinds": kinds}, card, removed


def _fit(learned: Material, fold: int | None, layout: bool) -> tuple[Mapping[str, Column], Column, dict[str, Outputs]]:
    """Networks and scores of words without a fold, and what they make of its texts and dumps."""
    left_out = [text for text in learned.texts if text.fold == fold]
    theirs = frozenset[str]().union(*(text.ads for text in left_out))
    pieces = [piece for piece in learned.pieces if fold not in piece.folds and piece.id not in theirs]
    real = [text for text in learned.texts if text.fold != fold and not text.ads & theirs]
    dumps = [text for text in learned.dumps if text.fold != fold]
    weights = _weights(pieces, dumps)
    texts: Iterable[Labelled] = (*real * _TWICE, *composed(pieces, COMPOSED, seed=0), *dumps)
    samples = [made for text in texts if (made := sample(text, meaning(), weights)) is not None]
    samples = samples if layout else [replace(s, features=_blind(s.features)) for s in samples]
    nets = stack([fit(samples, TASK, seed) for seed in SEEDS])
    found, judge = {}, exact(nets)
    for text in (*left_out, *(text for text in learned.dumps if text.fold == fold)):
        seen = columns(read(RawDocument(text.id, text.text, media_type="text/plain"), Policy()))
        rows = features(seen, meaning(), weights[-1])
        rows = rows if layout else _blind(rows)
        found[text.id] = (seen, *judged(judge, nets["steps"], rows, seen.words))
    return nets, weights[-1], found


def _blind(rows: Column) -> Column:
    hidden = rows.copy()
    hidden[:, :LAYOUT] = 0
    return hidden


def _weights(pieces: Sequence[Piece], dumps: Sequence[Labelled]) -> list[Column]:
    """The weights of `text_features` (2b + 1, 2) fitted without each part of the pieces, then those fitted on all."""
    pitches = [(line, p.state is State.AD, part_of(p.id)) for p in pieces if p.state is not State.FURNITURE for line in p.lines[:_TOLD]]
    furniture = [(line, False, part_of(p.id)) for p in pieces if p.state is State.CONTENT for line in p.lines[:_TOLD]]
    for text in dumps:
        struck = (text.text[line.start : line.end] for line in text.lines if line.state is State.FURNITURE)
        furniture += [(line, True, part_of(text.id)) for line in dict.fromkeys(struck)]
    return [
        np.stack(
            [
                fit_scores([line for line, _, at in told if at != part], [holds for _, holds, at in told if at != part], strength)
                for told, strength in ((pitches, _PITCH), (furniture, _FURNITURE))
            ],
            axis=1,
        )
        for part in (*range(FOLDS), None)
    ]


# How our own ads name what they advertise, in the order of `labelling.receipt.KINDS`.
_KINDS = ("sponsored", "shop", "donation", "subscription", "event", "newsletter", "course", "app", "job")


def _kinds(ads: Sequence[Piece]) -> tuple[Column, float]:
    """The weights (64 + l + 1, k) of `labelling.receipt.kind`, and how many in a hundred ads left out they name right."""
    from sklearn.linear_model import LogisticRegression

    told = []
    for ad in ads:
        found = find(ad.lines)
        each = tokens(found)
        told.append(summary(vectors(each, known(each, meaning()), meaning()), found.covered, found.words))
    rows, number = np.array(told), np.array([_KINDS.index(ad.kind) for ad in ads])
    part = np.array([part_of(ad.id.rpartition("-")[0]) for ad in ads])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6

    def fitted(chosen: Column) -> Any:
        return LogisticRegression(C=_KIND, max_iter=1000).fit((rows[chosen] - mean) / spread, number[chosen])

    right = sum(int((fitted(part != p).predict((rows[part == p] - mean) / spread) == number[part == p]).sum()) for p in range(FOLDS))
    model = fitted(part >= 0)
    weights = model.coef_.T / spread[:, None]
    return np.vstack([weights, model.intercept_ - mean @ weights]).astype(np.float32), round(right / len(ads), 4)


def decide(outputs: Outputs, policy: Policy) -> list[Decision]:
    """The decisions that cleaning takes by these outputs."""
    seen, emitted, steps = outputs
    return with_headline(seen, adverts.decided(seen, first_that_holds(seen), policy, emitted, steps))


def _struck(decisions: Sequence[Decision]) -> list[tuple[int, int]]:
    return [(d.block.start, d.block.end) for d in decisions if d.label is not Label.CONTENT]


def figures(texts: Mapping[str, Labelled], found: Mapping[str, Outputs], policy: Policy) -> dict[str, float]:
    """Precision, recall and F1 over lines of ads; shares of documents perfect and harmed, of content lines kept."""
    hits = wrong = missed = content = 0
    perfect: list[bool] = []
    harmed: list[bool] = []
    for id_, text in texts.items():
        struck = _struck(decide(found[id_], policy))
        gone = [any(first < line.end and line.start < last for first, last in struck) for line in text.lines]
        ads = [g for line, g in zip(text.lines, gone, strict=True) if line.state is State.AD]
        lost = sum(g for line, g in zip(text.lines, gone, strict=True) if line.state is State.CONTENT)
        hits, missed, wrong = hits + sum(ads), missed + len(ads) - sum(ads), wrong + lost
        content += sum(line.state is State.CONTENT for line in text.lines)
        (perfect if ads else harmed).append(all(ads) and not lost if ads else bool(lost))
    return {
        "precision": round(hits / max(hits + wrong, 1), 4),
        "recall": round(hits / max(hits + missed, 1), 4),
        "f1": round(2 * hits / max(2 * hits + wrong + missed, 1), 4),
        "perfect": round(sum(perfect) / max(len(perfect), 1), 4),
        "harmed": round(sum(harmed) / max(len(harmed), 1), 4),
        "content_kept": round(1 - wrong / max(content, 1), 4),
    }


def dumped(learned: Material, found: Mapping[str, Outputs]) -> dict[str, float]:
    """Mean word precision, recall and F1 of the articles found in the dumps of pages, 0 to 1."""
    rows = []
    for text in learned.dumps:
        kept = [d for d in decide(found[text.id], Policy()) if d.label is Label.CONTENT and d.reason is not Reason.HEADLINE]
        have = Counter(word for d in kept for word in words(text.text[d.block.start : d.block.end]))
        want = Counter(words(learned.articles[text.id]))
        both = (have & want).total()
        rows.append((both / max(have.total(), 1), both / max(want.total(), 1), 2 * both / max(have.total() + want.total(), 1)))
    return {name: round(float(value), 4) for name, value in zip(("precision", "recall", "word_f1"), np.mean(rows, axis=0), strict=True)}
