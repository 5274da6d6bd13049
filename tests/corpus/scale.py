"""What planning a date costs by its number of files: `python -m tests.corpus.scale --files 100 1000 10000 100000`."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from copydesk import jobs
from copydesk.corpus import staging
from tests.gold import SEEDS


def grow(raw: Path, date: str, files: int) -> Path:
    """A date of so many files, each a seed with a line of its own; a thousand a folder."""
    seeds = [path for path in sorted((SEEDS / "raw").rglob("*")) if path.is_file()]
    for n in range(files):
        folder = raw / date / f"source-{n % 7}" / f"{n // 1000:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        seed = seeds[n % len(seeds)]
        (folder / f"{n:06d}{seed.suffix}").write_bytes(seed.read_bytes() + f"\n<!-- {n} -->\n".encode())
    return raw


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[100, 1_000, 10_000, 100_000])
    print("| files | MB | chunks | plan, s | CPU s | ms a file |\n|---:|---:|---:|---:|---:|---:|")  # noqa: T201 - a command
    for files in parser.parse_args().files:
        with tempfile.TemporaryDirectory() as name:
            raw = grow(Path(name) / "raw", "2026-11-02", files)
            wall, cpu = time.monotonic(), time.process_time()
            plan = jobs.discover("2026-11-02", raw=str(raw), home=str(Path(name) / "home"))
            wall, cpu = time.monotonic() - wall, time.process_time() - cpu
            chunks = len(staging.load(plan["plan"]).chunks)
        megabytes = plan["bytes"] / 1e6
        print(f"| {files} | {megabytes:.0f} | {chunks} | {wall:.2f} | {cpu:.2f} | {1000 * wall / files:.3f} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
