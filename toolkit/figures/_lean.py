"""A number that leans on the unit of its neighbour: 280 million of the 1.5 billion shekels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables
from toolkit.figures._lex import NUMBER, WORD
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.figures._amount import Amount
    from toolkit.figures._hedge import Read
    from toolkit.figures._lex import Tokens

_OWNERS = frozenset({"the", "its", "their", "his", "her", "our", "those", "these"})
_COMPARED = frozenset({"from", "against", "versus", "than", "with"})  # compared with
_FARTHEST = 12  # words between a figure and the one it is compared with
_LONGEST_NAME = 4  # words
_MANY = 1000
_THEN = frozenset({"in", "last", "this", "and", "while", "from", "to"})
_NO_CARRIER = frozenset({"%", "pp", "x"})


def lean(tokens: Tokens, one: Read, two: Read) -> None:
    """Give the one of two neighbouring figures that has neither unit nor noun those of the other, where words join them.

    >>> from toolkit.figures import extract
    >>> [str(figure.quantity) for figure in extract("fell to 24 million tonnes from 33 million a year earlier")]
    ['24 million tonnes', '33 million tonnes']
    """
    between = tokens.lower[one.after : two.first]
    if one.low.bare and _carries(two.low):
        if _part(between):
            _take(one, two.low)
        elif two.high and _grows(tokens, one, between):
            one.low.exponent = one.low.exponent or two.low.exponent
            _take(one, two.low)
    if _elided(tokens, one, two):
        two.low.exponent = tables.GLUED_SCALES["m"]
        _take(two, one.low)
    if two.low.bare and _carries(one.low) and _follows(tokens, one, two, between):
        _take(two, one.low)


def _elided(tokens: Tokens, one: Read, two: Read) -> bool:
    """Tell whether "took 310,000 cartons and China 4.7m" leaves out what is counted: no metres."""
    unit = two.low.unit
    metres = unit is not None and unit.symbol == "m" and tokens.lower[two.low.number.after] == "m"
    counts = one.low.counted is not None and one.low.unit is None and one.low.value >= _MANY
    ends = tokens.kinds[two.after] not in {WORD, NUMBER} or tokens.lower[two.after] in _THEN
    return metres and counts and ends and tokens.glued(two.low.number.after) and two.high is None


def _follows(tokens: Tokens, one: Read, two: Read, between: list[str]) -> bool:
    """Tell whether the second figure is a bare one that takes up the first."""
    scaled = two.low.exponent is not None and _compared(tokens, two, between)
    return scaled or _next_in_row(tokens, one, two)


def _carries(amount: Amount) -> bool:
    return not amount.bare and amount.symbol not in _NO_CARRIER


def _part(between: list[str]) -> bool:
    """Tell whether one figure is told as a part of the other: "of the", "out of a planned"."""
    return len(between) in {2, 3} and between[-2] == "of" and between[-1] in _OWNERS and between[0] in {"of", "out"}


def _grows(tokens: Tokens, one: Read, between: list[str]) -> bool:
    """Tell whether "from 24.2 to 33-35 billion euros" starts at the first figure."""
    return between == ["to"] and one.first > 0 and tokens.lower[one.first - 1] == "from"


def _compared(tokens: Tokens, two: Read, between: list[str]) -> bool:
    """Tell whether the second figure is what the first one is compared with."""
    ends = between and between[-1] in _COMPARED and (between[-1] != "with" or between[-2:-1] == ["compared"])
    alone = tokens.kinds[two.after] != WORD or tokens.lower[two.after] in {"a", "in", "the", "last", "and", "one", "at"}
    return bool(ends) and alone and len(between) <= _FARTHEST and "%" not in between and two.hedge is not Hedge.RANGE


def _next_in_row(tokens: Tokens, one: Read, two: Read) -> bool:
    """Tell whether "Japan bought 6,000 tonnes and Germany 4,300" goes on: a name and a number after "and"."""
    names = tokens.written[one.after + 1 : two.first]
    joined = tokens.lower[one.after] == "and" and 0 < len(names) < _LONGEST_NAME and all(map(str.istitle, names))
    return joined and one.low.symbol != "1" and tokens.kinds[two.after] != WORD


def _take(read: Read, giver: Amount) -> None:
    amount = read.low
    amount.unit, amount.counted, amount.rate = giver.unit, giver.counted, giver.rate
    amount.context.append(giver.named or (giver.number.after, giver.after))
    if read.high:
        read.high.unit, read.high.counted, read.high.rate = giver.unit, giver.counted, giver.rate
