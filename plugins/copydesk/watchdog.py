"""A guard around cleaning: a document that hangs or crashes costs one row, and its neighbours survive.

Workers are interpreters of their own, started afresh (Airflow and Celery tasks may be daemonic and have
threads: neither forks well), each with a limit on its memory. Results come in input order, whatever the
number of workers.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection, wait

from .model import Extraction, RawDocument, Rejection, RejectReason
from .policy import Policy

Result = Extraction | Rejection
CLEAN = "copydesk.pipeline:clean_document"
_BATCH_DOCUMENTS = 16
_BATCH_BYTES = 1_000_000
_READ_AHEAD = 64
_MEMORY = 4 << 30  # address space of one worker, in bytes


@dataclass(frozen=True, slots=True)
class _Job:
    """A document with its place in the input; `alone` when it has felled a worker once."""

    index: int
    raw: RawDocument
    alone: bool = False


@dataclass(slots=True)
class _Worker:
    """One interpreter, its end of the line, and the documents that it has not answered yet."""

    process: subprocess.Popen[bytes]
    line: Connection
    open: deque[_Job] = field(default_factory=deque)
    deadline: float = 0.0


def clean_guarded(
    raws: Iterable[RawDocument], policy: Policy, *, workers: int = 1, seconds: float = 60.0, function: str = CLEAN
) -> Iterator[Result]:
    """The result of each raw document, in order. A document on which a worker dies, or does not answer for
    `seconds`, is tried once more alone; then it is a Rejection `crash` or `timeout`.

    `function` names what a worker runs on each document, as "module:function".
    """
    guard = _Guard(policy, seconds, function, workers)
    try:
        yield from guard.run(iter(raws))
    finally:
        guard.close()


class _Guard:
    """The workers, what waits for them, and the results that wait for their turn."""

    def __init__(self, policy: Policy, seconds: float, function: str, workers: int) -> None:
        self.policy, self.seconds, self.function, self.limit = policy, seconds, function, workers
        self.workers: list[_Worker] = []
        self.waiting: deque[_Job] = deque()
        self.done: dict[int, Result] = {}

    def run(self, raws: Iterator[RawDocument]) -> Iterator[Result]:
        taken = given = 0
        exhausted = False
        while True:
            while not exhausted and taken - given < _READ_AHEAD * self.limit:
                raw = next(raws, None)
                if raw is None:
                    exhausted = True
                    break
                self.waiting.append(_Job(taken, raw))
                taken += 1
            while given in self.done:
                yield self.done.pop(given)
                given += 1
            if exhausted and given == taken:
                return
            self._hand_out()
            self._collect()

    def _hand_out(self) -> None:
        """Give every idle worker a batch; start workers while there is work for them."""
        while self.waiting:
            idle = next((w for w in self.workers if not w.open), None)
            if idle is None:
                if len(self.workers) >= self.limit:
                    return
                idle = self._start()
            batch = self._batch()
            idle.open.extend(batch)
            idle.deadline = time.monotonic() + self.seconds
            try:
                idle.line.send([job.raw for job in batch])
            except OSError:
                self._felled(idle, RejectReason.CRASH)

    def _batch(self) -> list[_Job]:
        batch = [self.waiting.popleft()]
        size = len(batch[0].raw.data)
        while self.waiting and not batch[0].alone and not self.waiting[0].alone and len(batch) < _BATCH_DOCUMENTS:
            size += len(self.waiting[0].raw.data)
            if size > _BATCH_BYTES:
                break
            batch.append(self.waiting.popleft())
        return batch

    def _collect(self) -> None:
        """Wait for answers until the next deadline; end the workers that have passed theirs."""
        busy = {w.line: w for w in self.workers if w.open}
        nearest = min((w.deadline for w in busy.values()), default=0.0)
        for line in wait(list(busy), max(0.0, nearest - time.monotonic())):
            worker = busy[line]  # type: ignore[index]
            try:
                result = worker.line.recv()
            except (EOFError, OSError):
                self._felled(worker, RejectReason.CRASH)
                continue
            self.done[worker.open.popleft().index] = result
            worker.deadline = time.monotonic() + self.seconds
        for worker in [w for w in self.workers if w.open and time.monotonic() > w.deadline]:
            self._felled(worker, RejectReason.TIMEOUT)

    def _felled(self, worker: _Worker, reason: RejectReason) -> None:
        """End a worker; its first open document is the suspect, the others go back to the front."""
        status = _end(worker)
        self.workers.remove(worker)
        suspect, *others = worker.open
        self.waiting.extendleft(reversed(others))
        if suspect.alone:
            raw = suspect.raw
            detail = f"no answer in {self.seconds:g} s" if reason is RejectReason.TIMEOUT else f"the worker ended with {status}"
            self.done[suspect.index] = Rejection(raw.id, raw.source, raw.uri, reason, f"{detail}, twice; the second time alone")
        else:
            self.waiting.appendleft(_Job(suspect.index, suspect.raw, alone=True))

    def _start(self) -> _Worker:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "copydesk.watchdog", str(theirs.fileno()), str(int(2 * self.seconds) + 10)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        with theirs:
            process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        worker = _Worker(process, Connection(ours.detach()))
        worker.line.send((self.policy, self.function))
        self.workers.append(worker)
        return worker

    def close(self) -> None:
        for worker in self.workers:
            _end(worker)


def _end(worker: _Worker) -> str:
    """Close the line, kill the process if it has not ended, and say how it ended."""
    code = worker.process.poll()
    if code is None:
        try:  # a worker that is dying has closed its line already: let it tell how
            code = worker.process.wait(0.2 if worker.open else 0)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            code = worker.process.wait()
    worker.line.close()
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"


def serve(fd: int, alarm: int) -> None:
    """A worker's life: answer each document of each batch, until the line closes.

    The alarm ends a worker that hangs after its parent is gone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    line = Connection(fd)
    policy, name = line.recv()
    module, _, attribute = name.partition(":")
    function: Callable[[RawDocument, Policy], Result] = getattr(import_module(module), attribute)
    while True:
        try:
            batch = line.recv()
        except EOFError:
            return
        for raw in batch:
            signal.alarm(alarm)
            try:
                line.send(function(raw, policy))
            except BrokenPipeError:
                return
            signal.alarm(0)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
