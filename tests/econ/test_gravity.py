"""Gravity estimates on data of our own, with statsmodels as the outside truth; and bad input."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from toolkit.econ import gravity
from toolkit.errors import SchemaError, UnknownCode


@pytest.fixture(scope="module")
def panel():
    chance = np.random.default_rng(11)
    pairs = [(i, j, t) for i in "ABCDEF" for j in "ABCDEF" for t in (2000, 2004, 2008) if i != j]
    flows = pd.DataFrame(pairs, columns=["exporter", "importer", "year"])
    flows["pair"] = flows["exporter"] + flows["importer"]
    flows["ln_dist"] = flows["pair"].map({p: chance.normal(8, 1) for p in flows["pair"].unique()})
    flows["rta"] = chance.integers(0, 2, len(flows)).astype(float)
    noise = np.exp(chance.normal(size=len(flows)))
    flows["trade"] = np.exp(9 - flows["ln_dist"] + 0.4 * flows["rta"]) * noise * (chance.random(len(flows)) > 0.1)
    return flows


def dummies(flows, *names):
    parts = [pd.get_dummies(flows[name], prefix=name, drop_first=True, dtype=float) for name in names]
    return sm.add_constant(pd.concat([flows[["ln_dist", "rta"]], *parts], axis=1))


def test_ppml_is_statsmodels_with_dummies(panel):
    ours = gravity.estimate(panel, y="trade", x=["ln_dist", "rta"], fe=["exporter", "importer"], cluster="pair")
    design = dummies(panel, "exporter", "importer")
    groups = pd.factorize(panel["pair"])[0]
    theirs = sm.GLM(panel["trade"], design, family=sm.families.Poisson()).fit(
        tol=1e-12, cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    correction = np.sqrt(ours.clusters / (ours.clusters - 1))
    for term in ("ln_dist", "rta"):
        assert ours[term].estimate == pytest.approx(theirs.params[term], rel=1e-6)
        assert ours[term].std_error == pytest.approx(theirs.bse[term] * correction, rel=1e-5)
    assert ours.deviance == pytest.approx(theirs.deviance, rel=1e-8)


@pytest.mark.parametrize("cluster", [None, "pair"])
def test_ols_is_statsmodels_with_dummies(panel, cluster):
    flows = panel[panel["trade"] > 0]
    fe = ["exporter", "importer"]
    ours = gravity.estimate(flows, y="log(trade)", x=["ln_dist", "rta"], fe=fe, model="ols", cluster=cluster)
    how = {"cov_type": "HC1"}
    if cluster:
        how = {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(flows["pair"])[0]}}
    theirs = sm.OLS(np.log(flows["trade"]), dummies(flows, *fe)).fit(use_t=True, **how)
    for term in ("ln_dist", "rta"):
        assert ours[term].estimate == pytest.approx(theirs.params[term], rel=1e-7)
        assert ours[term].std_error == pytest.approx(theirs.bse[term], rel=1e-7)
        assert ours[term].p_value == pytest.approx(theirs.pvalues[term], rel=1e-5)
    assert ours.r2 == pytest.approx(theirs.rsquared, rel=1e-9)


def test_weights_and_an_offset_are_those_of_statsmodels(panel):
    chance = np.random.default_rng(4)
    flows = panel.assign(weight=chance.uniform(0.2, 3, len(panel)), known=chance.normal(size=len(panel)))
    shared = {"x": ["ln_dist", "rta"], "fe": ["exporter", "importer"], "weights": "weight", "singletons": False}
    ours = gravity.estimate(flows, y="trade", offset="known", **shared)
    design = dummies(flows, "exporter", "importer")
    family = sm.families.Poisson()
    theirs = sm.GLM(flows["trade"], design, family=family, offset=flows["known"], var_weights=flows["weight"])
    theirs = theirs.fit(tol=1e-12, cov_type="HC0")
    for term in ("ln_dist", "rta"):
        assert ours[term].estimate == pytest.approx(theirs.params[term], rel=1e-7)
        assert ours[term].std_error == pytest.approx(
            theirs.bse[term] * np.sqrt(len(flows) / (len(flows) - 1)), rel=1e-5
        )
    assert np.allclose(np.exp(ours.fitted), theirs.fittedvalues, rtol=1e-6)
    assert ours.deviance == pytest.approx(theirs.deviance, rel=1e-8)
    slopes = ours["ln_dist"].estimate * flows["ln_dist"] + ours["rta"].estimate * flows["rta"]
    assert np.allclose(ours.effects().sum(axis=1) + slopes + flows["known"], ours.fitted)
    least = gravity.estimate(flows, y="log1p(trade)", model="ols", **shared)
    squares = sm.WLS(np.log1p(flows["trade"]), design, weights=flows["weight"]).fit(cov_type="HC1")
    assert least["rta"].std_error == pytest.approx(squares.bse["rta"], rel=1e-7)
    assert least.r2 == pytest.approx(squares.rsquared, rel=1e-9)
    assert dict(gravity.table(ours, least).foot)["Weights, offset"] == ("weight, known", "weight")


def test_levels_and_products_are_the_dummies_made_by_hand(panel):
    years = {f"y{year}": (panel["year"] == year).astype(float) for year in (2000, 2004, 2008)}
    hand = panel.assign(**years, rta_far=panel["rta"] * panel["ln_dist"])
    hand = hand.assign(**{f"rta{year}": hand["rta"] * hand[f"y{year}"] for year in (2000, 2004)})
    fe = ["exporter", "importer"]
    made = gravity.estimate(hand, y="trade", x=["y2004", "y2008", "rta2000", "rta2004", "rta_far"], fe=fe)
    asked = gravity.estimate(panel, y="trade", x=["i(year)", "i(year, rta, ref=2008)", "rta:ln_dist"], fe=fe)
    terms = ["year::2004", "year::2008", "year::2000:rta", "year::2004:rta", "rta:ln_dist"]
    assert list(asked.coefficients.index) == terms
    assert np.allclose(asked.coefficients["std_error"], made.coefficients["std_error"])
    other = gravity.estimate(panel, y="trade", x=["rta", "i(year, ref=2004)"], fe=fe)
    assert list(other.coefficients.index) == ["rta", "year::2000", "year::2008"]


@pytest.mark.parametrize("kind", [str, "category", "int", "object"])
def test_effects_may_be_of_any_type(panel, kind):
    plain = gravity.estimate(panel, y="trade", x=["rta"], fe=["exporter^year", "importer"])
    codes = pd.Series(pd.factorize(panel["exporter"])[0], index=panel.index)
    flows = panel.assign(exporter=codes if kind == "int" else panel["exporter"].astype(kind))
    found = gravity.estimate(flows, y="trade", x=["rta"], fe=["exporter^year", "importer"])
    assert found["rta"].estimate == pytest.approx(plain["rta"].estimate, rel=1e-9)


def test_a_percent_change_has_an_interval_that_can_be_true(panel):
    found = gravity.estimate(panel, y="trade", x=["ln_dist", "rta"], fe=["exporter", "importer"], cluster="pair")
    b, change = found["rta"], found.percent_change("rta")
    assert (change.low, change.high) == pytest.approx((100 * np.expm1(b.low), 100 * np.expm1(b.high)))
    assert change.std_error == pytest.approx(100 * np.exp(b.estimate) * b.std_error)
    twice = found.percent_change("ln_dist", by=np.log(2))
    assert twice.estimate == pytest.approx(100 * (2 ** found["ln_dist"].estimate - 1))
    assert -100 < twice.low < twice.estimate < twice.high < 0
    back = found.percent_change("ln_dist", by=-np.log(2))
    assert back.low < back.estimate < back.high


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"weights": "rta"}, "the weight rta is zero or less in row"),
        ({"cluster": ["pair", "pair"]}, "cluster names pair twice"),
        ({"x": ["i(year, ref=1999)"]}, "year has no level '1999'"),
        ({"x": ["rta", "rta"]}, "x is empty or names a column twice"),
        ({"x": ["i(year)", "i(year, ref=2000)"]}, "names year::2004 twice"),
        ({"x": ["pair"]}, "does not hold numbers"),
        ({"y": "digits"}, "does not hold numbers"),
        ({"model": "ols", "offset": "rta"}, "an offset in least squares"),
    ],
)
def test_a_request_that_makes_no_sense_is_named(panel, change, problem):
    flows = panel.assign(digits=panel["trade"].astype(str))
    with pytest.raises(SchemaError, match=problem):
        gravity.estimate(flows, **{"y": "trade", "x": ["rta"], "fe": ["exporter"], **change})


def test_the_logarithm_of_a_zero_is_left_out_by_name(panel):
    found = gravity.estimate(panel, y="log(trade)", x=["ln_dist"], model="ols")
    assert found.rows.because("no number in log(trade)") == tuple(panel.index[panel["trade"] == 0])
    assert found.rows.given == found.rows.used + sum(part.count for part in found.rows.dropped) == len(panel)


def test_holes_are_counted_by_column(panel):
    holed = panel.assign(rta=panel["rta"].where(panel.index != 5), exporter=panel["exporter"].where(panel.index != 9))
    found = gravity.estimate(holed, y="trade", x=["rta"], fe=["exporter"])
    assert found.rows.because("no number in rta") == (5,)
    assert found.rows.because("no number in exporter") == (9,)


def test_singletons_are_named_or_kept(panel):
    odd = panel.assign(group=np.where(panel.index == 4, "alone", panel["exporter"]))
    odd.loc[4, "trade"] = 3.0
    without = gravity.estimate(odd, y="trade", x=["rta"], fe=["group"])
    with_it = gravity.estimate(odd, y="trade", x=["rta"], fe=["group"], singletons=False)
    assert without.rows.because("singleton") == (4,)
    assert with_it.rows.used == without.rows.used + 1
    assert with_it["rta"].estimate == pytest.approx(without["rta"].estimate, rel=1e-8)


def test_a_collinear_regressor_is_named(panel):
    found = gravity.estimate(panel.assign(twice=2 * panel["rta"]), y="trade", x=["rta", "twice"], fe=["exporter"])
    assert found.collinear == ("twice",)
    with pytest.raises(SchemaError, match="twice was left out as collinear"):
        found["twice"]
    with pytest.raises(UnknownCode, match="no term 'gdp'"):
        found["gdp"]


def test_rows_keep_their_labels(panel):
    odd = panel.set_axis([f"row {i}" for i in range(len(panel))]).assign(trade=panel["trade"].to_numpy())
    odd.loc["row 3", "rta"] = np.nan
    found = gravity.estimate(odd, y="trade", x=["ln_dist", "rta"], fe=["exporter"])
    assert list(found.fitted.index) == [name for name in odd.index if name != "row 3"]
    again = gravity.estimate(panel.drop(index=3), y="trade", x=["ln_dist", "rta"], fe=["exporter"])
    assert np.allclose(found.fitted, again.fitted)
    assert list(odd.index)[:2] == ["row 0", "row 1"]


def test_effects_and_regressors_add_up_to_the_fit(panel):
    found = gravity.estimate(panel, y="trade", x=["ln_dist", "rta"], fe=["exporter", "importer^year"])
    b = found.coefficients["estimate"]
    whole = found.effects().sum(axis=1) + b["ln_dist"] * panel["ln_dist"] + b["rta"] * panel["rta"]
    assert np.allclose(whole.loc[found.fitted.index], found.fitted, atol=1e-6)
    assert found.effects().groupby(panel["exporter"])["exporter"].nunique().max() == 1


def test_a_combination_is_the_sum_of_coefficients_and_their_covariance(panel):
    found = gravity.estimate(panel, y="trade", x=["ln_dist", "rta"], fe=["exporter"], cluster="pair")
    total = found.lincom({"ln_dist": 1, "rta": 2})
    b, v = found.coefficients["estimate"], found.covariance
    assert total.estimate == pytest.approx(b["ln_dist"] + 2 * b["rta"])
    variance = v.loc["ln_dist", "ln_dist"] + 4 * v.loc["rta", "rta"] + 4 * v.loc["ln_dist", "rta"]
    assert total.std_error == pytest.approx(np.sqrt(variance))
    assert found.percent_change("rta").estimate == pytest.approx(100 * (np.exp(b["rta"]) - 1))


def test_conventions_differ_and_say_so(panel):
    stata, fixest = (
        gravity.estimate(panel, y="trade", x=["rta"], fe=["exporter"], cluster="pair", se=s)
        for s in ("stata", "fixest")
    )
    assert fixest["rta"].std_error > stata["rta"].std_error
    assert "Stata" in stata.se
    assert "fixest" in fixest.se


BAD = {
    "trade is negative in row 7": (lambda f: f.assign(trade=f["trade"].where(f.index != 7, -1.0)), {}),
    "all rows are in one cluster": (lambda f: f.assign(pair="one"), {"cluster": "pair"}),
    "rta: collinear with the effects": (lambda f: f.assign(rta=(f["exporter"] == "A") * 1.0), {"fe": ["exporter"]}),
    "no column 'gdp'": (lambda f: f, {"x": ["gdp"]}),
    "does not hold numbers": (lambda f: f, {"x": ["pair"]}),
    "no row of the panel is complete": (lambda f: f.assign(rta=np.nan), {}),
    "no model 'nls'": (lambda f: f, {"model": "nls"}),
    "names a column twice": (lambda f: f, {"x": ["rta", "rta"]}),
    "more than two clusters": (lambda f: f, {"cluster": ["pair", "year", "exporter"]}),
    "two rows of the panel have one label": (lambda f: pd.concat([f, f]), {}),
}


@pytest.mark.parametrize("problem", BAD)
def test_bad_input_is_named(panel, problem):
    change, options = BAD[problem]
    with pytest.raises(SchemaError, match=problem):
        gravity.estimate(change(panel), **({"y": "trade", "x": ["rta"]} | options))


@pytest.fixture(scope="module")
def side_by_side(panel):
    first = gravity.estimate(panel, y="trade", x=["rta"], fe=["exporter"], cluster="pair")
    second = gravity.estimate(panel, y="log(trade)", x=["ln_dist", "rta"], model="ols")
    return first, gravity.table(first, second, titles=["PPML", "OLS & logs"], caption="Agreements raise trade")


def test_a_table_shows_every_model_its_rows_and_its_convention(side_by_side):
    first, table = side_by_side
    html = table.html()
    assert f"{first['rta'].estimate:.3f}" in html
    assert "OLS &amp; logs" in html
    assert "OLS & logs" in table.text()
    assert "Left out, no number in log(trade)" in html
    assert "Stata" in html


def test_a_table_in_latex_escapes_what_latex_reads(side_by_side):
    tex = side_by_side[1].tex()
    assert r"OLS \& logs" in tex
    assert r"ln\_dist" in tex
    assert tex.count(r"\\") == 1 + len(side_by_side[1].body) + len(side_by_side[1].foot)


def test_a_table_becomes_a_word_file(side_by_side, tmp_path):
    side_by_side[1].docx(tmp_path / "table.docx")
    assert (tmp_path / "table.docx").read_bytes()[:2] == b"PK"
    assert len(list(tmp_path.iterdir())) == 1
