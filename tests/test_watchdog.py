"""Documents that hang or crash their worker cost themselves, never a neighbour, an order or a byte."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk import Extraction, Policy, RawDocument, Rejection
from copydesk.errors import CopydeskError, SettingError
from copydesk.fence import MEMORY
from copydesk.pipeline import clean_document
from copydesk.watchdog import AHEAD, clean_guarded

POLICY = Policy(max_blocks=1234)  # not the default: it must reach the workers
SEEDS = Path(__file__).parents[1] / "seeds" / "raw"


def documents(texts: Iterable[str]) -> Iterator[RawDocument]:
    return (RawDocument(id=f"{n}", data=text, source="wire", uri=f"d/{n}") for n, text in enumerate(texts))


def guarded(*texts: str, workers: int = 1, seconds: float = 60) -> list[Extraction | Rejection]:
    return list(clean_guarded(documents(texts), POLICY, workers=workers, seconds=seconds, function="tests.victims:clean"))


def details(*texts: str, workers: int = 1, seconds: float = 60) -> list[tuple[str, str]]:
    results = guarded(*texts, workers=workers, seconds=seconds)
    return [(result.reason.value, result.detail) for result in results if isinstance(result, Rejection)]


def fine(word: str) -> tuple[str, str]:
    return "error", f"{word} {POLICY.fingerprint}"


def ends(pid: int) -> bool:
    """Whether the process `pid` ends within a minute."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 60)[0])
    finally:
        os.close(descriptor)


def test_the_seeds_come_out_as_they_do_without_a_guard() -> None:
    raws = [
        RawDocument(id=str(path.relative_to(SEEDS)), data=path.read_bytes(), uri=str(path.relative_to(SEEDS)))
        for path in sorted(SEEDS.rglob("*"))
        if path.is_file()
    ]
    assert len(raws) > 5
    assert list(clean_guarded(raws, Policy(), workers=2)) == [clean_document(raw, Policy()) for raw in raws]


def test_nothing_in_nothing_out() -> None:
    assert guarded() == []


def test_a_hanging_document_is_a_timeout_and_its_neighbours_survive() -> None:
    assert details("one", "hang", "two", "three", seconds=0.5) == [
        fine("one"),
        ("timeout", "no answer within 0.5 s, twice"),
        fine("two"),
        fine("three"),
    ]


@pytest.mark.parametrize(
    ("what", "cause"),
    [("segv", "signal 11 (SIGSEGV)"), ("exit 3", "exit status 3"), ("exit 0", "exit status 0"), ("raise", "exit status 1")],
)
def test_a_crashing_document_is_a_crash_and_its_neighbours_survive(what: str, cause: str) -> None:
    assert details("one", what, "two") == [fine("one"), ("crash", f"the worker died of it twice: {cause}"), fine("two")]


def test_a_rejection_names_its_document() -> None:
    (rejection,) = guarded("segv")
    assert (rejection.id, rejection.source, rejection.uri) == ("0", "wire", "d/0")


def test_a_document_that_crashes_once_only_is_cleaned_at_the_second_try(tmp_path: Path) -> None:
    flaky = f"flaky {tmp_path / 'tried'}"
    assert details("one", flaky, "two") == [fine("one"), fine("flaky"), fine("two")]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(["good", "good", "good", "segv", "exit 3"]), max_size=40), st.integers(1, 3))
def test_order_and_results_do_not_depend_on_the_workers(texts: list[str], workers: int) -> None:
    results = guarded(*texts, workers=workers)
    assert [result.id for result in results] == [str(n) for n in range(len(texts))]
    expected = ["error" if text == "good" else "crash" for text in texts]
    assert [result.reason.value for result in results if isinstance(result, Rejection)] == expected


def test_documents_larger_than_the_link_holds_pass_through_it() -> None:
    large = "x" * 3_000_000
    assert [len(detail) > len(large) for _, detail in details(*[large] * 5, workers=2)] == [True] * 5


def test_memory_is_bounded() -> None:
    assert details("limit", "eat 7", "one") == [("error", str(MEMORY)), ("error", "MemoryError"), fine("one")]


def test_the_network_is_out_of_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert details(f"call {server.getsockname()[1]}") == [("error", "PermissionError")]


def test_input_is_read_as_it_is_needed() -> None:
    read: list[str] = []

    def endless() -> Iterator[RawDocument]:
        for number in range(10**9):
            read.append(f"{number}")
            yield RawDocument(id=f"{number}", data="good")

    results = clean_guarded(endless(), POLICY, workers=2, function="tests.victims:clean")
    for expected in range(300):
        assert next(results).id == str(expected)
        assert len(read) <= expected + 1 + 2 * AHEAD
    results.close()  # type: ignore[attr-defined]  # an iterator to callers, a generator to this test


def test_an_error_in_the_input_is_the_callers() -> None:
    def broken() -> Iterator[RawDocument]:
        yield RawDocument(id="0", data="good")
        raise FileNotFoundError("gone.html")

    with pytest.raises(FileNotFoundError, match=r"gone\.html"):
        list(clean_guarded(broken(), POLICY, function="tests.victims:clean"))


def test_workers_that_cannot_start_are_an_error_and_not_a_thousand_rejections(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CopydeskError, match=r"before it could start \(exit status 1\)"):
        list(clean_guarded(documents(["good"]), POLICY, function="no_such_module:clean"))
    assert "no_such_module" in capfd.readouterr().err


@pytest.mark.parametrize(("workers", "seconds", "name"), [(0, 60, "workers"), (1, 0, "seconds"), (1, float("nan"), "seconds")])
def test_unusable_arguments_are_named(workers: int, seconds: float, name: str) -> None:
    with pytest.raises(SettingError, match=name):
        clean_guarded([], POLICY, workers=workers, seconds=seconds)


def test_workers_end_when_the_results_are_no_longer_wanted() -> None:
    results = clean_guarded(documents(["pid", "hang"]), POLICY, function="tests.victims:clean")
    first = next(results)
    assert isinstance(first, Rejection)
    results.close()  # type: ignore[attr-defined]  # an iterator to callers, a generator to this test
    assert ends(int(first.detail))


@pytest.mark.parametrize("then", ["one", "hang"])
def test_workers_end_with_a_parent_that_is_killed(then: str) -> None:
    program = (
        "from copydesk import Policy, RawDocument; from copydesk.watchdog import clean_guarded\n"
        f"raws = [RawDocument('0', 'pid'), RawDocument('1', {then!r})]\n"
        "results = clean_guarded(raws, Policy(), seconds=2, function='victims:clean')\n"
        "print(next(results).detail, flush=True)\n"
        "input()\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert ends(pid)
