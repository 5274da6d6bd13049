"""The raw text of a published document, as text and bounded: what a person compares the cuts with when in doubt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .. import feeder, records
from ..corpus import landing
from ..errors import CopydeskError, SettingError
from ..model import RawDocument
from ..policy import Policy

_MOST = 12_000_000  # bytes of a raw file that a page reads; `copydesk show` reads any
SECONDS = 10.0  # of processor time for a record
_POLICY = Policy(max_expansion=40)  # of what is packed, so that a page answers


class Raw(NamedTuple):
    """The text, or why there is none; `note` says what a reader should know besides."""

    text: str
    note: str = ""


def raw_text(raw: str, date: str, row: Mapping[str, Any], sources: records.Sources) -> Raw:
    """The raw record of a published row. The path comes from the row, never from a request."""
    file = records.file_of_record(row["id"])
    try:
        with feeder.reader(SECONDS) as reader:
            for found, sha256 in raw_records(raw, date, file, sources, _POLICY, reader):
                if found.id == row["id"]:
                    return _text(found, row, sha256)
    except SettingError as error:
        return Raw("", str(error))
    except (CopydeskError, OSError) as error:
        return Raw("", f"The raw file cannot be read: {error}")
    return Raw("", f"{date}/{file} has no such record any more.")


def raw_records(
    raw: str, date: str, file: str, sources: records.Sources, policy: Policy, reader: feeder.Reader
) -> Iterator[tuple[RawDocument, str]]:
    """The records of a raw file, each with the digest that its row had. Raises SettingError when it is gone or too large for a page."""
    if not raw:
        raise SettingError("COPYDESK_RAW is not set for the API server, so the raw file cannot be shown.")
    planned = landing.one(raw, date, file, most=_MOST, sources=sources)
    if planned.problem:
        raise SettingError(f"{planned.uri} cannot be read: {planned.problem}.")
    with landing.opened(raw, planned) as stream:
        for found in reader.read(stream, RawDocument(planned.id, b"", planned.source, planned.uri), policy, told=planned.told):
            yield found, planned.sha256 if found.id == planned.id else hashlib.sha256(_bytes(found)).hexdigest()


def _bytes(found: RawDocument) -> bytes:
    return found.data.encode("utf-8", "surrogatepass") if isinstance(found.data, str) else found.data


def _text(found: RawDocument, row: Mapping[str, Any], sha256: str) -> Raw:
    if found.problem:
        return Raw("", f"{found.problem[0].value}: {found.problem[1]}")
    note = "" if sha256 == row["raw_sha256"] else "The raw file changed since this date was cleaned: this is the new one."
    if isinstance(found.data, str):
        return Raw(found.data, note)
    try:
        return Raw(found.data.decode(row.get("encoding") or "utf-8", "replace"), note)
    except LookupError:
        return Raw(found.data.decode("utf-8", "replace"), note)
