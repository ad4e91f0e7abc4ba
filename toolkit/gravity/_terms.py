"""What may be asked for as a regressor: columns, their logarithms, products, and a column's levels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

_CALL = re.compile(r"(log|log1p)\((.+)\)")
_LEVELS = re.compile(r"i\(([^,()]+)(?:,(?!\s*ref=)\s*([^,()]+))?(?:,\s*ref=([^()]+))?\)")
_MOST_LEVELS = 500


def numbers(frame: pd.DataFrame, term: str) -> np.ndarray:
    """Give a column as numbers; ``log(x)`` and ``log1p(x)`` take the logarithm, of a zero NaN; ``a:b`` the product."""
    import numpy as np

    if term not in frame.columns and ":" in term:
        parts = [numbers(frame, part.strip()) for part in term.split(":")]
        return np.asarray(np.prod(parts, axis=0))
    call = None if term in frame.columns else _CALL.fullmatch(term)
    values = _column(frame, call[2] if call else term)
    if call is None:
        return values
    if call[1] == "log1p":
        return np.asarray(np.log1p(np.where(values > -1, values, np.nan)))
    return np.asarray(np.log(np.where(values > 0, values, np.nan)))


def regressors(frame: pd.DataFrame, x: Sequence[str]) -> dict[str, np.ndarray]:
    """Give every regressor by name; ``i(year)``, ``i(year, rta)`` and ``i(year, rta, ref=2006)`` become one a level.

    Levels are named as fixest names them, ``year::1990:rta``. The lowest is the
    reference of a column alone; of a product only the level named with ``ref`` is.
    """
    found: dict[str, np.ndarray] = {}
    for term in x:
        call = None if term in frame.columns else _LEVELS.fullmatch(term)
        parts = {term: numbers(frame, term)} if call is None else _levels(frame, term, *call.groups())
        if twice := [name for name in parts if name in found]:
            raise SchemaError(f"x names {twice[0]} twice", remedy="Name each regressor once")
        found |= parts
    return found


def _levels(frame: pd.DataFrame, term: str, by: str, of: str | None, ref: str | None) -> dict[str, np.ndarray]:
    """Give a dummy for each level of a column, times another column if there is one."""
    import numpy as np

    if by not in frame.columns:
        raise SchemaError(f"the panel has no column {by!r}", remedy=f"Use one of {', '.join(map(str, frame))}")
    column = frame[by]
    levels = sorted(column.dropna().unique(), key=lambda level: (isinstance(level, str), level))
    names = {_spelled(level): level for level in levels}
    if ref is not None and ref.strip() not in names:
        raise SchemaError(f"{term}: {by} has no level {ref.strip()!r}", remedy=f"It has {', '.join(list(names)[:20])}")
    if len(names) > _MOST_LEVELS:
        raise SchemaError(f"{term}: {by} has {len(names)} levels", remedy="Absorb it as fe instead")
    left_out = ref.strip() if ref else (None if of else next(iter(names), None))
    times = numbers(frame, of.strip()) if of else np.ones(len(frame))
    times = np.where(column.isna(), np.nan, times)
    end = f":{of.strip()}" if of else ""
    return {
        f"{by}::{name}{end}": np.where(column == level, times, np.where(np.isnan(times), np.nan, 0.0))
        for name, level in names.items()
        if name != left_out
    }


def _spelled(level: object) -> str:
    return str(int(level)) if isinstance(level, float) and level.is_integer() else str(level)


def _column(frame: pd.DataFrame, name: str) -> np.ndarray:
    import numpy as np
    from pandas.api.types import infer_dtype

    if name not in frame.columns:
        raise SchemaError(f"the panel has no column {name!r}", remedy=f"Use one of {', '.join(map(str, frame))}")
    remedy = f"Convert it, absorb it as fe, or ask for its levels with i({name})"
    problem = f"column {name!r} does not hold numbers"
    if infer_dtype(frame[name]) == "string":  # digits as text may be codes
        raise SchemaError(problem, remedy=remedy)
    try:
        return np.asarray(frame[name].to_numpy(dtype=float, na_value=np.nan))
    except (TypeError, ValueError):
        raise SchemaError(problem, remedy=remedy) from None
