"""What the watchdog's tests have its workers run: documents whose text says what becomes of the worker."""

from __future__ import annotations

import os
import resource
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from copydesk import Policy, RawDocument, Rejection
from copydesk.model import RejectReason


def clean(raw: RawDocument, policy: Policy) -> Rejection:
    """A result that tells what the worker saw, unless the document says to hang, crash or eat."""
    what, _, argument = str(raw.data).partition(" ")
    return Rejection(raw.id, raw.source, raw.uri, RejectReason.ERROR, _obey(what, argument, policy))


def placed(stream: BinaryIO, file: RawDocument, policy: Policy, **_: object) -> Iterator[tuple[int, RawDocument]]:
    """The lines of a file as its records, each read once it was obeyed."""
    for number, line in enumerate(stream.read().decode().split("\n"), 1):
        what, _, argument = line.partition(" ")
        if what == "oserror":
            raise OSError(int(argument), os.strerror(int(argument)))
        if what == "eat":
            bytearray(int(argument) * 2**30)
        yield number, replace(file, id=f"{file.id}#{number}", data=_obey(what, argument, policy).removesuffix(f" {policy.fingerprint}"))


def _obey(what: str, argument: str, policy: Policy) -> str:  # noqa: C901 - a case a misdeed
    match what:
        case "hang":
            while True:
                pass
        case "segv":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "exit":
            os._exit(int(argument))
        case "raise":
            raise ValueError("a defect")
        case "flaky" if not Path(argument).exists():
            Path(argument).touch()
            os._exit(1)
        case "eat":
            return _eaten(int(argument))
        case "call":
            return _called(int(argument))
        case "pid":
            return str(os.getpid())
        case "limit":
            return str(resource.getrlimit(resource.RLIMIT_AS)[0])
    return f"{what} {policy.fingerprint}"


def _eaten(gigabytes: int) -> str:
    try:
        return f"had {len(bytearray(gigabytes * 2**30))} bytes"
    except MemoryError:
        return "MemoryError"


def _called(port: int) -> str:
    try:
        with socket.create_connection(("127.0.0.1", port)):
            return "connected"
    except PermissionError:
        return "PermissionError"
