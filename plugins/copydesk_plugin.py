"""The page "Copy desk" inside the Airflow UI: an entry in the navigation and a tab on each run, behind Airflow's own login.

Every component of Airflow loads this file; only the API server serves the page, and loads what it needs at its first request.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from airflow.plugins_manager import AirflowPlugin

DAG = "clean_articles"


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


class CopydeskPlugin(AirflowPlugin):
    """What Airflow is told of the desk."""

    name = "copydesk"
    fastapi_apps = [{"app": _Lazy(), "url_prefix": "/copydesk", "name": "Copy desk"}]  # noqa: RUF012 - Airflow's interface
    # Without a slash in front: relative to the base of the UI, which may lie below a prefix.
    external_views = [  # noqa: RUF012 - likewise
        {"name": "Copy desk", "href": "copydesk/", "destination": "nav", "url_route": "copydesk", "nav_top_level": True},
        {"name": "Copy desk", "href": "copydesk/run/{DAG_ID}/{RUN_ID}", "destination": "dag_run", "url_route": "copydesk-run"},
    ]
