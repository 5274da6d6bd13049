"""What a person sees: dates, documents, cuts in place with their reasons, rejects; and who may."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from copydesk.cli import main
from copydesk.corpus import reading_back
from tests.desk.conftest import SEEDS, Open

PAGES = [
    "/",
    "/date?date=2026-11-02",
    "/document?date=2026-11-02&id=wire-desk/harbour-dredging-vote.txt",
    "/rejects?date=2026-11-05",
    "/raw?date=2026-11-02&id=wire-desk/harbour-dredging-vote.txt",
    "/overrulings",
    "/run/clean_articles/manual__1",
    "/static/desk.js",
]


def _links(text: str, words: str) -> list[str]:
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', text, re.DOTALL)
    return [unescape(href) for href, inner in found if words in re.sub("<[^>]*>", "", inner)]


@pytest.mark.parametrize("url", PAGES)
def test_nobody_sees_a_page_without_a_login(url: str, home: str, open_desk: Open) -> None:
    answer = open_desk(home, person="").get(url)
    assert answer.status_code == 401
    assert "dredging" not in answer.text


@pytest.mark.parametrize("url", PAGES)
def test_every_answer_forbids_scripts_and_requests_that_are_not_ours(url: str, client: TestClient) -> None:
    answer = client.get(url)
    assert answer.status_code in (200, 303)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?! src=)|\son\w+=|\sstyle=", answer.text)


def test_the_interface_description_is_not_open(client: TestClient) -> None:
    assert [client.get(url).status_code for url in ("/docs", "/openapi.json", "/redoc")] == [404] * 3


def test_a_document_without_a_figure_is_listed_where_it_is_nought(open_desk: Open, home: str, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    file = Path(reading_back.articles_path(str(tmp_path / "home"), "2026-11-02").path)
    table = pq.ParquetFile(file).read()
    doubt = table.schema.get_field_index("doubt")
    pq.write_table(
        table.set_column(doubt, table.schema.field(doubt), pa.array([None, *table["doubt"][1:].to_pylist()], pa.float32())), file
    )
    listed = re.findall(r"id=([^&\"]*)", open_desk(str(tmp_path / "home")).get("/date?date=2026-11-02&order=doubtful+first").text)
    assert unescape(listed[-1]).replace("%2F", "/") == table["id"][0].as_py()


_LOOKS = """
import sys
from starlette.testclient import TestClient
from tests.desk.served import mounted
client = TestClient(mounted(sys.argv[1], sys.argv[2], ""), headers={"x-person": "admin"})
for url in sys.argv[3:]:
    assert client.get("/copydesk" + url).status_code == 200, url
print("pandas" in sys.modules)
"""


def test_no_page_loads_pandas_into_the_server(home: str) -> None:
    """Arrow loads it by itself where it is installed, some 35 MB: for a scalar, an index, an array of numpy's."""
    searched = [f"/date?date=2026-11-02&{query}" for query in ("source=wire-desk", "reason=cookie+notice", "search=vote")]
    done = subprocess.run(
        [sys.executable, "-c", _LOOKS, str(SEEDS), home, *PAGES[:5], *searched], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_the_overview_leads_to_the_ad_and_its_reason(client: TestClient) -> None:
    text = client.get("/").text
    (date,) = _links(text, "2026-11-02")
    listed = client.get(f"/{date}").text
    (found,) = _links(listed, "deepen channel")
    document = client.get(f"/{found}").text
    cuts = re.findall(r'<section class="columns block advertorial".*?</section>', document, re.DOTALL)
    assert any("Sponsored by Blankets Without Borders" in cut for cut in cuts)
    assert all("<del>" in cut and re.search(r"by text model \d+, score \d\.\d\d", cut) for cut in cuts)


def test_the_overview_tells_one_reason_over_time_and_its_filters_stand_in_the_links(client: TestClient) -> None:
    text = client.get("/?source=wire-desk&reason=donation+appeal&days=9").text
    assert "donation appeal, characters an article" in text
    (date,) = _links(text, "2026-11-02")
    assert date == "date?date=2026-11-02&source=wire-desk&reason=donation+appeal"
    assert "deepen channel" in client.get(f"/{date}").text
    assert "navigation" not in re.sub("<select.*?</select>", "", text, flags=re.DOTALL)
    (source,) = _links(text, "wire-desk")
    assert source == "./?source=wire-desk&reason=donation+appeal&days=9"


def test_the_report_is_the_overview_and_asks_nothing_of_any_server(client: TestClient, home: str, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = CliRunner().invoke(main, ["report", "--home", home, "--raw", str(SEEDS), "--out", str(out)])
    assert done.exit_code == 0, done.output
    text = out.read_text()
    rows = [re.sub("<[^>]*>", "", row).split() for row in re.findall("<tr>.*?</tr>", text, re.DOTALL)]
    assert rows == [re.sub("<[^>]*>", "", row).split() for row in re.findall("<tr>.*?</tr>", client.get("/").text, re.DOTALL)]
    assert text.count("<svg") > 3
    assert not re.search(r"<script|<link|<img|<iframe|href=|src=|url\(|@import|https?:", text)


def test_dates_with_raw_files_and_no_run_are_told(client: TestClient) -> None:
    assert "missing: no run has published it" in client.get("/").text


def test_the_most_doubtful_stands_first_and_next_leads_through_the_same_list(client: TestClient) -> None:
    listed = client.get("/date?date=2026-11-02").text
    doubts = [float(d) for d in re.findall(r'<td class="number">(\d\.\d\d)</td>', listed)]
    assert len(doubts) == 10
    assert doubts == sorted(doubts, reverse=True)
    titles = re.findall(r'<th scope="row"><a [^>]*>(.*?)</a>', listed)
    (at,) = _links(listed, unescape(titles[0]))
    seen = []
    while at:
        document = client.get(f"/{at}").text
        seen += re.findall(r"<h1[^>]*>(.*?)</h1>", document)
        at = next(iter(_links(document, "Next j")), "")
    assert seen == titles


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("search=DREDGING", {"wire-desk/harbour-dredging-vote.txt"}),
        ("source=nordwind", {"nordwind/fromagerie-du-col.html", "nordwind/moorwiesen.html"}),
        ("source=harbour-gazette&search=tide", {"harbour-gazette/tide-gate-delay.html"}),
        ("search=nothing+like+it", set()),
    ],
)
def test_a_date_is_filtered(asked: str, ids: set[str], client: TestClient) -> None:
    text = client.get(f"/date?date=2026-11-02&{asked}").text
    assert set(re.findall(r"<small>(\S+)", text)) == ids


def test_a_date_is_filtered_by_the_reason_of_a_cut(client: TestClient, home: str) -> None:
    expected = {
        row["id"] for row in reading_back.articles(home, "2026-11-02") if any(cut["reason"] == "cookie notice" for cut in row["removed"])
    }
    assert 0 < len(expected) < 10
    text = client.get("/date?date=2026-11-02&reason=cookie+notice").text
    assert set(re.findall(r"<small>(\S+)", text)) == expected


def test_rejects_say_why(client: TestClient) -> None:
    text = client.get("/rejects?date=2026-11-05").text
    assert "nordwind/cache-7f3a91.html" in text
    assert "control characters" in text


def test_the_raw_text_is_that_of_the_file_or_says_that_it_is_gone(client: TestClient, home: str, open_desk: Open, tmp_path: Path) -> None:
    url = "/raw?date=2026-11-02&id=wire-desk/harbour-dredging-vote.txt"
    assert "Blankets Without Borders" in client.get(url).text
    (tmp_path / "2026-11-02").mkdir()
    gone = open_desk(home, raw=str(tmp_path))
    assert "is gone" in gone.get(url).text
    assert "Blankets Without Borders" in gone.get(url.replace("/raw", "/document")).text


def test_a_table_that_somebody_broke_is_told_and_the_overview_stands(open_desk: Open, home: str, tmp_path: Path) -> None:
    broken = tmp_path / "home"
    shutil.copytree(home, broken)
    reading_back.articles_path(str(broken), "2026-11-05").write_bytes(b"PAR1 and no more")
    client = open_desk(str(broken))
    assert "unreadable: clean it again" in client.get("/").text
    answer = client.get("/date?date=2026-11-05")
    assert (answer.status_code, "clean the date again" in answer.text) == (404, True)


@pytest.mark.parametrize("date", ["../../etc", "2026-11-02/..", "date=2026-11-02", "", "2026-13-01"])
def test_what_is_no_date_reaches_no_file(date: str, client: TestClient) -> None:
    for page in ("date", "rejects", "document", "raw"):
        assert client.get(f"/{page}", params={"date": date, "id": "x"}).status_code == 400


@pytest.mark.parametrize("id_", ["../../../etc/passwd", "wire-desk/../../x", "/etc/passwd", "nothing"])
def test_an_id_is_looked_up_in_the_table_and_nowhere_else(id_: str, client: TestClient) -> None:
    for page in ("document", "raw"):
        assert client.get(f"/{page}", params={"date": "2026-11-02", "id": id_}).status_code == 404


def test_the_tab_of_a_run_leads_to_its_date(client: TestClient) -> None:
    answer = client.get("/run/clean_articles/manual__1")
    assert (answer.status_code, answer.headers["location"]) == (303, "../../date?date=2026-11-02")
    assert "not published yet" in client.get("/run/clean_articles/scheduled__1").text
    assert client.get("/run/other_dag/manual__1").status_code == 404
    problem = client.get("/run/other_dag/manual__1").text
    assert 'href="../../static/desk.css"' in problem


def test_every_link_is_relative(client: TestClient) -> None:
    for url in PAGES:
        for href in re.findall(r'(?:href|src|action)="([^"]*)"', client.get(url).text):
            assert not href.startswith(("/", "http", "javascript"))
