"""One whole Airflow for the live tests of a session, over a copy of seeds/, and a browser on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.live.api import Api
from tests.live.browser import browser as running_browser
from tests.live.browser import logged_in
from tests.live.metrics import Metrics
from tests.live.stack import ROOT
from tests.live.up import Up, up

FOLLOWERS = ("audit_corpus", "articles_by_source")  # what a published date wakes
# What a dead worker or scheduler had is given out again after half a minute, where docker-compose.yml says one and two.
SOONER = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "40",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "20",
}


def pytest_itemcollected(item: pytest.Item) -> None:
    """`make live` runs what shares the session's Airflow in one process and all else beside it in another."""
    if "airflow" in getattr(item, "fixturenames", ()):
        item.add_marker("shared")


@pytest.fixture(scope="session")
def metrics() -> Iterator[Metrics]:
    with Metrics() as it:
        yield it


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory, metrics: Metrics) -> Iterator[Up]:
    """Airflow as in docker-compose.yml, over PostgreSQL, Redis and two Celery workers, with the file's own environment but for three waits.

    Its users are `admin` and `viewer`; its raw root is a copy of seeds/raw that tests may change. The DAGs that follow the
    corpus are paused, but for the tests that are about them.
    """
    folder = tmp_path_factory.mktemp("airflow")
    shutil.copytree(ROOT / "seeds" / "raw", folder / "raw")
    with up(folder / "up", folder / "raw", "--workers", "2", **metrics.settings, **SOONER) as it:
        for dag in FOLLOWERS:
            it.api().pause(dag)
        yield it


@pytest.fixture
def api(airflow: Up) -> Api:
    return airflow.api()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running_browser() as it:
        yield it


@pytest.fixture(scope="session")
def admins(airflow: Up, browser: Browser) -> Iterator[BrowserContext]:
    with logged_in(browser, airflow.url, "admin", airflow.password()) as context:
        yield context


@pytest.fixture
def page(admins: BrowserContext) -> Iterator[Page]:
    """A page of the Airflow UI, logged in as admin."""
    page = admins.new_page()
    yield page
    page.close()


@pytest.fixture(scope="session")
def viewers(airflow: Up, browser: Browser) -> Iterator[BrowserContext]:
    with logged_in(browser, airflow.url, "viewer", airflow.password("viewer")) as context:
        yield context


@pytest.fixture
def viewers_page(viewers: BrowserContext) -> Iterator[Page]:
    """A page of the Airflow UI, logged in as somebody who may only look."""
    page = viewers.new_page()
    yield page
    page.close()
