"""Files that are one document: pages, texts, Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Unreadable
from ..model import RejectReason
from .record import Opened, Record


def read(opened: Opened) -> Iterator[Record]:
    """The document; reading tells pages from texts."""
    yield Record(None, whole(opened))


def read_markdown(opened: Opened) -> Iterator[Record]:
    yield Record(None, whole(opened), media_type="text/markdown")


def whole(opened: Opened) -> bytes:
    """All bytes of a file that is one document; raises Unreadable when they are more than a document may have."""
    data = opened.stream.read(opened.policy.max_bytes + 1)
    if len(data) > opened.policy.max_bytes:
        raise Unreadable(RejectReason.TOO_LARGE, f"more than {opened.policy.max_bytes} bytes (max_bytes of the policy)")
    return data
