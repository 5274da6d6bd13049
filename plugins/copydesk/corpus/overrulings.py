"""Overrulings: what people decided over labelling's head, as the numbered rows of `<home>/state/overrulings/`.

A row is a file that is made once and never changed: one that undoes another is a row too. Two people who save at the same
moment take two numbers, a reader sees all of a row or nothing, and a run reads them once, when its plan is frozen.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from upath import UPath

from ..errors import SettingError
from ..overruling import Overruling
from . import store
from .remembered import Memory

_ROWS = Memory(20_000)  # a row that was read once stays as it is


def history(home: str) -> list[dict[str, Any]]:
    """Every row, the oldest first: `version`, `who`, `when` (ISO 8601, UTC), `why`, and an overruling's fields or `undoes` with its id."""
    return [_ROWS.get((str(file), _state(file)), partial(_read, file)) for file in _files(home)]


def _state(file: UPath) -> str:
    """What tells that a home was made anew under its name; a store would have to be asked for each row."""
    return store.version(file) if store.is_local(file) else ""


def _files(home: str) -> list[UPath]:
    return sorted(_folder(home).glob("*.json"), key=lambda file: file.name)


def _read(file: UPath) -> dict[str, Any]:
    try:
        row: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SettingError(f"{file}: not valid JSON ({error}); bring back the file as it was") from error
    return row


def standing(home: str) -> list[Overruling]:
    """The overrulings that nobody has undone, the oldest first."""
    rows = history(home)
    undone = {row["undoes"] for row in rows if "undoes" in row}
    return [Overruling.of(row) for row in rows if "undoes" not in row and row["id"] not in undone]


def of_date(home: str, date: str, sources: Collection[str]) -> tuple[Overruling, ...]:
    """The standing overrulings that may change a date with files of these sources."""
    return about(standing(home), date, sources)


def about(overrulings: Iterable[Overruling], date: str, sources: Collection[str]) -> tuple[Overruling, ...]:
    """Those that may change a date with files of these sources."""
    return tuple(o for o in overrulings if o.source in sources and o.is_about(date, o.source, o.document))


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
    store.make_folder(_folder(home))
    when = datetime.now(UTC).isoformat(timespec="seconds")
    version = max((int(file.stem) for file in _files(home)), default=0) + 1
    while True:
        line = json.dumps({"version": version, "who": who, "when": when, "why": why, **row}, ensure_ascii=False)
        try:
            store.create(_folder(home) / f"{version:06d}.json", (line + "\n").encode("utf-8", "replace"))
        except FileExistsError:  # somebody saved at the same moment, and took this number
            version += 1
        else:
            return


def _folder(home: str) -> UPath:
    return store.at(home) / "state" / "overrulings"
