import fault_server as faults
import pytest

from toolkit import figures
from toolkit.cli.figures import fetch as fetch_page
from toolkit.errors import FetchFailed, NotBelieved, SchemaError
from toolkit.store.answers import Store
from toolkit.web import Client, Limits

PAGE = """<!doctype html><html><head><title>Tea - News</title><meta property="og:title" content="Tea exports rise">
<meta property="og:site_name" content="Hill News"><meta property="article:published_time" content="2025-10-28T09:00:00Z"></head>
<body><nav>Subscribe for $5 a month</nav><article><h1>Tea exports rise</h1>
<p>Kenya’s tea exports rose 8 per cent to £1.2&nbsp;billion last year, the tea board said in its annual report on Tuesday.</p>
<p style="display:none">Secretly they fell 90 per cent, and nobody was told of it in any report by the tea board.</p>
<p>Pakistan remained the largest buyer with 210,000 tonnes, ahead of Egypt, according to the same report of the board.</p>
</article></body></html>"""
NOTE = "Exports fell 3 % to 40 million francs.".encode("utf-16")


@pytest.fixture(scope="module")
def server():
    kind = {"Content-Type": "text/html; charset=windows-1252"}
    modes = {
        "tea": faults.Mode(lambda *_: (faults.whole(PAGE.encode("cp1252"), **kind),)),
        "note": faults.Mode(lambda *_: (faults.whole(NOTE),)),
        "inward": faults.Mode(faults.redirect("https://10.0.0.7/secret")),
        "gone": faults.Mode(lambda *_: (faults.whole(b"<h1>gone</h1>", "404 Not Found"),)),
        "bare": faults.Mode(lambda *_: (faults.whole(b"<html><body></body></html>"),)),
    }
    running = faults.FaultServer(modes)
    yield running
    running.end()


@pytest.fixture
def fetch(server, tmp_path):
    with Client(Limits(pause=0, attempts=1, seconds=5), allow=[server.place]) as web:
        yield lambda mode: fetch_page(server.url(mode), tmp_path, web=web)


def test_a_page_is_fetched_kept_as_received_and_read(fetch, server, tmp_path):
    text = fetch("tea")
    assert [figure.quote for figure in figures.extract(text)] == ["8 per cent", "£1.2 billion", "210,000 tonnes"]
    assert (text.title, text.outlet, text.date, text.url) == (
        "Tea exports rise",
        "Hill News",
        "2025-10-28",
        server.url("tea"),
    )
    assert any("hidden" in notice for notice in text.notices)
    (receipt,) = Store(tmp_path).receipts()
    assert Store(tmp_path).read(receipt.sha256) == PAGE.encode("cp1252")
    assert (receipt.url, receipt.provider, receipt.sha256) == (server.url("tea"), "article", text.original_sha256)
    assert receipt.received_at
    assert figures.extract(text)[1].period == "2024"


def test_a_text_in_another_encoding_is_read_from_its_mark(fetch):
    assert [figure.quote for figure in figures.extract(fetch("note"))] == ["3 %", "40 million francs"]


@pytest.mark.parametrize(
    ("mode", "error", "problem"),
    [("inward", NotBelieved, "10.0.0.7"), ("gone", FetchFailed, "404"), ("bare", SchemaError, "127.0.0.1")],
)
def test_a_page_that_cannot_be_trusted_or_read_says_why(fetch, mode, error, problem):
    with pytest.raises(error, match=problem):
        fetch(mode)


@pytest.mark.parametrize("url", ["http://127.0.0.1/deal", "https://192.168.0.1/deal", "file:///etc/hosts"])
def test_only_public_addresses_are_asked(url, tmp_path):
    with pytest.raises(SchemaError, match="not a p"):
        fetch_page(url, tmp_path)
    assert not any(tmp_path.iterdir())
