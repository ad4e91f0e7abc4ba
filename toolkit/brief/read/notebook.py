"""A brief read from a notebook: the words of its Markdown cells, by offsets in the file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from toolkit.brief.read.source import Brief, Piece, Span, parse_text, read_text
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["parse"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|[^\s{}\[\]:,"]+', re.DOTALL)
_LETTER = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|.", re.DOTALL)
_SHOWN = {"text", "text/plain", "text/html", "text/markdown", "text/latex"}  # what readers see of an output
_BETWEEN = "\n\n"


def parse(path: Path | str) -> Brief:
    """Read a notebook; offsets count the characters of its file."""
    raw = read_text(path)
    cells = _cells(raw, path)
    words: list[str] = []
    where: list[int] = []
    unread = [(0, len(raw), "")]
    for place, start, end in _strings(raw):
        cell = cells[place[1]] if place[:1] == ("cells",) and isinstance(place[1], int) else {}
        prose = cell.get("cell_type") == "markdown"
        if place[2:3] == ("source",) and prose:
            if where and place[-1] in {"source", 0}:
                words.append(_BETWEEN)
                where += [start] * len(_BETWEEN)
            for letter in _LETTER.finditer(raw, start + 1, end - 1):
                words.append(json.loads(f'"{letter[0]}"', strict=False))
                where.append(letter.start())
        elif place[2:3] == ("source",) or (place[2:3] == ("outputs",) and _SHOWN & {*map(str, place)}):
            unread.append((start, end, "code" if place[2] == "source" else "an output"))
    if not "".join(words).strip():
        return Brief(str(path), raw, {}, (), (), tuple(unread))
    return _moved(parse_text("".join(words), path), [*where, where[-1] + 1], raw, unread)


def _moved(brief: Brief, where: list[int], raw: str, unread: list[tuple[int, int, str]]) -> Brief:
    """Return the brief with the offsets of the notebook's file."""
    spans = {each: Span(where[each.start], where[each.end - 1] + 1, each.figure, each.style) for each in brief.spans}
    pieces = tuple(
        Piece(
            each.text,
            where[each.start],
            where[each.end - 1] + 1 if each.end > each.start else where[each.start],
            spans[each.span] if each.span else None,
        )
        for each in brief.pieces
    )
    inside = [(where[start], where[end - 1] + 1, why) for start, end, why in brief.unread if end > start and why]
    return Brief(brief.path, raw, {}, pieces, tuple(spans.values()), (*unread, *inside))


def _cells(raw: str, path: Path | str) -> list[dict[str, Any]]:
    try:
        cells: list[dict[str, Any]] = json.loads(raw)["cells"]
        good = isinstance(cells, list) and all(isinstance(cell, dict) for cell in cells)
    except (ValueError, KeyError, TypeError, RecursionError):
        good = False
    if not good:
        raise SchemaError(f"{path}: not a notebook", remedy="Save it in JupyterLab, format 4")
    return cells


def _strings(raw: str) -> Iterator[tuple[tuple[str | int, ...], int, int]]:
    """Yield the path of keys and indices to every string value, and its place."""
    stack: list[list[Any]] = []  # for an object its current key or None, for an array the index
    for token in _TOKEN.finditer(raw):
        match token[0][0]:
            case "{" | "[" as opening:
                stack.append([None if opening == "{" else 0])
            case "}" | "]":
                stack.pop()
            case ",":
                stack[-1][0] = None if isinstance(stack[-1][0], str | None) else stack[-1][0] + 1
            case '"' if stack and stack[-1][0] is None:
                stack[-1][0] = json.loads(token[0], strict=False)
            case '"':
                yield tuple(level[0] for level in stack), token.start(), token.end()
