"""`python -m tests.bench.metadata` (make bench-metadata): title, authors and date against trafilatura and htmldate, field by field.

How fields are compared: titles are equal when their letters and digits are (case apart). Authors are sets of names, told by F1
over all names of all pages, without credentials (MD, PhD). Dates are days; a tool that gives one date for published and
modified is not told apart, so ours is the day published, or where none is known the day modified. F1 counts a value where the
gold has none as wrong.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from copydesk import Policy, describing, labelling, normalize, reading
from copydesk.errors import Unreadable
from copydesk.model import Metadata, RawDocument, Reason
from tests.development import BENCH, PAGES

Told = dict[str, Any]  # title, author (one text or names), date
_CREDENTIALS = re.compile(r"\s*(?:(?:[A-Z][A-Za-z]{0,2}\.?){1,4}|[A-Z]{2,6}|Ph\.?D\.?|Jr\.?)\s*")
_SPLIT = re.compile(r"\s*(?:[,;\n&]|\b(?:and|und|y)\b)\s*")


def copydesk(page: bytes, clock: Callable[[], float]) -> tuple[Told, float]:
    """What ours tells, and the CPU seconds that it adds to cleaning, which has read the page by then."""
    policy = Policy()
    try:
        document = reading.read(RawDocument("", page, media_type="text/html"), policy)
    except Unreadable:
        return {}, 0.0
    decisions = labelling.label(document, policy)
    headline = [d.block for d in decisions if d.reason is Reason.HEADLINE]
    title = normalize.assemble(document, [], headline, policy).title
    at = next((n for n, d in enumerate(decisions) if d.reason is Reason.HEADLINE), 0)
    start = clock()
    found: Metadata = describing.metadata(document, title, at, {}, None)
    spent = clock() - start
    return {"title": found.title, "author": list(found.authors), "date": found.published_at or found.modified_at}, spent


def trafilatura(page: bytes, clock: Callable[[], float]) -> tuple[Told, float]:
    from trafilatura.metadata import extract_metadata

    start = clock()
    found = extract_metadata(page)
    spent = clock() - start
    told = found.as_dict() if found else {}
    return {"title": told.get("title"), "author": told.get("author"), "date": told.get("date")}, spent


def htmldate(page: bytes, clock: Callable[[], float]) -> tuple[Told, float]:
    from htmldate import find_date

    start = clock()
    found = find_date(page, original_date=True)  # type: ignore[arg-type]  # it takes bytes, as its documentation says
    return {"date": found}, clock() - start


TOOLS = {"copydesk": copydesk, "trafilatura": trafilatura, "htmldate": htmldate}


def f1(pairs: list[tuple[frozenset[str], frozenset[str]]]) -> float:
    """F1 over sets of (wanted, found)."""
    right = sum(len(wanted & found) for wanted, found in pairs)
    told = sum(len(wanted) + len(found) for wanted, found in pairs)
    return 2 * right / told if told else 0.0


def letters(text: str | None) -> str:
    return re.sub(r"\W+", " ", re.sub(r"<[^>]+>", " ", unicodedata.normalize("NFKC", text or ""))).casefold().strip()


def names(value: str | list[str] | None) -> frozenset[str]:
    parts = value if isinstance(value, list) else _SPLIT.split(value or "")
    kept = [part for number, part in enumerate(parts) if not (number and _CREDENTIALS.fullmatch(part))]
    return frozenset(filter(None, (letters(re.sub(r"^by\s+", "", part, flags=re.IGNORECASE)) for part in kept)))


def day(value: str | None) -> frozenset[str]:
    return frozenset({value[:10]} if value else ())


def figures(gold: list[Told], told: list[Told], seconds: list[float]) -> dict[str, float]:
    return {
        "title": sum(letters(g["title"]) == letters(t.get("title")) for g, t in zip(gold, told, strict=True)) / len(gold),
        "authors F1": f1([(names(g["author"]), names(t.get("author"))) for g, t in zip(gold, told, strict=True)]),
        "date F1": f1([(day(g["publish_date"]), day(t.get("date"))) for g, t in zip(gold, told, strict=True)]),
        "ms": 1000 * sum(seconds) / len(seconds),
    }


def main() -> int:
    import pyarrow.parquet as pq

    logging.disable(logging.CRITICAL)
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else BENCH
    columns = ["html", "title", "author", "publish_date", "page_type"]
    rows = pq.read_table(data / PAGES, columns=columns).to_pylist()
    found: dict[str, list[tuple[Told, float]]] = {name: [] for name in TOOLS}
    for row in rows:  # in turn, so that a busy minute is every tool's
        for name, tool in TOOLS.items():
            found[name].append(tool(row["html"], time.process_time))
    table = {}
    for kind in ("articles", "pages"):
        chosen = [n for n, row in enumerate(rows) if kind == "pages" or row["page_type"] == "article"]
        for name, results in found.items():
            told, seconds = zip(*(results[n] for n in chosen), strict=True)
            table[f"{kind} {name}"] = figures([rows[n] for n in chosen], list(told), list(seconds))
    sys.stdout.write("| | title | authors F1 | date F1 | ms a page |\n| --- | ---: | ---: | ---: | ---: |\n")
    for name, row in table.items():
        cells = ["" if name.endswith("htmldate") and key not in {"date F1", "ms"} else f"{row[key]:.3f}" for key in row]
        sys.stdout.write(f"| {name} | {' | '.join(cells)} |\n")
    ours = table["articles copydesk"]
    sys.stdout.write(json.dumps({name: ours["ms"] / table[f"articles {name}"]["ms"] for name in TOOLS if name != "copydesk"}) + "\n")
    peers = [table[f"articles {name}"] for name in TOOLS if name != "copydesk"]
    worse = [key for key in ("title", "authors F1", "date F1") if any(ours[key] < peer[key] for peer in peers)]
    dear = any(ours["ms"] > peer["ms"] / 10 for peer in peers)
    return 1 if worse or dear else 0


if __name__ == "__main__":
    sys.exit(main())
