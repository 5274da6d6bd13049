"""What the command shows on a terminal: a document with its cuts marked, a date's tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from .model import Extraction, Label

_STYLES = {Label.ADVERTORIAL: "red strike", Label.BOILERPLATE: "dim strike"}


def printable(text: str) -> str:
    """Control characters made visible: a raw file must not steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)


def marked(result: Extraction) -> Iterator[Text]:
    """The document in its own order: kept text plain, cuts struck with their receipt."""
    yield Text(printable(result.title), style="bold")
    yield Text(f"{result.language} · {result.quality.word_count} words · kept {result.quality.kept_share:.0%}", style="dim")
    yield Text("")
    pieces: list[tuple[int, Text]] = [
        (k.start, Text(printable(result.text[k.text_start : k.text_end]))) for k in result.kept if k.text_start is not None
    ]
    for cut in result.removed:
        why = "; ".join((cut.rule, *(["labelled"] if cut.labelled else []), *cut.evidence))
        receipt = f"✂ {cut.label.value}: {cut.reason.value} ({why}; {cut.score:.2f})  "
        pieces.append((cut.start, Text.assemble((receipt, "yellow"), (printable(cut.text), _STYLES[cut.label]))))
    for _, line in sorted(pieces, key=lambda piece: piece[0]):
        yield line
        yield Text("")


def articles_table(articles: Iterable[dict[str, Any]], day: str) -> Table:
    table = Table(title=f"Articles of {day}", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("article", max_width=58, overflow="fold")
    for name in ("words", "kept", "cuts"):
        table.add_column(name, justify="right")
    table.add_column("removed because", max_width=48)
    for row in articles:
        reasons = Counter(cut["reason"] for cut in row["removed"])
        why = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
        if row["duplicate_of"]:
            why = f"same text as {row['duplicate_of']}; {why}"
        title = Text(printable(row["title"] or row["id"]) + "\n").append(f"{row['id']} ({row['language']})", "dim")
        kept = f"{row['quality']['kept_share']:.0%}"
        table.add_row(title, str(row["word_count"]), kept, str(len(row["removed"])), Text(why))
    return table


def rejects_table(rejects: Iterable[dict[str, Any]]) -> Table:
    table = Table("rejected", "reason", "detail", title="Rejects", title_justify="left", box=SIMPLE_HEAD)
    for row in rejects:
        table.add_row(*(Text(printable(row[name])) for name in ("id", "reason", "detail")))
    return table
