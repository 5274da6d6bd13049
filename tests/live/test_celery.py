"""The topology of docker-compose.yml on this machine: PostgreSQL, Redis, two Celery workers, with the file's own environment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from copydesk import jobs
from copydesk.corpus import reading_back
from tests.live import compose
from tests.live.api import Api, wait_until
from tests.live.up import Up, up
from tests.trees import PAGE, PARAGRAPH, snapshot

DATE = "2026-11-02"
CHUNKS = 40


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Two workers over a date whose files are so large that a chunk of a megabyte holds one."""
    folder = tmp_path_factory.mktemp("celery")
    wire = folder / "raw" / DATE / "gazette"
    wire.mkdir(parents=True)
    for n in range(CHUNKS):
        script = f"<script>{'// nothing to see here ' * 25_000}</script>"
        (wire / f"{n:02d}.html").write_text(PAGE.format(n=n, body=script + PARAGRAPH.format(n=n) * 5), encoding="utf-8")
    with up(folder / "up", folder / "raw", "--workers", "2") as it:
        yield it


def _expected(cluster: Up, folder: Path) -> dict[str, bytes]:
    jobs.run_date(DATE, raw=str(cluster.raw), home=str(folder / "here"), force=True)
    return snapshot(folder / "here" / "corpus")


def _published(cluster: Up) -> dict[str, bytes]:
    return {path: bytes_ for path, bytes_ in snapshot(cluster.home / "corpus").items() if f"date={DATE}" in path}


def _running(api: Api, run: str) -> list[str]:
    return [task for task, state in api.tasks(run).items() if task.startswith("clean[") and state == "running"]


def test_a_worker_killed_mid_run_costs_nothing_but_time(cluster: Up, tmp_path: Path) -> None:
    api = cluster.api()
    run = api.trigger({"date": DATE, "chunk_megabytes": 1})
    wait_until(lambda: bool(_running(api, run)), "clean tasks at work", 300)
    cluster.kill("worker-1")
    assert api.wait_for_run(run, seconds=600)["state"] == "success"
    tasks = api.tasks(run)
    assert {f"clean[{n}]" for n in range(CHUNKS)} <= tasks.keys()
    assert set(tasks.values()) == {"success"}
    assert _published(cluster) == _expected(cluster, tmp_path)


@pytest.mark.parametrize("server", ["scheduler", "api-server", "dag-processor", "worker-2"])
def test_a_run_ends_right_when_a_server_is_killed_and_started_again(cluster: Up, server: str) -> None:
    before = _published(cluster)
    inode = reading_back.articles_path(str(cluster.home), DATE).stat().st_ino
    api = cluster.api()
    run = api.trigger({"date": DATE, "force": True, "chunk_megabytes": 4})
    wait_until(lambda: bool(_running(api, run)), "clean tasks at work", 300)
    cluster.kill(server)
    wait_until(api.answers, "the API server", 300)
    assert api.wait_for_run(run, seconds=600)["state"] == "success"
    assert _published(cluster) == before
    assert reading_back.articles_path(str(cluster.home), DATE).stat().st_ino != inode


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "ADMIN_PASSWORD", "AIRFLOW_FERNET_KEY", "AIRFLOW_JWT_SECRET"])
def test_the_compose_file_starts_without_no_secret(name: str) -> None:
    given = dict.fromkeys(
        ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "ADMIN_PASSWORD", "AIRFLOW_FERNET_KEY", "AIRFLOW_SECRET_KEY", "AIRFLOW_JWT_SECRET"], "x"
    ) | {"AIRFLOW_UID": "1000", "COPYDESK_RAW": "/raw", "COPYDESK_HOME": "/home"}
    assert compose.services(given)
    with pytest.raises(compose.Missing, match=f"{name} is not set"):
        compose.services(given | {name: ""})
