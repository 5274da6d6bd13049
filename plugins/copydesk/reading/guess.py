"""Which legacy encoding bytes are in: the declared one where its reading looks like text, else the likeliest of the web's."""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

# The web's labels mean what browsers take them for (WHATWG Encoding Standard, section 4.2), by the names of Python's codecs.
_PYTHON = {"gbk": "gb18030", "replacement": None, "x-user-defined": None, "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}
# What servers and editors declare without looking: believed only where nothing reads better.
_DEFAULTS = frozenset({"cp1252"})
_SURE, _MARGIN = 0.97, 0.02
# Characters beyond ASCII from which on the detector is right more often than a declaration that it contradicts.
_ENOUGH_TO_DOUBT_A_DEFAULT, _ENOUGH_TO_DOUBT = 12, 100
_SCRIPTS = 3  # of one text: more are noise
_BEYOND_ASCII = bytes(range(128, 256))
_ENOUGH = 2_000  # bytes of passages with characters beyond ASCII that are looked at
_PASSAGE = re.compile(rb"[^<>\r\n]{0,400}?[\x80-\xff][^<>\r\n]{0,400}")
_WORDS = re.compile(r"[^\W\d_]+")
_IN_WORDS = re.compile(r"(?<=[^\W\d_])[\u00a1-\u00bf\u00d7\u00f7\u0384\u0385\u2026-\u2122\u00ac\u2500-\u25ff](?=[^\W\d_])")


def canonical(label: str) -> str | None:
    """The name of Python's codec for an encoding's label; None for a label that names no encoding of text."""
    import webencodings

    label = label.strip().strip("'\"")
    known = webencodings.lookup(label)
    if known:
        name = known.name
        return _PYTHON[name] if name in _PYTHON else codecs.lookup(known.codec_info.name).name
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    return found.name if found._is_text_encoding else None  # noqa: SLF001 - the only way to ask


def legacy(data: bytes, declared: str | None) -> str:
    """The legacy encoding of data that is no UTF-8: what is declared, unless what the detector says reads clearly better."""
    sample = b" ".join(_passages(data))
    if not declared:
        return _detected(sample)
    beyond = len(sample) - len(sample.translate(None, _BEYOND_ASCII))
    trust = _plausibility(sample, declared)
    enough = beyond >= (_ENOUGH_TO_DOUBT_A_DEFAULT if declared in _DEFAULTS else _ENOUGH_TO_DOUBT)
    if trust >= _SURE and not enough:
        return declared
    guessed = _detected(sample)
    return guessed if _plausibility(sample, guessed) + (_MARGIN if enough else -_MARGIN) > trust else declared


def reads_well(sample: bytes, name: str) -> bool:
    """Whether a sample, which may end within a character, reads as text in this encoding, without any fault."""
    text = sample[: len(sample) // 2 * 2].decode(name, "replace").rstrip("\ufffd")
    scripts = {_script(c) for c in text if c.isalpha()}
    return bool(text) and len(scripts) <= _SCRIPTS and not any(_is_odd(c) for c in text if c not in "\t\n\r\f")


def _detected(sample: bytes) -> str:
    from chardetng_py import EncodingDetector

    detector = EncodingDetector()
    detector.feed(sample, last=True)
    return canonical(detector.guess(tld=None, allow_utf8=False)) or "cp1252"


def _passages(data: bytes) -> list[bytes]:
    found, size = [], 0
    for match in _PASSAGE.finditer(data):
        found.append(match.group())
        size += len(match.group())
        if size > _ENOUGH:
            break
    return found


def _plausibility(sample: bytes, name: str) -> float:
    """1 for a reading without anything that text does not hold, less for each such thing among its characters beyond ASCII."""
    text = sample.decode(name, "replace")
    beyond = [c for c in text if c > "\x7f"]
    if not beyond:
        return 0.0
    bad = sum(map(_is_odd, beyond)) + 2 * len(_IN_WORDS.findall(text))
    letters = 0
    for word in _WORDS.findall(text):
        scripts = {_script(c) for c in word}
        letters += len(word)
        bad += len(word) if len(scripts - {"", "CJK"}) > 1 else 0
        bad += sum(a.islower() and b.isupper() for a, b in pairwise(word)) * 2
        bad += _accented_run(word)
    return max(0.0, 1 - bad / len(beyond))


def _accented_run(word: str) -> int:
    """Letters of a word that is nearly all accented Latin, as no language writes them: another alphabet read as Latin."""
    accented = sum("\x80" < c < "\u0250" for c in word)
    return accented if accented > 2 and accented > 0.6 * len(word) else 0


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    first = name.split(" ", 1)[0]
    return "CJK" if first in {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "HALFWIDTH", "KATAKANA-HIRAGANA"} else first


@lru_cache(maxsize=4096)
def _is_odd(character: str) -> bool:
    """Controls, replacements, private and unassigned characters, and half-width kana, which wrong readings are full of."""
    return unicodedata.category(character) in {"Cc", "Co", "Cn", "Cs"} or character == "\ufffd" or "\uff61" <= character <= "\uff9f"
