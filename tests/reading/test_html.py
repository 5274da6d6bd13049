"""Pages: what is visible, where blocks begin and end, and what their place tells."""

from __future__ import annotations

import pytest

from copydesk import Policy, RawDocument
from copydesk.labelling.columns import columns
from copydesk.model import Document, Place
from copydesk.reading import is_html, places, read


def _read(body: str, head: str = "") -> Document:
    return read(RawDocument("a.html", f"<html><head>{head}</head><body>{body}</body></html>"), Policy())


def _blocks(body: str) -> list[tuple[str, str]]:
    document = _read(body)
    return [(block.kind.value, document.text_of(block)) for block in document.blocks]


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("<p>One <b>bold</b> word</p>two", [("paragraph", "One bold word"), ("paragraph", "two")]),
        ("a<br>b<br><br>c", [("paragraph", "a\nb"), ("paragraph", "c")]),
        ("<ul><li>x<ul><li>y</ul></ul>", [("list item", "x"), ("list item", "y")]),
        ("<table><tr><td>1<td>2<tr><td><p>3</table>", [("table row", "1\t2"), ("paragraph", "3")]),
        ("<pre>if x:\n    y\n\n</pre>", [("code", "if x:\n    y")]),
        ("<blockquote><p>q</p></blockquote>", [("quote", "q")]),
        ("<figure><img><figcaption>c</figcaption></figure>", [("caption", "c")]),
        ("<h2>Head</h2>", [("heading", "Head")]),
        ("  \n <div> \t </div>x", [("paragraph", "x")]),
        ("<p>a<script>b</script><style>c</style><template>d</template><iframe>e</iframe>f</p>", [("paragraph", "af")]),
        ("<p>&lt;b&gt; &amp; &eacute;</p>", [("paragraph", "<b> & é")]),
        ("<noscript><p>n</p></noscript><p style='display:none'>h</p>", [("paragraph", "n"), ("paragraph", "h")]),
    ],
)
def test_blocks(body: str, blocks: list[tuple[str, str]]) -> None:
    assert _blocks(body) == blocks


def test_links_are_counted() -> None:
    document = _read("<p>see <a href=x>this</a> now</p>")
    assert document.blocks[0].linked == 4


def test_the_head_is_read_wherever_it_stands() -> None:
    document = _read(
        "<p>x</p><meta property='og:title' content='T'>",
        "<title>A  title</title><link rel=canonical href=/a><script type='application/ld+json'>{}</script><time datetime=2026-01-02>",
    )
    assert document.head.title == "A title"
    assert document.head.meta == {"og:title": "T"}
    assert document.head.links == {"canonical": "/a"}
    assert document.head.json_ld == ("{}",)
    assert document.head.times == ("2026-01-02",)


@pytest.mark.parametrize(
    ("names", "place"),
    [
        ("entry-content", Place.BODY_CLASS),
        ("articleBody", Place.BODY_CLASS),
        ("newsletter-signup", Place.NEWSLETTER),
        ("c-related__list", Place.RELATED),
        ("share_buttons", Place.SHARE),
        ("sr-only", Place.HIDDEN),
        ("postMeta", Place.BYLINE),
    ],
)
def test_class_names_tell_the_place(names: str, place: Place) -> None:
    assert places.by_names(names) & place


@pytest.mark.parametrize("names", ["has-sidebar", "no-comments", "wp-block-shareholder", "readership", "bread", "loading"])
def test_other_class_names_do_not(names: str) -> None:
    assert places.by_names(names) == 0


def test_a_name_that_would_hold_most_of_the_page_is_not_in_force() -> None:
    paragraph = "<p>The council voted on Monday to mend the old bridge before winter, the mayor said after the meeting.</p>"
    document = _read(f"<div class='widget'>{paragraph * 4}</div><div class='newsletter'>{paragraph}</div>")
    place = columns(document).place
    assert not place[0] & Place.SIDEBAR
    assert place[4] & Place.NEWSLETTER


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a", b"<!DOCTYPE html><p>x", True),
        ("a.txt", b"\xef\xbb\xbf <html><body>", True),
        ("a.txt", b"Use <p> and <br> and <div> in your page", False),
        ("a", b"<p>one</p><p>two</p><div>three</div>", True),
        ("a", b"just words", False),
        ("a.htm", b"just words", True),
        ("a", "<html><body>".encode("utf-16"), True),
    ],
)
def test_pages_are_told_by_content_first(name: str, data: bytes, expected: bool) -> None:
    assert is_html(data, RawDocument(name, data)) is expected
