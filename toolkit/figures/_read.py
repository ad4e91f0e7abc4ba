"""A text or an article read from its first figure to its last."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from toolkit.article import Article
from toolkit.figures import _tables as tables
from toolkit.figures._context import fill
from toolkit.figures._figure import Figure, Finding, Refusal, Span
from toolkit.figures._fold import Folded, fold
from toolkit.figures._heads import Head, head_at, under
from toolkit.figures._hedge import Read, restate
from toolkit.figures._lex import Tokens
from toolkit.figures._money import Clues
from toolkit.figures._step import starts, step
from toolkit.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.figures._amount import Amount
    from toolkit.figures._tables import Unit

_LONGEST = 4000  # characters read at once; a longer line is cut where a sentence or a word ends
_WRAPPED = 60  # a line this long without an end mark goes on in the next
_GATE = re.compile(
    r"[0-9½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅑⅒⅐]|(?<![^\W_])(?:" + "|".join(sorted({*tables.NUMBER_WORDS, *tables.MULTIPLES} - {"a", "an"}, key=len, reverse=True))
    + r"|(?:thousand|million|billion|trillion)s?|(?:ten|hundred)s)(?![^\W_])",
    re.IGNORECASE,
)  # fmt: skip
_TEN = 10
_MONEY_SCALE = 6
_DURATIONS = {*tables.DURATIONS}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text states, and what was seen in it and not read."""

    figures: list[Figure]
    refused: list[Refusal]


def extract(source: str | Article) -> list[Figure]:
    """Give the figures that a text states, in its order; of an article, its sentences alone are read.

    >>> for figure in extract("A roughly US$ 550-billion package, or more than 10 % of GDP."):
    ...     print(figure.quote, "|", figure.quantity.hedge, figure.quantity.value, figure.quantity.unit)
    roughly US$ 550-billion | about 550000000000 USD
    more than 10 % | more_than 10 %
    """
    return read(source).figures


def read(source: str | Article) -> Reading:
    """Give the figures of a text, and the numbers in it that were not read.

    >>> [(seen.quote, seen.reason) for seen in read("Section 232 duties of 25 % from March 12").refused]
    [('232', 'name'), ('12', 'date')]
    """
    article = Article(source) if isinstance(source, str) else source
    sentences = article.sentences()
    findings, refused = findings_of(article.text)
    if article is source:
        places = [(part.start, part.end) for part in sentences]
        findings = _within(findings, places)
        refused = _within(refused, places)
    figures = fill(article.text, sentences, findings, article.date)
    if article is source:
        figures = [replace(figure, article_id=article.id) for figure in figures]
    return Reading(figures, refused)


def _within(found: list, places: list[Span]) -> list:
    """Keep what starts inside one of the places, both in the order of the text."""
    kept, place = [], 0
    for one in found:
        while place < len(places) and places[place][1] <= one.start:
            place += 1
        if place < len(places) and places[place][0] <= one.start:
            kept.append(one)
    return kept


def findings_of(text: str) -> tuple[list[Finding], list[Refusal]]:
    """Give the quantities of `text` and their places, before the words around them are read."""
    folded, clues = fold(text), Clues("")
    clues = Clues(folded.text)
    findings: list[Finding] = []
    refused: list[Refusal] = []
    head: Head | None = None
    for start, end in _stretches(folded.text):
        if start == end:
            head = None
            continue
        if not _GATE.search(folded.text, start, end) and "(" not in folded.text[start:end]:
            continue
        tokens = Tokens(folded.text, start, end)
        head = head_at(tokens) or head
        last: Read | None = None
        for reads, first, after, why in _steps(tokens):
            if last and reads:
                restate(last, reads[0], tokens)
            last = reads[-1] if reads else None
            reads, why = _pointed(reads, why, clues)
            if head and (why == "unclear" or (reads and reads[0].low.bare and reads[0].low.exponent is None)):
                reads = under(tokens, head, first) or reads
            for one in reads:
                said = _said(one)
                finding = _finding(folded, tokens, one, clues)
                if finding.context or _alone(tokens, one, said):
                    findings.append(finding)
                else:
                    refused.append(Refusal(finding.start, finding.end, text[finding.start : finding.end], "unclear"))
            if why and not reads:
                place = folded.start(tokens.starts[first]), folded.end(tokens.ends[after - 1])
                refused.append(Refusal(*place, text[place[0] : place[1]], why))
    return findings, refused


def _alone(tokens: Tokens, one: Read, said: tuple[object, ...]) -> bool:
    """Tell whether the figure's own words, read alone, give the same: what leans on its neighbours is refused."""
    start, end = tokens.starts[one.first], tokens.ends[one.after - 1]
    if not _GATE.search(tokens.text[start:end]):
        return False
    alone = Tokens(tokens.text, start, end)
    steps = [reads for reads, _, _, _ in _steps(alone)]
    if len(steps) != 1 or len(steps[0]) != 1:
        return False
    same = steps[0][0]
    return _said(same) == said and (same.first, alone.starts[same.first], alone.ends[same.after - 1]) == (0, start, end)


def _said(one: Read) -> tuple[object, ...]:
    low, high = one.low, one.high
    return low.value, high and high.value, one.hedge, low.symbol, low.counted, low.unit and low.unit.certain


def _pointed(reads: list[Read], why: str, clues: Clues) -> tuple[list[Read], str]:
    """Settle whether 1.234 is a little more than one or a thousand, or refuse it."""
    ends = [end for one in reads for end in (one.low, one.high) if end is not None and _doubtful(end)]
    if not ends:
        return reads, why
    mark = clues.point()
    if mark is None:
        return [], "unclear"
    for end in ends:
        end.number = end.number._replace(value=end.number.value if mark[0] else end.number.value * 1000)
    reads[0].low.marks.append(mark[1])
    return reads, why


def _doubtful(end: Amount) -> bool:
    """Tell whether a point may group thousands: 1.234 Euro, 786.002 bn; hardly in 1.356 billion."""
    value = end.number.value
    english = end.exponent is not None and value < _TEN and value.as_tuple().digits[-1] != 0
    return end.number.dotted and not english


def _steps(tokens: Tokens) -> Iterator[tuple[list[Read], int, int, str]]:
    index = 0
    while index < len(tokens):
        if not starts(tokens, index):
            index += 1
            continue
        reads, after, why = step(tokens, index)
        after = max(after, index + 1)
        if reads or why:
            yield reads, index, after, why
        index = after


def _stretches(text: str) -> Iterator[Span]:
    """Give the lines, wrapped ones joined, long ones cut; an empty line is an empty span."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        while end - start < _LONGEST and _goes_on(text, start, end):
            following = text.find("\n", end + 1)
            end = len(text) if following < 0 else following
        if end - start > _LONGEST:
            end = _cut(text, start)
        yield (start, end) if text[start:end].strip() else (start, start)
        start = end + (text[end : end + 1] == "\n") if end > start else end + 1


def _goes_on(text: str, start: int, end: int) -> bool:
    line = text.rfind("\n", start, end) + 1 or start
    return (
        end - line >= _WRAPPED
        and text[end - 1 : end] not in ".!?:;"
        and text[end : end + 1] == "\n"
        and not text[end + 1 : end + 2].isspace()
    )


def _cut(text: str, start: int) -> int:
    """Give where a long line may be cut: after a sentence, or a word."""
    end = start + _LONGEST
    for mark in (". ", "。", " "):
        if (place := text.rfind(mark, start + _LONGEST // 2, end)) > 0:
            return place + 1
    return end


def _finding(folded: Folded, tokens: Tokens, one: Read, clues: Clues) -> Finding:
    """Make a finding in the offsets of the untouched text."""

    def place(first: int, after: int) -> Span:
        return folded.start(tokens.starts[first]), folded.end(tokens.ends[after - 1])

    low, unit = one.low, one.low.unit
    context = [place(*span) for span in low.context]
    context += [(folded.start(mark[0]), folded.end(mark[1])) for mark in low.marks]
    if unit is not None and unit.family:
        unit, clue = clues.resolve(unit, low, tokens.lower[one.after])
        if unit.symbol == "lb" and (low.exponent or 0) >= _MONEY_SCALE:  # 40 million pounds of beef
            context.append(place(one.after, one.after + 1))
        if clue is not None and not tokens.starts[one.first] <= clue[0] < tokens.ends[one.after - 1]:
            context.append((folded.start(clue[0]), folded.end(clue[1])))
    if (line := tokens.text.find("\n", tokens.starts[one.first], tokens.ends[one.after - 1])) >= 0:
        context.append((folded.start(line + 1), folded.end(tokens.ends[one.after - 1])))
    for end in (low, one.high):
        if end is not None and end.unit is not None:
            end.unit = unit
    said = (unit.said, unit.factor) if unit else ("", 1)
    return Finding(_quantity(one, unit), *place(one.first, one.after), _kind(tokens, one, unit), tuple(context), said)


def _quantity(one: Read, unit: Unit | None) -> Quantity:
    rest = {"counted": one.low.counted, "unit_certain": unit is None or unit.certain}
    symbol = one.low.symbol
    if one.high is not None:
        return Quantity.between(one.low.value, one.high.value, symbol, **rest)
    return Quantity.stated(one.low.value, symbol, one.hedge, **rest)


def _kind(tokens: Tokens, one: Read, unit: Unit | None) -> str:
    if unit is None:
        return "count"
    if unit.money:
        return "price" if one.low.rate and one.low.rate not in {"year", "month", "week", "d", "quarter"} else "money"
    if unit.symbol == "pp":
        return "change"
    if unit.symbol == "%":
        return "change" if _changes(tokens, one) else "percent"
    if unit.symbol == "x":
        return "multiple"
    return "duration" if unit.symbol in _DURATIONS else "measure"


def _changes(tokens: Tokens, one: Read) -> bool:
    """Tell whether a share is a movement: rose 5 %, by 5 %, a 5 % rise."""
    before = tokens.lower[max(0, one.first - 2) : one.first]
    after = tokens.lower[one.after]
    moved = bool(before) and (
        before[-1] in tables.CHANGES or (before[-1] in {"by", "of"} and before[0] in tables.CHANGES)
    )
    return moved or after in tables.GRAMMAR["change noun"]
