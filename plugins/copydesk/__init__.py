"""Copydesk: raw article files in, clean text out, with a receipt for every cut.

`clean` and the nouns load on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .model import Extraction, RawDocument, Rejection
    from .pipeline import clean
    from .policy import Policy

__version__ = "0.1.0"
__all__ = ["Extraction", "Policy", "RawDocument", "Rejection", "clean"]

_HOME = {"clean": "pipeline", "Policy": "policy", "Extraction": "model", "RawDocument": "model", "Rejection": "model"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'copydesk' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
