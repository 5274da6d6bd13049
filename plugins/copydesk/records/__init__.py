"""Records: a raw file of any format to its raw documents, one a record, streamed.

`read` unwraps compressions, tells the format by the content and then by the name, and hands the file to the
format's reader. A record that cannot be read comes out as a raw document with its problem, and becomes a reject.
"""

from __future__ import annotations

from .formats import FORMATS, Format
from .reader import file_id, file_of_record, read

__all__ = ["FORMATS", "Format", "file_id", "file_of_record", "read"]
