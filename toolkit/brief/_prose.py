"""The text that a brief's readers will see, empty spans filled in, what it says, and the way back to the source."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from toolkit import figures
from toolkit.brief._cited import Cited, evaluate
from toolkit.brief._source import CELL_END
from toolkit.brief._styles import ends_hedged
from toolkit.brief._surroundings import Surroundings
from toolkit.errors import ToolkitError
from toolkit.quantity import Quantity

if TYPE_CHECKING:
    from decimal import Decimal

    from toolkit.brief._source import Brief, Place, Span
    from toolkit.figures import Figure
    from toolkit.registry import Registry

_BEFORE = 8  # pieces in which a hedge before a span may stand


@dataclass(frozen=True)
class Prose:
    """The filled-in text.

    Attributes
    ----------
    texts : tuple of str
        Its pieces.
    places : tuple of (int, int)
        Where each piece stands in the source.
    cited : dict
        From span to what it stands for, or to the error that says why it stands for nothing.
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
        """The figures in it, a number of a table in the unit of its column's head."""
        found = figures.extract(self.text)
        return [self._headed(each) for each in found] if CELL_END in self.text else found

    @cached_property
    def around(self) -> Surroundings:
        """Its paragraphs, headings and tables."""
        return Surroundings(self.text)

    @cached_property
    def dates(self) -> list[Place]:
        """The dates in it."""
        return [(each.start, each.end) for each in figures.extract_dates(self.text)]

    def figure(self, start: int, end: int) -> Figure | None:
        """Give the first figure that overlaps ``text[start:end]``."""
        at = bisect_right(self._figure_ends, start)
        return self.read[at] if at < len(self.read) and self.read[at].start < end else None

    def figure_before(self, start: int) -> Figure | None:
        """Give the last figure that ends before `start`."""
        at = bisect_right(self._figure_ends, start) - 1
        return self.read[at] if at >= 0 else None

    def is_date(self, start: int, end: int) -> bool:
        """Tell whether a date stands there."""
        return overlaps((start, end), self.dates)

    def source(self, start: int, end: int) -> Place:
        """Give the source offsets of ``text[start:end]``."""
        return self._offset(start, 0), self._offset(end - 1, 1)

    def _headed(self, figure: Figure) -> Figure:
        """Give a bare number of a table the unit and scale of its column's head, such as "£m"."""
        return replace(figure, quantity=self.headed(figure.quantity, figure.start))

    def headed(self, quantity: Quantity, start: int) -> Quantity:
        """Give a bare number that stands at `start` the unit of its column's head."""
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
    """Give the text of `brief` with its empty spans filled in from `registry`."""
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
    """Give factor and unit that a column's head states; None if it states none.

    >>> column_unit("£m"), column_unit("Exports (million tonnes)"), column_unit("Supplier")
    ((Decimal('1000000'), 'GBP'), (Decimal('1000000'), 't'), None)
    """
    for written in (f"{head}: 1", f"({head}): 1", f"({head.rpartition(',')[2].strip()}): 1"):
        found = figures.extract(written)
        if found and found[-1].quantity.unit not in {"1", "x"} and found[-1].quantity.value:
            return found[-1].quantity.value, found[-1].quantity.unit
    return None


def overlaps(place: Place, covered: list[Place]) -> bool:
    """Tell whether `place` touches one of the sorted, disjoint `covered`.

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
