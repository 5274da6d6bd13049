"""Fitting the page model: convolutional networks over the blocks of a page, in JAX, seeded, one process a network.

The loss is the cross-entropy of the blocks plus one minus the soft word F1 of each page, which is what decoding maximises.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any

import numpy as np

from ..characters import Column
from ..labelling.page_model import CLIP, DILATIONS, run
from .pages import FOLDS, Page

HIDDEN, LAST = 48, 32
EPOCHS = 24
RATE, DECAY = 3e-3, 0.02
DROPPED_INPUTS, DROPPED_HIDDEN = 0.1, 0.2
ROWS = 4096  # of a batch: pages one after the other
_GAP = max(DILATIONS) * 2
_PAGES = 128  # at most in a batch

Parameters = dict[str, Any]


def out_of_fold(pages: Sequence[Page], seeds: Sequence[int]) -> Iterator[Mapping[str, Column]]:
    """Each time a network is ready: the probabilities by page so far; the last is the mean over all seeds."""
    sums: dict[str, Column] = {}
    jobs = [(fold, seed) for fold in range(FOLDS) for seed in seeds]
    with _workers() as workers:
        futures = {workers.submit(fit, [p for p in pages if p.fold != fold], seed): fold for fold, seed in jobs}
        for future in as_completed(futures):
            net = future.result()
            for page in (p for p in pages if p.fold == futures[future]):
                sums[page.id] = sums.get(page.id, 0.0) + run(net, page.features, page.words) / len(seeds)
            yield sums


def fit_all(pages: Sequence[Page], seeds: Sequence[int]) -> Mapping[str, Column]:
    """The weights of one network a seed, fitted on all pages, stacked."""
    with _workers() as workers:
        nets = list(workers.map(fit, [pages] * len(seeds), seeds))
    return {name: np.stack([net[name] for net in nets]) for name in nets[0]}


def _workers() -> ProcessPoolExecutor:
    # One thread each: two networks on two cores are faster than one on both, and sums come out the same everywhere.
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    return ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"))


def fit(pages: Sequence[Page], seed: int) -> Mapping[str, Column]:
    """The weights of one network (float32 by name), as `labelling.page_model.run` takes them."""
    import jax
    import optax

    rows = np.concatenate([page.features for page in pages])
    mean, scale = rows.mean(axis=0), 1 / (rows.std(axis=0) + 1e-2)
    del rows
    inputs = {page.id: ((page.features - mean) * scale).clip(-CLIP, CLIP) for page in pages}
    order = np.random.default_rng(seed)
    key = jax.random.PRNGKey(seed)
    parameters = _start(key, len(mean))
    batches = len(list(_batches(pages, inputs, order)))
    rate = optax.warmup_cosine_decay_schedule(0, RATE, batches, (EPOCHS + 1) * batches)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(rate, weight_decay=DECAY))
    state = optimizer.init(parameters)

    @jax.jit
    def step(parameters: Parameters, state: Any, batch: Any, key: Any) -> tuple[Parameters, Any]:
        gradients = jax.grad(_loss)(parameters, batch, key)
        updates, state = optimizer.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state

    averaged = None  # over the later epochs, which generalises better than the last one
    for epoch in range(EPOCHS):
        for batch in _batches(pages, inputs, order):
            key, now = jax.random.split(key)
            parameters, state = step(parameters, state, batch, now)
        if epoch >= EPOCHS // 2:
            averaged = parameters if averaged is None else jax.tree.map(lambda a, b: 0.7 * a + 0.3 * b, averaged, parameters)
    weights = {name: np.asarray(array, np.float32) for name, array in (averaged or parameters).items()}
    return {**weights, "mean": mean.astype(np.float32), "scale": scale.astype(np.float32)}


def _start(key: Any, inputs: int) -> Parameters:
    import jax
    import jax.numpy as jnp

    shapes = {"dense": (inputs, HIDDEN), **{f"conv{i}": (3 * HIDDEN, HIDDEN) for i in range(len(DILATIONS))}}
    shapes |= {"context": (HIDDEN, HIDDEN), "last": (HIDDEN, LAST), "out": (LAST, 1)}
    parameters = {}
    for (name, shape), own in zip(shapes.items(), jax.random.split(key, len(shapes)), strict=True):
        residual = 0.5 if name.startswith("con") else 1.0
        parameters[name] = jax.random.normal(own, shape) * residual * np.sqrt(2 / shape[0])
        if name != "context":
            parameters[f"{name}_bias"] = jnp.zeros(shape[1])
    return parameters


def _batches(pages: Sequence[Page], inputs: Mapping[str, Column], order: np.random.Generator) -> Iterator[tuple[Column, ...]]:
    """Pages in a new order, one after the other with a gap that no convolution reaches over.

    Yields inputs (rows, f), mask (rows, 1), page number, words and targets (rows).
    """
    taken: list[Page] = []
    used = 0
    for number in order.permutation(len(pages)).tolist():
        length = min(len(pages[number].words), ROWS - _GAP) + _GAP
        if used + length > ROWS or len(taken) == _PAGES - 1:
            yield _batch(taken, inputs)
            taken, used = [], 0
        taken.append(pages[number])
        used += length
    yield _batch(taken, inputs)


def _batch(pages: Sequence[Page], inputs: Mapping[str, Column]) -> tuple[Column, ...]:
    rows = np.zeros((ROWS, len(inputs[pages[0].id][0])), np.float32)
    mask, number = np.zeros((ROWS, 1), np.float32), np.full(ROWS, _PAGES - 1)
    words, target = np.zeros(ROWS, np.float32), np.zeros(ROWS, np.float32)
    at = 0
    for index, page in enumerate(pages):
        length = min(len(page.words), ROWS - _GAP)
        span = slice(at, at + length)
        rows[span], mask[span], number[span] = inputs[page.id][:length], 1, index
        words[span], target[span] = page.words[:length], page.target[:length]
        at += length + _GAP
    return rows, mask, number, words, target


def _loss(parameters: Parameters, batch: Any, key: Any) -> Any:
    import jax
    import jax.numpy as jnp
    import optax

    _, mask, number, words, target = batch

    def by_page(values: Any) -> Any:
        return jax.ops.segment_sum(values, number, _PAGES)

    logits = _logits(parameters, batch, key)
    inside = mask[:, 0]
    total = by_page(words)
    weight = jnp.sqrt(words + 1) * inside / jnp.sqrt(jnp.maximum(total[number], 1) / 500)
    entropy = (weight * optax.sigmoid_binary_cross_entropy(logits, target)).sum() / weight.sum()
    probability = jax.nn.sigmoid(logits) * inside
    weight = jnp.maximum(words, 0.3) * inside
    hits = by_page(probability * weight * target)
    f1 = (2 * hits + 1) / (by_page(probability * weight) + by_page(weight * target) + 1)
    return entropy + ((1 - f1) * (total > 0)).sum() / (total > 0).sum()


def _logits(p: Parameters, batch: Any, key: Any) -> Any:
    """The same network as `labelling.page_model.run`, over a batch and with units dropped."""
    import jax
    import jax.numpy as jnp

    rows, mask, number, words, _ = batch
    keys = jax.random.split(key, 2 + len(DILATIONS))

    def dropped(values: Any, share: float, key: Any) -> Any:
        return values * jax.random.bernoulli(key, 1 - share, values.shape) / (1 - share)

    rows = rows * jax.random.bernoulli(keys[0], 1 - DROPPED_INPUTS, rows.shape)
    hidden = dropped(jax.nn.relu(rows @ p["dense"] + p["dense_bias"]) * mask, DROPPED_HIDDEN, keys[1])
    for i, dilation in enumerate(DILATIONS):
        before = jnp.pad(hidden, ((dilation, 0), (0, 0)))[:-dilation]
        after = jnp.pad(hidden, ((0, dilation), (0, 0)))[dilation:]
        beside = jnp.concatenate((before, hidden, after), axis=1)
        hidden = dropped((hidden + jax.nn.relu(beside @ p[f"conv{i}"] + p[f"conv{i}_bias"])) * mask, DROPPED_HIDDEN, keys[2 + i])
    weight = jnp.sqrt(words) * mask[:, 0]
    total = jax.ops.segment_sum(hidden * weight[:, None], number, _PAGES)
    mean = total / (jax.ops.segment_sum(weight, number, _PAGES)[:, None] + 1e-6)
    hidden = hidden + (mean @ p["context"])[number]
    return (jax.nn.relu(hidden @ p["last"] + p["last_bias"]) @ p["out"] + p["out_bias"])[:, 0]
