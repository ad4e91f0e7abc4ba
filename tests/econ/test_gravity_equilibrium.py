"""Counterfactuals: identities on small worlds, then the Guide's chapter 2 and Stata's ge_gravity."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.econ import gravity
from toolkit.errors import SchemaError

ECON = Path(__file__).parents[3] / "shared" / "econ"
published = pytest.mark.skipif(not ECON.is_dir(), reason="needs the published panels in ../shared/econ")
MEASURES = {
    "conditional_exports": "change_Xi_CDL",
    "exports": "change_Xi_FULL",
    "price": "change_price_FULL",
    "price_index": "change_IMR_FULL",
    "real_output": "change_rGDP_FULL",
}
PRINTED_PP, STORED = 1e-4, 2e-7  # the Guide's do-file works in percent; ge_gravity stores single precision


def long(matrix, names, **columns):
    matrix = np.asarray(matrix, dtype=float)
    pairs = [(a, b) for a in names for b in names]
    return pd.DataFrame(pairs, columns=["exporter", "importer"]).assign(
        trade=matrix.ravel(), **{name: np.asarray(values, dtype=float).ravel() for name, values in columns.items()}
    )


def cells(square, flows):
    """Return the cell of each flow."""
    return square.to_numpy()[square.index.get_indexer(flows["exporter"]), square.columns.get_indexer(flows["importer"])]


def world(seed, n=5, size=0.5):
    chance = np.random.default_rng(seed)
    flows = np.exp(chance.normal(size=(n, n))) + 5 * np.eye(n)
    return long(flows, [f"E{i}" for i in range(n)], effect=chance.normal(scale=size, size=(n, n)))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), theta=st.floats(1, 12), closure=st.sampled_from(["multiplicative", "additive"]))
def test_no_change_of_costs_changes_nothing(seed, theta, closure):
    still = world(seed).assign(effect=0.0)
    found = gravity.counterfactual(still, theta=theta, deficits=closure)
    assert np.abs(found.economies - 1).to_numpy().max() < 1e-10


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), theta=st.floats(1, 12))
def test_every_market_clears_and_the_world_spends_what_it_earns(seed, theta):
    flows = world(seed)
    found = gravity.counterfactual(flows, theta=theta)
    output = flows.groupby("exporter")["trade"].sum() * found.economies["output"]
    spent = flows.groupby("importer")["trade"].sum() * found.economies["expenditure"]
    assert found.residual < 1e-12
    assert np.allclose(found.trade.sum(axis=1), output, rtol=1e-10)
    assert np.allclose(found.trade.sum(axis=0), spent, rtol=1e-10)
    assert (found.economies["price"] > 0).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_welfare_follows_from_the_domestic_share(seed):
    """Arkolakis, Costinot & Rodriguez-Clare (2012): balanced trade gives welfare = share ** (-1/theta)."""
    chance, names, theta = np.random.default_rng(seed), list("ABCD"), 4.0
    half = np.exp(chance.normal(size=(4, 4)))
    effect = chance.normal(size=(4, 4)) * (1 - np.eye(4))
    flows = long(half + half.T, names, effect=effect)
    found = gravity.counterfactual(flows, theta=theta)
    before = np.diag((half + half.T) / (half + half.T).sum(axis=0))
    after = np.diag(found.trade / found.trade.sum(axis=0))
    assert np.allclose(found.economies["welfare"], (after / before) ** (-1 / theta), rtol=1e-9)


def test_the_numeraire_moves_prices_only():
    flows = world(7)
    one, other = (gravity.counterfactual(flows, theta=5, numeraire=n) for n in ("world output", "E2"))
    assert other.economies.loc["E2", "price_index"] == pytest.approx(1)
    for real in ("welfare", "real_output"):
        assert np.allclose(one.economies[real], other.economies[real])
    assert not np.allclose(one.economies["price"], other.economies["price"])


def test_conditional_equilibrium_keeps_output_and_expenditure():
    flows = world(8)
    found = gravity.counterfactual(flows, theta=5, conditional=True)
    assert np.allclose(found.trade.sum(axis=1), flows.groupby("exporter")["trade"].sum())
    assert np.allclose(found.trade.sum(axis=0), flows.groupby("importer")["trade"].sum())


BAD = {
    "only an importer": lambda f: f[f["exporter"] != "E1"],
    "is missing": lambda f: f.drop(index=3),
    "occurs twice": lambda f: pd.concat([f, f.head(1)]),
    "is negative": lambda f: f.assign(trade=f["trade"].where(f.index != 2, -1.0)),
    "no column 'effect'": lambda f: f.drop(columns="effect"),
    "no economy trades with itself": lambda f: f.assign(trade=f["trade"].where(f["exporter"] != f["importer"], 0.0)),
    "sells nothing": lambda f: f.assign(trade=f["trade"].where(f["exporter"] != "E1", 0.0)),
}


@pytest.mark.parametrize("problem", BAD)
def test_a_square_with_a_fault_is_refused_by_name(problem):
    with pytest.raises(SchemaError, match=problem):
        gravity.counterfactual(BAD[problem](world(1)), theta=4)


def test_an_elasticity_of_the_wrong_sign_is_refused():
    with pytest.raises(SchemaError, match="theta is -4"):
        gravity.counterfactual(world(1), theta=-4)


def test_deficits_that_outgrow_a_country_raise_instead_of_negative_prices():
    flows = long([[10, 0, 0], [5, 1, 1], [30, 1, 2]], list("ABC"), effect=[[0, 0, 0], [-9, 0, 0], [-9, 0, 0]])
    with pytest.raises(SchemaError, match=r"positive|equilibrium"):
        gravity.counterfactual(flows, theta=0.2, deficits="additive")


@pytest.fixture(scope="module")
def guide():
    panel = pd.read_parquet(ECON / "agtpa_applications.parquet")
    flows = panel[panel["year"] == 2006].reset_index(drop=True)
    return flows.assign(ln_dist=np.log(flows["dist"]), border=(flows["exporter"] != flows["importer"]) * 1.0)


@pytest.fixture(scope="module")
def borderless(guide):
    fit = gravity.estimate(guide, y="trade", x=["ln_dist", "cntg", "border"], fe=["exporter", "importer"])
    b = fit.coefficients["estimate"]
    far = b["ln_dist"] * guide["ln_dist"] + b["cntg"] * guide["cntg"]
    before = np.exp(far + b["border"] * guide["border"])
    flows = guide.assign(before=before, after=np.exp(far), effect=-b["border"] * guide["border"])
    costs, trade = (flows.pivot_table(index="exporter", columns="importer", values=v) for v in ("before", "trade"))
    balanced = gravity.balance(costs.to_numpy(), trade.sum(axis=1).to_numpy(), trade.sum(axis=0).to_numpy())[0]
    return fit, flows.assign(fitted=cells(pd.DataFrame(balanced, index=trade.index, columns=trade.columns), flows))


@published
def test_the_baseline_of_chapter_2_is_met(borderless):
    fit, _ = borderless
    for term, value, error in (
        ("ln_dist", -0.7912879, 0.0501494), ("cntg", 0.6736456, 0.1073719), ("border", -2.47445, 0.1193816),
    ):  # fmt: skip
        assert fit[term].estimate == pytest.approx(value, abs=5.1e-7)
        assert fit[term].std_error == pytest.approx(error, abs=5.1e-6), term


@published
def test_trade_without_borders_repeats_the_guide_as_printed(borderless):
    printed = pd.read_csv(ECON / "agtpa_ch2_app1_twb.csv", index_col="country")
    _, flows = borderless
    found = gravity.as_printed(flows, baseline="before", counterfactual="after", sigma=7, reference="DEU")
    for ours, theirs in MEASURES.items():
        limit = 1e-5 if ours == "conditional_exports" else PRINTED_PP
        assert (found.economies[ours] - printed[theirs]).abs().max() <= limit, ours


@published
def test_trade_without_borders_clears_exactly_and_conditionally(borderless):
    printed = pd.read_csv(ECON / "agtpa_ch2_app1_twb.csv", index_col="country")
    _, flows = borderless
    base = flows.assign(trade=flows["fitted"])
    part = gravity.counterfactual(base, theta=6, conditional=True).percent()
    assert (part["exports"] - printed["change_Xi_CDL"]).abs().max() <= 1e-5
    full = gravity.counterfactual(base, theta=6, numeraire="DEU")
    assert full.residual <= 1e-12
    assert full.percent().loc["HKG", "exports"] == pytest.approx(1574.95, abs=0.01)


@pytest.fixture(scope="module")
def nafta():
    """Repeat the two stages of the Guide: pair effects, gravity of the pair effects for pairs without trade."""
    panel = pd.read_parquet(ECON / "agtpa_applications.parquet")
    panel = panel[panel["year"].isin(range(1986, 2007, 4))].reset_index(drop=True)
    home = panel["exporter"] == panel["importer"]
    panel["pair"] = panel["pair_id"].where(~home, 0.0)
    first = gravity.estimate(
        panel, y="trade", x=["rta"], fe=["exporter^year", "importer^year", "pair"], singletons=False
    )
    effects = first.effects()["pair"]
    gamma = (effects - effects[home.loc[effects.index]].mean()).groupby(panel["pair"]).mean()
    year = panel[panel["year"] == 1994].reset_index(drop=True)
    year = year.assign(cost=np.exp(year["pair"].map(gamma)), ln_dist=np.log(year["dist"]))
    abroad = year[year["exporter"] != year["importer"]]
    geography = ["ln_dist", "cntg", "lang", "clny"]
    second = gravity.estimate(abroad, y="cost", x=geography, fe=["exporter", "importer"], cluster="pair_id")
    sides = second.effects()
    parts = [sides[s].groupby(year.loc[sides.index, s]).mean() for s in ("exporter", "importer")]
    fitted = year[geography] @ second.coefficients.loc[geography, "estimate"]
    fitted = np.exp(fitted + year["exporter"].map(parts[0]) + year["importer"].map(parts[1]))
    bar, b = year["cost"].fillna(fitted), first["rta"].estimate
    members = {"CAN", "MEX", "USA"}
    inside = year["exporter"].isin(members) & year["importer"].isin(members) & (year["exporter"] != year["importer"])
    without = year["rta"].where(~inside, 0.0)
    return first, second, year.assign(before=bar * np.exp(b * year["rta"]), after=bar * np.exp(b * without))


@published
def test_the_two_stages_of_the_agreement_scenario_are_met(nafta):
    first, second, _ = nafta
    assert (first.n, second.n) == (28482, 4678)
    assert first["rta"].estimate == pytest.approx(0.5571853, abs=1e-6)
    assert first["rta"].std_error == pytest.approx(0.055771, abs=5e-5)
    expected = {"ln_dist": -0.8475027, "cntg": 0.2940831, "lang": 0.3632659, "clny": 0.2394163}
    for term, value in expected.items():
        assert second[term].estimate == pytest.approx(value, abs=2e-5), term


@published
def test_a_world_without_the_agreement_repeats_the_guide_as_printed(nafta):
    """That application divides by the counterfactual, and gives prices as 1 - p: two bases in one table."""
    printed = pd.read_csv(ECON / "agtpa_ch2_app2_nafta.csv", index_col="country")
    found = gravity.as_printed(nafta[2], baseline="before", counterfactual="after", sigma=7, reference="DEU").economies
    for ours, theirs in MEASURES.items():
        based = -found[ours] if ours == "price" else 100 * (1 / (1 + found[ours] / 100) - 1)
        limit = 1e-5 if ours == "conditional_exports" else PRINTED_PP
        assert (based - printed[theirs]).abs().max() <= limit, ours


@published
def test_ge_gravity_is_met_cell_by_cell():
    stored = pd.read_parquet(ECON / "gegravityR_TradeData0014_Results.parquet")
    flows = stored[stored["year"] == 2000].reset_index(drop=True)
    flows = flows.assign(effect=flows["eu_effect"].fillna(0.0))
    found = gravity.counterfactual(flows, theta=4, deficits="additive")
    new = cells(found.trade, flows)
    old = flows["X_eu"].to_numpy()
    welfare = flows.set_index("exporter")["w_eu"].groupby(level=0).first()
    assert (found.economies["welfare"] - welfare).abs().max() <= 1e-7
    assert np.max(np.abs(new - old) / np.where(old > 0, old, 1)) <= STORED
    assert new.size == 1936
