"""What a number in a text means: value or interval, unit, base, basis, hedge; exact decimals.

>>> print(Quantity.stated("1.5e9", "USD", "about"))
about US$1.5 billion
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any

from toolkit.codes import table
from toolkit.errors import NotComparable, SchemaError

__all__ = ["Basis", "Hedge", "Quantity", "currency_signs", "is_currency", "like_with_like", "scale_words", "show"]
__dir__ = __all__.copy

_LOWEST_SCALE = 6  # below a million the digits are written out
_LIKE = ("unit", "basis", "price_base", "of")


class Hedge(StrEnum):
    """How firmly the words state the number."""

    EXACT = "exact"
    ABOUT = "about"
    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    LESS_THAN = "less_than"
    AT_MOST = "at_most"
    RANGE = "range"


class Basis(StrEnum):
    """What kind of magnitude a number is; kinds are never added or divided without being asked."""

    STOCK = "stock"
    FLOW = "flow"
    CUMULATIVE = "cumulative"
    COMMITMENT = "commitment"
    RATE = "rate"
    INDEX = "index"
    UNKNOWN = "unknown"


# which ends of the interval a hedge leaves closed: (low, high)
_CLOSED = {
    Hedge.EXACT: (True, True),
    Hedge.ABOUT: (False, False),
    Hedge.MORE_THAN: (True, False),
    Hedge.AT_LEAST: (True, False),
    Hedge.LESS_THAN: (False, True),
    Hedge.AT_MOST: (False, True),
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, in base units: dollars, not billions of dollars.

    Make one with `stated` or `between`; they fill `low` and `high`.

    Attributes
    ----------
    value : Decimal or None
        As stated; None for a range, since a midpoint is never invented.
    low, high : Decimal or None
        The interval the words assert; None is an open end.
    hedge : Hedge
        EXACT unless the text hedges ("roughly", "more than").
    unit : str
        ISO 4217 currency, ``%``, ``pp``, ``x`` (multiples), a symbol
        (``t kg bbl m3 ft3 W Wh m km day month year``), ``1`` for a plain
        count, or a compound such as ``USD/t``.
    counted, of : str or None
        The noun of a count ("jobs"); the base of a share ("GDP").
    basis : Basis
        Stock, flow, commitment ...; UNKNOWN unless the words say.
    price_base : str or None
        ``current``, ``constant 2015``, or None.
    unit_certain : bool
        False where a sign such as "$" was resolved by a guess.

    Examples
    --------
    >>> print(Quantity.stated("550e9", "USD", Hedge.ABOUT))
    about US$550 billion
    >>> print(Quantity.stated(90, "%", Hedge.MORE_THAN, of="global output"))
    more than 90 % of global output
    """

    value: Decimal | None
    unit: str
    hedge: Hedge = Hedge.EXACT
    low: Decimal | None = None
    high: Decimal | None = None
    counted: str | None = None
    of: str | None = None
    basis: Basis = Basis.UNKNOWN
    price_base: str | None = None
    unit_certain: bool = True

    def __post_init__(self) -> None:
        """Refuse an interval that contradicts the hedge."""
        if self.hedge is Hedge.RANGE:
            good = self.value is None and self.low is not None and self.high is not None and self.low <= self.high
        else:
            low, high = _CLOSED[self.hedge]
            ends = (self.value if low else None, self.value if high else None)
            good = self.value is not None and (self.low, self.high) == ends
        if not good:
            raise SchemaError(
                f"value {self.value}, low {self.low}, high {self.high} do not fit the hedge {self.hedge!s}",
                remedy="Make the quantity with Quantity.stated or Quantity.between",
            )

    @classmethod
    def stated(cls, value: Decimal | int | str, unit: str, hedge: Hedge | str = Hedge.EXACT, **rest: Any) -> Quantity:
        """Return the quantity of one stated number; `rest` are further fields.

        >>> Quantity.stated("2", "%", "at_least").high is None
        True
        """
        number, hedge = _decimal(value), hedge if isinstance(hedge, Hedge) else Hedge(hedge)
        low, high = _CLOSED[hedge]
        return cls(number, unit, hedge, number if low else None, number if high else None, **rest)

    @classmethod
    def between(cls, low: Decimal | int | str, high: Decimal | int | str, unit: str, **rest: Any) -> Quantity:
        """Return the quantity of a stated range.

        >>> print(Quantity.between("1.2e9", "1.5e9", "USD"))
        US$1.2 billion to US$1.5 billion
        """
        return cls(None, unit, Hedge.RANGE, _decimal(low), _decimal(high), **rest)

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Quantity:
        """Return the quantity that `to_dict` wrote.

        >>> dollars = Quantity.stated("550e9", "USD", "about")
        >>> Quantity.from_dict(dollars.to_dict()) == dollars
        True
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(row.keys() - known):
            raise SchemaError(f"a quantity has no field {unknown[0]!r}", remedy=f"Use {', '.join(sorted(known))}")
        numbers = {name: None if row.get(name) is None else _decimal(row[name]) for name in ("value", "low", "high")}
        return cls(**{**row, **numbers, "hedge": Hedge(row["hedge"]), "basis": Basis(row.get("basis", "unknown"))})

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values, decimals as text."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    def __str__(self) -> str:
        """Return the quantity in words, hedge and base included."""
        return show(self)


def show(quantity: Quantity, style: str = "full", *, precision: int | None = None) -> str:
    """Write `quantity` as a brief would.

    Parameters
    ----------
    quantity : Quantity
    style : {"full", "short", "number", "percent", "times"}
        Hedge, number, unit and base; the same without the base; digits alone; a
        share with its sign; a multiple.
    precision : int, optional
        Decimal exponent of the last digit to print: 9 rounds to billions.

    Raises
    ------
    SchemaError
        If the style is unknown or does not fit the unit.

    Examples
    --------
    >>> pledge = Quantity.stated("550e9", "USD", "about")
    >>> show(pledge, "short"), show(pledge, "number")
    ('about US$550 billion', '550')
    >>> show(Quantity.stated("1.0316", "x"), "times", precision=-2)
    '1.03 times'
    """
    wanted = {"percent": "%", "times": "x"}.get(style)
    if style not in {"full", "short", "number"} and wanted is None:
        raise SchemaError(f"no style {style!r} for a figure", remedy="Use full, short, number, percent or times")
    if wanted not in {None, quantity.unit}:
        raise SchemaError(f"{show(quantity)!r} cannot be shown as {style!r}", remedy="Use as=full or as=short")
    ends = (quantity.low, quantity.high) if quantity.value is None else (quantity.value,)
    shown = [_amount(end, quantity, precision) for end in ends if end is not None]
    if style == "number":
        return "–".join(digits for digits, _ in shown)
    words = " to ".join(words for _, words in shown)
    base = f" of {quantity.of}" if quantity.of and style == "full" else ""
    return f"{_hedge_words().get(quantity.hedge, '')} {words}{base}".lstrip()


def is_currency(unit: str) -> bool:
    """Return whether `unit` has the form of an ISO 4217 code.

    >>> is_currency("USD"), is_currency("USD/t")
    (True, False)
    """
    return re.fullmatch("[A-Z]{3}", unit) is not None


@cache
def scale_words() -> dict[str, int]:
    """Return the words for powers of ten that figures are shown with, from the smallest.

    >>> scale_words()["billion"]
    9
    """
    return {row["word"]: int(row["exponent"]) for row in table("scales") if row["shown"]}


@cache
def currency_signs() -> dict[str, str]:
    """Return the signs that currencies are shown with, by their codes.

    >>> currency_signs()["USD"]
    'US$'
    """
    return {row["code"]: row["sign"] for row in table("currency_signs") if row["shown"]}


@cache
def _hedge_words() -> dict[str, str]:
    return {row["hedge"]: row["words"] for row in table("hedges") if row["shown"]}


@cache
def _unit_words() -> dict[str, tuple[str, str]]:
    """Return what one and many of a unit are called, where that is not its symbol."""
    named = {row["unit"]: (row["one"], row["many"]) for row in table("units") if row["many"]}
    return {"1": ("", ""), "x": ("times", "times"), **named}


def like_with_like(*quantities: Quantity) -> None:
    """Refuse quantities that must not be added, divided or compared.

    Raises
    ------
    NotComparable
        Naming the field that differs, or the basis that nobody stated.

    Examples
    --------
    >>> pledge = Quantity.stated("550e9", "USD", basis=Basis.COMMITMENT)
    >>> imports = Quantity.stated("148e9", "USD", basis=Basis.FLOW)
    >>> like_with_like(pledge, imports)
    Traceback (most recent call last):
        ...
    toolkit.errors.NotComparable: US$550 billion and US$148 billion differ in basis: commitment, flow
      -> Compare like with like, or name the bridge (years, a rate, a deflator)
    """
    first, *others = quantities
    for other in others:
        for name in _LIKE:
            one, two = getattr(first, name), getattr(other, name)
            if one != two:
                raise NotComparable(
                    f"{show(first, 'short')} and {show(other, 'short')} differ in {name}: {one}, {two}",
                    remedy="Compare like with like, or name the bridge (years, a rate, a deflator)",
                )


def _amount(number: Decimal, quantity: Quantity, precision: int | None) -> tuple[str, str]:
    """Return the digits alone, then the digits with scale and unit."""
    if precision is not None:
        number = round(number, -precision)
    scales = ((exponent, word) for word, exponent in reversed(scale_words().items()) if exponent >= _LOWEST_SCALE)
    exponent, scale = next((one for one in scales if abs(number) >= Decimal(10) ** one[0]), (0, ""))
    digits = _digits(number.scaleb(-exponent), None if precision is None else precision - exponent)
    unit = quantity.unit
    amount = f"{digits} {scale}".strip()
    if is_currency(unit):
        sign = currency_signs().get(unit, f"{unit} ")
        return digits, f"−{sign}{amount[1:]}" if amount.startswith("−") else f"{sign}{amount}"
    one, many = _unit_words().get(unit, (unit, unit))
    name = quantity.counted or (one if amount in {"1", "−1"} else many)
    return digits, f"{amount} {name}".strip()


def _digits(number: Decimal, exponent: int | None) -> str:
    """Write `number` with grouped thousands, to `exponent` or as short as it is."""
    form = "z,f" if exponent is None or exponent > 0 else f"z,.{-exponent}f"
    return format(number.normalize() if form == "z,f" else number, form).replace("-", "−")


def _decimal(number: Decimal | int | str) -> Decimal:
    try:
        return number if isinstance(number, Decimal) else Decimal(number)
    except (InvalidOperation, TypeError):
        raise SchemaError(f"{number!r} is not a number", remedy="Pass a Decimal, an int or digits as text") from None


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value) if isinstance(value, StrEnum) else value
