"""Memory of one tool, in a process of its own: `python -m tests.bench.memory TOOL FOLDER PAGES` (of files, again and again)."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.bench.pages import text_of
from tests.bench.peers import TOOLS

EVERY, SETTLED = 1000, 2000  # pages


def spawn(tool: str, folder: Path, pages: int) -> dict[str, list[float]]:
    """What a fresh process measured: megabytes at its peak, and after every 1,000 pages."""
    command = [sys.executable, "-m", "tests.bench.memory", tool, str(folder), str(pages)]
    measured: dict[str, list[float]] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return measured


def settled(resident: Sequence[float]) -> float:
    """Megabytes after the first 2,000 pages, when caches are full; `resident` is taken every 1,000."""
    return resident[SETTLED // EVERY - 1]


def growth(resident: Sequence[float]) -> float:
    """The worst growth from then on, as a share."""
    return max(resident[SETTLED // EVERY - 1 :]) / settled(resident) - 1


def _megabytes(line: str) -> float:
    # Not ru_maxrss: a child's begins at what its parent held when it started it.
    return int(re.findall(rf"{line}:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) / 1000


def main() -> None:
    name, folder, pages = sys.argv[1:]
    tool = next(tool for tool in TOOLS if tool.name == name)
    files = sorted(Path(folder).iterdir())
    resident = []
    for number, file in enumerate(itertools.islice(itertools.cycle(files), int(pages)), 1):
        text_of(tool, file.read_bytes(), Counter())
        if number % EVERY == 0:
            resident.append(_megabytes("VmRSS"))
    sys.stdout.write(json.dumps({"peak": [_megabytes("VmHWM")], "resident": resident}))


if __name__ == "__main__":
    main()
