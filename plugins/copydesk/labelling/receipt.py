"""The receipt of an advertorial in plain text: what it advertises, and what counted most against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..characters import Column
from ..model import Reason
from . import net, text_features, text_model
from .exact import Exact
from .lexicon import Found
from .text_model import AD, AD_BEGINS, CONTENT

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
class _First:
    """The first network of the package, which is enough to tell what counted, and the g things that a receipt may name.

    `tells` (g, f) has a 1 where a feature tells a thing; `weights` (f, h) are those of the first layer, `usual` (f) is what
    is usual of each feature.
    """

    network: Exact
    names: Sequence[str]
    tells: Column
    weights: Column
    usual: Column


@lru_cache(maxsize=1)
def _first() -> _First:
    network, told = text_model.judge().first(), np.array(text_features.evidence())
    names = tuple(dict.fromkeys(told.tolist()))
    tells = (told == np.array(names)[:, None]).astype(np.float32)
    return _First(network, names, tells, network.dense.weights[0], network.whole(net.arrays(text_model.FILE)["mean"][:1])[0])


_TOLD = 3
_TRIED = 12  # things that change the first layer most; with these all receipts of the development texts are those of all 33
_AROUND = 4  # blocks on each side, further than which the network hardly looks
_LONGEST = 64  # blocks of an ad that are asked, so that memory is bounded


def evidence(rows: Column, lengths: Column, first: int, last: int) -> tuple[str, ...]:
    """What counted most against the ad [first, last): without which features of it the network would believe it least (occlusion).

    The first `_LONGEST` blocks stand for a longer one.
    """
    begin, last = max(first - _AROUND, 0), min(last, first + _LONGEST)
    known = _first()
    inputs, lengths = known.network.whole(rows[begin : last + _AROUND]), lengths[begin : last + _AROUND]
    first, last = first - begin, last - begin
    told = known.tells @ ((inputs[first:last] - known.usual)[..., None] * known.weights)  # (a, g, h) for a blocks
    tried = np.sort(np.argsort(-np.abs(told).sum(axis=(0, 2)), kind="stable")[:_TRIED])
    sums = np.repeat(known.network.dense.sums(inputs), len(tried) + 1, axis=0)
    sums[1:, first:last] -= told[:, tried].swapaxes(0, 1)
    outputs = known.network.onward(sums, lengths)[:, first:last]
    belief = (np.logaddexp(outputs[..., AD_BEGINS], outputs[..., AD]) - outputs[..., CONTENT]).sum(axis=1)
    lost = (belief[0] - belief[1:]).round(3)
    order = np.argsort(-lost, kind="stable")[:_TOLD]
    return tuple(known.names[tried[i]] for i in order.tolist() if lost[i] > 0)
