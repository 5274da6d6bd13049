"""Marks of commerce: each is found, once, in the block where it begins, and no look-alike with it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.characters import points
from copydesk.labelling.marks import _PATTERNS, MARKS, marks


def _counts(text: str, *starts: int) -> dict[str, list[int]]:
    counted = marks(text, points(text), np.array(starts or (0,)))
    return {name: row for name, row in zip(MARKS, counted.astype(int).tolist(), strict=True) if any(row)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Order at lamps.example/now. Or at https://my.example!", {"a web address": 3}),
        ("Write to anna@my.example or @anna", {"a mail address or handle": 2, "a web address": 1}),
        ("Call (0431) 555-0134 or 555 0119 22", {"a telephone number": 2}),
        ("From $ 5, €12.50, 12.50 € or 24 dollars", {"a price": 4}),
        ("20 % off, 5% more, % alone", {"a percentage": 2}),
        ("Doors at 7 p.m., at 19:30 and at 9am", {"a time of day": 3}),
        ("From 1998 to 2026, not 2150, A1999 or 20265", {"a year": 2}),
        ("#candles in the #1 and C# and # 5", {"a hashtag": 1}),
        ("→ Buy ★ now 🎁 👉 📌", {"arrows and ticks": 5}),
        ("BUY two NOW or READ McABCD ÉTÉS", {"words in capitals": 2}),
        ("An ordinary sentence. It has a Name, two commas: and 3 numbers, 12 and 5.", {}),
    ],
)
def test_marks_are_found_and_look_alikes_are_not(text: str, found: dict[str, int]) -> None:
    assert _counts(text) == {name: [count] for name, count in found.items()}


def test_a_mark_counts_where_it_begins() -> None:
    text = "5 €\n\n$ 7 and 8 €\n\nnothing"
    assert _counts(text, 0, 5, 19) == {"a price": [1, 2, 0]}


@given(st.text(st.sampled_from("ab AZÀ0192.:/-%#@$€£¥₹»✓👉📌🎁*→(\n\u2028pmUSD"), max_size=80), st.data())
def test_the_table_of_beginnings_leaves_no_place_out(text: str, data: st.DataObject) -> None:
    starts = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=1, max_size=3)))
    expected = np.zeros((len(MARKS), len(starts)))
    past = [0] * len(MARKS)
    for at in range(len(text)):
        for number, begins, _, pattern in _PATTERNS:
            if text[at] in begins and at >= past[number] and (found := pattern.match(text, at)):
                expected[number, max(sum(start <= at for start in starts) - 1, 0)] += 1
                past[number] = found.end()
    assert marks(text, points(text), np.array(starts)).tolist() == expected.tolist()
