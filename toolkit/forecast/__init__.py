"""Forecasts of a series, always beside the naive ones and their record.

>>> import pandas as pd
>>> index = [str(p) for p in pd.period_range("2010", periods=14, freq="Y")]
>>> found = forecast(pd.Series(range(14), index=index, dtype=float), horizon=2, folds=4, models=())
>>> found.paths.loc["naive", "mean"].to_list()
[13.0, 13.0]
"""

from toolkit.forecast._forecast import Forecast, forecast

__all__ = ["Forecast", "forecast"]
