"""Five documents of our own in every format and compression: what goes in is the same, so what comes out must be."""

from __future__ import annotations

import bz2
import csv
import email.message
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from html import escape
from typing import NamedTuple

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
from backports import zstd


class Story(NamedTuple):
    """A headline, its paragraphs, and what is known of it."""

    title: str
    paragraphs: tuple[str, ...]
    author: str
    date: str
    url: str

    @property
    def body(self) -> str:
        return "\n\n".join(self.paragraphs)

    @property
    def html(self) -> str:
        paragraphs = "".join(f"<p>{escape(p)}</p>\n" for p in self.paragraphs)
        return (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(self.title)}</title></head>\n'
            f"<body><article><h1>{escape(self.title)}</h1>\n{paragraphs}</article></body></html>\n"
        )

    @property
    def text(self) -> str:
        return f"{self.title}\n\n{self.body}\n"

    @property
    def markdown(self) -> str:
        return f"---\nauthor: {self.author}\ndate: {self.date}\n---\n# {self.title}\n\n{self.body}\n"


def _story(number: int, title: str, *paragraphs: str) -> Story:
    return Story(title, paragraphs, f"Writer Number{'abcde'[number]}", f"2026-11-0{number + 1}", f"https://gazette.example/{number}")


FIVE = (
    _story(
        0,
        "Ferry to Sallow Island will sail in winter after all",
        "The ferry to Sallow Island will keep sailing through the winter, the harbour board decided on Tuesday evening after two hours.",
        "“Nobody should have to choose between a doctor and a dry pair of boots,” said Ines Marrow, who speaks for the islanders.",
        "The boat will leave twice a day instead of five times, and on days with more than nine Beaufort it will stay in port.",
    ),
    _story(
        1,
        "Bakers of Old Mill Lane share one oven since Monday",
        "Three bakers in Old Mill Lane have lit a common oven because none of them could pay for the heat of a whole one any more.",
        "They take turns by the clock: rye from midnight, rolls from three, and from six the cakes that the cafés ask for.",
        "“It is warmer with company,” said Jonas Tell, the oldest of the three, who is 71 and has never before shared a key.",
    ),
    _story(
        2,
        "Library finds 400 letters behind a panelled wall",
        "Workers who were mending a damp wall in the town library found a tin box with more than four hundred letters on Thursday.",
        "The letters were written between 1911 and 1923, most of them to a piano teacher by the name of Adela Finch.",
        "The library will read them all before it shows any, its head said, for some of the grandchildren still live in the town.",
    ),
    _story(
        3,
        "Naïve façade? Architects defend the new hall of Göllheim",
        "The new hall of Göllheim, all larch and glass, has been called naïve by those who did not get to build it themselves.",
        "Its architects answered with figures: the roof holds 60 centimetres of snow, and the heating costs € 4,100 a year.",
        "The mayor said that she liked it, that it was paid for, and that the choir would sing in it before the year was out.",
    ),
    _story(
        4,
        "Beekeepers count their losses and find fewer than feared",
        "A cold and wet April had made the beekeepers of the valley fear for half of their hives, but only a ninth of them died.",
        "The association puts it down to the lindens, which flowered two weeks early, and to sugar that members shared out.",
        "Honey will be dear all the same, its chair said, because what was saved this spring was bees and not their stores.",
    ),
)
ROWS = [{"id": f"s{n}", "url": s.url, "title": s.title, "author": s.author, "date": s.date, "html": s.html} for n, s in enumerate(FIVE)]


def warc_record(story: Story, *, length: int | None = None, chunked: bool = False) -> bytes:
    """A response record; `length` is the number that its header tells, true or not."""
    body = story.html.encode()
    headers = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
    if chunked:
        headers += "Transfer-Encoding: chunked\r\n"
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:300], body[300:])) + b"0\r\n\r\n"
    block = headers.encode() + b"\r\n" + body
    told = len(block) if length is None else length
    header = f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {story.url}\r\nWARC-Date: 2026-11-02T06:00:00Z\r\n"
    header += f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-00000000000{story.url[-1]}>\r\n"
    header += f"Content-Type: application/http; msgtype=response\r\nContent-Length: {told}\r\n\r\n"
    return header.encode() + block + b"\r\n\r\n"


def warc() -> bytes:
    info = b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Type: application/warc-fields\r\nContent-Length: 14\r\n\r\nsoftware: us\r\n\r\n\r\n"
    return info + b"".join(warc_record(story, chunked=n % 2 == 1) for n, story in enumerate(FIVE))


def jsonl() -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()


def json_list() -> bytes:
    return json.dumps(ROWS, indent=1).encode()


def json_object() -> bytes:
    return json.dumps({"status": "ok", "articles": ROWS}).encode()


def table(delimiter: str) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(ROWS[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ROWS)
    return out.getvalue().encode()


def parquet() -> bytes:
    out = io.BytesIO()
    pyarrow.parquet.write_table(pa.Table.from_pylist(ROWS), out)
    return out.getvalue()


def feather() -> bytes:
    out = io.BytesIO()
    pyarrow.feather.write_feather(pa.Table.from_pylist(ROWS), out)
    return out.getvalue()


def arrow_stream() -> bytes:
    out = io.BytesIO()
    rows = pa.Table.from_pylist(ROWS)
    with pa.ipc.new_stream(out, rows.schema) as writer:
        writer.write_table(rows)
    return out.getvalue()


def rss(broken: int | None = None) -> bytes:
    """A feed with full content; the item `broken` has a stray ampersand in its title."""
    items = "".join(
        f"<item><title>{escape(s.title)}{' & so' if n == broken else ''}</title><link>{s.url}</link><guid>{s.url}</guid>"
        f"<content:encoded><![CDATA[{s.html}]]></content:encoded></item>\n"
        for n, s in enumerate(FIVE)
    )
    space = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    channel = f"<channel><title>The Gazette</title>\n{items}</channel>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" {space}>{channel}</rss>'.encode()


def atom() -> bytes:
    entries = "".join(
        f'<entry><title>{escape(s.title)}</title><id>{s.url}</id><link href="{s.url}"/><updated>{s.date}T00:00:00Z</updated>'
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><article><h1>{escape(s.title)}</h1>'
        f"{''.join(f'<p>{escape(p)}</p>' for p in s.paragraphs)}</article></div></content></entry>\n"
        for s in FIVE
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>The Gazette</title>\n{entries}</feed>'.encode()


def wordpress() -> bytes:
    """An export: paragraphs without tags, and an attachment, which is no article."""
    items = "".join(
        f"<item><title>{escape(s.title)}</title><link>{s.url}</link>"
        f"<content:encoded><![CDATA[<h1>{escape(s.title)}</h1>\n\n{escape(s.body, quote=False)}]]></content:encoded>"
        "<wp:post_type>post</wp:post_type><wp:status>publish</wp:status></item>\n"
        for s in FIVE
    )
    picture = "<item><title>hall.jpg</title><wp:post_type>attachment</wp:post_type><wp:status>inherit</wp:status></item>"
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"'
    return f'<?xml version="1.0"?><rss version="2.0" {spaces}><channel><title>The Gazette</title>{picture}{items}</channel></rss>'.encode()


def newsletter(story: Story) -> bytes:
    """A message with a plain and an HTML part, quoted-printable."""
    message = email.message.EmailMessage()
    message["Subject"], message["From"], message["Date"] = (
        story.title,
        f"{story.author} <w@gazette.example>",
        "Mon, 02 Nov 2026 08:00:00 +0100",
    )
    message["Message-ID"] = "<1@gazette.example>"
    message.set_content("Read it in a program that shows pages.")
    message.add_alternative(story.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def mhtml(story: Story) -> bytes:
    """A saved page, as browsers write it."""
    message = email.message.EmailMessage()
    message["Snapshot-Content-Location"] = story.url
    message["Subject"] = story.title
    message.set_content(story.html, subtype="html", cte="quoted-printable")
    message["Content-Location"] = story.url
    message.make_related()
    message.add_related(b"\x89PNG\r\n\x1a\n", "image", "png", filename="a.png")
    return message.as_bytes()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


PAGES = {f"{n}.html": story.html.encode() for n, story in enumerate(FIVE)}
# A file for all five, or five files: name to bytes.
FORMATS: dict[str, Callable[[], dict[str, bytes]]] = {
    "html": lambda: PAGES,
    "xhtml": lambda: {name.replace("html", "xhtml"): b'<?xml version="1.0"?>\n' + page for name, page in PAGES.items()},
    "text": lambda: {f"{n}.txt": s.text.encode() for n, s in enumerate(FIVE)},
    "utf-16 text": lambda: {f"{n}.txt": s.text.encode("utf-16") for n, s in enumerate(FIVE)},
    "markdown": lambda: {f"{n}.md": s.markdown.encode() for n, s in enumerate(FIVE)},
    "json": lambda: {"all.json": json_list()},
    "json object": lambda: {"all.json": json_object()},
    "jsonl": lambda: {"all.jsonl": jsonl()},
    "jsonl of texts": lambda: {"all.ndjson": b"".join(json.dumps({"content": s.text}).encode() + b"\n" for s in FIVE)},
    "csv": lambda: {"all.csv": table(",")},
    "csv with semicolons": lambda: {"all.csv": table(";")},
    "utf-16 tsv": lambda: {"all.tsv": table("\t").decode().encode("utf-16")},
    "tsv": lambda: {"all.tsv": table("\t")},
    "parquet": lambda: {"all.parquet": parquet()},
    "arrow": lambda: {"all.arrow": feather()},
    "arrow stream": lambda: {"all.arrows": arrow_stream()},
    "warc": lambda: {"all.warc": warc()},
    "rss": lambda: {"all.rss": rss()},
    "atom": lambda: {"all.atom": atom()},
    "wordpress": lambda: {"export.xml": wordpress()},
    "mail": lambda: {f"{n}.eml": newsletter(s) for n, s in enumerate(FIVE)},
    "mhtml": lambda: {f"{n}.mhtml": mhtml(s) for n, s in enumerate(FIVE)},
    "zip": lambda: {"all.zip": zipped(PAGES)},
    "tar": lambda: {"all.tar": tarred(PAGES)},
    "zip of a tar of jsonl.gz": lambda: {"all.zip": zipped({"in/all.tar": tarred({"all.jsonl.gz": gzip.compress(jsonl())})})},
    "tar of a zip of warc.gz": lambda: {"all.tar": tarred({"all.zip": zipped({"all.warc.gz": gzip.compress(warc())})})},
}
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".zst": zstd.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
