"""What followed a date: known effects are found, gaps and faults are named."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from toolkit.econ import events
from toolkit.errors import SchemaError

MONTHS = [str(p) for p in pd.period_range("2021-01", "2025-12", freq="M")]
AT = "2025-01"


def monthly(effect=0.0, seed=0):
    chance, t = np.random.default_rng(seed), np.arange(len(MONTHS))
    season = 5 * np.sin(2 * np.pi * t / 12)
    return pd.Series(100 + 0.5 * t + season + effect * (np.array(MONTHS) >= AT) + chance.normal(size=60), index=MONTHS)


def panel(effect=0.0, units=12, treated=4, seed=0):
    chance = np.random.default_rng(seed)
    rows = [(f"U{u:02d}", month) for u in range(units) for month in MONTHS]
    frame = pd.DataFrame(rows, columns=["product", "month"])
    on = frame["product"].isin([f"U{u:02d}" for u in range(treated)]) & (frame["month"] >= AT)
    frame["y"] = frame["product"].str[1:].astype(int) + effect * on + 0.1 * chance.normal(size=len(frame))
    return frame, [f"U{u:02d}" for u in range(treated)]


def test_an_interruption_is_found_at_its_size():
    found = events.interrupted(monthly(effect=-12.0), at=AT)
    assert found.level.low < -12 < found.level.high
    assert found.level.p_value < 1e-6
    assert (found.actual - found.expected).mean() == pytest.approx(-12, abs=1.5)
    assert (found.rows_before, found.rows_after) == (48, 12)


def test_no_interruption_is_not_found():
    found = events.interrupted(monthly(), at=AT)
    assert found.level.low < 0 < found.level.high


def test_an_interruption_is_the_regression_that_it_says():
    series = monthly(effect=3.0)
    found = events.interrupted(series, at=AT, seasonal=False, lags=2)
    clock = np.arange(60.0) - 48
    design = sm.add_constant(np.column_stack([clock, clock >= 0, clock * (clock >= 0)]))
    truth = sm.OLS(series.to_numpy(), design).fit(cov_type="HAC", cov_kwds={"maxlags": 2, "use_correction": True})
    assert found.level.estimate == pytest.approx(truth.params[2])
    assert found.slope.std_error == pytest.approx(truth.bse[3])


def test_gaps_are_named_and_not_filled():
    found = events.interrupted(monthly().drop(["2022-05", "2022-06"]), at=AT)
    assert found.gaps == ("2022-05", "2022-06")
    assert found.rows_before == 46


def test_difference_in_differences_is_that_of_the_four_means():
    frame, treated = panel(effect=0.7)
    found = events.diff_in_diff(frame, y="y", unit="product", time="month", treated=treated, at=AT)
    means = frame.groupby([frame["product"].isin(treated), frame["month"] >= AT])["y"].mean()
    expected = (means[True, True] - means[True, False]) - (means[False, True] - means[False, False])
    assert found.effect.estimate == pytest.approx(expected)
    assert found.effect.low < 0.7 < found.effect.high
    assert found.notes == ()


def test_an_event_study_is_flat_before_and_moves_after():
    frame, treated = panel(effect=0.7)
    found = events.event_study(frame, y="y", unit="product", time="month", treated=treated, at=AT, window=(-4, 4))
    assert found.effects.loc[-1, "estimate"] == 0
    assert list(found.effects.index) == list(range(-4, 5))
    assert found.effects.loc[0:, "estimate"].mean() == pytest.approx(0.7, abs=0.1)
    assert found.effects.loc[:-2, "estimate"].abs().max() < 0.2


def test_rows_without_a_number_are_counted_and_few_units_noted():
    frame, treated = panel(units=4, treated=1)
    frame.loc[3, "y"] = np.nan
    found = events.diff_in_diff(frame, y="y", unit="product", time="month", treated=treated, at=AT)
    assert found.dropped == (("no number in y", 1),)
    assert found.rows_in == found.rows_used + 1
    assert "1 treated of 4 units" in found.notes[0]


def test_a_synthetic_control_recovers_its_recipe():
    chance = np.random.default_rng(5)
    table = pd.DataFrame({f"D{i}": 50 + np.cumsum(chance.normal(size=60)) for i in range(8)}, index=MONTHS)
    table["T"] = (
        0.6 * table["D1"] + 0.4 * table["D4"] - 9.0 * (np.array(MONTHS) >= AT) + chance.normal(scale=0.05, size=60)
    )
    found = events.synthetic_control(table, treated="T", at=AT)
    assert found.weights["D1"] == pytest.approx(0.6, abs=0.02)
    assert found.weights.sum() == pytest.approx(1)
    assert (found.weights >= 0).all()
    assert found.effect == pytest.approx(-9, abs=0.3)
    assert (found.rank, found.p_value) == (1, pytest.approx(1 / 9))


def test_a_unit_that_no_mixture_follows_is_noted():
    table = pd.DataFrame({c: monthly(seed=i) for i, c in enumerate("TABCD")})
    assert events.synthetic_control(table, treated="T", at=AT).notes == ()
    table["T"] = table["T"] + 1000
    assert "before 2025-01 the mixture misses T" in events.synthetic_control(table, treated="T", at=AT).notes[0]


def test_units_that_fit_almost_exactly_are_noted_with_their_names():
    table = pd.DataFrame({c: monthly(seed=i) for i, c in enumerate("TABCD")})
    table["E"] = (table["A"] + table["B"]) / 2
    (note,) = events.synthetic_control(table, treated="T", at=AT).notes
    assert "of 6 fit almost exactly before 2025-01" in note
    assert "E" in note.partition("large: ")[2].split("; ")


def test_a_donor_with_a_hole_is_left_out_by_name():
    table = pd.DataFrame({c: monthly(seed=i) for i, c in enumerate("TABCD")})
    table.loc["2022-01", "A"] = np.nan
    found = events.synthetic_control(table, treated="T", at=AT)
    assert found.dropped.to_dict() == {"A": "1 periods without a value"}


FRAME, TREATED = panel()
BAD = {
    "occurs twice": lambda: events.interrupted(pd.concat([monthly(), monthly().head(1)]), at=AT),
    "has no value": lambda: events.interrupted(monthly().where(lambda s: s.index != "2023-01"), at=AT),
    "periods after 2025-11": lambda: events.interrupted(monthly(), at="2025-11"),
    "no unit 'X'": lambda: events.diff_in_diff(FRAME, y="y", unit="product", time="month", treated=["X"], at=AT),
    "no period on one side": lambda: events.diff_in_diff(
        FRAME, y="y", unit="product", time="month", treated=TREATED, at="2030-01"
    ),
    "one side has no unit": lambda: events.diff_in_diff(FRAME, y="y", unit="product", time="month", treated=[], at=AT),
    "a window of": lambda: events.event_study(
        FRAME, y="y", unit="product", time="month", treated=TREATED, at=AT, window=(0, 4)
    ),
    "0 donors": lambda: events.synthetic_control(pd.DataFrame({"T": monthly()}), treated="T", at=AT),
}


@pytest.mark.parametrize("problem", BAD)
def test_bad_input_is_named(problem):
    with pytest.raises(SchemaError, match=problem):
        BAD[problem]()
