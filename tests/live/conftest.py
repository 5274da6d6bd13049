"""One whole Airflow for the live tests of a session, over a copy of seeds/, and a browser on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.live.api import Api
from tests.live.browser import browser as running_browser
from tests.live.browser import logged_in
from tests.live.stack import ROOT
from tests.live.up import Up, up


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Airflow as in docker-compose.yml, over PostgreSQL, Redis and two Celery workers, with the file's own environment.

    Its users are `admin` and `viewer`; its raw root is a copy of seeds/raw that tests may change.
    """
    folder = tmp_path_factory.mktemp("airflow")
    shutil.copytree(ROOT / "seeds" / "raw", folder / "raw")
    with up(folder / "up", folder / "raw", "--workers", "2") as it:
        yield it


@pytest.fixture
def api(airflow: Up) -> Api:
    return airflow.api()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running_browser() as it:
        yield it


@pytest.fixture
def page(airflow: Up, browser: Browser) -> Iterator[Page]:
    """A page of the Airflow UI, logged in as admin."""
    with logged_in(browser, airflow.url, "admin", airflow.password()) as context:
        yield context.new_page()


@pytest.fixture
def viewers_page(airflow: Up, browser: Browser) -> Iterator[Page]:
    """A page of the Airflow UI, logged in as somebody who may only look."""
    with logged_in(browser, airflow.url, "viewer", airflow.password("viewer")) as context:
        yield context.new_page()
