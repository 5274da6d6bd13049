"""`python -m tests.bench` (make bench): measure, write the table and the picture, and fail where a bound is broken."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tests.bench import memory, pages, plot, report, texts
from tests.bench.pages import Figures, Run
from tests.bench.peers import TOOLS, Tool
from tests.development import BENCH, PAGES, TEXTS

ROOT = Path(__file__).parents[2]
BOUNDS = ROOT / "tests" / "cases" / "floors.json"
CARD = ROOT / "plugins" / "copydesk" / "labelling" / "weights" / "page.json"
NEEDED = (PAGES, TEXTS, "score_pages.py", "score_text.py")


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a run found: figures by tool, Copydesk's own that are held to bounds, and those of plain texts."""

    run: Run
    pages: int
    by_tool: dict[str, Figures]
    own: Figures
    plain: Figures
    out_of_fold: Figures | None


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="folder for the table and the picture (build/bench)")
    parser.add_argument("--data", type=Path, default=BENCH, help="folder of the development data (../shared/bench)")
    parser.add_argument("--all", action="store_true", help="all 1,497 pages, not the 793 articles only")
    parser.add_argument("--tools", nargs="+", choices=[t.name for t in TOOLS], help="copydesk and these; what needs others is not judged")
    parser.add_argument("--rounds", type=int, default=3, help="how often every page is measured (3)")
    parser.add_argument("--memory-pages", type=int, default=0, help="also watch Copydesk's memory over so many pages (20000, say)")
    options = parser.parse_args(words)
    if 0 < options.memory_pages <= memory.SETTLED:
        parser.error(f"--memory-pages: growth is told after {memory.SETTLED} pages, so ask for more")
    return options


def main(words: Sequence[str] | None = None) -> int:
    options = arguments(words)
    absent = [name for name in NEEDED if not (options.data / name).exists()]
    if absent:
        return _end([f"the development data is expected in {options.data}, without it there is no bench; absent: {', '.join(absent)}"])
    findings = _measure(options)
    _tell(findings, options)
    return _end(_judge(findings, options))


def _chosen(options: argparse.Namespace) -> list[Tool]:
    return [tool for tool in TOOLS if not options.tools or tool.name in {"copydesk", *options.tools}]


def _measure(options: argparse.Namespace) -> Findings:
    tools = [tool for tool in _chosen(options) if tool.version]
    gold = pages.read(options.data, articles=not options.all)
    html = gold["html"].to_pylist()
    run = pages.measure(tools, html, options.rounds)
    scorer = options.data / "score_pages.py"
    by_tool = {name: pages.quality(scorer, gold, found) | pages.cost(run.seconds[name]) for name, found in run.texts.items()}
    held = _memory(tools, html, options.memory_pages)
    for name, figures in by_tool.items():
        figures |= {"× copydesk": figures["mean"] / by_tool["copydesk"]["mean"], "peak MB": held[name]["peak MB"]}
    out_of_fold = None if options.all else _out_of_fold(CARD)
    own = by_tool["copydesk"] | held["copydesk"]
    own |= {f"cost / {name}": share["mean"] for name, share in _shares(run).items()}
    own |= {f"{name} out of fold": figure for name, figure in (out_of_fold or {}).items()}
    return Findings(run, len(html), by_tool, own, texts.quality(options.data), out_of_fold)


def _shares(run: Run) -> dict[str, Figures]:
    """Copydesk's cost as a share of each peer's."""
    return {name: pages.ratio(run.seconds["copydesk"], rounds) for name, rounds in run.seconds.items() if name != "copydesk"}


def _out_of_fold(card: Path) -> Figures | None:
    """The quality that the model card tells, on pages that the weights were not fitted on; None before there is a card."""
    if not card.exists():
        return None
    told = json.loads(card.read_text(encoding="utf-8"))["out_of_fold"]
    names = {"word_f1": "word F1", "precision": "precision", "recall": "recall", "with": "kept", "without": "leaked"}
    return {name: told[key] for key, name in names.items() if key in told}


def _memory(tools: Sequence[Tool], html: Sequence[bytes], watched: int) -> dict[str, Figures]:
    """By tool the peak of a process that cleans every page once; Copydesk's growth over `watched` pages."""
    with tempfile.TemporaryDirectory() as folder:
        for number, page in enumerate(html):
            (Path(folder) / f"{number:05}.html").write_bytes(page)
        with ThreadPoolExecutor(os.cpu_count()) as spawned:
            once = {tool.name: spawned.submit(memory.spawn, tool.name, Path(folder), len(html)) for tool in tools}
        held = {name: {"peak MB": measured.result()["peak"][0]} for name, measured in once.items()}
        if watched:
            resident = memory.spawn("copydesk", Path(folder), watched)["resident"]
            held["copydesk"] |= {"memory growth": memory.growth(resident), "settled MB": memory.settled(resident)}
    return held


def _tell(findings: Findings, options: argparse.Namespace) -> None:
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    stem = "pages" if options.all else "articles"
    rows = report.rows(findings.by_tool, [t.name for t in _chosen(options) if not t.version], findings.out_of_fold)
    console.print(report.table(rows, f"{findings.pages} {stem}: quality, CPU milliseconds a page, peak memory"))
    console.print("\n".join(_notes(findings, _chosen(options))))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / f"{stem}.md").write_text(report.markdown(rows), encoding="utf-8")
    measured = {"pages": findings.by_tool, "copydesk": findings.own, "plain texts": findings.plain}
    (options.out / f"{stem}.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    for kind in ("svg", "png"):
        plot.draw(rows, findings.own["mean"], options.out / f"{stem}.{kind}")
    console.print(f"Written: {options.out}/{stem}.md, .json, .svg, .png. Nothing else changed; to show them in the README, paste the")
    console.print(f"table and  cp {options.out}/{stem}.svg tests/bench/", soft_wrap=True)


def _notes(findings: Findings, tools: Sequence[Tool]) -> list[str]:
    """What the table's figures are, how sure they are, and what is told beside it."""
    lines = ["In sample: the shipped weights were fitted on the articles here, so that this row tells a change, not how good it is."]
    lines.append(
        "Out of fold: from the model card, each page judged by weights fitted on other sites."
        if findings.out_of_fold
        else "No out-of-fold figure: there is no model card (labelling/weights/page.json) yet, or it is about other pages."
    )
    spread = {name: figures["spread"] for name, figures in findings.by_tool.items()}
    if len(findings.run.seconds["copydesk"]) > 1:
        lines.append("Noise, totals of the rounds apart: " + ", ".join(f"{name} {s:.1%}" for name, s in spread.items()))
    for name, share in _shares(findings.run).items():
        lines.append(f"Copydesk costs {share['mean']:.2f} of {name} ({share['least']:.2f} to {share['most']:.2f} by round)")
    lines += [f"{name} raised on {count} pages" for name, count in findings.run.failed.items()]
    if "memory growth" in findings.own:
        settled, growth = findings.own["settled MB"], findings.own["memory growth"]
        lines.append(f"Copydesk's memory after 2,000 pages: {settled:.0f} MB; at worst {growth:+.1%} afterwards")
    lines.append("Plain texts: " + ", ".join(f"{name} {figure:.3f}" for name, figure in findings.plain.items()))
    return [*lines, "Versions: " + ", ".join(f"{tool.name} {tool.version or 'not installed'}" for tool in tools)]


def _judge(findings: Findings, options: argparse.Namespace) -> list[str]:
    bounds = json.loads(BOUNDS.read_text(encoding="utf-8"))
    stem = "pages" if options.all else "articles"
    held = {kind: _without(limits, _left_out(options)) for kind, limits in bounds[f"development {stem}"].items()}
    problems = [f"{stem}: {problem}" for problem in report.broken(held, findings.own)]
    return problems + [f"plain texts: {problem}" for problem in report.broken(bounds["development texts"], findings.plain)]


def _left_out(options: argparse.Namespace) -> set[str]:
    """Figures that the options leave out on purpose, so that their bounds are not held; a peer that is missing is none."""
    chosen = _chosen(options)
    return {f"cost / {tool.name}" for tool in TOOLS if tool not in chosen} | (set() if options.memory_pages else {"memory growth"})


def _without(limits: Figures, names: set[str]) -> Figures:
    return {name: bound for name, bound in limits.items() if name not in names}


def _end(problems: Sequence[str]) -> int:
    for problem in problems:
        sys.stderr.write(f"bench: {problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
