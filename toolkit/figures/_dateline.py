"""The dates that a text mentions, read from the date that it bears at its head: "TOKYO, Aug. 20, 2025 -"."""

from __future__ import annotations

from toolkit.article import Article
from toolkit.figures import _patterns as re
from toolkit.figures._dates import DateMention, dates_between

_HEAD = 800  # characters in which a date may head a text
_LINES = re.compile(r"[^\n]+")
_YEAR = re.compile(r"(?:19|20)\d\d")
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
        if len(line[0]) > _LONGEST or not _YEAR.search(line[0][-4:]):
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
        if not _YEAR.search(text, line.start(), stop):
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
    for mention in dates_between(text, 0, min(len(text), _LEAD)) if _YEAR.search(text, 0, _LEAD) else ():
        full = mention.period and len(mention.period) == _DAYS and mention.basis == "stated"
        if full and _SAID_ON.search(text, max(0, mention.start - _LONGEST), mention.start):
            return mention.period
    if day := _ON_DAY.search(text, 0, _HEAD):
        named = next(dates_between(text, day.start(1), day.end(1)), None)
        return named.period if named and named.period and len(named.period) == _DAYS else None
    return None
