"""What a person decides over labelling's head: which blocks, of which documents, are kept or struck."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .model import Label


class Verdict(StrEnum):
    """What a person wants done with a block."""

    KEEP = "keep"
    STRIKE = "strike"


class Scope(StrEnum):
    """Which blocks a person's overruling is about."""

    DOCUMENT = "document"  # this text in this document of this date
    TEXT = "text"  # exactly this text in any document of the source: a campaign
    PHRASE = "phrase"  # any block of the source's documents with this phrase in it
    SELECTOR = "selector"  # any block of the source's pages in an element that this CSS selector matches


@dataclass(frozen=True, slots=True)
class Overruling:
    """A person's verdict over what labelling decides, for one source; the last of several that hold for a block counts.

    `text` is compared whatever its white space, a phrase whatever its case; with the scope `selector` it is a CSS selector. `since`
    is the first date it holds for ("" for every date); with the scope `document`, `date` and `document` name the one document
    that it holds for.
    """

    id: str
    verdict: Verdict
    scope: Scope
    source: str
    text: str
    label: Label = Label.ADVERTORIAL  # of what is struck
    since: str = ""
    date: str = ""
    document: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Overruling:
        """The overruling of a row of the state or of a plan; other fields of the row are left."""
        given = {name: row[name] for name in cls.__dataclass_fields__ if name in row}
        kinds = {"verdict": Verdict(row["verdict"]), "scope": Scope(row["scope"]), "label": Label(row["label"])}
        return cls(**(given | kinds))

    def is_about(self, date: str, source: str, document: str) -> bool:
        """Whether it holds for blocks of this document."""
        if source != self.source:
            return False
        return (date, document) == (self.date, self.document) if self.scope is Scope.DOCUMENT else date >= self.since

    def holds_for(self, text: str, selectors: Container[str] = ()) -> bool:
        """Whether it holds for a block of this text, in a document that it is about, whose elements match these selectors."""
        if self.scope is Scope.SELECTOR:
            return self.text in selectors
        block, own = " ".join(text.split()), " ".join(self.text.split())
        return own.casefold() in block.casefold() if self.scope is Scope.PHRASE else block == own
