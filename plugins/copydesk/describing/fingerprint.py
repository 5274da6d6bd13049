"""A name for what a text says: equal for copies that differ in case, punctuation or spacing."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from ..characters import Class, Column, is_word, units


def fingerprint(text: str) -> str:
    """32 hex digits over the words of a text in lower case; the same for all texts without any."""
    code, cls = units(text)
    kept = is_word(cls) | (cls == Class.UNSPACED)
    said = np.where(kept, _lower().take(code, mode="clip"), np.uint16(0))
    kept[1:] |= kept[:-1]  # and what ends a word, as one zero; a word at the end of the text ends without
    return hashlib.blake2b(said[kept].tobytes().removesuffix(b"\0\0"), digest_size=16).hexdigest()


@lru_cache(maxsize=1)
def _lower() -> Column:
    """The lower case of each code point of the basic plane, where that is one."""
    folded = [chr(point).casefold() for point in range(0x10000)]
    return np.array([ord(lower) if len(lower) == 1 else point for point, lower in enumerate(folded)], np.dtype("<u2"))
