"""The DAG `articles_by_source`: an example of how to follow the corpus. Copy it, and write what you need."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, dag, task

ARTICLES = Asset(name="articles", uri="copydesk://corpus/articles")
AT_ONCE = 1000  # Airflow maps a task over 1,024 by default; older dates follow at the next event

DOC = """
### Counts articles by source and language: an example of a DAG that follows `clean_articles`

It runs when dates were published, and counts **every** date of which it has not counted the articles that are there now. What it writes is
`COPYDESK_HOME/downstream/articles_by_source/<date>.csv`, replaced whole, with the time of the articles that it counted.

It asks the corpus, not the events that woke it: Airflow hands several of them to one run, and one that comes while a run is being made it
keeps for the next (apache/airflow#56050), which may be tomorrow's.
"""


@dag(
    dag_id="articles_by_source",
    schedule=[ARTICLES],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    doc_md=DOC,
    tags=["copydesk", "example"],
)
def articles_by_source() -> None:
    @task(doc_md="Names the dates that were published since they were counted.")
    def dates() -> list[str]:
        from copydesk.corpus import reading_back

        home = os.environ["COPYDESK_HOME"]
        new = [date for date in reading_back.dates(home) if _time(_counts(date)) != _time(reading_back.articles_path(home, date))]
        return new[-AT_ONCE:]

    @task(doc_md="Counts a date's articles and replaces its file. Red: the date is not published any more.")
    def count(date: str) -> dict[str, Any]:
        from collections import Counter

        from copydesk.corpus import reading_back

        home = os.environ["COPYDESK_HOME"]
        # The time first: articles that are replaced while they are read are counted again.
        time = _time(reading_back.articles_path(home, date))
        counts = Counter((row["source"], row["language"]) for row in reading_back.articles(home, date))
        target = _counts(date)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.getpid()}.part")
        part.write_text("".join(f"{source},{language},{n}\n" for (source, language), n in sorted(counts.items())), encoding="utf-8")
        os.utime(part, ns=(time, time))
        part.replace(target)
        return {"date": date, "articles": counts.total()}

    count.expand(date=dates())


def _counts(date: str) -> Path:
    return Path(os.environ["COPYDESK_HOME"]) / "downstream" / "articles_by_source" / f"{date}.csv"


def _time(file: Any) -> int:
    """When a file was last written, in nanoseconds; 0 when there is none."""
    return int(file.stat().st_mtime_ns) if file.exists() else 0


articles_by_source()
