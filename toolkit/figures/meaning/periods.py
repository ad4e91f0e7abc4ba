"""When a figure holds: the date that stands with it, the only one of its sentence, or of what it continues."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.codes import patterns as re
from toolkit.figures.meaning.clauses import kept
from toolkit.figures.meaning.whose import place_in_row
from toolkit.figures.numbers.tables import PERIOD_WORDS as WORDS
from toolkit.figures.numbers.tables import either
from toolkit.period import Grain, Period
from toolkit.quantity import Basis

if TYPE_CHECKING:
    from toolkit.figures.dates import DateMention
    from toolkit.figures.figure import Figure, LocatedQuantity
    from toolkit.figures.meaning.clauses import Line

__all__ = ["SHARES", "beside_date", "is_day", "is_now", "period", "resolved"]

# A base of comparison, a beginning, or the day of an act of speech is no period.
_NOT_WHEN = re.compile(
    rf"\b(?:{either(WORDS['bound'])})\s(?:the\s|about\s|on\s|of\s|in\s)?$"
    rf"|\b(?:did|as)\sin\s$|\bfrom\s(?:\w+\s){{1,4}}(?:in|of)\s$|\b(?:{either(WORDS['lapse'])})\s(?:\w+\s){{0,4}}$"
    rf"|\b(?:{either(WORDS['act'])}|(?<!be )released)\s(?:\w+\s){{0,2}}?(?:in|on|this|earlier)?\s?$",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"[\s,(]*(?:(?:a year|units|each|there|here|on-year|year-on-year)\s)?(?:(?:in|for|during|by|of|at|on|the|end|late|early|mid|fiscal|as|year)[\s-]){0,4}"
)
_FISCAL = re.compile(
    r"(?:FY|(?:fiscal|financial)(?: year)?)[\s-]?((?:19|20)?\d\d)(?!\d)|((?:19|20)\d\d)[-–/](\d\d)(?!\d)", re.IGNORECASE
)
_OF_FISCAL = re.compile(
    r"\s(?:(?:of|in)\s(?:the\s)?)?(?:(?P<now>current|this|ongoing)\s(?:fiscal|financial)(?:\syear)?|(?P<then>(?:FY|(?:fiscal|financial)(?:\syear)?)[\s-]?(?:19|20)?\d\d(?!\d)(?:[-–/]\d\d)?|(?:19|20)\d\d[-–]\d\d))",
    re.IGNORECASE,
)
_PART = re.compile(r"(first|second|third|fourth|last)[\s-](quarter|half)|([QH])([1-4])", re.IGNORECASE)
_THIS_FISCAL = re.compile(
    r"(?<!from the )(?<!than the )(?<!than in the )(?<!over the )\b(?:current|this)\s(?:fiscal|financial)\syear\b",
    re.IGNORECASE,
)
_LAST_FISCAL = re.compile(r"\s(?:in (?:the )?)?(?:last|previous)\s(?:fiscal|financial)\syear\b", re.IGNORECASE)
_CONTRACT = re.compile(r"\s(?:contract|futures|delivery)\b")
_CHANGE_ON = re.compile(r"\d\s?(?:%|per ?cent)\s(?:in [A-Z][a-z]+\s)?(?:on|over)\s$")
_RESPECTIVELY = re.compile(r".{0,200}?\brespectively\b")
_UP_TO = re.compile(r"[\s\w-]{0,30}\b(?:to|at)\s(?:a\s)?(?:record\s)?")
_COMPARED = re.compile(
    r"\b(?:from|against|versus|compared (?:with|to))\s(?:(?:a|an|the|initial|current)\s)*(?:(?:deficit|surplus|loss|profit|gain|rise|fall|drop|rate|level|total)\sof\s)?$"
)
_PRESENT = {"are", "have", "remain", "represent", "account", "face", "stand"}
_SAME = re.compile(
    r"(?:\s[\w.-]+){0,6}?\s(?:in|over|during) (?:(?:the|that) (?:same )?period|the same (?:month|quarter|half|year|\w+ months))\b(?!\s(?:of|last|a|in)\b)"
)
_AS_OF = re.compile(r",?\s(?:as of|as at)\s(?:\w+day,?\s)?")
_STOOD, _ON = re.compile(r"\b(?:stood|stands|was|were) at\s$"), re.compile(r"\son\s(?:\w+day,?\s)?")
_HENCEFORTH = re.compile(r"(?:\s\w+){0,3}\s(?:thereafter|afterwards)\b")
_BRACKET = re.compile(r"\s\([^()]{1,60}\)")
_SINCE = re.compile(r"(?:\s[\w-]+){0,4}?\s(?:since|so far)\b")
_NEXT = re.compile(r"next\b|from next\b", re.IGNORECASE)
_ORDINALS = ("first", "second", "third", "fourth", "last")
_MONEY = WORDS["currency"] | {row["name"] for row in codes.table("currencies") if row["name"].isalpha()}
_TRADED = re.compile(
    rf"\b(?:(?i:{either(WORDS['traded'])})|[Tt]he (?:[A-Z][a-z]+ )?(?:{either(_MONEY)}))\b",
)
_ON_DAY = re.compile(rf"(?:\s(?:{either(WORDS['quoted'])}|[^\s,;]*\d[^\s,;]*|[A-Z][a-z]+)){{0,10}},?\s(?:on\s|by\s)?")
_OPENS = re.compile(r"(?:[Oo]n\s)?")
SHARES = re.compile(r"\b(?:[Ss]hares\b(?! of)|[Tt]he stock\b(?! of)|[Ss]tock price)")
_NEXT_NOUN = 20  # characters behind a date


def period(
    line: Line, finding: LocatedQuantity, whose: tuple[str, ...], last: Figure | None, *, lasting: bool = False
) -> str | None:
    """Return ISO 8601 for the time of a figure, None if the words leave it open.

    A `lasting` figure, such as a tariff, has the date of its own clause only.
    """
    if line.has(_HENCEFORTH.words) and _HENCEFORTH.match(line.text, finding.end, line.end):
        return None
    now = line.has(_THIS_FISCAL.words) and _THIS_FISCAL.search(line.text, finding.end, line.end)
    if now and (found := _fiscal(line.story.date, whose)):
        return found
    if last and line.has(SHARES.words) and SHARES.search(line.text, line.start, finding.start):
        last = None  # the price of a firm has a day, not the quarter of its sales
    last_fiscal = line.has(_LAST_FISCAL.words) and _LAST_FISCAL.match(line.text, finding.end, line.end)
    if last_fiscal and (found := _fiscal(line.story.date, whose, back=1)):
        return found
    if last and line.has(_SAME.words) and _SAME.match(line.text, finding.end, line.end):
        return last.period
    traded = None if lasting or not line.has(_TRADED.words) else _trading_day(line, finding)
    traded = traded or _as_of(line, finding)
    date, settled = (traded, True) if traded else _dated(line, finding, lasting=lasting)
    if date or settled:
        return resolved(line, date, whose) if date else None
    return _continued(line, finding, last)


def _dated(line: Line, finding: LocatedQuantity, *, lasting: bool) -> tuple[DateMention | None, bool]:
    """Return the date of a figure in its sentence, and whether the search ends there."""
    dates = [date for date in _periods(line) if not (_NEXT.match(date.quote) and _is_base(line, finding.start))]
    beside = [date for date in dates if date.start >= finding.end and _beside(line, finding.end, date.start)]
    if not beside and place_in_row(line, finding) and (row := _RESPECTIVELY.match(line.text, finding.end, line.end)):
        beside = [date for date in dates if date.start >= row.end() and _beside(line, row.end(), date.start)]
    if beside:
        return beside[0], True
    if not beside and (bracket := _BRACKET.match(line.text, finding.end, line.end)):
        beside = [
            date
            for date in dates
            if date.start >= bracket.end() and _WITH.fullmatch(line.text, bracket.end(), date.start)
        ]
        if beside:
            return beside[0], True
    free = [date for date in dates if not _bound(line, date, finding)]
    for start, end in line.chain(finding.start):
        if within := [date for date in free if start <= date.start < end]:
            before = [date for date in within if date.end <= finding.start]
            return before[-1] if before else within[0], True
        if lasting or is_now(line, start, finding.start):
            return None, True
    return None, bool(free or _is_base(line, finding.start))


def beside_date(line: Line, finding: LocatedQuantity) -> DateMention | None:
    """Return the date that stands right behind a figure."""
    behind = (date for date in line.dates if date.start >= finding.end)
    return next((date for date in behind if _beside(line, finding.end, date.start)), None)


def _is_base(line: Line, position: int) -> bool:
    """Return whether a figure is what another has come from."""
    if not line.has(_COMPARED.words):
        return False
    return _COMPARED.search(line.text, max(line.start, position - 30), position) is not None


def _beside(line: Line, start: int, end: int) -> bool:
    """Return whether a date follows a figure: "in May", or after the level it rose to, "5 % to $3 billion in May"."""
    between = [figure for figure in line.figures if start <= figure[0] < end]
    if (
        len(between) == 1 and _NEXT.match(line.text, end) and _is_base(line, between[0][0])
    ):  # to 12 % from 10 % next year
        return _beside(line, between[0][1], end)
    if len(between) == 1 and _UP_TO.fullmatch(line.text, start, between[0][0]):
        return _beside(line, between[0][1], end)
    return not between and _WITH.fullmatch(line.text, start, end) is not None


def _bound(line: Line, date: DateMention, finding: LocatedQuantity) -> bool:
    """Return whether a date belongs to another figure, or stands behind one."""
    others = [figure for figure in line.figures if figure[0] != finding.start]
    beside = any(
        end <= date.start and _beside(line, end, date.start) and (start > finding.start or date.end < finding.start)
        for start, end in others
    )
    return beside or any(finding.end <= start < date.start for start, _ in others)


def is_now(line: Line, start: int, position: int) -> bool:
    """Return whether the verb before a figure is in the present: what holds now has no period of its own."""
    verb = next((cue for cue in line.cues_before(position, start) if cue[2]["role"] in {"verb", "modal"}), None)
    words = line.text[verb[0] : verb[1]].lower() if verb else ""
    if (
        verb
        and words in {"has", "have"}
        and any(verb[1] < cue[0] <= verb[1] + 12 and cue[2]["speaks"] for cue in line.cues)
    ):
        return False  # "the council has said"
    if verb and verb[2]["meaning"] not in {"", "reported"}:
        return False
    return words in _PRESENT or (words.endswith("s") and words != "was")


def _continued(line: Line, finding: LocatedQuantity, last: Figure | None) -> str | None:
    """Return the period of the figure before, where this one goes on telling of the past."""
    if last is None or last.status not in {"reported", "estimated"} or last.period is None:
        return None
    if _SINCE.match(line.text, finding.end, line.end):
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
    same = any(start <= last.start < end for start, end in line.chain(finding.start))
    if verb and verb[2]["meaning"] == "expected" and verb[2]["words"].startswith("had "):
        return last.period
    told = (
        verb is not None
        and verb[2]["frame"] in {"subject", "flow"}
        and (line.text[verb[0] : verb[1]].lower() not in {"were", "was"} or last.quantity.unit == finding.quantity.unit)
    )
    went_on = told and (last.kind in {"change", "percent"} or last.quantity.basis is Basis.FLOW)
    return last.period if same or went_on else None


@kept
def _periods(line: Line) -> list[DateMention]:
    """Return the dates of a sentence that can be a figure's period."""
    return [date for date in line.dates if _is_period(line, date)]


def is_day(period: str | None) -> bool:
    """Return whether a period is one day."""
    return period is not None and Period.parse(period).grain is Grain.DAY


def _trading_day(line: Line, finding: LocatedQuantity) -> DateMention | None:
    """Return the day of a price: "Shares fell 8 % on Tuesday", "the rupee settled at 90.34 on Thursday"."""
    start, end = line.chain(finding.start)[0]
    if not _TRADED.search(line.text, start, finding.start):
        return None
    days = [date for date in line.dates if is_day(date.period) and start <= date.start < end]
    beside = (
        date for date in days if date.start >= finding.end and _ON_DAY.fullmatch(line.text, finding.end, date.start)
    )
    before = (
        date for date in days if date.end <= finding.start and _OPENS.fullmatch(line.text, line.start, date.start)
    )
    return next(beside, None) or next(before, None)


def _as_of(line: Line, finding: LocatedQuantity) -> DateMention | None:
    """Return the day at which a level stood: "reserves of $42 billion as of October 3"."""
    found = _AS_OF.match(line.text, finding.end, line.end)
    if not found and _STOOD.search(line.text, max(line.start, finding.start - 12), finding.start):
        found = _ON.match(line.text, finding.end, line.end)
    return next((date for date in line.dates if date.start == found.end()), None) if found else None


def _is_period(line: Line, date: DateMention) -> bool:
    if is_day(date.period):
        return False
    if date.quote[-3:] == "day" or _CONTRACT.match(line.text, date.end) or _is_base_date(line, date):
        return False
    if line.text.endswith("after ", 0, date.start) and any(
        date.end < cue[0] < date.end + _NEXT_NOUN for cue in line.measures
    ):
        return True  # "after third-quarter profit jumped"
    return not line.has(_NOT_WHEN.words) or not _NOT_WHEN.search(
        line.text, max(line.start, date.start - 30), date.start
    )


def _is_base_date(line: Line, date: DateMention) -> bool:
    """Return whether a date is one that a change is measured from: "up 47.7 % on April 2020", "(April 2020: 3 bn)"."""
    if line.text[date.start - 1 : date.start] == "(" and line.text[date.end : date.end + 1] == ":":
        return True
    return "/" not in (date.period or "") and _CHANGE_ON.search(line.text, line.start, date.start) is not None


def resolved(line: Line, date: DateMention, whose: tuple[str, ...]) -> str | None:
    """Return the period of a date; of a fiscal year, or a part of one, by whose it is."""
    at = date.start + date.quote.rfind(" ") if date.quote[-4:].isdigit() else date.end  # first half of 2024-25
    if (part := _PART.match(date.quote)) and (of := _OF_FISCAL.match(line.text, at, line.end)):
        stated = _FISCAL.match(of["then"]) if of["then"] else None
        year = _of_year(stated, whose) if stated else _fiscal(line.story.date, whose)
        return _part_of(year, part) if year else None
    found = _FISCAL.match(date.quote)
    if found and (found[1] or _row_of(whose)):
        return _of_year(found, whose)
    return date.period


def _of_year(found: re.Match[str], whose: tuple[str, ...]) -> str | None:
    """Return the fiscal year that is named: FY25, fiscal 2025, 2024-25."""
    if (row := _row_of(whose)) is None:
        return None
    year = found[1] or found[2]
    short = len(year) == len("25")
    last = row["named_for"] == "last" or (short and row["iso3"] == "IND")  # FY25 ends in 2025, 2025-26 begins in it
    first = int(f"20{year}" if short else year) - (last and found[2] is None)
    return str(Period.of_months(first, int(row["first_month"]), 12))


def _part_of(year: str, part: re.Match[str]) -> str:
    """Return the months of a quarter or half of a fiscal year."""
    number = int(part[4]) if part[4] else _ORDINALS.index(part[1].lower()) + 1
    half = (part[2] or part[3]).lower() in {"half", "h"}
    length = 6 if half else 3
    number = 12 // length if (part[1] or "").lower() == "last" else number
    start = Period.parse(year).start
    return str(Period.of_months(start.year, start.month + (number - 1) * length, length))


def _fiscal(today: str | None, whose: tuple[str, ...], back: int = 0) -> str | None:
    """Return first and last month of the fiscal year that `today` lies in, where the economy's is known."""
    if today is None or (row := _row_of(whose)) is None:
        return None
    return str(Period.fiscal_year(Period.parse(today).start, int(row["first_month"])).shift(-back))


def _row_of(whose: tuple[str, ...]) -> dict[str, str] | None:
    return next((row for row in _fiscal_years() for code in whose if row["iso3"] == code), None)


@cache
def _fiscal_years() -> tuple[dict[str, str], ...]:
    return codes.table("fiscal_years")
