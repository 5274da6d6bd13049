"""`python -m tests.bench.warc` (make bench-warc): a web archive of the development pages, against fastwarc and trafilatura.

The archive has a request and a response for each page, every fourth response chunked, each record compressed by itself as crawlers do,
until it has 2,000 responses. It is cut into four files, which every tool reads in turn, so that a busy minute is everybody's. Figures
are CPU time on one thread; memory is the peak of a process that reads an archive, and of one that reads four times as many records.
"""

from __future__ import annotations

import gzip
import io
import itertools
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from copydesk import Policy, RawDocument
from copydesk.pipeline import clean_document
from copydesk.records import read
from tests.development import BENCH, PAGES

RESPONSES, FILES = 2_000, 4
_REQUEST = b"GET / HTTP/1.1\r\nHost: page.example\r\n\r\n"
_MOST_GROWTH = 40_000_000  # bytes that a process may take more for four times as many records


class Spent(NamedTuple):
    """Responses, and the CPU seconds that a tool took for them."""

    responses: int = 0
    seconds: float = 0.0

    @property
    def each(self) -> float:
        return self.seconds / self.responses

    def and_also(self, responses: int, seconds: float) -> Spent:
        return Spent(self.responses + responses, self.seconds + seconds)


def archive(pages: Iterator[bytes], responses: int) -> bytes:
    """A web archive of the next `responses` pages, with a request before each."""
    out = io.BytesIO()
    for number, page in enumerate(itertools.islice(pages, responses)):
        out.write(gzip.compress(_record("request", number, _REQUEST), 6))
        headers, body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n", page
        if number % 4 == 0:
            headers += b"Transfer-Encoding: chunked\r\n"
            body = (
                b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (page[at : at + 8_000] for at in range(0, len(page), 8_000))) + b"0\r\n\r\n"
            )
        out.write(gzip.compress(_record("response", number, headers + b"\r\n" + body), 6))
    return out.getvalue()


def _record(kind: str, number: int, block: bytes) -> bytes:
    header = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://page.example/{number}\r\nWARC-Date: 2026-11-02T06:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return header.encode() + block + b"\r\n\r\n"


def fastwarc(data: bytes) -> int:
    return sum(1 for _ in _fastwarc(data))


def _fastwarc(data: bytes) -> Iterator[tuple[str, bytes]]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    for record in ArchiveIterator(io.BytesIO(data), record_types=WarcRecordType.response, parse_http=True, auto_decode="all"):
        yield record.headers["WARC-Target-URI"], record.reader.read()


def reading(data: bytes) -> int:
    return sum(1 for _ in read(io.BytesIO(data), RawDocument("crawl.warc.gz", b""), Policy()))


def cleaning(data: bytes) -> int:
    policy = Policy()
    return sum(1 for raw in read(io.BytesIO(data), RawDocument("crawl.warc.gz", b""), policy) if clean_document(raw, policy))


def trafilatura(data: bytes) -> int:
    from trafilatura import bare_extraction

    return sum(1 for url, page in _fastwarc(data) if (bare_extraction(page, url=url, with_metadata=True), True))


TOOLS: dict[str, Callable[[bytes], int]] = {
    "fastwarc, reading alone": fastwarc,
    "copydesk, reading alone": reading,
    "copydesk, reading and cleaning": cleaning,
    "fastwarc and trafilatura with metadata": trafilatura,
}


def peak(path: Path) -> int:
    """The peak memory, in bytes, of a process that reads an archive and cleans nothing."""
    code = f"from tests.bench.warc import peak_of; print(peak_of({str(path)!r}))"
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def peak_of(path: str) -> int:
    with Path(path).open("rb") as stream:
        for _ in read(stream, RawDocument("crawl.warc.gz", b""), Policy()):
            pass
    status = Path("/proc/self/status").read_text(encoding="ascii")  # getrusage would tell the parent's peak, too
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def main() -> int:
    import pyarrow.parquet as pq

    logging.disable(logging.CRITICAL)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else BENCH
    pages = itertools.cycle(
        row.encode() if isinstance(row, str) else row for row in pq.read_table(data / PAGES, columns=["html"])["html"].to_pylist()
    )
    files = [archive(pages, RESPONSES // FILES) for _ in range(FILES)]
    cleaning(files[0][:200_000])  # what is loaded once is not counted
    trafilatura(files[0][:200_000])
    spent = dict.fromkeys(TOOLS, Spent())
    for file in files:
        for name, tool in TOOLS.items():
            start = time.process_time()
            count = tool(file)
            spent[name] = spent[name].and_also(count, time.process_time() - start)
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.warc.gz", Path(folder) / "large.warc.gz"
        small.write_bytes(b"".join(files))
        large.write_bytes(b"".join(files) * 4)
        peaks = [peak(small), peak(large)]
    sys.stdout.write("| | responses a second | ms a response | x fastwarc | x trafilatura |\n| --- | ---: | ---: | ---: | ---: |\n")
    alone, peer = spent["fastwarc, reading alone"].each, spent["fastwarc and trafilatura with metadata"].each
    for name, found in spent.items():
        sys.stdout.write(
            f"| {name} | {1 / found.each:,.0f} | {1000 * found.each:.2f} | {found.each / alone:.2f} | {found.each / peer:.3f} |\n"
        )
    sys.stdout.write(f"peak memory of reading {RESPONSES} responses {peaks[0] / 1e6:.0f} MB, of {4 * RESPONSES} {peaks[1] / 1e6:.0f} MB\n")
    counts = {found.responses for found in spent.values()}
    return 0 if counts == {RESPONSES} and peaks[1] - peaks[0] < _MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
