"""How two trade patterns fit: overlap, similarity, complementarity, intensity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import SchemaError
from toolkit.indicators._flows import shares

if TYPE_CHECKING:
    import pandas as pd


def grubel_lloyd(exports: pd.Series, imports: pd.Series) -> pd.Series:
    """Give intra-industry trade by product, in [0, 1]: ``1 - |X - M| / (X + M)`` (Grubel & Lloyd 1975).

    A product that one side lacks counts there as nothing; one that both lack is an error.

    >>> import pandas as pd
    >>> grubel_lloyd(pd.Series({"cars": 4.0, "rice": 1.0}), pd.Series({"cars": 4.0})).to_dict()
    {'cars': 1.0, 'rice': 0.0}
    """
    both = _pair(exports, imports)
    total = both["a"] + both["b"]
    if (total == 0).any():
        raise SchemaError(f"{total.index[total == 0][0]} is not traded", remedy="Leave that product out")
    return 1 - (both["a"] - both["b"]).abs() / total


def intra_industry(exports: pd.Series, imports: pd.Series) -> float:
    """Give the Grubel-Lloyd index of all products together, weighted by trade, in [0, 1].

    ``1 - sum|X - M| / sum(X + M)``; it falls with the overall imbalance, and no
    adjustment is made for that.

    >>> import pandas as pd
    >>> intra_industry(pd.Series({"cars": 3.0}), pd.Series({"cars": 1.0}))
    0.5
    """
    both = _pair(exports, imports)
    if not (total := float(both.to_numpy().sum())):
        raise SchemaError("nothing is traded", remedy="Pass at least one flow")
    return 1 - float((both["a"] - both["b"]).abs().sum()) / total


def finger_kreinin(first: pd.Series, second: pd.Series) -> float:
    """Give the similarity of two patterns, in [0, 1]: ``sum(min(s1, s2))`` over shares (Finger & Kreinin 1979).

    >>> import pandas as pd
    >>> finger_kreinin(pd.Series({"cars": 1.0, "ore": 1.0}), pd.Series({"cars": 1.0}))
    0.5
    """
    both = _pair(shares(first), shares(second))
    return min(float(both.min(axis=1).sum()), 1.0)


def complementarity(exports: pd.Series, imports: pd.Series) -> float:
    """Give how well one economy's exports fit another's imports, in [0, 1] (Michaely 1996).

    ``1 - sum|m - x| / 2`` over product shares of the importer's total imports and the
    exporter's total exports.

    >>> import pandas as pd
    >>> complementarity(pd.Series({"cars": 1.0, "ore": 1.0}), pd.Series({"cars": 1.0}))
    0.5
    """
    both = _pair(shares(exports), shares(imports))
    return max(1 - float((both["a"] - both["b"]).abs().sum()) / 2, 0.0)


def trade_intensity(*, flow: float, exports: float, imports: float, world: float, own_imports: float = 0.0) -> float:
    """Give how much more one economy sells to another than the other's weight in the world's imports.

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
    import pandas as pd

    for values in (first, second):
        if values.index.has_duplicates:
            raise SchemaError(f"{values.index[values.index.duplicated()][0]} stands twice", remedy="Add them up first")
        if (bad := values.isna() | (values < 0)).any():
            raise SchemaError(
                f"the value of {values.index[bad][0]} is missing or negative", remedy="Leave that row out, and say so"
            )
    return pd.concat({"a": first, "b": second}, axis=1).fillna(0.0).sort_index()
