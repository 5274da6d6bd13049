"""The desk where raw and home lie on an object store: it shows, previews and overrules as on this machine."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

from copydesk import jobs
from copydesk.corpus import overrulings, reading_back
from copydesk.overruling import Overruling, Scope, Verdict
from tests.desk.conftest import SEEDS, Open
from tests.trees import upload

DATE = "2026-11-02"
ID = "wire-desk/harbour-dredging-vote.txt"


def test_the_desk_looks_at_a_store_and_overrules_there(bucket: str, open_desk: Open, tmp_path: Path) -> None:
    raw, home = upload(SEEDS / DATE, f"{bucket}/raw/{DATE}").removesuffix(f"/{DATE}"), f"{bucket}/home"
    jobs.run_date(DATE, raw=raw, home=home)
    here = open_desk(str(tmp_path), raw=str(SEEDS))
    jobs.run_date(DATE, raw=str(SEEDS), home=str(tmp_path))
    there = open_desk(home, raw=raw)
    for url in (
        f"/date?date={DATE}",
        f"/document?date={DATE}&id={ID}",
        f"/raw?date={DATE}&id={ID}",
        f"/rejects?date={DATE}",
        "/overrulings",
    ):
        assert there.get(url).raise_for_status().text == here.get(url).text, url
    assert "current" in there.get("/").text
    asked = {"date": DATE, "id": ID, "block": "3", "verdict": "strike", "scope": "text"}
    form = there.get("/overrule", params=asked).raise_for_status().text
    fields = {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)}
    text = re.search(r'<textarea hidden name="text">\n(.*?)</textarea>', form, re.DOTALL)
    assert text
    data = fields | {"text": unescape(text[1])}
    assert there.post("/overrule", data=data, headers={"origin": "http://testserver"}).status_code == 303
    assert f"1 date is stale: <b>{DATE}</b>" in there.get("/overrulings").text
    jobs.run_date(DATE, raw=raw, home=home)
    (made,) = overrulings.standing(home)
    row = next(row for row in reading_back.articles(home, DATE) if row["id"] == ID)
    assert f"overruling {made.id}" in {cut["rule"] for cut in row["removed"]}
    assert "stale" not in there.get("/overrulings").text
    selector = {"date": DATE, "id": "harbour-gazette/tide-gate-delay.html", "block": "1", "verdict": "strike", "scope": "selector"}
    assert "It would change" in there.get("/overrule", params=selector | {"selector": "article p"}).raise_for_status().text


def test_two_people_who_save_on_a_store_at_once_both_succeed(bucket: str) -> None:
    texts = [f"A line of a campaign, number {n}." for n in range(6)]
    made = [Overruling("", Verdict.STRIKE, Scope.TEXT, "wire", text) for text in texts]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: overrulings.save(bucket, one, who="a", why=""), made))
    assert [row["version"] for row in overrulings.history(bucket)] == list(range(1, 7))
    assert sorted(row["text"] for row in overrulings.history(bucket)) == sorted(texts)
