"""Late files by night: the audit finds them, cleans them when it may, once a state of the files, and never runs in circles."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from copydesk import jobs
from copydesk.corpus import reading_back
from tests.live.api import Api, wait_until
from tests.live.up import Up

# Dates of these tests alone, copies of those of seeds/: what follows upon publishing them must not show in other tests.
COPIES = {"2026-11-08": "2026-11-02", "2026-11-09": "2026-11-03", "2026-11-10": "2026-11-05"}
FIRST, SECOND, DATE = COPIES


@pytest.fixture(autouse=True, scope="module")
def _dates(airflow: Up) -> None:
    for date, of in COPIES.items():
        shutil.copytree(airflow.raw / of, airflow.raw / date)


@pytest.fixture
def auditing(api: Api) -> Iterator[None]:
    api.pause("audit_corpus", paused=False)
    yield
    api.pause("audit_corpus")


def _stale(airflow: Up) -> list[str]:
    return [found["date"] for found in jobs.audit(str(airflow.raw), str(airflow.home), since=DATE) if found["date"] == DATE]


def _audit(api: Api) -> dict[str, str]:
    """The tasks of an audit by hand that may clean two dates again, when it and what it triggered have ended."""
    run = api.trigger({"days": 3650, "reruns": 2}, "audit_corpus")
    assert api.wait_for_run(run, "audit_corpus")["state"] == "success"
    wait_until(lambda: all(found["state"] in {"success", "failed"} for found in _triggered(api)), "what it triggered to end", 300)
    return api.tasks(run, "audit_corpus")


def _triggered(api: Api) -> list[dict[str, Any]]:
    found = api.get("dags/clean_articles/dagRuns", order_by="-run_after", limit=100)["dag_runs"]
    return [run for run in found if run["dag_run_id"].startswith("audit__")]


@pytest.mark.usefixtures("auditing")
def test_a_late_file_is_cleaned_once_and_a_failing_date_is_left_to_a_person(airflow: Up, api: Api) -> None:
    api.wait_for_run(api.trigger({"date": DATE}))
    assert _stale(airflow) == []
    (airflow.raw / DATE / "wire-desk" / "late.txt").write_text("Late story\n\nThis one came in when the date was published already.\n")
    assert _stale(airflow) == [DATE]
    assert _audit(api)["clean_again[0]"] == "success"
    (first,) = _triggered(api)
    assert first["state"] == "success"
    assert "1 new: wire-desk/late.txt" in first["note"]
    assert _stale(airflow) == []
    assert "wire-desk/late.txt" in {row["id"] for row in reading_back.articles(str(airflow.home), DATE)}

    for folder in ("wire-desk", "nordwind", "harbour-gazette"):
        shutil.rmtree(airflow.raw / DATE / folder)
    assert _audit(api)["clean_again[0]"] == "success"
    assert {run["state"] for run in _triggered(api)} == {"success", "failed"}, "check stops the date that shrank"
    assert _audit(api)["clean_again[0]"] == "skipped", "the same files again: Airflow answers 409"
    assert len(_triggered(api)) == 2


@pytest.mark.usefixtures("auditing")
def test_publishing_wakes_the_audit_which_then_only_lists(api: Api) -> None:
    api.wait_for_run(api.trigger({"date": FIRST, "force": True}))
    wait_until(lambda: bool(_woken(api, "audit_corpus")), "an audit after the asset's event", 300)
    assert api.tasks(_woken(api, "audit_corpus")[0], "audit_corpus")["choose"] == "skipped"


def _woken(api: Api, dag: str) -> list[str]:
    """The runs of a DAG that asset events started and that have ended well."""
    found = api.get(f"dags/{dag}/dagRuns", run_type="asset_triggered")["dag_runs"]
    return [run["dag_run_id"] for run in found if run["state"] == "success"]


def test_the_example_that_follows_handles_every_published_date(airflow: Up, api: Api) -> None:
    api.pause("articles_by_source", paused=False)
    for date in (FIRST, SECOND):
        api.trigger({"date": date, "force": True})
    folder = airflow.home / "downstream" / "articles_by_source"
    wait_until(lambda: {f.stem for f in folder.glob("*.csv")} >= {FIRST, SECOND}, "both dates downstream", 120)
    api.pause("articles_by_source")
    assert "wire-desk,en," in (folder / f"{FIRST}.csv").read_text()
