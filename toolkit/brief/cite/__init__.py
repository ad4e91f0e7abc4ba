"""What a key, or an expression of keys, means: computed anew each time, and only from like with like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.brief.cite.styles import parse, write
from toolkit.errors import NotComparable, SchemaError
from toolkit.period import Period
from toolkit.quantity import Hedge, Quantity, like_with_like, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.registry import Record, Registry

__all__ = ["Cited", "evaluate"]

_SIGNIFICANT = 3  # digits of a ratio worth reading
_READABLE = 4  # digits of a number in millions and more: US$151.6 billion, not US$151.58056 billion
_MILLION = 1_000_000
_FACTORS = {"1": Decimal(1), "x": Decimal(1), "%": Decimal("0.01")}  # units that another unit may be multiplied by
_BRIDGE = "Compare like with like, or let a notebook compute it with the bridge named"


@dataclass(frozen=True, slots=True)
class Cited:
    """A figure as a brief cites it.

    Attributes
    ----------
    figure : str
        The key or the expression.
    quantity : Quantity
    precision : int or None
        Decimal exponent of the last significant digit.
    records : tuple of Record
        What it was taken or computed from.
    """

    figure: str
    quantity: Quantity
    precision: int | None
    records: tuple[Record, ...]

    @staticmethod
    def of(record: Record) -> Cited:
        """Return the figure of one record."""
        return Cited(record.key, record.quantity, record.precision, (record,))

    @property
    def is_computed(self) -> bool:
        """Return whether the figure is an expression."""
        return " " in self.figure

    def show(self, style: str | None = None, *, hedged: bool = True) -> str:
        """Write the figure as the brief would, in one of `styles.FORMS`; its hedge only if `hedged`."""
        asked = parse(style)
        quantity = self._in_form(asked.form)
        if not hedged and quantity.hedge not in {Hedge.EXACT, Hedge.RANGE}:
            quantity = replace(quantity, hedge=Hedge.EXACT, low=quantity.value, high=quantity.value)
        precision = self._shown_precision(quantity, asked.form)
        form = "short" if asked.form == "change" else asked.form
        shown = show(quantity, form, precision=precision) if asked.is_plain else write(quantity, asked, precision)
        return f"+{shown}" if asked.form == "change" and (quantity.value or 0) > 0 else shown

    def as_change(self) -> Quantity | None:
        """Return a computed ratio as a change in percent; None for any other figure."""
        value = self._ratio
        return None if value is None else Quantity.stated((value - 1) * 100, "%", self.quantity.hedge)

    def in_unit(self, unit: str) -> Quantity:
        """Return the quantity, a computed ratio as a share where `unit` asks for it."""
        value = self._ratio
        if unit != "%" or value is None:
            return self.quantity
        return Quantity.stated(value * 100, "%", self.quantity.hedge)

    @property
    def _ratio(self) -> Decimal | None:
        return self.quantity.value if self.is_computed and self.quantity.unit == "x" else None

    def _in_form(self, form: str) -> Quantity:
        """Return the quantity in the unit that a form asks for, or refuse a form that it cannot have."""
        wanted = {"percent": "%", "times": "x", "change": "%"}.get(form)
        quantity = self.as_change() if form == "change" else self.in_unit("%") if form == "percent" else self.quantity
        if quantity is None or wanted not in {None, quantity.unit}:
            raise SchemaError(f"{self.figure} cannot be shown as={form}", remedy="Use as=full or as=short")
        return quantity

    def _shown_precision(self, quantity: Quantity, form: str) -> int | None:
        """Return the exponent of the last digit to show: fewer digits of changes and of millions."""
        value, precision = quantity.value, self.precision
        if precision is not None and quantity.unit != self.quantity.unit:
            precision += 2
        if form == "change" and value:
            precision = max(value.adjusted() - 1, precision - 1 if precision is not None else -1)
        if precision is not None and value is not None and abs(value) >= _MILLION:
            precision = max(precision, value.adjusted() - _READABLE + 1)
        return precision


def evaluate(figure: str, registry: Registry) -> Cited:
    """Return what `figure` means: a key, or keys joined by ``+ - * /`` with spaces round them.

    Raises
    ------
    UnknownCode
        If a key is not registered.
    SchemaError
        If it is not an expression.
    NotComparable
        If the operands are not like with like.
    """
    tokens = figure.split()
    operators = tokens[1::2]
    if len(tokens) % 2 == 0 or not {*operators} <= {*"+-*/"} or {*tokens[::2]} & {*"+-*/"}:
        raise SchemaError(f"{figure!r} is not an expression", remedy="Join keys by + - * / with spaces round them")
    records = [registry.resolve(key) for key in tokens[::2]]
    values = [Cited.of(each) for each in records]
    for level in ("*/", "+-"):
        values, operators = _fold(values, operators, level)
    _refuse_mixed([each for each in records if each.quantity.unit not in _FACTORS] or records)
    return Cited(" ".join(tokens), values[0].quantity, values[0].precision, tuple(records))


def _refuse_mixed(records: Sequence[Record]) -> None:
    """Refuse records that differ in valuation, in the length of their periods, or both in time and in subject."""
    valuations = {each.valuation for each in records} - {"NA"}
    periods = {each.period for each in records}
    subjects = {(each.place, each.partner, each.product) for each in records}
    lengths = {_length(period) for period in periods if period}
    for name, kinds in (("valuation", valuations), ("length of period", lengths)):
        if len(kinds) > 1:
            raise NotComparable(f"the operands differ in {name}: {', '.join(map(str, sorted(kinds)))}", remedy=_BRIDGE)
    if len(periods) > 1 and len(subjects) > 1:
        differing = ", ".join(sorted(map(str, periods)))
        raise NotComparable(f"the operands differ in period ({differing}) and in what they measure", remedy=_BRIDGE)


def _length(period: str) -> str:
    """Return how long a period is, so that 2025 and 2025-01-01/P1Y are alike."""
    when = Period.parse(period)
    return f"{when.months} months" if when.months else f"{when.days} days"


def _fold(values: list[Cited], operators: list[str], level: str) -> tuple[list[Cited], list[str]]:
    """Apply the operators of one level, from the left."""
    done, left = values[:1], []
    for operator, value in zip(operators, values[1:], strict=True):
        if operator in level:
            done[-1] = _apply(operator, done[-1], value)
        else:
            left.append(operator)
            done.append(value)
    return done, left


def _apply(operator: str, one: Cited, two: Cited) -> Cited:
    first, second = one.quantity, two.quantity
    if first.value is None or second.value is None:
        interval = show(first if first.value is None else second)
        raise NotComparable(f"{interval} is an interval, which has no single value", remedy=_BRIDGE)
    exact = first.hedge is Hedge.EXACT and second.hedge is Hedge.EXACT
    hedge = Hedge.EXACT if exact else Hedge.ABOUT
    if operator == "*":
        value, like = _scaled(first, second)
        quantity = Quantity.stated(value, like.unit, hedge, basis=like.basis, price_base=like.price_base)
        return Cited("", quantity, _ratio_precision(value, one, two), ())
    like_with_like(first, second)
    if operator == "/":
        if not second.value:
            raise SchemaError(f"{two.figure} is zero", remedy="Divide by another figure")
        value = first.value / second.value
        return Cited("", Quantity.stated(value, "x", hedge), _ratio_precision(value, one, two), ())
    value = first.value + second.value if operator == "+" else first.value - second.value
    unit = "pp" if operator == "-" and first.unit == "%" else first.unit
    quantity = Quantity.stated(value, unit, hedge, of=first.of, basis=first.basis, price_base=first.price_base)
    return Cited("", quantity, max(_precision(one), _precision(two)), ())


def _scaled(first: Quantity, second: Quantity) -> tuple[Decimal, Quantity]:
    """Return the product where one side is a plain factor, and the side that has the unit."""
    factor, like = (second, first) if second.unit in _FACTORS else (first, second)
    if factor.unit not in _FACTORS or factor.value is None or like.value is None:
        raise NotComparable(f"{first.unit} times {second.unit} is not a quantity of trade", remedy=_BRIDGE)
    return like.value * factor.value * _FACTORS[factor.unit], like


def _precision(cited: Cited) -> int:
    value = cited.quantity.value or Decimal(0)
    return value.adjusted() - _SIGNIFICANT + 1 if cited.precision is None else cited.precision


def _ratio_precision(value: Decimal, *operands: Cited) -> int:
    """Keep as many significant digits as the operand with the fewest, but no more than are worth reading."""
    digits = (each.quantity.value.adjusted() - _precision(each) + 1 for each in operands if each.quantity.value)
    return value.adjusted() - max(min([_SIGNIFICANT, *digits]), 1) + 1
