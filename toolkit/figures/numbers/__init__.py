"""The quantities of a text and their places, before the words around them are read."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit.codes.phrases import Tokens
from toolkit.figures.figure import LocatedQuantity, Refusal, Span
from toolkit.figures.numbers.amount import ParsedAmount, restate
from toolkit.figures.numbers.layout import Folded, Head, fold, head_at, stretches, under
from toolkit.figures.numbers.money import Clues
from toolkit.figures.numbers.ranges import inherit_unit
from toolkit.figures.numbers.step import STARTS, kind, starts, step
from toolkit.quantity import Quantity, scale_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.figures.numbers.number import Amount
    from toolkit.figures.numbers.tables import Unit

__all__ = ["Found", "find_quantities"]

_DIGIT = re.compile("[0-9½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅑⅒⅐]")
_LETTERS = re.compile("[a-z]+")
_GATE = STARTS - {"a", "an", "."} | scale_words().keys()  # what lets a sentence be read at all
_TEN, _THOUSAND = 10, 1000
_MONEY_SCALE = 6


class Found(NamedTuple):
    """What one step over a stretch found: amounts, the tokens taken, and why nothing was read."""

    reads: list[ParsedAmount]
    first: int
    after: int
    why: str


def find_quantities(text: str) -> tuple[list[LocatedQuantity], list[Refusal]]:
    """Return the quantities of `text`, and the numbers that are not read as one.

    >>> [finding.kind for finding in find_quantities("Section 232 duties of 25 % cost $3 a kilo")[0]]
    ['percent', 'price']
    """
    folded, head = fold(text), None
    clues = Clues(folded.text)
    findings: list[LocatedQuantity] = []
    refused: list[Refusal] = []
    for start, end in stretches(folded.text):
        if start == end:
            head = None
        if not _may_hold(folded.text, start, end) and folded.text.find("(", start, end) < 0:
            continue
        tokens = Tokens(folded.text, start, end)
        head = head_at(tokens) or head
        for found in _resolve_stretch(tokens, head, clues):
            _sort(text, folded, tokens, found, clues, (findings, refused))
    return findings, refused


def _may_hold(text: str, start: int, end: int) -> bool:
    """Return whether a stretch holds a digit or a number word."""
    if _DIGIT.search(text, start, end):
        return True
    return not _GATE.isdisjoint(_LETTERS.findall(text[start:end].lower()))


def _resolve_stretch(tokens: Tokens, head: Head | None, clues: Clues) -> Iterator[Found]:
    """Return what a stretch states, using its table head and the rest of the text."""
    last: ParsedAmount | None = None
    steps = list(_steps(tokens))
    reads_of = [one for found in steps for one in found.reads]
    for one, two in pairwise(reads_of):
        inherit_unit(tokens, one, two)
    for found in steps:
        if last and found.reads:
            restate(last, found.reads[0], tokens)
        last = found.reads[-1] if found.reads else None
        reads, why = _resolve_decimal_point(found.reads, found.why, clues)
        if head and (why == "unclear" or (reads and reads[0].low.bare and reads[0].low.exponent is None)):
            reads = under(tokens, head, found.first) or reads
        yield Found(reads, found.first, found.after, why)


def _sort(
    text: str,
    folded: Folded,
    tokens: Tokens,
    found: Found,
    clues: Clues,
    into: tuple[list[LocatedQuantity], list[Refusal]],
) -> None:
    """Add what was read to the quantities, and what was not to the refusals."""
    findings, refused = into
    for one in found.reads:
        said = _said(one)
        finding = _finding(folded, tokens, one, clues)
        words = tokens.said(one.first, one.after)
        if finding.context or _alone(words) == said:
            findings.append(finding)
        else:
            refused.append(Refusal(finding.start, finding.end, text[finding.start : finding.end], "unclear"))
    if found.why and not found.reads:
        start, end = folded.start(tokens.starts[found.first]), folded.end(tokens.ends[found.after - 1])
        refused.append(Refusal(start, end, text[start:end], found.why))


def _steps(tokens: Tokens) -> Iterator[Found]:
    done = 0
    for index in starts(tokens):
        if index >= done:
            reads, after, why = step(tokens, index)
            done = max(after, index + 1)
            if reads or why:
                yield Found(reads, index, done, why)


@lru_cache(maxsize=4096)
def _alone(words: str) -> tuple[object, ...] | None:
    """Return what a figure's own words say when read alone, to refuse figures that depend on their neighbours."""
    if not _may_hold(words, 0, len(words)):
        return None
    alone = Tokens(words)
    steps = [found.reads for found in _steps(alone)]
    if len(steps) != 1 or len(steps[0]) != 1:
        return None
    same = steps[0][0]
    whole = same.first == 0 and alone.starts[0] == 0 and alone.ends[same.after - 1] == len(words)
    return _said(same) if whole else None


def _said(one: ParsedAmount) -> tuple[object, ...]:
    low, high = one.low, one.high
    return low.value, high and high.value, one.hedge, low.symbol, low.counted, low.unit and low.unit.certain


def _resolve_decimal_point(reads: list[ParsedAmount], why: str, clues: Clues) -> tuple[list[ParsedAmount], str]:
    """Decide whether 1.234 is about one or about a thousand, or refuse it."""
    for one in reads:
        for end in (one.low, one.high):
            if end is None or not _doubtful(end):
                continue
            if (mark := clues.point()) is None:
                return [], "unclear"
            end.number = end.number._replace(value=end.number.value * (1 if mark[0] else _THOUSAND))
            one.low.marks.append(mark[1])
    return reads, why


def _doubtful(end: Amount) -> bool:
    """Return whether a point may group thousands: 1.234 Euro, 786.002 bn; hardly in 1.356 billion."""
    value = end.number.value
    english = end.exponent is not None and value < _TEN and value.as_tuple().digits[-1] != 0
    return end.number.dotted and not english


def _finding(folded: Folded, tokens: Tokens, one: ParsedAmount, clues: Clues) -> LocatedQuantity:
    """Return a quantity with its place in the original text."""

    def place(first: int, after: int) -> Span:
        return folded.start(tokens.starts[first]), folded.end(tokens.ends[after - 1])

    low, unit = one.low, one.low.unit
    context = [place(*span) for span in low.context]
    context += [(folded.start(mark[0]), folded.end(mark[1])) for mark in low.marks]
    if unit is not None and unit.family:
        unit, clue = clues.resolve(unit, low, tokens.lower[one.after], tokens.starts[one.first])
        if unit.symbol == "lb" and (low.exponent or 0) >= _MONEY_SCALE:  # 40 million pounds of beef
            context.append(place(one.after, one.after + 1))
        if clue is not None and not tokens.starts[one.first] <= clue[0] < tokens.ends[one.after - 1]:
            context.append((folded.start(clue[0]), folded.end(clue[1])))
    if (line := tokens.text.find("\n", tokens.starts[one.first], tokens.ends[one.after - 1])) >= 0:
        context.append((folded.start(line + 1), folded.end(tokens.ends[one.after - 1])))
    if unit is not None:
        low.unit = unit
    said = (unit.said, unit.factor) if unit else ("", Decimal(1))
    return LocatedQuantity(
        _quantity(one, unit), *place(one.first, one.after), kind(tokens, one, unit), tuple(context), said
    )


def _quantity(one: ParsedAmount, unit: Unit | None) -> Quantity:
    rest: dict[str, Any] = {"counted": one.low.counted, "unit_certain": unit is None or unit.certain}
    symbol = one.low.symbol
    if one.high is not None:
        one.high.unit = unit
        return Quantity.between(one.low.value, one.high.value, symbol, **rest)
    return Quantity.stated(one.low.value, symbol, one.hedge, **rest)
