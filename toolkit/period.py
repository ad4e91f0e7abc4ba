"""Spans of time: days, weeks, months, quarters, halves, years, fiscal years, and from one to another."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from toolkit.errors import SchemaError

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


_MONTHS: dict[Grain | None, int] = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.HALF: 6, Grain.YEAR: 12}
_DAYS: dict[Grain | None, int] = {Grain.DAY: 1, Grain.WEEK: 7}
_SHAPES = (
    (Grain.YEAR, re.compile(r"(\d{4})", re.ASCII)),
    (Grain.MONTH, re.compile(r"(\d{4})-(\d\d)", re.ASCII)),
    (Grain.DAY, re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)),
    (Grain.QUARTER, re.compile(r"(\d{4})-Q([1-4])", re.ASCII)),
    (Grain.HALF, re.compile(r"(\d{4})-[SH]([12])", re.ASCII)),
    (Grain.WEEK, re.compile(r"(\d{4})-W(\d\d)", re.ASCII)),
)
_SPAN = re.compile(r"([^/]+)(/)([^/]+)|(\d{4})(-)(\d{4}|present)", re.ASCII)
_LENGTH = re.compile(r"P(\d{1,4})([YM])", re.ASCII)
_PRESENT = "present"


@dataclass(frozen=True, slots=True, order=True, repr=False)
class Period:
    """A span of time, and the text it was read from.

    Two periods are equal if they have the same days and the same grain, however
    they are written; they are ordered by start, then by end.

    Attributes
    ----------
    start, end : datetime.date
        First and last day; `end` is ``date.max`` where the period is open, as in ``1995-present``.
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
            Grain.MONTH: f"{day}"[:7],
            Grain.QUARTER: f"{day.year:04}-Q{(day.month + 2) // 3}",
            Grain.HALF: f"{day.year:04}-S{(day.month + 5) // 6}",
            Grain.YEAR: f"{day}"[:4],
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
    def fiscal_year(day: date, first_month: int) -> Period:
        """Return the year that contains a day and begins in `first_month`, a column of ``data/codes/fiscal_years.csv``.

        Examples
        --------
        >>> str(Period.fiscal_year(date(2026, 1, 15), 4))
        '2025-04/2026-03'
        """
        return Period.of_months(day.year - (day.month < first_month), first_month, 12)

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
        """The number of months; 0 where they are not whole, or the end is open.

        >>> [Period.parse(text).months for text in ("2025", "2025-Q1", "2019/2023", "2025-04-02", "1995-present")]
        [12, 3, 60, 0, 0]
        """
        if self.end == date.max:
            return 0
        after = self.end + timedelta(days=1)
        whole = 12 * (after.year - self.start.year) + after.month - self.start.month
        return whole if after.day == self.start.day else 0

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

    def shift(self, count: int, by: Grain | None = None) -> Period:
        """Return the period `count` steps later, written alike; a step is its own length unless `by` names another.

        Examples
        --------
        >>> [str(Period.parse(text).shift(-1)) for text in ("2025-01", "2025-Q1", "2025-04/2026-03", "2025-03-01")]
        ['2024-12', '2024-Q4', '2024-04/2025-03', '2025-02-28']
        >>> [str(Period.parse(text).shift(-1, Grain.YEAR)) for text in ("2025-07/2025-09", "2025-04-01/P1Y")]
        ['2024-07/2024-09', '2024-04-01/P1Y']

        Raises
        ------
        SchemaError
            If the step has no length, or a week is moved by months.
        """
        months, days = _MONTHS.get(by, 0), _DAYS.get(by, 0)
        if by is None and self.end < date.max:
            months, days = self.months, 0 if self.months else self.days
        if not (months or days):
            raise SchemaError(f"no step to move {self} by", remedy="Name one of day, week, month, quarter, half, year")
        return Period.parse(_moved(self.text, count * months, count * days))

    def parts(self, grain: Grain) -> list[Period]:
        """Return the calendar periods of a grain that lie wholly in this period, in order.

        Examples
        --------
        >>> [str(part) for part in Period.parse("2025-11/2026-01").parts(Grain.MONTH)]
        ['2025-11', '2025-12', '2026-01']
        """
        if self.end == date.max:
            raise SchemaError(f"{self} is open at its end", remedy="State its last year")
        part, found = Period.of(self.start, grain), []
        while part.end <= self.end:
            found += [part] if part.start >= self.start else []
            part = part.shift(1)
        return found


def _calendar_period(text: str) -> Period | None:
    for grain, shape in _SHAPES:
        if found := shape.fullmatch(text):
            start, end = _first_and_last(grain, [int(part) for part in found.groups()])
            return Period(start, end, grain, text)
    return None


def _first_and_last(grain: Grain, parts: list[int]) -> tuple[date, date]:
    """Return the days of a calendar period from its year and number; ValueError if it does not exist."""
    if grain is Grain.DAY:
        return date(*parts), date(*parts)
    year, number = parts[0], parts[-1] if len(parts) > 1 else 1
    if grain is Grain.WEEK:
        return date.fromisocalendar(year, number, 1), date.fromisocalendar(year, number, 7)
    last = number * _MONTHS[grain]
    return date(year, last - _MONTHS[grain] + 1, 1), date(year, last, monthrange(year, last)[1])


def _span(text: str) -> Period | None:
    first, _, last = _ends(text)
    one = _calendar_period(first)
    end = _last_day(one.start, last) if one else None
    return Period(one.start, end, Grain.SPAN, text) if one and end and one.start <= end else None


def _ends(text: str) -> tuple[str, str, str]:
    """Return what stands before, between and after in the text of a span; empty texts if it is none."""
    found = _SPAN.fullmatch(text)
    first, mark, last = (part for part in found.groups() if part is not None) if found else ("", "", "")
    return first, mark, last


def _last_day(start: date, stated: str) -> date | None:
    """Return the last day of a span from its start and its second half: a period, a length, or "present"."""
    if length := _LENGTH.fullmatch(stated):
        return _plus_months(start, int(length[1]) * (12 if length[2] == "Y" else 1)) - timedelta(days=1)
    last = _calendar_period(stated)
    return date.max if stated == _PRESENT else last.end if last else None


@lru_cache(maxsize=4_096)
def _moved(text: str, months: int, days: int) -> str:
    if text == _PRESENT or _LENGTH.fullmatch(text):
        return text
    first, mark, last = _ends(text)
    if mark:
        return f"{_moved(first, months, days)}{mark}{_moved(last, months, days)}"
    period = Period.parse(text)
    if (days and period.grain in _MONTHS) or (months and period.grain is Grain.WEEK):
        raise SchemaError(f"{text} is not moved by such a step", remedy="Move weeks by weeks, months by months")
    start = _plus_months(period.start, months) + timedelta(days=days)
    moved = Period.of(start, period.grain)
    if moved.start != start:
        moved = Period.of_months(start.year, start.month, period.months)
    return str(moved).replace("S", text[5:6])  # 2025-H1 keeps its H


def _plus_months(day: date, count: int) -> date:
    """Return the same day of a later month, or the last day of a shorter one."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
