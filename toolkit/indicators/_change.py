"""Where a change comes from, and what a unit costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import NotComparable, SchemaError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class UnitValues:
    """Value over quantity, and the rows that have none.

    `per_unit` holds one number a row with a known quantity above zero; `without` gives
    the reason of every other row, by label.
    """

    per_unit: pd.Series
    without: pd.Series


def growth_contributions(before: pd.Series, after: pd.Series) -> pd.Series:
    """Give what each part adds to the growth of the total, as parts of 1: they sum to that growth.

    ``(after_k - before_k) / sum(before)``. Raises NotComparable if the parts differ.

    >>> import pandas as pd
    >>> growth_contributions(pd.Series({"cars": 80.0, "rest": 20.0}), pd.Series({"cars": 70.0, "rest": 25.0})).to_dict()
    {'cars': -0.1, 'rest': 0.05}
    """
    if apart := sorted(set(before.index) ^ set(after.index), key=str):
        raise NotComparable(f"only one period has {apart[0]}", remedy="Pass the same parts in both periods")
    for values in (before, after):
        if values.isna().any():
            raise SchemaError(f"{values.index[values.isna()][0]} is missing", remedy="Leave it out of both periods")
    if not (total := float(before.sum())) > 0:
        raise SchemaError(f"the total before is {total}", remedy="Compare the amounts")
    return (after.reindex(before.index) - before) / total


def unit_values(value: pd.Series, quantity: pd.Series) -> UnitValues:
    """Give value per unit of quantity; a row without a quantity is named, never divided by zero.

    >>> import pandas as pd
    >>> found = unit_values(pd.Series({"2023": 10.0, "2024": 9.0}), pd.Series({"2023": 5.0, "2024": 0.0}))
    >>> found.per_unit.to_dict(), found.without.to_dict()
    ({'2023': 2.0}, {'2024': 'quantity is zero'})
    """
    import pandas as pd

    if apart := sorted(set(value.index) ^ set(quantity.index), key=str):
        raise NotComparable(f"only one side has {apart[0]}", remedy="Pass values and quantities of the same rows")
    quantity = quantity.reindex(value.index)
    reasons = {
        "value is missing": value.isna(), "value is negative": value < 0, "quantity is missing": quantity.isna(),
        "quantity is negative": quantity < 0, "quantity is zero": quantity == 0,
    }  # fmt: skip
    without = pd.Series(index=value.index, dtype=object)
    for reason, bad in reasons.items():
        without = without.mask(bad & without.isna(), reason)
    good = without.isna()
    return UnitValues(per_unit=value[good] / quantity[good], without=without[~good])
