"""Holding: an overruling that holds for a block of a document is found in its row, whatever the fixers made of the text."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from copydesk import labelling, pipeline, reading
from copydesk.corpus import schema
from copydesk.corpus.holding import Holding
from copydesk.model import Extraction, RawDocument, Reason
from copydesk.overruling import Overruling, Scope, Verdict
from copydesk.policy import Policy
from tests.desk.conftest import SEEDS

DATE = "2026-11-02"
_CHARACTERS = "abfist SK.-'&;<>\n\u00ad\u0301ßſKﬁﬅŉéÃ©â€™\u200b\u00a0\x00\x0b•–“日本αιςΣᾳΐİıиЙ\u0306йեւև"
_LINES = st.lists(st.text(_CHARACTERS, min_size=1, max_size=60), min_size=1, max_size=6)


def _rule(scope: Scope, text: str) -> Overruling:
    return Overruling("x", Verdict.STRIKE, scope, "wire", text)


def _found(raw: RawDocument, one: Overruling) -> bool:
    result = pipeline.clean_document(raw, Policy())
    assert isinstance(result, Extraction)
    holding = Holding(DATE, [one])
    holding.articles(schema.batch([schema.article_row(result, "", 0)], schema.ARTICLES))
    return holding.ids == {"x"}


@settings(max_examples=200, deadline=None)
@given(lines=_LINES, at=st.integers(0, 5), cut=st.tuples(st.integers(0, 30), st.integers(1, 30)), html=st.booleans())
@example(lines=["Die Straße", "zur Stadt"], at=0, cut=(4, 6), html=False)
@example(lines=["cafe\u0301 to-\nmorrow", "and more of it"], at=0, cut=(0, 4), html=False)
def test_what_holds_for_a_block_is_found_in_its_row(lines: list[str], at: int, cut: tuple[int, int], html: bool) -> None:
    page = "".join(f"<p>{line}</p>" for line in lines) if html else "\n\n".join(lines)
    raw = RawDocument("wire/a", page, "wire", "a", "text/html" if html else "text/plain")
    result = pipeline.clean_document(raw, Policy())
    if not isinstance(result, Extraction):
        return
    document = reading.read(raw, Policy())
    texts = [document.text_of(d.block) for d in labelling.label(document, Policy()) if d.reason is not Reason.HEADLINE]
    if not texts:
        return
    text = texts[at % len(texts)]
    for one in (_rule(Scope.TEXT, text), _rule(Scope.PHRASE, text[cut[0] : cut[0] + cut[1]].swapcase())):
        if one.text.strip() and any(one.holds_for(block) for block in texts):
            assert _found(raw, one), one


@pytest.mark.parametrize("text", ["The ferry will leave", "no such line anywhere", "Blankets Without"])
def test_a_text_holds_for_whole_blocks_only_and_a_phrase_for_any_part(text: str) -> None:
    path = SEEDS / DATE / "wire-desk" / "harbour-dredging-vote.txt"
    raw = RawDocument("wire/a", path.read_bytes(), "wire", path.name)
    assert not _found(raw, _rule(Scope.TEXT, text))
    assert _found(raw, _rule(Scope.PHRASE, text.upper())) == (text in path.read_text())
    other = Overruling("x", Verdict.STRIKE, Scope.PHRASE, "gazette", text)
    assert not _found(raw, other), "another source"
