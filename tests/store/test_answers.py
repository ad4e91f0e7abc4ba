"""Answers as services write them, beyond the recorded ones: flags, units in names, codes of their own."""

import json

import pytest

from toolkit.errors import NotBelieved
from toolkit.sources import census, comtrade, eurostat, sdmx, usatrade, usgs, wits, worldbank

COMTRADE = {
    "typeCode": "C", "freqCode": "A", "period": "2021", "reporterCode": "699", "reporterISO": "IND", "reporterDesc": "India",
    "flowCode": "M", "partnerCode": "784", "partnerISO": "ARE", "partner2Code": "0", "classificationCode": "H5",
    "classificationSearchCode": "HS", "cmdCode": "010121", "aggrLevel": "6", "customsCode": "C00", "mosCode": "0",
    "motCode": "0", "qtyUnitCode": "5", "qty": "12", "isQtyEstimated": "False", "netWgt": "54", "isNetWgtEstimated": "False",
    "cifvalue": "250.5", "fobvalue": "", "primaryValue": "250.5", "isAggregate": "False",
}  # fmt: skip


def comtrade_csv(end="", **change):
    row = COMTRADE | change
    return f"{','.join(row)}\n{','.join(row.values())}{end}\n"


def test_a_comma_behind_every_row_of_comtrades_site_shifts_nothing():
    table = comtrade.parse(comtrade_csv(end=",").encode())
    assert table.equals(comtrade.parse(comtrade_csv().encode()).assign(raw_sha256=table.raw_sha256))
    with pytest.raises(NotBelieved, match="cells"):
        comtrade.parse(comtrade_csv(end=",9").encode())


def test_names_in_windows_1252_do_not_stop_comtrades_codes():
    raw = comtrade_csv(reporterCode="384", reporterISO="CIV", reporterDesc="Côte d'Ivoire").encode("cp1252")
    assert set(comtrade.parse(raw).ref_area) == {"CIV"}


@pytest.mark.parametrize(
    ("name", "value", "unit", "price"),
    [
        ("Exports Merchandise, current US$, millions, seas. adj.", 2e6, "USD", "current"),
        ("GDP, constant 2010 US$, millions, seas. adj.", 2e6, "USD", "constant 2010"),
        ("GDP (current US$)", 2, "USD", "current"),
        ("Something in tons of feathers", 2, "not stated", "NA"),
    ],
)
def test_a_scale_in_an_indicators_name_multiplies(name, value, unit, price):
    row = {"indicator": {"id": "X", "value": name}, "country": {"id": "JP", "value": "Japan"}, "countryiso3code": "JPN"}
    row |= {"date": "2023M02", "value": 2, "unit": "", "obs_status": "", "decimal": 0}
    head = {"page": 1, "pages": 1, "per_page": 50, "total": 1, "sourceid": "15", "lastupdated": "2024-06-28"}
    found = worldbank.parse(json.dumps([head, [row]]).encode()).iloc[0]
    assert (found.obs_value, found.unit_measure, found.price_base) == (value, unit, price)


@pytest.mark.parametrize(
    ("month", "span"), [("2024-01", "2024-01-01/P1M"), ("2024-11", "2024-01-01/P11M"), ("2023-12", "2023")]
)
def test_a_year_so_far_is_a_span_from_january(month, span):
    rows = [["CTY_CODE", "I_COMMODITY", "GEN_VAL_YR", "time"], ["5880", "-", "9", month]]
    assert census.parse(json.dumps(rows).encode()).time_period.tolist() == [span]


def series(rows, indicators):
    """Return a message of WITS: value lists of two partners and some indicators."""
    lists = {
        "FREQ": ["A"],
        "REPORTER": ["CHN"],
        "PARTNER": ["USA", "OAS", "QQX"],
        "PRODUCTCODE": ["Total"],
        "INDICATOR": indicators,
    }
    dimensions = [
        {"id": name, "keyPosition": at, "values": [{"id": one} for one in ids]}
        for at, (name, ids) in enumerate(lists.items())
    ]
    time = [{"id": "TIME_PERIOD", "keyPosition": 5, "values": [{"id": "2022"}]}]
    message = {
        "header": {"id": "DF_WITS_TradeStats_Tariff", "prepared": "2024-11-23T00:00:00"},
        "dataSets": [{"series": {key: {"observations": {"0": [value]}} for key, value in rows.items()}}],
        "structure": {"dimensions": {"series": dimensions, "observation": time}, "attributes": {}},
    }
    return json.dumps(message).encode()


def test_simple_and_weighted_averages_of_wits_stand_side_by_side():
    table = wits.parse(series({"0:0:0:0:0": 1.5, "0:0:0:0:1": 4}, ["AHS-WGHTD-AVRG", "MFN-SMPL-AVRG"]))
    assert dict(zip(table.breakdown, table.obs_value, strict=True)) == {"AHS-WGHTD-AVRG": 1.5, "MFN-SMPL-AVRG": 4}


def test_letters_of_wits_alone_are_known_or_kept():
    table = wits.parse(series({"0:0:1:0:0": 3, "0:0:2:0:0": 5}, ["MPRT-TRD-VL"]))
    assert table.counterpart_area.tolist() == ["C490", "XUN"]
    assert table.breakdown.tolist() == ["", "partner=QQX"]
    assert table.obs_value.tolist() == [3000, 5000]


XML = (
    '<message:StructureSpecificData xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/v{v}/message" '
    'xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v{v}/data/structurespecific" '
    'xmlns:common="http://www.sdmx.org/resources/sdmxml/schemas/v{v}/common" xmlns:n="{urn}" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><message:Header><message:ID>a</message:ID>'
    "<message:Test>false</message:Test><message:Prepared>2024-01-01T00:00:00</message:Prepared>"
    '<message:Sender id="X"/><message:Structure structureID="S" namespace="{urn}" dimensionAtObservation="TIME_PERIOD">'
    "<common:StructureUsage>{usage}</common:StructureUsage></message:Structure></message:Header>"
    '<message:DataSet ss:structureRef="S" xsi:type="n:DataSetType" ss:dataScope="DataStructure">'
    "<Series {series}><Obs {obs}/></Series></message:DataSet></message:StructureSpecificData>"
)


def xml(version, agency, flow, series, obs):
    flows = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow="
    name = f"{flows}{agency}:{flow}(1.0)"
    usage = name if version == "3_0" else f'<Ref agencyID="{agency}" id="{flow}" version="1.0"/>'
    return XML.format(v=version, urn=f"{name}:ObsLevelDim:TIME_PERIOD", usage=usage, series=series, obs=obs).encode()


def test_wits_in_xml_says_what_it_says_in_json():
    names = 'FREQ="A" REPORTER="CHN" PARTNER="USA" PRODUCTCODE="27-27_Fuels" INDICATOR="MPRT-TRD-VL"'
    raw = xml("2_1", "WBG_WITS", "DF_WITS_TradeStats_Trade", names, 'TIME_PERIOD="2022" OBS_VALUE="1.5"')
    found = wits.parse(raw).iloc[0]
    assert (found.ref_area, found.counterpart_area, found.flow, found.obs_value) == ("CHN", "USA", "M", 1500)
    assert (found.dataset, found.vintage) == ("wits-trade", "2024-01-01")


def test_sdmx_3_is_read_after_sdmx_2_1_in_one_session():
    old = xml(
        "2_1",
        "IMF.STA",
        "IMTS",
        'COUNTRY="USA" INDICATOR="MG_CIF_USD" FREQUENCY="A"',
        'TIME_PERIOD="2023" OBS_VALUE="7"',
    )
    new = xml(
        "3_0", "BIS", "CBPOL", 'FREQ="M" REF_AREA="JP" UNIT_MEASURE="368"', 'TIME_PERIOD="2024-03" OBS_VALUE="0.05"'
    )
    first, second = sdmx.parse(old).iloc[0], sdmx.parse(new).iloc[0]
    assert (first.measure, first.unit_measure, first.valuation) == ("value", "USD", "CIF")
    assert (second.ref_area, second.unit_measure, second.obs_value) == ("JPN", "%", 0.05)


def csv(head, *rows):
    return "\n".join([head, *rows, ""]).encode()


@pytest.mark.parametrize(
    ("flag", "status", "comment"),
    [("bd", "B", "status bd"), ("p", "P", ""), ("u", "A", "status u"), ("", "A", ""), ("ep", "E", "status ep")],
)
def test_no_flag_of_eurostat_is_lost(flag, status, comment):
    head = "DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS"
    found = sdmx.parse(csv(head, f"ESTAT:X(1.0),11/06/26 23:00:00,A,PC,FR,2021,66.5,{flag},")).iloc[0]
    assert (found.obs_status, found.obs_comment) == (status, comment)


def test_comext_counts_euros_and_hundreds_of_kilograms():
    head = "DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE"
    start = "ESTAT:DS-045409(1.0),15/06/26 11:00:00,M,DE,US,870323"
    table = sdmx.parse(csv(head, f"{start},2,VALUE_IN_EUROS,2024-06,5", f"{start},1,QUANTITY_IN_100KG,2024-06,7"))
    assert table["product"].tolist() == ["870323", "870323"]
    assert table[["flow", "measure", "unit_measure"]].to_numpy().tolist() == [
        ["X", "value", "EUR"],
        ["M", "quantity", "kg"],
    ]
    assert table.obs_value.tolist() == [5, 700]


def test_what_stands_behind_the_value_is_no_part_of_the_product():
    head = "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,BREAKS,DOM_SER_IDS"
    table = sdmx.parse(csv(head, "EXR.D.USD.EUR.SP00,D,USD,EUR,SP00,2024-01-02,1.09,A,x,y"))
    assert table["product"].tolist() == ["SP00"]


def test_the_imfs_own_csv_names_its_data_set():
    head = "DATASET,SERIES_CODE,COUNTRY,INDICATOR,COUNTERPART_COUNTRY,FREQUENCY,TIME_PERIOD,OBS_VALUE,SCALE"
    found = sdmx.parse(csv(head, "IMF.STA:IMTS(1.0.0),USA.X,USA,XG_FOB_USD,JPN,A,2023,75683000000,6")).iloc[0]
    assert (found.obs_value, found.unit_measure, found["product"]) == (75683000000, "USD", "XG_FOB_USD")


@pytest.mark.parametrize(
    ("head", "row", "product"),
    [
        ("DATAFLOW,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,CONF", "ECB:X(1.0),A,FR,2022,5,EUR,F", ""),
        ("DATAFLOW,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,INDICATOR", "ECB:X(1.0),A,FR,2022,5,CPI", "CPI"),
        ("DATAFLOW,OBS_VALUE,TIME_PERIOD,FREQ,REF_AREA,GOODS", "ECB:X(1.0),5,2022,A,FR,cars", "cars"),
    ],
    ids=["an attribute", "an indicator", "columns in another order"],
)
def test_a_column_behind_the_value_is_passed_over_only_where_it_is_an_attribute(head, row, product):
    assert sdmx.parse(csv(head, row))["product"].tolist() == [product]


def test_an_sdmx_csv_that_a_spreadsheet_saved_with_semicolons_has_decimal_commas():
    head = "DATAFLOW;FREQ;REF_AREA;UNIT_MEASURE;UNIT_MULT;TIME_PERIOD;OBS_VALUE"
    assert sdmx.parse(csv(head, "ECB:BP6(1.0);A;FR;EUR;6;2022;1585,754")).obs_value.tolist() == [1585754000]
    with pytest.raises(NotBelieved, match="'1,585' is not a number"):  # a thousand, or a little more than one
        sdmx.parse(csv(head.replace(";", ","), 'ECB:BP6(1.0),A,FR,EUR,6,2022,"1,585"'))


def test_eurostats_cube_may_have_one_flag_for_all_and_flows_in_an_indicator():
    members = {"freq": ["A"], "indic_et": ["MIO_EXP_VAL", "MIO_IMP_VAL"], "geo": ["DE"], "time": ["2022"]}
    cube = {
        "class": "dataset", "source": "ESTAT", "value": [1.5, 2], "status": "p", "id": list(members),
        "size": [len(several) for several in members.values()],
        "dimension": {name: {"category": {"index": several}} for name, several in members.items()},
    }  # fmt: skip
    table = eurostat.parse(json.dumps(cube).encode())
    assert table[["flow", "unit_measure", "obs_value", "obs_status"]].to_numpy().tolist() == [
        ["X", "EUR", 1.5e6, "P"],
        ["M", "EUR", 2e6, "P"],
    ]


USGS = """COBALT
(Data in metric tons of cobalt content unless otherwise noted)
World Mine Production and Reserves:
Mine production Reserves6
2022 2023e
Congo (Kinshasa)7 e144,000 170,000 6,000,000
Australia 5,830 4,600 81,700,000
Other countries e100 200 780,000
World total (rounded) {total}
6See Appendix C.
8For Australia.
9Excludes the United States.
"""


@pytest.mark.parametrize("total", ["9150,000 9175,000 11,000,000", "9 150,000 9 175,000 11,000,000"])
def test_a_mark_of_estimates_and_marks_at_totals_are_read(total):
    table = usgs.parse(USGS.format(total=total).encode()).query("time_period == '2022'")
    assert table.ref_area.tolist() == ["COD", "AUS", "XOT"]
    assert table.obs_value.tolist() == [144000, 5830, 100]
    assert table.obs_status.tolist() == ["E", "A", "E"]


def test_a_total_with_a_mark_must_still_be_the_sum():
    with pytest.raises(NotBelieved, match="no readings agree"):
        usgs.parse(USGS.format(total="9160,000 9175,000 11,000,000").encode())


def test_exports_by_state_of_usa_trade_online_are_exports():
    text = 'State,Commodity,Country,Time,Total Value ($US),\nTexas,"27 Mineral Fuel",Mexico,2022,"50,111",\n'
    found = usatrade.parse(text.encode(), splits=True).iloc[0]
    assert (found.flow, found.valuation, found.obs_value, found.breakdown) == ("X", "FAS", 50111, "state=Texas")


def test_each_data_set_of_a_message_has_its_own_multiplier():
    raw = xml("2_1", "BIS", "X", 'FREQ="A" REF_AREA="DE"', 'TIME_PERIOD="2023" OBS_VALUE="5"').decode()
    raw = raw.replace("<message:DataSet ", '<message:DataSet UNIT_MULT="6" UNIT_MEASURE="USD" ')
    first = raw[raw.index("<message:DataSet ") : raw.index("</message:StructureSpecificData>")]
    second = first.replace('UNIT_MULT="6"', 'UNIT_MULT="3"').replace('"DE"', '"FR"')
    table = sdmx.parse(raw.replace(first, first + second).encode())
    assert dict(zip(table.ref_area, table.obs_value, strict=True)) == {"DEU": 5e6, "FRA": 5e3}


@pytest.mark.parametrize(
    ("freq", "stated", "period"),
    [
        ("M", "2024-02-01", "2024-02"), ("Q", "2024-04-01", "2024-Q2"), ("S", "2024-07-01", "2024-S2"),
        ("A", "2024-01-01T00:00:00", "2024"), ("D", "2024-02-01", "2024-02-01"), ("B", "2024-02-01", "2024-02-01"),
    ],
)  # fmt: skip
def test_a_first_day_stands_for_the_period_of_the_stated_frequency(freq, stated, period):
    head = "DATAFLOW,FREQ,REF_AREA,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE"
    assert sdmx.parse(csv(head, f"BIS:X(1.0),{freq},JP,368,{stated},0.1")).time_period.tolist() == [period]


@pytest.mark.parametrize(("freq", "stated"), [("Q", "2024-01"), ("M", "2024-02-15"), ("A", "2024-Q1"), ("M", "2024")])
def test_a_period_of_another_frequency_than_the_stated_is_not_believed(freq, stated):
    head = "DATAFLOW,FREQ,REF_AREA,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE"
    with pytest.raises(NotBelieved, match="not of the frequency"):
        sdmx.parse(csv(head, f"BIS:X(1.0),{freq},JP,368,{stated},0.1"))


@pytest.mark.parametrize(
    ("code", "unit", "measure"),
    [
        ("GWH", "GWH", "level"),
        ("CLV_PCH_PRE", "%", "rate"),
        ("JPY", "JPY", "value"),
        ("SUPPLEMENTARY_QUANTITY", "supplementary unit", "quantity"),
    ],
)
def test_only_a_currency_makes_a_value(code, unit, measure):
    found = sdmx.parse(
        csv("DATAFLOW,FREQ,REF_AREA,UNIT,TIME_PERIOD,OBS_VALUE", f"ESTAT:X(1.0),A,FR,{code},2021,5")
    ).iloc[0]
    assert (found.unit_measure, found.measure, found.price_base == "current") == (unit, measure, measure == "value")


@pytest.mark.parametrize(
    "link",
    [
        {"rel": "dataflow", "href": "https://data.example.org/service/dataflow/ECB/EXR/1.0"},
        {"rel": "dataflow", "urn": "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=ECB:EXR(1.0)"},
    ],
)
def test_a_json_messages_own_number_is_not_the_name_of_its_data_flow(link):
    lists = {"REF_AREA": ["JPN"], "FREQ": ["A"], "TIME_PERIOD": ["2023"]}
    dimensions = [{"id": name, "values": [{"id": one} for one in ids]} for name, ids in lists.items()]
    message = {
        "header": {"id": "7d0f4bb6", "sender": {"id": "ECB"}},
        "dataSets": [{"observations": {"0:0:0": [5]}}],
        "structure": {"links": [link], "dimensions": {"observation": dimensions}},
    }
    assert sdmx.parse(json.dumps(message).encode())["dataset"].tolist() == ["ecb-exr"]


def test_a_title_that_says_naics_names_the_classification():
    text = 'State Imports by NAICS Commodities\n\nCommodity,Country,Time,Customs Value (Gen) ($US)\n3361 Cars,Mexico,2022,"5"\n'
    assert usatrade.parse(text.encode())["product_scheme"].tolist() == ["NAICS"]


def test_comtrades_bulk_files_have_tabs():
    assert comtrade.parse(comtrade_csv().replace(",", "\t").encode()).obs_value.sum() > 0


def test_areas_of_a_file_saved_with_labels_alone_are_known_by_name():
    head = "DATAFLOW,freq,unit,geo,TIME_PERIOD,OBS_VALUE"
    found = sdmx.parse(csv(head, "ESTAT:X(1.0),Annual,PC,Austria,2021,5", "ESTAT:X(1.0),Annual,PC,Nowhere,2021,6"))
    assert found.ref_area.tolist() == ["AUT", "XUN"]
    assert found.breakdown.tolist() == ["", "area=Nowhere"]


def test_a_message_that_cannot_be_read_puts_nothing_out(capsys):
    raw = xml("2_1", "BIS", "X", 'FREQ="A" REF_AREA="DE"', 'TIME="2023" OBS_VALUE="5"')
    with pytest.raises(NotBelieved, match="not an SDMX-ML message"):
        sdmx.parse(raw)
    assert capsys.readouterr().out == ""


def test_an_open_quotation_mark_in_a_saved_report_is_named():
    with pytest.raises(NotBelieved, match="not a whole CSV"):
        usatrade.parse(b'Commodity,Country,Time,Value ($US)\n"87"Cars,Japan,2023,"5"\n')
