"""The receipt of an advertorial in plain text: what it advertises, and what counted most against it."""

from __future__ import annotations

import numpy as np

from ..characters import Column
from ..model import Reason
from . import net, text_features, text_model
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


def kind(rows: Column, lengths: Column, kinds: Column) -> Reason:
    """What an ad advertises, by the mean of what its blocks say; `rows` (n, f) and `lengths` (n, in words) are theirs."""
    return KINDS[int((meant(rows[:, text_features.MEANING], lengths) @ kinds[:-1] + kinds[-1]).argmax())]


def meant(said: Column, lengths: Column) -> Column:
    """The mean (64) of what n blocks say (n, 64), longer blocks first."""
    mean: Column = np.sqrt(lengths + 1) @ said / np.sqrt(lengths + 1).sum()
    return mean


_TOLD = 3
_AROUND = 8  # blocks on each side, further than which the network hardly looks


def evidence(rows: Column, lengths: Column, first: int, last: int) -> tuple[str, ...]:
    """What counted most against the ad [first, last): without which features of it the network would believe it least (occlusion)."""
    begin = max(first - _AROUND, 0)
    rows, lengths, first, last = rows[begin : last + _AROUND], lengths[begin : last + _AROUND], first - begin, last - begin
    told = text_features.evidence()
    names = list(dict.fromkeys(told))
    one = net.nets(text_model.FILE)[0]
    hidden = np.repeat(rows[None], len(names) + 1, axis=0)
    group = np.array([names.index(name) for name in told])
    for number in range(len(names)):
        hidden[number + 1, first:last, group == number] = one["mean"][group == number][:, None]
    outputs = net.run(one, hidden, lengths)[:, first:last]
    belief = (np.logaddexp(outputs[..., State.AD_BEGINS], outputs[..., State.AD]) - outputs[..., State.CONTENT]).sum(axis=1)
    lost = (belief[0] - belief[1:]).round(3)
    order = np.argsort(-lost, kind="stable")[:_TOLD]
    return tuple(names[i] for i in order.tolist() if lost[i] > 0)
