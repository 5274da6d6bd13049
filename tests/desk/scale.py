"""How fast the desk answers on a date of 100,000 documents, and what it costs the server: `python -m tests.desk.scale`.

The rows are those of seeds/ over and over, under ids, sources, doubts and kept shares of their own, written by the writer of
merge. The desk serves them in a process of its own; each page is asked for once after start (first) and then 20 times (median,
slowest). Memory is what the process holds besides what it held after the same pages of a date of ten documents.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
import httpx
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from copydesk import jobs
from copydesk.corpus import commit, overrulings, reading_back, schema
from copydesk.corpus.figures import Figures
from copydesk.overruling import Overruling, Scope, Verdict
from tests.desk.conftest import SEEDS
from tests.live.service import free_port, listens

DATE, SMALL, SOURCES = "2026-11-03", "2026-11-02", 20


def _batches(home: str, rows: int) -> Iterator[pa.RecordBatch]:
    seeds = [row for date in (SMALL, "2026-11-04") for row in reading_back.articles(home, date)]
    base = schema.batch((seeds * (1000 // len(seeds) + 1))[:1000], schema.ARTICLES)
    random = np.random.default_rng(7)
    for first in range(0, rows, 1000):
        size = min(1000, rows - first)
        numbers = range(first, first + size)
        sources = [f"source-{number * SOURCES // rows:02d}" for number in numbers]
        own = {
            "id": pa.array([f"{source}/article-{number:06d}.html" for source, number in zip(sources, numbers, strict=True)]),
            "source": pa.array(sources),
            "doubt": pa.array(random.random(size), pa.float32()),
            "word_count": pa.array(random.integers(80, 2000, size), pa.int32()),
        }
        batch = base.slice(0, size)
        for name, values in own.items():
            batch = batch.set_column(batch.schema.get_field_index(name), schema.ARTICLES.field(name), values)
        yield batch


def make(home: str, rows: int) -> None:
    """Three published dates of seeds/, the middle one with `rows` documents in the place of its own."""
    for date in (SMALL, DATE, "2026-11-04"):
        jobs.run_date(date, raw=str(SEEDS), home=home)
    file = reading_back.articles_path(home, DATE)
    footer, figures = reading_back.footer(home, DATE), Figures()
    batches = (figures.articles(batch) for batch in _batches(home, rows))
    commit._write(
        file, schema.ARTICLES, batches, lambda: footer | {reading_back.FIGURES: json.dumps(figures.as_json(), sort_keys=True)}, rows
    )
    assert pq.ParquetFile(file.path).metadata.num_rows == rows


def _ask(client: httpx.Client, url: str, times: int) -> list[float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        client.get(url).raise_for_status()
        taken.append(1000 * (time.perf_counter() - began))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--home", help="A home that an earlier call made here; default: made anew.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or folder
        if not (Path(home) / "corpus").exists():
            make(home, given.rows)
        size = reading_back.articles_path(home, DATE).stat().st_size
        click.echo(f"{given.rows} documents, {size / 1e6:.0f} MB\n\n{'page':<52}{'first':>8}{'median':>8}{'slowest':>9}  ms")
        port = free_port()
        server = subprocess.Popen([sys.executable, "-m", "tests.desk.served", "--raw", str(SEEDS), "--home", home, "--port", str(port)])
        try:
            _measure(home, port, psutil.Process(server.pid))
        finally:
            server.terminate()
            server.wait()


def _measure(home: str, port: int, server: psutil.Process) -> None:
    while not listens(port):
        time.sleep(0.05)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}/copydesk/", headers={"x-person": "admin"}, timeout=120)
    for url in (f"date?date={SMALL}", f"document?date={SMALL}&id=wire-desk/harbour-dredging-vote.txt", f"rejects?date={SMALL}"):
        _ask(client, url, 3)
    before = server.memory_info().rss
    middle = f"document?date={DATE}&id=source-10/article-050123.html&order=doubtful+first&at=50"
    pages = {
        "overview": "",
        "date, doubtful first": f"date?date={DATE}",
        "date, page 1,000": f"date?date={DATE}&first=49950",
        "date, most cut first": f"date?date={DATE}&order=most+cut+first",
        "date, one source": f"date?date={DATE}&source=source-07",
        "date, one reason": f"date?date={DATE}&reason=cookie+notice",
        "date, words of a title": f"date?date={DATE}&search=dredging",
        "document": f"document?date={DATE}&id=source-10/article-050123.html",
        "document of a list, with its neighbours": middle,
    }
    for name, url in pages.items():
        first = _ask(client, url, 1)[0]
        again = _ask(client, url, 20)
        click.echo(f"{name:<52}{first:>8.0f}{statistics.median(again):>8.0f}{max(again):>9.0f}")
    one = Overruling("", Verdict.STRIKE, Scope.PHRASE, "source-03", "Blankets Without")
    made = overrulings.save(home, one, who="scale", why="")
    first, again = _ask(client, "", 1)[0], _ask(client, "", 20)
    click.echo(f"{'overview, after a phrase was saved':<52}{first:>8.0f}{statistics.median(again):>8.0f}{max(again):>9.0f}")
    overrulings.undo(home, made.id, who="scale", why="")
    click.echo(f"\nmemory of the server: {before / 1e6:.0f} MB before, up by {(server.memory_info().rss - before) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
