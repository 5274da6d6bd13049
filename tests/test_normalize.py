"""The promises of normalising: idempotent, replayable, and nothing but what the table says."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk import Policy
from copydesk.model import Block, Document, Edit, Kind
from copydesk.normalize import FIXERS, Setting, assemble, compose, fix, replay

CASES = json.loads((Path(__file__).parent / "cases" / "normalize.json").read_text(encoding="utf-8"))

NASTY = st.text(
    st.one_of(
        st.sampled_from(
            list(" \t\n\r\f\v-*•–“”‘’«»\x00\x1c\x1f\x85\x93\xa0\xad\u200b\u200c\u200d\u2028\ufeff\ufb01e\u0301aÂâ€™Ã©™ﷺ나ᄀ한")
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)
SETTINGS = st.builds(
    Setting,
    st.sampled_from(Kind),
    st.builds(Policy, quotes=st.sampled_from(["keep", "straight"]), dashes=st.sampled_from(["keep", "straight"])),
    st.booleans(),
)


@given(NASTY, SETTINGS)
@settings(deadline=None)  # the first text that looks like mojibake loads ftfy
def test_fixing_twice_changes_nothing_more(text: str, setting: Setting) -> None:
    once, _ = fix(text, setting)
    assert fix(once, setting) == (once, ())


@given(NASTY, SETTINGS)
@settings(deadline=None)  # the first text that looks like mojibake loads ftfy
def test_replaying_the_record_gives_the_clean_text(text: str, setting: Setting) -> None:
    clean, edits = fix(text, setting)
    assert replay(text, edits) == clean
    assert all(text[e.start : e.end] == e.before != e.after for e in edits)
    assert all(a.end <= b.start for a, b in pairwise(edits))


@given(st.text("abcdef", max_size=12), st.data())
def test_composed_edits_do_what_the_two_lists_do(text: str, data: st.DataObject) -> None:
    first = data.draw(_edits(text, "first"))
    current = replay(text, first)
    second = data.draw(_edits(current, "second"))
    composed = compose(first, second, current)
    assert replay(text, composed) == replay(current, second)
    assert all(a.end <= b.start for a, b in pairwise(composed))


@st.composite
def _edits(draw: st.DrawFn, text: str, name: str) -> list[Edit]:
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return [Edit(name, start, end, text[start:end], draw(st.text("xyz", max_size=3))) for start, end in pairs]


@pytest.mark.parametrize("case", CASES, ids=[c["label"] for c in CASES])
def test_case(case: dict[str, str]) -> None:
    policy = Policy.of(case.get("policy", {}))  # type: ignore[arg-type]
    setting = Setting(Kind(case.get("kind", "paragraph")), policy, bool(case.get("unwrap")), case.get("context", ""))
    clean, edits = fix(case["original"], setting)
    assert clean == case["expected"]
    assert {name for e in edits for name in e.fixer.split(", ")} == set(case["fixers"])


def test_every_fixer_has_a_case() -> None:
    assert {f.name for f in FIXERS} <= {name for case in CASES for name in case["fixers"]}


@pytest.mark.parametrize("kind", [Kind.PARAGRAPH, Kind.CODE])
@pytest.mark.parametrize("text", ["a" * 300_000, "a" + " " * 300_000 + "b\x00", "a" + " \t" * 150_000 + "b", "a-\nb " * 20_000])
def test_a_hostile_run_is_read_once_not_squared(text: str, kind: Kind) -> None:
    """Squared, each of these would take hours: that they end is the test."""
    setting = Setting(kind, Policy(), unwrap=True, context=text)
    once, _ = fix(text + "\x00", setting)
    assert fix(once, setting) == (once, ())


def test_a_sound_text_has_no_edits() -> None:
    text = "“Nothing to do here,” she said – and the café’s 10 % offer stood."
    assert fix(text, Setting(Kind.PARAGRAPH, Policy())) == (text, ())


def test_paragraphs_are_parted_by_a_blank_line_and_items_stand_one_a_line() -> None:
    text = "Title\n\nFirst.\n* one\n* two\nverse a\nverse b\n\nverse c"
    kinds = [Kind.HEADING, Kind.PARAGRAPH, Kind.LIST_ITEM, Kind.LIST_ITEM, Kind.LINE, Kind.LINE, Kind.LINE]
    blocks, at = [], 0
    for line, kind in zip((x for x in text.split("\n") if x), kinds, strict=True):
        start = text.index(line, at)
        at = start + len(line)
        blocks.append(Block(start, at, kind))
    document = Document(text, tuple(blocks), "text/plain", "utf-8")
    body = assemble(document, blocks[1:], blocks[:1], Policy())
    assert body.title == "Title"
    assert body.text == "First.\n\n- one\n- two\n\nverse a\nverse b\n\nverse c"
    assert body.kept[0].text_start is None
    for kept in body.kept[1:]:
        inside = [e for e in body.edits if kept.start <= e.start and e.end <= kept.end]
        moved = [Edit(e.fixer, e.start - kept.start, e.end - kept.start, e.before, e.after) for e in inside]
        assert replay(text[kept.start : kept.end], moved) == body.text[kept.text_start : kept.text_end]


@given(
    st.lists(st.tuples(NASTY, st.sampled_from([kind for kind in Kind if kind is not Kind.LINE])), max_size=6),
    st.sampled_from(["text/html", "text/plain"]),
)
@settings(deadline=None)
def test_the_one_look_at_a_document_overlooks_no_block_that_a_fixer_would_change(blocks: list[tuple[str, Kind]], media_type: str) -> None:
    found = [(text.strip(), kind) for text, kind in blocks if text.strip()]
    visible = "\n\n".join(text for text, _ in found)
    placed, at = [], 0
    for text, kind in found:
        placed.append(Block(at, at + len(text), kind))
        at += len(text) + 2
    body = assemble(Document(visible, tuple(placed), media_type, "utf-8"), placed, [], Policy())
    settings_ = [Setting(kind, Policy(), media_type == "text/plain", visible) for _, kind in found]
    expected = [fix(text, setting)[0] for (text, _), setting in zip(found, settings_, strict=True)]
    assert [body.text[k.text_start : k.text_end] for k in body.kept] == expected
