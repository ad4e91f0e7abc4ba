"""Recognise an uncited number that follows from nearby figures: a ratio, change, difference or sum."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

from toolkit.brief.cite import Cited, evaluate
from toolkit.brief.judge.number import fitting
from toolkit.errors import ToolkitError
from toolkit.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from toolkit.brief.judge.printed import Printed
    from toolkit.registry import Record, Registry

__all__ = ["Derived", "derive"]

_MOST = 16  # figures from which one may be computed: the nearest
_SUMMED = 5  # figures that a sum may have
_SHARES, _CHANGES = ("%", "x"), 100


class Derived(NamedTuple):
    """An expression, its value as a figure, and its kind: ratio, change, difference, sum."""

    figure: str
    cited: Cited
    kind: str


def derive(read: Printed, pool: Sequence[Record], registry: Registry) -> Iterator[Derived]:
    """Yield each expression over figures of `pool` that has the printed digits and compares like with like."""
    fits, unit = fitting(read), read.quantity.unit
    usable = [each for each in {each.key: each for each in reversed(pool)}.values() if each.quantity.value]
    for figure, kind, value in _made(usable[:_MOST], unit, compared=bool(read.direction)):
        if not fits(Quantity.stated(value, unit)):
            continue
        try:
            cited = evaluate(figure, registry)
        except ToolkitError:
            continue
        yield Derived(figure, cited, kind)


def _made(pool: list[Record], unit: str, *, compared: bool) -> Iterator[tuple[str, str, Decimal]]:
    """Yield expressions with their kind and the value that would be printed."""
    for one, two in permutations(pool, 2):
        first, second = one.quantity.value, two.quantity.value
        if first is None or second is None or one.quantity.unit != two.quantity.unit:
            continue
        if unit in _SHARES:
            factor = _CHANGES if unit == "%" else 1
            yield f"{one.key} / {two.key}", "ratio", first / second * factor
            if unit == "%" and (compared or _alike(one, two)):
                yield f"{one.key} / {two.key}", "change", (first / second - 1) * factor
        if unit == one.quantity.unit or (unit, one.quantity.unit) == ("pp", "%"):
            yield f"{one.key} - {two.key}", "difference", first - second
            if one.key < two.key and unit != "pp":
                yield f"{one.key} + {two.key}", "sum", first + second
    same = [each for each in pool if each.quantity.unit == unit]
    for count in range(3, min(len(same), _SUMMED) + 1):
        total = sum((each.quantity.value or Decimal(0) for each in same[:count]), Decimal(0))
        yield " + ".join(each.key for each in reversed(same[:count])), "sum", total


def _alike(one: Record, two: Record) -> bool:
    """Return whether two records are about the same thing, the first later than the second."""
    same = (one.place, one.partner, one.product) == (two.place, two.partner, two.product)
    return same and (one.period or "") > (two.period or "")
