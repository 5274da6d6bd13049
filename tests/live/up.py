"""`make up` in a process of its own, for tests: where it is, and clients of its API and its pages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.live.api import Api
from tests.live.stack import ROOT, secrets_of


@dataclass(frozen=True)
class Up:
    """An Airflow that is up."""

    folder: Path
    raw: Path
    home: Path
    process: subprocess.Popen[str]
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def where(self) -> dict[str, Any]:
        """`url`, `database`, and `pids` by name of server; these change when one is started again."""
        found: dict[str, Any] = json.loads((self.folder / "stack.json").read_text())
        return found

    @property
    def url(self) -> str:
        return str(self.where["url"])

    def password(self, user: str = "admin") -> str:
        return secrets_of(self.folder)[user]

    def api(self, user: str = "admin") -> Api:
        return Api(self.url, user, self.password(user))

    def kill(self, server: str) -> None:
        """Kill -9 of a server and of all that it started, its tasks too, as when its container dies."""
        session = self.where["pids"][server]
        for pid in psutil.pids():
            with suppress(ProcessLookupError):
                if os.getsid(pid) == session:
                    os.kill(pid, signal.SIGKILL)


@contextmanager
def up(folder: Path, raw: Path, *options: str, **settings: str) -> Iterator[Up]:
    """Start an Airflow over `raw` below `folder`; ends it as Ctrl-C does. Raises AssertionError with what it printed."""
    folder.mkdir(parents=True, exist_ok=True)
    home = folder / "home"
    given = ["--folder", str(folder), "--raw", str(raw), "--home", str(home), "--port", "0", *options]
    given += [f"--set={name}={value}" for name, value in settings.items()]
    command = [sys.executable, "-m", "tests.live", *given]
    # Its own session: a Ctrl-C at the tests' terminal reaches the tests, which then end it.
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            said = _until_up(process)
            assert process.poll() is None, said
            yield Up(folder, raw, home, process, settings)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.stdout
            process.stdout.read()


def _until_up(process: subprocess.Popen[str]) -> str:
    said = ""
    assert process.stdout
    for line in process.stdout:
        said += line
        if "Ctrl-C ends it" in line:
            return said
    process.wait()
    return said
