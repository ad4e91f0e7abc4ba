"""The forms in which dates are written, and the reading of each: "Aug. 20, 2025", "third quarter", "last year"."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.codes import patterns as re
from toolkit.errors import SchemaError
from toolkit.figures.numbers.tables import DATE_WORDS, either
from toolkit.period import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Reading = tuple[str | None, str | None]
    Reader = Callable[[re.Match[str], date | None], Reading | None]

__all__ = ["YEAR", "calendar", "compiled", "readers"]

OPEN: Reading = (None, None)
YEAR = r"(?:19|20)\d\d"
_NEAR_PART = (
    r"(?P<which>last|this|next|previous|current) (?P<part>quarter|half)\b(?!\s(?:of|in|to|through|ended|ending)\s)"
)
_NEAR = 90  # characters
_DASH = r"\s?[-–—‑]\s?"
_TO = rf"(?:{_DASH}|\sto\s|\sthrough\s|(?P<and>\sand\s))"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_THE_YEAR = rf",?\s(?:of |in )?(?P<year>{YEAR})(?![\d%]|[.,]\d)"
_WHICH = r",?\s(?:of\s)?(?P<which>this|last|next|the (?:current|previous|same)) year\b"
_OF_YEAR = f"(?:{_THE_YEAR}|{_WHICH})?"
_WHICH_YEAR = {"this": 0, "the current": 0, "last": -1, "next": 1}
# What stands before a year: "2019 cars" are cars, "in 2019" is a year.
_BEFORE_YEAR = re.compile(
    rf"(?:(?<![^\W_])(?:{either(DATE_WORDS['before year'])})[\s-]|[’']s?\s|[(–—/,]\s?|^|\n)$", re.IGNORECASE
)
_BEFORE_MONTH = re.compile(rf"\b(?:{either(DATE_WORDS['before month'])})[\s-]$", re.IGNORECASE)
_AFTER_MONTH = re.compile(rf"\s(?:{either(DATE_WORDS['after month'])})\b")
_AHEAD = re.compile(
    rf"\b(?:{either(DATE_WORDS['ahead'])})\b[^.;]*$|\b(?:by|until|till)\s(?:the\s)?(?:end\s(?:of\s)?|early\s|late\s)?$"
)
_OUTLOOK = re.compile(rf"\b(?:{either(DATE_WORDS['outlook'])})\b[^.;]*$")
_AFTER_YEAR = re.compile(r"\s?[;:)!?–—]|[.,](?!\d)|$|['’]s|-(?=[a-z])|\s(?P<next>\w*)")
_COUNTED, _OF_A_YEAR = DATE_WORDS["counted beside year"], tuple(DATE_WORDS["of a year"])
_SHORTEST = 6  # letters of a plural that a number before it counts


@cache
def calendar(kind: str) -> dict[str, int]:
    """Return the numbers of the words of one kind: "month", "weekday", "ordinal", "length" in months."""
    return {row["word"]: int(row["number"]) for row in codes.table("calendar") if row["kind"] == kind}


def _day(found: re.Match[str], today: date | None) -> Reading | None:
    """Read day and month, with the year or the one nearest to today."""
    month, day = calendar("month")[found["month"].rstrip(".")], int(found["day"])
    if not 1 <= day <= monthrange(2024, month)[1]:
        return None
    if found["year"]:
        return _checked(f"{found['year']}-{month:02}-{day:02}")
    if today is None:
        return OPEN
    return _checked(f"{_year_for(found, today, month)}-{month:02}-{day:02}", "inferred") or OPEN


def _month(found: re.Match[str], today: date | None) -> Reading | None:
    month = calendar("month")[found["month"].rstrip(".")]
    if found["year"]:
        return f"{found['year']}-{month:02}", "stated"
    beside = found["which"] or _AFTER_MONTH.match(found.string, found.end())
    if not beside and not _BEFORE_MONTH.search(found.string, max(0, found.start() - 12), found.start()):
        return None
    return (f"{_year_for(found, today, month)}-{month:02}", "inferred") if today else OPEN


def _months(found: re.Match[str], today: date | None) -> Reading | None:
    if found["and"] and not found.string.endswith("etween ", 0, found.start()):
        return None
    first, last = (calendar("month")[found[name].rstrip(".")] for name in ("month", "to"))
    if not found["year"] and today is None:
        return OPEN
    year = int(found["year"] or _year_for(found, today or date.min, last))
    return f"{year - (first > last)}-{first:02}/{year}-{last:02}", "stated" if found["year"] else "inferred"


def _part(found: re.Match[str], today: date | None) -> Reading | None:
    """Read a quarter or a half of a calendar year."""
    length = 3 if found["part"].lower() in {"q", "quarter"} else 6
    number = calendar("ordinal").get(found["number"].lower()) or int(found["number"])
    last = min(number * length, 12)
    if not found["year"] and today is None:
        return OPEN
    year = int(found["year"]) if found["year"] else _part_year(found, today, last) if today else 0
    return str(Period.of_months(year, last - length + 1, length)), "stated" if found["year"] else "inferred"


def _near_part(found: re.Match[str], today: date | None) -> Reading | None:
    """Read "last quarter" and "this half" from the part that the article was written in."""
    if today is None:
        return OPEN
    length = 3 if found["part"] == "quarter" else 6
    back = {"last": -1, "previous": -1, "next": 1}.get(found["which"], 0)
    first = (today.month - 1) // length * length + 1 + back * length
    return str(Period.of_months(today.year, first, length)), "inferred"


def _up_to(found: re.Match[str], today: date | None) -> Reading | None:
    """Read "the year to June 2025" and "three months through September"."""
    length = _months_of(found["span"].lower().split()[0].split("-")[0])
    if length is None or (not found["year"] and today is None):
        return OPEN if length else None
    month = calendar("month")[found["month"].rstrip(".")]
    year = int(found["year"]) if found["year"] else _year_for(found, today or date.min, month)
    if today and not found["year"] and _OUTLOOK.search(found.string, max(0, found.start() - 60), found.start()):
        year = today.year + (month < today.month)
    return str(Period.of_months(year, month - length + 1, length)), "stated" if found["year"] else "inferred"


def _first_parts(found: re.Match[str], today: date | None) -> Reading | None:
    """Read "the first nine months of 2025"."""
    if not found["year"] and today is None:
        return OPEN
    last = (_months_of(found["number"]) or 0) * (3 if found["part"] == "quarters" else 1)
    if not 1 < last <= 12:  # noqa: PLR2004
        return None
    year = found["year"] or str((_named_year(found, today) or _year_for(found, today, last)) if today else "")
    return f"{year}-01/{year}-{last:02}", "stated" if found["year"] else "inferred"


def _part_year(found: re.Match[str], today: date, last: int) -> int:
    """Return the year of the last such part that is over, or of the next where the words look ahead."""
    if (named := _named_year(found, today)) is not None:
        return named
    return today.year + (last < today.month) if _ahead(found) else today.year - (last > today.month)


def _fiscal(found: re.Match[str], _: date | None) -> Reading | None:
    """Read a fiscal year: which months it has depends on whose it is, and the words do not say."""
    return OPEN if found else None


def _years(found: re.Match[str], _: date | None) -> Reading | None:
    first, last = found["year"], found["to"]
    last = first[: 4 - len(last)] + last
    return (f"{first}/{last}", "stated") if first < last else None


def _decade(found: re.Match[str], _: date | None) -> Reading | None:
    return f"{found['year']}/{found['year'][:3]}9", "stated"


def _year(found: re.Match[str], _: date | None) -> Reading | None:
    before = _BEFORE_YEAR.search(found.string, max(0, found.start() - 12), found.start())
    owned = before and before[0][:1] in {"'", "’"}  # China's 2025 exports
    return (found["year"], "stated") if before and (owned or _counts_nothing(found)) else None


def _counts_nothing(found: re.Match[str]) -> bool:
    """Return whether a year does not count the word after it, as in "2019 cars"."""
    after = _AFTER_YEAR.match(found.string, found.end())
    word = (after["next"] or "") if after else ""
    counted = word in _COUNTED or (len(word) >= _SHORTEST and word.endswith("s"))
    return after is not None and (not counted or word.endswith(_OF_A_YEAR))


def _weekday(found: re.Match[str], today: date | None) -> Reading | None:
    """Read a weekday as the last one, or the next one where the words look ahead."""
    if today is None:
        return OPEN
    back = (today.isoweekday() - calendar("weekday")[found["weekday"]]) % 7
    return str(today + timedelta(days=(-back) % 7 if _ahead(found) else -back)), "inferred"


def _next_alone(found: re.Match[str], today: date | None) -> Reading | None:
    """Read "3.3 % this year and 3.2 % next"."""
    if "this year" not in found.string[max(0, found.start() - _NEAR) : found.start()]:
        return None
    return (str(today.year + 1), "inferred") if today else OPEN


def _relative(found: re.Match[str], today: date | None) -> Reading | None:
    words = found[0].lower()
    if today is None:
        return OPEN
    if words in calendar("relative_day"):
        return str(today + timedelta(days=calendar("relative_day")[words])), "inferred"
    if words in calendar("relative_year"):
        return str(today.year + calendar("relative_year")[words]), "inferred"
    return str(Period.of_months(today.year, today.month + calendar("relative_month")[words])), "inferred"


def _iso(found: re.Match[str], _: date | None) -> Reading | None:
    return _checked(found[0])


def _checked(period: str, basis: str = "stated") -> Reading | None:
    """Return a stated period if the calendar has it: "2013-17" is no month."""
    try:
        return str(Period.parse(period)), basis
    except SchemaError:
        return None


def _named_year(found: re.Match[str], today: date) -> int | None:
    """Return the year of "last year" behind a month or a quarter."""
    which = found.groupdict().get("which")
    return today.year + _WHICH_YEAR[which] if which in _WHICH_YEAR else None


def _year_for(found: re.Match[str], today: date, month: int) -> int:
    """Return the year of the last such month, or of the next where the words look ahead."""
    if (named := _named_year(found, today)) is not None:
        return named
    if _ahead(found):
        return today.year + (month < today.month)
    return today.year - (month > today.month)


def _ahead(found: re.Match[str]) -> bool:
    return _AHEAD.search(found.string, max(0, found.start() - 60), found.start()) is not None


def _months_of(word: str) -> int | None:
    """Return the months of a span from its word, or from their number."""
    if word.isdigit():
        return int(word)
    return calendar("length").get(word) or calendar("number").get(word)


@cache
def readers() -> dict[str, list[tuple[str, Reader]]]:
    """Return the forms of dates by their first word; "0" stands for digits, "2000" for 2025, "fy" for FY25."""
    month, weekday, ordinal, number = (
        "|".join(sorted(calendar(kind), key=len, reverse=True)) for kind in ("month", "weekday", "ordinal", "number")
    )
    relative = "|".join(word for kind in ("day", "month", "year") for word in calendar(f"relative_{kind}"))
    parts = "|".join(f"{part}{number}" for part in "qh" for number in range(1, 5))
    ending = (
        r"\s(?:to|through|ended|ending|until)\s(?:in\s|end-|the end of\s)?"
        rf"(?P<month>{month})\b\.?(?:\s[0-3]?\d\b(?!\d))?{_OF_YEAR}"
    )
    forms = (
        ("year|quarter|half", rf"(?P<span>year|quarter|half){ending}", _up_to),
        ("fiscal|financial", rf"(?P<span>fiscal|financial) year{ending}", _up_to),
        (f"{number}|twelve|0", rf"(?P<span>[A-Za-z]+|1[0-2]|[2-9])[\s-]months?{ending}", _up_to),
        ("1900|2000", rf"{YEAR}-[01]\d(?:-[0-3]\d)?(?![-\d])", _iso),
        ("0", rf"{_DAY}(?: of)?\s(?P<month>{month})\b\.?{_OF_YEAR}", _day),
        (month, rf"(?P<month>{month})(?:\.|\b){_TO}(?P<to>{month})\b{_OF_YEAR}", _months),
        (month, rf"(?P<month>{month})(?:\.|\b)\s{_DAY}\b(?![:%\d]|[.,]\d){_OF_YEAR}", _day),
        (month, rf"(?P<month>{month})\b{_OF_YEAR}", _month),
        ("last|this|next|previous|current", _NEAR_PART, _near_part),
        (ordinal, rf"(?P<number>{ordinal})[\s-](?P<part>quarter|half)\b{_OF_YEAR}", _part),
        ("first", rf"first (?P<number>{number}|1?\d) (?P<part>quarters|months)\b{_OF_YEAR}", _first_parts),
        (parts, rf"(?P<part>[QH])(?P<number>[1-4]){_OF_YEAR}\b", _part),
        (
            "fy|fiscal|financial",
            rf"(?:FY|(?:fiscal|financial)(?: year)?)[\s-]?(?:{YEAR}|\d\d)(?:[-/–]\d\d(?:\d\d)?)?\b",
            _fiscal,
        ),
        ("1900|2000", rf"(?P<year>{YEAR}){_DASH}(?P<to>{YEAR}|\d\d)\b(?!\s?%|[.,]?\d)", _years),
        ("1900|2000", rf"{YEAR}/\d\d\b(?![/\d])", _fiscal),
        ("0", rf"(?P<number>[1-4])(?P<part>[QH]){_OF_YEAR}\b", _part),
        ("next", r"next(?=[.,;]|$)", _next_alone),
        ("1900|2000", rf"(?P<year>{YEAR[:-2]}0)s\b", _decade),
        ("1900|2000", rf"(?P<year>{YEAR})\b(?!\s?%|[.,]\d|-(?:{YEAR}))", _year),
        (weekday, rf"(?P<weekday>{weekday})\b", _weekday),
        (relative, rf"(?:{relative})\b", _relative),
    )
    return _by_lead(forms)


def _by_lead(forms: Iterable[tuple[str, str, Reader]]) -> dict[str, list[tuple[str, Reader]]]:
    found: dict[str, list[tuple[str, Reader]]] = {}
    for leads, form, reader in forms:
        for lead in {words.split()[0].lower() for words in leads.split("|")}:
            found.setdefault(lead, []).append((form, reader))
    for lead in [lead for lead in found if lead[0].isdigit() and not lead.isdigit()]:  # "1st quarter", "1st May"
        found[lead] += found["0"]
    return found


@cache
def compiled(form: str, reader: Reader) -> re.Pattern[str]:
    """Compile a form when its first word is first met: few texts need them all."""
    return re.compile(form, re.IGNORECASE if reader in {_part, _fiscal, _relative} else 0)
