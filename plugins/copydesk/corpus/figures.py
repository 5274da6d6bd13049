"""Figures of a date for its footer: by source what was kept and rejected, by reason what went. Gates and events read them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..model import Label


@dataclass(slots=True)
class _Source:
    articles: int = 0
    rejects: int = 0
    words: int = 0
    ads: int = 0  # blocks struck as advertorials
    kept: float = 0.0  # sum of kept shares
    languages: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)  # characters by reason

    def as_json(self) -> dict[str, Any]:
        articles = max(self.articles, 1)
        return {
            "articles": self.articles,
            "rejects": self.rejects,
            "words": round(self.words / articles, 2),
            "ads": self.ads,
            "kept": round(self.kept / articles, 4),
            "languages": dict(sorted(self.languages.items())),
            "removed": dict(sorted(self.removed.items())),
        }


@dataclass(slots=True)
class Figures:
    """Counts rows on their way into a date's files; what it tells depends on the rows and their order alone (promise 5)."""

    sources: dict[str, _Source] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)  # documents by reason
    raw_bytes: int = 0

    def articles(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Count a batch of articles; returns it."""
        cuts = pc.list_flatten(batch["removed"])
        parents = pc.list_parent_indices(batch["removed"])
        ads = Counter(parents.filter(pc.equal(pc.struct_field(cuts, "label"), Label.ADVERTORIAL)).to_pylist())
        columns = (batch["source"], batch["word_count"], pc.struct_field(batch["quality"], "kept_share"), batch["language"])
        for row, (name, words, kept, language) in enumerate(zip(*(column.to_pylist() for column in columns), strict=True)):
            source = self.sources.setdefault(name, _Source())
            source.articles += 1
            source.words += words
            source.ads += ads[row]
            source.kept += kept
            source.languages[language] += 1
        lengths = pc.subtract(pc.struct_field(cuts, "end"), pc.struct_field(cuts, "start")).to_pylist()
        sources = batch["source"].take(parents).to_pylist()
        for name, reason, length in zip(sources, pc.struct_field(cuts, "reason").to_pylist(), lengths, strict=True):
            self.sources[name].removed[reason] += length
        self.raw_bytes += pc.sum(batch["raw_bytes"]).as_py() or 0
        return batch

    def rejects(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Count a batch of rejects; returns it."""
        for name, reason in zip(batch["source"].to_pylist(), batch["reason"].to_pylist(), strict=True):
            self.sources.setdefault(name, _Source()).rejects += 1
            self.rejected[reason] += 1
        self.raw_bytes += pc.sum(batch["raw_bytes"]).as_py() or 0
        return batch

    def as_json(self) -> dict[str, Any]:
        """`sources` (articles, rejects, mean words, blocks of ads, mean kept share, languages, characters removed by reason),
        `removed` (characters by reason), `rejected` (documents by reason), `raw_bytes`.
        """
        return {
            "sources": {name: source.as_json() for name, source in sorted(self.sources.items())},
            "removed": dict(sorted(sum((source.removed for source in self.sources.values()), Counter()).items())),
            "rejected": dict(sorted(self.rejected.items())),
            "raw_bytes": self.raw_bytes,
        }
