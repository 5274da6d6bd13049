"""Airflow's own database survives what the UI asks of it."""

from __future__ import annotations

from tests.live.api import DAG, Api
from tests.live.up import Up

TRIES = 50


def test_no_backfill_request_is_answered_5xx(airflow: Up, api: Api) -> None:
    before = airflow.where["pids"]
    asked = {"dag_id": DAG, "from_date": "2026-11-02T00:00:00Z", "to_date": "2026-11-06T00:00:00Z", "reprocess_behavior": "completed"}
    answers = []
    for _ in range(TRIES):
        created = api.ask("POST", "backfills", json=asked | {"max_active_runs": 4, "dag_run_conf": {}})
        answers.append(created.status_code)
        if created.is_success:
            answers.append(api.ask("PUT", f"backfills/{created.json()['id']}/cancel").status_code)
    assert {status for status in answers if status >= 500} == set()
    assert answers.count(200) == 2 * TRIES, "each was accepted, and could be cancelled while its runs were queued or at work"
    assert airflow.where["pids"] == before, "no server died of it"
