"""Turns a list of flows into a square of exporters and importers, and refuses one with holes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd


def square(flows: pd.DataFrame, value: str) -> pd.DataFrame:
    """Give `value` as a table, exporters down and importers across, both in the same sorted order.

    Raises SchemaError on a missing column, a pair that stands twice or not at all,
    an economy on one side only, a hole, or an infinite value.
    """
    import numpy as np
    import pandas as pd

    for name in ("exporter", "importer", value):
        if name not in flows.columns:
            raise SchemaError(f"the flows have no column {name!r}", remedy="Name the columns exporter, importer, trade")
    row, sellers = pd.factorize(flows["exporter"], sort=True)
    column, buyers = pd.factorize(flows["importer"], sort=True)
    if one_sided := sorted({*sellers} ^ {*buyers}):
        side = "an importer" if one_sided[0] in {*buyers} else "an exporter"
        raise SchemaError(f"{one_sided[0]} is only {side}", remedy="Give every economy as exporter and importer")
    seen = np.bincount(row * len(sellers) + column)
    if seen.max() > 1:
        pair = divmod(int(seen.argmax()), len(sellers))
        raise SchemaError(
            f"{sellers[pair[0]]} to {buyers[pair[1]]} stands twice", remedy="Pass one year and one sector"
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
    """Give the square of trade values: none negative, every economy sells and buys, home sales known."""
    import numpy as np

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
