import json
import zipfile
from io import BytesIO
from pathlib import Path

import fault_server as faults
import pytest

from toolkit import observation, sources
from toolkit.errors import NotBelieved, SchemaError, ToolkitError
from toolkit.sources import _table, baci, census, comtrade, eurostat, fred, sdmx, usgs, wits, worldbank
from toolkit.store.answers import Store
from toolkit.web import Client, Limits, Request

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
recorded = pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded answers lie beside the repository")


def sample(name):
    return (SAMPLES / name).read_bytes()


# --- World Bank


def bank_row(iso3="JPN", year=2023, value=1.0, **changed):
    row = {
        "indicator": {"id": "NE.EXP.GNFS.CD", "value": "Exports of goods and services (current US$)"},
        "country": {"id": iso3[:2], "value": iso3}, "countryiso3code": iso3, "date": str(year), "value": value,
        "unit": "", "obs_status": "", "decimal": 0,
    }  # fmt: skip
    return row | changed


def bank_page(rows, page=1, pages=1, total=None, updated="2026-07-01"):
    head = {"page": page, "pages": pages, "per_page": 2, "total": total or len(rows), "lastupdated": updated}
    return json.dumps([head, rows]).encode()


@recorded
def test_world_bank_sample_is_whole():
    table = worldbank.parse(sample("worldbank/usa-jpn-2022-2023.json"))
    assert len(table) == 32
    assert (
        observation.select(table, product="SP.POP.TOTL", ref_area="JPN", time_period="2023").obs_value.item()
        == 124516650
    )
    assert set(table.vintage) == {"2026-07-01"}


def test_a_null_is_missing_and_a_group_is_typed():
    table = worldbank.parse(bank_page([bank_row(value=None), bank_row("HIC"), bank_row("WLD")]))
    assert list(table.obs_status) == ["M", "A", "A"]
    assert list(table.ref_area) == ["JPN", "WB-HIC", "WLD"]
    assert set(table.flow) == {"X"}
    assert set(table.unit_measure) == {"USD"}


def test_two_pages_are_one_answer():
    pages = [bank_page([bank_row(year=y), bank_row(year=y + 1)], n, 2, 4) for n, y in ((1, 2020), (2, 2022))]
    assert len(worldbank.parse(*pages)) == 4
    assert worldbank.further(pages[0], {"indicator": "x"}) == [{"indicator": "x", "page": 2}]


@pytest.mark.parametrize(
    "pages",
    [
        [bank_page([bank_row()], 1, 2, 2)],
        [bank_page([bank_row()], 1, 2, 2), bank_page([bank_row()], 1, 2, 2)],
        [bank_page([bank_row()], 1, 2, 2), bank_page([bank_row()], 2, 2, 2)],
        [bank_page([bank_row()], 1, 2, 2), bank_page([bank_row(year=2022)], 2, 2, 2, "2026-07-02")],
        [bank_page([bank_row()], 1, 1, 2)],
        [b'[{"message": [{"id": "120", "key": "Invalid value", "value": "The provided parameter is not valid"}]}]'],
        [bank_page([])],
        [bank_page([bank_row(value="12,5")])],
    ],
    ids=["missing", "repeated", "same rows", "mixed updates", "short", "message", "empty", "text"],
)
def test_a_page_that_is_missing_repeated_or_wrong_is_not_believed(pages):
    with pytest.raises(NotBelieved):
        worldbank.parse(*pages)


# --- US Census


HEADER = ["CTY_CODE", "CTY_NAME", "I_COMMODITY", "GEN_VAL_MO", "GEN_CIF_MO", "CON_VAL_MO", "time", "CTY_CODE"]


def census_answer(*rows, header=HEADER):
    return json.dumps([header, *rows]).encode()


def test_census_bases_and_valuations_are_told_apart():
    table = census.parse(census_answer(["5880", "JAPAN", "870323", "900", "930", "880", "2024-01", "5880"]))
    found = {(row.valuation, row.trade_system): row.obs_value for row in table.itertuples()}
    assert found == {("CUSTOMS", "general"): 900, ("CIF", "general"): 930, ("CUSTOMS", "special"): 880}
    assert set(table.counterpart_area) == {"JPN"}
    assert (table.freq[0], table.time_period[0], table.raw_pointer[0]) == ("M", "2024-01", "/1/3")


def test_census_exports_are_fas_and_the_year_so_far_is_not_a_month():
    header = [
        "CTY_CODE",
        "CTY_NAME",
        "E_COMMODITY",
        "ALL_VAL_MO",
        "ALL_VAL_YR",
        "ALL_QY1_MO",
        "UNIT_QY1",
        "YEAR",
        "MONTH",
    ]
    table = census.parse(census_answer(["-", "TOTAL", "-", "5", "15", "0", "-", "2024", "03"], header=header))
    assert list(table.valuation) == ["FAS", "FAS", "NA"]
    assert list(table.time_period) == ["2024-03", "2024-01-01/P3M", "2024-03"]
    assert list(table.freq) == ["M", "_O", "M"]
    assert list(table.obs_status) == ["A", "A", "M"]
    assert set(table.counterpart_area) == {"WLD"}
    assert set(table["product"]) == {"TOTAL"}


def test_census_knows_a_country_by_name_where_its_number_is_new():
    row = ["4419", "IRELAND", "-", "1", "1", "1", "2024-01", "4419"]
    assert set(census.parse(census_answer(row)).counterpart_area) == {"IRL"}
    unlisted = census.parse(census_answer(["9999", "", "-", "1", "1", "1", "2024-01", "9999"]))
    assert set(unlisted.counterpart_area) == {"XUN"}
    assert set(unlisted.breakdown) == {"partner=9999"}


@pytest.mark.parametrize(
    "raw",
    [
        b'{"error": "unknown variable"}',
        b"[]",
        census_answer(["5880", "JAPAN", "-", "1", "1"]),
        census_answer(["5880", "JAPAN", "-", "1", "1", "1", "2024-01", "1220"]),
        census_answer(["5880", "JAPAN", "-", "1.234,5", "1", "1", "2024-01", "5880"]),
    ],
)
def test_a_wrong_census_answer_is_not_believed(raw):
    with pytest.raises(NotBelieved):
        census.parse(raw)


def test_census_rows_by_district_are_refused_unless_asked_for():
    raw = census_answer(["5880", "JAPAN", "-", "1", "1", "1", "2024-01", "01"], header=[*HEADER[:-1], "DISTRICT"])
    with pytest.raises(SchemaError, match="only a part"):
        census.parse(raw)
    assert set(census.parse(raw, splits=True).breakdown) == {"district=01"}


# --- WITS


@recorded
def test_wits_key_positions_are_checked_before_they_are_believed():
    table = wits.parse(sample("wits/usa-tariffs-2017.json"))
    assert len(table) == 5388
    assert table["product"].nunique() == 5388
    cars = observation.select(table, product="870323")
    assert cars.obs_value.item() == 2
    assert "cuts rates to whole numbers" in cars.obs_comment.item()
    assert "cuts" not in observation.select(table, product="870422").obs_comment.item()


@recorded
def test_wits_thousands_are_proved_by_the_total():
    table = wits.parse(sample("wits/usa-trade-2017.json")).set_index("product").obs_value
    sections = table[[name for name in table.index if name[:2].isdigit()]]
    assert len(sections) == 16
    _table.prove(sections.sum(), table["TOTAL"], what="imports by section", relative=1e-9)
    assert 2.3e12 < table["TOTAL"] < 2.5e12  # dollars, not thousands


def sdmx_json(keys, sizes):
    dimensions = [
        {"id": f"D{n}", "keyPosition": n, "values": [{"id": f"v{n}{i}"} for i in range(size)]}
        for n, size in enumerate(sizes)
    ]
    structure = {
        "dimensions": {"series": dimensions, "observation": [{"id": "TIME_PERIOD", "values": [{"id": "2024"}]}]},
        "attributes": {"observation": []},
    }
    series = {key: {"observations": {"0": [1.0]}} for key in keys}
    return json.dumps(
        {"header": {"sender": {"id": "X"}, "id": "F"}, "dataSets": [{"series": series}], "structure": structure}
    ).encode()


def test_sdmx_json_in_the_declared_order():
    table = sdmx.parse(sdmx_json(["0:0", "0:1"], [1, 2]))
    assert list(table["product"]) == ["v00.v10", "v00.v11"]


def test_sdmx_json_with_one_list_moved_is_read_and_said_so():
    table = sdmx.parse(sdmx_json(["0:0:0", "2:0:0"], [1, 1, 3]))
    assert table.obs_comment.str.contains("stands elsewhere").all()
    assert len(set(table["product"])) == 2


@pytest.mark.parametrize(("keys", "sizes"), [(["5:0"], [2, 3]), (["0:0:0"], [1, 1]), (["2:0:0"], [1, 3, 3])])
def test_sdmx_json_whose_keys_fit_no_order_or_several_is_not_believed(keys, sizes):
    with pytest.raises(NotBelieved):
        sdmx.parse(sdmx_json(keys, sizes))


# --- SDMX


@recorded
def test_sdmx_samples_in_their_units():
    rates = sdmx.parse(sample("bis/cbpol-us-jp-2024q1.xml"))
    assert observation.select(rates, ref_area="USA", time_period="2024-03").obs_value.item() == 5.375
    assert set(rates.unit_measure) == {"%"}
    euro = sdmx.parse(sample("ecb/exr-usd-eur-2026-05.xml"))
    assert (euro.unit_measure.item(), euro.obs_value.item(), euro.measure.item()) == ("USD/EUR", 1.16732, "rate")
    payments = sdmx.parse(sample("imf/bop-usa-jpn-2022-2023.xml"))
    japan = observation.select(payments, ref_area="JPN", time_period="2022", product="A_NFA_T.D_F")
    assert japan.obs_value.item() == 174_943_442_053.1513, "SCALE 6 is how the IMF shows it, not a factor"


def generic(attributes, agency="ABC", value="2019551.635133"):
    return f"""<?xml version="1.0"?>
<message:StructureSpecificData xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific"
 xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
 xmlns:common="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<message:Header><message:ID>1</message:ID><message:Test>false</message:Test><message:Prepared>2024-05-01T00:00:00</message:Prepared>
<message:Sender id="{agency}"/><message:Structure structureID="S" namespace="urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={agency}:DOT(1.0):ObsLevelDim:TIME_PERIOD" dimensionAtObservation="TIME_PERIOD">
<common:StructureUsage><Ref agencyID="{agency}" id="DOT" version="1.0"/></common:StructureUsage></message:Structure></message:Header>
<message:DataSet ss:structureRef="S"><Series FREQ="A" REF_AREA="US" COUNTERPART_AREA="W00" INDICATOR="TXG_FOB_USD" {attributes}>
<Obs TIME_PERIOD="2023" OBS_VALUE="{value}"/></Series></message:DataSet></message:StructureSpecificData>""".encode()


def test_unit_mult_multiplies():
    row = sdmx.parse(generic('UNIT_MULT="6"', agency="IMF")).iloc[0]
    assert row.obs_value == pytest.approx(2_019_551_635_133, rel=1e-12)
    assert (row.flow, row.valuation, row.counterpart_area) == ("X", "FOB", "WLD")


def test_a_scale_of_an_agency_nobody_has_proved_is_refused():
    with pytest.raises(NotBelieved, match=r"sdmx_scales\.csv"):
        sdmx.parse(generic('SCALE="6"'))
    assert sdmx.parse(generic('SCALE="6"', agency="IMF.STA")).obs_value.item() == 2019551.635133


def test_nan_is_missing():
    assert sdmx.parse(generic("", value="NaN")).obs_status.item() == "M"


def test_sdmx_csv_and_an_area_that_no_list_has():
    raw = b"DATAFLOW,FREQ,REF_AREA,UNIT_MEASURE,UNIT_MULT,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nOECD.X:DF(1.0),Q,G163,USD,6,2024-Q1,12.5,P\n"
    row = sdmx.parse(raw).iloc[0]
    assert (row.obs_value, row.obs_status, row.ref_area, row.breakdown) == (12_500_000, "P", "XUN", "area=G163")


@pytest.mark.parametrize("raw", [b"<html><body>503</body></html>", b"<a>", b'{"errors": []}', b"<Error>no</Error>"])
def test_what_is_no_sdmx_message_is_not_believed(raw):
    with pytest.raises(NotBelieved):
        sdmx.parse(raw)


# --- Eurostat


@recorded
def test_eurostat_units_and_flags():
    table = eurostat.parse(sample("eurostat/namq-10-gdp-2023.json"))
    germany = observation.select(table, ref_area="DEU", time_period="2023-Q1")
    assert (germany.obs_value.item(), germany.unit_measure.item()) == (1_043_520_000_000, "EUR")
    assert list(table.obs_status) == ["P", "P", "A", "A"]


def cube(**changed):
    value = {
        "class": "dataset", "source": "ESTAT", "updated": "2026-06-03", "value": {"0": 1.5}, "status": {"1": "c"},
        "id": ["freq", "unit", "geo", "time"], "size": [1, 1, 1, 2], "extension": {"id": "X"},
        "dimension": {
            "freq": {"category": {"index": {"A": 0}}}, "unit": {"category": {"index": {"MIO_EUR": 0}}},
            "geo": {"category": {"index": {"EL": 0}}}, "time": {"category": {"index": {"2022": 0, "2023": 1}}},
        },
    }  # fmt: skip
    return json.dumps(value | changed).encode()


def test_a_secret_cell_is_missing_and_greece_is_greece():
    table = eurostat.parse(cube())
    assert list(table.obs_status) == ["A", "M"]
    assert set(table.ref_area) == {"GRC"}
    assert table.obs_value[0] == 1_500_000


@pytest.mark.parametrize(
    "changed", [{"value": {"7": 1.0}}, {"value": [1.0]}, {"size": [1, 1, 1, 3]}, {"class": "collection"}]
)
def test_a_cube_that_does_not_fit_its_sizes_is_not_believed(changed):
    with pytest.raises(NotBelieved):
        eurostat.parse(cube(**changed))


# --- BACI


NAME = "BACI_HS22_Y2023_V202501.csv"
BACI = b"t,i,j,k,v,q\n2023,392,842,010121,12.345,  1.500\n2023,699,490,870421,7.000,        NA\n"


def zipped(**files):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return stream.getvalue()


def test_baci_is_thousands_of_dollars_and_tonnes_fob_from_the_exporter():
    table = baci.parse(zipped(**{NAME: BACI, "country_codes_V202501.csv": b"x,y\n1,2\n"}))
    value, weight, other, unknown = table.itertuples()
    assert (value.obs_value, value.unit_measure, value.valuation) == (12_345, "USD", "FOB")
    assert (weight.obs_value, weight.unit_measure) == (1_500, "kg")
    assert (value.ref_area, value.counterpart_area, value.flow, value.product) == ("JPN", "USA", "X", "010121")
    assert (other.ref_area, other.counterpart_area, other.product_vintage) == ("IND", "C490", "H6")
    assert (unknown.obs_status, unknown.obs_comment) == ("M", "q is NA: weight not known")


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        (NAME, BACI.replace(b"010121", b"10121")),
        (NAME, BACI.replace(b"2023,699", b"2022,699")),
        (NAME, BACI.replace(b"t,i,j", b"t,j,i")),
        (NAME, BACI.replace(b"7.000", b"")),
        ("trade.csv", BACI),
        (NAME, zipped(**{"readme.txt": b"x"})),
        (NAME, zipped(**{NAME: BACI})[:-30]),
    ],
    ids=["zero lost", "wrong year", "columns", "no value", "no edition", "no year", "cut"],
)
def test_a_wrong_baci_file_is_not_believed(name, raw):
    with pytest.raises(NotBelieved):
        baci.parse(raw, name=name)


# --- FRED and ALFRED


@recorded
def test_alfred_keeps_vintages_apart():
    table = fred.parse(sample("alfred/gdp-two-vintages.csv"))
    assert set(table.vintage) == {"2026-05-28", "2026-06-25"}
    first = observation.select(table, time_period="2026-Q1").set_index("vintage").obs_value
    assert list(first) == [31_819_464_000_000, 31_865_721_000_000]


def test_fred_units_are_never_guessed():
    raw = b"observation_date,ABC\n2024-01-01,1.5\n2024-02-01,.\n"
    with pytest.raises(SchemaError, match="unit"):
        fred.parse(raw)
    about = {"freq": "M", "area": "USA", "unit": "%", "multiplier": "1", "measure": "rate"}
    table = fred.parse(raw, known=about)
    assert list(table.obs_status) == ["A", "M"]
    with pytest.raises(NotBelieved, match="does not begin a period"):
        fred.parse(raw, known=about | {"freq": "Q"})


# --- USGS


@recorded
@pytest.mark.parametrize(("name", "repaired"), [("docling", 0), ("pymupdf4llm", 0), ("PyPDF2", 8), ("marker", 8)])
def test_a_documents_table_agrees_with_its_total(name, repaired):
    table = usgs.parse(sample(f"usgs/mcs2025-rare-earths.{name}.md"))
    assert dict(table.groupby("time_period").obs_value.sum()) == {"2023": 376_090, "2024": 393_950}
    assert observation.select(table, ref_area="CHN", time_period="2024").obs_value.item() == 270_000
    assert table.obs_comment.str.contains("glued").sum() == 2 * repaired


@recorded
def test_an_invented_total_is_rejected():
    with pytest.raises(NotBelieved, match="700,540, not to 586,686"):
        usgs.parse(sample("usgs/mcs2025-rare-earths.llm-ocr.md"))


@recorded
def test_the_pdf_itself_gives_the_same():
    table = usgs.parse(sample("usgs/mcs2025-rare-earths.pdf"))
    assert dict(table.groupby("time_period").obs_value.sum()) == {"2023": 376_090, "2024": 393_950}


WORLD = """## TIN
World Mine Production and Reserves:
|  | Mine production | Mine production | Reserves |
|  | 2023 | 2024 |  |
| Australia | 9,100 | {first} | 620,000 |
| Brazil | 29,300 | 29,000 | 420,000 |
| Other | NA | — | NA |
| World total (rounded) | 38,400 | 39,000 | 1,000,000 |
"""


def test_a_digit_that_is_wrong_breaks_the_total():
    assert len(usgs.parse(WORLD.format(first="9,900").encode())) == 6
    with pytest.raises(NotBelieved, match="no readings agree"):
        usgs.parse(WORLD.format(first="19,900").encode())


@pytest.mark.parametrize(
    ("stated", "unit", "factor"),
    [
        ("(Data in metric tons unless otherwise noted)", "t", 1),
        ("[Data in metric tons, tin content, unless otherwise specified]", "t", 1),
        ("[Data in thousand metric tons, copper content, unless otherwise specified]", "t", 1e3),
        ("[Data in million\nmetric dry tons unless otherwise specified]", "t", 1e6),
        ("(Data in metric tons of cobalt content unless otherwise noted)", "t", 1),
        ("[Data in kilograms, gallium content, unless otherwise specified]", "kg", 1),
        ("", "not stated", 1),
    ],
)
def test_a_summarys_own_unit_is_read_not_assumed(stated, unit, factor):
    table = usgs.parse((stated + "\n" + WORLD.format(first="9,900")).encode())
    assert set(table.unit_measure) == {unit}
    assert observation.select(table, ref_area="BRA", time_period="2024").obs_value.item() == 29_000 * factor


def test_a_summary_in_a_unit_of_unknown_meaning_is_refused():
    with pytest.raises(NotBelieved, match="million carats"):
        usgs.parse(("[Data in million carats unless otherwise specified]\n" + WORLD.format(first="9,900")).encode())


# --- all of them


@recorded
def test_every_sample_parses_or_is_refused_with_a_reason():
    providers = {
        "alfred": fred, "bis": sdmx, "comtrade": comtrade, "ecb": sdmx, "eurostat": eurostat, "imf": sdmx,
        "usgs": usgs, "wits": wits, "worldbank": worldbank,
    }  # fmt: skip
    refused = []
    for path in sorted(SAMPLES.rglob("*.*")):
        if path.name.startswith("reference-"):
            continue
        try:
            table = providers[path.parent.name].parse(path.read_bytes(), retrieved_at="2026-11-22T00:00:00+00:00")
        except ToolkitError as error:
            refused.append((path.name, bool(error.remedy)))
        else:
            observation.check(table)
            assert table.raw_pointer.ne("").all()
    assert refused == [("mcs2025-rare-earths.llm-ocr.md", True)]


def test_every_provider_asks_over_https_without_a_key_in_the_address(monkeypatch):
    for name in ("COMTRADE", "CENSUS"):
        monkeypatch.setenv(f"{name}_KEY", "SECRET")
    asked = [
        comtrade.request(reporter=["USA"], partner=["JPN"], years=[2023]),
        worldbank.request(indicator="SP.POP.TOTL", countries=["JPN"], years=[2022, 2023]),
        census.request(flow="imports", months=("2024-01", "2024-12"), country="5880"),
        wits.request(reporter="840", partner="000", year=2017),
        sdmx.request(agency="ECB", flow="EXR", key="M.USD.EUR.SP00.A", start="2024", end="2025"),
        eurostat.request(flow="namq_10_gdp", filters={"geo": ["DE", "FR"]}),
        baci.request(),
        fred.request(series="GDP", vintages=["2026-05-28", "2026-06-25"]),
        usgs.request(mineral="rare-earths", edition=2025),
    ]
    assert len(asked) == len(sources.PROVIDERS)
    for request in asked:
        assert request.address.startswith("https://")
        assert "SECRET" not in repr(request)


@pytest.fixture
def bank(monkeypatch):
    """A World Bank on this machine: page 2 can go missing, stand twice, or change under way."""
    pages = {n: bank_page([bank_row(year=2018 + 2 * n), bank_row(year=2019 + 2 * n)], n, 2, 4) for n in (1, 2)}
    modes = {
        "fine": {}, "missing_page": {2: b"[]"}, "repeated_page": {2: pages[1]},
        "changed_under_way": {2: pages[2].replace(b"2026-07-01", b"2026-07-02")},
        "short_page": {2: bank_page([bank_row(year=2022)], 2, 2, 4)},
    }  # fmt: skip

    def serve(mode, page):
        return faults.Mode(lambda *_: (faults.whole((pages | modes[mode])[page]),))

    server = faults.FaultServer({f"{mode}-{page}": serve(mode, page) for mode in modes for page in (1, 2)})
    chosen = {"mode": "fine"}
    monkeypatch.setattr(worldbank, "request", lambda page=1, **_: Request(server.url(f"{chosen['mode']}-{page}")))
    with Client(Limits(pause=0, attempts=1), allow=[server.place]) as web:
        yield web, chosen
    server.end()


def fetched(name, query, store, **more):
    return sources.parse_all(sources.ask(name, query, store, **more), store)


def test_all_pages_are_walked_and_replayed_offline(bank, tmp_path):
    web, _ = bank
    store, lines = Store(tmp_path), []
    table = fetched("worldbank", {"indicator": "x"}, store, web=web, progress=lines.append)
    assert len(table) == 4
    assert len(lines) == 2
    again = fetched("worldbank", {"indicator": "x"}, store, web=None)
    assert again.equals(table)


@pytest.mark.parametrize("mode", ["missing_page", "repeated_page", "changed_under_way", "short_page"])
def test_pages_that_do_not_make_a_whole_are_never_a_short_table(bank, tmp_path, mode):
    web, chosen = bank
    chosen["mode"] = mode
    with pytest.raises(NotBelieved):
        fetched("worldbank", {"indicator": "x"}, Store(tmp_path), web=web)


def test_a_capped_answer_is_split_until_it_is_whole(monkeypatch, tmp_path):
    from test_comtrade import ROW, answer

    def rows(years):
        return [
            ROW | {"period": str(year), "partnerCode": code, "partnerISO": None}
            for year in years
            for code in (392, 276)
        ]

    capped = answer(*[ROW] * 500)
    modes = {
        "2021-2022": faults.Mode(lambda *_: (faults.whole(capped),)),
        "2021": faults.Mode(lambda *_: (faults.whole(answer(*rows([2021]))),)),
        "2022": faults.Mode(lambda *_: (faults.whole(answer(*rows([2022]))),)),
    }
    server = faults.FaultServer(modes)
    monkeypatch.setattr(comtrade, "request", lambda years, **_: Request(server.url("-".join(map(str, years)))))
    with Client(Limits(pause=0), allow=[server.place]) as web:
        table = fetched("comtrade", {"years": [2021, 2022]}, Store(tmp_path), web=web)
    server.end()
    assert set(table.time_period) == {"2021", "2022"}
    assert fetched("comtrade", {"years": [2021, 2022]}, Store(tmp_path), web=None).equals(table)
