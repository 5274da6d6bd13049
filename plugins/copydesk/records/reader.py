"""One raw file to its raw documents: compressions off, the format told, its records one by one."""

from __future__ import annotations

import dataclasses
import io
import logging
import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from ..errors import Unreadable
from ..model import RawDocument, RejectReason, Told
from ..policy import Policy
from ..reading.decode import wide_encoding
from .formats import BY_NAME, Format, compression_of, format_of, without_compression
from .layout import day_of
from .record import Opened, Record
from .text import transcoded
from .unpack import CHUNK, Counted, Meter, unpacked

log = logging.getLogger("copydesk")

_HEAD = 8_192
_RECORD = re.compile(r"(?:#\d+)+\Z")  # what records add to the id of their file
_LIKE_A_RECORD = re.compile(r"#(\d+)(?=\Z|#\d)")
_ASKED = {"html": "text/html", "text": "text/plain"}  # what a source says its files are, whatever they look like
_BROKEN = 1_000  # records in a row: so many rejects tell no more than one, and a file of another format would be nothing else
_COMPRESSIONS = 2  # of one file, one inside the other
_LINED = frozenset({"feed", "jsonl", "json", "csv", "tsv"})  # read line by line or token by token: in UTF-16 they are transcoded first


def read(
    stream: BinaryIO,
    file: RawDocument,
    policy: Policy,
    *,
    told: Told | None = None,
    skipped: Counter[str] | None = None,
) -> Iterator[RawDocument]:
    """The raw documents of one file, at least one, in order; memory holds one record.

    `stream` is the file, binary and open at its start (archives and tables need one that seeks; `file` says whose
    it is: its `id`, `source`, `uri` and `given` are those of its records, which add `#n`, their number from 1, to the
    id). What cannot be read comes out as a raw document with its `problem`. `told` is
    what is told of the file besides its bytes; `skipped` counts what is no article, by what it is.
    """
    return (raw for _, raw in placed(stream, file, policy, told=told, skipped=skipped))


def placed(
    stream: BinaryIO,
    file: RawDocument,
    policy: Policy,
    *,
    told: Told | None = None,
    skipped: Counter[str] | None = None,
) -> Iterator[tuple[int, RawDocument]]:
    """As `read`, each with the bytes of the file that were taken by then: never fewer than before, and the same every time."""
    meter, told = Meter(policy), told or Told()
    file = dataclasses.replace(file, given={**told.given, **file.given}, url=file.url or told.given.get("url"))
    opened = Opened(io.BufferedReader(Counted(stream, meter), CHUNK), file.uri or file.id, policy, meter, told.fields)
    if skipped is not None:
        opened = dataclasses.replace(opened, skipped=skipped)
    for raw in _documents(opened, file, told.format):
        day = day_of(raw.given) if told.day else ""
        if day == told.day or (not day and told.undated):
            yield meter.taken, raw
        else:
            opened.skipped["another date"] += 1


def days(
    stream: BinaryIO, file: RawDocument, policy: Policy, *, told: Told | None = None, skipped: Counter[str] | None = None
) -> Iterator[tuple[int, RawDocument]]:
    """As `placed`, but a day that its records tell in place of each document, once; "" for those that tell none."""
    seen: set[str] = set()
    for at, raw in placed(stream, file, policy, told=told, skipped=skipped):
        day = day_of(raw.given)
        if day not in seen:
            seen.add(day)
            yield at, RawDocument(raw.id, day)


def file_id(path: str) -> str:
    """The id of a file at this path: the path, printable, and never one that a record of another file has."""
    printable = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _LIKE_A_RECORD.sub(r"%23\1", printable)


def file_of_record(id_: str) -> str:
    """The id of the file that a document came from: the document's own, or without the `#n` of a record."""
    return _RECORD.sub("", id_)


def number_of_record(id_: str) -> int:
    """The number of a record in its file; that of the member where it stands in an archive; 0 for a document alone in its file."""
    numbers = id_.removeprefix(file_of_record(id_)).split("#")
    return int(numbers[1]) if len(numbers) > 1 else 0


def _documents(opened: Opened, file: RawDocument, asked: str = "") -> Iterator[RawDocument]:
    number = 0
    before = opened.skipped.copy()
    try:
        opened, format_ = _told(opened, file, asked)
        for record in _bearable(format_.read(opened), format_):
            number = record.number or 1
            inner = file if record.number is None else _numbered(file, record)
            if record.member:
                yield from _documents(record.member, inner)
            else:
                yield _document(inner, record._replace(media_type=record.media_type or _ASKED.get(asked)))
        if not number:
            skipped = opened.skipped - before
            what = f", but {', '.join(f'{kind} {count}' for kind, count in skipped.most_common())}" if skipped else ""
            yield dataclasses.replace(file, problem=(RejectReason.EMPTY, f"no article in this {format_.name} file{what}"))
    except Unreadable as error:
        yield unread(file, number, error)
    except (MemoryError, OSError):
        raise  # the machine's trouble, not the file's
    except Exception as error:  # noqa: BLE001 - a defect of ours costs the rest of one file, not a date
        yield unread(file, number, Unreadable(RejectReason.ERROR, f"{type(error).__name__}: {error}"))


def _bearable(records: Iterator[Record], format_: Format) -> Iterator[Record]:
    """The records, as long as they are not all broken."""
    broken = 0
    for record in records:
        broken = broken + 1 if record.problem else 0
        if broken > _BROKEN:
            raise Unreadable(RejectReason.BROKEN, f"{_BROKEN} records in a row were broken, so this is hardly {format_.name}")
        yield record


def _told(opened: Opened, file: RawDocument, asked: str) -> tuple[Opened, Format]:
    """The file without its compressions, and its format."""
    for _ in range(_COMPRESSIONS):
        compression = compression_of(opened.stream.peek(_HEAD)[:_HEAD])
        if compression is None:
            break
        stream = unpacked(opened.stream, compression, opened.meter)
        opened = dataclasses.replace(opened, stream=stream, name=without_compression(opened.name))
    head = opened.stream.peek(_HEAD)[:_HEAD]
    if compression := compression_of(head):
        raise Unreadable(RejectReason.TOO_DEEP, f"compressed more than {_COMPRESSIONS} times, still {compression}")
    format_, promised = (BY_NAME[asked], None) if asked else format_of(head, opened.name)
    if promised and promised is not format_:
        log.warning("%s: named like %s, but it is %s, and read as such", file.uri or file.id, promised.name, format_.name)
    if format_.name in _LINED and (wide := wide_encoding(head)):
        opened = dataclasses.replace(opened, stream=transcoded(opened.stream, wide))
    return opened, format_


def _numbered(file: RawDocument, record: Record) -> RawDocument:
    place = f"{file.uri}!/{record.name}" if record.name else f"{file.uri}#{record.number}"
    return dataclasses.replace(file, id=f"{file.id}#{record.number}", uri=place if file.uri else "")


def _document(file: RawDocument, record: Record) -> RawDocument:
    return dataclasses.replace(
        file,
        data=record.data,
        media_type=record.media_type or file.media_type,
        url=record.url or file.url,
        given={**record.given, **file.given},
        problem=record.problem,
    )


def unread(file: RawDocument, number: int, error: Unreadable) -> RawDocument:
    """The place where a file's reader could not go on: the file itself, or the record after the last one that it gave."""
    if not number:
        return dataclasses.replace(file, problem=(error.reason, error.detail))
    rest = dataclasses.replace(file, id=f"{file.id}#{number + 1}", uri=f"{file.uri}#{number + 1}" if file.uri else "")
    return dataclasses.replace(rest, problem=(error.reason, f"record {number + 1} and what follows: {error.detail}"))
