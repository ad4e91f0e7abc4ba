"""The dates that a text mentions, read from the date that it bears at its head: "TOKYO, Aug. 20, 2025 -"."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from toolkit import codes
from toolkit.article import Article
from toolkit.codes import patterns as re
from toolkit.figures.date_forms import YEAR, calendar, compiled, readers
from toolkit.figures.numbers.tables import DATE_WORDS, either
from toolkit.period import Grain, Period

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DateMention", "around", "dated", "dates_between", "extract_dates"]

_HEAD = 800  # characters in which a date may head a text
_LINES = re.compile(r"[^\n]+")
_YEAR_ALONE = re.compile(YEAR)
_LONGEST = 70  # characters of a line that bears nothing but place and date, and of a dateline
# What may stand after the date at the head: ") -", ", Eindhoven -", ", 10:42 GMT", " (Kyodo) --", " /Newswire/ --".
_CITY = r"(?:\s[A-ZÀ-Þ][A-ZÀ-Þ .]{2,25}(?=\s[-–—]))?"
_CLOCK = r"(?:,?\s(?:at\s)?\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?(?:\s[A-Z]{2,4})?\)?)?"
_TOWN = r"(?:,\s[A-ZÀ-Þ][\w.’'-]*(?:\s[A-ZÀ-Þ][\w.’'-]*){0,2}(?=\s?(?:[-–—‒―:|(]|$)))?"
_AGENCY = r"(?:\([^()\n]{2,40}\)\s*)?(?:/[\w -]{2,30}/\s)?"
_ENDS = re.compile(rf"\s?\]?\)?{_CITY}{_CLOCK}{_TOWN}\s*{_AGENCY}(?:[-–—‒―:|·~;*/]|>>|\.\.\.|$)")
_FEW = 4  # words before the date
_PLACE = re.compile(r"(?:[A-ZÀ-Þ][\w./’'-]*,?\s(?:[-–—]\s)?){1,4}")
_STOP = re.compile(r"\.\s+(?=[A-Z“\"])")
_BYLINE = re.compile(r"(?:By\s)?(?:(?:and\s|in\s|of\s)?[A-ZÀ-Þ(][\w./’'()&-]*[,;:]?\s(?:[-–—|·]\s)?){1,9}")
_CLOSED = re.compile(r"[\])]\s+(?=[A-Z“\"])")
_MONTHS_IN_CAPITALS = "|".join(sorted({month[:3].upper() for month in calendar("month")}))
_CAPITALS = re.compile(rf"\b(?:{_MONTHS_IN_CAPITALS})[A-Z]{{0,6}}\b")
_OCCASION = re.compile(rf"(?:{either(DATE_WORDS['occasion'])})\b")
_WEEKDAYS = "|".join(calendar("weekday"))
_LEAD = 400  # characters in which a report says of which day it is: "data showed on Nov. 17, 2025"
_SAID_ON = re.compile(rf"\b(?:said|says|showed|reported|told \w+)\son\s(?:(?:{_WEEKDAYS}),?\s)?$")
_LONGEST_OCCASION = 160  # characters of a heading that says what was held, where and when
_ON_DAY = re.compile(rf"\b(?:{_WEEKDAYS}|[Tt]oday|this (?:morning|afternoon|evening)) \(([^()\n]{{6,20}})\)")
_MIDDLE = "-15"  # of a month: years, quarters and months told from it are the same as from any day


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
        """Return the fields as plain JSON values."""
        return asdict(self)


def dates_between(text: str, start: int, end: int, today: str | None = None) -> Iterator[DateMention]:
    """Find the dates in one stretch of `text`, where `today` is the date of the article."""
    known = date.fromisoformat(today) if today else None
    after, forms = start, readers()
    for place, word in zip(*codes.words(text[start:end]), strict=True):
        if word in forms:
            first = word
        elif word[0].isdigit():
            first = f"{word[:2]}00" if len(word) >= len("2025") and word[:4].isdigit() else "0"
        else:
            first = word[:2]
        if start + place < after:
            continue
        for form, reader in forms.get(first, ()):
            found = compiled(form, reader).match(text, start + place, end)
            reading = reader(found, known) if found else None
            if found and reading is not None:
                yield DateMention(found.start(), found.end(), found[0], *reading)
                after = found.end()
                break


def dated(article: Article) -> str | None:
    r"""Return the article's own date, else the one at the head of its text.

    >>> dated(Article("Gap widens\n\nSEOUL, 5 June 2025 - Exports fell last month."))
    '2025-06-05'
    """
    return article.date or _date_at_head(article.text)


def extract_dates(source: str | Article) -> list[DateMention]:
    """Return the dates that a text mentions, in its order.

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
    r"""Return the article's date, or the middle of the month that stands on a line of its own at its head.

    >>> around(Article("Quarterly bulletin\n\nJune 2025\n\nExports fell in the first quarter."))
    '2025-06-15'
    """
    if (found := dated(article)) is not None:
        return found
    for line in _LINES.finditer(article.text, 0, min(len(article.text), _HEAD)):
        if len(line[0]) > _LONGEST or not _YEAR_ALONE.search(line[0][-4:]):
            continue
        mention = next(dates_between(article.text, line.start(), line.end()), None)
        month = _grain(mention) is Grain.MONTH
        if mention and month and mention.end == line.end() and _is_place(article.text[line.start() : mention.start]):
            return f"{mention.period}{_MIDDLE}"
    return None


def _is_place(words: str) -> bool:
    return not words or _PLACE.fullmatch(words) is not None


def _grain(mention: DateMention | None) -> Grain | None:
    return Period.parse(mention.period).grain if mention and mention.period else None


def _date_at_head(text: str) -> str | None:
    head = text[:_HEAD]
    if _CAPITALS.search(head) and len(titled := head.title()) == len(head):
        return _headed(text) or _headed(titled)  # "NOV. 17, 2025"
    return _headed(text)


def _headed(text: str) -> str | None:
    return _in_dateline(text) or _in_lead(text) or _in_brackets(text)


def _in_dateline(text: str) -> str | None:
    """Return the day of a dateline, or of the heading that says what was held and when."""
    for line in _LINES.finditer(text, 0, min(len(text), _HEAD)):
        occasion = _OCCASION.match(text, line.start()) and line.end() - line.start() <= _LONGEST_OCCASION
        stop = line.end() if occasion else min(line.end(), line.start() + _LONGEST)
        if not _YEAR_ALONE.search(text, line.start(), stop):
            continue
        for mention in dates_between(text, line.start(), stop):
            held = occasion and mention.end == line.end()
            if _is_stated_day(mention) and (held or _is_dateline(text, mention, *line.span())):
                return mention.period
    return None


def _is_stated_day(mention: DateMention) -> bool:
    return mention.basis == "stated" and _grain(mention) is Grain.DAY


def _is_dateline(text: str, mention: DateMention, start: int, end: int) -> bool:
    """Return whether what stands around a date is a dateline's: "SEOUL, 5 June 2025 - "."""
    before = text[start : mention.start].rpartition("|")[2]
    if (len(before.split()) <= _FEW or _BYLINE.fullmatch(before)) and _ENDS.match(text, mention.end, end):
        return True
    if _PLACE.fullmatch(before) and _STOP.match(text, mention.end, end):
        return True
    return before.startswith(("(", "[")) and _CLOSED.match(text, mention.end, end) is not None


def _in_lead(text: str) -> str | None:
    """Return the day of which a report says that it is: "data showed on Nov. 17, 2025"."""
    if not _YEAR_ALONE.search(text, 0, _LEAD):
        return None
    for mention in dates_between(text, 0, min(len(text), _LEAD)):
        if _is_stated_day(mention) and _SAID_ON.search(text, max(0, mention.start - _LONGEST), mention.start):
            return mention.period
    return None


def _in_brackets(text: str) -> str | None:
    """Return the day that stands behind a weekday: "Monday (Nov. 17, 2025)"."""
    day = _ON_DAY.search(text, 0, _HEAD)
    named = next(dates_between(text, *day.span(1)), None) if day else None
    return named.period if named and _grain(named) is Grain.DAY else None
