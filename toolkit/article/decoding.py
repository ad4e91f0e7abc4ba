"""The bytes of an article as text, and its side-car: what is known about it that the text does not say."""

from __future__ import annotations

import codecs
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from toolkit import files
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SIDE_CAR", "decode", "decode_page", "side_car"]

# The longer mark first: UTF-32 begins like UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_HEAD = 4096
# What browsers do: pages that say Latin-1 are written in Windows-1252.
_BROWSERS = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}


def decode(raw: bytes, path: Path, encoding: str | None) -> str:
    """Return the text of `raw`, decoded by its byte order mark, else by `encoding`, else as UTF-8.

    Raises
    ------
    SchemaError
        If `raw` is binary, or has a byte that is invalid in its encoding.
    """
    mark, marked = _marked(raw)
    if not mark and b"\0" in raw:
        problem = f"{path}: binary, not a text (a null byte at byte {raw.index(0)})"
        raise SchemaError(problem, remedy="Save the article as plain text, HTML or PDF")
    encoding = marked or encoding or "utf-8"
    try:
        return raw[len(mark) :].decode(encoding)
    except LookupError:
        raise SchemaError(f"{path}: no encoding {encoding!r}", remedy="Correct `encoding` in the side-car") from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problem = f"{path}: line {line}, byte {error.start + len(mark)}, is not {encoding}"
        remedy = 'Save it as UTF-8, or name its encoding in the side-car: encoding = "cp1252"'
        raise SchemaError(problem, remedy=remedy) from None


def decode_page(raw: bytes, path: Path, encoding: str | None) -> tuple[str, list[str]]:
    """Return the text of a web page as a browser reads it, and a notice of invalid bytes."""
    mark, marked = _marked(raw)
    named = _CHARSET.search(raw[:_HEAD])
    said = marked or encoding or (named[1].decode("ascii") if named else "utf-8")
    try:
        codec = codecs.lookup(_BROWSERS.get(said.lower(), said)).name
    except LookupError:
        codec = "utf-8"
    if codec != "utf-8":
        return decode(raw, path, codec), []
    try:
        return raw[len(mark) :].decode("utf-8"), []
    except UnicodeDecodeError:
        text = raw[len(mark) :].decode("utf-8", "surrogateescape")
    strange = re.compile("[\udc80-\udcff]")
    notice = f"{len(strange.findall(text))} bytes are not UTF-8, as the page says, and were read as Windows-1252"
    return strange.sub(lambda one: bytes([ord(one[0]) - 0xDC00]).decode("cp1252", "replace"), text), [notice]


def _marked(raw: bytes) -> tuple[bytes, str]:
    return next(((mark, name) for mark, name in _MARKS if raw.startswith(mark)), (b"", ""))


SIDE_CAR = ("title", "outlet", "date", "date_basis", "date_reason", "url", "kind", "sha256", "encoding")


def side_car(path: Path) -> dict[str, str]:
    """Return the fields of a side-car; none if there is no such file.

    Raises
    ------
    SchemaError
        If it is not TOML, or has a field that is not in `SIDE_CAR`, or a wrong date.
    """
    if not path.is_file():
        return {}
    import tomllib  # only side-cars need it

    try:
        about: dict[str, Any] = tomllib.loads(files.read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise SchemaError(f"{path}: {error}", remedy='Write it as UTF-8 TOML: title = "…"') from None
    about = {name: value.isoformat() if isinstance(value, date) else value for name, value in about.items()}
    for name, value in about.items():
        if name not in SIDE_CAR or not isinstance(value, str):
            raise SchemaError(f"{path}: no text field {name!r}", remedy=f"Use {', '.join(SIDE_CAR)}, each a text")
    if about.get("kind", "article") not in {"article", "note"}:
        raise SchemaError(f"{path}: kind {about['kind']!r}", remedy='Write kind = "article" or kind = "note"')
    return _dated(about, path) if "date" in about else about


def _dated(about: dict[str, str], path: Path) -> dict[str, str]:
    """Check the date, and add its basis."""
    try:
        date.fromisoformat(about["date"])
    except ValueError:
        raise SchemaError(f"{path}: date {about['date']!r}", remedy="Write it as 2025-10-28, or leave it out") from None
    basis = about.setdefault("date_basis", "stated")
    if basis not in {"stated", "inferred"} or (basis == "inferred" and not about.get("date_reason")):
        remedy = 'Write date_basis = "stated", or "inferred" with date_reason'
        raise SchemaError(f"{path}: date_basis {basis!r} without a reason", remedy=remedy)
    return about
