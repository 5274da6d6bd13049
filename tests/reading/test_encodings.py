"""Encodings: what the web's labels mean (encoding_rs is the witness), and declarations that are wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import endec
import pytest
from endec.exceptions import DecodeError
from webencodings.labels import LABELS

from copydesk import clean
from copydesk.model import Extraction
from copydesk.reading.decode import decode
from copydesk.reading.guess import canonical

TEXTS: dict[str, str] = json.loads((Path(__file__).parents[1] / "cases" / "languages.json").read_text(encoding="utf-8"))
LEGACY = {
    "en de fr es it pt nl sv da fi": ["cp1252"],
    "pl cs hu": ["cp1250", "iso8859_2"],
    "tr": ["cp1254", "iso8859_9"],
    "el": ["cp1253", "iso8859_7"],
    "ru": ["cp1251", "koi8_r", "iso8859_5", "cp866"],
    "uk": ["cp1251", "koi8_u"],
    "bg": ["cp1251"],
    "ar": ["cp1256", "iso8859_6"],
    "he": ["cp1255", "iso8859_8"],
    "ja": ["cp932", "euc_jp", "iso2022_jp"],
    "ko": ["cp949"],
    "zh": ["gb18030"],
}
DECLARED = ["utf-8", "iso-8859-1", "windows-1251", "shift_jis", None]
# Where Python's codecs and the Encoding Standard part: characters of private use and of JIS variants, a box-drawing character.
_MULTI = {"gbk", "gb18030", "big5", "euc-jp", "shift_jis", "euc-kr"}
_NO_TEXT = {"replacement", "x-user-defined", "utf-16le", "utf-16be", "iso-2022-jp", "utf-8"}


def _cases() -> Iterator[tuple[str, str, str | None]]:
    for languages, encodings in LEGACY.items():
        for language in languages.split():
            for encoding in [*encodings, "utf-8"]:
                yield from ((language, encoding, declared) for declared in DECLARED if declared != encoding)


def test_wrong_declarations_are_seen_through() -> None:
    """274 pages of 300 characters in 24 languages; 97 % must be right, and are told when they are not."""
    cases = list(_cases())
    assert len(cases) >= 200
    wrong = []
    for language, encoding, declared in cases:
        data = TEXTS[language].encode(encoding, "replace")
        meta = f"<meta charset={declared}>" if declared else ""
        text, name = decode(f"<html><head>{meta}</head><body><p>".encode() + data + b"</p></body></html>", html=True)
        if data.decode(encoding) not in text:
            wrong.append((language, encoding, declared, name))
    assert len(wrong) <= 0.03 * len(cases), wrong


@pytest.mark.parametrize("size", [30, 60, 150])
def test_true_declarations_are_believed_also_for_short_texts(size: int) -> None:
    wrong = []
    for language, encoding, _ in _cases():
        data = TEXTS[language][:size].encode(encoding, "replace")
        label = encoding.replace("iso8859_", "iso-8859-").replace("iso2022", "iso-2022").replace("_", "-")
        text, name = decode(f"<html><head><meta charset={label}></head><body><p>".encode() + data + b"</p></body></html>", html=True)
        if data.decode(encoding) not in text:
            wrong.append((language, encoding, name))
    assert wrong == []


@pytest.mark.parametrize("name", sorted(set(LABELS.values()) - _NO_TEXT))
def test_labels_mean_what_browsers_take_them_for(name: str) -> None:
    codec = canonical(name)
    assert codec
    firsts, seconds = (range(0x81, 0xFF), range(0x40, 0xFF)) if name in _MULTI else (range(256), [None])
    sequences = [bytes([first] if second is None else [first, second]) for first in firsts for second in seconds]
    wanted = {}
    for sequence in sequences:
        try:
            wanted[sequence] = endec.decode(sequence, name)
        except DecodeError:
            continue
    differ = [s for s, text in wanted.items() if s.decode(codec, "copydesk-1252") != text]
    assert len(differ) <= 0.1 * len(wanted), f"{len(differ)} of {len(wanted)}: {differ[:9]}"
    assert name in _MULTI or all(wanted[s] < "\xa0" or name in {"koi8-u", "windows-1255"} for s in differ), differ


@pytest.mark.parametrize("label", sorted(label for label, name in LABELS.items() if name not in {"replacement", "x-user-defined"}))
def test_every_label_of_the_standard_is_known(label: str) -> None:
    assert canonical(f" {label.upper()} ")


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_byte_order_mark(language: str, encoding: str) -> None:
    text = TEXTS[language] if language not in {"ja", "zh"} else TEXTS[language].replace("。", "。\n")
    assert decode(text.encode(encoding)) == (text, encoding)


def test_text_that_was_encoded_twice_comes_out_right() -> None:
    for language in ("de", "fr", "es", "pt", "sv", "da", "fi"):
        twice = TEXTS[language].encode().decode("cp1252", "replace")
        if "\ufffd" in twice:
            continue
        result = clean(f"A headline\n\n{twice}\n\n{twice[:90]} again.\n")
        assert isinstance(result, Extraction)
        assert TEXTS[language][:60].replace("’", "'") in result.text.replace("’", "'")


def test_a_file_of_two_encodings_loses_nothing() -> None:
    text, _ = decode(TEXTS["fr"].encode() * 4 + "\nÀ la fin : été, forêt.\n".encode("cp1252"))
    assert "À la fin : été, forêt." in text
    assert TEXTS["fr"] in text


def test_nuls_and_lone_surrogates_pass_through_to_text_that_can_be_stored() -> None:
    result = clean(b"A headline\n\nA sentence with a NUL\x00 in it, which is long enough to stay, she said.\n")
    assert isinstance(result, Extraction)
    assert "\x00" not in result.text
    text, _ = decode("A headline with half of a pair \ud83d in it")
    text.encode()
