"""The desk's pages in a real browser, by themselves below a prefix: hostile documents, keys, zoom, and what axe-core finds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from operator import ne
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from copydesk import jobs
from copydesk.corpus import overrulings, reading_back
from copydesk.overruling import Overruling, Scope, Verdict
from tests.desk import hostile
from tests.desk.conftest import SEEDS
from tests.desk.served import served

DATE = "2026-11-02"
AD = f"document?date={DATE}&id=wire-desk/harbour-dredging-vote.txt&order=by+id&at=7"
PAGES = {
    "overview": "",
    "overview-reason": "?source=wire-desk&reason=donation+appeal",
    "date": f"date?date={DATE}",
    "document": AD,
    "raw": f"raw?date={DATE}&id=wire-desk/harbour-dredging-vote.txt",
    "overrule": f"overrule?date={DATE}&id=wire-desk/harbour-dredging-vote.txt&block=4",
    "preview": f"overrule?date={DATE}&id=wire-desk/harbour-dredging-vote.txt&block=4&verdict=strike&scope=phrase&phrase=harbour",
    "overrulings": "overrulings",
    "rejects": "rejects?date=2026-11-05",
    "problem": "date?date=never",
}
PICTURES = os.environ.get("COPYDESK_PICTURES", "")  # a folder: a picture of each page is made there


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = str(tmp_path_factory.mktemp("home"))
    for date in (DATE, "2026-11-05"):
        jobs.run_date(date, raw=str(SEEDS), home=home)
    made = overrulings.save(home, Overruling("", Verdict.STRIKE, Scope.PHRASE, "wire-desk", "thirty-one years"), who="ada", why="a test")
    overrulings.save(home, Overruling("", Verdict.KEEP, Scope.TEXT, "nordwind", "A text that nobody wrote."), who="ada", why="")
    overrulings.undo(home, made.id, who="grace", why="")
    with served(str(SEEDS), home) as at:
        yield at


@pytest.fixture(scope="module")
def hostile_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    folder = tmp_path_factory.mktemp("hostile")
    hostile.make(folder / "raw")
    jobs.run_date(hostile.DATE, raw=str(folder / "raw"), home=str(folder / "home"), gates={"rejected": 1})
    with served(str(folder / "raw"), str(folder / "home")) as at:
        yield at, str(folder / "home")


def _window(browser: Browser, base: str, **how: Any) -> BrowserContext:
    return browser.new_context(
        base_url=base, extra_http_headers={"x-person": "admin"}, **{"viewport": {"width": 1280, "height": 800}, **how}
    )


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Page]:
    with _window(browser, address) as context:
        yield context.new_page()


def test_hostile_documents_are_text_and_nothing_is_asked_of_anybody_else(browser: Browser, hostile_address: tuple[str, str]) -> None:
    address, home = hostile_address
    asked: list[Request] = []
    said: list[str] = []
    rows = [row["id"] for row in reading_back.articles(home, hostile.DATE)]
    assert len(rows) >= 35
    ids = [quote(id_, safe="") for id_ in rows]
    day = f"date={hostile.DATE}"
    urls = ["", f"date?{day}", f"date?{day}&order=by+id", f"rejects?{day}", f"date?{day}&search=%3Cscript%3E"]
    urls += [f"{page}?{day}&id={id_}" for id_ in ids for page in ("document", "raw")] + [f"overrule?{day}&id={id_}&block=1" for id_ in ids]
    with _window(browser, address) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - playwright marks its handlers
        page.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())
        page.on("console", lambda message: said.append(message.text) if "Content Security Policy" in message.text else None)
        for url in urls:
            answer = page.goto(url)
            assert answer is not None
            assert answer.status == 200, url
            assert page.title().endswith("Copy desk"), url
            assert page.locator("script").count() == 1, url
            assert page.locator("main h1").count() == 1, url
    assert said == []
    assert {request.url.startswith(address) for request in asked} == {True}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(name: str, theme: str, browser: Browser, address: str) -> None:
    with _window(browser, address, color_scheme=theme) as context:
        page = context.new_page()
        page.goto(PAGES[name])
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{theme}.png", full_page=True)
        found = Axe().run(page).response["violations"]
    assert [(one["id"], one["impact"], [node["html"] for node in one["nodes"]][:3]) for one in found] == []


@pytest.mark.parametrize("name", PAGES)
def test_at_twice_the_size_nobody_scrolls_sideways(name: str, browser: Browser, address: str) -> None:
    with _window(browser, address, viewport={"width": 640, "height": 400}, device_scale_factor=2) as context:
        page = context.new_page()
        page.goto(PAGES[name])
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-200.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640
        assert page.evaluate("[...document.querySelectorAll('.wide')].map(found => found.scrollWidth - found.clientWidth)") in ([], [0])


def test_a_list_is_walked_and_a_block_decided_by_keys_alone(desk: Page, address: str) -> None:
    desk.goto(f"date?date={DATE}&order=by+id")
    titles = desk.locator("tbody th a").all_inner_texts()
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_have_text(titles[0])
    desk.keyboard.press("j")
    expect(desk.locator("h1")).to_have_text(titles[1])
    desk.keyboard.press("k")
    expect(desk.locator("h1")).to_have_text(titles[0])
    desk.goto(AD)
    desk.keyboard.press("n")
    expect(desk.locator(".block:focus")).to_contain_text("Your Gift Goes Twice As Far Tonight")
    desk.keyboard.press("n")
    desk.keyboard.press("p")
    desk.keyboard.press("o")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Keep this block")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=2)).to_contain_text("It would change 1 block on 1 date")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("status").first).to_contain_text("Saved")
    desk.keyboard.press("u")
    expect(desk.locator("h1")).to_contain_text("Port of Skelling")
    desk.keyboard.press("u")
    expect(desk).to_have_url(f"{address}date?date={DATE}&order=by+id")


class _Hand:
    """A person at the desk, whose clicks and keys are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.keys = page, 0, 0

    def click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            if key in {"Enter", "ArrowDown"}:  # nobody presses them before something has the focus
                self.page.wait_for_function("document.activeElement !== document.body")
            before = self.page.url
            self.page.keyboard.press(key)
            if key in {"Enter", "o"}:  # these lead to another page
                self.page.wait_for_url(partial(ne, before))

    def did(self) -> tuple[int, int]:
        """The clicks and keys since it was asked last."""
        found = (self.clicks, self.keys)
        self.clicks = self.keys = 0
        return found


def test_what_a_copy_editor_does_takes_few_clicks_and_keys(desk: Page) -> None:
    hand = _Hand(desk)
    desk.goto("")
    hand.click(desk.get_by_role("link", name=DATE, exact=True))
    expect(desk.get_by_role("heading", name="10 articles")).to_be_visible()
    desk.wait_for_load_state()
    hand.press("j", "Enter", "d")
    doubtful = desk.locator(".block:focus")
    scores = [float(cut.get_attribute("data-cut") or 1) for cut in desk.locator("[data-cut]").all()]
    assert float(doubtful.get_attribute("data-cut") or 1) == min(scores)
    assert hand.did() == (1, 3), "find the most doubtful cut of a date"

    cut = doubtful.locator("del").inner_text()
    hand.press("o", "Enter", "Enter")
    expect(desk.get_by_role("status").first).to_contain_text("Saved")
    expect(desk.locator("tbody tr").first).to_contain_text(cut)
    assert hand.did() == (0, 3), "undo a wrong cut"

    desk.goto(AD)
    hand.click(desk.locator(".block", has_text="Growers who lease the oyster beds").locator(".before"))
    hand.press("o", "ArrowDown", "Enter", "Enter")
    expect(desk.locator("tbody tr").first).to_contain_text("exactly this text in every document of the source")
    assert hand.did() == (1, 4), "strike a campaign in all documents of a source"

    desk.goto("")
    hand.click(desk.get_by_role("row", name="2026-11-05").get_by_role("link").last)
    expect(desk.locator("tbody tr").first).to_contain_text("control characters")
    assert hand.did() == (1, 0), "find why a document was rejected"

    hand.click(desk.get_by_role("link", name="Overrulings"))
    expect(desk.get_by_role("button", name="Backfill these dates")).to_be_enabled()
    assert hand.did() == (1, 0), "one click more backfills what changed"
