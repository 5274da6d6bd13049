"""Where a date's files lie and what tells their date: patterns of paths, records, the files' times."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk import jobs
from copydesk.corpus import landing, reading_back
from copydesk.errors import SettingError
from copydesk.intake import Landed
from copydesk.policy import Policy
from copydesk.records import parse_sources
from copydesk.records.layout import Layout, defect
from copydesk.records.sources import LANDING
from tests.records import five
from tests.records.five import FIVE

DAY, NEXT = "2026-11-02", "2026-11-03"


def _home(tmp_path: Path, sources: str) -> str:
    (tmp_path / "home" / "state").mkdir(parents=True, exist_ok=True)
    (tmp_path / "home" / "state" / "sources.yaml").write_text(sources)
    return str(tmp_path / "home")


def _make(tmp_path: Path, *names: str) -> str:
    for number, name in enumerate(names):
        path = tmp_path / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FIVE[number % 5].text.encode())
    return str(tmp_path / "raw")


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("{source}/{date:%Y/%m/%d}/**", {"wire/2026/11/02/a.txt": "wire", "gazette/2026/11/02/b/c.txt": "gazette"}),
        ("{date}.jsonl", {"2026-11-02.jsonl": "all"}),
        ("{source}-{date:%Y%m%d}.*", {"wire-20261102.txt": "wire", "field-notes-20261102.md": "field-notes"}),
        ("{source}/year={date:%Y}/month={date:%m}/{date}-*.txt", {"wire/year=2026/month=11/2026-11-02-x.txt": "wire"}),
        ("in/{date:%Y%m%d%H}/{source}/**", {"in/2026110207/wire/a.txt": "wire", "in/2026110223/b.txt": "all"}),
        ("{date:%Y/%j}/{source}/*", {"2026/306/wire/a.txt": "wire"}),
        ("{date}/{source}/**", {"2026-11-02/wire/a.txt": "wire", "2026-11-02/b.txt": "all"}),
    ],
)
def test_files_are_found_where_the_pattern_says(pattern: str, files: dict[str, str], tmp_path: Path) -> None:
    other = [name.replace("11", "12").replace("306", "307") for name in files]
    raw = _make(tmp_path, *files, *other, "wire/readme.txt", "2026/11/99/x.txt", ".hidden/2026-11-02.jsonl")
    sources = parse_sources(f"landing:\n  - path: '{pattern}'\n    source: all\n", "s")
    found = landing.landed(raw, DAY, sources)
    assert {file.path: file.source for file in found} == files
    assert len({file.id for file in found}) == len(files)
    assert landing.dates(raw, sources)[0] == DAY
    assert len(landing.dates(raw, sources)) == 2
    for file in found:
        assert landing.one(raw, DAY, file.id, most=10_000, sources=sources) == file


def test_ids_are_below_the_date_where_it_comes_first_and_below_the_root_elsewhere(tmp_path: Path) -> None:
    raw = _make(tmp_path, "2026/11/02/wire/a.txt", "gazette/2026-11-02/b.txt")
    sources = parse_sources("landing:\n  - path: '{date:%Y/%m/%d}/{source}/**'\n  - path: '{source}/{date}/**'\n", "s")
    assert [file.id for file in landing.landed(raw, DAY, sources)] == ["gazette/2026-11-02/b.txt", "wire/a.txt"]


def test_a_sidecar_goes_with_its_file_also_where_the_pattern_ends_in_a_name(tmp_path: Path) -> None:
    raw = _make(tmp_path, "wire/2026-11-02.txt", "note-2026-11-02.txt")
    for name in ("wire/2026-11-02.txt", "note-2026-11-02.txt"):
        (tmp_path / "raw" / f"{name}.meta.json").write_text('{"author": "Ana Lume"}')
    sources = parse_sources("landing:\n  - path: '{source}/{date}.txt'\n  - path: '{source}-{date}.*'\n", "s")
    assert [(f.id, f.told.given["author"]) for f in landing.landed(raw, DAY, sources)] == [
        ("note-2026-11-02.txt", "Ana Lume"),
        ("wire/2026-11-02.txt", "Ana Lume"),
    ]


def test_a_layout_goes_through_the_command_and_the_audit(tmp_path: Path) -> None:
    raw = _make(tmp_path, "wire/2026/11/02/a.txt", "wire/2026/11/02/b.txt", "wire/2026/11/03/a.txt")
    home = _home(tmp_path, "landing:\n  - path: '{source}/{date:%Y/%m/%d}/**'\n")
    command = [sys.executable, "-m", "copydesk", "clean", raw, "--corpus", home, "--date"]
    done = subprocess.run([*command, DAY], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = list(reading_back.articles(home, DAY))
    assert [(row["id"], row["source"], row["uri"]) for row in rows] == [
        ("wire/2026/11/02/a.txt", "wire", "wire/2026/11/02/a.txt"),
        ("wire/2026/11/02/b.txt", "wire", "wire/2026/11/02/b.txt"),
    ]
    assert [(found["date"], found["why"]) for found in jobs.audit(raw, home)] == [(NEXT, ["missing"])]
    done = subprocess.run([*command, "2026-12-24"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nothing below" in done.stderr


ROWS = [
    {"text": FIVE[0].text, "date": "2026-11-02T08:00:00+01:00"},
    {"text": FIVE[1].text, "date": "2026-11-03T00:30:00+01:00"},  # the 2nd in UTC
    {"text": FIVE[2].text, "date": "2026-11-03"},
    {"text": FIVE[3].text},
    {"text": FIVE[4].text, "date": "2026-11-03T05:00:00"},
]


def test_records_go_to_the_dates_that_they_tell_each_to_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    raw = _make(tmp_path, "exports/none.txt")
    (tmp_path / "raw" / "exports" / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS) + "{broken\n")
    (tmp_path / "raw" / "exports" / "crawl.warc").write_bytes(five.warc())
    home = _home(tmp_path, "landing:\n  - path: '{source}/**'\n    date: record\n")
    with caplog.at_level(logging.INFO, logger="copydesk"):
        events = [jobs.run_date(day, raw=raw, home=home) for day in (DAY, NEXT)]
    assert "exports/none.txt belongs to no date: none of its records tells one" in caplog.text
    ids = [[row["id"] for row in reading_back.articles(home, day)] for day in (DAY, NEXT)]
    # What tells no date goes with the first date of its file; a crawl's records tell when they were crawled.
    assert ids == [
        [*(f"exports/all.jsonl#{n}" for n in (1, 2, 4)), *(f"exports/crawl.warc#{n}" for n in range(2, 7))],
        ["exports/all.jsonl#3", "exports/all.jsonl#5"],
    ]
    assert [[row["id"] for row in reading_back.rejects(home, day)] for day in (DAY, NEXT)] == [["exports/all.jsonl#6"], []]
    assert [event["files"] for event in events] == [2, 1]
    assert jobs.audit(raw, home) == []
    caplog.clear()
    assert Landed(raw, home, Policy()).dates() == {DAY, NEXT}
    assert "reading the dates" not in caplog.text, "they are known"
    with (tmp_path / "raw" / "exports" / "all.jsonl").open("a") as file:
        file.write(json.dumps(ROWS[0] | {"date": "2026-11-05"}) + "\n")
    assert [found["date"] for found in jobs.audit(raw, home)] == [DAY, NEXT, "2026-11-05"]


def test_the_zone_of_a_source_tells_the_day_of_times_without_one(tmp_path: Path) -> None:
    raw = _make(tmp_path)
    (tmp_path / "raw" / "wire").mkdir(parents=True)
    raw = str(tmp_path / "raw")
    (tmp_path / "raw" / "wire" / "a.jsonl").write_text(json.dumps({"text": FIVE[0].text, "date": "2026-11-02 23:30:00"}))
    layout = "landing:\n  - path: '{source}/**'\n    date: record\n"
    assert Landed(raw, _home(tmp_path, layout), Policy()).dates() == {DAY}
    assert Landed(raw, _home(tmp_path, layout + "sources:\n  - timezone: America/New_York\n"), Policy()).dates() == {NEXT}


def test_a_file_s_own_time_is_its_date_where_nothing_else_is(tmp_path: Path) -> None:
    raw = _make(tmp_path, "drop/a.txt", "drop/b.txt")
    os.utime(tmp_path / "raw" / "drop" / "a.txt", (1793602800, 1793602800))  # 2026-11-02T07:00Z
    os.utime(tmp_path / "raw" / "drop" / "b.txt", (1793747000, 1793747000))
    home = _home(tmp_path, "landing:\n  - path: drop/**\n    source: drop\n    date: file time\n")
    jobs.run_date(DAY, raw=raw, home=home)
    assert [(row["id"], row["source"]) for row in reading_back.articles(home, DAY)] == [("drop/a.txt", "drop")]
    assert [found["date"] for found in jobs.audit(raw, home)] == ["2026-11-03"]


def test_two_files_of_one_id_are_refused_by_name(tmp_path: Path) -> None:
    raw = _make(tmp_path, "2026-11-02/wire/a.txt", "wire/a.txt")
    os.utime(tmp_path / "raw" / "wire" / "a.txt", (1793602800, 1793602800))
    home = _home(tmp_path, "landing:\n  - path: '{date}/{source}/**'\n  - path: '{source}/*'\n    date: file time\n")
    with pytest.raises(SettingError, match=r"2026-11-02/wire/a\.txt and wire/a\.txt would both be wire/a\.txt"):
        jobs.discover(DAY, raw=raw, home=home)


@given(st.text("{}daten:%Ymdsourc/*.?-", max_size=30), st.text("2026-10/abx.", max_size=30))
def test_any_pattern_is_refused_or_fits_any_path_without_failing(pattern: str, path: str) -> None:
    for by in ("path", "record"):
        layout = Layout(pattern, date=by)
        if not defect(layout):
            found = layout.match(path)
            layout.steps(DAY)
            assert found is None or found[2]


def test_the_readme_explains_landing() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert [name for name, explains in LANDING.items() if f"| `{name}` | {explains} |" not in readme] == []
