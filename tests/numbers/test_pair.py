"""The trade of two economies: one release at a time, both sides, and what is missing is said."""

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from test_trade import table

from toolkit import nightly, observation, report
from toolkit.errors import NotComparable, SchemaError, UnknownCode
from toolkit.store import imported_tables, parquet
from toolkit.trade import pair

SIDE = {"ref_area": "DEU", "counterpart_area": "POL", "product": "TOTAL", "freq": "A", "unit_measure": "USD",
        "measure": "value", "source": "UN Comtrade", "dataset": "comtrade"}  # fmt: skip


def rows(*given):
    return table(*(SIDE | row for row in given))


def both(year, vintage, out="FOB", into="FOB", **more):
    shared = {"time_period": year, "vintage": vintage} | more
    return [shared | {"flow": "X", "valuation": out, "obs_value": 5.0}, shared | {"flow": "M", "valuation": into, "obs_value": 7.0}]  # fmt: skip


def test_a_release_is_never_joined_from_two():
    held = rows(*both("2021", "2023-01"), both("2022", "2024-01")[0], both("2022", "2024-02")[1])
    found = pair.release(held, "DEU")
    assert set(found.time_period) == {"2021"}
    with pytest.raises(NotComparable, match=r"has both exports and imports.*2022"):
        pair.release(held, "DEU", covering=["2022"])


def test_of_two_releases_the_newest_and_of_valuations_those_that_may_be_subtracted():
    held = rows(*both("2022", "2023-05"), *both("2022", "2024-05"), *both("2022", "2025-01", into="CIF"))
    found = pair.release(held, "DEU")
    assert set(found.vintage) == {"2024-05"}
    assert set(found.valuation) == {"FOB"}


def test_cif_imports_are_shown_and_give_no_balance():
    held = rows(*both("2022", "2023-05", into="CIF"))
    assert set(pair.release(held, "DEU").valuation) == {"CIF", "FOB"}
    assert pair.balances(held, "DEU", observation.read("exchange_rates"), "2022").empty


def test_exports_of_both_sides_give_a_balance_without_anybodys_cif_imports():
    other = {"ref_area": "POL", "counterpart_area": "DEU", "unit_measure": "JPY", "obs_value": 140.5 * 3}
    held = rows(*both("2023", "2024-05", into="CIF"), both("2023", "2024-05")[0] | other)
    found = pair.balances(held, "DEU", observation.read("exchange_rates"), "2023").iloc[0]
    assert found.kind == "both sides' exports"
    assert found.balance == pytest.approx(5 - 3, abs=0.02)


def test_a_balance_in_another_currency_is_converted_or_not_listed():
    rates = observation.read("exchange_rates")
    found = pair.balances(rows(*both("2023", "2024-05", unit_measure="JPY")), "DEU", rates, "2023")
    assert found.balance.to_list() == pytest.approx([-2 / 140.5], rel=1e-3)
    assert set(found.unit_measure) == {"USD"}
    assert pair.balances(rows(*both("1901", "2024-05", unit_measure="JPY")), "DEU", rates, "1901").empty


def test_a_value_without_a_rate_of_its_year_is_left_out_and_named():
    held = rows(*both("1901", "2024-05", unit_measure="JPY"))
    found, left = pair.in_dollars(held, observation.read("exchange_rates"))
    assert found.empty
    assert left == ["JPY of 1901"]


def test_months_are_taken_only_where_the_year_before_is_whole():
    months = [f"2024-{m:02d}" for m in (1, 2, 3)] + [f"2025-{m:02d}" for m in (1, 2, 3)]
    held = rows(*(row | {"freq": "M"} for when in months if when != "2024-03" for row in both(when, "2025-06")))
    _, until = pair.months(held, "DEU")
    assert until == "2025-02"
    assert pair.months(held, "POL")[1] == ""


def test_fiscal_years_name_the_months_that_lack():
    months = [f"2023-{m:02d}" for m in range(4, 13)] + [f"2024-{m:02d}" for m in range(1, 4)]
    held = rows(*(row | {"freq": "M"} for when in months for row in both(when, "2025-06")))
    found = pair.year_sums(held, 4).set_index("year")
    assert found.loc["fiscal 2023, from 2023-04", ["X", "M"]].tolist() == [60, 84]
    assert found.loc["2023", "absent"] == "2023-01, 2023-02, 2023-03"
    assert pd.isna(found.loc["2023", "X"])


def test_products_are_of_one_length_and_none_counts_twice():
    shared = {"time_period": "2022", "flow": "X", "valuation": "FOB", "vintage": "2023-01", "product_scheme": "HS"}
    goods = {"TOTAL": 100.0, "87": 60.0, "870323": 50.0, "870421": 10.0}
    held = rows(*(shared | {"product": code, "obs_value": value} for code, value in goods.items()))
    found = pair.products(held, "DEU", "X", "2022")
    assert found["product"].tolist() == ["870323", "870421"]
    assert found["share"].tolist() == [50, 10]


def test_what_is_not_held_is_said_with_the_command_that_brings_it():
    with pytest.raises(SchemaError, match=r"Brazil with Argentina(?s:.)*fetch comtrade --reporter BRA,ARG"):
        pair.observations("BRA", "ARG")
    with pytest.raises(UnknownCode, match="toolkit data fetch"):
        pair.observations("BRA", "ARG", ["nobody-brought-this"])


def test_an_index_is_averaged_over_whole_years_only():
    index = table(*({"freq": "M", "time_period": f"{y}-{m:02d}", "obs_value": float(m)} for y in (2022, 2023) for m in range(1, 13 if y == 2022 else 12)))  # fmt: skip
    assert pair.yearly(index)[["time_period", "obs_value"]].to_numpy().tolist() == [["2022", 6.5]]
    with pytest.raises(SchemaError, match="no whole year"):
        pair.yearly(index[index.time_period >= "2023"])


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of its own, with a table on a pair that the repository does not know."""
    root = Path(__file__).parents[2]
    for name in ("notebooks", "data", "seeds", "requirements.lock"):
        source = root / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    monkeypatch.setenv("TOOLKIT_HOME", str(tmp_path))
    back = {"ref_area": "POL", "counterpart_area": "DEU"}
    held = [each | side for side in ({}, back) for y in ("2021", "2022") for each in both(y, "2024-05-01", into="CIF")]
    bring(tmp_path, rows(*(row | {"obs_value": row["obs_value"] * 1e9} for row in held)), "one")
    return tmp_path


def bring(home, held, vintage):
    path = home / "data" / "vintages" / "deu-pol" / f"{vintage}.parquet"
    parquet.write(held[observation.COLUMNS], path)
    return imported_tables.register("deu-pol", path, vintage, folder=home / "data")


@pytest.mark.slow
def test_the_notebook_works_for_another_pair_and_a_new_vintage_makes_it_stale(project):
    values = {"reporter": "DEU", "partner": "POL", "table": ["deu-pol"], "variants_of": 2022}
    run = report.run("notebooks/bilateral_trade.ipynb", values, project / "out", edition_date=date(2026, 1, 1))
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "No balance follows" in page
    assert "Nothing is held month by month" in page
    assert "deu-pol, vintage one" in page
    assert "deu-pol" in run.record["inputs"]["datasets"]
    assert "de-imports-pl-2022" in run.record["figures"]
    assert report.changed_input(run.record["inputs"]) == ""
    bring(project, rows(*both("2023", "2025-01-01")), "two")
    assert report.changed_input(run.record["inputs"]) == "data/brought/deu-pol.json"


def test_a_brought_table_is_named_once_and_read_whole(tmp_path):
    with pytest.raises(UnknownCode, match="toolkit data add FILE --as survey"):
        imported_tables.entry("survey", tmp_path)
    with pytest.raises(SchemaError, match="cannot be the name"):
        imported_tables.register("../survey", tmp_path / "x.parquet", "1", folder=tmp_path)
    path = tmp_path / "own" / "survey.parquet"
    parquet.write(rows(*both("2022", "2023-05"))[observation.COLUMNS], path)
    imported_tables.register("survey", path, "1", folder=tmp_path)
    assert list(imported_tables.entries(tmp_path)) == ["survey"]
    assert len(imported_tables.read("survey", tmp_path)) == 2
    assert set(imported_tables.opened()) >= {"survey"}
    path.write_bytes(b"rot")
    with pytest.raises(SchemaError, match="has changed since it was sealed"):
        imported_tables.read("survey", tmp_path)


def test_a_report_that_needs_a_brought_table_is_offered_until_it_is_there(project):
    matrix = project / "notebooks" / "nightly.toml"
    entry = '[[report]]\nnotebook = "notebooks/bilateral_trade.ipynb"\nslug = "pair"\nparameters = {{ table = "{0}" }}\nneeds = ["{0}"]\n'  # fmt: skip
    for name, action in (("deu-pol", "run"), ("por-esp", "offer")):
        matrix.write_text(entry.format(name), encoding="utf-8")
        (decision,) = nightly.dry_run(nightly.matrix(), date(2026, 1, 1))
        assert decision.action == action
    assert "toolkit data fetch PROVIDER ... --as por-esp" in decision.why
