"""When a figure holds: the date that stands with it, the only one of its sentence, or of what it continues."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.quantity import Basis

if TYPE_CHECKING:
    from toolkit.figures._clauses import Line
    from toolkit.figures._dates import DateMention
    from toolkit.figures._figure import Figure, Finding

# A base of comparison, a beginning, or the day of an act of speech is no period.
_NOT_WHEN = re.compile(
    r"\b(?:since|than|from|before|after|until|till|against|pre-|versus|vs\.?|around|same period|same month|same quarter|began|starting|effective|year ending|compared with|compared to)\s(?:the\s|about\s|on\s|of\s|in\s)?$"
    r"|\b(?:said|told|agreed|signed|announced|struck|reached|showed|released|published|reported|unveiled|imposed|introduced|doubled|paused|finished|completed|due|start|starting|begin|opened|expire)\s(?:\w+\s){0,2}?(?:in|on|this|earlier)?\s?$",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"[\s,(]*(?:(?:a year|units|each|there|here|on-year|year-on-year)\s)?(?:(?:in|for|during|by|of|at|on|the|end|late|early|mid|fiscal|as|year)[\s-]){0,4}"
)
_FISCAL = re.compile(
    r"(?:FY|(?:fiscal|financial)(?: year)?)[\s-]?((?:19|20)\d\d)|((?:19|20)\d\d)[-–](\d\d)", re.IGNORECASE
)
_THIS_FISCAL = re.compile(r"\b(?:current|this)\s(?:fiscal|financial)\syear\b", re.IGNORECASE)
_UP_TO = re.compile(r"[\s\w-]{0,20}\b(?:to|at)\s(?:a\s)?(?:record\s)?")
_COMPARED = re.compile(r"\b(?:from|against|versus|down|compared with)\s(?:(?:a|an|the|initial|current)\s)*$")
_PRESENT = {"are", "have", "remain", "represent", "account", "face", "stand"}
_SAME = re.compile(r"(?:\s[\w.-]+){0,6}?\s(?:in|over|during) (?:the|that) (?:same )?period\b(?!\s(?:of|last|a))")
_HENCEFORTH = re.compile(r"(?:\s\w+){0,3}\s(?:thereafter|afterwards)\b")
_DAYS = len("2025-10-28")


def period(
    line: Line, finding: Finding, whose: tuple[str, ...], last: Figure | None, *, lasting: bool = False
) -> str | None:
    """Give ISO 8601 for the time of a figure, None if the words leave it open.

    A `lasting` figure, such as a tariff, has the date of its own clause only.
    """
    if _HENCEFORTH.match(line.text, finding.end, line.end):
        return None
    if _THIS_FISCAL.search(line.text, finding.end, line.end) and (found := _fiscal(line.story.date, whose)):
        return found
    if last and _SAME.match(line.text, finding.end, line.end):
        return last.period
    date, settled = _dated(line, finding, lasting=lasting)
    if date or settled:
        return _resolved(date, whose) if date else None
    return _continued(line, finding, last)


def _dated(line: Line, finding: Finding, *, lasting: bool) -> tuple[DateMention | None, bool]:
    """Give the date of a figure in its sentence, and whether the search ends there."""
    dates = [date for date in line.dates if _is_period(line, date)]
    beside = [date for date in dates if date.start >= finding.end and _beside(line, finding.end, date.start)]
    if beside:
        return beside[0], True
    free = [date for date in dates if not _bound(line, date, finding)]
    for start, end in line.chain(finding.start):
        if within := [date for date in free if start <= date.start < end]:
            before = [date for date in within if date.end <= finding.start]
            return before[-1] if before else within[0], True
        if lasting or _now(line, start, finding.start):
            return None, True
    compared = _COMPARED.search(line.text, max(line.start, finding.start - 30), finding.start)
    return None, bool(free or compared)


def _beside(line: Line, start: int, end: int) -> bool:
    """Tell whether a date follows a figure: "in May", or after the level it rose to, "5 % to $3 billion in May"."""
    between = [figure for figure in line.figures if start <= figure[0] < end]
    if len(between) == 1 and _UP_TO.fullmatch(line.text, start, between[0][0]):
        return _beside(line, between[0][1], end)
    return not between and _WITH.fullmatch(line.text, start, end) is not None


def _bound(line: Line, date: DateMention, finding: Finding) -> bool:
    """Tell whether a date belongs to another figure, or stands behind one."""
    others = [figure for figure in line.figures if figure[0] != finding.start]
    beside = any(
        end <= date.start and _beside(line, end, date.start) and (start > finding.start or date.end < finding.start)
        for start, end in others
    )
    return beside or any(finding.end <= start < date.start for start, _ in others)


def _now(line: Line, start: int, position: int) -> bool:
    """Tell whether the verb before a figure is in the present: what holds now has no period of its own."""
    verb = next((cue for cue in line.cues_before(position, start) if cue[2]["role"] in {"verb", "modal"}), None)
    words = line.text[verb[0] : verb[1]].lower() if verb else ""
    return words in _PRESENT or (words.endswith("s") and words != "was")


def _continued(line: Line, finding: Finding, last: Figure | None) -> str | None:
    """Give the period of the figure before, where this one goes on telling of the past."""
    if last is None or last.status != "reported" or last.period is None:
        return None
    verb = next(
        (
            cue
            for start, _ in line.chain(finding.start)
            for cue in line.cues_before(finding.start, start)
            if cue[2]["role"] == "verb"
        ),
        None,
    )
    same = last.start >= line.start
    told = (
        verb is not None
        and verb[2]["frame"] in {"subject", "flow"}
        and line.text[verb[0] : verb[1]].lower() not in {"were", "was"}
    )
    went_on = told and (last.kind == "change" or last.quantity.basis is Basis.FLOW)
    return last.period if same or went_on else None


def _is_period(line: Line, date: DateMention) -> bool:
    if date.period and len(date.period) == _DAYS:
        return False
    return date.quote[-3:] != "day" and not _NOT_WHEN.search(line.text, max(line.start, date.start - 30), date.start)


def _resolved(date: DateMention, whose: tuple[str, ...]) -> str | None:
    """Give the period of a date; of a fiscal year by whose it is."""
    found = _FISCAL.match(date.quote)
    if found and (found[1] or "IND" in whose):
        return _fiscal(f"{found[1] or found[2]}-12", whose)
    return date.period


def _fiscal(today: str | None, whose: tuple[str, ...]) -> str | None:
    """Give first and last month of the fiscal year that `today` lies in, where the economy's is known."""
    row = next((row for row in _fiscal_years() for code in whose if row["iso3"] == code), None)
    if row is None or today is None:
        return None
    first = int(row["first_month"])
    year = int(today[:4]) - (int(today[5:7]) < first)
    if row["named_for"] == "last" and len(today) == len("2025-12"):
        year -= 1
    return f"{year}-{first:02}/{year + 1}-{first - 1:02}"


@cache
def _fiscal_years() -> tuple[dict[str, str], ...]:
    return codes.table("fiscal_years")
