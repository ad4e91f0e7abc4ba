import json
import logging
import shutil
import ssl
import subprocess
import time

import fault_server as faults
import pytest

from toolkit.errors import FetchFailed, NotBelieved
from toolkit.web import Client, Key, Limits, Request

QUICK = Limits(seconds=2.0, quiet=0.6, most_bytes=2**24, attempts=3, wait=0.02, pause=0.0)
ERRORS = {"FetchFailed": FetchFailed, "NotBelieved": NotBelieved}


@pytest.fixture(scope="module")
def server():
    found = faults.FaultServer()
    yield found
    found.end()


@pytest.fixture
def web(server):
    with Client(QUICK, allow=[server.place]) as client:
        yield client


def all_rows(path):
    """Stand for a provider's check: the columns and the count that were asked for."""
    if path.read_bytes()[:1] == b"[":
        rows = json.loads(path.read_bytes())
        if len(rows) != len(faults.ROWS) or "v" not in rows[0]:
            raise NotBelieved("not the rows that were asked for", remedy="Ask again")


@pytest.mark.parametrize("mode", faults.MODES)
def test_every_fault_ends_in_right_data_or_a_typed_error(server, web, tmp_path, mode):
    expected = faults.MODES[mode]
    request = Request(server.url(mode), kind=expected.kind)
    if expected.outcome == "right":
        answer = web.fetch(request, tmp_path, all_rows)
        assert answer.path.read_bytes() == faults.RIGHT[expected.kind]
        assert answer.path.name == answer.sha256
    else:
        with pytest.raises(ERRORS[expected.outcome]) as caught:
            web.fetch(request, tmp_path, all_rows)
        assert "\n  -> " in str(caught.value)
        assert list(tmp_path.iterdir()) == [], "nothing is stored of an answer that is not believed"


def test_there_are_at_least_forty_faults():
    assert sum(not mode.startswith("fine") for mode in faults.MODES) >= 40


@pytest.mark.parametrize("mode", ["drip", "drip_head", "hang", "hang_in_body", "429_forever", "503_forever"])
@pytest.mark.parametrize("seconds", [0.5, 1.0])
def test_the_deadline_is_kept_within_a_tenth(server, tmp_path, mode, seconds):
    limits = Limits(seconds=seconds, quiet=30, attempts=50, pause=0.0)
    with Client(limits, allow=[server.place]) as web:
        start = time.monotonic()
        with pytest.raises(FetchFailed):
            web.fetch(Request(server.url(mode)), tmp_path)
        assert time.monotonic() - start <= seconds * 1.1


def test_retry_after_is_obeyed(server, web, tmp_path):
    server.hits["429_retry_after"] = 0
    start = time.monotonic()
    web.fetch(Request(server.url("429_retry_after")), tmp_path)
    assert time.monotonic() - start >= 1


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_https_is_spoken_with_a_certificate_that_is_checked(tmp_path, monkeypatch):
    files = {name: tmp_path / name for name in ("key.pem", "cert.pem")}
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", files["key.pem"], "-out", files["cert.pem"]], check=True, capture_output=True,
    )  # fmt: skip
    server = faults.FaultServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files["cert.pem"], files["key.pem"])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    place = ("localhost", server.place[1])
    request = Request(f"https://localhost:{place[1]}/fine_gzip")
    with Client(QUICK, allow=[place]) as web, pytest.raises(FetchFailed, match=r"certificate|CERTIFICATE"):
        web.fetch(request, tmp_path / "a")
    monkeypatch.setenv("SSL_CERT_FILE", str(files["cert.pem"]))
    with Client(QUICK, allow=[place]) as web:
        assert web.fetch(request, tmp_path / "a").path.read_bytes() == faults.JSON
    server.end()


def test_requests_keep_a_distance(server, tmp_path):
    with Client(Limits(pause=0.2), allow=[server.place]) as web:
        start = time.monotonic()
        for _ in range(3):
            web.fetch(Request(server.url("fine")), tmp_path)
    assert time.monotonic() - start >= 0.4


def test_loopback_is_refused_unless_a_test_allows_it(server, tmp_path):
    with Client(QUICK) as web, pytest.raises(NotBelieved, match=r"not https|not a public address"):
        web.fetch(Request(server.url("fine")), tmp_path)
    with Client(QUICK) as web, pytest.raises(NotBelieved, match="not a public address"):
        web.fetch(Request("https://localhost/"), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["header", "query"])
@pytest.mark.parametrize("mode", ["fine", "404", "echo", "redirect_abroad"])
def test_a_key_goes_to_its_service_and_nowhere_else(tmp_path, monkeypatch, caplog, place, mode):
    secret = "s3cret/oK+1"  # noqa: S105
    monkeypatch.setenv("EXAMPLE_KEY", secret)
    modes = {
        **faults.MODES,
        "echo": faults.Mode(lambda *_: (faults.whole(faults.JSON, X_Key=secret),)),
        "redirect_abroad": faults.Mode(faults.redirect("https://10.0.0.1/")),
    }
    server = faults.FaultServer(modes)
    caplog.set_level(logging.DEBUG)
    request = Request(server.url(mode), (("a", "b"),), key=Key("example", place, "token", required=True))
    said = ""
    with Client(QUICK, allow=[server.place]) as web:
        try:
            said = repr(web.fetch(request, tmp_path))
        except (FetchFailed, NotBelieved) as error:
            said = repr(error) + str(error)
    server.end()
    sent = "".join(server.seen)
    assert secret in sent or "s3cret%2FoK%2B1" in sent
    for form in (secret, "s3cret%2FoK%2B1"):
        assert form not in caplog.text
        assert form not in said


def test_a_key_may_lie_in_the_keyring(monkeypatch):
    import keyring

    monkeypatch.delenv("EXAMPLE_KEY", raising=False)
    monkeypatch.setattr(keyring, "get_password", lambda place, name: f"{place}/{name}")
    assert Key("example", "header", "k", required=True).find() == "trade-policy-toolkit/example"


def test_a_missing_key_is_named_with_its_variable(monkeypatch, tmp_path):
    import keyring

    monkeypatch.delenv("EXAMPLE_KEY", raising=False)
    monkeypatch.setattr(keyring, "get_password", lambda *_: None)
    request = Request("https://example.org/", key=Key("example", "header", "k", required=True))
    with Client(QUICK) as web, pytest.raises(FetchFailed, match="EXAMPLE_KEY"):
        web.fetch(request, tmp_path)


def test_a_check_that_fails_leaves_nothing_behind(server, web, tmp_path):
    def refuse(_):
        raise NotBelieved("not this one", remedy="Ask again")

    with pytest.raises(NotBelieved, match="not this one"):
        web.fetch(Request(server.url("fine")), tmp_path, refuse)
    assert list(tmp_path.iterdir()) == []
