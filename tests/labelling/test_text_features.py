"""What the text model looks at: a column each, whose names the receipt knows, of numbers that can be told by hand."""

from __future__ import annotations

import numpy as np
import pytest

from copydesk import Policy, RawDocument
from copydesk.labelling import text_model
from copydesk.labelling.columns import columns
from copydesk.labelling.receipt import evidence as told
from copydesk.labelling.text_features import LAYOUT, evidence, features
from copydesk.labelling.words import meaning
from copydesk.reading import read

TEXT = 'The bridge\n\n"Order now," she said.\nThe bridge is shut: call 555 0119 22\n\n\nNobody came.'


def _features(text: str) -> tuple[np.ndarray, list[str]]:
    seen = columns(read(RawDocument("a", text, media_type="text/plain"), Policy()))
    return features(seen, meaning(), text_model.weights().scores), list(evidence())


def _of(name: str, text: str, place: int = 0) -> list[float]:
    rows, names = _features(text)
    at = [number for number, each in enumerate(names) if each == name][place]
    return [round(value, 4) for value in rows[:, at].tolist()]


@pytest.mark.parametrize("text", [TEXT, "one", "a\n" * 200, "word " * 400, "“", "日本語\n\n12:30 → € 5"])
def test_every_column_has_a_name_and_a_number(text: str) -> None:
    rows, names = _features(text)
    assert rows.shape[1] == len(names)
    assert np.isfinite(rows).all()


def test_gaps_before_and_after_a_block_are_told_apart() -> None:
    rows, _ = _features(TEXT)
    before, after = rows[:, :4].argmax(axis=1), rows[:, 4:8].argmax(axis=1)
    assert (before.tolist(), after.tolist()) == ([2, 2, 1, 3], [2, 1, 3, 2])
    assert rows[:, LAYOUT - 2].tolist() == pytest.approx([np.log1p(4)] * 4)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("So it is.", 1),
        ('"So it is."', 1),
        ('("So it is.")', 1),
        ("So it is", 0),
        ('"So it is"', 0),
        ('So. it")', 0),
        ("Is it?", 1),
        (".", 1),
    ],
)
def test_a_sentence_ends_with_a_stop_and_at_most_two_closing_marks(text: str, ends: int) -> None:
    assert columns(read(RawDocument("a", text, media_type="text/plain"), Policy())).ends_sentence.tolist() == [bool(ends)]


def test_marks_stand_with_their_block() -> None:
    assert _of("a telephone number", TEXT) == [0, 0, 0.6931, 0]
    assert _of("a telephone number", TEXT, 1) == [0, 0, 1, 0]


def test_what_is_quoted_is_not_the_block_s_own_voice() -> None:
    own, heard, quoted = (_of("calls to action", TEXT, place) for place in range(3))
    assert (own, heard, quoted) == ([0, 0, 0, 0], [0, 0, 0, 0], [0, 0.5, 0, 0])
    assert _of("calls to action", TEXT.replace('"', ""), 0) == [0, 0.5, 0, 0]
    assert _of("a quotation around it", TEXT) == [0, 0.5, 0, 0]


def test_a_word_that_comes_again_tells_what_the_text_is_about() -> None:
    once, again = "Lighthouse keepers met.\n\nNothing else.", "Lighthouse keepers met.\n\nLighthouse keepers left."
    assert _of("names of its own", once)[0] == 0
    assert _of("names of its own", again)[0] > 0.5


def test_the_receipt_of_a_very_long_ad_is_that_of_its_beginning() -> None:
    seen = columns(read(RawDocument("a", "A story.\n\n" + "Order your lamp now, 20 % off!\n\n" * 90, media_type="text/plain"), Policy()))
    rows = features(seen, meaning(), text_model.weights().scores)
    assert told(rows, seen.words, 1, 91) == told(rows, seen.words, 1, 65) != ()
