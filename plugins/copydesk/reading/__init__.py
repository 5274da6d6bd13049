"""Reading: bytes to a `Document`. It prunes nothing; blocks tile the visible text, labelling decides."""

from __future__ import annotations

import re

from ..errors import Unreadable
from ..model import Document, RawDocument, RejectReason, Span
from ..overruling import Scope
from ..policy import Policy
from .decode import decode

# Files that are neither text nor HTML, by their first bytes.
_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "zip archive"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstandard"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"PAR1", "Parquet"),
    (b"\xd0\xcf\x11\xe0", "Office document"),
)
# Atomic: a comment ends at its first end, or a kilobyte of comments could be cut in more ways than there is time.
_PAGE = re.compile(
    rb"\s*+(?:<\?xml[^>]{0,200}>\s*+)?(?:(?><!--.{0,2000}?-->)\s*+)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(rb"<(?:p|div|br|a|span|h[1-6]|table|title|meta|article|section|li|ul)\b[^<>]{0,500}>", re.IGNORECASE)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_HTML_NAMES = (".html", ".htm", ".xhtml", ".shtml")
_TEXT_NAMES = (".txt", ".text", ".md")


def read(raw: RawDocument, policy: Policy) -> Document:
    """The document of one raw record. Raises Unreadable with a reason when there is none."""
    if raw.problem:
        raise Unreadable(*raw.problem)
    data = raw.data.encode("utf-8", "surrogatepass") if isinstance(raw.data, str) else raw.data
    if len(data) > policy.max_bytes:
        raise Unreadable(RejectReason.TOO_LARGE, f"{len(data)} bytes, the policy allows {policy.max_bytes}")
    for magic, name in _MAGIC:
        if data.startswith(magic):
            raise Unreadable(RejectReason.UNKNOWN_TYPE, f"this is a {name} file, not HTML or plain text")
    html = is_html(data, raw)
    text, encoding = decode(raw.data, declared=raw.given.get("encoding"), html=html)
    if raw.media_type == "text/markdown":
        from .markdown import read_markdown

        document = read_markdown(text, encoding, policy)
    elif html:
        from .html import read_html

        selectors = dict.fromkeys(one.text for one in raw.overrulings if one.scope is Scope.SELECTOR)
        document = read_html(text, encoding, policy, selectors)
    else:
        from .plain import read_plain

        document = read_plain(text, encoding, policy)
    if not document.blocks:
        raise Unreadable(RejectReason.EMPTY, f"no visible text in {len(data)} bytes of {document.media_type}")
    return document


def is_html(data: bytes, raw: RawDocument) -> bool:
    """Whether a record is a page: what it is given as, then its content, then its name."""
    if raw.media_type:
        return raw.media_type.split(";")[0].strip().lower() in _HTML_TYPES
    head = data[:8192].lstrip(b"\xef\xbb\xbf")
    if b"\x00" in head[:64]:  # UTF-16: look at the ASCII in it
        head = head.replace(b"\x00", b"")
        head = head.lstrip(b"\xff\xfe")
    if looks_like_page(head):
        return True
    name = (raw.uri or raw.id).lower()
    if name.endswith(_HTML_NAMES):
        return True
    return not name.endswith(_TEXT_NAMES) and len(_TAG.findall(head)) >= 3


def looks_like_page(head: bytes) -> bool:
    """Whether the first bytes of a file begin an HTML or XHTML page."""
    return bool(_PAGE.match(head))


def check_selector(selector: str) -> None:
    """Raises SettingError when this is no CSS selector that a page can be asked for."""
    from .html import check_selector as check

    check(selector)


def selectors_of(raw: RawDocument, policy: Policy, span: Span) -> list[tuple[str, int]]:
    """CSS selectors by class or id that match an element around a block of a page, each with how many of its blocks they match.

    The narrowest come first. Raises Unreadable when there is no such document.
    """
    from .html import read_html

    data = raw.data.encode("utf-8", "surrogatepass") if isinstance(raw.data, str) else raw.data
    text, encoding = decode(raw.data, declared=raw.given.get("encoding"), html=is_html(data, raw))
    document = read_html(text, encoding, policy, named=True)
    at = next((number for number, block in enumerate(document.blocks) if block.span == span), -1)
    around = dict.fromkeys(selector for selector, first, last in document.selected if first <= at < last)
    blocks: dict[str, set[int]] = {selector: set() for selector in around}
    for selector, first, last in document.selected:
        if selector in blocks:
            blocks[selector].update(range(first, last))
    return sorted(((name, len(found)) for name, found in blocks.items()), key=lambda found: (found[1], found[0]))
