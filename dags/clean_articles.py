"""The DAG `clean_articles`: one date of raw article files becomes one partition of clean Parquet.

It only hands settings and parameters to `copydesk.jobs`, one function a task.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import (
    Asset,
    CronDataIntervalTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    TriggerRule,
    dag,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.observability import stats

from copydesk.policy import Gates, Policy, form

ARTICLES = Asset(name="articles", uri="copydesk://corpus/articles")

DOC = """
### Cleans the raw article files of one date and replaces that date's partition of the corpus

`discover` freezes the plan → `clean` cleans chunks of files → `merge` stages two files → `check` refuses what looks
wrong → `publish` replaces the date, whole or not at all. Until `publish` is green, readers see the old date.

**A task is red.** Its log ends with one line that names the file, the figures and what to do. Errors of that kind are
not retried; everything else (a lost worker, a full disk) is retried with growing delays. Clearing the whole run is
always safe: the same input gives the same bytes.

**A run is skipped** from `discover` on when its date is up to date: files, policy, model and code are those of the published
rows. `copydesk stale` lists the dates that are not. `force` cleans a date all the same.

Airflow names a run by the end of its day: the run `backfill__2026-11-03...` cleans 2026-11-02.

**Run a date again**: trigger the DAG with `date`, or backfill the dates with "All Runs".

Raw files lie in `COPYDESK_RAW/<YYYY-MM-DD>/<source>/`, or where `COPYDESK_HOME/state/sources.yaml` says; the corpus in
`COPYDESK_HOME/corpus/`; what a failed check or a dry run staged stays in `COPYDESK_HOME/state/staging/<date>/`.
"""

PARAMS = {
    "date": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Date",
        description="The landing date to clean. Needed when triggered by hand; leave it empty in a backfill.",
    ),
    "dry_run": Param(False, type="boolean", title="Dry run", description="Stage and check, but publish nothing."),
    "force": Param(False, type="boolean", title="Force", description="Clean the date again though it is up to date."),
    "allow_shrink": Param(
        False,
        type="boolean",
        title="Allow shrink",
        description="Publish the date even when it is empty or has fewer than half of the published rows.",
    ),
    "chunk_megabytes": Param(
        64,
        type="integer",
        minimum=1,
        maximum=4096,
        title="Chunk size",
        section="Advanced",
        description="Raw megabytes that one clean task takes.",
    ),
    "gates": Param(
        {},
        **form(Gates),
        title="Gates",
        section="Advanced",
        description='Bounds of `check` to raise for this run, for example {"rejected": 0.5}; the failed check names the gate.',
    ),
    "policy": Param(
        {},
        **form(Policy),
        title="Policy overrides",
        section="Advanced",
        description='With dry run only, for example {"quotes": "straight"}.',
    ),
}


def _setting(name: str) -> str:
    from copydesk.errors import SettingError

    value = os.environ.get(name)
    if not value:
        raise SettingError(f"{name} is not set: set it in the environment of every Airflow component, then clear this task")
    return value


@dag(
    dag_id="clean_articles",
    schedule=CronDataIntervalTimetable("@daily", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=4,
    default_args={
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "retry_policy": ExceptionRetryPolicy(
            [
                RetryRule("copydesk.errors.WorkerLost", RetryAction.RETRY, reason="The machine's trouble, not the input's."),
                RetryRule(
                    "copydesk.errors.CopydeskError", RetryAction.FAIL, reason="It will not mend itself: the message says what to do."
                ),
            ]
        ),
        "execution_timeout": timedelta(hours=2),
        "weight_rule": "copydesk_plugin.TodayFirst",  # a backfill of old dates does not hold up today's
    },
    params=PARAMS,
    doc_md=DOC,
    tags=["copydesk"],
)
def clean_articles() -> None:
    @task(
        doc_md="Lists the date's raw files with their digests and freezes the plan. Red: `COPYDESK_RAW` or `COPYDESK_HOME` is "
        "wrong or not mounted, or a parameter does not fit the kind of run; correct it and clear this task. Skipped: the date is "
        "up to date."
    )
    def discover() -> list[dict[str, Any]]:
        from copydesk import jobs

        context = get_current_context()
        run, params = context["dag_run"], context["params"]
        found = jobs.discover(
            jobs.date_of_run(run.run_type.value, run.data_interval_start, params["date"]),
            raw=_setting("COPYDESK_RAW"),
            home=_setting("COPYDESK_HOME"),
            chunk_bytes=params["chunk_megabytes"] * 1_000_000,
            overrides=params["policy"],
            dry_run=params["dry_run"],
            force=params["force"],
        )
        if not found["plan"]:
            raise AirflowSkipException(f"{found['date']} is up to date; set `force` to clean it again")
        # Airflow maps over a task's return value only, so the plan travels under a key of its own: a date without
        # chunks has one too.
        context["ti"].xcom_push(key="plan", value=found["plan"])
        return [{"plan": found["plan"], "chunk": number} for number in found["chunks"]]

    @task(
        doc_md="Cleans one chunk of files into a part. A document that hangs or crashes becomes a reject. Red: a raw file changed "
        "after the plan was made: clear the whole run. Skipped: the date has no files."
    )
    def clean(plan: str, chunk: int) -> dict[str, Any]:
        from copydesk import jobs

        return jobs.clean_chunk(plan, chunk)

    @task(
        # A date without files has no chunk to clean and is merged; one that is up to date ends in discover.
        trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        doc_md="Merges the parts into the date's two files, in staging. Red: parts are missing or of another plan: clear the run.",
    )
    def merge(plan: str) -> dict[str, Any]:
        from copydesk import jobs

        return jobs.merge(plan)

    @task(
        doc_md="Compares the staged date with its plan, with the published date and with the dates before. Red: the log names the "
        "figures and the gate; the published date is as it was. Is the raw folder mounted? Look at the staged files, then mend the source, "
        "or, if they are right, run the date again with `allow_shrink` or with that gate raised in `gates`."
    )
    def check(plan: str) -> dict[str, Any]:
        from copydesk import jobs

        params = get_current_context()["params"]
        return jobs.check(plan, allow_shrink=params["allow_shrink"], gates=params["gates"])

    @task(
        outlets=[ARTICLES],
        doc_md="Replaces the date by one atomic replace a table and tells the asset `articles`. Red: another run published this "
        "date meanwhile: trigger a new run if it is still needed. Skipped: a dry run.",
    )
    def publish(plan: str) -> dict[str, Any]:
        from copydesk import jobs

        context = get_current_context()
        event = jobs.publish(plan)
        if not event["published"]:
            raise AirflowSkipException(f"dry run: nothing was published, look at {event['articles_path']}")
        event["seconds"] = round((datetime.now(UTC) - context["dag_run"].start_date).total_seconds(), 1)
        for name in ("files", "articles", "rejects", "raw_bytes", "seconds"):
            stats.gauge(f"copydesk.{name}", event[name])
        context["outlet_events"][ARTICLES].extra = event
        return event

    found = discover()
    cleaned = clean.expand_kwargs(found)
    merged = merge(found["plan"])
    checked = check(merged["plan"])
    cleaned >> merged
    publish(checked["plan"])


clean_articles()
