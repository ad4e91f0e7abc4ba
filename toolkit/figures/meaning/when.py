"""When a figure holds: first whether it is the news or what the news is compared with, then which date is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toolkit.codes import patterns as re
from toolkit.figures.meaning.periods import SHARES, beside_date, is_now, resolved
from toolkit.period import Grain, Period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.figures.dates import DateMention
    from toolkit.figures.figure import Figure, LocatedQuantity
    from toolkit.figures.meaning.clauses import Cue, Line

__all__ = [
    "When",
    "back",
    "bracketed",
    "earlier",
    "first_reading",
    "going_on",
    "is_backdrop",
    "looking_forward",
    "of_the_lead",
    "of_the_outlook",
    "of_the_session",
    "restated",
    "strayed",
]

_EARLIER = re.compile(
    r"(?:\s\([^()]{1,30}\))?,?\s(?:(?:recorded|registered|posted|reported|seen|achieved|logged)\s)?(?:(?:(?:a|one|the) year (?:earlier|ago|before|previously|prior)|(?:in )?the (?:previous|prior|preceding) year|(?:in |during |for )?(?:the|a) (?:year-ago|year-earlier|prior-year|same|similar|corresponding) (?:month|quarter|period|half)"
    r"(?:,? (?:of |in )?(?:last year|(?P<year>20\d\d)|the (?:previous|prior) year|a year (?:earlier|ago|before)))?)|(?:a (?P<former>month|quarter) (?:earlier|ago|before)|(?:in )?the (?:previous|prior|preceding) (?P<part>month|quarter))|(?:in )?the (?P<then>month|quarter) (?:prior|before|earlier)|(?P<quarter>three months) (?:earlier|ago|before))\b"
)
_OPENS = re.compile(
    r"(?:(?:In|During|For|Over) the (?:same|corresponding) (?:month|quarter|period|half) (?:(?:of|in) (?:(?P<year>20\d\d)|last year|the (?:previous|prior) year)|(?:a|one) year (?:earlier|before|ago))"
    r"|(?:A|One) year (?:before|earlier|ago|previously)),?\s(?!(?:to|when|that)\b)"
)
_A_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\b(?:decade|century|years)\b")
_NEXT_DATE, _LAST_FIGURES = 12, 8  # characters behind "in the quarter"; figures
_NEWS = 3  # sentences, the heading among them
_BASE_BEFORE = re.compile(r"\b(?:from|against|versus|than|after|compared (?:with|to))\s(?:(?:a|an|the)\s)?$")
_BEHIND = re.compile(r"\b(?:after|against|versus|compared (?:with|to))\s")  # what a later date is the base of
_FORMER = re.compile(
    r"\b(?:from|than|against|versus)\s(?:its|their|an?|the)\s(?:[\w-]+\s){0,3}?(?:forecast|projection|estimate|outlook|prediction|target)\sof\s$"
)
_FULL_YEAR = re.compile(
    r"\bfull[- ]year\b(?! (?:to|ended|ending))|\bfor the (?:full |whole )?year\b(?! (?:to|ended|ending|before|earlier))"
)
_SPRING = 3  # the month from which on an outlook for "the full year" is for this one
_BRACKET = re.compile(r"\s\((?:(?:about|around|some|or|roughly|nearly)\s)?")
_YEAR = 12  # months


def back(period: str, months: int) -> str | None:
    """Return a year, month, quarter or half as many months earlier; None for a day, or a year moved by months."""
    when = Period.parse(period)
    by_year = when.grain is Grain.YEAR or when.months > _YEAR
    return str(when.shift(-months, Grain.MONTH)) if when.months and not (by_year and months % _YEAR) else None


def earlier(line: Line, finding: LocatedQuantity, before: Sequence[Figure]) -> str | None:
    """Read "against $20 billion a year earlier" from the period of the figure that it is compared with."""
    opens = finding.start == next(iter(line.figures))[0] and _OPENS.match(line.text, line.start, finding.start)
    found = opens or _EARLIER.match(line.text, finding.end, line.end)
    if not found:
        return None
    last = next((one for one in reversed(before[-2:]) if one.start >= line.floor and one.period), None)
    if last is None or last.period is None:
        return None
    names = found.groupdict()
    part = "quarter" if names.get("quarter") else names.get("then") or names.get("part") or names.get("former")
    if not part:
        moved = back(last.period, _YEAR)
        return moved if moved and found["year"] in {None, str(Period.parse(moved).start.year)} else None
    when = Period.parse(last.period)
    fits = when.grain is {"month": Grain.MONTH, "quarter": Grain.SPAN}.get(part) and when.months <= _YEAR
    return back(last.period, 1 if part == "month" else 3) if fits else None


def of_the_lead(line: Line, finding: LocatedQuantity, before: Sequence[Figure]) -> str | None:
    """Return the month or quarter that a report opens with to a movement that its sentence does not date."""
    dated = [date for date in line.dates if not _BEHIND.search(line.text, finding.end, date.start)]
    if dated or (lead := _lead(line, before)) is None or not _reports(lead):
        return None
    if line.story.date and _begins_later(lead, line.story.date):
        return None  # a budget of a year to come
    if _A_YEAR.search(line.text, line.start, line.end) or SHARES.search(line.text, line.start, finding.start):
        return None
    verb = next(iter(_verbs(line, finding)), None)
    moved = verb is not None and verb[2]["frame"] == "subject" and verb[2]["meaning"] == "reported"
    start, end = line.chain(finding.start)[0]
    moved = moved and not is_now(line, start, finding.start)
    moved = moved and not any(cue[2]["role"] == "modal" and start <= cue[0] < end for cue in line.cues)
    others = {one.period for one in before if one.period and one.status == "reported"} - {
        lead,
        back(lead, 12),
        back(lead, Period.parse(lead).months) if Period.parse(lead).months in {1, 3} else None,
    }
    return lead if moved and not others else None


def strayed(line: Line, told: Figure, before: Sequence[Figure]) -> bool:
    """Return whether the paragraph before ended on another time than the report's: a new one does not go on with it."""
    if "\n" not in line.text[told.end : line.start]:
        return False
    lead = _lead(line, before)
    return lead is not None and Period.parse(lead).months in {1, 3} and told.period != lead


def _lead(line: Line, before: Sequence[Figure]) -> str | None:
    """Return the period of a report: of its first figure that is no base of comparison, else of the news itself."""
    told = (
        one
        for one in before[:_LAST_FIGURES]
        if one.period and not _BASE_BEFORE.search(line.text, max(0, one.start - 30), one.start)
    )
    if one := next(told, None):
        return one.period if one.status == "reported" else None
    for line_ in line.story.opening[:_NEWS]:
        months = {date.period for date in line_.dates if date.period and Period.parse(date.period).months in {1, 3}}
        shown = any(cue[2]["speaks"] for cue in line_.cues)
        if shown and months and not line_.figures:
            return months.pop() if len(months) == 1 else None
    return None


def _verbs(line: Line, finding: LocatedQuantity) -> list[Cue]:
    """Return the figure that is a verb itself ("doubled"), then the cues before it in its clause."""
    own = [cue for cue in line.cues if finding.start <= cue[0] < finding.end]
    return own + line.cues_before(finding.start, line.chain(finding.start)[0][0])


def _reports(period: str) -> bool:
    """Return whether a period is one that reports tell of: a year, months of one, a month."""
    return Period.parse(period).months in {1, 3, 6, 9, 12}


def _begins_later(period: str, today: str) -> bool:
    """Return whether the last month or year of a period begins after a day."""
    when = Period.parse(period)
    last = Grain.YEAR if when.grain is Grain.YEAR else Grain.MONTH
    return Period.of(when.end, last).start > Period.parse(today).start


def restated(line: Line, finding: LocatedQuantity, last: Figure | None) -> str | None:
    """Read an amount in a bracket, and what a forecast was before, as of the period of the figure before."""
    if last is None or last.period is None or last.start < line.start:
        return None
    if finding.kind == "money" and _BRACKET.fullmatch(line.text, last.end, finding.start):
        return last.period
    former = line.has(_FORMER.words) and _FORMER.search(line.text, last.end, finding.start)
    return last.period if former and last.status in {"expected", "target"} else None


def of_the_outlook(line: Line, finding: LocatedQuantity, firm: str) -> str | None:
    """Read "sees full-year growth of 15 %" as of the year in which it is said."""
    today = line.story.date
    if firm not in {"expected", "estimated", "target"} or today is None or not line.has(_FULL_YEAR.words):
        return None
    start, end = line.chain(finding.start)[0]
    dated = any(start <= date.start < end for date in line.dates)
    day = Period.parse(today).start
    return str(day.year) if not dated and day.month >= _SPRING and _FULL_YEAR.search(line.text, start, end) else None


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
