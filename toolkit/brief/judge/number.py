"""Whether a printed number agrees with the registry: unit, digits, scale, sign, hedge."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Context, Decimal
from typing import TYPE_CHECKING, NamedTuple

from toolkit import codes
from toolkit.brief.cite.styles import foreign, is_foreign, parse
from toolkit.brief.judge.printed import readings, words_of
from toolkit.errors import ToolkitError
from toolkit.quantity import Basis, Hedge, Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from toolkit.brief.cite import Cited
    from toolkit.brief.judge.printed import Printed
    from toolkit.registry import Record

__all__ = [
    "Judgement", "bounding", "ending", "fitting", "is_change", "judge", "reading_in_unit", "steps", "value_interval",
]  # fmt: skip

_TOKEN = re.compile(r"\d+(?:[.,\u00a0\u2009\u202f]\d+)*")
_STATED = Context(prec=12)  # digits of a registered value in a verdict; the trace has every digit
_ABOUT = Decimal("0.15")  # "about 100" is 92.5 to 107.5, not 50 to 150
_IN_WORDS = 2  # significant digits of "a third"
_CROWDED = "more than one number stands there; give each its own brackets"
_UNREAD = "no number can be read there; write it as expected, or leave the brackets empty"
_BELOW, _ABOVE = (Hedge.MORE_THAN, Hedge.AT_LEAST), (Hedge.LESS_THAN, Hedge.AT_MOST)
_STUCK = re.compile(
    r"[^\s“\"'(\[‘]+$|(?<!\w)[^\W\dAaI](?=\s+$)"
)  # what stands before a number without a space, or one letter
_STICKING = re.compile(r"[^\s”\"')\]’]+|\s+[^\W\dAaI](?!\w)")
_CHANGE = re.compile(rf"\b(?:{words_of('change')})\b", re.IGNORECASE)  # "decline"
_FALL = re.compile(rf"\b(?:{words_of('fall')})\s(?:of|in)\b", re.IGNORECASE)  # "decline in"
_LIMIT = re.compile(rf"\b(?:{words_of('limit')})\b", re.IGNORECASE)  # "ceiling"
_MISREAD = {"unreadable", "wrong_unit", "wrong_scale", "misrounded", "derived_wrong"}
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009", " "))


class Judgement(NamedTuple):
    """A verdict and its reason."""

    verdict: str
    reason: str


def judge(cited: Cited, text: str, style: str | None, read: Printed | None, *, alone: bool = True) -> Judgement:
    """Judge `text`, printed for `cited` and read in its sentence as `read`.

    `alone` says that no other number stands in the span. What is not English ("550 Milliarden US-Dollar") is right if
    the build would write it so.
    """
    judged = _judge(cited, text, style, read, alone=alone)
    words = " ".join(text.split())
    if judged.verdict not in _MISREAD or "sign" in judged.reason or not is_foreign(words):
        return judged
    return Judgement("ok", "as the build writes it") if _is_written(cited, words.translate(_SPACES)) else judged


def _is_written(cited: Cited, words: str) -> bool:
    """Return whether the build writes the figure with these words in another language."""
    for style in foreign():
        try:
            if words in {cited.show(style.text, hedged=hedged).translate(_SPACES) for hedged in (True, False)}:
                return True
        except ToolkitError:
            continue
    return False


def _judge(cited: Cited, text: str, style: str | None, read: Printed | None, *, alone: bool = True) -> Judgement:  # noqa: PLR0911 - one a verdict
    words = " ".join(text.split())
    form = parse(style).form if style else None
    number = form == "number"
    forms = ((None if number else style), "full", "short", *(("change",) if cited.as_change() else ()))
    as_registered = words in {cited.show(each) for each in forms}
    bare = not as_registered and words in {cited.show("number"), cited.show(style) if number else ""}
    if read is None or not (alone or as_registered or bare):
        known = as_registered or bare
        return Judgement(*(("ok", "as registered") if known else ("unreadable", _UNREAD if alone else _CROWDED)))
    read = reading_in_unit(read, cited)
    if cited.quantity.unit == "x" and read.quantity.unit == "1" and _TOKEN.fullmatch(words):  # [2.3]
        read = read._replace(quantity=replace(read.quantity, unit="x"))
    printed, registered = read.quantity, _meant(cited, read, form, turns=not as_registered)
    if as_registered:  # unless a hedge or a direction outside the brackets turns it
        like = printed.unit == registered.unit and None not in {printed.value, registered.value}
        return _turned(cited, read, registered) if like else Judgement("ok", "as registered")
    counted = read.quote.isalpha() and printed.unit == "1" and printed.value == registered.value
    if (bare or counted) and (registered.value is None or printed.unit == "1" != registered.unit):
        return Judgement("ok", "as registered, its unit elsewhere")
    if stray := _lost_sign_or_unit(text, read):
        return Judgement("unreadable", f"“{stray}” stands at the number but is not part of it")
    if printed.unit != registered.unit:
        return Judgement("wrong_unit", f"the brief has {_unit(printed)}, the registry {_unit(registered)}")
    if _base(printed) and _base(registered) and _base(printed) != _base(registered):
        return Judgement("wrong_unit", f"the brief has a share of {printed.of}, the registry of {registered.of}")
    if (printed.value is None) != (registered.value is None):
        return Judgement("misrounded", "one is an interval, the other a number")
    return _numbers(cited, read, registered)


def _meant(cited: Cited, read: Printed, form: str | None, *, turns: bool) -> Quantity:
    """Return the registered quantity in the printed unit, as a change if the span or, where it `turns`, the words say so."""
    change = None
    if form == "change" and read.quantity.unit == "%":
        change = cited.as_change()
    elif cited.is_computed and read.direction and turns:  # "30 % above" of a ratio of 1.3
        change = _as_change(cited, read)
    return change or cited.in_unit(read.quantity.unit)


def reading_in_unit(read: Printed, cited: Cited) -> Printed:
    """Return the reading of a number that has the unit of its figure; as printed, if none has."""
    wanted = cited.quantity
    for each in readings(read):
        if each is read and cited.in_unit(read.quantity.unit).unit == read.quantity.unit:
            return read
        if each.quantity.unit == wanted.unit and not _yearly(read, wanted) and _may_turn(read, cited):
            return each
    return read


def _as_change(cited: Cited, read: Printed) -> Quantity | None:
    """Return a ratio as the change that the words state, if the digits agree."""
    change = cited.as_change()
    if change is None or change.value is None or read.quantity.unit != "%" or read.quantity.value is None:
        return None
    (step,) = steps(read)
    return change if _within(abs(read.quantity.value), abs(change.value), step) else None


def _yearly(read: Printed, registered: Quantity) -> bool:
    """Return whether "a year" changes a multi-year total into an annual rate."""
    return read.quantity.unit.endswith("/year") and registered.basis in {Basis.COMMITMENT, Basis.CUMULATIVE}


def _may_turn(read: Printed, cited: Cited) -> bool:
    """Return whether "doubled" may state a figure, which must be one of a change."""
    return read.quantity.unit != "x" or any(map(is_change, cited.records))


def _lost_sign_or_unit(text: str, read: Printed) -> str:
    """Return what is attached to the number without being part of it: a lost sign, a broken unit."""
    before, found, after = text.partition(read.quote)
    if not found:
        return ""
    signs = "−–-" if (read.quantity.value or 0) < 0 else "+"
    left = _STUCK.search(before.rstrip(signs))
    right = _STICKING.match(after)
    return (left[0] if left else "") or (right[0] if right else "")


def value_interval(shown: Decimal, step: Decimal) -> tuple[Decimal, Decimal]:
    """Return the interval that printed digits imply: half a step of the last digit on each side.

    >>> [f"{end:f}" for end in value_interval(Decimal("148.2"), Decimal("0.1"))]
    ['148.15', '148.25']
    """
    return shown - step / 2, shown + step / 2


def fitting(read: Printed) -> Callable[[Quantity], bool]:
    """Return a test whether a value lies in the interval that the printed digits imply, hedge and sign apart."""
    unit, number = read.quantity.unit, read.quantity.value
    intervals = [value_interval(abs(end), step) for end, step in zip(_ends(read.quantity), steps(read), strict=True)]

    def fits(registered: Quantity) -> bool:
        if registered.unit != unit or (registered.value is None) != (number is None):
            return False
        ends = zip(_ends(registered), intervals, strict=True)
        return all(low <= abs(end) <= high for end, (low, high) in ends)

    return fits


def bounding(read: Printed) -> Callable[[Quantity], bool]:
    """Return a test whether a printed bound is true of a value and close to it: "more than a quarter" of 26.4 %."""
    return lambda registered: registered.unit == read.quantity.unit and _bound(read, registered) is not None


def ending(read: Printed) -> Callable[[Quantity], bool]:
    """Return a test whether the printed digits are one end of a range: the 0.83 of "0.83 to 0.84"."""

    def fits(registered: Quantity) -> bool:
        if registered.value is not None or registered.low is None or registered.high is None:
            return False
        fit = fitting(read)
        return any(fit(Quantity.stated(end, registered.unit)) for end in (registered.low, registered.high))

    return fits


def is_change(record: Record) -> bool:
    """Return whether a figure is about a change."""
    return _CHANGE.search(record.about) is not None


def _turned(cited: Cited, read: Printed, registered: Quantity) -> Judgement:
    return _direction(cited, read, registered) or _firmness(cited, read, registered)


def _numbers(cited: Cited, read: Printed, registered: Quantity) -> Judgement:
    for shown, true, step in _pairs(read, registered):
        if not _within(shown, true, step):
            return _bound(read, registered) or _disagreement(shown, true, step, is_computed=cited.is_computed)
    return _turned(cited, read, registered)


def _pairs(read: Printed, registered: Quantity) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
    """Yield printed number, registered number and the value of the last digit; "fell by 0.9 %" is −0.9 %."""
    for shown, true, step in zip(_ends(read.quantity), _ends(registered), steps(read), strict=True):
        turned = read.direction == "-" and true < 0 < shown
        yield -shown if turned else shown, true, step


def _within(shown: Decimal, true: Decimal, step: Decimal) -> bool:
    low, high = value_interval(shown, step)
    return low <= true <= high


def _direction(cited: Cited, read: Printed, registered: Quantity) -> Judgement | None:
    """Refuse "fell by 5 %" for a change of +5 %, and "rose by" for one of −5 %."""
    value = registered.value
    about = _about(cited)
    if not value or not read.direction or not _CHANGE.search(about) or registered.unit not in {"%", "pp", "x"}:
        return None
    rose = (value > 0) != bool(_FALL.search(about))  # a fall of 14 % fell
    if (read.quantity.value or 0) < 0 or rose == (read.direction == "+"):
        return None
    return Judgement("misrounded", f"the sign differs: the registry has {_plain(value)} {registered.unit}")


def _bound(read: Printed, registered: Quantity) -> Judgement | None:
    """Accept a bound that is true and close: "more than 90 %" of 91 %. "Nearly" is not a bound."""
    hedge, shown, true = read.quantity.hedge, read.quantity.value, registered.value
    if hedge not in (*_BELOW, *_ABOVE) or shown is None or true is None or registered.hedge is not Hedge.EXACT:
        return None
    shown, true = abs(shown), abs(true)
    gap = true - shown if hedge in _BELOW else shown - true
    digits = len(shown.normalize().as_tuple().digits)
    step = Decimal(1).scaleb(shown.adjusted() - digits + 1)
    if not _TOKEN.search(read.quote):  # "more than a quarter"
        step = max(Decimal(1), shown * _ABOUT) if read.quantity.unit == "x" else shown * _ABOUT
    return Judgement("ok", f"{_plain(true)} is {hedge.replace('_', ' ')} {_plain(shown)}") if 0 < gap < step else None


def _disagreement(shown: Decimal, true: Decimal, step: Decimal, *, is_computed: bool) -> Judgement:
    powers = true.adjusted() - shown.adjusted()
    if powers and abs(true.scaleb(-powers) - shown) <= step / 2:
        apart = f"the same digits, {abs(powers)} powers of ten apart"
        return Judgement("wrong_scale", f"{apart}; {_held(shown, true, step)}")
    if shown == -true:
        return Judgement("misrounded", f"the sign differs; {_held(shown, true, step)}")
    return Judgement("derived_wrong" if is_computed else "misrounded", _held(shown, true, step))


def _held(shown: Decimal, true: Decimal, step: Decimal) -> str:
    low, high = value_interval(shown, step)
    return f"the printed digits imply {_plain(low)} to {_plain(high)}, the registry has {_plain(true)}"


def _about(cited: Cited) -> str:
    return " ".join(record.about for record in cited.records)


def _firmness(cited: Cited, read: Printed, registered: Quantity) -> Judgement:
    """Compare the hedges; "about" before a number that the registry has exactly is a rounding."""
    printed = read.quantity.hedge
    held = "; ".join(_held(*pair) for pair in _pairs(read, registered))
    if registered.hedge is printed or (registered.hedge, printed) == (Hedge.EXACT, Hedge.ABOUT):
        return Judgement("ok", held)
    if not _TOKEN.search(read.quote) and (bound := _bound(read, registered)):
        return bound
    if printed in (*_BELOW, *_ABOVE) and _LIMIT.search(_about(cited)):
        return Judgement("ok", held)  # "the value below which parcels are free"
    return Judgement("hedge_lost", f"the source says {_words(registered.hedge)}, the brief {_words(printed)}")


def _ends(quantity: Quantity) -> list[Decimal]:
    ends = [quantity.low, quantity.high] if quantity.value is None else [quantity.value]
    return [end for end in ends if end is not None]


def steps(read: Printed) -> list[Decimal]:
    """Return the value of the last digit of each end; after "about", zeros at the end of an integer do not count."""
    tokens = _TOKEN.findall(read.quote)
    worth = []
    for at, end in enumerate(_ends(read.quantity)):
        digits = re.sub(r"\D", "", tokens[min(at, len(tokens) - 1)]).lstrip("0") if tokens else "9" * _IN_WORDS
        if read.quantity.hedge is Hedge.ABOUT and tokens and "." not in tokens[-1]:
            digits = digits.rstrip("0")
        step = Decimal(1).scaleb(end.adjusted() - max(len(digits), 1) + 1)
        if end and read.quantity.hedge is Hedge.ABOUT:
            step = min(step, abs(end) * _ABOUT) if tokens else abs(end) * _ABOUT
        worth.append(step)
    return worth


def _base(quantity: Quantity) -> set[str]:
    return {row["base"] for _, _, row in codes.find_words(quantity.of or "", "bases")}


def _plain(number: Decimal) -> str:
    return f"{_STATED.plus(number).normalize():,f}"


def _words(hedge: Hedge) -> str:
    return f"“{hedge.replace('_', ' ')}”"


def _unit(quantity: Quantity) -> str:
    return {"1": "no unit"}.get(quantity.unit, quantity.unit)
