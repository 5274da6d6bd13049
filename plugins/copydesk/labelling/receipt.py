"""The receipt of an advertorial in plain text: what it advertises, and what counted most against it."""

from __future__ import annotations

from collections.abc import Mapping
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


@lru_cache(maxsize=1)
def _one() -> tuple[Exact, Column]:
    """The first network of the package, and the mean of its inputs: enough to tell what counted."""
    nets = {name: array[:1] for name, array in net.arrays(text_model.FILE).items()}
    return exact(nets), nets["mean"][0]


@lru_cache(maxsize=1)
def _groups() -> Mapping[str, Column]:
    """Which features (indices) tell each thing that a receipt may name."""
    told = np.array(text_features.evidence())
    return {name: np.flatnonzero(told == name) for name in dict.fromkeys(told.tolist())}


_TOLD = 3
_AROUND = 4  # blocks on each side, further than which the network hardly looks


def evidence(rows: Column, lengths: Column, first: int, last: int) -> tuple[str, ...]:
    """What counted most against the ad [first, last): without which features of it the network would believe it least (occlusion)."""
    begin = max(first - _AROUND, 0)
    rows, lengths, first, last = rows[begin : last + _AROUND], lengths[begin : last + _AROUND], first - begin, last - begin
    one, mean = _one()
    groups = _groups()
    hidden = np.repeat(rows[None], len(groups) + 1, axis=0)
    for without, group in zip(hidden[1:], groups.values(), strict=True):
        without[first:last, group] = mean[group]
    outputs = one(hidden, lengths)[:, first:last]
    belief = (np.logaddexp(outputs[..., State.AD_BEGINS], outputs[..., State.AD]) - outputs[..., State.CONTENT]).sum(axis=1)
    lost = (belief[0] - belief[1:]).round(3)
    order = np.argsort(-lost, kind="stable")[:_TOLD]
    names = list(groups)
    return tuple(names[i] for i in order.tolist() if lost[i] > 0)
