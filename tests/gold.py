"""Scores cleaning against seeds/gold: `python -m tests.gold` prints the figures; tests/test_gold.py holds the floors."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copydesk import Policy, RawDocument
from copydesk.model import Extraction
from copydesk.pipeline import clean_document

SEEDS = Path(__file__).parents[1] / "seeds"


@dataclass(frozen=True, slots=True)
class Block:
    """A gold block as it fared: its label, its letters, and how many of them were removed or are the headline."""

    file: str
    label: str
    reason: str
    text: str
    letters: int
    removed: int
    title: int


def documents() -> list[dict[str, Any]]:
    return [json.loads(p.read_text(encoding="utf-8")) for p in sorted((SEEDS / "gold").rglob("*.json"))]


def fared(gold: dict[str, Any]) -> list[Block]:
    """How each block of one gold document fared, found by counting its letters through the visible text."""
    raw = RawDocument(gold["file"], (SEEDS / "raw" / gold["file"]).read_bytes(), uri=gold["file"])
    result = clean_document(raw, Policy())
    assert isinstance(result, Extraction), f"{gold['file']}: {result}"
    fate = _fates(result)
    blocks, at = [], 0
    for block in gold["blocks"]:
        count = len("".join(block["text"].split()))
        here = Counter(fate[at : at + count])
        blocks.append(Block(gold["file"], block["label"], block.get("reason", ""), block["text"], count, here["removed"], here["title"]))
        at += count
    assert at == len(fate), f"{gold['file']}: gold has {at} visible letters, reading {len(fate)}"
    return blocks


def _fates(result: Extraction) -> list[str]:
    """What became of each visible letter, in order; kept and removed spans tell."""
    spans = [(k.start, k.end, "title" if k.text_start is None else "kept") for k in result.kept]
    spans += [(r.start, r.end, "removed") for r in result.removed]
    visible = _visible(result)
    return [fate for start, end, fate in sorted(spans) for c in visible[start:end] if not c.isspace()]


def _visible(result: Extraction) -> str:
    """The visible text of a result, read again."""
    from copydesk.reading import read

    return read(RawDocument(result.id, (SEEDS / "raw" / result.uri).read_bytes(), uri=result.uri), Policy()).text


def figures(blocks: list[Block]) -> dict[str, float]:
    """Shares of letters: content kept, ads and boilerplate removed, headlines found; and word F1 of the body by letters."""
    total: Counter[str] = Counter()
    for b in blocks:
        total[b.label] += b.letters
        total[f"{b.label} removed"] += b.removed
        total[f"{b.label} title"] += b.title
    kept = {
        label: total[label] - total[f"{label} removed"] - total[f"{label} title"] for label in ("content", "boilerplate", "advertorial")
    }
    precision, recall = kept["content"] / max(sum(kept.values()), 1), kept["content"] / max(total["content"], 1)
    return {
        "content kept": round(recall, 4),
        "body F1": round(2 * precision * recall / (precision + recall), 4),
        "advertorials removed": round(total["advertorial removed"] / max(total["advertorial"], 1), 4),
        "boilerplate removed": round(total["boilerplate removed"] / max(total["boilerplate"], 1), 4),
        "headlines found": round(total["title title"] / max(total["title"], 1), 4),
    }


def main() -> None:
    by_file = {gold["file"]: fared(gold) for gold in documents()}
    for name, suffix in (("text", ".txt"), ("pages", ".html")):
        print(name, figures([b for file, blocks in by_file.items() if file.endswith(suffix) for b in blocks]))  # noqa: T201 - a command
    for file, blocks in by_file.items():
        for b in blocks:
            gone = b.removed / b.letters
            if (b.label == "content") == (gone > 0.5) and b.label != "title":
                print(f"{file}: {b.label}/{b.reason} {'removed' if gone > 0.5 else 'kept'}: {b.text[:90]}")  # noqa: T201 - as above


if __name__ == "__main__":
    main()
