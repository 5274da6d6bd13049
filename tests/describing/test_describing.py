"""What is said about an article, and where it came from."""

from __future__ import annotations

import json

import pytest

from copydesk import RawDocument, clean
from copydesk.describing import fingerprint, quality
from copydesk.language import Language
from copydesk.model import Extraction, Metadata

BODY = "<p>The council voted on Monday to mend the old bridge before winter, the mayor said after the meeting.</p>" * 2


def _metadata(head: str, body: str = f"<article><h1>Bridge to be mended</h1>{BODY}</article>") -> Metadata:
    result = clean(f"<html><head>{head}</head><body>{body}</body></html>")
    assert isinstance(result, Extraction), result
    return result.metadata


def _json_ld(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


ARTICLE = {
    "@type": "NewsArticle",
    "headline": "The bridge",
    "author": [{"@type": "Person", "name": "Ana Lume"}, {"name": "Jon Ferro"}],
    "datePublished": "2026-11-02T08:30:00+01:00",
    "dateModified": "2026-11-03",
    "publisher": {"name": "The Gazette"},
    "keywords": ["bridge", "council"],
}


@pytest.mark.parametrize("data", [ARTICLE, [ARTICLE], {"@graph": [{"@type": "WebSite", "name": "x"}, ARTICLE]}, {"mainEntity": ARTICLE}])
def test_json_ld_however_it_is_nested(data: object) -> None:
    found = _metadata(_json_ld(data))
    assert found.authors == ("Ana Lume", "Jon Ferro")
    assert found.published_at == "2026-11-02T08:30:00+01:00"
    assert found.modified_at == "2026-11-03"
    assert found.site_name == "The Gazette"
    assert found.tags == ("bridge", "council")
    assert found.title == "Bridge to be mended"
    assert found.origin["title"] == "headline"
    assert found.origin["authors"] == "json-ld"


def test_meta_tags_fill_what_json_ld_does_not_say() -> None:
    head = (
        "<script type='application/ld+json'>{broken</script><meta name=author content='By Ana Lume and Jon Ferro'>"
        "<meta property='article:published_time' content='2026-11-02'><link rel=canonical href='https://g.example/a'>"
        "<meta property='og:image' content='https://g.example/a.jpg'>"
    )
    found = _metadata(head)
    assert found.published_at == "2026-11-02"
    assert found.url == "https://g.example/a"
    assert found.origin["published_at"] == "meta"
    assert found.origin["image"] == "og"


def test_a_page_without_a_headline_takes_its_title_tag_without_the_site() -> None:
    found = _metadata("<title>Old bridge to be mended | The Gazette</title>", BODY)
    assert (found.title, found.origin["title"]) == ("Old bridge to be mended", "title tag")


@pytest.mark.parametrize("value", ["yesterday", "0001-01-01", "2999-01-01", "", "2026-13-01"])
def test_implausible_dates_are_refused(value: str) -> None:
    assert _metadata(_json_ld({**ARTICLE, "datePublished": value})).published_at is None


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-11-02T08:30:00.000Z", "2026-11-02T08:30:00+00:00"),
        ("2026-11-02 08:30:00", "2026-11-02T08:30:00"),
        ("2026-11-02UTC07:30:00+00:00", "2026-11-02T07:30:00+00:00"),
        ("2026/11/2", "2026-11-02"),
        ("20261102", "2026-11-02"),
        ("Mon, 02 Nov 2026 08:30:00 +0100", "2026-11-02T08:30:00+01:00"),
        ("November 2nd, 2026", "2026-11-02"),
        ("2 Nov. 2026", "2026-11-02"),
        ("2. März 2026", "2026-03-02"),
        ("2 de marzo de 2026", "2026-03-02"),
        ("1er août 2026", "2026-08-01"),
        ("02.11.2026", "2026-11-02"),
        ("11/22/2026", "2026-11-22"),
        ("22/11/2026", "2026-11-22"),
        ("2026年11月2日", "2026-11-02"),
        ("31 February 2026", None),
        ("2 Nov 1066", None),
    ],
)
def test_dates_in_the_forms_that_pages_declare(value: str, day: str | None) -> None:
    assert _metadata(_json_ld({**ARTICLE, "datePublished": value})).published_at == day


PRINTED = "<article><h1>Bridge to be mended</h1>{}" + BODY + "</article>"


@pytest.mark.parametrize(
    ("line", "authors", "published", "modified"),
    [
        ("<div>By Ana Lume • March 12, 2026</div>", ("Ana Lume",), "2026-03-12", None),
        ("<div>Written by</div><div>Ana Lume</div><div>Updated March 12, 2026</div>", ("Ana Lume",), None, "2026-03-12"),
        ("<p>Von Jörg Öhm und Eva de la Cruz, 3. Mai 2026</p>", ("Jörg Öhm", "Eva de la Cruz"), "2026-05-03", None),
        ("<div>Ana Lume</div><div>Mar 5, 2026</div>", ("Ana Lume",), "2026-03-05", None),
        ("<div>Posted on March 5, 2026 by Ana Lume 12 Comments</div>", ("Ana Lume",), "2026-03-05", None),
        ("<div>Read more about our privacy policy</div>", (), None, None),
        ("<div>By the river stood a mill</div>", (), None, None),
    ],
)
def test_what_is_printed_under_the_headline(line: str, authors: tuple[str, ...], published: str | None, modified: str | None) -> None:
    found = _metadata("", PRINTED.format(line))
    assert (found.authors, found.published_at, found.modified_at) == (authors, published, modified)


def test_names_of_a_list_of_authors_without_what_is_no_name() -> None:
    found = _metadata("<meta name=author content='Ana Lume, MD, PhD and https://g.example/me'><meta name=author content=admin>", BODY)
    assert found.authors == ("Ana Lume",)
    assert _metadata("<meta name=author content='{{ page.author }}'>", BODY).authors == ()


def test_an_author_that_is_only_referred_to_is_looked_up() -> None:
    graph = [{**ARTICLE, "author": {"@id": "#ana"}}, {"@id": "#ana", "@type": "Person", "name": "Ana Lume"}]
    assert _metadata(_json_ld({"@graph": graph})).authors == ("Ana Lume",)


def test_a_site_that_calls_itself_the_author_gives_way_to_whom_it_prints() -> None:
    declared = _json_ld({**ARTICLE, "author": {"@type": "Organization", "name": "The Gazette"}})
    assert _metadata(declared, PRINTED.format("<p>By Ana Lume</p>")).authors == ("Ana Lume",)
    assert _metadata(declared, PRINTED.format("")).authors == ("The Gazette",)


def test_a_site_name_in_the_place_of_the_headline_is_no_title() -> None:
    found = _metadata("<title>Old bridge to be mended | The Gazette</title>", f"<article><h1>The Gazette</h1>{BODY}</article>")
    assert found.title == "Old bridge to be mended"


def test_a_date_in_the_address_is_the_last_resort() -> None:
    found = _metadata("<link rel=canonical href='https://g.example/2026/11/02/bridge'>")
    assert (found.published_at, found.origin["published_at"]) == ("2026-11-02", "url")


def test_hostile_json_ld_fails_nothing() -> None:
    deep = "[" * 5000 + "]" * 5000
    lone = '{"@type": "NewsArticle", "author": {"name": "A\\ud800 Name"}}'
    found = _metadata(f'<script type="application/ld+json">{deep}</script><script type="application/ld+json">{lone}</script>')
    assert isinstance(found, Metadata)


ENGLISH = Language("en", 1.0)


def test_flags_say_what_looks_wrong() -> None:
    assert quality("", 100, 0, Language("und", 0.0)).flags == ("no text", "mostly removed", "unknown language")
    assert quality("word " * 100, 600, 500, ENGLISH).flags == ()
    assert "repetitive" in quality("The same line again.\n" * 30, 600, 600, ENGLISH).flags
    assert "shouting" in quality("BUY NOW AND SAVE " * 20, 600, 600, ENGLISH).flags
    assert quality("日本語の文章", 6, 6, Language("ja", 1.0)).word_count == 6


def test_fingerprints_see_words_only() -> None:
    assert fingerprint("A  bridge, mended!") == fingerprint("a bridge mended")
    assert fingerprint("a bridge") != fingerprint("abridge")


def test_given_values_win() -> None:
    from copydesk import Policy
    from copydesk.pipeline import clean_document

    raw = RawDocument("a", f"<html><h1>Bridge</h1>{BODY}", given={"title": "Given", "date": "2026-11-02"})
    result = clean_document(raw, Policy())
    assert isinstance(result, Extraction)
    assert (result.title, result.metadata.origin["title"], result.metadata.published_at) == ("Given", "given", "2026-11-02")


def _marked(inside: str, kind: str = "https://schema.org/NewsArticle") -> str:
    return f'<article itemscope itemtype="{kind}"><h1 itemprop="headline">Bridge to be mended</h1>{inside}{BODY}</article>'


def test_microdata_tells_where_nothing_else_does() -> None:
    found = _metadata(
        "<title>x</title>",
        _marked(
            '<div><span itemprop="author" itemscope itemtype="https://schema.org/Person"><a itemprop="url" href="/a">'
            '<b itemprop="name">Ana Lume</b></a>, staff</span><span itemprop="author">Jon Ferro</span></div>'
            '<p><span itemprop="datePublished" content="2026-11-02T08:30:00+01:00">this morning</span>'
            '<span itemprop=dateModified>3 November 2026</span></p><a itemprop="articleSection" href="/w">Works</a>'
        ),
    )
    assert found.authors == ("Ana Lume", "Jon Ferro")
    assert (found.published_at, found.modified_at, found.section) == ("2026-11-02T08:30:00+01:00", "2026-11-03", "Works")
    assert {found.origin[name] for name in ("authors", "published_at", "modified_at", "section")} == {"microdata"}


def test_microdata_of_comments_is_not_the_articles() -> None:
    comment = (
        '<section itemscope itemtype="https://schema.org/Comment"><i itemprop="author">Kim Reader</i>'
        '<i itemprop="dateCreated" content="2026-11-09">yesterday</i></section>'
    )
    found = _metadata("", _marked(comment))
    assert found.authors == ()
    assert found.published_at is None
    assert _metadata("", _marked('<i itemprop="author">' + "x" * 400 + "</i>")).authors == ()


def test_a_declared_title_that_was_escaped_twice_is_mended() -> None:
    assert _metadata("<title>The baker&amp;#8217;s oven is lit again</title>", BODY).title == "The baker’s oven is lit again"
