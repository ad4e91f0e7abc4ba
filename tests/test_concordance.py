import io

import openpyxl
import pytest
from test_trade import table

from toolkit import concordance
from toolkit.concordance import Concordance
from toolkit.errors import SchemaError, UnknownCode

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
    assert [one.code for one in concordance.warnings(rows)] == ["870421"]
    assert concordance.warnings(rows[rows.product_vintage == "H6"]) == []


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


def test_the_uns_workbook_is_read_from_its_sheet_of_correlations():
    book = openpyxl.Workbook()
    book.active.title = "HS2022-HS2017 Conversions"
    sheet = book.create_sheet("HS2022-HS2017 Correlations")
    for row in (
        ["Correlation table"],
        ["HS 2022", "HS 2017", "Relationship"],
        ["010121", 10121, "1:1"],
        ["870441", "870421", "n:1"],
    ):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    found = concordance.read(stream.getvalue(), "H6", "H5")
    assert found.pairs == {("010121", "010121"), ("870441", "870421")}
    assert concordance.read(b"HS2022,SITC Rev. 4\n010121,00150\n", "H6", "S4").onward == {"010121": ["00150"]}
    with pytest.raises(SchemaError):
        concordance.read(b"a,b\n1,2\n", "H6", "H5")


def test_editions_by_year():
    assert [concordance.edition(year) for year in (1988, 1996, 2006, 2007, 2016, 2017, 2024)] == [
        "H0", "H1", "H2", "H3", "H4", "H5", "H6",
    ]  # fmt: skip
    with pytest.raises(UnknownCode):
        concordance.edition(1980)
