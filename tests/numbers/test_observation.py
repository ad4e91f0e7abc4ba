"""The normal form: base units, pointers to cells, and refusals that name the row."""

import csv
from decimal import Decimal

import pytest

from toolkit import files, observation
from toolkit.errors import SchemaError, UnknownCode
from toolkit.quantity import Basis, Hedge
from toolkit.store import datasets

SERIES = [name for name, resource in datasets.resources().items() if "freq" in resource.fields]


@pytest.fixture(scope="module")
def goods():
    return observation.read("us_japan_goods_annual")


@pytest.mark.parametrize("name", SERIES)
def test_every_series_table_has_the_normal_form(name):
    table = observation.read(name)
    assert list(table.columns) == [*observation.COLUMNS, *observation.EXTRA]
    assert len(table) == len(datasets.rows(name))


def test_values_are_in_base_units_and_valuations_stay_apart(goods):
    """UN Comtrade, United States 2023: one record, imports CIF and FOB, exports FOB."""
    comtrade = observation.select(goods, time_period="2023", vintage="2023 record")
    assert dict(zip(comtrade["flow"] + " " + comtrade["valuation"], comtrade["obs_value"], strict=True)) == {
        "M CIF": 151_580_564_290,
        "M FOB": 147_340_317_186,
        "X FOB": 76_154_045_176,
    }


def test_vintages_stand_side_by_side(goods):
    imports = observation.select(goods, series="us_goods_imports_from_japan", time_period="2024")
    assert sorted(imports["obs_value"]) == [147_116_500_000, 148_370_500_000, 148_370_500_000]
    assert imports["vintage"].is_unique


def test_a_pointer_leads_to_the_digits(goods):
    row = goods.iloc[41]
    place, _, fragment = row["raw_pointer"].partition("#")
    line, column = (part.split("=")[1] for part in fragment.split("&"))
    lines = list(csv.reader((files.home() / place).read_text(encoding="utf-8").splitlines()))
    assert lines[int(line) - 1][lines[0].index(column)] == row["value_stated"]


def test_a_cell_names_table_vintage_hash_key_and_column(goods):
    row = goods.iloc[0]
    cell = observation.cell(row)
    assert cell["type"] == "dataset"
    assert (cell["dataset"], cell["column"]) == ("us_japan_goods_annual", "value")
    assert cell["sha256"] == datasets.resources()["us_japan_goods_annual"].sha256
    assert set(cell["row"]) == set(observation.KEY) - {"dataset"}


def test_a_quantity_keeps_the_stated_digits_exactly(goods):
    row = observation.select(goods, series="us_goods_imports_from_japan", time_period="1985").iloc[0]
    quantity = observation.quantity(row)
    assert (quantity.value, quantity.unit) == (Decimal("68782900000.0"), "USD")
    assert (quantity.basis, quantity.price_base) == (Basis.FLOW, "current")


def test_a_quantity_keeps_hedge_and_base():
    shares = observation.read("processing_shares")
    claims = observation.select(shares, series="published_share", product="rare earths", hedge="more_than")
    quantities = [observation.quantity(row) for _, row in claims.iterrows()]
    assert {quantity.of for quantity in quantities} == {"world output"}
    assert all(quantity.hedge is Hedge.MORE_THAN and quantity.high is None for quantity in quantities)


def test_rows_of_other_tables_give_quantities_too():
    pledge = next(row for row in datasets.rows("pledges") if row["id"] == "tw-direct")
    quantity = observation.quantity(pledge)
    assert (quantity.value, quantity.hedge, quantity.basis) == (250_000_000_000, Hedge.AT_LEAST, Basis.COMMITMENT)


def test_a_missing_value_gives_its_reason(goods):
    gap = observation.select(goods, obs_status="M").iloc[0]
    with pytest.raises(SchemaError, match="the value for 2018 is missing: the record prints 0"):
        observation.quantity(gap)


@pytest.mark.parametrize(
    ("digits", "unit", "exponent"),
    [("147340317186", "USD", 0), ("68782.9", "million USD", 5), ("550", "billion USD", 10), ("1.80", "% of GDP", -2)],
)
def test_precision_is_that_of_the_last_significant_digit(digits, unit, exponent):
    assert observation.precision({"value": digits, "unit": unit}) == exponent


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("flow", "imports", r"data/us_japan_goods_annual\.csv#row=2&column=value: flow cannot be 'imports'"),
        ("valuation", "", "valuation cannot be ''"),
        ("measure", "total", "measure cannot be 'total'"),
        ("obs_status", "M", "obs_status cannot be 'M'"),
        ("time_period", "2024-13", "time_period cannot be '2024-13'"),
        ("time_period", "FY2024", "time_period cannot be 'FY2024'"),
        ("ref_area", "Japan", "ref_area cannot be 'Japan'"),
    ],
)
def test_a_row_out_of_form_is_refused_with_its_place(goods, column, value, problem):
    broken = goods.copy()
    broken.loc[0, column] = value
    with pytest.raises(SchemaError, match=problem):
        observation.check(broken)


def test_a_gap_without_reason_is_refused(goods):
    broken = goods.copy()
    broken.loc[broken["obs_status"] == "M", "obs_comment"] = ""
    with pytest.raises(SchemaError, match="obs_comment cannot be"):
        observation.check(broken)


def test_a_second_row_with_one_key_is_refused_not_summed(goods):
    import pandas as pd

    with pytest.raises(SchemaError, match="the same key as in"):
        observation.check(pd.concat([goods, goods.tail(1)], ignore_index=True))


def test_a_key_that_stands_twice_is_told_where_a_cell_of_it_is_blank(goods):
    import pandas as pd

    blank = goods.tail(1).assign(breakdown=None)
    with pytest.raises(SchemaError, match="the same key as in"):
        observation.check(pd.concat([blank, blank], ignore_index=True))


def test_a_missing_column_is_refused(goods):
    with pytest.raises(SchemaError, match="observations lack the column 'valuation'"):
        observation.check(goods.drop(columns="valuation"))


def test_a_table_without_series_is_refused():
    with pytest.raises(SchemaError, match=r"data/pledges\.csv contains no series"):
        observation.read("pledges")


def test_an_unknown_unit_is_refused_with_its_line(monkeypatch):
    rows = datasets.rows("governance")
    rows[1]["unit"] = "rank"
    monkeypatch.setattr(datasets, "rows", lambda _: rows)
    with pytest.raises(SchemaError, match=r"data/governance\.csv:3: no unit 'rank'"):
        observation.read("governance")


def test_an_unknown_table_is_refused():
    with pytest.raises(UnknownCode, match="no table 'gpd'"):
        observation.read("gpd")


def test_selecting_an_unknown_column_lists_the_columns(goods):
    with pytest.raises(SchemaError, match="no column 'period'") as error:
        observation.select(goods, period="2024")
    assert "time_period" in error.value.remedy


def test_selecting_nothing_lists_what_there_is(goods):
    with pytest.raises(SchemaError, match="no row has valuation 'CFI'") as error:
        observation.select(goods, flow="M", valuation="CFI")
    assert error.value.remedy == "Choose from 'CIF', 'CUSTOMS', 'FOB'"


def test_reading_counts_as_opened_and_looking_up_a_source_does_not(monkeypatch):
    monkeypatch.setattr(datasets, "_opened", {})
    observation.read("governance")
    assert datasets.opened() == ["governance"]
