"""`make up`: a person types it, looks at the UI, and ends it with Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from copydesk import jobs
from tests.live.api import Api
from tests.live.stack import ROOT
from tests.trees import snapshot

DATE = "2026-11-02"


def _started_by(process: subprocess.Popen[str], folder: Path) -> Iterator[psutil.Process]:
    """Whatever a `make up` has started, however it was started: what descends from it, and what names its folder."""
    yield from psutil.Process(process.pid).children(recursive=True)
    for other in psutil.process_iter():
        with suppress(psutil.Error):
            if str(folder) in " ".join(other.cmdline()):
                yield other


def _addresses(processes: list[psutil.Process]) -> set[str]:
    """Where they listen."""
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # a task's process may have ended meanwhile
            found |= {c.laddr.ip for c in process.net_connections() if c.status == psutil.CONN_LISTEN}
    return found


def test_make_up_shows_the_ui_on_loopback_cleans_a_date_and_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    options = f"OPTIONS=--folder {tmp_path}/up --home {tmp_path}/home --port 0"
    with subprocess.Popen(["make", "up", options], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout
            line = next((line for line in process.stdout if "Airflow is up" in line), "")
            told = re.search(r"(http://\S+) .* password (\S+)", line)
            assert told
            url, password = told.groups()
            api = Api(url, "admin", password)
            assert not api.get("dags/clean_articles")["is_paused"]
            assert "<html" in httpx.get(url, follow_redirects=True).text
            assert api.wait_for_run(api.trigger({"date": DATE}))["state"] == "success"
            everything = list(_started_by(process, tmp_path))
            listening = _addresses(everything)
        finally:  # else a failure above would wait for it for ever
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does
            process.communicate()
    jobs.run_date(DATE, raw=str(ROOT / "seeds" / "raw"), home=str(tmp_path / "here"))
    published = {path: bytes_ for path, bytes_ in snapshot(tmp_path / "home" / "corpus").items() if f"date={DATE}" in path}
    assert published == snapshot(tmp_path / "here" / "corpus")
    assert len({p.pid for p in everything}) > 5
    assert listening == {"127.0.0.1"}
    assert [p.pid for p in everything if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


def test_a_server_that_cannot_come_up_is_told_with_its_log(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    done = subprocess.run(["make", "up", f"OPTIONS=--folder {tmp_path}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "postgres did not come up" in done.stdout
    assert "postgresql.conf" in done.stdout
