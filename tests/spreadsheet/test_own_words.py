"""Words in analysts' files: countries, periods, months and units as people write them."""

import openpyxl
import pytest
from test_own_messy import added, text

from toolkit import spreadsheet
from toolkit.codes import areas
from toolkit.errors import SchemaError, ToolkitError, UnknownCode
from toolkit.spreadsheet import cells as _cells
from toolkit.spreadsheet import values
from toolkit.spreadsheet import values as _when


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Korea, Rep.", "KOR"), ("Rep. of Korea", "KOR"), ("Korea (South)", "KOR"), ("Dem. People's Rep. of Korea", "PRK"),
        ("Korea, Dem. Rep.", "PRK"), ("Congo, Rep.", "COG"), ("Congo (Kinshasa)", "COD"), ("Egypt, Arab Rep.", "EGY"), ("Hong Kong, China", "HKG"),
        ("China, Hong Kong SAR", "HKG"), ("The Netherlands", "NLD"), ("Slovak Republic", "SVK"), ("St. Lucia", "LCA"),
        ("Bolivia (Plurinational State of)", "BOL"), ("Micronesia, Fed. Sts.", "FSM"), ("Trinidad & Tobago", "TTO"),
        ("Cote d'Ivoire", "CIV"), ("Côte d’Ivoire", "CIV"), ("Viet-Nam", "VNM"), ("Lao PDR", "LAO"), ("EU-27", "EUU"),
        ("Frankreich", "FRA"), ("États-Unis", "USA"), ("Japón", "JPN"), ("Россия", "RUS"), ("日本", "JPN"),
    ],
)  # fmt: skip
def test_an_economy_is_known_by_the_spellings_of_services_and_languages(name, code):
    assert areas.named(name).code == code


@pytest.mark.parametrize("name", ["CAD", "CIN", "FAS", "STS", "OMA"])
def test_capitals_are_a_code_and_no_name_of_another_language(name):
    with pytest.raises(UnknownCode):
        areas.named(name)


@pytest.mark.parametrize("name", ["Tokyo", "Texas", "England", "White House", "Congo", "Republic of China", "Total"])
def test_a_part_a_capital_or_a_name_of_two_states_names_no_economy(name):
    with pytest.raises(UnknownCode):
        areas.named(name)


@pytest.mark.parametrize(
    ("stated", "period"),
    [
        ("Q2 2023", "2023-Q2"), ("2Q2023", "2023-Q2"), ("2023 Q2", "2023-Q2"), ("H1 2023", "2023-S1"),
        ("2023H2", "2023-S2"), ("Sept. 2023", "2023-09"), ("March-2023", "2023-03"), ("2023 March", "2023-03"),
        ("Mar-23", "2023-03"), ("Mar-98", "1998-03"), ("3/2023", "2023-03"), ("2022-04-01/P1Y", "2022-04-01/P1Y"),
    ],
)  # fmt: skip
def test_a_period_is_read_as_people_write_it(tmp_path, stated, period):
    found = added(text(tmp_path, f"Country,Year,Value\nJapan,{stated},1\n"))
    assert found.table["time_period"].tolist() == [period]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["FY2023"], "A fiscal year"),
        (["2022/23"], "A fiscal year"),
        (["Mar-45"], "not a period"),
        (["2009-10", "2010-11", "2011-12"], "a month or a fiscal year"),
        (["2022-01-01", "2023-01-01"], "12 months apart"),
        (["2022-01-01", "2022-04-01", "2022-07-01"], "3 months apart"),
    ],
)
def test_what_may_be_two_periods_is_asked_for(tmp_path, cells, said):
    rows = "\n".join(f"Japan,{cell},1" for cell in cells)
    with pytest.raises(SchemaError, match=said):
        added(text(tmp_path, f"Country,Year,Value\n{rows}\n"))


def test_dates_a_month_apart_are_months_and_other_dates_are_days(tmp_path):
    months = added(text(tmp_path, "Country,Date,Value\nJapan,2023-01-01,1\nJapan,2023-02-01,2\n"))
    assert months.table["time_period"].tolist() == ["2023-01", "2023-02"]
    (tmp_path / "mine.map.toml").unlink()
    days = added(text(tmp_path, "Country,Date,Value\nJapan,2023-01-01,1\nJapan,2023-01-02,2\n"))
    assert days.table["time_period"].tolist() == ["2023-01-01", "2023-01-02"]


@pytest.mark.parametrize(
    ("heading", "cells", "periods"),
    [
        ("Month", ["January", "2", "Mar."], ["2023-01", "2023-02", "2023-03"]),
        ("Quarter", ["Q1", "2"], ["2023-Q1", "2023-Q2"]),
    ],
)
def test_a_month_or_quarter_beside_its_year_is_a_part_of_it(tmp_path, heading, cells, periods):
    rows = "\n".join(f"Japan,2023,{cell},1" for cell in cells)
    found = added(text(tmp_path, f"Country,Year,{heading},Value\n{rows}\n"))
    assert found.table["time_period"].tolist() == periods


@pytest.mark.parametrize(
    ("heading", "period"), [("Semester", "2023-S2"), ("Half", "2023-S2"), ("Trimestre", "2023-Q2"), ("Mois", "2023-02")]
)
def test_a_number_beside_its_year_is_the_part_that_its_heading_names(heading, period):
    assert _when.read_period(_when.beside("2023", 2, heading), "B2")[1] == period


def test_a_number_beside_its_year_under_another_heading_is_no_month():
    with pytest.raises(SchemaError, match="not a period"):
        _when.read_period(_when.beside("2023", 5, "Week"), "B2")


@pytest.mark.parametrize("unit", ["million kWh", "thousand MWh", "thousand kt"])
def test_a_unit_with_a_scale_of_its_own_agrees_with_the_same_words_in_the_file(unit):
    spreadsheet._expect_unit(f"Electricity ({unit})", unit, "the heading")
    with pytest.raises(SchemaError, match="says trillion"):
        spreadsheet._expect_unit("Electricity (trillion)", unit, "the heading")


def test_a_year_without_its_month_is_no_year(tmp_path):
    with pytest.raises(SchemaError, match="no month"):
        added(text(tmp_path, "Country,Year,Month,Value\nJapan,2023,,1\n"))


def test_a_column_of_units_holds_for_its_own_row(tmp_path):
    found = added(text(tmp_path, "Country,Year,Unit,Value\nJapan,2023,kg,5\nIndia,2023,million USD,2\n"))
    assert found.table["unit_measure"].tolist() == ["kg", "USD"]
    assert found.table["obs_value"].tolist() == [5, 2e6]
    (tmp_path / "mine.map.toml").unlink()
    with pytest.raises(SchemaError, match=r"row=2&column=Unit: unit 'crates'"):
        added(text(tmp_path, "Country,Year,Unit,Value\nJapan,2023,crates,5\n"))


def test_a_blank_partner_is_not_left_out(tmp_path):
    with pytest.raises(SchemaError, match=r"row=3&column=Partner.*\n.*write the name into every row"):
        added(text(tmp_path, "Country,Partner,Year,Value\nJapan,India,2022,1\nJapan,,2023,2\n"))


def test_codes_of_several_levels_are_told(tmp_path):
    found = added(text(tmp_path, "Country,Year,HS,Value\nJapan,2023,87,9\nJapan,2023,8703,5\n"))
    assert any("count twice" in note for note in found.notes)


def test_a_number_with_an_exponent_is_read_and_said_to_be_short(tmp_path):
    row = added(text(tmp_path, "Country,Year,Value\nJapan,2023,1.23457E+11\n")).table.iloc[0]
    assert row.obs_value == 123457000000 * 1000
    assert "rounded" in row.obs_comment


@pytest.mark.parametrize(("cells", "sign"), [("1.234", "?"), ("0.125", "."), ("1.5", "."), ("12.345,6", ",")])
def test_a_point_between_semicolons_is_a_decimal_where_a_cell_proves_it(cells, sign):
    sheet = _cells.load(f"Country;Value\nJapan;{cells}\n".encode(), "mine.csv")
    assert _cells.decimal(sheet) == sign


def test_a_title_page_and_a_heading_of_two_lines_do_not_stop_the_proposal(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Read me first"])
    data = book.create_sheet("Data")
    for row in (["Country", "Year", 'Value\n("gross")'], ["Japan", 2023, 5], ["India", 2023, 6]):
        data.append(row)
    data.row_dimensions[3].hidden = True
    book.save(tmp_path / "mine.xlsx")
    with pytest.raises(SchemaError, match=r"leaves open: .*sheet"):
        added(tmp_path / "mine.xlsx")
    found = added(tmp_path / "mine.xlsx", [('sheet = "?"', 'sheet = "Data"')])
    assert found.table["obs_value"].tolist() == [5000, 6000]
    assert any("hidden" in note and "3" in note for note in found.notes)
    assert '"Value\\n(\\"gross\\")"' in spreadsheet.propose(tmp_path / "mine.xlsx")


def test_a_key_that_stands_twice_names_both_rows(tmp_path):
    with pytest.raises(SchemaError, match=r"row=3&column=Value: the same key as in row=2&column=Value: .*2023, JPN"):
        added(text(tmp_path, "Country,Year,Value\nJapan,2023,1\nJapan,2023,1\n"))


def test_dates_at_the_ends_of_months_are_months(tmp_path):
    found = added(text(tmp_path, "Country,Date,Value\nJapan,2023-01-31,1\nJapan,2023-02-28,2\n"))
    assert found.table["time_period"].tolist() == ["2023-01", "2023-02"]


@pytest.mark.parametrize(
    "words",
    [
        "Imports in million USD,,\nCountry,Year,Value\nJapan,2023,1\nIndia,2023,2\n",
        "Country,Year,Value,Scale\nJapan,2023,1,Millions\nIndia,2023,2,Millions\n",
    ],
    ids=["above the header", "in a column of its own"],
)
def test_a_scale_beside_the_numbers_must_be_the_mappings(tmp_path, words):
    with pytest.raises(SchemaError, match="says million, the mapping's unit is 'thousand USD'"):
        added(text(tmp_path, words))
    mapping = tmp_path / "mine.map.toml"
    mapping.write_text(mapping.read_text().replace("thousand USD", "million USD"))
    assert spreadsheet.add(tmp_path / "mine.csv", "mine", folder=tmp_path / "data").table["obs_value"].tolist() == [
        1e6,
        2e6,
    ]


def test_a_download_of_the_world_bank_is_read_with_its_years_side_by_side(tmp_path):
    rows = [
        '"Data Source","World Development Indicators",', "", '"Country Name","Country Code","Indicator Name","2022","2023",',
        '"Egypt, Arab Rep.","EGY","GDP (current US$)","4","",', '"Arab World","ARB","GDP (current US$)","9","10",',
    ]  # fmt: skip
    found = added(text(tmp_path, "\n".join(rows) + "\n", "utf-8-sig")).table
    keys = found["ref_area"] + found["time_period"]
    given = found["obs_value"].notna()
    assert dict(zip(keys[given], found["obs_value"][given], strict=True)) == {
        "EGY2022": 4000, "WB-ARB2022": 9000, "WB-ARB2023": 10000,
    }  # fmt: skip
    assert keys[~given].tolist() == ["EGY2023"]
    assert set(found["product"]) == {"GDP (current US$)"}


@pytest.mark.parametrize("ending", ["xlsx", "parquet"])
@pytest.mark.parametrize("harm", [lambda raw: raw[: len(raw) // 2], lambda raw: raw[:60] + b"\0\xff" * 40 + raw[140:]])
def test_a_broken_file_is_named_as_broken(tmp_path, ending, harm):
    import pandas as pd

    file, frame = tmp_path / f"mine.{ending}", pd.DataFrame({"Country": ["Japan"] * 9, "Year": 2023, "Value": range(9)})
    frame.to_excel(file, index=False) if ending == "xlsx" else frame.to_parquet(file)
    spreadsheet.propose(file)
    file.write_bytes(harm(file.read_bytes()))
    with pytest.raises(ToolkitError, match=f"mine.{ending}"):
        spreadsheet.propose(file)


@pytest.mark.parametrize(
    ("stated", "factor", "unit"),
    [
        ("US$ million", 1e6, "USD"), ("million US$", 1e6, "USD"), ("USD mn", 1e6, "USD"), ("Mio. EUR", 1e6, "EUR"), ("US$bn", 1e9, "USD"),
        ("EUR thousand", 1e3, "EUR"), ("1000 USD", 1e3, "USD"), ("1,000 t", 1e3, "t"), ("USD '000", 1e3, "USD"),
        ("thousands of USD", 1e3, "USD"), ("US dollars", 1, "USD"), ("billion yen", 1e9, "JPY"), ("Tonnes", 1, "t"),
        ("metric tons", 1, "t"), ("thousand tonnes", 1e3, "t"), ("Kg", 1, "kg"), ("Percent", 1, "%"), ("kt", 1e3, "t"),
        ("million barrels", 1e6, "bbl"), ("USD/kg", 1, "USD/kg"),
    ],
)  # fmt: skip
def test_a_unit_is_read_as_people_write_it(stated, factor, unit):
    assert values.read_unit(stated) == (factor, unit)


@pytest.mark.parametrize(
    "stated", ["", "$", "all", "dollars", "ABC", "crates", "lakh INR", "USD m", "12 USD", "JPY 100 million"]
)
def test_a_unit_that_may_be_two_things_or_none_is_refused(stated):
    with pytest.raises(SchemaError, match="is not known"):
        values.read_unit(stated)


def test_a_scale_in_a_heading_must_be_that_of_the_column_of_units(tmp_path):
    with pytest.raises(SchemaError, match="says million, the mapping's unit is 'USD'"):
        added(text(tmp_path, "Country,Year,Unit,Value (millions)\nJapan,2023,USD,5\n"))
    (tmp_path / "mine.map.toml").unlink()
    found = added(text(tmp_path, "Country,Year,Unit,Value (millions)\nJapan,2023,USD mn,5\n"))
    assert found.table["obs_value"].tolist() == [5e6]
