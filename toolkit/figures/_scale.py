"""The scale of a number: billion, bn, 8m, crore, a quarter of a million."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables
from toolkit.figures._lex import GLYPH, NUMBER, WORD
from toolkit.figures._noun import noun
from toolkit.figures._number import number
from toolkit.figures._unit import unit_at

if TYPE_CHECKING:
    from toolkit.figures._amount import Amount
    from toolkit.figures._lex import Tokens


_HEAVY = frozenset({"kg", "t", "ton", "lb", "bbl", "bu", "L", "oz", "TEU", "ha"})  # what nobody counts in metres


def scale(tokens: Tokens, found: Amount) -> None:
    """Take the scale word, or the letter glued to the number."""
    index = found.after
    hyphen = tokens.written[index] == "-" and tokens.glued(index)
    if (named := tables.SCALES.at(tokens, index + hyphen)) is not None:
        found.exponent, found.after = named
        if tokens.kinds[found.after] == NUMBER:
            _smaller(tokens, found)
        return
    exponent = _letters(tokens, index) if found.signed else None
    unit = unit_at(tokens, index + 1) if tokens.written[index] == "m" and not tokens.glued(index) else None
    if unit and unit[0].symbol in _HEAVY and exponent is None:  # 62 m kg
        exponent = tables.GLUED_SCALES["m"]
    if exponent is None and tokens.glued(index) and _counts(tokens, index):
        exponent = tables.GLUED_SCALES.get(tokens.lower[index])
    if exponent is not None:
        found.exponent, found.after = exponent, index + 1


def _letters(tokens: Tokens, index: int) -> int | None:
    """Give the exponent of letters that scale money: $5m, US$ 5 MM, $1.2t."""
    lower, glued = tokens.lower[index], tokens.glued(index)
    if lower in tables.MONEY_SCALES:
        return tables.MONEY_SCALES[lower] if glued or lower != "t" else None
    return tables.GLUED_SCALES.get(lower) if glued or tokens.written[index] in {"M", "B"} else None


def _counts(tokens: Tokens, index: int) -> bool:
    """Tell whether a glued k, m or b is a scale: 400k, 8m tonnes, 4.3M sales; not 1.8m tall."""
    if tokens.lower[index] == "k" or tokens.written[index] in {"M", "B"}:
        return True
    if tokens.lower[index] not in tables.GLUED_SCALES:
        return False
    after = index + 1
    unit = unit_at(tokens, after)
    return (unit is not None and unit[0].symbol not in {"%", "in"} and tokens.lower[after] != "x") or (
        noun(tokens, after) is not None and not tokens.glued(after)
    )


def _smaller(tokens: Tokens, found: Amount) -> None:
    """Add the smaller part of 1兆2000億円, 5 million 300 thousand."""
    rest = number(tokens, found.after)
    glued = tokens.kinds[found.after - 1] == GLYPH and tokens.glued(found.after)
    alone = rest and glued and rest.plain and tables.SCALES.at(tokens, rest.after) is None
    if rest and alone and rest.value < 10 ** (found.exponent or 0):  # 2万5000
        value = found.number.value.scaleb(found.exponent or 0) + rest.value
        found.number, found.exponent, found.after = found.number._replace(value=value, plain=False), 0, rest.after
        return
    if rest and (named := tables.SCALES.at(tokens, rest.after)) and named[0] < (found.exponent or 0):
        value = found.number.value.scaleb(found.exponent or 0) + rest.value.scaleb(named[0])
        found.number, found.exponent, found.after = found.number._replace(value=value), 0, named[1]


def of_a(tokens: Tokens, found: Amount) -> None:
    """Take "of a" between a fraction and its scale or unit: a quarter of a million, 1/16 of a pint."""
    index = found.after
    small = found.number.fraction or found.number.value < 1
    if not small or tokens.lower[index] != "of" or tokens.lower[index + 1] not in {"a", "an"}:
        return
    unit = unit_at(tokens, index + 2)
    measured = unit and unit[0].symbol not in {"%", *tables.DURATIONS} and not unit[0].money
    if measured or tables.SCALES.at(tokens, index + 2):
        found.after = index + 2


def scale_after_code(tokens: Tokens, found: Amount) -> None:
    """Take the scale of "75 USD million"."""
    if (
        tokens.kinds[found.after - 1] == WORD
        and tokens.written[found.after - 1].isupper()
        and (named := tables.SCALES.at(tokens, found.after))
    ):
        found.exponent, found.after = named
