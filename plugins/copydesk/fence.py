"""Interpreters of their own for what may hang or crash: how they start, what bounds them, and what their end means."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

MEMORY = 6 * 2**30  # address space of a worker; cleaning the largest development page maps less than a sixth of it


def start(module: str) -> tuple[subprocess.Popen[bytes], Connection]:
    """A new interpreter that runs a module of ours, and the link to it. The module's `main` is to enter the fence."""
    ours, theirs = Pipe()
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter on our own module
            [sys.executable, "-P", "-m", module, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # ours may be a stream of results
            env=os.environ | _environment(),
        )
    return process, ours


def cause(status: int) -> str:
    """The end of an interpreter in words."""
    if status >= 0:
        return f"exit status {status}"
    name = next((s.name for s in signal.Signals if s == -status), "unknown")
    return f"signal {-status} ({name})"


@contextmanager
def entered(timer: signal.Signals) -> Iterator[Connection]:
    """What such an interpreter does first: it bounds its memory, has no network, and ends by the signal of its timer.

    Gives the link to its parent; the block ends when the parent closes it or is gone.
    """
    with suppress(ValueError, OSError):  # a lower limit that is set already stands
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    signal.signal(timer, signal.SIG_DFL)  # a parent's ignored or blocked signals are inherited
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {timer})
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes the link
    sys.addaudithook(_no_network)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError), Connection(int(sys.argv[1])) as link:
        yield link


@contextmanager
def bounded(timer: int, seconds: float) -> Iterator[None]:
    """What takes longer by this timer (`signal.ITIMER_...`) ends the interpreter."""
    signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)


def function(name: str) -> Callable[..., Any]:
    """What `module:name` names."""
    module, _, attribute = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), attribute)
    return found


def _environment() -> dict[str, str]:
    """A worker imports from where its parent does, and computes on one thread."""
    here = str(Path(__file__).parents[1])
    path = [os.path.abspath(entry) for entry in sys.path]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {"PYTHONPATH": os.pathsep.join(dict.fromkeys([*path, here])), **threads}


def _no_network(event: str, _: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        raise PermissionError(f"cleaning never touches the network ({event})")
