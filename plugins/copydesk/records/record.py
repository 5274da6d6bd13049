"""What the readers of formats are given, and what they give."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..model import RejectReason
from ..policy import Policy
from .unpack import Meter


@dataclass(frozen=True, slots=True)
class Opened:
    """A file, or a member of an archive, open at its start.

    `name` is its name, for what content does not tell. `fields` are the names that a source gives the fields of its
    records. `skipped` counts what is no article (a crawl's requests, images, folders of archives), by what it is.
    """

    stream: io.BufferedReader
    name: str
    policy: Policy
    meter: Meter
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    depth: int = 0  # archives that it stands in


class Record(NamedTuple):
    """What a reader found at one place of a file: a document, a member with records of its own, or why there is neither.

    `number` counts from 1; None for the only document of a file. `offset` is where it begins, in bytes of the unpacked file.
    """

    number: int | None
    data: bytes | str = b""
    media_type: str | None = None
    given: Mapping[str, str] = {}
    url: str | None = None
    offset: int | None = None
    name: str = ""  # of an archive's member
    member: Opened | None = None
    problem: tuple[RejectReason, str] | None = None


def broken(number: int, offset: int, what: str, reason: RejectReason = RejectReason.BROKEN, data: bytes = b"") -> Record:
    """A record that cannot be read; the detail says which one it is and where it begins."""
    return Record(number, data, offset=offset, problem=(reason, f"record {number} at byte {offset}: {what}"))
