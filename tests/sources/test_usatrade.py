"""Reports that a person saved from USA Trade Online: titles above, commas in amounts, years that are not over."""

import pytest

from toolkit.errors import NotBelieved, SchemaError
from toolkit.sources import library, usatrade

REPORT = """\
"Standard Report - Imports"
"Measures: Customs Value (Gen) ($US)"

"Commodity","Country","Time","Customs Value (Gen) ($US)","Vessel SWT (Gen) (kg)",
"870323 Motor Cars, Spark Ignition","Japan","January 2024","1,716,414","2,000",
"010121 Horses","Korea, South","2024 through March","12","",
"All Commodities","World Total","2023","3,080,000,000,000","7",
"""


def parse(text=REPORT, **more):
    return usatrade.parse(text.encode(), **more)


def test_titles_commas_codes_and_years_so_far_are_read():
    table = parse()
    value = table[table.measure == "value"].set_index("counterpart_area")
    assert value.obs_value.to_dict() == {"JPN": 1_716_414, "KOR": 12, "WLD": 3.08e12}
    assert value["product"].to_dict() == {"JPN": "870323", "KOR": "010121", "WLD": "TOTAL"}
    assert value.time_period.to_dict() == {"JPN": "2024-01", "KOR": "2024-01-01/P3M", "WLD": "2023"}
    assert value.freq.to_dict() == {"JPN": "M", "KOR": "_O", "WLD": "A"}
    assert value.raw_pointer["JPN"] == "row=5&column=Customs Value (Gen) ($US)"
    weight = table[table.measure == "net_weight"].set_index("counterpart_area")
    assert weight.breakdown["JPN"] == "transport=vessel;weight=shipping"
    assert weight.obs_status["KOR"] == "M"


def test_exports_and_spreadsheets_months_are_read():
    table = parse("Commodity,Country,Time,Total Exports Value ($US)\n12 Seeds,China,Feb-20,5\n")
    assert table[["flow", "valuation", "time_period", "product"]].to_numpy().tolist() == [["X", "FAS", "2020-02", "12"]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Vessel SWT (Gen) (kg)", "Vessel Charges", "'Vessel Charges' whose meaning is not known"),
        ('"Time"', '"When"', "no header"),
        ('"Country"', '"Region"', "'Region'"),
        ("January 2024", "Januber 2024", "not a month"),
        ("1,716,414", "1,716,4l4", "not a number"),
        ("870323 Motor Cars, Spark Ignition", "Motor Cars", "does not begin with a code"),
        ("010121 Horses", "10121 Horses", "does not begin with a code"),
        ('"12",""', '"12"', "cells"),
    ],
)
def test_what_is_not_known_is_named(old, new, said):
    with pytest.raises(NotBelieved, match=said):
        parse(REPORT.replace(old, new))


def test_parts_are_refused_unless_asked_for():
    ports = 'Commodity,Country,Port,Time,Total Exports Value ($US)\n12 Seeds,China,"Seattle, WA",2020,5\n'
    with pytest.raises(SchemaError, match="only a part: port=Seattle"):
        parse(ports)
    assert parse(ports, splits=True).breakdown.item() == "port=Seattle, WA"


def test_a_cut_file_is_refused():
    with pytest.raises(NotBelieved, match="may be cut"):
        parse(REPORT[:-20])


def test_a_saved_report_becomes_a_vintage_that_replays(tmp_path):
    file = tmp_path / "imports.csv"
    file.write_text(REPORT)
    name, stamp, table = library.add_saved(file, "usatrade", "imports", tmp_path / "data")
    assert len(table) == 6
    assert library.replay(tmp_path / "data") == [f"{name} {stamp}: 6 observations, the same"]
    file.write_text("a,b\n1,2\n")
    with pytest.raises(NotBelieved):
        library.add_saved(file, "usatrade", "imports", tmp_path / "data")
    assert library.vintages_of("imports", tmp_path / "data") == [stamp]
