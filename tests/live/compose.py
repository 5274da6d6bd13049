"""The environment that docker-compose.yml gives Airflow, for processes on this machine: read from the file, so that both are one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[2] / "docker-compose.yml"
# ${NAME}, ${NAME:-default}, ${NAME:?what is wrong without it}
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


class Missing(RuntimeError):
    """A variable that the file requires is not set; the message is the file's."""


def services(variables: Mapping[str, str]) -> dict[str, Any]:
    """The services of the file with its variables filled in. Raises Missing, as Docker would refuse to start."""
    text = re.sub(r"^\s*#.*$", "", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: dict[str, Any] = yaml.safe_load(_VARIABLE.sub(lambda match: _value(match, variables), text))["services"]
    return found


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    name, kind, word = match.groups()
    if variables.get(name):
        return variables[name]
    if kind == "?":
        raise Missing(f"{name} {word}")
    return word if kind == "-" else ""


def environment(service: str, variables: Mapping[str, str], places: Mapping[str, str]) -> dict[str, str]:
    """The environment of a service, with the names that only containers know replaced by this machine's.

    `places` maps for instance `@postgres/` to `@127.0.0.1:5433/`.
    """
    found = {name: "" if value is None else str(value) for name, value in services(variables)[service]["environment"].items()}
    for ours, here in places.items():
        found = {name: value.replace(ours, here) for name, value in found.items()}
    return found
