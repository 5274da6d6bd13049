"""A name for what a text says: equal for copies that differ in case, punctuation or spacing."""

from __future__ import annotations

import hashlib

import numpy as np

from ..characters import Class, classes, is_word, points, word_starts


def fingerprint(text: str) -> str:
    """32 hex digits over the case-folded words of a text; the same for all texts without any."""
    code_points = points(text.casefold())
    cls = classes(code_points)
    # The bit above all code points marks where a word begins.
    marked = code_points | word_starts(cls).astype(np.uint32) << np.uint32(31)
    return hashlib.blake2b(marked[is_word(cls) | (cls == Class.UNSPACED)].tobytes(), digest_size=16).hexdigest()
