"""A real Airflow for this folder's tests: a temporary home and SQLite database a session, migrated once.

Airflow reads its settings when it is imported, so they are set here, before any test of this folder can import it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

if "airflow" in sys.modules:
    raise RuntimeError("airflow was imported before its test settings were made: import it inside tests of tests/dags only")
HOME = tempfile.mkdtemp(prefix="copydesk-airflow-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
for name in [name for name in os.environ if name.startswith(("AIRFLOW_", "COPYDESK_"))]:
    del os.environ[name]
SETTINGS = {
    "AIRFLOW_HOME": HOME,
    "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
}
os.environ.update(SETTINGS)


@dataclass(frozen=True)
class Ran:
    """How a run of a DAG ended: its state, and its tasks' states by name, `clean[1]` for a mapped one."""

    run_id: str
    state: str
    tasks: dict[str, str]

    def state_of(self, task: str) -> set[str]:
        return {state for name, state in self.tasks.items() if name.split("[")[0] == task}


@pytest.fixture(scope="session")
def dags() -> Path:
    """The folder of DAGs, over a migrated database."""
    from airflow.utils.db import initdb

    initdb()
    return ROOT / "dags"


@pytest.fixture
def bag(dags: Path) -> Any:
    """The DAGs as Airflow loads them."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dags)


@pytest.fixture
def run(dags: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs a DAG to its end in this process, as the kind of run that `run_type` names.

    Each run loads the DAG anew: in one process, the last run's parameters would stay behind in it.
    """
    from airflow.dag_processing.dagbag import DagBag
    from airflow.models import dagrun

    def run_it(
        dag_id: str, conf: dict[str, Any], *, run_type: str = "manual", logical_date: datetime | None = None, events_of: Sequence[str] = ()
    ) -> Ran:
        # dag.test() makes manual runs only; what comes of the others hangs on their type, interval and events.
        monkeypatch.setattr(dagrun, "get_or_create_dagrun", lambda **given: _created(run_type, events_of, **given))
        done = DagBag(dags).dags[dag_id].test(logical_date=logical_date, run_conf=conf)
        tasks = {f"{ti.task_id}[{ti.map_index}]" if ti.map_index >= 0 else ti.task_id: str(ti.state) for ti in done.get_task_instances()}
        return Ran(done.run_id, str(done.state), tasks)

    return run_it


def _created(
    run_type: str, events_of: Sequence[str], *, dag: Any, session: Any, logical_date: datetime | None, run_after: datetime, **given: Any
) -> Any:
    """The run that a user's trigger, the scheduler or a backfill would create."""
    from airflow.models.asset import AssetEvent
    from airflow.models.dagrun import DagRun
    from airflow.timetables.base import TimeRestriction
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunType
    from sqlalchemy import delete, select

    session.execute(delete(DagRun).where(DagRun.dag_id == dag.dag_id, DagRun.logical_date == logical_date))
    kind = DagRunType(run_type)
    if kind in (DagRunType.SCHEDULED, DagRunType.BACKFILL_JOB):
        first = TimeRestriction(earliest=logical_date, latest=None, catchup=True)
        info = dag.timetable.next_dagrun_info(last_automated_data_interval=None, restriction=first)
        given["data_interval"], run_after = info.data_interval, info.run_after
    run = dag.create_dagrun(
        **given | {"run_id": DagRun.generate_run_id(run_type=kind, logical_date=logical_date, run_after=run_after)},
        logical_date=logical_date,
        run_after=run_after,
        run_type=kind,
        state=DagRunState.RUNNING,
        session=session,
    )
    run.consumed_asset_events.extend(session.scalars(select(AssetEvent).where(AssetEvent.source_run_id.in_(events_of))))
    session.commit()
    return run
