"""The command: its contract, its exit statuses, and its manners in pipes and on terminals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from copydesk.corpus import reading_back
from tests.development import BENCH, needs
from tests.gold import SEEDS
from tests.trees import make, snapshot

DAY = "2026-11-02"


def _copydesk(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "copydesk", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert not check or done.returncode == 0, done.stderr
    return done


@needs("sample.txt")
def test_the_sample_is_cleaned_exactly() -> None:
    """The file that started the project: nine paragraphs stay as they are, the nine lines of the pitch go."""
    visible = (BENCH / "sample.txt").read_text(encoding="utf-8")
    gold = json.loads((BENCH / "sample.jsonl").read_text(encoding="utf-8"))["blocks"]
    row = json.loads(_copydesk("clean", BENCH / "sample.txt").stdout)
    assert row["status"] == "clean"
    assert row["title"] == gold[0]["text"]
    assert row["text"] == "\n\n".join(b["text"] for b in gold[1:] if b["label"] == "content")
    ads = [b for b in gold if b["label"] == "ad"]
    assert len(ads) == len(row["removed"]) == 9
    assert [(r["start"], r["end"]) for r in row["removed"]] == [(b["start"], b["end"]) for b in ads]
    for cut in row["removed"]:
        assert visible[cut["start"] : cut["end"]] == cut["text"]
        assert cut["label"] == "advertorial"
        assert cut["reason"]
        assert cut["rule"]
        assert 0 <= cut["score"] <= 1


def test_a_folder_gives_one_line_a_document_in_order() -> None:
    done = _copydesk("clean", SEEDS / "raw" / DAY, "--workers", 2)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    files = sorted(p.relative_to(SEEDS / "raw" / DAY).as_posix() for p in (SEEDS / "raw" / DAY).rglob("*") if p.is_file())
    assert [row["id"] for row in rows] == files
    assert done.stderr == ""
    for row in rows:
        assert set(row) == {"id", "uri", "status", "title", "text", "language", "kept", "removed"}


def test_a_rejected_document_says_why_and_strict_fails(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "good.txt").write_text("A headline\n\nA sentence that is long enough, she said.\n")
    done = _copydesk("clean", tmp_path, "--jsonl", tmp_path / "out.jsonl", "--workers", 1)
    rows = {row["id"]: row for row in map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())}
    assert rows["empty.txt"]["status"] == "rejected"
    assert rows["empty.txt"]["error"]["reason"] == "empty"
    assert "1 clean, 1 rejected of 2 files" in done.stderr
    (tmp_path / "out.jsonl").unlink()
    assert _copydesk("clean", tmp_path, "--strict", check=False).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["clean", "nowhere.txt"], "nowhere.txt: no such file or folder"),
        (["clean", ".", "--corpus", "out", "--jsonl", "x"], "choose one"),
        (["clean", "README.md", "--corpus", "out"], "--corpus takes one folder"),
        (["clean", "tests", "--corpus", "out"], "is not a date"),
        (["clean", "README.md", "--policy", "nowhere.toml"], "--policy nowhere.toml"),
        (["clean", "README.md", "--jsonl", "no/such/folder/x.jsonl"], "--jsonl no/such/folder/x.jsonl"),
        (["summary", "nowhere", "--date", DAY], "is not published"),
        (["clean"], "Missing argument"),
    ],
)
def test_unusable_arguments_end_with_status_2_and_one_clear_line(arguments: list[str], says: str) -> None:
    done = _copydesk(*arguments, check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_corpus_writes_what_the_jobs_write(tmp_path: Path) -> None:
    from copydesk import jobs

    raw = make(tmp_path / "raw", DAY)
    _copydesk("clean", raw / DAY, "--corpus", tmp_path / "home")
    jobs.run_date(DAY, raw=str(raw), home=str(tmp_path / "other"))
    assert snapshot(tmp_path / "home" / "corpus") == snapshot(tmp_path / "other" / "corpus")
    printed = _copydesk("summary", tmp_path / "home", "--date", DAY).stdout
    assert "13 articles, 2 rejects" in printed
    assert "same text as" in printed
    assert len(reading_back.dates(str(tmp_path / "home"))) == 1


def test_stale_lists_the_dates_with_why_and_the_backfill_that_mends_them(tmp_path: Path) -> None:
    raw = make(tmp_path / "raw", DAY)
    make(tmp_path / "raw", "2026-11-05", 3)
    where = ("--raw", raw, "--home", tmp_path / "home")
    printed = _copydesk("stale", *where).stdout
    assert "2 stale: backfill clean_articles from 2026-11-02 to 2026-11-05 with All Runs" in printed
    for day in (DAY, "2026-11-05"):
        _copydesk("clean", raw / day, "--corpus", tmp_path / "home")
    assert "Every date is up to date." in _copydesk("stale", *where).stdout
    (raw / DAY / "wire" / "late.txt").write_text("Late story\n\nThis one came in later.")
    printed = _copydesk("stale", *where, "--since", "2026-11-01").stdout
    assert "1 new: wire/late.txt" in printed
    assert "Every date is up to date." in _copydesk("stale", *where, "--since", "2026-11-03").stdout


def test_show_marks_the_cuts_and_never_steers_the_terminal(tmp_path: Path) -> None:
    pitch = "Advertisement\x1b]0; Is your boiler over ten years old? Call us now for a free survey."
    (tmp_path / "a.txt").write_text(f"A headline\n\nWords \x1b[31mred\x1b]0;title\x07 here, he said.\n\n{pitch}\n")
    printed = _copydesk("show", tmp_path / "a.txt").stdout
    assert "\x1b" not in printed
    assert "✂ advertorial: sponsored" in printed
    assert "Advertisement\\x1b]0;" in printed


def test_a_file_that_cannot_be_read_is_a_reject_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "in" / "good.txt").write_text("A headline\n\nA sentence that is long enough, she said.\n")
    rows = [json.loads(line) for line in _copydesk("clean", tmp_path / "in").stdout.splitlines()]
    assert [(r["id"], r["status"]) for r in rows] == [("gone.txt", "rejected"), ("good.txt", "clean")]
    assert "gone.txt: No such file" in rows[0]["error"]["detail"]
