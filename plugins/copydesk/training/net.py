"""Fitting a network over the blocks of documents, in JAX, seeded, one process a network.

What a model wants of its network stands in a `Task`: how many outputs a block, and the loss.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Protocol

import numpy as np

from ..characters import Column
from ..labelling.net import CLIP, DILATIONS, Nets

DROPPED_INPUTS = 0.1
_GAP = max(DILATIONS) * 2
_DOCUMENTS = 128  # at most in a batch

Parameters = dict[str, Any]


class Sample(Protocol):
    """A document of n blocks: `features` (n, f), how many `words` each has, and what each is, `target` (n) or (n, t)."""

    @property
    def features(self) -> Column: ...
    @property
    def words(self) -> Column: ...
    @property
    def target(self) -> Column: ...


@dataclass(frozen=True, slots=True)
class Task:
    """`loss(parameters, outputs, batch)` in JAX, `extra` parameters by name; `rows` blocks make a batch; `hidden` and `last`
    are the widths of the layers.
    """

    outputs: int
    loss: Callable[[Parameters, Any, Batch], Any]
    extra: Mapping[str, Column]
    rows: int
    epochs: int
    rate: float
    decay: float
    dropped: float
    hidden: int = 48
    last: int = 32


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents one after the other, with a gap between that no convolution reaches over.

    Of length `Task.rows`: `mask` (1 inside documents), `number` of the document, `words` and `target`.
    """

    inputs: Any
    mask: Any
    number: Any
    words: Any
    target: Any

    def by_document(self, values: Any) -> Any:
        """The sums over the blocks of each document."""
        import jax

        return jax.ops.segment_sum(values, self.number, _DOCUMENTS)


def workers() -> ProcessPoolExecutor:
    """One process a core, each of one thread."""
    # Two networks on two cores are faster than one on both, and sums come out the same everywhere.
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    return ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"))


def stack(nets: Sequence[Mapping[str, Column]]) -> Nets:
    """Several networks as a file of weights holds them."""
    return {name: np.stack([net[name] for net in nets]) for name in nets[0]}


def fit(samples: Sequence[Sample], task: Task, seed: int) -> Mapping[str, Column]:
    """The weights of one network (float32 by name)."""
    import jax
    import optax

    mean, scale = _spread(samples)
    inputs = [((sample.features - mean) * scale).clip(-CLIP, CLIP) for sample in samples]
    order = np.random.default_rng(seed)
    key = jax.random.PRNGKey(seed)
    parameters = _start(key, len(mean), task)
    batches = len(list(_batches(samples, inputs, task, order)))
    rate = optax.warmup_cosine_decay_schedule(0, task.rate, batches, (task.epochs + 1) * batches)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(rate, weight_decay=task.decay))
    state = optimizer.init(parameters)

    @jax.jit
    def step(parameters: Parameters, state: Any, arrays: Any, key: Any) -> tuple[Parameters, Any]:
        batch = Batch(*arrays)
        gradients = jax.grad(lambda p: task.loss(p, _outputs(p, batch, task, key), batch))(parameters)
        updates, state = optimizer.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state

    averaged = None  # over the later epochs, which generalises better than the last one
    for epoch in range(task.epochs):
        for arrays in _batches(samples, inputs, task, order):
            key, now = jax.random.split(key)
            parameters, state = step(parameters, state, arrays, now)
        if epoch >= task.epochs // 2:
            averaged = parameters if averaged is None else jax.tree.map(lambda a, b: 0.7 * a + 0.3 * b, averaged, parameters)
    weights = {name: np.asarray(array, np.float32) for name, array in (averaged or parameters).items()}
    return {**weights, "mean": mean.astype(np.float32), "scale": scale.astype(np.float32)}


def _spread(samples: Sequence[Sample]) -> tuple[Column, Column]:
    """The mean and one over the standard deviation of every feature."""
    rows = np.concatenate([sample.features for sample in samples])
    return rows.mean(axis=0), 1 / (rows.std(axis=0) + 1e-2)


def _start(key: Any, inputs: int, task: Task) -> Parameters:
    import jax
    import jax.numpy as jnp

    hidden, last = task.hidden, task.last
    shapes = {"dense": (inputs, hidden), **{f"conv{i}": (3 * hidden, hidden) for i in range(len(DILATIONS))}}
    shapes |= {"context": (hidden, hidden), "last": (hidden, last), "out": (last, task.outputs)}
    parameters = {name: jnp.asarray(values) for name, values in task.extra.items()}
    for (name, shape), own in zip(shapes.items(), jax.random.split(key, len(shapes)), strict=True):
        residual = 0.5 if name.startswith("con") else 1.0
        parameters[name] = jax.random.normal(own, shape) * residual * np.sqrt(2 / shape[0])
        if name != "context":
            parameters[f"{name}_bias"] = jnp.zeros(shape[1])
    return parameters


def _batches(samples: Sequence[Sample], inputs: Sequence[Column], task: Task, order: np.random.Generator) -> Iterator[tuple[Column, ...]]:
    """The fields of a `Batch` each time, the documents in a new order."""
    taken: list[int] = []
    used = _GAP
    for number in order.permutation(len(samples)).tolist():
        length = _length(samples[number], task)
        if used + length > task.rows or len(taken) == _DOCUMENTS - 1:
            yield _batch(taken, samples, inputs, task)
            taken, used = [], _GAP
        taken.append(number)
        used += length
    yield _batch(taken, samples, inputs, task)


def _length(sample: Sample, task: Task) -> int:
    """The rows of a document and the gap after it; of one longer than a batch the end is not learned from."""
    return min(len(sample.words), task.rows - 2 * _GAP) + _GAP


def _batch(taken: Sequence[int], samples: Sequence[Sample], inputs: Sequence[Column], task: Task) -> tuple[Column, ...]:
    rows = np.zeros((task.rows, inputs[taken[0]].shape[1]), np.float32)
    mask, number = np.zeros(task.rows, np.float32), np.full(task.rows, _DOCUMENTS - 1)
    words = np.zeros(task.rows, np.float32)
    target = np.zeros((task.rows, *samples[taken[0]].target.shape[1:]), np.float32)
    at = _GAP
    for index, which in enumerate(taken):
        length = _length(samples[which], task) - _GAP
        span = slice(at, at + length)
        rows[span], mask[span], number[span] = inputs[which][:length], 1, index
        words[span], target[span] = samples[which].words[:length], samples[which].target[:length]
        at += length + _GAP
    return rows, mask, number, words, target


def _outputs(p: Parameters, batch: Batch, task: Task, key: Any) -> Any:
    """The same network as `labelling.exact` runs, over a batch and with units dropped."""
    import jax
    import jax.numpy as jnp

    mask = batch.mask[:, None]
    keys = jax.random.split(key, 2 + len(DILATIONS))

    def dropped(values: Any, share: float, key: Any) -> Any:
        return values * jax.random.bernoulli(key, 1 - share, values.shape) / (1 - share)

    rows = batch.inputs * jax.random.bernoulli(keys[0], 1 - DROPPED_INPUTS, batch.inputs.shape)
    hidden = dropped(jax.nn.relu(rows @ p["dense"] + p["dense_bias"]) * mask, task.dropped, keys[1])
    for i, dilation in enumerate(DILATIONS):
        before = jnp.pad(hidden, ((dilation, 0), (0, 0)))[:-dilation]
        after = jnp.pad(hidden, ((0, dilation), (0, 0)))[dilation:]
        beside = jnp.concatenate((before, hidden, after), axis=1)
        hidden = dropped((hidden + jax.nn.relu(beside @ p[f"conv{i}"] + p[f"conv{i}_bias"])) * mask, task.dropped, keys[2 + i])
    weight = jnp.sqrt(batch.words) * batch.mask
    mean = batch.by_document(hidden * weight[:, None]) / (batch.by_document(weight)[:, None] + 1e-6)
    hidden = hidden + (mean @ p["context"])[batch.number]
    return jax.nn.relu(hidden @ p["last"] + p["last_bias"]) @ p["out"] + p["out_bias"]
