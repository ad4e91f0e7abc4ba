"""Units and periods as people write them: "US$ mn", "Jan 2024", a month beside its year, dates that mean months."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pycountry

from toolkit import codes
from toolkit.errors import SchemaError, ToolkitError, UnknownCode
from toolkit.period import Grain, Period
from toolkit.quantity import scale_words
from toolkit.sources import _table
from toolkit.spreadsheet import cells as _cells

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SCALES", "are_months", "beside", "is_period", "read_period", "read_unit", "scale", "worded"]

SCALES = scale_words()
_SHORT = {"mn": 6, "mln": 6, "mio": 6, "bn": 9, "bln": 9, "mrd": 9, "tn": 12, "trn": 12}
_NOUGHTS = re.compile(r"['’]000s?\b|(?<![\d.,])1[ ,.]?000\b")
_SIGNS = "".join(row["sign"] for row in codes.table("currency_signs") if len(row["sign"]) == 1)
_GLUED = re.compile(rf"[{re.escape(_SIGNS)}](?<!\w)(?=[^\W\d])")  # US$bn
_PLAIN = re.compile(r"1|l|J|head|pair|carat|index.*|[A-Z]{3}/[a-z]+")  # beside the symbols of units.csv


def read_unit(stated: str, place: str = "") -> tuple[Decimal, str]:
    """Return factor and base unit of a unit; `place` names its cell in errors.

    >>> read_unit("thousand USD"), read_unit("US$ mn"), read_unit("1,000 tonnes")
    ((Decimal('1000'), 'USD'), (Decimal('1000000'), 'USD'), (Decimal('1000'), 't'))

    Raises
    ------
    SchemaError
        If a word of it is unknown or ambiguous: "$", "USD m", "lakh".
    """
    power, rest = 0, []
    if (exact := _base(stated.strip())) is not None:
        return exact
    spaced = _GLUED.sub(r"\g<0> ", _NOUGHTS.sub(" thousand ", stated))
    for word in spaced.replace("(", " ").replace(")", " ").split():
        folded = word.casefold().rstrip(".")
        scale = SCALES.get(folded.removesuffix("s")) or _SHORT.get(folded)
        power += scale or 0
        rest += [] if scale or folded == "of" else [word]
    if (base := _base(" ".join(rest))) is None:
        where = f"{place}: " if place else ""
        problem = f"{where}unit {stated!r} is not known"
        raise SchemaError(problem, remedy="Write USD, thousand USD, million JPY, t, kg, % ...")
    return Decimal(10) ** power * base[0], base[1]


def scale(stated: str) -> str:
    """Return the word for a unit's power of ten, empty if there is none.

    >>> scale("US$ mn"), scale("kt"), scale("kg")
    ('million', 'thousand', '')
    """
    factor = read_unit(stated)[0]
    return next((word for word, power in SCALES.items() if factor == Decimal(10) ** power), "")


def _base(text: str) -> tuple[Decimal, str] | None:
    """Return a unit without words for powers of ten: a code, a symbol, a name."""
    if (text.isupper() and pycountry.currencies.get(alpha_3=text)) or _PLAIN.fullmatch(text):
        return Decimal(1), text
    try:
        return codes.unit(text)
    except UnknownCode:
        return _names().get(text) or _names().get(text.casefold())


@cache
def _names() -> dict[str, tuple[Decimal, str]]:
    """Return the names of units and currencies, without ambiguous ones; symbols keep their case."""
    units = {row["name"]: (Decimal(row["factor"]), row["unit"]) for row in codes.table("units") if row["form"]}
    money = [*codes.table("currencies"), *codes.table("currency_signs")]
    named = {row.get("name") or row["sign"]: row for row in money if row["certain"] == "yes"}
    return units | {name: (Decimal(row["factor"]), row["code"]) for name, row in named.items()}


_BELOW = "A total or a note below the table? Then set last_row in the mapping"
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 60_000  # 1954 to 2064, as spreadsheets count days
_PART = r"(?:(?P<q>Q[1-4]|[1-4]Q)|(?P<h>[HS][12]|[12][HS]))"
_PARTED = (
    re.compile(rf"{_PART}[ /-]?(?P<y>\d{{4}})", re.IGNORECASE),
    re.compile(rf"(?P<y>\d{{4}})[ /-]?{_PART}", re.IGNORECASE),
)
_WORDED = (
    re.compile(r"(?P<m>[A-Za-z]+)\.?[ ,/-]*(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})[ ,/-]*(?P<m>[A-Za-z]+)\.?"),
    re.compile(r"(?P<m>[A-Za-z]{3})-(?P<y>[0-2]\d|[7-9]\d)"),  # as spreadsheets show a month; a day is 5-Jan there
    re.compile(r"(?P<n>0?[1-9]|1[0-2])[/.](?P<y>\d{4})"),
)
_SPAN = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-\d\d/P[1-9]\d?[YM]")
_FISCAL = re.compile(r"(?:FY|fiscal)\W*\d|(?:FY ?)?\d{4}[/-]\d\d(?:\d\d)?$", re.IGNORECASE)


def read_period(stated: Any, place: str, *, months: bool = False) -> tuple[str, str]:
    """Return frequency and period of a cell; with `months` a day means its month.

    >>> read_period("Sept. 2023", "B2"), read_period("2Q 2023", "B3"), read_period("2022-04-01/P1Y", "B4")
    (('M', '2023-09'), ('Q', '2023-Q2'), ('_O', '2022-04-01/P1Y'))
    """
    text = _cells.plain(stated)
    if _SPAN.fullmatch(text):
        return "_O", text
    try:
        freq, when = _table.period(worded(text))
    except ToolkitError as error:
        remedy = f"{error.remedy}. {_BELOW}"
        if re.fullmatch(r"\d{5}", text, re.ASCII) and _FIRST_SERIAL < int(text) < _LAST_SERIAL:
            day = date(1899, 12, 30) + timedelta(days=int(text))
            remedy = f"It looks like a spreadsheet's number for {day}: format the column as a date"
        elif _FISCAL.match(text):
            remedy = "A fiscal year? Write its first day and its length: 2022-04-01/P1Y"
        raise SchemaError(f"{place}: {error.problem}", remedy=remedy) from None
    return ("M", str(Period.of(Period.parse(when).start, Grain.MONTH))) if freq == "D" and months else (freq, when)


def worded(text: str) -> str:
    """Return "Jan-2024" as 2024-01 and "2Q 2023" as 2023-Q2; any other text as it is.

    >>> worded("Jan-24"), worded("01/2024"), worded("H1 2024"), worded("Marketing 2024")
    ('2024-01', '2024-01', '2024-S1', 'Marketing 2024')
    """
    for form in _PARTED:
        if found := form.fullmatch(text):
            part = re.sub(r"\D", "", found["q"] or found["h"])
            return f"{found['y']}-{'Q' if found['q'] else 'S'}{part}"
    for form in _WORDED:
        found = form.fullmatch(text)
        number = found and (int(found["n"]) if "n" in form.groupindex else _table.month(found["m"]))
        if found and number:
            century = "" if len(found["y"]) > 2 else "19" if found["y"] >= "70" else "20"  # noqa: PLR2004 (digits)
            return f"{century}{found['y']}-{number:02d}"
    return text


def beside(year: Any, part: Any, heading: str) -> str:
    """Return the period of a year and a month or quarter in another column.

    >>> beside(2023, "Mar.", "Month"), beside("2023", 3.0, "Month"), beside(2023, 3, "Quarter")
    ('2023-03', '2023-03', '2023-Q3')
    """
    text, whole = _cells.plain(part).rstrip("."), _cells.plain(year)
    if not (text.isascii() and text.isdigit()):
        return worded(f"{text} {whole}") if text else f"{whole}, no {heading.lower()}"
    word = heading.casefold()
    if not word.startswith(("m", "月", "월")):  # month, Monat, mois, mes
        mark = "Q" if word.startswith(("q", "trim")) else "S" if word.startswith(("half", "sem")) else f"{word} "
        return f"{whole}-{mark}{text}"
    return f"{whole}-{int(text):02d}"


def is_period(heading: str) -> bool:
    """Return whether a heading is a year, a month or another period."""
    if _SPAN.fullmatch(heading) or (heading.isalpha() and _table.month(heading)):
        return True
    try:
        _table.period(worded(heading))
    except ToolkitError:
        return False
    return True


def are_months(cells: Iterable[Any], where: str) -> bool:
    """Return whether dates mean their months: all are first or all last days, and some months are adjacent.

    Raises
    ------
    SchemaError
        If they may mean quarters or years as well; or if 2010-11 may be a fiscal year.
    """
    texts = {_cells.plain(cell) for cell in cells}
    fiscal = [re.fullmatch(r"\d\d(\d\d)-(\d\d)", text) for text in texts]
    if len(texts) > 1 and all(found and (int(found[1]) + 1) % 100 == int(found[2]) for found in fiscal):
        problem = f"{where}: {min(texts)} may be a month or a fiscal year"
        raise SchemaError(problem, remedy="Write a fiscal year as 2010-04-01/P1Y, a month as Nov 2010")
    if not texts or not (all(_is_day(text, 1) for text in texts) or all(_is_day(text, 0) for text in texts)):
        return False
    days = map(date.fromisoformat, texts)
    numbers = sorted(12 * day.year + day.month for day in days)
    steps = {later - one for one, later in pairwise(numbers)}
    if steps and min(steps) % 3 == 0:
        problem = f"{where}: the dates are {min(steps)} months apart: they may be months, quarters or years"
        raise SchemaError(problem, remedy="Write the years (2023), quarters (2023-Q1) or months (2023-01) themselves")
    first = all(_is_day(text, 1) for text in texts)
    return bool(steps) or (first and any(isinstance(cell, date | datetime) for cell in cells))


def _is_day(text: str, number: int) -> bool:
    """Return whether a date is the first day of its month (`number` 1) or the last (0)."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return (day if number else day + timedelta(days=1)).day == 1
