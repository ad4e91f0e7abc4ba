"""What a quantity is per, and the hedge that follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables
from toolkit.figures._lex import NUMBER, WORD
from toolkit.figures._noun import noun
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.figures._amount import Amount
    from toolkit.figures._lex import Tokens
    from toolkit.figures._tables import Unit

_THEN = tables.GRAMMAR["then"]
_PERIODS = frozenset({"d", "week", "month", "quarter", "year"})
_CLOSES = {"", ".", ",", ";", ":", ")", "]", "!", "?", "–", "—", '"'}
_ROUND = 10
_FARTHEST = 12  # words between a rate of exchange and the money that it is of
_HEDGING = tables.HEDGES_AFTER.firsts | tables.HEDGES_END.firsts


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
        if per or named[0] not in _PERIODS or tokens.lower[named[1]] not in _THEN:
            found.rate, found.after = named
    elif per and (unit := _per(tokens, index, found)):
        found.rate, found.after = unit[0].symbol, unit[1]
    elif word == "per" and tokens.kinds[index] == WORD and tokens.lower[index] not in tables.STOPS:
        found.rate, found.after = tokens.lower[index], index + 1


def exchange(tokens: Tokens, found: Amount) -> None:
    """Read "the dong traded at 26,385 per dollar" as of the money named before: dong per dollar."""
    index = found.number.after
    if not found.bare or found.exponent is not None or tokens.lower[index] not in {"per", "to"}:
        return
    index += 1 + (tokens.lower[index + 1] == "the")
    money = tables.CURRENCIES.at(tokens, index)
    if money is None or money[0].factor != 1:
        return
    for place in range(found.first - 1, max(found.first - _FARTHEST, 0) - 1, -1):
        named = tables.CURRENCIES.at(tokens, place)
        own = named is not None and named[0].factor == 1 and named[0].symbol != money[0].symbol
        if named and own and place and tokens.kinds[place - 1] == WORD:
            found.unit, found.rate, found.after = named[0], money[0].symbol, money[1]
            found.context.append((place, named[1]))
            return


def _per(tokens: Tokens, index: int, found: Amount) -> tuple[Unit, int] | None:
    """Give the unit that an amount is per; of money also the currency: 17.5 pesos per dollar."""
    money = tables.CURRENCIES.at(tokens, index) if found.unit and found.unit.money else None
    return tables.UNIT_WORDS.at(tokens, index) or tables.UNIT_SYMBOLS.at(tokens, index) or money


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
    """Take "or more", "-plus", "+"; "at least" where the words end with it."""
    index = found.after
    hyphen = tokens.written[index] == "-" and tokens.glued(index)
    if tokens.lower[index + hyphen] not in _HEDGING:
        return
    hedged = tables.HEDGES_AFTER.at(tokens, index + hyphen) or _closing(tokens, index + hyphen)
    if hedged is None or found.hedge is not Hedge.EXACT or _leads_on(tokens, index + hyphen, hedged[1]):
        return
    word = tokens.lower[index + hyphen]
    loose = word in {"plus", "odd"} and not hyphen and not _counts_on(tokens, found, index + 1)
    sum_ = word == "+" and (not tokens.glued(index) or tokens.kinds[index + 1] == NUMBER)
    apart = word == "ish" and not (hyphen or tokens.glued(index))
    if not (loose or sum_ or apart or (word == "and" and found.bare and tokens.lower[index + 1] != "counting")):
        found.hedge, found.after = hedged


def _leads_on(tokens: Tokens, first: int, after: int) -> bool:
    """Tell whether the words belong to what follows: 40 ships and up to 300 firms, 5 % or more than that."""
    if tokens.kinds[first] != WORD:
        return False
    counts = tables.NUMBER_WORDS.get(tokens.lower[after], (0, "article"))[1] != "article"
    signed = tables.SIGNS.at(tokens, after) is not None and tokens.kinds[after + 1] == NUMBER
    return counts or signed or tokens.kinds[after] == NUMBER or tokens.lower[after] in {"than", "to", "as"}


def _closing(tokens: Tokens, index: int) -> tuple[Hedge, int] | None:
    """Give a hedge behind the amount, if nothing follows that it could belong to."""
    hedged = tables.HEDGES_END.at(tokens, index)
    return hedged if hedged and tokens.written[hedged[1]] in _CLOSES else None


def _counts_on(tokens: Tokens, found: Amount, index: int) -> bool:
    """Tell whether the noun follows "plus" or "odd": 20 plus countries; not seven odd numbers, $20 plus tax."""
    return (
        found.bare
        and found.number.value >= _ROUND
        and not found.number.value % _ROUND
        and noun(tokens, index) is not None
    )
