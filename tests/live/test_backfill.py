"""Backfills by clicks in the Airflow UI: what a data engineer does, and what becomes of the published dates.

The tests of this file follow each other over one corpus. Each leaves its pictures in build/live/, from where the README's are copied.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from copydesk import jobs
from copydesk.corpus import reading_back
from tests.live.api import Api, wait_until
from tests.live.browser import Backfill, fill_in
from tests.live.stack import ROOT
from tests.live.up import Up
from tests.trees import snapshot

WEEK = [f"2026-11-{day:02d}" for day in range(2, 7)]
PICTURES = ROOT / "build" / "live"


def _published(airflow: Up) -> dict[str, str]:
    """The sha256 of each date's articles."""
    found = {date: reading_back.articles_path(str(airflow.home), date) for date in WEEK}
    return {date: hashlib.sha256(path.read_bytes()).hexdigest() for date, path in found.items() if path.exists()}


def _stale(airflow: Up) -> dict[str, list[str]]:
    return {found["date"]: found["why"] for found in jobs.audit(str(airflow.raw), str(airflow.home)) if found["date"] in WEEK}


def _picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def _start(page: Page, runs: str = "Missing Runs", *, force: bool = False, at_once: int = 4) -> None:
    run = fill_in(page, Backfill(WEEK[0], WEEK[-1], runs, force, at_once))
    if runs == "Missing Runs":
        _picture(page, "dialog")
    run.click()
    expect(page.get_by_text("Backfill in progress")).to_be_visible()


def _run_to_the_end(page: Page, api: Api, runs: str = "Missing Runs", *, force: bool = False) -> list[dict[str, str]]:
    """Backfill the week by clicks, wait, and return its runs' tasks in order of the dates."""
    _start(page, runs, force=force)
    api.wait_for_backfill(max(b["id"] for b in api.get("backfills", dag_id="clean_articles")["backfills"]), 600)
    return [api.tasks(run["dag_run_id"]) for run in api.backfilled()]


def test_a_week_is_backfilled_by_clicks(page: Page, api: Api, airflow: Up, tmp_path: Path) -> None:
    done = _run_to_the_end(page, api)
    assert [set(tasks.values()) for tasks in done] == [{"success"}] * 5
    assert list(_published(airflow)) == WEEK
    page.goto("/dags/clean_articles/runs?run_type=backfill")
    expect(page.get_by_text("5 Dag Runs")).to_be_visible()
    expect(page.get_by_role("cell", name="Success")).to_have_count(5)
    _picture(page, "done")
    for date in WEEK:
        jobs.run_date(date, raw=str(airflow.raw), home=str(tmp_path / "here"))
    for date, bytes_ in snapshot(tmp_path / "here" / "corpus").items():
        assert (airflow.home / "corpus" / date).read_bytes() == bytes_, date


def test_all_runs_again_skip_what_is_up_to_date_and_say_so(page: Page, api: Api, airflow: Up) -> None:
    before = _published(airflow)
    done = _run_to_the_end(page, api, "All Runs")
    assert [set(tasks.values()) for tasks in done] == [{"skipped"}] * 5
    run = api.backfilled()[0]["dag_run_id"]
    attempt = api.get(f"dags/clean_articles/dagRuns/{run}/taskInstances/discover")["try_number"]
    assert "2026-11-02 is up to date: 10 files" in api.log(run, "discover", attempt=attempt)
    assert _published(airflow) == before
    page.goto("/dags/clean_articles/runs?run_type=backfill")
    expect(page.get_by_role("cell", name="Success")).to_have_count(5)
    _picture(page, "skipped")


def test_with_force_they_are_written_again_with_the_same_bytes(page: Page, api: Api, airflow: Up) -> None:
    before = _published(airflow)
    files = [reading_back.articles_path(str(airflow.home), date) for date in WEEK]
    inodes = [file.stat().st_ino for file in files]
    done = _run_to_the_end(page, api, "All Runs", force=True)
    assert [set(tasks.values()) for tasks in done] == [{"success"}] * 5
    assert _published(airflow) == before
    # Each date on its own: the inode that one gives back may be the next one's.
    assert all(file.stat().st_ino != before_ for file, before_ in zip(files, inodes, strict=True))


@pytest.fixture
def another_policy(airflow: Up) -> Path:
    file = airflow.home / "state" / "policy.toml"
    file.write_text('quotes = "straight"\ncaptions = "strike"\n')
    return file


def test_a_new_policy_makes_all_five_stale_and_all_runs_replace_them(page: Page, api: Api, airflow: Up, another_policy: Path) -> None:
    before = _published(airflow)
    assert _stale(airflow) == {date: ["policy changed"] for date in WEEK}
    done = _run_to_the_end(page, api, "All Runs")
    assert [set(tasks.values()) for tasks in done] == [{"success"}] * 5
    assert all(before[date] != sha for date, sha in _published(airflow).items())
    assert _stale(airflow) == {}
    assert another_policy.exists()


def test_a_backfill_cancelled_midway_leaves_every_date_old_or_new(page: Page, api: Api, airflow: Up, tmp_path: Path) -> None:
    old = _published(airflow)
    (airflow.home / "state" / "policy.toml").unlink()
    new = {}
    for date in WEEK:
        jobs.run_date(date, raw=str(airflow.raw), home=str(tmp_path / "here"))
        new[date] = hashlib.sha256(reading_back.articles_path(str(tmp_path / "here"), date).read_bytes()).hexdigest()
    _start(page, "All Runs", at_once=1)
    wait_until(lambda: _published(airflow) != old, "the first date to be replaced", 300)
    page.get_by_role("button", name="Cancel backfill").click()
    expect(page.get_by_text("Backfill in progress")).to_have_count(0)
    wait_until(lambda: all(run["state"] in {"success", "failed"} for run in api.backfilled()), "its runs to end", 300)
    now = _published(airflow)
    assert all(now[date] in (old[date], new[date]) for date in WEEK)
    assert now[WEEK[-1]] == old[WEEK[-1]], "cancelled after the last date: nothing was shown"
