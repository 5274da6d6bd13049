"""The topology of docker-compose.yml on this machine: PostgreSQL, Redis, two Celery workers, with the file's own environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk import jobs
from tests.live.api import Api, wait_until
from tests.live.up import Up
from tests.trees import PAGE, PARAGRAPH, snapshot

DATE = "2026-11-12"
CHUNKS = 40


@pytest.fixture
def large(airflow: Up) -> None:
    """A date whose files are so large that a chunk of a megabyte holds one."""
    gazette = airflow.raw / DATE / "gazette"
    gazette.mkdir(parents=True)
    for n in range(CHUNKS):
        script = f"<script>{'// nothing to see here ' * 25_000}</script>"
        (gazette / f"{n:02d}.html").write_text(PAGE.format(n=n, body=script + PARAGRAPH.format(n=n) * 5), encoding="utf-8")


def _published(home: Path) -> dict[str, bytes]:
    return {path: bytes_ for path, bytes_ in snapshot(home / "corpus").items() if f"date={DATE}" in path}


def _cleaned(api: Api, run: str) -> int:
    return sum(task.startswith("clean[") and state == "success" for task, state in api.tasks(run).items())


@pytest.mark.usefixtures("large")
def test_a_date_ends_right_though_every_server_is_killed_in_turn(airflow: Up, api: Api, tmp_path: Path) -> None:
    run = api.trigger({"date": DATE, "chunk_megabytes": 1})
    wait_until(lambda: _cleaned(api, run) > 0, "the first chunk", 300)
    for server in ("worker-1", "scheduler", "api-server", "dag-processor"):
        before, pid = _cleaned(api, run), airflow.where["pids"][server]
        assert before < CHUNKS, f"all was done before {server} could be killed"
        airflow.kill(server)
        wait_until(lambda: airflow.where["pids"][server] != pid, f"{server} to be started again")  # noqa: B023 - called at once
        wait_until(api.answers, "the API server", 300)
        wait_until(lambda: _cleaned(api, run) > before, f"chunks cleaned after {server} was killed", 300)  # noqa: B023
    assert api.wait_for_run(run, seconds=600)["state"] == "success"
    tasks = api.tasks(run)
    assert {f"clean[{n}]" for n in range(CHUNKS)} <= tasks.keys()
    assert set(tasks.values()) == {"success"}
    jobs.run_date(DATE, raw=str(airflow.raw), home=str(tmp_path / "here"))
    assert _published(airflow.home) == _published(tmp_path / "here")
