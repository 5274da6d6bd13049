"""The DAG `clean_articles`, run by a real Airflow over small trees."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from copydesk import jobs
from copydesk.corpus import reading_back
from tests.dags.conftest import Ran
from tests.trees import make, snapshot

DATE = "2026-11-02"
LATER = datetime(2026, 11, 9, tzinfo=UTC)
OLD = datetime(2026, 3, 9, tzinfo=UTC)
Run = Callable[..., Ran]
pytestmark = pytest.mark.usefixtures("raw", "home")  # every run has a date to clean and a home of its own


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A raw root with one date, named in the environment."""
    monkeypatch.setenv("COPYDESK_RAW", str(tmp_path / "raw"))
    return make(tmp_path / "raw", DATE)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COPYDESK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def published(home: Path) -> list[str]:
    return sorted(path.parent.name for path in (home / "corpus" / "articles").glob("*/articles.parquet"))


def test_dags_load_without_errors_and_have_the_promised_names(bag: Any) -> None:
    assert bag.import_errors == {}
    assert sorted(bag.dags) == ["articles_by_source", "audit_corpus", "clean_articles"]


def test_a_days_run_covers_that_day_in_utc_and_nothing_is_caught_up(bag: Any) -> None:
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    dag = bag.dags["clean_articles"]
    first = TimeRestriction(earliest=datetime(2026, 11, 2, tzinfo=UTC), latest=None, catchup=True)
    info = coerce_to_core_timetable(dag.timetable).next_dagrun_info(last_automated_data_interval=None, restriction=first)
    assert info is not None
    assert (info.data_interval.start, info.data_interval.end) == (first.earliest, first.earliest + timedelta(days=1))
    assert dag.catchup is False


def test_the_tasks_follow_each_other_and_tell_the_person_on_call_what_to_do(bag: Any) -> None:
    dag = bag.dags["clean_articles"]
    steps = ["discover", "clean", "merge", "check", "publish"]
    assert [task.task_id for task in dag.topological_sort()] == steps
    assert dag.doc_md
    for task in dag.tasks:
        assert "Red:" in task.doc_md, task.task_id
        assert task.retries >= 1, task.task_id
        assert task.retry_exponential_backoff, task.task_id
        assert task.execution_timeout, task.task_id


@pytest.mark.parametrize("dag", ["clean_articles", "audit_corpus"])
def test_every_parameter_is_explained_in_the_trigger_form(bag: Any, dag: str) -> None:
    params = bag.dags[dag].params
    for name in params:
        assert params.get_param(name).description, name


@pytest.mark.parametrize(
    "conf",
    [
        {"date": "yesterday"},
        {"date": "2026-02-30"},
        {"chunk_megabytes": 0},
        {"dry_run": "maybe"},
        {"policy": "quotes"},
        {"policy": {"quotas": "straight"}},
        {"policy": {"quotes": "curly"}},
        {"gates": {"rejected": "all"}},
        {"gates": {"rejects": 1}},
    ],
    ids=str,
)
def test_the_trigger_form_refuses_what_no_run_can_use(bag: Any, conf: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    params = bag.dags["clean_articles"].params
    params.validate()
    with pytest.raises(ParamValidationError):
        params.update(conf)


def test_a_manual_run_publishes_its_date_over_mapped_chunks(run: Run, raw: Path, home: Path, tmp_path: Path) -> None:
    for n in range(3):
        (raw / DATE / "wire" / f"large{n}.html").write_bytes(bytes(range(256)) * 2400)
    ran = run("clean_articles", {"date": DATE, "chunk_megabytes": 1}, logical_date=LATER)
    assert ran.state == "success"
    assert "clean[1]" in ran.tasks
    assert set(ran.tasks.values()) == {"success"}
    assert published(home) == [f"date={DATE}"]
    jobs.run_date(DATE, raw=str(raw), home=str(tmp_path / "other"))
    assert snapshot(home / "corpus") == snapshot(tmp_path / "other" / "corpus")


def test_the_asset_event_tells_what_was_published(run: Run, raw: Path, home: Path) -> None:
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import select

    ran = run("clean_articles", {"date": DATE})
    with create_session() as session:
        (event,) = session.scalars(select(AssetEvent).where(AssetEvent.source_run_id == ran.run_id))
        extra = event.extra
    footer = reading_back.footer(str(home), DATE)
    assert extra["date"] == DATE
    assert extra["policy"] == footer[reading_back.POLICY]
    assert extra["articles"] + extra["rejects"] == len(list(raw.rglob("*.*")))
    assert Path(extra["articles_path"]).is_relative_to(home)


@pytest.mark.parametrize("run_type", ["scheduled", "backfill"])
def test_a_scheduled_or_backfilled_run_publishes_its_intervals_day(run: Run, raw: Path, home: Path, run_type: str) -> None:
    make(raw, "2026-11-03")
    ran = run("clean_articles", {}, run_type=run_type, logical_date=datetime(2026, 11, 2, tzinfo=UTC))
    assert ran.state == "success"
    assert published(home) == [f"date={DATE}"]


def _weight(ran: Ran) -> int:
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        (weight,) = set(session.scalars(select(TaskInstance.priority_weight).where(TaskInstance.run_id == ran.run_id)))
    return int(weight)


def test_where_slots_are_few_todays_run_goes_before_a_backfill_of_old_dates(run: Run) -> None:
    yesterday = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    old, today = (run("clean_articles", {}, run_type=kind, logical_date=at) for kind, at in (("backfill", OLD), ("scheduled", yesterday)))
    by_hand = run("clean_articles", {"date": DATE})
    assert _weight(old) < _weight(today) == _weight(by_hand)


@pytest.mark.parametrize("run_type", ["scheduled", "backfill"])
def test_a_date_typed_into_the_backfill_form_is_refused(run: Run, home: Path, run_type: str, capfd: pytest.CaptureFixture[str]) -> None:
    ran = run("clean_articles", {"date": DATE}, run_type=run_type, logical_date=LATER)
    assert ran.state == "failed"
    assert ran.tasks["discover"] == "failed"
    assert "leave the parameter `date` empty" in capfd.readouterr().out
    assert published(home) == []


def test_a_run_that_another_dag_triggers_publishes_the_date_that_it_is_given(run: Run, home: Path) -> None:
    assert run("clean_articles", {"date": DATE}, run_type="operator_triggered", logical_date=LATER).state == "success"
    assert published(home) == [f"date={DATE}"]


def test_a_manual_run_without_a_date_is_refused(run: Run, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ran = run("clean_articles", {}, logical_date=LATER)
    assert ran.tasks["discover"] == "failed"
    assert "a manual run needs the parameter `date`" in capfd.readouterr().out
    assert published(home) == []


def test_a_date_without_files_reaches_publish(run: Run, raw: Path, home: Path) -> None:
    (raw / "2026-11-08").mkdir()
    ran = run("clean_articles", {"date": "2026-11-08"})
    assert ran.state_of("clean") == {"skipped"}
    assert ran.tasks["publish"] == "success"
    assert list(reading_back.articles(str(home), "2026-11-08")) == []


def test_a_date_that_is_up_to_date_is_skipped_unless_forced(run: Run, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("clean_articles", {"date": DATE}).state == "success"
    before = snapshot(home / "corpus")
    again = run("clean_articles", {"date": DATE})
    assert again.state == "success"
    assert set(again.tasks.values()) == {"skipped"}
    assert f"{DATE} is up to date; set `force` to clean it again" in capfd.readouterr().out
    forced = run("clean_articles", {"date": DATE, "force": True})
    assert set(forced.tasks.values()) == {"success"}
    assert snapshot(home / "corpus") == before


@pytest.mark.parametrize("loss", ["the files", "the whole root"])
def test_a_failing_run_leaves_the_published_date_as_it_was(run: Run, raw: Path, home: Path, loss: str) -> None:
    assert run("clean_articles", {"date": DATE}).state == "success"
    before = snapshot(home / "corpus")
    shutil.rmtree(raw / DATE if loss == "the files" else raw)
    ran = run("clean_articles", {"date": DATE})
    assert ran.state == "failed"
    assert ran.tasks["publish"] == "upstream_failed"
    assert snapshot(home / "corpus") == before


def test_a_date_that_really_shrank_is_published_when_allowed(run: Run, raw: Path, home: Path) -> None:
    assert run("clean_articles", {"date": DATE}).state == "success"
    shutil.rmtree(raw / DATE / "wire")
    shutil.rmtree(raw / DATE / "notes")
    assert run("clean_articles", {"date": DATE}).tasks["check"] == "failed"
    assert run("clean_articles", {"date": DATE, "allow_shrink": True}).state == "success"
    assert {row["source"] for row in reading_back.articles(str(home), DATE)} == {"gazette"}


def test_a_gate_stops_a_date_until_it_is_raised(run: Run, raw: Path, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for path in raw.rglob("*.*"):
        path.write_bytes(bytes(range(256)))
    assert run("clean_articles", {"date": DATE}).tasks["check"] == "failed"
    assert "15 of 15 documents were rejected, 100%; gate `rejected` allows 30%" in capfd.readouterr().out
    assert published(home) == []
    assert run("clean_articles", {"date": DATE, "gates": {"rejected": 1}}).state == "success"


def test_a_dry_run_stages_under_its_overrides_and_publishes_nothing(run: Run, home: Path) -> None:
    ran = run("clean_articles", {"date": DATE, "dry_run": True, "policy": {"quotes": "straight"}})
    assert (ran.tasks["check"], ran.tasks["publish"]) == ("success", "skipped")
    assert published(home) == []
    assert list((home / "state" / "staging" / DATE).rglob("articles.parquet"))


def test_overrides_without_a_dry_run_are_refused(run: Run, home: Path) -> None:
    assert run("clean_articles", {"date": DATE, "policy": {"quotes": "straight"}}).tasks["discover"] == "failed"
    assert published(home) == []


@pytest.mark.parametrize("name", ["COPYDESK_RAW", "COPYDESK_HOME"])
def test_a_missing_setting_is_named(run: Run, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv(name)
    assert run("clean_articles", {"date": DATE}).tasks["discover"] == "failed"
    assert f"{name} is not set" in capfd.readouterr().out


def test_files_that_land_elsewhere_are_found_by_discover(run: Run, raw: Path, home: Path) -> None:
    (raw / DATE).rename(raw / "moved")
    for source in ("wire", "gazette", "notes"):
        (raw / source / "2026" / "11").mkdir(parents=True)
        (raw / "moved" / source).rename(raw / source / "2026" / "11" / "02")
    (home / "state").mkdir(parents=True)
    (home / "state" / "sources.yaml").write_text("landing:\n  - path: '{source}/{date:%Y/%m/%d}/**'\n")
    assert run("clean_articles", {"date": DATE}).state == "success"
    ids = [row["id"] for row in reading_back.articles(str(home), DATE)]
    assert len(ids) == 13
    assert "wire/2026/11/02/0000.txt" in ids
