"""The dates that a text mentions, read from the date that it bears at its head: "TOKYO, Aug. 20, 2025 -"."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from toolkit import codes
from toolkit.article import Article
from toolkit.codes import patterns as re
from toolkit.errors import SchemaError
from toolkit.period import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Reading = tuple[str | None, str | None]
    Reader = Callable[[re.Match[str], date | None], Reading | None]

OPEN: Reading = (None, None)
_YEAR = r"(?:19|20)\d\d"
_MONTHS = 12
_NEAR_PART = (
    r"(?P<which>last|this|next|previous|current) (?P<part>quarter|half)\b(?!\s(?:of|in|to|through|ended|ending)\s)"
)
_NEAR = 90  # characters
_OUTLOOK = re.compile(r"\b(?:forecasts?|outlook|guidance|expects?|projects?|projections?|targets?)\b[^.;]*$")
_LENGTHS = {
    "year": 12, "fiscal": 12, "financial": 12, "twelve": 12, "12": 12, "nine": 9, "9": 9, "six": 6, "6": 6, "half": 6,
    "three": 3, "3": 3, "quarter": 3, "eleven": 11, "11": 11, "ten": 10, "10": 10, "eight": 8, "8": 8, "seven": 7, "7": 7,
    "five": 5, "5": 5, "four": 4, "4": 4, "two": 2, "2": 2,
}  # fmt: skip
_DASH = r"\s?[-–—‑]\s?"
_TO = rf"(?:{_DASH}|\sto\s|\sthrough\s|(?P<and>\sand\s))"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_OF_YEAR = rf"(?:,?\s(?:of |in )?(?P<year>{_YEAR})(?![\d%]|[.,]\d)|,?\s(?:of\s)?(?P<which>this|last|next|the (?:current|previous|same)) year\b)?"
_WHICH_YEAR = {"this": 0, "the current": 0, "last": -1, "next": 1}
# What stands before a year: "2019 cars" are cars, "in 2019" is a year.
_BEFORE_YEAR = re.compile(
    r"(?:(?<![^\W_])(?:in|since|of|by|until|till|from|to|between|and|during|for|early|late|mid|end|year|through|than|before|after|"
    r"vs|versus|levels?|around|circa|over|against|back|with|its|their|our|the|a|calendar|ending|pre|post|full-year)[\s-]|[’']s?\s|[(–—/,]\s?|^|\n)$",
    re.IGNORECASE,
)
_BEFORE_MONTH = re.compile(
    r"\b(?:in|since|by|from|for|last|until|late|early|this|next|to|of|end|mid|during|through|and|between|the)[\s-]$",
    re.IGNORECASE,
)
_BESIDE_MONTH = re.compile(
    r"\s(?:exports?|imports?|trade|surplus|deficit|shipments?|output|production|inflation|sales|factory|industrial|retail|consumer|producer|wholesale|jobs|payrolls?|GDP|PMI|crude|auto|data|figures|numbers)\b"
)
_AHEAD = re.compile(
    r"\b(?:will|could|may|might|expects|expect|sees|projects|plans|aims|next|coming|due|set to|scheduled|would|effective|expires?|deadline)\b[^.;]*$|\b(?:by|until|till)\s(?:the\s)?(?:end\s(?:of\s)?|early\s|late\s)?$"
)
_AFTER_YEAR = re.compile(
    r"\s?[;:)!?–—]|[.,](?!\d)|$|['’]s|-(?=[a-z])|\s(?!(?:tonnes|tons|people|jobs|barrels|units|cars|\w{5,}s)\b(?<!levels)(?<!exports)(?<!imports)(?<!prices)(?<!shipments)(?<!tariffs)(?<!profits)(?<!deliveries)(?<!earnings))"
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date that a text mentions.

    Attributes
    ----------
    start, end : int
        Half-open span: ``text[start:end] == quote``.
    quote : str
    period : str or None
        ISO 8601: ``2019``, ``2025-10``, ``2025-10-28``, or first and last as
        ``2025-04/2026-03``; None where neither words nor article say it.
    basis : str or None
        ``stated`` by the words alone; ``inferred`` with the article's date.
    """

    start: int
    end: int
    quote: str
    period: str | None = None
    basis: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as plain JSON values."""
        return asdict(self)


def dates_between(text: str, start: int, end: int, today: str | None = None) -> Iterator[DateMention]:
    """Find the dates in one stretch of `text`, where `today` is the date of the article."""
    known = date.fromisoformat(today) if today else None
    after, readers = start, _readers()
    for place, word in zip(*codes.words(text[start:end]), strict=True):
        if word in readers:
            first = word
        elif word[0].isdigit():
            first = f"{word[:2]}00" if len(word) >= len("2025") and word[:4].isdigit() else "0"
        else:
            first = word[:2]
        if start + place < after:
            continue
        for form, reader in readers.get(first, ()):
            found = _compiled(form, reader).match(text, start + place, end)
            reading = reader(found, known) if found else None
            if found and reading is not None:
                yield DateMention(found.start(), found.end(), found[0], *reading)
                after = found.end()
                break


def _day(found: re.Match[str], today: date | None) -> Reading | None:
    """Read day and month, with the year or the one nearest to today."""
    month, day = _calendar("month")[found["month"].rstrip(".")], int(found["day"])
    if not 1 <= day <= monthrange(2024, month)[1]:
        return None
    if found["year"]:
        return _checked(f"{found['year']}-{month:02}-{day:02}")
    if today is None:
        return OPEN
    return f"{_year_for(found, today, month)}-{month:02}-{day:02}", "inferred"


def _month(found: re.Match[str], today: date | None) -> Reading | None:
    month = _calendar("month")[found["month"].rstrip(".")]
    if found["year"]:
        return f"{found['year']}-{month:02}", "stated"
    beside = found["which"] or _BESIDE_MONTH.match(found.string, found.end())
    if not beside and not _BEFORE_MONTH.search(found.string, max(0, found.start() - 12), found.start()):
        return None
    return (f"{_year_for(found, today, month)}-{month:02}", "inferred") if today else OPEN


def _months(found: re.Match[str], today: date | None) -> Reading | None:
    if found["and"] and not found.string.endswith("etween ", 0, found.start()):
        return None
    first, last = (_calendar("month")[found[name].rstrip(".")] for name in ("month", "to"))
    if not found["year"] and today is None:
        return OPEN
    year = int(found["year"] or _year_for(found, today or date.min, last))
    return f"{year - (first > last)}-{first:02}/{year}-{last:02}", "stated" if found["year"] else "inferred"


def _part(found: re.Match[str], today: date | None) -> Reading | None:
    """Read a quarter or a half of a calendar year."""
    length = 3 if found["part"].lower() in {"q", "quarter"} else 6
    number = _calendar("ordinal").get(found["number"].lower()) or int(found["number"])
    last = min(number * length, 12)
    if not found["year"] and today is None:
        return OPEN
    year = int(found["year"]) if found["year"] else _part_year(found, today, last) if today else 0
    return f"{year}-{last - length + 1:02}/{year}-{last:02}", "stated" if found["year"] else "inferred"


def _near_part(found: re.Match[str], today: date | None) -> Reading | None:
    """Read "last quarter" and "this half" from the part that the article was written in."""
    if today is None:
        return OPEN
    length = 3 if found["part"] == "quarter" else 6
    back = {"last": -1, "previous": -1, "next": 1}.get(found["which"], 0)
    first = today.year * _MONTHS + (today.month - 1) // length * length + back * length
    last = first + length - 1
    return f"{first // 12}-{first % 12 + 1:02}/{last // 12}-{last % 12 + 1:02}", "inferred"


def _up_to(found: re.Match[str], today: date | None) -> Reading | None:
    """Read "the year to June 2025" and "three months through September"."""
    length = _LENGTHS.get(found["span"].lower().split()[0].split("-")[0])
    if length is None or (not found["year"] and today is None):
        return OPEN if length else None
    month = _calendar("month")[found["month"].rstrip(".")]
    year = int(found["year"]) if found["year"] else _year_for(found, today or date.min, month)
    if today and not found["year"] and _OUTLOOK.search(found.string, max(0, found.start() - 60), found.start()):
        year = today.year + (month < today.month)
    first = year * _MONTHS + month - length
    return f"{first // _MONTHS}-{first % _MONTHS + 1:02}/{year}-{month:02}", "stated" if found["year"] else "inferred"


def _first_parts(found: re.Match[str], today: date | None) -> Reading | None:
    """Read "the first nine months of 2025"."""
    if not found["year"] and today is None:
        return OPEN
    last = (_calendar("number").get(found["number"]) or int(found["number"])) * (
        3 if found["part"] == "quarters" else 1
    )
    if not 1 < last <= _MONTHS:
        return None
    year = found["year"] or str((_named_year(found, today) or _year_for(found, today, last)) if today else "")
    return f"{year}-01/{year}-{last:02}", "stated" if found["year"] else "inferred"


def _part_year(found: re.Match[str], today: date, last: int) -> int:
    """Give the year of the last such part that is over, or of the next where the words look ahead."""
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
    return (found["year"], "stated") if before and (owned or _AFTER_YEAR.match(found.string, found.end())) else None


def _weekday(found: re.Match[str], today: date | None) -> Reading | None:
    """Read a weekday as the last one, or the next one where the words look ahead."""
    if today is None:
        return OPEN
    back = (today.isoweekday() - _calendar("weekday")[found["weekday"]]) % 7
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
    if words in _calendar("relative_day"):
        return str(today + timedelta(days=_calendar("relative_day")[words])), "inferred"
    if words in _calendar("relative_year"):
        return str(today.year + _calendar("relative_year")[words]), "inferred"
    months = today.year * 12 + today.month - 1 + _calendar("relative_month")[words]
    return f"{months // 12}-{months % 12 + 1:02}", "inferred"


def _iso(found: re.Match[str], _: date | None) -> Reading | None:
    return _checked(found[0])


def _checked(period: str) -> Reading | None:
    """Return a stated period if the calendar has it: "2013-17" is no month."""
    try:
        return str(Period.parse(period)), "stated"
    except SchemaError:
        return None


def _named_year(found: re.Match[str], today: date) -> int | None:
    """Give the year of "last year" behind a month or a quarter."""
    which = found.groupdict().get("which")
    return today.year + _WHICH_YEAR[which] if which in _WHICH_YEAR else None


def _year_for(found: re.Match[str], today: date, month: int) -> int:
    """Give the year of the last such month, or of the next where the words look ahead."""
    if (named := _named_year(found, today)) is not None:
        return named
    if _ahead(found):
        return today.year + (month < today.month)
    return today.year - (month > today.month)


def _ahead(found: re.Match[str]) -> bool:
    return _AHEAD.search(found.string, max(0, found.start() - 60), found.start()) is not None


@cache
def _calendar(kind: str) -> dict[str, int]:
    return {row["word"]: int(row["number"]) for row in codes.table("calendar") if row["kind"] == kind}


@cache
def _readers() -> dict[str, list[tuple[str, Reader]]]:
    """Give the forms of dates by their first word; "0" stands for digits, "2000" for 2025, "fy" for FY25."""
    month, weekday, ordinal, number = (
        "|".join(sorted(_calendar(kind), key=len, reverse=True)) for kind in ("month", "weekday", "ordinal", "number")
    )
    relative = "|".join(word for kind in ("day", "month", "year") for word in _calendar(f"relative_{kind}"))
    parts = "|".join(f"{part}{number}" for part in "qh" for number in range(1, 5))
    ending = (
        r"\s(?:to|through|ended|ending|until)\s(?:in\s|end-|the end of\s)?"
        rf"(?P<month>{month})\b\.?(?:\s[0-3]?\d\b(?!\d))?{_OF_YEAR}"
    )
    forms = (
        ("year|quarter|half", rf"(?P<span>year|quarter|half){ending}", _up_to),
        ("fiscal|financial", rf"(?P<span>fiscal|financial) year{ending}", _up_to),
        (f"{number}|twelve|0", rf"(?P<span>[A-Za-z]+|1[0-2]|[2-9])[\s-]months?{ending}", _up_to),
        ("1900|2000", rf"{_YEAR}-[01]\d(?:-[0-3]\d)?(?![-\d])", _iso),
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
            rf"(?:FY|(?:fiscal|financial)(?: year)?)[\s-]?(?:{_YEAR}|\d\d)(?:[-/–]\d\d(?:\d\d)?)?\b",
            _fiscal,
        ),
        ("1900|2000", rf"(?P<year>{_YEAR}){_DASH}(?P<to>{_YEAR}|\d\d)\b(?!\s?%|[.,]?\d)", _years),
        ("1900|2000", rf"{_YEAR}/\d\d\b(?![/\d])", _fiscal),
        ("0", rf"(?P<number>[1-4])(?P<part>[QH]){_OF_YEAR}\b", _part),
        ("next", r"next(?=[.,;]|$)", _next_alone),
        ("1900|2000", rf"(?P<year>{_YEAR[:-2]}0)s\b", _decade),
        ("1900|2000", rf"(?P<year>{_YEAR})\b(?!\s?%|[.,]\d|-(?:{_YEAR}))", _year),
        (weekday, rf"(?P<weekday>{weekday})\b", _weekday),
        (relative, rf"(?:{relative})\b", _relative),
    )
    return _by_lead(forms)


def _by_lead(forms: Iterable[tuple[str, str, Reader]]) -> dict[str, list[tuple[str, Reader]]]:
    readers: dict[str, list[tuple[str, Reader]]] = {}
    for leads, form, reader in forms:
        for lead in {words.split()[0].lower() for words in leads.split("|")}:
            readers.setdefault(lead, []).append((form, reader))
    for lead in [lead for lead in readers if lead[0].isdigit() and not lead.isdigit()]:  # "1st quarter", "1st May"
        readers[lead] += readers["0"]
    return readers


@cache
def _compiled(form: str, reader: Reader) -> re.Pattern[str]:
    """Compile a form when its first word is first met: few texts need them all."""
    return re.compile(form, re.IGNORECASE if reader in {_part, _fiscal, _relative} else 0)


_HEAD = 800  # characters in which a date may head a text
_LINES = re.compile(r"[^\n]+")
_YEAR_ALONE = re.compile(r"(?:19|20)\d\d")
_LONGEST = 70  # characters of a line that bears nothing but place and date, and of a dateline
# What may stand after the date at the head: ") -", ", Eindhoven -", ", 10:42 GMT", " (Kyodo) --", " /Newswire/ --".
_ENDS = re.compile(
    r"\s?\]?\)?(?:\s[A-ZÀ-Þ][A-ZÀ-Þ .]{2,25}(?=\s[-–—]))?(?:,?\s(?:at\s)?\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?(?:\s[A-Z]{2,4})?\)?)?(?:,\s[A-ZÀ-Þ][\w.’'-]*(?:\s[A-ZÀ-Þ][\w.’'-]*){0,2}(?=\s?(?:[-–—‒―:|(]|$)))?"
    r"\s*(?:\([^()\n]{2,40}\)\s*)?(?:/[\w -]{2,30}/\s)?(?:[-–—‒―:|·~;*/]|>>|\.\.\.|$)",
)
_FEW = 4  # words before the date
_PLACE = re.compile(r"(?:[A-ZÀ-Þ][\w./’'-]*,?\s(?:[-–—]\s)?){1,4}")
_STOP = re.compile(r"\.\s+(?=[A-Z“\"])")
_BYLINE = re.compile(r"(?:By\s)?(?:(?:and\s|in\s|of\s)?[A-ZÀ-Þ(][\w./’'()&-]*[,;:]?\s(?:[-–—|·]\s)?){1,9}")
_CLOSED = re.compile(r"[\])]\s+(?=[A-Z“\"])")
_CAPITALS = re.compile(r"\b(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]{0,6}\b")
_OCCASION = re.compile(
    r"(?:Transcript|Remarks|Statement|Speech|Minutes|Press|Media|News|Interview|Briefing|Newsletter|Bulletin|Communiqu[eé]|Keynote|Testimony|Hearing|Conference|Meeting|Summit)\b"
)
_LEAD = 400  # characters in which a report says of which day it is: "data showed on Nov. 17, 2025"
_SAID_ON = re.compile(
    r"\b(?:said|says|showed|reported|told \w+)\son\s(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s)?$"
)
_LONGEST_OCCASION = 160  # characters of a heading that says what was held, where and when
_ON_DAY = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[Tt]oday|this (?:morning|afternoon|evening)) \(([^()\n]{6,20})\)"
)
_MIDDLE = "-15"  # of a month: years, quarters and months told from it are the same as from any day
_DAYS = len("2025-10-28")


def dated(article: Article) -> str | None:
    r"""Give the article's own date, else the one that its text bears at its head.

    >>> dated(Article("Gap widens\n\nSEOUL, 5 June 2025 - Exports fell last month."))
    '2025-06-05'
    """
    return article.date or _borne(article.text)


def extract_dates(source: str | Article) -> list[DateMention]:
    """Find the dates that a text mentions, in its order.

    A weekday, a month or "last year" is resolved only against the article's own
    date, in its head or beside it, and then marked inferred.

    >>> [date.period for date in extract_dates("It rose from 2019 to March 2025, and fell on Tuesday.")]
    ['2019', '2025-03', None]
    >>> extract_dates(Article("They met on Tuesday.", date="2025-10-30"))[0].period
    '2025-10-28'
    """
    article = source if isinstance(source, Article) else Article(source)
    today = dated(article)
    spans = ((line.start, line.end) for line in article.sentences())
    return [found for start, end in spans for found in dates_between(article.text, start, end, today)]


def around(article: Article) -> str | None:
    r"""Give the article's date, or the middle of the month that stands on a line of its own at its head.

    >>> around(Article("Quarterly bulletin\n\nJune 2025\n\nExports fell in the first quarter."))
    '2025-06-15'
    """
    if (found := dated(article)) is not None:
        return found
    for line in _LINES.finditer(article.text, 0, min(len(article.text), _HEAD)):
        if len(line[0]) > _LONGEST or not _YEAR_ALONE.search(line[0][-4:]):
            continue
        mention = next(dates_between(article.text, line.start(), line.end()), None)
        month = mention and mention.period and len(mention.period) == len("2025-06") and mention.end == line.end()
        if mention and month and _PLACE.fullmatch(article.text[line.start() : mention.start] or "A "):
            return f"{mention.period}{_MIDDLE}"
    return None


def _borne(text: str) -> str | None:
    if _CAPITALS.search(text, 0, _HEAD) and len(told := text[:_HEAD].title()) == min(len(text), _HEAD):
        return _headed(text) or _headed(told)  # "NOV. 17, 2025"
    return _headed(text)


def _headed(text: str) -> str | None:
    for line in _LINES.finditer(text, 0, min(len(text), _HEAD)):
        occasion = _OCCASION.match(text, line.start()) and line.end() - line.start() <= _LONGEST_OCCASION
        stop = line.end() if occasion else min(line.end(), line.start() + _LONGEST)
        if not _YEAR_ALONE.search(text, line.start(), stop):
            continue
        for mention in dates_between(text, line.start(), stop):
            before = text[line.start() : mention.start].rpartition("|")[2]
            full = mention.period and len(mention.period) == _DAYS and mention.basis == "stated"
            headed = (len(before.split()) <= _FEW or _BYLINE.fullmatch(before)) and _ENDS.match(
                text, mention.end, line.end()
            )
            placed = _PLACE.fullmatch(before) and _STOP.match(text, mention.end, line.end())
            bracketed = before.startswith(("(", "[")) and _CLOSED.match(text, mention.end, line.end())
            if full and (headed or placed or bracketed or (occasion and mention.end == line.end())):
                return mention.period
    for mention in dates_between(text, 0, min(len(text), _LEAD)) if _YEAR_ALONE.search(text, 0, _LEAD) else ():
        full = mention.period and len(mention.period) == _DAYS and mention.basis == "stated"
        if full and _SAID_ON.search(text, max(0, mention.start - _LONGEST), mention.start):
            return mention.period
    if day := _ON_DAY.search(text, 0, _HEAD):
        named = next(dates_between(text, day.start(1), day.end(1)), None)
        return named.period if named and named.period and len(named.period) == _DAYS else None
    return None
