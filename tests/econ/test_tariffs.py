"""Tariffs: the law of a day, and what a change does."""

from datetime import date
from decimal import Decimal
from math import inf

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import codes
from toolkit.econ import tariffs
from toolkit.errors import SchemaError, UnknownCode
from toolkit.store import datasets

CARS = [
    ("2025-04-02", "2.5"), ("2025-04-03", "27.5"), ("2025-09-15", "27.5"), ("2025-09-16", "15"), ("2026-06-01", "15"),
]  # fmt: skip
PICKUPS = [("2025-04-02", "25"), ("2025-04-03", "50"), ("2025-09-15", "50"), ("2025-09-16", "25"), ("2026-06-01", "25")]
OTHER = [
    ("2025-04-04", "3"), ("2025-04-05", "13"), ("2025-08-06", "13"), ("2025-08-07", "15"), ("2026-02-23", "15"),
    ("2026-02-24", "13"), ("2026-07-23", "13"),
]  # fmt: skip
PARTS = [("2025-04-04", "2.5"), ("2025-05-03", "27.5"), ("2025-09-15", "27.5"), ("2025-09-16", "15")]
METALS = [("2025-03-12", "25"), ("2025-06-04", "50"), ("2026-04-06", "50")]


@pytest.mark.parametrize(
    ("goods", "day", "rate"),
    [("cars", *row) for row in CARS] + [("light trucks", *row) for row in PICKUPS],
)
def test_vehicles_of_japan_pay_what_the_law_of_the_day_says(goods, day, rate):
    assert tariffs.applied_rate(goods, origin="JPN", as_of=day).rate_pct == Decimal(rate)


@pytest.mark.parametrize(("day", "rate"), OTHER)
def test_other_goods_of_japan_pay_the_layer_of_the_day(day, rate):
    assert tariffs.applied_rate("other", origin="JPN", as_of=day, column_1_pct=3).rate_pct == Decimal(rate)


@pytest.mark.parametrize(("day", "rate"), METALS)
def test_metals_pay_section_232_and_nothing_else(day, rate):
    found = tariffs.applied_rate("steel and aluminium", origin="JPN", as_of=day, column_1_pct=0)
    assert found.rate_pct == Decimal(rate)
    assert not {"reciprocal", "section 122"} & {layer.name for layer in found.layers}


@pytest.mark.parametrize(("day", "rate"), PARTS)
def test_parts_pay_from_their_own_day(day, rate):
    found = tariffs.applied_rate("auto parts", origin="JPN", as_of=day, column_1_pct="2.5")
    assert found.rate_pct == Decimal(rate)


@pytest.mark.parametrize(
    ("goods", "day"),
    [
        ("auto parts", "2025-04-20"),
        ("wood furniture", "2025-09-01"),
        ("civil aircraft", "2026-03-01"),
        ("steel and aluminium", "2025-03-01"),
    ],
)
def test_a_rate_that_was_not_found_is_no_rate(goods, day):
    with pytest.raises(UnknownCode, match=f"{day} is not known"):
        tariffs.applied_rate(goods, origin="JPN", as_of=day, column_1_pct=0)


def test_an_inclusive_rate_fills_up_and_never_cuts():
    for base, paid in ((0, 15), (14.9, 15), (15, 15), (20, 20)):
        found = tariffs.applied_rate("other", origin="JPN", as_of="2025-10-01", column_1_pct=base)
        assert found.rate_pct == Decimal(str(paid))


def test_what_was_known_on_a_day_may_differ_from_what_applied():
    known = tariffs.applied_rate("other", origin="JPN", as_of="2025-08-20", column_1_pct=3, known_on="2025-08-20")
    assert known.rate_pct == 18
    assert tariffs.applied_rate("other", origin="JPN", as_of="2025-08-20", column_1_pct=3).rate_pct == 15


def test_a_scenario_dated_before_later_law_says_so():
    later = tariffs.applied_rate("other", origin="JPN", as_of="2025-10-01", column_1_pct=3).later
    assert any("2026-02-23 last day of reciprocal" in line and "judgment of 2026-02-20" in line for line in later)
    assert any(line.startswith("2026-02-24 from section 122") for line in later)
    assert not tariffs.applied_rate("cars", origin="JPN", as_of="2025-10-01").later
    assert "last day covered by the sources" in tariffs.applied_rate("cars", origin="JPN", as_of="2026-09-01").later[0]


def test_a_code_finds_its_kind():
    assert tariffs.applied_rate("8703.23", origin="JPN", as_of="2025-10-01").goods == "cars"
    assert tariffs.applied_rate("870421", origin="JPN", as_of="2025-10-01").goods == "light trucks"


def test_every_layer_has_a_source_and_dates_in_order():
    sources = {row["id"] for row in datasets.rows("sources")}
    for row in codes.table("us_tariff_layers"):
        assert row["source"] in sources, row
        if row["end"]:
            assert date.fromisoformat(row["start"]) <= date.fromisoformat(row["end"])


def test_origins_goods_and_days_that_the_table_lacks_are_refused():
    with pytest.raises(UnknownCode, match="no layers for goods of DEU"):
        tariffs.applied_rate("cars", origin="DEU", as_of="2025-10-01")
    with pytest.raises(UnknownCode, match="no kind of goods 'bananas'"):
        tariffs.applied_rate("bananas", origin="JPN", as_of="2025-10-01")
    with pytest.raises(SchemaError, match="is not a day"):
        tariffs.applied_rate("cars", origin="JPN", as_of="autumn")
    with pytest.raises(SchemaError, match="no column 1 rate"):
        tariffs.applied_rate("other", origin="JPN", as_of="2025-10-01")


def lines(after=15.0, **columns):
    frame = pd.DataFrame({"exporter": ["JPN", "MEX", "KOR"], "value": [40.0, 50.0, 30.0]})
    frame = frame.assign(rate_before_pct=[2.5, 0.0, 0.0], rate_after_pct=[after, 0.0, 0.0])
    return frame.assign(**columns)


METHODS = st.sampled_from(["exact", "smart", "gsim"])
RATE = st.floats(0, 60)


@given(method=METHODS, sigma=st.floats(0.5, 20), eta=st.floats(-3, -0.2), mu=st.sampled_from([0.5, 3.0, inf]))
def test_no_change_of_tariffs_changes_nothing(method, sigma, eta, mu):
    found = tariffs.simulate(lines(after=2.5), demand=eta, substitution=sigma, supply=mu, method=method)
    assert np.allclose(found.lines["value_after"], found.lines["value"])
    for measure in ("creation", "diversion", "revenue_change", "consumer_surplus", "welfare", "exporter_surplus"):
        assert found.totals.loc[measure, "value"] == pytest.approx(0, abs=1e-9)


@given(method=METHODS, after=RATE, sigma=st.floats(0.5, 20), mu=st.sampled_from([0.5, 3.0, inf]))
def test_the_parts_add_up_and_diversion_sums_to_nothing(method, after, sigma, mu):
    found = tariffs.simulate(lines(after=after), demand=-1.2, substitution=sigma, supply=mu, method=method).lines
    parts = found[["creation", "diversion", "price_effect"]].sum(axis=1)
    assert np.allclose(found["value_after"] - found["value"], parts)
    assert found["diversion"].sum() == pytest.approx(0, abs=1e-8)
    assert (found["value_after"] >= -1e-9).all()


@given(after=st.floats(3, 60), sigma=st.floats(0.5, 20))
def test_a_higher_tariff_costs_welfare_and_favours_the_others(after, sigma):
    found = tariffs.simulate(lines(after=after), demand=-1.0, substitution=sigma)
    assert found.lines.loc[0, "value_after"] < 40
    assert found.totals.loc["consumer_surplus", "value"] < 0
    if sigma > 1:
        assert (found.lines.loc[1:, "diversion"] > 0).all()


def test_small_changes_agree_to_first_order_whatever_the_method():
    small = lines(after=2.51)
    exact, gsim, smart = (
        tariffs.simulate(small, demand=-1.0, substitution=4.0, method=m).lines["value_after"] - small["value"]
        for m in ("exact", "gsim", "smart")
    )
    assert np.allclose(exact, gsim, rtol=1e-3)
    assert exact.sum() == pytest.approx(smart.sum(), rel=0.05)
    finite = [tariffs.simulate(small, demand=-1.0, substitution=4.0, supply=2.0, method=m) for m in ("exact", "gsim")]
    assert np.allclose(finite[0].lines["value_after"], finite[1].lines["value_after"], rtol=1e-6)


def test_smart_is_its_published_formulas():
    found = tariffs.simulate(lines(after=0.0), demand=-1.5, substitution=3.0, method="smart").lines
    tau = (0.0 - 2.5) / 102.5
    assert found.loc[0, "creation"] == pytest.approx(40 * -1.5 * tau)
    assert found.loc[0, "diversion"] == pytest.approx(-3.0 * tau * 40 * 80 / 120)
    assert found.loc[1, "diversion"] == pytest.approx(3.0 * tau * 40 * 50 / 120)


REGIONS = ["USA", "JPN", "EUU", "ROW"]
FLOWS = [[0, 50, 200, 300], [500, 0, 150, 200], [300, 100, 200, 200], [50, 100, 110, 20]]  # from row to column
TARIFFS = [[0, 21, 41, 22], [37, 0, 31, 23], [32, 36, 0, 18], [57, 41, 25, 15]]


def four_regions(free=frozenset()):
    rows = [
        (seller, buyer, float(FLOWS[i][j]), TARIFFS[i][j], 0 if (seller, buyer) in free else TARIFFS[i][j])
        for i, seller in enumerate(REGIONS)
        for j, buyer in enumerate(REGIONS)
        if FLOWS[i][j]
    ]
    return pd.DataFrame(rows, columns=["exporter", "importer", "value", "rate_before_pct", "rate_after_pct"])


def world_prices(found):
    return found.lines.groupby("exporter")["world_price_change_pct"].first()[REGIONS]


def test_gsim_gives_the_reported_prices_of_its_four_region_workbook():
    """Francois & Hall's 4x4 example, free trade between the US and the EU.

    Inputs and the four reported prices as restated in a public R version of the
    workbook; the paper's own tables could not be read.
    """
    free = {("USA", "EUU"), ("EUU", "USA")}
    found = tariffs.simulate(four_regions(free), demand=-1.25, substitution=5.0, supply=1.5, method="gsim")
    assert world_prices(found).to_numpy() == pytest.approx([7.92, -3.16, 4.80, -1.84], abs=0.0051)


def test_gsim_is_what_a_nonlinear_solver_finds_in_the_same_equations():
    """Excess demand of the linear model, written out pair by pair and solved by scipy."""
    from scipy.optimize import root

    free, eta, sigma, mu = {("JPN", "USA"), ("USA", "JPN")}, -1.25, 5.0, 1.5
    value, before = np.array(FLOWS, dtype=float), 1 + np.array(TARIFFS) / 100
    after = np.where([[(s, b) in free for b in REGIONS] for s in REGIONS], 1.0, before)
    tau, share = after / before - 1, value * before / (value * before).sum(axis=0)

    def excess(price):
        paid = price[:, None] + tau
        own = share * eta - (1 - share) * sigma
        cross = (sigma + eta) * ((share * paid).sum(axis=0) - share * paid)
        sold = value * (own * paid + cross)
        return sold.sum(axis=1) / value.sum(axis=1) - mu * price

    found = tariffs.simulate(four_regions(free), demand=eta, substitution=sigma, supply=mu, method="gsim")
    assert world_prices(found).to_numpy() / 100 == pytest.approx(root(excess, np.zeros(4)).x, abs=1e-9)


@pytest.mark.parametrize("method", ["exact", "gsim"])
def test_supply_without_limit_is_the_armington_answer(method):
    free = {("USA", "EUU"), ("EUU", "USA")}
    wide, given = (
        tariffs.simulate(four_regions(free), demand=-1.25, substitution=5.0, supply=mu, method=method)
        for mu in (1e7, inf)
    )
    assert np.allclose(wide.lines["value_after"], given.lines["value_after"], rtol=1e-5)
    assert np.allclose(world_prices(given), 0)


@pytest.mark.parametrize("method", ["exact", "gsim"])
def test_like_regions_are_treated_alike(method):
    pairs = [(seller, buyer) for seller in "AB" for buyer in "AB"]
    frame = pd.DataFrame(pairs, columns=["exporter", "importer"])
    abroad = frame["exporter"] != frame["importer"]
    frame = frame.assign(
        value=np.where(abroad, 20.0, 80.0), rate_before_pct=np.where(abroad, 30.0, 0.0), rate_after_pct=0.0
    )
    found = tariffs.simulate(frame, demand=-1.0, substitution=4.0, supply=2.0, method=method)
    prices = found.lines.groupby("exporter")["world_price_change_pct"].first()
    assert prices["A"] == pytest.approx(prices["B"])
    assert found.importers.loc["A", "welfare"] == pytest.approx(found.importers.loc["B", "welfare"])


def test_markets_clear_when_supply_is_finite():
    pairs = [(i, e) for i in ("USA", "EUU") for e in ("JPN", "MEX")]
    frame = pd.DataFrame(pairs, columns=["importer", "exporter"]).assign(
        value=[40.0, 50.0, 10.0, 5.0], rate_before_pct=0.0, rate_after_pct=[15.0, 0.0, 0.0, 0.0]
    )
    found = tariffs.simulate(frame, demand=-1.0, substitution=5.0, supply=1.5).lines
    price = 1 + found["world_price_change_pct"] / 100
    quantity = (found["value_after"] / price).groupby(found["exporter"]).sum() / frame.groupby("exporter")[
        "value"
    ].sum()
    assert np.allclose(quantity, price.groupby(found["exporter"]).first() ** 1.5)
    assert price[0] < 1 < found.loc[2, "value_after"] / 10 / price[2]


def test_intervals_hold_the_stated_value_and_name_their_sources():
    sigma = tariffs.Elasticity("substitution", 5.0, low=2.0, high=10.0, source="a table")
    found = tariffs.simulate(lines(), demand=tariffs.Elasticity("demand", -1, low=-1.5, high=-0.5), substitution=sigma)
    assert (found.totals["low"] <= found.totals["value"]).all()
    assert (found.totals["value"] <= found.totals["high"]).all()
    assert found.totals.loc["diversion", "low"] < found.totals.loc["diversion", "high"]
    assert found.substitution.source == "a table"
    assert (found.lines["value_after_low"] <= found.lines["value_after"]).all()
    assert found.lines.loc[0, "value_after_low"] < found.lines.loc[0, "value_after_high"] < 40
    assert "world prices do not move" in found.supply.source


def test_odd_lines_are_named_and_not_dropped():
    odd = lines(after=145.0, value=[40.0, 50.0, 0.0])
    found = tariffs.simulate(odd, demand=-1.0, substitution=3.0)
    assert found.notes == (
        "no imports from KOR: the model cannot create a flow that is not there",
        "a rate above 100 % on JPN",
    )
    assert found.rows_in == found.rows_used == 3
    assert found.lines.loc[2, "value_after"] == 0


def test_smart_says_where_its_formula_had_to_be_capped():
    found = tariffs.simulate(lines(after=27.5), demand=-1.0, substitution=13.0, method="smart")
    assert "JPN: imports cannot fall below zero" in found.notes


BAD = {
    "elasticity of demand of 1.2": {"demand": 1.2},
    "elasticity of substitution of -7.4": {"substitution": -7.4},
    "no column 'value'": {"lines": lines().drop(columns="value")},
    "value of all JPN all is missing or negative": {"lines": lines(value=[-1.0, 2.0, 3.0])},
    "occurs twice": {"lines": pd.concat([lines(), lines()])},
    "no rate is above 1": {"lines": lines(rate_before_pct=0.025, rate_after_pct=0.15)},
    "a rate of 1500 %": {"lines": lines(after=1500.0)},
    "nothing is imported": {"lines": lines(value=0.0)},
    "no method 'cge'": {"method": "cge"},
}


@pytest.mark.parametrize("problem", BAD)
def test_bad_input_is_named(problem):
    arguments = {"lines": lines(), "demand": -1.0, "substitution": 3.0} | BAD[problem]
    with pytest.raises(SchemaError, match=problem):
        tariffs.simulate(arguments.pop("lines"), **arguments)


def test_fractions_can_be_meant():
    percent = tariffs.simulate(lines(), demand=-1.0, substitution=3.0)
    fractions = lines(rate_before_pct=[0.025, 0, 0], rate_after_pct=[0.15, 0, 0])
    same = tariffs.simulate(fractions, demand=-1.0, substitution=3.0, rates="fractions")
    assert np.allclose(percent.totals, same.totals)


def test_an_elasticity_must_lie_in_its_range():
    with pytest.raises(SchemaError, match="outside"):
        tariffs.Elasticity("substitution", 5.0, low=6.0, high=9.0)


def test_embedded_elasticities_are_positive_and_artefacts_are_left_out():
    table = tariffs.elasticities("8703")
    assert (table["value"] > 0).all()
    assert (table["repeated"] > 0).any()
    found = tariffs.elasticity("8703", series="protee_trade_elasticity")
    assert 7 < found.low <= found.value <= found.high < 17
    with pytest.raises(UnknownCode, match="no elasticity for product 9999"):
        tariffs.elasticities("9999")
