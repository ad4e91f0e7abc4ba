"""Amounts made into findings: hedged, joined to ranges, given the unit they share, or refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from toolkit.figures import _special as special
from toolkit.figures import _tables as tables
from toolkit.figures._amount import Amount, amount, rate
from toolkit.figures._lex import NUMBER, WORD
from toolkit.figures._number import groups
from toolkit.figures._skip import skip
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.figures._lex import Tokens

_DASHES = {"-", "–", "—"}
_MOST_LISTED = 10
_LONG = 5  # digits of a bare number that may stand without a noun
_UNSCALED = 1000  # "$1.2-1.5 billion": a first end below this shares the scale of the second
_LASTING = frozenset("for of than take takes took taken last lasts lasted lasting after is was be been aged with to".split())
_PARTS = frozenset("the its their these those our them us whom which".split())
_HALF_TIMES = frozenset("first second latter other last next this former opening".split())
_BOUNDED = frozenset("to by from at of than reached totalled totaled totaling totalling hit".split())
_NEGATIONS = (("not",), ("rather", "than"), ("instead", "of"))


@dataclass(slots=True)
class Read:
    """One amount or both ends of a range, with the tokens taken."""

    low: Amount
    high: Amount | None
    hedge: Hedge
    first: int
    after: int


Refusal = str
Step = tuple[list[Read], int, Refusal]


def step(tokens: Tokens, index: int) -> Step:
    """Give what stands at token `index`, the index to go on at, and why nothing was read.

    >>> from toolkit.figures._lex import Tokens
    >>> reads, after, why = step(Tokens("$1.2-1.5 billion"), 1)
    >>> str(reads[0].low.value), str(reads[0].high.value)
    ('1200000000', '1500000000')
    """
    if (found := skip(tokens, index)) is not None:
        return [], found[0], found[1]
    if tokens.lower[index] in tables.MULTIPLES:
        many = special.multiple(tokens, index)
        return ([_hedged(tokens, many)], many.after, "") if many else ([], index + 1, "")
    if (ends := special.vague(tokens, index)) is not None:
        return [Read(*ends, Hedge.RANGE, ends[0].first, ends[0].after)], ends[0].after, ""
    if (found := amount(tokens, index)) is None:
        return [], groups(tokens, index), "unclear" if tokens.kinds[index] == NUMBER else ""
    if (part := special.share(tokens, found)) is not None:
        return [_hedged(tokens, part)], part.after, ""
    for join in (_split, _range, _listed):
        if (joined := join(tokens, found)) is not None:
            return joined
    return _alone(tokens, found)


def _alone(tokens: Tokens, found: Amount) -> Step:
    why = _doubt(tokens, found)
    after = max(found.after, found.number.after)
    if why:
        return [], found.number.after, why
    return [_hedged(tokens, found)], after, ""


def _doubt(tokens: Tokens, found: Amount) -> str:
    """Tell why an amount is not read; "" if nothing speaks against it."""
    number, before = found.number, tokens.lower[found.first - 1] if found.first else ""
    if number.comma and (found.bare or found.counted) and found.exponent is None:
        return "unclear"
    if found.unit and number.fraction and found.unit.symbol == "%":
        return "" if _is_share(tokens, found, before) else "idiom"
    if found.counted and before in tables.POINTERS and number.value in (2, 3) and found.counted.lower() in tables.ACTORS:
        return "idiom"
    if found.signed and _unscaled(tokens, found):
        return "unclear"
    if found.negative and found.counted and number.plain:  # Covid -19 tests
        return "unclear"
    if found.bare and found.exponent and number.plain and tokens.written[number.after] in {"M", "B"}:  # 3M
        return "name"
    if found.counted and number.in_words and not number.value:  # zero tariffs
        return "idiom"
    if not found.bare or found.exponent is not None:
        return ""
    if number.in_words and number.value == 1:
        return "idiom"
    if not number.plain and not number.in_words:
        return ""
    return "" if _bounded(tokens, found, before) else "unclear"


def _unscaled(tokens: Tokens, found: Amount) -> bool:
    """Tell whether the amount may share the scale of the next: "$5 and $6 billion"."""
    after = found.after
    if found.exponent is not None or tokens.lower[after] not in {"and", "or", ",", "but"} or found.number.value >= _UNSCALED:
        return False
    after += 1 + (tokens.lower[after + 1] in {"and", "or", "not"})
    ahead = next((place for place in range(after, after + 3) if tokens.kinds[place] == NUMBER), None)
    other = amount(tokens, ahead) if ahead is not None else None
    return bool(other and other.signed and other.first == after and other.exponent and other.symbol == found.symbol)


def _is_share(tokens: Tokens, found: Amount, before: str) -> bool:
    """Tell whether "half", "a third" is a share: half of the ore; not the second half, a third ship."""
    after, word = tokens.lower[found.after], tokens.lower[found.number.after - 1]
    hedged = tables.HEDGES.before(tokens, found.first) is not None
    if found.number.first == 0 and found.after == len(tokens) and tokens.kinds[0] != NUMBER:
        return True
    if tokens.kinds[found.number.first] == NUMBER:
        found.context.append((found.after, found.after + 1))
        return after == "of"
    if word in {"half", "halves"}:
        whole = after in {"of", "the", "its", "their", "all", "that", "what"} and before not in _HALF_TIMES
        return hedged or whole or before == "by"
    if word in {"quarter", "quarters"}:
        return after == "of" or (hedged and after not in {"ended", "in"}) or before == "by"
    if tokens.lower[found.number.first] in {"a", "an"}:
        return after == "of" or hedged or before in {"by", "to"}
    return tokens.kinds[found.after] != NUMBER


def _bounded(tokens: Tokens, found: Amount, before: str) -> bool:
    """Tell whether a bare number is a figure: hedged, or the end of a movement."""
    if found.first == 0 and found.after == len(tokens):
        return True
    if tokens.lower[found.after] == "of" and tokens.lower[found.after + 1] in _PARTS:  # five of the ships
        return found.number.value > 1
    if before in _BOUNDED and (len(tokens.written[found.number.first]) >= _LONG or found.number.first and any(word in tables.CHANGES for word in tokens.lower[max(0, found.first - 4) : found.first - 1])):
        return True
    hedge = tables.HEDGES.before(tokens, found.first)
    return hedge is not None and hedge[1] < found.first and tokens.kinds[found.after] != NUMBER and not tokens.glued(found.after)


def _hedged(tokens: Tokens, found: Amount) -> Read:
    """Give an amount with the hedge before it."""
    hedge, first = found.hedge, found.first
    if hedge is Hedge.EXACT:
        hedge, first = _hedge(tokens, found)
    return Read(found, None, hedge, first, found.after)


def restate(before: Read, read: Read, tokens: Tokens) -> None:
    """Hand the hedge on to a figure said again in brackets: more than 7.5m crowns ($1.1m)."""
    bracket = tokens.written[before.after] == "(" and read.first in {before.after + 1, before.after + 2}
    one, two = before.low.unit, read.low.unit
    alike = one and two and one.money == two.money and one != two and before.first < before.low.first
    if bracket and alike and before.high is None and read.high is None and read.hedge is Hedge.EXACT:
        read.hedge = before.hedge
        read.low.context.append((before.first, before.low.first))


def _hedge(tokens: Tokens, found: Amount) -> tuple[Hedge, int]:
    first = found.first
    hedged = tables.HEDGES.before(tokens, first)
    if hedged is None and first and tokens.lower[first - 1] in {"a", "an"}:
        hedged = tables.HEDGES.before(tokens, first - 1)
    if hedged is None or not _stands(tokens, hedged[1], found):
        return Hedge.EXACT, first
    return hedged


def _stands(tokens: Tokens, first: int, found: Amount) -> bool:
    """Tell whether the words before are a hedge here: not "over five years", "the about".."""
    word, before = tokens.lower[first], tokens.lower[first - 1] if first else ""
    duration = found.unit is not None and found.unit.symbol in tables.DURATIONS
    if duration and word in {"over", "under"}:
        return before in _LASTING or first == 0
    if word == "up" and (before in tables.CHANGES or before == "back"):  # inching back up to 4.8 %
        return False
    if word == "some":
        return before not in {"in", "by"} or found.exponent is not None
    return True


def _range(tokens: Tokens, low: Amount) -> Step | None:
    """Join both ends of a range: $200–300 million, between 5 and 10 per cent, 15 to 22 miles."""
    hedge, first = _hedge(tokens, low)
    start, between = _between(tokens, first)
    after = _connector(tokens, low, between=between)
    if after is None or low.hedge is not Hedge.EXACT:
        return None
    ahead = _number_ahead(tokens, after)
    high = amount(tokens, ahead) if ahead is not None and skip(tokens, ahead) is None else None
    if high is None or high.number.fraction != low.number.fraction:
        return None
    # the minus of the second end is the dash of the range
    if high.negative and tokens.written[after - 1] in _DASHES:
        high = replace(high, negative=False)
    if not _share_units(low, high) or (low.bare and high.bare and low.exponent is None and not between):
        return None
    moves = not between and tokens.lower[after - 1] == "to" and _moves(tokens, low, first, high)
    if moves and tokens.lower[first - 1] != "from":
        return None
    _unify(low, high)
    if high.rate is None and high.unit:
        rate(tokens, high)
        low.rate = high.rate
    if moves or (not between and tokens.lower[after - 1] == "or" and not low.number.in_words):
        return _pair(tokens, low, high, hedge, first)
    if low.negative and high.negative and low.value > high.value:  # -18 to -34
        return [Read(replace(low, number=high.number), replace(high, number=low.number), Hedge.RANGE, first, high.after)], high.after, ""
    if low.value >= high.value:
        if tokens.written[after - 1] in _DASHES and low.unit is None and low.exponent is None:  # a score: 2-1
            return [], high.after, "idiom"
        return None if between else _pair(tokens, low, high, hedge, first)
    return [Read(low, high, Hedge.RANGE, start if between else first, high.after)], high.after, ""


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
    if word == "to" and tokens.written[index + 1] == "-" and tokens.glued(index + 1) and tokens.glued(index + 2):  # 200,000 to-260,000
        return index + 2
    if word == "to" or (word == "and" and between) or word == "or":
        return index + 1
    return None


def _number_ahead(tokens: Tokens, index: int) -> int | None:
    """Give the index of the number that starts at `index`, behind at most a sign of three tokens."""
    for place in range(index, index + 4):
        starts = tokens.kinds[place] == NUMBER or tables.NUMBER_WORDS.get(tokens.lower[place], (0, "part"))[1] not in {"part", "article"}
        if starts:
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


def _unify(low: Amount, high: Amount) -> None:
    """Give each end of a range what only the other has."""
    scaled = low.exponent is None and high.exponent is not None and low.number.value < min(_UNSCALED, high.number.value)
    if scaled and not (low.signed and high.signed and low.number.value * 10 > high.number.value * 10):
        low.exponent = high.exponent
    if low.unit is None and low.counted is None:
        low.unit, low.counted = high.unit, high.counted
        low.named = high.named
    if high.unit is None:
        if low.unit is not None and high.counted:
            high.counted, high.after = None, high.number.after if high.exponent is None else high.after
        high.unit, high.counted = low.unit, high.counted or low.counted
    low.rate = high.rate = high.rate or low.rate


def _moves(tokens: Tokens, low: Amount, first: int, high: Amount) -> bool:
    """Tell whether "from A to B", "by A to B", "fell A to B" are two figures and no range."""
    before = tokens.lower[first - 1] if first else ""
    if before == "from":
        if tokens.lower[high.after] == "to" and tokens.kinds[high.after + 1] == NUMBER:  # from 5 to 7 % to 3 to 5 %
            return False
        return not any(word in tables.RANGE_WORDS for word in tokens.lower[max(0, first - 3) : first - 1])
    own = low.signed or low.named is not None and low.named[1] <= low.after
    return own and (before == "by" or before in tables.CHANGES)


def _pair(tokens: Tokens, low: Amount, high: Amount, hedge: Hedge, first: int) -> Step:
    """Give two figures that share a unit; the first says where its unit stands."""
    if low.after < high.after and low.named and low.named[0] >= low.after:
        low.context.append(low.named)
    elif low.counted and high.counted == low.counted and low.after <= high.number.first:
        low.context.append((high.number.after, high.after))
    if high.named is None and high.unit and low.named and not high.signed:
        high.named = low.named
        high.context.append(low.named)
    return [Read(low, None, hedge, first, low.after), _hedged(tokens, high)], high.after, ""


def _split(tokens: Tokens, found: Amount) -> Step | None:
    """Read "$40, not $50, billion": both share the scale that follows."""
    if not found.signed or found.exponent is not None:
        return None
    index = found.after + (tokens.written[found.after] == ",")
    words = next((words for words in _NEGATIONS if tuple(tokens.lower[index : index + len(words)]) == words), None)
    ahead = _number_ahead(tokens, index + len(words)) if words else None
    other = amount(tokens, ahead) if ahead is not None else None
    if other is None or other.symbol != found.symbol:
        return None
    comma = other.after + (tokens.written[other.after] == ",")
    scale = tables.SCALES.at(tokens, comma)
    if other.exponent is None and scale is None:
        return None
    if other.exponent is None and scale:
        other.exponent, other.after = scale[0], scale[1]
    found.exponent = other.exponent
    found.context.append((comma, other.after) if scale else (other.number.after, other.after))
    return [_hedged(tokens, found), _hedged(tokens, other)], other.after, ""


def _listed(tokens: Tokens, found: Amount) -> Step | None:
    """Read "10, 20 and 30 per cent", "four-, five- and six-cylinder": all share the last unit."""
    chain, last = [found], found
    while last.bare and last.exponent is None and len(chain) < _MOST_LISTED:
        index = last.number.after
        index += tokens.written[index] == "-"
        joined = tokens.written[index] == "," or tokens.lower[index] in {"and", "or"}
        index += joined + (tokens.written[index] == "," and tokens.lower[index + 1] in {"and", "or"})
        ahead = _number_ahead(tokens, index) if joined else None
        if ahead is None or ahead != index or skip(tokens, ahead) or (last_read := amount(tokens, ahead)) is None:
            return None
        last = last_read
        chain.append(last)
    hyphens = all(tokens.written[one.number.after] == "-" for one in chain)
    if len(chain) == 1 or (last.unit is None and not (hyphens and last.counted)) or last.signed or (len(chain) == 2 and tokens.lower[chain[0].number.after] == "or"):  # noqa: PLR2004
        return None
    if last.unit and (last.unit.money or (last.unit.symbol == "%" and last.number.fraction)):
        return None
    for one in chain[:-1]:
        one.counted, one.unit, one.exponent, one.rate, one.after = last.counted, last.unit, last.exponent, last.rate, one.number.after
        one.context.append((last.number.after, last.after))
    return [_hedged(tokens, one) for one in chain], last.after, ""


def starts(tokens: Tokens, index: int) -> bool:
    """Tell whether a figure may start at token `index`."""
    lower = tokens.lower[index]
    if tokens.kinds[index] == NUMBER or lower in tables.MULTIPLES:
        return True
    if lower == "." or lower in tables.NUMBER_WORDS:
        return lower != "." or (tokens.kinds[index + 1] == NUMBER and tokens.glued(index + 1) and not tokens.glued(index))
    return tokens.kinds[index] == WORD and lower in _VAGUE


_VAGUE = frozenset({"tens", "hundreds", "thousands", "millions", "billions", "trillions"})
