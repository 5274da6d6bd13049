"""Landing: which raw files a date has. Nothing here changes or deletes them.

The layout is `<raw>/<YYYY-MM-DD>/<source>/**`. Names that begin with a dot or an underscore are not articles
(markers such as `_SUCCESS`, files still being copied) and are left out; a file directly below the date has the
source "".
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import date as date_
from pathlib import PurePosixPath
from typing import BinaryIO

from upath import UPath

from ..errors import PlanError, SettingError
from ..model import PlannedFile, Told
from ..records import SIDECAR, Source, file_id, is_sidecar, parse_sidecar, told_by
from .store import at, is_local

_IGNORED = (".", "_")
_CONNECTIONS = 32


def dates(raw: str) -> list[str]:
    """The dates that have a folder below the raw root, in order. Raises SettingError when the root does not exist."""
    return sorted(folder.name for folder in _root(raw).iterdir() if _is_date(folder.name) and folder.is_dir())


def _is_date(name: str) -> bool:
    with suppress(ValueError):
        return date_.fromisoformat(name).isoformat() == name
    return False


def landed(raw: str, date: str, sources: Sequence[Source] = ()) -> list[PlannedFile]:
    """The files of a date, in order of (source, id) by code points, each with its digest.

    `sources` are the entries of sources.yaml; a file's sidecar is read here, so that the plan holds what it told.
    A file that cannot be read, or a link that leads out of the raw root, is listed with its problem. Raises
    SettingError when the raw root does not exist; a date without a folder has no files.
    """
    root = _root(raw)
    paths = set(_paths(root, date))
    landed_ = [path for path in paths if not is_sidecar(path, paths)]

    def planned(path: str) -> PlannedFile:
        return _planned(root, path, path + SIDECAR if path + SIDECAR in paths else "", sources)

    if is_local(root):
        files = [planned(path) for path in landed_]
    else:
        with ThreadPoolExecutor(_CONNECTIONS) as pool:  # a store answers many at once, each after a while
            files = list(pool.map(planned, landed_))
    return sorted(files, key=lambda f: (f.source, f.id))


def one(raw: str, date: str, file: str, *, most: int, sources: Sequence[Source] = ()) -> PlannedFile:
    """The file of a date by its id, with its digest. Raises SettingError when it is gone, or larger than `most` bytes."""
    root = _root(raw)
    for name in dict.fromkeys((file, file.replace("%23", "#"))):
        path = root / date / name
        if ".." not in PurePosixPath(name).parts and path.is_file():
            size = path.stat().st_size
            if size > most:
                raise SettingError(f"{date}/{name} has {size} bytes, more than a page reads; copydesk show reads it")
            sidecar = f"{date}/{name}{SIDECAR}"
            return _planned(root, f"{date}/{name}", sidecar if (root / sidecar).is_file() else "", sources)
    raise SettingError(f"The raw file {date}/{file} is gone.")


def _root(raw: str) -> UPath:
    root = at(raw)
    if not root.is_dir():
        raise SettingError(f"COPYDESK_RAW: {raw} is not a folder; set it to the folder that holds <YYYY-MM-DD>/<source>/...")
    return root


@contextmanager
def opened(raw: str, file: PlannedFile) -> Iterator[BinaryIO]:
    """A planned file, open at its start. What lies elsewhere than on this machine is copied here first, for readers that seek.

    Raises PlanError when it is not what was planned, also when it changes while it is read.
    """
    path = at(raw).joinpath(file.path)
    try:
        with path.open("rb") as stream, tempfile.TemporaryFile() as copy:
            local = is_local(path)
            before = _state(stream) if local else None
            digest = hashlib.sha256()
            while piece := stream.read(1 << 20):
                digest.update(piece)
                if not local:
                    copy.write(piece)
            _refuse_changed(file, changed=digest.hexdigest() != file.sha256)
            found = stream if local else copy
            found.seek(0)
            yield found
            _refuse_changed(file, changed=local and _state(stream) != before)
    except OSError as error:
        raise PlanError(f"{file.uri} is gone or unreadable since the plan was made ({error}); start a new run of the date") from error


def _state(stream: BinaryIO) -> tuple[int, int]:
    found = os.fstat(stream.fileno())
    return found.st_size, found.st_mtime_ns


def _refuse_changed(file: PlannedFile, *, changed: bool) -> None:
    if changed:
        raise PlanError(f"{file.uri} changed since the plan was made; start a new run of the date")


def _paths(root: UPath, date: str) -> Iterator[str]:
    """The paths of a date's files, relative to the raw root, with forward slashes."""
    folder = root / date
    if not folder.is_dir():
        return
    if is_local(root):
        yield from _local_paths(root.path, date)
        return
    prefix = root.path.rstrip("/") + "/"
    for found in root.fs.find(folder.path):
        relative = found.removeprefix(prefix)
        if not any(part.startswith(_IGNORED) for part in PurePosixPath(relative).parts):
            yield relative


def _local_paths(root: str, date: str) -> Iterator[str]:
    closed: list[OSError] = []  # folders that cannot be listed: what is in them is not known, so they are listed themselves
    for directory, folders, names in os.walk(os.path.join(root, date), onerror=closed.append):
        links = [f for f in folders if os.path.islink(os.path.join(directory, f))]
        folders[:] = [f for f in folders if not f.startswith(_IGNORED) and f not in links]
        for name in (*names, *links):
            if not name.startswith(_IGNORED):
                yield os.path.relpath(os.path.join(directory, name), root).replace(os.sep, "/")
    for error in closed:
        path = os.path.relpath(error.filename, root).replace(os.sep, "/")
        if path == date:
            raise SettingError(f"COPYDESK_RAW: {error.filename} cannot be listed: {error.strerror}")
        yield path


def _planned(root: UPath, path: str, sidecar: str, sources: Sequence[Source]) -> PlannedFile:
    """A file as it lies there, with what sources.yaml and its sidecar tell of it."""
    file = _found(root, path)
    told = told_by(sources, file.source, file.id.removeprefix(f"{file.source}/"))
    problem = file.problem
    if sidecar and not problem:
        try:
            told = replace(told, given={**told.given, **parse_sidecar(root.joinpath(sidecar).read_bytes())})
        except (OSError, ValueError) as error:
            problem = f"its sidecar {PurePosixPath(sidecar).name} cannot be read: {error}"
    return replace(file, told=told, problem=problem)


def _found(root: UPath, path: str) -> PlannedFile:
    uri = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    id_ = file_id(path.split("/", 1)[1])
    source = id_.split("/", 1)[0] if "/" in id_ else ""
    problem = _problem(root, path)
    if problem:
        return PlannedFile(id_, source, uri, path, "", 0, problem)
    digest, size = hashlib.sha256(), 0
    try:
        with root.joinpath(path).open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    except OSError as error:
        return PlannedFile(id_, source, uri, path, "", 0, error.strerror or str(error))
    return PlannedFile(id_, source, uri, path, digest.hexdigest(), size)


def _problem(root: UPath, path: str) -> str:
    """Why a local path must not be opened: links out of the root, links to folders, devices and pipes."""
    if not is_local(root):
        return ""
    local = os.path.join(root.path, path)
    if os.path.islink(local):
        target, within = os.path.realpath(local), os.path.realpath(root.path)
        if os.path.commonpath([target, within]) != within:
            return "a link that leads out of the raw root"
        if os.path.isdir(target):
            return "a link to a folder; links to folders are not followed"
    if os.path.isdir(local):
        return "a folder that cannot be listed; whatever it holds is not cleaned"
    if os.path.exists(local) and not os.path.isfile(local):
        return "not a regular file"
    return ""


def _told(told: Told) -> str:
    """What is told of a file as part of its input; nothing for most."""
    return "" if told == Told() else "  " + json.dumps(asdict(told), sort_keys=True)


def input_digest(files: list[PlannedFile]) -> str:
    """A name for a date's input: relative paths and digests, never file times or the root's place."""
    lines = (f"{f.sha256 or f.problem}  {f.uri}{_told(f.told)}\n" for f in sorted(files, key=lambda f: f.uri))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
