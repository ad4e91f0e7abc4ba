"""Spans of time: days, weeks, months, quarters, halves, years, fiscal years, and from one to another."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache

from toolkit.errors import SchemaError, UnknownCode

__all__ = ["Grain", "Period"]

_REMEDY = "Write 2025, 2025-S1, 2025-Q2, 2025-04, 2025-W14, 2025-04-02, 2025-04/2026-03 or 2025-04-01/P1Y"


class Grain(StrEnum):
    """The kind of a period; the values are SDMX's codes of frequency."""

    DAY = "D"
    WEEK = "W"
    MONTH = "M"
    QUARTER = "Q"
    HALF = "S"
    YEAR = "A"
    SPAN = "_O"


_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.HALF: 6, Grain.YEAR: 12}
_DAYS = {Grain.DAY: 1, Grain.WEEK: 7}
_SHAPES = (
    (Grain.YEAR, re.compile(r"(\d{4})", re.ASCII)),
    (Grain.MONTH, re.compile(r"(\d{4})-(\d\d)", re.ASCII)),
    (Grain.DAY, re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)),
    (Grain.QUARTER, re.compile(r"(\d{4})-Q([1-4])", re.ASCII)),
    (Grain.HALF, re.compile(r"(\d{4})-[SH]([12])", re.ASCII)),
    (Grain.WEEK, re.compile(r"(\d{4})-W(\d\d)", re.ASCII)),
)
_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)(/P)(\d{1,3}[YM])|([^/]+)(/)([^/]+)|(\d{4})(-)(\d{4}|present)", re.ASCII)
_PRESENT = "present"


@dataclass(frozen=True, slots=True, order=True, repr=False)
class Period:
    """A span of time, and the text it was read from.

    Two periods are equal if they have the same days and the same grain, however
    they are written; they are ordered by start, then by end.

    Attributes
    ----------
    start, end : datetime.date
        First and last day; `end` is ``date.max`` where the period is still running.
    grain : Grain
        ``Grain.SPAN`` for all that is no calendar period, fiscal years included.
    text : str
        As written: ``str(Period.parse(text)) == text``.

    Examples
    --------
    >>> Period.parse("2025-04/2026-03").contains(Period.parse("2025-Q2"))
    True
    >>> sorted(map(Period.parse, ["2025-02", "2025", "2025-01"]))
    [Period.parse('2025-01'), Period.parse('2025'), Period.parse('2025-02')]
    """

    start: date
    end: date
    grain: Grain
    text: str = field(compare=False)

    @staticmethod
    @lru_cache(maxsize=16_384)
    def parse(text: str) -> Period:
        """Return the period that `text` states.

        Examples
        --------
        >>> period = Period.parse("2025-04-01/P1Y")
        >>> str(period), str(period.start), str(period.end), period.months
        ('2025-04-01/P1Y', '2025-04-01', '2026-03-31', 12)

        Raises
        ------
        SchemaError
            If `text` is in no known form, names a day that does not exist, or ends before it starts.
        """
        try:
            found = _calendar_period(text) or _span(text)
        except (ValueError, OverflowError):
            found = None
        if found is None:
            raise SchemaError(f"{text!r} is not a period", remedy=_REMEDY)
        return found

    @staticmethod
    def of(day: date, grain: Grain) -> Period:
        """Return the calendar period of a grain that contains a day.

        Examples
        --------
        >>> [str(Period.of(date(2025, 10, 28), grain)) for grain in (Grain.HALF, Grain.MONTH, Grain.WEEK)]
        ['2025-S2', '2025-10', '2025-W44']
        """
        year, week, _ = day.isocalendar()
        text = {
            Grain.DAY: f"{day}",
            Grain.WEEK: f"{year:04}-W{week:02}",
            Grain.MONTH: f"{day:%Y-%m}",
            Grain.QUARTER: f"{day.year:04}-Q{(day.month + 2) // 3}",
            Grain.HALF: f"{day.year:04}-S{(day.month + 5) // 6}",
            Grain.YEAR: f"{day.year:04}",
        }
        return Period.parse(text[grain])

    @staticmethod
    def of_months(year: int, month: int, count: int = 1) -> Period:
        """Return `count` months from a month on; months below 1 and above 12 lie in other years.

        Examples
        --------
        >>> str(Period.of_months(2025, 4)), str(Period.of_months(2025, -2, 6))
        ('2025-04', '2024-10/2025-03')
        """
        first = year * 12 + month - 1
        ends = (first,) if count == 1 else (first, first + count - 1)
        return Period.parse("/".join(f"{end // 12:04}-{end % 12 + 1:02}" for end in ends))

    @staticmethod
    def fiscal_year(day: date, economy: str) -> Period:
        """Return the fiscal year of an economy that contains a day.

        Examples
        --------
        >>> str(Period.fiscal_year(date(2026, 1, 15), "JPN"))
        '2025-04/2026-03'

        Raises
        ------
        UnknownCode
            If ``data/codes/fiscal_years.csv`` lacks the economy.
        """
        if (first := _fiscal_starts().get(economy)) is None:
            raise UnknownCode(f"no fiscal year of {economy!r}", remedy="Add a row to data/codes/fiscal_years.csv")
        return Period.of_months(day.year - (day.month < first), first, 12)

    def __str__(self) -> str:
        """Return the text as it was written."""
        return self.text

    def __repr__(self) -> str:
        """Return the call that makes the period."""
        return f"Period.parse({self.text!r})"

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.end - self.start).days + 1

    @property
    def months(self) -> int:
        """The number of months; 0 where it is not whole months, or still running.

        >>> [Period.parse(text).months for text in ("2025", "2025-Q1", "2019/2023", "2025-04-02", "1995-present")]
        [12, 3, 60, 0, 0]
        """
        if self.end == date.max and self.grain is Grain.SPAN:
            return 0
        after = date.fromordinal(self.end.toordinal() + 1) if self.end < date.max else None
        if after is None or after.day != self.start.day:
            return 12 if after is None else 0
        return 12 * (after.year - self.start.year) + after.month - self.start.month

    def contains(self, other: Period) -> bool:
        """Return whether every day of `other` lies in this period.

        >>> Period.parse("2025").contains(Period.parse("2025-04/2026-03"))
        False
        """
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Period) -> bool:
        """Return whether the two periods share a day.

        >>> Period.parse("2025").overlaps(Period.parse("2025-04/2026-03"))
        True
        """
        return self.start <= other.end and other.start <= self.end


def _calendar_period(text: str) -> Period | None:
    for grain, shape in _SHAPES:
        if found := shape.fullmatch(text):
            year, part = int(found[1]), int(found[2]) if shape.groups > 1 else 1
            if grain is Grain.DAY:
                day = date(year, part, int(found[3]))
                return Period(day, day, grain, text)
            if grain is Grain.WEEK:
                return Period(date.fromisocalendar(year, part, 1), date.fromisocalendar(year, part, 7), grain, text)
            last = part * _MONTHS[grain]
            first = date(year, last - _MONTHS[grain] + 1, 1)
            return Period(first, date(year, last, monthrange(year, last)[1]), grain, text)
    return None


def _span(text: str) -> Period | None:
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    first, mark, last = (part for part in found.groups() if part)
    if mark == "/P":
        start = date.fromisoformat(first)
        end = _plus_months(start, int(last[:-1]) * (12 if last[-1] == "Y" else 1)) - timedelta(days=1)
    else:
        one, other = _calendar_period(first), None if last == _PRESENT else _calendar_period(last)
        if one is None or (other is None and last != _PRESENT):
            return None
        start, end = one.start, other.end if other else date.max
    return Period(start, end, Grain.SPAN, text) if start <= end else None


def _plus_months(day: date, count: int) -> date:
    """Return the same day of a later month, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@cache
def _fiscal_starts() -> dict[str, int]:
    from toolkit import codes

    return {row["iso3"]: int(row["first_month"]) for row in codes.table("fiscal_years")}
