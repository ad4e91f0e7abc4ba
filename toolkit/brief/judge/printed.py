"""A printed number with its sign and direction, and what its sentence says beside it."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from toolkit import codes, figures
from toolkit.brief.cite.styles import any_of, hedges_before
from toolkit.quantity import Hedge, Quantity
from toolkit.registry import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.brief.read.prose import Prose
    from toolkit.brief.read.source import Place
    from toolkit.figures import Figure

__all__ = [
    "NUMBER", "YEAR", "Printed", "SentenceContext", "plain", "printed", "readings", "sentence", "within", "words_of",
]  # fmt: skip


def words_of(role: str) -> str:
    """Return the part of a pattern that matches any of the words with a role in ``data/codes/brief_words.csv``.

    >>> words_of("event").split("|")[:2]
    ['conflict', 'fighting']
    """
    return any_of(row["words"] for row in codes.table("brief_words") if row["role"] == role).replace(r"\ ", r"\s")


NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SIGNED = re.compile(r"(?:^|[\s(\[|“\"])([−–-])\s?(?:[A-Z]{0,3}[$€£¥₩₹])?\s?$")
_WINDOW = 48  # characters before a number in which its sign, hedge and direction stand
_WAY = re.compile(rf"(?P<word>\w+)(?:\s(?:{words_of('between')}))*\s?[−–-]?\s?$")  # "fell by about"
_AFTER = re.compile(r",?\s(?:which\sis\s)?(?P<word>\w+)")
_FACTOR = re.compile(r"\bfactor\sof\s(?:\w+\s)?$", re.IGNORECASE)
_BY = re.compile(rf"(?P<words>(?:\w+,?\s){{2,4}})by(?:\s(?:{words_of('after by')}))?\s$")  # "fell even faster, by"
_MADE_UP = re.compile(r"\bma(?:d|k)(?:e|es|ing)\sup\s(?:\w+\s)?$")
_BARE_AMOUNT = re.compile(rf"[\d.,\s]+(?:{words_of('bare scale')})?")  # "47.4 million"
_DIGITS = r"(?P<digits>(?:\d{1,3}(?:,\d{3})+|(?:0|[1-9]\d*))(?:\.\d+)?)(?![\d.,]*\d)"  # "1,234.5"
_FAR = 200  # characters from another number, whose unit may be meant here too
_YEAR_BEHIND = re.compile(r"\s(?:in|for|during)\s((?:19|20)\d\d)(?!\d|[-–/]\d)")
_COMPARED = frozenset(words_of("compared").split("|"))
_FOLD = {"times": "x", "fold": "x", "x": "x", "×": "x", None: "1"}
_NOT_WHEN = re.compile(rf"\b(?:{words_of('not when')})\s(?:in\s|the\s(?:year\s)?)?$", re.IGNORECASE)  # "since the year"
_EVENT = rf"(?:{words_of('event')})\s(?:in|of|on|with|against)"
_ASIDE = re.compile(rf"\b(?:{words_of('aside')}|{_EVENT})\s(?:the\s)?$", re.IGNORECASE)  # "like", "the war in"
_CLAUSE = re.compile(rf"[;:—–]|,\s(?:{words_of('clause')})\s|\s(?:{words_of('clause without comma')})\s")  # ", but"


class Printed(NamedTuple):
    """A number as printed: ``text[start:end] == quote``.

    `direction` is + or − as the words have it, or empty; `year` stands directly after the number; `elided` is the unit
    of the number before it in the sentence, which may be meant here too: "24.2 million hectares, now 47.4 million".
    """

    quantity: Quantity
    quote: str
    start: int
    end: int
    direction: str
    speaker: str | None = None
    year: str | None = None
    elided: str | None = None


def printed(prose: Prose, figure: Figure) -> Printed:
    """Return a figure of the text with the sign and direction beside it."""
    start = figure.start
    first = NUMBER.search(prose.text, figure.start, figure.end)
    quantity = figure.quantity
    if quantity.unit == "1" and _FACTOR.search(prose.text[max(0, figure.start - _WINDOW) : figure.start]):
        quantity = replace(quantity, unit="x")
    if first and quantity.value and quantity.value > 0:
        before = prose.text[max(0, first.start() - _WINDOW) : first.start()]
        if sign := _SIGNED.search(before):
            quantity = Quantity.stated(-quantity.value, quantity.unit, quantity.hedge, of=quantity.of)
            start = min(start, first.start() - len(before) + sign.start(1))
    way = _direction(prose.text, start, figure.end)
    year, elided = _year(prose.text, figure.end), _elided(prose, figure)
    return Printed(quantity, figure.quote, start, figure.end, way, figure.speaker, year, elided)


def readings(read: Printed) -> Iterator[Printed]:
    """Yield a number in every unit that its words may mean, the printed one first.

    "232 bcm a year" may be the flow of one year, "47.4 million" may count what the sentence counts, and "doubled" may
    be a change of 100 %.
    """
    yield read
    quantity = read.quantity
    for unit in (quantity.unit.removesuffix("/year"), read.elided):
        if unit and unit != quantity.unit:
            yield read._replace(quantity=replace(quantity, unit=unit))
    if quantity.unit == "x" and quantity.value is not None and quantity.value > 1 and not NUMBER.search(read.quote):
        change = Quantity.stated((quantity.value - 1) * 100, "%", quantity.hedge)
        yield read._replace(quantity=change, direction="+")


def _elided(prose: Prose, figure: Figure) -> str | None:
    """Return the unit of the number before in the paragraph, for a number without one or with only a currency."""
    unit, before = figure.quantity.unit, prose.figure_before(figure.start)
    if before is None or figure.start - before.end > _FAR or "\n" in prose.text[before.end : figure.start]:
        return None
    if unit == "1" and (first := NUMBER.search(figure.quote)) and _BARE_AMOUNT.fullmatch(figure.quote[first.start() :]):
        return before.quantity.unit
    return before.quantity.unit if before.quantity.unit.startswith(f"{unit}/") else None


def within(prose: Prose, place: Place, *, single: bool) -> tuple[Printed | None, bool]:
    """Return the number in a cited span, and whether it is the only one there.

    If the span cites a `single` number, only one end of "from 20 to 25 %" is read.
    """
    start, end = place
    figure, known = prose.figure(start, end), place
    if figure and figure.quantity.value is None and single:
        inside = next(iter(figures.extract(prose.text[start:end])), None)
        figure = replace(inside, start=start + inside.start, end=start + inside.end) if inside else None
    read = printed(prose, figure) if figure else plain(prose.text, start, end)
    if read:
        known = read.start, read.end
    digits = [match.span() for match in NUMBER.finditer(prose.text, start, end)]
    return read, all((known[0] < stop and at < known[1]) or prose.is_date(at, stop) for at, stop in digits)


def plain(text: str, start: int, end: int) -> Printed | None:
    """Read a bare number or a multiple, which is a figure only where it is cited: "0.52", "1.05 times"."""
    found = _bare().search(text, start, end)
    if not found:
        return _in_words(text, start, end)
    value = Decimal(re.sub("[,'\u00a0\u202f ]", "", found["digits"]))
    exponent = next((int(row["exponent"]) for row in codes.table("scales") if row["word"] == found["scale"]), 0)
    before = text[max(0, found.start() - _WINDOW) : found.start()]
    negative = _SIGNED.search(before) is not None
    hedge = _hedges().search(before)
    quantity = Quantity.stated(
        (-value if negative else value).scaleb(exponent),
        _FOLD[found["unit"]],
        Hedge(_meaning(hedge[1]) if hedge else "exact"),
    )
    first = found.start() - len(before) + hedge.start() if hedge else found.start()
    way, year = _direction(text, first, found.end()), _year(text, found.end())
    return Printed(quantity, found[0], first, found.end(), way, None, year)


def _in_words(text: str, start: int, end: int) -> Printed | None:
    """Read a number word such as "two" if nothing else stands there."""
    words = text[start:end].strip()
    row = next((row for row in codes.table("number_words") if row["word"] == words.lower()), None)
    if row is None or not row["value"].isdigit():
        return None
    first = text.index(words, start)
    return Printed(Quantity.stated(row["value"], "1"), words, first, first + len(words), "")


def _year(text: str, end: int) -> str | None:
    found = _YEAR_BEHIND.match(text, end)
    return found[1] if found else None


def _direction(text: str, start: int, end: int) -> str:
    told = text[max(0, start - _WINDOW) : start]
    before, after = _WAY.search(told), _AFTER.match(text, end)
    if _MADE_UP.search(told):
        return ""
    if by := _BY.search(told):  # "fell even faster, by"
        signs = [sign for word in re.findall(r"\w+", by["words"].lower()) if (sign := _ways().get(word))]
        return signs[-1] if signs else ""
    if before and (sign := _ways().get(before["word"].lower())):
        return sign
    return _ways().get(after["word"].lower(), "") if after and after["word"].lower() in _COMPARED else ""


def _meaning(words: str) -> str:
    return next(row["hedge"] for row in codes.table("hedges") if row["words"] == words.lower())


@cache
def _ways() -> dict[str, str]:
    return {row["words"]: row["sign"] for row in codes.table("direction_words")}


@cache
def _hedges() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)({hedges_before()})\s?[−–-]?$", re.IGNORECASE)


@cache
def _bare() -> re.Pattern[str]:
    scales = any_of(row["word"] for row in codes.table("scales") if row["where"] == "any")
    scale, unit = rf"(?P<scale>{scales})\b", r"(?P<unit>times|fold|x|×)(?!\w)"
    return re.compile(rf"{_DIGITS}(?:[\s\u00a0-]{scale})?(?:[\s\u00a0-]?{unit})?")


class SentenceContext(NamedTuple):
    """What a sentence says beside its numbers.

    Attributes
    ----------
    text : str
    economies, asides : frozenset of str
        ISO3; `asides` are only mentioned or compared with ("like Japan").
    present : frozenset of str
        The economies that are named by themselves or by a part: Texas is in the United States.
    mentions : tuple of (int, str)
        The offset of each name of an economy.
    years, when : frozenset of str
        All years that are named; those that may state when ("in 2024", not "since 2018").
    frames : frozenset of (str, str)
        Valuation and price base: ("valuation", "CIF").
    words : frozenset of str
    products : tuple of (int, int, tuple of str)
        The place of each product that is named, and its HS codes.
    """

    text: str
    economies: frozenset[str]
    asides: frozenset[str]
    present: frozenset[str]
    mentions: tuple[tuple[int, str], ...]
    years: frozenset[str]
    when: frozenset[str]
    frames: frozenset[tuple[str, str]]
    words: frozenset[str]
    products: tuple[tuple[int, int, tuple[str, ...]], ...]

    def before_next_clause(self, at: int | None) -> frozenset[str]:
        """Return the economies named up to the end of the clause with the number at `at`."""
        end = _CLAUSE.search(self.text, at) if at is not None else None
        return frozenset(code for start, code in self.mentions if end is None or start < end.start())


def sentence(text: str, known: frozenset[str] = frozenset()) -> SentenceContext:
    """Read a sentence, its cited numbers blanked; the whole text is about the `known` economies.

    >>> sorted(sentence("Japan grew in 2024 more than since 2018").when)
    ['2024']
    """
    parts = [(start, code) for start, _, code in codes.find_economies(text, known) if code != "WLD"]
    economies = [(start, code) for start, _, code in codes.find_economies(text, known, regions=False) if code != "WLD"]
    asides = {code for start, code in economies if _ASIDE.search(text, max(0, start - 30), start)}
    years = [
        (match[0], bool(_NOT_WHEN.search(text, max(0, match.start() - 20), match.start())))
        for match in YEAR.finditer(text)
    ]
    frames = frozenset((row["field"], row["value"]) for _, _, row in codes.find_words(text, "frame_words"))
    return SentenceContext(
        text,
        frozenset(code for _, code in economies),
        frozenset(asides),
        frozenset(code for _, code in parts),
        tuple(economies),
        frozenset(year for year, _ in years),
        frozenset(year for year, other in years if not other),
        frames,
        words(text),
        tuple(codes.find_products(text)),
    )
