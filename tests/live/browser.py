"""Debian's Chromium, headless, on the Airflow UI."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright

# As root Chromium needs --no-sandbox; the rest keeps it from calling its maker at every start.
_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto("/")
    page.locator("input[name=username]").fill(user)
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda at: "/login" not in at)
    page.close()
    try:
        yield context
    finally:
        context.close()
