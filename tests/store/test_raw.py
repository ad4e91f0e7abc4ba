import random

import fault_server as faults
import pytest

from toolkit.errors import NotBelieved, SchemaError, ToolkitError, UnknownCode
from toolkit.store.answers import Store
from toolkit.web import Client, Limits, Request

MOMENT = "2025-01-01T00:00:00+00:00"


@pytest.fixture
def server():
    found = faults.FaultServer()
    yield found
    found.end()


def test_an_answer_is_replayed_without_network(server, tmp_path):
    store, request = Store(tmp_path), Request(server.url("fine"), (("year", "2023"),))
    with Client(Limits(pause=0), allow=[server.place]) as web:
        kept = store.ask("example", request, web=web, query={"years": [2023]})
    asked = len(server.seen)
    again = store.ask("example", request, web=None)
    assert len(server.seen) == asked
    assert again == kept
    assert store.read(again.sha256) == faults.JSON
    assert (again.status, again.query, again.headers["content-length"]) == (
        200,
        {"years": [2023]},
        str(len(faults.JSON)),
    )
    assert store.verify() == []


def test_what_was_never_fetched_is_named_offline(tmp_path):
    with pytest.raises(UnknownCode, match=r"no stored answer for https://example\.org"):
        Store(tmp_path).ask("example", Request("https://example.org/"), web=None)


def test_the_newest_answer_counts_and_the_older_one_stays(tmp_path):
    store = Store(tmp_path)
    old = store.keep(b"old", "example", "file:a", received_at="2025-01-01T00:00:00+00:00")
    new = store.keep(b"new", "example", "file:a", received_at="2025-02-01T00:00:00+00:00")
    assert store.newest(Request("file:a")) == new
    assert store.read(old.sha256) == b"old"


def test_a_quarantined_answer_is_not_used_until_released(tmp_path):
    store = Store(tmp_path)
    old = store.keep(b"old", "example", "file:a", received_at="2025-01-01T00:00:00+00:00")
    new = store.keep(b"new", "example", "file:a", received_at="2025-02-01T00:00:00+00:00")
    store.quarantine(new.sha256, ["all values are 1,000 times the last vintage's"])
    assert store.newest(Request("file:a")) == old
    store.release(new.sha256)
    assert store.newest(Request("file:a")) == new


def test_a_flipped_bit_or_a_cut_is_never_read(tmp_path):
    store = Store(tmp_path)
    receipt = store.keep(b"t,i,j\n" * 50, "baci", "file:a", received_at=MOMENT)
    chance = random.Random(4)
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        whole = path.read_bytes()
        for _ in range(150):
            bad = bytearray(whole)
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
            path.write_bytes(bad)
            assert store.verify() or store.receipts() == [receipt], "a flip that changes nothing of what is read"
        path.write_bytes(whole[: chance.randrange(len(whole))])
        assert store.verify()
        with pytest.raises((NotBelieved, SchemaError, ToolkitError)):
            store.read(store.receipts()[0].sha256)
        path.write_bytes(whole)


def test_an_answer_without_a_receipt_is_named(tmp_path):
    store = Store(tmp_path)
    store.keep(b"old", "example", "file:a", received_at=MOMENT)
    next((tmp_path / "receipts").iterdir()).unlink()
    assert "has no receipt" in store.verify()[0]
