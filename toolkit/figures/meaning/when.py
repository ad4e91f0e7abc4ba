"""When a figure holds: first whether it is the news or what the news is compared with, then which date is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toolkit.codes import patterns as re
from toolkit.figures.meaning.carried import back, earlier
from toolkit.figures.meaning.periods import beside_date, resolved
from toolkit.period import Grain, Period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.figures.dates import DateMention
    from toolkit.figures.figure import Figure, LocatedQuantity
    from toolkit.figures.meaning.clauses import Line

_BASE = re.compile(
    r"\b(?:from|against|versus|compared (?:with|to))\s(?:(?:a|an|the|about|around|nearly|only|just|initial)\s)*"
    r"(?:(?:deficit|surplus|loss|profit|rise|fall|level|total)\sof\s)?$"
)
_CONTRACT = re.compile(r"\s(?:contract|futures|delivery)\b")
_TRADES = re.compile(r"\b(?:contract|futures|Brent|West Texas|WTI|bullion|index|yields?)\b")
_MOVED = re.compile(r"\b(?:rose|fell|was|were|lost|gained|added|slid|climbed|dropped|up|down)\b")
_INITIAL = re.compile(r"\b(?:initial|initially|provisional|preliminary)\s[^\d]*$")
_FORMERLY = re.compile(r"\s(?:previously|forecast|projected|expected|estimated|seen (?:before|earlier))\b")
_PREVIOUS = re.compile(r"In the (?:previous|prior|preceding) (?P<part>month|quarter|year)\b")
_AHEAD = re.compile(r"\b(?:agreed|decided|plans?|planned|pledged|vowed|promised)\b[^.;]{0,40}\sto\s[^.;]*$")
_PRESENT = re.compile(r"\b(?:is|are|has|have|remains?|stands?|accounts?|represents?|imports|exports|takes|buys)\b")
_SHIFTS = re.compile(
    r"\b(?:ago|earlier|previous(?:ly)?|prior|since|so far|years?|decades?|annual(?:ly)?|if|would|could|should)\b"
)
_FAR, _FIGURES = 3, 4  # sentences and figures over which a report goes on
_BARE_MONTH = re.compile(r"[A-Z][a-z]{2,8}")


class When(NamedTuple):
    """A period and the name of the rule that gave it."""

    period: str | None
    rule: str


_SILENT = When(None, "")


def first_reading(
    line: Line, finding: LocatedQuantity, before: Sequence[Figure], whose: tuple[str, ...]
) -> When | None:
    """Return the period of a figure in a bracket behind a date, or of a base of comparison; None for any other."""
    if date := bracketed(line, finding):
        return When(resolved(line, date, whose), "the date before its bracket")
    if found := _PREVIOUS.match(line.text, line.start, finding.start):
        return When(_just_before(found["part"], before), "the month or quarter before the report's")
    if not _BASE.search(line.text, max(line.start, finding.start - 50), finding.start):
        return None
    if date := beside_date(line, finding):
        return When(resolved(line, date, whose), "the date beside a base")
    if (last := before[-1] if before else None) and last.start >= line.start and _is_former(line, finding):
        return When(last.period, "an earlier edition of the figure before it")
    past = earlier(line, finding, before)
    return When(past, "earlier than the figure before it") if past else _SILENT


def _just_before(part: str, before: Sequence[Figure]) -> str | None:
    """Return the month or quarter before the one that the figure before tells of."""
    period = before[-1].period if before else None
    months = {"month": 1, "quarter": 3}.get(part, 0)
    return back(period, months) if period and Period.parse(period).months == months > 0 else None


def of_the_session(line: Line, finding: LocatedQuantity) -> str | None:
    """Return the one day that the news of a market opens with, for a price that moved: "rose 5.6 % to $5,805 a ton"."""
    dated = any(date.period for date in line.dates if not _CONTRACT.match(line.text, date.end))
    market = _TRADES.search(line.text, line.start, finding.start)
    moved = market and _MOVED.search(line.text, market.end(), finding.start)
    if dated or not moved or _SHIFTS.search(line.text, line.start, line.end):
        return None
    days = {date.period for one in line.story.opening[:_FAR] for date in one.dates if date.quote.endswith("day")}
    return days.pop() if len(days) == 1 else None


def _is_former(line: Line, finding: LocatedQuantity) -> bool:
    """Return whether a base is what the same figure was said to be before: "from an initial 5 bn", "against 7 % previously"."""
    head = line.text[max(line.start, finding.start - 30) : finding.start]
    return _INITIAL.search(head) is not None or _FORMERLY.match(line.text, finding.end) is not None


def looking_forward(line: Line, finding: LocatedQuantity, period: str | None) -> str | None:
    """Return the coming month of what was agreed: "agreed to lift output in August", said in July, is this August."""
    today = line.story.date
    if period is None or today is None:
        return period
    when = Period.parse(period)
    if when.grain is not Grain.MONTH or str(when.end) >= today:
        return period
    bare = any(date.period == period and _BARE_MONTH.fullmatch(date.quote) for date in line.dates)
    if not bare or not _AHEAD.search(line.text, line.start, finding.start):
        return period
    return str(when.shift(1, Grain.YEAR))


def going_on(line: Line, finding: LocatedQuantity, before: Sequence[Figure]) -> str | None:
    """Return the period on which the figures of the sentences before agree, where nothing here is dated or present."""
    if (
        line.dates
        or _PRESENT.search(line.text, line.start, finding.start)
        or _SHIFTS.search(line.text, line.start, line.end)
    ):
        return None
    floor = line.story.sentences[max(line.index - _FAR, 0)].start
    told = [one for one in before if floor <= one.start < finding.start and one.status == "reported"]
    told = [one for one in told if not _BASE.search(line.text, max(0, one.start - 50), one.start)][-_FIGURES:]
    periods = {one.period for one in told}
    return told[-1].period if len(told) > 1 and len(periods) == 1 else None


def is_backdrop(there: Line, one: Figure) -> bool:
    """Return whether a figure tells of an earlier time than its text: the text does not go on with its period."""
    return bracketed(there, one) is not None or _PREVIOUS.match(there.text, there.start, one.start) is not None


def bracketed(line: Line, finding: LocatedQuantity | Figure) -> DateMention | None:
    """Return the date of "June 2024 (EUR 215 bn)" and of "(April 2020: EUR 3.4 bn)"."""
    ends = {" (", ": "}
    near = (date for date in line.dates if date.end <= finding.start)
    date = next((date for date in near if line.text[date.end : finding.start] in ends), None)
    if date and line.text[date.end] == ":" and line.text[date.start - 1] != "(":
        return None
    return date
