"""Figures by language on texts and pages of our own writing, apart from training: `python -m tests.languages.figures`."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from copydesk import Policy, RawDocument
from copydesk.model import Extraction
from copydesk.pipeline import clean_document
from tests.development import word_f1

FOLDER = Path(__file__).parent
Figures = dict[str, dict[str, float]]


def pages() -> Figures:
    """By language: mean word F1, and the shares of snippets that were rightly kept and wrongly left in."""
    found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for row in _rows(FOLDER / "pages.jsonl"):
        result = clean_document(RawDocument(row["id"], row["html"]), Policy())
        assert isinstance(result, Extraction), f"{row['id']}: {result}"
        shares = [sum(snippet in result.text for snippet in row[side]) / max(len(row[side]), 1) for side in ("with", "without")]
        found[row["language"]].append((word_f1(result, row["main_content"]), *shares))
    names = ("word F1", "kept", "leaked")
    means = {language: [sum(column) / len(rows) for column in zip(*rows, strict=True)] for language, rows in found.items()}
    return {language: dict(zip(names, map(_rounded, values), strict=True)) for language, values in sorted(means.items())}


def articles() -> Figures:
    """By language, of the articles of the pages as plain texts: the shares that came out whole, as all should, and of characters kept."""
    found: dict[str, list[tuple[bool, int, int]]] = defaultdict(list)
    for row in _rows(FOLDER / "pages.jsonl"):
        result = clean_document(RawDocument(row["id"], row["main_content"], media_type="text/plain"), Policy())
        assert isinstance(result, Extraction), f"{row['id']}: {result}"
        found[row["language"]].append((not result.removed, sum(len(r.text) for r in result.removed), len(row["main_content"])))
    return {
        language: {
            "unharmed": _rounded(sum(whole for whole, _, _ in rows) / len(rows)),
            "kept": _rounded(1 - sum(lost for _, lost, _ in rows) / sum(length for _, _, length in rows)),
        }
        for language, rows in sorted(found.items())
    }


def texts() -> Figures:
    """By language: F1 over lines of ads, and the shares of documents that came out perfect or were harmed without an ad."""
    return {path.stem: _of_texts(_rows(path)) for path in sorted((FOLDER / "texts").glob("*.jsonl"))}


def _of_texts(rows: list[dict[str, Any]]) -> dict[str, float]:
    count: Counter[str] = Counter()
    for row in rows:
        text, lines = _joined(row)
        result = clean_document(RawDocument(row["id"], text, media_type="text/plain"), Policy())
        assert isinstance(result, Extraction)
        gone = [(label, any(r.start < end and start < r.end for r in result.removed)) for start, end, label in lines]
        hits, missed = gone.count(("ad", True)), gone.count(("ad", False))
        lost = gone.count(("content", True))
        count.update(hits=hits, missed=missed, lost=lost)
        with_ad = "with" if hits + missed else "without"
        count.update([with_ad, f"{with_ad} sound"] if not missed and not lost else [with_ad])
    return {
        "ad F1": _rounded(2 * count["hits"] / max(2 * count["hits"] + count["missed"] + count["lost"], 1)),
        "perfect": _rounded(count["with sound"] / count["with"]),
        "harmed": _rounded(1 - count["without sound"] / count["without"]),
    }


# The label that an empty slot for an ad leaves in a text.
_LABELS = {
    "ar": "إعلان",
    "de": "ANZEIGE",
    "el": "Διαφήμιση",
    "es": "Publicidad",
    "fr": "Publicité",
    "it": "Pubblicità",
    "ja": "広告",
    "pl": "Reklama",
    "pt": "PUBLICIDADE",
    "ru": "Реклама",
    "tr": "Reklam",
}


def slots() -> Figures:
    """By language, of articles and texts without an ad: the share that loses nothing more once a lone label stands in its middle."""
    texts = [(row["language"], row["main_content"].split("\n"), "\n") for row in _rows(FOLDER / "pages.jsonl")]
    for path in sorted((FOLDER / "texts").glob("*.jsonl")):
        rows = [row for row in _rows(path) if all(label != "ad" for label, _ in row["blocks"])]
        texts += [(path.stem, [line for _, line in row["blocks"]], "\n\n" if row["gap"] else "\n") for row in rows]
    sound: dict[str, list[bool]] = defaultdict(list)
    for language, lines, gap in texts:
        middle, label = len(lines) // 2, _LABELS[language]
        before, after = (
            clean_document(RawDocument("text", gap.join(each), media_type="text/plain"), Policy())
            for each in (lines, [*lines[:middle], label, *lines[middle:]])
        )
        assert isinstance(before, Extraction)
        assert isinstance(after, Extraction)
        sound[language].append({r.text for r in after.removed} <= {r.text for r in before.removed} | {label})
    return {language: {"unharmed": _rounded(sum(each) / len(each))} for language, each in sorted(sound.items())}


def _joined(row: dict[str, Any]) -> tuple[str, list[tuple[int, int, str]]]:
    """The text of a row, and where its lines stand with what label."""
    text, lines = "", []
    for label, line in row["blocks"]:
        text += ("\n\n" if row["gap"] else "\n") if text else ""
        lines.append((len(text), len(text) + len(line), label))
        text += line
    return text, lines


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _rounded(value: float) -> float:
    return round(value, 3)


if __name__ == "__main__":
    for name, found in (("pages", pages()), ("texts", texts()), ("articles", articles()), ("slots", slots())):
        sys.stdout.write("\n".join(f"{name} {language}: {figures}" for language, figures in found.items()) + "\n")
