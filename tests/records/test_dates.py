"""Files of many records through a date's run and through the command: all accounted for, and the same bytes every time."""

from __future__ import annotations

import gzip
import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow.parquet as pq
import pytest

from copydesk import jobs
from copydesk.corpus import landing, reading_back
from copydesk.errors import PlanError
from copydesk.model import PlannedFile
from tests.records import five
from tests.records.five import FIVE
from tests.trees import snapshot

DAY = "2026-11-02"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Five files with seven places: 20 articles, one bad line, one bad record, an empty table."""
    folder = tmp_path / "raw" / DAY / "crawl"
    folder.mkdir(parents=True)
    lines = five.jsonl().splitlines(keepends=True)
    (folder / "all.jsonl.gz").write_bytes(gzip.compress(b"".join([*lines[:3], b"{bad\n", *lines[3:]])))
    records = [five.warc_record(story) for story in FIVE]
    records[1] = five.warc_record(FIVE[1], length=77)
    (folder / "all.warc").write_bytes(b"".join(records))
    (folder / "all.zip").write_bytes(five.zipped({**five.PAGES, "in.jsonl": five.jsonl()}))
    (folder / "none.csv").write_bytes(b"")
    (folder / "page.html.gz").write_bytes(gzip.compress(FIVE[0].html.encode()))
    return tmp_path / "raw"


def test_files_and_records_in_are_articles_and_rejects_out(raw: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="copydesk"):
        event = jobs.run_date(DAY, raw=str(raw), home=str(tmp_path / "home"))
    assert (event["files"], event["records"], event["articles"], event["rejects"]) == (5, 23, 20, 3)
    articles = list(reading_back.articles(str(tmp_path / "home"), DAY))
    numbers = [f"crawl/all.jsonl.gz#{n}" for n in (1, 2, 3, 5, 6)] + [f"crawl/all.warc#{n}" for n in (1, 3, 4, 5)]
    members = [f"crawl/all.zip#{n}" for n in range(1, 6)] + [f"crawl/all.zip#6#{n}" for n in range(1, 6)]
    assert [a["id"] for a in articles] == [*numbers, *members, "crawl/page.html.gz"]
    assert {a["text"] for a in articles} == {story.body for story in FIVE}
    assert articles[9]["uri"] == f"{DAY}/crawl/all.zip!/0.html"
    rejects = {r["id"]: (r["reason"], r["detail"]) for r in reading_back.rejects(str(tmp_path / "home"), DAY)}
    assert {id_: reason for id_, (reason, _) in rejects.items()} == {
        "crawl/all.jsonl.gz#4": "broken",
        "crawl/all.warc#2": "broken",
        "crawl/none.csv": "empty",
    }
    assert "record 4 at byte" in rejects["crawl/all.jsonl.gz#4"][1]
    assert "rejected crawl/all.warc#2 (broken): record 2 at byte" in caplog.text
    assert "5 files, 23 records, 20 articles, 3 rejects" in caplog.text


def test_records_give_the_same_bytes_whatever_the_circumstances(raw: Path, tmp_path: Path) -> None:
    jobs.run_date(DAY, raw=str(raw), home=str(tmp_path / "home"))
    expected = snapshot(tmp_path / "home" / "corpus")
    jobs.run_date(DAY, raw=str(raw), home=str(tmp_path / "two"), workers=2, chunk_bytes=500)
    assert snapshot(tmp_path / "two" / "corpus") == expected
    shutil.copytree(raw, tmp_path / "elsewhere")
    jobs.run_date(DAY, raw=(tmp_path / "elsewhere").as_uri(), home=str(tmp_path / "moved"))
    assert snapshot(tmp_path / "moved" / "corpus") == expected


def test_merge_refuses_a_part_that_lost_a_record(raw: Path, tmp_path: Path) -> None:
    plan = jobs.discover(DAY, raw=str(raw), home=str(tmp_path / "home"))["plan"]
    jobs.clean_chunk(plan, 0)
    (part,) = Path(plan).glob("parts/*.articles")
    rows = pq.read_table(part)
    pq.write_table(rows.slice(1), part)
    with pytest.raises(PlanError, match=r"not whole in the parts, the first is 2026-11-02/crawl/all\.jsonl\.gz"):
        jobs.merge(plan)


def test_a_file_that_grows_while_it_is_read_stops_the_run(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = jobs.discover(DAY, raw=str(raw), home=str(tmp_path / "home"))["plan"]
    target = raw / DAY / "crawl" / "all.warc"
    opened = landing.opened

    @contextmanager
    def growing(root: str, file: PlannedFile) -> Iterator[BinaryIO]:
        with opened(root, file) as stream:
            yield stream
            if file.path.endswith("all.warc"):
                target.write_bytes(target.read_bytes() + five.warc_record(FIVE[0]))

    monkeypatch.setattr(landing, "opened", growing)
    with pytest.raises(PlanError, match=r"all\.warc changed since the plan"):
        jobs.clean_chunk(plan, 0)


def test_names_like_those_of_records_stay_apart(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / DAY / "crawl"
    folder.mkdir(parents=True)
    (folder / "all.jsonl").write_bytes(five.jsonl())
    (folder / "all.jsonl#2").write_bytes(FIVE[0].html.encode())
    (folder / "c#.html").write_bytes(FIVE[0].html.encode())
    jobs.run_date(DAY, raw=str(tmp_path / "raw"), home=str(tmp_path / "home"))
    ids = [a["id"] for a in reading_back.articles(str(tmp_path / "home"), DAY)]
    assert ids == [*(f"crawl/all.jsonl#{n}" for n in range(1, 6)), "crawl/all.jsonl%232", "crawl/c#.html"]


def test_the_command_cleans_shows_and_tells(raw: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "copydesk"]
    done = subprocess.run(
        [*command, "clean", raw / DAY, "--jsonl", tmp_path / "o", "--strict"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "20 clean, 3 rejected of 23 records in 5 files" in done.stderr
    rows = [json.loads(line) for line in (tmp_path / "o").read_text().splitlines()]
    assert [row["id"] for row in rows if row["status"] == "rejected"] == ["crawl/all.jsonl.gz#4", "crawl/all.warc#2", "crawl/none.csv"]
    shown = subprocess.run([*command, "show", raw / DAY / "crawl" / "all.zip#6#2"], capture_output=True, text=True, check=True).stdout
    assert FIVE[1].title in shown
