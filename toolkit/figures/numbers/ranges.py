"""Ranges, lists and pairs of amounts that share a unit: $200–300 million, 10, 20 and 30 per cent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.codes.phrases import NUMBER, WORD
from toolkit.figures.numbers import tables
from toolkit.figures.numbers.amount import ParsedAmount, amount, hedge, hedged
from toolkit.figures.numbers.scale import rate
from toolkit.figures.numbers.skip import skip
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.codes.phrases import Tokens
    from toolkit.figures.numbers.number import Amount

__all__ = ["Step", "inherit_unit", "listed", "number_ahead", "ranged", "split"]

Step = tuple[list[ParsedAmount], int, str]  # what was read, the index to go on at, why nothing was read

_DASHES = {"-", "–", "—"}
_JOINS = _DASHES | {"to", "or", "and"}
_UNSCALED = 1000  # "$1.2-1.5 billion": a first end below this shares the scale of the second


def ranged(tokens: Tokens, low: Amount) -> Step | None:
    """Join both ends of a range: $200–300 million, between 5 and 10 per cent, 15 to 22 miles."""
    return _joined(tokens, low) if tokens.lower[low.after] in _JOINS else None


def _joined(tokens: Tokens, low: Amount) -> Step | None:
    how, first = hedge(tokens, low)
    start, between = _between(tokens, first)
    after = _connector(tokens, low, between=between)
    high = _high(tokens, low, after) if after is not None and low.hedge is Hedge.EXACT else None
    if after is None or high is None or (low.bare and high.bare and low.exponent is None and not between):
        return None
    word = tokens.lower[after - 1]
    moves = not between and word == "to" and _moves(tokens, low, first, high)
    if moves and tokens.lower[first - 1] != "from":
        return None
    if word in _DASHES and _in_thousands(tokens, low, high):
        low.number = low.number._replace(value=low.number.value * _UNSCALED, plain=False)
    _unify(tokens, low, high)
    if moves or (word == "or" and not between and not low.number.in_words):
        return _pair(tokens, low, high, how, first)
    if low.negative and high.negative and low.value > high.value:  # -18 to -34
        low.number, high.number = high.number, low.number
    if low.value >= high.value:
        if word in _DASHES and low.unit is None and low.exponent is None:  # a score: 2-1
            return [], high.after, "idiom"
        return None if between else _pair(tokens, low, high, how, first)
    return [ParsedAmount(low, high, Hedge.RANGE, start if between else first, high.after)], high.after, ""


def _high(tokens: Tokens, low: Amount, after: int) -> Amount | None:
    """Return the second end of a range, if it can be one; its minus may be the dash between them."""
    ahead = number_ahead(tokens, after)
    high = amount(tokens, ahead) if ahead is not None and skip(tokens, ahead) is None else None
    if high is None or high.number.fraction != low.number.fraction or not _share_units(low, high):
        return None
    if high.negative and tokens.written[after - 1] in _DASHES:
        high.negative = False
    return high


def _between(tokens: Tokens, first: int) -> tuple[int, bool]:
    """Return where "between" starts, and the hedge before it."""
    if not first or tokens.lower[first - 1] != "between":
        return first, False
    hedged = tables.HEDGES.before(tokens, first - 1)
    return (hedged[1] if hedged and tokens.lower[first - 2] != "estimated" else first - 1), True


def _connector(tokens: Tokens, low: Amount, *, between: bool) -> int | None:
    """Return the index after the word or dash that joins two ends."""
    index, word = low.after, tokens.lower[low.after]
    if word in _DASHES:
        to = tokens.lower[index + 1] == "to"
        tight = word == "-" and tokens.glued(index) != tokens.glued(index + 1) and not to
        return None if tight and not low.bare else index + 1 + to + (to and tokens.written[index + 2] == "-")
    if word == "to" and tokens.written[index + 1] == "-" and tokens.glued(index + 1):  # 200,000 to-260,000
        return index + 2
    return index + 1 if word in {"to", "or"} or (word == "and" and between) else None


def number_ahead(tokens: Tokens, index: int) -> int | None:
    """Return the index of the number that starts at `index`, behind at most a sign of three tokens."""
    for place in range(index, index + 4):
        kind = tables.NUMBER_WORDS.get(tokens.lower[place], (0, "part"))[1]
        if tokens.kinds[place] == NUMBER or kind not in {"part", "article"}:
            minus = index + (tokens.written[index] == "-" and place > index)
            sign = tables.SIGNS.before(tokens, place)
            return place if place in {index, minus} or (sign and sign[1] in {index, minus}) else None
    return None


def _share_units(low: Amount, high: Amount) -> bool:
    """Return whether two amounts can be ends of one range."""
    if low.unit and high.unit and (low.unit[:2], low.rate or high.rate) != (high.unit[:2], high.rate):
        return False
    if low.counted and (high.unit or (high.counted and high.counted != low.counted)):
        return False
    return not (low.unit and high.counted and not low.unit.money)


def _unify(tokens: Tokens, low: Amount, high: Amount) -> None:
    """Complete each end of a range with what only the other states."""
    smaller = low.number.value < high.number.value and low.number.value < _UNSCALED
    if low.exponent is None and high.exponent is not None and smaller:
        low.exponent = high.exponent
    if low.unit is None and low.counted is None:
        low.unit, low.counted = high.unit, high.counted
        low.named = high.named
    if high.unit is None:
        if low.unit is not None and high.counted:
            high.counted, high.after = None, high.number.after if high.exponent is None else high.after
        high.unit, high.counted = low.unit, high.counted or low.counted
    if high.rate is None:
        rate(tokens, high)
    low.rate = high.rate = high.rate or low.rate


def _in_thousands(tokens: Tokens, low: Amount, high: Amount) -> bool:
    """Return whether the first end leaves out the thousands of the second: 60-65,000 tonnes."""
    grouped = tokens.written[high.number.first].endswith(",000") and high.exponent is None
    own = low.unit is not None or low.counted is not None or low.exponent is not None
    near = low.number.value * _UNSCALED < high.number.value <= low.number.value * _UNSCALED * 2
    return grouped and low.number.plain and not own and near


def _moves(tokens: Tokens, low: Amount, first: int, high: Amount) -> bool:
    """Return whether "from A to B", "by A to B", "fell A to B" are two figures and no range."""
    before = tokens.lower[first - 1] if first else ""
    if before == "from":
        if tokens.lower[high.after] == "to" and tokens.kinds[high.after + 1] == NUMBER:  # from 5 to 7 % to 3 to 5 %
            return False
        return not any(word in tables.RANGE_WORDS for word in tokens.lower[max(0, first - 3) : first - 1])
    counted = low.counted is not None and low.after > low.number.after and high.bare
    own = low.signed or counted or (low.named is not None and low.named[1] <= low.after)
    return own and (before == "by" or before in tables.CHANGES)


def _pair(tokens: Tokens, low: Amount, high: Amount, how: Hedge, first: int) -> Step:
    """Return two figures that share a unit; the first says where its unit stands."""
    if low.after < high.after and low.named and low.named[0] >= low.after:
        low.context.append(low.named)
    elif low.counted and high.counted == low.counted and low.after <= high.number.first:
        low.context.append((high.number.after, high.after))
    if high.named is None and high.unit and low.named and not high.signed:
        high.named = low.named
        high.context.append(low.named)
    return [ParsedAmount(low, None, how, first, low.after), hedged(tokens, high)], high.after, ""


_MOST_LISTED = 10
_NEGATIONS = (("not",), ("rather", "than"), ("instead", "of"))


def split(tokens: Tokens, found: Amount) -> Step | None:
    """Read "$40, not $50, billion": both share the scale that follows."""
    if not found.signed or found.exponent is not None:
        return None
    index = found.after + (tokens.written[found.after] == ",")
    words = next((words for words in _NEGATIONS if tuple(tokens.lower[index : index + len(words)]) == words), None)
    ahead = number_ahead(tokens, index + len(words)) if words else None
    other = amount(tokens, ahead) if ahead is not None else None
    if other is None or other.symbol != found.symbol:
        return None
    comma = other.after + (tokens.written[other.after] == ",")
    scale = tables.SCALES.at(tokens, comma)
    if other.exponent is None and scale is None:
        return None
    if other.exponent is None and scale:
        other.exponent, other.after = scale[0], scale[1]
        other.context.append((comma, other.after))
    found.exponent = other.exponent
    found.context.append((comma, other.after) if scale else (other.number.after, other.after))
    return [hedged(tokens, found), hedged(tokens, other)], other.after, ""


def listed(tokens: Tokens, found: Amount) -> Step | None:
    """Read "10, 20 and 30 per cent", "four-, five- and six-cylinder": all share the last unit."""
    chain = _chain(tokens, found)
    if len(chain) == 1:
        return None
    last, hyphens = chain[-1], all(tokens.written[one.number.after] == "-" for one in chain)
    if last.signed or (last.unit is None and not (hyphens and last.counted)):
        return None
    if last.unit and (last.unit.money or last.number.fraction):
        return None
    for one in chain[:-1]:
        one.counted, one.unit, one.exponent, one.rate = last.counted, last.unit, last.exponent, last.rate
        one.after = one.number.after
        one.context.append((last.number.after, last.after))
    return [hedged(tokens, one) for one in chain], last.after, ""


def _chain(tokens: Tokens, found: Amount) -> list[Amount]:
    """Return the bare numbers that commas join, and the amount that ends them."""
    chain, ends = [found], False
    while chain[-1].bare and chain[-1].exponent is None and len(chain) < _MOST_LISTED:
        index = chain[-1].number.after
        index += tokens.written[index] == "-"
        joined = tokens.written[index] == "," or tokens.lower[index] in {"and", "or"}
        index += joined + (tokens.written[index] == "," and tokens.lower[index + 1] in {"and", "or"})
        ends = tokens.lower[index - 1] in {"and", "or"}
        ahead = number_ahead(tokens, index) if joined else None
        following = amount(tokens, index) if ahead == index and not skip(tokens, index) else None
        if following is None:
            return [found]
        chain.append(following)
    hyphens = tokens.written[chain[0].number.after] == "-"
    return chain if ends or hyphens else [found]  # 9 to 5, 24 hours a day


_OWNERS, _COMPARED = tables.GRAMMAR["owner of a whole"], tables.GRAMMAR["compared with"]
_FARTHEST = 12  # words between a figure and the one it is compared with
_LONGEST_NAME = 4  # words
_MANY = 1000
_THEN = frozenset({"in", "last", "this", "and", "while", "from", "to"})
_NO_CARRIER = frozenset({"%", "pp", "x"})


def inherit_unit(tokens: Tokens, one: ParsedAmount, two: ParsedAmount) -> None:
    """Inherit a missing unit or noun from the adjacent amount, where words join the two.

    >>> from toolkit.figures import extract
    >>> [str(figure.quantity) for figure in extract("fell to 24 million tonnes from 33 million a year earlier")]
    ['24 million tonnes', '33 million tonnes']
    """
    between = tokens.lower[one.after : two.first]
    if one.low.bare and _carries(two.low):
        if _part(between):
            _take(one, two.low)
        elif two.high and _grows(tokens, one, between):
            one.low.exponent = one.low.exponent or two.low.exponent
            _take(one, two.low)
    if _elided(tokens, one, two):
        two.low.exponent = tables.GLUED_SCALES["m"]
        _take(two, one.low)
    if two.low.bare and _carries(one.low) and _follows(tokens, one, two, between):
        _take(two, one.low)


def _elided(tokens: Tokens, one: ParsedAmount, two: ParsedAmount) -> bool:
    """Return whether "m" is a million whose noun is left out: "took 310,000 cartons and China 4.7m"."""
    unit = two.low.unit
    metres = unit is not None and unit.symbol == "m" and tokens.lower[two.low.number.after] == "m"
    counts = one.low.counted is not None and one.low.unit is None and one.low.value >= _MANY
    ends = tokens.kinds[two.after] not in {WORD, NUMBER} or tokens.lower[two.after] in _THEN
    return metres and counts and ends and tokens.glued(two.low.number.after) and two.high is None


def _follows(tokens: Tokens, one: ParsedAmount, two: ParsedAmount, between: list[str]) -> bool:
    """Return whether the second figure is a bare number that continues the first."""
    scaled = two.low.exponent is not None and _compared(tokens, two, between)
    return scaled or _next_in_row(tokens, one, two)


def _carries(amount: Amount) -> bool:
    return not amount.bare and amount.symbol not in _NO_CARRIER


def _part(between: list[str]) -> bool:
    """Return whether one figure is stated as a part of the other: "of the", "out of a planned"."""
    return len(between) in {2, 3} and between[-2] == "of" and between[-1] in _OWNERS and between[0] in {"of", "out"}


def _grows(tokens: Tokens, one: ParsedAmount, between: list[str]) -> bool:
    """Return whether "from 24.2 to 33-35 billion euros" starts at the first figure."""
    return between == ["to"] and one.first > 0 and tokens.lower[one.first - 1] == "from"


def _compared(tokens: Tokens, two: ParsedAmount, between: list[str]) -> bool:
    """Return whether the second figure is what the first one is compared with."""
    ends = between and between[-1] in _COMPARED and (between[-1] != "with" or between[-2:-1] == ["compared"])
    alone = tokens.kinds[two.after] != WORD or tokens.lower[two.after] in {"a", "in", "the", "last", "and", "one", "at"}
    return bool(ends) and alone and len(between) <= _FARTHEST and "%" not in between and two.hedge is not Hedge.RANGE


def _next_in_row(tokens: Tokens, one: ParsedAmount, two: ParsedAmount) -> bool:
    """Return whether "Japan bought 6,000 tonnes and Germany 4,300" goes on: a name and a number after "and"."""
    names = tokens.written[one.after + 1 : two.first]
    joined = tokens.lower[one.after] == "and" and 0 < len(names) < _LONGEST_NAME and all(map(str.istitle, names))
    return joined and one.low.symbol != "1" and tokens.kinds[two.after] != WORD


def _take(read: ParsedAmount, giver: Amount) -> None:
    amount = read.low
    amount.unit, amount.counted, amount.rate = giver.unit, giver.counted, giver.rate
    amount.context.append(giver.named or (giver.number.after, giver.after))
    if read.high:
        read.high.unit, read.high.counted, read.high.rate = giver.unit, giver.counted, giver.rate
