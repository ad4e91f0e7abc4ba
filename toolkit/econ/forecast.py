"""Forecasts by several models, each with its errors in a rolling test.

>>> import pandas as pd
>>> exports = pd.Series([float(10 + year % 2) for year in range(2001, 2025)], index=map(str, range(2001, 2025)))
>>> forecast(exports, horizon=1, models=[], folds=3).scores.index.tolist()
['naive']
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.econ.events import periods
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


__all__ = ["Forecast", "forecast"]
__dir__ = __all__.copy

# small orders that fit short monthly trade series; the best by AICc on the first training period is used
_ORDERS = ((0, 1, 1), (1, 1, 0), (1, 1, 1), (0, 1, 0))
_SEASONAL, _NOT_SEASONAL, _CYCLES = (0, 1, 1), (0, 0, 0), 3


def naive(values: np.ndarray, horizon: int, level: float, season: int) -> np.ndarray:  # noqa: ARG001 (one signature)
    """Repeat the last value; errors grow with the square root of the step."""
    spread = _root_mean_square(np.diff(values)) * np.sqrt(np.arange(1, horizon + 1))
    return _band(np.repeat(values[-1], horizon), spread, level)


def seasonal_naive(values: np.ndarray, horizon: int, level: float, season: int) -> np.ndarray:
    """Repeat the last season; errors grow with the square root of the number of seasons."""
    steps = np.arange(horizon)
    mean = values[len(values) - season + steps % season]
    spread = _root_mean_square(values[season:] - values[:-season]) * np.sqrt(steps // season + 1)
    return _band(mean, spread, level)


def arima(
    values: np.ndarray, horizon: int, level: float, season: int, *, order: tuple[int, int, int] | None = None
) -> np.ndarray:
    """Forecast by ARIMA, with a seasonal moving average if there are three cycles."""
    fit = _arima_fit(values, season, order or arima_order(values, season))
    answer = fit.get_forecast(horizon)
    return np.column_stack([answer.predicted_mean, answer.conf_int(alpha=1 - level)])


def arima_order(values: np.ndarray, season: int) -> tuple[int, int, int]:
    """Return the order with the lowest AICc."""
    return min(_ORDERS, key=lambda order: _arima_fit(values, season, order).aicc)


def ets(values: np.ndarray, horizon: int, level: float, season: int) -> np.ndarray:
    """Forecast by exponential smoothing with additive error, damped trend and additive season."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    cycles = season > 1 and len(values) >= _CYCLES * season
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ETSModel(
            pd.Series(values), error="add", trend="add", damped_trend=True,
            seasonal="add" if cycles else None, seasonal_periods=season if cycles else None,
        )  # fmt: skip
        answer = model.fit(disp=False).get_prediction(start=len(values), end=len(values) + horizon - 1)
        table = answer.summary_frame(alpha=1 - level)
    return np.asarray(table[["mean", "pi_lower", "pi_upper"]], dtype=float)


def _arima_fit(values: np.ndarray, season: int, order: tuple[int, int, int]) -> Any:
    from statsmodels.tsa.arima.model import ARIMA

    seasonal = _SEASONAL if season > 1 and len(values) >= _CYCLES * season else _NOT_SEASONAL
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ARIMA(values, order=order, seasonal_order=(*seasonal, season if seasonal != _NOT_SEASONAL else 0)).fit()


def _root_mean_square(errors: np.ndarray) -> float:
    """Return the root mean square about 0, not about the mean: a naive forecast has no drift."""
    return float(np.sqrt(np.mean(errors**2)))


def _band(mean: np.ndarray, spread: np.ndarray, level: float) -> np.ndarray:
    from scipy import stats

    reach = stats.norm.ppf((1 + level) / 2) * spread
    return np.column_stack([mean, mean - reach, mean + reach])


_SEASONS = {"Y": 1, "Q": 4, "M": 12, "D": 7}
_BENCHMARKS = ("naive", "seasonal naive")
_MODELS = {"naive": naive, "seasonal naive": seasonal_naive, "ets": ets}
_FEWEST = 8  # periods to fit on before the first test


@dataclass(frozen=True)
class Forecast:
    """Forecasts by every model, and the errors each would have made.

    Attributes
    ----------
    paths : DataFrame, index (model, period)
        Columns mean, low, high, in the unit of the series.
    scores : DataFrame, index model
        Columns mae, rmse, mase (error relative to the seasonal naive forecast in sample), coverage
        (share of actual values inside the interval), skill (1 - mae / best naive mae) and errors
        (their number); best first.
    best : str
        The model with the lowest mean absolute error in the rolling test; ties go to a naive one.
    level : float
        Of the intervals.
    order : tuple of int or None
        Of the ARIMA, chosen on the first training period alone.
    rows_used, folds : int
    rows_left_out : int
        Periods before the last gap, which no model may bridge.
    notes : tuple of str
        What a reader must know.
    """

    paths: pd.DataFrame = field(repr=False)
    scores: pd.DataFrame
    best: str
    level: float
    order: tuple[int, int, int] | None
    rows_used: int
    folds: int
    rows_left_out: int
    notes: tuple[str, ...]


def forecast(
    series: pd.Series,
    *,
    horizon: int,
    models: Sequence[str] = ("arima", "ets"),
    folds: int = 12,
    level: float = 0.95,
    after_gap: bool = False,
) -> Forecast:
    """Forecast a series, and compare the models with naive forecasts in a rolling test.

    Parameters
    ----------
    series : Series
        Index: periods as text. A gap is an error unless `after_gap`.
    horizon : int
        Periods ahead, also in the test.
    models : sequence of "arima", "ets"
        In addition to naive and, where there is a season, seasonal naive.
    folds : int
        Number of origins of the rolling test, the latest that leave `horizon` periods.
    level : float
        Of the intervals, 0.95 for 95 %.
    after_gap : bool
        Use only what follows the last gap; the result says how many periods that leaves out.

    Raises
    ------
    SchemaError
        If there is a gap, a missing value, a repeated period, or too few periods.
    """
    if unknown := set(models) - {"arima", "ets"}:
        raise SchemaError(f"no model {min(unknown)!r}", remedy="Use 'arima' and 'ets'")
    if not (0 < level < 1 and horizon > 0 and folds > 0):
        raise SchemaError(
            f"level {level}, horizon {horizon}, folds {folds}", remedy="Use 0.95, and whole numbers above 0"
        )
    values, left_out = _contiguous(series, after_gap=after_gap)
    season = _season(values)
    seasonal = season > 1
    first = len(values) - horizon - folds + 1
    if first < max(_FEWEST, (season + 2) * seasonal):
        raise SchemaError(
            f"{len(values)} periods are too few for {folds} tests {horizon} ahead",
            remedy="Use fewer folds or a shorter horizon",
        )
    numbers = values.to_numpy()
    order = arima_order(numbers[:first], season) if "arima" in models else None
    chosen = {name: _MODELS[name] for name in (*_BENCHMARKS[: 1 + seasonal], *models) if name != "arima"}
    if order:
        chosen["arima"] = partial(arima, order=order)
    scores = _scores(numbers, chosen, range(first, first + folds), (horizon, level, season))
    return Forecast(
        paths=_paths(values, chosen, horizon, level, season), scores=scores, best=str(scores.index[0]), level=level,
        order=order, rows_used=len(values), folds=folds, rows_left_out=left_out, notes=_notes(scores, level, left_out),
    )  # fmt: skip


def _season(values: pd.Series) -> int:
    """Return the number of periods in a season; 1 if the series is shorter than two seasons."""
    season = _SEASONS[str(pd.PeriodIndex(values.index).freqstr)[0]]
    return season if len(values) > 2 * season else 1


def _contiguous(series: pd.Series, *, after_gap: bool) -> tuple[pd.Series, int]:
    """Return the part of the series after its last gap, and the number of periods before it."""
    values, gaps = periods(series)
    if not gaps:
        return values, 0
    if not after_gap:
        raise SchemaError(
            f"the series has no {gaps[0]}" + (f" and {len(gaps) - 1} more" if len(gaps) > 1 else ""),
            remedy="Fill the gap from the same source, or pass after_gap=True",
        )
    rest = values[values.index.astype(str) > gaps[-1]]
    return rest, len(values) - len(rest)


def _scores(
    numbers: np.ndarray, models: dict[str, Callable[..., np.ndarray]], origins: range, ask: tuple[int, float, int]
) -> pd.DataFrame:
    """Forecast from each origin with what was known then, and return the errors."""
    horizon, level, season = ask
    scale = np.abs(numbers[season : origins[0]] - numbers[: origins[0] - season]).mean()
    rows = {}
    for name, model in models.items():
        errors, inside = [], []
        for origin in origins:
            actual, path = numbers[origin : origin + horizon], model(numbers[:origin], horizon, level, season)
            errors.append(actual - path[:, 0])
            inside.append((actual >= path[:, 1]) & (actual <= path[:, 2]))
        missed = np.concatenate(errors)
        mae = float(np.abs(missed).mean())
        rows[name] = {
            "mae": mae, "rmse": float(np.sqrt((missed**2).mean())), "mase": mae / scale if scale else np.nan,
            "coverage": float(np.concatenate(inside).mean()), "errors": len(missed),
        }  # fmt: skip
    table = pd.DataFrame(rows).T.rename_axis("model")
    plain = table.loc[[name for name in _BENCHMARKS if name in table.index], "mae"].min()
    table.insert(4, "skill", 1 - table["mae"] / plain if plain else np.nan)
    return table.sort_values("mae", kind="stable").astype({"errors": int})


def _paths(
    values: pd.Series, models: dict[str, Callable[..., np.ndarray]], horizon: int, level: float, season: int
) -> pd.DataFrame:
    """Return the forecasts of every model from the end of the series."""
    ahead = [str(values.index[-1] + step) for step in range(1, horizon + 1)]
    parts = {
        name: pd.DataFrame(
            model(values.to_numpy(), horizon, level, season), index=ahead, columns=["mean", "low", "high"]
        )
        for name, model in models.items()
    }
    return pd.concat(parts, names=["model", "period"])


def _notes(scores: pd.DataFrame, level: float, left_out: int) -> tuple[str, ...]:
    notes = []
    if scores.index[0] in _BENCHMARKS:
        notes.append(f"no model beat the {scores.index[0]} forecast in the rolling test")
    for name in scores.index[scores["coverage"] < level - 0.1]:
        share = scores.loc[name, "coverage"]
        notes.append(
            f"the {100 * level:.0f} % intervals of {name} held {100 * share:.0f} % of the actual values: they are too narrow"
        )
    if left_out:
        notes.append(f"{left_out} periods before the last gap were left out")
    return tuple(notes)
