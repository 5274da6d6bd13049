"""The table of formats: how each is told, by its content first, and which reader gives its records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import NamedTuple

from ..reading import looks_like_page
from ..reading.decode import wide_encoding
from .record import Opened, Record

COMPRESSIONS: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"\x1f\x8b\x08", "gzip", (".gz",)),
    (b"\x28\xb5\x2f\xfd", "zstandard", (".zst", ".zstd")),
    (b"BZh", "bzip2", (".bz2",)),
    (b"\xfd7zXZ\x00", "xz", (".xz",)),
)
_BZIP2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")
# Atomic and possessive where a repeat could be cut in many ways: a kilobyte of comments would take for ever.
_FEED = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[.*?\]\s*+)?>)\s*+)*+<(?:[\w.-]+:)?(rss|feed|RDF)[\s>]",
    re.DOTALL,
)
_MAIL_LINES = re.compile(rb"(?:[!-9;-~]{1,60}:[^\n]*+\n(?:[ \t][^\n]*+\n)*+){2,}")
_MAIL_HEADERS = re.compile(rb"^(?:MIME-Version|Message-ID|Received|Return-Path|DKIM-Signature):", re.IGNORECASE | re.MULTILINE)
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*"')
_JSON_LINES = re.compile(rb'(?:\xef\xbb\xbf)?\s*+\{\s*+"[^\n]*\}[ \t\r]*+\n\s*+\{\s*+"')


class Format(NamedTuple):
    """A row: its name (as sources.yaml has it), what it is, the suffixes of its names, how its first bytes look, and
    the function that reads it, as `module:function`. `trusted`: its name alone is enough where the bytes tell nothing.
    """

    name: str
    explains: str
    suffixes: tuple[str, ...]
    looks: Callable[[bytes], bool]
    reader: str
    trusted: bool = True

    def read(self, opened: Opened) -> Iterator[Record]:
        """The records of a file of this format, in order. Raises Unreadable where it cannot go on."""
        module, _, function = self.reader.partition(":")
        found: Iterator[Record] = getattr(import_module(f".{module}", __package__), function)(opened)
        return found


def _never(_: bytes) -> bool:
    return False


def _begins(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magic)


def _is_mail(head: bytes) -> bool:
    lines = _MAIL_LINES.match(head)
    return bool(lines and _MAIL_HEADERS.search(lines.group()))


FORMATS: tuple[Format, ...] = (
    Format(
        "warc", "web archive: the responses, resources and conversions that are HTML or text", (".warc",), _begins(b"WARC/"), "warc:read"
    ),
    Format("zip", "archive: its members are read like files", (".zip",), _begins(b"PK\x03\x04", b"PK\x05\x06"), "archives:read_zip", False),
    Format("tar", "archive: its members are read like files", (".tar",), lambda h: h[257:262] == b"ustar", "archives:read_tar", False),
    Format("parquet", "a table's rows", (".parquet",), _begins(b"PAR1"), "columnar:read_parquet", False),
    Format(
        "arrow",
        "a table's rows, as an IPC file (Feather 2) or stream",
        (".arrow", ".feather", ".arrows"),
        _begins(b"ARROW1", b"\xff\xff\xff\xff"),
        "columnar:read_arrow",
        False,
    ),
    Format(
        "feed",
        "RSS and Atom, with the full content where they have it, and WordPress exports (WXR)",
        (".rss", ".atom", ".rdf", ".wxr", ".xml"),
        lambda h: bool(_FEED.match(h)),
        "feeds:read",
        False,
    ),
    Format("mail", "a message, or a page saved as MHTML: its HTML part, or its text", (".eml", ".mht", ".mhtml"), _is_mail, "mail:read"),
    Format("jsonl", "JSON Lines: an object a line", (".jsonl", ".ndjson"), lambda h: bool(_JSON_LINES.match(h)), "rows:read_jsonl"),
    Format(
        "json",
        "an object, a list of objects, or an object that holds one such list",
        (".json",),
        lambda h: bool(_JSON.match(h)),
        "rows:read_json",
    ),
    Format("csv", "a table with a line of names; commas or semicolons between fields", (".csv",), _never, "rows:read_csv"),
    Format("tsv", "a table with a line of names; tabs between fields", (".tsv", ".tab"), _never, "rows:read_csv"),
    Format("markdown", "CommonMark with tables; front matter is metadata", (".md", ".markdown"), _never, "single:read_markdown"),
    Format("html", "a page, HTML or XHTML", (".html", ".htm", ".xhtml", ".shtml"), looks_like_page, "single:read"),
    Format("text", "plain text", (".txt", ".text"), _never, "single:read"),
)
BY_NAME = {f.name: f for f in FORMATS}


def compression_of(head: bytes) -> str | None:
    """The compression that a file's first bytes tell; names are not asked."""
    for magic, name, _ in COMPRESSIONS:
        if head.startswith(magic) and (name != "bzip2" or head[4:10] in _BZIP2_BLOCKS):
            return name
    return None


def without_compression(name: str) -> str:
    """The name that a file has when it is unpacked: `crawl.warc.gz` is `crawl.warc`, `pages.tgz` is `pages.tar`."""
    for short, long in ((".tgz", ".tar"), (".tbz2", ".tar"), (".txz", ".tar"), (".tzst", ".tar")):
        if name.lower().endswith(short):
            return name[: -len(short)] + long
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and f".{suffix.lower()}" in {s for _, _, suffixes in COMPRESSIONS for s in suffixes} else name


def format_of(head: bytes, name: str) -> tuple[Format, Format | None]:
    """The format of a file by its first bytes and its name, and the format that a lying name promised.

    The bytes decide; where they look like several formats, the name chooses; where they tell nothing, the name is
    believed for what is text, and what is left is a page or a text: reading tells which.
    """
    if wide_encoding(head):
        head = head.replace(b"\0", b"").lstrip(b"\xff\xfe")
    named = next((f for f in FORMATS if name.lower().endswith(f.suffixes)), None)
    found = [f for f in FORMATS if f.looks(head)]
    if named and (named in found or (not found and named.trusted)):
        return named, None
    lie = named if named and head else None
    return (found[0] if found else BY_NAME["text"]), lie
