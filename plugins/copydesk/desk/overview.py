"""The overview: what the footers of the published dates tell, by date and by source, and lines over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from .. import jobs
from ..corpus import browsing, landing, overrulings, reading_back, staleness, store
from ..errors import SettingError
from ..intake import read_sources
from ..overruling import Overruling
from ..policy import Policy
from .shown import line

_WIDTH, _HEIGHT = 160, 32
_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Day:
    """One date as its footer tells it; `why` says why it is stale, `published` is False where there are raw files only."""

    date: str
    published: bool
    sources: Mapping[str, Mapping[str, Any]]
    removed: Mapping[str, int] | None  # characters by reason; None when the footer of a source does not tell
    duplicates: int
    why: str

    @property
    def articles(self) -> int:
        return sum(source["articles"] for source in self.sources.values())

    @property
    def rejects(self) -> int:
        return sum(source["rejects"] for source in self.sources.values())

    @property
    def kept(self) -> float | None:
        """Mean share of the visible text that was kept, over all articles."""
        return sum(s["kept"] * s["articles"] for s in self.sources.values()) / self.articles if self.articles else None


@dataclass(frozen=True, slots=True)
class Overview:
    """What the overview and the report show: the dates, the latest first, the sources over time, and which dates are stale."""

    days: list[Day]
    charts: Mapping[str, list[Chart]]
    sources: list[str]
    stale: list[str]


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure of one source over the dates: points of lines for an SVG, and its last value."""

    name: str
    lines: list[str]
    first: str
    last: str
    most: str


def overview(raw: str, home: str, *, source: str = "", reason: str = "", until: str = "", count: int = 30) -> Overview:
    """The overview of the last `count` dates up to `until` ("" for all), of one source or of all ("")."""
    everything = days(raw, home, "", until, count)
    shown = days(raw, home, source, until, count) if source else everything
    sources = sources_of(everything)
    drawn = {name: charts(shown, name, reason) for name in ([source] if source else sources)}
    return Overview(shown, drawn, sources, sorted(day.date for day in everything if day.why))


@cache
def _versions_of(policy: Policy) -> Mapping[str, str]:
    return jobs.versions(policy)


def days(raw: str, home: str, source: str, newest: str, count: int) -> list[Day]:
    """The last `count` dates up to `newest` ("" for all), the latest first, of one source or of all ("")."""
    published = set(reading_back.dates(home))
    landed = set(_landed(raw, home))
    chosen = sorted((d for d in published | landed if not newest or d <= newest), reverse=True)[:count]
    named = _versions_of(jobs.read_policy(home))
    ruled = overrulings.standing(home)
    day = partial(_day, home, source=source, named=named, ruled=ruled)
    if store.is_local(store.at(home)):
        return [day(date) for date in chosen]
    with ThreadPoolExecutor(_CONNECTIONS) as pool:  # a store answers many at once, each after a while
        return list(pool.map(day, chosen))


def _landed(raw: str, home: str) -> list[str]:
    try:
        return landing.dates(raw, read_sources(home)) if raw else []
    except (SettingError, OSError):  # the overview of what is published is worth having without the raw files
        return []


def _day(home: str, date: str, source: str, named: Mapping[str, str], ruled: Sequence[Overruling]) -> Day:
    try:
        footer = browsing.footer(home, date)
    except (OSError, ValueError):
        return Day(date, False, {}, {}, 0, "unreadable: clean it again")
    if not footer:
        return Day(date, False, {}, {}, 0, "missing: no run has published it")
    figures = reading_back.figures(footer)
    sources = {name: found for name, found in figures["sources"].items() if not source or name == source}
    why = "; ".join(str(cause) for cause in staleness.by_footer(home, date, footer, named, ruled))
    removed = sources.get(source, {"removed": {}}).get("removed") if source else figures.get("removed", {})
    return Day(date, True, sources, removed, reading_back.counts(footer).get("duplicates", 0), why)


def sources_of(found: Sequence[Day]) -> list[str]:
    return sorted({name for day in found for name in day.sources})


def charts(found: Sequence[Day], source: str, reason: str = "") -> list[Chart]:
    """Share kept, ads an article, rejects, and what was struck for a reason, of a source over the dates, the oldest first."""
    rows = [day.sources.get(source) for day in reversed(found) if day.published]
    kept = [row["kept"] if row and row["articles"] else None for row in rows]
    ads = [row["ads"] / row["articles"] if row and row["articles"] and "ads" in row else None for row in rows]
    rejects = [float(row["rejects"]) if row else None for row in rows]
    found_ = [
        _chart("kept", kept, 1.0, "{:.0%}"),
        _chart("struck ads an article", ads, 0.0, "{:.1f}"),
        _chart("rejects", rejects, 0.0, "{:.0f}"),
    ]
    if reason:
        struck = [row["removed"].get(reason, 0) / row["articles"] if row and row["articles"] and "removed" in row else None for row in rows]
        found_.append(_chart(f"{reason}, characters an article", struck, 0.0, "{:.0f}"))
    return found_


def _chart(name: str, values: list[float | None], most: float, form: str) -> Chart:
    known = [value for value in values if value is not None]
    top = most or max([*known, 1.0])
    told = [form.format(value) for value in (known[0], known[-1])] if known else ["–", "–"]
    return Chart(name, line(values, _WIDTH, _HEIGHT, top), told[0], told[1], form.format(top))
