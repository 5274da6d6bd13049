"""Debian's Chromium, headless, on the Airflow UI."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

# As root Chromium needs --no-sandbox; the rest keeps it from calling its maker at every start.
_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


_PATIENCE = 60_000  # milliseconds until an element that does not come fails a test
expect.set_options(timeout=_PATIENCE)


@contextmanager
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "no Chromium on this machine: `make live` installs it where apt-get is"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=_OPTIONS)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def logged_in(running: Browser, url: str, user: str, password: str) -> Iterator[BrowserContext]:
    """A window of its own, logged in to Airflow through its form."""
    context = running.new_context(base_url=url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(_PATIENCE)
    page = context.new_page()
    page.goto(url)
    page.locator("input[name=username]").fill(user)
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda at: "/login" not in at)
    page.close()
    try:
        yield context
    finally:
        context.close()


@dataclass(frozen=True)
class Backfill:
    """What a person chooses in the backfill dialog; dates are YYYY-MM-DD, `runs` is the label of a choice.

    Without `parameters` (or `force`, which is one) Airflow sends none of them.
    """

    first: str
    last: str
    runs: str = "Missing Runs"
    force: bool = False
    at_once: int = 4
    parameters: bool = False


def fill_in(page: Page, backfill: Backfill) -> Locator:
    """Open the dialog of `clean_articles`, choose, and wait for the number of runs; returns the button that starts them."""
    page.goto("/dags/clean_articles")
    page.get_by_test_id("trigger-dag-button").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("label").filter(has=page.locator("input[value=backfill]")).click()
    time = page.get_by_placeholder("HH:mm")
    for day in (backfill.first, backfill.last):
        dialog.get_by_text("Select date and time").first.click()
        page.get_by_placeholder("YYYY/MM/DD").fill(day.replace("-", "/"))
        time.fill("00:00")
        time.press("Enter")
        time.press("Escape")
        expect(time).to_have_count(0)  # it fades out: until it is gone the next one is its double
    dialog.locator("label").filter(has_text=backfill.runs).last.click()
    dialog.locator("input[name=max_active_runs]").fill(str(backfill.at_once))
    if backfill.parameters or backfill.force:
        dialog.get_by_text("Override parameters on existing runs").click()
    if backfill.force:
        dialog.locator("[id='switch:element_force']").click()
    return dialog.get_by_role("button", name="Run Backfill")
