"""A series before and after a date: level and trend, with the season taken out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit.errors import SchemaError
from toolkit.indicators import frequency

if TYPE_CHECKING:
    import pandas as pd

SEASONS = {"Y": 1, "Q": 4, "M": 12, "D": 7}
_FEWEST = 3  # periods on a side beyond the terms it must carry


@dataclass(frozen=True, slots=True)
class Effect:
    """An estimated effect in the unit of the series, with its 95 % interval."""

    name: str
    estimate: float
    std_error: float
    p_value: float
    low: float
    high: float


@dataclass(frozen=True)
class Interrupted:
    """A segmented regression around a date.

    Attributes
    ----------
    level, slope : Effect
        Change of level at the date, and of the slope per period after it.
    expected : Series
        What the periods after the date would have been without either, by period.
    actual : Series
        What they were.
    at : str
    rows_before, rows_after : int
    gaps : tuple of str
        Periods between the first and the last that the series lacks; they are not filled.
    se : str
        How the standard errors were made.
    """

    level: Effect
    slope: Effect
    expected: pd.Series = field(repr=False)
    actual: pd.Series = field(repr=False)
    at: str
    rows_before: int
    rows_after: int
    gaps: tuple[str, ...]
    se: str


def periods(series: pd.Series) -> tuple[pd.Series, tuple[str, ...]]:
    """Give the series in order of time on a PeriodIndex, and the periods that it lacks.

    Raises SchemaError on a period that stands twice, a missing value, or none at all.
    """
    import pandas as pd

    if series.empty:
        raise SchemaError("the series is empty", remedy="Select at least one period")
    index = pd.PeriodIndex(series.index.astype(str), freq=frequency(str(series.index[0])))
    if index.has_duplicates:
        raise SchemaError(f"{index[index.duplicated()][0]} stands twice in the series", remedy="Pass one vintage")
    if series.isna().any():
        raise SchemaError(f"{index[series.isna()][0]} has no value", remedy="Leave the period out: it becomes a gap")
    ordered = pd.Series(series.to_numpy(dtype=float), index=index).sort_index()
    whole = pd.period_range(index.min(), index.max(), freq=index.freq)
    return ordered, tuple(str(period) for period in whole if period not in ordered.index)


def interrupted(series: pd.Series, *, at: str, seasonal: bool = True, lags: int | None = None) -> Interrupted:
    """Estimate the change of level and of slope at a date (Bernal, Cummins & Gasparrini 2017).

    ``y = a + b t + level * after + slope * (t - at) * after + season``; errors are robust to
    autocorrelation (Newey & West 1987).

    Parameters
    ----------
    series : Series
        Index: periods as text ("2025-04"). Gaps are allowed and named.
    at : str
        First period under the new policy.
    seasonal : bool
        Add an effect for each month or quarter.
    lags : int, optional
        Of the Newey-West errors; ``4 (n/100)**(2/9)`` if None.
    """
    import numpy as np
    import pandas as pd
    import statsmodels.api as sm

    values, gaps = periods(series)
    index = pd.PeriodIndex(values.index)
    start = pd.Period(at, freq=frequency(at))
    clock = np.array([period.ordinal - start.ordinal for period in index], dtype=float)
    after = clock >= 0
    seasons = _seasons(index) if seasonal else np.empty((len(values), 0))
    _check_sides(after, seasons.shape[1], at)
    base = np.column_stack([np.ones(len(values)), clock, seasons])
    design = np.column_stack([after, clock * after, base])
    reach = int(4 * (len(values) / 100) ** (2 / 9)) if lags is None else lags
    fit = sm.OLS(values.to_numpy(), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": reach, "use_correction": True}, use_t=True
    )
    expected = pd.Series(base @ fit.params[2:], index=values.index)
    return Interrupted(
        level=_effect("change of level", fit, 0),
        slope=_effect("change of slope per period", fit, 1),
        expected=_text(expected[after]), actual=_text(values[after]), at=str(start),
        rows_before=int((~after).sum()), rows_after=int(after.sum()), gaps=gaps,
        se=f"Newey-West, {reach} lags, small-sample correction",
    )  # fmt: skip


def _seasons(index: pd.PeriodIndex) -> Any:
    """Give dummies of month or quarter, the first left out, shape (n, seasons - 1)."""
    import numpy as np
    import pandas as pd

    unit = {"M": index.month, "Q": index.quarter}.get(str(index.freqstr)[0])
    if unit is None:
        return np.empty((len(index), 0))
    return pd.get_dummies(pd.Series(unit), drop_first=True, dtype=float).to_numpy()


def _check_sides(after: Any, seasons: int, at: str) -> None:
    for side, count, terms in (("before", int((~after).sum()), 2 + seasons), ("after", int(after.sum()), 2)):
        if count < terms + _FEWEST:
            raise SchemaError(
                f"{count} periods {side} {at}; {terms + _FEWEST} are needed",
                remedy="Use a longer series, another date, or seasonal=False",
            )


def _effect(name: str, fit: Any, at: int) -> Effect:
    low, high = fit.conf_int()[at]
    return Effect(name, float(fit.params[at]), float(fit.bse[at]), float(fit.pvalues[at]), float(low), float(high))


def _text(series: pd.Series) -> pd.Series:
    """Give the series with its periods as text."""
    return series.set_axis(series.index.astype(str))
