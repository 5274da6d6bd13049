"""Languages: right on passages of 24, silent on what is no prose, and told where a text has two."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk import Extraction, clean
from copydesk.language import UNDETERMINED, identify

TEXTS: dict[str, str] = json.loads((Path(__file__).parent / "cases" / "languages.json").read_text(encoding="utf-8"))
NO_PROSE = {
    "code": "def mean(xs):\n    total = sum(x for x in xs if x is not None)\n    return total / len(xs) if xs else 0.0\n",
    "script": "const x = await fetch('/api?id=' + id).then(r => r.json()); export default () => <ul>{x.map(i => <li key={i.id}/>)}</ul>;",
    "query": "SELECT a.id, b.name, COUNT(*) FROM orders a LEFT JOIN users b ON a.user_id = b.id WHERE a.made > '2026-01-01' GROUP BY 1, 2;",
    "style": ".bar > li { margin: 0 auto; padding: 4px 8px; color: #fff } @media (max-width: 600px) { .bar { display: none } }",
    "data": '{"id": 12, "name": "lamp", "tags": ["a", "b"], "price": 12.50, "stock": {"north": 12, "south": 4}, "active": true}',
    "log": "2026-01-02T03:04:05Z INFO [main] c.e.App - ready in 3.2 s\n2026-01-02T03:04:06Z WARN [pool-1] c.e.Db - retry 1\n",
    "numbers": "12.4 33,901 1,002 44.1% 2019-2020 3:1 4-4 900 kg 18 m 22:30 14.2.2021 88 99 12 13 14 15 16 17 18 19 20 21",
    "results": "Skelling 2-1 Marrow\nSallow 0-0 Altenwörth\nMontelar 3-2 Göllheim\nBorgo 1-4 Nordwind\nFinch 2-2 Tell\n",
    "names": "Anna Müller, José García, Pierre Dupont, Giovanni Rossi, Olga Ivanova, Yuki Tanaka, Wei Chen, Lars Svensson",
    "towns": "Berlin, Paris, Madrid, Lisboa, Roma, Warszawa, Praha, Budapest, Wien, Oslo, Stockholm, Helsinki, Dublin",
    "parts": "M8x20 DIN 933 A2-70; M6x16 ISO 4762 8.8; 6204-2RS; HK0810; 608ZZ; 4GN-LK-22; BX-17; GT2-6mm; XT60; JST-PH 2.0",
    "addresses": "https://gazette.example/a/b https://news.example/2026/01/02/story http://foo.example/bar?x=1 wire@news.example",
    "digests": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 60303ae22b998861bce3b28f33eec1be758a213c86c93c07",
    "menu": "Pizza Margherita 8.50\nPasta Carbonara 11.00\nTiramisu 5.50\nCappuccino 2.80\nEspresso 1.90\nGelato 3.00\n",
    "faces": "😀😃😄😁😆😅😂🤣🥲😊😇🙂🙃😉😌😍🥰😘😗😙😚😋😛😝😜🤪🤨🧐🤓😎",
}


@pytest.mark.parametrize("language", TEXTS)
def test_passages_of_200_characters_are_told(language: str) -> None:
    """Every passage of our own texts in 24 languages: at least 95 % must be right, and none mixed."""
    text = TEXTS[language]
    told = [identify(text[start : start + 200]) for start in range(0, max(1, len(text) - 199), 10)]
    assert sum(found.code == language for found in told) >= 0.95 * len(told), told
    assert not any(found.mixed for found in told)


@pytest.mark.parametrize("kind", NO_PROSE)
def test_what_is_no_prose_has_no_language(kind: str) -> None:
    for text in (NO_PROSE[kind], NO_PROSE[kind] * 9):
        assert identify(text).code == UNDETERMINED
        assert identify(text, "pt") == ("pt", identify(text).score, False)


def test_numbers_and_signs_within_prose_change_nothing() -> None:
    for language, text in TEXTS.items():
        words = text.split(" ")
        dotted = " ".join(f"{word} 12,5 %" if number % 8 == 0 else word for number, word in enumerate(words))
        assert identify(dotted).code == language


@pytest.mark.parametrize("language", TEXTS)
def test_passages_in_capitals_but_for_a_few_words_are_told(language: str) -> None:
    words = [word if number % 9 == 4 else word.upper() for number, word in enumerate(TEXTS[language].split(" "))]
    told = [identify(" ".join(words[start : start + 22])[:150]).code for start in range(0, max(1, len(words) - 21), 4)]
    assert told.count(language) >= 0.85 * len(told), told


def test_a_text_in_two_languages_is_told_by_the_larger_and_flagged() -> None:
    pairs = permutations(("en", "de", "fr", "pl", "ru", "ar", "tr", "fi"), 2)
    assert [(a, b) for a, b in pairs if (f := identify(TEXTS[a] * 4 + "\n\n" + TEXTS[b] * 2)).code != a or not f.mixed] == []
    text = f"A headline\n\n{TEXTS['en']}\n\n{TEXTS['en'].upper()}\n\n{TEXTS['de']}\n\n{TEXTS['de'][::-1][:20]}\n"
    result = clean(text)
    assert isinstance(result, Extraction)
    assert "mixed languages" in result.quality.flags


def test_a_short_quotation_makes_no_mixed_text() -> None:
    assert not identify(TEXTS["en"] * 4 + f" “{TEXTS['fr'][:60]}” " + TEXTS["en"] * 4).mixed


@given(st.text(max_size=1_000))
def test_any_text_has_a_code_and_a_score(text: str) -> None:
    found = identify(text)
    assert found.code.isalpha()
    assert 0 <= found.score <= 1
