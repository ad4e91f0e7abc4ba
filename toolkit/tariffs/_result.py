"""What a tariff change does: by line, by importer, in all, with intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.tariffs._elasticity import Elasticity


@dataclass(frozen=True)
class Simulation:
    """A simulated tariff change in one or more markets.

    All money in the unit of the `value` column; rates in percent.

    Attributes
    ----------
    lines : DataFrame
        One row a line, in the order given: importer, exporter, product, value, rate_before_pct,
        rate_after_pct, then value_after (at the new world price) with its lowest and highest
        over the stated ranges (value_after_low, value_after_high), creation, diversion,
        price_effect, revenue_before, revenue_after, world_price_change_pct.
        ``value_after - value == creation + diversion + price_effect``; diversion sums to
        nothing within a market.
    importers : DataFrame
        By importer: revenue_change, consumer_surplus, welfare (their sum).
    totals : DataFrame
        Columns value, low, high; the ends are the lowest and highest over the stated
        ranges of the elasticities. Rows value_before, value_after, creation, diversion (what
        the winning sources gain), revenue_before, revenue_after, revenue_change,
        consumer_surplus, welfare, exporter_surplus.
    method : str
        "exact" (CES demand, solved), "smart" or "gsim" (first order).
    demand, substitution, supply : Elasticity
        As used, with their sources.
    rows_in, rows_used : int
        Equal: a line is used or refused.
    notes : tuple of str
        What a reader must know: rates above 100 %, lines without trade, caps that bit.
    """

    lines: pd.DataFrame = field(repr=False)
    importers: pd.DataFrame = field(repr=False)
    totals: pd.DataFrame
    method: str
    demand: Elasticity
    substitution: Elasticity
    supply: Elasticity
    rows_in: int
    rows_used: int
    notes: tuple[str, ...]
