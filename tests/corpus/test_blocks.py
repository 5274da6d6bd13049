"""A row tells its document: the blocks that a page shows are those of the raw file, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk import pipeline, reading
from copydesk.corpus import schema
from copydesk.corpus.blocks import blocks
from copydesk.model import Extraction, RawDocument
from copydesk.policy import Policy
from tests.desk.conftest import SEEDS

FILES = sorted(path for path in SEEDS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_the_blocks_of_a_row_are_those_of_the_raw_document(path: Path) -> None:
    raw = RawDocument("x", path.read_bytes(), uri=path.name)
    result = pipeline.clean_document(raw, Policy())
    if not isinstance(result, Extraction):
        return
    document = reading.read(raw, Policy())
    shown = blocks(schema.article_row(result, "", 0))
    assert [(b.start, b.end) for b in shown] == [(b.start, b.end) for b in document.blocks]
    told = [(b.before, document.text[b.start : b.end]) for b in shown if b.reason != "headline"]
    assert [before for before, _ in told] == [text for _, text in told]


def test_whatever_a_cut_tells_besides_is_shown() -> None:
    path = SEEDS / "2026-11-02" / "wire-desk" / "harbour-dredging-vote.txt"
    result = pipeline.clean_document(RawDocument("x", path.read_bytes(), uri=path.name), Policy())
    assert isinstance(result, Extraction)
    row = schema.article_row(result, "", 0)
    row["removed"][0] |= {"evidence": ["calls for money", "half price"], "labelled": True, "nothing": None}
    cut = next(block for block in blocks(row) if block.start == row["removed"][0]["start"])
    assert dict(cut.more) == {"evidence": "calls for money; half price", "labelled": "yes"}
