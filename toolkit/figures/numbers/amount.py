"""One number with its sign, scale, currency or unit, rate and counted noun."""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.codes.phrases import NUMBER, WORD, Tokens
from toolkit.figures.numbers import tables
from toolkit.figures.numbers.number import Amount, number
from toolkit.figures.numbers.scale import hedge_after, minus, of_a, rate, scale, scale_after_code, sign, sign_after
from toolkit.figures.numbers.unit import unit
from toolkit.quantity import Hedge

__all__ = ["ParsedAmount", "amount", "hedge", "hedged", "restate"]

_LASTING, _MOVING, _OVER, _NOT = (tables.GRAMMAR[role] for role in ("lasting", "moving past", "over duration", "not"))
_PLACES = tables.GRAMMAR["hedge or place"]
_ACROSS = frozenset({"over", "past"})  # over about five years
_OPPOSITE = {Hedge.MORE_THAN: Hedge.AT_MOST, Hedge.LESS_THAN: Hedge.AT_LEAST}
_UNDENIED = {denied: plain for plain, denied in _OPPOSITE.items()}
_FEW = 12


@dataclass(slots=True)
class ParsedAmount:
    """One amount or both ends of a range, with the tokens taken."""

    low: Amount
    high: Amount | None
    hedge: Hedge
    first: int
    after: int
    said: tuple[int, int] | None = None  # tokens of a hedge that stands further off


def hedged(tokens: Tokens, found: Amount) -> ParsedAmount:
    """Return an amount with its hedges; of two hedges the bound counts: no fewer than 20 or so."""
    how, first = hedge(tokens, found)
    if found.hedge is not Hedge.EXACT and how in {Hedge.EXACT, Hedge.ABOUT}:
        how = found.hedge
    return ParsedAmount(found, None, how, first, found.after)


def hedge(tokens: Tokens, found: Amount) -> tuple[Hedge, int]:
    """Return the hedge before an amount, and the index it starts at.

    Of two hedges the bound counts: "up to about 25 %" is at most that.
    """
    if (named := _named(tokens, found.first, found)) is None:
        return Hedge.EXACT, found.first
    how, first = named
    if tokens.lower[first] == "not" and first and tokens.lower[first - 1] == "if":  # $5bn, if not more than $6bn
        return _UNDENIED.get(how, how), first + 1
    if how is Hedge.ABOUT and (outer := _named(tokens, first, found)) and tokens.lower[outer[1]] not in _ACROSS:
        how, first = outer
    return _denied(tokens, how, first)


def _named(tokens: Tokens, index: int, found: Amount) -> tuple[Hedge, int] | None:
    """Return the hedge that ends before token `index`; an article may stand between."""
    named = tables.HEDGES.before(tokens, index)
    lasting = found.unit is not None and found.unit.symbol in tables.DURATIONS  # near a 15-month high
    if named is None and index and tokens.lower[index - 1] in {"a", "an"} and not lasting:
        named = tables.HEDGES.before(tokens, index - 1)
    if named is None and tokens.written[index - 1] == "-" and tokens.glued(index - 1) and tokens.glued(index):
        named = tables.HEDGES.before(tokens, index - 1)  # a more-than-5% rise
        named = named if named and named[1] < index - 2 else None
    return named if named and _stands(tokens, named[1], found) else None


def _denied(tokens: Tokens, how: Hedge, first: int) -> tuple[Hedge, int]:
    """Reverse a hedge that is denied: not exceed 5 %, not be less than 15 %, no longer than."""
    if how not in _OPPOSITE or first == 0:
        return how, first
    place = first - 1
    if tokens.lower[place] == "no" and tokens.lower[first + 1] == "than":
        return _OPPOSITE[how], place
    if tokens.lower[place] in tables.GRAMMAR["between not"] and place:
        place -= 1
    word, before = tokens.lower[place], tokens.lower[place - 1] if place else ""
    if (word in _NOT or word.endswith("n't")) and before != "if":  # $5bn, if not more
        return _OPPOSITE[how], place
    return how, first


def _stands(tokens: Tokens, first: int, found: Amount) -> bool:
    """Return whether the words before are a hedge here: not "over five years", "a row over $3bn"."""
    word, before = tokens.lower[first], tokens.lower[first - 1] if first else ""
    bar = tables.HEDGE_BARS.get((word, before)) or tables.HEDGE_BARS.get((word, "*"))
    if bar == "any" or (bar == "small" and _few(found)):
        return False
    if found.unit is not None and found.unit.symbol in tables.DURATIONS and word in _PLACES:
        return word != "past" and (before in _LASTING or (first == 0 and _opens(tokens, found)))
    if word == "past":  # climbed past 150; not the past 12 meetings
        return before in tables.CHANGES or before in _MOVING or (first == 0 and found.after == len(tokens))
    if word == "up":  # inching back up to 4.8 %; the rate is up to 4.8 % from 4.2 %
        return before not in tables.CHANGES and before != "back" and not _from(tokens, found)
    return True


def _opens(tokens: Tokens, found: Amount) -> bool:
    """Return whether an opening "Over five years" states a length rather than the time in which things happen."""
    return found.after == len(tokens) or tokens.lower[found.after] in _OVER


def _few(found: Amount) -> bool:
    """Return whether a few things are counted: near two villages, topped three lists."""
    return found.unit is None and found.number.in_words and found.number.value <= _FEW


def _from(tokens: Tokens, found: Amount) -> bool:
    """Return whether another amount of its kind follows "from"."""
    after = found.after + 1
    same = tokens.kinds[after] == NUMBER or (found.signed and tokens.written[after] == tokens.written[found.first])
    return found.unit is not None and tokens.lower[found.after] == "from" and same


def restate(before: ParsedAmount, read: ParsedAmount, tokens: Tokens) -> None:
    """Pass the hedge on to a figure restated in brackets: more than 7.5m crowns ($1.1m)."""
    sign, first = tokens.written[before.after], before.said or (before.first, before.low.first)
    beside = read.first == before.after + 1 and (sign == "(" or (sign == "/" and before.said is not None))
    one, two = before.low.unit, read.low.unit
    alike = one and two and one.money == two.money and one != two and first[0] < first[1]
    if beside and alike and before.high is None and read.high is None and read.hedge is Hedge.EXACT:
        read.hedge, read.said = before.hedge, first
        read.low.context.append(first)


def amount(tokens: Tokens, index: int) -> Amount | None:
    """Return the amount whose number starts at token `index`, or None if there is no number.

    >>> found = amount(Tokens("US$ 550-billion"), 2)
    >>> found.value, found.symbol
    (Decimal('550000000000'), 'USD')
    """
    if (read := number(tokens, index)) is None:
        return None
    found = Amount(read, read.first, read.after)
    sign(tokens, found)
    if not found.signed and tokens.glued(found.first) and tokens.kinds[found.first - 1] == WORD:
        return None
    hedge_after(tokens, found)
    of_a(tokens, found)
    scale(tokens, found)
    hedge_after(tokens, found)
    (sign_after if found.signed else unit)(tokens, found)
    if found.exponent is None and found.unit and found.unit.money:
        scale_after_code(tokens, found)
    rate(tokens, found)
    hedge_after(tokens, found)
    minus(tokens, found)
    return found
