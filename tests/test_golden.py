"""When code changes what comes out, CLEANING_VERSION must be bumped, or published dates would not be found stale."""

from __future__ import annotations

import json

from copydesk.pipeline import CLEANING_VERSION
from tests.golden import GOLDEN, cleaned


def test_a_change_of_what_comes_out_bumps_the_cleaning_version() -> None:
    golden = json.loads(GOLDEN.read_text())
    changed = {uri for uri, digest in cleaned().items() if golden["outputs"].get(uri) != digest}
    advice = "bump CLEANING_VERSION in pipeline.py and record anew with `python -m tests.golden`"
    assert (changed, golden["cleaning_version"]) == (set(), CLEANING_VERSION), f"{len(changed)} seeds come out differently: {advice}"
