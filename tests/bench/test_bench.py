"""That `make bench` tells the truth about made-up figures and fails when it must; nothing here is timed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import memory, pages, report
from tests.bench.__main__ import BOUNDS, _out_of_fold, main
from tests.bench.peers import TOOLS, Tool
from tests.development import BENCH, PAGES, needs

OWN = {"word F1": 0.9, "mean": 2.0, "p95": 3.0}


def test_it_fails_and_says_where_data_is_expected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path / "nowhere")]) == 1
    told = capsys.readouterr().err
    assert f"expected in {tmp_path / 'nowhere'}" in told
    assert PAGES in told


def test_a_figure_under_its_floor_above_its_ceiling_or_missing_is_told() -> None:
    bounds = {"floors": {"word F1": 0.91, "recall": 0.5}, "ceilings": {"mean": 1.9, "p95": 3.0}}
    assert report.broken(bounds, OWN) == [
        "recall was not measured",
        "word F1 is 0.9, under its floor 0.91",
        "mean is 2, above its ceiling 1.9",
    ]
    assert report.broken({"floors": {"word F1": 0.9}, "ceilings": {"mean": 2.0}}, OWN) == []


def test_the_shipped_bounds_hold_quality_and_cost() -> None:
    bounds = json.loads(BOUNDS.read_text())["development articles"]
    assert "word F1" in bounds["floors"]
    assert {"cost / trafilatura", "cost / trafilatura fast"} <= set(bounds["ceilings"])


def test_cost_takes_each_page_by_its_median_round() -> None:
    rounds = [[0.001] * 99 + [0.101], [0.001] * 99 + [0.101], [0.003] * 99 + [0.101]]
    found = pages.cost(rounds)
    assert found["mean"] == pytest.approx(2)
    assert found["median"] == pytest.approx(1)
    assert (found["p95"], found["p99"], found["p99 / median"]) == pytest.approx((1, 101, 101))
    assert found["spread"] == pytest.approx(0.198 / 0.2)


def test_ratio_is_of_means_and_of_each_round() -> None:
    assert pages.ratio([[1, 3], [2, 4]], [[4, 4], [4, 4]]) == pytest.approx({"mean": 5 / 8, "least": 4 / 8, "most": 6 / 8})


def test_every_tool_sees_every_page_in_turn_and_one_that_raises_counts() -> None:
    seen: list[str] = []
    echo = Tool("echo", "copydesk", lambda page: seen.append("echo") or page.decode())
    broken = Tool("broken", "copydesk", lambda _: seen.append("broken") or str(1 / 0))
    run = pages.measure([echo, broken], [b"a", b"b"], rounds=2)
    assert run.texts == {"echo": ["a", "b"], "broken": ["", ""]}
    assert run.failed == {"broken": 2}
    assert [len(values) for values in run.seconds["echo"]] == [2, 2]
    assert seen[-4:] == ["echo", "broken", "broken", "echo"]


def test_the_table_says_which_figure_is_in_sample_and_who_is_missing() -> None:
    found = {"copydesk": OWN, "peer": {"word F1": 0.8, "mean": 4.0, "p95": 5.0}}
    told = report.markdown(report.rows(found, ["absent"], {"word F1": 0.7})).splitlines()
    assert told[2].startswith("| copydesk, out of fold | 0.700 |")
    assert "| 2.0 |" in told[2]
    assert told[3].startswith("| copydesk, in sample | 0.900 |")
    assert "2.0" not in told[3]
    assert told[5].startswith("| absent | not installed |")
    assert report.markdown(report.rows(found, [], None)).splitlines()[2].startswith("| copydesk, in sample | 0.900 |")


def test_the_model_card_tells_the_out_of_fold_quality(tmp_path: Path) -> None:
    card = tmp_path / "page.json"
    assert _out_of_fold(card) is None
    card.write_text(json.dumps({"out_of_fold": {"word_f1": 0.5, "precision": 0.6, "recall": 0.4, "with": 0.3, "without": 0.1}}))
    assert _out_of_fold(card) == {"word F1": 0.5, "precision": 0.6, "recall": 0.4, "kept": 0.3, "leaked": 0.1}


def test_memory_growth_is_the_worst_after_the_first_2000_pages() -> None:
    assert memory.growth([50, 100, 110, 104]) == pytest.approx(0.1)
    assert memory.growth([50, 100, 90]) == 0


def test_memory_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>A sentence of some words, she said.")
    measured = memory.spawn("copydesk", tmp_path, memory.EVERY)
    assert len(measured["resident"]) == 1
    assert 0 < measured["resident"][0] <= measured["peak"][0]


@needs(PAGES)
def test_perfect_texts_score_one_and_none_score_nothing() -> None:
    gold = pages.read(BENCH, articles=True).slice(0, 20)
    scorer = BENCH / "score_pages.py"
    texts = gold["main_content"].to_pylist()
    assert pages.quality(scorer, gold, texts)["word F1"] == 1
    assert pages.quality(scorer, gold, texts[:10] + [""] * 10)["recall"] == 0.5
    assert pages.quality(scorer, gold, [""] * 20)["word F1"] == 0


def test_copydesk_comes_first() -> None:
    assert TOOLS[0].name == "copydesk"
    assert TOOLS[0].version
