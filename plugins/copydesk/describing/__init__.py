"""Describing: what is known of an article besides its text."""

from __future__ import annotations

from ..language import identify
from .fingerprint import fingerprint
from .metadata import metadata
from .quality import quality

__all__ = ["fingerprint", "identify", "metadata", "quality"]
