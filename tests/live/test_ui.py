"""The DAG in the Airflow UI."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.live.api import Api
from tests.live.browser import Backfill, fill_in


def test_the_ui_explains_the_dag_and_offers_to_run_it(page: Page) -> None:
    page.goto("/dags/clean_articles")
    expect(page.get_by_test_id("trigger-dag-button")).to_be_enabled()
    page.get_by_role("button", name="Dag Docs").click()
    expect(page.get_by_text("Cleans the raw article files of one date")).to_be_visible()


def test_a_viewer_sees_the_dag_and_may_not_run_it(viewers_page: Page) -> None:
    viewers_page.goto("/dags/clean_articles")
    expect(viewers_page.get_by_text("discover")).to_be_visible()
    answer = viewers_page.request.post("/api/v2/dags/clean_articles/dagRuns", data={"logical_date": None, "conf": {"date": "2026-11-02"}})
    assert answer.status == 403


def _runs(api: Api) -> int:
    return int(api.get("dags/clean_articles/dagRuns")["total_entries"])


def test_the_trigger_dialog_says_why_a_run_without_a_date_makes_no_sense(page: Page, api: Api) -> None:
    before = _runs(api)
    page.goto("/dags/clean_articles")
    page.get_by_test_id("trigger-dag-button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Trigger", exact=True).click()
    expect(dialog.get_by_text("a manual run needs the parameter `date`")).to_be_visible()
    assert _runs(api) == before


def test_the_backfill_dialog_says_why_it_takes_no_date(page: Page, api: Api) -> None:
    before = _runs(api)
    run = fill_in(page, Backfill("2026-10-01", "2026-10-02", parameters=True))
    page.get_by_role("dialog").locator("[id='element_date']").fill("2026-10-01")
    run.click()
    expect(page.get_by_role("dialog").get_by_text("leave the parameter `date` empty")).to_be_visible()
    assert _runs(api) == before


BACKFILL = {"dag_id": "clean_articles", "from_date": "2026-10-01T00:00:00Z", "to_date": "2026-10-01T00:00:00Z", "max_active_runs": 1}
OVERRIDES: dict[str, Any] = {"policy": {"quotes": "straight"}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("dags/clean_articles/dagRuns", {"logical_date": None, "conf": {"date": "2026-10-01", **OVERRIDES}}),
        ("dags/clean_articles/dagRuns", {"logical_date": None, "conf": {"date": "yesterday"}}),
        ("backfills", BACKFILL | {"reprocess_behavior": "none", "dag_run_conf": OVERRIDES}),
    ],
)
def test_what_a_dialog_sends_is_refused_before_there_is_a_run(api: Api, path: str, body: dict[str, Any]) -> None:
    before = _runs(api)
    answer = api.ask("POST", path, json=body)
    assert answer.status_code in {400, 422}
    assert "dry_run" in answer.text or "is not a 'date'" in answer.text
    assert _runs(api) == before
