"""A brief read from a web page: its text by offsets in the file, keys from ``data-fig``."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from itertools import accumulate
from typing import TYPE_CHECKING

from toolkit.brief.read.source import CELL_END, read_text
from toolkit.brief.read.text import Text
from toolkit.codes import table

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.brief.read.source import Brief

__all__ = ["parse"]

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MARKS = {"footnote-ref": "a note's mark", "footnote-back": "a note's mark"}
_KINDS = {row["tag"]: row["kind"] for row in table("html_tags")}


def parse(path: Path | str) -> Brief:
    """Read a page; offsets count the characters of the file."""
    source = read_text(path)
    reader = _Reader(source)
    reader.feed(source)
    reader.close()
    reader.text.close()
    reader.text.unread.append((0, len(source), ""))
    return reader.text.brief(str(path), source)


class _Reader(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        lines = source.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in lines)]
        self.text = Text()
        self.stack: list[tuple[str, bool]] = []  # each open tag, and whether it began a cited span
        self.why: list[tuple[int, str]] = []  # depth and reason of each part that is not judged

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in {"td", "th", "tr"}:
            self._end_open(tag)
        if _KINDS.get(tag) == "block" and not self._inside("cell"):
            self.text.end()
        if tag == "br":
            self._add("\n", 0)
        length = len(self.get_starttag_text() or "")
        if tag == "img" and found.get("alt"):
            self.text.end()
            self._add(str(found["alt"]), length)
            self.text.end()
        if _KINDS.get(tag) == "void" or tag == "hr":
            return
        figure = found.get("data-fig")
        if figure and not self.why:
            self._move()
            self.text.at += length
            self.text.open(" ".join(figure.split()))
        self.stack.append((tag, bool(figure)))
        if why := self._reason(tag, found):
            self.why.append((len(self.stack), why))

    def handle_endtag(self, tag: str) -> None:
        if not any(tag == each for each, _ in self.stack):
            return
        while self.stack:
            name, cited = self.stack.pop()
            while self.why and self.why[-1][0] > len(self.stack):
                self.why.pop()
            if cited:
                self._move()
                self.text.close()
            if name == tag:
                break
        if _KINDS.get(tag) == "cell":
            self.text.end(CELL_END)
        elif _KINDS.get(tag) == "block" and not self._inside("cell"):
            self.text.end()

    def _end_open(self, tag: str) -> None:
        """End an open cell, and before a new row an open row: HTML may omit their end tags."""
        for each in reversed([name for name, _ in self.stack]):
            if each == "table":
                return
            if each in {"td", "th"} or each == tag:
                self.handle_endtag(each)

    def handle_data(self, data: str) -> None:
        self._add(data if self._inside("pre") else re.sub(r"[\n\t\r]", " ", data), len(data))

    def handle_entityref(self, name: str) -> None:
        self._add(html.unescape(f"&{name};"), len(name) + 2)

    def handle_charref(self, name: str) -> None:
        self._add(html.unescape(f"&#{name};"), len(name) + 3)

    def _reason(self, tag: str, found: dict[str, str | None]) -> str:
        if _KINDS.get(tag) == "unseen":
            return " "
        if "hidden" in found or _HIDDEN.search(found.get("style") or ""):
            return "hidden from readers"
        if _KINDS.get(tag) == "code" or tag == "pre":
            return "code"
        return next((_MARKS[name] for name in (found.get("class") or "").split() if name in _MARKS), "")

    def _inside(self, kind: str) -> bool:
        return any(kind in (tag, _KINDS.get(tag)) for tag, _ in self.stack)

    def _move(self) -> None:
        line, column = self.getpos()
        self.text.at = self.starts[line - 1] + column

    def _add(self, words: str, length: int) -> None:
        self._move()
        start = self.text.at
        if not self.why:
            self.text.pieces.append((words, start, start + length, self.text.cited))
        elif self.why[-1][1] != " ":
            self.text.unread.append((start, start + length, self.why[-1][1]))
        self.text.at = start + length
