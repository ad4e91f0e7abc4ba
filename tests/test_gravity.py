"""Gravity estimates on data of our own, with statsmodels as the outside truth; and bad input."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from toolkit import gravity
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
