"""Streams that unpack: gzip, zstandard, bzip2 and xz, bounded so that no bomb fills memory or disk."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

from backports import zstd

from ..errors import Unreadable
from ..model import RejectReason
from ..policy import Policy

CHUNK = 65_536
_PIECE = 262_144
# Below this a file may expand as it likes: a page of a kilobyte may be a megabyte of the same table row.
_FREE = 1_000_000
_XZ_MEMORY = 100_000_000  # what `xz -9` asks of whoever unpacks it, with room to spare


class Meter:
    """What was taken from one raw file and what was made of it, over all its layers; refuses what only a bomb does."""

    def __init__(self, policy: Policy) -> None:
        self.ratio = policy.max_expansion
        self.taken = self.made = 0

    def make(self, size: int, *, before: int) -> None:
        """Count `size` bytes of a layer that made `before` before. One that is refused counts no more, for its neighbours' sake."""
        self.made += size
        if self.made > _FREE and self.made > self.ratio * self.taken:
            made, self.made = self.made, self.made - before - size
            raise Unreadable(
                RejectReason.TOO_LARGE,
                f"{self.taken} bytes unpack to {made} and more; the policy allows {self.ratio} for each (max_expansion)",
            )


class Layer(io.RawIOBase):
    """A raw stream over `fill`, which gives up to so many bytes, none at the end. Reads are full unless it ends.

    What fails after some bytes is raised by the next read, so that no good byte is lost.
    """

    def __init__(self, fill: Callable[[int], bytes], meter: Meter | None = None) -> None:
        super().__init__()
        self._fill, self._meter = fill, meter
        self._at = 0
        self._failed: Exception | None = None

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        size = 0
        while size < len(view) and self._failed is None:
            try:
                piece = self._fill(min(len(view) - size, _PIECE))  # a bomb is seen a piece at a time
                if self._meter:
                    self._meter.make(len(piece), before=self._at + size)
            except Exception as error:  # noqa: BLE001 - raised by the next read
                self._failed = error
                break
            if not piece:
                break
            view[size : size + len(piece)] = piece
            size += len(piece)
        if not size and self._failed:
            raise self._failed
        self._at += size
        return size


def buffered(fill: Callable[[int], bytes], meter: Meter | None = None) -> io.BufferedReader:
    """A stream to peek into and to read lines from, over `fill`."""
    return io.BufferedReader(Layer(fill, meter), CHUNK)


class Counted(io.RawIOBase):
    """The raw file itself, counted as it is read; it seeks where the file does."""

    def __init__(self, file: BinaryIO, meter: Meter) -> None:
        super().__init__()
        self._file, self._meter = file, meter
        self._size = _size(file)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._file.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        piece = self._file.read(len(buffer))
        buffer[: len(piece)] = piece
        # What is read twice counts once: a file that names the same bytes again and again is no larger for it.
        self._meter.taken = min(self._meter.taken + len(piece), self._size) if self._size else self._meter.taken + len(piece)
        return len(piece)


def _size(file: BinaryIO) -> int:
    if not file.seekable():
        return 0
    here = file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(here)
    return size


class _Decompressor(Protocol):
    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decompressor in the manner of the others."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "gzip": _Gzip,
    "zstandard": zstd.ZstdDecompressor,  # its own bound on a window is 128 MB, of which no more is touched than comes out
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=_XZ_MEMORY),
}


def unpacked(packed: io.BufferedReader, compression: str, meter: Meter) -> io.BufferedReader:
    """What `packed` holds, member after member. Reading raises Unreadable for damaged data and for bombs."""
    return buffered(_Members(packed, compression).fill, meter)


class _Members:
    """The members of a compressed file one after the other, as `cat a.gz b.gz` makes it."""

    def __init__(self, packed: io.BufferedReader, compression: str) -> None:
        self._packed, self._name = packed, compression
        self._make = _DECOMPRESSORS[compression]
        self._member: _Decompressor = self._make()
        self._at = 0

    def fill(self, size: int) -> bytes:
        try:
            while True:
                data = b""
                if self._member.eof:
                    data = self._next_member()
                    if not data:
                        return b""
                    self._member = self._make()
                elif self._member.needs_input:
                    data = self._take()
                    if not data:
                        raise Unreadable(RejectReason.BROKEN, f"the {self._name} data ends early, after {self._at} bytes")
                piece = self._member.decompress(data, size)
                if piece:
                    return piece
        except (zlib.error, lzma.LZMAError, zstd.ZstdError, OSError, EOFError) as error:
            raise Unreadable(RejectReason.BROKEN, f"the {self._name} data is damaged before its byte {self._at}: {error}") from error

    def _next_member(self) -> bytes:
        """The first bytes of the next member; zeros that pad the last one are none."""
        data = self._member.unused_data.lstrip(b"\0")
        while not data:
            data = self._take()
            if not data:
                return b""
            data = data.lstrip(b"\0")
        return data

    def _take(self) -> bytes:
        data = self._packed.read1(CHUNK)
        self._at += len(data)
        return data
