"""Networks in whole numbers: the same scores to the last bit on every machine, whatever its linear algebra library does.

Weights and activations are whole numbers held as float32, whose sums are exact, in any order, while they stay below 2^24;
every layer is scaled so that none can pass it. The sum over a document is made in float64, exact below 2^53.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..characters import Column
from .net import CLIP, DILATIONS, Nets

_BOUND = 2.0**24
_FINE = 32  # steps of an input to its standard deviation
_STEPS = 64  # of an activation to 1
_NONE, _MOST = np.float32(0), np.float32(32 * _STEPS)  # of an activation
_WORD_STEPS = 16  # of the square root of a number of words to 1
_INNER = (*(f"conv{number}" for number in range(len(DILATIONS))), "context", "last", "out")


@dataclass(frozen=True, slots=True)
class Layer:
    """Weights (k, i, o) and biases (k, 1, o) in whole numbers, and by what the sums are multiplied to be steps again."""

    weights: Column
    bias: Column
    back: np.float32

    def sums(self, inputs: Column) -> Column:
        sums: Column
        if len(self.weights) == 1:  # one product instead of one a document
            sums = (inputs.reshape(-1, inputs.shape[-1]) @ self.weights[0]).reshape(-1, inputs.shape[-2], self.weights.shape[-1])
        else:
            sums = inputs @ self.weights
        sums += self.bias
        return sums

    def __call__(self, inputs: Column) -> Column:
        return self.stepped(self.sums(inputs))

    def first(self) -> Layer:
        """That of the first network alone, which shares its weights."""
        return Layer(self.weights[:1], self.bias[:1], self.back)

    def stepped(self, sums: Column) -> Column:
        """The sums as steps again, in place."""
        sums *= self.back  # a power of two
        return np.rint(sums, out=sums)


@dataclass(frozen=True, slots=True)
class Exact:
    """k networks over f features: `steps`, `least` and `most` (f, 1) make whole numbers of the inputs."""

    steps: Column
    least: Column
    most: Column
    dense: Layer
    convolutions: Sequence[Layer]
    context: Layer
    last: Layer
    out: Layer

    def __call__(self, features: Column, words: Column) -> Column:
        """The logits (k, n, o) of n blocks with these features (n, f) and numbers of words (n)."""
        return self.onward(self.dense.sums(self.whole(features)), words)

    def first(self) -> Exact:
        """The first network alone."""
        layers = {name: getattr(self, name).first() for name in ("dense", "context", "last", "out")}
        return replace(self, convolutions=[layer.first() for layer in self.convolutions], **layers)

    def whole(self, features: Column) -> Column:
        """The features (n, f) as whole numbers."""
        inputs = features.T * self.steps
        np.rint(inputs, out=inputs)
        return inputs.clip(self.least, self.most, inputs).T

    def onward(self, sums: Column, words: Column) -> Column:
        """The logits from the sums (k, n, h) of the first layer, which it overwrites.

        One network (k = 1) also goes on from the sums of d documents of n blocks, (d, n, h).
        """
        first, n, reach = self.dense.stepped(sums), sums.shape[-2], DILATIONS[-1]
        padded = np.zeros((len(first), n + 2 * reach, first.shape[-1]), np.float32)
        hidden = padded[:, reach : reach + n]
        first.clip(_NONE, _MOST, hidden)
        for dilation, layer in zip(DILATIONS, self.convolutions, strict=True):
            before, after = (padded[:, reach + side : reach + side + n] for side in (-dilation, dilation))
            beside = layer(np.concatenate((before, hidden, after), axis=-1))
            beside.clip(_NONE, _MOST, beside)
            beside += hidden
            beside.clip(_NONE, _MOST, hidden)
        weight = np.rint(np.sqrt(words) * _WORD_STEPS)
        mean = np.rint((weight @ hidden.astype(np.float64)) / max(weight.sum(), 1.0)).astype(np.float32)
        last = self.last((hidden + self.context(mean[:, None, :])).clip(-_MOST, _MOST))
        sums = self.out.sums(last.clip(_NONE, _MOST, last)).astype(np.float64)
        outputs: Column = sums * (self.out.back / _STEPS)
        return outputs


def exact(nets: Nets) -> Exact:
    """Networks that training left, in whole numbers. Raises ValueError unless all were fitted to inputs of the same spread."""
    if any((nets[name] != nets[name][0]).any() for name in ("mean", "scale")):
        raise ValueError("networks that run together must be fitted to inputs of the same spread")
    mean, scale = (nets[name][0].astype(np.float64) for name in ("mean", "scale"))
    steps = 2.0 ** np.round(np.log2(scale * _FINE))
    least, most = np.rint((mean - CLIP / scale) * steps), np.rint((mean + CLIP / scale) * steps)
    stacked = {name: array.astype(np.float64) for name, array in nets.items()}
    dense = stacked["dense"] * scale[:, None]
    inner = {name: _layer(stacked[name] / _STEPS, stacked.get(f"{name}_bias"), np.array(_MOST)) for name in _INNER}
    return Exact(
        steps.astype(np.float32)[:, None],
        least.astype(np.float32)[:, None],
        most.astype(np.float32)[:, None],
        _layer(dense / steps[:, None], stacked["dense_bias"] - mean @ dense, np.maximum(np.abs(least), np.abs(most))),
        [inner[name] for name in _INNER[: len(DILATIONS)]],
        inner["context"],
        inner["last"],
        inner["out"],
    )


def _layer(weights: Column, bias: Column | None, largest: Column) -> Layer:
    """A layer of weights (k, i, o) over inputs of at most `largest` (i) steps, as fine as keeps every sum exact."""
    bias = np.zeros((len(weights), weights.shape[2])) if bias is None else bias
    largest = np.broadcast_to(largest, weights.shape[1])
    sums = (largest @ np.abs(weights) + np.abs(bias)).max()
    fine = 2.0 ** np.floor(np.log2((_BOUND - largest.sum() - 1) / sums))  # rounded, a weight is at most half a step larger
    return Layer(np.rint(weights * fine).astype(np.float32), np.rint(bias * fine)[:, None].astype(np.float32), np.float32(_STEPS / fine))
