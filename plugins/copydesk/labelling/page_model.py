"""The page model: which blocks of a page are its article, by small convolutional networks over the blocks.

`copydesk train html` makes the weights; here they are run in numpy, one page at a time, so that a page's scores never
depend on the pages around it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np

from ..characters import Column

MODEL = "page model 1"
WEIGHTS = files(__package__).joinpath("weights", "page.npz")
CLIP = 5.0  # standard deviations
DILATIONS = (1, 2, 4)
_LIGHTEST = 0.3  # words that a block without any counts for

Net = Mapping[str, Column]


@lru_cache(maxsize=1)
def _nets() -> Sequence[Net]:
    with np.load(BytesIO(WEIGHTS.read_bytes())) as arrays:
        stacked = {name: arrays[name] for name in arrays.files}
    return [{name: array[i] for name, array in stacked.items()} for i in range(len(stacked["mean"]))]


@lru_cache(maxsize=1)
def digest() -> str:
    """Sixteen hex digits that name the weights."""
    return hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:16]


def scores(features: Column, words: Column) -> Column:
    """The probability (n) of each of n blocks to be in the article, rounded to 4 decimals; `words` counts theirs."""
    nets = _nets()
    total = sum(run(net, features, words) for net in nets)
    rounded: Column = np.round(np.asarray(total, np.float64) / len(nets), 4)
    return rounded


def run(net: Net, features: Column, words: Column) -> Column:
    """The probabilities (n) that one network gives n blocks."""
    inputs = ((features - net["mean"]) * net["scale"]).clip(-CLIP, CLIP)
    hidden = np.maximum(inputs @ net["dense"] + net["dense_bias"], 0)
    for number, dilation in enumerate(DILATIONS):
        before, after = np.zeros_like(hidden), np.zeros_like(hidden)
        before[dilation:], after[:-dilation] = hidden[:-dilation], hidden[dilation:]
        beside = np.concatenate((before, hidden, after), axis=1)
        hidden = hidden + np.maximum(beside @ net[f"conv{number}"] + net[f"conv{number}_bias"], 0)
    weight = np.sqrt(words, dtype=np.float32)
    mean = weight @ hidden / (weight.sum() + np.float32(1e-6))
    hidden = hidden + mean @ net["context"]
    last = np.maximum(hidden @ net["last"] + net["last_bias"], 0)
    logits: Column = (last @ net["out"] + net["out_bias"])[:, 0]
    probabilities: Column = 1 / (1 + np.exp(-logits))
    return probabilities


def kept(scores: Column, words: Column, threshold: float) -> Column:
    """The set of blocks (a mask) with the greatest expected word F1, given the probabilities of the blocks.

    A block with a higher probability goes before one with a lower, so that the set is a prefix of that order (Ye, Chai,
    Lee, Chieu: Optimizing F-measures, ICML 2012). `threshold` (0.5: no change) shifts the log-odds before.
    """
    odds = scores * (1 - threshold)
    shifted = odds / np.maximum(odds + (1 - scores) * threshold, 1e-9)
    weight = np.maximum(words, _LIGHTEST)
    order = np.argsort(-shifted, kind="stable")
    expected = np.cumsum((shifted * weight)[order]) / (np.cumsum(weight[order]) + (shifted * weight).sum() + 1e-9)
    least = shifted[order][int(np.argmax(expected))] if len(order) else 1.0
    mask: Column = (shifted >= least) & (shifted > 0)
    return mask
