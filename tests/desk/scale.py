"""How fast the desk answers on a date of 100,000 documents, and what it costs the server: `python -m tests.desk.scale`.

The rows are those of seeds/ over and over, under ids, sources, doubts and kept shares of their own, written by the writer of
merge. The desk serves them in a process of its own, or with `--airflow` in the API server of an Airflow whose DAGs are paused, so that
nothing else is at work in it; each page is asked for once (first) and then 20 times (median, slowest, and the server's CPU time), after
pages of a date of ten documents.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from copydesk import jobs
from copydesk.corpus import commit, overrulings, reading_back, schema, store
from copydesk.corpus.figures import Figures
from copydesk.overruling import Overruling, Scope, Verdict
from tests.desk.conftest import SEEDS
from tests.live.service import free_port, listens
from tests.live.up import up

DATE, SMALL, SOURCES = "2026-11-03", "2026-11-02", 20
_TIMES = 20


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
    parser.add_argument("--home", type=Path, help="A home that an earlier call made here; default: made anew.")
    parser.add_argument("--airflow", action="store_true", help="Ask the API server of a whole Airflow (needs the extra `stack`).")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "up" / "home"
        if given.home and (given.home / "corpus").exists():
            shutil.copytree(given.home, home)
        else:
            make(str(home), given.rows)
            if given.home:
                shutil.copytree(home, given.home)
        size = reading_back.articles_path(str(home), DATE).stat().st_size
        click.echo(f"{given.rows} documents, {size / 1e6:.0f} MB\n\n{'page, ms':<42}{'first':>8}{'median':>8}{'slowest':>9}{'CPU':>8}")
        with _airflow(home) if given.airflow else _alone(home) as (client, server):
            _measure(str(home), client, server)


@contextmanager
def _alone(home: Path) -> Iterator[tuple[httpx.Client, psutil.Process]]:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "tests.desk.served", "--raw", str(SEEDS), "--home", str(home), "--port", str(port)])
    try:
        while not listens(port):
            time.sleep(0.05)
        yield (
            httpx.Client(base_url=f"http://127.0.0.1:{port}/copydesk/", headers={"x-person": "admin"}, timeout=120),
            psutil.Process(server.pid),
        )
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _airflow(home: Path) -> Iterator[tuple[httpx.Client, psutil.Process]]:
    with up(home.parent, SEEDS, AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="True") as it:
        token = httpx.post(f"{it.url}/auth/token", json={"username": "admin", "password": it.password()}).json()["access_token"]
        client = httpx.Client(base_url=f"{it.url}/copydesk/", headers={"Authorization": f"Bearer {token}"}, timeout=120)
        client.get(f"{it.url}/api/v2/dags").raise_for_status()
        yield client, psutil.Process(it.where["pids"]["api-server"])


def _rss(server: psutil.Process) -> float:
    """What a server and its workers hold, in MB."""
    return sum(process.memory_info().rss for process in (server, *server.children(recursive=True))) / 1e6


def _cpu(server: psutil.Process) -> float:
    """The CPU time of a server and its workers, in ms."""
    return sum(1000 * sum(process.cpu_times()[:2]) for process in (server, *server.children(recursive=True)))


def _tell(name: str, url: str, client: httpx.Client, server: psutil.Process) -> None:
    first, began = _ask(client, url, 1)[0], _cpu(server)
    again = _ask(client, url, _TIMES)
    cpu = (_cpu(server) - began) / _TIMES
    click.echo(f"{name:<42}{first:>8.0f}{statistics.median(again):>8.0f}{max(again):>9.0f}{cpu:>8.0f}")


def _measure(home: str, client: httpx.Client, server: psutil.Process) -> None:
    bare = _rss(server)
    for url in (f"date?date={SMALL}", f"document?date={SMALL}&id=wire-desk/harbour-dredging-vote.txt", f"rejects?date={SMALL}"):
        _ask(client, url, 3)
    before = _rss(server)
    with store.parquet(reading_back.articles_path(home, DATE)) as table:
        half = table.metadata.num_rows // 2
    document = f"document?date={DATE}&id=source-{SOURCES // 2:02d}/article-{half:06d}.html"
    pages = {
        "overview": "",
        "date, doubtful first": f"date?date={DATE}",
        "date, the middle page": f"date?date={DATE}&first={half}",
        "date, most cut first": f"date?date={DATE}&order=most+cut+first",
        "date, one source": f"date?date={DATE}&source=source-07",
        "date, one reason": f"date?date={DATE}&reason=cookie+notice",
        "date, words of a title": f"date?date={DATE}&search=deepen",
        "document": document,
        "document of a list, with its neighbours": f"{document}&order=doubtful+first&at=50",
    }
    for name, url in pages.items():
        _tell(name, url, client, server)
    one = Overruling("", Verdict.STRIKE, Scope.PHRASE, "source-03", "Blankets Without")
    made = overrulings.save(home, one, who="scale", why="")
    _tell("overview, after a phrase was saved", "", client, server)
    overrulings.undo(home, made.id, who="scale", why="")
    after = _rss(server)
    click.echo(
        f"\nmemory, MB: {bare:.0f} before the first page, {before - bare:+.0f} by pages of ten documents, {after - before:+.0f} by these"
    )


if __name__ == "__main__":
    main()
