"""What the text model strikes out of fold, by kind of ad and document, and where it is worst: `python -m tests.bench.breakdown REMOVED`.

REMOVED is what `copydesk train text --removed REMOVED` writes. No texts are printed, only ids and counts.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from tests.development import BENCH, TEXTS

_WORST = 20
_LONG, _MIDDLE = 5, 2  # lines of an ad


class Ad(NamedTuple):
    """One ad in one document: how many of its lines went, of how many."""

    text: str
    groups: dict[str, str]
    lines: int
    gone: int


class Text(NamedTuple):
    id: str
    ads: list[Ad]
    lost: int  # lines of the article


def judged(texts: Path, removed: Path) -> list[Text]:
    """Each development text with what was struck of it."""
    spans = {row["id"]: row["removed"] for row in map(json.loads, removed.read_text(encoding="utf-8").splitlines())}
    return [_judged(json.loads(row), spans) for row in texts.read_text(encoding="utf-8").splitlines()]


def _judged(row: dict[str, Any], spans: dict[str, list[list[int]]]) -> Text:
    blocks = row["blocks"]
    gone = [any(first < b["end"] and b["start"] < last for first, last in spans[row["id"]]) for b in blocks]
    ads = list(_ads(row, blocks, gone))
    return Text(row["id"], ads, sum(g for b, g in zip(blocks, gone, strict=True) if b["label"] == "content"))


def _ads(row: dict[str, Any], blocks: list[dict[str, Any]], gone: list[bool]) -> Iterator[Ad]:
    content = [i for i, b in enumerate(blocks) if b["label"] == "content"]
    for (label, _), run in groupby(enumerate(blocks), key=lambda pair: (pair[1]["label"], pair[1].get("ad_id"))):
        if label != "ad":
            continue
        indices = [i for i, _ in run]
        first = blocks[indices[0]]
        inside = any(i < indices[0] for i in content) and any(i > indices[-1] for i in content)
        length = "5 lines and more" if len(indices) >= _LONG else "2 to 4 lines" if len(indices) >= _MIDDLE else "1 line"
        groups = {
            "style": first["ad_style"],
            "label": "labelled" if first["labelled"] else "unlabelled",
            "origin": "found in pages" if first["origin"].startswith("harvested") else "written",
            "length": length,
            "position": "inside" if inside else "at an end",
            "article": "sounds like an ad" if row["hard_negative"] else "does not",
            "language": row["lang"],
        }
        yield Ad(row["id"], groups, len(indices), sum(gone[i] for i in indices))


def report(texts: list[Text]) -> Iterator[str]:
    """The lines to print."""
    ads = [ad for text in texts for ad in text.ads]
    yield f"{'':34} ads  whole  partly  missed"
    for name in ("label", "origin", "length", "position", "article", "language", "style"):
        by: dict[str, list[Ad]] = defaultdict(list)
        for ad in ads:
            by[ad.groups[name]].append(ad)
        for value, these in sorted(by.items(), key=lambda item: (-len(item[1]), item[0])):
            whole, missed = (sum(ad.gone == n for ad, n in ((ad, ad.lines * share) for ad in these)) for share in (1, 0))
            yield f"{name:9}{value[:24]:24} {len(these):4} {whole / len(these):6.0%} {len(these) - whole - missed:6} {missed:7}"
    worst = sorted(texts, key=lambda text: (-_errors(text), text.id))[:_WORST]
    yield "the worst: text, lines of ads left of all, lines of the article struck, styles of what was left"
    for text in worst:
        left = sorted({ad.groups["style"] for ad in text.ads if ad.gone < ad.lines})
        yield f"{text.id}  {_left(text)} of {sum(ad.lines for ad in text.ads)}  {text.lost}  {', '.join(left)}"


def _left(text: Text) -> int:
    return sum(ad.lines - ad.gone for ad in text.ads)


def _errors(text: Text) -> int:
    return _left(text) + text.lost


if __name__ == "__main__":
    sys.stdout.write("\n".join(report(judged(BENCH / TEXTS, Path(sys.argv[1])))) + "\n")
