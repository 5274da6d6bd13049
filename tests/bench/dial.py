"""The dial from thorough to careful, drawn: ads found against articles harmed, out of fold, from the text model's card."""

from __future__ import annotations

import json
from pathlib import Path

from copydesk import Policy
from copydesk.labelling.net import WEIGHTS


def draw(path: Path) -> None:
    """Write an SVG of the curve on the card of the packaged text model."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "copydesk"
    from matplotlib import pyplot as plt

    curve = json.loads(WEIGHTS.joinpath("text.json").read_text(encoding="utf-8"))["out_of_fold"]
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    x, y = ([100 * row[name] for row in curve] for name in ("harmed", "recall"))
    axes.plot(x, y, color="#1f6f8b", marker="o")
    for row, across, up in zip(curve, x, y, strict=True):
        default = row["ad_threshold"] == Policy().ad_threshold
        axes.annotate(
            f"{row['ad_threshold']:g}" + (" (default)" if default else ""),
            (across, up),
            xytext=(6, -12),
            textcoords="offset points",
            fontweight="bold" if default else "normal",
        )
    axes.set_xlabel("documents without an ad that lost a line, %")
    axes.set_ylabel("lines of ads struck, %")
    axes.set_title("ad_threshold: thorough or careful (out of fold)")
    axes.margins(0.08)
    axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    draw(Path(__file__).parent / "dial.svg")
