"""Floors by language, on pages and texts that no model was fitted to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.languages import figures

FLOORS = json.loads((Path(__file__).parents[1] / "cases" / "floors.json").read_text())["languages"]


@pytest.mark.parametrize(
    ("kind", "measure"), [("pages", figures.pages), ("texts", figures.texts), ("articles", figures.articles), ("slots", figures.slots)]
)
def test_no_language_falls_below_its_floor(kind: str, measure: Callable[[], figures.Figures]) -> None:
    found = measure()
    assert set(found) == set(FLOORS[kind])
    below = {
        (language, name): (found[language][name], floor)
        for language, floors in FLOORS[kind].items()
        for name, floor in floors.items()
        if found[language][name] < floor
    }
    assert not below, f"(found, floor): {below}"
