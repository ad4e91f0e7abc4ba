"""One number with its sign, scale, currency or unit, rate and counted noun."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables
from toolkit.figures._lex import NUMBER, SIGN, WORD
from toolkit.figures._noun import noun
from toolkit.figures._number import Number, number
from toolkit.figures._tables import Unit
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.figures._lex import Tokens

TIMES = Unit("x", Decimal(1), "times")
_SHARE = Unit("%", Decimal(100), "fraction")
_BASES = frozenset(
    "higher more as the larger bigger greater its what over faster those that lower less earnings book sales "
    "oversubscribed normal average smaller their his her our longer stronger cheaper better last".split()
)
_PERIODS = frozenset({"d", "week", "month", "quarter", "year"})
_THEN = frozenset("earlier ago later before after previously from on prior".split())
_MINUS = {"-", "–", "minus", "negative"}
_TEN, _HUNDRED = 10, 100


@dataclass(slots=True)
class Amount:
    """A number and what stands beside it; token indices, `after` left out.

    `signed` tells that a currency sign stands before the number, `bare` that
    nothing says what is counted.
    """

    number: Number
    first: int
    after: int
    exponent: int | None = None
    unit: Unit | None = None
    counted: str | None = None
    rate: str | None = None
    negative: bool = False
    signed: bool = False
    hedge: Hedge = Hedge.EXACT
    part: Decimal = Decimal(0)  # 45 cents of "13 dollars and 45 cents"
    named: tuple[int, int] | None = None  # tokens of the unit
    context: list[tuple[int, int]] = field(default_factory=list)  # tokens that gave unit or scale
    marks: list[tuple[int, int]] = field(default_factory=list)  # characters that showed the decimal mark

    @property
    def bare(self) -> bool:
        """Whether neither unit nor noun stands beside the number."""
        return self.unit is None and self.counted is None

    @property
    def value(self) -> Decimal:
        """The value in base units."""
        unit = self.unit.factor if self.unit else Decimal(1)
        value = self.number.value.scaleb(self.exponent or 0) * unit + self.part
        return -value if self.negative else value

    @property
    def symbol(self) -> str:
        """The unit's symbol, with its rate."""
        symbol = self.unit.symbol if self.unit else "1"
        return f"{symbol}/{self.rate}" if self.rate else symbol


def amount(tokens: Tokens, index: int) -> Amount | None:
    """Give the amount whose number starts at token `index`, or None if there is no number.

    >>> found = amount(Tokens("US$ 550-billion"), 2)
    >>> found.value, found.symbol
    (Decimal('5.50E+11'), 'USD')
    """
    if (read := number(tokens, index)) is None:
        return None
    found = Amount(read, read.first, read.after)
    _sign(tokens, found)
    if not found.signed and found.first and tokens.glued(found.first) and tokens.kinds[found.first - 1] == WORD:
        return None
    _hedge_after(tokens, found)
    _of_a(tokens, found)
    _scale(tokens, found)
    _hedge_after(tokens, found)
    _unit(tokens, found)
    rate(tokens, found)
    _hedge_after(tokens, found)
    _minus(tokens, found)
    return found


def _sign(tokens: Tokens, found: Amount) -> None:
    """Take the currency sign before the number."""
    first = found.first
    if tokens.written[first - 1] == "-" and tokens.glued(first) and first > 1:  # $-50.8bn
        first -= 1
    if (sign := tables.SIGNS.before(tokens, first)) is None:
        return
    unit, start = sign
    glued = tokens.glued(first)
    if "after" in unit.form or ("glued" in unit.form and not glued) or (start and tokens.glued(start) and tokens.kinds[start - 1] != SIGN and tokens.kinds[start] == WORD):
        return
    if start and tokens.kinds[start - 1] == NUMBER and (tokens.glued(start) or not glued):  # 75 USD 50
        return
    if "scaled" in unit.form and _plain_scale(tokens, found.number.after) is None:  # R1.5bn
        return
    found.negative = first < found.first
    found.unit, found.signed, found.first, found.named = unit, True, start, (start, first)


def _plain_scale(tokens: Tokens, index: int) -> int | None:
    scale = tables.SCALES.at(tokens, index)
    return scale[0] if scale else tables.GLUED_SCALES.get(tokens.lower[index])


def _scale(tokens: Tokens, found: Amount) -> None:
    """Take the scale word: billion, bn, 8m, crore."""
    index, money = found.after, found.signed
    hyphen = tokens.written[index] == "-" and tokens.glued(index)
    if (scale := tables.SCALES.at(tokens, index + hyphen)) is not None:
        found.exponent, found.after = scale
        if tokens.kinds[found.after] == NUMBER:
            _smaller(tokens, found)
        return
    lower, glued = tokens.lower[index], tokens.glued(index)
    if money and (lower in tables.MONEY_SCALES or (lower in tables.GLUED_SCALES and (glued or tokens.written[index] in "MB"))):
        if lower == "t" and not glued:
            return
        found.exponent, found.after = tables.MONEY_SCALES.get(lower) or tables.GLUED_SCALES[lower], index + 1
    elif glued and lower in tables.GLUED_SCALES and _counts(tokens, index):
        found.exponent, found.after = tables.GLUED_SCALES[lower], index + 1


def _counts(tokens: Tokens, index: int) -> bool:
    """Tell whether a glued k, m or b is a scale: 400k, 8m tonnes, 4.3M sales; not 1.8m tall."""
    if tokens.lower[index] == "k" or tokens.written[index] in {"M", "B"}:
        return True
    after = index + 1
    unit = unit_at(tokens, after)
    return (unit is not None and unit[0].symbol not in {"%", "in"} and tokens.lower[after] != "x") or (
        noun(tokens, after) is not None and not tokens.glued(after)
    )


def _smaller(tokens: Tokens, found: Amount) -> None:
    """Add the smaller part of 1兆2000億円, 5 million 300 thousand."""
    rest = number(tokens, found.after)
    if rest and (scale := tables.SCALES.at(tokens, rest.after)) and scale[0] < (found.exponent or 0):
        value = found.number.value.scaleb(found.exponent or 0) + rest.value.scaleb(scale[0])
        found.number, found.exponent, found.after = found.number._replace(value=value), 0, scale[1]


def _unit(tokens: Tokens, found: Amount) -> None:
    """Take the unit, currency or noun after the number."""
    index = found.after
    if found.signed:
        return _sign_after(tokens, found)
    hyphen = tokens.written[index] == "-" and tokens.glued(index + 1)
    named = unit_at(tokens, index + hyphen)
    if named is not None and not _refused(tokens, found, named, index + hyphen):
        found.unit, found.after, found.named = named[0], named[1], (index + hyphen, named[1])
        _minor(tokens, found)
        if found.exponent is None and found.unit.money:
            _scale_after_code(tokens, found)
        return None
    if found.number.fraction and found.exponent is None:
        found.unit = _SHARE
        return None
    return _noun(tokens, found, hyphen=hyphen)


def _of_a(tokens: Tokens, found: Amount) -> None:
    """Take "of a" between a fraction and its scale or unit: a quarter of a million, 1/16 of a pint."""
    index = found.after
    small = found.number.fraction or found.number.value < 1
    if not small or tokens.lower[index] != "of" or tokens.lower[index + 1] not in {"a", "an"}:
        return
    unit = unit_at(tokens, index + 2)
    measured = unit and unit[0].symbol not in {"%", *tables.DURATIONS} and not unit[0].money
    if measured or tables.SCALES.at(tokens, index + 2):
        found.after = index + 2


def _sign_after(tokens: Tokens, found: Amount) -> None:
    """Take what repeats or refines the sign: $76 US, $ 10 dollars, $5 million USD."""
    sign, index = found.unit, found.after
    if sign is None:
        return
    if sign.symbol == "USD" and sign.family and tokens.written[index] in {"US", "U.S."}:
        found.unit, found.after = sign._replace(certain=True, family=""), index + 1
        return
    named = tables.SIGNS.at(tokens, index) if tokens.kinds[index] == WORD else None
    named = named or tables.CURRENCIES.at(tokens, index)
    if named and tokens.kinds[named[1]] != NUMBER and named[0].factor == 1 and (named[0].symbol == sign.symbol or sign.family == named[0].family != ""):
        found.unit, found.after = (named[0] if named[0].certain else sign), named[1]


def _scale_after_code(tokens: Tokens, found: Amount) -> None:
    """Take the scale of "75 USD million"."""
    if tokens.kinds[found.after - 1] == WORD and tokens.written[found.after - 1].isupper() and (scale := tables.SCALES.at(tokens, found.after)):
        found.exponent, found.after = scale


def _minor(tokens: Tokens, found: Amount) -> None:
    """Add the cents of "thirteen dollars and forty-five cents"."""
    unit, index = found.unit, found.after
    if unit is None or not unit.money or unit.factor != 1 or found.exponent:
        return
    index += tokens.lower[index] == "and"
    rest = number(tokens, index) if tokens.kinds[index] in {NUMBER, WORD} else None
    if not rest or rest.after <= index or rest.value >= _HUNDRED or rest.value != rest.value.to_integral_value():
        return
    cents = tables.CURRENCIES.at(tokens, rest.after)
    if cents and cents[0].factor < 1 and cents[0].family == unit.family:
        found.part, found.after = rest.value * cents[0].factor, cents[1]
    elif rest.value >= _TEN and tokens.lower[rest.after] in {"", ".", ",", ";", ")", "more"} and tokens.kinds[rest.after + 1] != NUMBER:
        found.part, found.after = rest.value / _HUNDRED, rest.after


def unit_at(tokens: Tokens, index: int) -> tuple[Unit, int] | None:
    """Give the unit or currency named at `index`, and the index after it."""
    if tokens.written[index] in {"US", "U.S.", "imperial"} and (named := tables.UNIT_WORDS.at(tokens, index + 1)):
        return named
    brackets = tokens.written[index] in {"(", "[", "{", "<"}
    best: tuple[Unit, int] | None = None
    for phrases in (tables.UNIT_SYMBOLS, tables.SIGNS, tables.UNIT_WORDS, tables.CURRENCIES):
        named = phrases.at(tokens, index + brackets)
        if named and (best is None or named[1] > best[1]) and "before" not in named[0].form:
            best = named
    if best and brackets:
        return (best[0], best[1] + 1) if tokens.written[best[1]] in {")", "]", "}", ">"} and not best[0].money else None
    return best


def _refused(tokens: Tokens, found: Amount, named: tuple[Unit, int], index: int) -> bool:
    """Tell whether the unit's word means something else here."""
    unit, after = named
    lower, glued = tokens.lower[index], tokens.glued(index)
    if unit.money and unit.family == "dollar" and lower == "$" and tokens.kinds[index + 1] == NUMBER:
        return True
    if lower in {"won", "real", "mark", "marks", "sol", "rand"}:
        return found.exponent is None and found.number.value < 100  # noqa: PLR2004
    if lower == "p" and unit.money:
        return not glued and tokens.lower[index + 1] == "." and tokens.lower[index + 2] == "m"
    if "glued" in unit.form and not glued:
        return True
    if unit.money and tokens.kinds[after] == NUMBER and tokens.glued(after):  # 3 USD50 cards
        return True
    if after - index == 1 and lower in {"a", "in", "at", "as"}:
        return lower != "in" or not tokens.glued(index)
    if after - index > 1 or not (len(lower) == 1 and lower.isascii() and lower.isalpha()):
        return False
    return tokens.glued(after) and (tokens.kinds[after] != SIGN or tokens.written[after] == "-")


def _noun(tokens: Tokens, found: Amount, *, hyphen: bool) -> None:
    """Take "times", or the noun that is counted."""
    index, lower = found.after + hyphen, tokens.lower[found.after + hyphen]
    if lower in {"x", "fold"} and (tokens.glued(index) or lower == "fold") and not (tokens.kinds[index + 1] == NUMBER and tokens.glued(index + 1)):
        found.unit, found.after = TIMES, index + 1
        return
    if lower == "times":
        found.after = index + 1
        if tokens.lower[index + 1] in _BASES or tokens.kinds[index + 1] != WORD:
            found.unit = TIMES
        else:
            found.counted = "times"
            found.context.append((index + 1, index + 2))
        return
    if found.number.value == 1 and found.number.in_words and found.exponent is None:
        end = None if hyphen else _one(tokens, found)
    elif hyphen:
        end = _attribute(tokens, index)
    else:
        end = noun(tokens, index, one=found.number.value == 1)
    if end is None and not hyphen and "." in tokens.written[found.number.first] and _acronym(tokens, index):
        end = index + 1
    if end is None or not (tokens.kinds[found.after] == WORD or hyphen):
        return
    measured = tables.UNIT_WORDS.at(tokens, end - 1)
    if measured and measured[1] == end and not hyphen:  # 50 previous years
        found.unit, found.named = measured[0], (end - 1, end)
    else:
        found.counted = tokens.said(index, end)
    found.after = end


def _acronym(tokens: Tokens, index: int) -> bool:
    """Tell whether an unknown unit in capitals follows: 0.5 WAR."""
    word = tokens.written[index]
    return tokens.kinds[index] == WORD and 1 < len(word) <= 5 and word.isupper() and not tokens.glued(index)  # noqa: PLR2004


def _one(tokens: Tokens, found: Amount) -> int | None:
    """Give the end of what "one" counts; it is no number in "the one", "one of", "no one"."""
    before, word = tokens.lower[found.first - 1] if found.first else "", tokens.lower[found.after]
    if before in tables.POINTERS or before in {"this", "that", "which", "each", "every", "any", "no", "another", "not", "by", "on", "-", "number", "or"}:
        return None
    if word in tables.STOPS or word.endswith("ly") or word in tables.SUFFIXES or tokens.written[found.first][0] == "O" and found.first:
        return None
    return noun(tokens, found.after, one=True)


def _attribute(tokens: Tokens, index: int) -> int | None:
    """Give the end of "27-member", "135-room"."""
    word = tokens.lower[index]
    good = tokens.kinds[index] == WORD and word not in tables.SUFFIXES and word not in tables.STOPS
    return index + 1 if good and len(word) > 2 and not tokens.written[index][0].isupper() else None  # noqa: PLR2004


def rate(tokens: Tokens, found: Amount) -> None:
    """Take "per kg", "a month", "/mmBtu"; a percentage keeps its sign alone."""
    if (found.bare and found.exponent is None) or (found.unit and found.unit.symbol in {"%", "pp", "x", *tables.DURATIONS}) or (found.unit and "/" in found.unit.symbol):
        return
    index = found.after
    index += tokens.written[index] == "-"
    word = tokens.lower[index]
    if word == "of" and found.unit and not found.unit.money:
        _rate_beyond(tokens, found)
    if word not in {"per", "a", "an", "/"}:
        return
    index += 1
    index += tokens.written[index] == "-"
    if (named := tables.RATES.at(tokens, index)) is not None:
        if tokens.lower[named[1]] not in _THEN or word in {"per", "/"}:
            found.rate, found.after = named
    elif word == "per" and tokens.kinds[index] == WORD and tokens.lower[index] not in tables.STOPS:
        found.rate, found.after = tokens.lower[index], index + 1
    elif word in {"per", "/"} and (unit := tables.UNIT_WORDS.at(tokens, index) or tables.UNIT_SYMBOLS.at(tokens, index)):
        found.rate, found.after = unit[0].symbol, unit[1]


def _rate_beyond(tokens: Tokens, found: Amount) -> None:
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


def _hedge_after(tokens: Tokens, found: Amount) -> None:
    """Take "or more", "-plus", "+"."""
    index = found.after
    hyphen = tokens.written[index] == "-" and tokens.glued(index)
    hedged = tables.HEDGES_AFTER.at(tokens, index + hyphen)
    if hedged is None or found.hedge is not Hedge.EXACT:
        return
    word = tokens.lower[index + hyphen]
    if word in {"plus", "odd", "max", "tops"} and not hyphen or word == "+" and (not tokens.glued(index) or tokens.kinds[index + 1] == NUMBER):
        return
    if word == "and" and found.bare:
        return
    found.hedge, found.after = hedged


def _minus(tokens: Tokens, found: Amount) -> None:
    """Take the minus before number or sign: -$50.8bn, minus-5 yards."""
    index = found.first - 1
    if index < 0 or tokens.lower[index] not in _MINUS | {"sub"}:
        return
    word = tokens.lower[index]
    if word in {"-", "–"}:
        if not tokens.glued(found.first):
            return
        if index and tokens.glued(index):
            if tokens.lower[index - 1] not in {"minus", "negative", "("}:
                return
            index -= tokens.lower[index - 1] != "("
    elif word in {"sub"} or found.number.in_words and word == "minus" and index and tokens.kinds[index - 1] == NUMBER:
        return
    found.negative, found.first = True, index
