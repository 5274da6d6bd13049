"""`python -m tests.live`: a whole Airflow until Ctrl-C, then nothing of it."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from tests.live.service import NotReady
from tests.live.stack import ROOT, Stack, secrets_of

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".airflow" / "up", help="database, logs and passwords")
    parser.add_argument("--raw", default=str(ROOT / "seeds" / "raw"), help="COPYDESK_RAW")
    parser.add_argument("--home", default=str(ROOT / ".copydesk"), help="COPYDESK_HOME")
    parser.add_argument("--port", type=int, default=8080, help="of the UI; another one when it is taken")
    parser.add_argument("--workers", type=int, default=0, help="Celery workers over Redis, as in docker-compose.yml; 0: LocalExecutor")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="environment of every component")
    given = parser.parse_args()
    stack = Stack(given.folder.resolve(), given.raw, given.home, given.port, given.workers, dict(s.split("=", 1) for s in given.set))
    for number in _ENDS:
        signal.signal(number, signal.default_int_handler)
    try:
        stack.start(tell)
        password = secrets_of(stack.folder)["admin"]
        tell(f"\nAirflow is up: {stack.url}   user admin   password {password}\nLogs: {stack.folder}/services   Ctrl-C ends it.")
        while True:
            time.sleep(1)
            for name in stack.revive():
                tell(f"{name} died and was started again; its log: {stack.folder}/services/{name}.log")
    except NotReady as error:
        tell(f"copydesk: {error}")
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        for number in _ENDS:
            signal.signal(number, signal.SIG_IGN)
        tell("Ending Airflow and PostgreSQL ...")
        stack.stop()


def tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command


if __name__ == "__main__":
    sys.exit(main())
