"""The sign, scale and rate of an amount, and the hedge that follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.codes.phrases import GLYPH, NUMBER, SIGN, WORD
from toolkit.figures.numbers import tables
from toolkit.figures.numbers.number import number
from toolkit.figures.numbers.unit import noun, unit_at
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.codes.phrases import Tokens
    from toolkit.figures.numbers.number import Amount
    from toolkit.figures.numbers.tables import Unit

__all__ = ["exchange", "hedge_after", "minus", "of_a", "rate", "scale", "scale_after_code", "sign", "sign_after"]

_MINUS = tables.GRAMMAR["minus"]


def sign(tokens: Tokens, found: Amount) -> None:
    """Take the currency sign before the number."""
    first = found.first
    if tokens.written[first - 1] == "-" and tokens.glued(first) and first > 1:  # $-50.8bn
        first -= 1
    named = tables.SIGNS.before(tokens, first)
    if named is None or not _may_stand(tokens, *named, first):
        return
    if "scaled" in named[0].form and not _scaled(tokens, found.number.after):  # R1.5bn
        return
    found.negative = first < found.first
    found.unit, found.signed, found.first, found.named = named[0], True, named[1], (named[1], first)


def _may_stand(tokens: Tokens, unit: Unit, start: int, first: int) -> bool:
    """Return whether a sign may stand at `start`, before the number at `first`."""
    glued, opens = tokens.glued(first), start > 0 and tokens.glued(start)
    if "after" in unit.form or ("glued" in unit.form and not glued):
        return False
    if opens and tokens.kinds[start - 1] != SIGN and tokens.kinds[start] == WORD:
        return False
    if start == 0 or tokens.kinds[start - 1] != NUMBER or (glued and not opens):
        return True
    return not opens and tables.SIGNS.before(tokens, start - 1) is not None  # RMB 10 USD 20; not 75 USD 50


def _scaled(tokens: Tokens, index: int) -> bool:
    return tables.SCALES.at(tokens, index) is not None or tokens.lower[index] in tables.GLUED_SCALES


def sign_after(tokens: Tokens, found: Amount) -> None:
    """Take what repeats or refines the sign: $76 US, $ 10 dollars, $5 million USD."""
    unit, index = found.unit, found.after
    if unit is None:
        return
    if unit.symbol == "USD" and unit.family and tokens.written[index] in {"US", "U.S."}:
        found.unit, found.after = unit._replace(certain=True, family=""), index + 1
        return
    named = tables.SIGNS.at(tokens, index) if tokens.kinds[index] == WORD else None
    named = named or tables.CURRENCIES.at(tokens, index)
    if named is None or tokens.kinds[named[1]] == NUMBER or named[0].factor != 1:
        return
    if named[0].symbol == unit.symbol or unit.family == named[0].family != "":
        found.unit, found.after = (named[0] if named[0].certain else unit), named[1]


def minus(tokens: Tokens, found: Amount) -> None:
    """Take the minus before number or sign: -$50.8bn, minus-5 yards."""
    index = found.first - 1
    word = tokens.lower[index] if index >= 0 else ""
    if word == "+" and tokens.glued(found.first):  # +0.6 %
        found.first = found.first if tokens.glued(index) and tokens.written[index - 1] not in {"(", '"'} else index
    if word not in _MINUS:
        return
    if word in {"-", "–"}:
        if not tokens.glued(found.first):
            return
        if index and tokens.glued(index) and tokens.lower[index - 1] != "(":
            index -= 1
            if tokens.lower[index] not in _MINUS:
                return
    elif found.number.in_words and word == "minus" and index and tokens.kinds[index - 1] == NUMBER:
        return
    found.negative, found.first = True, index


_NO_LENGTHS = tables.WEIGHTS | tables.SIZES  # before which "m" is a million


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
    if unit and unit[0].symbol in _NO_LENGTHS and exponent is None:  # 62 m kg
        exponent = tables.GLUED_SCALES["m"]
    if exponent is None and tokens.glued(index) and _counts(tokens, index):
        exponent = tables.GLUED_SCALES.get(tokens.lower[index])
    if exponent is not None:
        found.exponent, found.after = exponent, index + 1


def _letters(tokens: Tokens, index: int) -> int | None:
    """Return the exponent of letters that scale money: $5m, US$ 5 MM, $1.2t."""
    lower, glued = tokens.lower[index], tokens.glued(index)
    if lower in tables.MONEY_SCALES:
        return tables.MONEY_SCALES[lower] if glued or lower != "t" else None
    return tables.GLUED_SCALES.get(lower) if glued or tokens.written[index] in {"M", "B"} else None


def _counts(tokens: Tokens, index: int) -> bool:
    """Return whether a glued k, m or b is a scale: 400k, 8m tonnes, 4.3M sales; not 1.8m tall."""
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
    code = tokens.kinds[found.after - 1] == WORD and tokens.written[found.after - 1].isupper()
    if code and (named := tables.SCALES.at(tokens, found.after)):
        found.exponent, found.after = named


_THEN = tables.GRAMMAR["then"]
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
        if per or named[0] not in tables.RATE_PERIODS or tokens.lower[named[1]] not in _THEN:
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
    """Return the unit after "per"; after money it may be a currency: 17.5 pesos per dollar."""
    money = tables.CURRENCIES.at(tokens, index) if found.unit and found.unit.money else None
    return tables.UNIT_WORDS.at(tokens, index) or tables.UNIT_SYMBOLS.at(tokens, index) or money


def _complete(symbol: str) -> bool:
    return "/" in symbol or symbol in {"%", "pp", "x"} or symbol in tables.DURATIONS


def _beyond(tokens: Tokens, found: Amount) -> None:
    """Take the rate behind the material: 10 million tonnes of LNG a year."""
    for place in range(found.after + 2, found.after + 5):
        if tokens.lower[place] in {"a", "per"}:
            named = tables.RATES.at(tokens, place + 1)
            if named and named[0] in tables.RATE_PERIODS and tokens.lower[named[1]] not in _THEN:
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
    """Return whether the words belong to what follows: 40 ships and up to 300 firms, 5 % or more than that."""
    if tokens.kinds[first] != WORD:
        return False
    counts = tables.NUMBER_WORDS.get(tokens.lower[after], (0, "article"))[1] != "article"
    signed = tables.SIGNS.at(tokens, after) is not None and tokens.kinds[after + 1] == NUMBER
    return counts or signed or tokens.kinds[after] == NUMBER or tokens.lower[after] in {"than", "to", "as"}


def _closing(tokens: Tokens, index: int) -> tuple[Hedge, int] | None:
    """Return a hedge behind the amount, if it cannot belong to what follows."""
    hedged = tables.HEDGES_END.at(tokens, index)
    return hedged if hedged and tokens.written[hedged[1]] in _CLOSES else None


def _counts_on(tokens: Tokens, found: Amount, index: int) -> bool:
    """Return whether the noun follows "plus" or "odd": 20 plus countries; not seven odd numbers, $20 plus tax."""
    is_round = found.number.value >= _ROUND and not found.number.value % _ROUND
    return found.bare and is_round and noun(tokens, index) is not None
