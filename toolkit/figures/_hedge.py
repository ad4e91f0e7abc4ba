"""The hedge words before an amount, and the amount with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.figures._amount import Amount
    from toolkit.figures._lex import Tokens

_LASTING = tables.GRAMMAR["lasting"]


@dataclass(slots=True)
class Read:
    """One amount or both ends of a range, with the tokens taken."""

    low: Amount
    high: Amount | None
    hedge: Hedge
    first: int
    after: int
    said: tuple[int, int] | None = None  # tokens of a hedge that stands further off


def hedged(tokens: Tokens, found: Amount) -> Read:
    """Give an amount with the hedge before it."""
    how, first = found.hedge, found.first
    if how is Hedge.EXACT:
        how, first = hedge(tokens, found)
    return Read(found, None, how, first, found.after)


def hedge(tokens: Tokens, found: Amount) -> tuple[Hedge, int]:
    """Give the hedge before an amount, and the index it starts at."""
    first = found.first
    named = tables.HEDGES.before(tokens, first)
    lasting = found.unit is not None and found.unit.symbol in tables.DURATIONS  # near a 15-month high
    if named is None and first and tokens.lower[first - 1] in {"a", "an"} and not lasting:
        named = tables.HEDGES.before(tokens, first - 1)
    if named is None or not _stands(tokens, named[1], found):
        return Hedge.EXACT, first
    return named


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


def restate(before: Read, read: Read, tokens: Tokens) -> None:
    """Hand the hedge on to a figure said again in brackets: more than 7.5m crowns ($1.1m)."""
    sign, first = tokens.written[before.after], before.said or (before.first, before.low.first)
    beside = read.first == before.after + 1 and (sign == "(" or (sign == "/" and before.said is not None))
    one, two = before.low.unit, read.low.unit
    alike = one and two and one.money == two.money and one != two and first[0] < first[1]
    if beside and alike and before.high is None and read.high is None and read.hedge is Hedge.EXACT:
        read.hedge, read.said = before.hedge, first
        read.low.context.append(first)
