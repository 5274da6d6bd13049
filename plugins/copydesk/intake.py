"""Intake: what a date's files are, wherever their date stands, and the raw documents that a task reads from them."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import cached_property

from . import feeder, records
from .corpus import landing, staging, store
from .errors import SettingError
from .model import Chunk, Extraction, PlannedFile, RawDocument, Receipt, Rejection, RejectReason
from .pipeline import CLEANING_VERSION
from .policy import Policy

Result = Extraction | Rejection
log = logging.getLogger("copydesk")

_TOLD = 20  # rejects of one file that the log names


class Landed:
    """The raw files of the dates below a raw root, as sources.yaml says where they lie and what tells their date."""

    def __init__(self, raw: str, home: str, policy: Policy) -> None:
        self.raw, self.home, self.policy = raw, home, policy
        self.sources = read_sources(home)

    def dates(self) -> set[str]:
        return {*landing.dates(self.raw, self.sources), *self._by_day}

    def of(self, date: str) -> list[PlannedFile]:
        """The files of a date in order of (source, id). Raises SettingError where two would have one id."""
        files = [*landing.landed(self.raw, date, self.sources), *self._by_day.get(date, ())]
        files.sort(key=lambda f: (f.source, f.id))
        first: dict[str, PlannedFile] = {}
        for file in files:
            if (other := first.setdefault(file.id, file)) is not file:
                raise SettingError(f"{date}: {other.uri} and {file.uri} would both be {file.id}; keep them apart in sources.yaml, landing")
        return files

    @cached_property
    def _by_day(self) -> dict[str, list[PlannedFile]]:
        """The files whose paths tell no date, by the days of their records or of themselves."""
        found: dict[str, list[PlannedFile]] = defaultdict(list)
        if all(layout.dated for layout in self.sources.landing):
            return found
        with feeder.reader(function="copydesk.records:days") as reader:
            for file, by in landing.undated(self.raw, self.sources):
                if by != "record":
                    found[by].append(file)
                    continue
                days = self._days(file, reader)
                for day in days:
                    found[day].append(replace(file, told=replace(file.told, day=day, undated=day == days[0])))
                if not days:
                    log.warning(
                        "%s belongs to no date: %s",
                        file.uri,
                        file.problem or "none of its records tells one; name its field in sources.yaml",
                    )
        return found

    def _days(self, file: PlannedFile, reader: feeder.Reader) -> list[str]:
        """The days of a file's records, in order; read once, for the same bytes, sources and code give the same."""
        if file.problem:
            return []
        named = json.dumps([file.sha256, asdict(file.told), CLEANING_VERSION, self.policy.fingerprint], sort_keys=True)
        known = store.at(self.home) / "state" / "days" / f"{hashlib.sha256(named.encode()).hexdigest()}.json"
        if known.exists():
            found: list[str] = json.loads(known.read_bytes())
            return found
        log.info("%s: reading the dates of its records", file.uri)
        with landing.opened(self.raw, file) as stream:
            raws = reader.read(stream, RawDocument(file.id, b"", file.source, file.uri), self.policy, told=file.told)
            found = sorted({str(raw.data) for raw in raws if raw.data})
        store.make_folder(known.parent)
        store.write(known, json.dumps(found).encode())
        return found


def read_sources(home: str) -> records.Sources:
    """What `<home>/state/sources.yaml` says; the defaults when there is no file."""
    file = store.at(home) / "state" / "sources.yaml"
    return records.parse_sources(file.read_text(encoding="utf-8"), str(file)) if file.exists() else records.Sources()


class Intake:
    """The raw documents of a chunk's files, with a receipt for each until its result comes."""

    def __init__(self, plan: staging.Plan, chunk: Chunk, reader: feeder.Reader) -> None:
        self.plan, self.chunk, self.reader = plan, chunk, reader
        self.records: Counter[int] = Counter()
        self.skipped: Counter[str] = Counter()
        self.receipts: deque[Receipt] = deque()
        self.told: Counter[int] = Counter()

    def raws(self) -> Iterator[RawDocument]:
        for number in range(self.chunk.first, self.chunk.last):
            file = self.plan.files[number]
            for raw in self._of(file):
                self.records[number] += 1
                self.receipts.append(_receipt(number, file, raw))
                about = tuple(o for o in self.plan.overrulings if o.is_about(self.plan.date, raw.source, raw.id))
                yield replace(raw, overrulings=about) if about else raw

    def _of(self, file: PlannedFile) -> Iterator[RawDocument]:
        """The raw documents of a planned file that are the chunk's; the file must still be what was planned."""
        named = RawDocument(file.id, b"", file.source, file.uri)
        if file.problem:
            yield replace(named, problem=(RejectReason.UNREADABLE, f"{file.uri}: {file.problem}"))
            return
        share = feeder.Share.of(self.chunk.part, self.chunk.parts, file.size)
        with landing.opened(self.plan.raw, file) as stream:
            yield from self.reader.read(stream, named, self.plan.policy, told=file.told, skipped=self.skipped, share=share)

    def paired(self, results: Iterator[Result], progress: Callable[[int], None] | None) -> Iterator[tuple[Receipt, Result]]:
        """Each result with its receipt; `progress` hears of files, and the log of the first rejects of each."""
        before = self.chunk.first
        for result in results:
            receipt = self.receipts.popleft()
            if isinstance(result, Rejection):
                self._tell(receipt, result)
            yield receipt, result
            if progress and receipt.file > before:
                progress(receipt.file - before)
                before = receipt.file
        if progress:
            progress(self.chunk.last - before)

    def _tell(self, receipt: Receipt, rejection: Rejection) -> None:
        self.told[receipt.file] += 1
        if self.told[receipt.file] <= _TOLD:
            log.warning("rejected %s (%s): %s", rejection.id, rejection.reason.value, rejection.detail)
        elif self.told[receipt.file] == _TOLD + 1:
            log.warning("rejected more of %s; all are in the rejects table", self.plan.files[receipt.file].id)


def _receipt(number: int, file: PlannedFile, raw: RawDocument) -> Receipt:
    if raw.id == file.id:
        return Receipt(number, file.sha256, file.size)
    data = raw.data.encode("utf-8", "surrogatepass") if isinstance(raw.data, str) else raw.data
    return Receipt(number, hashlib.sha256(data).hexdigest() if data else "", len(data))
