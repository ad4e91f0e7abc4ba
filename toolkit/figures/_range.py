"""Two ends made one range, or two figures that share a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables
from toolkit.figures._amount import Amount, amount
from toolkit.figures._hedge import Read, hedge, hedged
from toolkit.figures._lex import NUMBER
from toolkit.figures._rate import rate
from toolkit.figures._skip import skip
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.figures._lex import Tokens

Step = tuple[list[Read], int, str]  # what was read, the index to go on at, why nothing was read

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
    return [Read(low, high, Hedge.RANGE, start if between else first, high.after)], high.after, ""


def _high(tokens: Tokens, low: Amount, after: int) -> Amount | None:
    """Give the second end, if it can be one; its minus may be the dash between them."""
    ahead = number_ahead(tokens, after)
    high = amount(tokens, ahead) if ahead is not None and skip(tokens, ahead) is None else None
    if high is None or high.number.fraction != low.number.fraction or not _share_units(low, high):
        return None
    if high.negative and tokens.written[after - 1] in _DASHES:
        high.negative = False
    return high


def _between(tokens: Tokens, first: int) -> tuple[int, bool]:
    """Give where "between" starts, and the hedge before it."""
    if not first or tokens.lower[first - 1] != "between":
        return first, False
    hedged = tables.HEDGES.before(tokens, first - 1)
    return (hedged[1] if hedged and tokens.lower[first - 2] != "estimated" else first - 1), True


def _connector(tokens: Tokens, low: Amount, *, between: bool) -> int | None:
    """Give the index after the word or dash that joins two ends."""
    index, word = low.after, tokens.lower[low.after]
    if word in _DASHES:
        to = tokens.lower[index + 1] == "to"
        tight = word == "-" and tokens.glued(index) != tokens.glued(index + 1) and not to
        return None if tight and not low.bare else index + 1 + to + (to and tokens.written[index + 2] == "-")
    if word == "to" and tokens.written[index + 1] == "-" and tokens.glued(index + 1):  # 200,000 to-260,000
        return index + 2
    return index + 1 if word in {"to", "or"} or (word == "and" and between) else None


def number_ahead(tokens: Tokens, index: int) -> int | None:
    """Give the index of the number that starts at `index`, behind at most a sign of three tokens."""
    for place in range(index, index + 4):
        kind = tables.NUMBER_WORDS.get(tokens.lower[place], (0, "part"))[1]
        if tokens.kinds[place] == NUMBER or kind not in {"part", "article"}:
            minus = index + (tokens.written[index] == "-" and place > index)
            sign = tables.SIGNS.before(tokens, place)
            return place if place in {index, minus} or (sign and sign[1] in {index, minus}) else None
    return None


def _share_units(low: Amount, high: Amount) -> bool:
    """Tell whether two amounts can be ends of one range."""
    if low.unit and high.unit and (low.unit[:2], low.rate or high.rate) != (high.unit[:2], high.rate):
        return False
    if low.counted and (high.unit or (high.counted and high.counted != low.counted)):
        return False
    return not (low.unit and high.counted and not low.unit.money)


def _unify(tokens: Tokens, low: Amount, high: Amount) -> None:
    """Give each end of a range what only the other has."""
    scaled = (
        low.exponent is None
        and high.exponent is not None
        and low.number.value < high.number.value
        and low.number.value < _UNSCALED
    )
    if scaled:
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
    """Tell whether the first end leaves out the thousands of the second: 60-65,000 tonnes."""
    grouped = tokens.written[high.number.first].endswith(",000") and high.exponent is None
    own = low.unit is not None or low.counted is not None or low.exponent is not None
    near = low.number.value * _UNSCALED < high.number.value <= low.number.value * _UNSCALED * 2
    return grouped and low.number.plain and not own and near


def _moves(tokens: Tokens, low: Amount, first: int, high: Amount) -> bool:
    """Tell whether "from A to B", "by A to B", "fell A to B" are two figures and no range."""
    before = tokens.lower[first - 1] if first else ""
    if before == "from":
        if tokens.lower[high.after] == "to" and tokens.kinds[high.after + 1] == NUMBER:  # from 5 to 7 % to 3 to 5 %
            return False
        return not any(word in tables.RANGE_WORDS for word in tokens.lower[max(0, first - 3) : first - 1])
    counted = low.counted is not None and low.after > low.number.after and high.bare
    own = low.signed or counted or (low.named is not None and low.named[1] <= low.after)
    return own and (before == "by" or before in tables.CHANGES)


def _pair(tokens: Tokens, low: Amount, high: Amount, how: Hedge, first: int) -> Step:
    """Give two figures that share a unit; the first says where its unit stands."""
    if low.after < high.after and low.named and low.named[0] >= low.after:
        low.context.append(low.named)
    elif low.counted and high.counted == low.counted and low.after <= high.number.first:
        low.context.append((high.number.after, high.after))
    if high.named is None and high.unit and low.named and not high.signed:
        high.named = low.named
        high.context.append(low.named)
    return [Read(low, None, how, first, low.after), hedged(tokens, high)], high.after, ""
