"""What stands around a number beyond its sentence: title, heading, paragraph, the head of its table."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from toolkit import codes
from toolkit.brief._source import CELL_END
from toolkit.registry import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.brief._source import Place

_LONGEST = 120  # characters of a heading
_SHUT = re.compile(r"[.!:;,]\W*$")


class Far(NamedTuple):
    """What the text around a sentence speaks of; `flows` as X and M."""

    words: frozenset[str]
    economies: frozenset[str]
    flows: frozenset[str]


class Surroundings:
    r"""A text's paragraphs, and what stands over each.

    >>> around = Surroundings("Steel\n\nChina made much of it.\n\nIn 2024 it sold 5 Mt.\n\n")
    >>> sorted(around.far(33).economies), "steel" in around.far(33).words
    (['CHN'], True)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts: list[int] = []
        self.paragraphs: list[str] = []
        reached = 0
        for paragraph in text.split("\n\n"):
            if paragraph.strip():
                self.starts.append(reached)
                self.paragraphs.append(paragraph)
            reached += len(paragraph) + 2
        self._far: dict[int, Far] = {}
        self._alone: dict[int, Far] = {}
        self._over: list[tuple[int, ...]] = []
        self._find_heads()

    def index(self, position: int) -> int:
        """Give which paragraph holds `position`."""
        return max(0, bisect_right(self.starts, position) - 1)

    def far(self, position: int) -> Far:
        """Give what the paragraph there and what stands over it speak of."""
        at = self.index(position)
        if at not in self._far and self.paragraphs:
            self._far[at] = self._speaking({*self._over[at], at})
        return self._far.get(at, Far(frozenset(), frozenset(), frozenset()))

    @cached_property
    def whole(self) -> Far:
        """What all of the text speaks of."""
        return self._speaking(range(len(self.paragraphs)))

    def _speaking(self, which: Iterable[int]) -> Far:
        said = [self._said(each) for each in which]
        return Far(*(frozenset().union(*each) for each in zip(*said, strict=True))) if said else Far(*[frozenset()] * 3)

    def _said(self, at: int) -> Far:
        if at not in self._alone:
            text = self.paragraphs[at]
            named = frozenset(code for *_, code in codes.find_economies(text, regions=False) if code != "WLD")
            flows = frozenset(row["flow"] for *_, row in codes.find_words(text, "trade_words"))
            self._alone[at] = Far(words(text), named, flows)
        return self._alone[at]

    def before(self, position: int) -> set[int]:
        """Give the paragraphs from which a number there may be computed: its own, the one before, the table before."""
        at = first = self.index(position)
        first = max(0, first - 1)
        while first and self._is_row(first) and self._is_row(first - 1):
            first -= 1
        while first and self._is_heading(first):
            first -= 1
        return set(range(first, at + 1))

    def column_head(self, position: int) -> str | None:
        """Give the head of the column in which a number stands; None outside tables."""
        at = self.index(position)
        if not self.paragraphs or not self._is_row(at):
            return None
        column = self.paragraphs[at][: position - self.starts[at]].count(CELL_END)
        first = at
        while first and self._is_row(first - 1):
            first -= 1
        cells = self.paragraphs[first].split(CELL_END)
        return cells[column] if first < at and column < len(cells) else None

    def cell(self, position: int) -> Place:
        """Give where the cell of a table begins and ends."""
        end = self.text.find(CELL_END, position)
        start = max(self.text.rfind(CELL_END, 0, position) + len(CELL_END), self.starts[self.index(position)])
        return start, end if end >= 0 else len(self.text)

    def _find_heads(self) -> None:
        """Note for each paragraph its title, heading, table head and the paragraph before."""
        heading, text, head = 0, 0, 0
        for at in range(len(self.paragraphs)):
            row = self._is_row(at)
            head = at if row and not (at and self._is_row(at - 1)) else head
            self._over.append((0, heading, text, *((head,) if row else ())))
            heading = at if self._is_heading(at) else heading
            text = text if row or self._is_heading(at) else at

    def _is_row(self, at: int) -> bool:
        return CELL_END in self.paragraphs[at]

    def _is_heading(self, at: int) -> bool:
        text = self.paragraphs[at].strip()
        return len(text) <= _LONGEST and not self._is_row(at) and not _SHUT.search(text)
