"""What a sign such as "$" and a point such as that of 1.234 mean, by the clues of the whole text."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.figures import _patterns as re
from toolkit.figures import _tables as tables
from toolkit.figures._tables import Unit

if TYPE_CHECKING:
    from toolkit.figures._amount import Amount

Span = tuple[int, int]
_CLUE = re.compile(
    r"(?<![A-Za-z])(?:"
    + "|".join(re.escape(words) for words in sorted({c[0] for c in tables.CLUES}, key=len, reverse=True))
    + r")(?![A-Za-z])"
)
_MEANINGS: dict[str, list[tuple[str, str]]] = defaultdict(list)
for _words, _family, _code in tables.CLUES:
    _MEANINGS[_words].append((_family, _code))
_POINT = re.compile(r"(?<![0-9.,])(?:[0-9]{1,3}(?:,[0-9]{3})++(?![0-9,])|[0-9]{1,12}\.[0-9]{1,2}(?![0-9.,]))")
_COMMA = re.compile(r"(?<![0-9.,])(?:[0-9]{1,3}(?:\.[0-9]{3}){2,}+|[0-9]{1,3}(?:\.[0-9]{3})?,[0-9]{1,2}(?![0-9.,]))")
_POUND = Unit("lb", Decimal(1), "pound-mass")
_MONEY_SCALE = 6
_FEWEST_CLUES = 2


class Clues:
    """What a text says of its currencies: for each family, the codes and where they are named."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[str, dict[str, tuple[int, Span]]] | None = None
        self._marks: tuple[Span | None, Span | None] | None = None

    def point(self) -> tuple[bool, Span] | None:
        """Tell whether the text's decimal mark is the point, and where it shows; None if it does not."""
        if self._marks is None:
            found = [pattern.search(self._text) for pattern in (_POINT, _COMMA)]
            self._marks = found[0] and found[0].span(), found[1] and found[1].span()
        point, comma = self._marks
        if (point is None) == (comma is None):
            return None
        return (True, point) if point else (False, comma or (0, 0))

    def resolve(self, unit: Unit, found: Amount, following: str) -> tuple[Unit, Span | None]:
        """Give the unit that is meant, and the clue that says so if one was needed."""
        if not unit.family:
            return unit, None
        seen = self._seen().get(unit.family, {})
        if unit.family == "pound":
            return self._pound(unit, found, following, seen)
        if seen.keys() == {unit.symbol}:
            return unit._replace(certain=True), seen[unit.symbol][1]
        others = [code for code in seen if code != unit.symbol]
        if (
            unit.symbol not in seen
            and len(others) == 1
            and (unit.family != "dollar" or seen[others[0]][0] >= _FEWEST_CLUES)
        ):
            sure = unit.family != "dollar"
            return unit._replace(symbol=others[0], certain=sure), seen[others[0]][1]
        return unit, None

    @staticmethod
    def _pound(
        unit: Unit, found: Amount, following: str, seen: dict[str, tuple[int, Span]]
    ) -> tuple[Unit, Span | None]:
        others = [code for code in seen if code != unit.symbol]
        if len(seen) == 1 and others:
            return unit._replace(symbol=others[0]), seen[others[0]][1]
        if (found.exponent or 0) >= _MONEY_SCALE and following != "of":
            return unit, None
        if seen and following != "of":
            return unit, seen[unit.symbol][1] if unit.symbol in seen else None
        return _POUND, None

    def _seen(self) -> dict[str, dict[str, tuple[int, Span]]]:
        if self._found is None:
            self._found = defaultdict(dict)
            for clue in _CLUE.finditer(self._text):
                for family, code in _MEANINGS[clue[0]]:
                    count, first = self._found[family].get(code, (0, clue.span()))
                    self._found[family][code] = count + 1, first
        return self._found
