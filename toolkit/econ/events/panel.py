"""Treated units and a single series before and after the date of a policy."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.econ.indicators import frequency
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["DiffInDiff", "Effect", "EventStudy", "Interrupted", "diff_in_diff", "event_study", "interrupted", "periods"]


_FEW_UNITS = 10
_BASE = -1


@dataclass(frozen=True, kw_only=True)
class _Compared:
    """The units and rows of a comparison; `dropped` holds reason and count, `notes` what weakens the result."""

    treated: tuple[str, ...]
    controls: tuple[str, ...]
    at: str
    rows_in: int
    rows_used: int
    dropped: tuple[tuple[str, int], ...]
    se: str
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DiffInDiff(_Compared):
    """A difference in differences; `effect` is in the unit of y (log points if y is a logarithm)."""

    effect: Effect


@dataclass(frozen=True, kw_only=True)
class EventStudy(_Compared):
    """Effects by period relative to the date.

    Attributes
    ----------
    effects : DataFrame, index relative period
        Columns estimate, std_error, p_value, low, high. The period before the date is 0 by
        definition; the first and last row include all periods beyond the window.
    before_p_value : float
        Of the hypothesis that all effects before the date are 0. If it is small, the
        groups were already moving apart.
    """

    effects: pd.DataFrame = field(repr=False)
    before_p_value: float


def diff_in_diff(panel: pd.DataFrame, *, y: str, unit: str, time: str, treated: Collection[str], at: str) -> DiffInDiff:
    """Return the change of the treated after a date, relative to the change of the others.

    Two-way fixed effects, ``y ~ treated * after | unit + period``, standard errors clustered
    by unit. All treated share one date, so there is no bias from staggered adoption.

    Parameters
    ----------
    panel : DataFrame
        One row per unit and period; rows without y are left out and counted.
    treated : collection of str
        Units under the policy.
    at : str
        First period under the policy, written as in the panel ("2025-04").
    """
    ready, about = _ready(panel, y, unit, time, set(treated), at)
    fit = _fit(ready.assign(did=(ready["on"] & (ready["clock"] >= 0)).astype(float)), "did")
    low, high = fit.confint().loc["did"]
    effect = Effect(
        "treated after the date", float(fit.coef().iloc[0]), float(fit.se().iloc[0]), float(fit.pvalue().iloc[0]),
        float(low), float(high),
    )  # fmt: skip
    return DiffInDiff(effect=effect, **about)


def event_study(  # noqa: PLR0913 (the design's own parts, keyword-only)
    panel: pd.DataFrame,
    *,
    y: str,
    unit: str,
    time: str,
    treated: Collection[str],
    at: str,
    window: tuple[int, int] = (-6, 6),
) -> EventStudy:
    """Return the effect in each period, also before the date, relative to the last period before it.

    The model of `diff_in_diff`, with one effect for each relative period in `window`;
    periods beyond the window share the effect of its nearest end.
    """
    if not window[0] < _BASE < window[1]:
        raise SchemaError(f"a window of {window}", remedy="Pass (first, last) around -1, such as (-6, 6)")
    ready, about = _ready(panel, y, unit, time, set(treated), at)
    clock = ready["clock"].clip(*window)
    steps = [step for step in sorted(clock.unique()) if step != _BASE]
    names = {f"lead{-step}" if step < 0 else f"lag{step}": step for step in steps}
    dummies = pd.DataFrame({name: (ready["on"] & (clock == step)).astype(float) for name, step in names.items()})
    fit = _fit(pd.concat([ready, dummies], axis=1), " + ".join(names))
    found = pd.DataFrame({
        "estimate": fit.coef(), "std_error": fit.se(), "p_value": fit.pvalue(),
        "low": fit.confint().iloc[:, 0], "high": fit.confint().iloc[:, 1],
    })  # fmt: skip
    effects = found.rename(index=names)
    effects.loc[_BASE] = [0.0, 0.0, 1.0, 0.0, 0.0]
    before = [name for name, step in names.items() if step < _BASE and name in found.index]
    return EventStudy(effects=effects.sort_index().rename_axis("period"), before_p_value=_joint(fit, before), **about)


def _ready(
    panel: pd.DataFrame, y: str, unit: str, time: str, treated: set[str], at: str
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Check the panel; return y, unit, relative period and group, and the facts that every result states."""
    if lacking := [name for name in (y, unit, time) if name not in panel.columns]:
        raise SchemaError(f"the panel has no column {lacking[0]!r}", remedy=f"Use {', '.join(map(str, panel))}")
    if (twice := panel.duplicated([unit, time])).any():
        raise SchemaError(
            f"{' in '.join(map(str, panel.loc[twice, [unit, time]].iloc[0]))} occurs twice", remedy="Pass one vintage"
        )
    if absent := treated - set(panel[unit]):
        raise SchemaError(f"no unit {min(absent)!r}", remedy=f"Use {', '.join(sorted(map(str, set(panel[unit]))))}")
    numbers = pd.to_numeric(panel[y], errors="coerce")
    hole = ~np.isfinite(numbers)
    rows = panel[~hole]
    controls = sorted(set(rows[unit]) - treated)
    if not treated or not controls:
        raise SchemaError("one side has no unit", remedy="Pass at least one treated and one other unit")
    index = pd.PeriodIndex(rows[time].astype(str), freq=frequency(at))
    clock = pd.Series([p.ordinal - pd.Period(at).ordinal for p in index], index=rows.index)
    if not ((clock < 0).any() and (clock >= 0).any()):
        raise SchemaError(f"no period on one side of {at}", remedy="Use a date inside the panel")
    ready = pd.DataFrame({"y": numbers[~hole], "unit": rows[unit], "clock": clock, "on": rows[unit].isin(treated)})
    units = len(treated) + len(controls)
    notes = (f"{len(treated)} treated of {units} units: clustered errors are too small with so few",)
    about = {
        "treated": tuple(sorted(treated)), "controls": tuple(controls), "at": at, "rows_in": len(panel),
        "rows_used": len(rows), "dropped": ((f"no number in {y}", int(hole.sum())),) if hole.any() else (),
        "se": "clustered by unit, G/(G-1)", "notes": notes if units < _FEW_UNITS or len(treated) < 2 else (),  # noqa: PLR2004
    }  # fmt: skip
    return ready, about


def _fit(ready: pd.DataFrame, terms: str) -> Any:
    import pyfixest as pf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pf.feols(f"y ~ {terms} | unit + clock", ready, vcov={"CRV1": "unit"})


def _joint(fit: Any, terms: list[str]) -> float:
    """Return the p-value of the hypothesis that all `terms` are 0; few clusters need the pseudo-inverse."""
    from scipy import stats

    if not terms:
        return float("nan")
    at = [list(fit.coef().index).index(term) for term in terms]
    b, v = fit.coef().to_numpy()[at], np.asarray(fit._vcov)[np.ix_(at, at)]  # noqa: SLF001 (no public name)
    rank = int(np.linalg.matrix_rank(v))
    return float(stats.chi2.sf(b @ np.linalg.pinv(v) @ b, rank)) if rank else float("nan")


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
        Change of level at the date, and change of slope per period after it.
    expected : Series
        Values after the date without either change, by period.
    actual : Series
        Observed values after the date, by period.
    at : str
    rows_before, rows_after : int
    gaps : tuple of str
        Missing periods between the first and the last; they are not filled.
    se : str
        How the standard errors were computed.
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
    """Return the series in order of time on a PeriodIndex, and the periods missing from it.

    Raises SchemaError if the series is empty, a period occurs twice or a value is missing.
    """
    if series.empty:
        raise SchemaError("the series is empty", remedy="Select at least one period")
    index = pd.PeriodIndex(series.index.astype(str), freq=frequency(str(series.index[0])))
    if index.has_duplicates:
        raise SchemaError(f"{index[index.duplicated()][0]} occurs twice in the series", remedy="Pass one vintage")
    if series.isna().any():
        raise SchemaError(f"{index[series.isna()][0]} has no value", remedy="Leave the period out: it becomes a gap")
    ordered = pd.Series(series.to_numpy(dtype=float), index=index).sort_index()
    whole = pd.period_range(index.min(), index.max(), freq=index.freq)
    return ordered, tuple(str(period) for period in whole if period not in ordered.index)


def interrupted(series: pd.Series, *, at: str, seasonal: bool = True, lags: int | None = None) -> Interrupted:
    """Estimate the change of level and slope of a series at a date (Bernal, Cummins & Gasparrini 2017).

    ``y = a + b t + level * after + slope * (t - at) * after + season``; standard errors are
    robust to autocorrelation (Newey & West 1987).

    Parameters
    ----------
    series : Series
        Index: periods as text ("2025-04"). Gaps are allowed, and named in the result.
    at : str
        First period under the policy.
    seasonal : bool
        Add an effect for each month or quarter.
    lags : int, optional
        Of the Newey-West standard errors; if None, ``4 (n/100)**(2/9)``.
    """
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
    """Return dummies for month or quarter without the first, shape (n, seasons - 1)."""
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
    """Return the series with its periods as text."""
    return series.set_axis(series.index.astype(str))
