"""Bytes as text, in the encoding that the file or its owner names; never by a silent guess."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

# The longer mark first: UTF-32 begins as UTF-16 does.
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
    """Give the text of `raw`: a byte order mark decides, else `encoding`, else UTF-8.

    Raises
    ------
    SchemaError
        If `raw` is binary, or has a byte that its encoding has not.
    """
    mark, marked = _marked(raw)
    if not mark and b"\0" in raw:
        raise SchemaError(
            f"{path}: binary, not a text (a null byte at byte {raw.index(0)})",
            remedy="Save the article as plain text, HTML or PDF",
        )
    encoding = marked or encoding or "utf-8"
    try:
        return raw[len(mark) :].decode(encoding)
    except LookupError:
        raise SchemaError(f"{path}: no encoding {encoding!r}", remedy="Correct `encoding` in the side-car") from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SchemaError(
            f"{path}: line {line}, byte {error.start + len(mark)}, is not {encoding}",
            remedy='Save it as UTF-8, or name its encoding in the side-car: encoding = "cp1252"',
        ) from None


def decode_page(raw: bytes, path: Path, encoding: str | None) -> tuple[str, list[str]]:
    """Give the text of a web page as a browser would read it, and a notice where bytes did not fit."""
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
