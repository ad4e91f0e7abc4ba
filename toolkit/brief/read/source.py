"""A brief as its author wrote it: the tree, the text that readers see and the cited spans, by source offsets."""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit import files
from toolkit.brief.cite.styles import asked
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "CELL_END", "METADATA", "Brief", "Node", "Piece", "Place", "Span", "Unread", "attributes", "is_figure", "parse", "parse_text",
    "read_text", "run_pandoc",
]  # fmt: skip

Node = Any  # of pandoc's JSON
Place = tuple[int, int]

_READING = "commonmark_x+sourcepos-tex_math_dollars"
_PATIENCE = 120  # seconds; a brief of 500 pages takes five
_MARK = re.compile(r"\{[^{}]*?\bfig\s*=")
_LIST = re.compile(r"^(?:[ \t]|>)*(\d+)[.)](?=\s)", re.MULTILINE)
_MARKUP = re.compile(  # what readers do not see
    r"<!--.*?-->|\{[^{}]*\}|\]\([^()\n]*\)|\[\^[^\]\n]+\]:?|^\[[^\]\n]+\]:[^\n]*$", re.MULTILINE | re.DOTALL
)
_COMMENT = re.compile(r"\s*<!--.*-->\s*", re.DOTALL)
_POINT = re.compile(r"(\d+):(\d+)")
CELL_END = " | "
_TAB = 4  # columns; pandoc counts a tab as the way to the next stop
_SPACES = {"Space": " ", "SoftBreak": " ", "LineBreak": "\n"}
_QUOTES = {"DoubleQuote": ("“", "”"), "SingleQuote": ("‘", "’")}
_BLOCKS = {"Para", "Plain", "Header", "LineBlock"}
METADATA = re.compile(r"\A---[ \t]*\r?\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(\w[\w-]*):(.*\n(?:[ \t]+.*\n|\s*\n)*)", re.MULTILINE)
_PRINTED = {"title", "subtitle", "abstract"}
_REFUSED = {
    "Image": ("a key in an image's alt text, which carries none,", "Cite the figure in the text beside it"),
    "RawBlock": ("raw HTML or TeX", "Write it in Markdown, or in `backticks` to show it as it stands"),
}


class Span(NamedTuple):
    """A cited figure: ``source[start:end]`` is all of ``[text]{fig=figure as=style}``."""

    start: int
    end: int
    figure: str
    style: str | None


class Piece(NamedTuple):
    """Some of the text that readers see, its place in the source, and the span it belongs to."""

    text: str
    start: int
    end: int
    span: Span | None


Unread = tuple[int, int, str]  # start, end, why it is not read; empty for markup


@dataclass(frozen=True)
class Brief:
    """A brief as it was read.

    Attributes
    ----------
    path : str
    source : str
        The author's file without a byte order mark; of docx and pdf, the text read from it. Every offset counts its
        characters.
    tree : dict
        Pandoc's JSON, with positions; empty where the brief was not Markdown.
    pieces : tuple of Piece
        In reading order, footnotes last. An empty span is an empty piece.
    spans : tuple of Span
    unread : tuple of (int, int, str)
        What readers do not see or what is not judged, and why.
    titled : int
        Where the metadata end, in which no figure can be cited.
    parts : tuple of (int, str)
        Where each part or page begins.
    """

    path: str
    source: str
    tree: dict[str, Any]
    pieces: tuple[Piece, ...]
    spans: tuple[Span, ...]
    unread: tuple[Unread, ...] = ()
    titled: int = 0
    parts: tuple[tuple[int, str], ...] = ()

    def where(self, offset: int) -> str | None:
        """Return the part or page of an offset."""
        at = bisect_right(self.parts, (offset, chr(0x10FFFF))) - 1
        return self.parts[at][1] if at >= 0 else None

    def place(self, offset: int) -> str:
        """Return ``file:line`` of a source offset."""
        return f"{self.path}:{self.source.count(chr(10), 0, offset) + 1}"


def parse(path: Path | str) -> Brief:
    """Read a brief.

    Raises
    ------
    SchemaError
        Naming file and line: empty, not UTF-8 text, raw HTML, a key in an image's alt text,
        a key that is not attached to a bracketed text.
    """
    return parse_text(read_text(path), path)


def parse_text(source: str, path: Path | str) -> Brief:
    """Read a brief's Markdown; `path` names it in errors."""
    reader = _Reader(source)
    try:
        tree = _decoded(run_pandoc(source.encode(), "-f", _READING, "-t", "json", path=str(path)))
        reader.read_all(tree["blocks"])
    except RecursionError:
        raise SchemaError(f"{path}: nested too deep", remedy="Undo nested brackets, quotes or lists") from None
    pieces = (*_title(source), *reader.pieces)
    head = METADATA.match(source)
    titled = head.end() if head else 0
    unread = (*_unread(source, titled), *((*place, "code") for place in reader.code))
    brief = Brief(str(path), source, tree, pieces, tuple(sorted(reader.spans)), unread, titled)
    for kind, start in reader.refused:
        problem, remedy = _REFUSED[kind]
        raise SchemaError(f"{brief.place(start)}: {problem} cannot be checked", remedy=remedy)
    _refuse_loose_keys(brief)
    return brief


def run_pandoc(text: bytes, *options: str, path: str, epoch: str = "0") -> bytes:
    """Return what pandoc makes of `text`, in its sandbox, with warnings as errors; `path` names the brief in an error."""
    import pypandoc

    command = [pypandoc.get_pandoc_path(), "--sandbox", "--fail-if-warnings", *options]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch}
    try:
        done = subprocess.run(command, input=text, capture_output=True, check=True, timeout=_PATIENCE, env=environment)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().replace("\n", "; ")
        raise SchemaError(f"{path}: pandoc says {said}", remedy="Correct the Markdown there") from None
    except subprocess.TimeoutExpired:
        raise SchemaError(f"{path}: pandoc took over {_PATIENCE} s", remedy="Undo nested brackets or quotes") from None
    return done.stdout


def _decoded(raw: bytes) -> Any:
    """Return the JSON value; the garbage collector would search its millions of parts again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return json.loads(raw)
    finally:
        if collecting:
            gc.enable()


def attributes(node: Node) -> dict[str, str]:
    """Return the key-value attributes of an element of pandoc's tree."""
    content = node.get("c")
    for part in content[:2] if isinstance(content, list) else ():
        if isinstance(part, list) and len(part) == len(("id", "classes", "pairs")) and isinstance(part[0], str):
            return dict(part[2])
    return {}


def is_figure(node: Node) -> bool:
    """Return whether an element is a cited span; pandoc also attaches keys to single words."""
    found = attributes(node)
    return node["t"] == "Span" and "fig" in found and "wrapper" not in found


@dataclass
class _Reader:
    """Walks the tree once and collects pieces, spans and what is refused."""

    source: str
    pieces: list[Piece] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    refused: list[tuple[str, int]] = field(default_factory=list)
    code: list[Place] = field(default_factory=list)
    notes: list[tuple[Node, Place]] = field(default_factory=list)
    block_end: str = "\n\n"

    def __post_init__(self) -> None:
        self.lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", self.source)
        self.starts = [0, *accumulate(map(len, self.lines))]

    def read_all(self, blocks: Node) -> None:
        self.read(blocks, (0, 0), None)
        while self.notes:
            self.read(*self.notes.pop(0), None)

    def read(self, node: Node, at: Place, span: Span | None) -> None:
        if isinstance(node, list):
            for each in node:
                self.read(each, at, span)
        elif isinstance(node, dict) and "t" in node:
            found = attributes(node)
            at = self._place(found["data-pos"]) if found.get("data-pos") else at
            if is_figure(node):
                span = Span(*at, " ".join(found["fig"].split()), asked(found))
                self.spans.append(span)
                self.pieces.append(Piece("", *at, span))
            self._element(node["t"], node.get("c"), at, span)

    def _element(self, kind: str, content: Node, at: Place, span: Span | None) -> None:  # noqa: C901 - one case a kind
        match kind:
            case "Str" | "Space" | "SoftBreak" | "LineBreak":
                self.pieces.append(Piece(_SPACES.get(kind) or content, *at, span))
            case "Quoted":
                opening, closing = _QUOTES[content[0]["t"]]
                self.pieces.append(Piece(opening, at[0], at[0] + 1, span))
                self.read(content[1], at, span)
                self.pieces.append(Piece(closing, at[1] - 1, at[1], span))
            case "Note":
                self.notes.append((content, at))
            case "Code" | "CodeBlock":
                self.code.append(at)
            case "RawBlock" | "RawInline":
                if not _COMMENT.fullmatch(content[1]):
                    self.refused.append(("RawBlock", at[0]))
            case "Image":
                known = len(self.spans)
                self.read(content[1], at, span)
                if len(self.spans) > known:
                    self.refused.append((kind, at[0]))
            case "Table":
                self._table(content, at)
            case _:
                self.read(content, at, span)
        if kind in _BLOCKS:
            self.pieces.append(Piece(self.block_end, at[1], at[1], None))

    def _table(self, content: Node, at: Place) -> None:
        """Read each row as one line, so that its first cell stands beside its numbers."""
        _, caption, _, head, bodies, foot = content
        self.read(caption[1], at, None)
        bodies = [rows for body in bodies for rows in body[2:4]]
        for row in (row for rows in (head[1], *bodies, foot[1]) for row in rows):
            self.block_end = CELL_END
            for cell in row[1]:
                self.read(cell[-1], at, None)
            self.block_end = "\n\n"
            self.pieces.append(Piece("\n\n", at[1], at[1], None))

    def _place(self, position: str) -> Place:
        points = [(int(line), int(column)) for line, column in _POINT.findall(position)]
        return self._offset(*min(points)), self._offset(*max(points))

    def _offset(self, line: int, column: int) -> int:
        if line > len(self.lines):
            return len(self.source)
        start, text, reached = self.starts[line - 1], self.lines[line - 1], 1
        if "\t" not in text:
            return start + column - 1
        for offset, letter in enumerate(text, start):
            if reached >= column:
                return offset
            reached += _TAB - (reached - 1) % _TAB if letter == "\t" else 1
        return start + len(text)


def read_text(path: Path | str) -> str:
    """Return the text of a file, and refuse an empty one."""
    source = files.read_text(path)
    if not source.strip():
        raise SchemaError(f"{path}: empty", remedy="Write the brief first")
    return source


def _title(source: str) -> list[Piece]:
    """Return the fields of the metadata that readers see."""
    block = METADATA.match(source)
    entries = _FIELD.finditer(source, *block.span(1)) if block else ()
    printed = [entry for entry in entries if entry[1] in _PRINTED]
    return [Piece(entry[2], *entry.span(2), None) for entry in printed] + [Piece("\n", 0, 0, None)] * bool(printed)


def _unread(source: str, titled: int) -> Iterator[Unread]:
    """Yield the markup, which readers do not see, and the numbers of lists."""
    yield 0, titled, ""
    yield from ((*match.span(), "") for match in _MARKUP.finditer(source))
    yield from ((*match.span(1), "a list's number") for match in _LIST.finditer(source))


def _refuse_loose_keys(brief: Brief) -> None:
    """Refuse a key in the source that is not a cited span of the tree."""
    marks = [match.end() for match in _MARK.finditer(brief.source)]
    for mark, span in zip_longest(marks, brief.spans):
        if mark is None or span is None or not span.start < mark < span.end:
            raise SchemaError(
                f"{brief.place(span.start if mark is None else mark)}: a key that is not attached to one bracketed text",
                remedy='Write [text]{fig=key} or []{fig="a / b"}, outside code, comments, attributes of headings and the title',
            )
