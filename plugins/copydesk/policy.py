"""Every threshold and choice in one frozen value, with a fingerprint that names it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints

from .errors import SettingError


@dataclass(frozen=True, slots=True)
class Policy:
    """What cleaning may do. Bounds are counts, never the clock, so that the same input gives the same bytes.

    Fields (each with where it was set):
    - max_bytes: bytes of one document; larger is rejected. News pages of the development data end at 4 MB.
    - max_expansion: bytes that a raw file may unpack to for each of its own, once they pass a megabyte. Crawls and exports of text
      stay below 30; bombs are beyond 1,000.
    - max_members: members of one archive; their directory is held in memory.
    - max_nodes: elements and texts of one page. The largest development page has about 30,000.
    - max_depth: nesting of elements; browsers cap near 512 (the HTML parser of Chromium), and so do we.
    - max_blocks: blocks of one document.
    - quotes: keep typographic quotes as printed, or make them straight.
    - dashes: keep dashes as printed, or make them hyphens.
    - captions: keep figure captions in the text, or strike them.
    - ad_threshold: from thorough (0) to careful (1), how sure the text model must be that an advertorial begins. Set where,
      out of fold, few articles without an ad lost a line (the curve is in labelling/weights/text.json).
    - content_threshold: score (0 to 1) at which a block of a page is taken for the article.
    """

    max_bytes: int = 32_000_000
    max_expansion: int = 200
    max_members: int = 100_000
    max_nodes: int = 400_000
    max_depth: int = 512
    max_blocks: int = 40_000
    quotes: Literal["keep", "straight"] = "keep"
    dashes: Literal["keep", "straight"] = "keep"
    captions: Literal["keep", "strike"] = "keep"
    ad_threshold: float = 0.8
    content_threshold: float = 0.5

    def __post_init__(self) -> None:
        for name, kind in get_type_hints(type(self)).items():
            value = getattr(self, name)
            choices = get_args(kind)
            if choices and value not in choices:
                raise SettingError(f"policy: {name} = {value!r} must be one of {', '.join(map(repr, choices))}")
            if kind is int and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
                raise SettingError(f"policy: {name} = {value!r} must be a whole number of at least 1")
            if kind is float and not (isinstance(value, (int, float)) and 0 <= value <= 1):
                raise SettingError(f"policy: {name} = {value!r} must be a number from 0 to 1")

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that name this policy's values; equal policies have equal fingerprints."""
        canonical = json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @classmethod
    def of(cls, values: Mapping[str, Any], *, where: str = "policy") -> Policy:
        """A policy with these fields changed. Raises SettingError for an unknown field or a bad value."""
        known = {f.name for f in dataclasses.fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise SettingError(f"{where}: unknown setting {unknown[0]!r}; known: {', '.join(sorted(known))}")
        return cls(**values)

    @classmethod
    def from_toml(cls, text: str, *, where: str = "policy.toml") -> Policy:
        """The policy of a TOML file. Raises SettingError naming `where` when it cannot be read."""
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SettingError(f"{where}: not valid TOML: {error}") from error
        return cls.of(values, where=where)
