"""Registered figures on the same thing that disagree: shown side by side, never merged."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

from toolkit.codes import table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.registry._record import Record

_WORD = re.compile(r"[^\W_]+")
_RATE = re.compile(r"\d+(?:\.\d+)?(?=\s?%)")


def conflicts(records: Iterable[Record]) -> list[tuple[Record, Record]]:
    """Give each pair of records that state one thing and disagree, both as they are.

    One thing: the same words and rates (a tariff of 15 %) in `about`, place, partner,
    product, period, unit, base, basis, price base and valuation. Disagree: no number fits both.
    """
    same = defaultdict(list)
    for record in records:
        same[_thing(record)].append(record)
    return [pair for group in same.values() for pair in combinations(group, 2) if disagree(*pair)]


def disagree(one: Record, two: Record) -> bool:
    """Tell whether no number fits both records, each to its own precision and hedge."""
    (low, high), (lower, higher) = _span(one), _span(two)
    return high < lower or higher < low


def words(text: str) -> frozenset[str]:
    """Give the words of `text` that say what it is about, small, without a plural's s.

    >>> sorted(words("the Imports of goods, 2024"))
    ['good', 'import']
    """
    found = (word for word in _WORD.findall(text.lower()) if not word.isdigit() and word not in _empty())
    return frozenset(word.removesuffix("s") if len(word) > len("gas") else word for word in found)


def _thing(record: Record) -> tuple[object, ...]:
    quantity = record.quantity
    fixed = (record.place, record.partner, record.product, record.period, record.valuation)
    rates = frozenset(_RATE.findall(record.about))
    return words(record.about), rates, *fixed, quantity.unit, quantity.of, quantity.basis, quantity.price_base


def _span(record: Record) -> tuple[Decimal, Decimal]:
    quantity = record.quantity
    half = Decimal(1).scaleb(record.precision) / 2 if record.precision is not None else Decimal(0)
    low, high = quantity.low, quantity.high
    if quantity.hedge == "about" and quantity.value is not None:
        low, high, half = quantity.value, quantity.value, max(half, abs(quantity.value) / 20)
    return (low - half if low is not None else Decimal("-Infinity")), (
        high + half if high is not None else Decimal("Infinity")
    )


@cache
def _empty() -> frozenset[str]:
    return frozenset(row["words"] for row in table("empty_words"))
