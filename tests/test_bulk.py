import zipfile

import pandas as pd
import pytest

from toolkit import observation, parquet
from toolkit.errors import NotBelieved, SchemaError
from toolkit.sources import baci, bulk

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
