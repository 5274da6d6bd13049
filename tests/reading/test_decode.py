"""Encodings: by BOM, declaration, strict UTF-8, then a guess; no byte is dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.errors import Unreadable
from copydesk.reading.decode import decode

FRENCH = "L’été dernier, à Orsay, la fête a coûté 40 € – « déjà trop », dit-elle."
META = '<html><head><meta charset="{}"></head><body>'


@pytest.mark.parametrize(
    ("data", "html", "text", "encoding"),
    [
        (FRENCH.encode(), False, FRENCH, "utf-8"),
        (b"\xef\xbb\xbf" + FRENCH.encode(), False, FRENCH, "utf-8"),
        (b"\xff\xfe" + FRENCH.encode("utf-16-le"), False, FRENCH, "utf-16-le"),
        (b"\xfe\xff" + FRENCH.encode("utf-16-be"), False, FRENCH, "utf-16-be"),
        (FRENCH.encode("utf-16-le"), False, FRENCH, "utf-16-le"),
        (FRENCH.encode("cp1252"), False, FRENCH, "cp1252"),
        ((META.format("iso-8859-1") + FRENCH).encode("cp1252"), True, META.format("iso-8859-1") + FRENCH, "cp1252"),
        ((META.format("iso-8859-1") + FRENCH).encode(), True, META.format("iso-8859-1") + FRENCH, "utf-8"),
        ((META.format("utf-8") + FRENCH).encode("cp1252"), True, META.format("utf-8") + FRENCH, "cp1252"),
        ((META.format("windows-1251") + "Привет").encode("cp1251"), True, META.format("windows-1251") + "Привет", "cp1251"),
        ((META.format("gb2312") + "你好").encode("gb18030"), True, META.format("gb2312") + "你好", "gb18030"),
        ((META.format("nonsense") + FRENCH).encode(), True, META.format("nonsense") + FRENCH, "utf-8"),
    ],
)
def test_the_encoding_is_found(data: bytes, html: bool, text: str, encoding: str) -> None:
    assert decode(data, html=html) == (text, encoding)


def test_bytes_that_do_not_fit_are_read_as_windows_1252_one_by_one() -> None:
    text, encoding = decode(FRENCH.encode() * 3 + b" \x93quoted\x94")
    assert text == FRENCH * 3 + " “quoted”"
    assert encoding == "utf-8"


def test_what_came_with_the_record_wins() -> None:
    assert decode("Привет".encode("koi8-r"), declared="koi8-r")[0] == "Привет"


def test_binary_data_is_refused() -> None:
    with pytest.raises(Unreadable, match="control characters"):
        decode(bytes(range(256)) * 10)


@given(st.binary(max_size=200))
def test_any_bytes_give_text_that_can_be_stored(data: bytes) -> None:
    try:
        text, _ = decode(data)
    except Unreadable:
        return
    text.encode("utf-8")
