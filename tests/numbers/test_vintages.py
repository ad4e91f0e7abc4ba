from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from toolkit import observation, vintages
from toolkit.errors import NotBelieved, SchemaError
from toolkit.sources import fred
from toolkit.store.answers import Store

ALFRED = Path(__file__).parents[3] / "shared" / "samples" / "alfred" / "gdp-two-vintages.csv"
YEARS = [str(year) for year in range(2012, 2024)]
SEEDS = range(50)


def series(chance, row, size, *, years=YEARS, noise=0.15, round_to=0):
    level = size * np.exp(chance.normal(0, 0.3))
    values = level * np.exp(np.cumsum(chance.normal(0.02, noise, len(years))))
    return [
        row | {"time_period": year, "obs_value": round(float(v), round_to)}
        for year, v in zip(years, values, strict=True)
    ]


@cache
def panel(seed=0):
    """Trade of four reporters with three partners in three products, a balance, a rate; as a service would give it."""
    chance, rows = np.random.default_rng(seed), []
    base = dict.fromkeys(observation.COLUMNS, "") | {
        "freq": "A", "price_base": "current", "trade_system": "NA", "dataset": "example", "vintage": "2024-01-15",
        "unit_measure": "USD", "obs_status": "A", "reported_by": "reporter", "source": "x", "raw_sha256": "0" * 64,
        "raw_pointer": "/0", "product_scheme": "HS", "product_vintage": "H5", "measure": "value", "flow": "M",
    }  # fmt: skip
    for ref in ("USA", "DEU", "ROU", "JPN"):
        for other in ("CHN", "KOR", "MEX"):
            for product, size in (("TOTAL", 9e10), ("010121", 4e6), ("870323", 3e4)):
                row = base | {"ref_area": ref, "counterpart_area": other, "product": product, "valuation": "CIF"}
                cif = series(chance, row, size)
                rows += cif
                margin = 0.96 + 0.01 * chance.random(len(cif))
                rows += [
                    r | {"valuation": "FOB", "obs_value": round(r["obs_value"] * m)}
                    for r, m in zip(cif, margin, strict=True)
                ]
                weight = {"measure": "net_weight", "valuation": "NA", "unit_measure": "kg", "price_base": "NA"}
                rows += series(chance, row | weight, size / 3)
        exports = base | {
            "ref_area": ref,
            "counterpart_area": "CHN",
            "product": "TOTAL",
            "flow": "X",
            "valuation": "FOB",
        }
        rows += series(chance, exports, 5e10)
        balance = base | {
            "ref_area": ref,
            "counterpart_area": "WLD",
            "flow": "NA",
            "product": "TOTAL",
            "valuation": "NA",
        }
        swing = chance.normal(0, 2e10, len(YEARS))
        rows += [balance | {"time_period": y, "obs_value": round(float(v))} for y, v in zip(YEARS, swing, strict=True)]
        rate = base | {
            "ref_area": ref,
            "counterpart_area": "WLD",
            "product": "870323",
            "measure": "rate",
            "unit_measure": "%",
        }
        rows += series(chance, rate | {"valuation": "NA", "price_base": "NA"}, 2.5, noise=0.02, round_to=2)
    table = pd.DataFrame(rows)
    hidden = table.sample(frac=0.02, random_state=seed).index
    table.loc[hidden, ["obs_status", "obs_comment"]] = ["M", "not given"]
    table.loc[hidden, "obs_value"] = np.nan
    table["obs_value"] = table["obs_value"].astype(float)
    return table[observation.COLUMNS]


def clean(old, seed):
    """Return an ordinary new vintage: recent years revised, a new year, gaps filled, a new partner, some history."""
    chance = np.random.default_rng(1000 + seed)
    new = old.copy()
    new["vintage"] = "2024-07-15"
    money = new["unit_measure"] != "%"
    for year, share, size in (("2023", 0.9, 0.06), ("2022", 0.5, 0.02), ("2021", 0.15, 0.01)):
        rows = new[(new["time_period"] == year) & money & (chance.random(len(new)) < share)].index
        new.loc[rows, "obs_value"] = (new.loc[rows, "obs_value"] * (1 + chance.normal(0, size, len(rows)))).round()
    if seed % 3 == 0:  # one reporter revises its whole history
        rows = new[(new["ref_area"] == "DEU") & money].index
        new.loc[rows, "obs_value"] = (new.loc[rows, "obs_value"] * (1 + chance.normal(0.02, 0.02, len(rows)))).round()
    if seed % 4 == 0:  # a gap is filled, and a value withdrawn
        gaps = new[new["obs_status"] == "M"].index[:3]
        new.loc[gaps, ["obs_status", "obs_comment"]] = ["A", ""]
        new.loc[gaps, "obs_value"] = 1234567.0
        new.loc[new.index[:2], ["obs_status", "obs_comment"]] = ["M", "withdrawn"]
        new.loc[new.index[:2], "obs_value"] = np.nan
    added = [new]
    if seed % 2 == 0:
        last = new[new["time_period"] == "2023"].copy()
        last["time_period"] = "2024"
        last["obs_value"] = (last["obs_value"] * (1 + chance.normal(0.03, 0.08, len(last)))).round(2)
        added.append(last)
    if seed % 5 == 0:
        more = new[new["counterpart_area"] == "MEX"].copy()
        more["counterpart_area"] = "CAN"
        more["obs_value"] = (more["obs_value"] * chance.uniform(0.5, 2, len(more))).round(2)
        added.append(more)
    return pd.concat(added, ignore_index=True)


def where(table, **columns):
    rows = pd.Series(data=True, index=table.index)
    for name, value in columns.items():
        rows &= table[name].isin(value if isinstance(value, list) else [value])
    return rows


def change(rows, column, to):
    """Make an injection that sets or maps a column where `rows` says."""

    def inject(table):
        chosen = where(table, **rows)
        table.loc[chosen, column] = to(table.loc[chosen, column]) if callable(to) else to
        return table

    return inject


def times(factor, **rows):
    return change(rows, "obs_value", lambda values: values * factor)


def swap(column, one, two, **rows):
    return change({column: [one, two], **rows}, column, lambda codes: codes.map({one: two, two: one}))


def shift(table):
    table["obs_value"] = table.groupby(vintages.SERIES, sort=False)["obs_value"].shift(1).fillna(table["obs_value"])
    return table


def one_cell(factor):
    def inject(table):
        row = table[where(table, ref_area="USA", product="TOTAL", measure="value", time_period="2018")].index[0]
        table.loc[row, "obs_value"] *= factor
        return table

    return inject


def to_missing(table):
    rows = table.sample(frac=0.2, random_state=1).index
    table.loc[rows, ["obs_status", "obs_comment"]] = ["M", "not given"]
    table.loc[rows, "obs_value"] = np.nan
    return table


def zeros(table):
    gaps = table["obs_status"] == "M"
    rows = table[~gaps].sample(n=20, random_state=1).index
    table.loc[rows, "obs_value"] = 0.0
    return table


def again(table):
    extra = table[where(table, counterpart_area="KOR")].copy()
    extra["counterpart_area"] = "TWN"
    return pd.concat([table, extra], ignore_index=True)


USA = {"ref_area": "USA"}
INJECTED = {
    "unit x1000, everywhere": times(1000),
    "unit /1000, everywhere": times(0.001),
    "unit x1000, one reporter": times(1000, **USA),
    "unit x1000, one series": times(1000, **USA, counterpart_area="CHN", product="TOTAL", measure="value", valuation="CIF"),
    "unit x1000, one year": times(1000, time_period="2020"),
    "unit x1000, one cell": one_cell(1000),
    "tonnes for kg": times(0.001, measure="net_weight"),
    "per cent as a share": times(0.01, measure="rate"),
    "unit label": change({"measure": "net_weight"}, "unit_measure", "t"),
    "decimal point lost in one cell": one_cell(10),
    "sign, everywhere": times(-1),
    "sign, one series": times(-1, **USA, measure="net_weight"),
    "sign of the balance": times(-1, flow="NA"),
    "sign, one cell": one_cell(-1),
    "code of a country": change({"ref_area": "ROU"}, "ref_area", "ROM"),
    "code of a product loses its zero": change({"product": "010121"}, "product", "10121"),
    "product renumbered": change({"product": "870323"}, "product", "870324"),
    "edition relabelled": change({}, "product_vintage", "H6"),
    "sides swapped": swap("counterpart_area", "CHN", "KOR"),
    "valuations swapped": swap("valuation", "CIF", "FOB"),
    "currency relabelled": change({"unit_measure": "USD"}, "unit_measure", "EUR"),
    "currency changed in silence": times(0.92, unit_measure="USD"),
    "yen for dollars": times(151.5, unit_measure="USD"),
    "base year in silence": times(1.083, measure="value"),
    "price base relabelled": change({"price_base": "current"}, "price_base", "constant 2015"),
    "rows twice": lambda table: pd.concat([table, table.iloc[100:200]], ignore_index=True),
    "a page twice under another code": again,
    "half the rows": lambda table: table.iloc[: len(table) // 2],
    "a country gone": lambda table: table[table["ref_area"] != "JPN"],
    "last year gone": lambda table: table[table["time_period"] < "2023"],
    "values to missing": to_missing,
    "missing to zero": zeros,
    "values one period late": shift,
    "decimals cut": change({"measure": "rate"}, "obs_value", np.floor),
    "an older vintage": change({}, "vintage", "2023-01-15"),
    "one value everywhere": change({**USA, "measure": "net_weight"}, "obs_value", 1000.0),
    "a column gone": lambda table: table.drop(columns="valuation"),
    "values as text": change({}, "obs_value", lambda values: values.astype(str)),
}  # fmt: skip


@pytest.mark.parametrize("name", INJECTED)
def test_the_guard_stops_a_change_that_no_office_makes(name):
    old = panel()
    new = INJECTED[name](clean(old, seed=1).astype({"obs_value": object} if "text" in name else {}))
    assert vintages.guard(old, new), name


def test_the_bench_has_thirty_changes():
    assert len(INJECTED) >= 30


@pytest.mark.parametrize("seed", SEEDS)
def test_an_ordinary_vintage_raises_no_alarm(seed):
    old = panel(seed)
    assert vintages.guard(old, clean(old, seed)) == []


@pytest.mark.parametrize("name", ["us_japan_goods_annual", "us_japan_goods_monthly", "gdp", "military_expenditure"])
def test_real_revisions_raise_no_alarm(name):
    table = observation.read(name)
    for earlier, later in pairwise(sorted(set(table.vintage))):
        old, new = table[table.vintage == earlier], table[table.vintage == later]
        kept = old.merge(new[vintages.CELL], on=vintages.CELL)  # each edition prints some periods only
        assert vintages.guard(kept, new) == []


def test_a_vintage_without_rows_is_stopped_and_a_first_one_is_not():
    assert [found.kind for found in vintages.guard(panel(), panel().head(0))] == ["coverage"]
    assert vintages.guard(panel().head(0), panel()) == []


def test_the_same_again_is_no_revision():
    old = panel()
    assert vintages.guard(old, old) == []
    assert vintages.revisions(old, old).empty


@pytest.mark.skipif(not ALFRED.exists(), reason="the recorded file lies beside the repository")
def test_the_alfred_file_holds_one_revision():
    table = fred.parse(ALFRED.read_bytes())
    found = vintages.between(table, "2026-05-28", "2026-06-25")
    assert len(found) == 1
    row = found.iloc[0]
    assert (row.time_period, row.what, row.old, row.new) == ("2026-Q1", "revised", 31_819_464e6, 31_865_721e6)
    assert row.change == 46_257e6


def test_revisions_name_what_happened():
    old = panel()
    new = old.drop(index=0).copy()
    new.loc[5, "obs_value"] *= 1.5
    found = vintages.revisions(old, new)
    assert set(found.what) == {"removed", "revised"}
    assert found.ratio.dropna().tolist() == [1.5]


def test_a_key_twice_is_refused():
    old = panel()
    with pytest.raises(SchemaError, match="twice"):
        vintages.revisions(old, pd.concat([old, old.head(1)]))


def test_a_stopped_vintage_is_quarantined_and_the_old_one_stays(tmp_path):
    store, old = Store(tmp_path), panel()
    receipt = store.keep(b"new", "example", "file:x")
    new = INJECTED["unit x1000, everywhere"](clean(old, 1)).assign(raw_sha256=receipt.sha256)
    with pytest.raises(NotBelieved, match="quarantined"):
        vintages.accept_vintage(old, new, store)
    assert store.quarantined(receipt.sha256)
    assert not store.quarantined("0" * 64)
    good = clean(old, 1)
    assert vintages.accept_vintage(old, good, store) is good
