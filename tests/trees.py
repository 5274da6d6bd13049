"""Small raw trees for tests."""

from __future__ import annotations

from pathlib import Path

from copydesk.corpus import store

STORY = """Ferry timetable changes

The ferry will leave {n} minutes later from Monday, the port authority said.

The old times had stood for {n} years.
"""
PAGE = """<html><head><title>Bridge {n} opens</title></head><body><nav><a href=/>Home</a></nav>
<article><h1>Bridge {n} opens</h1>{body}</article></body></html>"""
PARAGRAPH = "<p>The bridge over the river opened on Friday after {n} months of work, the council said in a statement.</p>"


def make(raw: Path, date: str, files: int = 12) -> Path:
    """A date of `files` files over three sources: stories, pages, one duplicate, one empty and one binary file."""
    for n in range(files):
        folder = raw / date / ("wire", "gazette", "notes")[n % 3]
        folder.mkdir(parents=True, exist_ok=True)
        if n % 2:
            (folder / f"{n:04d}.html").write_text(PAGE.format(n=n, body=PARAGRAPH.format(n=n) * 3), encoding="utf-8")
        else:
            (folder / f"{n:04d}.txt").write_text(STORY.format(n=n), encoding="utf-8")
    (raw / date / "wire" / "copy.txt").write_text(STORY.format(n=0), encoding="utf-8")
    (raw / date / "wire" / "empty.txt").write_bytes(b"")
    (raw / date / "notes" / "junk.html").write_bytes(bytes(range(256)) * 8)
    return raw


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def upload(folder: Path, uri: str) -> str:
    """Put a folder on an object store; returns where."""
    target = store.at(uri)
    target.fs.put(f"{folder}/", f"{target.path}/", recursive=True)
    return uri
