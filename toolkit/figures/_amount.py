"""One number with its sign, scale, currency or unit, and hedge."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toolkit.figures import _tables as tables
from toolkit.figures._lex import WORD, Tokens
from toolkit.figures._number import number
from toolkit.quantity import Hedge, Quantity, is_currency

if TYPE_CHECKING:
    from toolkit.figures._tables import Unit

_KINDS = {"%": "percent", "pp": "change", "day": "duration", "month": "duration", "year": "duration"}


class Amount(NamedTuple):
    """A quantity and the tokens it stands in."""

    quantity: Quantity
    first: int
    after: int

    @property
    def kind(self) -> str:
        """Give the kind of figure that the unit makes."""
        unit = self.quantity.unit
        return "money" if is_currency(unit) else _KINDS.get(unit, "measure")


def amount(tokens: Tokens, index: int) -> Amount | None:
    """Give the amount whose number starts at token `index`, or None if it has no unit.

    >>> print(amount(Tokens("roughly US$ 550-billion"), 3).quantity)
    about US$550 billion
    """
    found, sign = number(tokens, index), tables.SIGNS.before(tokens, index)
    if found is None or (sign is None and tokens.glued(index) and tokens.kinds[index - 1] == WORD):
        return None
    exponent, after = _scale(tokens, found.after, money=sign is not None)
    unit, first = sign or (None, index)
    if unit is None:
        if (named := _unit(tokens, after)) is None:
            return None
        unit, after = named
    hedge, first, after = _hedge(tokens, first, after)
    value = found.value.scaleb(exponent) * unit.factor
    return Amount(Quantity.stated(value, unit.symbol, hedge, unit_certain=unit.certain), first, after)


def _scale(tokens: Tokens, index: int, *, money: bool) -> tuple[int, int]:
    """Give the exponent of the scale word at `index`, and the index after it."""
    hyphen = tokens.written[index] == "-"
    if (found := tables.SCALES.at(tokens, index + hyphen)) is not None:
        return found
    glued = tables.GLUED_SCALES.get(tokens.lower[index]) if tokens.glued(index) else None
    if glued is None or not (money or _unit(tokens, index + 1)):
        return 0, index
    return glued, index + 1


def _unit(tokens: Tokens, index: int) -> tuple[Unit, int] | None:
    """Give the unit or currency named at `index`, and the index after it."""
    index += tokens.written[index] == "-"
    for phrases in (tables.UNIT_SYMBOLS, tables.SIGNS, tables.UNIT_WORDS, tables.CURRENCIES):
        if (found := phrases.at(tokens, index)) is not None:
            return found
    return None


def _hedge(tokens: Tokens, first: int, after: int) -> tuple[Hedge, int, int]:
    """Give the hedge beside the tokens, and the tokens with it."""
    if (found := tables.HEDGES.before(tokens, first)) is not None:
        return found[0], found[1], after
    if (found := tables.HEDGES_AFTER.at(tokens, after)) is not None:
        return found[0], first, found[1]
    return Hedge.EXACT, first, after
