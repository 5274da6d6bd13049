"""The DAG in the Airflow UI."""

from __future__ import annotations

from playwright.sync_api import Page, expect


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
