"""Advertorials in plain text: what Copydesk removes, by the scorer that comes with the data; no peer removes any."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from copydesk import Policy, RawDocument
from copydesk.model import Extraction
from copydesk.pipeline import clean_document
from tests.bench.pages import Figures
from tests.development import TEXTS, score

SCORED = {"bP": "ad precision", "bR": "ad recall", "bF1": "ad F1", "content_kept": "content kept", "perfect_with_ad": "perfect with ad"}


_TYPICAL = 4_000, 6_000  # characters
_TOLD = 5_000
_TURNS = 5


def quality(data: Path) -> Figures:
    """Shares, by block: ads found, content kept, and documents with an ad that came out perfect; the cost of one of 5,000 characters."""
    rows = []
    for line in (data / TEXTS).read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        result = clean_document(RawDocument(gold["id"], gold["text"], media_type="text/plain"), Policy())
        removed = [[r.start, r.end] for r in result.removed] if isinstance(result, Extraction) else []
        rows.append({"id": gold["id"], "removed": removed})
    head, total = score(data / "score_text.py", data / TEXTS, rows)[:2]
    found = dict(zip(head.split(), total.split(), strict=True))
    texts = [json.loads(line)["text"] for line in (data / TEXTS).read_text(encoding="utf-8").splitlines()]
    return {name: float(found[key]) / 100 for key, name in SCORED.items()} | {"CPU ms for 5,000 characters": cost(texts)}


def cost(texts: Sequence[str]) -> float:
    """CPU milliseconds of this process for a text of 5,000 characters: the median over texts of about that length, each at its best."""
    least, most = _TYPICAL
    return median(min(_seconds(text) for _ in range(_TURNS)) * 1e3 * _TOLD / len(text) for text in texts if least < len(text) < most)


def _seconds(text: str) -> float:
    began = time.process_time()
    clean_document(RawDocument("text", text, media_type="text/plain"), Policy())
    return time.process_time() - began
