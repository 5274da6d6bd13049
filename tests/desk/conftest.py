"""The desk over a home of seeds/, as ASGI, with a door of its own in place of Airflow's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from copydesk import jobs
from copydesk.desk import app

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds" / "raw"


def look(request: Request) -> None:
    """Lets in whoever gives a name; `viewer` may not change anything."""
    name = request.headers.get("x-person", "")
    if not name:
        raise HTTPException(401, "Not authenticated")
    request.state.person, request.state.may_change = name, name != "viewer"


def change(request: Request) -> None:
    look(request)
    if not request.state.may_change:
        raise HTTPException(403, "Forbidden")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two dates of seeds/, published."""
    folder = str(tmp_path_factory.mktemp("home"))
    for date in ("2026-11-02", "2026-11-05"):
        jobs.run_date(date, raw=str(SEEDS), home=folder)
    return folder


Open = Callable[..., TestClient]


@pytest.fixture
def open_desk() -> Open:
    """Opens the desk over a raw root and a home, as the person given ("" for nobody)."""

    def opened(home: str, raw: str = str(SEEDS), person: str = "admin") -> TestClient:
        runs = {("clean_articles", "manual__1"): "2026-11-02", ("clean_articles", "scheduled__1"): "2026-11-04"}
        access = app.Access(look, change, lambda dag, run: runs.get((dag, run), ""), "a secret of the tests")
        headers = {"x-person": person} if person else {}
        return TestClient(app.create(raw, home, access), headers=headers, follow_redirects=False)

    return opened


@pytest.fixture
def client(home: str, open_desk: Open) -> TestClient:
    return open_desk(home)
