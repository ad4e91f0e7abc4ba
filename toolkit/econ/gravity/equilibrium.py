"""Counterfactual trade: the equilibrium after trade costs have changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from toolkit.errors import SchemaError

__all__ = ["WORLD", "Equilibrium", "counterfactual", "square", "trade_square"]

WORLD = "world output"
_CLEARS, _AIM, _MOST_ROUNDS = 1e-8, 1e-13, 20_000


@dataclass(frozen=True)
class Equilibrium:
    """A counterfactual equilibrium compared with its baseline.

    Attributes
    ----------
    economies : DataFrame, shape (n, 7)
        Ratio of new to old, 1 for no change: `price` (factory gate), `price_index` (consumers),
        `output`, `expenditure`, `exports` and `imports` (abroad, in the numeraire),
        `welfare` (expenditure over price index), `real_output` (output over price index).
    trade : DataFrame, shape (n, n)
        New flows in the numeraire, exporters in rows, importers in columns.
    theta : float
        Trade elasticity, sigma - 1.
    deficits : str
        "multiplicative" (expenditure stays in proportion to output) or "additive"
        (the deficit stays in the numeraire).
    numeraire : str
        What keeps its value: world output, or the price index of an economy.
    conditional : bool
        True if output and expenditure were held fixed.
    residual : float
        Largest gap between sales and output, as a share of output.
    rounds : int
        Steps of the iteration.
    """

    economies: pd.DataFrame
    trade: pd.DataFrame = field(repr=False)
    theta: float
    deficits: str
    numeraire: str
    conditional: bool
    residual: float
    rounds: int

    def percent(self) -> pd.DataFrame:
        """Return the changes of `economies` in percent."""
        return 100 * (self.economies - 1)


class _Base(NamedTuple):
    """The baseline: flows, output, expenditure, and how deficits are closed."""

    flows: np.ndarray
    output: np.ndarray
    expenditure: np.ndarray
    deficits: str


def counterfactual(
    flows: pd.DataFrame,
    *,
    effect: str = "effect",
    theta: float,
    deficits: Literal["multiplicative", "additive"] = "multiplicative",
    numeraire: str = WORLD,
    conditional: bool = False,
) -> Equilibrium:
    """Solve for the equilibrium after trade costs have changed.

    Parameters
    ----------
    flows : DataFrame
        Columns exporter, importer, trade and `effect`: every pair once, domestic
        sales included.
    effect : str
        Column with the log of the partial effect on trade, 0 for no change: ``b * change of x``,
        or ``-theta * log(change of the trade cost)``.
    theta : float
        Trade elasticity, positive: sigma - 1.
    deficits, numeraire
        The closure; see `Equilibrium`. It does not matter where there are no deficits.
    conditional : bool
        Hold output and expenditure fixed: only multilateral resistance adjusts.

    Raises
    ------
    SchemaError
        If a pair is missing, theta or a price is not positive, or markets do not clear to 1e-8.
    """
    trade = trade_square(flows)
    shift = np.exp(square(flows, effect).to_numpy())
    _check_closure(trade, theta, deficits, numeraire)
    values = trade.to_numpy()
    base = _Base(values, values.sum(axis=1), values.sum(axis=0), deficits)
    price, rounds = (np.ones(len(trade)), 0) if conditional else _prices(base, shift, theta)
    if conditional:
        new, price, index, rounds = _conditional(base, shift, theta)
        money = spending = np.ones(len(trade))
    else:
        new, index, spending = _allocate(base, shift, price, theta)
        money = price
    residual = float(np.max(np.abs(new.sum(axis=1) / (base.output * money) - 1)))
    if not (np.isfinite(price).all() and (price > 0).all() and residual <= _CLEARS):
        raise SchemaError(
            f"no equilibrium: markets clear to {residual:.1e} only, lowest price {price.min():.3g}",
            remedy="Use smaller effects, or multiplicative deficits",
        )
    scale = 1.0 if numeraire == WORLD else 1 / float(index[list(trade.index).index(numeraire)])
    numbers = _changes(base, new * scale, (price * scale, index * scale, money * scale, spending * scale))

    return Equilibrium(
        economies=pd.DataFrame(numbers, index=trade.index.rename("economy")),
        trade=pd.DataFrame(new * scale, index=trade.index, columns=trade.columns),
        theta=theta, deficits=deficits, numeraire=numeraire, conditional=conditional,
        residual=residual, rounds=rounds,
    )  # fmt: skip


def _check_closure(trade: pd.DataFrame, theta: float, deficits: str, numeraire: str) -> None:
    if not theta > 0:
        raise SchemaError(f"theta is {theta}", remedy="Pass the trade elasticity as a positive number, sigma - 1")
    if deficits not in {"multiplicative", "additive"}:
        raise SchemaError(f"deficits {deficits!r}", remedy="Use 'multiplicative' or 'additive'")
    if numeraire != WORLD and numeraire not in trade.index:
        raise SchemaError(
            f"the numeraire {numeraire!r} is not an economy of the flows", remedy=f"Use {WORLD!r} or an exporter's name"
        )


def _allocate(
    base: _Base, shift: np.ndarray, price: np.ndarray, theta: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return flows, price indices and expenditure (new to old) at given factory-gate prices."""
    weights = (base.flows / base.expenditure) * shift * (price**-theta)[:, np.newaxis]
    total = weights.sum(axis=0)
    earned = base.output * price
    if base.deficits == "additive":
        spent = earned + (base.expenditure - base.output)
    else:  # the world spends what it earns
        spent = base.expenditure * price
        spent = spent * (earned.sum() / spent.sum())
    return weights / total * spent, total ** (-1 / theta), spent / base.expenditure


def _prices(base: _Base, shift: np.ndarray, theta: float) -> tuple[np.ndarray, int]:
    """Find factory-gate prices at which every economy sells its output; world output keeps its value."""
    price, world = np.ones(len(base.output)), base.output.sum()
    rounds = 0
    while rounds < _MOST_ROUNDS:
        rounds += 1
        new, _, spending = _allocate(base, shift, price, theta)
        ratio = new.sum(axis=1) / (base.output * price)
        if not np.isfinite(ratio).all() or (spending <= 0).any():
            raise SchemaError(
                "a price or an expenditure became zero or negative on the way to equilibrium",
                remedy="Use smaller effects, or multiplicative deficits",
            )
        if np.max(np.abs(ratio - 1)) < _AIM:
            break
        price = price * ratio ** (1 / (1 + theta))
        price = price * world / (base.output * price).sum()
    return price, rounds


def _conditional(base: _Base, shift: np.ndarray, theta: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Balance the flows to fixed output and expenditure; return flows, prices, price indices and rounds."""
    seller, weights = np.ones(len(base.output)), base.flows * shift
    rounds = 0
    while rounds < _MOST_ROUNDS:
        rounds += 1
        buyer = base.expenditure / (seller @ weights)
        new = seller[:, np.newaxis] * weights * buyer
        ratio = base.output / new.sum(axis=1)
        if np.max(np.abs(ratio - 1)) < _AIM:
            break
        seller = seller * ratio
    return new, seller ** (-1 / theta), buyer ** (1 / theta), rounds


def _changes(
    base: _Base, new: np.ndarray, ratios: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return the ratio of new to old prices, output, expenditure, foreign trade and welfare."""
    price, index, output, expenditure = ratios
    abroad = 1 - np.eye(len(new))
    with np.errstate(invalid="ignore", divide="ignore"):
        exports = (new * abroad).sum(axis=1) / (base.flows * abroad).sum(axis=1)
        imports = (new * abroad).sum(axis=0) / (base.flows * abroad).sum(axis=0)
    return {
        "price": price, "price_index": index, "output": output, "expenditure": expenditure,
        "exports": exports, "imports": imports, "welfare": expenditure / index, "real_output": output / index,
    }  # fmt: skip


def square(flows: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return `value` as a table, exporters in rows and importers in columns, in the same sorted order.

    Raises SchemaError if a column is missing, a pair occurs twice or not at all, an
    economy is on one side only, or a value is missing or infinite.
    """
    for name in ("exporter", "importer", value):
        if name not in flows.columns:
            raise SchemaError(f"the flows have no column {name!r}", remedy="Name the columns exporter, importer, trade")
    row, sellers = pd.factorize(flows["exporter"], sort=True)
    column, buyers = pd.factorize(flows["importer"], sort=True)
    if one_sided := sorted({*sellers} ^ {*buyers}):
        side = "an importer" if one_sided[0] in {*buyers} else "an exporter"
        raise SchemaError(f"{one_sided[0]} is only {side}", remedy="Include every economy as exporter and as importer")
    seen = np.bincount(row * len(sellers) + column)
    if seen.max() > 1:
        pair = divmod(int(seen.argmax()), len(sellers))
        raise SchemaError(
            f"{sellers[pair[0]]} to {buyers[pair[1]]} occurs twice", remedy="Pass one year and one sector"
        )
    cells = np.full((len(sellers), len(sellers)), np.nan)
    cells[row, column] = flows[value].to_numpy(dtype=float, na_value=np.nan)
    holes = ~np.isfinite(cells)
    if holes.any():
        first = np.argwhere(holes)[0]
        raise SchemaError(
            f"{value} of {sellers[first[0]]} to {buyers[first[1]]} is missing ({int(holes.sum())} pairs)",
            remedy="Add the pair; a pair without trade has trade 0",
        )
    names = [pd.Index(found, name=name) for found, name in ((sellers, "exporter"), (buyers, "importer"))]
    return pd.DataFrame(cells, index=names[0], columns=names[1])


def trade_square(flows: pd.DataFrame, value: str = "trade") -> pd.DataFrame:
    """Return the table of trade; no flow may be negative, every economy sells and buys, domestic sales are known."""
    table = square(flows, value)
    if (table < 0).any(axis=None):
        row, column = np.argwhere((table < 0).to_numpy())[0]
        raise SchemaError(
            f"trade of {table.index[row]} to {table.columns[column]} is negative", remedy="Correct the flow"
        )
    for side, total in (("sells", table.sum(axis=1)), ("buys", table.sum(axis=0))):
        if (total == 0).any():
            raise SchemaError(
                f"{total.index[total == 0][0]} {side} nothing", remedy="Leave that economy out on both sides"
            )
    if not np.diag(table).any():
        raise SchemaError(
            "no economy trades with itself", remedy="Add domestic sales: without them there is no equilibrium to change"
        )
    return table
