"""Reads raw files in an interpreter of its own, which a hostile archive or a parser's defect may hang or crash without taking a run along.

The reader works ahead as far as its link holds. Each record has its time, told by the processor's clock, so that a slow
disk or a slow consumer is no file's fault. A file that fells the reader is read once more, record by record; what fells it
again, and what follows that in the file, is one raw document with its problem.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from typing import BinaryIO, NamedTuple

from . import fence
from .errors import Unreadable, WorkerLost
from .model import RawDocument, RejectReason, Told
from .policy import Policy
from .records import number_of_record, unread

SECONDS = 60.0  # of processor time for one record, what is skipped before it included
READ = "copydesk.records:placed"
_BATCH, _BATCH_BYTES = 16, 1_000_000  # records that cross the link at once


class Share(NamedTuple):
    """The part of a file's records that a task takes: those read when at least `first` and fewer than `last` of its bytes were taken."""

    first: int = 0
    last: int | None = None  # None is the end

    @classmethod
    def of(cls, part: int, parts: int, size: int) -> Share:
        """That of one of several tasks that take a file of `size` bytes together."""
        return cls(part * size // parts, (part + 1) * size // parts if part + 1 < parts else None)

    def has(self, at: int) -> bool:
        return self.first <= at and not self.is_before(at)

    def is_before(self, at: int) -> bool:
        return self.last is not None and self.last <= at


class _Task(NamedTuple):
    """What the interpreter is sent with an open file."""

    file: RawDocument
    policy: Policy
    told: Told
    share: Share
    seconds: float
    one_by_one: bool
    function: str


_Fed = tuple[int, int, RawDocument | None]  # bytes taken, number of the record, None for one of another share
_WHOLE = Share()


@contextmanager
def reader(seconds: float = SECONDS, function: str = READ) -> Iterator[Reader]:
    """A reader; its interpreter is gone when the block ends. `function` names what reads one file, as `module:name`."""
    found = Reader(seconds, function)
    try:
        yield found
    finally:
        found.dismiss()


@dataclass(slots=True)
class Reader:
    """Reads files, one at a time. `fell` tells of each file that felled it twice the last record before that."""

    seconds: float
    function: str
    fell: dict[str, int] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    link: Connection | None = None
    busy: bool = False  # it may have more to say of a file that nobody asks for any more

    def read(
        self,
        stream: BinaryIO,
        file: RawDocument,
        policy: Policy,
        *,
        told: Told | None = None,
        skipped: Counter[str] | None = None,
        share: Share = _WHOLE,
    ) -> Iterator[RawDocument]:
        """As `records.read`, for a file on this machine, and the records of `share` only.

        Raises OSError for the machine's trouble, and WorkerLost when no interpreter can start.
        """
        last: _Fed = (0, 0, None)
        given = status = 0
        for one_by_one in (False, True):
            self._give(stream, _Task(file, policy, told or Told(), share, self.seconds, one_by_one, self.function))
            seen = 0
            while isinstance(message := self._heard(), list):
                for last in message:
                    raw = last[2]
                    seen += raw is not None
                    if raw is not None and seen > given:
                        given = seen
                        yield raw
            if isinstance(message, OSError):
                raise message
            if isinstance(message, Counter):
                if skipped is not None:
                    skipped.update(message)
                return
            status = message
        at, number, _ = last
        self.fell[file.id] = number
        if share.has(at):
            yield unread(file, number or min(given, 1), _unreadable(status, self.seconds))

    def _give(self, stream: BinaryIO, task: _Task) -> None:
        if self.busy:
            self.dismiss()
        link = self._started()
        self.busy = True
        with suppress(OSError):  # it died while idle: its link says so next
            link.send(task)
            send_handle(link, stream.fileno(), None)

    def _heard(self) -> list[_Fed] | Counter[str] | OSError | int:
        """What it says of a file: records, at last what it skipped; the machine's trouble; or the status with which it ended."""
        assert self.process
        assert self.link
        try:
            message: list[_Fed] | Counter[str] | OSError = self.link.recv()
        except (EOFError, OSError):
            status = self.process.wait()
            self.dismiss()
            return status
        self.busy = isinstance(message, list)
        return message

    def _started(self) -> Connection:
        if self.link is None:
            self.process, self.link = fence.start(__name__)
            if isinstance(status := self._heard(), int):
                raise WorkerLost(f"a reader ended before it could start ({fence.cause(status)}): its standard error tells why")
        return self.link

    def dismiss(self) -> None:
        """End the interpreter; the next file gets another."""
        if self.process and self.link:
            self.process.kill()  # it holds nothing that anybody needs
            self.process.wait()
            self.link.close()
        self.process, self.link, self.busy = None, None, False


def _unreadable(status: int, seconds: float) -> Unreadable:
    if status == -signal.SIGPROF:
        return Unreadable(RejectReason.TIMEOUT, f"reading it took more than {seconds:g} s of processor time, twice")
    return Unreadable(RejectReason.CRASH, f"the reader died of it twice: {fence.cause(status)}")


def main() -> None:
    """What the interpreter does: it reads files for its parent until that closes the link or is gone."""
    with fence.entered(signal.SIGPROF) as link:
        link.send(Counter())  # it has started
        while True:
            task: _Task = link.recv()
            with os.fdopen(recv_handle(link), "rb") as stream:
                if stream.seekable():
                    stream.seek(0)
                _feed(link, stream, task)


def _feed(link: Connection, stream: BinaryIO, task: _Task) -> None:
    """Send a file's records of the share, and what was skipped before them; what is skipped at the end is the last share's."""
    waiting: list[_Fed] = []
    skipped: Counter[str] = Counter()
    before: Counter[str] = Counter()
    size = 0
    placed = fence.function(task.function)(stream, task.file, task.policy, told=task.told, skipped=before)
    while True:
        try:
            with fence.bounded(signal.ITIMER_PROF, task.seconds):
                found = next(placed, None)
        except OSError as error:
            link.send(error)
            return
        if found is None or task.share.is_before(found[0]):
            break
        at, raw = found
        if task.share.has(at):
            skipped.update(before)
            waiting.append((at, number_of_record(raw.id), raw))
            size += len(raw.data)
        elif task.one_by_one:
            waiting.append((at, number_of_record(raw.id), None))
        before.clear()
        if waiting and (task.one_by_one or len(waiting) >= _BATCH or size >= _BATCH_BYTES):
            link.send(waiting)
            waiting, size = [], 0
    if task.share.last is None:
        skipped.update(before)
    link.send(waiting)
    link.send(skipped)


if __name__ == "__main__":
    main()
