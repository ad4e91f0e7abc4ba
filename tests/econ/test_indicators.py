"""Properties of the measures, and the numbers that published tables give."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.econ import indicators
from toolkit.errors import NotComparable, SchemaError

FLOAT_NOISE = 1e-9
amounts = st.lists(st.floats(1e-3, 1e12), min_size=1, max_size=30).map(pd.Series)


@given(amounts)
def test_shares_add_up_to_one(values):
    assert indicators.shares(values).sum() == pytest.approx(1, abs=FLOAT_NOISE)


@given(amounts)
def test_index_lies_between_one_nth_and_one(values):
    index = indicators.herfindahl(values)
    assert 1 / len(values) - FLOAT_NOISE <= index <= 1 + FLOAT_NOISE


@given(amounts)
def test_effective_number_is_at_most_the_number_of_suppliers(values):
    index = min(indicators.herfindahl(values), 1.0)
    assert 1 - FLOAT_NOISE <= indicators.effective_number(index) <= len(values) + FLOAT_NOISE * len(values)


@given(amounts, st.integers(1, 29))
def test_interval_contains_every_way_to_fill_the_rest(values, told):
    every = indicators.shares(values).sort_values(ascending=False)
    low, high = indicators.herfindahl_interval(every.head(told))
    assert low - FLOAT_NOISE <= indicators.herfindahl(values) <= high + FLOAT_NOISE


@given(amounts, st.integers(1, 29))
def test_interval_is_narrower_when_the_number_of_others_is_known(values, told):
    every = indicators.shares(values).sort_values(ascending=False)
    head = every.head(told)
    wide = indicators.herfindahl_interval(head)
    narrow = indicators.herfindahl_interval(head, others=max(len(every) - told, 1))
    assert wide[0] <= narrow[0] + FLOAT_NOISE
    assert narrow[0] - FLOAT_NOISE <= indicators.herfindahl(values) <= narrow[1] + FLOAT_NOISE


def test_interval_of_a_full_split_is_the_index_itself():
    full = pd.Series([0.5, 0.3, 0.2])
    assert indicators.herfindahl_interval(full) == pytest.approx((0.38, 0.38))


def test_interval_of_the_largest_supplier_alone():
    low, high = indicators.herfindahl_interval(pd.Series({"CHN": 0.4}))
    assert (low, high) == pytest.approx((0.16, 0.16 + 0.16 + 0.04))


def test_index_of_us_antitrust_textbook_case():
    # US DOJ/FTC Horizontal Merger Guidelines: firms of 30, 30, 20 and 20 % give 2,600 of 10,000 points
    assert indicators.herfindahl(pd.Series([30, 30, 20, 20])) == pytest.approx(0.26)


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"CHN": 1.0, "USA": math.nan}, "USA is missing"),
        ({"CHN": 1.0, "AUS": -2.0}, "AUS is negative"),
        ({"CHN": 0.0, "USA": 0.0}, "add up to zero"),
        ({}, "no values"),
    ],
)
def test_bad_values_are_named(values, place):
    with pytest.raises(SchemaError, match=place):
        indicators.shares(pd.Series(values, dtype=float))


def test_shares_above_one_are_refused():
    with pytest.raises(SchemaError, match=r"add up to 1\.2"):
        indicators.herfindahl_interval(pd.Series([0.7, 0.5]))


def test_rest_that_does_not_fit_is_refused():
    with pytest.raises(SchemaError, match="more than the other suppliers can hold"):
        indicators.herfindahl_interval(pd.Series([0.3]), others=1)


def test_net_exporter_has_negative_dependence():
    assert indicators.import_dependence(imports=0, exports=20, production=120) == pytest.approx(-0.2)


def test_dependence_names_the_missing_amount():
    with pytest.raises(SchemaError, match="exports is nan"):
        indicators.import_dependence(imports=1, exports=math.nan, production=1)


def test_growth_never_bridges_a_gap():
    changes = indicators.growth(pd.Series({"2024-01": 10.0, "2024-02": 12.0, "2024-04": 6.0}))
    assert changes.isna().to_list() == [True, False, True]


def test_growth_on_the_year_uses_the_same_month():
    monthly = pd.Series({"2024-03": 100.0, "2025-02": 50.0, "2025-03": 90.0})
    assert indicators.growth(monthly, lag=12)["2025-03"] == pytest.approx(-0.1)


def test_growth_refuses_two_vintages_of_one_period():
    with pytest.raises(SchemaError, match="2024 occurs twice"):
        indicators.growth(pd.Series([1.0, 2.0], index=["2024", "2024"]))


def test_year_to_date_never_compares_unlike_months():
    monthly = pd.Series({"2024-01": 1.0, "2025-01": 1.0, "2025-02": 1.0})
    with pytest.raises(SchemaError, match="no 2024-02"):
        indicators.year_to_date(monthly, 2025)


def test_balance_refuses_imports_with_freight():
    one = pd.Series({"2024": 1.0})
    with pytest.raises(NotComparable, match="CIF"):
        indicators.balance(one, one, valuations=("FOB", "CIF"))


def test_balance_refuses_periods_of_one_side_only():
    with pytest.raises(NotComparable, match="only one side has 2025"):
        indicators.balance(
            pd.Series({"2024": 1.0, "2025": 1.0}), pd.Series({"2024": 1.0}), valuations=("FAS", "CUSTOMS")
        )
