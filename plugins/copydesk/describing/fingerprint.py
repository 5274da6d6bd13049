"""A name for what a text says: equal for copies that differ in case, punctuation or spacing."""

from __future__ import annotations

import hashlib
import re

_WORD = re.compile(r"\w+")


def fingerprint(text: str) -> str:
    """32 hex digits over the case-folded words of a text; the same for a text without words."""
    return hashlib.blake2b(" ".join(_WORD.findall(text.casefold())).encode("utf-8", "replace"), digest_size=16).hexdigest()
