"""Sidecars: `<file>.meta.json` beside a file, with what is known of it. It is no article, and part of its file's input."""

from __future__ import annotations

import json
from collections.abc import Collection

from .rows import FIELDS, as_text

SUFFIX = ".meta.json"
LARGEST = 1_000_000
_FIELDS = tuple(field for field in FIELDS if field not in {"html", "text"})


def is_sidecar(path: str, paths: Collection[str]) -> bool:
    """Whether a path is a sidecar of one of the others; without its file it is a file like any other."""
    return path.endswith(SUFFIX) and path.removesuffix(SUFFIX) in paths


def parse(data: bytes) -> dict[str, str]:
    """What a sidecar tells, by the names of `RawDocument.given`. Raises ValueError for one that cannot be read."""
    if len(data) > LARGEST:
        raise ValueError(f"{len(data)} bytes, a sidecar has {LARGEST} at most")
    try:
        value = json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a value, not an argument
    found = {field: next((text for name in FIELDS[field] if (text := as_text(value.get(name), field))), None) for field in _FIELDS}
    return {field: text for field, text in found.items() if text}
