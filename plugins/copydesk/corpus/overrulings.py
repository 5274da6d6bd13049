"""Overrulings: what people decided over labelling's head, as versioned rows of `<home>/state/overrulings.jsonl`.

A row is never changed: one that undoes another is a row too. The file is replaced whole under a lock, so a reader sees
all of a row or nothing; a run reads it once, when its plan is frozen.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from upath import UPath

from ..errors import SettingError
from ..overruling import Overruling
from . import store


def history(home: str) -> list[dict[str, Any]]:
    """Every row, the oldest first: `version`, `who`, `when` (ISO 8601, UTC), `why`, and an overruling's fields or `undoes` with its id."""
    file = _file(home)
    if not file.exists():
        return []
    try:
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    except ValueError as error:
        raise SettingError(f"{file}: not valid JSON lines ({error}); bring back the file as it was") from error


def standing(home: str) -> list[Overruling]:
    """The overrulings that nobody has undone, the oldest first."""
    rows = history(home)
    undone = {row["undoes"] for row in rows if "undoes" in row}
    return [Overruling.of(row) for row in rows if "undoes" not in row and row["id"] not in undone]


def of_date(home: str, date: str, sources: Collection[str]) -> tuple[Overruling, ...]:
    """The standing overrulings that may change a date with files of these sources."""
    return tuple(o for o in standing(home) if o.source in sources and o.is_about(date, o.source, o.document))


def digest(overrulings: Iterable[Overruling]) -> str:
    """A name for overrulings in their order, whoever made them and when; "" for none."""
    rows = [dataclasses.asdict(o) for o in overrulings]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16] if rows else ""


def save(home: str, overruling: Overruling, *, who: str, why: str) -> Overruling:
    """Append an overruling under an id of its own; returns it."""
    made = dataclasses.replace(overruling, id=uuid.uuid4().hex[:8])
    _append(home, dataclasses.asdict(made), who, why)
    return made


def undo(home: str, id_: str, *, who: str, why: str) -> None:
    """Append that an overruling holds no more. Raises SettingError when there is none of that id, or it is undone."""
    if id_ not in {o.id for o in standing(home)}:
        raise SettingError(f"overruling {id_}: there is none that stands; somebody may have undone it meanwhile")
    _append(home, {"undoes": id_}, who, why)


def _append(home: str, row: Mapping[str, Any], who: str, why: str) -> None:
    file = _file(home)
    store.make_folder(file.parent)
    with store.locked(file.with_suffix(".lock"), who):
        rows: Sequence[Mapping[str, Any]] = history(home)
        when = datetime.now(UTC).isoformat(timespec="seconds")
        lines = [*rows, {"version": len(rows) + 1, "who": who, "when": when, "why": why, **row}]
        store.write(file, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf-8", "replace"))


def _file(home: str) -> UPath:
    return store.at(home) / "state" / "overrulings.jsonl"
