"""Landing: which raw files a date has. Nothing here changes or deletes them.

The layout is `<raw>/<YYYY-MM-DD>/<source>/**`, or what sources.yaml says. Names that begin with a dot or an underscore are not
articles (markers such as `_SUCCESS`, files still being copied) and are left out; a file directly below the date has the
source "".
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import PurePosixPath
from typing import BinaryIO

from upath import UPath

from ..errors import PlanError, SettingError
from ..model import PlannedFile, Told
from ..records import BELOW, SIDECAR, Layout, Sources, file_id, is_sidecar, parse_sidecar, told_by
from .store import at, is_local

_DEFAULT = Sources()
_IGNORED = (".", "_")
_CONNECTIONS = 32


def dates(raw: str, sources: Sources = _DEFAULT) -> list[str]:
    """The dates that folders and files below the raw root are called by, in order. Raises SettingError when there is no root."""
    root = _root(raw)
    found: set[str] = set()
    for layout in sources.landing:
        if layout.dated:
            named = Layout("/".join(layout.parts[: layout.dated]), date="path")
            steps = layout.steps()
            below = (path for path, is_folder in _matching(root, steps[: layout.dated]) if is_folder or layout.dated == len(steps))
            found |= {told[0] for path in below if (told := named.match(path.removesuffix(SIDECAR)))}
    return sorted(found)


def landed(raw: str, date: str, sources: Sources = _DEFAULT) -> list[PlannedFile]:
    """The files that lie below a date, in order of (source, id) by code points, each with its digest.

    A file's sidecar is read here, so that the plan holds what it told. A file that cannot be read, or a link that leads
    out of the raw root, is listed with its problem. Raises SettingError when the raw root does not exist; a date without
    a folder has no files.
    """
    root = _root(raw)
    return _planned_all(root, set(_paths(root, date, sources)), sources)


def undated(raw: str, sources: Sources) -> list[tuple[PlannedFile, str]]:
    """The files of layouts whose paths tell no date, each with what tells it: "record", or the day of the file's time (UTC)."""
    root = _root(raw)
    found: list[tuple[PlannedFile, str]] = []
    for layout in sources.landing:
        if not layout.dated:
            paths = {path for path in _files(root, layout, "") if _layout_of(sources, path) == layout}
            for file in _planned_all(root, paths, sources):
                by_time = layout.date == "file time" and not file.problem
                found.append((file, root.fs.modified(root.joinpath(file.path).path).date().isoformat() if by_time else layout.date))
    return found


def one(raw: str, date: str, file: str, *, most: int, sources: Sources = _DEFAULT) -> PlannedFile:
    """The file of a date by its id, with its digest. Raises SettingError when it is gone, or larger than `most` bytes."""
    root = _root(raw)
    names = (layout.path_of(date, name) for layout in sources.landing for name in (file, file.replace("%23", "#")))
    for name in dict.fromkeys(names):
        path = root / name
        if ".." not in PurePosixPath(name).parts and path.is_file():
            size = path.stat().st_size
            if size > most:
                raise SettingError(f"{name} has {size} bytes, more than a page reads; copydesk show reads it")
            sidecar = name + SIDECAR
            return _planned(root, name, sidecar if (root / sidecar).is_file() else "", sources)
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


def _paths(root: UPath, date: str, sources: Sources) -> Iterator[str]:
    """The paths of a date's files, relative to the raw root, with forward slashes."""
    for layout in sources.landing:
        if layout.dated:
            yield from (path for path in _files(root, layout, date) if _layout_of(sources, path) == layout)


def _layout_of(sources: Sources, path: str) -> Layout | None:
    """The layout that a file belongs to: the first one that it fits."""
    return next((layout for layout in sources.landing if layout.match(path.removesuffix(SIDECAR))), None)


def _files(root: UPath, layout: Layout, date: str) -> Iterator[str]:
    """The files of a layout, of a date or ("") of all."""
    steps = layout.steps(date)
    if layout.parts[-2:] == ("{source}", BELOW):
        steps = (*steps[:-2], BELOW)  # a file that stands where its source would be has none
    return (path for path, is_folder in _matching(root, steps) if not is_folder)


def _matching(root: UPath, steps: Sequence[re.Pattern[str] | str], below: str = "") -> Iterator[tuple[str, bool]]:
    """The paths that a layout's steps lead to, and whether each is a folder; sidecars with their files. `**` gives files only."""
    first, *rest = steps
    folder = root.joinpath(below) if below else root
    if first == BELOW:
        yield from ((path, False) for path in (_local_paths(root.path, below) if is_local(root) else _stored_paths(root, folder)))
        return
    for name, is_folder in _named(folder, first):
        path = f"{below}/{name}" if below else name
        if not rest:
            yield path, is_folder
        elif is_folder and not (is_local(root) and os.path.islink(os.path.join(root.path, path))):
            yield from _matching(root, rest, path)
        elif is_folder:
            yield path, False  # a link to a folder, which is listed with that problem


def _named(folder: UPath, step: re.Pattern[str] | str) -> Iterator[tuple[str, bool]]:
    """The entries of a folder that a step means, in no order."""
    if isinstance(step, str):
        for name in (step, step + SIDECAR):
            path = folder / name
            if path.exists() or (is_local(path) and os.path.islink(path.path)):
                yield name, path.is_dir()
        return
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if not path.name.startswith(_IGNORED) and step.fullmatch(path.name.removesuffix(SIDECAR)):
            yield path.name, path.is_dir()


def _stored_paths(root: UPath, folder: UPath) -> Iterator[str]:
    prefix = root.path.rstrip("/") + "/"
    inside = folder.path.rstrip("/") + "/"
    for found in root.fs.find(folder.path):
        if not any(part.startswith(_IGNORED) for part in found.removeprefix(inside).split("/")):
            yield found.removeprefix(prefix)


def _local_paths(root: str, below: str) -> Iterator[str]:
    closed: list[OSError] = []  # folders that cannot be listed: what is in them is not known, so they are listed themselves
    start = os.path.join(root, below) if below else root
    for directory, folders, names in os.walk(start, onerror=closed.append):
        links = [f for f in folders if os.path.islink(os.path.join(directory, f))]
        folders[:] = [f for f in folders if not f.startswith(_IGNORED) and f not in links]
        for name in (*names, *links):
            if not name.startswith(_IGNORED):
                yield os.path.relpath(os.path.join(directory, name), root).replace(os.sep, "/")
    for error in closed:
        if error.filename == start:
            raise SettingError(f"COPYDESK_RAW: {error.filename} cannot be listed: {error.strerror}")
        yield os.path.relpath(error.filename, root).replace(os.sep, "/")


def _planned_all(root: UPath, paths: Collection[str], sources: Sources) -> list[PlannedFile]:
    """The files of these paths that are no sidecars of others, in order."""

    def planned(path: str) -> PlannedFile:
        return _planned(root, path, path + SIDECAR if path + SIDECAR in paths else "", sources)

    landed_ = [path for path in paths if not is_sidecar(path, paths)]
    if is_local(root):
        files = [planned(path) for path in landed_]
    else:
        with ThreadPoolExecutor(_CONNECTIONS) as pool:  # a store answers many at once, each after a while
            files = list(pool.map(planned, landed_))
    return sorted(files, key=lambda f: (f.source, f.id))


def _planned(root: UPath, path: str, sidecar: str, sources: Sources) -> PlannedFile:
    """A file as it lies there, with what sources.yaml and its sidecar tell of it."""
    file = _found(root, path, sources)
    told = told_by(sources.entries, file.source, file.id.removeprefix(f"{file.source}/"))
    problem = file.problem
    if sidecar and not problem:
        try:
            told = replace(told, given={**told.given, **parse_sidecar(root.joinpath(sidecar).read_bytes())})
        except (OSError, ValueError) as error:
            problem = f"its sidecar {PurePosixPath(sidecar).name} cannot be read: {error}"
    return replace(file, told=told, problem=problem)


def _found(root: UPath, path: str, sources: Sources) -> PlannedFile:
    uri = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    layout = _layout_of(sources, path)
    _, source, below = (layout and layout.match(path)) or ("", "", path)
    id_, source = file_id(below), source.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
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
    return "" if told == Told() else "  " + json.dumps({name: value for name, value in asdict(told).items() if value}, sort_keys=True)


def input_digest(files: list[PlannedFile]) -> str:
    """A name for a date's input: relative paths and digests, never file times or the root's place."""
    lines = (f"{f.sha256 or f.problem}  {f.uri}{_told(f.told)}\n" for f in sorted(files, key=lambda f: f.uri))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
