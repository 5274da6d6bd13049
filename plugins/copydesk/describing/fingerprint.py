"""A name for what a text says: equal for copies that differ in case, punctuation or spacing."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from ..characters import Class, Column, classes, is_word, units


def fingerprint(text: str) -> str:
    """32 hex digits over the words of a text in lower case; the same for all texts without any."""
    said = _said().take(units(text)[0], mode="clip")
    kept = said != 0
    kept[1:] |= kept[:-1]  # and what ends a word, as one zero; a word at the end of the text ends without
    return hashlib.blake2b(said[kept].tobytes().removesuffix(b"\0\0"), digest_size=16).hexdigest()


@lru_cache(maxsize=1)
def _said() -> Column:
    """The lower case of each code point of the basic plane that words hold, where that is one; 0 of all others."""
    folded = [chr(point).casefold() for point in range(0x10000)]
    lower = np.array([ord(low) if len(low) == 1 else point for point, low in enumerate(folded)], np.dtype("<u2"))
    cls = classes(np.arange(0x10000))
    return np.where(is_word(cls) | (cls == Class.UNSPACED), lower, np.uint16(0))
