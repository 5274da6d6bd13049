"""The run: each page through every tool, one after the other in one process, and what came out against the gold."""

from __future__ import annotations

import gc
import itertools
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track

from copydesk.training.html import STRAIGHT
from tests.bench.peers import Tool
from tests.development import PAGES, score

if TYPE_CHECKING:
    import pyarrow as pa

Figures = dict[str, float]
WARM_UP = 20  # pages: models load, caches and regular expressions fill
SCORED = {"word F1": "word F1", "P": "precision", "R": "recall", "kept": "kept", "leaked": "leaked"}


@dataclass
class Run:
    """CPU seconds by tool, repetition and page; texts by tool and page; pages on which a tool raised."""

    seconds: dict[str, list[list[float]]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)


def read(data: Path, *, articles: bool) -> pa.Table:
    """The development pages, or the articles among them."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(data / PAGES, columns=["id", "html", "page_type", "main_content", "with", "without"])
    return table.filter(pc.field("page_type") == "article") if articles else table


def measure(tools: Sequence[Tool], pages: Sequence[bytes], rounds: int) -> Run:
    """Run every tool on every page, several times over; texts and failures are those of the last time."""
    run = Run(seconds={tool.name: [] for tool in tools})
    _warm_up(tools, pages)
    for number in range(1, rounds + 1):
        _round(run, tools, track(pages, f"round {number} of {rounds}", console=Console(stderr=True), transient=True))
    gc.unfreeze()
    return run


def _warm_up(tools: Sequence[Tool], pages: Sequence[bytes]) -> None:
    for page in pages[:WARM_UP]:
        for tool in tools:
            text_of(tool, page, Counter())
    gc.collect()
    gc.freeze()  # no tool pays for looking through the others' modules and models


def _round(run: Run, tools: Sequence[Tool], pages: Iterable[bytes]) -> None:
    seconds: dict[str, list[float]] = {tool.name: [] for tool in tools}
    run.texts, run.failed = {tool.name: [] for tool in tools}, Counter()
    for number, page in enumerate(pages):
        first = number % len(tools)  # so that no tool always runs before or after another
        for tool in (*tools[first:], *tools[:first]):
            gc.collect()  # nor for collecting their garbage
            begun = time.process_time()
            text = text_of(tool, page, run.failed)
            seconds[tool.name].append(time.process_time() - begun)
            run.texts[tool.name].append(text)
    for name, values in seconds.items():
        run.seconds[name].append(values)


def text_of(tool: Tool, page: bytes, failed: Counter[str]) -> str:
    """The text a tool makes of a page, empty where it raises, which `failed` counts."""
    try:
        return tool.clean(page)
    except Exception:  # noqa: BLE001 - a peer may raise anything; the page counts as empty and the table tells how many
        failed[tool.name] += 1
        return ""


def cost(rounds: Sequence[Sequence[float]]) -> Figures:
    """CPU milliseconds a page, each page by its median over the rounds, and how far the rounds' totals lie apart."""
    pages = sorted(1000 * median(values) for values in zip(*rounds, strict=True))
    totals = [sum(values) for values in rounds]
    found = {f"p{q}": pages[min(q * len(pages) // 100, len(pages) - 1)] for q in (95, 99)}
    found |= {"mean": mean(pages), "median": median(pages), "spread": (max(totals) - min(totals)) / median(totals)}
    return found | {"p99 / median": found["p99"] / found["median"]}


def ratio(rounds: Sequence[Sequence[float]], peer: Sequence[Sequence[float]]) -> Figures:
    """The cost of a tool as a share of its peer's: of all pages, and the least and the most of a round."""
    shares = [sum(mine) / sum(other) for mine, other in zip(rounds, peer, strict=True)]
    return {"mean": cost(rounds)["mean"] / cost(peer)["mean"], "least": min(shares), "most": max(shares)}


def quality(scorer: Path, gold: pa.Table, texts: Sequence[str]) -> Figures:
    """Word F1, precision, recall, and snippets kept and leaked, by the scorer that comes with the data."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not any(texts):  # the scorer divides by what was found
        return dict.fromkeys(SCORED.values(), 0.0)
    ids = gold["id"].to_pylist()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gold.parquet"
        # Most snippets have straight quotation marks, whatever the page prints: here snippets and every tool's text do.
        rows = gold.drop_columns(["html"]).to_pylist()
        for row, name in itertools.product(rows, ("with", "without")):
            row[name] = [snippet.translate(STRAIGHT) for snippet in row[name] or ()]
        pq.write_table(pa.Table.from_pylist(rows), path)
        line = score(scorer, path, [{"id": i, "text": t.translate(STRAIGHT)} for i, t in zip(ids, texts, strict=True)])[0]
    found = dict(re.findall(r"(word F1|P|R|kept|leaked) +([\d.]+)", line))
    return {name: float(found[key]) for key, name in SCORED.items()}
