"""The articles table opens by its plain path in the readers that people use: same rows, same types."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from copydesk import jobs
from copydesk.corpus import schema
from tests.gold import SEEDS

DAYS = ["2026-11-02", "2026-11-04"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The articles folder of two dates of the seeds."""
    home = tmp_path_factory.mktemp("home")
    for day in DAYS:
        jobs.run_date(day, raw=str(SEEDS / "raw"), home=str(home))
    return home / "corpus" / "articles"


@pytest.fixture(scope="module")
def ids(table: Path) -> list[str]:
    return [id_ for day in DAYS for id_ in pq.ParquetFile(table / f"date={day}" / "articles.parquet").read(["id"])["id"].to_pylist()]


def test_pyarrow(table: Path, ids: list[str]) -> None:
    found = pq.read_table(table)
    assert found["id"].to_pylist() == ids
    assert found.drop_columns(["date"]).schema.remove_metadata() == schema.ARTICLES


def test_duckdb(table: Path, ids: list[str]) -> None:
    import duckdb

    found = duckdb.sql(
        f"select * from read_parquet('{table}/*/*.parquet', hive_partitioning = true) order by date, source, id"
    ).to_arrow_table()
    assert found["id"].to_pylist() == ids
    assert _plain(found.drop_columns(["date"]).schema) == _plain(schema.ARTICLES)


def test_pandas(table: Path, ids: list[str]) -> None:
    import pandas as pd

    found = pd.read_parquet(table)
    assert found["id"].tolist() == ids
    assert str(found["word_count"].dtype) == "int32"
    assert set(found["date"]) == set(DAYS)


def test_polars(table: Path, ids: list[str]) -> None:
    import polars as pl

    found = pl.read_parquet(table / "*" / "*.parquet", hive_partitioning=True)
    assert found["id"].to_list() == ids
    assert _plain(found.drop("date").to_arrow().schema) == _plain(schema.ARTICLES)


def test_hugging_face_datasets(table: Path, ids: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    files = sorted(str(p) for p in table.rglob("*.parquet"))
    found = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path))
    assert found["id"][:] == ids
    assert _plain(found.features.arrow_schema) == _plain(schema.ARTICLES)


def test_a_corpus_of_mixed_schema_versions_opens(table: Path, ids: list[str], tmp_path: Path) -> None:
    """Dates that an older version published lack the columns that were appended since."""
    import duckdb
    import polars as pl

    for day in DAYS:
        rows = pq.ParquetFile(table / f"date={day}" / "articles.parquet").read()
        (tmp_path / f"date={day}").mkdir()
        pq.write_table(rows.drop_columns(["record_id"]) if day == DAYS[0] else rows, tmp_path / f"date={day}" / "articles.parquet")
    assert pq.read_table(tmp_path)["id"].to_pylist() == ids
    files = str(tmp_path / "*" / "*.parquet")
    read = f"select id from read_parquet('{files}', hive_partitioning = true, union_by_name = true) order by date, source, id"
    assert [id_ for (id_,) in duckdb.sql(read).fetchall()] == ids
    assert pl.scan_parquet(files, hive_partitioning=True, extra_columns="ignore").select("id").collect()["id"].to_list() == ids


def _plain(columns: pa.Schema) -> dict[str, str]:
    """Names and types, whatever a reader calls its strings, its lists and the items in them."""
    import re

    def text(kind: pa.DataType) -> str:
        found = str(kind).replace("large_", "").replace("string_view", "string").replace(" not null", "")
        return re.sub(r"list<\w+: ", "list<", found)

    return {field.name: text(field.type) for field in columns}
