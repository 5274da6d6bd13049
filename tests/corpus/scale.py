"""What a date costs by its number of files: `python -m tests.corpus.scale`, with `--draw FILE` as a picture too.

Planning it for each number of `--files`; a whole run of it up to `--run` files. With `--objects N` planning a date of so many
objects on a store instead: a real S3 API, whose server takes its part of the time.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copydesk import jobs
from copydesk.corpus import staging, store
from tests.gold import SEEDS
from tests.objects import served

DATE = "2026-11-02"


def grow(raw: Path, date: str, files: int) -> Path:
    """A date of so many files, each a seed with a line of its own; a thousand a folder."""
    seeds = [path for path in sorted((SEEDS / "raw").rglob("*")) if path.is_file()]
    for n in range(files):
        folder = raw / date / f"source-{n % 7}" / f"{n // 1000:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        seed = seeds[n % len(seeds)]
        (folder / f"{n:06d}{seed.suffix}").write_bytes(seed.read_bytes() + f"\n<!-- {n} -->\n".encode())
    return raw


@dataclass(frozen=True)
class Cost:
    """Of a date of so many files: seconds and CPU seconds to plan it, and CPU seconds of a whole run where one was made."""

    files: int
    megabytes: float
    chunks: int
    plan: float
    plan_cpu: float
    run_cpu: float | None


def measured(files: int, *, whole: bool) -> Cost:
    with tempfile.TemporaryDirectory() as name:
        raw, home = grow(Path(name) / "raw", DATE, files), str(Path(name) / "home")
        began = time.monotonic()
        plan, cpu = _with_cpu(lambda: jobs.discover(DATE, raw=str(raw), home=home))
        seconds = time.monotonic() - began
        chunks = len(staging.load(plan["plan"]).chunks)
        run = _with_cpu(lambda: jobs.run_date(DATE, raw=str(raw), home=home, gates={"rejected": 1}))[1] if whole else None
    return Cost(files, plan["bytes"] / 1e6, chunks, seconds, cpu, run)


def _with_cpu(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it returns, and the CPU seconds of this process and of the workers that it started."""
    began = _cpu()
    return work(), _cpu() - began


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def draw(costs: list[Cost], path: Path) -> None:
    """CPU milliseconds a file against files, both logarithmic; needs the extra `bench`."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "copydesk"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    lines = {
        "a whole run": [(c.files, 1000 * c.run_cpu / c.files) for c in costs if c.run_cpu is not None],
        "planning": [(c.files, 1000 * c.plan_cpu / c.files) for c in costs],
    }
    for (name, points), colour in zip(lines.items(), ("#c2410c", "#1f6f8b"), strict=True):
        axes.plot(*zip(*points, strict=True), color=colour, marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="files of a date", ylabel="CPU milliseconds a file", title="What a date costs by its files")
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def on_a_store(objects: int) -> None:
    """List and plan a date whose files are objects of a store, and tell what that took."""
    with tempfile.TemporaryDirectory() as name, served(Path(name) / "log") as environment:
        os.environ.update(environment)
        root, home = store.at("s3://raw"), str(Path(name) / "home")
        root.fs.mkdir("s3://raw")
        root.fs.pipe({f"raw/{DATE}/wire/{n:06d}.txt": f"Story {n}\n\nIt is short.".encode() for n in range(objects)})
        began = time.monotonic()
        listed = sum(1 for _ in root.fs.find(f"raw/{DATE}"))
        seconds = time.monotonic() - began
        began = time.monotonic()
        plan, cpu = _with_cpu(lambda: jobs.discover(DATE, raw="s3://raw", home=home))
        told = f"{plan['files']} planned in {time.monotonic() - began:.1f} s, {cpu:.1f} CPU s of ours"
        print(f"{listed} objects: listed in {seconds:.1f} s, {told}")  # noqa: T201 - a command


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--run", type=int, default=1_000, help="clean and publish dates of up to so many files too")
    parser.add_argument("--objects", type=int, help="objects of a date on a store")
    parser.add_argument("--draw", type=Path, help="write the picture here")
    given = parser.parse_args()
    if given.objects:
        on_a_store(given.objects)
        return
    print("| files | MB | chunks | plan, s | plan, CPU s | run, CPU s |\n|---:|---:|---:|---:|---:|---:|")  # noqa: T201 - a command
    costs = []
    for files in given.files:
        costs.append(c := measured(files, whole=files <= given.run))
        run = "" if c.run_cpu is None else f"{c.run_cpu:.1f}"
        print(f"| {c.files} | {c.megabytes:.0f} | {c.chunks} | {c.plan:.2f} | {c.plan_cpu:.2f} | {run} |", flush=True)  # noqa: T201
    if given.draw:
        draw(costs, given.draw)


if __name__ == "__main__":
    main()
