"""Cleans documents in interpreters of their own, which may hang or crash without taking anything else along.

A worker asks for a batch, answers document by document, and asks again. The kernel's timer ends it when one document
takes too long: it works where no Python code runs any more, and also when the parent is gone. The parent sees every
death as the end of the worker's link, tries the document it was on once more, alone, and gives its neighbours to others.
"""

from __future__ import annotations

import signal
import subprocess
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

from . import fence
from .errors import SettingError, WorkerLost
from .model import Extraction, RawDocument, Rejection, RejectReason
from .policy import Policy

Result = Extraction | Rejection
Clean = Callable[[RawDocument, Policy], Result]
Task = tuple[int, RawDocument]  # the document and its number in the input
Setup = tuple[str, Policy, float]  # what a worker needs once: the function's name, the policy, the seconds

CLEAN_DOCUMENT = "copydesk.pipeline:clean_document"
BATCH_DOCUMENTS = 16  # a round trip costs about 1 ms, a document 6 ms and more: 1 % and less is lost waiting
BATCH_BYTES = 4_000_000
AHEAD = 4 * BATCH_DOCUMENTS  # documents a worker may be ahead of the one that is due next


def clean_guarded(
    raws: Iterable[RawDocument],
    policy: Policy,
    *,
    workers: int = 1,
    seconds: float = 60,
    function: str = CLEAN_DOCUMENT,
) -> Iterator[Result]:
    """The results of `raws`, one each, in order, cleaned by up to `workers` processes; `raws` is read as it is needed.

    A document that a worker spends `seconds` of wall-clock time on, or dies of, twice, becomes a Rejection `timeout` or
    `crash`. `function` names what cleans one document, as `module:name`. Raises SettingError for unusable arguments,
    and WorkerLost when workers cannot start.
    """
    if workers < 1:
        raise SettingError(f"workers = {workers} must be at least 1")
    if not seconds > 0:
        raise SettingError(f"seconds = {seconds} must be more than 0")
    return _in_order(_Crew(enumerate(raws), (function, policy, seconds), workers))


def _in_order(crew: _Crew) -> Iterator[Result]:
    due = 0
    try:
        while crew.assign(due) or due in crew.done:
            crew.listen(block=due not in crew.done)
            if due in crew.done:
                yield crew.done.pop(due)
                due += 1
    finally:
        crew.dismiss()


@dataclass(slots=True)
class _Worker:
    """One interpreter, and the documents it was given and has not answered: it is on the first of them."""

    process: subprocess.Popen[bytes]
    link: Connection
    given: deque[Task] = field(default_factory=deque)
    started: bool = False  # it has asked for work at least once
    asking: bool = False
    retrying: bool = False  # it was given one document, on which another worker died

    def give(self, tasks: Iterable[Task]) -> None:
        self.given.extend(tasks)
        if self.asking:
            self.send()

    def send(self) -> None:
        self.asking = False
        with suppress(OSError):  # it died while idle: its link says so next, and nothing is lost
            self.link.send([raw for _, raw in self.given])


@dataclass(slots=True)
class _Crew:
    """The workers, the documents on their way, and the results that are not due yet."""

    tasks: Iterator[Task]
    setup: Setup
    limit: int
    again: deque[Task] = field(default_factory=deque)  # given to a worker that died on another document
    done: dict[int, Result] = field(default_factory=dict)
    workers: list[_Worker] = field(default_factory=list)
    taken: int = 0
    exhausted: bool = False

    def assign(self, due: int) -> bool:
        """Give batches to whoever is idle; whether any document is on its way or still to be read."""
        while self._has_hands() and (batch := self._batch(due)):
            self._hands().give(batch)
        return bool(self.again) or not self.exhausted or any(worker.given for worker in self.workers)

    def listen(self, *, block: bool) -> None:
        """Take what the workers have to say: an answer, a request for more, or their end."""
        by_link = {worker.link: worker for worker in self.workers}
        for link in wait(list(by_link), None if block else 0):
            worker = by_link[link]  # type: ignore[index]  # `wait` gives back what it was given
            try:
                message = worker.link.recv()
            except (EOFError, OSError):
                self._bury(worker)
            else:
                self._hear(worker, message)

    def dismiss(self) -> None:
        for worker in self.workers:
            worker.process.kill()  # it holds nothing that anybody needs
            worker.process.wait()
            worker.link.close()

    def _has_hands(self) -> bool:
        return len(self.workers) < self.limit or any(worker.asking for worker in self.workers)

    def _hands(self) -> _Worker:
        return next((worker for worker in self.workers if worker.asking), None) or self._hire()

    def _hire(self) -> _Worker:
        worker = _Worker(*fence.start(__name__))
        with suppress(OSError):  # it died at once: its link says so next
            worker.link.send(self.setup)
        self.workers.append(worker)
        return worker

    def _batch(self, due: int) -> list[Task]:
        batch: list[Task] = []
        size = 0
        while len(batch) < BATCH_DOCUMENTS and size < BATCH_BYTES and (task := self._next(due)):
            batch.append(task)
            size += len(task[1].data)
        return batch

    def _next(self, due: int) -> Task | None:
        if self.again:
            return self.again.popleft()
        if self.taken - due >= self.limit * AHEAD:
            return None
        task = next(self.tasks, None)
        self.exhausted = task is None
        self.taken += task is not None
        return task

    def _hear(self, worker: _Worker, message: Result | None) -> None:
        if message is not None:
            number, _ = worker.given.popleft()
            self.done[number] = message
            return
        worker.started = worker.asking = True
        if worker.given:
            worker.send()
        else:
            worker.retrying = False

    def _bury(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.link.close()
        status = worker.process.wait()
        if not worker.started:
            raise WorkerLost(f"a cleaning worker ended before it could start ({fence.cause(status)}): its standard error tells why")
        if not worker.given:
            return
        victim, *neighbours = worker.given
        self.again.extendleft(reversed(neighbours))
        if worker.retrying:
            self.done[victim[0]] = _rejection(victim[1], status, self.setup[2])
        else:
            fresh = self._hire()
            fresh.retrying = True
            fresh.give([victim])


def _rejection(raw: RawDocument, status: int, seconds: float) -> Rejection:
    if status == -signal.SIGALRM:
        reason, detail = RejectReason.TIMEOUT, f"no answer within {seconds:g} s, twice"
    else:
        reason, detail = RejectReason.CRASH, f"the worker died of it twice: {fence.cause(status)}"
    return Rejection(raw.id, raw.source, raw.uri, reason, detail)


def main() -> None:
    """What a worker does: it asks, cleans and answers until its parent closes the link or is gone."""
    with fence.entered(signal.SIGALRM) as link:
        name, policy, seconds = link.recv()
        clean: Clean = fence.function(name)
        while True:
            link.send(None)
            for raw in link.recv():
                with fence.bounded(signal.ITIMER_REAL, seconds):
                    result = clean(raw, policy)
                link.send(result)


if __name__ == "__main__":
    main()
