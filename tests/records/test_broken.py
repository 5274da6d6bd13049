"""Broken and hostile files: the good records arrive, the others are rejects that say where, and nothing leaves its place."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk import Policy, RawDocument, Rejection, feeder
from copydesk.model import RejectReason
from copydesk.records import parse_sidecar, read
from copydesk.watchdog import clean_guarded
from tests.records import five
from tests.records.five import FIVE


def _read(name: str, data: bytes, policy: Policy | None = None) -> list[RawDocument]:
    return list(read(io.BytesIO(data), RawDocument(name, b"", uri=name), policy or Policy()))


def _told(raws: list[RawDocument]) -> list[str]:
    """Each record as "ok", or as the reason why it is none."""
    return [raw.problem[0].value if raw.problem else "ok" for raw in raws]


def _detail(raw: RawDocument) -> str:
    assert raw.problem
    return raw.problem[1]


def _lying_warc(off: int) -> bytes:
    records = [five.warc_record(story) for story in FIVE]
    length = int(records[2].split(b"Content-Length: ")[1].split(b"\r\n")[0])
    records[2] = five.warc_record(FIVE[2], length=length + off)
    return b"".join(records)


@pytest.mark.parametrize("off", [-500, -3, 7, 400, 90_000, 10**12])
def test_a_warc_record_with_a_lying_length_costs_itself(off: int) -> None:
    data = _lying_warc(off)
    raws = _read("crawl.warc", data)
    assert _told(raws) == ["ok", "ok", "broken", "ok", "ok"]
    at = data.index(b"WARC/1.1", data.index(FIVE[1].title.encode()[:20]))
    assert _detail(raws[2]).startswith(f"record 3 at byte {at}: ")
    assert [raw.url for raw in raws if not raw.problem] == [s.url for n, s in enumerate(FIVE) if n != 2]


def test_garbage_between_warc_records_is_a_reject_of_its_own() -> None:
    data = five.warc_record(FIVE[0]) + b"not a record\r\n" * 9 + five.warc_record(FIVE[1])
    raws = _read("crawl.warc", data)
    assert _told(raws) == ["ok", "broken", "ok"]
    assert "126 bytes that are no record" in _detail(raws[1])


def test_a_crawl_is_more_than_articles() -> None:
    request = b"WARC/1.0\r\nWARC-Type: request\r\nContent-Length: 18\r\n\r\nGET / HTTP/1.0\r\n\r\n\r\n\r\n"
    image = five.warc_record(FIVE[0]).replace(b"text/html; charset=utf-8", b"image/png")
    image = image.replace(b"Content-Length: ", b"X: ").replace(b"\r\n\r\n", b"\r\nContent-Length: 0\r\n\r\n", 1)
    gone = five.warc_record(FIVE[1]).replace(b"200 OK", b"404 No")
    skipped: Counter[str] = Counter()
    raws = list(read(io.BytesIO(request + gone + five.warc_record(FIVE[2])), RawDocument("c.warc", b""), Policy(), skipped=skipped))
    assert [raw.id for raw in raws] == ["c.warc#3"]
    assert skipped == {"request": 1, "status 404": 1}
    assert image


def test_a_bad_line_of_json_costs_itself() -> None:
    lines = five.jsonl().splitlines(keepends=True)
    lines[2] = lines[2][:40] + b"\n"
    raws = _read("all.jsonl", b"".join(lines))
    assert _told(raws) == ["ok", "ok", "broken", "ok", "ok"]
    assert _detail(raws[2]).startswith(f"record 3 at byte {len(lines[0]) + len(lines[1])}: not JSON")
    assert raws[2].data == lines[2]


def test_a_line_larger_than_a_document_may_be_is_passed_over() -> None:
    lines = five.jsonl().splitlines(keepends=True)
    lines.insert(1, json.dumps({"text": "x" * 50_000}).encode() + b"\n")
    assert _told(_read("all.jsonl", b"".join(lines), Policy(max_bytes=20_000))) == ["ok", "too large", *["ok"] * 4]


def test_of_a_list_of_json_what_follows_a_broken_object_cannot_be_told() -> None:
    raws = _read("all.json", five.json_list().replace(b'"id": "s3"', b'"id": s3'))
    assert _told(raws) == ["ok", "ok", "ok", "broken"]
    assert "record 4 and what follows: at byte" in _detail(raws[3])


@pytest.mark.parametrize(
    "row", ['s9,"never closed,http://x,y,z,w\n', "s9,too,few\n", 's9,"a" b,c,d,e,f\n', "s9,one,too,many,fields,in,it\n"]
)
def test_a_bad_row_of_csv_costs_itself(row: str) -> None:
    data = five.table(",")
    at = data.index(b"s2,")
    raws = _read("all.csv", data[:at] + row.encode() + data[at:])
    assert _told(raws) == ["ok", "ok", "broken", "ok", "ok", "ok"]
    assert _detail(raws[2]).startswith(f"record 3 at byte {at}: ")


def test_a_broken_item_of_a_feed_costs_itself() -> None:
    raws = _read("news.rss", five.rss(broken=1))
    assert _told(raws) == ["ok", "broken", "ok", "ok", "ok"]
    at = [n for n in range(len(five.rss(broken=1))) if five.rss(broken=1).startswith(b"<item>", n)][1]
    assert _detail(raws[1]).startswith(f"record 2 at byte {at}: not well-formed at byte ")


def test_a_feed_that_declares_entities_is_refused() -> None:
    laughs = b"<!DOCTYPE rss [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>"
    raws = _read("news.rss", b'<?xml version="1.0"?>' + laughs + b"<rss><channel><item><title>&b;</title></item></channel></rss>")
    assert _told(raws) == ["broken"]


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".bz2", ".xz"])
def test_of_a_truncated_file_the_records_before_the_end_arrive(suffix: str) -> None:
    many = b"".join(json.dumps(row | {"n": n, "noise": hash((n, suffix))}).encode() + b"\n" for n in range(3000) for row in five.ROWS[:1])
    packed = five.COMPRESSIONS[suffix](many)
    raws = _read("all.jsonl" + suffix, packed[: len(packed) * 2 // 3])
    told = Counter(_told(raws))
    assert told["ok"] > 100
    assert told["broken"] in {1, 2}, "the record that was cut, and what follows it"
    assert "ends early" in _detail(raws[-1])
    assert "record " in _detail(raws[-1])


@pytest.mark.parametrize("make", [five.parquet, five.feather, five.arrow_stream, lambda: five.zipped(five.PAGES)])
def test_a_truncated_table_or_archive_is_one_reject(make: Callable[[], bytes]) -> None:
    assert _told(_read("x", make()[:-60])) == ["broken"]


def test_a_member_of_an_archive_with_a_name_that_leads_out_is_refused() -> None:
    names = ["good.html", "../up.html", "/etc/cron.d/x", "a/../../b.html", "C:\\x.html", "..\\y.html", "last.html"]
    members = dict.fromkeys(names, FIVE[0].html.encode())
    for data in (five.zipped(members), five.tarred(members)):
        raws = _read("all", data)
        assert _told(raws) == ["ok", *["unreadable"] * 5, "ok"]
        assert "record 3 at byte" in _detail(raws[2])
        assert "leads out of the archive" in _detail(raws[2])


def test_links_and_devices_in_archives_are_refused() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("x.html")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert _told(_read("x.tar", out.getvalue())) == ["unreadable"] * 4
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive_:
        link = zipfile.ZipInfo("x.html")
        link.external_attr = 0o120777 << 16
        archive_.writestr(link, "/etc/passwd")
    assert _told(_read("x.zip", out.getvalue())) == ["unreadable"]


def test_encrypted_members_are_refused_and_the_others_arrive() -> None:
    data = bytearray(five.zipped({"a.html": FIVE[0].html.encode(), "b.html": FIVE[1].html.encode()}))
    data[data.index(b"PK\x03\x04") + 6] |= 1  # the flag of the first member, in its header and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    raws = _read("x.zip", bytes(data))
    assert _told(raws) == ["unreadable", "ok"]
    assert "it is encrypted" in _detail(raws[0])


def test_archives_nest_once() -> None:
    deep = five.zipped({"a.zip": five.zipped({"b.zip": five.zipped({"c.txt": b"words"})})})
    assert _told(_read("x.zip", deep)) == ["too deep"]


def test_more_members_than_the_policy_allows() -> None:
    members = {f"{n}.txt": b"words" for n in range(30)}
    assert _told(_read("x.zip", five.zipped(members), Policy(max_members=20))) == ["too large"]
    assert _told(_read("x.tar", five.tarred(members), Policy(max_members=20))) == [*["ok"] * 20, "too large"]


def test_an_office_document_is_no_archive_of_articles() -> None:
    assert _told(_read("x.zip", five.zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}))) == ["unknown type"]


@pytest.mark.parametrize("name", ["empty.jsonl", "empty.csv", "empty.warc.gz", "empty.zip"])
def test_a_file_without_records_is_one_reject(name: str) -> None:
    data = {"empty.warc.gz": gzip.compress(b""), "empty.zip": five.zipped({"folder/": b""})}.get(name, b"")
    raws = _read(name, data)
    assert [raw.id for raw in raws] == [name]
    assert raws[0].problem or raws[0].data == b"", "reading rejects what is empty"


def test_a_table_whose_columns_nobody_knows_names_them() -> None:
    (raw,) = _read("x.csv", b"uno,dos\n1,2\n3,4\n")
    assert "no column is known as html or text: uno, dos" in _detail(raw)


_ZEROS = 100_000_000
BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: gzip.compress(bytes(_ZEROS), 9),
    "zstandard": lambda: zstd.compress(bytes(_ZEROS)),
    "bzip2": lambda: bz2.compress(bytes(_ZEROS)),
    "xz": lambda: lzma.compress(bytes(_ZEROS), preset=0),
    "zip": lambda: five.zipped({"a.txt": bytes(_ZEROS)}),
    "gzip in gzip": lambda: gzip.compress(gzip.compress(bytes(_ZEROS), 9)),
    "gzip in zip in tar": lambda: five.tarred({"a.zip": five.zipped({"a.gz": gzip.compress(bytes(_ZEROS), 9)})}),
    "jsonl in xz": lambda: lzma.compress(b'{"text": "' + b"a" * _ZEROS + b'"}', preset=0),
    "tar in bzip2": lambda: bz2.compress(five.tarred({"a.html": b" " * _ZEROS})),
}
_PROBE = """
import re, sys
from pathlib import Path
from copydesk import Policy, RawDocument
from copydesk.records import read
with open(sys.argv[1], "rb") as file:
    for raw in read(file, RawDocument("bomb", b""), Policy()):
        print(raw.problem[0].value if raw.problem else len(raw.data))
print(int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs_are_refused_in_less_than_100_megabytes(kind: str, tmp_path: Path) -> None:
    data = BOMBS[kind]()
    assert len(data) < _ZEROS // 200
    (tmp_path / "bomb").write_bytes(data)
    done = subprocess.run([sys.executable, "-c", _PROBE, tmp_path / "bomb"], capture_output=True, text=True, check=True)
    *told, megabytes = done.stdout.split("\n")[:-1]
    assert set(told) == {"too large"}, done.stderr
    assert int(megabytes) < 100


def test_a_bomb_in_an_archive_costs_its_neighbours_nothing() -> None:
    members = {"a.html": FIVE[0].html.encode(), "bomb.txt": bytes(50_000_000), "b.html": FIVE[1].html.encode()}
    assert _told(_read("x.zip", five.zipped(members))) == ["ok", "too large", "ok"]


_KINDS = [data for make in five.FORMATS.values() for data in list(make().values())[:1]]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(_KINDS), st.data())
def test_whatever_is_done_to_a_file_it_arrives_somewhere(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(data) - 1))
    what = draw.draw(st.binary(max_size=8))
    hurt = data[:at] + what + data[at + draw.draw(st.integers(0, 40)) :]
    raws = _read("hurt", hurt, Policy(max_bytes=1_000_000))
    assert raws
    assert len({raw.id for raw in raws}) == len(raws)
    assert all(raw.problem is None or raw.problem[0] is not RejectReason.ERROR for raw in raws)


# A table, a list or an archive says where it ends, and so does each compression.
_WHOLES = {
    name: next(iter(five.FORMATS[name]().items())) for name in ("json", "parquet", "arrow", "arrow stream", "rss", "atom", "zip", "tar")
} | {f"jsonl{suffix}": (f"all.jsonl{suffix}", pack(five.jsonl())) for suffix, pack in five.COMPRESSIONS.items() if suffix}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(_WHOLES)), st.data())
def test_a_truncated_file_never_passes_for_a_whole_one(kind: str, draw: st.DataObject) -> None:
    name, data = _WHOLES[kind]
    raws = _read(name, data[: draw.draw(st.integers(min(600, len(data) // 2), len(data) - 1))])
    good = [raw for raw in raws if not raw.problem and raw.data]
    assert len(good) == 5 or any(raw.problem or not raw.data for raw in raws)


@pytest.mark.parametrize(
    "head",
    [b"<??>" * 2000, b"<!---->" * 1100, b"<!DOCTYPE a[]>" * 500, b"a:b\r\n" + b"\tx\r\n" * 1500, b'{"' + b"}" * 4000 + b"\n" * 4000],
    ids=["instructions", "comments", "document types", "folded lines", "braces"],
)
def test_what_a_file_is_can_be_told_also_where_it_tries_to_hide_it(head: bytes, tmp_path: Path) -> None:
    """Each of these once took longer than anybody waits."""
    (tmp_path / "x").write_bytes(head + b"x")
    with feeder.reader(seconds=20) as reader, (tmp_path / "x").open("rb") as stream:
        (raw,) = reader.read(stream, RawDocument("x", b""), Policy())
    assert raw.problem is None or raw.problem[0] is not RejectReason.TIMEOUT
    (result,) = clean_guarded([replace(raw, data=head + b"x", problem=None)], Policy(), seconds=20)
    assert not isinstance(result, Rejection) or result.reason is not RejectReason.TIMEOUT


def test_a_file_that_is_broken_all_through_is_given_up() -> None:
    raws = _read("x.jsonl", five.jsonl() + b"not json\n" * 5_000)
    assert Counter(_told(raws)) == {"ok": 5, "broken": 1_001}
    assert _detail(raws[-1]) == "record 1006 and what follows: 1000 records in a row were broken, so this is hardly jsonl"
    few = _read("x.jsonl", (b"not json\n" * 900 + five.jsonl()) * 2)
    assert Counter(_told(few)) == {"ok": 10, "broken": 1_800}


@pytest.mark.parametrize("value", ["9" * 400, "1e999", "-1", '{"name": ' * 300 + '"x"' + "}" * 300, "[[[[[[[[[1]]]]]]]]]"])
def test_fields_of_any_value_are_read_or_left(value: str) -> None:
    lines = f'{{"text": {json.dumps(FIVE[0].text)}, "date": {value}, "author": {value}, "id": {value}}}\n'.encode()
    (raw,) = _read("x.jsonl", lines)
    assert raw.problem is None
    assert "date" not in raw.given
    sidecar = parse_sidecar(f'{{"date": {value}, "author": {value}}}'.encode())
    assert "date" not in sidecar
