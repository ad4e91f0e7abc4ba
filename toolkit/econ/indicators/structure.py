"""How two trade patterns fit: overlap, similarity, complementarity, intensity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.econ.indicators.flows import shares
from toolkit.errors import SchemaError


def matrix(
    flows: pd.DataFrame, *, economy: str = "country", product: str = "product", value: str = "value"
) -> pd.DataFrame:
    """Return exports as a table, economies down and products across; a pair without a row sold nothing.

    Raises SchemaError on a pair that occurs twice, a missing value or a negative one.

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
        raise SchemaError(f"row {flows.index[hole][0]!r} has a hole", remedy="Leave that row out, and say so")
    return _amounts(flows.pivot_table(index=economy, columns=product, values=value, fill_value=0.0).astype(float))


def balassa(exports: pd.DataFrame) -> pd.DataFrame:
    """Return Balassa's index: an economy's share of a product in its exports over the world's share.

    ``(X_cp / X_c) / (X_p / X)`` (Balassa 1965); above 1 is an advantage.

    Parameters
    ----------
    exports : DataFrame, shape (economies, products)
        Values, none missing or negative; every row and column sums above zero.

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
    """Return Michaely's index by product, in [-1, 1]: share in exports less share in imports (Michaely 1962).

    A product that one side lacks counts there as nothing.

    >>> import pandas as pd
    >>> michaely(pd.Series({"cars": 3.0, "rice": 1.0}), pd.Series({"cars": 1.0, "oil": 1.0})).to_dict()
    {'cars': 0.25, 'oil': -0.5, 'rice': 0.25}
    """
    return shares(exports).sub(shares(imports), fill_value=0.0).sort_index()


def _amounts(table: pd.DataFrame) -> pd.DataFrame:
    """Refuse a table with a hole or a negative in it, naming the cell."""
    cells = table.to_numpy(dtype=float)
    for what, bad in (("missing", ~np.isfinite(cells)), ("negative", cells < 0)):
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise SchemaError(
                f"the value of {table.index[row]} and {table.columns[column]} is {what}",
                remedy="Correct it; no trade is 0",
            )
    return table


ADVANTAGE = 1.0


@dataclass(frozen=True)
class Complexity:
    """The two indices, and what was too small to be ranked.

    Attributes
    ----------
    economies, products : Series
        Index of complexity, mean 0 and standard deviation 1 over what was used.
    diversity, ubiquity : Series
        How many products an economy has an advantage in; how many economies a product.
    dropped : Series
        Reason by label, of economies and products left out.
    """

    economies: pd.Series
    products: pd.Series
    diversity: pd.Series
    ubiquity: pd.Series
    dropped: pd.Series


def complexity(exports: pd.DataFrame, *, least_exports: float = 0.0, least_world: float = 0.0) -> Complexity:
    """Return the economic complexity of economies and products.

    The second eigenvector of ``D^-1 M U^-1 M'``, with M = 1 where Balassa's index is
    1 or more, D the diversity and U the ubiquity (Hausmann, Hidalgo et al. 2011);
    positive with diversity.

    Parameters
    ----------
    exports : DataFrame, shape (economies, products)
        Values, none missing or negative.
    least_exports, least_world : float
        Economies that sell less in all, and products the world sells less of, are
        left out: without it islands with two exports head the list.
    """
    kept, dropped = _large(exports, least_exports, least_world)
    has = (balassa(kept) >= ADVANTAGE).astype(float)
    diversity, ubiquity = has.sum(axis=1), has.sum(axis=0)
    if (ubiquity == 0).any() or (diversity == 0).any() or min(has.shape) < 3:  # noqa: PLR2004 (no second dimension)
        raise SchemaError(
            f"{has.shape[0]} economies and {has.shape[1]} products do not give a ranking",
            remedy="Lower the size filter",
        )
    links = has.to_numpy()
    step = (links / diversity.to_numpy()[:, np.newaxis]) @ (links / ubiquity.to_numpy()).T
    vector = _second(step)
    vector = vector * np.sign(np.corrcoef(vector, diversity)[0, 1])
    economies = pd.Series((vector - vector.mean()) / vector.std(), index=kept.index)
    across = (links / ubiquity.to_numpy()).T @ economies.to_numpy()
    products = pd.Series((across - across.mean()) / across.std(), index=kept.columns)
    return Complexity(economies, products, diversity.astype(int), ubiquity.astype(int), dropped)


def proximity(exports: pd.DataFrame) -> pd.DataFrame:
    """Return how often two products are sold together, in [0, 1], 1 with itself (Hidalgo et al. 2007).

    The smaller of the two conditional probabilities of an advantage in one, given one
    in the other: ``sum_c M_ci M_cj / max(U_i, U_j)``.
    """
    links = (balassa(exports) >= ADVANTAGE).to_numpy(dtype=float)
    ubiquity = links.sum(axis=0)
    together = links.T @ links
    near = together / np.maximum.outer(ubiquity, ubiquity)
    return pd.DataFrame(near, index=exports.columns, columns=exports.columns)


def _large(exports: pd.DataFrame, least_exports: float, least_world: float) -> tuple[pd.DataFrame, pd.Series]:
    """Leave out the small until all that is left is large; name what goes."""
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

    A product that one side lacks counts there as nothing; one that both lack is an error.

    >>> import pandas as pd
    >>> grubel_lloyd(pd.Series({"cars": 4.0, "rice": 1.0}), pd.Series({"cars": 4.0})).to_dict()
    {'cars': 1.0, 'rice': 0.0}
    """
    both = _pair(exports, imports)
    total = both["a"] + both["b"]
    if (total == 0).any():
        raise SchemaError(f"{total.index[total == 0][0]} is not traded", remedy="Leave that product out")
    return 2 * both.min(axis="columns") / total  # the same, and never beyond [0, 1] by rounding


def intra_industry(exports: pd.Series, imports: pd.Series) -> float:
    """Return the Grubel-Lloyd index of all products together, weighted by trade, in [0, 1].

    ``1 - sum|X - M| / sum(X + M)``; it falls with the overall imbalance, and no
    adjustment is made for that.

    >>> import pandas as pd
    >>> intra_industry(pd.Series({"cars": 3.0}), pd.Series({"cars": 1.0}))
    0.5
    """
    both = _pair(exports, imports)
    if not (total := float((both["a"] + both["b"]).sum())):
        raise SchemaError("nothing is traded", remedy="Pass at least one flow")
    return 2 * float(both.min(axis="columns").sum()) / total  # never beyond [0, 1] by rounding


def finger_kreinin(first: pd.Series, second: pd.Series) -> float:
    """Return the similarity of two patterns, in [0, 1]: ``sum(min(s1, s2))`` over shares (Finger & Kreinin 1979).

    >>> import pandas as pd
    >>> finger_kreinin(pd.Series({"cars": 1.0, "ore": 1.0}), pd.Series({"cars": 1.0}))
    0.5
    """
    both = _pair(shares(first), shares(second))
    return min(float(both.min(axis=1).sum()), 1.0)


def complementarity(exports: pd.Series, imports: pd.Series) -> float:
    """Return how well one economy's exports fit another's imports, in [0, 1] (Michaely 1996).

    ``1 - sum|m - x| / 2`` over product shares of the importer's total imports and the
    exporter's total exports.

    >>> import pandas as pd
    >>> complementarity(pd.Series({"cars": 1.0, "ore": 1.0}), pd.Series({"cars": 1.0}))
    0.5
    """
    both = _pair(shares(exports), shares(imports))
    return max(1 - float((both["a"] - both["b"]).abs().sum()) / 2, 0.0)


def trade_intensity(*, flow: float, exports: float, imports: float, world: float, own_imports: float = 0.0) -> float:
    """Return how much more one economy sells to another than the other's weight in the world's imports.

    ``(X_ij / X_i) / (M_j / (M_world - M_i))`` (Kojima 1964); 1 is proportionate.

    Parameters
    ----------
    flow : float
        Exports of i to j.
    exports, own_imports : float
        All exports and all imports of i; with `own_imports` 0 the world is taken whole.
    imports, world : float
        All imports of j; of the world.

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
    """Set two series side by side as `a` and `b`, nothing where one has no row; refuse holes and negatives."""
    for values in (first, second):
        if values.index.has_duplicates:
            raise SchemaError(f"{values.index[values.index.duplicated()][0]} occurs twice", remedy="Add them up first")
        if (bad := values.isna() | (values < 0)).any():
            raise SchemaError(
                f"the value of {values.index[bad][0]} is missing or negative", remedy="Leave that row out, and say so"
            )
    return pd.concat({"a": first, "b": second}, axis=1).fillna(0.0).sort_index()
