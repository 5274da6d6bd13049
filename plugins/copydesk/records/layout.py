"""Where a date's files lie below the raw root: patterns such as `{source}/{date:%Y/%m/%d}/**`, as sources.yaml has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import takewhile

DATES = ("path", "record", "file time")  # what a file's date can come from
BELOW = "**"
_FIELD = re.compile(r"\{(source|date)(?::([^{}]*))?\}")
_CODES = {"Y": r"\d{4}", "y": r"\d{2}", "m": r"\d{2}", "d": r"\d{2}", "j": r"\d{3}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}"}
_OF_DAY = frozenset("Yymdj")
_MARK = "\0"  # before a code of a date, which may stand in any part of a path
_TOKEN = re.compile(rf"{_MARK}(.)|\{{source\}}|\*|\?|[^{_MARK}{{*?]+|\{{")


@dataclass(frozen=True, slots=True)
class Layout:
    """A pattern of paths below the raw root, and what tells the date of the files that it fits.

    `*` is any name or part of one, `**` at the end everything below, `{source}` a name that is the source (else it is `source`),
    `{date}` the date in the form of `strftime`, year-month-day by default, as often as you like. Without a date in the path it is
    that of each record, or the file's time.
    """

    path: str = "{date}/{source}/**"
    source: str = ""
    date: str = "path"

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders of the pattern and the name at its end, with a mark before each code of a date."""
        return tuple(_FIELD.sub(_marked, self.path.strip("/")).split("/"))

    def steps(self, day: str = "") -> tuple[re.Pattern[str] | str, ...]:
        """What each part of a path must be, from the root on: a name, a pattern of names, or `**`; of the files of one day, or of all."""
        given = date.fromisoformat(day) if day else None
        return tuple(_step(part, given) for part in self.parts)

    @property
    def dated(self) -> int:
        """How many parts of a path tell its date."""
        return max((number for number, part in enumerate(self.parts, 1) if _MARK in part), default=0)

    def match(self, path: str) -> tuple[str, str, str] | None:
        """(day, source, id) of a path that fits; the day is "" where the path tells none.

        The id is the path below the folders of the date where those come first, else the path.
        """
        found = _whole(self).fullmatch(path)
        if not found:
            return None
        groups = found.groupdict()
        day, name = _day(groups), path.split("/", len(self._folders))[-1]
        if not name or (self.dated and not day):
            return None
        return day, groups.get("source") or self.source, name

    def path_of(self, day: str, id_: str) -> str:
        """The path of a file of a day, by its id."""
        given = date.fromisoformat(day)
        return "/".join((*(given.strftime(part.replace(_MARK, "%")) for part in self._folders), id_))

    @property
    def _folders(self) -> tuple[str, ...]:
        """The folders of the date, where they come first."""
        return tuple(takewhile(_is_date_alone, self.parts[:-1]))


def defect(layout: Layout) -> str:
    """What is wrong with a layout; "" when it is sound."""
    codes = frozenset(re.findall(f"{_MARK}(.)", "/".join(layout.parts)))
    unknown = sorted(codes - set(_CODES))
    if unknown:
        return f"%{unknown[0]} is no code of a date; known are {', '.join(f'%{code}' for code in _CODES)}"
    if layout.path.startswith("/") or any(part in {"", ".", ".."} for part in layout.parts):
        return "a path below the raw root, without empty parts, . and .."
    if any(BELOW in part for part in layout.parts[:-1]) or (BELOW in layout.parts[-1] and layout.parts[-1] != BELOW):
        return "** stands alone at the end of a path"
    if layout.path.count("{source") > 1 or "{" in _FIELD.sub("", layout.path):
        return "the fields of a path are one {source}, and {date} or {date:%Y/%m/%d}"
    whole = codes & {"Y", "y"} and (codes >= {"m", "d"} or "j" in codes)
    if layout.date == "path" and not whole:
        return "its {date} must tell a whole day; a path without one needs `date: record` or `date: file time`"
    return "its path tells the date already" if layout.date != "path" and codes & _OF_DAY else ""


def _marked(field: re.Match[str]) -> str:
    return "{source}" if field[1] == "source" else (field[2] or "%Y-%m-%d").replace("%", _MARK)


def _step(part: str, given: date | None) -> re.Pattern[str] | str:
    if part == BELOW:
        return BELOW
    if given:
        part = re.sub(f"{_MARK}([{''.join(_OF_DAY)}])", lambda code: given.strftime(f"%{code[1]}"), part)
    if not re.search(rf"[{_MARK}*?]|\{{source\}}", part):
        return part
    return re.compile("".join(_regex(part, set())))


@lru_cache(maxsize=256)
def _whole(layout: Layout) -> re.Pattern[str]:
    """A regular expression for whole paths. `{source}/**` is all that is below: a file that stands where its source would be has none."""
    seen: set[str] = set()
    parts = ["".join(_regex(part, seen)) for part in layout.parts]
    if layout.parts[-2:] == ("{source}", BELOW):
        parts[-2:] = [r"(?:(?P<source>[^/]+)/)?.+"]
    return re.compile("/".join(parts), re.DOTALL)


def _regex(part: str, seen: set[str]) -> Iterator[str]:
    """The regular expression of a part; a code that was seen before must say the same again."""
    if part == BELOW:
        yield ".+"
        return
    for token in _TOKEN.finditer(part):
        text, code = token.group(), token[1]
        if code:
            yield f"(?P={code})" if code in seen and code in _OF_DAY else f"(?P<{code}>{_CODES[code]})" if code in _OF_DAY else _CODES[code]
            seen.add(code)
        else:
            yield {"{source}": "(?P<source>[^/]+?)", "*": "[^/]*", "?": "[^/]"}.get(text) or re.escape(text)


def _day(groups: dict[str, str]) -> str:
    """The day that the codes of a path tell, YYYY-MM-DD; "" where there is none such."""
    year = groups.get("Y") or (f"20{groups['y']}" if groups.get("y") else "")
    with suppress(ValueError, OverflowError):
        if groups.get("j") and year:
            found = date(int(year), 1, 1) + timedelta(int(groups["j"]) - 1)
            return found.isoformat() if str(found.year) == year else ""
        if year and groups.get("m") and groups.get("d"):
            return date(int(year), int(groups["m"]), int(groups["d"])).isoformat()
    return ""


def _is_date_alone(part: str) -> bool:
    """Whether a part is made of a date and nothing that differs between files of a day."""
    return bool(re.fullmatch(rf"(?:[^{_MARK}{{*?]*{_MARK}[{''.join(_OF_DAY)}])+[^{_MARK}{{*?]*", part))


def day_of(given: Mapping[str, str]) -> str:
    """The day of a record by its own date, else by when it was crawled, in UTC; "" where it tells none."""
    from ..describing.dates import in_zone, instant

    for name in ("date", "crawled"):
        if found := in_zone(instant(given.get(name), given.get("language", "")), given.get("timezone", "")):
            time = datetime.fromisoformat(found)
            return (time.astimezone(UTC) if time.tzinfo else time).date().isoformat()
    return ""
