"""The desk in the Airflow UI: a person finds the ad, strikes what was missed, backfills by the button, and sees it done."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
from playwright.sync_api import Browser, FrameLocator, Page, expect

from copydesk.corpus import overrulings, reading_back
from tests.live.api import Api, wait_until
from tests.live.browser import logged_in
from tests.live.up import Up

DATE = "2026-11-02"
MISSED = "Half of the sum is to come from the harbour's own reserves."
STORY = "The harbour board said on Monday that it would mend the east quay before the winter, and that the work had been let.\n"
PICTURES = os.environ.get("COPYDESK_PICTURES", "")  # a folder: the pictures of the README are made anew there


def _picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def _published(airflow: Up, api: Api) -> None:
    """A document of our own besides those of seeds/, and its date published."""
    story = airflow.raw / DATE / "wire-desk" / "east-quay.txt"
    story.write_text(f"East quay to be mended\n\n{STORY}\n{MISSED}\n\n{STORY.replace('Monday', 'Tuesday')}", encoding="utf-8")
    assert api.wait_for_run(api.trigger({"date": DATE, "force": True}))["state"] == "success"


def _desk(page: Page) -> FrameLocator:
    page.goto("/")
    page.get_by_role("link", name="Copy desk").first.click()
    return page.frame_locator("iframe")


def test_a_person_overrules_a_block_and_backfills_it(airflow: Up, api: Api, page: Page) -> None:
    _published(airflow, api)
    desk = _desk(page)
    expect(desk.get_by_role("heading", name="What was kept")).to_be_visible()
    _picture(page, "overview")
    desk.get_by_role("link", name=DATE).click()
    desk.get_by_role("link", name="deepen channel").click()
    expect(desk.locator(".advertorial del", has_text="Blankets Without Borders")).to_be_visible()
    desk.locator("body").press("n")
    _picture(page, "document")
    desk.get_by_role("link", name=DATE).click()
    desk.get_by_role("link", name="East quay").click()
    block = desk.locator(".block", has_text=MISSED)
    block.focus()
    block.press("o")
    desk.get_by_label("exactly this text").check()
    desk.get_by_label("Why").fill("no news")
    desk.get_by_role("button", name="Preview").click()
    expect(desk.get_by_role("heading", name="It would change 1 block on 1 date")).to_be_visible()
    _picture(page, "overrule")
    desk.get_by_role("button", name="Save").click()
    desk.get_by_role("button", name="Backfill these dates").click()
    expect(desk.get_by_role("status").last).to_contain_text("is on its way")
    (row,) = overrulings.history(str(airflow.home))
    assert (row["who"], row["why"]) == ("admin", "no news")
    backfill = max(b["id"] for b in api.get("backfills", dag_id="clean_articles")["backfills"])
    desk.get_by_role("link", name="see it in Airflow").click()
    page.wait_for_url("**/dags/clean_articles/backfills")
    api.wait_for_backfill(backfill)
    wait_until(lambda: _rule(airflow) == f"overruling {row['id']}", "the date to be replaced")
    desk = _desk(page)
    desk.get_by_role("link", name="Overrulings").click()
    expect(desk.get_by_role("cell", name="no news")).to_be_visible()
    expect(desk.get_by_role("button", name="Backfill these dates")).to_have_count(0)
    _picture(page, "overrulings")


def test_the_address_of_a_page_can_be_sent_and_the_theme_is_airflows(airflow: Up, api: Api, page: Page, browser: Browser) -> None:
    _published(airflow, api)
    desk = _desk(page)
    desk.get_by_role("link", name=DATE).click()
    desk.get_by_label("Order").select_option("longest first")
    desk.get_by_label("Source").select_option("wire-desk")
    desk.get_by_role("button", name="Show").click()
    page.wait_for_url("**source=wire-desk**")
    first = desk.locator("tbody th a").first.inner_text()
    with logged_in(browser, airflow.url, "admin", airflow.password()) as colleague:
        theirs = colleague.new_page()
        theirs.goto(page.url)
        expect(theirs.frame_locator("iframe").locator("tbody th a").first).to_have_text(first)
    for theme in ("dark", "light"):
        page.evaluate(f"localStorage.setItem('theme', '{theme}')")
        page.reload()
        expect(page.locator(f"html.{theme}")).to_have_count(1)
        expect(desk.locator(f"html[data-theme={theme}]")).to_have_count(1)
        _picture(page, theme)


def _rule(airflow: Up) -> str:
    row = next(row for row in reading_back.articles(str(airflow.home), DATE) if row["id"].endswith("east-quay.txt"))
    return next((str(cut["rule"]) for cut in row["removed"] if cut["text"] == MISSED), "")


def test_a_viewer_looks_and_changes_nothing(airflow: Up, viewers_page: Page) -> None:
    viewers_page.goto("/copydesk/")  # by its address: with the user manager of docker-compose.yml viewers see no plugin's entry
    expect(viewers_page.get_by_role("heading", name="What was kept")).to_be_visible()
    form = {"token": "x", "date": DATE, "id": "x", "source": "x", "text": "x", "verdict": "keep", "scope": "text"}
    assert viewers_page.request.post("/copydesk/overrule", form=form, headers={"origin": airflow.url}).status == 403


def test_nobody_looks_without_a_login_and_other_servers_change_nothing(airflow: Up, page: Page) -> None:
    assert [httpx.get(f"{airflow.url}/copydesk/{path}").status_code for path in ("", f"date?date={DATE}", "static/desk.js")] == [401] * 3
    form = {"token": "x", "date": DATE, "id": "x", "source": "x", "text": "x", "verdict": "keep", "scope": "text"}
    answer = page.request.post("/copydesk/overrule", form=form, headers={"origin": "https://elsewhere.example"})
    assert answer.status == 403
    assert "another server" in answer.text()


def test_a_run_has_a_tab_with_its_date(api: Api, page: Page) -> None:
    run = api.trigger({"date": "2026-11-04", "force": True})
    api.wait_for_run(run)
    page.goto(f"/dags/clean_articles/runs/{run}")
    page.get_by_role("link", name="Copy desk").nth(1).click()  # beside that of the navigation
    expect(page.frame_locator("iframe").get_by_role("heading", name="2026-11-04")).to_be_visible()
