"""The network of both models: a small convolutional network over a document's blocks, run in numpy.

`copydesk train` makes the weights; here they are run one document at a time, so that a document's scores never depend on
the documents around it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np

from ..characters import Column

CLIP = 5.0  # standard deviations
DILATIONS = (1, 2, 4)
WEIGHTS = files(__package__).joinpath("weights")

Net = Mapping[str, Column]


@lru_cache
def arrays(name: str) -> Net:
    """The arrays of a file of weights, by name."""
    with np.load(BytesIO(WEIGHTS.joinpath(name).read_bytes())) as stored:
        return {key: stored[key] for key in stored.files}


def unstacked(name: str) -> Sequence[Net]:
    """The networks of a file that stacks several, as training left them."""
    stacked = arrays(name)
    return [{key: array[i] for key, array in stacked.items()} for i in range(len(stacked["mean"]))]


@lru_cache
def nets(name: str) -> Sequence[Net]:
    """The networks of a file that stacks several."""
    return [ready(each) for each in unstacked(name)]


def ready(net: Net) -> Net:
    """A network as training leaves it, with the spread of its inputs in its first layer and in the bounds of its inputs."""
    reach = CLIP / net["scale"]
    dense = net["scale"][:, None] * net["dense"]
    bias = net["dense_bias"] - net["mean"] @ dense
    return {**net, "dense": dense, "dense_bias": bias, "least": net["mean"] - reach, "most": net["mean"] + reach}


@lru_cache
def digest(name: str) -> str:
    """Sixteen hex digits that name the weights."""
    return hashlib.sha256(WEIGHTS.joinpath(name).read_bytes()).hexdigest()[:16]


def run(net: Net, features: Column, words: Column) -> Column:
    """The outputs (..., n, o) that one network gives n blocks with these features (..., n, f) and numbers of words (n)."""
    if "least" not in net:
        net = ready(net)
    inputs = np.minimum(np.maximum(features, net["least"]), net["most"])
    hidden = np.maximum(inputs @ net["dense"] + net["dense_bias"], 0)
    for number, dilation in enumerate(DILATIONS):
        before, after = np.zeros_like(hidden), np.zeros_like(hidden)
        before[..., dilation:, :], after[..., :-dilation, :] = hidden[..., :-dilation, :], hidden[..., dilation:, :]
        beside = np.concatenate((before, hidden, after), axis=-1)
        hidden = hidden + np.maximum(beside @ net[f"conv{number}"] + net[f"conv{number}_bias"], 0)
    weight = np.sqrt(words, dtype=np.float32)
    mean = weight @ hidden / (weight.sum() + np.float32(1e-6))
    hidden = hidden + (mean @ net["context"])[..., None, :]
    last = np.maximum(hidden @ net["last"] + net["last_bias"], 0)
    outputs: Column = last @ net["out"] + net["out_bias"]
    return outputs
