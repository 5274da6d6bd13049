"""sources.yaml and sidecars: what a source's files do not tell themselves, and errors that name the line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from copydesk import jobs
from copydesk.corpus import reading_back
from copydesk.errors import SettingError
from copydesk.records import Sources, parse_sources, told_by
from copydesk.records.rows import FIELDS
from copydesk.records.sources import SETTINGS
from tests.records.five import FIVE

DAY = "2026-11-02"
SOURCES = """\
sources:
  - source: agency-*
    path: "*.txt"
    format: jsonl
    fields:
      text: [body.plain, corpo]
      title: titulo
      date: quando
    timezone: Europe/Lisbon
    language: pt
  - encoding: windows-1251
"""
ROW = {"titulo": FIVE[0].title, "body": {"plain": FIVE[0].text}, "quando": "2026-07-02 08:30:00"}


def _run(tmp_path: Path, files: dict[str, bytes], sources: str = "") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    for name, data in files.items():
        path = tmp_path / "raw" / DAY / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    home = tmp_path / "home"
    (home / "state").mkdir(parents=True, exist_ok=True)
    if sources:
        (home / "state" / "sources.yaml").write_text(sources)
    jobs.run_date(DAY, raw=str(tmp_path / "raw"), home=str(home))
    return list(reading_back.articles(str(home), DAY)), list(reading_back.rejects(str(home), DAY))


def test_a_source_s_own_names_of_fields_its_zone_and_its_format(tmp_path: Path) -> None:
    (row,), rejects = _run(tmp_path, {"agency-a/export.txt": json.dumps(ROW).encode()}, SOURCES)
    assert rejects == []
    assert (row["id"], row["title"], row["published_at"]) == ("agency-a/export.txt#1", FIVE[0].title, "2026-07-02T08:30:00+01:00")
    assert row["text"] == FIVE[0].body


def test_the_first_entry_that_fits_decides_and_others_fill_in() -> None:
    sources = parse_sources(SOURCES, "sources.yaml").entries
    told = told_by(sources, "agency-a", "x.txt")
    assert (told.format, told.given["encoding"], told.given["default_language"]) == ("jsonl", "windows-1251", "pt")
    assert told.fields["text"] == ("body.plain", "corpo")
    assert told_by(sources, "other", "x.txt").format == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sources:\n  - source: a\n    fromat: csv\n", "line 3: unknown setting 'fromat'; known are source"),
        ("sources:\n  - format: xls\n", "line 2: format: 'xls' must be one of warc"),
        ("sources:\n  - timezone: Lisbon\n", "line 2: timezone: 'Lisbon' must be a zone"),
        ("sources:\n  - fields:\n      body: x\n", "line 3: unknown setting 'body'"),
        ("sources:\n  source: a\n", "line 2: sources must be a list"),
        ("sources:\n  - source: [a\n", "line 3: not YAML"),
        ("sources:\n  - source: a\n    source: b\n", "line 3: source stands twice"),
        ("sources: &a\n  - *a\n", "line 2: aliases"),
        ("- a\n", "line 1: expected settings"),
        ("landing:\n  - path: 'x/**'\n", "line 2: path: 'x/**': its {date} must tell a whole day"),
        ("landing:\n  - path: '{date:%Y-%m}/**'\n", "must tell a whole day"),
        ("landing:\n  - source: x\n", "line 2: an entry of landing has a path"),
        ("landing:\n  - path: a/**\n    date: mtime\n", "line 3: date: 'mtime' must be one of path, record, file time"),
        ("landing:\n  - path: '{date}/**/x'\n", "** stands alone at the end"),
        ("landing:\n  - path: '{date}/{site}/x'\n", "the fields of a path"),
        ("landing:\n  - path: '../{date}/x'\n", "a path below the raw root"),
        ("landing:\n  - path: '{date:%Q}'\n", "%Q is no code of a date"),
        ("landing:\n  path: x\n", "line 2: landing must be a list"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, says: str) -> None:
    with pytest.raises(SettingError) as error:
        parse_sources(text, "sources.yaml")
    assert says in str(error.value)
    assert str(error.value).startswith("sources.yaml")


def test_nothing_is_an_empty_file() -> None:
    assert parse_sources("", "x") == parse_sources("sources:\n", "x") == Sources()


def test_a_sidecar_tells_of_its_file_and_is_none_itself(tmp_path: Path) -> None:
    sidecar = {"url": "https://g.example/1", "authors": ["Ana Lume"], "published_at": "2026-11-01", "id": "k7", "encoding": "windows-1252"}
    files = {
        "wire/a.txt": f"{FIVE[0].title}\n\n{FIVE[0].body} Olá €.".encode("cp1252"),
        "wire/a.txt.meta.json": json.dumps(sidecar).encode(),
        "wire/b.txt": FIVE[1].text.encode(),
        "wire/b.txt.meta.json": b"{broken",
    }
    (row,), (reject,) = _run(tmp_path, files)
    assert (row["url"], row["authors"], row["published_at"], row["record_id"]) == ("https://g.example/1", ["Ana Lume"], "2026-11-01", "k7")
    assert row["text"].endswith("Olá €.")
    assert (reject["id"], reject["reason"]) == ("wire/b.txt", "unreadable")
    assert "its sidecar b.txt.meta.json cannot be read" in reject["detail"]


def test_what_is_told_is_part_of_the_input_so_that_a_change_makes_dates_stale(tmp_path: Path) -> None:
    files = {"wire/a.txt": FIVE[0].text.encode(), "wire/a.txt.meta.json": b'{"author": "Ana Lume"}'}
    _run(tmp_path, files)
    raw, home = str(tmp_path / "raw"), str(tmp_path / "home")
    assert jobs.audit(raw, home) == []
    (tmp_path / "raw" / DAY / "wire" / "a.txt.meta.json").write_bytes(b'{"author": "Jon Ferro"}')
    assert "input changed" in jobs.audit(raw, home)[0]["why"][0]
    _run(tmp_path, {})
    (tmp_path / "home" / "state" / "sources.yaml").write_text("sources:\n  - source: other\n    language: pt\n")
    assert jobs.audit(raw, home) == [], "for another source"
    (tmp_path / "home" / "state" / "sources.yaml").write_text("sources:\n  - source: wire\n    language: pt\n")
    assert "input changed" in jobs.audit(raw, home)[0]["why"][0]


def test_the_command_takes_sources_and_sidecars(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.dat").write_text(json.dumps(ROW))
    (tmp_path / "in" / "y.txt").write_text(FIVE[1].text)
    (tmp_path / "in" / "y.txt.meta.json").write_text('{"title": "Given"}')
    (tmp_path / "s.yaml").write_text("sources:\n  - path: '*.dat'\n    format: jsonl\n    fields: {text: body.plain}\n")
    command = [sys.executable, "-m", "copydesk", "clean", tmp_path / "in", "--sources", tmp_path / "s.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert rows["x.dat#1"]["text"] == FIVE[0].body
    assert rows["y.txt"]["title"] == "Given"
    assert set(rows) == {"x.dat#1", "y.txt"}


def test_the_readme_explains_every_setting_and_field() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert [name for name, explains in SETTINGS.items() if f"| `{name}` | {explains} |" not in readme] == []
    assert [name for name in FIELDS if f"`{name}`" not in readme] == []
