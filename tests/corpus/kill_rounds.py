"""Kill -9 at random moments of merge and publish, with a reader at work: `python -m tests.corpus.kill_rounds --rounds 200`.

Each round plans and cleans a date whose raw files have all changed, then merges and publishes it in a process of
its own, which is killed after a random part of the time that an undisturbed round takes. After the kill every
file must open and be wholly old or wholly new, and the next run must mend what is left.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow.parquet as pq

from copydesk import Policy, jobs
from copydesk.corpus import landing, reading_back, staleness

DAY = "2026-11-02"
_FILES = 150
_WORDS = "The {version} edition of story {n} says that the council met on Monday and agreed on item {i}, the clerk said.\n\n"

# Runs in the process that is killed: says when it begins, then what a run does after its chunks are clean.
_VICTIM = """
import sys
from copydesk import jobs
plan = sys.argv[1]
print("merging", flush=True)
jobs.merge(plan)
jobs.check(plan)
jobs.publish(plan)
print("published", flush=True)
"""

# Reads both tables over and over until its standard input closes; prints every file that is torn or mixed.
_READER = """
import select, sys
import pyarrow.parquet as pq
from tests.corpus.kill_rounds import version_of
reads, bad = 0, []
while not select.select([sys.stdin], [], [], 0)[0]:
    for path in sys.argv[1:]:
        try:
            version_of(path)
        except Exception as error:
            bad.append(f"{path}: {type(error).__name__}: {error}")
        reads += 1
print(reads, bad[:5], flush=True)
sys.exit(bool(bad))
"""


@dataclass(slots=True)
class Tally:
    """What the rounds saw; `within` counts kills between the first staged byte and the last replace."""

    rounds: int = 0
    within: int = 0
    before: int = 0
    after: int = 0
    torn_pairs: int = 0
    bad_files: int = 0
    reads: int = 0


def write_edition(raw: Path, version: str) -> None:
    """Give every raw file of the date new words; each seventh file is broken, so that rejects change too."""
    folder = raw / DAY / "wire"
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(_FILES):
        if n % 7 == 0:
            (folder / f"{n:04d}.bin").write_bytes(b"\x00\x01\x02" * 50 + version.encode())
        else:
            body = "".join(_WORDS.format(version=version, n=n, i=i) for i in range(12))
            (folder / f"{n:04d}.txt").write_text(f"Story {n}, {version}\n\n{body}", encoding="utf-8")


def version_of(path: str | Path) -> str:
    """The edition that a published file holds; raises when it is torn, short or mixed."""
    # Opened once: `pq.read_table(path)` opens a path twice, and a replace may come between its two looks.
    with Path(path).open("rb") as file:
        table = pq.ParquetFile(file).read()
    digests = sorted(table["raw_sha256"].to_pylist())
    expected = -(-_FILES // 7) if "reason" in table.column_names else _FILES - -(-_FILES // 7)
    assert len(digests) == expected, f"{len(digests)} rows, expected {expected}"
    if "text" in table.column_names:
        editions = {text.split(" edition")[0].split()[-1] for text in table["text"].to_pylist()}
        assert len(editions) == 1, f"mixed: {editions}"
    return digests[0]


def run(rounds: int, seed: int, workspace: Path) -> Tally:
    """Run the rounds; raises AssertionError on the first promise broken."""
    raw, home = workspace / "raw", workspace / "home"
    write_edition(raw, "edition0")
    jobs.run_date(DAY, raw=str(raw), home=str(home))
    duration = _undisturbed(raw, home)
    dice = random.Random(seed)
    tables = [str(reading_back.path(str(home), t, DAY)) for t in ("articles", "rejects")]
    reader = subprocess.Popen([sys.executable, "-c", _READER, *tables], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    tally = Tally()
    for number in range(1, rounds + 1):
        write_edition(raw, f"edition{number}")
        _round(raw, home, dice.uniform(0, duration), tally)
    output, _ = reader.communicate("\n")
    assert reader.returncode == 0, f"the reader saw torn or mixed files: {output}"
    tally.reads = int(output.split()[0])
    return tally


def _undisturbed(raw: Path, home: Path) -> float:
    """Seconds from the first word of merge to the end of publish when nobody interferes; the longest of three."""
    longest = 0.0
    for number in range(3):
        write_edition(raw, f"calibration{number}")
        with _victim(_plan(raw, home)) as victim:
            begun = time.monotonic()
            assert victim.stdout is not None
            assert victim.stdout.readline() == "published\n"
            longest = max(longest, time.monotonic() - begun)
    return longest


def _plan(raw: Path, home: Path) -> str:
    """A plan whose chunks are clean."""
    plan = jobs.discover(DAY, raw=str(raw), home=str(home))
    for chunk in plan["chunks"]:
        jobs.clean_chunk(plan["plan"], chunk)
    return str(plan["plan"])


def _victim(plan: str) -> subprocess.Popen[str]:
    """A process that has just begun to merge a plan."""
    victim = subprocess.Popen([sys.executable, "-c", _VICTIM, plan], stdout=subprocess.PIPE, text=True)
    assert victim.stdout is not None
    assert victim.stdout.readline() == "merging\n"
    return victim


def _round(raw: Path, home: Path, delay: float, tally: Tally) -> None:
    old = [version_of(reading_back.path(str(home), t, DAY)) for t in ("articles", "rejects")]
    plan = _plan(raw, home)
    with _victim(plan) as victim:
        time.sleep(delay)  # the random moment itself, not a wait for a condition
        victim.send_signal(signal.SIGKILL)
    new = [version_of(reading_back.path(str(home), t, DAY)) for t in ("articles", "rejects")]
    file = Path(plan) / "rejects.parquet"
    staged = file.exists() and file.stat().st_size
    tally.rounds += 1
    if new[0] != old[0]:
        tally.after += 1
    elif staged:
        tally.within += 1
    else:
        tally.before += 1
    if (new[0] != old[0]) != (new[1] != old[1]):
        tally.torn_pairs += 1
        assert "torn pair" in _stale(raw, home), "a half-published pair was not found"
    jobs.run_date(DAY, raw=str(raw), home=str(home))
    assert _stale(raw, home) == [], "the next run did not mend the date"


def _stale(raw: Path, home: Path) -> list[str]:
    return [str(cause) for cause in staleness.stale(str(home), DAY, landing.landed(str(raw), DAY), jobs.versions(Policy()))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as workspace:
        print(json.dumps(asdict(run(arguments.rounds, arguments.seed, Path(workspace)))))  # noqa: T201 - a command


if __name__ == "__main__":
    main()
