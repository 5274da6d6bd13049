"""Hostile documents are shown as text: every page answers, and nothing of theirs is markup."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from copydesk import jobs
from copydesk.corpus import reading_back
from copydesk.desk.shown import plain
from tests.desk import hostile
from tests.desk.conftest import Open

_TAGS = set(
    "html head meta title link script body header nav a span main h1 h2 h3 p form label select option input button div table caption "
    "thead tbody tr th td small b del dl dt dd details summary section code ul li kbd pre figure figcaption svg line polyline "
    "blockquote fieldset legend datalist textarea q".split()
)
_VALUES = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "\u202e", "%00", "\ud800")


class _Markup(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.scripts = 0
        self.attributes: set[tuple[str, str]] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.scripts += tag == "script"
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("hostile")
    hostile.make(folder / "raw")
    jobs.run_date(hostile.DATE, raw=str(folder / "raw"), home=str(folder / "home"), gates={"rejected": 1})
    return str(folder / "raw"), str(folder / "home")


@pytest.fixture
def client(homes: tuple[str, str], open_desk: Open) -> TestClient:
    raw, home = homes
    return open_desk(home, raw=raw)


def _is_harmless(text: str) -> _Markup:
    page = _Markup()
    page.feed(text)
    assert page.tags <= _TAGS, page.tags - _TAGS
    assert page.scripts == 1
    for name, value in page.attributes:
        assert not name.startswith("on"), (name, value)
        if name in {"href", "src", "action"}:
            assert not value.startswith(("/", "http:", "https:", "javascript:", "data:")), (name, value)
    assert page.text == plain(page.text), "controls are on the page as they are"
    return page


def test_there_are_forty() -> None:
    assert len(hostile.documents()) >= 40


def test_lists_of_hostile_documents_are_text(client: TestClient) -> None:
    for url in ("/", f"/date?date={hostile.DATE}", f"/rejects?date={hostile.DATE}", f"/date?date={hostile.DATE}&search=%3Cscript%3E"):
        answer = client.get(url)
        assert answer.status_code == 200
        _is_harmless(answer.text)
    assert "<script>document.title='owned'</script>" in _is_harmless(client.get(f"/date?date={hostile.DATE}&order=by+id").text).text


def test_each_hostile_document_and_its_raw_text_are_text(client: TestClient, homes: tuple[str, str]) -> None:
    rows = list(reading_back.articles(homes[1], hostile.DATE))
    assert len(rows) >= 35
    for row in rows:
        for page in ("document", "raw", "overrule"):
            answer = client.get(f"/{page}?date={hostile.DATE}&id={quote(row['id'], safe='')}&block=1")
            assert answer.status_code == 200, row["id"]
            assert len(answer.text) < 5_000_000
            _is_harmless(answer.text)


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "\u202e", "%00", "\ud800"]
)
@pytest.mark.parametrize("name", ["source", "reason", "search", "order", "id", "until", "first"])
def test_what_a_link_carries_is_text(name: str, value: str, client: TestClient) -> None:
    given = {"date": hostile.DATE, "id": "c/bidi.txt", name: value}
    query = "&".join(f"{key}={quote(item, safe='', errors='surrogatepass')}" for key, item in given.items())
    for page in ("", "date", "document", "rejects", "raw"):
        answer = client.get(f"/{page}?{query}")
        assert answer.status_code in (200, 400, 404), page
        _is_harmless(answer.text)
