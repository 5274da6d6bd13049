"""Linear algebra on one thread: a document's matrices are small, and the idle threads of a library cost as much again as all the work."""

from __future__ import annotations

from contextlib import ContextDecorator
from functools import lru_cache
from threading import Lock

from threadpoolctl import LibController, ThreadpoolController


class OneThread(ContextDecorator):
    """Within it numpy multiplies on one thread; the last of several threads that were in it gives numpy its threads back."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = [(library, library.get_num_threads()) for library in _libraries()]
                for library, _ in self._before:
                    library.set_num_threads(1)
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                for library, threads in self._before:
                    library.set_num_threads(threads)


@lru_cache(maxsize=1)
def _libraries() -> list[LibController]:
    """The linear algebra library that numpy has loaded; threadpoolctl's own limits look it up anew each time, ten times as long."""
    libraries: list[LibController] = ThreadpoolController().select(user_api="blas").lib_controllers
    return libraries


one_thread = OneThread()
