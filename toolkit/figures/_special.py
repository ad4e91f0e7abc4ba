"""Quantities without a plain number: doubled, one in five, tens of thousands."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables
from toolkit.figures._amount import Amount
from toolkit.figures._lex import NUMBER
from toolkit.figures._noun import noun
from toolkit.figures._number import Number, number
from toolkit.figures._unit import SHARE, TIMES, unit_at

if TYPE_CHECKING:
    from toolkit.figures._lex import Tokens

_BASES, _BEFORE = tables.GRAMMAR["doubled thing"], tables.GRAMMAR["before double"]
_MOST = 10_000
_YEARS = range(1500, 2150)


def multiple(tokens: Tokens, index: int) -> Amount | None:
    """Give "doubled", "threefold", "twice as much"; not "double-digit", "doubled down"."""
    word, after = tokens.lower[index], index + 1
    if after == len(tokens):
        return Amount(Number(tables.MULTIPLES[word], index, after), index, after, unit=TIMES)
    if tokens.written[after] == "-" and tokens.glued(after):
        return None
    if word.endswith(("ed", "ing", "fold")):
        good = tokens.lower[after] not in {"down", "up"}
    elif word in {"twice", "thrice"}:
        good = tokens.lower[after] in _BASES or (
            tokens.lower[after] == "as" and "as" in tokens.lower[after + 2 : after + 4]
        )
        good = good or tokens.lower[after : after + 2] in (["as", "much"], ["as", "many"])
    else:
        good = tokens.lower[after] in _BASES or (index > 0 and tokens.lower[index - 1] in _BEFORE)
    return Amount(Number(tables.MULTIPLES[word], index, after), index, after, unit=TIMES) if good else None


def share(tokens: Tokens, found: Amount) -> Amount | None:
    """Give "one in five" and "3 out of 10" as a share, where `found` is its first number."""
    after = found.number.after
    out = tokens.lower[after] == "out" and tokens.lower[after + 1] == "of"
    if not (out or tokens.lower[after] == "in") or found.signed or found.exponent or found.after > after:
        return None
    every = tokens.lower[after + 1 + out] == "every"
    base = number(tokens, after + 1 + out + every)
    if base is None or not _whole(found.number) or not _whole(base) or base.value in _YEARS:
        return None
    many = base.in_words == found.number.in_words or base.value % 5 == 0
    if not found.number.value < base.value <= _MOST or unit_at(tokens, base.after) or not many:
        return None
    if tokens.lower[base.after] in {"-", ",", ":"} and tokens.kinds[base.after + 1] == NUMBER:
        return None
    value = Number(found.number.value / base.value, found.number.first, base.after, fraction=True)
    return Amount(value, found.first, base.after, unit=SHARE)


def _whole(value: Number) -> bool:
    return value.value == value.value.to_integral_value() and value.value > 0 and (value.plain or value.in_words)


def vague(tokens: Tokens, index: int) -> tuple[Amount, Amount] | None:
    """Give both ends of "tens of thousands of containers": 10,000 and ten times as many."""
    if (found := tables.VAGUE_SCALES.at(tokens, index)) is None or (index and tokens.lower[index - 1] == "in"):
        return None
    exponent, after = found
    of = tokens.lower[after] == "of"
    end = noun(tokens, after + 1) if of else None
    unit = unit_at(tokens, after + 1) if of else None
    if not of or (end is None and unit is None):
        return None
    low, high = (Number(Decimal(digit), index, after, in_words=True) for digit in (1, 10))
    counted = None if unit else tokens.said(after + 1, end or after)
    stop = unit[1] if unit else end or after
    one, ten = (Amount(ends, index, stop, exponent, unit[0] if unit else None, counted) for ends in (low, high))
    return one, ten
