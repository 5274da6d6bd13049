"""Bytes to text: the encoding by BOM, declaration, strict UTF-8, then a guess; no byte is dropped."""

from __future__ import annotations

import codecs
import re

from ..errors import Unreadable
from ..model import RejectReason

# The labels of the web mean the Windows superset (WHATWG Encoding Standard, section 4.2).
_SUPERSET = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
ONE_BY_ONE = "copydesk-1252"  # an error handler: bytes that do not fit are read as Windows-1252, one by one
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Codecs of one byte a letter cannot contradict any input: only the bytes themselves can.
_SINGLE_BYTE = re.compile(r"cp\d{3,4}|iso8859|koi8|mac_|latin|windows", re.IGNORECASE)
_SURROGATES = re.compile("[\ud800-\udfff]")
# What text never holds: NUL and the other C0 controls but tab, line ends, form feed and escape.
_BINARY = bytes(set(range(32)) - {8, 9, 10, 11, 12, 13, 27})
_SAMPLE = 65_536
_BINARY_SHARE = 0.02
_CHAOS = 0.15


def decode(data: bytes | str, *, declared: str | None = None, html: bool = False) -> tuple[str, str]:
    """The text of `data` and the name of the encoding it was read in.

    `declared` is what came with the record (an HTTP header, a setting). Bytes that the chosen encoding
    cannot read are read as Windows-1252, one by one: mixed files keep every byte. Raises Unreadable for
    binary data.
    """
    if isinstance(data, str):
        return _scalar(data), "str"
    name = encoding_of(data, declared=declared, html=html)
    bom = next((len(mark) for mark, named in _BOMS if named == name and data.startswith(mark)), 0)
    return _read(data[bom:], name), name


def encoding_of(data: bytes, *, declared: str | None = None, html: bool = False) -> str:
    """The name of the encoding to read `data` in. Raises Unreadable for binary data."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name
    wide = _wide_without_bom(data)
    if wide:
        return wide
    _refuse_binary(data)
    return _declared(data, declared, html) or _guess(data)


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
    """The declared encoding, unless the bytes say otherwise: valid multi-byte UTF-8 is no accident."""
    from bs4.dammit import EncodingDetector

    label = declared or EncodingDetector.find_declared_encoding(data, is_html=html)
    name = _canonical(label) if label else None
    if name is None:
        return None
    is_utf8 = _is_utf8(data)
    if name.startswith(("utf-16", "utf-32")):  # the declaration was read as ASCII, so it cannot be true
        name = "utf-8"
    if name == "utf-8":
        return "utf-8" if is_utf8 or _mostly_utf8(data) else None
    if is_utf8 and not data.isascii() and _SINGLE_BYTE.match(name):
        return "utf-8"
    return name


def _canonical(label: str) -> str | None:
    try:
        name = codecs.lookup(label.strip().strip("'\"")).name
    except (LookupError, ValueError):
        return None
    name = _SUPERSET.get(name, name)
    return name if _decodes_text(name) else None


def _decodes_text(name: str) -> bool:
    try:
        return isinstance(b"a".decode(name), str)
    except (LookupError, UnicodeError, ValueError, TypeError):
        return name.startswith(("utf-16", "utf-32"))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(data: bytes) -> bool:
    """Whether at least nine in ten of the non-ASCII runs are UTF-8: a mixed or truncated file, not a wrong name."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for c in text if c > "\x7f") - bad
    return good >= 9 * bad


def _guess(data: bytes) -> str:
    if _is_utf8(data):
        return "utf-8"
    from charset_normalizer import from_bytes

    matches = from_bytes(data[:_SAMPLE])
    best = matches.best()
    if best is None or best.encoding.startswith("utf"):
        return "utf-8" if _mostly_utf8(data) else "cp1252"
    # It takes French for Baltic: where Windows-1252 reads as well as the favourite, it is by far the likelier.
    if any(m.encoding == "cp1252" and m.coherence >= best.coherence and m.chaos < _CHAOS for m in matches):
        return "cp1252"
    return _canonical(best.encoding) or "cp1252"


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
    return None


def _refuse_binary(data: bytes) -> None:
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _BINARY))
    if sample and controls / len(sample) > _BINARY_SHARE:
        raise Unreadable(
            RejectReason.BINARY,
            f"{controls} of the first {len(sample)} bytes are control characters: not a text or HTML file",
        )
