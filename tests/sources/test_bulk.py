import zipfile

import fault_server as faults
import pandas as pd
import pytest

from toolkit import observation
from toolkit.errors import NotBelieved, SchemaError
from toolkit.sources import baci, bulk, library
from toolkit.store import imported_tables, parquet
from toolkit.web import Client, Limits, Request

NAME = "BACI_HS22_Y2023_V202501.csv"
HEAD = "t,i,j,k,v,q\n"
ROWS = [
    "2023,392,842,010121,12.345,      1.500",
    "2023,699,490,870421,7.000,         NA",
    "2023,842,392,120190,3500.125,   9000.000",
    "2023,392,276,870323,100.000,      5.000",
]


@pytest.fixture
def year(tmp_path):
    """Write a small year, zipped as CEPII does."""

    def write(rows=ROWS, name=NAME, head=HEAD):
        path = tmp_path / "baci.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, head + "\n".join(rows) + "\n")
        return path

    return write


def test_streaming_gives_what_parsing_gives(year, tmp_path):
    path, out = year(), tmp_path / "out" / "2023.parquet"
    written = bulk.convert(path, out)
    streamed = parquet.read(out)
    parsed = baci.parse(path.read_bytes())
    keys = ["measure", "ref_area", "counterpart_area"]
    assert list(streamed.columns) == observation.COLUMNS
    one, two = (table.sort_values(keys, ignore_index=True) for table in (streamed, parsed))
    pd.testing.assert_frame_equal(one, two, check_dtype=False)
    observation.check(streamed.astype({name: str for name in observation.COLUMNS if name != "obs_value"}))
    assert written.rows == len(ROWS)
    assert written.dollars == pytest.approx(3_619_470)


def test_every_pointer_names_its_own_row_where_digits_are_added(year, tmp_path):
    many = [f"2023,392,842,010121,{number}.000,      1.000" for number in range(1, 1_200)]
    bulk.convert(year(many), tmp_path / "o.parquet")
    table = parquet.read(tmp_path / "o.parquet").query("measure == 'value'")
    rows = table.raw_pointer.str.extract(r"^row=(\d+)&column=v$")[0].astype(int)
    assert (table.obs_value == (rows - 1) * 1_000).all()
    assert rows.tolist() == list(range(2, 1_201))


def test_a_csv_needs_no_zip(tmp_path):
    path = tmp_path / NAME
    path.write_text(HEAD + "\n".join(ROWS) + "\n")
    assert bulk.convert(path, tmp_path / "o.parquet").rows == 4


@pytest.mark.parametrize(
    "rows",
    [
        [*ROWS, "2023,392,842,10121,1.0,1.0"],
        [*ROWS, "2022,392,842,010121,1.0,1.0"],
        [*ROWS, "2023,9999,842,010121,1.0,1.0"],
        [*ROWS, "2023,392,842,010121,,1.0"],
        [*ROWS, "2023,392,842,010121,1.0"],
        [*ROWS, "2023,392,842,010121,1,0,1.0"],
        [*ROWS, "2023,392,842,010121,1e,1.0"],
    ],
    ids=["zero lost", "year", "area", "no value", "short", "long", "text"],
)
def test_a_wrong_row_stops_it_and_leaves_nothing(year, tmp_path, rows):
    out = tmp_path / "o.parquet"
    with pytest.raises(NotBelieved):
        bulk.convert(year(rows), out)
    assert [path.name for path in tmp_path.iterdir()] == ["baci.zip"]


def test_a_damaged_zip_is_refused(year, tmp_path):
    path = year(ROWS * 500)
    raw = bytearray(path.read_bytes())
    raw[120] ^= 1
    path.write_bytes(raw)
    with pytest.raises(NotBelieved):
        bulk.convert(path, tmp_path / "o.parquet")
    path.write_bytes(raw[:-40])
    with pytest.raises(NotBelieved):
        bulk.convert(path, tmp_path / "o.parquet")


def test_columns_in_another_order_are_refused(year, tmp_path):
    with pytest.raises(NotBelieved, match="columns"):
        bulk.convert(year(head="t,j,i,k,v,q\n"), tmp_path / "o.parquet")


def test_shares_are_asked_of_files_in_sql(year, tmp_path):
    out = tmp_path / "o.parquet"
    bulk.convert(year(), out)
    found = bulk.partner_shares([out], "JPN").set_index("partner")
    assert found.share["USA"] == pytest.approx(12_345 / 112_345)
    assert bulk.partner_shares([out], "JPN", flow="M").partner.tolist() == ["USA"]
    with pytest.raises(SchemaError):
        bulk.partner_shares([out], "JPN", flow="Q")


@pytest.fixture
def release(tmp_path, monkeypatch):
    """A CEPII on this machine that sends the release which a test puts into `says`."""
    says = {}
    server = faults.FaultServer({"BACI_HS22_V202501.zip": faults.Mode(lambda *_: (faults.whole(says["body"]),))})
    monkeypatch.setattr(baci, "request", lambda **_: Request(server.url("BACI_HS22_V202501.zip"), kind="zip"))

    def pack(factor=1, years=(2022, 2023)):
        path = tmp_path / "release.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for year in years:
                rows = [row.replace("2023,", f"{year},", 1).replace("100.000,", f"{100 * factor}.000,") for row in ROWS]
                archive.writestr(f"BACI_HS22_Y{year}_V202501.csv", HEAD + "\n".join(rows) + "\n")
            archive.writestr("country_codes_V202501.csv", "country_code\n392\n")
        says["body"] = path.read_bytes()

    pack()
    with Client(Limits(pause=0, attempts=1), allow=[server.place]) as web:
        yield web, pack
    server.end()


def test_a_fetched_release_is_streamed_to_disk_and_never_read_whole(release, tmp_path, monkeypatch):
    web, pack = release
    monkeypatch.setattr(baci, "parse", None)  # the parser that holds all in memory is not called
    folder = tmp_path / "data"
    name, first, written = library.fetch("baci", {"years": None}, folder, name="baci", web=web)
    assert len(written) == 2 * 2 * len(ROWS)
    table = imported_tables.read(name, folder)
    assert set(table.time_period) == {"2022", "2023"}
    assert table.raw_pointer[0] == "BACI_HS22_Y2022_V202501.csv#row=2&column=v"
    assert library.replay(folder) == [f"baci {first}: 16 observations, the same"]
    pack(factor=1_000_000)
    with pytest.raises(NotBelieved, match="quarantined: the value of 2022 goes from"):
        library.fetch("baci", {"years": None}, folder, name="baci", web=web)
    assert library.vintages_of("baci", folder) == [first]
    assert library.verify(folder) == []


def test_chosen_years_are_kept_and_an_absent_one_is_named(release, tmp_path):
    web, _ = release
    assert len(library.fetch("baci", {"years": [2023]}, tmp_path / "data", web=web)[2]) == 2 * len(ROWS)
    with pytest.raises(NotBelieved, match="no year 1994"):
        library.fetch("baci", {"years": [1994]}, tmp_path / "data", web=web)


def test_a_table_too_large_for_a_frame_says_how_to_ask_it(year, tmp_path, monkeypatch):
    out = tmp_path / "vintages" / "baci" / "one.parquet"
    bulk.convert(year(), out)
    imported_tables.register("baci", out, "one", folder=tmp_path)
    monkeypatch.setattr(imported_tables, "_MOST_ROWS", 5)
    with pytest.raises(SchemaError, match=r"8 rows(?s:.)*SQL"):
        imported_tables.read("baci", tmp_path)
    assert bulk.partner_shares([imported_tables.path("baci", tmp_path)], "JPN").partner[0] == "DEU"


def test_a_saved_release_is_kept_and_streamed_too(year, tmp_path):
    file = year().rename(tmp_path / "BACI_HS22_V202501.zip")
    name, stamp, written = library.add_saved(file, "baci", "baci", tmp_path / "data")
    assert (len(written), stamp[:7]) == (2 * len(ROWS), "202501-")
    assert library.replay(tmp_path / "data") == [f"{name} {stamp}: 8 observations, the same"]
    csv = tmp_path / NAME
    csv.write_text(HEAD + "\n".join(ROWS) + "\n")
    assert len(library.add_saved(csv, "baci", "one", tmp_path / "data")[2]) == 2 * len(ROWS)
