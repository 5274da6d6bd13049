"""Figures of cleaning the development data: `python -m tests.figures` (make figures)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

from copydesk import Policy, RawDocument
from copydesk.model import Extraction, Rejection
from copydesk.pipeline import clean_document
from tests.development import BENCH

PAGES = "wcxb-dev.parquet"
TEXTS = "text-dev.jsonl"


@lru_cache(maxsize=1)
def pages() -> list[dict[str, Any]]:
    """The development pages: id, html, page_type, main_content."""
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = pq.read_table(BENCH / PAGES, columns=["id", "html", "page_type", "main_content"]).to_pylist()
    return rows


def raw_of(row: dict[str, Any]) -> RawDocument:
    return RawDocument(row["id"], row["html"], uri=f"{row['id']}.html")


def word_f1(result: Extraction | Rejection, gold: str) -> float:
    """Bag-of-words F1 of a result's text, 0 to 1; a rejection has no words."""
    text = result.text if isinstance(result, Extraction) else ""
    found, wanted = (Counter(re.findall(r"\w+", t.lower())) for t in (text, gold))
    words = found.total() + wanted.total()
    return 2 * (found & wanted).total() / words if words else 1.0


def _score(scorer: str, gold: str, rows: list[dict[str, Any]], lines: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        predictions = Path(folder) / "predictions.jsonl"
        predictions.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        done = subprocess.run([sys.executable, BENCH / scorer, BENCH / gold, predictions], capture_output=True, text=True, check=True)
    sys.stdout.write("\n".join(done.stdout.splitlines()[:lines]) + "\n")


def _pages() -> None:
    seconds, rows, rejects = [], [], []
    for row in pages():
        begun = time.process_time()
        result = clean_document(raw_of(row), Policy())
        seconds.append((time.process_time() - begun, row["id"]))
        if isinstance(result, Rejection):
            rejects.append(f"{row['id']}: {result.reason.value}: {result.detail}")
        else:
            rows.append({"id": row["id"], "text": result.text})
    milliseconds = sorted(1000 * s for s, _ in seconds)
    quantile = {q: milliseconds[int(q / 100 * len(milliseconds))] for q in (50, 95, 99)}
    sys.stdout.write(f"{len(seconds)} pages = {len(rows)} articles + {len(rejects)} rejects; CPU ms a page: ")
    sys.stdout.write(f"mean {sum(milliseconds) / len(milliseconds):.1f}, {quantile}, slowest {max(seconds)}\n")
    sys.stdout.write("\n".join(rejects) + "\n")
    _score("score_pages.py", PAGES, rows, 10)


def _texts() -> None:
    rows = []
    for line in (BENCH / TEXTS).read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        result = clean_document(RawDocument(gold["id"], gold["text"], media_type="text/plain"), Policy())
        assert isinstance(result, Extraction)
        rows.append({"id": gold["id"], "removed": [[r.start, r.end] for r in result.removed]})
    _score("score_text.py", TEXTS, rows, 9)


if __name__ == "__main__":
    _pages()
    _texts()
