"""What tests of several rooms stand on: an object store on loopback; no test fails for being slow."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from copydesk.corpus import store

# A busy machine loads a model in more than the 200 milliseconds that hypothesis allows an example.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An S3 server, named in the environment as on any machine that uses one."""
    log = tmp_path_factory.mktemp("s3") / "log"
    with log.open("wb") as out:
        server = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], stdout=out, stderr=out)
    try:
        url = _listening(log, server)
        settings = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            yield log
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


@pytest.fixture
def bucket(s3: Path) -> str:  # noqa: ARG001 - the server must be there
    """A bucket of its own for a test."""
    name = f"s3://copydesk-{uuid.uuid4().hex[:12]}"
    store.at(name).fs.mkdir(name)
    return name
