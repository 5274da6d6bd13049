"""Zip and tar: members are read in their places, never written under a name of theirs."""

from __future__ import annotations

import dataclasses
import io
import shutil
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, BinaryIO, Self, cast

from ..errors import Unreadable
from ..model import RejectReason
from .record import Opened, Record
from .unpack import CHUNK, buffered

_NESTED = 2  # an archive in an archive, and no further
_TAR_HEADER = 1_000_000  # bytes of a name or of extended attributes; more is no name
_OFFICE = ("[Content_Types].xml", "mimetype")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_PASSED_OVER = "folder or hidden file"


def read_zip(opened: Opened) -> Iterator[Record]:
    """The members of a zip archive, numbered as they stand in its directory."""
    _refuse_deep(opened, "zip")
    with seekable(opened) as file:
        _refuse_many(file, opened.policy.max_members)
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, struct.error) as error:
            raise Unreadable(RejectReason.BROKEN, f"not a whole zip archive: {error}") from error
        with archive:
            members = archive.infolist()
            if any(member.filename in _OFFICE for member in members):
                raise Unreadable(RejectReason.UNKNOWN_TYPE, "an office document or an e-book, not an archive of articles")
            for number, member in enumerate(members, 1):
                if _is_passed_over(member.filename, is_folder=member.is_dir()):
                    opened.skipped[_PASSED_OVER] += 1
                else:
                    yield _zip_member(opened, archive, number, member)


def _zip_member(opened: Opened, archive: zipfile.ZipFile, number: int, member: zipfile.ZipInfo) -> Record:
    where, name = member.header_offset, member.filename
    if problem := _problem(name):
        return _refused(number, where, name, problem)
    if member.flag_bits & 1:
        return _refused(number, where, name, "it is encrypted")
    if member.external_attr >> 28 == 0o12:
        return _refused(number, where, name, "it is a link")
    try:
        content = archive.open(member)
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError, EOFError) as error:
        return _refused(number, where, name, str(error))
    return _member(opened, number, where, name, content)


def read_tar(opened: Opened) -> Iterator[Record]:
    """The members of a tar archive, in one pass, numbered as they stand."""
    _refuse_deep(opened, "tar")
    number = 0
    try:
        with tarfile.open(fileobj=opened.stream, mode="r|", bufsize=CHUNK, tarinfo=_TarInfo) as archive:
            for number, member in enumerate(archive, 1):
                archive.members = []  # type: ignore[attr-defined]  # it keeps all that it has seen
                if number > opened.policy.max_members:
                    raise _too_many(opened.policy.max_members)
                yield from _tar_member(opened, archive, number, member)
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise Unreadable(RejectReason.BROKEN, f"not a whole tar archive: {error}") from error


def _tar_member(opened: Opened, archive: tarfile.TarFile, number: int, member: tarfile.TarInfo) -> Iterator[Record]:
    name = member.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if _is_passed_over(name, is_folder=member.isdir()):
        opened.skipped[_PASSED_OVER] += 1
    elif problem := _problem(name):
        yield _refused(number, member.offset, name, problem)
    elif not member.isfile():
        kind = "a link" if member.issym() or member.islnk() else "a device or a pipe"
        yield _refused(number, member.offset, name, f"it is {kind}")
    else:
        content = archive.extractfile(member)
        yield _member(opened, number, member.offset, name, content or io.BytesIO())


class _TarInfo(tarfile.TarInfo):
    """A header that refuses what tarfile lets pass: a name or attributes of many megabytes, which it would hold in memory, and an
    archive without the block of zeros at its end, which was cut off between two members.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        if len(buf) < tarfile.BLOCKSIZE:
            raise Unreadable(RejectReason.BROKEN, "the tar archive ends early, without its end mark")
        return super().frombuf(buf, encoding, errors)

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if not self.isfile() and self.size > _TAR_HEADER and self.type in b"xgXLK":
            raise Unreadable(RejectReason.TOO_LARGE, f"a header of {self.size} bytes")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]  # tarfile's own hook for subclasses


def _member(opened: Opened, number: int, offset: int, name: str, content: IO[bytes]) -> Record:
    def fill(size: int) -> bytes:
        try:
            return content.read(min(size, CHUNK))
        except (zipfile.BadZipFile, tarfile.TarError, zlib.error, OSError, EOFError, NotImplementedError) as error:
            raise Unreadable(RejectReason.BROKEN, f"{name}: damaged in the archive: {error}") from error

    inner = dataclasses.replace(opened, stream=buffered(fill, opened.meter), name=name, depth=opened.depth + 1)
    return Record(number, offset=offset, name=name, member=inner)


def _refused(number: int, offset: int, name: str, why: str) -> Record:
    return Record(number, offset=offset, problem=(RejectReason.UNREADABLE, f"record {number} at byte {offset}: {name!r}: {why}"))


def _problem(name: str) -> str:
    """Why a member's name must not be followed: it leads out of the archive."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or name[1:3] in {":\\", ":/"}:
        return "its name leads out of the archive"
    return ""


def _is_passed_over(name: str, *, is_folder: bool) -> bool:
    """Whether a member is no article by its name: a folder, a hidden file, what a Mac adds to archives."""
    hidden = any((part.startswith(".") and part not in {".", ".."}) or part == "__MACOSX" for part in PurePosixPath(name).parts)
    return not _problem(name) and (is_folder or hidden)


def _refuse_deep(opened: Opened, kind: str) -> None:
    if opened.depth >= _NESTED:
        raise Unreadable(RejectReason.TOO_DEEP, f"a {kind} archive nested more than once in others")


@contextmanager
def seekable(opened: Opened) -> Iterator[BinaryIO]:
    """A stream that seeks: the file itself, or a copy on disk of what other layers unpack (the meter bounds it)."""
    if opened.stream.seekable():
        yield cast("BinaryIO", opened.stream)
        return
    with tempfile.TemporaryFile() as spool:
        shutil.copyfileobj(opened.stream, spool, CHUNK)
        spool.seek(0)
        yield cast("BinaryIO", spool)


def _refuse_many(file: BinaryIO, most: int) -> None:
    """Refuse a directory of too many members before zipfile holds it in memory."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - _END.size - 65_535 - 20))
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at >= 0 and len(tail) - at >= _END.size:
        _, _, _, _, count, size, _, _ = _END.unpack_from(tail, at)
        if count == 0xFFFF or size == 0xFFFFFFFF:
            at64 = tail.rfind(b"PK\6\6", 0, at)
            if at64 >= 0:
                *_, count, size, _ = _END64.unpack_from(tail, at64)
        if count > most or size > most * 1_000:
            raise _too_many(most)
    file.seek(0)


def _too_many(most: int) -> Unreadable:
    return Unreadable(RejectReason.TOO_LARGE, f"more than {most} members (max_members of the policy)")
