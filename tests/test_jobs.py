"""A date's run through its five steps: the same bytes whatever the circumstances, and the old date when in doubt."""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from copydesk import Policy, jobs
from copydesk.corpus import commit, landing, reading_back, staging, staleness
from copydesk.errors import CheckFailed, PlanError, PublishConflict, SettingError
from tests.trees import make, snapshot

DAY = "2026-11-02"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return make(tmp_path / "raw", DAY)


def _run(raw: Path, home: Path, **how: object) -> dict[str, object]:
    return jobs.run_date(DAY, raw=str(raw), home=str(home), **how)  # type: ignore[arg-type]


def test_every_file_arrives_somewhere(raw: Path, tmp_path: Path) -> None:
    event = _run(raw, tmp_path / "home")
    assert (event["files"], event["articles"], event["rejects"], event["duplicates"]) == (15, 13, 2, 1)
    rejects = {r["id"]: r["reason"] for r in reading_back.rejects(str(tmp_path / "home"), DAY)}
    assert rejects == {"wire/empty.txt": "empty", "notes/junk.html": "binary"}
    articles = list(reading_back.articles(str(tmp_path / "home"), DAY))
    assert [(a["source"], a["id"]) for a in articles] == sorted((a["source"], a["id"]) for a in articles)
    assert [a["duplicate_of"] for a in articles if a["id"] == "wire/copy.txt"] == ["wire/0000.txt"] or [
        a["duplicate_of"] for a in articles if a["id"] == "wire/0000.txt"
    ] == [None]


def test_the_same_date_gives_the_same_bytes(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _run(raw, tmp_path / "home")
    expected = snapshot(tmp_path / "home" / "corpus")
    assert len(expected) == 2
    _run(raw, tmp_path / "home", force=True)
    assert snapshot(tmp_path / "home" / "corpus") == expected, "again"
    _run(raw, tmp_path / "two", workers=2)
    assert snapshot(tmp_path / "two" / "corpus") == expected, "two workers"
    _run(raw, tmp_path / "small", chunk_bytes=300)
    assert snapshot(tmp_path / "small" / "corpus") == expected, "other chunks"
    shutil.copytree(raw, tmp_path / "elsewhere" / "raw")
    _run(tmp_path / "elsewhere" / "raw", tmp_path / "moved")
    assert snapshot(tmp_path / "moved" / "corpus") == expected, "another root"
    paths = landing._paths

    def shuffled(*args: object) -> list[str]:
        found = list(paths(*args))  # type: ignore[arg-type]
        random.Random(7).shuffle(found)
        return found

    monkeypatch.setattr(landing, "_paths", shuffled)
    _run(raw, tmp_path / "shuffled")
    assert snapshot(tmp_path / "shuffled" / "corpus") == expected, "shuffled listing"


def test_a_vanished_folder_leaves_the_date_as_it_was(raw: Path, tmp_path: Path) -> None:
    _run(raw, tmp_path / "home")
    before = snapshot(tmp_path / "home" / "corpus")
    shutil.rmtree(raw / DAY)
    with pytest.raises(CheckFailed, match="0 rows would replace 15 published ones"):
        _run(raw, tmp_path / "home")
    assert snapshot(tmp_path / "home" / "corpus") == before
    event = _run(raw, tmp_path / "home", allow_shrink=True)
    assert event["articles"] == 0
    assert list(reading_back.articles(str(tmp_path / "home"), DAY)) == []
    assert list(reading_back.rejects(str(tmp_path / "home"), DAY)) == []


def test_a_smaller_date_is_published_whole_when_allowed(raw: Path, tmp_path: Path) -> None:
    _run(raw, tmp_path / "home")
    shutil.rmtree(raw / DAY / "gazette")
    shutil.rmtree(raw / DAY / "notes")
    with pytest.raises(CheckFailed):
        _run(raw, tmp_path / "home")
    _run(raw, tmp_path / "home", allow_shrink=True)
    assert {a["source"] for a in reading_back.articles(str(tmp_path / "home"), DAY)} == {"wire"}


def test_a_date_that_never_had_files_is_an_empty_valid_result(raw: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    event = jobs.run_date("2026-01-01", raw=str(raw), home=str(tmp_path / "home"))
    assert (event["articles"], event["rejects"], event["published"]) == (0, 0, True)
    assert "2026-01-01: no files of that date below" in caplog.text


def test_a_folder_that_cannot_be_listed_arrives_as_a_reject(raw: Path, tmp_path: Path) -> None:
    import os

    here = os.open(raw / DAY / "wire", os.O_RDONLY)
    for _ in range(17):  # deeper than any path that the system takes
        os.mkdir("d" * 250, dir_fd=here)
        here, above = os.open("d" * 250, os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    event = _run(raw, tmp_path / "home")
    assert (event["articles"], event["rejects"]) == (13, 3)
    details = [r["detail"] for r in reading_back.rejects(str(tmp_path / "home"), DAY) if r["reason"] == "unreadable"]
    assert len(details) == 1
    assert "File name too long" in details[0]


def test_a_raw_root_given_as_a_file_uri_is_the_same(raw: Path, tmp_path: Path) -> None:
    _run(raw, tmp_path / "home")
    jobs.run_date(DAY, raw=raw.as_uri(), home=(tmp_path / "two").as_uri())
    assert snapshot(tmp_path / "two" / "corpus") == snapshot(tmp_path / "home" / "corpus")


@pytest.mark.parametrize("date", ["../..", "2026-13-01", "yesterday", ""])
def test_what_is_no_date_is_refused_before_anything_is_written(date: str, raw: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="is not a date"):
        jobs.discover(date, raw=str(raw), home=str(tmp_path / "home"))
    assert not (tmp_path / "home").exists()


def test_a_raw_root_that_does_not_exist_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="COPYDESK_RAW"):
        _run(tmp_path / "nowhere", tmp_path / "home")


def test_a_dry_run_publishes_nothing_and_stays_to_be_looked_at(raw: Path, tmp_path: Path) -> None:
    event = _run(raw, tmp_path / "home", dry_run=True, overrides={"quotes": "straight"})
    assert event["published"] is False
    assert Path(str(event["articles_path"])).exists()
    assert reading_back.dates(str(tmp_path / "home")) == []


def test_overrides_need_a_dry_run(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="dry_run"):
        _run(raw, tmp_path / "home", overrides={"quotes": "straight"})


def test_a_raw_file_that_changes_after_the_plan_stops_the_run(raw: Path, tmp_path: Path) -> None:
    plan = jobs.discover(DAY, raw=str(raw), home=str(tmp_path / "home"))
    (raw / DAY / "wire" / "0000.txt").write_text("Other words now.")
    with pytest.raises(PlanError, match=r"wire/0000\.txt changed since the plan"):
        jobs.clean_chunk(plan["plan"], 0)


def test_merge_refuses_missing_chunks(raw: Path, tmp_path: Path) -> None:
    plan = jobs.discover(DAY, raw=str(raw), home=str(tmp_path / "home"), chunk_bytes=500)
    jobs.clean_chunk(plan["plan"], 0)
    with pytest.raises(PlanError, match="were not cleaned"):
        jobs.merge(plan["plan"])


def test_merge_refuses_parts_of_another_plan(raw: Path, tmp_path: Path) -> None:
    first = jobs.discover(DAY, raw=str(raw), home=str(tmp_path / "home"))
    jobs.clean_chunk(first["plan"], 0)
    second = jobs.discover(DAY, raw=str(raw), home=str(tmp_path / "home"))
    for part in (Path(first["plan"]) / "parts").iterdir():
        shutil.copy(part, Path(second["plan"]) / "parts")
    with pytest.raises(PlanError, match="belongs to plan"):
        jobs.merge(second["plan"])


def _staged(raw: Path, home: Path) -> str:
    plan: str = jobs.discover(DAY, raw=str(raw), home=str(home))["plan"]
    jobs.clean_chunk(plan, 0)
    jobs.merge(plan)
    jobs.check(plan)
    return plan


def test_of_two_runs_of_a_date_the_later_publisher_loses(raw: Path, tmp_path: Path) -> None:
    first = _staged(raw, tmp_path / "home")
    (raw / DAY / "wire" / "late.txt").write_text("Late story\n\nThis one came in after the first plan was made.")
    second = _staged(raw, tmp_path / "home")
    jobs.publish(second)
    after = snapshot(tmp_path / "home" / "corpus")
    with pytest.raises(PublishConflict, match="another run published"):
        jobs.publish(first)
    assert snapshot(tmp_path / "home" / "corpus") == after


def test_a_run_planned_before_another_published_loses_though_it_listed_later(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    listed = landing.landed

    def slowly(*asked: object) -> object:
        files = listed(*asked)  # type: ignore[arg-type]
        monkeypatch.undo()
        (raw / DAY / "wire" / "late.txt").write_text("Late story\n\nThis one came in while the first run was listing.")
        _run(raw, home)
        return files

    monkeypatch.setattr(landing, "landed", slowly)
    plan = _staged(raw, home)
    with pytest.raises(PublishConflict, match="another run published"):
        jobs.publish(plan)
    assert "wire/late.txt" in {a["id"] for a in reading_back.articles(str(home), DAY)}


def test_publish_may_be_repeated_when_its_answer_was_lost(raw: Path, tmp_path: Path) -> None:
    plan = _staged(raw, tmp_path / "home")
    assert jobs.publish(plan) == jobs.publish(plan)


def test_a_late_merge_never_writes_into_the_published_file(raw: Path, tmp_path: Path) -> None:
    plan = _staged(raw, tmp_path / "home")
    published = commit.publish(staging.load(plan))
    jobs.merge(plan)
    assert not published.samefile(Path(plan) / "articles.parquet")


def test_two_attempts_at_a_chunk_do_not_collide(raw: Path, tmp_path: Path) -> None:
    plan = jobs.discover(DAY, raw=str(raw), home=str(tmp_path / "home"))["plan"]
    jobs.clean_chunk(plan, 0)
    jobs.clean_chunk(plan, 0)
    assert jobs.merge(plan)["articles"] == 13


def test_the_corpus_folder_holds_nothing_but_tables(raw: Path, tmp_path: Path) -> None:
    _run(raw, tmp_path / "home")
    names = set(snapshot(tmp_path / "home" / "corpus"))
    assert names == {f"{t}/date={DAY}/{t}.parquet" for t in ("articles", "rejects")}
    assert list((tmp_path / "home" / "state" / "staging").rglob("*.parquet")) == []


def _stale(raw: Path, home: Path, policy: Policy | None = None) -> list[str]:
    return [str(cause) for cause in staleness.stale(str(home), DAY, landing.landed(str(raw), DAY), jobs.versions(policy or Policy()))]


def test_a_date_is_stale_for_a_reason(raw: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert _stale(raw, home) == ["missing"]
    _run(raw, home)
    assert _stale(raw, home) == []
    assert _stale(raw, home, Policy(quotes="straight")) == ["policy changed"]
    (raw / DAY / "wire" / "late.txt").write_text("Late story\n\nThis one came in later.")
    assert _stale(raw, home) == ["input changed (1 new: wire/late.txt)"]
    _run(raw, home)
    reading_back.path(str(home), "rejects", DAY).write_bytes(b"")
    assert _stale(raw, home) == ["torn pair"]
    _run(raw, home)
    assert _stale(raw, home) == []


def test_staleness_names_new_changed_and_vanished_files(raw: Path, tmp_path: Path) -> None:
    _run(raw, tmp_path / "home")
    wire = raw / DAY / "wire"
    (wire / "late.txt").write_text("Late story\n\nThis one came in later.")
    (wire / "later.txt").write_text("Later story\n\nThis one came in later still.")
    (wire / "copy.txt").write_text("Another story\n\nIt is no longer a copy.")
    (wire / "empty.txt").unlink()  # a reject, not an article
    why = "input changed (2 new: wire/late.txt ..., 1 changed: wire/copy.txt, 1 gone: wire/empty.txt)"
    assert _stale(raw, tmp_path / "home") == [why]


def test_new_weights_rules_or_lexicons_show_as_a_new_model(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _run(raw, tmp_path / "home")
    monkeypatch.setattr("copydesk.labelling.digest", lambda: "another")
    assert _stale(raw, tmp_path / "home") == ["model changed"]
    monkeypatch.setattr("copydesk.pipeline.CLEANING_VERSION", 0)
    assert _stale(raw, tmp_path / "home") == ["model changed", "code changed"]


def test_a_date_that_is_not_stale_is_not_cleaned_again_unless_forced(raw: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    home = tmp_path / "home"
    first = _run(raw, home)
    inode = reading_back.articles_path(str(home), DAY).stat().st_ino
    caplog.set_level("INFO", "copydesk")
    again = _run(raw, home)
    assert again == first | {"published": False}
    assert f"{DAY} is up to date: 15 files" in caplog.text
    assert reading_back.articles_path(str(home), DAY).stat().st_ino == inode
    assert _run(raw, home, force=True) == first
    assert reading_back.articles_path(str(home), DAY).stat().st_ino != inode
    (home / "state" / "policy.toml").write_text('quotes = "straight"\n')
    assert _run(raw, home)["published"] is True


def test_a_dry_run_looks_at_a_date_that_is_not_stale_too(raw: Path, tmp_path: Path) -> None:
    _run(raw, tmp_path / "home")
    event = _run(raw, tmp_path / "home", dry_run=True)
    assert Path(str(event["articles_path"])).is_relative_to(tmp_path / "home" / "state")


def test_the_audit_lists_the_stale_dates_with_why(raw: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for day in ("2026-11-03", "2026-11-04"):
        make(raw, day, 3)
    (raw / "not-a-date").mkdir()
    _run(raw, home)
    jobs.run_date("2026-11-04", raw=str(raw), home=str(home))
    assert [(found["date"], found["why"], found["input_only"]) for found in jobs.audit(str(raw), str(home))] == [
        ("2026-11-03", ["missing"], False)
    ]
    shutil.rmtree(raw / "2026-11-04")
    missing, vanished = jobs.audit(str(raw), str(home))
    assert vanished["why"][0].startswith("input changed (6 gone")
    assert vanished["input_only"]
    assert jobs.audit(str(raw), str(home), since="2026-11-04") == [vanished]
    (raw / "2026-11-03" / "wire" / "late.txt").write_text("Late story\n\nThis one came in later.")
    assert jobs.audit(str(raw), str(home))[0]["input"] != missing["input"]


def _fortnight(raw: Path, home: Path) -> None:
    """Eight published dates of one source, thirty pages each."""
    for day in range(1, 9):
        _pages(raw, f"2026-10-{day:02d}", "<p>The bridge opened on Friday after months of work, the council said in a statement.</p>" * 4)
        jobs.run_date(f"2026-10-{day:02d}", raw=str(raw), home=str(home))


def _pages(raw: Path, day: str, body: str) -> None:
    folder = raw / day / "gazette"
    folder.mkdir(parents=True)
    for n in range(30):
        (folder / f"{n}.html").write_text(f"<title>Bridge {n}</title><article><h1>Bridge {n}</h1>{body}<p>Story {n} {day}.</p></article>")


def test_a_source_whose_pages_changed_is_stopped_and_published_when_the_gate_is_raised(tmp_path: Path) -> None:
    raw, home = tmp_path / "raw", tmp_path / "home"
    _fortnight(raw, home)
    _pages(raw, "2026-10-09", "<p>The council met again.</p>")
    before = snapshot(home / "corpus")
    with pytest.raises(CheckFailed, match=r"gazette: \d+ words an article, the median of 8 dates before is \d+; gate `length`") as caught:
        jobs.run_date("2026-10-09", raw=str(raw), home=str(home))
    assert snapshot(home / "corpus") == before
    staged = next((home / "state" / "staging" / "2026-10-09").iterdir())
    assert f"Look at the staged files in {staged}" in str(caught.value)
    assert (staged / "articles.parquet").exists()
    assert jobs.run_date("2026-10-09", raw=str(raw), home=str(home), gates={"length": 100, "kept": 1, "language": 1})["published"]


def test_only_dates_of_the_same_policy_are_compared(tmp_path: Path) -> None:
    raw, home = tmp_path / "raw", tmp_path / "home"
    _fortnight(raw, home)
    _pages(raw, "2026-10-09", "<p>Read more.</p>")
    (home / "state" / "policy.toml").write_text('quotes = "straight"\n')
    assert jobs.run_date("2026-10-09", raw=str(raw), home=str(home))["published"]


def test_an_id_that_stands_twice_is_never_published(raw: Path, tmp_path: Path) -> None:
    plan = _staged(raw, tmp_path / "home")
    with pq.ParquetFile(Path(plan) / "articles.parquet") as staged:
        once, footer = staged.read(), reading_back.read_footer(Path(plan) / "articles.parquet")
    twice = pa.concat_tables([once, once.slice(0, 1)]).replace_schema_metadata(footer)
    pq.write_table(twice, Path(plan) / "articles.parquet")
    with pytest.raises(CheckFailed, match=r"articles has the id gazette/0001\.html twice"):
        jobs.check(plan)


def test_reruns_are_few_of_dates_stale_by_their_files_and_named_by_them(raw: Path, tmp_path: Path) -> None:
    for day in ("2026-11-03", "2026-11-04", "2026-11-05"):
        make(raw, day, 3)
    for day in (DAY, "2026-11-03", "2026-11-04"):
        jobs.run_date(day, raw=str(raw), home=str(tmp_path / "home"))
        (raw / day / "wire" / "late.txt").write_text(f"Late story\n\nThis one of {day} came in later.")
    found = jobs.audit(str(raw), str(tmp_path / "home"))
    assert [date["date"] for date in found] == [DAY, "2026-11-03", "2026-11-04", "2026-11-05"]
    two = jobs.reruns(found, 2)
    assert [run["conf"]["date"] for run in two] == ["2026-11-04", "2026-11-03"]
    assert two == jobs.reruns(jobs.audit(str(raw), str(tmp_path / "home")), 2), "the same files, the same names"
    (raw / "2026-11-04" / "wire" / "later.txt").write_text("Later story\n\nThis one came in later still.")
    again = jobs.reruns(jobs.audit(str(raw), str(tmp_path / "home")), 2)
    assert [a["trigger_run_id"] == b["trigger_run_id"] for a, b in zip(two, again, strict=True)] == [False, True]
    assert jobs.reruns(found, 0) == []


def test_the_event_and_the_log_tell_what_went_and_why(raw: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "copydesk")
    event = _run(raw, tmp_path / "home")
    assert event["raw_bytes"] == sum(p.stat().st_size for p in raw.rglob("*") if p.is_file())
    assert event["rejected"] == {"binary": 1, "empty": 1}
    removed: Counter[str] = Counter()
    for row in reading_back.articles(str(tmp_path / "home"), DAY):
        for cut in row["removed"]:
            removed[cut["reason"]] += cut["end"] - cut["start"]
    assert removed
    assert event["removed"] == removed
    assert re.search(r"rejected, binary +1\n", caplog.text)
    assert "rejected notes/junk.html (binary)" in caplog.text


def test_old_plans_are_swept_unless_held_or_kept(raw: Path, tmp_path: Path) -> None:
    import os

    home = tmp_path / "home"
    plans = [jobs.discover(DAY, raw=str(raw), home=str(home))["plan"] for _ in range(3)]
    staging.keep(staging.load(plans[1]), "to be looked at")
    with staging.held(staging.load(plans[2])):
        for plan in plans:
            os.utime(plan, (0, 0))
        assert [str(p) for p in staging.sweep(str(home))] == [plans[0]]
    assert [Path(p).exists() for p in plans] == [False, True, True]


def test_odd_file_names_and_links_arrive_somewhere(raw: Path, tmp_path: Path) -> None:
    import os

    wire = raw / DAY / "wire"
    (tmp_path / "outside.txt").write_text("Secret\n\nNot ours.")
    (wire / "link.txt").symlink_to(tmp_path / "outside.txt")
    (wire / "folder").symlink_to(tmp_path)
    (wire / os.fsdecode(b"latin-\xe9.txt")).write_bytes(b"A headline\n\nA sentence that is long enough to stay.")
    (wire / "_SUCCESS").write_text("")
    _run(raw, tmp_path / "home")
    ids = {a["id"] for a in reading_back.articles(str(tmp_path / "home"), DAY)}
    assert "wire/latin-\\xe9.txt" in ids
    rejects = {r["id"]: r["detail"] for r in reading_back.rejects(str(tmp_path / "home"), DAY)}
    assert "leads out of the raw root" in rejects["wire/link.txt"]
    assert "wire/folder" in rejects
    assert "wire/_SUCCESS" not in ids | set(rejects)


def test_the_policy_of_a_date_is_in_its_footer(raw: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "state").mkdir(parents=True)
    (home / "state" / "policy.toml").write_text('quotes = "straight"\n')
    _run(raw, home)
    assert reading_back.footer(str(home), DAY)[reading_back.POLICY] == jobs.versions(Policy(quotes="straight"))[reading_back.POLICY]
    (home / "state" / "policy.toml").write_text('quotas = "straight"\n')
    with pytest.raises(SettingError, match=r"policy\.toml: unknown setting 'quotas'"):
        _run(raw, home)
