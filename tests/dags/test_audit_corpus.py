"""The DAG `audit_corpus`, run by a real Airflow; what it triggers is in tests/live/test_audit.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from copydesk import jobs
from tests.dags.conftest import Ran
from tests.trees import make

DATE = "2026-11-02"


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COPYDESK_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("COPYDESK_HOME", str(tmp_path / "home"))
    return make(tmp_path / "raw", DATE)


def test_it_lists_and_by_default_triggers_nothing(
    run: Callable[..., Ran], raw: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.run_date(DATE, raw=str(raw), home=str(tmp_path / "home"))
    (raw / DATE / "wire" / "late.txt").write_text("Late story\n\nThis one came in later.")
    caplog.set_level("INFO", "copydesk")
    ran = run("audit_corpus", {"days": 3650})
    assert ran.state == "success"
    assert ran.tasks["audit"] == "success"
    assert ran.tasks["choose"] == "skipped"
    assert ran.state_of("clean_again") <= {"skipped"}
    assert f"{DATE}  input changed (1 new: wire/late.txt)" in caplog.text
    assert f"backfill clean_articles from {DATE} to {DATE} with All Runs" in caplog.text
