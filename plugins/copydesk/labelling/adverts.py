"""Advertorials in plain text: how much each block sounds like a pitch, and where the pitch begins and ends.

The seam where a learned sequence model goes: `advert_scores`. This first one adds up weighted evidence;
the weights were set by hand on the sample and on articles of our own, not fitted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..model import Reason
from .features import Look, Pitch, pitch

MODEL = "pitch evidence 1"
_BIAS = -2.4  # the highest recall on the development texts at which no article without an ad was harmed


def advert_scores(pitches: Sequence[Pitch], looks: Sequence[Look]) -> list[float]:
    """The score (0 to 1) of each block for being part of an advertorial, by itself."""
    return [_logistic(_BIAS + _evidence(p, look)) for p, look in zip(pitches, looks, strict=True)]


def pitches(looks: Sequence[Look]) -> list[Pitch]:
    return [pitch(look) for look in looks]


def _logistic(x: float) -> float:
    return round(1 / (1 + math.exp(-x)), 4)


def _evidence(p: Pitch, look: Look) -> float:
    """The log-odds that the pitch speaks for an advertorial; reporting speaks against it."""
    words = max(look.words, 4)
    personal = min(p.second_person * 12, 1.6)
    pledge = min(p.donation * 0.7, 2.8)
    sale = min(p.offers * 0.45, 1.8)
    call = min(p.calls * 0.4, 1.6) + (0.8 if p.calls_first else 0.0)
    voice = min(p.first_person * 8, 0.8) if personal or sale or pledge or call else 0.0
    contact = 0.9 * p.url + 0.8 * p.phone
    noise = min(p.exclaims * 0.5, 1.0) + (0.4 if p.shouts and p.exclaims else 0.0)
    money = 0.4 * p.price if personal or call or sale else 0.0
    reporting = min(p.attribution * 6.0 / words, 1.5)
    return personal + pledge + sale + call + voice + contact + noise + money + 4.0 * p.label - reporting


def reason_of(group: Sequence[Pitch]) -> Reason:
    """What kind of pitch a run of blocks is, by the evidence that counts most."""
    donation = sum(p.donation for p in group)
    newsletter = sum(p.newsletter for p in group)
    sale = sum(p.offers + p.calls + 2 * p.price for p in group)
    if donation and donation >= newsletter:
        return Reason.DONATION
    if newsletter > sale:
        return Reason.NEWSLETTER
    return Reason.SPONSORED if any(p.label for p in group) or not sale else Reason.SHOP
