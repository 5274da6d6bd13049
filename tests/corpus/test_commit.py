"""A date is replaced whole or not at all, also under kill -9 (promise 6)."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
from upath import UPath

from copydesk import Extraction, Policy, clean, jobs
from copydesk.corpus import reading_back, staging, staleness, store
from copydesk.model import PlannedFile, Receipt
from tests.corpus.kill_rounds import run
from tests.trees import make

DAY = "2026-11-02"


def test_kill_minus_nine_tears_nothing(tmp_path: Path) -> None:
    tally = run(10, seed=1, workspace=tmp_path)
    assert tally.rounds == 10
    assert tally.reads > 10
    assert tally.within > 0


def test_a_publish_that_died_between_the_two_files_is_stale_and_can_be_repeated(tmp_path: Path) -> None:
    raw, home = make(tmp_path / "raw", DAY), tmp_path / "home"
    jobs.run_date(DAY, raw=str(raw), home=str(home))
    (raw / DAY / "wire" / "second.bin").write_bytes(b"\x00" * 100)
    plan = jobs.discover(DAY, raw=str(raw), home=str(home))["plan"]
    jobs.clean_chunk(plan, 0)
    jobs.merge(plan)
    store.put_in_place(UPath(plan) / "rejects.parquet", reading_back.path(str(home), "rejects", DAY))
    from copydesk.corpus import landing

    versions = jobs.versions(staging.load(plan).policy)
    assert staleness.Stale(staleness.Cause.TORN) in staleness.stale(str(home), DAY, landing.landed(str(raw), DAY), versions)
    jobs.publish(plan)
    assert staleness.stale(str(home), DAY, landing.landed(str(raw), DAY), versions) == []


def test_row_groups_do_not_show_the_chunks(tmp_path: Path) -> None:
    raw = make(tmp_path / "raw", DAY, files=12)
    jobs.run_date(DAY, raw=str(raw), home=str(tmp_path / "home"), chunk_bytes=400)
    metadata = pq.read_metadata(reading_back.articles_path(str(tmp_path / "home"), DAY))
    assert metadata.num_row_groups == 1
    assert [c.column_index for c in metadata.row_group(0).sorting_columns] == [1]  # the source; within it, records follow their numbers
    assert metadata.row_group(0).column(0).compression == "ZSTD"


_MERGE = """
import sys
import pyarrow
from copydesk import jobs
jobs.merge(sys.argv[1])
print(pyarrow.default_memory_pool().max_memory())
"""
_TEXT = 20_000  # characters


def _peak_of_merging(home: Path, articles: int) -> int:
    """The most bytes that Arrow held at once in a process that merges so many articles."""
    files = [PlannedFile(f"wire/{n:05d}.txt", "wire", "", "", "0" * 64, 1) for n in range(articles)]
    plan = staging.freeze(DAY, "", str(home), files, Policy(), "", chunk_bytes=1_000, dry_run=False)
    model = clean("A headline\n\nA sentence that is long enough to stay.")
    assert isinstance(model, Extraction)
    for chunk in plan.chunks:
        named = ((n, replace(model, id=files[n].id, source="wire", fingerprint=str(n))) for n in range(chunk.first, chunk.last))
        rows = ((Receipt(n, "0" * 64, 1), replace(article, text=f"{n} {'word ' * (_TEXT // 5)}")) for n, article in named)
        staging.write_part(plan, chunk, rows, dict.fromkeys(range(chunk.first, chunk.last), 1), {}, {})
    done = subprocess.run([sys.executable, "-c", _MERGE, str(plan.directory)], capture_output=True, text=True, check=True)
    assert pq.read_metadata(str(plan.directory / "articles.parquet")).num_rows == articles
    return int(done.stdout)


def test_merging_three_times_the_articles_takes_no_more_memory(tmp_path: Path) -> None:
    few, many = (_peak_of_merging(tmp_path / str(n), n) for n in (2_500, 7_500))
    assert many - few < 0.3 * (7_500 - 2_500) * _TEXT
