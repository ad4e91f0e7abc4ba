"""A brief read from PDF: lines joined by their positions, note marks found by their size, keys from link addresses."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from toolkit import files
from toolkit.brief.read.source import CELL_END
from toolkit.brief.read.text import Text
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from toolkit.brief.read.source import Brief

__all__ = ["Chunk", "parse"]

_KEY = re.compile(r"#fig(?:%3D|=)(.+)$", re.IGNORECASE)
_ANEW = "Print the brief to PDF anew, without a password"
_MOST_BYTES, _MOST_PAGES = 100_000_000, 3_000
_SMALL = 0.85  # of the size beside it: a note mark
_BODY_SHARE = 0.15  # of all characters, below which a size is not the text's
_LEADING = 1.55  # sizes between two lines of one paragraph
_EDGE = 0.085  # of the page's height, where page numbers stand
_WIDTH = 0.5  # of the size: a character's usual width
_OPEN = re.compile(r"[ \n]$|\w[-\u2010\u2011]$")  # after it a new line needs no space: "États-" and "Unis"
_SHUT = re.compile(r"[.!?:…][”’\"')\]]*\s*$")


class Chunk(NamedTuple):
    """Some words at a position on a page, in points; `link` is an annotation over them whose address holds a key."""

    text: str
    x: float
    y: float
    size: float
    page: int
    link: tuple[int, str] | None
    height: float


def parse(path: Path | str) -> Brief:
    """Read a PDF; offsets count the characters of the text that is read from it.

    Raises
    ------
    SchemaError
        If it is not a PDF, is locked by a password, or holds no text.
    """
    chunks = _marked(_chunks(Path(path)))
    if not chunks:
        remedy = "Check the file it was printed from, or run OCR first"
        raise SchemaError(f"{path}: it holds no text; is it a scan?", remedy=remedy)
    sizes: Counter[float] = Counter()
    for each in chunks:
        sizes[round(each.size, 1)] += len(each.text)
    body = max(size for size, count in sizes.items() if count >= _BODY_SHARE * sizes.total())
    reader = _Reader()
    for stream in (True, False):
        for each in chunks:
            if (each.size >= body * 0.9) == stream:
                reader.add(each)
        reader.finish()
    return reader.text.brief(str(path))


@dataclass
class _Reader:
    text: Text = field(default_factory=Text)
    last: Chunk | None = None
    line_x: float = 0.0  # where the line, or the cell, began
    page: int = 0
    link: tuple[int, str] | None = None

    def add(self, chunk: Chunk) -> None:
        if _is_page_number(chunk):
            return
        mark = self._between(chunk)
        if chunk.link != self.link and self.link is not None:
            self.text.close()
        if mark == " ":
            if self.text.pieces and not _OPEN.search(self.text.pieces[-1][0]):
                self.text.add(" ")
        elif mark:
            self.text.close()
            self.text.end(mark)
        if chunk.page != self.page:
            self.text.part(f"page {chunk.page}")
        if chunk.link and (chunk.link != self.link or self.text.cited is None):
            self.text.open(chunk.link[1])
        self.page, self.link, self.last = chunk.page, chunk.link, chunk
        if _is_mark(chunk):
            self.text.skip(f"[{chunk.text[1:].strip()}]", "a note's mark")
        else:
            self.text.add(chunk.text)

    def finish(self) -> None:
        self.text.close()
        self.text.end()
        self.last = self.link = None

    def _between(self, chunk: Chunk) -> str:
        """Return what separates a chunk from the last: nothing, a space, the end of a cell or of a paragraph."""
        last = self.last
        if last is None or _is_mark(chunk):
            starts = (
                last is not None and _is_mark(chunk) and (chunk.page != last.page or last.y - chunk.y > last.size * 0.9)
            )
            self.line_x = chunk.x if last is None or starts else self.line_x
            return "\n\n" if starts else ""
        if chunk.page != last.page:
            before, self.line_x = self.line_x, chunk.x
            same = abs(before - chunk.x) < 1 and chunk.size == last.size
            return " " if same and not _SHUT.search(last.text) else "\n\n"
        down = last.y - chunk.y
        if abs(down) < last.size * 0.4:  # the same line
            far = chunk.x - last.x - _WIDTH * last.size * len(last.text) > 2 * last.size
            self.line_x = chunk.x if far else self.line_x
            return CELL_END if far else ""
        before, self.line_x = self.line_x, chunk.x
        if down < 0:
            return CELL_END if chunk.x - before > last.size else "\n\n"
        apart = down > _LEADING * last.size or (abs(chunk.size - last.size) > last.size * 0.1 and not _is_mark(last))
        return "\n\n" if apart or before - chunk.x > 3 * last.size else " "


def _is_mark(chunk: Chunk) -> bool:
    return chunk.text.startswith("\0")


def _is_page_number(chunk: Chunk) -> bool:
    return chunk.text.strip().isdigit() and not _EDGE * chunk.height < chunk.y < (1 - _EDGE) * chunk.height


def _marked(chunks: Iterable[Chunk]) -> list[Chunk]:
    """Mark the small digits beside larger text on their line: they are the mark of a note."""
    chunks = list(chunks)
    made = []
    for at, each in enumerate(chunks):
        beside = chunks[max(0, at - 1) : at] + chunks[at + 1 : at + 2]
        larger = [
            one.size
            for one in beside
            if one.page == each.page and abs(one.y - each.y) < one.size and each.size < _SMALL * one.size
        ]
        number = each.text.strip().strip(",").isdigit()
        made.append(each._replace(text=f"\0{each.text}", size=larger[0]) if larger and number else each)
    return made


def _chunks(path: Path) -> Iterator[Chunk]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    raw = files.read(path, most=_MOST_BYTES)
    try:
        yield from _read(PdfReader(io.BytesIO(raw)), path)
    except SchemaError:
        raise
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, RecursionError, AttributeError, IndexError) as error:
        raise SchemaError(f"{path}: not a readable PDF: {error}", remedy=_ANEW) from None


def _read(reader: Any, path: Path) -> Iterator[Chunk]:
    if reader.is_encrypted and not reader.decrypt(""):
        raise SchemaError(f"{path}: locked by a password", remedy=_ANEW)
    if len(reader.pages) > _MOST_PAGES:
        raise SchemaError(f"{path}: over {_MOST_PAGES:,} pages", remedy="Check it in parts")
    for number, page in enumerate(reader.pages, start=1):
        yield from _page(page, number)


def _page(page: Any, number: int) -> Iterator[Chunk]:
    links, found = _links(page), []
    height = float(page.mediabox.height)

    def visit(text: str, cm: list[float], tm: list[float], _: Any, size: float) -> None:
        if words := text.replace("\n", ""):
            x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            scale = abs(tm[3] * cm[3]) or 1.0
            real = size * scale
            link = _over(links, x + real * 0.1, y + real * 0.25)
            found.append(Chunk(words, x, y, real, number, link, height))

    page.extract_text(visitor_text=visit)
    return iter(found)


def _over(links: list[tuple[list[tuple[float, ...]], tuple[int, str]]], x: float, y: float) -> tuple[int, str] | None:
    for boxes, link in links:
        if any(left <= x <= right and low <= y <= high for left, low, right, high in boxes):
            return link
    return None


def _links(page: Any) -> list[tuple[list[tuple[float, ...]], tuple[int, str]]]:
    """Return the boxes of each annotation whose address holds a key."""
    found = []
    for at, each in enumerate(page.get("/Annots") or ()):
        annotation = each.get_object()
        key = _KEY.search(str((annotation.get("/A") or {}).get("/URI", "")))
        if key:
            points = [float(number) for number in annotation.get("/QuadPoints") or annotation["/Rect"]]
            boxes = [_box(points[at : at + 8]) for at in range(0, len(points), 8)]
            found.append((boxes, (id(each) + at, " ".join(unquote(key[1]).split()))))
    return found


def _box(points: list[float]) -> tuple[float, ...]:
    return min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2])
