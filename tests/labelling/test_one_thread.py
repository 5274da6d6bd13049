"""Cleaning computes on one thread, and leaves the process the threads that it had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from threadpoolctl import ThreadpoolController

from copydesk import Policy, RawDocument
from copydesk.labelling import label, page_model
from copydesk.labelling.one_thread import one_thread
from copydesk.reading import read

PAGE = Path(__file__).parents[2] / "seeds" / "raw" / "2026-11-02"
LIBRARY = ThreadpoolController().select(user_api="blas")


def _threads() -> set[int]:
    return {each["num_threads"] for each in LIBRARY.info()}


def test_a_page_is_judged_on_one_thread() -> None:
    seen = []

    def judge(*given: Any) -> Any:
        seen.append(_threads())
        return page_model.judge()(*given)

    page = next(PAGE.rglob("*.html"))
    with LIBRARY.limit(limits=2):
        label(read(RawDocument(page.name, page.read_bytes()), Policy()), Policy(), judge=judge)  # type: ignore[arg-type]
        assert seen == [{1}]
        assert _threads() == {2}


def test_the_last_to_leave_gives_the_threads_back() -> None:
    with LIBRARY.limit(limits=2):
        with one_thread:
            with one_thread:
                assert _threads() == {1}
            assert _threads() == {1}
        assert _threads() == {2}
