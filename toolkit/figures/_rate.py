"""What a quantity is per, and the hedge that follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables
from toolkit.figures._lex import NUMBER, WORD
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.figures._amount import Amount
    from toolkit.figures._lex import Tokens

_THEN = tables.GRAMMAR["then"]
_PERIODS = frozenset({"d", "week", "month", "quarter", "year"})


def rate(tokens: Tokens, found: Amount) -> None:
    """Take "per kg", "a month", "/mmBtu"; a percentage keeps its sign alone."""
    if (found.bare and found.exponent is None) or (found.unit and _complete(found.unit.symbol)):
        return
    index = found.after + (tokens.written[found.after] == "-")
    word = tokens.lower[index]
    if word == "of" and found.unit and not found.unit.money:
        _beyond(tokens, found)
    if word not in {"per", "a", "an", "/"}:
        return
    index += 1 + (tokens.written[index + 1] == "-")
    per = word in {"per", "/"}
    if (named := tables.RATES.at(tokens, index)) is not None:
        if per or tokens.lower[named[1]] not in _THEN:
            found.rate, found.after = named
    elif per and (unit := tables.UNIT_WORDS.at(tokens, index) or tables.UNIT_SYMBOLS.at(tokens, index)):
        found.rate, found.after = unit[0].symbol, unit[1]
    elif word == "per" and tokens.kinds[index] == WORD and tokens.lower[index] not in tables.STOPS:
        found.rate, found.after = tokens.lower[index], index + 1


def _complete(symbol: str) -> bool:
    return "/" in symbol or symbol in {"%", "pp", "x"} or symbol in tables.DURATIONS


def _beyond(tokens: Tokens, found: Amount) -> None:
    """Take the rate behind the material: 10 million tonnes of LNG a year."""
    for place in range(found.after + 2, found.after + 5):
        if tokens.lower[place] in {"a", "per"}:
            named = tables.RATES.at(tokens, place + 1)
            if named and named[0] in _PERIODS and tokens.lower[named[1]] not in _THEN:
                found.rate = named[0]
                found.context.append((place, named[1]))
            return
        if tokens.kinds[place] != WORD or tokens.lower[place] in tables.STOPS:
            return


def hedge_after(tokens: Tokens, found: Amount) -> None:
    """Take "or more", "-plus", "+"."""
    index = found.after
    hyphen = tokens.written[index] == "-" and tokens.glued(index)
    hedged = tables.HEDGES_AFTER.at(tokens, index + hyphen)
    if hedged is None or found.hedge is not Hedge.EXACT:
        return
    word = tokens.lower[index + hyphen]
    loose = word in {"plus", "odd", "max", "tops"} and not hyphen
    sum_ = word == "+" and (not tokens.glued(index) or tokens.kinds[index + 1] == NUMBER)
    if not (loose or sum_ or (word == "and" and found.bare)):
        found.hedge, found.after = hedged
