"""Airflow behind a proxy and below a path: the desk is found, walked, and changes what it should, by relative links alone."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from copydesk.corpus import overrulings
from tests.live.api import Api
from tests.live.browser import logged_in
from tests.live.proxy import proxied
from tests.live.service import Service, free_port
from tests.live.stack import BIN
from tests.live.up import Up

DATE = "2026-11-06"


@pytest.fixture(scope="module")
def behind(airflow: Up) -> Iterator[str]:
    """The address of a second API server of the session's Airflow, behind a proxy and below /news/airflow."""
    port, inner = free_port(), free_port()
    address = f"http://localhost:{port}/news/airflow"
    theirs = psutil.Process(airflow.where["pids"]["dag-processor"]).environ()  # the API server writes its title over its own
    settings = {"AIRFLOW__API__BASE_URL": address, "AIRFLOW__API__PORT": str(inner)}
    log = airflow.folder / "services" / "api-server-behind.log"
    server = Service("api-server-behind", [str(BIN / "airflow"), "api-server"], theirs | settings, log)
    server.start()
    try:
        server.wait_until(Api(f"http://127.0.0.1:{inner}/news/airflow", "admin", "").answers)
        with proxied(port, f"http://127.0.0.1:{inner}"):
            yield address
    finally:
        server.ask_to_end()
        server.end()


@pytest.fixture
def page_behind(behind: str, airflow: Up, browser: Browser) -> Iterator[Page]:
    with logged_in(browser, f"{behind}/", "admin", airflow.password()) as context:
        yield context.new_page()


def test_the_desk_works_below_a_path(airflow: Up, api: Api, behind: str, page_behind: Page) -> None:
    run = api.trigger({"date": DATE, "force": True})
    assert api.wait_for_run(run)["state"] == "success"
    page = page_behind
    page.goto(f"{behind}/")
    page.get_by_role("link", name="Copy desk").first.click()
    desk = page.frame_locator("iframe")
    desk.get_by_role("link", name=DATE).first.click()
    expect(desk.get_by_role("heading", name=f"{DATE}:")).to_be_visible()  # the list before it has rows too
    desk.locator("tbody th a").first.click()
    desk.get_by_role("link", name="Strike").or_(desk.get_by_role("link", name="Keep")).first.click()
    desk.get_by_role("button", name="Preview").click()
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("status").first).to_contain_text("Saved")
    assert [row["document"] != "" for row in overrulings.history(str(airflow.home)) if row.get("date") == DATE] == [True]
    before = {found["id"] for found in api.get("backfills", dag_id="clean_articles")["backfills"]}
    desk.get_by_role("button", name="Backfill these dates").click()
    expect(desk.get_by_role("status").last).to_contain_text("is on its way")
    (made,) = {found["id"] for found in api.get("backfills", dag_id="clean_articles")["backfills"]} - before
    desk.get_by_role("link", name="see it in Airflow").click()
    page.wait_for_url(f"{behind}/dags/clean_articles/backfills")
    api.wait_for_backfill(made)
    page.goto(f"{behind}/copydesk/")
    expect(page.get_by_role("row", name=DATE).get_by_text("current")).to_be_visible()
    page.goto(f"{behind}/dags/clean_articles/runs/{run}")
    page.get_by_role("link", name="Copy desk").nth(1).click()  # beside that of the navigation
    expect(page.frame_locator("iframe").get_by_role("heading", name=DATE)).to_be_visible()
    refused = page.request.post(f"{behind}/copydesk/undo", form={"token": "x", "id": "x"}, headers={"origin": "https://elsewhere.example"})
    assert (refused.status, "another server" in refused.text()) == (403, True)
