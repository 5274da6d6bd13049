"""An object store on loopback: a real S3 API, moto's server."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def served(log: Path) -> Iterator[Mapping[str, str]]:
    """The environment that names the server; what it is asked stands in the log. Raises AssertionError with the log if it ends."""
    with log.open("wb") as out:
        server = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], stdout=out, stderr=out)
    try:
        url = _listening(log, server)
        yield {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    finally:
        server.terminate()
        server.wait()


def _listening(log: Path, server: subprocess.Popen[bytes]) -> str:
    while server.poll() is None:
        for line in log.read_text(errors="replace").splitlines():
            if "Running on http://127.0.0.1:" in line:
                url = line.split("Running on ")[1].split()[0]
                assert urllib.request.urlopen(url).status == 200
                return url
    raise AssertionError(log.read_text(errors="replace"))
