"""Models of one import market, and the elasticities they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from toolkit.errors import SchemaError, UnknownCode
from toolkit.store import datasets

__all__ = [
    "Elasticities", "Elasticity", "Kind", "Market", "MarketChange", "as_elasticity", "elasticities", "elasticity",
    "exact", "gsim", "smart",
]  # fmt: skip

_AIM, _MOST_ROUNDS, _NEAR_ONE = 1e-12, 20_000, 1e-9


class Elasticities(NamedTuple):
    """Elasticities of demand (negative), substitution and supply (positive, possibly infinite)."""

    demand: float
    substitution: float
    supply: float


@dataclass(frozen=True, slots=True)
class Market:
    """The lines of one product, as arrays of shape (n,).

    `value` is at world prices, `before` and `after` are tariff factors 1 + t, `importer` and
    `exporter` are codes that count from 0.
    """

    value: np.ndarray
    before: np.ndarray
    after: np.ndarray
    importer: np.ndarray
    exporter: np.ndarray

    def spending(self) -> np.ndarray:
        """Return what buyers pay, including the tariff, by line."""
        paid: np.ndarray = self.value * self.before
        return paid


@dataclass(frozen=True, slots=True)
class MarketChange:
    """Changes by line: quantity (new to old), world price (log), creation, whether capped; surplus by importer."""

    quantity: np.ndarray
    world_price: np.ndarray
    creation: np.ndarray
    surplus: np.ndarray
    capped: np.ndarray


def exact(market: Market, e: Elasticities) -> MarketChange:
    """Solve CES demand and constant-elasticity supply exactly, for changes of any size."""
    tau = np.log(market.after / market.before)
    price = np.zeros(int(market.exporter.max()) + 1)
    for _ in range(_MOST_ROUNDS):
        buyers = price[market.exporter] + tau
        index = _index(market, buyers, e.substitution)
        quantity = np.exp(-e.substitution * buyers + (e.substitution + e.demand) * index[market.importer])
        if np.isinf(e.supply):
            break
        sold = np.bincount(market.exporter, market.value * quantity) / np.bincount(market.exporter, market.value)
        gap = np.log(sold) - e.supply * price
        if np.max(np.abs(gap)) < _AIM:
            break
        price = price + gap / (e.supply + e.substitution)
    else:
        raise SchemaError("supply and demand do not meet", remedy="Use a smaller change or larger supply elasticity")
    spent = np.bincount(market.importer, market.spending())
    return MarketChange(
        quantity=quantity,
        world_price=price[market.exporter],
        creation=_together(market, quantity),
        surplus=-spent * _area(index, e.demand),
        capped=np.zeros(len(tau), dtype=bool),
    )


def gsim(market: Market, e: Elasticities) -> MarketChange:
    """Solve the same model to first order, as one linear system of world prices (Francois & Hall 2003)."""
    tau = market.after / market.before - 1
    n, spent = int(market.exporter.max()) + 1, np.bincount(market.importer, market.spending())
    theta = market.spending() / spent[market.importer]
    weight = market.value / np.bincount(market.exporter, market.value)[market.exporter]
    pull = (e.substitution + e.demand) * weight
    shares = np.zeros((len(spent), n))
    np.add.at(shares, (market.importer, market.exporter), theta)
    pushed = np.bincount(market.importer, theta * tau)
    price: np.ndarray = np.zeros(n)
    if np.isfinite(e.supply):
        cross = np.zeros((n, n))
        np.add.at(cross, market.exporter, pull[:, np.newaxis] * shares[market.importer])
        shift = np.bincount(market.exporter, -e.substitution * weight * tau + pull * pushed[market.importer])
        price = np.linalg.solve((e.supply + e.substitution) * np.eye(n) - cross, shift)
    index = pushed + shares @ price
    buyers = price[market.exporter] + tau
    quantity = 1 - e.substitution * buyers + (e.substitution + e.demand) * index[market.importer]
    capped, quantity = quantity < 0, np.maximum(quantity, 0.0)
    return MarketChange(
        quantity=quantity,
        world_price=np.log(np.maximum(1 + price, _AIM))[market.exporter],
        creation=_together(market, quantity),
        surplus=-spent * (index + e.demand * index**2 / 2),
        capped=capped,
    )


def smart(market: Market, e: Elasticities) -> MarketChange:
    """Add up creation and diversion as SMART of WITS does (Laird & Yeats 1986, Jammes & Olarreaga 2005)."""
    tau = market.after / market.before - 1
    creation = market.value * e.demand * tau / (1 - e.demand / e.supply)
    total = np.bincount(market.importer, market.value)
    mean = np.bincount(market.importer, market.value * tau) / total
    diversion = market.value * e.substitution * (mean[market.importer] - tau)
    creation = np.maximum(creation, -market.value)
    floor = -(market.value + creation)
    capped = diversion < floor
    diversion = _balanced(np.maximum(diversion, floor), market.importer)
    quantity = 1 + (creation + diversion) / np.where(market.value > 0, market.value, 1)
    # Harberger's triangle minus the revenue gained, so that surplus and revenue add up to the triangle
    triangle = ((market.before + market.after) / 2 - 1) * (creation + diversion)
    revenue = (market.after - 1) * market.value * quantity - (market.before - 1) * market.value
    surplus = np.bincount(market.importer, triangle - revenue)
    return MarketChange(quantity, np.zeros(len(tau)), creation, surplus, capped)


def _together(market: Market, quantity: np.ndarray) -> np.ndarray:
    """Return the change of each line if all lines of its market changed in proportion."""
    total = np.bincount(market.importer, market.value * quantity) / np.bincount(market.importer, market.value)
    return np.asarray(market.value * (total[market.importer] - 1))


def _index(market: Market, buyers: np.ndarray, sigma: float) -> np.ndarray:
    """Return the log change of each importer's price index."""
    spent = market.spending()
    total = np.bincount(market.importer, spent)
    if abs(sigma - 1) < _NEAR_ONE:
        return np.asarray(np.bincount(market.importer, spent * buyers) / total)
    power = np.bincount(market.importer, spent * np.exp((1 - sigma) * buyers)) / total
    return np.asarray(np.log(power) / (1 - sigma))


def _area(index: np.ndarray, demand: float) -> np.ndarray:
    """Return the loss of consumers per unit of spending: the area to the left of the demand curve."""
    if abs(1 + demand) < _NEAR_ONE:
        return index
    return np.asarray(np.expm1((1 + demand) * index) / (1 + demand))


def _balanced(diversion: np.ndarray, importer: np.ndarray) -> np.ndarray:
    """Scale the gains down to what the others lose, market by market."""
    lost = -np.bincount(importer, np.minimum(diversion, 0))
    gained = np.bincount(importer, np.maximum(diversion, 0))
    shrink = np.divide(lost, gained, out=np.ones_like(lost), where=gained > 0)
    return np.where(diversion > 0, diversion * shrink[importer], diversion)


Kind = Literal["substitution", "demand", "supply"]
_SIGNS = {"substitution": "above 0", "demand": "below 0", "supply": "above 0"}
_REMEDY = {
    "substitution": "Pass it positive; a tariff elasticity such as ProTEE's is minus the substitution elasticity",
    "demand": "Pass it negative: imports fall when their price rises",
    "supply": "Pass it positive, or infinity for a world price that does not move",
}
_TARIFF = "tariff elasticity"  # as the table says; all else in it are substitution elasticities


@dataclass(frozen=True, slots=True)
class Elasticity:
    """An elasticity: its kind, value, range and source.

    >>> Elasticity("demand", -1.0, low=-1.5, high=-0.5, source="assumed").low
    -1.5
    """

    kind: Kind
    value: float
    low: float | None = None
    high: float | None = None
    source: str = "given by the caller"

    def __post_init__(self) -> None:
        """Refuse a wrong sign, and a value outside its own range."""
        ends = [self.value if end is None else end for end in (self.low, self.value, self.high)]
        if self.kind not in _SIGNS:
            raise SchemaError(f"no elasticity is called {self.kind!r}", remedy=f"Use {', '.join(_SIGNS)}")
        wrong = [end for end in ends if not (end < 0 if self.kind == "demand" else end > 0)]
        if wrong:
            raise SchemaError(
                f"an elasticity of {self.kind} of {wrong[0]}; it must be {_SIGNS[self.kind]}", remedy=_REMEDY[self.kind]
            )
        if ends != sorted(ends):
            raise SchemaError(f"{self.value} is outside {self.low} to {self.high}", remedy="Pass low <= value <= high")

    def points(self) -> tuple[float, ...]:
        """Return the values to try: the stated one and the ends of its range."""
        return tuple(sorted({self.value, *(end for end in (self.low, self.high) if end is not None)}))


def as_elasticity(kind: Kind, given: float | Elasticity) -> Elasticity:
    """Return `given` as an elasticity; a bare number has no range."""
    if isinstance(given, Elasticity):
        if given.kind != kind:
            raise SchemaError(
                f"expected an elasticity of {kind}, got one of {given.kind}", remedy="Pass each where it belongs"
            )
        return given
    return Elasticity(kind, float(given))


def elasticities(product: str) -> pd.DataFrame:
    """Return the substitution elasticities of a product in the embedded tables, all positive.

    The sign of ProTEE's tariff elasticities is reversed. `repeated` counts the other
    products with exactly the same value: where it is above 0, the value is the edge of
    a grid or a filler, not an estimate.

    Returns
    -------
    DataFrame
        Columns product, ref_area, value, series, note, source, repeated.
    """
    table = datasets.frame("trade_elasticities")
    known = table[table["value"] != ""].copy()
    known["value"] = pd.to_numeric(known["value"]).where(known["kind"] != _TARIFF, -pd.to_numeric(known["value"]))
    known["repeated"] = known.groupby("value")["product"].transform("nunique") - 1
    mine = known[known["product"].str.contains(rf"(?:^|\D){product.replace('.', '')}", regex=True)]
    if mine.empty:
        raise UnknownCode(f"no elasticity for product {product}", remedy="Use a heading of data/trade_elasticities.csv")
    return mine[["product", "ref_area", "value", "series", "note", "source", "repeated"]].reset_index(drop=True)


def elasticity(product: str, *, series: str | None = None) -> Elasticity:
    """Return the median substitution elasticity of a product, with its interquartile range.

    Values that repeat across products and medians of other values are left out. With
    `series`, only that series is used ("protee_trade_elasticity", "bw_sigma_hts10", ...).
    """
    table = elasticities(product)
    own = table[(table["repeated"] == 0) & ~table["series"].str.endswith("_median")]
    own = own if series is None else own[own["series"] == series]
    if own.empty:
        raise UnknownCode(
            f"no elasticity of {product} in {series}", remedy=f"Use {', '.join(table['series'].unique())}"
        )
    low, middle, high = (float(value) for value in own["value"].quantile([0.25, 0.5, 0.75]))
    names = ", ".join(own["source"].unique())
    said = f"median and interquartile range of {len(own)} lines of {product} ({names})"
    return Elasticity("substitution", middle, low=low, high=high, source=said)
