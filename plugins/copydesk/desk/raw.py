"""The raw text of a published document, as text and bounded: what a person compares the cuts with when in doubt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from .. import records
from ..corpus import landing
from ..errors import CopydeskError, SettingError
from ..model import RawDocument
from ..policy import Policy

_MOST = 12_000_000  # bytes of a raw file that a page reads; `copydesk show` reads any
_POLICY = Policy(max_expansion=40)  # of what is packed, so that a page answers


class Raw(NamedTuple):
    """The text, or why there is none; `note` says what a reader should know besides."""

    text: str
    note: str = ""


def raw_text(raw: str, date: str, row: Mapping[str, Any]) -> Raw:
    """The raw record of a published row. The path comes from the row, never from a request."""
    if not raw:
        return Raw("", "COPYDESK_RAW is not set for the API server, so the raw file cannot be shown.")
    try:
        file = landing.one(raw, date, records.file_of_record(row["id"]), most=_MOST)
        if file.problem:
            return Raw("", f"{file.uri} cannot be read: {file.problem}.")
        with landing.opened(raw, file) as stream:
            named = RawDocument(file.id, b"", file.source, file.uri)
            for found in records.read(stream, named, _POLICY, told=file.told):
                if found.id == row["id"]:
                    return _text(found, row, file.sha256 if found.id == file.id else "")
    except SettingError as error:
        return Raw("", str(error))
    except (CopydeskError, OSError) as error:
        return Raw("", f"The raw file cannot be read: {error}")
    return Raw("", f"{file.uri} has no such record any more.")


def _text(found: RawDocument, row: Mapping[str, Any], sha256: str) -> Raw:
    if found.problem:
        return Raw("", f"{found.problem[0].value}: {found.problem[1]}")
    data = found.data.encode("utf-8", "surrogatepass") if isinstance(found.data, str) else found.data
    changed = (sha256 or hashlib.sha256(data).hexdigest()) != row["raw_sha256"]
    note = "The raw file changed since this date was cleaned: this is the new one." if changed else ""
    if isinstance(found.data, str):
        return Raw(found.data, note)
    try:
        return Raw(data.decode(row.get("encoding") or "utf-8", "replace"), note)
    except LookupError:
        return Raw(data.decode("utf-8", "replace"), note)
