"""What a run found: the table, as text and as Markdown, and whether Copydesk's figures are within their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich import box
from rich.table import Table

from tests.bench.pages import Figures

COLUMNS = {  # heading: how its figure is printed
    "word F1": ".3f",
    "precision": ".3f",
    "recall": ".3f",
    "kept": ".3f",
    "leaked": ".3f",
    "mean": ".1f",
    "median": ".1f",
    "p95": ".1f",
    "p99": ".1f",
    "p99 / median": ".1f",
    "× copydesk": ".2f",
    "peak MB": ".0f",
}
QUALITY = ("word F1", "precision", "recall", "kept", "leaked")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: figures by heading, or a note where there are none."""

    name: str
    figures: Figures
    note: str = ""


def rows(found: Mapping[str, Figures], missing: list[str], out_of_fold: Figures | None) -> list[Row]:
    """Copydesk first, with its out-of-fold quality where the model card tells it, then its peers, then who is missing."""
    own = found["copydesk"]
    in_sample = {name: value for name, value in own.items() if out_of_fold is None or name in QUALITY}
    first = [] if out_of_fold is None else [Row("copydesk, out of fold", own | out_of_fold)]
    first.append(Row("copydesk, in sample", in_sample))
    peers = [Row(name, figures) for name, figures in found.items() if name != "copydesk"]
    return first + peers + [Row(name, {}, "not installed") for name in missing]


def _cells(row: Row) -> list[str]:
    if row.note:
        return [row.name, row.note] + [""] * (len(COLUMNS) - 1)
    return [row.name] + [format(row.figures[name], form) if name in row.figures else "" for name, form in COLUMNS.items()]


def table(rows: list[Row], title: str) -> Table:
    """For a terminal."""
    drawn = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    drawn.add_column("")
    for name in COLUMNS:
        drawn.add_column(name, justify="right")
    for row in rows:
        drawn.add_row(*_cells(row))
    return drawn


def markdown(rows: list[Row]) -> str:
    """For the README."""
    lines = [["", *COLUMNS], ["---"] + ["---:"] * len(COLUMNS), *(_cells(row) for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def broken(bounds: Mapping[str, Mapping[str, float]], found: Figures) -> list[str]:
    """One sentence for each figure under its floor, above its ceiling, or not measured."""
    problems = [f"{name} was not measured" for kind in bounds.values() for name in kind if name not in found]
    for name, floor in bounds.get("floors", {}).items():
        if found.get(name, floor) < floor:
            problems.append(f"{name} is {found[name]:.4g}, under its floor {floor:.4g}")
    for name, ceiling in bounds.get("ceilings", {}).items():
        if found.get(name, ceiling) > ceiling:
            problems.append(f"{name} is {found[name]:.4g}, above its ceiling {ceiling:.4g}")
    return problems
