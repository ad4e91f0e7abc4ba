"""The text of a brief with its figures filled in, and what stands around a number in it: headings, paragraphs, tables."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from toolkit import codes, figures
from toolkit.brief.cite import Cited, evaluate
from toolkit.brief.cite.styles import ends_hedged
from toolkit.brief.read.source import CELL_END
from toolkit.errors import ToolkitError
from toolkit.quantity import Quantity
from toolkit.registry import words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from toolkit.brief.read.source import Brief, Place, Span
    from toolkit.figures import Figure
    from toolkit.registry import Registry

__all__ = ["Paragraphs", "Prose", "Surroundings", "column_unit", "fill", "overlaps"]

_BEFORE = 8  # pieces in which a hedge before a span may stand


@dataclass(frozen=True)
class Prose:
    """The text of a brief with its figures filled in.

    Attributes
    ----------
    texts : tuple of str
        Its pieces.
    places : tuple of (int, int)
        The place of each piece in the source.
    cited : dict
        From span to the figure that it cites, or to the error why it cites none.
    within : dict
        From span to its place in `text`.
    """

    texts: tuple[str, ...]
    places: tuple[Place, ...]
    cited: dict[Span, Cited | ToolkitError]
    within: dict[Span, Place]

    @cached_property
    def text(self) -> str:
        """All of it."""
        return "".join(self.texts)

    @cached_property
    def read(self) -> list[Figure]:
        """The figures in it; numbers of a table have the unit of their column's head."""
        found = figures.extract(self.text)
        in_table = CELL_END in self.text
        return [replace(each, quantity=self.headed(each.quantity, each.start)) for each in found] if in_table else found

    @cached_property
    def around(self) -> Paragraphs:
        """Its paragraphs, headings and tables."""
        return Paragraphs(self.text)

    @cached_property
    def dates(self) -> list[Place]:
        """The dates in it."""
        return [(each.start, each.end) for each in figures.extract_dates(self.text)]

    def figure(self, start: int, end: int) -> Figure | None:
        """Return the first figure that overlaps ``text[start:end]``."""
        at = bisect_right(self._figure_ends, start)
        return self.read[at] if at < len(self.read) and self.read[at].start < end else None

    def figure_before(self, start: int) -> Figure | None:
        """Return the last figure that ends before `start`."""
        at = bisect_right(self._figure_ends, start) - 1
        return self.read[at] if at >= 0 else None

    def is_date(self, start: int, end: int) -> bool:
        """Return whether a date stands there."""
        return overlaps((start, end), self.dates)

    def source(self, start: int, end: int) -> Place:
        """Return the source offsets of ``text[start:end]``."""
        return self._offset(start, 0), self._offset(end - 1, 1)

    def headed(self, quantity: Quantity, start: int) -> Quantity:
        """Return a bare number at `start` the unit and scale of its column's head, such as "£m"."""
        head = self.around.column_head(start) if quantity.unit == "1" and CELL_END in self.text else None
        if not head or quantity.value is None or (unit := column_unit(head)) is None:
            return quantity
        return Quantity.stated(quantity.value * unit[0], unit[1], quantity.hedge)

    @cached_property
    def _figure_ends(self) -> list[int]:
        return [figure.end for figure in self.read]

    @cached_property
    def _ends(self) -> list[int]:
        return [*accumulate(map(len, self.texts))]

    def _offset(self, position: int, after: int) -> int:
        at = bisect_right(self._ends, position)
        start, end = self.places[at]
        into = position - (self._ends[at] - len(self.texts[at]))
        literal = len(self.texts[at]) == end - start
        return start + into + after if literal else (start, end)[after]


def fill(brief: Brief, registry: Registry) -> Prose:
    """Return the text of `brief` with its empty spans filled in from `registry`."""
    written = Counter(piece.span for piece in brief.pieces if piece.text)
    cited = {span: _evaluate(span, registry) for span in brief.spans}
    texts: list[str] = []
    within: dict[Span, Place] = {}
    reached = 0
    for piece in brief.pieces:
        text = piece.text
        source = cited[piece.span] if piece.span and not written[piece.span] else None
        if piece.span and isinstance(source, Cited):
            text = source.show(piece.span.style, hedged=not ends_hedged("".join(texts[-_BEFORE:])))
        if piece.span:
            within[piece.span] = within.get(piece.span, (reached, 0))[0], reached + len(text)
        reached += len(text)
        texts.append(text)
    return Prose(tuple(texts), tuple((piece.start, piece.end) for piece in brief.pieces), cited, within)


@lru_cache(maxsize=1024)
def column_unit(head: str) -> tuple[Decimal, str] | None:
    """Return the factor and the unit that the head of a column states, or None.

    >>> column_unit("£m"), column_unit("Exports (million tonnes)"), column_unit("Supplier")
    ((Decimal('1000000'), 'GBP'), (Decimal('1000000'), 't'), None)
    """
    for written in (f"{head}: 1", f"({head}): 1", f"({head.rpartition(',')[2].strip()}): 1"):
        found = figures.extract(written)
        if found and found[-1].quantity.unit not in {"1", "x"} and found[-1].quantity.value:
            return found[-1].quantity.value, found[-1].quantity.unit
    return None


def overlaps(place: Place, covered: list[Place]) -> bool:
    """Return whether `place` touches one of the sorted, disjoint `covered`.

    >>> overlaps((3, 5), [(0, 3), (5, 9)]), overlaps((3, 6), [(0, 3), (5, 9)])
    (False, True)
    """
    at = bisect_left(covered, (place[1], 0)) - 1
    return at >= 0 and covered[at][1] > place[0]


def _evaluate(span: Span, registry: Registry) -> Cited | ToolkitError:
    try:
        cited = evaluate(span.figure, registry)
        cited.show(span.style)
    except ToolkitError as error:
        return error
    return cited


_LONGEST = 120  # characters of a heading
_SHUT = re.compile(r"[.!:;,]\W*$")


class Surroundings(NamedTuple):
    """What the text around a sentence is about; `flows` are X and M."""

    words: frozenset[str]
    economies: frozenset[str]
    flows: frozenset[str]


_NOTHING = Surroundings(frozenset(), frozenset(), frozenset())


class Paragraphs:
    r"""The paragraphs of a text, and the headings above each.

    >>> around = Paragraphs("Steel\n\nChina made much of it.\n\nIn 2024 it sold 5 Mt.\n\n")
    >>> sorted(around.surroundings(33).economies), "steel" in around.surroundings(33).words
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
        self._far: dict[int, Surroundings] = {}
        self._alone: dict[int, Surroundings] = {}
        self._over: list[tuple[int, ...]] = []
        self._find_heads()

    def index(self, position: int) -> int:
        """Return the index of the paragraph at `position`."""
        return max(0, bisect_right(self.starts, position) - 1)

    def surroundings(self, position: int) -> Surroundings:
        """Return what the paragraph at `position` and its headings are about."""
        at = self.index(position)
        if at not in self._far and self.paragraphs:
            self._far[at] = self._speaking({*self._over[at], at})
        return self._far.get(at, _NOTHING)

    @cached_property
    def whole(self) -> Surroundings:
        """What the whole text is about."""
        return self._speaking(range(len(self.paragraphs)))

    def _speaking(self, which: Iterable[int]) -> Surroundings:
        said = [self._said(each) for each in which]
        return Surroundings(*(frozenset().union(*each) for each in zip(*said, strict=True))) if said else _NOTHING

    def _said(self, at: int) -> Surroundings:
        if at not in self._alone:
            text = self.paragraphs[at]
            named = frozenset(code for *_, code in codes.find_economies(text, regions=False) if code != "WLD")
            flows = frozenset(row["flow"] for *_, row in codes.find_words(text, "trade_words"))
            self._alone[at] = Surroundings(words(text), named, flows)
        return self._alone[at]

    def before(self, position: int) -> set[int]:
        """Return the paragraphs from which a number may be computed: its own and the one or the table before."""
        at = first = self.index(position)
        first = max(0, first - 1)
        while first and self._is_row(first) and self._is_row(first - 1):
            first -= 1
        while first and self._is_heading(first):
            first -= 1
        return set(range(first, at + 1))

    def column_head(self, position: int) -> str | None:
        """Return the head of the column in which a number stands, or None outside tables."""
        at = self.index(position)
        if not self.paragraphs or not self._is_row(at):
            return None
        column = self.paragraphs[at][: position - self.starts[at]].count(CELL_END)
        first = at
        while first and self._is_row(first - 1):
            first -= 1
        cells = self.paragraphs[first].split(CELL_END)
        return cells[column] if first < at and column < len(cells) else None

    def _find_heads(self) -> None:
        """Find for each paragraph its title, heading, table head and the paragraph before."""
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
