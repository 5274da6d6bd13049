"""`copydesk train html`: from labelled pages to the weights of the page model and its card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any

import numpy as np

from ..characters import Column
from ..labelling.page_model import kept, probabilities
from ..policy import Policy
from .net import Batch, Parameters, Task, fit, stack, workers
from .pages import FOLDS, Page, load

SEEDS = (0, 1)
CARD = {
    "what": "Two convolutional networks over the blocks of a web page: the probability of each block to be in the article.",
    "data": "Article pages of the WCXB development split, CC-BY-4.0, (c) 2026 Murrough Foley; page texts belong to their publishers.",
    "labels": "Blocks aligned with the article that was marked by hand.",
    "method": "Folds by domain, so that copies of a page share theirs; figures are of networks that saw no page of the fold.",
    "bad_at": [
        "pages in languages other than English: short promos go through",
        "testimonials, product cards and long comments, which read like articles",
        "pages with several articles or with teasers of a paragraph",
        "short last paragraphs after a box, on layouts unlike the training pages",
    ],
}


def _loss(_: Parameters, outputs: Any, batch: Batch) -> Any:
    """Cross-entropy of the blocks plus one minus the soft word F1 of each page, which is what decoding maximises."""
    import jax
    import jax.numpy as jnp
    import optax

    logits, total = outputs[:, 0], batch.by_document(batch.words)
    weight = jnp.sqrt(batch.words + 1) * batch.mask / jnp.sqrt(jnp.maximum(total[batch.number], 1) / 500)
    entropy = (weight * optax.sigmoid_binary_cross_entropy(logits, batch.target)).sum() / weight.sum()
    probability = jax.nn.sigmoid(logits) * batch.mask
    weight = jnp.maximum(batch.words, 0.3) * batch.mask
    hits = batch.by_document(probability * weight * batch.target)
    f1 = (2 * hits + 1) / (batch.by_document(probability * weight) + batch.by_document(weight * batch.target) + 1)
    return entropy + ((1 - f1) * (total > 0)).sum() / (total > 0).sum()


TASK = Task(outputs=1, loss=_loss, extra={}, rows=4096, epochs=24, rate=3e-3, decay=0.02, dropped=0.2)


def train(path: Path, progress: Callable[[int], None]) -> tuple[Mapping[str, Column], dict[str, Any]]:
    """The weights fitted on all pages, and the figures of networks fitted without a page's fold.

    Raises SettingError when the file is not one of labelled pages.
    """
    pages = list(load(path))
    jobs = [(fold, seed) for fold in (None, *range(FOLDS)) for seed in SEEDS]
    nets: list[Mapping[str, Column]] = []
    scores: dict[str, Column] = {}
    with workers() as pool:
        futures = {pool.submit(fit, [p for p in pages if p.fold != fold], TASK, seed): (fold, seed) for fold, seed in jobs}
        for future in as_completed(futures):
            fold, _ = futures[future]
            if fold is not None:
                for page in (p for p in pages if p.fold == fold):
                    scores[page.id] = scores.get(page.id, 0.0) + probabilities(future.result(), page.features, page.words) / len(SEEDS)
            progress(1)
        nets = [future.result() for future, (fold, _) in sorted(futures.items(), key=lambda item: item[1][1]) if fold is None]
    return stack(nets), {**CARD, "pages": len(pages), "folds": FOLDS, "out_of_fold": figures(pages, scores)}


def figures(pages: Sequence[Page], scores: Mapping[str, Column]) -> dict[str, float]:
    """Mean bag-of-words precision, recall and F1 of the blocks that these scores keep, 0 to 1."""
    rows = [_agreement(page, kept(scores[page.id], page.words, Policy().content_threshold)) for page in pages]
    return {name: round(float(value), 4) for name, value in zip(("precision", "recall", "word_f1"), np.mean(rows, axis=0), strict=True)}


def _agreement(page: Page, mask: Column) -> tuple[float, float, float]:
    found = Counter(word for tokens, keep in zip(page.tokens, mask.tolist(), strict=True) if keep for word in tokens)
    wanted = Counter(page.article)
    both = (found & wanted).total()
    words = found.total() + wanted.total()
    return both / max(found.total(), 1), both / max(wanted.total(), 1), 2 * both / words if words else 1.0
