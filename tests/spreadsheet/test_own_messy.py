"""Files as they lie on a desk: each comes out right, or the error says what to do about it."""

from datetime import datetime

import openpyxl
import pytest
from test_own import confirm

from toolkit import spreadsheet
from toolkit.errors import SchemaError
from toolkit.spreadsheet import cells

HEAD = ["Country", "Year", "Value"]


def book(tmp_path, rows, merge=(), hidden=None):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for area in merge:
        made.active.merge_cells(area)
    if hidden:
        made.create_sheet("Notes").append(["a", "b"])
        made["Notes"].sheet_state = hidden
    made.save(tmp_path / "mine.xlsx")
    return tmp_path / "mine.xlsx"


def text(tmp_path, words, encoding="utf-8"):
    (tmp_path / "mine.csv").write_bytes(words.encode(encoding))
    return tmp_path / "mine.csv"


def added(file, change=(), **said):
    """Confirm what is proposed, as it stands but for `change`, and bring the file in."""
    try:
        spreadsheet.add(file, "mine", folder=file.parent / "data")
    except SchemaError:
        if not file.with_name("mine.map.toml").exists():
            raise
    confirm(file, "mine", **said)
    mapping = file.with_name("mine.map.toml")
    for old, new in change:
        assert old in mapping.read_text()
        mapping.write_text(mapping.read_text().replace(old, new))
    return spreadsheet.add(file, "mine", folder=file.parent / "data")


def values(found):
    return dict(zip(found.table.time_period + found.table.ref_area, found.table.obs_value, strict=True))


@pytest.mark.parametrize(
    ("head", "row", "periods"),
    [
        (["Country", "Jan-2024", "Feb 2024"], ["Japan", 1, 2], ["2024-01", "2024-02"]),
        (["Country", datetime(2024, 1, 1), datetime(2024, 2, 1)], ["Japan", 1, 2], ["2024-01", "2024-02"]),  # noqa: DTZ001 (a date in a sheet)
        (["Country", "Year", "January", "February"], ["Japan", 2024, 1, 2], ["2024-01", "2024-02"]),
        (["Country", 2023, 2024], ["Japan", 1, 2], ["2023", "2024"]),
    ],
    ids=["worded", "dates", "year apart", "years"],
)
def test_periods_side_by_side_are_read(tmp_path, head, row, periods):
    found = added(book(tmp_path, [head, row]))
    assert found.table.time_period.tolist() == periods
    assert found.table.obs_value.tolist() == [1000, 2000]


def test_merged_names_hold_for_all_their_rows_and_empty_rows_for_none(tmp_path):
    rows = [HEAD, ["Japan", 2021, 5], [None, 2022, 6], [], ["Germany", 2021, 7]]
    assert values(added(book(tmp_path, rows, ["A2:A3"]))) == {"2021JPN": 5000, "2022JPN": 6000, "2021DEU": 7000}


def test_a_hidden_sheet_is_passed_over_and_of_two_seen_ones_a_person_chooses(tmp_path):
    assert values(added(book(tmp_path, [HEAD, ["Japan", 2021, 5]], hidden="hidden"))) == {"2021JPN": 5000}
    (tmp_path / "mine.map.toml").unlink()
    file = book(tmp_path, [HEAD, ["Japan", 2021, 5]], hidden="visible")
    with pytest.raises(SchemaError, match="leaves open: sheet"):
        added(file)
    assert values(added(file, [('sheet = "?"', 'sheet = "Sheet"')])) == {"2021JPN": 5000}


def test_a_column_that_the_mapping_does_not_name_is_told(tmp_path):
    found = added(book(tmp_path, [["Country", "2021", "2022", "Growth"], ["Japan", 1, 2, 100]]))
    assert "column 'Growth': left out, the mapping does not name it" in found.notes
    assert list(found.table.obs_value) == [1e3, 2e3]


def test_totals_and_notes_below_the_table_are_left_out_when_told_where_it_ends(tmp_path):
    rows = [HEAD, ["Japan", 2021, 5], ["Grand Total", 2021, 5], ["1/ revised", "see annex"], ["Source: customs"]]
    file = book(tmp_path, rows)
    with pytest.raises(SchemaError, match=r"Grand Total(?s:.)*set last_row"):
        added(file)
    found = added(file, [("last_row = 0", "last_row = 2")])
    assert values(found) == {"2021JPN": 5000}
    assert sum("below last_row" in note for note in found.notes) == 3


def test_the_unit_that_the_file_states_must_be_the_one_that_is_confirmed(tmp_path):
    rows = [HEAD, [None, None, "million USD"], ["Japan", 2021, 5]]
    with pytest.raises(SchemaError, match="row 2 says million, the mapping's unit is 'thousand USD'"):
        added(book(tmp_path, rows))
    assert values(added(book(tmp_path, rows), [('"thousand USD"', '"million USD"')])) == {"2021JPN": 5e6}
    (tmp_path / "mine.map.toml").unlink()
    with pytest.raises(SchemaError, match=r"the heading .* says billion"):
        added(book(tmp_path, [["Country", "Year", "Value (USD billion)"], ["Japan", 2021, 5]]))


@pytest.mark.parametrize(
    ("words", "encoding", "wanted"),
    [
        ("Country;Year;Value\nJapan;2021;1.234,5\nGermany;2021;7,25\n", "utf-8", {"2021JPN": 1234500, "2021DEU": 7250}),
        ("Country;Year;Value\nJapan;2021;1.234\nGermany;2021;7,5\n", "utf-8", {"2021JPN": 1234000, "2021DEU": 7500}),
        ("Country;Year;Value\nSwitzerland;2021;1'234'567\n", "utf-8", {"2021CHE": 1234567000}),
        ("Country,Year,Value\nTürkiye,2021,(12)\n", "latin-1", {"2021TUR": -12000}),
        ("\ufeffCountry,Year,Value\nJapan,2021,5\n", "utf-8", {"2021JPN": 5000}),
        ("Country,Year,Value\nJapan,2021,5\n", "utf-16", {"2021JPN": 5000}),
        ("Country\tYear\tValue\nJapan\t2021\t5\n", "utf-8", {"2021JPN": 5000}),
        ("Imports, goods, c.i.f., by country\nCountry;Year;Value\nJapan;2021;1,5\n", "utf-8", {"2021JPN": 1500}),
    ],
    ids=["decimal comma", "proved by a row", "apostrophes", "latin-1, brackets", "bom", "utf-16", "tabs", "a title"],
)
def test_text_files_of_all_countries_are_read(tmp_path, words, encoding, wanted):
    assert values(added(text(tmp_path, words, encoding))) == wanted


def test_a_cell_that_is_shown_in_per_cent_is_read_as_it_is_shown(tmp_path):
    made = openpyxl.load_workbook(book(tmp_path, [["Country", "Year", "Share"], ["Japan", 2023, 0.054]]))
    made.active["C2"].number_format = "0.0%"
    made.save(tmp_path / "mine.xlsx")
    sheet = cells.load((tmp_path / "mine.xlsx").read_bytes(), "mine.xlsx")
    cell = sheet.rows[0].cells["Share"]
    assert cells.number(cell, {}, "C2", percent=True) == (5.4, "")
    assert cells.number(cell, {}, "C2") == (0.054, "")


@pytest.mark.parametrize("form", ['0.0"%"', "0.0\\%", 'General" % of GDP"'])
def test_a_sign_that_a_format_only_writes_behind_a_number_does_not_make_it_a_hundredfold(tmp_path, form):
    made = openpyxl.load_workbook(book(tmp_path, [["Country", "Year", "Share"], ["Japan", 2023, 5.4]]))
    made.active["C2"].number_format = form
    made.save(tmp_path / "mine.xlsx")
    sheet = cells.load((tmp_path / "mine.xlsx").read_bytes(), "mine.xlsx")
    assert cells.number(sheet.rows[0].cells["Share"], {}, "C2", percent=True) == (5.4, "")


@pytest.mark.parametrize("cell", ["1234 2", "12 34", "1 234.5 2", "1\u00a0234\u00a02", "(-5)", "(−5)", "(+5)"])
def test_a_footnote_behind_a_number_or_a_sign_in_brackets_is_refused(cell):
    with pytest.raises(SchemaError, match="is not a number"):
        cells.number(cell, {}, "C2")


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1 234", 1234), ("12\u202f345\u202f678.5", 12345678.5), ("- 5", -5), ("−1 234", -1234), ("(1 234)", -1234)],
)
def test_spaces_between_groups_of_three_are_passed_over(cell, value):
    assert cells.number(cell, {}, "C2")[0] == value


def test_a_year_without_its_value_is_a_missing_value_and_no_remark(tmp_path):
    found = added(text(tmp_path, "Year,Value\n2020,1\n2021,\n"))
    assert found.table["obs_status"].tolist() == ["A", "M"]
    assert not any("remark" in note for note in found.notes)


@pytest.mark.parametrize(
    ("line", "edited"),
    [
        ("header_row = 1", 'header_row = "1"'),
        ("last_row = 0", 'last_row = "5"'),
        ("periods_in_header = false", 'periods_in_header = "false"'),
    ],
)
def test_a_line_of_the_mapping_of_the_wrong_kind_is_named(tmp_path, line, edited):
    with pytest.raises(SchemaError, match=f"{line.partition(' ')[0]} cannot be read as it stands"):
        added(text(tmp_path, "Country,Year,Value\nJapan,2020,1\n"), [(line, edited)])


def test_a_plain_count_may_be_written_without_quotation_marks(tmp_path):
    file = text(tmp_path, "Country,Year,Value\nJapan,2020,3\n")
    assert added(file, [('unit = "thousand USD"', "unit = 1")]).table["obs_value"].tolist() == [3]


def test_an_infinite_number_is_refused():
    with pytest.raises(SchemaError, match="inf is not a number"):
        cells.number(float("inf"), {}, "C2")


def test_a_comma_that_may_be_either_is_asked_for(tmp_path):
    file = text(tmp_path, "Country;Year;Value\nJapan;2021;1,234\n")
    with pytest.raises(SchemaError, match="leaves open: decimal"):
        added(file)
    assert values(added(file, [('decimal = "?"', 'decimal = ","')])) == {"2021JPN": 1234}


def test_codes_keep_or_get_back_their_zeros(tmp_path):
    rows = [["Country", "Year", "HS code", "Value"]]
    rows += [["Japan", 2021, code, 1] for code in ("010121", 10129, "0102.21", 102.29, "8703.23")]
    found = added(book(tmp_path, rows))
    assert found.table["product"].tolist() == ["010121", "010129", "010221", "010229", "870323"]


@pytest.mark.parametrize(
    ("rows", "merge", "said"),
    [
        ([["Country", "Value", None], [None, 2021, 2022], ["Japan", 1, 2]], ["B1:C1"], "unmerge cells"),
        ([["Country", "2021", "2022", "2021"], ["Japan", 1, 2, 3]], [], "two columns are called '2021'"),
        ([["Country", "2021", "2022", "2023*"], ["Japan", 1, 2, 3]], [], "a year with a mark"),
        ([["Country", "2021", "2022", "2023 (p)"], ["Japan", 1, 2, 3]], [], "a year with a mark"),
        ([HEAD, ["Japan", 45292, 1]], [], "spreadsheet's number for 2024-01-01"),
        ([HEAD, ["Japan", 2021, "$1,234"]], [], "Remove the sign"),
        ([HEAD, ["Japan", 2021, "1 234 EUR"]], [], "Remove the sign"),
        ([HEAD, ["Japan", 2021, "=2+3"]], [], "let it calculate"),
        ([HEAD, ["Japan", 2021, 5], [None, 2022, 6]], [], "write the name into every row"),
        ([["Country", "Year", "Weighting"], ["Japan", 2021, 5]], [], "which column"),
        ([["Country", "Year", "HS code", "Value"], ["Japan", 2021, "870323 - Cars", 5]], [], "code alone"),
        ([["Country", "Year", "HS code", "Value"], ["Japan", 2021, 8703.2, 5]], [], "with its zeros"),
        ([["Country", "Year", "HS code", "Value"], ["Japan", 2021, "8703.2", 5]], [], "with its zeros"),
        ([["Country", "Year", "HS code", "Value"], ["Japan", 2021, "10.1", 5]], [], "with its zeros"),
        ([["Country", "Year", "HS code", "Value"], ["Japan", 2021, "0870310", 5]], [], "not a code of the Harmonized"),
        ([["Country", "Year", "HS code", "Value"], ["Japan", 2021, "٨٧", 5]], [], "not a code of the Harmonized"),
    ],
)
def test_what_cannot_be_read_for_certain_says_what_to_do(tmp_path, rows, merge, said):
    with pytest.raises(SchemaError, match=said):
        added(book(tmp_path, rows, merge))
