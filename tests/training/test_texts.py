"""What the text model learns from: lines are labelled where they stand, and what is left out of a fold is left out whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from copydesk.errors import SettingError
from copydesk.labelling.text_model import State
from copydesk.training.texts import Piece, composed, dump, load, origins, own, pieces_of, states

SEEDS = Path(__file__).parents[2] / "seeds" / "training"
STORY = Piece("own:story", State.CONTENT, "en", ("A headline", "First.", "Second.", "Third."))
AD = Piece("own:ad", State.AD, "en", ("Buy now.", "It is good."))


def test_every_line_of_a_composed_text_is_labelled_as_its_piece() -> None:
    for text in composed([STORY, AD, Piece("f", State.FURNITURE, "", ("4 min read",))], 60, seed=1):
        for line in text.lines:
            piece = {"own:story": STORY, "own:ad": AD}.get(line.piece)
            assert line.state is (piece.state if piece else State.FURNITURE)
            assert piece is None or text.text[line.start : line.end] in piece.lines
        assert "".join(text.text[line.start : line.end] for line in text.lines) == text.text.replace("\n", "")


def test_an_ad_is_set_in_whole_and_never_into_another() -> None:
    for text in composed([STORY, AD], 60, seed=2):
        for first, second in zip(text.lines, text.lines[1:], strict=False):
            if text.text[first.start : first.end] == AD.lines[0]:
                assert text.text[second.start : second.end] == AD.lines[1]


def test_the_same_seed_composes_the_same_texts() -> None:
    assert list(composed([STORY, AD], 20, seed=3)) == list(composed([STORY, AD], 20, seed=3))


def test_the_first_block_of_a_run_of_ads_begins_it() -> None:
    chain = states([State.AD, State.AD, State.CONTENT, State.AD, State.FURNITURE, State.AD])
    assert chain.tolist() == [State.AD_BEGINS, State.AD, State.CONTENT, State.AD_BEGINS, State.FURNITURE, State.AD_BEGINS]
    assert states([]).tolist() == []


def test_a_piece_belongs_to_every_fold_that_holds_it(tmp_path: Path) -> None:
    rows = [
        {"id": str(i), "source": f"base-{i} + ad", "text": "x\ny", "blocks": [_block(0, "content"), _block(2, "ad")]} for i in range(20)
    ]
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    texts = list(load(path, {}))
    ad = next(piece for piece in pieces_of(texts) if piece.state is State.AD)
    assert ad.folds == {text.fold for text in texts}
    assert len(ad.folds) > 1


def _block(at: int, label: str) -> dict[str, object]:
    return {"start": at, "end": at + 1, "label": label, "ad_id": "a1"}


def test_a_dump_holds_every_visible_line_and_knows_those_of_the_article() -> None:
    html = "<title>Old bridge mended - Gazette</title><nav>Home</nav><h1>Old bridge mended</h1><p>The council voted on Monday.</p><p>Ads"
    page = {"id": "1", "domain": "g.example", "title": "Old bridge mended", "html": html, "main_content": "The council voted on Monday."}
    text = dump(page)
    assert text is not None
    states_ = {text.text[line.start : line.end]: line.state for line in text.lines}
    furniture, content = State.FURNITURE, State.CONTENT
    assert states_ == {"Home": furniture, "Old bridge mended": content, "The council voted on Monday.": content, "Ads": furniture}


def test_the_pages_and_sites_that_texts_come_from_are_known(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    block = {"origin": "harvested:https://www.shop.example/a"}
    path.write_text(json.dumps({"source": "wcxb-dev:12 + ad", "blocks": [block, {}]}) + "\n", encoding="utf-8")
    assert origins(path) >= {"12", "shop.example"}


def test_a_file_that_holds_no_labelled_texts_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text('{"id": "1"}\n', encoding="utf-8")
    with pytest.raises(SettingError, match=r"texts\.jsonl:1: not a labelled text"):
        list(load(path, {}))


def test_no_two_ads_of_our_own_share_much() -> None:
    """Five words in a row that two ads share make up less than a fifth of either; no sentence stands in both."""
    grams = {}
    for piece in own(SEEDS):
        words = " ".join(piece.lines).casefold().split()
        grams[piece.id] = {tuple(words[i : i + 5]) for i in range(len(words) - 4)}
    holders: dict[tuple[str, ...], list[str]] = {}
    for id_, own_grams in grams.items():
        for gram in own_grams:
            holders.setdefault(gram, []).append(id_)
    shared: dict[tuple[str, str], int] = {}
    for ids in holders.values():
        for pair in ((a, b) for a in ids for b in ids if a != b):
            shared[pair] = shared.get(pair, 0) + 1
    assert {pair: count for pair, count in shared.items() if count >= 0.2 * len(grams[pair[0]])} == {}
    assert len(grams) > 400
