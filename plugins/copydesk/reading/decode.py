"""Bytes to text: the encoding by BOM, declaration, strict UTF-8, then a guess; no byte is dropped."""

from __future__ import annotations

import codecs
import re

from ..errors import Unreadable
from ..model import RejectReason
from . import guess

ONE_BY_ONE = "copydesk-1252"  # an error handler: bytes that do not fit are read as Windows-1252, one by one
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SURROGATES = re.compile("[\ud800-\udfff]")
# What text never holds: NUL and the other C0 controls but tab, line ends, form feed and escape.
_BINARY = bytes(set(range(32)) - {8, 9, 10, 11, 12, 13, 27})
_SAMPLE = 65_536
_BINARY_SHARE = 0.02
_WIDE_UTF8 = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")
_SURE = 3  # characters of UTF-8 in valid UTF-8: by accident there is one, or two
_SHIFTS = re.compile(rb"\x1b\$[@B][!-~]{2,2000}?\x1b\([BJ]")  # ISO-2022-JP, which is ASCII to other encodings


def decode(data: bytes | str, *, declared: str | None = None, html: bool = False) -> tuple[str, str]:
    """The text of `data` and the name of the encoding it was read in.

    `declared` is what came with the record (an HTTP header, a setting). Bytes that the chosen encoding
    cannot read are read as Windows-1252, one by one: mixed files keep every byte. Raises Unreadable for
    binary data.
    """
    if isinstance(data, str):
        return _scalar(data), "str"
    name, text = _settled(data, declared, html)
    if text is not None:
        return text, name
    bom = next((len(mark) for mark, named in _BOMS if named == name and data.startswith(mark)), 0)
    return _read(data[bom:], name), name


def encoding_of(data: bytes, *, declared: str | None = None, html: bool = False) -> str:
    """The name of the encoding to read `data` in. Raises Unreadable for binary data."""
    return _settled(data, declared, html)[0]


def _settled(data: bytes, declared: str | None, html: bool) -> tuple[str, str | None]:
    """The encoding, and the text where it had to be read to know."""
    for bom, marked in _BOMS:
        if data.startswith(bom):
            return marked, None
    wide = _wide_without_bom(data)
    if wide:
        return wide, None
    _refuse_binary(data)
    name = _declared(data, declared, html)
    if data.isascii():
        return "iso2022_jp" if _SHIFTS.search(data) else name or "utf-8", None
    text = _as_utf8(data)
    if text is not None and (name in {None, "utf-8"} or len(_WIDE_UTF8.findall(data[:_SAMPLE])) >= _SURE):
        return "utf-8", text
    return guess.legacy(data, name if name != "utf-8" else None) if not _mostly_utf8(data) else "utf-8", None


def wide_encoding(head: bytes) -> str | None:
    """The encoding of a file that its first bytes show as UTF-16 or UTF-32, whose line ends are no single bytes."""
    for bom, name in _BOMS[1:]:
        if head.startswith(bom):
            return name
    return _wide_without_bom(head)


def _read(data: bytes, name: str) -> str:
    text = data.decode(name, ONE_BY_ONE)
    return text if name == "utf-8" else _scalar(text)  # UTF-8 cannot hold lone surrogates


def _scalar(text: str) -> str:
    """The text with lone surrogates, which no encoding can write, as replacement characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text)
    return text


def _as_1252(error: UnicodeError) -> tuple[str, int]:
    """A codec error handler: reads the offending bytes as Windows-1252, its five holes as C1 controls."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in bad), error.end


codecs.register_error(ONE_BY_ONE, _as_1252)


def _declared(data: bytes, declared: str | None, html: bool) -> str | None:
    """The declared encoding by the name that Python gives it; a label that nobody knows declares nothing."""
    from bs4.dammit import EncodingDetector

    label = declared or EncodingDetector.find_declared_encoding(data, is_html=html)
    name = guess.canonical(label) if label else None
    # A declaration of UTF-16 that could be read as ASCII cannot be true.
    return "utf-8" if name and name.startswith(("utf-16", "utf-32")) else name


def _as_utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _mostly_utf8(data: bytes) -> bool:
    """Whether at least nine in ten of the non-ASCII runs are UTF-8: a mixed or truncated file, not a wrong name."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for c in text if c > "\x7f") - bad
    return good >= 9 * bad


def _wide_without_bom(data: bytes) -> str | None:
    """UTF-16 that has lost its BOM: text whose every other byte is NUL."""
    sample = data[:4096]
    if len(sample) < 8:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.05 * half:
        return "utf-16-be"
    # In other alphabets only spaces and line ends have a zero, and every other byte is a control character or beyond ASCII.
    # Without those it is a text with stray zeros, which read as UTF-16 would look like Chinese.
    controls = len(sample) - len(sample.translate(None, _BINARY))
    if odd + even < 2 or (controls < 0.2 * len(sample) and any(_as_utf8(part) is not None for part in (sample, sample[:-3]))):
        return None
    fits = [name for name in ("utf-16-le", "utf-16-be") if guess.reads_well(sample, name)]
    return ("utf-16-le" if odd > even else "utf-16-be") if len(fits) == 2 else next(iter(fits), None)


def _refuse_binary(data: bytes) -> None:
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _BINARY))
    if sample and controls / len(sample) > _BINARY_SHARE:
        raise Unreadable(
            RejectReason.BINARY,
            f"{controls} of the first {len(sample)} bytes are control characters: not a text or HTML file",
        )
