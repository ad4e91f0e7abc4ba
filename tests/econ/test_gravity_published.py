"""Published tables, digit by digit: the Advanced Guide's chapter 1 and The Log of Gravity."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from toolkit import registry, report
from toolkit.econ import gravity

ECON = Path(__file__).parents[3] / "shared" / "econ"
pytestmark = pytest.mark.skipif(not ECON.is_dir(), reason="needs the published panels in ../shared/econ")
DISTANCE = [f"ld{year}" for year in range(1986, 2007, 4)]
GEOGRAPHY = ["cntg", "lang", "clny"]
TIMES = ["exporter^year", "importer^year"]
BORDERS = [f"ib{year}" for year in range(1986, 2003, 4)]
LAGS = ["rta_lag4", "rta_lag8", "rta_lag12"]
SHOWN = 0.5 + 1e-6  # of the last digit printed


@pytest.fixture(scope="module")
def published():
    return json.loads((ECON / "published.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def panel():
    pd = pytest.importorskip("pandas")
    whole = pd.read_parquet(ECON / "agtpa_applications.parquet")
    flows = whole[whole["year"].isin(range(1986, 2007, 4))].reset_index(drop=True)
    years = flows["year"].astype(int)
    home = (flows["exporter"] == flows["importer"]).astype(float)
    by_exporter, by_importer = flows.groupby(["exporter", "year"]), flows.groupby(["importer", "year"])
    output, expenditure = by_exporter["trade"].transform("sum"), by_importer["trade"].transform("sum")
    world = flows.groupby("year")["trade"].transform("sum")
    flows = flows.assign(
        ln_dist=np.log(flows["dist"]), ln_y=np.log(output), ln_e=np.log(expenditure), smctry=home,
        ln_rem_exp=np.log((flows["dist"] * world / expenditure).groupby([flows["exporter"], years]).transform("sum")),
        ln_rem_imp=np.log((flows["dist"] * world / output).groupby([flows["importer"], years]).transform("sum")),
        intra=flows["exporter"].where(home == 1, "abroad"),
        pair=flows["pair_id"] + 100_000 * home,
        ld_intra=np.log(flows["dist"]) * home,
    )  # fmt: skip
    for year in range(1986, 2007, 4):
        flows[f"ld{year}"] = flows["ln_dist"] * (years == year)
        flows[f"ib{year}"] = (1 - home) * (years == year)
    return flows


def column(panel, table, number):
    """Estimate one column of the Guide."""
    abroad, intra = panel[panel["exporter"] != panel["importer"]], panel.copy()
    for name in DISTANCE:
        intra[name] = intra[name] * (1 - intra["smctry"])
    ols = {"y": "log(trade)", "model": "ols", "cluster": "pair_id"}
    ppml = {"y": "trade", "model": "ppml", "cluster": "pair_id"}
    size = ["ln_y", "ln_e"]
    specifications = {
        ("t1", 1): (abroad, ["ln_dist", *GEOGRAPHY, *size], [], ols),
        ("t1", 2): (abroad, ["ln_dist", *GEOGRAPHY, *size, "ln_rem_exp", "ln_rem_imp"], [], ols),
        ("t1", 3): (abroad, ["ln_dist", *GEOGRAPHY], TIMES, ols),
        ("t1", 4): (abroad, ["ln_dist", *GEOGRAPHY], TIMES, ppml),
        ("t2", 1): (abroad, [*DISTANCE, *GEOGRAPHY], TIMES, ols),
        ("t2", 2): (abroad, [*DISTANCE, *GEOGRAPHY], TIMES, ppml),
        ("t2", 3): (intra, [*DISTANCE, *GEOGRAPHY, "ld_intra"], TIMES, ppml),
        ("t2", 4): (intra, [*DISTANCE, *GEOGRAPHY, "ld_intra", "smctry"], TIMES, ppml),
        ("t2", 5): (intra, [*DISTANCE, *GEOGRAPHY], [*TIMES, "intra"], ppml),
        ("t3", 1): (abroad, ["ln_dist", *GEOGRAPHY, "rta"], TIMES, ols),
        ("t3", 2): (abroad, ["ln_dist", *GEOGRAPHY, "rta"], TIMES, ppml),
        ("t3", 3): (panel, ["ln_dist", *GEOGRAPHY, "rta"], [*TIMES, "intra"], ppml),
        ("t3", 4): (panel, ["rta"], [*TIMES, "pair"], ppml),
        ("t3", 5): (panel, ["rta", "rta_lead4"], [*TIMES, "pair"], ppml),
        ("t3", 6): (panel, ["rta", *LAGS], [*TIMES, "pair"], ppml),
        ("t3", 7): (panel, ["rta", *LAGS, *BORDERS], [*TIMES, "pair"], ppml),
    }
    flows, x, fe, options = specifications[table, number]
    return gravity.estimate(flows[flows["trade"] > 0] if options is ols else flows, x=x, fe=fe, **options)


COLUMNS = [("t1", n) for n in range(1, 5)] + [("t2", n) for n in range(1, 6)] + [("t3", n) for n in range(1, 8)]


def digits(number):
    return -Decimal(str(number)).as_tuple().exponent


@pytest.mark.parametrize(("table", "number"), COLUMNS)
def test_every_printed_digit_of_the_guide_is_met(published, panel, table, number):
    printed = published["agtpa_chapter1"]["tables"][table][str(number)]
    found = column(panel, table, number)
    assert found.n == printed["n"]
    for term, value in printed["coef"].items():
        last = 10.0 ** -max(digits(value), printed["decimals"])
        assert found[term].estimate == pytest.approx(value, abs=SHOWN * last), term
    for term, value in printed.get("se", {}).items():
        assert found[term].std_error == pytest.approx(value, abs=SHOWN * 1e-3), term


def test_derived_numbers_of_the_guide_are_met(published, panel):
    tables = published["agtpa_chapter1"]["tables"]
    for number in (2, 3, 4, 5):
        change = column(panel, "t2", number).percent_change("ld2006", base="ld1986")
        assert change.estimate == pytest.approx(tables["t2"][str(number)]["pct_change_distance"], abs=1e-4)
        assert change.std_error == pytest.approx(tables["t2"][str(number)]["pct_se"], abs=1e-3)
    for number, terms in ((5, ["rta", "rta_lead4"]), (6, ["rta", *LAGS]), (7, ["rta", *LAGS])):
        total = column(panel, "t3", number).lincom(dict.fromkeys(terms, 1.0))
        assert total.estimate == pytest.approx(tables["t3"][str(number)]["total_rta"], abs=1e-6)
        assert total.std_error == pytest.approx(tables["t3"][str(number)]["total_se"], abs=1e-4)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_fit_and_reset_of_the_guide_are_met(published, panel, number):
    printed = published["agtpa_chapter1"]["tables"]["t1"][str(number)]
    found = column(panel, "t1", number)
    if found.model == "ols":
        assert found.r2 == pytest.approx(printed["r2"], abs=1e-6)
        assert found.reset(classical=True) == pytest.approx(printed["reset_p"], rel=1e-5, abs=0)
    else:  # its R rendering prints Kendall's rank correlation squared; pairs that nearly tie move the 8th digit
        trade = panel.loc[found.fitted.index, "trade"]
        assert stats.kendalltau(trade, np.exp(found.fitted)).statistic ** 2 == pytest.approx(printed["r2"], abs=1e-7)
        assert found.r2 == pytest.approx(np.corrcoef(trade, np.exp(found.fitted))[0, 1] ** 2)
        assert found.reset() == pytest.approx(printed["reset_p"], abs=1e-6)


@pytest.mark.parametrize("model", ["ols", "ols1p", "ppml_pos", "ppml"])
def test_the_log_of_gravity_is_met_at_three_decimals(published, model):
    pd = pytest.importorskip("pandas")
    flows = pd.read_parquet(ECON / "log_of_gravity.parquet")
    printed = published["log_of_gravity"]
    terms = [term for term in printed["coef_3dp"] if term not in {"Constant", "logSigma"}]
    y = {"ols": "log(trade)", "ols1p": "log1p(trade)"}.get(model, "trade")
    rows = flows[flows["trade"] > 0] if model in {"ols", "ppml_pos"} else flows
    found = gravity.estimate(rows, y=y, x=terms, model="ols" if model.startswith("ols") else "ppml")
    assert found.n == printed["n_pos" if model in {"ols", "ppml_pos"} else "n"]
    for term in [*terms, "Constant"]:
        ours = found["Intercept" if term == "Constant" else term].estimate
        assert ours == pytest.approx(printed["coef_3dp"][term][model], abs=SHOWN * 1e-3), term


@pytest.mark.slow
def test_the_notebook_answers_from_the_guide_panel(tmp_path):
    root = Path(__file__).parents[2]
    values = {"panel": str(ECON / "agtpa_applications.parquet")}
    run = report.run(
        root / "notebooks" / "gravity.ipynb", values, tmp_path / "gravity", edition_date=date(2025, 10, 28)
    )
    found = {record.key: record.quantity for record in registry.load(run.folder / "figures.jsonl")}
    assert float(found["rta-trade-effect"].low) == pytest.approx(100 * np.expm1(0.5572 - 1.96 * 0.1022), abs=0.5)
    assert found["can-without-rta-2006"].value < found["usa-without-rta-2006"].value < 0
