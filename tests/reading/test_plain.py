"""Plain text: lines, hard wraps, lists, headings, and every kind of line end."""

from __future__ import annotations

import textwrap

import pytest

from copydesk import Policy, RawDocument, clean
from copydesk.model import Extraction, Kind
from copydesk.reading import read

PARAGRAPHS = [
    "The harbour board voted five to two on Monday to dredge the approach to a depth of eleven metres, ending a dispute of nine years.",
    "Work is to begin in March, once the herring have spawned, and to last about fourteen weeks, the board said in a statement on Tuesday.",
    "Growers who lease the oyster beds south of the channel say that an earlier and smaller dredging cost them a third of their stock.",
]


def _kinds(text: str) -> list[tuple[str, str]]:
    document = read(RawDocument("a.txt", text), Policy())
    return [(block.kind.value, " ".join(document.text_of(block).split())) for block in document.blocks]


@pytest.mark.parametrize("width", [60, 72, 78])
def test_hard_wrapped_paragraphs_are_joined(width: int) -> None:
    text = "Board votes to dredge\n\n" + "\n\n".join(textwrap.fill(p, width) for p in PARAGRAPHS)
    assert [t for _, t in _kinds(text)] == ["Board votes to dredge", *PARAGRAPHS]
    result = clean(text)
    assert isinstance(result, Extraction)
    assert result.text == "\n\n".join(PARAGRAPHS)


def test_hard_wrapped_lists_keep_their_items() -> None:
    wrapped = [textwrap.fill(f"- {p}", 60, subsequent_indent="  ") for p in PARAGRAPHS]
    text = textwrap.fill(PARAGRAPHS[0], 60) + "\n\n" + "\n".join(wrapped)
    assert [kind for kind, _ in _kinds(text)] == ["paragraph", *["list item"] * 3]


def test_one_paragraph_a_line_needs_no_blank_lines() -> None:
    assert [t for _, t in _kinds("\n".join(PARAGRAPHS))] == PARAGRAPHS


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\f", "\u2028"])
def test_every_line_end_ends_a_line(end: str) -> None:
    assert [t for _, t in _kinds(end.join(PARAGRAPHS))] == PARAGRAPHS


def test_kinds_are_told() -> None:
    text = "A headline\n\n" + PARAGRAPHS[0] + "\n\n• one\n2. two\n\nWhat comes next\n\n" + PARAGRAPHS[1]
    assert [kind for kind, _ in _kinds(text)] == ["heading", "paragraph", "list item", "list item", "heading", "paragraph"]


def test_verse_keeps_its_lines() -> None:
    verse = "The tide goes out,\nthe gulls come in,\nand nobody asks why."
    text = f"{PARAGRAPHS[0]}\n\n{verse}\n\n{PARAGRAPHS[1]}"
    assert _kinds(text)[1][0] == Kind.LINE.value
    result = clean(text)
    assert isinstance(result, Extraction)
    assert verse in result.text


def test_offsets_slice_the_decoded_file() -> None:
    text = "A headline\r\n\r\n" + PARAGRAPHS[0] + "\r\n"
    document = read(RawDocument("a.txt", text.encode()), Policy())
    assert document.text == text
    assert [text[b.start : b.end] for b in document.blocks] == ["A headline", PARAGRAPHS[0]]
