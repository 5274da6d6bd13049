"""Parquet and Arrow: a row a record, a batch of rows in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import Unreadable
from ..model import RejectReason
from .archives import seekable
from .record import Opened, Record
from .rows import FIELDS, record_of

_ROWS = 16  # of a batch: texts are large
_FREE = 1_000_000


def read_parquet(opened: Opened) -> Iterator[Record]:
    """The rows of a Parquet file. Of its columns only those that the fields ask for are read."""
    with seekable(opened) as file:
        try:
            parquet = pq.ParquetFile(file)
            columns = _columns(opened, parquet.schema_arrow.names)
            number = 0
            for group in range(parquet.num_row_groups):
                at = _refuse_bomb(parquet.metadata.row_group(group), opened)
                for batch in parquet.iter_batches(_ROWS, row_groups=[group], columns=columns, use_threads=False):
                    for record in _records(opened, batch, number, at):
                        number = record.number or number
                        yield record
        except (pa.ArrowException, OSError, ValueError) as error:
            raise Unreadable(RejectReason.BROKEN, f"not a whole Parquet file: {error}") from error


def read_arrow(opened: Opened) -> Iterator[Record]:
    """The rows of an Arrow IPC file or stream."""
    with seekable(opened) as file:
        try:
            is_file = file.read(6) == b"ARROW1"
            file.seek(0)
            reader = pa.ipc.open_file(file) if is_file else pa.ipc.open_stream(file)
            batches = (reader.get_batch(i) for i in range(reader.num_record_batches)) if is_file else iter(reader)
            columns = _columns(opened, reader.schema.names)
            number = 0
            for batch in batches:
                batch.validate(full=True)
                for record in _records(opened, batch.select(columns), number, file.tell()):
                    number = record.number or number
                    yield record
        except (pa.ArrowException, OSError, ValueError) as error:
            raise Unreadable(RejectReason.BROKEN, f"not a whole Arrow file: {error}") from error


def _columns(opened: Opened, names: list[str]) -> list[str]:
    wanted = {name.split(".")[0] for field, known in FIELDS.items() for name in opened.fields.get(field, known)}
    found = [name for name in names if name in wanted]
    bodies = {name.split(".")[0] for field in ("html", "text") for name in opened.fields.get(field, FIELDS[field])}
    if not bodies & set(found):
        raise Unreadable(RejectReason.BROKEN, f"no column is known as html or text: {', '.join(names[:20])}; name one in sources.yaml")
    return found


def _records(opened: Opened, batch: pa.RecordBatch, before: int, offset: int) -> Iterator[Record]:
    for at in range(len(batch)):
        row: dict[str, Any] = batch.slice(at, 1).to_pylist()[0]
        record = record_of(opened, before + at + 1, offset, row)
        opened.meter.make(len(record.data), before=0)  # a dictionary of one text may stand for a million rows
        yield record


def _refuse_bomb(group: Any, opened: Opened) -> int:
    """Where a row group begins; raises when it expands beyond the policy, as far as its own figures tell."""
    columns = [group.column(i) for i in range(group.num_columns)]
    packed = sum(c.total_compressed_size for c in columns)
    made = sum(c.total_uncompressed_size for c in columns)
    if made > _FREE and made > packed * opened.policy.max_expansion:
        raise Unreadable(RejectReason.TOO_LARGE, f"a row group of {packed} bytes unpacks to {made} (max_expansion of the policy)")
    return cast("int", min((c.data_page_offset for c in columns), default=0))
