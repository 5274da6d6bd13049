"""Quality floors on seeds/gold: pinned in a file, so that a change that lowers one is seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gold import documents, fared, figures

FLOORS = json.loads((Path(__file__).parent / "cases" / "floors.json").read_text())


@pytest.mark.parametrize(("kind", "suffix"), [("text", ".txt"), ("pages", ".html")])
def test_no_figure_falls_below_its_floor(kind: str, suffix: str) -> None:
    found = figures([b for gold in documents() if gold["file"].endswith(suffix) for b in fared(gold)])
    below = {name: (found[name], floor) for name, floor in FLOORS[kind].items() if found[name] < floor}
    assert not below, f"(found, floor): {below}"
