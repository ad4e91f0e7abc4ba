"""Documents of known formats (JSON, CSV, XML, zip, PDF), refused unless they are whole and what they claim to be."""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from toolkit.errors import NotBelieved

__all__ = ["FIRST_ROW", "KINDS", "SELF_ENDING", "check", "load_csv", "load_json", "members", "read_xml"]

_AGAIN = "Try again later; if it stays, open the address in a browser and read what the service says"
_ERROR_WORDS = {
    "code", "detail", "details", "error", "errormessage", "errors", "fault", "message", "messages", "path",
    "reason", "requestid", "status", "statuscode", "success", "timestamp", "title", "traceid", "type",
}  # fmt: skip
_ERROR_ROOTS = {"html", "error", "errors", "exception", "exceptionreport", "fault", "envelope", "message"}
_MOST_DEPTH = 200
_MOST_UNPACKED = 16 * 2**30  # a BACI year is 0.5 GB unpacked, a whole release 12 GB
_MOST_RATIO = 200  # text of numbers packs 5 to 20 times; bombs pack 1,000 times
_CHUNK = 2**20
FIRST_ROW = 2  # of a CSV: the header is row 1

SELF_ENDING = {"json", "xml", "zip", "xlsx", "pdf"}  # a cut shows in the content itself
KINDS = SELF_ENDING | {"csv", "page", "text", "binary"}


def check(document: Path | bytes, kind: str, name: str) -> None:
    """Refuse a file, or bytes, that are not a whole document of `kind`.

    Parameters
    ----------
    document : Path or bytes
    kind : {"json", "csv", "xml", "zip", "xlsx", "pdf", "page", "text", "binary"}
        A page is HTML, PDF or text; its reader finds out which.
    name : str
        What errors call the document: an address or a file name.

    Raises
    ------
    NotBelieved
        Naming the place of the fault.
    """
    opened = document.open("rb") if isinstance(document, Path) else nullcontext(io.BytesIO(document))
    with opened as stream:
        head = stream.read(512)
        if not head.strip():
            raise NotBelieved(f"{name} is empty", remedy=_AGAIN)
        if kind not in {"xml", "page"} and head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
            raise NotBelieved(f"{name} is a page of markup, not {kind}: {_excerpt(head)}", remedy=_AGAIN)
        stream.seek(0)
        _CHECKS[kind](stream, name)


def load_json(raw: bytes, name: str = "the answer") -> Any:
    """Read JSON strictly: UTF-8, no repeated key, no NaN, no number that overflows, no error message.

    >>> load_json(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
        ...
    toolkit.errors.NotBelieved: the answer: key 'a' occurs twice in one object
      -> Ask the publisher which one counts
    """
    try:
        value = json.loads(
            _text(raw, name),
            object_pairs_hook=lambda pairs: _once(pairs, name),
            parse_constant=lambda word: _number(word, name),
            parse_float=lambda word: _number(word, name),
        )
    except (json.JSONDecodeError, RecursionError) as error:
        raise NotBelieved(f"{name} is not whole JSON: {error}", remedy=_AGAIN) from None
    if isinstance(value, dict) and value and {str(key).lower() for key in value} <= _ERROR_WORDS:
        raise NotBelieved(f"{name} is an error message: {_excerpt(raw)}", remedy="Do what it says")
    return value


def load_csv(raw: bytes, name: str = "the answer", *, delimiter: str | None = ",") -> list[dict[str, str]]:
    r"""Read a CSV table strictly: UTF-8, one header, every row as wide as it, all cells as text.

    A comma at the end of every row except the header is ignored; without `delimiter` the
    header shows which sign separates the cells.

    >>> load_csv(b"iso2,v\nNA,0101\n")
    [{'iso2': 'NA', 'v': '0101'}]
    """
    header, *rows = _csv_rows(_text(raw, name), name, delimiter)
    return [dict(zip(header, row, strict=True)) for row in rows]


def read_xml(raw: bytes, wanted: set[str], name: str = "the answer") -> list[tuple[str, dict[str, str], str]]:
    """Return the elements whose local names are wanted: name, attributes by local name, own text.

    >>> read_xml(b'<a xmlns:x="u"><b x:id="1">t</b></a>', {"b"})
    [('b', {'id': '1'}, 't')]
    """
    found: list[tuple[str, dict[str, str], list[str]]] = []
    inside: list[bool] = []

    def opened(tag: str, attributes: dict[str, str]) -> None:
        word = tag.rpartition(" ")[2]
        inside.append(word in wanted)
        if inside[-1]:
            found.append((word, {key.rpartition(" ")[2]: value for key, value in attributes.items()}, []))

    def text(words: str) -> None:
        if inside and inside[-1]:
            found[-1][2].append(words)

    _parse_xml(io.BytesIO(raw), name, (opened, lambda _: inside.pop(), text))
    return [(word, attributes, "".join(pieces).strip()) for word, attributes, pieces in found]


def members(path: Path | BinaryIO, name: str) -> list[zipfile.ZipInfo]:
    """Return the files in a zip; refuse sizes of a zip bomb and names that lead out of its folder."""
    try:
        with zipfile.ZipFile(path) as archive:
            files = [file for file in archive.infolist() if not file.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise NotBelieved(f"{name} is not a whole zip: {error}", remedy=_AGAIN) from None
    size, packed = sum(f.file_size for f in files), sum(f.compress_size for f in files)
    if not files or size > _MOST_UNPACKED or size > _MOST_RATIO * max(packed, _CHUNK):
        raise NotBelieved(f"{name} unpacks {packed:,} bytes to {size:,}", remedy="Unpack it by hand if you trust it")
    if odd := [f.filename for f in files if f.filename.startswith(("/", "\\")) or ".." in Path(f.filename).parts]:
        raise NotBelieved(f"{name} contains a file named {odd[0]!r}", remedy="Do not unpack it")
    return files


def _check_json(stream: BinaryIO, name: str) -> None:
    load_json(stream.read(), name)


def _check_csv(stream: BinaryIO, name: str) -> None:
    _csv_rows(_text(stream.read(), name), name, None)


def _check_text(stream: BinaryIO, name: str) -> None:
    _text(stream.read(), name)


def _check_xml(stream: BinaryIO, name: str) -> None:
    _parse_xml(stream, name, (lambda *_: None, lambda _: None, lambda _: None))


def _parse_xml(stream: BinaryIO, name: str, hear: tuple[Any, Any, Any]) -> None:
    """Parse XML, refusing entities and the root of an error page; `hear` gets starts, ends and text."""
    parser, depth = expat.ParserCreate(namespace_separator=" "), 0

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        word = tag.rpartition(" ")[2].lower()
        if depth == 1 and word in _ERROR_ROOTS:
            raise NotBelieved(f"{name} is an error page: its root is <{word}>", remedy=_AGAIN)
        if depth > _MOST_DEPTH:
            raise NotBelieved(f"{name} nests deeper than {_MOST_DEPTH}", remedy="Do not open it")
        hear[0](tag, attributes)

    def closed(tag: str) -> None:
        nonlocal depth
        depth -= 1
        hear[1](tag)

    def declared(*_: object) -> None:
        raise NotBelieved(f"{name} declares a document type or entities", remedy="Do not open it")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = opened, closed, hear[2]
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = declared
    try:
        parser.ParseFile(stream)
    except expat.ExpatError as error:
        raise NotBelieved(f"{name} is not whole XML: {error}", remedy=_AGAIN) from None


def _check_zip(stream: BinaryIO, name: str) -> None:
    members(stream, name)
    with zipfile.ZipFile(stream) as archive:
        try:
            bad = archive.testzip()
        except Exception as error:  # noqa: BLE001 (zlib, lzma and zipfile each raise their own)
            bad = str(error)
    if bad:
        raise NotBelieved(f"{name} is a damaged zip: {bad}", remedy=_AGAIN)


def _check_pdf(stream: BinaryIO, name: str) -> None:
    raw = stream.read()
    if not raw.startswith(b"%PDF-") or b"%%EOF" not in raw[-1024:]:
        raise NotBelieved(f"{name} is not a whole PDF", remedy=_AGAIN)


def _check_page(stream: BinaryIO, name: str) -> None:
    """Refuse a PDF that is cut; a page of markup may end anywhere."""
    if stream.read(4) == b"%PDF":
        stream.seek(0)
        _check_pdf(stream, name)


_CHECKS = {
    "json": _check_json,
    "csv": _check_csv,
    "xml": _check_xml,
    "zip": _check_zip,
    "xlsx": _check_zip,
    "pdf": _check_pdf,
    "page": _check_page,
    "text": _check_text,
    "binary": lambda *_: None,  # believed by its hash, or judged by its reader
}


def _csv_rows(text: str, name: str, delimiter: str | None) -> list[list[str]]:
    first = text.partition("\n")[0]
    mark = delimiter or max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark, strict=True) if row]
    except csv.Error as error:
        raise NotBelieved(f"{name} is not whole CSV: {error}", remedy=_AGAIN) from None
    if len(rows) < 2 or len(set(rows[0])) < len(rows[0]):  # noqa: PLR2004 (a header and a row)
        raise NotBelieved(f"{name} has no rows, or two columns of one name: {first[:80]!r}", remedy=_AGAIN)
    if all(len(row) == len(rows[0]) + 1 and not row[-1] for row in rows[1:]):  # as Comtrade's site saves them
        rows = [rows[0], *(row[:-1] for row in rows[1:])]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            problem = f"{name}: row {number} has {len(row)} cells, the header {len(rows[0])}"
            raise NotBelieved(problem, remedy="Fetch it again; a row may be cut or shifted")
    return rows


def _text(raw: bytes, name: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotBelieved(f"{name} is not UTF-8 at byte {error.start:,}", remedy="Save it as UTF-8") from None
    for mark, word in (("\ufeff", "a byte order mark inside"), ("\0", "a NUL")):
        if mark in text:
            raise NotBelieved(f"{name} has {word} at character {text.index(mark):,}", remedy=_AGAIN)
    return text


def _once(pairs: list[tuple[str, Any]], name: str) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        problem = f"{name}: key {twice!r} occurs twice in one object"
        raise NotBelieved(problem, remedy="Ask the publisher which one counts")
    return found


def _number(word: str, name: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise NotBelieved(f"{name}: {word} is not a finite number", remedy="Ask the publisher what it means")
    return number


def _excerpt(raw: bytes) -> str:
    return repr(" ".join(raw[:200].decode("utf-8", "replace").split())[:120])
