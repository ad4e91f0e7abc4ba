"""The text layer of a PDF, page by page, with limits on its unpacked size."""

from __future__ import annotations

import logging
import re
import zlib
from bisect import bisect
from io import BytesIO
from typing import TYPE_CHECKING, Any

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["pdf"]

_MOST_BYTES = 50_000_000
_MOST_PAGES = 1_000
_MOST_UNPACKED = 20_000_000  # bytes of one stream that is not a picture
_CHUNK = 1 << 14
_MOST_STREAMS = 50_000
_MOST_TOTAL = 200_000_000
_MOST_TEXT = 5_000_000  # characters
_STREAM = re.compile(rb"stream\r?\n")
_PICTURE = re.compile(rb"/Subtype\s*/Image")
_HEAD = 400  # bytes before a stream that have its dictionary
_REMEDY = "Save the article's text alone, as .txt"


def pdf(raw: bytes, path: Path) -> tuple[str, dict[str, Any]]:
    """Return the text of a PDF and its metadata; pages without text are listed in `notices`.

    Raises
    ------
    SchemaError
        If it is too large, also when unpacked, encrypted or broken, or has no pages or
        no text layer (a scan).
    """
    if len(raw) > _MOST_BYTES:
        raise SchemaError(f"{path}: {len(raw):,} bytes, more than {_MOST_BYTES:,}", remedy=_REMEDY)
    _check_streams(raw, path)
    # heavy, and only PDFs need it
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # its warnings become our errors or notices
    try:
        reader = PdfReader(BytesIO(raw))
        _unlock(reader, path)
        pages, about = _pages(reader, path), _metadata(reader)
    except SchemaError:
        raise
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError, zlib.error) as error:
        raise SchemaError(f"{path}: a PDF that cannot be read ({error})", remedy=_REMEDY) from None
    return "\n\n".join(pages), {**about, "form": "pdf", "notices": _empty(pages, path)}


def _unlock(reader: Any, path: Path) -> None:
    if reader.is_encrypted and not reader.decrypt(""):
        raise SchemaError(f"{path}: encrypted, it asks for a password", remedy="Save a copy without the password")


def _empty(pages: list[str], path: Path) -> tuple[str, ...]:
    """Return a notice of the pages without text; refuse a file that has no others."""
    empty = [number for number, page in enumerate(pages, 1) if not page.strip()]
    if len(empty) == len(pages):
        problem = f"{path}: {len(pages)} pages and no text layer: a scan"
        raise SchemaError(problem, remedy="Run OCR on it, or save its text as .txt")
    return (f"no text on page {', '.join(map(str, empty))} of {len(pages)}",) if empty else ()


def _pages(reader: Any, path: Path) -> list[str]:
    count = len(reader.pages)
    if not 0 < count <= _MOST_PAGES:
        raise SchemaError(f"{path}: {count} pages", remedy="Save the pages of the article alone")
    pages, length = [], 0
    for page in reader.pages:
        pages.append(page.extract_text() or "")
        length += len(pages[-1])
        if length > _MOST_TEXT:
            raise SchemaError(f"{path}: more than {_MOST_TEXT:,} characters", remedy=_REMEDY)
    return pages


def _check_streams(raw: bytes, path: Path) -> None:
    """Refuse a file that unpacks to more than pages of text can need."""
    view, total = memoryview(raw), 0
    ends = [found.start() for found in re.finditer(rb"endstream", raw)]
    for count, found in enumerate(_STREAM.finditer(raw)):
        start = found.end()
        if count >= _MOST_STREAMS:
            raise SchemaError(f"{path}: more than {_MOST_STREAMS:,} streams", remedy=_REMEDY)
        if raw[start : start + 1] != b"\x78" or _PICTURE.search(raw, max(0, start - _HEAD), start):
            continue
        last = bisect(ends, start)
        size = _unpacked(view[start : ends[last] if last < len(ends) else len(raw)])
        total += size
        if size > _MOST_UNPACKED or total > _MOST_TOTAL:
            problem = f"{path}: the stream at byte {start} unpacks to over {_MOST_UNPACKED:,} bytes"
            raise SchemaError(problem, remedy=_REMEDY)


def _unpacked(packed: memoryview) -> int:
    """Return how many bytes a stream unpacks to, or a number over the limit."""
    unpacker, size = zlib.decompressobj(), 0
    try:
        for at in range(0, len(packed), _CHUNK):
            rest: bytes | memoryview = packed[at : at + _CHUNK]
            while rest and size <= _MOST_UNPACKED:
                size += len(unpacker.decompress(rest, 1 << 20))
                rest = unpacker.unconsumed_tail
            if unpacker.eof or size > _MOST_UNPACKED:
                break
    except zlib.error:
        pass  # the reader reports the fault if it needs the stream
    return size


def _metadata(reader: Any) -> dict[str, str]:
    if not (stated := reader.metadata):
        return {}
    title = " ".join(str(stated.title or "").split())
    made = stated.creation_date
    dated = {
        "date": made.date().isoformat(),
        "date_basis": "inferred",
        "date_reason": "the day on which the PDF was made",
    }
    return ({"title": title} if title else {}) | (dated if made else {})
