"""One product's markets: how prices and quantities answer a tariff change.

Rows are lines (importer v, exporter r) with value m at the world price. A hat is new over
old: q quantity, x log world price, tau log of the tariff factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    import numpy as np

_AIM, _MOST_ROUNDS, _NEAR_ONE = 1e-12, 20_000, 1e-9


class Elasticities(NamedTuple):
    """Demand (negative), substitution and supply (positive, may be infinite)."""

    demand: float
    substitution: float
    supply: float


@dataclass(frozen=True, slots=True)
class Market:
    """The lines of one product.

    `value` at world prices, `before` and `after` tariff factors 1 + t, `importer` and
    `exporter` group codes from 0; all of shape (n,).
    """

    value: np.ndarray
    before: np.ndarray
    after: np.ndarray
    importer: np.ndarray
    exporter: np.ndarray

    def spending(self) -> np.ndarray:
        """Give what buyers pay, tariff included, by line."""
        paid: np.ndarray = self.value * self.before
        return paid


@dataclass(frozen=True, slots=True)
class Answer:
    """What changes: quantity (new over old), world price (log), creation, by line; surplus by importer; capped lines."""

    quantity: np.ndarray
    world_price: np.ndarray
    creation: np.ndarray
    surplus: np.ndarray
    capped: np.ndarray


def exact(market: Market, e: Elasticities) -> Answer:
    """Solve CES demand and constant-elasticity supply exactly, whatever the size of the change."""
    import numpy as np

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
    return Answer(
        quantity=quantity,
        world_price=price[market.exporter],
        creation=_together(market, quantity),
        surplus=-spent * _area(index, e.demand),
        capped=np.zeros(len(tau), dtype=bool),
    )


def gsim(market: Market, e: Elasticities) -> Answer:
    """Solve the same model to first order: one linear system of world prices (Francois & Hall 2003)."""
    import numpy as np

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
    return Answer(
        quantity=quantity,
        world_price=np.log(np.maximum(1 + price, _AIM))[market.exporter],
        creation=_together(market, quantity),
        surplus=-spent * (index + e.demand * index**2 / 2),
        capped=capped,
    )


def smart(market: Market, e: Elasticities) -> Answer:
    """Add creation and diversion as WITS' SMART does (Laird & Yeats 1986, Jammes & Olarreaga 2005)."""
    import numpy as np

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
    # Harberger's triangle less the revenue gained, so that surplus and revenue add up to it
    triangle = ((market.before + market.after) / 2 - 1) * (creation + diversion)
    revenue = (market.after - 1) * market.value * quantity - (market.before - 1) * market.value
    surplus = np.bincount(market.importer, triangle - revenue)
    return Answer(quantity, np.zeros(len(tau)), creation, surplus, capped)


def _together(market: Market, quantity: np.ndarray) -> np.ndarray:
    """Give what each line would change by if all lines of its market changed in proportion."""
    import numpy as np

    total = np.bincount(market.importer, market.value * quantity) / np.bincount(market.importer, market.value)
    return np.asarray(market.value * (total[market.importer] - 1))


def _index(market: Market, buyers: np.ndarray, sigma: float) -> np.ndarray:
    """Give the log change of each importer's price index."""
    import numpy as np

    spent = market.spending()
    total = np.bincount(market.importer, spent)
    if abs(sigma - 1) < _NEAR_ONE:
        return np.asarray(np.bincount(market.importer, spent * buyers) / total)
    power = np.bincount(market.importer, spent * np.exp((1 - sigma) * buyers)) / total
    return np.asarray(np.log(power) / (1 - sigma))


def _area(index: np.ndarray, demand: float) -> np.ndarray:
    """Give the loss of consumers per unit of spending: the area left of the demand curve."""
    import numpy as np

    if abs(1 + demand) < _NEAR_ONE:
        return index
    return np.asarray(np.expm1((1 + demand) * index) / (1 + demand))


def _balanced(diversion: np.ndarray, importer: np.ndarray) -> np.ndarray:
    """Shrink the winners' gains to what the losers lose, market by market."""
    import numpy as np

    lost = -np.bincount(importer, np.minimum(diversion, 0))
    gained = np.bincount(importer, np.maximum(diversion, 0))
    shrink = np.divide(lost, gained, out=np.ones_like(lost), where=gained > 0)
    return np.where(diversion > 0, diversion * shrink[importer], diversion)
