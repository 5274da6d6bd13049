"""Where the files of raw and home lie, on this machine or on an object store: written whole, put in place at once, locked by date.

On an object store a file appears by one PUT, by the completion of an upload in parts, or by one copy on the server: all three show
it whole or not at all. The lock is a PUT that the store refuses when the name is taken (If-None-Match), as S3 does.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from ..errors import PublishConflict


def at(uri: str) -> UPath:
    """A path of this machine or a place on an object store."""
    path = UPath(uri)
    # A remembered listing would hide what other workers have written since.
    return UPath(path.path) if is_local(path) else UPath(uri, use_listings_cache=False)


def is_local(path: UPath) -> bool:
    """Whether a path lies on this machine's file system."""
    return path.protocol in ("", "file", "local")


@contextmanager
def written(path: UPath) -> Iterator[IO[bytes]]:
    """A file to write, on this machine; it is at `path` when the block has ended, and nothing is when the block raises."""
    if not is_local(path):
        with tempfile.NamedTemporaryFile() as sink:
            yield sink
            sink.flush()
            path.fs.put_file(sink.name, path.path)
        return
    part = Path(path.path).with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with part.open("wb") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
        part.replace(path.path)
    finally:
        part.unlink(missing_ok=True)
    _sync_directory(Path(path.path).parent)


def write(path: UPath, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a crash of the machine."""
    with written(path) as sink:
        sink.write(data)


def create(path: UPath, data: bytes) -> None:
    """Write a file that is not there yet, whole or not at all. Raises FileExistsError when it is there, also when it just came."""
    if not is_local(path):
        path.fs.pipe_file(path.path, data, mode="create")
        return
    part = UPath(path.path).with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        write(part, data)
        os.link(part.path, path.path)
    finally:
        Path(part.path).unlink(missing_ok=True)


def version(path: UPath, opened: IO[bytes] | None = None) -> str:
    """A name for what lies at a path now, or for the file that is open; "" when there is none."""
    if not is_local(path):
        try:
            found = opened.details if opened else path.fs.info(path.path)  # type: ignore[attr-defined]  # of fsspec's files
        except OSError:
            return ""
        return str(found.get("ETag") or found)
    try:
        state = os.fstat(opened.fileno()) if opened else Path(path.path).stat()
    except OSError:
        return ""
    return f"{state.st_ino} {state.st_mtime_ns} {state.st_size}"


@contextmanager
def parquet(path: UPath) -> Iterator[pq.ParquetFile]:
    """A Parquet file, open for reading."""
    with path.open("rb") as file, pq.ParquetFile(file) as opened:
        yield opened


def give_memory_back() -> None:
    """Has this process read by the machine's allocator, which gives back what a large table took; Arrow's own keeps it."""
    pa.set_memory_pool(pa.system_memory_pool())


def make_folder(path: UPath) -> None:
    """Make a folder and those above it; an object store has none."""
    if is_local(path):
        path.mkdir(parents=True, exist_ok=True)


def remove(folder: UPath) -> None:
    """Remove a folder and all in it, as far as that can be done."""
    try:
        folder.fs.rm(folder.path, recursive=True)
    except OSError:
        return


def put_in_place(staged: UPath, target: UPath) -> None:
    """Put a staged file in its place, at once; the staged name stays, so that a publish can be repeated."""
    if not is_local(staged):
        staged.fs.cp_file(staged.path, target.path)
        return
    make_folder(target.parent)
    link = Path(staged.path).with_suffix(".link")
    link.unlink(missing_ok=True)
    os.link(staged.path, link)
    link.replace(target.path)
    for directory in (target.parent, target.parent.parent):
        _sync_directory(Path(directory.path))


def _sync_directory(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def locked(lock: UPath, holder: str) -> Iterator[None]:
    """Hold a lock, or raise PublishConflict; nobody waits for it.

    A process of this machine that dies gives its lock back. On an object store it leaves it behind: another attempt of the same
    holder takes it up, anybody else is told whose it is and since when.
    """
    with _locked_here(lock) if is_local(lock) else _locked_there(lock, holder):
        yield


@contextmanager
def _locked_here(lock: UPath) -> Iterator[None]:
    make_folder(lock.parent)
    with Path(lock.path).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PublishConflict(f"{lock.stem}: another run is publishing this date now; start a new run when it is done") from None
        yield


@contextmanager
def _locked_there(lock: UPath, holder: str) -> Iterator[None]:
    mine = json.dumps({"holder": holder, "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}).encode()
    try:
        lock.fs.pipe_file(lock.path, mine, mode="create")
    except FileExistsError:
        found = json.loads(lock.read_bytes())
        if found["holder"] != holder:
            raise PublishConflict(
                f"{lock.stem}: run {found['holder']} is publishing this date since {found['since']}; start a new run when it is done. "
                f"If it died, remove {lock}"
            ) from None
    yield
    lock.fs.rm_file(lock.path)
