"""Files and folders that are named by hand, without a landing layout: each file's id, and its raw documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import SettingError
from ..model import RawDocument, RejectReason
from ..policy import Policy
from .reader import file_id, read
from .sidecar import SUFFIX, is_sidecar, parse
from .sources import Source, told


def listed(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Every file with its id: the path relative to the folder given, or the name of a file given."""
    for path in paths:
        if path.is_dir():
            names = {str(p) for p in path.rglob("*") if not p.is_dir()}
            found = sorted(Path(name) for name in names if not is_sidecar(name, names))
            yield from ((p, file_id(p.relative_to(path).as_posix())) for p in found)
        elif path.exists() or path.is_symlink():
            yield path, file_id(path.name)
        else:
            raise SettingError(f"{path}: no such file or folder")


def raws(
    files: Iterable[tuple[Path, str]],
    policy: Policy,
    skipped: Counter[str],
    sources: Sequence[Source] = (),
    done: Callable[[int], None] = lambda _: None,
    read: Callable[..., Iterator[RawDocument]] = read,
) -> Iterator[RawDocument]:
    """The raw documents of files; what cannot be read becomes a rejection further on, with the cause.

    `read` is `records.read`, or what does the same in an interpreter of its own.
    """
    for path, id_ in files:
        file = RawDocument(id_, b"", uri=str(path))
        about = told(sources, "", id_)
        try:
            about = replace(about, given={**about.given, **_sidecar(path)})
            with path.open("rb") as stream:
                yield from read(stream, file, policy, told=about, skipped=skipped)
        except OSError as error:
            yield replace(file, problem=(RejectReason.UNREADABLE, f"{path}: {error.strerror or error}"))
        done(1)


def _sidecar(path: Path) -> dict[str, str]:
    sidecar = path.with_name(path.name + SUFFIX)
    if not sidecar.is_file():
        return {}
    try:
        return parse(sidecar.read_bytes())
    except ValueError as error:
        raise OSError(f"its sidecar {sidecar.name} cannot be read: {error}") from error


def one_record(file: Path, policy: Policy) -> RawDocument:
    """The document of a file, or the one that `#n` after its name asks for; the first of several."""
    asked, path = file.name, file
    while not path.exists() and "#" in path.name:
        path = path.with_name(path.name.rpartition("#")[0])
    if not path.exists():
        raise SettingError(f"{file}: no such file")
    for raw in raws([(path, path.name)], policy, Counter()):
        if raw.id == asked or path == file:
            return raw
    raise SettingError(f"{file}: {path.name} has no such record")
