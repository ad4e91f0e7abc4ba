"""When a figure holds: first whether it is the news or what the news is compared with, then which date is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toolkit.codes import patterns as re
from toolkit.errors import SchemaError
from toolkit.period import Grain, Period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.figures.dates import DateMention
    from toolkit.figures.figure import Figure, Finding
    from toolkit.figures.meaning.clauses import Line

_HEDGE = r"(?:(?:a|an|the|about|around|roughly|nearly|almost|some|just|only|over|more than|initial|revised|record|of|in|its|their|that|those)\s)*"
_BASE_FIGURE = re.compile(
    rf"(?:\b(?:from|against|versus|vs\.?|than|over|after|as against|compared (?:with|to)|previously(?: reported)?(?: as| at)?|instead of)\s{_HEDGE}"
    r"(?:(?:deficit|surplus|rise|fall|drop|gain|loss|plunge|increase|decline|growth|level|total|low|high|peak)\sof\s)?)$",
    re.IGNORECASE,
)
_BASE_DATE = re.compile(
    r"\b(?:over|on|from|than|against|versus|vs\.?|above|below|compared (?:with|to)|relative to|as in|before|since|after|exceeded|beat|surpassed|unlike)\s"
    r"(?:(?:in|for|during|the|its|their|that of|those of|levels? of|early|late|mid|end|same (?:month|period|quarter|half) (?:of|in))[\s-])*$",
    re.IGNORECASE,
)
_BASE_NOUN = re.compile(r"(?:[’']s)?[\s-](?:levels?|peak|high|low|average|figure|total|record|highs|lows)\b")
_EARLIER = re.compile(
    r"[^.;:]{0,30}?\b(?:(?P<year>(?:a|one) year (?:earlier|ago|before|previously|prior)|(?:the )?(?:previous|prior|preceding) year|(?:the )?(?:year-ago|year-earlier|prior-year|same|corresponding) (?:month|quarter|period|half)(?: (?:of |in )?(?:last year|20\d\d|the (?:previous|prior) year|a year (?:earlier|ago|before)))?)"
    r"|(?P<month>(?:a|the) (?:previous |prior |preceding )?month(?: (?:earlier|ago|before|prior))?)"
    r"|(?P<quarter>(?:a|the) (?:previous |prior |preceding )?quarter(?: (?:earlier|ago|before|prior))?|three months (?:earlier|ago|before)))\b"
)
_BESIDE = re.compile(
    r"[\s,(]*(?:(?:a year|units|each|there|here|on-year|year-on-year|of (?:goods|exports|imports|trade)|worth)\s)?"
    r"(?:(?:in|for|during|by|of|at|on|the|end|late|early|mid|fiscal|as|year|month|quarter|from|over|through|throughout)[\s-]){0,5}"
)
_ACT = re.compile(
    r"\b(?:said|told|agreed|signed|announced|struck|showed|published|unveiled|offered|imposed|introduced|paused|reported|released|met|began|opened|wrote|expire[sd]?|voted|approved|took office)\s"
    r"(?:\w+\s){0,3}?(?:in|on|this|earlier|late|last)?\s?$",
    re.IGNORECASE,
)
_OPEN_BRACKET = re.compile(
    r"\($|\((?:about|some|or|up|down|around|roughly|a|an|rise of|increase of|drop of|fall of|\s)+$"
)
_PRESENT = re.compile(
    r"\b(?:is|are|has|have|remains?|accounts? for|represents?|faces?|stands? at|makes?|supplies|imports|exports|takes?|buys?|sells?|employs?)\s[^,;]*$"
)
_FUTURE = {"expected", "pledged", "target"}
_FAR = 4  # sentences over which a report goes on


class When(NamedTuple):
    """A period and the rule that gave it."""

    period: str | None
    rule: str


_SILENT = When(None, "")


def when(line: Line, finding: Finding, before: Sequence[Figure], status: str, *, lasting: bool, flow: bool) -> When:
    """Return the period of a figure; `lasting` figures, such as tariffs, have only the date of their own clause."""
    dates = [date for date in line.dates if date.period]
    if is_base(line, finding):
        return _of_a_base(line, finding, dates, before)
    current = [date for date in dates if not _is_base_date(line, date, finding) and not _is_act(line, date)]
    day = finding.kind == "price"
    current = [date for date in current if day or not _is_day(date) or _beside(line, finding.end, date.start)]
    if date := _own(line, finding, current):
        return When(date.period, "the date beside it")
    for start, end in line.chain(finding.start):
        within = [date for date in current if start <= date.start < end and not _taken(line, date, finding)]
        if len({date.period for date in within}) == 1:
            return When(within[0].period, "the date of its clause")
        if within:
            earlier = [date for date in within if date.end <= finding.start]
            return When(earlier[-1].period, "the nearest date before it") if earlier else _SILENT
        if lasting:
            return _SILENT
    if len({date.period for date in current}) == 1 and not _taken(line, current[0], finding):
        return When(current[0].period, "the only date of its sentence")
    if current or lasting:
        return _SILENT
    return _goes_on(line, finding, before, status, flow=flow)


def is_base(line: Line, finding: Finding) -> bool:
    """Return whether a figure is what another one is compared with: "against $20 billion in May", "from 25 %"."""
    last = max((end for _, end in line.figures if end <= finding.start), default=line.start)
    text = line.text[max(last, line.start, finding.start - 60) : finding.start]
    if _BASE_FIGURE.search(text):
        rest = line.text[finding.end : finding.end + 25]
        return not (text.rstrip().lower().endswith("over") and finding.kind != "money") or bool(rest)
    bracket = _OPEN_BRACKET.search(text)
    if bracket is None:
        return False
    head = (
        max(last, line.start) + bracket.start() if last > finding.start - 60 else finding.start - 60 + bracket.start()
    )
    dates = [
        date for date in line.dates if date.end <= finding.start and line.text[date.end : finding.start].strip() == "("
    ]
    del head
    return bool(dates) and _is_base_date(line, dates[-1], finding)


def _of_a_base(line: Line, finding: Finding, dates: Sequence[DateMention], before: Sequence[Figure]) -> When:
    inside = [
        date for date in dates if date.end <= finding.start and line.text[date.end : finding.start].strip() == "("
    ]
    if inside:
        return When(inside[-1].period, "the date of its comparison")
    following = min((start for start, _ in line.figures if start >= finding.end), default=line.end)
    beside = [
        date for date in dates if finding.end <= date.start < following and _beside(line, finding.end, date.start)
    ]
    if beside:
        return When(beside[0].period, "the date of its comparison")
    found = _EARLIER.match(line.text, finding.end, min(line.end, following))
    last = next((one for one in reversed(before[-3:]) if one.start >= line.floor and one.period), None)
    if found and last and last.period:
        moved = _shifted(last.period, found)
        return When(moved, "earlier than the figure before it") if moved else _SILENT
    based = {date.period for date in dates if _is_base_date(line, date, finding)}
    return When(based.pop(), "the only base of its sentence") if len(based) == 1 else _SILENT


def _shifted(period: str, found: re.Match[str]) -> str | None:
    try:
        when = Period.parse(period)
        if found["year"]:
            return str(when.shift(-1, Grain.YEAR)) if when.grain is not Grain.DAY else None
        months = 1 if found["month"] else 3
        return str(when.shift(-1)) if when.months == months else None
    except (SchemaError, ValueError, OverflowError):
        return None


def _is_base_date(line: Line, date: DateMention, finding: Finding) -> bool:
    """Return whether a date is one that the news is compared with."""
    head = line.text[max(line.start, date.start - 45) : date.start]
    if _BASE_NOUN.match(line.text, date.end, line.end):
        return True
    found = _BASE_DATE.search(head)
    if found is None:
        return False
    word = found[0].split()[0].lower()
    if word in {"on", "over", "from", "after", "since", "before"}:
        return _follows_a_change(line, date.start - len(found[0]), finding)
    return True


_CHANGED = re.compile(
    r"(?:up|down|rise|rose|fell|fall|grew|gain\w*|drop\w*|increase\w*|decrease\w*|decline\w*|jump\w*|higher|lower|more|less|growth|climb\w*|change\w*|compared)\b"
)


def _follows_a_change(line: Line, position: int, finding: Finding) -> bool:
    del finding
    last = max((start for start, end in line.figures if end <= position + 1), default=None)
    if last is None:
        return False
    end = next(stop for start, stop in line.figures if start == last)
    between = line.text[end : position + 1]
    head = line.text[max(line.start, last - 40) : last]
    near = len(between) <= 25 and not re.search(r"[,;:]", between)
    return (
        near
        and bool(_CHANGED.search(head) or _CHANGED.search(between))
        and line.text[last:end].rstrip().endswith(("%", "percent", "per cent", "pct", "points"))
    )


def _is_act(line: Line, date: DateMention) -> bool:
    return _ACT.search(line.text, max(line.start, date.start - 40), date.start) is not None


def _is_day(date: DateMention) -> bool:
    return date.quote[-3:] == "day" or (date.period is not None and Period.parse(date.period).grain is Grain.DAY)


def _own(line: Line, finding: Finding, current: Sequence[DateMention]) -> DateMention | None:
    following = min((start for start, _ in line.figures if start >= finding.end), default=line.end)
    return next(
        (date for date in current if finding.end <= date.start < following and _beside(line, finding.end, date.start)),
        None,
    )


def _beside(line: Line, start: int, end: int) -> bool:
    return start <= end and _BESIDE.fullmatch(line.text, start, end) is not None


def _taken(line: Line, date: DateMention, finding: Finding) -> bool:
    """Return whether a date stands beside another figure, and so is that one's."""
    for start, end in line.figures:
        if start == finding.start or end > date.start or not _beside(line, end, date.start):
            continue
        joined = line.text[finding.end : start] if finding.end <= start else ""
        if joined and len(joined) < 40 and not re.search(r"[;:]|\b(?:and|while|but|from|against)\b", joined):
            continue  # "rose 5 % to $3 billion in May": both are of May
        return True
    return False


def _goes_on(line: Line, finding: Finding, before: Sequence[Figure], status: str, *, flow: bool) -> When:
    """Return the period of the figures before, where the text goes on telling of the same time."""
    if status in _FUTURE:
        return _SILENT
    same = [one for one in before if one.start >= line.start and one.period and not _was_base(line, one)]
    if same:
        return When(same[-1].period, "the figure before it in its sentence")
    if not flow:
        return _SILENT
    floor = line.story.sentences[max(line.index - _FAR, 0)].start
    told = [one for one in before if floor <= one.start < line.start and one.status == "reported" and one.period]
    periods = {one.period for one in told[-4:]}
    if told and len(periods) == 1 and not _PRESENT.search(line.text, line.start, finding.start):
        return When(told[-1].period, "the sentences before it")
    return _SILENT


def _was_base(line: Line, one: Figure) -> bool:
    return _BASE_FIGURE.search(line.text[max(line.start, one.start - 60) : one.start]) is not None
