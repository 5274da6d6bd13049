"""Every threshold and choice in one frozen value, with a fingerprint that names it; the bounds of the quality gates; a run's parameters."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
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
    - content_threshold: score (0 to 1) at which a block is taken for the article.
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
    ad_threshold: float = 0.85
    content_threshold: float = 0.5

    def __post_init__(self) -> None:
        _check(self, "policy")

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that name this policy's values; equal policies have equal fingerprints."""
        canonical = json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @classmethod
    def of(cls, values: Mapping[str, Any], *, where: str = "policy") -> Policy:
        """A policy with these fields changed. Raises SettingError for an unknown field or a bad value."""
        return cls(**_known(cls, values, where))

    @classmethod
    def from_toml(cls, text: str, *, where: str = "policy.toml") -> Policy:
        """The policy of a TOML file. Raises SettingError naming `where` when it cannot be read."""
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SettingError(f"{where}: not valid TOML: {error}") from error
        return cls.of(values, where=where)


@dataclass(frozen=True, slots=True)
class Gates:
    """What `check` lets pass. Gates decide no row, so they are no part of the policy's fingerprint.

    A source is compared with the median of its own figures on the dates before, under the same policy, model and code.
    Of 1,000 dates of 20 development articles each, drawn at random beside 14 such dates before, the defaults stopped none;
    kept = 0.15 stopped 2, kept = 0.1 with length = 1.5 stopped 48. Fields:
    - rejected: the largest share of documents that may be rejects; 1 lets a date without any article pass.
    - kept: how far a source's mean kept share may be from the median, either way.
    - length: by which factor a source's mean words an article may differ from the median.
    - language: how much of its share a language of a source may lose.
    - least_documents: a source with fewer articles is not judged, nor the share rejected of a date with fewer documents.
    """

    rejected: float = 0.3
    kept: float = 0.2
    length: float = 2.0
    language: float = 0.3
    least_documents: int = 20

    def __post_init__(self) -> None:
        _check(self, "gates", factors=("length",))

    @classmethod
    def of(cls, values: Mapping[str, Any], *, where: str = "gates") -> Gates:
        """Gates with these fields changed. Raises SettingError for an unknown field or a bad value."""
        return cls(**_known(cls, values, where))


def refuse(run_type: str, params: Mapping[str, Any]) -> None:
    """Raise SettingError for parameters that no run of this kind can use; the dialogs ask this before there is a run."""
    date, has_interval = params.get("date"), run_type in ("scheduled", "backfill")
    if has_interval and date:  # it would reach every run of a backfill
        raise SettingError(f"date: a {run_type} run cleans its data interval; leave the parameter `date` empty (it was {date!r})")
    if not (has_interval or date):
        raise SettingError(f"date: a {run_type} run needs the parameter `date` (YYYY-MM-DD): the landing date to clean")
    refuse_overrides(params.get("policy"), dry_run=params.get("dry_run", False))


def refuse_overrides(overrides: object, *, dry_run: bool) -> None:
    if overrides and not dry_run:
        raise SettingError("policy overrides need dry_run: a published date's policy must be found in state/policy.toml")


def form(of: type[Policy | Gates]) -> dict[str, Any]:
    """The fields of a policy or of gates as a JSON Schema, for a form that takes some of them."""
    kinds: dict[Any, dict[str, Any]] = {int: {"type": "integer", "minimum": 1}, float: {"type": "number", "minimum": 0}}
    hints = get_type_hints(of)
    fields = {name: {"enum": list(get_args(kind))} if get_args(kind) else kinds[kind] for name, kind in hints.items()}
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _known(of: type[Policy | Gates], values: Mapping[str, Any], where: str) -> dict[str, Any]:
    known = {f.name for f in dataclasses.fields(of)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise SettingError(f"{where}: unknown setting {unknown[0]!r}; known: {', '.join(sorted(known))}")
    return dict(values)


def _check(settings: Policy | Gates, what: str, factors: Sequence[str] = ()) -> None:
    for name, kind in get_type_hints(type(settings)).items():
        value = getattr(settings, name)
        choices = get_args(kind)
        if choices and value not in choices:
            raise SettingError(f"{what}: {name} = {value!r} must be one of {', '.join(map(repr, choices))}")
        if kind is int and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise SettingError(f"{what}: {name} = {value!r} must be a whole number of at least 1")
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if name in factors and not (number and value >= 1):
            raise SettingError(f"{what}: {name} = {value!r} must be a factor of at least 1")
        if kind is float and name not in factors and not (number and 0 <= value <= 1):
            raise SettingError(f"{what}: {name} = {value!r} must be a number from 0 to 1")
