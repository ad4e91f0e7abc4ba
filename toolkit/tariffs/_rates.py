"""Average rates: what imports paid, what they would pay, and what that protects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd


def effective_rate(*, duties: float, imports: float) -> float:
    """Give duties collected over the customs value of imports, in percent.

    >>> effective_rate(duties=3.0, imports=20.0)
    15.0
    """
    if not (duties >= 0 and imports > 0):
        raise SchemaError(
            f"duties of {duties} on imports of {imports}", remedy="Pass both in one unit, imports above 0"
        )
    return 100 * duties / imports


def trade_weighted_rate(value: pd.Series, rate_pct: pd.Series) -> float:
    """Give the average of rates in percent, weighted by imports.

    A line that a tariff has stopped has no weight, so a high tariff can lower it.

    >>> import pandas as pd
    >>> trade_weighted_rate(pd.Series([3.0, 1.0]), pd.Series([2.5, 25.0]))
    8.125
    """
    if value.isna().any() or rate_pct.isna().any() or not value.index.equals(rate_pct.index):
        raise SchemaError("a value or a rate is missing", remedy="Give each line both, under one label")
    if (value < 0).any() or not (total := float(value.sum())):
        raise SchemaError("imports are negative or nothing", remedy="Pass import values above zero")
    return float((value * rate_pct).sum()) / total


def effective_protection(*, output_pct: float, input_pct: float, input_share: float) -> float:
    """Give the protection of value added in percent: ``(t - a * t_inputs) / (1 - a)`` (Corden 1966).

    `input_share` is the part of inputs in the price at free trade.

    >>> effective_protection(output_pct=15, input_pct=5, input_share=0.5)
    25.0
    """
    if not 0 <= input_share < 1:
        raise SchemaError(f"an input share of {input_share}", remedy="Pass a part of 1, below 1")
    return (output_pct - input_share * input_pct) / (1 - input_share)
