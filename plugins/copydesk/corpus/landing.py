"""Landing: which raw files a date has. Nothing here changes or deletes them.

The layout is `<raw>/<YYYY-MM-DD>/<source>/**`. Names that begin with a dot or an underscore are not articles
(markers such as `_SUCCESS`, files still being copied) and are left out; a file directly below the date has the
source "".
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import PurePosixPath

from upath import UPath

from ..errors import SettingError
from ..model import PlannedFile

_IGNORED = (".", "_")


def landed(raw: str, date: str) -> list[PlannedFile]:
    """The files of a date, in order of (source, id) by code points, each with its digest.

    A file that cannot be read, or a link that leads out of the raw root, is listed with its problem. Raises
    SettingError when the raw root does not exist; a date without a folder has no files.
    """
    root = UPath(raw)
    if not root.is_dir():
        raise SettingError(f"COPYDESK_RAW: {raw} is not a folder; set it to the folder that holds <YYYY-MM-DD>/<source>/...")
    files = [_planned(root, path) for path in _paths(root, date)]
    return sorted(files, key=lambda f: (f.source, f.id))


def read(raw: str, file: PlannedFile) -> bytes:
    """The bytes of a planned file as they are now."""
    return bytes(UPath(raw).joinpath(file.path).read_bytes())


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


def is_local(path: UPath) -> bool:
    """Whether a path lies on this machine's file system."""
    return path.protocol in ("", "file", "local")


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


def _planned(root: UPath, path: str) -> PlannedFile:
    uri = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    id_ = uri.split("/", 1)[1]
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


def input_digest(files: list[PlannedFile]) -> str:
    """A name for a date's input: relative paths and digests, never file times or the root's place."""
    lines = (f"{f.sha256 or f.problem}  {f.uri}\n" for f in sorted(files, key=lambda f: f.uri))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
