"""Messages: newsletters (.eml) and pages saved as MHTML. The HTML part is the document, else the text."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from ..errors import Unreadable
from ..model import RejectReason
from .record import Opened, Record
from .single import whole

_PARTS = 1_000
_LONGEST = 4_000  # characters of a header


def read(opened: Opened) -> Iterator[Record]:
    """The one document of a message; its other parts (attachments, pictures, the plain copy) are skipped."""
    data = whole(opened)
    try:
        message = email.message_from_bytes(data)
        leaves = [part for part, _ in zip(message.walk(), range(_PARTS), strict=False) if not part.is_multipart()]
        part = _document(message, leaves)
        body = part.get_payload(decode=True) if part else None
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise Unreadable(RejectReason.BROKEN, f"not a whole message: {error}") from error
    for other in leaves:
        if other is not part:
            opened.skipped[other.get_content_type()] += 1
    if part is None or not isinstance(body, bytes):
        raise Unreadable(RejectReason.EMPTY, "a message without an HTML or text part")
    yield Record(None, body, part.get_content_type(), _given(message, part), _url(message, part))


def _document(message: Message, leaves: list[Message]) -> Message | None:
    """The root of a saved page, the first HTML part, or the first text that is no attachment."""
    root = message.get_param("start")
    inline = [part for part in leaves if part.get_content_disposition() != "attachment"]
    for part in inline:
        if root and part.get("Content-ID") == root and part.get_content_subtype() in {"html", "xhtml+xml"}:
            return part
    for kind in ("text/html", "application/xhtml+xml", "text/plain"):
        for part in inline:
            if part.get_content_type() == kind:
                return part
    return None


def _given(message: Message, part: Message) -> dict[str, str]:
    found = {
        "title": _text(message.get("Subject")),
        "author": "\n".join(name for name, _ in getaddresses([_text(message.get("From"))]) if name),
        "date": _date(message.get("Date")),
        "id": _text(message.get("Message-ID")),
        "encoding": part.get_content_charset() or "",
    }
    if message.get("Snapshot-Content-Location"):  # a browser saved it: the page's own word is better
        found.pop("author")
        found.pop("date")
        found.pop("title")
    return {name: value for name, value in found.items() if value}


def _url(message: Message, part: Message) -> str | None:
    for header in (message.get("Snapshot-Content-Location"), part.get("Content-Location"), message.get("List-Post")):
        if header and re.match(r"https?://", str(header).strip()):
            return str(header).strip()
    return None


def _text(header: object) -> str:
    """A header's text, its encoded words decoded, on one line; of a very long one the beginning."""
    if header is None:
        return ""
    told = str(header)[:_LONGEST]
    try:
        return " ".join(str(make_header(decode_header(told))).split())
    except (MessageError, ValueError, LookupError):
        return " ".join(told.split())


def _date(header: object) -> str:
    try:
        return parsedate_to_datetime(str(header)[:_LONGEST]).isoformat() if header else ""
    except (ValueError, TypeError, IndexError):
        return ""
