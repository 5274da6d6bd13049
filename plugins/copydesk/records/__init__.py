"""Records: a raw file of any format to its raw documents, one a record, streamed.

`read` unwraps compressions, tells the format by the content and then by the name, and hands the file to the
format's reader. A record that cannot be read comes out as a raw document with its problem, and becomes a reject.
"""

from __future__ import annotations

from .formats import FORMATS, Format
from .layout import BELOW, Layout
from .reader import days, file_id, file_of_record, number_of_record, placed, read, unread
from .sidecar import SUFFIX as SIDECAR
from .sidecar import is_sidecar
from .sidecar import parse as parse_sidecar
from .sources import Source, Sources
from .sources import parse as parse_sources
from .sources import told as told_by

__all__ = [
    "BELOW",
    "FORMATS",
    "SIDECAR",
    "Format",
    "Layout",
    "Source",
    "Sources",
    "days",
    "file_id",
    "file_of_record",
    "is_sidecar",
    "number_of_record",
    "parse_sidecar",
    "parse_sources",
    "placed",
    "read",
    "told_by",
    "unread",
]
