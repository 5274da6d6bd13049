"""The watchdog: a hang or a crash costs one row; order and neighbours survive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from copydesk import Policy, RawDocument
from copydesk.model import Extraction, Rejection, RejectReason
from copydesk.watchdog import clean_guarded

SHOP = "tests.test_watchdog:misbehave"


def misbehave(raw: RawDocument, policy: Policy) -> Rejection:
    """Runs in a worker: does what the document says."""
    match raw.data:
        case b"hang":
            while True:
                time.sleep(60)
        case b"segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"exit":
            os._exit(7)
        case b"once":  # fells the first worker only
            marker = Path(raw.uri)
            if not marker.exists():
                marker.touch()
                os._exit(1)
        case b"memory":
            bytearray(8 << 30)
    return Rejection(raw.id, "", "", RejectReason.EMPTY, str(os.getpid()))


def _run(*data: str, workers: int = 1, uri: str = "") -> list[Rejection]:
    raws = [RawDocument(str(i), d.encode(), uri=uri) for i, d in enumerate(data)]
    results = list(clean_guarded(raws, Policy(), workers=workers, seconds=3, function=SHOP))
    assert [r.id for r in results] == [r.id for r in raws]
    assert all(isinstance(r, Rejection) for r in results)
    return results  # type: ignore[return-value]


def test_neighbours_of_a_crash_survive() -> None:
    results = _run("ok", "segfault", "ok", "exit", "ok")
    assert [r.reason.value for r in results] == ["empty", "crash", "empty", "crash", "empty"]
    assert "SIGSEGV" in results[1].detail
    assert "status 7" in results[3].detail


def test_neighbours_of_a_hang_survive() -> None:
    results = _run("ok", "hang", "ok", workers=2)
    assert [r.reason.value for r in results] == ["empty", "timeout", "empty"]


def test_a_document_that_fells_a_worker_once_is_cleaned_the_second_time(tmp_path: Path) -> None:
    assert [r.reason.value for r in _run("ok", "once", "ok", uri=str(tmp_path / "marker"))] == ["empty"] * 3


def test_memory_is_bounded() -> None:
    assert [r.reason.value for r in _run("ok", "memory", "ok")] == ["empty", "crash", "empty"]


def test_results_do_not_depend_on_the_number_of_workers() -> None:
    raws = [RawDocument(f"{i}.txt", f"Headline {i}\n\nA sentence that stands here {i} times.".encode()) for i in range(150)]
    one = list(clean_guarded(raws, Policy(), workers=1))
    assert one == list(clean_guarded(raws, Policy(), workers=3))
    assert all(isinstance(r, Extraction) and r.title == f"Headline {i}" for i, r in enumerate(one))


def test_workers_end_with_their_parent() -> None:
    script = (
        "import sys, itertools; from copydesk import Policy, RawDocument; from copydesk.watchdog import clean_guarded\n"
        f"for r in clean_guarded((RawDocument('', b'ok') for _ in itertools.count()), Policy(), function={SHOP!r}):\n"
        "    print(r.detail, flush=True)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while _alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(worker)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False
