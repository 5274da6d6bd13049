"""The `copydesk` command: clean files without Airflow, and look at what was cut and why."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from . import __version__
from .errors import CopydeskError, SettingError
from .model import Extraction, Rejection
from .policy import Policy
from .terminal import articles_table, marked, printable, rejects_table

if TYPE_CHECKING:
    from .records import Source

Result = Extraction | Rejection


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Strike boilerplate and advertorials from article files, and keep a receipt for every cut."""


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--jsonl", "jsonl", metavar="FILE", help="Write one JSON line a document; - is standard output (the default).")
@click.option("--corpus", "corpus", metavar="DIR", help="Write the date's Parquet below DIR instead, as the Airflow DAG does.")
@click.option(
    "--date", "day", metavar="YYYY-MM-DD", help="The date for --corpus, below the raw root; default: the name of the folder given."
)
@click.option("--policy", "policy_file", type=click.Path(path_type=Path), help="A policy.toml; default: the built-in policy.")
@click.option("--sources", "sources_file", type=click.Path(path_type=Path), help="A sources.yaml: what files do not tell themselves.")
@click.option("--workers", type=click.IntRange(1, 256), default=os.cpu_count() or 1, show_default="all cores")
@click.option("--allow-shrink", is_flag=True, help="With --corpus: publish a date that is empty or much smaller than before.")
@click.option("--force", is_flag=True, help="With --corpus: clean the date again though it is up to date.")
@click.option("--strict", is_flag=True, help="Exit with status 1 when a document was rejected.")
def clean(
    paths: tuple[Path, ...],
    jsonl: str | None,
    corpus: str | None,
    day: str | None,
    policy_file: Path | None,
    sources_file: Path | None,
    workers: int,
    allow_shrink: bool,
    force: bool,
    strict: bool,
) -> None:
    """Clean files and folders (recursively)."""
    with _errors_as_usage():
        if corpus and jsonl:
            raise SettingError("--jsonl and --corpus: choose one")
        if corpus and sources_file:
            raise SettingError("--sources: with --corpus it lives in DIR/state/sources.yaml, so that what a date was read by can be found")
        if corpus:
            how = {"workers": workers, "allow_shrink": allow_shrink, "force": force}
            rejected = _clean_corpus(paths, corpus, day, policy_file, how)
        else:
            rejected = _clean_jsonl(paths, jsonl or "-", _policy(policy_file), _sources(sources_file), workers)
    if strict and rejected:
        sys.exit(1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--policy", "policy_file", type=click.Path(path_type=Path), help="A policy.toml; default: the built-in policy.")
def show(file: Path, policy_file: Path | None) -> None:
    """Print one document with its cuts marked, and why each was made. FILE#3 is the third record of a file that holds several."""
    from .pipeline import clean_document
    from .records.files import one_record

    with _errors_as_usage():
        policy = _policy(policy_file)
        result = clean_document(one_record(file, policy), policy)
    console = Console(highlight=False, soft_wrap=True)
    if isinstance(result, Rejection):
        console.print(Text(f"{file}: rejected ({result.reason.value}): {printable(result.detail)}"))
        sys.exit(1)
    for line in marked(result):
        console.print(line)


@main.command()
@click.argument("home", type=click.Path(path_type=Path))
@click.option("--date", "day", metavar="YYYY-MM-DD", required=True)
def summary(home: Path, day: str) -> None:
    """Print a published date: its articles with what was kept and removed, and its rejects."""
    from .corpus import reading_back

    with _errors_as_usage():
        articles = list(reading_back.articles(str(home), day))
        rejects = list(reading_back.rejects(str(home), day))
        path = reading_back.articles_path(str(home), day)
    console = Console(highlight=False)
    console.print(articles_table(articles, day))
    if rejects:
        console.print(rejects_table(rejects))
    console.print(Text(f"{len(articles)} articles, {len(rejects)} rejects in {path}"), soft_wrap=True)


@main.command()
@click.option("--raw", envvar="COPYDESK_RAW", required=True, help="The raw root; default: COPYDESK_RAW.")
@click.option("--home", envvar="COPYDESK_HOME", required=True, help="The home of the corpus; default: COPYDESK_HOME.")
@click.option("--since", metavar="YYYY-MM-DD", default="", help="Look at this date and later ones only.")
def stale(raw: str, home: str, since: str) -> None:
    """List the dates whose files, policy, model or code are no longer those of the published rows, and why."""
    from . import jobs

    with _errors_as_usage(), _progress(None, "looking") as advance:
        found = jobs.audit(raw, home, since=since, progress=advance)
    table = Table("date", "stale because", title="Stale dates", title_justify="left", box=SIMPLE_HEAD)
    for date_ in found:
        table.add_row(date_["date"], Text(printable("; ".join(date_["why"]))))
    console = Console(highlight=False)
    if found:
        console.print(table)
    console.print(Text(jobs.advice(found).splitlines()[-1]), soft_wrap=True)


@main.command()
@click.option("--home", envvar="COPYDESK_HOME", required=True, help="The home of the corpus; default: COPYDESK_HOME.")
@click.option("--raw", envvar="COPYDESK_RAW", default="", help="The raw root, for dates that no run has published; default: COPYDESK_RAW.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The HTML file to write.")
@click.option("--source", default="", help="One source only.")
@click.option("--reason", default="", help="What was struck for this reason only, and over time.")
@click.option("--until", metavar="YYYY-MM-DD", default="", help="The latest date; default: all.")
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How many dates.")
def report(home: str, raw: str, out: Path, source: str, reason: str, until: str, days: int) -> None:
    """Write the desk's overview as one HTML file that asks nothing of any server."""
    from datetime import UTC, datetime

    from .corpus import store
    from .desk.report import report as made

    with _errors_as_usage():
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        text = made(raw, home, now, source=source, reason=reason, until=until, days=days)
        try:
            store.write(store.at(str(out)), text.encode("utf-8", "replace"))
        except OSError as error:
            raise SettingError(f"--out {out}: {error.strerror}") from error


@main.group()
def train() -> None:
    """Fit the models again from labelled documents (needs the extra `train`)."""


_PAGES = click.argument("pages", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_OWN = click.option("--own", type=click.Path(path_type=Path, exists=True, file_okay=False), default="seeds/training", show_default=True)
_OUT = click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where the weights go; default: into the package.")


@train.command("html")
@_PAGES
@_OWN
@_OUT
def train_html(pages: Path, own: Path, out: Path | None) -> None:
    """Fit the page model on the labelled PAGES, a Parquet file with html and main_content, and the boxes and ads of --own."""
    with _errors_as_usage():
        from . import training

        training.require()
        from .training import html

        with _progress(None, "fitting") as advance:
            weights, card = html.train(pages, own, advance)
        training.save(out or _weights(), "page", weights, card)
    click.echo(json.dumps(card["out_of_fold"], indent=1))


_TEXTS = click.argument("texts", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_OWN = click.option(
    "--own", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path("seeds/training"), show_default=True
)


@train.command("meaning")
@_TEXTS
@_PAGES
@_OWN
@_OUT
def train_meaning(texts: Path, pages: Path, own: Path, out: Path | None) -> None:
    """Teach the encoder of lines, from the PAGES that no labelled TEXTS come from and the ads, stories and slots of --own."""
    with _errors_as_usage():
        from . import training

        training.require()
        from .training import meaning, text

        with _progress(None, "teaching") as advance:
            encoder, card = meaning.train(*text.lines_for_meaning(texts, pages, own), advance)
        training.save(out or _weights(), "meaning", encoder, card)
    click.echo(json.dumps(card, indent=1))


@train.command("text")
@_TEXTS
@_PAGES
@_OWN
@_OUT
@click.option("--removed", type=click.Path(path_type=Path, dir_okay=False), help="Write what was removed out of fold, a JSON line a text.")
@click.option("--no-layout", is_flag=True, help="Hide line gaps and lengths, print the figures, write no weights.")
def train_text(texts: Path, pages: Path, own: Path, out: Path | None, removed: Path | None, no_layout: bool) -> None:
    """Fit the text model on labelled TEXTS (JSON Lines), labelled PAGES and the ads, stories and slots of --own."""
    with _errors_as_usage():
        from . import training

        training.require()
        from .training import text

        with _progress(None, "fitting") as advance:
            weights, scores, card, struck = text.train(text.material(texts, pages, own), advance, layout=not no_layout)
        if not no_layout:
            training.save(out or _weights(), "text", weights, card)
            training.save(out or _weights(), "words", scores)
        if removed:
            removed.write_text("".join(json.dumps({"id": id_, "removed": spans}) + "\n" for id_, spans in struck.items()), encoding="utf-8")
    click.echo(json.dumps({name: card[name] for name in ("out_of_fold", "dumps")}, indent=1))


def _weights() -> Path:
    return Path(__file__).parent / "labelling" / "weights"


def _clean_jsonl(paths: Iterable[Path], target: str, policy: Policy, sources: Sequence[Source], workers: int) -> int:
    """Clean to JSON lines; returns the number of rejects. The file appears whole or not at all."""
    from . import feeder
    from .records.files import listed, raws
    from .watchdog import clean_guarded

    files = list(listed(paths))
    count = rejected = 0
    skipped: Counter[str] = Counter()
    with _lines(target) as out, _progress(len(files)) as advance, feeder.reader() as reader:
        for result in clean_guarded(raws(files, policy, skipped, sources, advance, reader.read), policy, workers=workers):
            out.write(json.dumps(as_json(result), ensure_ascii=False) + "\n")
            count += 1
            rejected += isinstance(result, Rejection)
    if target != "-":
        found = f"{count} records in {len(files)} files" if count > len(files) else f"{len(files)} files"
        besides = f", skipped {', '.join(f'{kind} {n}' for kind, n in skipped.most_common())}" if skipped else ""
        click.echo(f"{count - rejected} clean, {rejected} rejected of {found}{besides}: {target}", err=True)
    return rejected


def _clean_corpus(paths: tuple[Path, ...], corpus: str, day: str | None, policy_file: Path | None, how: dict[str, Any]) -> int:
    """Clean one date into `corpus` by the same steps as the DAG; returns the number of rejects."""
    from . import jobs
    from .intake import Landed

    if len(paths) != 1 or not paths[0].is_dir():
        raise SettingError("--corpus takes one folder: the landing folder of a date, <raw>/YYYY-MM-DD, or the raw root with --date")
    folder = paths[0].resolve()
    named = day or folder.name
    try:
        date.fromisoformat(named)
    except ValueError:
        raise SettingError(f"--date: {named!r} is not a date (YYYY-MM-DD); name one, or give a folder called by its date") from None
    raw = folder.parent if folder.name == named else folder
    home = str(Path(corpus).resolve())
    if named not in Landed(str(raw), home, jobs.read_policy(home)).dates():
        raise SettingError(
            f"--corpus: nothing below {raw} is of {named}; expected a folder called {named}, or what sources.yaml tells of landing"
        )
    if policy_file:
        raise SettingError("--policy: with --corpus the policy lives in DIR/state/policy.toml, so that a date's policy can be found")
    with _progress(None) as advance:
        event = jobs.run_date(
            named,
            raw=str(raw),
            home=home,
            progress=advance,
            **how,
        )
    known = "" if event["published"] else "up to date (--force cleans it again): "
    click.echo(f"{known}{event['articles']} articles, {event['rejects']} rejects: {event['articles_path']}", err=True)
    return int(event["rejects"])


def as_json(result: Result) -> dict[str, Any]:
    """One document as the JSON line of the contract; offsets are code points into the visible text."""
    if isinstance(result, Rejection):
        return {
            "id": result.id,
            "uri": result.uri,
            "status": "rejected",
            "error": {"reason": result.reason.value, "detail": result.detail},
        }
    return {
        "id": result.id,
        "uri": result.uri,
        "status": "clean",
        "title": result.title,
        "text": result.text,
        "language": result.language,
        "kept": [{"start": k.start, "end": k.end} for k in result.kept],
        "removed": [r._asdict() for r in result.removed],
    }


def _sources(file: Path | None) -> Sequence[Source]:
    from .records import parse_sources

    try:
        return parse_sources(file.read_text(encoding="utf-8"), str(file)).entries if file else ()
    except OSError as error:
        raise SettingError(f"--sources {file}: {error.strerror}") from error


def _policy(file: Path | None) -> Policy:
    if file is None:
        return Policy()
    try:
        return Policy.from_toml(file.read_text(encoding="utf-8"), where=str(file))
    except OSError as error:
        raise SettingError(f"--policy {file}: {error.strerror}") from error


@contextmanager
def _errors_as_usage() -> Iterator[None]:
    """Errors of ours end the command with one line and status 2."""
    try:
        yield
    except CopydeskError as error:
        click.echo(f"copydesk: {error}", err=True)
        sys.exit(2)


@contextmanager
def _lines(target: str) -> Iterator[IO[str]]:
    """Where the JSON lines go; a file is written beside its place and moved there at the end."""
    if target == "-":
        yield sys.stdout
        return
    path = Path(target)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as out:
            yield out
        part.replace(path)
    except OSError as error:
        raise SettingError(f"--jsonl {path}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _progress(total: int | None, doing: str = "cleaning") -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, nothing in a pipe."""
    console = Console(stderr=True)
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(doing, total=total)
        yield lambda done: progress.advance(task, done)
