"""The report: the overview as one HTML file that asks nothing of any server, for mail and archives."""

from __future__ import annotations

from markupsafe import Markup

from .overview import overview
from .shown import HERE, environment


def report(raw: str, home: str, made: str, *, source: str = "", reason: str = "", until: str = "", days: int = 30) -> str:
    """The HTML of the last `days` dates up to `until` ("" for all); `made` tells the reader when."""
    where = {"source": source, "reason": reason, "until": until}
    style = Markup((HERE / "static" / "desk.css").read_text(encoding="utf-8"))  # noqa: S704 - a file of ours
    found = overview(raw, home, **where, count=days)
    return environment().get_template("report.html").render(found=found, where=where, made=made, style=style)
