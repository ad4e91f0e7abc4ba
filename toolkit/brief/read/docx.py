"""A brief read from Word's own XML: bookmarks, content controls, tracked changes, comments, notes."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from toolkit import files
from toolkit.brief.read.source import CELL_END
from toolkit.brief.read.text import Text
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from toolkit.brief.read.source import Brief

__all__ = ["footnotes", "parse", "text_runs"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARTS = re.compile(r"word/(?:document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml")
_BODY, _CUSTOM = "word/document.xml", "docProps/custom.xml"
_ORDER = ("document", "footnotes", "endnotes", "comments", "header", "footer")
_MOST_BYTES, _MOST_FILES, _DEEPEST = 200_000_000, 5_000, 200
_ANEW = "Save it anew in Word or LibreOffice"
_NAME = re.compile(r"fig-(?P<key>[a-z0-9]+(?:-[a-z0-9]+)*?)(?:--\d+)?|(?P<hash>figx-[0-9a-f]{12})(?:--\d+)?")
_SKIPPED = {"pPr", "rPr", "sectPr", "tblPr", "tcPr", "instrText", "sdtPr", "sdtEndPr", "Fallback", "tblGrid"}


def parse(path: Path | str) -> Brief:
    """Read a document as it would stand with every tracked change accepted.

    Raises
    ------
    SchemaError
        If it is not a docx, would unpack to more than `_MOST_BYTES`, or holds a document type.
    """
    return _read(path).text.brief(str(path))


def text_runs(path: Path | str) -> list[tuple[int, int]]:
    """Return for each run of text in the body its offset and its number among the ``w:t`` of the part."""
    parts, names = _open(Path(path))
    reader, root = _Reader(Text(), names), _xml(parts[_BODY], path, _BODY)
    number = {id(each): at for at, each in enumerate(root.iter(f"{_W}t"))}
    reader.read(root, _BODY)
    return [(start, number[each]) for start, each in reader.runs]


def footnotes(path: Path | str) -> list[tuple[int, str]]:
    """Return for each footnote its offset and its number in the file."""
    return _read(path).notes


def _read(path: Path | str) -> _Reader:
    parts, names = _open(Path(path))
    reader = _Reader(Text(), names)
    for name in sorted(parts, key=lambda name: (_rank(name), name)):
        reader.read(_xml(parts[name], path, name), name)
    return reader


class _Reader:
    def __init__(self, text: Text, names: dict[str, str]) -> None:
        self.text, self.names = text, names
        self.bookmark: str | None = None  # the id of the open bookmark of a figure
        self.cell = 0
        self.runs: list[tuple[int, int]] = []  # offset and identity of each text element
        self.why = ""  # the reason why what follows is not judged
        self.notes: list[tuple[int, str]] = []  # offset and number of each footnote
        self.name = ""
        self.page = 1

    def read(self, root: Element, name: str) -> None:
        self.name = name
        paged = name == _BODY and next(root.iter(f"{_W}lastRenderedPageBreak"), None) is not None
        self.page = 1 if paged else 0  # Word may state where its pages ended
        self.text.part(f"{name}, page 1" if paged else name)
        self.why = "a comment" if "comments" in name else ""
        self._walk(root, 0)
        self.text.close()
        self.bookmark = None
        self.text.end()

    def _walk(self, element: Element, depth: int) -> None:
        if depth > _DEEPEST:
            raise SchemaError("the document nests too deep", remedy=_ANEW)
        for child in element:
            kind = child.tag.rpartition("}")[2]
            if kind in _SKIPPED or (kind in {"footnote", "endnote"} and child.get(f"{_W}type")):
                continue
            if act := getattr(self, f"_{kind}", None):
                act(child, depth)
            else:
                self._walk(child, depth + 1)

    def _t(self, element: Element, _: int) -> None:
        words = element.text or ""
        self.runs.append((self.text.at, id(element)))
        self.text.skip(words, self.why) if self.why else self.text.add(words)

    def _p(self, element: Element, depth: int) -> None:
        self._walk(element, depth + 1)
        self.text.end(CELL_END if self.cell else "\n\n")

    def _tc(self, element: Element, depth: int) -> None:
        self.cell += 1
        self._walk(element, depth + 1)
        self.cell -= 1

    def _tr(self, element: Element, depth: int) -> None:
        self._walk(element, depth + 1)
        if not self.cell:
            self.text.end()

    def _delText(self, element: Element, _: int) -> None:  # noqa: N802 - the element's own name
        self.text.skip(element.text or "", "deleted by a tracked change")

    def _moveFrom(self, element: Element, depth: int) -> None:  # noqa: N802
        self._unjudged(element, depth, "moved away by a tracked change")

    def _fldSimple(self, element: Element, depth: int) -> None:  # noqa: N802
        is_page = re.match(r"\s*(?:PAGE|NUMPAGES)\b", element.get(f"{_W}instr") or "")
        self._unjudged(element, depth, "a page number" if is_page else self.why)

    def _unjudged(self, element: Element, depth: int, why: str) -> None:
        before, self.why = self.why, why
        self._walk(element, depth + 1)
        self.why = before

    def _docPr(self, element: Element, _: int) -> None:  # noqa: N802
        if words := element.get("descr"):
            self.text.end()
            self.text.add(words)
            self.text.end()

    def _tab(self, *_: object) -> None:
        self.text.add("\t")

    def _br(self, *_: object) -> None:
        self.text.add("\n")

    def _lastRenderedPageBreak(self, *_: object) -> None:  # noqa: N802
        if self.page:
            self.page += 1
            self.text.part(f"{self.name}, page {self.page}")

    def _footnote(self, element: Element, depth: int) -> None:
        self.notes.append((self.text.at, element.get(f"{_W}id") or ""))
        self._walk(element, depth + 1)

    def _noBreakHyphen(self, *_: object) -> None:  # noqa: N802
        self.text.add("-")

    def _bookmarkStart(self, element: Element, _: int) -> None:  # noqa: N802
        found = _NAME.fullmatch(element.get(f"{_W}name") or "")
        if found and self.bookmark is None:
            self.text.close()
            self.text.open(found["key"] or self.names.get(found["hash"], found["hash"]))
            self.bookmark = element.get(f"{_W}id")

    def _bookmarkEnd(self, element: Element, _: int) -> None:  # noqa: N802
        if self.bookmark is not None and element.get(f"{_W}id") == self.bookmark:
            self.text.close()
            self.bookmark = None

    def _sdt(self, element: Element, depth: int) -> None:
        tag = element.find(f"{_W}sdtPr/{_W}tag")
        words = tag.get(f"{_W}val") if tag is not None else ""
        bookmarked = any(_NAME.fullmatch(each.get(f"{_W}name") or "") for each in element.iter(f"{_W}bookmarkStart"))
        tagged = bool(words and words.startswith("fig:")) and not bookmarked and self.bookmark is None
        if tagged:
            self.text.open(str(words)[4:])
        self._walk(element, depth + 1)
        if tagged:
            self.text.close()


def _rank(name: str) -> int:
    return next(at for at, stem in enumerate(_ORDER) if name.startswith(f"word/{stem}"))


def _open(path: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the parts that hold text, and the expressions by their bookmarks' hashes."""
    raw = files.read(path, most=_MOST_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            listed = archive.infolist()
            if sum(each.file_size for each in listed) > _MOST_BYTES or len(listed) > _MOST_FILES:
                problem = f"{path}: unpacks to more than {_MOST_BYTES:,} bytes"
                raise SchemaError(problem, remedy="Shrink its images, or check its text alone")
            parts = {each.filename: archive.read(each) for each in listed if _PARTS.fullmatch(each.filename)}
            custom = archive.read(_CUSTOM) if _CUSTOM in archive.namelist() else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        remedy = "Save it as docx, without a password"
        raise SchemaError(f"{path}: not a docx, which is a zip archive", remedy=remedy) from None
    if _BODY not in parts:
        raise SchemaError(f"{path}: a zip archive without {_BODY}", remedy="Save it as docx")
    return parts, _names(custom, path) if custom else {}


def _names(custom: bytes, path: Path) -> dict[str, str]:
    """Return the expressions by the hashes that name their bookmarks."""
    properties = {each.get("name"): "".join(each.itertext()) for each in _xml(custom, path, _CUSTOM)}
    return {str(name): words for name, words in properties.items()}


def _xml(raw: bytes, path: Path | str, name: str) -> Element:
    if b"<!DOCTYPE" in raw:
        raise SchemaError(f"{path}: {name} declares a document type", remedy=_ANEW)
    try:
        return ET.fromstring(raw)  # noqa: S314 - without a document type it has no entities
    except ET.ParseError as error:
        raise SchemaError(f"{path}: {name} is broken XML: {error}", remedy=_ANEW) from None
