"""Notebooks are sources: canonical, typed, short cells, nothing defined, every number computed."""

import ast
import json
import re
from datetime import date
from pathlib import Path

import pytest

from toolkit import registry, report
from toolkit.errors import ToolkitError

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EDITION = date(2025, 10, 28)
MOST_LINES, MOST_KEY = 15, 30
OFFERED = {"gravity"}  # needs a panel that the repository does not hold
by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# with these parameters each notebook answers another question of the same kind
OTHERWISE = [
    (
        "tariff_scenario",
        {
            "goods": "light trucks",
            "product": "8704",
            "imports_usd": 1e9,
            "others_usd": 2e10,
            "customs_line": "(Bus&Truck)",
        },
    ),
    ("supply_risk", {"focus": "nickel", "minerals": ["cobalt"]}),
    ("event_study", {"treated": ["Motor Vehicles"], "first_year": 2010}),
    ("forecast", {"product": "TOTAL", "flow": "M", "horizon": 1}),
    ("bilateral_trade", {"year": 2024, "month": "2025-11", "variants_of": 2022}),
    ("bilateral_trade", {"year": 2021}),
    ("critical_minerals", {"focus": "cobalt", "year": 2025}),
    ("critical_minerals", {"focus": "manganese", "minerals": ["nickel"]}),
    ("pledges", {"focus": "KOR", "economies": ["KOR", "CHE"], "as_of": "2025-12-31"}),
    ("deal_brief", {"year": 2023}),
    ("claims_vs_data", {"keys": ["jp-defence-target"]}),
]


@pytest.fixture(scope="module")
def harvested(tmp_path_factory):
    """Run every notebook once, and give the records that each published."""
    folder = tmp_path_factory.mktemp("reports")
    found = {}
    for path in (path for path in NOTEBOOKS if path.stem not in OFFERED):
        run = report.run(path.relative_to(ROOT), {}, folder / path.stem, edition_date=EDITION)
        found[path.stem] = list(registry.load(run.folder / "figures.jsonl"))
    return found


def cells(path, kind):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def sources(path, kind):
    return ["".join(cell["source"]) for cell in cells(path, kind)]


def tagged(path, tag):
    return ["".join(cell["source"]) for cell in cells(path, "code") if tag in cell["metadata"].get("tags", [])]


def test_the_five_notebooks_are_here():
    wanted = {"deal_brief", "pledges", "bilateral_trade", "critical_minerals", "claims_vs_data"}
    assert wanted <= {path.stem for path in NOTEBOOKS}


@by_name
def test_notebook_is_canonical(path, tmp_path):
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    assert not report.tidy(copy), "run `toolkit tidy`"


@by_name
def test_nothing_is_defined_in_a_notebook(path):
    for source in sources(path, "code"):
        nodes = list(ast.walk(ast.parse(source)))
        assert not [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]


@by_name
def test_cells_are_short_and_lines_fit(path):
    for source in sources(path, "code"):
        lines = source.splitlines()
        assert len(lines) <= MOST_LINES, lines[0]
        assert max(map(len, lines)) <= 120, max(lines, key=len)


@by_name
def test_imports_stand_in_one_cell(path):
    importing = [source for source in sources(path, "code") if re.search(r"^(import|from) ", source, re.MULTILINE)]
    assert len(importing) == 1


@by_name
def test_every_parameter_is_typed_and_explained(path):
    assert len(tagged(path, "parameters")) == 1
    declared = report.parameters(path)
    assert declared
    for parameter in declared:
        assert parameter.annotation
        assert len(parameter.comment) > 10, parameter.name


@by_name
def test_title_and_question_come_first_and_sources_last(path):
    first, *_, last = sources(path, "markdown")
    assert first.startswith("# ")
    assert first.rstrip().endswith("?")
    assert last.startswith("## Sources")
    assert sources(path, "code")[-1].splitlines()[-1].startswith("tk.compare.sources(")


@by_name
def test_prose_holds_no_number_that_could_go_stale(path):
    """Years, editions and index bounds are words of the method; amounts and shares are computed."""
    for source in sources(path, "markdown"):
        text = re.sub(r"fiscal \d{4}|0\.5 two equal|1 is a single supplier|up to 1\b", "", source)
        stale = re.findall(r"\d[\d,.]*\s?(?:%|per cent|billion|million|trillion|t\b)|US\$ ?\d", text)
        assert stale in ([], ["90 %"]), "compute it in a cell"


@by_name
def test_a_signed_number_that_rounds_to_nothing_is_printed_without_a_minus(path):
    assert re.findall(r":\+,?\.\d+f", "".join(sources(path, "code"))) == [], "write +z.1f"


@pytest.mark.slow
def test_every_notebook_publishes_and_no_key_twice(harvested):
    keys = [record.key for records in harvested.values() for record in records]
    assert all(harvested.values())
    assert len(keys) == len(set(keys))
    assert max(map(len, keys)) <= MOST_KEY


@pytest.mark.slow
def test_published_keys_are_free_in_the_registry(harvested):
    pinned = registry.load(ROOT / "data" / "registry.jsonl")
    assert not [record.key for records in harvested.values() for record in records if record.key in pinned]


@pytest.mark.slow
def test_computed_numbers_name_what_they_come_from(harvested):
    for record in (each for records in harvested.values() for each in records):
        if record.source["type"] == "computed":
            assert record.source["inputs"], record.key
            assert record.source["expression"], record.key
        else:
            assert record.source["pointer"].startswith("data/"), record.key


@pytest.mark.slow
def test_a_figure_of_one_year_names_it(harvested):
    records = [record for records in harvested.values() for record in records if record.period]
    years = [record for record in records if re.fullmatch(r"\d{4}(-\d\d-01/P\d+[YM])?", record.period)]
    assert [record.key for record in years if record.period[:4] not in record.about] == []
    assert len(years) > 20


@pytest.mark.slow
def test_a_pledge_is_never_published_as_a_flow(harvested):
    for record in harvested["pledges"]:
        if record.quantity.unit == "USD":
            assert (record.quantity.basis, record.status) == ("commitment", "pledged")
        else:
            assert "for scale only" in record.about


@pytest.mark.slow
def test_refining_index_is_an_interval_where_one_share_is_known(harvested):
    index = {record.key: record.quantity for record in harvested["critical_minerals"]}["rare-earths-refining-hhi-2024"]
    assert index.value is None
    assert index.low < index.high


@pytest.mark.slow
@pytest.mark.parametrize(("name", "values"), OTHERWISE, ids=lambda value: value if isinstance(value, str) else "")
def test_notebook_makes_sense_with_other_parameters(name, values, tmp_path):
    run = report.run(f"notebooks/{name}.ipynb", values, tmp_path, edition_date=EDITION)
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "nan" not in re.sub(r"<[^>]*>|base64,[^\"]*", " ", page).lower().split()


@pytest.mark.parametrize(
    ("name", "values", "said", "unsaid"),
    [
        ("critical_minerals", {"focus": "antimony"}, "China and Russia had 34", "Antimony: Russia"),
        ("critical_minerals", {"focus": "nickel"}, "the leader is known for mining only", "from 10 to"),
        ("critical_minerals", {"focus": "cobalt"}, "(2024, year assumed)", "give stage, year and coverage"),
        ("pledges", {"focus": "KOR"}, "most cash in one year", "no project is chosen yet"),
        ("pledges", {"as_of": "2025-09-03"}, "share of profits that goes to the United States", "stands by"),
        ("pledges", {"focus": "TWN"}, "Taiwan’s pledge equals at least 31", "Taiwan’s pledge equals 31"),
        ("bilateral_trade", {"variants_of": 2022}, "1 way of counting, 3 published balances", "3 ways"),
        ("critical_minerals", {}, "of its rare earths (compounds and metals)", "of its rare earths%"),
        ("event_study", {"treated": ["Motor Vehicles"]}, "Mind: 1 treated of 39 units", "effect of the tariff"),
        ("tariff_scenario", {"imports_usd": 2e7}, " thousand a year (", "US$0.0"),
        ("tariff_scenario", {"days": ["2025-04-01"]}, "revenue on them would be unchanged from 2024.", "0 % higher"),
        ("event_study", {}, "Mind: 3 of 30 fit almost exactly before 2025", "Mind: before 2025 the mixture"),
        ("pledges", {}, "the newest stated on 2026-01-15", "2026-11-22"),
    ],
    ids=[
        "tie",
        "no-leader",
        "assumed-year",
        "every-term",
        "early-terms",
        "at-least",
        "one-way",
        "scope",
        "few-treated",
        "small-trade",
        "unchanged-rate",
        "exact-fits",
        "newest-pledge",
    ],
)
def test_sentences_say_no_more_than_the_rows(name, values, said, unsaid, tmp_path):
    run = report.run(f"notebooks/{name}.ipynb", values, tmp_path, edition_date=EDITION)
    page = re.sub(r"<[^>]*>", "", (run.folder / "report.html").read_text(encoding="utf-8"))
    assert said in page
    assert unsaid not in page


def test_a_scenario_takes_no_imports_that_were_bought_under_another_rate(tmp_path):
    values = {"before": "2025-04-03", "days": ["2025-09-16"]}
    with pytest.raises(ToolkitError, match=r"imports of 2024 paid 2\.5 % at its end, goods of 2025-04-03 27\.5 %"):
        report.run("notebooks/tariff_scenario.ipynb", values, tmp_path, edition_date=EDITION)


@pytest.mark.parametrize(
    ("name", "focus", "choice"), [("critical_minerals", "gallium", "rare earths"), ("pledges", "IND", "KOR")]
)
def test_unknown_focus_says_what_is_held(name, focus, choice, tmp_path):
    with pytest.raises(ToolkitError, match=f"no row has .*{focus}.*(?s:.)*{choice}"):
        report.run(f"notebooks/{name}.ipynb", {"focus": focus}, tmp_path, edition_date=EDITION)
