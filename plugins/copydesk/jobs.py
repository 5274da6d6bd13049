"""One function for each task of a date's run; they know no Airflow, and hand on paths and counts, never text."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import date as date_
from datetime import datetime
from typing import Any

from upath import UPath

from . import feeder, labelling, pipeline
from .corpus import commit, landing, overrulings, reading_back, staging, staleness, store
from .corpus.gates import DATES, judge
from .errors import CheckFailed, SettingError
from .intake import Intake, Landed
from .policy import Gates, Policy, refuse, refuse_overrides
from .watchdog import clean_guarded

log = logging.getLogger("copydesk")

CHUNK_BYTES = 64_000_000
_SHRINK = 0.5  # fewer than this share of the published rows is taken for an accident (promise 8)


def date_of_run(run_type: str, interval_start: datetime | None, given: str | None) -> str:
    """The date that a run cleans, YYYY-MM-DD.

    A scheduled or backfilled run cleans the date of its data interval's start. Any other run (by hand, by another DAG) names its
    `date`: its interval may be the day before.
    """
    refuse(run_type, {"date": given})
    if given:
        return _iso_date(given)
    if interval_start is None:
        raise SettingError(f"a {run_type} run without a data interval has no date; trigger it by hand with the parameter `date`")
    return interval_start.date().isoformat()


def _iso_date(given: str) -> str:
    try:
        return date_.fromisoformat(given).isoformat()
    except ValueError:
        raise SettingError(f"date: {given!r} is not a date (YYYY-MM-DD)") from None


def discover(
    date: str,
    *,
    raw: str,
    home: str,
    chunk_bytes: int = CHUNK_BYTES,
    overrides: dict[str, Any] | None = None,
    dry_run: bool = False,
    force: bool = False,
) -> dict[str, Any]:
    """Freeze the plan of a date's run: its files with digests, its chunks, its policy, and the date it replaces.

    A date that is not stale needs no run and gets no plan (`plan` is None), unless `force` or `dry_run` asks for one.
    """
    date, home = _iso_date(date), str(store.at(home))
    refuse_overrides(overrides, dry_run=dry_run)
    for gone in staging.sweep(home):
        log.info("swept %s: over a day old, nobody holds it", gone)
    policy = read_policy(home, overrides)
    base = reading_back.identity(home, date)  # before the listing: who publishes from here on has seen newer files
    files = Landed(raw, home, policy).of(date)
    overruled = overrulings.of_date(home, date, {file.source for file in files})
    why = [str(cause) for cause in staleness.stale(home, date, files, versions(policy), overruled)]
    if not (why or force or dry_run):
        log.info(
            "%s is up to date: %d files, policy, model and code are those of the published date; `force` cleans it again", date, len(files)
        )
        return {"plan": None, "date": date, "stale": why, "chunks": [], "files": len(files)}
    plan = staging.freeze(date, raw, home, files, policy, base, chunk_bytes=chunk_bytes, dry_run=dry_run, overrulings=overruled)
    size = sum(f.size for f in files)
    log.info(
        "%s: %s; %d files, %d bytes, %d chunks in %s",
        *(date, "; ".join(why) or "not stale", len(files), size, len(plan.chunks)),
        plan.directory,
    )
    if not files:
        log.warning("%s: no files of that date below %s; the run goes on to an empty date, which check decides on", date, raw)
    return {
        "plan": str(plan.directory),
        "date": date,
        "stale": why,
        "chunks": [c.number for c in plan.chunks],
        "files": len(files),
        "bytes": size,
    }


def read_policy(home: str, overrides: dict[str, Any] | None = None) -> Policy:
    """The policy of `<home>/state/policy.toml` (the built-in one when there is no file), with overrides."""
    file = store.at(home) / "state" / "policy.toml"
    policy = Policy.from_toml(file.read_text(encoding="utf-8"), where=str(file)) if file.exists() else Policy()
    if not overrides:
        return policy
    values = {name: getattr(policy, name) for name in Policy.__dataclass_fields__}
    return Policy.of({**values, **overrides}, where="policy overrides")


def clean_chunk(plan: str, chunk: int, *, workers: int = 1, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
    """Clean one chunk of a plan into a part of its own. Raises PlanError when a raw file changed since the plan."""
    frozen = staging.load(plan)
    part = frozen.chunks[chunk]
    with staging.held(frozen), feeder.reader() as reader:
        intake = Intake(frozen, part, reader)
        results = clean_guarded(intake.raws(), frozen.policy, workers=workers)
        counts = staging.write_part(frozen, part, intake.paired(results, progress), intake.records, intake.skipped, reader.fell)
    log.info(
        "chunk %d: %d files, %d records, %d articles, %d rejects%s",
        *(chunk, counts["files"], counts["records"], counts["articles"], counts["rejects"]),
        f"; skipped: {', '.join(f'{kind} {count}' for kind, count in intake.skipped.most_common())}" if intake.skipped else "",
    )
    return counts


def merge(plan: str) -> dict[str, Any]:
    """Merge a plan's parts into its two staged files."""
    frozen = staging.load(plan)
    with staging.held(frozen):
        counts = commit.merge(frozen, versions=versions(frozen.policy))
    log.info("%s: staged %s", frozen.date, counts)
    return {"plan": plan, **counts}


def versions(policy: Policy) -> dict[str, str]:
    """The footer's keys that name the code, the model (weights, rules, lexicons) and the policy."""
    return {
        reading_back.CLEANING: str(pipeline.CLEANING_VERSION),
        reading_back.MODEL: labelling.digest(),
        reading_back.POLICY: policy.fingerprint,
    }


def check(plan: str, *, allow_shrink: bool = False, gates: dict[str, Any] | None = None) -> dict[str, Any]:
    """Refuse a staged date that does not add up, would empty the published one, or does not look like the dates before.

    Raises CheckFailed with the figures; the published date stays, the staged one is kept to be looked at.
    """
    bounds = Gates.of(gates or {})
    frozen = staging.load(plan)
    with staging.held(frozen):
        footer = reading_back.read_footer(frozen.directory / "articles.parquet")
        counts = reading_back.counts(footer)
        before = [reading_back.figures(f) for f in reading_back.dates_before(frozen.home, frozen.date, footer, DATES)]
        verdict = judge(reading_back.figures(footer), before, bounds)
        for warning in verdict.warnings:
            log.warning("%s: %s", frozen.date, warning)
        problems = [*_miscounted(frozen, counts), *_shrunk(frozen, counts, allow_shrink), *commit.defects(frozen), *verdict.problems]
        if problems:
            staging.keep(frozen, "check failed: " + "; ".join(problems))
            raise CheckFailed(
                f"{frozen.date} is not published: {'; '.join(problems)}. The published date is as it was. Look at the staged files in "
                f"{frozen.directory}; then mend the source, or run the date again with the parameter `gates` raised, if it is right"
            )
    return {"plan": plan, **counts, "warnings": verdict.warnings}


def _miscounted(plan: staging.Plan, counts: dict[str, int]) -> Iterator[str]:
    rows = counts["articles"] + counts["rejects"]
    if rows != counts["records"] or rows < len(plan.files):
        went_in = f"{len(plan.files)} files with {counts['records']} records went in"
        yield f"{went_in}, {counts['articles']} articles + {counts['rejects']} rejects came out"


def _shrunk(plan: staging.Plan, counts: dict[str, int], allow_shrink: bool) -> Iterator[str]:
    published = reading_back.counts(reading_back.footer(plan.home, plan.date)) if plan.base != "unreadable" else {}
    rows, before = (found.get("articles", 0) + found.get("rejects", 0) for found in (counts, published))
    if rows < _SHRINK * before and not allow_shrink:
        yield (
            f"{rows} rows would replace {before} published ones, fewer than half: is {plan.raw} mounted? "
            "If the date really shrank, run it again with allow_shrink"
        )


def publish(plan: str) -> dict[str, Any]:
    """Put the staged date in place of the published one; with dry_run leave it staged. Returns the asset event.

    Safe to repeat: an attempt that was lost after its work was done is told the same event.
    """
    frozen = staging.load(plan)
    if (done := staging.published(frozen)) is not None:
        return done
    with staging.held(frozen):
        staged = frozen.directory / "articles.parquet"
        footer = reading_back.read_footer(staged)
        if frozen.dry_run:
            staging.keep(frozen, "dry run")
            where = staged
        else:
            where = commit.publish(frozen)
    log.info("%s: %s %s", frozen.date, "dry run, staged in" if frozen.dry_run else "published", where)
    event = _event(frozen.date, footer, where, published=not frozen.dry_run)
    log.info("%s", table(event))
    if not frozen.dry_run:
        staging.finish(frozen, event)
    return event


def _event(date: str, footer: Mapping[str, str], where: UPath, *, published: bool) -> dict[str, Any]:
    keys = {"policy": reading_back.POLICY, "model": reading_back.MODEL, "input": reading_back.INPUT}
    named = {name: footer[key] for name, key in keys.items()}
    figures = reading_back.figures(footer)
    totals = {name: figures.get(name) for name in ("raw_bytes", "removed", "rejected")}
    return {"date": date, "published": published, "articles_path": str(where), **named, **reading_back.counts(footer), **totals}


def table(event: Mapping[str, Any]) -> str:
    """The figures of an asset event as lines of a log."""
    rows = [("date", event["date"]), ("raw bytes", event["raw_bytes"])]
    rows += [(name, event[name]) for name in ("files", "records", "articles", "rejects", "duplicates", "timeouts", "crashes")]
    rows += [(f"removed, {reason}", f"{size} characters") for reason, size in _largest(event["removed"])]
    rows += [(f"rejected, {reason}", count) for reason, count in _largest(event["rejected"])]
    return "\n".join(("figures of the run", *(f"  {name:<32}{value:>24}" for name, value in rows)))


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def audit(raw: str, home: str, *, since: str = "", progress: Callable[[int], None] | None = None) -> list[dict[str, Any]]:
    """The stale dates, landed or published, in order; dates before `since` (YYYY-MM-DD) are not looked at.

    Each with `why` (texts), `input_only` (nothing but its files changed since it was published) and `input`, a name for
    its files as they are now. Costs a look at every raw file of those dates, as cleaning's first step does.
    """
    home = str(store.at(home))
    policy, standing = read_policy(home), overrulings.standing(home)
    landed = Landed(raw, home, policy)
    found = []
    for date in sorted({*landed.dates(), *reading_back.dates(home)}):
        if date < since:
            continue
        files = landed.of(date)
        causes = staleness.stale(home, date, files, versions(policy), standing)
        why = [str(cause) for cause in causes]
        log.info("%s: %s", date, "; ".join(why) or "up to date")
        if causes:
            input_only = [cause for cause, _ in causes] == [staleness.Cause.INPUT]
            found.append({"date": date, "why": why, "input_only": input_only, "input": landing.input_digest(files)})
        if progress:
            progress(1)
    return found


def advice(found: list[dict[str, Any]]) -> str:
    """The stale dates of an audit as lines of a log, with the backfill that mends them."""
    if not found:
        return "Every date is up to date."
    lines = [f"{date['date']}  {'; '.join(date['why'])}" for date in found]
    first, last = found[0]["date"], found[-1]["date"]
    way_on = f"backfill clean_articles from {first} to {last} with All Runs; it skips the dates that are up to date"
    return "\n".join((*lines, f"{len(found)} stale: {way_on}"))


def reruns(found: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The runs of `clean_articles` that an audit may trigger: at most `most` dates stale by their files alone, the latest first.

    A run is named by its date and files, so that one state of a date's files is tried once.
    """
    defaults = {"dry_run": False, "force": False, "allow_shrink": False, "gates": {}, "policy": {}}
    chosen = [date for date in reversed(found) if date["input_only"]][:most]
    return [
        {
            "trigger_run_id": f"audit__{date['date']}__{date['input'][:12]}",
            "conf": {"date": date["date"], **defaults},
            "note": "; ".join(date["why"]),
        }
        for date in chosen
    ]


def run_date(
    date: str,
    *,
    raw: str,
    home: str,
    workers: int = 1,
    chunk_bytes: int = 1 << 50,  # one process cleans all: a file that it reads in parts it would read several times
    allow_shrink: bool = False,
    dry_run: bool = False,
    force: bool = False,
    gates: dict[str, Any] | None = None,
    overrides: dict[str, Any] | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """A whole run of a date in this process: the same five steps as the DAG. Returns the asset event.

    Of a date that is not stale it returns what is published, with `published` False.
    """
    found = discover(date, raw=raw, home=home, chunk_bytes=chunk_bytes, overrides=overrides, dry_run=dry_run, force=force)
    if not found["plan"]:
        footer = reading_back.footer(str(store.at(home)), found["date"])
        return _event(found["date"], footer, reading_back.articles_path(str(store.at(home)), found["date"]), published=False)
    for chunk in found["chunks"]:
        clean_chunk(found["plan"], chunk, workers=workers, progress=progress)
    merge(found["plan"])
    check(found["plan"], allow_shrink=allow_shrink, gates=gates)
    return publish(found["plan"])
