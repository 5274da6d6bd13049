"""Browsing: pages of a published table, in any order, and one row by its id, without loading the table.

A table is sorted by (source, id) in row groups of a thousand. What orders or filters it is read as single columns, kept
for a while as arrays of four bytes a row; of the rows that a page shows only their row groups are read. Row groups are small:
Arrow's threads would cost more than they bring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..characters import Column
from ..errors import SettingError
from . import reading_back, store
from .remembered import Memory

# Orders of articles: the column, and whether its largest values come first.
ORDERS: dict[str, tuple[str, bool]] = {
    "doubtful first": ("doubt", True),
    "most cut first": ("quality.kept_share", False),
    "least cut first": ("quality.kept_share", True),
    "longest first": ("word_count", True),
    "shortest first": ("word_count", False),
    "by id": ("", False),
}
_REMEMBERED = 32  # columns and orders, each of a few bytes a row
_BATCH = 64


class Query(NamedTuple):
    """Which rows, in which order: an order of ORDERS, a source, a reason of a cut or reject, words of the title or id."""

    order: str = "by id"
    source: str = ""
    reason: str = ""
    search: str = ""


_COLUMNS = Memory(_REMEMBERED)
_FOOTERS = Memory(2_000)
_METADATA = Memory(16)  # of open tables: a megabyte or so for a date of 100,000 documents


@dataclass(slots=True)
class Table:
    """A published table of a date, open: whatever is read of it is of one version, also while another is published."""

    home: str
    name: str
    date: str
    parquet: pq.ParquetFile
    version: str

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.parquet.close(force=True)

    def __len__(self) -> int:
        return int(self.parquet.metadata.num_rows)

    def select(self, query: Query) -> Column:
        """The numbers of the rows that a query finds, in its order."""
        numbers: Column = self._remembered(("select", *query), lambda: self._select(query))
        return numbers

    def take(self, numbers: Sequence[int], columns: Sequence[str]) -> list[dict[str, Any]]:
        """These rows, in this order, with these columns; reads the row groups that they stand in."""
        firsts = self._firsts()
        groups = np.searchsorted(firsts, numbers, side="right") - 1
        found: dict[int, dict[str, Any]] = {}
        for group in sorted({int(group) for group in groups}):
            mine = [number for number, its in zip(numbers, groups, strict=True) if its == group]
            table = self.parquet.read_row_group(group, columns=list(columns), use_threads=False)
            rows = table.take(_arrow(pa.int64(), np.array(mine, np.int64) - firsts[group])).to_pylist()
            found.update(zip(mine, rows, strict=True))
        return [found[number] for number in numbers]

    def find(self, id_: str) -> dict[str, Any] | None:
        """The row of an id, whole; None when there is none."""
        for group in range(self.parquet.metadata.num_row_groups):
            if not self._may_have(group, "id", id_):
                continue
            ids = self.parquet.read_row_group(group, columns=["id"], use_threads=False)["id"].to_pylist()
            if id_ in ids:
                return self._row(group, ids.index(id_))
        return None

    def batches(self, columns: Sequence[str], source: str = "") -> Iterator[pa.RecordBatch]:
        """The rows with these columns, of one source when it is given, a small batch at a time."""
        groups = [group for group in range(self.parquet.metadata.num_row_groups) if self._may_have(group, "source", source)]
        for batch in self.parquet.iter_batches(batch_size=_BATCH, row_groups=groups, columns=[*columns, "source"], use_threads=False):
            found = batch.filter(_equal(batch["source"], source)) if source else batch
            if len(found):
                yield found

    def _may_have(self, group: int, column: str, value: str) -> bool:
        """Whether a row group may have a row with this value, as far as its footer tells; "" is any value."""
        known = self.parquet.metadata.row_group(group).column(self.parquet.schema_arrow.get_field_index(column)).statistics
        return not (value and known and known.has_min_max) or known.min <= value <= known.max

    def _row(self, group: int, at: int) -> dict[str, Any]:
        for batch in self.parquet.iter_batches(batch_size=_BATCH, row_groups=[group], use_threads=False):
            if at < len(batch):
                row: dict[str, Any] = batch.slice(at, 1).to_pylist()[0]
                return row
            at -= len(batch)
        raise AssertionError("a row group is shorter than its ids")

    def _firsts(self) -> Column:
        sizes = [self.parquet.metadata.row_group(group).num_rows for group in range(self.parquet.metadata.num_row_groups)]
        return np.cumsum([0, *sizes])[:-1]

    def _remembered(self, what: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        return _COLUMNS.get((self.home, self.name, self.date, self.version, *what), make)

    def _select(self, query: Query) -> Column:
        keep = np.ones(len(self), np.bool_)
        if query.source:
            keep &= self._remembered(("source", query.source), lambda: self._flat("source", lambda c: _equal(c, query.source)))
        if query.reason:
            keep &= self._remembered(("reason", query.reason), lambda: self._with_reason(query.reason))
        if query.search:
            keep &= self._matching(query.search)
        numbers = np.flatnonzero(keep)
        column, largest_first = ORDERS.get(query.order, ("", False))
        if not column:
            return numbers.astype(np.int32)
        values = self._remembered(("column", column), lambda: self._figures(column))[numbers]
        ordered: Column = numbers[np.argsort(-values if largest_first else values, kind="stable")].astype(np.int32)
        return ordered

    def _figures(self, column: str) -> Column:
        table = self.parquet.read(columns=[column], use_threads=False)
        for _ in column.split(".")[1:]:
            table = table.flatten()
        noughts = _arrow(pa.float32(), np.zeros(len(table), np.float32))
        figures: Column = np.nan_to_num(_values(pc.coalesce(pc.cast(table[0], pa.float32()), noughts)))
        return figures

    def _flat(self, column: str, holds: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> Column:
        return _truths(holds(self.parquet.read(columns=[column], use_threads=False)[column]))

    def _matching(self, search: str) -> Column:
        names = [name for name in ("title", "id", "detail") if name in self.parquet.schema_arrow.names]
        columns = [self._flat(name, lambda c: pc.match_substring(c, search, ignore_case=True)) for name in names]
        found: Column = np.logical_or.reduce(columns)
        return found

    def _with_reason(self, reason: str) -> Column:
        if "removed" not in self.parquet.schema_arrow.names:
            return self._flat("reason", lambda c: _equal(c, reason))
        keep = np.zeros(len(self), np.bool_)
        at = 0
        for batch in self.parquet.iter_batches(batch_size=4096, columns=["removed.list.element.reason"], use_threads=False):
            cuts = batch["removed"]
            mine = _truths(_equal(pc.struct_field(pc.list_flatten(cuts), "reason"), reason))
            keep[at + _values(pc.list_parent_indices(cuts))[mine]] = True
            at += len(batch)
        return keep


# Whatever of Python's or numpy's Arrow takes or gives by itself, it first asks pandas about, where that is installed: half a second and
# 35 MB in Airflow's API server. Hence these four.


def _equal(column: pa.Array | pa.ChunkedArray, value: str) -> pa.Array | pa.ChunkedArray:
    """Which of a column's strings are `value`."""
    distinct = pc.unique(column)
    names = distinct.to_pylist()
    return pc.equal(column, distinct[names.index(value)]) if value in names else pc.is_null(pc.is_null(column))


def _truths(found: pa.Array | pa.ChunkedArray) -> Column:
    """Booleans as numpy has them, what is null as false."""
    truths: Column = _values(pc.cast(pc.and_kleene(found, pc.is_valid(found)), pa.uint8())).astype(np.bool_)
    return truths


def _values(figures: pa.Array | pa.ChunkedArray) -> Column:
    """Numbers without a null as numpy has them."""
    values: Column = np.from_dlpack(figures.combine_chunks() if isinstance(figures, pa.ChunkedArray) else figures)
    return values


def _arrow(type_: pa.DataType, numbers: Column) -> pa.Array:
    """Numbers of that type as Arrow takes them."""
    return pa.Array.from_buffers(type_, len(numbers), [None, pa.py_buffer(numbers)])


def opened(home: str, name: str, date: str) -> Table:
    """A table (`articles` or `rejects`) of a published date. Raises SettingError when the date is not published."""
    file = reading_back.path(home, name, date)
    try:
        stream = file.open("rb")
        version = store.version(file, stream)
        metadata = _METADATA.get((home, name, date, version), lambda: pq.read_metadata(stream))
        return Table(home, name, date, pq.ParquetFile(stream, metadata=metadata), version)
    except OSError:
        raise SettingError(f"{date} is not published: there is no {name} table of it") from None
    except pa.ArrowInvalid as error:
        raise SettingError(f"{date}: its {name} table cannot be read ({error}); clean the date again") from None


def footer(home: str, date: str) -> dict[str, str]:
    """The footer of a date's articles, remembered for as long as its file is the same; empty when there is none."""
    file = reading_back.articles_path(home, date)
    version = store.version(file)
    found: dict[str, str] = _FOOTERS.get((home, date, version), lambda: reading_back.read_footer(file)) if version else {}
    return found
