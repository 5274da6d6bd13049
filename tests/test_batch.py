"""clean_batch: one row out for each row in, the same as cleaning row by row."""

from __future__ import annotations

import pyarrow as pa
import pytest

from copydesk import Policy, clean
from copydesk.batch import SCHEMA, clean_batch
from copydesk.errors import SettingError
from copydesk.model import Extraction

TEXT = "A headline stands here\n\nA paragraph that says what happened on Monday, the mayor said.\n"


def test_every_row_comes_out_once_and_in_order() -> None:
    batch = pa.RecordBatch.from_pydict({"id": ["a", "b", "c"], "data": [TEXT.encode(), b"", b"\x00\x01\x02" * 99], "source": ["s"] * 3})
    cleaned = clean_batch(batch, Policy())
    assert cleaned.schema == SCHEMA
    rows = cleaned.to_pylist()
    assert [(r["id"], r["status"]) for r in rows] == [("a", "clean"), ("b", "rejected"), ("c", "rejected")]
    assert [r["error"] and r["error"]["reason"] for r in rows] == [None, "empty", "binary"]
    alone = clean(TEXT.encode(), source="s")
    assert isinstance(alone, Extraction)
    assert (rows[0]["text"], rows[0]["title"]) == (alone.text, alone.title)
    assert rows[0]["raw_bytes"] == len(TEXT)


def test_text_columns_and_lone_surrogates_pass() -> None:
    batch = pa.RecordBatch.from_pydict({"id": ["a"], "data": [TEXT]})
    assert clean_batch(batch, Policy()).to_pylist()[0]["status"] == "clean"


def test_a_missing_column_is_named() -> None:
    with pytest.raises(SettingError, match="no column 'data'; it has id"):
        clean_batch(pa.RecordBatch.from_pydict({"id": ["a"]}), Policy())
