"""The DAG `articles_by_source`: an example of how to follow the corpus. Copy it, and write what you need."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Asset, dag, get_current_context, task

ARTICLES = Asset(name="articles", uri="copydesk://corpus/articles")

DOC = """
### Counts articles by source and language: an example of a DAG that follows `clean_articles`

It runs when dates were published. Airflow may hand it several events in one run, of one date or many: it takes **all** of them, each date
once. What it writes is `COPYDESK_HOME/downstream/articles_by_source/<date>.csv`, replaced whole.
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
    @task(doc_md="Names every date of all the events that started this run.")
    def dates() -> list[str]:
        events = get_current_context()["triggering_asset_events"][ARTICLES]
        return sorted({event.extra["date"] for event in events})

    @task(doc_md="Counts a date's articles and replaces its file. Red: the date is not published any more.")
    def count(date: str) -> dict[str, Any]:
        from collections import Counter
        from pathlib import Path

        from copydesk.corpus import reading_back

        home = os.environ["COPYDESK_HOME"]
        counts = Counter((row["source"], row["language"]) for row in reading_back.articles(home, date))
        target = Path(home) / "downstream" / "articles_by_source" / f"{date}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.getpid()}.part")
        part.write_text("".join(f"{source},{language},{n}\n" for (source, language), n in sorted(counts.items())), encoding="utf-8")
        part.replace(target)
        return {"date": date, "articles": counts.total()}

    count.expand(date=dates())


articles_by_source()
