import random

import openpyxl
import pandas as pd
import pytest

from toolkit import spreadsheet
from toolkit.errors import SchemaError
from toolkit.store import parquet

SAID = {
    "flow": "M", "measure": "value", "unit": "thousand USD", "valuation": "CIF", "source": "our own survey, 2024",
    "partner": "WLD", "reporter": "USA", "product": "TOTAL", "product_vintage": "H5",
}  # fmt: skip


@pytest.fixture
def book(tmp_path):
    """Save rows as a spreadsheet, as an office would send it."""

    def save(*rows, name="trade.xlsx", sheet="Table 1"):
        made = openpyxl.Workbook()
        made.active.title = sheet
        for row in rows:
            made.active.append(row)
        made.save(tmp_path / name)
        return tmp_path / name

    return save


def confirm(file, name="survey", **said):
    """Answer what the proposal asks, as an analyst would."""
    mapping = file.with_name(f"{name}.map.toml")
    lines = []
    for line in mapping.read_text(encoding="utf-8").splitlines():
        field = line.partition(" = ")[0]
        if (field in said or (field in SAID and '"?"' in line)) and not line.startswith("#"):
            lines.append(f'{field} = "{(SAID | said)[field]}"')
        else:
            lines.append(line.replace("confirmed = false", "confirmed = true"))
    mapping.write_text("\n".join(lines), encoding="utf-8")


def added(file, tmp_path, name="survey", **said):
    try:
        spreadsheet.add(file, name, folder=tmp_path / "data")
    except SchemaError:
        if not file.with_name(f"{name}.map.toml").exists():
            raise  # the file itself is at fault: no mapping was proposed
    confirm(file, name, **said)
    return spreadsheet.add(file, name, folder=tmp_path / "data")


OFFICE = [
    ["Table 1. Imports of selected goods", None, None, None, None, None],
    ["(thousands of US dollars)"],
    [],
    ["Reporter", "Partner", "Year", "HS code", "Value (USD thousand)", None],
    ["United States", "Japan", 2022, 10121, "1,716,414", None],
    ["United States", "Korea, South", 2022, 870323, "(12)", None],
    ["United States", "Côte d'Ivoire", 2022, 870421, "..", None],
    ["United States", "World", 2022, 870431, "n/a", None],
    ["Source: customs, March 2024"],
]


def test_an_offices_spreadsheet_comes_into_the_normal_form(book, tmp_path):
    found = added(book(*OFFICE), tmp_path)
    table = found.table.set_index("counterpart_area")
    assert table.obs_value["JPN"] == 1_716_414_000
    assert table.obs_value["KOR"] == -12_000
    assert table.obs_comment["KOR"] == "'(12)' in the file, taken as negative"
    assert "numbers in brackets, taken as negative: 1, the first at sheet=Table 1&cell=E6" in found.notes
    assert list(table.obs_status[["CIV", "WLD"]]) == ["M", "M"]
    assert table.obs_comment["CIV"] == "'..' in the file"
    assert table["product"]["JPN"] == "010121"
    assert "leading zero" in table.obs_comment["JPN"]
    assert table.raw_pointer["JPN"] == "sheet=Table 1&cell=E5"
    assert set(table.valuation) == {"CIF"}
    assert set(table.unit_measure) == {"USD"}
    said = "\n".join(found.notes)
    assert "3 rows stand above the table" in said
    assert "1 product codes had lost their leading zero" in said
    assert "Source: customs" in said
    pd.testing.assert_frame_equal(parquet.read(found.path), found.table, check_dtype=False)


def test_the_mapping_is_proposed_and_nothing_is_guessed(book, tmp_path):
    file = book(*OFFICE)
    proposal = spreadsheet.propose(file)
    assert 'partner = "Partner"' in proposal
    assert "header_row = 4" in proposal
    for field in spreadsheet.ASKED:
        assert f'{field} = "?"' in proposal
    with pytest.raises(SchemaError, match="is new"):
        spreadsheet.add(file, "survey", folder=tmp_path)
    with pytest.raises(SchemaError, match=r"leaves open: .*unit"):
        spreadsheet.add(file, "survey", folder=tmp_path)
    confirm(file)
    mapping = tmp_path / "survey.map.toml"
    mapping.write_text(mapping.read_text().replace("confirmed = true", "confirmed = false"))
    with pytest.raises(SchemaError, match="not confirmed"):
        spreadsheet.add(file, "survey", folder=tmp_path)


def test_a_flow_that_a_column_says_is_not_asked_for(book, tmp_path):
    file = book(["Country", "Partner", "Year", "Flow", "Value"], ["USA", "JPN", 2022, "imports", 5])
    assert 'flow = ""' in spreadsheet.propose(file)
    assert set(added(file, tmp_path).table.flow) == {"M"}


def test_a_csv_with_semicolons_and_decimal_commas(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes("Country;Period;Value\nJapan;2024-01;1.234,5\nTürkiye;2024-02;-7\n".encode("cp1252"))
    with pytest.raises(SchemaError):
        spreadsheet.add(file, "survey", folder=tmp_path)
    mapping = tmp_path / "survey.map.toml"
    mapping.write_text(mapping.read_text(encoding="utf-8").replace('decimal = "."', 'decimal = ","'), encoding="utf-8")
    confirm(file)
    table = spreadsheet.add(file, "survey", folder=tmp_path).table
    assert list(table.ref_area) == ["JPN", "TUR"]
    assert list(table.obs_value) == [1_234_500, -7_000]
    assert list(table.raw_pointer) == ["row=2&column=Value", "row=3&column=Value"]


def test_years_side_by_side_are_one_observation_each(book, tmp_path):
    file = book(["Country", "Partner", "2021", "2022"], ["USA", "JPN", 1.5, 2.5], ["USA", "DEU", 3, ".."])
    table = added(file, tmp_path).table
    assert list(table.time_period) == ["2021", "2022", "2021", "2022"]
    assert list(table.raw_pointer)[1] == "sheet=Table 1&cell=D2"


def test_parquet_and_dates(tmp_path):
    file = tmp_path / "a.parquet"
    dates = pd.to_datetime(["2024-01-01", "2024-02-01"])
    frame = pd.DataFrame({"Country": ["NAM", "JPN"], "Date": dates, "Value": [1.0, None]})
    frame.to_parquet(file)
    table = added(file, tmp_path).table
    assert list(table.time_period) == ["2024-01", "2024-02"]
    assert list(table.ref_area) == ["NAM", "JPN"]
    assert list(table.obs_status) == ["A", "M"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["Country", "Year", "Value"], ["Japan", 2022, "12*"]], "cell=C2"),
        ([["Country", "Year", "Value"], ["Japan", 2022, "$12"]], "cell=C2"),
        ([["Country", "Year", "Value"], ["Japan", 2022, "1,71,414"]], "cell=C2"),
        ([["Country", "Year", "Value"], ["Japan", 2022, True]], "cell=C2"),
        ([["Country", "Year", "Value"], ["Atlantis", 2022, 1]], "cell=A2.*Atlantis"),
        ([["Country", "Year", "Value"], ["Japan", "FY22", 1]], "cell=B2.*FY22"),
        ([["Country", "Year", "Value"], ["Japan", 2022, "=1+1"]], "formula"),
        ([["Country", "Year", "Value"], ["Japan", 2022, 1], ["Japan", 2022, 2]], "the same key as in"),
        ([["Country", "Year", "Value"], ["Japan", 2022, 1, "shifted"]], "wider"),
        ([["Country", "Country", "Value"], ["Japan", 2022, 1]], "one heading"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(book, tmp_path, rows, said):
    with pytest.raises(SchemaError, match=said):
        added(book(*rows), tmp_path)


def test_a_file_of_another_kind_is_refused(tmp_path):
    file = tmp_path / "a.docx"
    file.write_bytes(b"PK")
    with pytest.raises(SchemaError, match="known kind"):
        spreadsheet.add(file, "survey", folder=tmp_path)


def test_flipped_bits_and_cuts_are_never_read_as_data(tmp_path):
    frame = pd.DataFrame({"product": [f"{n:06d}" for n in range(300)], "obs_value": [n * 1.5 for n in range(300)]})
    path = tmp_path / "t.parquet"
    parquet.write(frame, path)
    chance = random.Random(7)
    wrong = 0
    for file in (path, path.with_name("t.parquet.seal")):
        whole = file.read_bytes()
        for n in range(1100):
            bad = bytearray(whole)
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
            file.write_bytes(bad if n < 1000 else whole[: chance.randrange(len(whole))])
            try:
                wrong += not parquet.read(path).equals(frame)
            except SchemaError:
                continue
        file.write_bytes(whole)
    assert wrong == 0
    assert parquet.read(path).equals(frame)


def test_pages_carry_checksums_of_their_own(tmp_path):
    import pyarrow.parquet as pq

    path = tmp_path / "t.parquet"
    parquet.write(pd.DataFrame({"obs_value": [n * 1.5 for n in range(3000)]}), path)
    raw = bytearray(path.read_bytes())
    raw[200] ^= 1
    path.write_bytes(raw)
    with pytest.raises(OSError, match=r"[cC]hecksum|CRC"):
        pq.read_table(path, page_checksum_verification=True)
