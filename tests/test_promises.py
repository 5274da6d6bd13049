"""The promises of the design, over everything in seeds/ and over pages that hypothesis makes up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from copydesk import Policy, RawDocument, clean
from copydesk.errors import Unreadable
from copydesk.model import Document, Edit, Extraction, Label, Rejection, RejectReason
from copydesk.normalize import replay
from copydesk.pipeline import clean_document
from copydesk.reading import read
from copydesk.reading.decode import decode
from tests.gold import SEEDS
from tests.witness import letters, visible_text

FILES = sorted(p for p in (SEEDS / "raw").rglob("*") if p.is_file())
POLICY = Policy()


def _raw(path: Path) -> RawDocument:
    return RawDocument(path.name, path.read_bytes(), uri=path.name)


def account(document: Document, result: Extraction) -> None:
    """Every visible character is kept, removed or the headline; the receipts are true (promises 1 and 3)."""
    spans = sorted([(k.start, k.end) for k in result.kept] + [(r.start, r.end) for r in result.removed])
    assert spans == [(b.start, b.end) for b in document.blocks], "spans and blocks differ"
    for cut in result.removed:
        assert cut.text == document.text[cut.start : cut.end]
        assert cut.label is not Label.CONTENT
        assert cut.rule
        assert 0 <= cut.score <= 1
    for kept in result.kept:
        inside = [e for e in result.edits if kept.start <= e.start and e.end <= kept.end]
        moved = [Edit(e.fixer, e.start - kept.start, e.end - kept.start, e.before, e.after) for e in inside]
        clean_text = replay(document.text[kept.start : kept.end], moved)
        if kept.text_start is not None:
            assert clean_text == result.text[kept.text_start : kept.text_end]
        else:
            assert " ".join(clean_text.split()) in result.title or result.metadata.origin["title"] != "headline"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_nothing_is_lost_in_the_seeds(path: Path) -> None:
    raw = _raw(path)
    result = clean_document(raw, POLICY)
    if isinstance(result, Rejection):
        assert path.name in {"late-copy.txt", "cache-7f3a91.html"}
        return
    document = read(raw, POLICY)
    account(document, result)
    text, _ = decode(path.read_bytes(), html=document.media_type == "text/html")
    witness = visible_text(text) if document.media_type == "text/html" else text
    assert letters(document.text) == letters(witness)


_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00<>&", exclude_categories=["Cc", "Cs"]), max_size=20)
_TAGS = st.sampled_from(
    "p div span a b li ul td tr table h1 h2 blockquote pre br nav article figure figcaption select option textarea noscript iframe svg "
    "template script style title button".split()
)
# Inside select, lexbor follows the HTML Standard of 2025 (customisable select: any element may stand there), html5lib the
# older one, which drops such tags and keeps their text.
_SELECT = re.compile(r"<select>(?:(?!</select>).)*<(?!/?(?:option|select)>)", re.DOTALL)
# html5lib knows no templates: what stands in one ends the paragraph around it.
_TEMPLATE = re.compile(r"<template>(?:(?!</template>).)*<(?!/template>)", re.DOTALL)
_NODES = st.recursive(
    _TEXTS,
    lambda inner: st.builds(lambda tag, children: f"<{tag}>{''.join(children)}</{tag}>", _TAGS, st.lists(inner, max_size=4)),
    max_leaves=25,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_NODES, max_size=6))
def test_nothing_is_lost_in_pages_made_up(nodes: list[str]) -> None:
    html = "<!doctype html><html><body>" + "".join(nodes) + "</body></html>"
    assume(not _SELECT.search(html) and not _TEMPLATE.search(html))
    raw = RawDocument("", html, media_type="text/html")
    try:
        document = read(raw, POLICY)
    except Unreadable as error:
        assert (error.reason, letters(visible_text(html))) == (RejectReason.EMPTY, "")  # noqa: PT017 - either outcome is right
        return
    assert letters(document.text) == letters(visible_text(html))
    result = clean_document(raw, POLICY)
    assert isinstance(result, Extraction)
    account(document, result)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200)), st.sampled_from(["text/html", "text/plain", None]))
@example(b"\x1b", "text/plain")  # a block without a word
def test_every_document_arrives_somewhere(data: bytes | str, media_type: str | None) -> None:
    result = clean(data, media_type=media_type)
    assert isinstance(result, (Extraction, Rejection))
    if isinstance(result, Rejection):
        assert result.reason is not RejectReason.ERROR, result.detail
    else:
        account(read(RawDocument("", data, media_type=media_type), POLICY), result)


@pytest.mark.parametrize(
    ("data", "policy", "reason"),
    [
        (b"A headline\n\n" + b"word " * 300, Policy(max_bytes=1000), RejectReason.TOO_LARGE),
        (b"<html>" + b"<div>" * 100_000 + b"x", POLICY, RejectReason.TOO_DEEP),
        (b"<html>" + b"<div><p>" * 400 + b"x", Policy(max_depth=100), RejectReason.TOO_DEEP),
        (b"<html>" + b"<b>x</b>" * 3000, Policy(max_nodes=5000), RejectReason.TOO_MANY_NODES),
        (b"<html>" + b"<p>x</p>" * 300, Policy(max_blocks=200), RejectReason.TOO_MANY_BLOCKS),
        (b"line\n\n" * 300, Policy(max_blocks=200), RejectReason.TOO_MANY_BLOCKS),
        (b"", POLICY, RejectReason.EMPTY),
        (b"<html><script>only()</script></html>", POLICY, RejectReason.EMPTY),
        (b"%PDF-1.7 ...", POLICY, RejectReason.UNKNOWN_TYPE),
        (b"\x00\x01\x02" * 200, POLICY, RejectReason.BINARY),
    ],
)
def test_bounds_are_counts_and_reject_with_a_reason(data: bytes, policy: Policy, reason: RejectReason) -> None:
    result = clean(data, policy=policy)
    assert isinstance(result, Rejection)
    assert result.reason is reason
    assert result.detail


def test_a_defect_of_ours_costs_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    from copydesk import pipeline

    monkeypatch.setattr(pipeline.labelling, "label", lambda *_: 1 / 0)
    result = clean("A headline\n\nA sentence.")
    assert isinstance(result, Rejection)
    assert (result.reason, result.detail) == (RejectReason.ERROR, "ZeroDivisionError: division by zero")


@given(st.integers(0, 60), st.integers(1, 30))
def test_a_document_whose_blocks_do_not_tile_cannot_be_built(start: int, length: int) -> None:
    from copydesk.model import Block, Kind

    text = "First paragraph of it.\n\nSecond paragraph of it."
    whole = {(0, 22), (24, 47)}
    spans = {(0, 22), (start, start + length)} if start >= 22 else {(start, start + length), (24, 47)}
    if spans == whole:
        Document(text, tuple(Block(a, b, Kind.PARAGRAPH) for a, b in sorted(spans)), "text/plain", "utf-8")
    else:
        with pytest.raises((ValueError, IndexError)):
            Document(text, tuple(Block(a, b, Kind.PARAGRAPH) for a, b in sorted(spans)), "text/plain", "utf-8")
