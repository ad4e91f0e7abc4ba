"""Units in table heads, such as "($bn)", and the numbers under them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toolkit.figures import _tables as tables
from toolkit.figures._amount import Amount
from toolkit.figures._hedge import Read
from toolkit.figures._lex import NUMBER
from toolkit.figures._number import number
from toolkit.figures._unit import unit_at
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.figures._lex import Tokens
    from toolkit.figures._tables import Unit

_CLOSERS = {"(": ")", "[": "]", ",": ":", "in": ":"}
_ENDS = frozenset(_CLOSERS.values())
_BASE = 6  # tokens of "of total exports"
_ROW = 40  # tokens; a longer line is prose and no row of a table


class Head(NamedTuple):
    """The scale and unit that a bracket states, and its place in the folded text."""

    exponent: int
    unit: Unit | None
    tokens: Tokens
    first: int
    after: int


def head_at(tokens: Tokens) -> Head | None:
    """Give the last bracket of a line that holds a unit or a scale alone, or what stands so before a colon.

    >>> from toolkit.figures._lex import Tokens
    >>> head_at(Tokens("Trade balance ($bn): 12.4")).unit.symbol
    'USD'
    """
    if _ENDS.isdisjoint(tokens.written):
        return None
    found, closed = None, {opener for opener, closer in _CLOSERS.items() if closer in tokens.written}
    for index, word in enumerate(tokens.lower):
        if word in closed and tokens.kinds[index + 1] != NUMBER:
            found = _head(tokens, index) or found
    return found


def _head(tokens: Tokens, index: int) -> Head | None:
    place = index + 1
    place += tokens.lower[place] == "in"
    unit = tables.SIGNS.at(tokens, place) or unit_at(tokens, place)
    place = unit[1] if unit else place
    scale = tables.SCALES.at(tokens, place) or tables.VAGUE_SCALES.at(tokens, place)
    if scale is None and unit and tokens.lower[place] in {**tables.GLUED_SCALES, **tables.MONEY_SCALES}:
        exponent = tables.GLUED_SCALES.get(tokens.lower[place]) or tables.MONEY_SCALES[tokens.lower[place]]
        scale = exponent, place + 1
    place = scale[1] if scale else place
    if unit is None:
        place += tokens.lower[place] == "of"
        unit = tables.SIGNS.at(tokens, place) or unit_at(tokens, place)
        place = unit[1] if unit else place
    if unit and unit[0].symbol == "%" and tokens.lower[place] == "of":
        place = next((end for end in range(place, place + _BASE) if tokens.written[end] == ")"), place)
    if tokens.written[place] != _CLOSERS[tokens.lower[index]] or unit is None or not _is_head(tokens, place + 1):
        return None
    return Head(scale[0] if scale else 0, unit[0], tokens, index, place + 1)


def _is_head(tokens: Tokens, index: int) -> bool:
    """Tell whether what follows the bracket is a table's: nothing, a colon, a cell."""
    if tokens.written[index : index + 1] == [","] and tokens.kinds[index + 1] == NUMBER:  # ($bn), 2024: 12.4
        index += 2
    return index >= len(tokens) or tokens.kinds[index] == NUMBER or tokens.written[index] in {":", "|", "-", "("}


def under(tokens: Tokens, head: Head, index: int) -> list[Read]:
    """Give the bare number at `index` the unit of the head above or before it."""
    read = number(tokens, index)
    if read is None or read.in_words or (head.tokens is tokens and index < head.after):
        return []
    if head.tokens is not tokens and (len(tokens) > _ROW or tokens.written[len(tokens) - 1] == "."):
        return []
    found = Amount(read, read.first, read.after, head.exponent, head.unit)
    found.marks.append((head.tokens.starts[head.first], head.tokens.ends[head.after - 1]))
    return [Read(found, None, Hedge.EXACT, read.first, read.after)]
