"""A server on 127.0.0.1 that fails in every way a data service was seen to fail, and some more."""

import contextlib
import gzip
import io
import json
import socket
import socketserver
import threading
import zipfile
from collections import Counter
from dataclasses import dataclass

ROWS = [{"iso": "NA", "hs": "0101", "v": str(100 + n)} for n in range(200)]
JSON = json.dumps(ROWS).encode()
CSV = ("iso,hs,v\n" + "".join(f"{r['iso']},{r['hs']},{r['v']}\n" for r in ROWS)).encode()
XML = b'<?xml version="1.0"?><data>' + b"".join(b'<o v="%d"/>' % n for n in range(200)) + b"</data>"


def zipped(name="t.csv", body=CSV):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return stream.getvalue()


ZIP = zipped()
RIGHT = {"json": JSON, "csv": CSV, "xml": XML, "zip": ZIP, "text": CSV}
HTML = b"<!DOCTYPE html><html><body>Service unavailable</body></html>"


@dataclass
class Mode:
    """What the server sends at the n-th hit: a function of (hit, port) that yields pieces of bytes or waits."""

    send: object
    kind: str = "json"
    outcome: str = "right"  # or the name of an error


def head(status="200 OK", **headers):
    lines = [f"HTTP/1.1 {status}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(body, status="200 OK", **headers):
    return head(status, Content_Length=len(body), **headers) + body


def always(*pieces):
    return lambda *_: pieces


def after(failures, bad, good):
    return lambda hit, _: (bad,) if hit <= failures else (good,)


def chunk(body):
    return b"%x\r\n%s\r\n" % (len(body), body)


def packed(body, **headers):
    return whole(gzip.compress(body), Content_Encoding="gzip", **headers)


def drip(body, pause):
    def send(*_):
        yield head(Content_Length=len(body))
        for byte in body:
            yield bytes([byte])
            yield pause

    return send


def drip_head(*_):
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X-Pad: 1\r\n"
        yield 0.05


def redirect(target, status="302 Found"):
    return lambda _, port: (whole(b"", status, Location=target.format(port=port)),)


def loop(_, port):
    return (whole(b"", "302 Found", Location=f"http://127.0.0.1:{port}/redirect_loop"),)


GZ = gzip.compress(JSON)
BOMB = gzip.compress(b"[" + b"0," * 30_000_000 + b"0]", 1)
CUT_ROW = CSV[:-4]
CUT_CLEAN = CSV[: CSV.rfind(b"\n", 0, -1) + 1]  # cut at the very end of a row: looks whole
OK = whole(JSON)

MODES = {
    "fine": Mode(always(OK)),
    "fine_chunked": Mode(always(head(Transfer_Encoding="chunked"), chunk(JSON[:99]), chunk(JSON[99:]), b"0\r\n\r\n")),
    "fine_gzip": Mode(always(packed(JSON))),
    "fine_gzip_csv": Mode(always(packed(CSV)), "csv"),
    "fine_xml": Mode(always(whole(XML)), "xml"),
    "fine_zip": Mode(always(whole(ZIP)), "zip"),
    "fine_unframed_json": Mode(always(head(), JSON)),
    "fine_slow_start": Mode(lambda *_: (0.3, OK)),
    "429_retry_after": Mode(after(1, whole(b"", "429 Too Many Requests", Retry_After="1"), OK)),
    "429_retry_after_date": Mode(
        after(1, whole(b"", "429 Too Many Requests", Retry_After="Thu, 01 Jan 1970 00:00:00 GMT"), OK)
    ),
    "429_without_retry_after": Mode(after(2, whole(b"slow down", "429 Too Many Requests"), OK)),
    "429_for_an_hour": Mode(always(whole(b"", "429 Too Many Requests", Retry_After="3600")), outcome="FetchFailed"),
    "429_forever": Mode(always(whole(b"", "429 Too Many Requests")), outcome="FetchFailed"),
    "403_retry_after": Mode(after(1, whole(b"", "403 Forbidden", Retry_After="0"), OK)),
    "403_final": Mode(always(whole(b"", "403 Forbidden")), outcome="FetchFailed"),
    "404": Mode(always(whole(HTML, "404 Not Found")), outcome="FetchFailed"),
    "500_then_fine": Mode(after(1, whole(b"oops", "500 Internal Server Error"), OK)),
    "503_forever": Mode(always(whole(b"", "503 Service Unavailable")), outcome="FetchFailed"),
    "503_flapping": Mode(
        lambda hit, _: (OK,) if hit % 3 == 0 else (whole(b"", "503 Service Unavailable"),),
    ),
    "206_partial": Mode(always(whole(JSON[:500], "206 Partial Content")), outcome="FetchFailed"),
    "204_nothing": Mode(always(head("204 No Content")), outcome="FetchFailed"),
    "empty_200": Mode(always(whole(b"")), outcome="NotBelieved"),
    "blank_200": Mode(always(whole(b"  \n")), "csv", "NotBelieved"),
    "drip": Mode(drip(JSON, 0.05), outcome="FetchFailed"),
    "drip_head": Mode(drip_head, outcome="FetchFailed"),
    "hang": Mode(lambda *_: (30.0,), outcome="FetchFailed"),
    "hang_in_body": Mode(lambda *_: (head(Content_Length=len(JSON)), JSON[:99], 30.0), outcome="FetchFailed"),
    "cut_with_length": Mode(always(head(Content_Length=len(JSON)), JSON[:700]), outcome="FetchFailed"),
    "cut_with_length_then_fine": Mode(after(1, head(Content_Length=len(JSON)) + JSON[:700], OK)),
    "cut_chunked": Mode(always(head(Transfer_Encoding="chunked"), chunk(JSON[:700])), outcome="FetchFailed"),
    "cut_json_without_length": Mode(always(head(), JSON[:700]), outcome="NotBelieved"),
    "cut_csv_in_a_row_without_length": Mode(always(head(), CUT_ROW), "csv", "NotBelieved"),
    "cut_csv_after_a_row_without_length": Mode(always(head(), CUT_CLEAN), "csv", "NotBelieved"),
    "cut_csv_with_false_length": Mode(always(whole(CSV[: CSV.rfind(b",")])), "csv", "NotBelieved"),
    "cut_xml_without_length": Mode(always(head(), XML[:-20]), "xml", "NotBelieved"),
    "cut_zip_without_length": Mode(always(head(), ZIP[:-30]), "zip", "NotBelieved"),
    "half_gzip": Mode(
        always(head(Content_Encoding="gzip", Content_Length=len(GZ) // 2), GZ[: len(GZ) // 2]), outcome="NotBelieved"
    ),
    "half_gzip_without_length": Mode(always(head(Content_Encoding="gzip"), GZ[: len(GZ) // 2]), outcome="NotBelieved"),
    "gzip_csv_cut_after_a_row": Mode(
        always(head(Content_Encoding="gzip"), gzip.compress(CSV)[:-9]), "csv", "NotBelieved"
    ),
    "gzip_wrong_checksum": Mode(
        always(whole(GZ[:-8] + b"\0\0\0\0" + GZ[-4:], Content_Encoding="gzip")), outcome="NotBelieved"
    ),
    "gzip_wrong_length": Mode(always(whole(GZ[:-4] + b"\1\0\0\0", Content_Encoding="gzip")), outcome="NotBelieved"),
    "gzip_and_more": Mode(always(whole(GZ + b"tail", Content_Encoding="gzip")), outcome="NotBelieved"),
    "not_gzip": Mode(always(whole(JSON, Content_Encoding="gzip")), outcome="NotBelieved"),
    "brotli_unasked": Mode(always(whole(b"\x8b\x02", Content_Encoding="br")), outcome="NotBelieved"),
    "bomb": Mode(always(whole(BOMB, Content_Encoding="gzip")), outcome="NotBelieved"),
    "endless": Mode(
        lambda *_: (head(), *(b"x" * 2**16 for _ in range(2000))), kind="text", outcome="NotBelieved"
    ),
    "endless_chunked": Mode(
        lambda *_: (head(Transfer_Encoding="chunked"), *(chunk(b"1" * 2**16) for _ in range(2000))),
        outcome="NotBelieved",
    ),
    "huge_length": Mode(always(head(Content_Length=10**12), b"["), outcome="NotBelieved"),
    "zip_bomb": Mode(always(whole(zipped(body=b"0" * 300_000_000))), "zip", "NotBelieved"),
    "zip_outside": Mode(always(whole(zipped("../../x.csv"))), "zip", "NotBelieved"),
    "zip_wrong_checksum": Mode(always(whole(ZIP[:60] + bytes([ZIP[60] ^ 1]) + ZIP[61:])), "zip", "NotBelieved"),
    "html_200_for_json": Mode(always(whole(HTML, Content_Type="application/json")), outcome="NotBelieved"),
    "html_200_for_csv": Mode(always(whole(HTML, Content_Type="text/csv")), "csv", "NotBelieved"),
    "html_200_for_xml": Mode(always(whole(b"<html><body>Sorry</body></html>")), "xml", "NotBelieved"),
    "html_200_then_fine": Mode(after(1, whole(HTML), OK)),
    "xml_200_for_json": Mode(always(whole(b'<?xml version="1.0"?><wb:error/>')), outcome="NotBelieved"),
    "xml_error_200": Mode(always(whole(b'<m:Error xmlns:m="x"><m:Text>no</m:Text></m:Error>')), "xml", "NotBelieved"),
    "xml_entities": Mode(
        always(whole(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')), "xml", "NotBelieved"
    ),
    "json_error_200": Mode(always(whole(b'{"statusCode": 429, "message": "Try again in 2 seconds"}')), outcome="NotBelieved"),
    "json_nan": Mode(always(whole(JSON.replace(b'"150"', b"NaN"))), outcome="NotBelieved"),
    "json_overflow": Mode(always(whole(JSON.replace(b'"150"', b"1e999"))), outcome="NotBelieved"),
    "json_key_twice": Mode(always(whole(JSON.replace(b'"hs"', b'"v"', 1))), outcome="NotBelieved"),
    "json_twice": Mode(always(whole(JSON + JSON)), outcome="NotBelieved"),
    "json_too_deep": Mode(always(whole(b"[" * 100_000)), outcome="NotBelieved"),
    "wrong_encoding": Mode(always(whole(CSV.replace(b"NA,0101,150", b"\xd6S,0101,150"))), "csv", "NotBelieved"),
    "mark_inside": Mode(always(whole(CSV.replace(b"150", b"\xef\xbb\xbf150"))), "csv", "NotBelieved"),
    "nul_inside": Mode(always(whole(CSV.replace(b"150", b"1\x0050"))), "csv", "NotBelieved"),
    "shifted_row": Mode(always(whole(CSV.replace(b"NA,0101,150", b"NA,01,01,150"))), "csv", "NotBelieved"),
    "open_quote": Mode(always(whole(CSV.replace(b"NA,0101,150", b'"NA,0101,150'))), "csv", "NotBelieved"),
    "column_twice": Mode(always(whole(CSV.replace(b"iso,hs,v", b"iso,hs,hs"))), "csv", "NotBelieved"),
    "header_alone": Mode(always(whole(b"iso,hs,v\n")), "csv", "NotBelieved"),
    "wrong_schema": Mode(always(whole(JSON.replace(b'"v"', b'"value"'))), outcome="NotBelieved"),
    "missing_rows": Mode(always(whole(json.dumps(ROWS[:100]).encode())), outcome="NotBelieved"),
    "redirect_to_loopback": Mode(redirect("http://127.0.0.1:1/"), outcome="NotBelieved"),
    "redirect_to_loopback_name": Mode(redirect("https://localhost:{port}/fine"), outcome="NotBelieved"),
    "redirect_to_link_local": Mode(redirect("https://169.254.169.254/latest/meta-data"), outcome="NotBelieved"),
    "redirect_to_private": Mode(redirect("https://10.0.0.1/"), outcome="NotBelieved"),
    "redirect_to_file": Mode(redirect("file:///etc/passwd"), outcome="NotBelieved"),
    "redirect_nowhere": Mode(always(whole(b"", "302 Found")), outcome="NotBelieved"),
    "redirect_loop": Mode(loop, outcome="NotBelieved"),
    "redirect_fine": Mode(redirect("/fine", "307 Temporary Redirect")),
    "reset": Mode(lambda *_: ("reset",), outcome="FetchFailed"),
    "closed_at_once": Mode(lambda *_: (), outcome="FetchFailed"),
    "closed_once_then_fine": Mode(lambda hit, _: () if hit == 1 else (OK,)),
    "not_http": Mode(always(b"220 mail.example ESMTP\r\n"), outcome="FetchFailed"),
    "two_lengths": Mode(
        always(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n" + JSON), outcome="FetchFailed"
    ),
}  # fmt: skip


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            request = self.request.recv(65536).decode("latin-1")
            path = request.split(" ")[1]
            self.server.seen.append(request)
            mode = path.strip("/").partition("?")[0]
            self.server.hits[mode] += 1
            for piece in self.server.modes[mode].send(self.server.hits[mode], self.server.server_address[1]):
                self.put(piece)

    def put(self, piece):
        if isinstance(piece, float):
            self.server.stop.wait(piece)
        elif piece == "reset":
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.request.close()
        else:
            self.request.sendall(piece)


class FaultServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, modes=MODES):
        super().__init__(("127.0.0.1", 0), Handler)
        self.modes, self.hits, self.seen, self.stop = modes, Counter(), [], threading.Event()
        self.place = self.server_address[:2]
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, mode):
        return f"http://127.0.0.1:{self.place[1]}/{mode}"

    def end(self):
        self.stop.set()
        self.shutdown()
        self.server_close()
