"""Raw files and home on an object store: a real S3 API (moto's server) on loopback, through fsspec."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest

from copydesk import jobs
from copydesk.corpus import landing, reading_back, staging, store
from copydesk.errors import CheckFailed, PublishConflict
from tests.trees import make, snapshot, upload

DAY = "2026-11-02"
TABLES = ("articles", "rejects")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return make(tmp_path / "raw", DAY)


def _objects(uri: str) -> dict[str, bytes]:
    root = store.at(uri)
    return {path.removeprefix(root.path).lstrip("/"): root.fs.cat_file(path) for path in root.fs.find(root.path)}


def test_raw_and_home_on_a_store_give_the_bytes_of_this_machine(raw: Path, bucket: str, tmp_path: Path) -> None:
    far = upload(raw, f"{bucket}/raw")
    event = jobs.run_date(DAY, raw=far, home=f"{bucket}/home", chunk_bytes=300)
    assert event["articles_path"] == f"{bucket}/home/corpus/articles/date={DAY}/articles.parquet"
    jobs.run_date(DAY, raw=str(raw), home=str(tmp_path / "home"))
    assert _objects(f"{bucket}/home/corpus") == snapshot(tmp_path / "home" / "corpus")
    assert jobs.run_date(DAY, raw=far, home=f"{bucket}/home")["published"] is False, "up to date"
    assert jobs.audit(far, f"{bucket}/home") == []
    assert _objects(f"{bucket}/home/state/locks") == {}
    left = {name.rsplit("/", 1)[-1] for name in _objects(f"{bucket}/home/state/staging")}
    assert left == {"plan.json", "published.json"}


def test_a_table_is_uploaded_once_and_published_by_one_request(raw: Path, bucket: str, s3: Path) -> None:
    jobs.run_date(DAY, raw=upload(raw, f"{bucket}/raw"), home=f"{bucket}/home")
    requests = re.findall(rf'"(PUT|POST) /{bucket.removeprefix("s3://")}/home/(\S+)', s3.read_text())
    assert sorted(path for _, path in requests if path.startswith("corpus/")) == [f"corpus/{t}/date={DAY}/{t}.parquet" for t in TABLES]
    staged = [path.rsplit("/", 1)[1] for _, path in requests if path.startswith("state/staging/") and path.endswith(".parquet")]
    assert sorted(staged) == [f"{table}.parquet" for table in TABLES]


def test_a_late_object_and_a_policy_on_the_store_make_the_date_stale(raw: Path, bucket: str) -> None:
    far = upload(raw, f"{bucket}/raw")
    jobs.run_date(DAY, raw=far, home=f"{bucket}/home")
    (store.at(far) / DAY / "wire" / "late.txt").write_bytes(b"Late story\n\nThis one came in later.")
    (store.at(bucket) / "home" / "state" / "policy.toml").write_bytes(b'quotes = "straight"\n')
    assert jobs.audit(far, f"{bucket}/home")[0]["why"] == ["input changed (1 new: wire/late.txt)", "policy changed"]
    assert jobs.run_date(DAY, raw=far, home=f"{bucket}/home")["articles"] == 14


def test_a_vanished_prefix_leaves_the_date_as_it_was(raw: Path, bucket: str) -> None:
    far = upload(raw, f"{bucket}/raw")
    jobs.run_date(DAY, raw=far, home=f"{bucket}/home")
    before = _objects(f"{bucket}/home/corpus")
    store.remove(store.at(far) / DAY / "wire")
    store.remove(store.at(far) / DAY / "notes")
    with pytest.raises(CheckFailed, match="fewer than half"):
        jobs.run_date(DAY, raw=far, home=f"{bucket}/home")
    assert _objects(f"{bucket}/home/corpus") == before


def _write_half(sink: IO[bytes]) -> None:
    sink.write(b"half of it")
    raise InterruptedError


@pytest.mark.parametrize("where", ["here", "there"])
def test_a_file_that_fails_midway_leaves_nothing(where: str, bucket: str, tmp_path: Path) -> None:
    path = store.at(f"{bucket}/half" if where == "there" else str(tmp_path / "half"))
    with pytest.raises(InterruptedError), store.written(path) as sink:
        _write_half(sink)
    assert not path.exists()
    assert list(path.parent.iterdir()) == []
    if where == "there":  # witness: fsspec's own `open` commits the half, and nobody notices
        with pytest.raises(InterruptedError), path.open("wb") as sink:
            _write_half(sink)
        assert path.read_bytes() == b"half of it"


def _staged(raw: str, home: str) -> str:
    plan: str = jobs.discover(DAY, raw=raw, home=home, force=True)["plan"]
    jobs.clean_chunk(plan, 0)
    jobs.merge(plan)
    jobs.check(plan)
    return plan


def test_two_runs_at_once_cannot_interleave_on_a_store(raw: Path, bucket: str) -> None:
    far, home = upload(raw, f"{bucket}/raw"), f"{bucket}/home"
    first = _staged(far, home)
    (store.at(far) / DAY / "wire" / "late.txt").write_bytes(b"Late story\n\nThis one came in later.")
    second = _staged(far, home)

    def publish(plan: str) -> str:
        try:
            jobs.publish(plan)
        except PublishConflict:
            return "lost"
        return "won"

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(publish, [first, second]))
    assert sorted(ended) == ["lost", "won"]
    winner = staging.load([first, second][ended.index("won")])
    footer = reading_back.footer(home, DAY)
    assert footer[reading_back.INPUT] == landing.input_digest(list(winner.files))
    assert footer[reading_back.REJECTS_SHA256] == reading_back.sha256_of(reading_back.path(home, "rejects", DAY))


def test_the_lock_of_a_run_that_died_is_taken_up_by_its_own_retry_only(raw: Path, bucket: str) -> None:
    far, home = upload(raw, f"{bucket}/raw"), f"{bucket}/home"
    died, other = _staged(far, home), _staged(far, home)
    lock = store.at(home) / "state" / "locks" / f"{DAY}.lock"
    holding = store.locked(lock, staging.load(died).id)
    holding.__enter__()  # and never leaves
    with pytest.raises(PublishConflict, match=rf"run {staging.load(died).id} is publishing this date since .* If it died, remove {lock}"):
        jobs.publish(other)
    assert jobs.publish(died)["published"]
    assert not lock.exists()


def test_objects_beyond_a_page_of_the_listing_are_listed_once_each(bucket: str) -> None:
    root = store.at(f"{bucket}/raw")
    names = [f"{root.path}/{DAY}/wire/{n:05d}.txt" for n in range(1_100)]  # a store lists a thousand at a time
    root.fs.pipe(dict.fromkeys(names, b"A story\n\nIt is short."))
    found = landing.landed(f"{bucket}/raw", DAY)
    assert [file.path for file in found] == [name.removeprefix(f"{root.path}/") for name in names]
    assert len({file.sha256 for file in found}) == 1
