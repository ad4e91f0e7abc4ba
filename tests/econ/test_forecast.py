"""Forecasts: benchmarks by hand, models against statsmodels, gaps and faults named."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.arima.model import ARIMA

from toolkit.econ.forecast import forecast
from toolkit.errors import SchemaError


def monthly(n=72, seed=1):
    chance, t = np.random.default_rng(seed), np.arange(n)
    months = [str(p) for p in pd.period_range("2019-01", periods=n, freq="M")]
    return pd.Series(100 + 0.8 * t + 10 * np.sin(2 * np.pi * t / 12) + chance.normal(size=n), index=months)


@pytest.fixture(scope="module")
def found():
    return forecast(monthly(), horizon=6, folds=4)


def test_the_naive_forecasts_stand_beside_every_model(found):
    assert set(found.scores.index) == {"naive", "seasonal naive", "arima", "ets"}
    assert set(found.paths.index.get_level_values("model")) == set(found.scores.index)
    series = monthly()
    assert (found.paths.loc["naive", "mean"] == series.iloc[-1]).all()
    assert found.paths.loc["seasonal naive", "mean"].to_list() == series.iloc[-12:-6].to_list()


def test_a_trend_with_a_season_is_forecast_better_than_naively(found):
    assert found.best in {"arima", "ets"}
    assert found.scores.loc[found.best, "skill"] > 0.5
    truth = 100 + 0.8 * np.arange(72, 78) + 10 * np.sin(2 * np.pi * np.arange(72, 78) / 12)
    assert np.abs(found.paths.loc[found.best, "mean"] - truth).max() < 3


def test_arima_is_statsmodels_of_the_same_order(found):
    fit = ARIMA(monthly().to_numpy(), order=found.order, seasonal_order=(0, 1, 1, 12)).fit()
    assert found.paths.loc["arima", "mean"].to_numpy() == pytest.approx(fit.forecast(6), rel=1e-6)


def test_intervals_hold_their_mean_and_widen(found):
    for name in found.scores.index:
        path = found.paths.loc[name]
        assert ((path["low"] < path["mean"]) & (path["mean"] < path["high"])).all()
        assert (path["high"] - path["low"]).iloc[-1] >= (path["high"] - path["low"]).iloc[0] * (1 - 1e-9)


def test_the_score_of_the_naive_forecast_is_its_mean_error():
    series = monthly()
    found = forecast(series, horizon=1, folds=10, models=())
    assert found.scores.loc["naive", "mae"] == pytest.approx(series.diff().abs().iloc[-10:].mean())
    assert found.scores.loc["naive", "errors"] == 10


def test_naive_intervals_are_as_wide_as_the_errors_that_the_method_made():
    """A steady rise is an error at every step: its mean is no part of the forecast, so it is part of the spread."""
    rising = pd.Series(np.arange(24.0), index=[str(year) for year in range(2000, 2024)])
    path = forecast(rising, horizon=2).paths.loc["naive"]
    assert path["high"].to_list() == pytest.approx(23 + 1.959964 * np.sqrt([1, 2]))


def test_a_random_walk_is_not_beaten_and_says_so():
    walk = pd.Series(np.cumsum(np.random.default_rng(4).normal(size=30)), index=[str(y) for y in range(1990, 2020)])
    found = forecast(walk, horizon=1, folds=8, models=("arima",))
    if found.best == "naive":
        assert found.notes[0] == "no model beat the naive forecast in the rolling test"
    assert "seasonal naive" not in found.scores.index


def test_a_gap_is_an_error_or_what_follows_it_is_used():
    holed = monthly().drop("2020-03")
    with pytest.raises(SchemaError, match="the series has no 2020-03"):
        forecast(holed, horizon=3)
    found = forecast(holed, horizon=1, folds=3, models=(), after_gap=True)
    assert (found.rows_used, found.rows_left_out) == (57, 14)
    assert "14 periods before the last gap were left out" in found.notes


BAD = {
    "too few": {"folds": 70},
    "no model 'prophet'": {"models": ("prophet",)},
    "level 95": {"level": 95},
}


@pytest.mark.parametrize("problem", BAD)
def test_bad_input_is_named(problem):
    with pytest.raises(SchemaError, match=problem):
        forecast(monthly(), **({"horizon": 3} | BAD[problem]))
