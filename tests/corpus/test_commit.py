"""A date is replaced whole or not at all, also under kill -9 (promise 6)."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
from upath import UPath

from copydesk import jobs
from copydesk.corpus import reading_back, staging, staleness, store
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
    raw = make(tmp_path / "raw", DAY, files=40)
    jobs.run_date(DAY, raw=str(raw), home=str(tmp_path / "home"), chunk_bytes=400)
    metadata = pq.read_metadata(reading_back.articles_path(str(tmp_path / "home"), DAY))
    assert metadata.num_row_groups == 1
    assert [c.column_index for c in metadata.row_group(0).sorting_columns] == [1]  # the source; within it, records follow their numbers
    assert metadata.row_group(0).column(0).compression == "ZSTD"
