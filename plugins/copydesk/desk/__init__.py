"""The desk: pages inside the Airflow UI on which a person sees every cut of a published date, and why it was made.

`create` makes the ASGI app that the plugin mounts. It reads committed dates only; raw articles are hostile, so all that
is shown is escaped text under a strict Content-Security-Policy.
"""

from __future__ import annotations

from .app import Access, create

__all__ = ["Access", "create"]
