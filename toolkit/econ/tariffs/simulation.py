"""Simulation of a tariff change, repeated over the ranges of its elasticities."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product as combinations
from math import inf
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from toolkit.econ.tariffs.market import (
    Elasticities,
    Elasticity,
    Market,
    MarketChange,
    as_elasticity,
    exact,
    gsim,
    smart,
)
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Simulation", "simulate"]


@dataclass(frozen=True)
class Simulation:
    """A simulated tariff change in one or more markets.

    All money in the unit of the `value` column; rates in percent.

    Attributes
    ----------
    lines : DataFrame
        One row per line, in the order given: importer, exporter, product, value, rate_before_pct,
        rate_after_pct, then value_after (at the new world price) with its lowest and highest
        value over the stated ranges (value_after_low, value_after_high), creation, diversion,
        price_effect, revenue_before, revenue_after, world_price_change_pct.
        ``value_after - value == creation + diversion + price_effect``; diversion sums to
        zero within a market.
    importers : DataFrame
        By importer: revenue_change, consumer_surplus, welfare (their sum).
    totals : DataFrame
        Columns value, low, high, the last two over the stated ranges of the elasticities.
        Rows value_before, value_after, creation, diversion (what the sources that win gain),
        revenue_before, revenue_after, revenue_change, consumer_surplus, welfare, exporter_surplus.
    method : str
        "exact" (CES demand, solved), "smart" or "gsim" (first order).
    demand, substitution, supply : Elasticity
        The elasticities used, with their sources.
    rows_in, rows_used : int
        Always equal: a line that cannot be used is an error.
    notes : tuple of str
        What a reader must know: rates above 100 %, lines without trade, imports capped at zero.
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


_METHODS: dict[str, Callable[[Market, Elasticities], MarketChange]] = {"exact": exact, "smart": smart, "gsim": gsim}
_KEY = ["importer", "exporter", "product"]
_NUMBERS = ["value", "rate_before_pct", "rate_after_pct"]
_MOST_RATE, _HIGH_RATE = 1000, 100
_GIVEN = "world prices do not move (small importer)"


def simulate(
    lines: pd.DataFrame,
    *,
    demand: float | Elasticity,
    substitution: float | Elasticity,
    supply: float | Elasticity = inf,
    method: Literal["exact", "smart", "gsim"] = "exact",
    rates: Literal["percent", "fractions"] | None = None,
) -> Simulation:
    """Simulate the effect of a tariff change on trade creation, diversion, revenue and welfare.

    Goods differ by origin (Armington): buyers substitute between origins, and buy less of
    all of them when prices rise.

    Parameters
    ----------
    lines : DataFrame
        Columns exporter, value (imports at the world price), rate_before_pct, rate_after_pct;
        importer and product if there is more than one. Include every source of a market,
        also those whose tariff does not change.
    demand : float or Elasticity
        Elasticity of the demand for all imports of a product, negative.
    substitution : float or Elasticity
        Elasticity of substitution between origins, positive; ProTEE prints it with a minus sign.
    supply : float or Elasticity
        Elasticity of export supply, positive; infinity if world prices do not move.
    method : "exact", "smart", "gsim"
        The exact solution with CES demand, or the first-order formulas of SMART (Laird &
        Yeats 1986) and GSIM (Francois & Hall 2003), which are good for small changes only.
    rates : "percent" or "fractions", optional
        The unit of the rates; required if none is above 1.

    Raises
    ------
    SchemaError
        If a line is missing a number, negative or repeated, an elasticity has the wrong sign,
        rates look like fractions, or a rate is above 1000 %.
    """
    used = {
        "demand": as_elasticity("demand", demand),
        "substitution": as_elasticity("substitution", substitution),
        "supply": Elasticity("supply", inf, source=_GIVEN) if supply == inf else as_elasticity("supply", supply),
    }
    if method not in _METHODS:
        raise SchemaError(f"no method {method!r}", remedy=f"Use {', '.join(_METHODS)}")

    ready, notes = _lines(lines, rates)
    runs = [
        (choice, _run(ready, Elasticities(*choice), method))
        for choice in combinations(*(used[kind].points() for kind in ("demand", "substitution", "supply")))
    ]
    stated = tuple(used[kind].value for kind in ("demand", "substitution", "supply"))
    table, importers, capped = next(run for choice, run in runs if choice == stated)
    spread = pd.concat([lines_["value_after"] for _, (lines_, _, _) in runs], axis=1)
    table = table.assign(value_after_low=spread.min(axis=1), value_after_high=spread.max(axis=1))
    return Simulation(
        lines=table, importers=importers, totals=_totals([run[:2] for _, run in runs], (table, importers)),
        method=method, rows_in=len(lines), rows_used=len(table), notes=(*notes, *capped), **used,
    )  # fmt: skip


def _lines(lines: pd.DataFrame, rates: str | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Check the lines; return them with all columns, and notes on what is odd."""
    if lacking := [name for name in ("exporter", *_NUMBERS) if name not in lines.columns]:
        raise SchemaError(
            f"the lines have no column {lacking[0]!r}", remedy=f"Name them exporter, {', '.join(_NUMBERS)}"
        )
    ready = lines.assign(**{name: lines.get(name, "all") for name in _KEY})[[*_KEY, *_NUMBERS]].copy()
    for name in _NUMBERS:
        ready[name] = pd.to_numeric(ready[name], errors="coerce").astype(float)
        if (bad := ~np.isfinite(ready[name]) | (ready[name] < 0)).any():
            where = " ".join(map(str, ready.loc[bad, _KEY].iloc[0]))
            raise SchemaError(
                f"{name} of {where} is missing or negative", remedy="Pass a number of 0 or more for each line"
            )
    if (twice := ready.duplicated(_KEY)).any():
        raise SchemaError(
            f"{' '.join(map(str, ready.loc[twice, _KEY].iloc[0]))} occurs twice", remedy="Add them up first"
        )
    if not ready["value"].sum() > 0:
        raise SchemaError("nothing is imported", remedy="Pass import values above zero")
    both = ready[["rate_before_pct", "rate_after_pct"]].to_numpy()
    if rates == "fractions":
        ready[["rate_before_pct", "rate_after_pct"]] = both = 100 * both
    elif rates is None and 0 < both.max() <= 1:
        raise SchemaError(f"no rate is above 1 ({both.max()})", remedy="Say rates='percent' or rates='fractions'")
    if both.max() > _MOST_RATE:
        raise SchemaError(f"a rate of {both.max():g} %", remedy="Pass percent ad valorem, 15 for 15 %")
    return ready, _oddities(ready)


def _oddities(ready: pd.DataFrame) -> tuple[str, ...]:
    """Return notes on lines without trade and rates above 100 %."""
    empty = ready.loc[ready["value"] == 0, "exporter"].tolist()
    high = ready.loc[ready["rate_after_pct"] > _HIGH_RATE, "exporter"].tolist()
    notes = (
        (empty, "no imports from {}: the model cannot create a flow that is not there"),
        (high, "a rate above 100 % on {}"),
    )
    return tuple(text.format(", ".join(map(str, names))) for names, text in notes if names)


def _run(ready: pd.DataFrame, e: Elasticities, method: str) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
    """Run the model for every product; return lines, importers, and what was capped."""
    parts, surplus, capped = [], [], []
    for product, rows in ready.groupby("product", sort=False):
        alive = rows[rows["value"] > 0]
        if closed := set(rows["importer"]) - set(alive["importer"]):
            raise SchemaError(f"{closed.pop()} imports nothing of {product}", remedy="Leave that market out")
        market, names = _market(alive)
        answer = _METHODS[method](market, e)
        surplus.append(pd.Series(answer.surplus, index=names))
        parts.append(_priced(alive, market, answer, e.supply))
        capped += [f"{name}: imports cannot fall below zero" for name in alive["exporter"][answer.capped]]
    table = pd.concat([ready, pd.concat(parts).reindex(ready.index).fillna(0.0)], axis=1)
    revenue = (table["revenue_after"] - table["revenue_before"]).groupby(table["importer"]).sum()
    importers = pd.DataFrame({"revenue_change": revenue, "consumer_surplus": pd.concat(surplus).groupby(level=0).sum()})
    importers["welfare"] = importers.sum(axis=1)
    return table, importers.rename_axis("importer"), tuple(capped)


def _market(rows: pd.DataFrame) -> tuple[Market, pd.Index]:
    """Return the lines of one product as arrays, and the importers' names in the order of their codes."""
    importer, names = pd.factorize(rows["importer"])
    before, after = (1 + rows[f"rate_{when}_pct"].to_numpy(dtype=float) / 100 for when in ("before", "after"))
    exporter = pd.factorize(rows["exporter"])[0]
    return Market(rows["value"].to_numpy(dtype=float), before, after, importer, exporter), pd.Index(names)


def _priced(rows: pd.DataFrame, market: Market, answer: MarketChange, supply: float) -> pd.DataFrame:
    """Return the result of the model in money, line by line."""
    value, price = market.value, answer.world_price
    after = value * answer.quantity * np.exp(price)
    return pd.DataFrame(
        {
            "value_after": after,
            "creation": answer.creation,
            "diversion": value * (answer.quantity - 1) - answer.creation,
            "price_effect": after - value * answer.quantity,
            "revenue_before": value * (market.before - 1),
            "revenue_after": after * (market.after - 1),
            "world_price_change_pct": 100 * np.expm1(price),
            "exporter_surplus": 0.0 if supply == inf else value * np.expm1((1 + supply) * price) / (1 + supply),
        },
        index=rows.index,
    )


def _totals(runs: list[tuple[pd.DataFrame, pd.DataFrame]], stated: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    """Return each measure at the stated elasticities, and its lowest and highest value over all runs."""
    every = pd.DataFrame([_measures(*run) for run in runs])
    table = pd.DataFrame({"value": pd.Series(_measures(*stated)), "low": every.min(), "high": every.max()})
    return table.rename_axis("measure")


def _measures(lines: pd.DataFrame, importers: pd.DataFrame) -> dict[str, float]:
    names = ["value_after", "creation", "diversion", "revenue_before", "revenue_after"]
    summed = {"value_before": lines["value"]} | {name: lines[name] for name in names} | {**importers}
    summed |= {"diversion": lines["diversion"].clip(lower=0), "exporter_surplus": lines["exporter_surplus"]}
    return {name: float(values.sum()) for name, values in summed.items()}
