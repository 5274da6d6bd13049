"""One server process of ours: its log, whether it is ready, and its end with everything that it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil


class NotReady(RuntimeError):
    """A server did not come up; the message ends with the last lines of its log."""


def free_port(wanted: int = 0) -> int:
    """A loopback port that nobody listens on: the wanted one, or any when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return free_port()
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody answers on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(slots=True)
class Service:
    """A server process in a session of its own.

    Airflow puts each task into a process group of its own, so a group does not hold all that a server started; the
    session does, orphans included.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def wait_until(self, ready: Callable[[], bool], seconds: float = 120) -> None:
        """Wait for the server to be ready; raises NotReady when it dies or takes longer."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.is_running() or time.monotonic() > deadline:
                raise NotReady(f"{self.name} did not come up; the end of {self.log}:\n{self.tail()}")
            time.sleep(0.2)

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def members(self) -> Iterator[int]:
        """The processes of this server's session, zombies left out."""
        for process in psutil.process_iter():
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                if os.getsid(process.pid) == self.pid and process.status() != psutil.STATUS_ZOMBIE:
                    yield process.pid

    def signal_all(self, number: signal.Signals) -> None:
        for pid in list(self.members()):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def ask_to_end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.is_running() and self.process:
            self.process.send_signal(number)

    def end(self, seconds: float = 8) -> None:
        """Wait for the server and all that it started to end; kill what is still there after `seconds`."""
        if not self.process:
            return
        deadline = time.monotonic() + seconds
        while any(self.members()) and time.monotonic() < deadline:
            self.process.poll()  # reap it
            time.sleep(0.1)
        self.signal_all(signal.SIGKILL)
        self.process.wait()
