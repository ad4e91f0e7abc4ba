import io
import shutil
from pathlib import Path

import openpyxl
import pytest
from test_trade import table

from toolkit import codes
from toolkit.errors import SchemaError, UnknownCode
from toolkit.store import datasets
from toolkit.trade import concordance
from toolkit.trade.concordance import Concordance

TRUCKS = concordance.embedded("H5", "H6")


def test_pickups_split_in_2022_and_rare_earths_do_not():
    found = concordance.breaks(["870421", "870431", "280530", "284690"], TRUCKS)
    assert [(one.code, one.kind) for one in found] == [("870421", "split"), ("870431", "split")]
    assert "870441" in str(found[0])


def test_a_merger_is_named_with_what_it_came_together_with():
    step = Concordance("H4", "H5", frozenset({("111111", "333333"), ("222222", "333333"), ("444444", "555555")}))
    found = concordance.breaks(["111111", "444444"], step)
    assert [(one.kind, one.others) for one in found] == [("merged", ("222222",)), ("moved", ("555555",))]


def test_a_series_across_editions_warns():
    rows = table(
        {"product": "870421", "product_vintage": "H5", "time_period": "2021", "obs_value": 1.0},
        {"product": "870421", "product_vintage": "H6", "time_period": "2022", "obs_value": 1.0},
        {"product": "284690", "product_vintage": "H6", "time_period": "2022", "obs_value": 1.0},
    )
    assert [one.code for one in concordance.code_changes(rows)] == ["870421"]
    assert concordance.code_changes(rows[rows.product_vintage == "H6"]) == []


def test_a_series_is_carried_over_with_stated_weights_and_its_total():
    rows = table(
        {"product": "870421", "product_vintage": "H5", "obs_value": 90.0},
        {"product": "284690", "product_vintage": "H5", "obs_value": 10.0},
    )
    weights = {("870421", "870421"): 0.9, ("870421", "870441"): 0.1}
    found = concordance.carry(rows, TRUCKS, weights).set_index("product")
    assert found.obs_value.to_dict() == pytest.approx({"870421": 81, "870441": 9, "284690": 10})
    assert found.obs_value.sum() == pytest.approx(rows.obs_value.sum())
    assert found.obs_comment["870441"] == "0.1 of H5 870421, given weights"
    assert list(found.obs_status[["870421", "284690"]]) == ["I", "A"]
    assert set(found.product_vintage) == {"H6"}


def test_back_to_the_older_edition_parts_are_added():
    rows = table({"product": "870421", "obs_value": 81.0}, {"product": "870441", "obs_value": 9.0, "raw_pointer": "/1"})
    found = concordance.carry(rows, TRUCKS.turned())
    assert found.obs_value.tolist() == [90]
    assert found.raw_pointer.item() == "/0 /1"


def test_a_sum_with_a_missing_part_is_missing():
    missing = {"obs_value": None, "obs_status": "M", "obs_comment": "secret"}
    rows = table({"product": "870421", "obs_value": 81.0}, {"product": "870441"} | missing)
    assert concordance.carry(rows, TRUCKS.turned()).obs_status.item() == "M"


def test_weights_that_do_not_add_up_and_codes_that_nobody_lists_are_refused():
    row = {"product_vintage": "H5", "obs_value": 1.0}
    with pytest.raises(SchemaError, match="add up"):
        concordance.carry(
            table(row | {"product": "870421"}), TRUCKS, {("870421", "870421"): 0.9, ("870421", "870441"): 0.2}
        )
    with pytest.raises(SchemaError, match="not in the concordance"):
        concordance.carry(table(row | {"product": "999999"}), TRUCKS)
    with pytest.raises(SchemaError, match="rates"):
        concordance.carry(table(row | {"product": "870421", "measure": "rate"}), TRUCKS)


def workbook(**sheets):
    """Make a workbook as the offices publish them: sheets by title, their rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


UN = workbook(**{
    "HS2022-HS2017 Conversions": [["From HS2022", "To HS2017"], ["010121", "010121"], ["870441", "870421"]],
    "HS2022-HS2017 Correlations": [
        ["Between"], ["HS2022", " HS2017", "Relationship"], ["010121", 10121, "1:1"], ["870441", "870421", "n:1"],
        ["870421", "870421", "n:1"], ["999999", "999999", ""], ["NULL", "870421", ""],
    ],
})  # fmt: skip
WIDE = workbook(**{
    "HS SITC BEC": [
        ["HS92", "HS96", "HS02", "HS07", "HS12", "HS17", "HS22", "BEC4", "BEC5", "SITC1", "SITC2", "SITC3", "SITC4"],
        ["010111", "010111", "010110", "010110", "010121", "010121", "010121", 41, "111021", "00150", "0015", "00150", "00150"],
        ["010119", "010119", "010190", "010190", "010129", "010129", "010129", 111, "111022", "00150", "0015", "00150", "00150"],
    ],
})  # fmt: skip


def test_the_uns_workbook_is_read_from_its_sheet_of_correlations():
    found = concordance.read(UN, "H6", "H5")
    assert found.pairs == {("010121", "010121"), ("870441", "870421"), ("870421", "870421")}
    assert concordance.read(UN, "H6", "H5", conversion=True).onward == {"010121": ["010121"], "870441": ["870421"]}
    assert concordance.read(b"HS2022,SITC Rev. 4\n010121,00150\n", "H6", "S4").onward == {"010121": ["00150"]}
    with pytest.raises(SchemaError, match="no columns of H6 and H5"):
        concordance.read(b"a,b\n1,2\n", "H6", "H5")


def test_all_editions_side_by_side_give_any_two_of_them():
    assert concordance.read(WIDE, "H2", "H6").onward == {"010110": ["010121"], "010190": ["010129"]}
    assert concordance.read(WIDE, "S2", "B4").onward == {"0015": ["111", "41"]}


def test_the_census_bureaus_files_are_read_and_lost_zeros_restored_or_refused():
    imports = workbook(Sheet1=[
        ["commodity", "descriptn", "unit_qy1", "sitc", "end_use", "naics"],
        [101210010, "HORSES", "NO", "00150", "00000", "112920"], ["8703230140", "CARS", "NO", "78120", "30000", "336111"],
    ])  # fmt: skip
    assert concordance.read(imports, "HTS", "NAICS").onward == {"0101210010": ["112920"], "8703230140": ["336111"]}
    naics = workbook(Sheet1=[["2022 NAICS to 2017 NAICS"], [], ["2022 NAICS Code", "2022 NAICS Title", "2017 NAICS Code"], [111110, "Soybean", 111110]])  # fmt: skip
    assert concordance.read(naics, "N2022", "N2017").pairs == {("111110", "111110")}
    with pytest.raises(SchemaError, match="is a number where S4 has codes"):
        concordance.read(workbook(Sheet1=[["HS2022", "SITC4"], ["010121", 150]]), "H6", "S4")
    with pytest.raises(SchemaError, match="is not a code of H6"):
        concordance.read(workbook(Sheet1=[["HS2022", "SITC4"], ["0101", "00150"]]), "H6", "S4")


def test_a_concordance_is_fetched_by_name_and_turned_where_need_be(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    shutil.copy(Path(__file__).parents[2] / "data" / "datapackage.json", tmp_path / "data")
    monkeypatch.setenv("TOOLKIT_HOME", str(tmp_path))
    monkeypatch.delenv("TOOLKIT_MIRROR", raising=False)
    with pytest.raises(SchemaError, match="toolkit data fetch unsd_hs2022_hs2017"):
        concordance.load("H5", "H6")
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "unsd_hs2022_hs2017.xlsx").write_bytes(UN)
    monkeypatch.setenv("TOOLKIT_MIRROR", str(mirror))
    assert concordance.load("H5", "H6").onward["870421"] == ["870421", "870441"]
    assert datasets.copy("unsd_hs2022_hs2017").trust == "first use"
    (mirror / "HS-SITC-BEC%20Correlations_2022.xlsx").write_bytes(WIDE)
    datasets.from_mirror("unsd_hs_sitc_bec")
    assert concordance.load("H0", "S4").onward["010111"] == ["00150"]
    with pytest.raises(UnknownCode, match="no concordance from H6 to XX"):
        concordance.load("H6", "XX")


def test_every_named_concordance_is_declared_with_an_address():
    assert {row["name"] for row in codes.table("concordances")} <= set(datasets.elsewhere())


def test_editions_by_year():
    assert [concordance.edition(year) for year in (1988, 1996, 2006, 2007, 2016, 2017, 2024)] == [
        "H0", "H1", "H2", "H3", "H4", "H5", "H6",
    ]  # fmt: skip
    with pytest.raises(UnknownCode):
        concordance.edition(1980)
