"""The DAG `articles_by_source`, run by a real Airflow over what real runs published."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from copydesk.corpus import reading_back
from tests.dags.conftest import Ran
from tests.trees import make

DATES = ["2026-11-02", "2026-11-03"]


@pytest.fixture(autouse=True)
def _corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("COPYDESK_HOME", str(tmp_path / "home"))
    for date in DATES:
        make(tmp_path / "raw", date, files=3)


def test_every_published_date_is_counted_once_though_its_event_came_to_no_run(run: Callable[..., Ran], tmp_path: Path) -> None:
    first, *_ = [run("clean_articles", {"date": date, "force": True}).run_id for date in (*DATES, DATES[0])]
    ran = run("articles_by_source", {}, run_type="asset_triggered", events_of=[first])
    assert ran.state == "success"
    assert {"count[0]", "count[1]"} <= ran.tasks.keys()
    assert "count[2]" not in ran.tasks
    counts = {file.stem: file.read_text() for file in (tmp_path / "home" / "downstream" / "articles_by_source").iterdir()}
    assert sorted(counts) == DATES
    assert "wire,en," in counts[DATES[0]]


def test_only_a_date_that_was_published_again_is_counted_again(run: Callable[..., Ran], tmp_path: Path) -> None:
    for date in DATES:
        run("clean_articles", {"date": date})
    run("articles_by_source", {}, run_type="asset_triggered", events_of=[])
    articles = reading_back.articles_path(str(tmp_path / "home"), DATES[1])
    os.utime(articles, (1, 1))  # as if it had been written at another time
    ran = run("articles_by_source", {}, run_type="asset_triggered", events_of=[])
    assert "count[0]" in ran.tasks
    assert "count[1]" not in ran.tasks
    assert (tmp_path / "home" / "downstream" / "articles_by_source" / f"{DATES[1]}.csv").stat().st_mtime == 1
