"""Every format in every compression: the same five documents come out, byte for byte."""

from __future__ import annotations

import io

import pytest

from copydesk import Policy, RawDocument
from copydesk.model import Extraction
from copydesk.pipeline import clean_document
from copydesk.records import FORMATS as TABLE
from copydesk.records import read
from copydesk.records.formats import format_of
from tests.records.five import COMPRESSIONS, FIVE, FORMATS

WANTED = [(story.title, story.body) for story in FIVE]


def _cleaned(name: str, data: bytes) -> list[Extraction]:
    found = [clean_document(raw, Policy()) for raw in read(io.BytesIO(data), RawDocument(name, b"", uri=name), Policy())]
    assert all(isinstance(result, Extraction) for result in found), found
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("suffix", COMPRESSIONS, ids=lambda s: s or "plain")
@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_five_documents_come_out(format_: str, suffix: str) -> None:
    found = [result for name, data in FORMATS[format_]().items() for result in _cleaned(name + suffix, COMPRESSIONS[suffix](data))]
    assert [(result.title, result.text) for result in found] == WANTED
    assert len({result.id for result in found}) == len(FIVE)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_content_tells_the_format_whatever_the_name_says(format_: str) -> None:
    if format_ in {"markdown", "csv", "csv with semicolons", "tsv", "utf-16 tsv"}:
        pytest.skip("only a name tells it from other text")
    found = [result for n, data in enumerate(FORMATS[format_]().values()) for result in _cleaned(f"{n}.dat", data)]
    assert [result.text for result in found] == [body for _, body in WANTED]


def test_every_format_of_the_table_is_in_the_matrix() -> None:
    seen = {format_of(data[:8192], name)[0].name for make in FORMATS.values() for name, data in make().items()}
    assert {format_.name for format_ in TABLE} == seen


def test_what_a_record_says_of_itself_arrives() -> None:
    for format_ in ("jsonl", "csv", "parquet", "arrow"):
        ((name, data),) = FORMATS[format_]().items()
        first = _cleaned(name, data)[0].metadata
        assert (first.authors, first.published_at, first.url) == ((FIVE[0].author,), FIVE[0].date, FIVE[0].url), format_
