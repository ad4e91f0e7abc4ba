"""The classical trade indices: published cells, identities, bad input."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.econ import indicators
from toolkit.errors import NotComparable, SchemaError

ECON = Path(__file__).parents[3] / "shared" / "econ"
published = pytest.mark.skipif(not ECON.is_dir(), reason="needs the published panels in ../shared/econ")
AMOUNT = st.floats(0.01, 1e9)
PATTERN = st.dictionaries(st.sampled_from("abcdefgh"), AMOUNT, min_size=1).map(pd.Series)
TABLE = st.integers(0, 10_000).map(
    lambda seed: pd.DataFrame(np.random.default_rng(seed).exponential(size=(6, 9)) ** 3, index=list("ABCDEF"))
)


@published
def test_balassa_is_met_in_every_published_cell():
    flows = pd.read_parquet(ECON / "world_trade_avg_1998_2000.parquet")
    expected = pd.read_parquet(ECON / "ec_balassa.parquet")
    ours = indicators.balassa(indicators.matrix(flows)) >= 1
    assert ours.shape == expected.shape == (226, 785)
    assert list(ours.columns) == list(expected.columns)
    assert int((ours.to_numpy() != (expected.to_numpy() == 1)).sum()) == 0


@published
def test_the_size_filter_takes_islands_off_the_top():
    exports = indicators.matrix(pd.read_parquet(ECON / "world_trade_avg_1998_2000.parquet"))
    ranked = indicators.complexity(exports, least_exports=1e9, least_world=1e8).economies.sort_values()
    assert {"jpn", "deu", "che"} & set(ranked.index[-6:])
    assert not {"sgs", "hmd"} & set(ranked.index)


@given(exports=TABLE)
def test_balassa_weighted_by_the_world_averages_to_one(exports):
    index = indicators.balassa(exports)
    weights = exports.sum(axis=0) / exports.to_numpy().sum()
    assert np.allclose((index * weights).sum(axis=1), 1)


@given(exports=TABLE)
def test_the_symmetric_index_lies_between_minus_one_and_one(exports):
    index = indicators.symmetric(indicators.balassa(exports)).to_numpy()
    assert ((index >= -1) & (index < 1)).all()


@given(exports=TABLE)
def test_proximity_is_symmetric_and_one_with_itself(exports):
    has = indicators.balassa(exports) >= 1
    near = indicators.proximity(exports.loc[:, has.any()])
    assert np.allclose(near, near.T)
    assert np.allclose(np.diag(near), 1)
    assert ((near >= 0) & (near <= 1)).all(axis=None)


def test_proximity_is_the_smaller_conditional_probability():
    exports = pd.DataFrame({"a": [9.0, 9, 0, 1], "b": [9.0, 0, 9, 1], "c": [1.0, 9, 9, 30]}, index=list("WXYZ"))
    has = indicators.balassa(exports) >= 1
    near = indicators.proximity(exports)
    for one in exports:
        for other in exports:
            both = (has[one] & has[other]).sum()
            assert near.loc[one, other] == min(both / has[one].sum(), both / has[other].sum())


def test_complexity_without_a_sign_is_refused():
    exports = pd.DataFrame(np.random.default_rng(202).exponential(size=(6, 9)) ** 3, index=list("ABCDEF"))
    assert (indicators.balassa(exports) >= 1).sum(axis=1).unique().tolist() == [3]
    with pytest.raises(SchemaError, match="does not vary with diversity"):
        indicators.complexity(exports)


@given(exports=TABLE)
def test_complexity_is_the_fixed_point_of_averaging(exports):
    has = (indicators.balassa(exports) >= 1).astype(float)
    if (has.sum(axis=0) == 0).any():
        return
    try:
        found = indicators.complexity(exports)
    except SchemaError:
        return
    links = has.to_numpy()
    step = (links / links.sum(axis=1, keepdims=True)) @ (links / links.sum(axis=0)).T
    moved = step @ found.economies.to_numpy()
    assert abs(np.corrcoef(moved, found.economies)[0, 1]) == pytest.approx(1, abs=1e-6)
    assert found.economies.mean() == pytest.approx(0, abs=1e-9)


@given(exports=PATTERN, imports=PATTERN)
def test_grubel_lloyd_lies_between_zero_and_one(exports, imports):
    assert indicators.grubel_lloyd(exports, imports).between(0, 1).all()
    assert 0 <= indicators.intra_industry(exports, imports) <= 1


@given(first=PATTERN, second=PATTERN)
def test_similarity_is_symmetric_and_one_with_itself(first, second):
    assert indicators.finger_kreinin(first, second) == pytest.approx(indicators.finger_kreinin(second, first))
    assert indicators.finger_kreinin(first, first) == pytest.approx(1)
    assert indicators.complementarity(first, second) == pytest.approx(indicators.finger_kreinin(first, second))


@given(exports=PATTERN, imports=PATTERN)
def test_michaely_sums_to_zero(exports, imports):
    index = indicators.michaely(exports, imports)
    assert index.sum() == pytest.approx(0, abs=1e-9)
    assert index.between(-1, 1).all()


@given(before=st.lists(AMOUNT, min_size=3, max_size=3), after=st.lists(AMOUNT, min_size=3, max_size=3))
def test_contributions_sum_to_the_growth_of_the_total(before, after):
    parts = indicators.growth_contributions(pd.Series(before), pd.Series(after))
    assert parts.sum() == pytest.approx(sum(after) / sum(before) - 1, rel=1e-6, abs=1e-6)


def test_unit_values_name_every_row_without_one():
    found = indicators.unit_values(pd.Series([6.0, 4.0, 1.0, -1.0]), pd.Series([3.0, np.nan, 0.0, 2.0]))
    assert found.per_unit.to_dict() == {0: 2.0}
    assert found.without.to_dict() == {1: "quantity is missing", 2: "quantity is zero", 3: "value is negative"}


def test_supply_risk_with_all_known_is_one_number():
    risk = indicators.supply_risk(pd.Series({"CHN": 0.6, "AUS": 0.4}), pd.Series({"CHN": 25.0, "AUS": 80.0}))
    assert risk.low == risk.high == pytest.approx(0.36 * 0.75 + 0.16 * 0.2)
    assert risk.parts["contribution_low"].sum() == pytest.approx(risk.low)
    assert risk.unknown_share == 0


def test_supply_risk_of_an_unranked_supplier_is_an_interval():
    risk = indicators.supply_risk(pd.Series({"CHN": 0.6, "XKX": 0.4}), pd.Series({"CHN": 25.0}))
    assert risk.without_governance == ("XKX",)
    assert risk.high - risk.low == pytest.approx(0.16)


BAD = {
    "occur twice": lambda: indicators.matrix(
        pd.DataFrame({"country": ["A", "A"], "product": ["x", "x"], "value": [1.0, 2.0]})
    ),
    "has a missing value": lambda: indicators.matrix(
        pd.DataFrame({"country": ["A"], "product": ["x"], "value": [np.nan]})
    ),
    "A and x is negative": lambda: indicators.balassa(pd.DataFrame({"x": [-1.0, 1.0]}, index=["A", "B"])),
    "B has no exports": lambda: indicators.balassa(pd.DataFrame({"x": [1.0, 0.0]}, index=["A", "B"])),
    "x is not traded": lambda: indicators.grubel_lloyd(pd.Series({"x": 0.0}), pd.Series({"x": 0.0})),
    "does not fit": lambda: indicators.trade_intensity(flow=9, exports=5, imports=20, world=100),
    "0 to 100": lambda: indicators.supply_risk(pd.Series({"CHN": 1.0}), pd.Series({"CHN": -1.2})),
    "do not give a ranking": lambda: indicators.complexity(pd.DataFrame(np.eye(2) + 1)),
}


@pytest.mark.parametrize("problem", BAD)
def test_bad_input_is_named(problem):
    with pytest.raises(SchemaError, match=problem):
        BAD[problem]()


def test_periods_with_other_parts_are_not_compared():
    with pytest.raises(NotComparable, match="only one period has rice"):
        indicators.growth_contributions(pd.Series({"cars": 1.0}), pd.Series({"cars": 1.0, "rice": 1.0}))
