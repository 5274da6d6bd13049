"""The DAG `articles_by_source`, run by a real Airflow on the events of real runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dags.conftest import Ran
from tests.trees import make

DATES = ["2026-11-02", "2026-11-03"]


def test_every_date_of_the_events_that_came_together_is_handled_once(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPYDESK_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("COPYDESK_HOME", str(tmp_path / "home"))
    for date in DATES:
        make(tmp_path / "raw", date, files=3)
    published = [run("clean_articles", {"date": date, "force": True}).run_id for date in (*DATES, DATES[0])]
    ran = run("articles_by_source", {}, run_type="asset_triggered", events_of=published)
    assert ran.state == "success"
    assert {"count[0]", "count[1]"} <= ran.tasks.keys()
    assert "count[2]" not in ran.tasks
    counts = {file.stem: file.read_text() for file in (tmp_path / "home" / "downstream" / "articles_by_source").iterdir()}
    assert sorted(counts) == DATES
    assert "wire,en," in counts[DATES[0]]
