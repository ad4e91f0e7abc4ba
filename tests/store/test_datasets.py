"""Declared tables: what is read is what was declared, and what is wrong is named with its place."""

import hashlib
import json

import pytest

from toolkit import files
from toolkit.errors import SchemaError, UnknownCode
from toolkit.store import datasets
from toolkit.store.verify import verify

SOURCES = "id,read\nbureau,2026-11-22\n"
UNITS = "stated,multiplier,unit\nmillion USD,1000000,USD\n"
FLOWS = "year,value,unit,source\n2023,10,million USD,bureau\n2024,12.5,million USD,bureau\n"
TEXT = {"type": "string"}


def resource(name, raw, fields, **rest):
    digest = hashlib.sha256(raw).hexdigest()
    schema = {"fields": fields, "missingValues": [""], "primaryKey": [fields[0]["name"]], **rest}
    about = {"title": name, "description": name, "bytes": len(raw), "hash": f"sha256:{digest}"}
    return {"name": name, "path": f"{name}.csv", "schema": schema, **about}


def named(*names):
    return [{"name": name, **TEXT} for name in names]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a function that writes a project with one table of flows and makes it the home."""
    monkeypatch.setenv("TOOLKIT_HOME", str(tmp_path))
    (tmp_path / "data").mkdir()

    def write(flows=FLOWS, *, totals=()):
        raw = flows if isinstance(flows, bytes) else flows.encode()
        references = [
            {"fields": [field], "reference": {"resource": target, "fields": [key]}}
            for field, target, key in (("source", "sources", "id"), ("unit", "data_units", "stated"))
        ]
        fields = [*named("year"), {"name": "value", "type": "number"}, *named("unit", "source")]
        tables = [
            resource("sources", SOURCES.encode(), named("id", "read")),
            resource("data_units", UNITS.encode(), named("stated", "multiplier", "unit")),
            resource("flows", raw, fields, foreignKeys=references) | {"x-totals": list(totals)},
        ]
        for table, content in zip(tables, (SOURCES.encode(), UNITS.encode(), raw), strict=True):
            (tmp_path / "data" / table["path"]).write_bytes(content)
        (tmp_path / "data" / "datapackage.json").write_text(json.dumps({"resources": tables}), encoding="utf-8")
        return tmp_path

    return write


def problems():
    return [check.problem for check in verify() if not check.ok]


def test_a_declared_table_is_read_as_text(project):
    project()
    assert datasets.rows("flows")[1] == {"year": "2024", "value": "12.5", "unit": "million USD", "source": "bureau"}
    assert problems() == []


def test_an_empty_cell_is_empty_text_in_a_frame(project):
    project("year,value,unit,source\n2023,,million USD,bureau\n")
    assert datasets.frame("flows")["value"].to_list() == [""]


def test_reading_is_remembered_in_order(project, monkeypatch):
    project()
    monkeypatch.setattr(datasets, "_opened", {})
    datasets.rows("flows")
    datasets.source("bureau")
    datasets.path("data_units")
    datasets.rows("flows")
    assert datasets.opened() == ["flows", "data_units"]


def test_a_table_that_was_refused_was_not_read(project, monkeypatch):
    home = project()
    monkeypatch.setattr(datasets, "_opened", {})
    (home / "data" / "flows.csv").write_text("year\n", encoding="utf-8")
    with pytest.raises(SchemaError):
        datasets.rows("flows")
    assert datasets.opened() == []


def test_changed_bytes_are_refused_with_both_hashes(project):
    home = project()
    (home / "data" / "flows.csv").write_text(FLOWS.replace("10", "11"), encoding="utf-8")
    with pytest.raises(
        SchemaError, match=r"data/flows\.csv has sha256 [0-9a-f]{64}, declared is [0-9a-f]{64}"
    ) as error:
        datasets.path("flows")
    assert "datasets.declare('flows')" in error.value.remedy
    assert problems() == [f"{error.value.problem}; {error.value.remedy}"]


def test_a_wanted_change_can_be_declared(project):
    home = project()
    (home / "data" / "flows.csv").write_text(FLOWS.replace("10", "11"), encoding="utf-8")
    datasets.declare("flows")
    assert datasets.rows("flows")[0]["value"] == "11"
    assert problems() == []


def test_a_missing_file_is_named(project):
    (project() / "data" / "flows.csv").unlink()
    with pytest.raises(SchemaError, match=r"data/flows\.csv is missing"):
        datasets.rows("flows")


def test_an_unknown_table_is_answered_with_those_there_are(project):
    project()
    with pytest.raises(UnknownCode, match="no table 'flow'") as error:
        datasets.rows("flow")
    assert "sources, data_units, flows" in error.value.remedy


@pytest.mark.parametrize(
    ("flows", "problem"),
    [
        ("", r"data/flows.csv:1 has the columns \[\]"),
        ("\ufeff" + FLOWS, "data/flows.csv:1 starts with a byte-order mark"),
        (FLOWS.encode("utf-16"), "data/flows.csv: byte 0 is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "data/flows.csv: byte 0 is not UTF-8"),
        ("jahr,value,unit,source\n", "data/flows.csv:1 has the columns"),
        (FLOWS + "2025,1,000,million USD,bureau\n", "data/flows.csv:4 has 5 fields, the header has 4"),
        (FLOWS + "2025,13\n", "data/flows.csv:4 has 2 fields, the header has 4"),
        (FLOWS + "\n", "data/flows.csv:4 has 0 fields, the header has 4"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(project, flows, problem):
    project(flows)
    with pytest.raises(SchemaError, match=problem):
        datasets.rows("flows")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2024,13,million USD,bureau", "data/flows.csv:4 has the key of line 3: 2024"),
        ("2025,13,million DUC,bureau", "data/flows.csv:4 has unit 'million DUC', which data_units lacks"),
        ("2025,13,million USD,blog", "data/flows.csv:4 has source 'blog', which sources lacks"),
        ("2025,12 500,million USD,bureau", "data/flows.csv:4 has '12 500' as value"),
        ("2025,1e5,million USD,bureau", "data/flows.csv:4 has '1e5' as value"),
        ("2025,NaN,million USD,bureau", "data/flows.csv:4 has 'NaN' as value"),
    ],
)
def test_a_wrong_row_fails_verification_with_its_line(project, row, problem):
    project(FLOWS + row + "\n")
    assert [found.partition(";")[0] for found in problems()] == [problem]


def test_a_broken_table_does_not_hide_what_leans_on_it(project):
    home = project()
    (home / "data" / "sources.csv").write_text("id,read\n", encoding="utf-8")
    assert [(check.resource, check.what) for check in verify() if not check.ok] == [
        ("sources", "file"),
        ("flows", "references"),
    ]


def total(value, tolerance):
    return {
        "title": "years make the sum",
        "where": {"year": value},
        "by": ["source"],
        "tolerance": tolerance,
        "parts": [{"where": {"year": ["2023", "2024"]}}],
    }


@pytest.mark.parametrize(
    ("stated", "tolerance", "holds"),
    [("22.5", "0", True), ("23", "0.5", True), ("23", "0.4", False), ("23", "3 %", True)],
)
def test_totals_hold_within_the_declared_rounding(project, stated, tolerance, holds):
    project(f"{FLOWS}sum,{stated},million USD,bureau\n", totals=[total("sum", tolerance)])
    found = problems()
    assert bool(found) is not holds
    if found:
        assert "years make the sum; not for bureau: 22500000.0 against 23000000" in found[0]


def test_a_total_without_parts_does_not_hold(project):
    project(f"{FLOWS}sum,1,million USD,bureau\n", totals=[total("sum", "0") | {"parts": [{"where": {"year": "1999"}}]}])
    assert "None against 1000000" in problems()[0]


def test_a_package_that_is_no_json_is_named(project):
    (project() / "data" / "datapackage.json").write_text("{", encoding="utf-8")
    with pytest.raises(SchemaError, match=r"data/datapackage\.json is not a data package"):
        datasets.resources()


def test_a_folder_without_data_is_answered_with_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_HOME", str(tmp_path))
    with pytest.raises(SchemaError, match=r"no data/datapackage\.json") as error:
        datasets.resources()
    assert "TOOLKIT_HOME" in error.value.remedy


def test_home_is_found_from_a_folder_below(project, monkeypatch):
    home = project()
    (home / "notebooks").mkdir()
    monkeypatch.delenv("TOOLKIT_HOME")
    monkeypatch.chdir(home / "notebooks")
    assert files.home() == home


@pytest.mark.parametrize(
    ("rows", "caseless", "problem"),
    [
        ("GDP,GDP\n", True, None),
        ("GDP,GDP\ngdp,output\n", False, None),
        ("GDP,GDP\ngdp,output\n", True, "data/codes/bases.csv:3 has the key of line 2: gdp"),
        ("GDP,GDP\nGDP,GDP\n", False, "data/codes/bases.csv:3 has the key of line 2: GDP"),
    ],
)
def test_a_code_list_is_checked_and_is_no_data_set(project, rows, caseless, problem):
    home = project()
    raw = f"words,base\n{rows}".encode()
    entry = resource("bases", raw, named("words", "base")) | {"path": "codes/bases.csv", "x-code-list": True}
    package = json.loads((home / "data" / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"].append(entry | {"x-caseless-key": caseless})
    (home / "data" / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    (home / "data" / "codes").mkdir()
    (home / "data" / "codes" / "bases.csv").write_bytes(raw)
    assert problems() == ([problem] if problem else [])
    assert list(datasets.resources()) == ["sources", "data_units", "flows"]
    (home / "data" / "codes" / "bases.csv").write_bytes(raw.replace(b"GDP", b"GDQ", 1))
    assert "has sha256" in problems()[0]
    datasets.declare("bases")
    assert not any("sha256" in problem for problem in problems())
