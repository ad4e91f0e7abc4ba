"""Four ways to continue a series; each gives mean, low and high for every step ahead."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

# Small orders that fit short monthly trade series; the best by AICc on the first training stretch is kept.
ORDERS = ((0, 1, 1), (1, 1, 0), (1, 1, 1), (0, 1, 0))
_SEASONAL, _NOT_SEASONAL, _CYCLES = (0, 1, 1), (0, 0, 0), 3


def naive(values: np.ndarray, horizon: int, level: float, season: int) -> np.ndarray:  # noqa: ARG001 (one form for all)
    """Repeat the last value; errors grow with the root of the step."""
    import numpy as np

    spread = _root_mean_square(np.diff(values)) * np.sqrt(np.arange(1, horizon + 1))
    return _band(np.repeat(values[-1], horizon), spread, level)


def seasonal_naive(values: np.ndarray, horizon: int, level: float, season: int) -> np.ndarray:
    """Repeat the last season; errors grow with each season passed."""
    import numpy as np

    steps = np.arange(horizon)
    mean = values[len(values) - season + steps % season]
    spread = _root_mean_square(values[season:] - values[:-season]) * np.sqrt(steps // season + 1)
    return _band(mean, spread, level)


def arima(
    values: np.ndarray, horizon: int, level: float, season: int, *, order: tuple[int, int, int] | None = None
) -> np.ndarray:
    """Forecast by ARIMA, with a seasonal moving average where three cycles are there."""
    import numpy as np

    fit = _arima_fit(values, season, order or arima_order(values, season))
    answer = fit.get_forecast(horizon)
    return np.column_stack([answer.predicted_mean, answer.conf_int(alpha=1 - level)])


def arima_order(values: np.ndarray, season: int) -> tuple[int, int, int]:
    """Choose the order with the least AICc."""
    return min(ORDERS, key=lambda order: _arima_fit(values, season, order).aicc)


def ets(values: np.ndarray, horizon: int, level: float, season: int) -> np.ndarray:
    """Forecast by exponential smoothing: additive error, damped trend, additive season."""
    import numpy as np
    import pandas as pd
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
    """Give the size of errors about nothing, not about their mean: a naive forecast has no drift to take out."""
    import numpy as np

    return float(np.sqrt(np.mean(errors**2)))


def _band(mean: np.ndarray, spread: np.ndarray, level: float) -> np.ndarray:
    import numpy as np
    from scipy import stats

    reach = stats.norm.ppf((1 + level) / 2) * spread
    return np.column_stack([mean, mean - reach, mean + reach])
