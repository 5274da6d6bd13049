"""The receipt of an advertorial: what it advertises, whether it says so, and what counted against it."""

from __future__ import annotations

import pytest

from copydesk import clean
from copydesk.labelling.text_features import evidence
from copydesk.model import Extraction, Label, Reason
from tests.labelling.test_labelling import STORY


def _cut(*pitch: str) -> Extraction:
    result = clean("\n\n".join((*STORY[:3], *pitch, *STORY[3:])), media_type="text/plain")
    assert isinstance(result, Extraction)
    assert [cut.text for cut in result.removed if cut.label is Label.ADVERTORIAL] == list(pitch)
    return result


@pytest.mark.parametrize(
    ("pitch", "reason"),
    [
        (("Millions of children go hungry tonight. Please give what you can: donate $20 now at feedthem.example.",), Reason.DONATION),
        (("Join our six-week online writing course. Enrol now, places are limited!",), Reason.COURSE),
    ],
)
def test_an_ad_is_called_by_what_it_advertises(pitch: tuple[str, ...], reason: Reason) -> None:
    assert {cut.reason for cut in _cut(*pitch).removed} == {reason}


def test_an_ad_that_says_so_is_labelled_and_another_is_not() -> None:
    pitch = "Order your spring seeds today and get free shipping on your first order! Use code SPRING at checkout."
    assert {cut.labelled for cut in _cut("Sponsored by Golden Harvest Seeds", pitch).removed} == {True}
    assert {cut.labelled for cut in _cut(pitch).removed} == {False}


def test_the_evidence_is_at_most_three_of_the_things_that_are_looked_at() -> None:
    (cut,) = _cut("Order your spring seeds today and get free shipping on your first order! Use code SPRING at checkout.").removed
    assert 0 < len(cut.evidence) <= 3
    assert set(cut.evidence) <= set(evidence())
