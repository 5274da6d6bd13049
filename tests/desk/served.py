"""The desk on loopback as a server of its own, below a prefix, with the tests' door: whoever sends a name in `x-person` is let in."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from copydesk.desk import app
from tests.desk.conftest import change, look
from tests.serving import serving


def mounted(raw: str, home: str, prefix: str) -> FastAPI:
    """The desk as the plugin mounts it: `<prefix>/copydesk/`."""
    outer = FastAPI()
    outer.mount(f"{prefix}/copydesk", app.create(raw, home, app.Access(look, change, lambda _dag, _run: "", "a secret of the tests")))
    return outer


@contextmanager
def served(raw: str, home: str, prefix: str = "/news/airflow") -> Iterator[str]:
    """Serves the desk in this process; yields its address."""
    with serving(mounted(raw, home, prefix)) as port:
        yield f"http://127.0.0.1:{port}{prefix}/copydesk/"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--raw", default="")
    parser.add_argument("--home", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    uvicorn.run(mounted(given.raw, given.home, ""), port=given.port, log_level="warning")
