"""Labelling: cuts are whole spans, articles stay whole, and rules say why."""

from __future__ import annotations

import pytest

from copydesk import Policy, clean
from copydesk.labelling.lexicon import look_up
from copydesk.model import Extraction, Label, Reason

STORY = [
    "Council votes to mend the old bridge",
    "The council voted on Monday to mend the old bridge before winter, the mayor said after the meeting.",
    "“We have waited for nine years,” she said. “It is enough.”",
    "Work on the piers begins in March and will last until the autumn, according to the contract.",
    "The bridge was closed to lorries in 2019, after an inspection found cracks in two of its arches.",
]
PITCH = [
    "Sponsored by Golden Harvest Seeds",
    "Order your spring catalogue today and get free shipping on your first order! Use code SPRING at checkout.",
    "What you get:",
    "• Forty kinds of beans",
    "• A planting calendar",
    "Call now and claim your free packet. Offer ends Friday!",
]


def _clean(*lines: str, policy: Policy | None = None, gap: str = "\n\n") -> Extraction:
    result = clean(gap.join(lines) + "\n", media_type="text/plain", policy=policy)
    assert isinstance(result, Extraction), result
    return result


@pytest.mark.parametrize("at", range(1, len(STORY) + 1))
@pytest.mark.parametrize("gap", ["\n\n", "\n"])
def test_a_labelled_pitch_goes_whole_wherever_it_stands(at: int, gap: str) -> None:
    result = _clean(*STORY[:at], *PITCH, *STORY[at:], gap=gap)
    assert [cut.text for cut in result.removed] == PITCH
    assert {cut.label for cut in result.removed} == {Label.ADVERTORIAL}
    assert result.title == STORY[0]
    assert result.text == "\n\n".join(STORY[1:])


def test_a_pitch_before_the_headline_goes_and_the_headline_is_found() -> None:
    result = _clean("ADVERTISEMENT", "Order yours today and save up to 40% – visit www.beans.example now!", *STORY)
    assert result.title == STORY[0]
    assert len(result.removed) == 2


@pytest.mark.parametrize("label", ["Advertisement", "Anzeige", "Publicité", "Publicidad", "Pubblicità", "Publicidade", "[Sponsored]"])
def test_a_label_alone_is_struck_in_every_language(label: str) -> None:
    result = _clean(*STORY, label)
    assert [(cut.text, cut.reason) for cut in result.removed] == [(label, Reason.SPONSORED)]


@pytest.mark.parametrize("label", ["Advertisement", "- ADVERTISEMENT -", "Story continues below advertisement", "Skip advertisement"])
@pytest.mark.parametrize("gap", ["\n\n", "\n"])
def test_an_empty_slot_for_an_ad_takes_nothing_of_the_article_with_it(label: str, gap: str) -> None:
    for at in range(2, len(STORY)):
        result = _clean(*STORY[:at], label, *STORY[at:], gap=gap)
        assert [cut.text for cut in result.removed] == [label]


def test_an_article_without_a_pitch_stays_whole() -> None:
    result = _clean(*STORY)
    assert result.removed == ()


def test_a_higher_threshold_strikes_less() -> None:
    careful = _clean(*STORY, *PITCH[1:], policy=Policy(ad_threshold=1.0))
    assert careful.removed == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Share on Facebook", Reason.SHARE_BAR),
        ("4 min read", Reason.PAGE_FURNITURE),
        ("Lesen Sie auch: Die Brücke von gestern", Reason.RELATED_LINKS),
        ("© 2026 The Gazette. All rights reserved.", Reason.LEGAL),
        ("Foto: Ana Lume / Agencia", Reason.CREDIT),
        ("We use cookies to improve your visit. Accept all cookies", Reason.COOKIE_NOTICE),
    ],
)
def test_furniture_of_text_dumps_goes_as_boilerplate(line: str, reason: Reason) -> None:
    result = _clean(*STORY, line)
    assert [(cut.text, cut.label, cut.reason) for cut in result.removed] == [(line, Label.BOILERPLATE, reason)]


PAGE = """<html><head><title>Old bridge to be mended - The Gazette</title></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav>
<main><article><h1>Old bridge to be mended</h1><p class="byline">By Ana Lume</p>
<p>The council voted on Monday to mend the old bridge before winter, the mayor said after the meeting in the town hall.</p>
<div class="newsletter-box"><p>Get the news in your inbox every morning.</p></div>
<p>Work on the piers begins in March and will last until the autumn, according to the contract that was signed on Friday.</p>
<div class="related"><a href="/x">The bridge in pictures</a></div>
<p hidden>Tracking text that nobody sees on the page but that stands in its source, in a paragraph of its own.</p>
<table><tr><td>Cost</td><td>4 million</td></tr></table>
</article></main>
<section id="comments"><p>I have crossed that bridge every day for thirty years and nobody ever asked me what I think of it.</p></section>
<footer><p>The Gazette, since 1902.</p></footer></body></html>"""


def test_a_page_keeps_its_article_and_every_cut_has_its_reason() -> None:
    result = clean(PAGE)
    assert isinstance(result, Extraction)
    assert result.title == "Old bridge to be mended"
    assert result.metadata.authors == ("Ana Lume",)
    assert result.text.splitlines()[0].startswith("The council voted")
    assert "Cost\t4 million" in result.text
    why = {cut.text.split()[0]: cut.reason for cut in result.removed}
    assert why == {
        "Home": Reason.NAVIGATION,
        "By": Reason.BYLINE,
        "Get": Reason.NEWSLETTER,
        "The": Reason.PAGE_FURNITURE,
        "Tracking": Reason.HIDDEN,
        "I": Reason.COMMENTS,
    } | {"The": result.removed[-1].reason}
    assert Reason.RELATED_LINKS in {cut.reason for cut in result.removed}


def test_phrases_are_found_by_words_not_by_letters() -> None:
    hits = look_up("Unshared cookies; we USE  cookies, don’t miss")
    assert hits.covered["cookie"] == 3
    assert "share" not in hits.opening
    assert look_up("Share").whole >= {"share"}
