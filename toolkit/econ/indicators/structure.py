"""Indicators of the structure of trade: advantage, complexity, similarity, intensity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.econ.indicators.flows import shares
from toolkit.errors import SchemaError

__all__ = [
    "Complexity", "balassa", "complementarity", "complexity", "finger_kreinin", "grubel_lloyd", "intra_industry",
    "matrix", "michaely", "proximity", "symmetric", "trade_intensity",
]  # fmt: skip


def matrix(
    flows: pd.DataFrame, *, economy: str = "country", product: str = "product", value: str = "value"
) -> pd.DataFrame:
    """Return exports as a table, economies in rows and products in columns; a pair without a row is 0.

    Raises SchemaError if a pair occurs twice, or a value is missing or negative.

    >>> import pandas as pd
    >>> flows = pd.DataFrame({"country": ["JPN", "AUS"], "product": ["8703", "2601"], "value": [5.0, 3.0]})
    >>> matrix(flows).loc["JPN"].to_dict()
    {'2601': 0.0, '8703': 5.0}
    """
    if lacking := [name for name in (economy, product, value) if name not in flows.columns]:
        raise SchemaError(f"the flows have no column {lacking[0]!r}", remedy="Name the columns in the call")
    if (twice := flows.duplicated([economy, product])).any():
        pair = flows.loc[twice, [economy, product]].iloc[0].tolist()
        raise SchemaError(f"{pair[0]} and {pair[1]} occur twice", remedy="Pass one flow, year and classification")
    if (hole := flows[[economy, product, value]].isna().any(axis=1)).any():
        raise SchemaError(f"row {flows.index[hole][0]!r} has a missing value", remedy="Leave that row out, and say so")
    return _amounts(flows.pivot_table(index=economy, columns=product, values=value, fill_value=0.0).astype(float))


def balassa(exports: pd.DataFrame) -> pd.DataFrame:
    """Return Balassa's index: the share of a product in an economy's exports over its share in world exports.

    ``(X_cp / X_c) / (X_p / X)`` (Balassa 1965); above 1 is a revealed advantage.

    Parameters
    ----------
    exports : DataFrame, shape (economies, products)
        Values, none missing or negative; no row or column may add up to zero.

    Examples
    --------
    >>> import pandas as pd
    >>> balassa(pd.DataFrame({"cars": [3.0, 1.0], "ore": [1.0, 3.0]}, index=["JPN", "AUS"]))["cars"].to_dict()
    {'JPN': 1.5, 'AUS': 0.5}
    """
    _amounts(exports)
    by_economy, by_product = exports.sum(axis=1), exports.sum(axis=0)
    for totals in (by_economy, by_product):
        if (totals == 0).any():
            raise SchemaError(
                f"{totals.index[totals == 0][0]} has no exports", remedy="Leave out its row or column first"
            )
    return exports.div(by_economy, axis=0).div(by_product / by_product.sum(), axis=1)


def symmetric(index: pd.DataFrame | pd.Series) -> pd.DataFrame | pd.Series:
    """Return Balassa's index on a scale from -1 to below 1: ``(b - 1) / (b + 1)`` (Dalum, Laursen & Villumsen 1998).

    >>> import pandas as pd
    >>> symmetric(pd.Series([0.0, 1.0, 3.0])).to_list()
    [-1.0, 0.0, 0.5]
    """
    return (index - 1) / (index + 1)


def michaely(exports: pd.Series, imports: pd.Series) -> pd.Series:
    """Return Michaely's index by product, in [-1, 1]: share in exports minus share in imports (Michaely 1962).

    A product that one side lacks counts as 0 there.

    >>> import pandas as pd
    >>> michaely(pd.Series({"cars": 3.0, "rice": 1.0}), pd.Series({"cars": 1.0, "oil": 1.0})).to_dict()
    {'cars': 0.25, 'oil': -0.5, 'rice': 0.25}
    """
    return shares(exports).sub(shares(imports), fill_value=0.0).sort_index()


def _amounts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table, or refuse it if a value is missing or negative, naming the cell."""
    cells = table.to_numpy(dtype=float)
    for what, bad in (("missing", ~np.isfinite(cells)), ("negative", cells < 0)):
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise SchemaError(
                f"the value of {table.index[row]} and {table.columns[column]} is {what}",
                remedy="Correct it; where there is no trade, write 0",
            )
    return table


_NO_SIGN = 1e-9  # of a vector of length 1


@dataclass(frozen=True)
class Complexity:
    """Economic complexity of economies and products, and what was too small to be ranked.

    Attributes
    ----------
    economies, products : Series
        The index, with mean 0 and standard deviation 1.
    diversity, ubiquity : Series
        Number of products in which an economy has an advantage; number of economies with one in a product.
    dropped : Series
        Economies and products left out, with the reason.
    """

    economies: pd.Series
    products: pd.Series
    diversity: pd.Series
    ubiquity: pd.Series
    dropped: pd.Series


def complexity(exports: pd.DataFrame, *, least_exports: float = 0.0, least_world: float = 0.0) -> Complexity:
    """Return the economic complexity of economies and products.

    The second eigenvector of ``D^-1 M U^-1 M'``, where M is 1 if Balassa's index is 1 or
    more, D is the diversity and U the ubiquity (Hausmann, Hidalgo et al. 2011). Its sign is
    chosen to agree with diversity.

    Parameters
    ----------
    exports : DataFrame, shape (economies, products)
        Values, none missing or negative.
    least_exports, least_world : float
        Economies and products with smaller total exports are left out: otherwise islands
        with two exports head the list.
    """
    kept, dropped = _large(exports, least_exports, least_world)
    has = (balassa(kept) >= 1).astype(float)
    diversity, ubiquity = has.sum(axis=1), has.sum(axis=0)
    if (ubiquity == 0).any() or (diversity == 0).any() or min(has.shape) < 3:  # noqa: PLR2004 (no second dimension)
        raise SchemaError(
            f"{has.shape[0]} economies and {has.shape[1]} products do not give a ranking",
            remedy="Lower the size filter",
        )
    links = has.to_numpy()
    step = (links / diversity.to_numpy()[:, np.newaxis]) @ (links / ubiquity.to_numpy()).T
    vector = _second(step)
    along = float(vector @ (diversity - diversity.mean()))
    if abs(along) < _NO_SIGN:
        raise SchemaError(
            "the index does not vary with diversity, so neither end of it is the complex one",
            remedy="Use other economies or products",
        )
    vector = vector * np.sign(along)
    economies = pd.Series((vector - vector.mean()) / vector.std(), index=kept.index)
    across = (links / ubiquity.to_numpy()).T @ economies.to_numpy()
    products = pd.Series((across - across.mean()) / across.std(), index=kept.columns)
    return Complexity(economies, products, diversity.astype(int), ubiquity.astype(int), dropped)


def proximity(exports: pd.DataFrame) -> pd.DataFrame:
    """Return the proximity of each two products, in [0, 1] (Hidalgo et al. 2007).

    The smaller of the two conditional probabilities of an advantage in one product given
    one in the other: ``sum_c M_ci M_cj / max(U_i, U_j)``.
    """
    links = (balassa(exports) >= 1).to_numpy(dtype=float)
    ubiquity = links.sum(axis=0)
    together = links.T @ links
    near = together / np.maximum.outer(ubiquity, ubiquity)
    return pd.DataFrame(near, index=exports.columns, columns=exports.columns)


def _large(exports: pd.DataFrame, least_exports: float, least_world: float) -> tuple[pd.DataFrame, pd.Series]:
    """Leave out what is small until nothing small is left; return the rest, and what was left out with the reason."""
    reasons: dict[object, str] = {}
    while True:
        sold, world = exports.sum(axis=1), exports.sum(axis=0)
        small = sold.index[(sold < least_exports) | (sold == 0)]
        rare = world.index[(world < least_world) | (world == 0)]
        if not len(small) and not len(rare):
            return exports, pd.Series(reasons, dtype=object)
        reasons |= dict.fromkeys(small, f"exports below {least_exports:g}")
        reasons |= dict.fromkeys(rare, f"world exports below {least_world:g}")
        exports = exports.drop(index=small, columns=rare)


def _second(step: np.ndarray) -> np.ndarray:
    """Return the eigenvector of the second largest eigenvalue of a stochastic matrix."""
    values, vectors = np.linalg.eig(step)
    order = np.argsort(-values.real)
    if np.isclose(values.real[order[1]], 1):
        raise SchemaError("some economies share no product with the rest", remedy="Raise the size filter")
    second: np.ndarray = vectors[:, order[1]].real
    return second


def grubel_lloyd(exports: pd.Series, imports: pd.Series) -> pd.Series:
    """Return intra-industry trade by product, in [0, 1]: ``1 - |X - M| / (X + M)`` (Grubel & Lloyd 1975).

    A product that one side lacks counts as 0 there; one that neither trades is an error.

    >>> import pandas as pd
    >>> grubel_lloyd(pd.Series({"cars": 4.0, "rice": 1.0}), pd.Series({"cars": 4.0})).to_dict()
    {'cars': 1.0, 'rice': 0.0}
    """
    both = _pair(exports, imports)
    total = both["a"] + both["b"]
    if (total == 0).any():
        raise SchemaError(f"{total.index[total == 0][0]} is not traded", remedy="Leave that product out")
    return 2 * both.min(axis="columns") / total  # the same formula, but rounding cannot take it beyond [0, 1]


def intra_industry(exports: pd.Series, imports: pd.Series) -> float:
    """Return the trade-weighted Grubel-Lloyd index of all products, in [0, 1].

    ``1 - sum|X - M| / sum(X + M)``, not adjusted for the overall imbalance, which lowers it.

    >>> import pandas as pd
    >>> intra_industry(pd.Series({"cars": 3.0}), pd.Series({"cars": 1.0}))
    0.5
    """
    both = _pair(exports, imports)
    if not (total := float((both["a"] + both["b"]).sum())):
        raise SchemaError("nothing is traded", remedy="Pass at least one flow")
    return 2 * float(both.min(axis="columns").sum()) / total


def finger_kreinin(first: pd.Series, second: pd.Series) -> float:
    """Return the similarity of two export patterns, in [0, 1] (Finger & Kreinin 1979).

    ``sum(min(s1, s2))`` over the shares.

    >>> import pandas as pd
    >>> finger_kreinin(pd.Series({"cars": 1.0, "ore": 1.0}), pd.Series({"cars": 1.0}))
    0.5
    """
    both = _pair(shares(first), shares(second))
    return min(float(both.min(axis=1).sum()), 1.0)


def complementarity(exports: pd.Series, imports: pd.Series) -> float:
    """Return the complementarity of one economy's exports with another's imports, in [0, 1] (Michaely 1996).

    ``1 - sum|m - x| / 2`` over product shares of the importer's total imports and the
    exporter's total exports.

    >>> import pandas as pd
    >>> complementarity(pd.Series({"cars": 1.0, "ore": 1.0}), pd.Series({"cars": 1.0}))
    0.5
    """
    both = _pair(shares(exports), shares(imports))
    return max(1 - float((both["a"] - both["b"]).abs().sum()) / 2, 0.0)


def trade_intensity(*, flow: float, exports: float, imports: float, world: float, own_imports: float = 0.0) -> float:
    """Return the share of a partner in an economy's exports over its share in world imports.

    ``(X_ij / X_i) / (M_j / (M_world - M_i))`` (Kojima 1964).

    Parameters
    ----------
    flow : float
        Exports of i to j.
    exports, own_imports : float
        Total exports and total imports of i; with `own_imports` 0, i is not taken out of the world.
    imports, world : float
        Total imports of j and of the world.

    Examples
    --------
    >>> trade_intensity(flow=20, exports=100, imports=150, world=1600, own_imports=100)
    2.0
    """
    if not (0 <= flow <= min(exports, imports) and imports <= world - own_imports and min(exports, imports) > 0):
        raise SchemaError(
            f"a flow of {flow} does not fit exports {exports}, imports {imports}, world {world - own_imports}",
            remedy="Use one unit, one valuation and one period throughout",
        )
    return (flow / exports) / (imports / (world - own_imports))


def _pair(first: pd.Series, second: pd.Series) -> pd.DataFrame:
    """Return two series as columns `a` and `b`, 0 where one lacks a label; refuse missing and negative values."""
    for values in (first, second):
        if values.index.has_duplicates:
            raise SchemaError(f"{values.index[values.index.duplicated()][0]} occurs twice", remedy="Add them up first")
        if (bad := values.isna() | (values < 0)).any():
            raise SchemaError(
                f"the value of {values.index[bad][0]} is missing or negative", remedy="Leave that row out, and say so"
            )
    return pd.concat({"a": first, "b": second}, axis=1).fillna(0.0).sort_index()
