"""Revealed comparative advantage: what an economy sells more of than the world does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import SchemaError
from toolkit.indicators._flows import shares

if TYPE_CHECKING:
    import pandas as pd


def matrix(
    flows: pd.DataFrame, *, economy: str = "country", product: str = "product", value: str = "value"
) -> pd.DataFrame:
    """Give exports as a table, economies down and products across; a pair without a row sold nothing.

    Raises SchemaError on a pair that stands twice, a missing value or a negative one.

    >>> import pandas as pd
    >>> flows = pd.DataFrame({"country": ["JPN", "AUS"], "product": ["8703", "2601"], "value": [5.0, 3.0]})
    >>> matrix(flows).loc["JPN"].to_dict()
    {'2601': 0.0, '8703': 5.0}
    """
    if lacking := [name for name in (economy, product, value) if name not in flows.columns]:
        raise SchemaError(f"the flows have no column {lacking[0]!r}", remedy="Name the columns in the call")
    if (twice := flows.duplicated([economy, product])).any():
        pair = flows.loc[twice, [economy, product]].iloc[0].tolist()
        raise SchemaError(f"{pair[0]} and {pair[1]} stand twice", remedy="Pass one flow, year and classification")
    if (hole := flows[[economy, product, value]].isna().any(axis=1)).any():
        raise SchemaError(f"row {flows.index[hole][0]!r} has a hole", remedy="Leave that row out, and say so")
    return _amounts(flows.pivot_table(index=economy, columns=product, values=value, fill_value=0.0).astype(float))


def balassa(exports: pd.DataFrame) -> pd.DataFrame:
    """Give Balassa's index: an economy's share of a product in its exports over the world's share.

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
    """Give Balassa's index on a scale from -1 to below 1: ``(b - 1) / (b + 1)`` (Dalum, Laursen & Villumsen 1998).

    >>> import pandas as pd
    >>> symmetric(pd.Series([0.0, 1.0, 3.0])).to_list()
    [-1.0, 0.0, 0.5]
    """
    return (index - 1) / (index + 1)


def michaely(exports: pd.Series, imports: pd.Series) -> pd.Series:
    """Give Michaely's index by product, in [-1, 1]: share in exports less share in imports (Michaely 1962).

    A product that one side lacks counts there as nothing.

    >>> import pandas as pd
    >>> michaely(pd.Series({"cars": 3.0, "rice": 1.0}), pd.Series({"cars": 1.0, "oil": 1.0})).to_dict()
    {'cars': 0.25, 'oil': -0.5, 'rice': 0.25}
    """
    return shares(exports).sub(shares(imports), fill_value=0.0).sort_index()


def _amounts(table: pd.DataFrame) -> pd.DataFrame:
    """Refuse a table with a hole or a negative in it, naming the cell."""
    import numpy as np

    cells = table.to_numpy(dtype=float)
    for what, bad in (("missing", ~np.isfinite(cells)), ("negative", cells < 0)):
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise SchemaError(
                f"the value of {table.index[row]} and {table.columns[column]} is {what}",
                remedy="Correct it; no trade is 0",
            )
    return table
