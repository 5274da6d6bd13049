"""The DAG `audit_corpus`: which published dates are no longer what a run would write, why, and what to backfill."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

DOC = """
### Lists the stale dates of the corpus, with why

Runs every day at 04:00 UTC and after dates were published. The log of `audit` is the list, and ends with the backfill that mends it: one
range, "All Runs", which skips the dates that are up to date. `copydesk stale` prints the same.

**Clean late files by itself**: set `COPYDESK_AUDIT_RERUNS` to a number of dates a day (0, the default, is off). The daily run, and only
that one, then triggers `clean_articles` for the latest dates that were published and whose files alone have changed since. Such a run
is named `audit__<date>__<its files>`, so one state of a date's files is tried once: a run that failed stays to be looked at, and the
audit says that it is there instead of trying again. Dates that are missing, or stale for another reason, wait for you.
"""

log = logging.getLogger("copydesk")


@dag(
    dag_id="audit_corpus",
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("0 4 * * *", timezone="UTC"), assets=[Asset.ref(name="articles")]),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "execution_timeout": timedelta(hours=6)},
    params={
        "days": Param(90, type="integer", minimum=1, title="Days", description="How many days back the audit looks."),
        "reruns": Param(
            int(os.environ.get("COPYDESK_AUDIT_RERUNS", "0")),
            type="integer",
            minimum=0,
            title="Reruns",
            description="How many dates, stale by their files alone, a daily run may clean again; 0 only lists.",
        ),
    },
    doc_md=DOC,
    tags=["copydesk"],
)
def audit_corpus() -> None:
    @task(
        doc_md="Looks at the dates and logs those that are stale, with why and the backfill that mends them. Red: `COPYDESK_RAW` or "
        "`COPYDESK_HOME` is not mounted."
    )
    def audit() -> list[dict[str, Any]]:
        from copydesk import jobs

        params = get_current_context()["params"]
        since = (datetime.now(UTC) - timedelta(days=params["days"])).date().isoformat()
        found = jobs.audit(os.environ["COPYDESK_RAW"], os.environ["COPYDESK_HOME"], since=since)
        log.info("%s", jobs.advice(found))
        return found

    @task(
        doc_md="Chooses what to clean again: at most `reruns` dates whose files alone changed, the latest first. Skipped: the option is "
        "off, nothing qualifies, or an asset event, not the clock, started this run."
    )
    def choose(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        from copydesk import jobs

        context = get_current_context()
        if context["dag_run"].run_type.value == "asset_triggered":
            raise AirflowSkipException("an asset event started this run: only the daily one, or one by hand, triggers others")
        chosen = jobs.reruns(found, context["params"]["reruns"])
        if not chosen:
            raise AirflowSkipException("nothing to clean again, or the option `reruns` is off")
        return chosen

    # A run of that name is there already: that state of the files was tried. Airflow answers 409, and the task is skipped, saying so.
    TriggerDagRunOperator.partial(
        task_id="clean_again",
        trigger_dag_id="clean_articles",
        skip_when_already_exists=True,
        doc_md="Triggers `clean_articles` for a date. Skipped: its files were tried as they are; look at the run that the log names.",
    ).expand_kwargs(choose(audit()))


audit_corpus()
