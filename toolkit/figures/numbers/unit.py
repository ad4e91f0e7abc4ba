"""What a number measures or counts: its unit, its currency, its noun."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.codes.phrases import NUMBER, SIGN, WORD
from toolkit.figures.numbers import tables
from toolkit.figures.numbers.number import number
from toolkit.figures.numbers.tables import Unit

if TYPE_CHECKING:
    from toolkit.codes.phrases import Tokens
    from toolkit.figures.numbers.number import Amount

__all__ = ["POINT", "SHARE", "TIMES", "counted", "is_plural", "noun", "unit", "unit_at"]

_MOST_WORDS, _SHORTEST, _MODEL = 5, 3, 3
_SINGULAR_ENDS = ("ss", "us", "is", "'s")
_ADJECTIVE_ENDS = ("al", "ous", "ive", "ful", "ish", "ic", "ed", "ing", "ble", "ian", "ese", "ary")


def noun(tokens: Tokens, index: int, *, one: bool = False) -> int | None:
    """Return the index after the counted noun that starts at `index`: its first plural, or one word after "one".

    >>> from toolkit.codes.phrases import Tokens
    >>> noun(Tokens("14 first-team players left the club"), 1)
    5
    """
    place, end = index, None
    for _ in range(_MOST_WORDS):
        word = tokens.lower[place]
        if end is not None and _model(tokens, place):
            place = end = place + 1
            continue
        if tokens.kinds[place] != WORD or word in tables.STOPS or not _spaced(tokens, place):
            return None
        end = place + 1
        if tokens.written[end] == "-" and tokens.glued(end) and tokens.glued(end + 1) and tokens.kinds[end + 1] != SIGN:
            end += 2
            word = tokens.lower[end - 1]
        attribute = end == index + 1 and word in tables.ATTRIBUTES
        if is_plural(word) or (attribute and (end == len(tokens) or tokens.kinds[end] == WORD)):
            return end
        joined = tokens.lower[end] == "and" and tokens.lower[end + 1] not in tables.STOPS
        if joined and is_plural(tokens.lower[end + 2]):
            return end + 3  # digital and physical sales
        if one and not _adjective(word):
            return end
        place = end
    return None


def is_plural(word: str) -> bool:
    """Return whether a word has the form of a plural noun.

    >>> is_plural("containers"), is_plural("people"), is_plural("across")
    (True, True, False)
    """
    ends = word[-1:] == "s" and len(word) >= _SHORTEST and not word.endswith(_SINGULAR_ENDS)
    return word in tables.PLURALS or (ends and word not in tables.NOT_PLURAL)


def _model(tokens: Tokens, index: int) -> bool:
    """Return whether a model's number stands within the noun: two new 737 Max jets."""
    written = tokens.written[index]
    digits = tokens.kinds[index] == NUMBER and len(written) == _MODEL and written.isdigit()
    return digits and tokens.written[index + 1].istitle()


def _adjective(word: str) -> bool:
    return word.endswith(_ADJECTIVE_ENDS) or word in tables.GRAMMAR["plain adjective"]


def _spaced(tokens: Tokens, index: int) -> bool:
    """Return whether a word stands apart from the one before, or after its hyphen."""
    return not tokens.glued(index) or tokens.written[index - 1] == "-"


TIMES = Unit("x", Decimal(1), "times")
POINT = Unit("pp", Decimal(1), "percentage point")
SHARE = Unit("%", Decimal(100), "fraction")
_NO_NOUNS = tables.STOPS | tables.SUFFIXES
_ENDS = frozenset({"", ".", ",", ";", ")", "more"})
_TEN, _HUNDRED, _SHORT, _LONG = 10, 100, 2, 5


def unit(tokens: Tokens, found: Amount) -> None:
    """Take the unit or currency after the number; a fraction without one is a share."""
    hyphen = tokens.written[found.after] == "-" and tokens.glued(found.after + 1)
    index = found.after + hyphen
    named = unit_at(tokens, index)
    if named is not None and not _refused(tokens, found, named, index):
        found.unit, found.after, found.named = named[0], named[1], (index, named[1])
        _minor(tokens, found)
    elif found.number.fraction and found.exponent is None and hyphen and tokens.lower[index] in {"point", "points"}:
        found.unit, found.after, found.named = POINT, index + 1, (index, index + 1)  # a quarter-point cut
    elif found.number.fraction and found.exponent is None:
        found.unit = SHARE
    else:
        counted(tokens, found, hyphen=hyphen)


def unit_at(tokens: Tokens, index: int) -> tuple[Unit, int] | None:
    """Return the unit or currency named at `index`, and the index after it."""
    if tokens.written[index] in {"US", "U.S.", "imperial"} and (named := tables.UNIT_WORDS.at(tokens, index + 1)):
        return named
    brackets = tokens.written[index] in {"(", "[", "{", "<"}
    word, sign = tokens.lower[index + brackets], tokens.written[index + brackets]
    if word not in tables.MEASURING_WORDS and sign not in tables.MEASURING_SIGNS:
        return None
    best: tuple[Unit, int] | None = None
    for phrases in (tables.UNIT_SYMBOLS, tables.SIGNS, tables.UNIT_WORDS, tables.CURRENCIES):
        named = phrases.at(tokens, index + brackets)
        if named and (best is None or named[1] > best[1]) and "before" not in named[0].form:
            best = named
    if best and brackets:
        return (best[0], best[1] + 1) if tokens.written[best[1]] in {")", "]", "}", ">"} and not best[0].money else None
    return best


def _refused(tokens: Tokens, found: Amount, named: tuple[Unit, int], index: int) -> bool:
    """Return whether the unit's word means something else here."""
    unit, after = named
    lower, glued, single = tokens.lower[index], tokens.glued(index), after - index == 1
    if lower in tables.GRAMMAR["also a word"]:
        return found.exponent is None and found.number.value < _HUNDRED
    if single and lower in {"a", "in", "at", "as"}:
        return lower != "in" or not glued
    if unit.money:
        following = tokens.kinds[after] == NUMBER and (tokens.glued(after) or lower == "$")  # 3 USD50 cards
        minor = tables.CURRENCIES.at(tokens, after + 1) if following else None  # 10 $ 30 cents
        return (following and not (minor and minor[0].factor < 1 and minor[0].family == unit.family)) or (
            "glued" in unit.form and not glued
        )
    letter = single and len(lower) == 1 and lower.isascii() and lower.isalpha()
    return letter and tokens.glued(after) and (tokens.kinds[after] != SIGN or tokens.written[after] == "-")


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
    elif rest.value >= _TEN and tokens.lower[rest.after] in _ENDS and tokens.kinds[rest.after + 1] != NUMBER:
        found.part, found.after = rest.value / _HUNDRED, rest.after


def counted(tokens: Tokens, found: Amount, *, hyphen: bool) -> None:
    """Take "times", or the noun that is counted."""
    index = found.after + hyphen
    if _times(tokens, found, index):
        return
    end = _end(tokens, found, index, hyphen=hyphen)
    if end is None or not (tokens.kinds[found.after] == WORD or hyphen):
        return
    measured = tables.UNIT_WORDS.at(tokens, end - 1)
    # 50 previous years; not the three largest yards
    if measured and measured[1] == end and not hyphen and not tokens.lower[end - 2].endswith("est"):
        found.unit, found.named = measured[0], (end - 1, end)
    else:
        found.counted = tokens.said(index, end)
    found.after = end


def _times(tokens: Tokens, found: Amount, index: int) -> bool:
    """Take "times" and "-fold" as a multiple; "three times since May" as a count."""
    lower = tokens.lower[index]
    if lower == "times":
        if tokens.lower[index + 1] in tables.GRAMMAR["multiple base"] or tokens.kinds[index + 1] != WORD:
            found.unit = TIMES
        else:
            found.counted = lower
            found.context.append((index + 1, index + 2))
    elif lower == "fold" or (lower == "x" and tokens.glued(index) and not _goes_on(tokens, index + 1)):
        found.unit = TIMES
    else:
        return False
    found.after = index + 1
    return True


def _goes_on(tokens: Tokens, index: int) -> bool:
    return tokens.kinds[index] == NUMBER and tokens.glued(index)


def _end(tokens: Tokens, found: Amount, index: int, *, hyphen: bool) -> int | None:
    """Return the index after the counted noun."""
    if found.number.value == 1 and found.number.in_words and found.exponent is None:
        return None if hyphen else _one(tokens, found)
    if hyphen:
        return _attribute(tokens, index)
    end = noun(tokens, index, one=found.number.value == 1)
    acronym = end is None and "." in tokens.written[found.number.first] and _acronym(tokens, index)
    return index + 1 if acronym else end


def _acronym(tokens: Tokens, index: int) -> bool:
    """Return whether an unknown unit in capitals follows: 0.5 WAR."""
    word = tokens.written[index]
    return tokens.kinds[index] == WORD and 1 < len(word) <= _LONG and word.isupper() and not tokens.glued(index)


def _one(tokens: Tokens, found: Amount) -> int | None:
    """Return the end of what "one" counts; in "the one", "one of" and "no one" it counts nothing."""
    before, word = tokens.lower[found.first - 1] if found.first else "", tokens.lower[found.after]
    if before in tables.POINTERS or before in tables.GRAMMAR["before one"]:
        return None
    idiom = word in _NO_NOUNS or word in tables.GRAMMAR["one idiom"] or word.endswith("ly")
    named = tokens.written[found.first][0] == "O" and found.first
    return None if idiom or named else noun(tokens, found.after, one=True)


def _attribute(tokens: Tokens, index: int) -> int | None:
    """Return the end of "27-member", "135-room"."""
    word = tokens.lower[index]
    good = tokens.kinds[index] == WORD and word not in _NO_NOUNS
    return index + 1 if good and len(word) > _SHORT and not tokens.written[index][0].isupper() else None
