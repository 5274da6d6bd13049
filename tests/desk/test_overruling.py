"""Overruling: what is previewed is what changes, in the dates that it is about and no others, until it is undone."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from copydesk import jobs
from copydesk.corpus import overrulings, reading_back
from copydesk.corpus.blocks import Shown, blocks
from copydesk.errors import SettingError
from copydesk.overruling import Overruling, Scope, Verdict
from tests.desk.conftest import SEEDS, Open
from tests.trees import PAGE, PARAGRAPH, STORY

FIRST, SECOND = "2026-11-02", "2026-11-03"
AD = "Our partners at Tern Tyres fit four new tyres while the ferry is late, and the port has seen them do it."
ORIGIN = {"origin": "http://testserver"}


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dates of two sources, with a line in each story of `wire` that no model strikes."""
    folder = tmp_path_factory.mktemp("published")
    for date in (FIRST, SECOND):
        for n in range(3):
            text = STORY.format(n=n) + f"\n{AD}\n\nThe old ferry, {n} years old, goes on until then, the authority said.\n"
            for source in ("wire", "other"):
                path = folder / "raw" / date / source / f"{n}.txt"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text if source == "wire" else text.replace(AD, AD.replace("four", "two")))
        (folder / "raw" / date / "wire" / "page.html").write_text(PAGE.format(n=1, body=PARAGRAPH.format(n=1) * 3))
        jobs.run_date(date, raw=str(folder / "raw"), home=str(folder / "home"))
    return folder


@pytest.fixture
def place(published: Path, tmp_path: Path) -> tuple[str, str]:
    """A raw root and a home of the test's own."""
    shutil.copytree(published, tmp_path / "it")
    return str(tmp_path / "it" / "raw"), str(tmp_path / "it" / "home")


@pytest.fixture
def client(place: tuple[str, str], open_desk: Open) -> TestClient:
    return open_desk(place[1], raw=place[0])


def _block(home: str, date: str, id_: str, text: str) -> Shown:
    row = next(row for row in reading_back.articles(home, date) if row["id"] == id_)
    return next(block for block in blocks(row) if block.key == text)


def _ask(client: TestClient, home: str, **asked: str) -> tuple[str, dict[str, str]]:
    """The preview of striking the ad of wire/0.txt, and the form that saves it."""
    number = _block(home, FIRST, "wire/0.txt", AD).number
    given = {"date": FIRST, "id": "wire/0.txt", "block": str(number), "verdict": "strike", **asked}
    text = client.get("/overrule", params=given).raise_for_status().text
    form = text[text.index('<form method="post"') :]
    fields = {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)}
    found = re.search(r'<textarea hidden name="text">\n(.*?)</textarea>', form, re.DOTALL)
    assert found
    return text, fields | {"text": unescape(found[1])}


def _stale(place: tuple[str, str]) -> dict[str, list[str]]:
    return {found["date"]: found["why"] for found in jobs.audit(*place)}


@pytest.mark.parametrize(
    ("asked", "count", "stale"),
    [
        ({"scope": "document"}, "1 block on 1 date", [FIRST]),
        ({"scope": "text"}, "6 blocks on 2 dates", [FIRST, SECOND]),
        ({"scope": "phrase", "phrase": "TERN tyres"}, "6 blocks on 2 dates", [FIRST, SECOND]),
        ({"scope": "text", "since": SECOND}, "3 blocks on 1 date", [SECOND]),
    ],
)
def test_a_strike_changes_what_was_previewed_and_nothing_else(
    asked: dict[str, str], count: str, stale: list[str], client: TestClient, place: tuple[str, str]
) -> None:
    raw, home = place
    assert _stale(place) == {}
    text, form = _ask(client, home, why="a campaign", **asked)
    assert f"It would change {count}" in text
    assert _stale(place) == {}, "a preview saves nothing"
    assert client.post("/overrule", data=form, headers=ORIGIN).status_code == 303
    assert _stale(place) == {date: ["overruled"] for date in stale}
    (row,) = overrulings.history(home)
    assert (row["who"], row["why"], row["version"]) == ("admin", "a campaign", 1)
    before = {date: list(reading_back.articles(home, date)) for date in (FIRST, SECOND)}
    for date in stale:
        jobs.run_date(date, raw=raw, home=home)
    assert _stale(place) == {}
    cuts = [
        cut
        for date in (FIRST, SECOND)
        for article in reading_back.articles(home, date)
        for cut in article["removed"]
        if cut["rule"] == f"overruling {row['id']}"
    ]
    assert f"{len(cuts)} block" in count
    assert {(cut["text"], cut["label"], cut["reason"], cut["score"]) for cut in cuts} == {(AD, "advertorial", "overruled", 1.0)}
    others = [[a for a in before[date] if a["source"] == "other"] for date in (FIRST, SECOND)]
    assert others == [[a for a in reading_back.articles(home, date) if a["source"] == "other"] for date in (FIRST, SECOND)]


def test_an_ad_of_several_blocks_is_kept_at_once(open_desk: Open, tmp_path: Path) -> None:
    home, id_ = str(tmp_path), "wire-desk/harbour-dredging-vote.txt"
    jobs.run_date(FIRST, raw=str(SEEDS), home=home)
    row = next(row for row in reading_back.articles(home, FIRST) if row["id"] == id_)
    ads = [block for block in blocks(row) if block.label == "advertorial"]
    client = open_desk(home)
    asked = {"date": FIRST, "id": id_, "block": str(ads[3].number), "verdict": "keep", "together": "true", "scope": "text"}
    form = client.get("/overrule", params=asked).raise_for_status().text
    assert f"It would change {len(ads)} blocks on 1 date" in form
    fields = {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)}
    texts = [unescape(text) for text in re.findall(r'<textarea hidden name="text">\n(.*?)</textarea>', form, re.DOTALL)]
    assert client.post("/overrule", data=fields | {"text": texts}, headers=ORIGIN).status_code == 303
    jobs.run_date(FIRST, raw=str(SEEDS), home=home)
    after = next(row for row in reading_back.articles(home, FIRST) if row["id"] == id_)
    assert not any(cut["label"] == "advertorial" for cut in after["removed"])
    assert client.get(f"/document?date={FIRST}&id={id_}").text.count("kept as overruled") == len(ads)


def test_undone_is_as_if_it_had_never_been(client: TestClient, place: tuple[str, str]) -> None:
    raw, home = place
    published = reading_back.articles_path(home, FIRST).read_bytes()
    client.post("/overrule", data=_ask(client, home)[1], headers=ORIGIN)
    jobs.run_date(FIRST, raw=raw, home=home)
    assert reading_back.articles_path(home, FIRST).read_bytes() != published
    (made,) = overrulings.standing(home)
    token = re.search(r'name="token" value="([^"]*)"', client.get("/overrulings").text)
    assert token
    assert client.post("/undo", data={"token": token[1], "id": made.id}, headers=ORIGIN).status_code == 303
    assert _stale(place) == {FIRST: ["overruled"]}
    jobs.run_date(FIRST, raw=raw, home=home)
    assert reading_back.articles_path(home, FIRST).read_bytes() == published
    assert [row["version"] for row in overrulings.history(home)] == [1, 2]
    assert client.post("/undo", data={"token": token[1], "id": made.id}, headers=ORIGIN).status_code == 404, "twice"


def test_what_was_struck_is_kept_again(place: tuple[str, str]) -> None:
    raw, home = place
    row = next(row for row in reading_back.articles(home, FIRST) if row["id"] == "wire/page.html" and row["removed"])
    cut = row["removed"][0]
    overrulings.save(home, Overruling("", Verdict.KEEP, Scope.TEXT, "wire", cut["text"]), who="a", why="")
    jobs.run_date(FIRST, raw=raw, home=home)
    after = next(row for row in reading_back.articles(home, FIRST) if row["id"] == "wire/page.html")
    assert cut["text"] in after["text"]
    assert len(after["removed"]) == len(row["removed"]) - 1


def test_a_run_holds_to_the_overrulings_of_its_plan(place: tuple[str, str]) -> None:
    raw, home = place
    found = jobs.discover(FIRST, raw=raw, home=home, force=True)
    overrulings.save(home, Overruling("", Verdict.STRIKE, Scope.TEXT, "wire", AD), who="a", why="")
    for chunk in found["chunks"]:
        jobs.clean_chunk(found["plan"], chunk)
    jobs.merge(found["plan"])
    jobs.publish(found["plan"])
    assert AD in next(row for row in reading_back.articles(home, FIRST) if row["id"] == "wire/0.txt")["text"]
    assert _stale(place) == {FIRST: ["overruled"], SECOND: ["overruled"]}


def test_a_viewer_and_another_server_change_nothing(client: TestClient, place: tuple[str, str], open_desk: Open) -> None:
    raw, home = place
    _, form = _ask(client, home)
    viewer = open_desk(home, raw=raw, person="viewer")
    assert viewer.get("/overrulings").status_code == 200
    assert "Strike" not in viewer.get(f"/document?date={FIRST}&id=wire/0.txt").text
    refused = [
        viewer.post("/overrule", data=form, headers=ORIGIN),
        viewer.get(f"/overrule?date={FIRST}&id=wire/0.txt&block=1"),
        client.post("/overrule", data=form, headers={"origin": "https://elsewhere.example"}),
        client.post("/overrule", data=form, headers={"origin": "null"}),
        client.post("/overrule", data=form),
        client.post("/overrule", data=form | {"token": "made up"}, headers=ORIGIN),
        open_desk(home, raw=raw, person="somebody else").post("/overrule", data=form, headers=ORIGIN),
        client.post("/undo", data={"token": form["token"], "id": "x"}, headers={"origin": "https://elsewhere.example"}),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert open_desk(home, raw=raw, person="").post("/overrule", data=form, headers=ORIGIN).status_code == 401
    assert overrulings.history(home) == []


def test_a_file_that_somebody_broke_is_named(place: tuple[str, str]) -> None:
    overrulings.save(place[1], Overruling("", Verdict.STRIKE, Scope.TEXT, "wire", AD), who="a", why="")
    (file,) = (Path(place[1]) / "state" / "overrulings").iterdir()
    file.write_text("{")
    with pytest.raises(SettingError, match=r"overrulings/000001\.json: not valid JSON"):
        jobs.discover(FIRST, raw=place[0], home=place[1])


def test_only_dates_with_the_text_become_stale(client: TestClient, place: tuple[str, str]) -> None:
    raw, home = place
    gone = Path(raw) / SECOND / "wire"
    for story in gone.glob("*.txt"):
        story.write_text(story.read_text().replace(AD, "The quay is closed."))
    jobs.run_date(SECOND, raw=raw, home=home)
    for asked in ({"scope": "text"}, {"scope": "phrase", "phrase": "tern TYRES"}):
        client.post("/overrule", data=_ask(client, home, **asked)[1], headers=ORIGIN)
        assert _stale(place) == {FIRST: ["overruled"]}
        assert "1 date is stale" in client.get("/overrulings").text
        jobs.run_date(FIRST, raw=raw, home=home)
        assert _stale(place) == {}
    (gone / "0.txt").write_text((Path(raw) / FIRST / "wire" / "0.txt").read_text())
    jobs.run_date(SECOND, raw=raw, home=home)
    assert AD not in next(row for row in reading_back.articles(home, SECOND) if row["id"] == "wire/0.txt")["text"], "it came later"
    assert _stale(place) == {}


@pytest.mark.parametrize(
    ("element", "selector"), [("<p class='week'>{}</p>", "p.week, h1"), ("<ad-slot><div>{}</div></ad-slot>", "ad-slot")]
)
def test_a_site_rule_holds_for_what_its_selector_matches_but_for_the_headline(
    element: str, selector: str, client: TestClient, place: tuple[str, str]
) -> None:
    raw, home = place
    line = "The council said that four of the lanes were kept for the friends of the bridge, who had asked for them."
    for date in (FIRST, SECOND):
        page = Path(raw) / date / "wire" / "page.html"
        page.write_text(PAGE.format(n=1, body=PARAGRAPH.format(n=1) + element.format(line) + PARAGRAPH.format(n=2)))
        jobs.run_date(date, raw=raw, home=home)
    before = {row["id"]: row for row in reading_back.articles(home, FIRST)}
    verdict = "strike" if line in before["wire/page.html"]["text"] else "keep"
    number = str(_block(home, FIRST, "wire/page.html", line).number)
    asked = {"id": "wire/page.html", "block": number, "verdict": verdict, "scope": "selector"}
    assert client.get("/overrule", params={"date": FIRST, "selector": "section..week"} | asked).status_code == 400
    text, form = _ask(client, home, selector=selector, **asked)
    assert ("<code>p.week</code> 1" in text) == ("week" in element)
    assert "It would change 2 blocks on 2 dates" in text
    assert client.post("/overrule", data=form, headers=ORIGIN).status_code == 303
    assert _stale(place) == {date: ["overruled"] for date in (FIRST, SECOND)}
    jobs.run_date(FIRST, raw=raw, home=home)
    assert _stale(place) == {SECOND: ["overruled"]}
    after = {row["id"]: row for row in reading_back.articles(home, FIRST)}
    assert {id_ for id_, row in after.items() if row != before[id_]} == {"wire/page.html"}
    (made,) = overrulings.standing(home)
    cuts = {cut["text"]: (cut["reason"], cut["rule"]) for cut in after["wire/page.html"]["removed"]}
    assert cuts.get(line) == (("overruled", f"overruling {made.id}") if verdict == "strike" else None)
    assert (line in after["wire/page.html"]["text"]) == (verdict == "keep")
    assert after["wire/page.html"]["title"] == "Bridge 1 opens"
    told = client.get(f"/document?date={FIRST}&id=wire/page.html").text
    assert (selector in told) == (verdict == "strike")


def test_a_preview_by_selector_tells_of_pages_that_it_cannot_ask(client: TestClient, place: tuple[str, str]) -> None:
    (Path(place[0]) / SECOND / "wire" / "page.html").unlink()
    asked = {"date": FIRST, "id": "wire/page.html", "block": "2", "verdict": "strike", "scope": "selector", "selector": "p"}
    assert "1 raw pages are gone" in client.get("/overrule", params=asked).text


def test_people_who_save_at_the_same_moment_all_succeed(place: tuple[str, str]) -> None:
    home = place[1]
    texts = [f"{AD} {n}" for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        made = [Overruling("", Verdict.STRIKE, Scope.TEXT, "wire", text) for text in texts]
        list(pool.map(lambda one: overrulings.save(home, one, who="a", why=""), made))
    rows = overrulings.history(home)
    assert [row["version"] for row in rows] == list(range(1, 25))
    assert sorted(row["text"] for row in rows) == sorted(texts)
