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

# Networks of one shape, one after the other along the first axis (k) of every array, so that all run at once.
Nets = Mapping[str, Column]


@lru_cache
def arrays(name: str) -> Mapping[str, Column]:
    """The arrays of a file of weights, by name."""
    with np.load(BytesIO(WEIGHTS.joinpath(name).read_bytes())) as stored:
        return {key: stored[key] for key in stored.files}


def unstacked(name: str) -> Sequence[Nets]:
    """The networks of a file that stacks several, as training left them."""
    stacked = arrays(name)
    return [{key: array[i] for key, array in stacked.items()} for i in range(len(stacked["mean"]))]


@lru_cache
def nets(name: str) -> Nets:
    """The networks of a file, ready to run."""
    return ready(arrays(name))


def ready(nets: Nets) -> Nets:
    """Networks as training leaves them, with the spread of their inputs in their first layer and in the bounds of the inputs."""
    mean, scale = nets["mean"][:, None], nets["scale"][:, None]
    dense = np.swapaxes(scale, 1, 2) * nets["dense"]
    biases = {name: array[:, None] for name, array in nets.items() if name.endswith("_bias")}
    biases["dense_bias"] = biases["dense_bias"] - mean @ dense
    return {**nets, **biases, "dense": dense, "least": mean - CLIP / scale, "most": mean + CLIP / scale}


@lru_cache
def digest(name: str) -> str:
    """Sixteen hex digits that name the weights."""
    return hashlib.sha256(WEIGHTS.joinpath(name).read_bytes()).hexdigest()[:16]


def run(nets: Nets, features: Column, words: Column) -> Column:
    """The outputs (k, n, o) that k networks, ready or not, give n blocks with these features (n, f) and numbers of words (n).

    One network also takes several documents of a length at once, features (d, n, f), and gives (d, n, o).
    """
    if "least" not in nets:
        nets = ready(nets)
    inputs = np.minimum(np.maximum(features, nets["least"]), nets["most"])
    hidden = np.maximum(inputs @ nets["dense"] + nets["dense_bias"], 0)
    for number, dilation in enumerate(DILATIONS):
        before, after = np.zeros_like(hidden), np.zeros_like(hidden)
        before[..., dilation:, :], after[..., :-dilation, :] = hidden[..., :-dilation, :], hidden[..., dilation:, :]
        beside = np.concatenate((before, hidden, after), axis=-1)
        hidden = hidden + np.maximum(beside @ nets[f"conv{number}"] + nets[f"conv{number}_bias"], 0)
    weight = np.sqrt(words, dtype=np.float32)
    mean = weight @ hidden / (weight.sum() + np.float32(1e-6))
    hidden = hidden + mean[..., None, :] @ nets["context"]
    last = np.maximum(hidden @ nets["last"] + nets["last_bias"], 0)
    outputs: Column = last @ nets["out"] + nets["out_bias"]
    return outputs
