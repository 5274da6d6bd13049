"""The development data beside the checkout: third-party texts, so tests that need them skip where they are absent."""

from __future__ import annotations

from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "shared" / "bench"


def needs(name: str) -> pytest.MarkDecorator:
    """Skip, saying so, where a file of the development data is absent."""
    return pytest.mark.skipif(not (BENCH / name).exists(), reason=f"the development data ({name}) is not beside this checkout")
