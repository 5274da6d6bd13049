"""Files that hang or crash their reader cost themselves from there on, never a neighbour, a record before, or the run."""

from __future__ import annotations

import errno
import gzip
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk import Policy, RawDocument, feeder, jobs, records
from copydesk.corpus import staging
from copydesk.errors import PlanError, WorkerLost
from copydesk.fence import MEMORY
from tests.records import five
from tests.records.five import FIVE
from tests.trees import snapshot

POLICY = Policy()
DAY = "2026-11-02"


def read(path: Path, share: feeder.Share | None = None, *, seconds: float = 60, function: str = feeder.READ) -> list[RawDocument]:
    with feeder.reader(seconds, function) as reader, path.open("rb") as stream:
        return list(reader.read(stream, RawDocument(path.name, b"", uri=path.name), POLICY, share=share or feeder.Share()))


def misdeeds(tmp_path: Path, *lines: str, seconds: float = 60) -> list[str]:
    """What came of a file whose lines say what becomes of its reader, a record each; and of a good file after it."""
    (tmp_path / "bad").write_text("\n".join(lines))
    (tmp_path / "good").write_text("fine\nfine")
    with feeder.reader(seconds, "tests.victims:placed") as reader:
        found = []
        for name in ("bad", "good"):
            with (tmp_path / name).open("rb") as stream:
                found += list(reader.read(stream, RawDocument(name, b""), POLICY))
    return [f"{raw.id} {raw.problem[0].value}: {raw.problem[1]}" if raw.problem else f"{raw.id} {raw.data!s}" for raw in found]


@pytest.mark.parametrize("name", ["all.jsonl", "all.warc", "all.parquet", "all.zip"])
def test_files_come_out_as_they_do_without_a_guard(name: str, tmp_path: Path) -> None:
    data = {"all.jsonl": five.jsonl, "all.warc": five.warc, "all.parquet": five.parquet, "all.zip": lambda: five.zipped(five.PAGES)}
    (tmp_path / name).write_bytes(data[name]())
    with (tmp_path / name).open("rb") as stream:
        expected = list(records.read(stream, RawDocument(name, b"", uri=name), POLICY))
    assert read(tmp_path / name) == expected
    assert len(expected) == 5


def test_a_hang_is_a_timeout_and_what_came_before_arrives(tmp_path: Path) -> None:
    assert misdeeds(tmp_path, "one", "two", "hang", "three", seconds=0.3) == [
        "bad#1 one",
        "bad#2 two",
        "bad#3 timeout: record 3 and what follows: reading it took more than 0.3 s of processor time, twice",
        "good#1 fine",
        "good#2 fine",
    ]


@pytest.mark.parametrize(("what", "cause"), [("segv", "signal 11 (SIGSEGV)"), ("exit 3", "exit status 3"), ("eat 7", "exit status 1")])
def test_a_crash_costs_the_rest_of_its_file_and_no_other(what: str, cause: str, tmp_path: Path) -> None:
    assert misdeeds(tmp_path, "one", what)[1:] == [
        f"bad#2 crash: record 2 and what follows: the reader died of it twice: {cause}",
        "good#1 fine",
        "good#2 fine",
    ]
    assert misdeeds(tmp_path, what)[0].startswith("bad crash: ")


def test_a_file_that_crashes_once_only_is_read_whole(tmp_path: Path) -> None:
    assert misdeeds(tmp_path, *["one"] * 20, f"flaky {tmp_path / 'tried'}", "two")[18:22] == [
        "bad#19 one",
        "bad#20 one",
        "bad#21 flaky",
        "bad#22 two",
    ]


def test_the_machine_s_trouble_is_no_file_s_fault(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        misdeeds(tmp_path, "one", f"oserror {errno.ENOSPC}")


def test_memory_is_bounded_and_the_network_out_of_reach(tmp_path: Path) -> None:
    assert misdeeds(tmp_path, "limit", "call 1")[:2] == [f"bad#1 {MEMORY}", "bad#2 PermissionError"]


def test_a_reader_that_cannot_start_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    (tmp_path / "signal.py").write_text("raise ImportError('not today')")
    (tmp_path / "f").touch()
    with pytest.raises(WorkerLost, match=r"before it could start \(exit status 1\)"):
        read(tmp_path / "f")
    assert "not today" in capfd.readouterr().err


def test_a_file_that_nobody_reads_to_its_end_holds_up_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(five.jsonl() * 3_000)
    (tmp_path / "b.jsonl").write_bytes(five.jsonl())
    with feeder.reader() as reader, (tmp_path / "a.jsonl").open("rb") as a, (tmp_path / "b.jsonl").open("rb") as b:
        assert next(iter(reader.read(a, RawDocument("a.jsonl", b""), POLICY))).id == "a.jsonl#1"
        assert [raw.id for raw in reader.read(b, RawDocument("b.jsonl", b""), POLICY)] == [f"b.jsonl#{n}" for n in range(1, 6)]


def _crawl() -> bytes:
    """Pages of some size, so that they are not all read at once, with requests between them."""
    request = b"WARC/1.0\r\nWARC-Type: request\r\nContent-Length: 18\r\n\r\nGET / HTTP/1.0\r\n\r\n\r\n\r\n"
    return b"".join((request * (n % 4)) + _page(n) for n in range(60)) + request * 3


def _page(n: int) -> bytes:
    filler = b"<!-- " + os.urandom(6_000).hex().encode() + b" -->"
    record = five.warc_record(FIVE[n % 5])
    length = int(record.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    return record.replace(b"Content-Length: %d" % length, b"Content-Length: %d" % (length + len(filler)))[:-4] + filler + b"\r\n\r\n"


@settings(max_examples=6, deadline=None)
@given(parts=st.integers(1, 9), compress=st.booleans(), cut=st.integers(0, 100_000))
def test_parts_of_a_file_are_the_whole_file_in_order(
    parts: int, compress: bool, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("crawl") / "all.warc"
    data = gzip.compress(_crawl()) if compress else _crawl()
    path.write_bytes(data[: len(data) - cut])

    def read_in(number: int) -> tuple[list[RawDocument], Counter[str]]:
        raws: list[RawDocument] = []
        skipped: Counter[str] = Counter()
        for part in range(number):
            with path.open("rb") as stream:
                share = feeder.Share.of(part, number, path.stat().st_size)
                raws += reader.read(stream, RawDocument("all.warc", b""), POLICY, skipped=skipped, share=share)
        return raws, skipped

    with feeder.reader() as reader:
        assert read_in(parts) == read_in(1)


def test_a_large_file_is_shared_between_tasks_and_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "raw" / DAY / "crawl"
    folder.mkdir(parents=True)
    (folder / "all.warc").write_bytes(_crawl())
    (folder / "z.jsonl").write_bytes(five.jsonl())
    jobs.run_date(DAY, raw=str(tmp_path / "raw"), home=str(tmp_path / "whole"))
    monkeypatch.setattr(staging, "_LEAST_PART", 1)
    found = jobs.discover(DAY, raw=str(tmp_path / "raw"), home=str(tmp_path / "shared"), chunk_bytes=250_000)
    assert len(found["chunks"]) == 5
    counts = [jobs.clean_chunk(found["plan"], chunk)["records"] for chunk in found["chunks"]]
    assert sum(counts) == 65
    assert max(counts) < 30
    for step in (jobs.merge, jobs.check, jobs.publish):
        step(found["plan"])
    assert snapshot(tmp_path / "shared" / "corpus") == snapshot(tmp_path / "whole" / "corpus")


def test_merge_refuses_parts_that_could_not_be_read_equally_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "raw" / DAY / "crawl"
    folder.mkdir(parents=True)
    (folder / "all.warc").write_bytes(_crawl())
    monkeypatch.setattr(staging, "_LEAST_PART", 1)
    found = jobs.discover(DAY, raw=str(tmp_path / "raw"), home=str(tmp_path / "home"), chunk_bytes=400_000)
    for chunk in found["chunks"]:
        jobs.clean_chunk(found["plan"], chunk)
    (first,) = Path(found["plan"]).glob("parts/00000-*.json")
    first.write_text(json.dumps(json.loads(first.read_text()) | {"fell": {"crawl/all.warc": 7}}))
    with pytest.raises(PlanError, match=r"reading 2026-11-02/crawl/all\.warc ended after record 7 in one clean task"):
        jobs.merge(found["plan"])
