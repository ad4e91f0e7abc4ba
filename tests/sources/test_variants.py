"""Answers as services also give them: other columns, types, editions and levels end right or in a named refusal."""

import json

import pytest
from test_comtrade import ROW, answer

from toolkit.errors import NotBelieved, ToolkitError
from toolkit.sources import baci, census, comtrade, eurostat, fred, sdmx, usatrade, wits, worldbank

IMPORTS = ["CTY_CODE", "CTY_NAME", "I_COMMODITY", "time"]
FLAT = {
    "meta": {"id": "x", "prepared": "2024-01-01", "sender": {"id": "OECD"}},
    "data": {
        "dataSets": [{"observations": {"0:0:0": [5.5, 0]}}],
        "structures": [{
            "dimensions": {"observation": [
                {"id": "REF_AREA", "values": [{"id": "USA"}]},
                {"id": "FREQ", "values": [{"id": "A"}]},
                {"id": "TIME_PERIOD", "values": [{"value": "2023"}]},
            ]},
            "attributes": {"observation": [{"id": "OBS_STATUS", "values": [{"id": "A"}]}]},
        }],
    },
}  # fmt: skip
MILLIONS = {"id": "UNIT_MULT", "values": [{"id": "6"}]}


def raw(value):
    return json.dumps(value).encode()


def months(*columns, **cells):
    names = [*IMPORTS, *columns]
    row = {"CTY_CODE": "5880", "CTY_NAME": "JAPAN", "I_COMMODITY": "870323", "time": "2024-01"} | cells
    return census.parse(raw([names, [row[name] for name in names]]))


def flat(data=None, attributes=None):
    made = json.loads(json.dumps(FLAT))
    made["data"]["dataSets"][0] |= data or {}
    made["data"]["structures"][0]["attributes"] |= attributes or {}
    return sdmx.parse(raw(made))


def test_comtrade_codes_that_a_table_program_made_decimals_are_the_codes():
    decimals = {"reporterCode": 842.0, "partnerCode": "392.0", "motCode": 0.0, "partner2Code": "0.0", "reporterISO": "USA"}  # fmt: skip
    table = comtrade.parse(answer(ROW | decimals | {"partnerISO": "JPN"}))
    assert set(table.ref_area + table.counterpart_area) == {"USAJPN"}


def test_comtrade_quantity_in_a_unit_that_no_list_has_is_kept_and_named():
    table = comtrade.parse(answer(ROW | {"qty": 12, "qtyUnitCode": 77}))
    found = table[table.measure == "quantity"].iloc[0]
    assert (found.obs_value, found.unit_measure) == (12, "unit 77")


@pytest.mark.parametrize("level", [6, None])
def test_comtrade_code_without_its_zero_is_refused_with_and_without_its_level(level):
    with pytest.raises(NotBelieved, match="leading zero"):
        comtrade.parse(answer(ROW | {"cmdCode": 10121, "aggrLevel": level}))


def test_comtrade_edition_asked_for_by_its_own_name_is_still_the_harmonized_system():
    table = comtrade.parse(answer(ROW | {"classificationCode": "H5", "classificationSearchCode": "H5"}))
    assert set(table.product_scheme + table.product_vintage) == {"HSH5"}


def test_comtrade_count_as_text_must_agree_too():
    assert len(comtrade.parse(raw({"count": "1", "data": [ROW]})))
    with pytest.raises(NotBelieved, match="counts 7 rows and sends 1"):
        comtrade.parse(raw({"count": "7", "data": [ROW]}))


def test_census_amounts_by_transport_duty_and_second_quantity_are_told_apart():
    table = months("GEN_VAL_MO", "AIR_VAL_MO", "VES_WGT_MO", "CAL_DUT_MO", "GEN_QY2_MO", "UNIT_QY2", GEN_VAL_MO="12",
                   AIR_VAL_MO="2", VES_WGT_MO="9", CAL_DUT_MO="1", GEN_QY2_MO="3", UNIT_QY2="KG")  # fmt: skip
    assert table.set_index("breakdown").obs_value.to_dict() == {
        "": 12, "transport=air": 2, "transport=vessel;weight=shipping": 9, "calculated duty": 1, "quantity=second": 3,
    }  # fmt: skip
    assert set(table.flow) == {"M"}


def test_census_exports_by_vessel_are_exports_at_their_own_valuation():
    rows = [["CTY_CODE", "E_COMMODITY", "ALL_VAL_MO", "VES_VAL_MO", "QTY_1_MO", "UNIT_QY1", "time"],
            ["5880", "870323", 12, 3, 4, "NO", "2024-01"]]  # fmt: skip
    table = census.parse(raw(rows))
    assert table[["flow", "valuation", "obs_value"]].to_numpy().tolist() == [["X", "FAS", 12], ["X", "FAS", 3], ["X", "NA", 4]]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "cells", "said"),
    [
        (["GEN_QY1_MO"], {"GEN_QY1_MO": "12"}, "without UNIT_QY1"),
        (["NEW_VAL_MO"], {"NEW_VAL_MO": "12"}, "NEW_VAL_MO of unknown meaning"),
        (["GEN_VAL_MO"], {"GEN_VAL_MO": "12", "I_COMMODITY": "10121"}, "leading zero"),
    ],
)
def test_census_answer_that_cannot_be_told_is_refused(columns, cells, said):
    with pytest.raises(NotBelieved, match=said):
        months(*columns, **cells)


def test_census_without_a_country_or_a_row_says_so():
    with pytest.raises(NotBelieved, match="without a country"):
        census.parse(raw([["I_COMMODITY", "GEN_VAL_MO", "time"], ["870323", "1", "2024-01"]]))
    with pytest.raises(NotBelieved, match="header alone"):
        census.parse(raw([[*IMPORTS, "GEN_VAL_MO"]]))


def test_world_bank_without_rows_and_with_a_scale_is_refused():
    head = {"page": 1, "pages": 1, "per_page": 50, "total": 0, "lastupdated": "2024-01-01"}
    with pytest.raises(NotBelieved, match="has no rows"):
        worldbank.parse(raw([head, None]))
    row = {"indicator": {"id": "NY.GDP.MKTP.CD", "value": "GDP (current US$)"}, "country": {"id": "JP", "value": "Japan"},
           "countryiso3code": "JPN", "date": "2023", "value": 4.2, "scale": "9"}  # fmt: skip
    with pytest.raises(NotBelieved, match="scale"):
        worldbank.parse(raw([head | {"total": 1}, [row]]))


def test_a_scale_that_stands_once_for_all_of_an_sdmx_answer_is_not_lost():
    assert flat().obs_value.item() == 5.5
    whole = flat({"attributes": [0]}, {"dataSet": [MILLIONS]})
    group = flat({"dimensionGroupAttributes": {"0::": [0]}}, {"dimensionGroup": [MILLIONS]})
    assert whole.obs_value.item() == group.obs_value.item() == 5_500_000
    with pytest.raises(NotBelieved):
        flat(attributes={"dimensionGroup": [MILLIONS]})


def test_an_sdmx_answer_without_observations_or_area_does_not_make_one_up():
    with pytest.raises(NotBelieved, match="no rows"):
        flat({"observations": {}})
    table = sdmx.parse(b"DATAFLOW,FREQ,KEY,TIME_PERIOD,OBS_VALUE\nECB:X(1.0),W,abc,2024-W05,3\n")
    assert table[["ref_area", "time_period", "freq"]].to_numpy().tolist() == [["XUN", "2024-W05", "W"]]


def test_sdmx_csv_with_labels_beside_codes_keeps_the_codes():
    head = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,REF_AREA,Reference area,FREQ,Frequency,MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MULT,Unit multiplier"  # fmt: skip
    row = "DATAFLOW,OECD.SDD:DF(1.0),Trade,I,USA,United States,A,Annual,XG,2023,5,6,Millions"
    found = sdmx.parse(f"{head}\n{row}\n".encode()).iloc[0]
    assert (found["product"], found.obs_value) == ("XG", 5e6)
    both = "STRUCTURE,STRUCTURE_ID,FREQ:Frequency,REF_AREA:Reference area,TIME_PERIOD:Time,OBS_VALUE:Value,TITLE:Title"
    row = 'dataflow,BIS:RATES(1.0): Rates of banks,M: Monthly,BR: Brazil,2024-01,1.5,"Bank: the rate"'
    found = sdmx.parse(f"{both}\n{row}\n".encode()).iloc[0]
    assert (found.ref_area, found["product_scheme"], found["obs_comment"]) == ("BRA", "BIS:RATES", "Bank: the rate")


@pytest.mark.parametrize(
    "parse",
    [
        baci.parse,
        census.parse,
        comtrade.parse,
        eurostat.parse,
        fred.parse,
        sdmx.parse,
        usatrade.parse,
        wits.parse,
        worldbank.parse,
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"[[]]",
        b"<html><body>busy</body></html>",
        b'{"error": "no"}',
        b"a,b\n1,2\n",
        b"\x00",
    ],
    ids=["nothing", "object", "list", "null", "lists", "page", "error", "table", "zero"],
)
def test_what_is_no_answer_at_all_is_a_named_refusal(parse, body):
    with pytest.raises(ToolkitError):
        parse(body)
