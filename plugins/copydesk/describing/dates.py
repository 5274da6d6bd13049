"""Dates as pages write them, as ISO 8601; what is no plausible date of an article is none."""

from __future__ import annotations

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

EARLIEST, LATEST = 1990, 2100
# Twelve months a line, each in the forms that a language writes; a name is told by its first letters, so that "sept." is found.
_MONTHS = """
january february march april may june july august september october november december
jan feb mar apr may jun jul aug sep oct nov dec
januar februar märz april mai juni juli august september oktober november dezember
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
januari februari maart april mei juni juli augustus september oktober november december
jänner feber maerz apr mai jun jul aug sept okt nov dez
janv févr mars avr mai juin juil août sept oct nov déc
ene feb mar abr may jun jul ago set oct nov dic
gen feb mar apr mag giu lug ago sett ott nov dic
jan fev mar abr mai jun jul ago set out nov dez
"""
_MONTH = {name: number for line in _MONTHS.split("\n") for number, name in enumerate(line.split(), 1)}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:\s*(?:T|UTC|\s)\s*(\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?)\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT = re.compile(r"(20\d{2}|19\d{2})(\d{2})(\d{2})(?:T?\d{4,6}Z?)?")
# Bounded repeats only: each is tried at a digit or a name, and gives up within a few characters.
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?\s{{0,2}}(?:de\s|of\s|-)?\s?({_NAMES})\b\.?,?\s?(?:de\s|del\s|-)?\s?(\d{{4}})\b", re.IGNORECASE
)
_MONTH_FIRST = re.compile(rf"\b({_NAMES})\b\.?\s{{1,2}}(\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,2}}(\d{{4}})(?!\d)", re.IGNORECASE)
_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?![\d./-])")
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_RFC = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}")  # RFC 5322, section 3.3
_YEAR = re.compile(r"(?:19|20)\d{2}")
_IN_URL = re.compile(r"/(20\d{2})[/-](\d{1,2})[/-](\d{1,2})(?=[/_-]|\Z)")


def instant(value: object, language: str = "") -> str | None:
    """A declared date or time as ISO 8601, with the offset that it declares and none that it does not; None when it is
    none, or in no plausible year. `language` (BCP 47) tells 3/4/2025 in America from the rest of the world.
    """
    if not isinstance(value, str) or not 6 <= len(text := value.strip()) <= 100:
        return None
    try:
        if "T" in text and text[4:5] == "-":
            return _plausible(datetime.fromisoformat(text))
    except ValueError:
        pass
    if found := _ISO.match(text):
        return _with_time(found)
    if (found := _COMPACT.fullmatch(text)) or (found := _EAST_ASIAN.search(text)):
        return _day(*found.groups())
    return _rfc(text) if _RFC.match(text) else printed(text, language)


def in_zone(found: str | None, zone: str) -> str | None:
    """A time without an offset with that of the zone (IANA) then; days and times with an offset stay as they are."""
    if not found or not zone or "T" not in found:
        return found
    time = datetime.fromisoformat(found)
    return found if time.tzinfo else time.replace(tzinfo=ZoneInfo(zone)).isoformat()


def printed(text: str, language: str = "") -> str | None:
    """The first date in a line of text, YYYY-MM-DD."""
    if not _YEAR.search(text):
        return None
    found = _MONTH_FIRST.search(text)
    other = _DAY_FIRST.search(text)
    if other and (not found or other.start() < found.start()):
        return _day(other[3], _MONTH[other[2].lower()], other[1])
    if found:
        return _day(found[3], _MONTH[found[1].lower()], found[2])
    if found := _ISO.search(text) or _EAST_ASIAN.search(text):
        return _day(*found.groups()[:3])
    if found := _NUMERIC.search(text):
        first, second = int(found[1]), int(found[3])
        month_first = second > 12 or (first <= 12 and found[2] == "/" and language.lower() in {"en", "en-us", "en_us", ""})
        return _day(found[4], *((first, second) if month_first else (second, first)))
    return None


def in_url(url: str | None) -> str | None:
    """The day that a news site puts into its addresses."""
    found = _IN_URL.search(url or "")
    return _day(*found.groups()) if found else None


def _with_time(found: re.Match[str]) -> str | None:
    day = _day(*found.groups()[:3])
    if not day or not found[4]:
        return day
    zone = (found[5] or "").replace("UTC", "+00:00").replace("GMT", "+00:00")
    try:
        return datetime.fromisoformat(f"{day}T{found[4]}{zone}").isoformat()
    except ValueError:
        return day


def _day(year: object, month: object, day: object) -> str | None:
    try:
        found = date(int(str(year)), int(str(month)), int(str(day)))
    except ValueError:
        return None
    return found.isoformat() if EARLIEST <= found.year <= LATEST else None


def _rfc(text: str) -> str | None:
    try:
        return _plausible(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError):
        return None


def _plausible(found: datetime) -> str | None:
    return found.isoformat() if EARLIEST <= found.year <= LATEST else None
