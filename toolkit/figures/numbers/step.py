"""Read one place of a text: a figure, a range, or nothing and why."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.codes.phrases import NUMBER
from toolkit.figures.numbers import tables
from toolkit.figures.numbers.amount import ParsedAmount, amount, hedge, hedged
from toolkit.figures.numbers.number import Amount, Number, groups, number
from toolkit.figures.numbers.ranges import Step, listed, ranged, split
from toolkit.figures.numbers.scale import exchange
from toolkit.figures.numbers.skip import in_title, skip
from toolkit.figures.numbers.unit import SHARE, TIMES, noun, unit_at
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.codes.phrases import Tokens
    from toolkit.figures.numbers.tables import Unit

__all__ = ["STARTS", "kind", "multiple", "share", "starts", "step", "vague"]

_BASES, _BEFORE = tables.GRAMMAR["doubled thing"], tables.GRAMMAR["before double"]
_MOST = 10_000
_YEARS = range(1500, 2150)


def multiple(tokens: Tokens, index: int) -> Amount | None:
    """Return "doubled", "threefold", "twice as much"; not "double-digit", "doubled down"."""
    word, after = tokens.lower[index], index + 1
    if after == len(tokens):
        return Amount(Number(tables.MULTIPLES[word], index, after), index, after, unit=TIMES)
    if tokens.written[after] == "-" and tokens.glued(after):
        return None
    if word.endswith(("ed", "ing", "fold")):
        good = tokens.lower[after] not in {"down", "up"}
    elif word in {"twice", "thrice"}:
        good = tokens.lower[after] in _BASES or tokens.lower[after : after + 2] in (["as", "much"], ["as", "many"])
        good = good or (tokens.lower[after] == "as" and "as" in tokens.lower[after + 2 : after + 4])
    else:
        good = tokens.lower[after] in _BASES or (index > 0 and tokens.lower[index - 1] in _BEFORE)
    return Amount(Number(tables.MULTIPLES[word], index, after), index, after, unit=TIMES) if good else None


def share(tokens: Tokens, found: Amount) -> Amount | None:
    """Return "one in five" and "3 out of 10" as a share, where `found` is its first number."""
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
    """Return both ends of "tens of thousands of containers": 10,000 and ten times as many."""
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


_FIXED = {"pp": "change", "x": "multiple", **dict.fromkeys(tables.DURATIONS, "duration")}


def kind(tokens: Tokens, one: ParsedAmount, unit: Unit | None) -> str:
    """Return the kind of a figure: ``money percent change multiple count measure price duration``."""
    if unit is None:
        return "count"
    if unit.money:
        return "money" if one.low.rate in {None, *tables.RATE_PERIODS} else "price"
    if unit.symbol == "%":
        return "change" if _changes(tokens, one) else "percent"
    return _FIXED.get(unit.symbol, "measure")


def _changes(tokens: Tokens, one: ParsedAmount) -> bool:
    """Return whether a share is a movement: rose 5 %, by 5 %, a 5 % rise."""
    before = tokens.lower[max(0, one.first - 2) : one.first]
    after = tokens.lower[one.after]
    by = before[-1:] in (["by"], ["of"]) and before[0] in tables.CHANGES
    return by or not tables.CHANGES.isdisjoint(before[-1:]) or after in tables.GRAMMAR["change noun"]


_CLOSES = {".", ",", ";", ")"}
_LONG = 5  # digits of a bare number that may stand without a noun
_INSIDERS, _KNOW = tables.GRAMMAR["insider"], tables.GRAMMAR["insiders know"]
_EITHER_WAY = {"±", "+/-"}
_UNSCALED = 1000  # dollars; above it no scale is left out
_BOUNDED, _PARTS, _HALF_TIMES = (tables.GRAMMAR[role] for role in ("end of movement", "part of", "half time"))
_THAN = tables.GRAMMAR["comparative"]
_LEADING = frozenset({".", "a", "an"})
STARTS = tables.NUMBER_WORDS.keys() | tables.MULTIPLES.keys() | tables.GRAMMAR["vague"] | {"."}


def step(tokens: Tokens, index: int) -> Step:
    """Return what is read at token `index`, the index to continue at, and why nothing was read.

    >>> from toolkit.codes.phrases import Tokens
    >>> reads, after, why = step(Tokens("$1.2-1.5 billion"), 1)
    >>> str(reads[0].low.value), str(reads[0].high.value)
    ('1200000000', '1500000000')
    """
    if (none := skip(tokens, index)) is not None:
        return [], none[0], none[1]
    if tokens.lower[index] in tables.MULTIPLES:
        many = multiple(tokens, index)
        return ([hedged(tokens, many)], many.after, "") if many else ([], index + 1, "")
    if (ends := vague(tokens, index)) is not None:
        return [ParsedAmount(*ends, Hedge.RANGE, ends[0].first, ends[0].after)], ends[0].after, ""
    if (found := amount(tokens, index)) is None:
        return [], groups(tokens, index), "unclear" if tokens.kinds[index] == NUMBER else ""
    for join in (_share, split, ranged, listed):
        if (joined := join(tokens, found)) is not None:
            return joined
    exchange(tokens, found)
    why = _doubt(tokens, found)
    return ([], found.number.after, why) if why else ([hedged(tokens, found)], found.after, "")


def _share(tokens: Tokens, found: Amount) -> Step | None:
    part = share(tokens, found)
    return ([hedged(tokens, part)], part.after, "") if part else None


def starts(tokens: Tokens) -> list[int]:
    """Return the tokens at which a figure may start."""
    kinds = tokens.kinds
    places = [place for place, word in enumerate(tokens.lower) if word in STARTS or kinds[place] == NUMBER]
    return [place for place in places if tokens.lower[place] not in _LEADING or _leads(tokens, place)]


def _leads(tokens: Tokens, index: int) -> bool:
    """Return whether a point opens a number, .001 per cent, or an article does, a million."""
    if tokens.lower[index] != ".":
        following = tokens.lower[index + 1]
        counts = following in tables.NUMBER_WORDS or following in tables.SCALES.firsts
        return counts or (index > 0 and tokens.lower[index - 1] in tables.LEADS)
    return tokens.kinds[index + 1] == NUMBER and tokens.glued(index + 1) and not tokens.glued(index)


def _doubt(tokens: Tokens, found: Amount) -> str:
    """Return why an amount is not read, or ""."""
    number, before = found.number, tokens.lower[found.first - 1] if found.first else ""
    if before in _EITHER_WAY or _follows_code(tokens, found):
        return "unclear"
    if found.unit:
        if number.fraction and found.unit.symbol == "%" and not _is_share(tokens, found, before):
            return "idiom"
        return "unclear" if found.signed and _unscaled(tokens, found) else ""
    if found.exponent is None and number.comma:
        return "unclear"
    return _miscounts(tokens, found, before) if found.counted else _bare(tokens, found, before)


def _bare(tokens: Tokens, found: Amount, before: str) -> str:
    """Return why a number without unit and noun is not read."""
    number = found.number
    if found.exponent:
        return "name" if number.plain and tokens.written[number.after] in {"M", "B"} else ""  # 3M
    if number.in_words and number.value == 1:
        return "idiom"
    if not tables.GRAMMAR["code list"].isdisjoint(tokens.lower[: found.first]):  # HS 8703.23 and 87.08
        return "name"
    if tokens.lower[number.after] in {"per", "to"} and _priced_in_money(tokens, number.after + 1):  # 7.13 per dollar
        return "unclear"
    read = not (number.plain or number.in_words) or _bounded(tokens, found, before)
    return "" if read else "unclear"


def _follows_code(tokens: Tokens, found: Amount) -> bool:
    """Return whether a number stands on either side of a currency's code: 75 USD 50."""
    unit = found.unit
    if unit is None or not unit.money or found.signed:
        return False
    code = tokens.written[found.after - 1]
    return code.isupper() and code.isalpha() and tokens.kinds[found.after] == NUMBER


def _priced_in_money(tokens: Tokens, index: int) -> bool:
    """Return whether a currency follows, with or without "the"."""
    return tables.CURRENCIES.at(tokens, index + (tokens.lower[index] == "the")) is not None


def _miscounts(tokens: Tokens, found: Amount, before: str) -> str:
    """Return why a number with a noun is not a count: the two leaders, zero tariffs, Covid -19 tests."""
    number, noun = found.number, (found.counted or "").lower()
    if before in tables.POINTERS and number.value in (2, 3) and noun in tables.ACTORS:
        return "idiom"
    if number.in_words and not number.value:
        return "idiom"
    if number.in_words and noun in _INSIDERS and tokens.lower[found.after] in _KNOW:
        return "idiom"
    named = tokens.written[number.first].istitle() and (found.counted or "").istitle() and not noun.endswith("ans")
    if number.in_words and named and not in_title(tokens):  # Five Eyes, Three Gorges
        return "name"
    return "unclear" if found.negative and number.plain else ""


def _unscaled(tokens: Tokens, found: Amount) -> bool:
    """Return whether the amount may share the scale of the next: "$5 and $6 billion"."""
    after, joins = found.after, {"and", "or", ",", "but", "not"}
    if found.exponent is not None or found.number.value >= _UNSCALED or tokens.lower[after] not in joins:
        return False
    after += 1 + (tokens.lower[after + 1] in joins)
    ahead = next((place for place in range(after, after + 3) if tokens.kinds[place] == NUMBER), None)
    other = amount(tokens, ahead) if ahead is not None else None
    return bool(other and other.signed and other.first == after and other.exponent and other.symbol == found.symbol)


def _is_share(tokens: Tokens, found: Amount, before: str) -> bool:
    """Return whether "half", "a third" is a share: half of the ore; not the second half, a third ship."""
    after, word, first = tokens.lower[found.after], tokens.lower[found.number.after - 1], found.number.first
    if tokens.kinds[first] == NUMBER:
        found.context.append((found.after, found.after + 1))
        return after == "of"
    marked = tables.HEDGES.before(tokens, found.first) is not None or before == "by"
    if marked or (first == 0 and found.after == len(tokens)):
        return word != "quarter" or after not in {"ended", "in"}
    if word in {"half", "halves"}:
        return after in tables.GRAMMAR["share of"] and before not in _HALF_TIMES
    if word in {"quarter", "quarters"}:
        return after == "of" and tokens.kinds[found.after + 1] != NUMBER
    if tokens.lower[first] in {"a", "an"}:
        return after == "of" or before == "to" or after in _THAN or (before == "from" and after == "to")
    return tokens.kinds[found.after] != NUMBER


def _bounded(tokens: Tokens, found: Amount, before: str) -> bool:
    """Return whether a bare number is a figure: hedged, or the end of a movement."""
    if found.first == 0 and found.after == len(tokens):
        return True
    if tokens.lower[found.after] == "of" and tokens.lower[found.after + 1] in _PARTS:  # five of the ships
        return found.number.value > 1
    if before in _BOUNDED and not tokens.written[found.after][:1].isupper():  # not to 88 Nathan Road
        moved = tokens.lower[max(0, found.first - 4) : found.first - 1]
        if len(tokens.written[found.number.first]) >= _LONG or not tables.CHANGES.isdisjoint(moved):
            return True
    ends = tokens.written[found.after] in _CLOSES and tokens.kinds[found.after + 1] != NUMBER  # not around 80, 000
    if hedge(tokens, found)[0] is Hedge.EXACT or tokens.kinds[found.after] == NUMBER:
        return False
    return ends or not tokens.glued(found.after)
