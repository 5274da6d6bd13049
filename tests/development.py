"""The development data beside the checkout: third-party texts, so tests that need them skip where they are absent."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from copydesk import RawDocument
from copydesk.model import Extraction, Rejection

BENCH = Path(__file__).parents[2] / "shared" / "bench"
PAGES = "wcxb-dev.parquet"
TEXTS = "text-dev.jsonl"


def needs(name: str) -> pytest.MarkDecorator:
    """Skip, saying so, where a file of the development data is absent."""
    return pytest.mark.skipif(not (BENCH / name).exists(), reason=f"the development data ({name}) is not beside this checkout")


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


def score(scorer: Path, gold: Path, predictions: list[dict[str, Any]]) -> list[str]:
    """The lines that a scorer of the development data prints for predictions (rows with an id)."""
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "predictions.jsonl"
        rows.write_text("".join(json.dumps(row) + "\n" for row in predictions), encoding="utf-8")
        done = subprocess.run([sys.executable, scorer, gold, rows], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()
