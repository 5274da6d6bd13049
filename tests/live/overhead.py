"""What Airflow costs over the command: `python -m tests.live.overhead` backfills seeds/ and cleans the same files by hand."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.live.stack import BIN, ROOT
from tests.live.up import up

DATES = [f"2026-11-{day:02d}" for day in range(2, 7)]


def _backfill(folder: Path) -> float:
    """Seconds from the request until the five dates are published and the runs of the backfill have ended."""
    with up(folder / "up", ROOT / "seeds" / "raw") as airflow:
        api = airflow.api()
        begun = time.monotonic()
        api.wait_for_backfill(api.backfill(DATES[0], DATES[-1]), seconds=1800)
        taken = time.monotonic() - begun
        assert len(list((airflow.home / "corpus" / "articles").glob("date=2026-11-0*"))) == len(DATES)
    return taken


def _command(folder: Path) -> float:
    begun = time.monotonic()
    for date in DATES:
        command = [BIN / "copydesk", "clean", ROOT / "seeds" / "raw" / date, "--corpus", folder / "home", "--workers", "1"]
        subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - begun


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the servers end with us
    with tempfile.TemporaryDirectory() as name:
        command, airflow, again = _command(Path(name) / "1"), _backfill(Path(name) / "2"), _command(Path(name) / "3")
    seconds = (command + again) / 2
    print(json.dumps({"airflow_seconds": airflow, "command_seconds": seconds, "ratio": round(airflow / seconds, 1)}))  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
