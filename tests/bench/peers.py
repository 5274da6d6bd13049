"""Copydesk and its peers, one function each: the bytes of a page to the text of its article."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version


def copydesk(page: bytes) -> str:
    import copydesk

    result = copydesk.clean(page, media_type="text/html")
    return result.text if isinstance(result, copydesk.Extraction) else ""


def trafilatura(page: bytes) -> str:
    from trafilatura import extract

    return extract(page) or ""


def trafilatura_fast(page: bytes) -> str:
    from trafilatura import extract

    return extract(page, fast=True, include_comments=False) or ""


def resiliparse(page: bytes) -> str:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    text = bytes_to_str(page, detect_encoding(page, from_html_meta=True))
    return str(extract_plain_text(text, main_content=True))


def readability(page: bytes) -> str:
    from readability import Document
    from resiliparse.extract.html2text import extract_plain_text  # the answer is HTML; to make it text takes a millisecond

    return str(extract_plain_text(Document(page).summary()))


def rs_trafilatura(page: bytes) -> str:
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding
    from trafipy import extract  # the crate's bindings with documented results; its wheels need Python 3.12 and a recent glibc

    return str(extract(bytes_to_str(page, detect_encoding(page, from_html_meta=True))).text)


@dataclass(frozen=True, slots=True)
class Tool:
    """A row of the table: its name, the package it comes in, and its function."""

    name: str
    package: str
    clean: Callable[[bytes], str]

    @property
    def version(self) -> str | None:
        """The installed version; None where the package is not installed."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None


TOOLS = (
    Tool("copydesk", "copydesk", copydesk),
    Tool("trafilatura", "trafilatura", trafilatura),
    Tool("trafilatura fast", "trafilatura", trafilatura_fast),
    Tool("resiliparse", "resiliparse", resiliparse),
    Tool("readability-lxml", "readability-lxml", readability),
    Tool("rs-trafilatura", "trafipy", rs_trafilatura),
)
