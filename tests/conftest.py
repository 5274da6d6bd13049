"""What tests of several rooms stand on: an object store on loopback; no test fails for being slow."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from copydesk.corpus import store
from tests.objects import served

# A busy machine loads a model in more than the 200 milliseconds that hypothesis allows an example.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The log of an S3 server, which is named in the environment as on any machine that uses one."""
    log = tmp_path_factory.mktemp("s3") / "log"
    with pytest.MonkeyPatch.context() as patch, served(log) as settings_:
        for name, value in settings_.items():
            patch.setenv(name, value)
        yield log


@pytest.fixture
def bucket(s3: Path) -> str:  # noqa: ARG001 - the server must be there
    """A bucket of its own for a test."""
    name = f"s3://copydesk-{uuid.uuid4().hex[:12]}"
    store.at(name).fs.mkdir(name)
    return name
