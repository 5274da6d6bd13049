"""sources.yaml: what a source's files do not tell themselves. Nothing needs it for the common case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..errors import SettingError
from ..model import Told
from ..reading.guess import canonical
from .formats import BY_NAME
from .layout import DATES, Layout, defect
from .rows import FIELDS

_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Source:
    """An entry: which files it is for (globs over the source's name and the path below it), and what is told of them."""

    source: str = "*"
    path: str = "*"
    format: str = ""
    encoding: str = ""
    language: str = ""
    timezone: str = ""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sources:
    """A sources.yaml: where files land, and the entries of sources."""

    entries: tuple[Source, ...] = ()
    landing: tuple[Layout, ...] = (Layout(),)


# The settings of an entry: what each means, for the README, and why a value is not good ("" when it is).
_SETTINGS: dict[str, tuple[str, Callable[[str], str]]] = {
    "source": ("glob over the names of sources; without it all", lambda _: ""),
    "path": ("glob over paths below the source; without it all", lambda _: ""),
    "format": ("the format, whatever content and name say", lambda v: "" if v in BY_NAME else f"one of {', '.join(BY_NAME)}"),
    "encoding": ("the encoding, whatever is declared", lambda v: "" if canonical(v) else "the label of an encoding, such as windows-1251"),
    "language": ("the language where it cannot be told", lambda v: "" if _LANGUAGE.fullmatch(v) else "an ISO 639 code, such as pt"),
    "timezone": (
        "the zone of times without an offset",
        lambda v: "" if _is_zone(v) else "a zone of the IANA database, such as Europe/Lisbon",
    ),
}
SETTINGS = {name: explains for name, (explains, _) in _SETTINGS.items()} | {
    "fields": "the names of the records' fields, one or several for each of ours; `a.b` is b inside a"
}


def told(sources: Iterable[Source], source: str, path: str) -> Told:
    """What is told of a file: the first entry that fits it and has the setting decides."""
    fits = [s for s in sources if fnmatchcase(source, s.source) and fnmatchcase(path, s.path)]
    first = {
        name: next((value for s in fits if (value := getattr(s, name))), "") for name in ("format", "encoding", "language", "timezone")
    }
    given = {"encoding": first["encoding"], "default_language": first["language"], "timezone": first["timezone"]}
    fields: dict[str, tuple[str, ...]] = {}
    for entry in reversed(fits):
        fields |= entry.fields
    return Told(first["format"], fields, {name: value for name, value in given.items() if value})


LANDING = {
    "path": "pattern of paths below the raw root: `*`, `{source}`, `{date}` or `{date:%Y/%m/%d}`, `**` at the end",
    "source": "the source, where the path names none",
    "date": "where the date comes from: `path` (the default), `record` or `file time`",
}


def parse(text: str, where: str) -> Sources:
    """What a sources.yaml says. Raises SettingError with the line of whatever is wrong."""
    import yaml

    try:
        if alias := next((event for event in yaml.parse(text) if isinstance(event, yaml.AliasEvent)), None):
            raise _wrong(where, alias, "aliases (*name) are not allowed")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingError(f"{where}, line {line}: not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        raise SettingError(f"{where}, line {line}: not YAML: {error.reason}") from error
    if root is None:
        return Sources()
    top = _mapping(root, where, ["sources", "landing"])
    entries, landing = (_list(top.get(name), where, name) for name in ("sources", "landing"))
    layouts = tuple(_layout(node, where) for node in landing)
    return Sources(tuple(_source(node, where) for node in entries), layouts or (Layout(),))


def _list(node: Any, where: str, name: str) -> list[Any]:
    import yaml

    if node is None or node.value == "":
        return []
    if not isinstance(node, yaml.SequenceNode):
        raise _wrong(where, node, f"{name} must be a list: each entry begins with a dash")
    found: list[Any] = node.value
    return found


def _layout(node: Any, where: str) -> Layout:
    found = _mapping(node, where, [*LANDING])
    values = {name: _text(value, where) for name, value in found.items()}
    if "path" not in values:
        raise _wrong(where, node, "an entry of landing has a path")
    if values.get("date", "path") not in DATES:
        raise _wrong(where, found["date"], f"date: {values['date']!r} must be one of {', '.join(DATES)}")
    layout = Layout(**values)
    if wrong := defect(layout):
        raise _wrong(where, found["path"], f"path: {values['path']!r}: {wrong}")
    return layout


def _source(node: Any, where: str) -> Source:
    found = _mapping(node, where, [*SETTINGS])
    values: dict[str, Any] = {}
    for name, value in found.items():
        if name == "fields":
            values[name] = {field: _names(names, where) for field, names in _mapping(value, where, [*FIELDS]).items()}
        else:
            values[name] = _text(value, where)
            if wanted := _SETTINGS[name][1](values[name]):
                raise _wrong(where, value, f"{name}: {values[name]!r} must be {wanted}")
    return Source(**values)


def _mapping(node: Any, where: str, known: list[str]) -> dict[str, Any]:
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise _wrong(where, node, f"expected settings, name: value; known are {', '.join(known)}")
    found: dict[str, Any] = {}
    for key, value in node.value:
        name = _text(key, where)
        if name not in known:
            raise _wrong(where, key, f"unknown setting {name!r}; known are {', '.join(known)}")
        if name in found:
            raise _wrong(where, key, f"{name} stands twice")
        found[name] = value
    return found


def _names(node: Any, where: str) -> tuple[str, ...]:
    import yaml

    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return tuple(_text(n, where) for n in nodes)


def _text(node: Any, where: str) -> str:
    import yaml

    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise _wrong(where, node, "expected a text")
    return str(node.value).strip()


def _wrong(where: str, node: Any, what: str) -> SettingError:
    return SettingError(f"{where}, line {node.start_mark.line + 1}: {what}")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
