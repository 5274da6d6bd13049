"""A published row as the blocks of its page: what stood there, what came out, and why; nothing is cleaned again.

The row tells it all: `removed` is verbatim, and kept text is the clean text with its edits taken back. So a page shows what
was published, not what today's code would do, also when the raw file is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_KNOWN = {"start", "end", "text", "label", "reason", "rule", "score"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One block: `before` as it stood in the raw document, `after` as it stands in the clean text ("" when it was struck).

    `start` and `end` are code points into the visible text. `more` is what a cut tells besides (evidence). The headline,
    which became the title, has the reason `headline`.
    """

    number: int
    start: int
    end: int
    before: str
    after: str
    label: str
    reason: str
    rule: str = ""
    score: float | None = None
    more: tuple[tuple[str, str], ...] = ()
    edits: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_cut(self) -> bool:
        return self.label != "content"

    @property
    def key(self) -> str:
        """What an overruling knows the block by: its text, whatever its white space."""
        return " ".join(self.before.split())


def blocks(row: Mapping[str, Any]) -> list[Shown]:
    """The blocks of an articles row in the order of the document."""
    edits = sorted(row["edits"] or (), key=lambda e: int(e["start"]))
    parts = [*(_cut(cut) for cut in row["removed"] or ()), *(_kept(row, kept, edits) for kept in row["kept"] or ())]
    parts.sort(key=lambda part: (part["start"], part["end"]))
    return [Shown(number, **part) for number, part in enumerate(parts, 1)]


def _cut(cut: Mapping[str, Any]) -> dict[str, Any]:
    more = tuple((name, _told(value)) for name, value in cut.items() if name not in _KNOWN and value not in (None, "", [], False))
    return {
        "start": cut["start"],
        "end": cut["end"],
        "before": cut["text"] or "",
        "after": "",
        "label": cut["label"],
        "reason": cut["reason"],
        "rule": cut["rule"] or "",
        "score": cut["score"],
        "more": more,
    }


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_told(inner)}" for name, inner in value.items() if inner is not None)
    if value is True:
        return "yes"
    if isinstance(value, list):
        return "; ".join(map(_told, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _kept(row: Mapping[str, Any], kept: Mapping[str, Any], edits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    mine = tuple(e for e in edits if kept["start"] <= e["start"] and e["end"] <= kept["end"])
    if kept["text_start"] is None:
        title = row["title"] or ""
        return {**_place(kept), "before": title, "after": title, "label": "content", "reason": "headline", "edits": mine}
    after = (row["text"] or "")[kept["text_start"] : kept["text_end"]]
    before = "".join(_taken_back(kept["start"], after, mine))
    return {**_place(kept), "before": before, "after": after, "label": "content", "reason": "article", "edits": mine}


def _place(kept: Mapping[str, Any]) -> dict[str, int]:
    return {"start": kept["start"], "end": kept["end"]}


def _taken_back(start: int, clean: str, edits: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The visible text of a block, from its clean text and the edits that led there."""
    at = 0
    for edit in edits:
        same = edit["start"] - start
        yield clean[at : at + same]
        yield edit["before"]
        at += same + len(edit["after"])
        start = edit["end"]
    yield clean[at:]
