"""The quality gates: what they stop, what they only tell, and that each names its figures and itself."""

from __future__ import annotations

from typing import Any

import pytest

from copydesk.corpus.gates import judge
from copydesk.errors import SettingError
from copydesk.policy import Gates

USUAL = {"articles": 40, "rejects": 2, "words": 400.0, "kept": 0.7, "languages": {"en": 38, "de": 2}}


def _figures(**differences: Any) -> dict[str, Any]:
    return {"sources": {"wire": USUAL | differences}}


CASES = {
    "kept": _figures(kept=0.31),
    "length": _figures(words=120.0),
    "language": _figures(languages={"en": 10, "und": 30}),
    "rejected": _figures(rejects=60),
}


@pytest.mark.parametrize("gate", CASES)
def test_a_date_unlike_those_before_is_stopped_by_the_gate_that_is_named(gate: str) -> None:
    (problem,) = judge(CASES[gate], [_figures()] * 7, Gates()).problems
    assert "wire" in problem
    assert f"gate `{gate}` allows" in problem


@pytest.mark.parametrize("gate", CASES)
def test_a_raised_gate_lets_it_pass(gate: str) -> None:
    raised = Gates(**{gate: 4.0 if gate == "length" else 1.0})  # type: ignore[arg-type]
    assert judge(CASES[gate], [_figures()] * 7, raised).problems == []


def test_too_few_dates_before_make_a_warning_only() -> None:
    verdict = judge(CASES["kept"], [_figures()] * 6, Gates())
    assert verdict.problems == []
    assert "only 6 dates to compare with, 7 make it a failure" in verdict.warnings[0]


def test_the_median_stands_against_one_odd_date_before() -> None:
    before = [CASES["kept"], *[_figures()] * 7]
    assert judge(_figures(), before, Gates()).problems == []


def test_dates_beyond_the_fortnight_do_not_count() -> None:
    before = [*[_figures()] * 14, *[CASES["kept"]] * 40]
    assert judge(CASES["kept"], before, Gates()).problems


def test_small_and_new_sources_are_not_judged() -> None:
    few = _figures(articles=3, kept=0.1, words=9.0, languages={"fr": 3})
    assert judge(few, [_figures()] * 14, Gates()).problems == []
    assert judge({"sources": {"new": USUAL | {"kept": 0.1}}}, [_figures()] * 14, Gates()).problems == []


def test_a_date_of_rejects_alone_is_stopped_however_small() -> None:
    only = {"sources": {"wire": USUAL | {"articles": 0, "rejects": 1}}}
    assert "1 of 1 documents were rejected" in judge(only, [], Gates()).problems[0]
    assert judge(only, [], Gates(rejected=1.0)).problems == []


def test_a_date_without_files_has_nothing_to_judge() -> None:
    assert judge({"sources": {}}, [_figures()] * 14, Gates()).problems == []


@pytest.mark.parametrize("values", [{"kept": 2}, {"length": 0.5}, {"least_documents": 0}, {"language": True}, {"nonsense": 1}], ids=str)
def test_gates_that_make_no_sense_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match="gates"):
        Gates.of(values)
