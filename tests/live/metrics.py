"""What Airflow tells StatsD: a listener on loopback, as a monitoring agent is one."""

from __future__ import annotations

import socket
from threading import Thread
from types import TracebackType
from typing import Self


class Metrics:
    """The last value of each gauge by its name, without Airflow's prefix."""

    def __init__(self) -> None:
        self.gauges: dict[str, float] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))

    @property
    def settings(self) -> dict[str, str]:
        """Airflow's settings that make it tell us."""
        where = {"STATSD_ON": "True", "STATSD_HOST": "127.0.0.1", "STATSD_PORT": str(self._socket.getsockname()[1])}
        return {f"AIRFLOW__METRICS__{name}": value for name, value in where.items()}

    def __enter__(self) -> Self:
        Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    def _listen(self) -> None:
        while self._socket.fileno() >= 0:
            try:
                told = self._socket.recv(65_536).decode()
            except OSError:  # closed
                return
            for line in told.splitlines():
                name, _, rest = line.partition(":")
                value, _, kind = rest.partition("|")
                if kind.startswith("g"):
                    self.gauges[name.removeprefix("airflow.")] = float(value)
