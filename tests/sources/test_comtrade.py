import json
from pathlib import Path

import pytest

from toolkit import observation
from toolkit.errors import NotBelieved, RowCap, SchemaError, UnknownCode
from toolkit.sources import comtrade

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "comtrade"
recorded = pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded answers lie beside the repository")

ROW = {
    "typeCode": "C", "freqCode": "A", "refYear": 2022, "refMonth": 52, "period": "2022",
    "reporterCode": 410, "reporterISO": "KOR", "flowCode": "M", "partnerCode": 392, "partnerISO": "JPN",
    "partner2Code": 0, "classificationCode": "H6", "classificationSearchCode": "HS", "cmdCode": "010121",
    "aggrLevel": 6, "customsCode": "C00", "mosCode": "0", "motCode": 0, "qtyUnitCode": 5, "qty": 12,
    "isQtyEstimated": False, "altQtyUnitCode": -1, "altQty": 0, "netWgt": 4800.5, "isNetWgtEstimated": True,
    "grossWgt": 0, "cifvalue": 1100, "fobvalue": 1000, "primaryValue": 1100, "isReported": True, "isAggregate": False,
}  # fmt: skip


def answer(*rows, **head):
    return json.dumps({"elapsedTime": "0.1 secs", "count": len(rows), "data": rows, "error": ""} | head).encode()


def parsed(**changed):
    return comtrade.parse(answer(ROW | changed))


def values(table):
    rows = table[table.measure == "value"]
    return {(row.flow, row.valuation): row.obs_value for row in rows.itertuples() if row.obs_status != "M"}


@recorded
def test_us_japan_2023_is_two_import_rows_and_an_export_row():
    table = comtrade.parse((SAMPLES / "usa-jpn-total-2023.json").read_bytes())
    assert values(table) == {
        ("M", "CIF"): 151_580_564_290,
        ("M", "FOB"): 147_340_317_186,
        ("X", "FOB"): 76_154_045_176,
    }
    cif = observation.select(table, flow="M", valuation="CIF")
    assert cif.obs_comment.item().startswith("its primaryValue")
    assert cif.raw_pointer.item() == "/data/0/cifvalue"
    assert {"USA"} == set(table.ref_area)
    assert {"JPN"} == set(table.counterpart_area)


@recorded
def test_a_zero_fob_value_is_missing_with_its_reason():
    table = comtrade.parse((SAMPLES / "usa-imports-deu-fra-jpn-mex-2018-2022.csv").read_bytes())
    fob = observation.select(table, measure="value", valuation="FOB", counterpart_area="JPN").set_index("time_period")
    assert list(fob.obs_status[["2018", "2019", "2020", "2021", "2022"]]) == ["M", "A", "M", "M", "A"]
    assert "fobvalue is 0" in fob.obs_comment["2018"]
    assert fob.obs_value["2022"] == 148_329_293_664
    assert (table.obs_value.dropna() != 0).all()


@recorded
def test_estimated_quantities_carry_their_status():
    table = comtrade.parse((SAMPLES / "thailand-shrimp-hs6-2007-2011.csv").read_bytes())
    estimated = observation.select(table, measure="net_weight", obs_status="E")
    assert len(estimated) == 85
    assert estimated.obs_comment.eq("estimated by the UN").all()
    assert set(table["product"]) == {"030613", "160520", "030623", "160540"}
    imports_again = observation.select(table, flow="RM", measure="value", obs_status="A")
    assert set(imports_again.valuation) == {"NA"}
    assert imports_again.obs_comment.str.contains("neither CIF nor FOB").all()


@recorded
def test_null_is_missing_too():
    table = comtrade.parse((SAMPLES / "chn-arg-deu-2010.json").read_bytes())
    assert values(table)["M", "CIF"]
    assert "fobvalue is empty" in observation.select(table, flow="M", valuation="FOB").obs_comment.iloc[0]


def test_each_valuation_and_quantity_is_an_observation_with_its_unit_and_pointer():
    table = parsed().set_index(["measure", "valuation"])
    assert table.obs_value["value", "CIF"] == 1100
    assert table.obs_value["value", "FOB"] == 1000
    assert (table.obs_value["quantity", "NA"], table.unit_measure["quantity", "NA"]) == (12, "1")
    assert (table.obs_value["net_weight", "NA"], table.obs_status["net_weight", "NA"]) == (4800.5, "E")
    assert table.raw_pointer["net_weight", "NA"] == "/data/0/netWgt"


def test_counts_in_thousands_and_dozens_are_brought_to_units():
    assert parsed(qtyUnitCode=9).set_index("measure").obs_value["quantity"] == 12_000
    assert parsed(qtyUnitCode=11).set_index("measure").obs_value["quantity"] == 144


@pytest.mark.parametrize(("primary", "label"), [(1100, "CIF"), (1000, "FOB")])
def test_primary_value_is_labelled_by_what_it_equals(primary, label):
    table = parsed(primaryValue=primary)
    assert table[table.obs_comment.str.contains("primaryValue")].valuation.tolist() == [label]


def test_a_primary_value_that_equals_neither_stands_alone():
    table = parsed(primaryValue=1050)
    assert values(table) == {("M", "CIF"): 1100, ("M", "FOB"): 1000, ("M", "NA"): 1050}


@pytest.mark.parametrize(
    "part", [{"motCode": 1000}, {"customsCode": "C01"}, {"partner2Code": 156}, {"mosCode": "1"}, {"flowCode": "MIP"}]
)
def test_parts_are_refused_unless_asked_for(part):
    with pytest.raises(SchemaError, match="only a part"):
        parsed(**part)
    table = comtrade.parse(answer(ROW, ROW | part), splits=True)
    assert len(set(table.breakdown)) == 2


@pytest.mark.parametrize("rows", [500, 100_000])
def test_an_answer_at_the_row_cap_is_an_error(rows):
    short = {name: ROW[name] for name in [*list(ROW)[:14], "primaryValue"]}
    with pytest.raises(RowCap, match="cap"):
        comtrade.parse(answer(*[short] * rows))


def test_a_row_that_stands_twice_is_an_error_and_never_a_sum():
    with pytest.raises(SchemaError, match="the same key as in"):
        comtrade.parse(answer(ROW, ROW))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (answer(ROW, count=2), "counts 2"),
        (answer(error="Subscription quota"), "Subscription quota"),
        (answer(), "no rows"),
        (b'{"statusCode": 429, "message": "Rate limit is exceeded. Try again in 2 seconds."}', "error message"),
        (b'{"rows": []}', "no 'data'"),
        (answer(ROW)[:-9], "not whole JSON"),
        (answer({k: v for k, v in ROW.items() if k != "primaryValue"}), "primaryvalue"),
    ],
)
def test_what_is_no_answer_is_not_believed(raw, said):
    with pytest.raises(NotBelieved, match=said):
        comtrade.parse(raw)


@pytest.mark.parametrize(
    "changed",
    [
        {"cmdCode": "10121"},
        {"flowCode": "ZZ"},
        {"freqCode": "M"},
        {"partnerISO": "DEU"},
        {"cifvalue": "1,100"},
        {"cifvalue": True},
    ],
)
def test_a_row_that_contradicts_itself_is_not_believed(changed):
    with pytest.raises(NotBelieved):
        parsed(**changed)


def test_an_unknown_area_is_named():
    with pytest.raises(UnknownCode, match="9999"):
        parsed(partnerCode=9999, partnerISO=None)


def test_letters_with_a_blank_and_areas_that_are_no_country_are_typed():
    assert set(parsed(partnerCode=899, partnerISO="_X ").counterpart_area) == {"C899"}
    assert set(parsed(partnerCode=490, partnerISO="S19").counterpart_area) == {"C490"}


def test_services_have_no_valuation():
    table = parsed(
        typeCode="S", classificationCode="EB10", classificationSearchCode="EB", cmdCode="SC", aggrLevel=None,
        cifvalue=None, fobvalue=None, qtyUnitCode=-1,
    )  # fmt: skip
    assert values(table) == {("M", "NA"): 1100}
    assert not (table.valuation == "FOB").any()


def test_a_monthly_period_is_written_as_a_month():
    assert set(parsed(freqCode="M", period="202203", refMonth=3).time_period) == {"2022-03"}


def test_a_query_asks_for_totals_and_keeps_the_key_out_of_sight():
    asked = comtrade.request(reporter=["USA"], partner=["JPN", "WLD"], years=[2022, 2023])
    params = dict(asked.params)
    assert (params["reporterCode"], params["partnerCode"], params["period"]) == ("842", "392,0", "2022,2023")
    assert (params["motCode"], params["customsCode"], params["partner2Code"]) == ("0", "C00", "0")
    assert asked.key.required
    assert "subscription" not in asked.address.lower()


def test_an_area_without_a_number_is_named():
    with pytest.raises(UnknownCode, match="HIC"):
        comtrade.request(reporter=["WB-HIC"], partner=["JPN"], years=[2022])


def test_rows_without_an_envelope_are_read_too():
    assert len(comtrade.parse(json.dumps([ROW]).encode())) == 4


def test_a_query_splits_until_one_cell_is_left():
    query = {
        "reporter": ["USA"],
        "partner": ["JPN", "DEU"],
        "years": [2021, 2022],
        "product": ["TOTAL"],
        "flows": ("M",),
    }
    parts = [query]
    while any(len(part["years"]) * len(part["partner"]) > 1 for part in parts):
        parts = [half for part in parts for half in comtrade.split(part)]
    assert sorted((part["years"][0], part["partner"][0]) for part in parts) == [
        (2021, "DEU"), (2021, "JPN"), (2022, "DEU"), (2022, "JPN"),
    ]  # fmt: skip
    with pytest.raises(RowCap):
        comtrade.split(parts[0])
