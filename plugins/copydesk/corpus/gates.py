"""Quality gates: a staged date's figures against bounds and against the dates before it. They judge, they change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from ..policy import Gates

DATES = 14  # how many dates before are looked at
_ENOUGH = 7  # fewer than this many make no median to fail by: what looks odd is a warning
Figures = Mapping[str, Any]


@dataclass(slots=True)
class Verdict:
    """What stops the date, and what only looks odd; each names figures and the gate's field."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def judge(staged: Figures, before: Sequence[Figures], gates: Gates) -> Verdict:
    """Judge a staged date's figures (`Figures.as_json`) by those of the dates before it, the latest first."""
    verdict = Verdict(problems=list(_rejected(staged["sources"], gates)))
    for name, source in staged["sources"].items():
        history = [found["sources"][name] for found in before[:DATES] if found["sources"].get(name, {}).get("articles")]
        if source["articles"] < gates.least_documents or not history:
            continue
        odd = list(_odd(name, source, history, gates))
        if len(history) >= _ENOUGH:
            verdict.problems += odd
        else:
            verdict.warnings += [f"{line} (only {len(history)} dates to compare with, {_ENOUGH} make it a failure)" for line in odd]
    return verdict


def _rejected(sources: Mapping[str, Any], gates: Gates) -> Iterator[str]:
    articles = sum(source["articles"] for source in sources.values())
    rejects = sum(source["rejects"] for source in sources.values())
    share = rejects / max(articles + rejects, 1)
    if share > gates.rejected and (articles + rejects >= gates.least_documents or not articles):
        worst = max(sources, key=lambda name: sources[name]["rejects"])
        yield (
            f"{rejects} of {articles + rejects} documents were rejected, {share:.0%}; gate `rejected` allows {gates.rejected:.0%} "
            f"(most of them, {sources[worst]['rejects']}, in {worst or 'files without a source'})"
        )


def _odd(name: str, source: Figures, history: Sequence[Figures], gates: Gates) -> Iterator[str]:
    """How a source differs from the median of its own dates before."""
    usual = f"the median of {len(history)} dates before is"
    kept = median(found["kept"] for found in history)
    if abs(source["kept"] - kept) > gates.kept:
        yield f"{name}: {source['kept']:.0%} of the text kept, {usual} {kept:.0%}; gate `kept` allows {gates.kept:.0%} either way"
    words = median(found["words"] for found in history)
    if not words / gates.length <= source["words"] <= words * gates.length:
        yield f"{name}: {source['words']:.0f} words an article, {usual} {words:.0f}; gate `length` allows a factor of {gates.length:g}"
    for language in sorted({language for found in history for language in found["languages"]}):
        share = median(_share(found, language) for found in history)
        if share - _share(source, language) > gates.language:
            yield (
                f"{name}: {_share(source, language):.0%} of the articles are in `{language}`, {usual} {share:.0%}; "
                f"gate `language` allows a loss of {gates.language:.0%}"
            )


def _share(source: Figures, language: str) -> float:
    return float(source["languages"].get(language, 0) / max(source["articles"], 1))
