"""Airflow's REST API, as far as the stack and its tests ask it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

DAG = "clean_articles"
OVER = {"success", "failed"}


class Api:
    """A client who logs in when it first must; every answer that is no success raises."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self._login = {"username": user, "password": password}
        self._client = httpx.Client(base_url=url, timeout=60)

    def answers(self) -> bool:
        """Whether the API server is up."""
        try:
            return self._client.get("/api/v2/version").is_success
        except httpx.TransportError:
            return False

    def is_healthy(self) -> bool:
        """Whether scheduler, DAG processor and triggerer tell that they live."""
        health = self.get("monitor/health")
        return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor", "triggerer"))

    def knows(self, dag: str) -> bool:
        """Whether Airflow has read a DAG."""
        return self.ask("GET", f"dags/{dag}").is_success

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One request to /api/v2/PATH, whatever the answer."""
        if "Authorization" not in self._client.headers:
            token = self._client.post("/auth/token", json=self._login).raise_for_status().json()["access_token"]
            self._client.headers["Authorization"] = f"Bearer {token}"
        return self._client.request(method, f"/api/v2/{path}", **how)

    def get(self, path: str, **params: Any) -> Any:
        return self.ask("GET", path, params=params).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.ask("POST", path, json=body).raise_for_status().json()

    def trigger(self, conf: dict[str, Any], dag: str = DAG) -> str:
        """Trigger a DAG by hand; returns the run id."""
        return str(self.post(f"dags/{dag}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"])

    def pause(self, dag: str, *, paused: bool = True) -> None:
        """Pause a DAG, or let it run again."""
        self.ask("PATCH", f"dags/{dag}", json={"is_paused": paused}, params={"update_mask": "is_paused"}).raise_for_status()

    def backfill(self, first: str, last: str, behavior: str = "none", conf: dict[str, Any] | None = None) -> int:
        """Backfill dates (YYYY-MM-DD, both included) of `clean_articles`; returns the id."""
        body = {"dag_id": DAG, "from_date": f"{first}T00:00:00Z", "to_date": f"{last}T00:00:00Z", "reprocess_behavior": behavior}
        return int(self.post("backfills", body | {"dag_run_conf": conf or {}, "max_active_runs": 2})["id"])

    def run(self, run_id: str, dag: str = DAG) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"dags/{dag}/dagRuns/{run_id}")
        return found

    def tasks(self, run_id: str, dag: str = DAG) -> dict[str, str]:
        """State of each task of a run by its name, `clean[1]` for a mapped one."""
        found = self.get(f"dags/{dag}/dagRuns/{run_id}/taskInstances", limit=1000)["task_instances"]
        return {t["task_id"] if t["map_index"] < 0 else f"{t['task_id']}[{t['map_index']}]": t["state"] for t in found}

    def log(self, run_id: str, task: str, dag: str = DAG, *, attempt: int = 1) -> str:
        """The log of one attempt at a task, as text."""
        found = self.get(f"dags/{dag}/dagRuns/{run_id}/taskInstances/{task}/logs/{attempt}", full_content=True)
        return "\n".join(str(line.get("event", line)) for line in found["content"])

    def wait_for_run(self, run_id: str, dag: str = DAG, seconds: float = 240) -> dict[str, Any]:
        """Wait for a run to end; returns it."""
        wait_until(lambda: self.run(run_id, dag)["state"] in OVER, f"{run_id} to end", seconds)
        return self.run(run_id, dag)

    def backfilled(self) -> list[dict[str, Any]]:
        """The runs that backfills made, in the order of their dates."""
        return list(self.get(f"dags/{DAG}/dagRuns", run_type="backfill", order_by="logical_date")["dag_runs"])

    def wait_for_backfill(self, backfill: int, seconds: float = 240) -> None:
        """Wait until its runs have ended, and end it: Airflow looks only twice a minute whether it has, and begins no other before."""
        wait_until(lambda: all(run["state"] in OVER for run in self.backfilled()), f"the runs of backfill {backfill} to end", seconds)
        self.ask("PUT", f"backfills/{backfill}/cancel")


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 120) -> None:
    """Wait for a condition; the bound only keeps a failing test from hanging."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.3)
