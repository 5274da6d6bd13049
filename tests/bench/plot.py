"""The picture: word F1 against CPU milliseconds a page, one dot a tool."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bench.report import Row

INK, GREY, OURS, PEER = "#24292f", "#8c959f", "#c2410c", "#57606a"


def draw(rows: list[Row], cost: float, path: Path) -> None:
    """Draw the rows that have a quality; `cost` is Copydesk's, for its in-sample row, which repeats no cost."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    # Outlined letters and a fixed salt: the picture looks the same everywhere, and the same figures give the same file.
    with plt.rc_context({"font.size": 10, "svg.hashsalt": "copydesk", "text.color": INK, "font.family": "DejaVu Sans"}):
        figure, axes = plt.subplots(figsize=(7.6, 4.2), layout="constrained")
        drawn = [row for row in rows if "word F1" in row.figures]
        for row in drawn:
            _dot(axes, row, row.figures.get("mean", cost))
        _dress(axes, [row.figures.get("mean", cost) for row in drawn], [row.figures["word F1"] for row in drawn])
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, facecolor="white", dpi=160)
        plt.close(figure)


def _dot(axes: Any, row: Row, milliseconds: float) -> None:
    ours, hollow = row.name.startswith("copydesk"), row.name == "copydesk, in sample" and "mean" not in row.figures
    colour, place = OURS if ours else PEER, (milliseconds, row.figures["word F1"])
    axes.scatter(*place, s=70, color="white" if hollow else colour, edgecolors=colour, linewidths=1.6, zorder=3)
    weight = "bold" if ours and not hollow else "normal"
    axes.annotate(row.name, place, xytext=(9, 0), textcoords="offset points", va="center", color=colour, weight=weight)


def _dress(axes: Any, costs: list[float], scores: list[float]) -> None:
    from matplotlib.ticker import NullFormatter, ScalarFormatter

    axes.set_xscale("log")
    axes.set_xlim(min(costs) / 1.5, max(costs) * 3)  # room for the labels at the right
    axes.set_ylim(min(scores) - 0.012, max(scores) + 0.012)
    axes.set_xticks([tick for tick in (1, 2, 5, 10, 20, 50, 100, 200) if min(costs) / 1.5 <= tick <= max(costs) * 3])
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(colors=PEER, which="both", length=0)
    axes.grid(color="#eaeef2", linewidth=0.8)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("CPU milliseconds a page (logarithmic)", color=PEER)
    axes.set_ylabel("word F1", color=PEER)
    axes.annotate("↖ better and cheaper", (0, 1), (4, 4), "axes fraction", textcoords="offset points", color=GREY, fontsize=9)
