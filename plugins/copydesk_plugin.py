"""The page "Copy desk" inside the Airflow UI: an entry in the navigation and a tab on each run, behind Airflow's own login.

Besides, a look at what the trigger and backfill dialogs send, so that parameters which no run can use are refused before there is a
run; and the rule that lets today go before a backfill. Every component of Airflow loads this file; only the API server serves pages,
and loads what it needs at its first request.
"""

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from airflow.plugins_manager import AirflowPlugin
from airflow.task.priority_strategy import PriorityWeightStrategy

DAG = "clean_articles"
_RECENT = timedelta(days=3)


def _desk() -> Callable[..., Awaitable[None]]:
    """The desk, behind the rights of Airflow: whoever may read the DAG may look."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
    from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
    from airflow.configuration import conf
    from fastapi import Depends, Request

    from copydesk.desk import app

    # The annotations are looked up when FastAPI reads them, so this file has no postponed ones.
    def look(request: Request, user: GetUserDep, _: None = Depends(requires_access_dag("GET", None, DAG))) -> None:
        trigger = {"method": "POST", "access_entity": DagAccessEntity.RUN, "details": DagDetails(id=DAG), "user": user}
        request.state.person = user.get_name()
        request.state.may_change = get_auth_manager().is_authorized_dag(**trigger)

    def change(
        request: Request, _: None = Depends(look), __: None = Depends(requires_access_dag("POST", DagAccessEntity.RUN, DAG))
    ) -> None:
        """Whoever may trigger the DAG may overrule."""

    access = app.Access(
        look=look,
        change=change,
        run_date=_run_date,
        secret=conf.get_mandatory_value("api", "secret_key"),
        hosts=frozenset({urlsplit(conf.get("api", "base_url", fallback="")).netloc}),
    )
    settings = (os.environ.get(name, "") for name in ("COPYDESK_RAW", "COPYDESK_HOME"))
    return app.create(*settings, access)


def _run_date(dag: str, run: str) -> str:
    """The date that a run of clean_articles cleans; "" for what is no such run."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    from copydesk import jobs
    from copydesk.errors import SettingError

    with create_session() as session:
        found = session.scalar(select(DagRun).where(DagRun.dag_id == DAG, DagRun.run_id == run)) if dag == DAG else None
        if found is None:
            return ""
        try:
            return jobs.date_of_run(found.run_type, found.data_interval_start, (found.conf or {}).get("date"))
        except SettingError:
            return ""


class _Lazy:
    """The desk's app, made at the first request: neither FastAPI nor pyarrow is loaded where no page is served."""

    def __init__(self) -> None:
        self.app: Callable[..., Awaitable[None]] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.app = self.app or await asyncio.to_thread(_desk)
        await self.app(scope, receive, send)


class _Door:
    """Answers a request for runs of clean_articles with the reason why their parameters make no sense; the dialogs show it.

    A parameter's own values are checked by Airflow's form. How they go together, and with the kind of run, no form can say.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"] if scope["type"] == "http" and scope["method"] == "POST" else ""
        if not path.endswith((f"/api/v2/dags/{DAG}/dagRuns", "/api/v2/backfills")):
            await self.app(scope, receive, send)
            return
        from starlette.requests import ClientDisconnect, Request
        from starlette.responses import JSONResponse

        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            return
        if reason := _refused("backfill" if path.endswith("/backfills") else "manual", body):
            await JSONResponse({"detail": reason}, status_code=422)(scope, receive, send)
            return
        read = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> Any:
            return next(read, None) or await receive()

        await self.app(scope, again, send)


def _refused(run_type: str, body: bytes) -> str:
    """Why no run of this kind can use the parameters in a request; "" for what is for Airflow to answer."""
    from copydesk.errors import SettingError
    from copydesk.policy import refuse

    try:
        asked = json.loads(body)
        given = asked.get("dag_run_conf" if run_type == "backfill" else "conf") or {}
        if run_type == "manual" or asked.get("dag_id") == DAG:
            refuse(run_type, given)
    except SettingError as error:
        return str(error)
    except (ValueError, AttributeError):  # not what Airflow takes either, which says so
        return ""
    return ""


class TodayFirst(PriorityWeightStrategy):
    """Where slots are few, tasks of today's run go before those of old dates, which Airflow takes first otherwise.

    A run is as old as the day in its id says: the day that it is scheduled or backfilled for, or on which it was triggered. What has no
    day there goes first too. Weights stay in the range of other DAGs' tasks, so that neither today's nor a backfill's push these aside.
    """

    def get_weight(self, ti: Any) -> int:
        found = re.match(r"(?:scheduled|backfill|manual)__(\d{4}-\d{2}-\d{2})T", ti.run_id or "")
        is_old = found and datetime.now(UTC).date() - date.fromisoformat(found[1]) > _RECENT
        return 1 if is_old else 5


class CopydeskPlugin(AirflowPlugin):
    """What Airflow is told of the desk."""

    name = "copydesk"
    fastapi_apps = [{"app": _Lazy(), "url_prefix": "/copydesk", "name": "Copy desk"}]  # noqa: RUF012 - Airflow's interface
    priority_weight_strategies = [TodayFirst]  # noqa: RUF012 - likewise
    fastapi_root_middlewares = [{"middleware": _Door, "name": "Copy desk"}]  # noqa: RUF012 - likewise
    # Without a slash in front: relative to the base of the UI, which may lie below a prefix.
    external_views = [  # noqa: RUF012 - likewise
        {"name": "Copy desk", "href": "copydesk/", "destination": "nav", "url_route": "copydesk", "nav_top_level": True},
        {"name": "Copy desk", "href": "copydesk/run/{DAG_ID}/{RUN_ID}", "destination": "dag_run", "url_route": "copydesk-run"},
    ]
