"""Advertorials in plain text: what Copydesk removes, by the scorer that comes with the data; no peer removes any."""

from __future__ import annotations

import json
from pathlib import Path

from copydesk import Policy, RawDocument
from copydesk.model import Extraction
from copydesk.pipeline import clean_document
from tests.bench.pages import Figures
from tests.development import TEXTS, score

SCORED = {"bP": "ad precision", "bR": "ad recall", "bF1": "ad F1", "content_kept": "content kept", "perfect_with_ad": "perfect with ad"}


def quality(data: Path) -> Figures:
    """Shares, by block: ads found, content kept, and documents with an ad that came out perfect."""
    rows = []
    for line in (data / TEXTS).read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        result = clean_document(RawDocument(gold["id"], gold["text"], media_type="text/plain"), Policy())
        removed = [[r.start, r.end] for r in result.removed] if isinstance(result, Extraction) else []
        rows.append({"id": gold["id"], "removed": removed})
    head, total = score(data / "score_text.py", data / TEXTS, rows)[:2]
    found = dict(zip(head.split(), total.split(), strict=True))
    return {name: float(found[key]) / 100 for key, name in SCORED.items()}
