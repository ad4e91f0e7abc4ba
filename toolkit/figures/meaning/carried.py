"""When a figure holds that has no date of its own: what the figures before it, or the news itself, tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.codes import patterns as re
from toolkit.figures.meaning.periods import DAYS, SHARE_WORDS, SHARES, is_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.figures.figure import Figure, Finding
    from toolkit.figures.meaning.clauses import Cue, Line

_EARLIER = re.compile(
    r"(?:\s\([^()]{1,30}\))?,?\s(?:(?:recorded|registered|posted|reported|seen|achieved|logged)\s)?(?:(?:(?:a|one|the) year (?:earlier|ago|before|previously|prior)|(?:in )?the (?:previous|prior|preceding) year|(?:in |during |for )?(?:the|a) (?:year-ago|year-earlier|prior-year|same|similar|corresponding) (?:month|quarter|period|half)"
    r"(?:,? (?:of |in )?(?:last year|(?P<year>20\d\d)|the (?:previous|prior) year|a year (?:earlier|ago|before)))?)|(?:a|(?:in )?the (?:previous|prior|preceding)) (?P<part>month|quarter)(?: (?:earlier|ago|before))?|(?:in )?the (?P<then>month|quarter) (?:prior|before|earlier)|(?P<quarter>three months) (?:earlier|ago|before))\b"
)
_EARLIER_WORDS = {"earlier", "ago", "before", "previously", "prior", "year", "previous", "same", "similar", "corresponding", "preceding"}  # fmt: skip
_OPENS = re.compile(
    r"(?:(?:In|During|For|Over) the (?:same|corresponding) (?:month|quarter|period|half) (?:(?:of|in) (?:(?P<year>20\d\d)|last year|the (?:previous|prior) year)|(?:a|one) year (?:earlier|before|ago))"
    r"|(?:A|One) year (?:before|earlier|ago|previously)),?\s(?!(?:to|when|that)\b)"
)
_THE_SPAN = re.compile(
    r"\b(?:[Ii]n|[Oo]ver|[Dd]uring|[Ff]or) the (?P<span>month|quarter|half-year|half)\b(?!\s(?:to|of|ended|ending|through|before|earlier|ago|as|when)\b)"
)
_A_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\b(?:decade|century|years)\b")
_SPAN_WORDS = {"month", "quarter", "half"}
_NEXT_DATE, _FIGURES = 12, 8  # characters behind "in the quarter"; figures
_NEWS = 3  # sentences, the heading among them
_BASE = re.compile(r"\b(?:from|against|versus|than|after|compared (?:with|to))\s(?:(?:a|an|the)\s)?$")
_BEHIND = re.compile(r"\b(?:after|against|versus|compared (?:with|to))\s")  # what a later date is the base of
_THAN_SAME = re.compile(
    r"[^,;.]{0,40}?\b(?:than|from|over|on)\s(?:in\s|for\s|during\s)?the (?:same|year-ago|year-earlier|prior-year|previous-year|corresponding) (?P<span>month|quarter|half)\b"
)
_SAME_WORDS = {"same", "ago", "earlier", "prior", "previous", "corresponding", "year-ago", "year-earlier", "prior-year", "previous-year"}  # fmt: skip
_FORMER = re.compile(
    r"\b(?:from|than|against|versus)\s(?:its|their|an?|the)\s(?:[\w-]+\s){0,3}?(?:forecast|projection|estimate|outlook|prediction|target)\sof\s$"
)
_FORMER_WORDS = {"forecast", "projection", "estimate", "outlook", "prediction", "target"}
_FULL_YEAR = re.compile(
    r"\bfull[- ]year\b(?! (?:to|ended|ending))|\bfor the (?:full |whole )?year\b(?! (?:to|ended|ending|before|earlier))"
)
_YEAR_WORDS = {"year", "full-year"}
_SPRING = 3  # the month from which on an outlook for "the full year" is for this one
_BRACKET = re.compile(r"\s\((?:(?:about|around|some|or|roughly|nearly)\s)?")
_LIVE = re.compile(r"\b(?:ha(?:s|ve|d)|so far|since|week|month|quarter|year|session|days)\b")
_MOVES = ("subject", "reported")


def back(period: str, months: int) -> str | None:
    """Give a year, month, quarter or half as many months earlier."""
    if "W" in period or len(period) == DAYS:
        return None
    ends = period.split("/")
    if any(len(end) not in {4, 7} for end in ends):
        return None
    if len(ends[0]) == len("2025"):
        return "/".join(str(int(end) - months // 12) for end in ends) if months % 12 == 0 else None
    moved = (int(end[:4]) * 12 + int(end[5:]) - 1 - months for end in ends)
    return "/".join(f"{month // 12}-{month % 12 + 1:02}" for month in moved)


def earlier(line: Line, finding: Finding, before: Sequence[Figure]) -> str | None:
    """Read "against $20 billion a year earlier" from the period of the figure that it is compared with."""
    if not line.has(_EARLIER_WORDS):
        return None
    opens = finding.start == next(iter(line.figures))[0] and _OPENS.match(line.text, line.start, finding.start)
    found = opens or _EARLIER.match(line.text, finding.end, line.end)
    if not found:
        return None
    last = next((one for one in reversed(before[-2:]) if one.start >= line.floor and one.period), None)
    if last is None or last.period is None:
        return None
    names = found.groupdict()
    part = "quarter" if names.get("quarter") else names.get("then") or names.get("part")
    if not part:
        moved = back(last.period, 12)
        return moved if moved and found["year"] in {None, moved[:4]} else None
    length = {"month": 7, "quarter": 15}.get(part, 0)
    return back(last.period, {7: 1, 15: 3}[length]) if len(last.period) == length else None


def of_the_span(line: Line, finding: Finding, before: Sequence[Figure]) -> str | None:
    """Read "in the quarter" as the quarter that a figure before tells of."""
    if not line.has(_SPAN_WORDS):
        return None
    start, end = line.chain(finding.start)[0]
    found = _THE_SPAN.search(line.text, start, end) or _THE_SPAN.search(line.text, end, line.end)
    if found and found.start() >= end and any(end <= cue[0] < found.start() for cue in line.cues):
        return None  # it dates the next clause
    if found is None or any(found.start() <= date.start < found.end() + _NEXT_DATE for date in line.dates):
        return None
    months = {"month": 1, "quarter": 3, "half": 6, "half-year": 6}[found["span"]]
    told = (one.period for one in reversed(before[-_FIGURES:]) if one.period and _length(one.period) == months)
    return next(told, None)


def of_the_lead(line: Line, finding: Finding, before: Sequence[Figure]) -> str | None:
    """Give the month or quarter that a report opens with to a movement that its sentence does not date."""
    dated = [date for date in line.dates if not _BEHIND.search(line.text, finding.end, date.start)]
    if dated or (lead := _lead(line, before)) is None or not _reports(lead):
        return None
    if line.story.date and lead.rpartition("/")[2] > line.story.date[:7]:
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
        back(lead, _length(lead)) if _length(lead) in {1, 3} else None,
    }
    return lead if moved and not others else None


def strayed(line: Line, told: Figure, before: Sequence[Figure]) -> bool:
    """Tell whether the paragraph before ended on another time than the report's: a new one does not go on with it."""
    if "\n" not in line.text[told.end : line.start]:
        return False
    lead = _lead(line, before)
    return lead is not None and _length(lead) in {1, 3} and told.period != lead


def _lead(line: Line, before: Sequence[Figure]) -> str | None:
    """Give the period of a report: of its first figure that is no base of comparison, else of the news itself."""
    told = (
        one
        for one in before[:_FIGURES]
        if one.period and not _BASE.search(line.text, max(0, one.start - 30), one.start)
    )
    if one := next(told, None):
        return one.period if one.status == "reported" else None
    for line_ in line.story.opening[:_NEWS]:
        months = {date.period for date in line_.dates if date.period and _length(date.period) in {1, 3}}
        shown = any(cue[2]["speaks"] for cue in line_.cues)
        if shown and months and not line_.figures:
            return months.pop() if len(months) == 1 else None
    return None


def _verbs(line: Line, finding: Finding) -> list[Cue]:
    """Give the figure that is a verb itself ("doubled"), then the cues before it in its clause."""
    own = [cue for cue in line.cues if finding.start <= cue[0] < finding.end]
    return own + line.cues_before(finding.start, line.chain(finding.start)[0][0])


def _reports(period: str) -> bool:
    """Tell whether a period is one that reports tell of: a year, months of one, a month."""
    return len(period) == len("2025") or _length(period) in {1, 3, 6, 9, 12}


def _length(period: str) -> int:
    """Give the months in a period, 0 where it is no month and no row of months."""
    first, _, last = period.partition("/")
    if len(first) != len("2025-04") or (last and len(last) != len("2025-04")):
        return 0
    last = last or first
    return int(last[:4]) * 12 + int(last[5:]) - int(first[:4]) * 12 - int(first[5:]) + 1


def compared(line: Line, finding: Finding, before: Sequence[Figure]) -> str | None:
    """Read "9 % higher than in the same month last year" as of the month that a figure before tells of."""
    found = line.has(_SAME_WORDS) and _THAN_SAME.match(line.text, finding.end, line.end)
    if not found:
        return None
    months = {"month": 1, "quarter": 3, "half": 6}[found["span"]]
    told = (one.period for one in reversed(before[-_FIGURES:]) if one.period and one.status == "reported")
    last = next(told, None)
    return last if last and _length(last) == months else None


def restated(line: Line, finding: Finding, last: Figure | None) -> str | None:
    """Read an amount in a bracket, and what a forecast was before, as of the period of the figure before."""
    if last is None or last.period is None or last.start < line.start:
        return None
    if finding.kind == "money" and _BRACKET.fullmatch(line.text, last.end, finding.start):
        return last.period
    former = line.has(_FORMER_WORDS) and _FORMER.search(line.text, last.end, finding.start)
    return last.period if former and last.status in {"expected", "target"} else None


def of_the_outlook(line: Line, finding: Finding, firm: str) -> str | None:
    """Read "sees full-year growth of 15 %" as of the year in which it is said."""
    today = line.story.date
    if firm not in {"expected", "estimated", "target"} or today is None or not line.has(_YEAR_WORDS):
        return None
    start, end = line.chain(finding.start)[0]
    dated = any(start <= date.start < end for date in line.dates)
    return today[:4] if not dated and int(today[5:7]) >= _SPRING and _FULL_YEAR.search(line.text, start, end) else None


def of_the_day(line: Line, finding: Finding) -> str | None:
    """Give the day of the news to a move of its share: "said Wednesday that … The stock dropped 9 %"."""
    today = line.story.date
    if (
        today is None
        or line.dates
        or not line.has(SHARE_WORDS)
        or not SHARES.search(line.text, line.start, finding.start)
    ):
        return None
    if _LIVE.search(line.text, line.start, line.end) or not any(
        (cue[2]["frame"], cue[2]["meaning"]) == _MOVES for cue in line.cues_before(finding.start, line.start)
    ):
        return None
    told = (date.period for one in line.story.opening[:5] for date in one.dates if date.quote.endswith("day"))
    return today if today in told else None
