from __future__ import annotations

import pytest

from copydesk import clean
from copydesk.model import Extraction, Reason

STORY = [
    "The council of Larkmere voted on Monday evening to mend the old footbridge before the winter floods.",
    "Engineers had warned since spring that two of its four oak piers were rotten below the water line.",
    "The work will cost a little less than the town spent on its summer fair, the treasurer said, and most of the oak is already cut.",
    "A ferry will carry children to the school on the other bank until Easter, twice mornings and afternoons, for nothing.",
    "Nobody voted against the plan, although the owner of the mill asked for a wider span, which the engineers will look at.",
]
BODY = "".join(f"<p>{line}</p>" for line in STORY)
MARKDOWN = "\n\n".join(["# Larkmere mends its bridge", *STORY, "Republish this story under its licence."])


def _page(copy: str) -> Extraction:
    html = f"<html><title>Larkmere</title><article><h1>Larkmere mends its bridge</h1>{BODY}</article>{copy}</html>"
    result = clean(html, media_type="text/html")
    assert isinstance(result, Extraction)
    return result


@pytest.mark.parametrize(
    ("copy", "reason"), [(f"<textarea>{MARKDOWN}</textarea>", Reason.FORM), (f"<div><pre>{MARKDOWN}</pre></div>", Reason.REPEATED)]
)
def test_a_copy_of_the_whole_article_does_not_stay_beside_it(copy: str, reason: Reason) -> None:
    result = _page(copy)
    assert result.text == "\n\n".join(STORY)
    assert reason in {cut.reason for cut in result.removed}


def test_an_article_in_one_piece_stays_beside_its_pull_quotes() -> None:
    whole = " ".join(STORY)
    html = f"<html><title>Bridge</title><article><h1>Bridge</h1><p>{whole}</p><blockquote>{STORY[4]}</blockquote></article></html>"
    result = clean(html, media_type="text/html")
    assert isinstance(result, Extraction)
    assert whole in result.text
