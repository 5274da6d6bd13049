"""A run's figures as Airflow metrics."""

from __future__ import annotations

from tests.live.api import Api, wait_until
from tests.live.metrics import Metrics

FIGURES = ("files", "articles", "rejects", "raw_bytes", "seconds")


def test_a_published_date_shows_as_gauges_with_the_figures_of_its_event(api: Api, metrics: Metrics) -> None:
    run = api.trigger({"date": "2026-11-04", "force": True})
    assert api.wait_for_run(run)["state"] == "success"
    (event,) = [e for e in api.get("assets/events", source_dag_id="clean_articles")["asset_events"] if e["source_run_id"] == run]
    told = {f"copydesk.{name}": event["extra"][name] for name in FIGURES}
    assert told["copydesk.files"] > 0
    wait_until(lambda: told.items() <= metrics.gauges.items(), f"the gauges {told}")
