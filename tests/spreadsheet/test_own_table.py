"""The analyst's own table in an analysis: found, checked, named."""

import re
from datetime import date

import pandas as pd
import pytest

from toolkit import report
from toolkit import spreadsheet as adding
from toolkit.errors import ReportFailed, SchemaError
from toolkit.files import home
from toolkit.spreadsheet import user_table

TALL = "product,period,value\ncars,2023,10\ncars,2024,12.5\nships,2023,3\n"
MAP = """
confirmed = true
sheet = ""
header_row = 1
decimal = "."
missing = [""]
[columns]
reporter = ""
partner = ""
period = "year"
product = "good"
flow = ""
value = "sold"
[fixed]
flow = "X"
measure = "value"
unit = "million USD"
valuation = "FAS"
source = "our own books"
reporter = "JPN"
partner = "USA"
product_scheme = "NA"
"""


@pytest.fixture
def file(tmp_path):
    def write(text, name="cars.csv"):
        place = tmp_path / name
        place.write_text(text, encoding="utf-8")
        return str(place)

    return write


def series(reference, where=()):
    return user_table.read(reference, text=["period"], numbers=["value"], where=where)


def test_a_number_in_brackets_is_negative_and_said_so(file):
    table = series(file("period,value\n2023,(10)\n2024,5\n"))
    assert table.rows["value"].tolist() == [-10, 5]
    assert table.notes == ("cars.csv: numbers of value in brackets, taken as negative: 1",)


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_a_table_is_read_whatever_its_format(tmp_path, ending):
    place = tmp_path / f"cars{ending}"
    frame = pd.DataFrame({"period": [2023, 2024], "value": [10.5, 11.0]})
    {".csv": frame.to_csv, ".xlsx": frame.to_excel, ".parquet": frame.to_parquet}[ending](place, index=False)
    table = series(str(place))
    assert table.rows.to_dict("list") == {"period": ["2023", "2024"], "value": [10.5, 11.0]}
    assert table.credit == f"own table cars{ending}"
    assert re.fullmatch(rf"cars{ending} sha256 [0-9a-f]{{12}}", table.cited)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("period,amount\n2023,1\n", "no column 'value'; it has period, amount\n"),
        ("period,value\n2023,12 t\n", r"row 2, column value: '12 t' is not a number"),
        ("period,value\n2023,1\n,2\n", "row 3: no period"),
        ("period,value\n2023,1\n2023,2\n", "period 2023 occurs 2 times"),
        ("period,value\n2023,1e999\n", "is not a number"),
        ("period,value\n", "no table with a header"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(file, text, problem):
    with pytest.raises(SchemaError, match=problem):
        series(file(text))


def test_one_series_of_a_longer_table_is_chosen_in_words(file):
    place = file(TALL)
    with pytest.raises(
        SchemaError, match="period 2023 occurs 2 times; the rows differ in product: cars, ships"
    ) as error:
        series(place)
    assert "COLUMN=VALUE" in error.value.remedy
    assert series(place, ["product=cars"]).rows["value"].to_list() == [10, 12.5]
    with pytest.raises(SchemaError, match="has no product 'planes'"):
        series(place, ["product=planes"])
    with pytest.raises(SchemaError, match="keeps nothing"):
        series(place, ["goods=cars"])


def test_a_missing_number_is_counted_and_no_zero(file):
    table = series(file("period,value\n2023,1\n2024,n/a\n"))
    assert table.rows["value"].isna().to_list() == [False, True]
    assert table.notes == ("cars.csv: 1 of 2 rows have no value",)


def test_a_year_that_a_program_wrote_as_a_float_is_a_year(file):
    assert series(file("period,value\n2023.0,1\n")).rows["period"].to_list() == ["2023"]


def test_an_unknown_name_says_which_there_are():
    with pytest.raises(SchemaError, match="no table 'carz'") as error:
        series("carz")
    assert "one of:" in error.value.remedy


def test_what_was_added_by_name_opens_with_its_source_and_unit(tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_HOME", str(tmp_path))
    (tmp_path / "sales.csv").write_text("year,good,sold\n2023,cars,10\n2024,cars,12\n", encoding="utf-8")
    (tmp_path / "sales.map.toml").write_text(MAP, encoding="utf-8")
    adding.add(tmp_path / "sales.csv", "sales", folder=tmp_path / "data")
    table = user_table.read("sales", text=["exporter", "period"], numbers=["value"])
    assert table.rows[["exporter", "importer", "period", "value"]].to_numpy().tolist() == [
        ["JPN", "USA", "2023", 10e6], ["JPN", "USA", "2024", 12e6]
    ]  # fmt: skip
    assert (table.unit, table.credit) == ("USD", "our own books (own table sales)")


YEARS = "period,value\n" + "".join(f"{year},{100 + 3 * (year % 7) + year - 2000}\n" for year in range(2000, 2024))
GOODS = "product,period,value\n" + "".join(
    f"{good},2024-{month:02},{10 + (place * month) % 5 - 3 * (good == 'a' and month > 8)}\n"
    for place, good in enumerate("abcdefgh")
    for month in range(1, 13)
)
SUPPLY = "product,supplier,amount\nmagnets,CHN,80\nmagnets,JPN,15\nmagnets,XOT,5\nchips,TWN,60\nchips,KOR,40\n"
MARKET = "exporter,value\nJPN,40000000000\nMEX,50000000000\nKOR,30000000000\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("forecast", YEARS, {"horizon": 1}),
        ("event_study", GOODS, {"at": "2024-09", "treated": ["a"], "focus": "a"}),
        ("supply_risk", SUPPLY, {"focus": "magnets"}),
        ("tariff_scenario", MARKET, {}),
    ],
    ids=["forecast", "event_study", "supply_risk", "tariff_scenario"],
)
def test_a_notebook_answers_from_the_analysts_own_table(name, text, values, file, tmp_path):
    place = file(text, "ours.csv")
    notebook = home() / "notebooks" / f"{name}.ipynb"
    run = report.run(notebook, {"own_table": place, **values}, tmp_path / "report", edition_date=date(2025, 10, 28))
    page = re.sub(r"<[^>]*>", " ", (run.folder / "report.html").read_text(encoding="utf-8"))
    assert "own table ours.csv" in page
    assert "Your own tables" in page
    assert place in run.record["inputs"]["files"]
    assert "nan" not in re.sub(r"base64,[^\"]*", " ", page).lower().split()


def test_a_comma_that_may_group_or_be_decimal_is_never_taken_for_one_of_them(file):
    for text in ("period;value\n2023;5,250\n", "period;other;value\n2023;1,5;5,250\n"):
        with pytest.raises(SchemaError, match="comma"):
            user_table.read(file(text, "ours.csv"), text=["period"], numbers=["value"])


@pytest.mark.slow
def test_a_table_that_lacks_a_column_fails_in_words(file, tmp_path):
    notebook = home() / "notebooks" / "supply_risk.ipynb"
    values = {"own_table": file("product,country,amount\na,CHN,1\n", "ours.csv")}
    with pytest.raises(ReportFailed, match=r"ours\.csv has no column 'supplier'; it has product, country, amount"):
        report.run(notebook, values, tmp_path / "report", edition_date=date(2025, 10, 28))
