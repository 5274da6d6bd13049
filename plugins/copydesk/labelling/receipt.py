"""The receipt of an advertorial in plain text: what it advertises, and what counted most against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..characters import Column
from ..model import Reason
from . import net, text_features, text_model
from .exact import Exact, exact
from .lexicon import Found
from .text_model import State

# What an ad may advertise, in the order of `Weights.kinds`.
KINDS = (
    Reason.SPONSORED,
    Reason.SHOP,
    Reason.DONATION,
    Reason.SUBSCRIPTION,
    Reason.EVENT,
    Reason.NEWSLETTER,
    Reason.COURSE,
    Reason.APP_PROMO,
    Reason.JOB,
)


def kind(said: Column, found: Found, chosen: Column, kinds: Column) -> Reason:
    """What an ad advertises, which is the chosen blocks (indices); `said` (n, 64) is what every block says, `kinds` are `Weights.kinds`."""
    told = summary(said[chosen], found.covered[chosen], found.words[chosen])
    return KINDS[int((told @ kinds[:-1] + kinds[-1]).argmax())]


def summary(said: Column, covered: Column, words: Column) -> Column:
    """What n blocks say together (64, longer blocks first), and the share of their words that each lexicon covers (l)."""
    weight = np.sqrt(words + 1)
    column: Column = np.concatenate((weight @ said / weight.sum(), covered.sum(axis=0) / max(int(words.sum()), 1)))
    return column


@dataclass(frozen=True, slots=True)
class _Group:
    """What tells one thing that a receipt may name: the features (indices), their weights in the first layer, and what their means add."""

    features: Column
    weights: Column
    usual: Column


@lru_cache(maxsize=1)
def _first() -> tuple[Exact, Mapping[str, _Group]]:
    """The first network of the package, which is enough to tell what counted, and its features by name."""
    nets = {name: array[:1] for name, array in net.arrays(text_model.FILE).items()}
    network, told = exact(nets), np.array(text_features.evidence())
    means = network.whole(nets["mean"])[0]
    by_name = {name: np.flatnonzero(told == name) for name in dict.fromkeys(told.tolist())}
    weights = {name: network.dense.weights[0][features] for name, features in by_name.items()}
    return network, {name: _Group(features, weights[name], means[features] @ weights[name]) for name, features in by_name.items()}


_TOLD = 3
_AROUND = 4  # blocks on each side, further than which the network hardly looks


def evidence(rows: Column, lengths: Column, first: int, last: int) -> tuple[str, ...]:
    """What counted most against the ad [first, last): without which features of it the network would believe it least (occlusion)."""
    begin = max(first - _AROUND, 0)
    network, groups = _first()
    inputs, lengths = network.whole(rows[begin : last + _AROUND]), lengths[begin : last + _AROUND]
    first, last = first - begin, last - begin
    sums = np.repeat(network.dense.sums(inputs), len(groups) + 1, axis=0)
    for number, group in enumerate(groups.values(), 1):
        sums[number, first:last] -= inputs[first:last, group.features] @ group.weights
        sums[number, first:last] += group.usual
    outputs = network.onward(sums, lengths)[:, first:last]
    belief = (np.logaddexp(outputs[..., State.AD_BEGINS], outputs[..., State.AD]) - outputs[..., State.CONTENT]).sum(axis=1)
    lost = (belief[0] - belief[1:]).round(3)
    order = np.argsort(-lost, kind="stable")[:_TOLD]
    names = list(groups)
    return tuple(names[i] for i in order.tolist() if lost[i] > 0)
