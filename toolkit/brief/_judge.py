"""Whether a printed number says what the registry holds: unit, digits, scale, hedge."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.quantity import Hedge, Quantity

if TYPE_CHECKING:
    from toolkit.brief._cited import Cited
    from toolkit.figures import Figure

_TOKEN = re.compile(r"\d+(?:[.,\u00a0\u2009\u202f]\d+)*")
_IN_WORDS = 2  # significant digits of "a third"
_CROWDED = "more than one number stands there; give each its own brackets"
_UNREAD = "no number can be read there; write it as expected, or leave the brackets empty"


def judge(cited: Cited, text: str, style: str | None, read: Figure | None, *, alone: bool = True) -> tuple[str, str]:
    """Give verdict and reason for `text`, printed for `cited` and read in its sentence as `read`.

    `alone` tells that no other number stands in the span.
    """
    as_registered = text in {cited.show(style), cited.show("full"), cited.show("short")}
    if read is None or not (alone or as_registered):
        return ("ok", "as registered") if as_registered else ("unreadable", _UNREAD if alone else _CROWDED)
    printed = read.quantity
    registered = cited.in_unit(printed.unit)
    if as_registered:  # unless a hedge outside the brackets turns it
        like = printed.unit == registered.unit and None not in {printed.value, registered.value}
        return _firmness(registered.hedge, printed.hedge) if like else ("ok", "as registered")
    if printed.unit != registered.unit:
        return "wrong_unit", f"the brief has {_unit(printed)}, the registry {_unit(registered)}"
    if (printed.value is None) != (registered.value is None):
        return "misrounded", "one is an interval, the other a number"
    for shown, true, step in zip(_ends(printed), _ends(registered), _steps(read), strict=True):
        low, high = implied(shown, step)
        if not low <= true <= high:
            return _disagreement(shown, true, step, is_computed=cited.is_computed)
    return _firmness(registered.hedge, printed.hedge)


def implied(shown: Decimal, step: Decimal) -> tuple[Decimal, Decimal]:
    """Give the values that printed digits imply: half a step of the last digit on each side.

    >>> [f"{end:f}" for end in implied(Decimal("148.2"), Decimal("0.1"))]
    ['148.15', '148.25']
    """
    return shown - step / 2, shown + step / 2


def _disagreement(shown: Decimal, true: Decimal, step: Decimal, *, is_computed: bool) -> tuple[str, str]:
    powers = true.adjusted() - shown.adjusted()
    if powers and abs(true.scaleb(-powers) - shown) <= step / 2:
        return "wrong_scale", f"the same digits, {abs(powers)} powers of ten apart"
    low, high = implied(shown, step)
    verdict = "derived_wrong" if is_computed else "misrounded"
    return verdict, f"the printed digits imply {_plain(low)} to {_plain(high)}, the registry has {_plain(true)}"


def _firmness(registered: Hedge, printed: Hedge) -> tuple[str, str]:
    """Compare the hedges; "about" a number that the registry has exactly is a rounding."""
    if registered is printed or (registered, printed) == (Hedge.EXACT, Hedge.ABOUT):
        return "ok", "the registered value rounds to it"
    return "hedge_lost", f"the source says {_words(registered)}, the brief {_words(printed)}"


def _ends(quantity: Quantity) -> list[Decimal]:
    ends = [quantity.low, quantity.high] if quantity.value is None else [quantity.value]
    return [end for end in ends if end is not None]


def _steps(read: Figure) -> list[Decimal]:
    """Give the worth of the last printed digit of each end; after "about", zeros that end an integer are no digits."""
    tokens = _TOKEN.findall(read.quote)
    steps = []
    for at, end in enumerate(_ends(read.quantity)):
        digits = re.sub(r"\D", "", tokens[min(at, len(tokens) - 1)]).lstrip("0") if tokens else "9" * _IN_WORDS
        if read.quantity.hedge is Hedge.ABOUT and tokens and "." not in tokens[-1]:
            digits = digits.rstrip("0")
        steps.append(Decimal(1).scaleb(end.adjusted() - max(len(digits), 1) + 1))
    return steps


def _plain(number: Decimal) -> str:
    return f"{number.normalize():,f}"


def _words(hedge: Hedge) -> str:
    return f"“{hedge.replace('_', ' ')}”"


def _unit(quantity: Quantity) -> str:
    return {"1": "no unit"}.get(quantity.unit, quantity.unit)
