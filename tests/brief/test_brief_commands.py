import json
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from toolkit import article, brief, registry
from toolkit.cli import main
from toolkit.errors import SchemaError
from toolkit.quantity import Quantity
from toolkit.registry import Record, Registry

ROOT = Path(__file__).parents[2]
HEAD = "---\ntitle: A brief\ndate: 2025-10-28\n---\n\n"
NOTE = "Tokyo pledged roughly US$ 550-billion for projects, sources say. Another 30 % of cars are exported."


def cell(**row):
    return {"type": "dataset", "dataset": "t", "vintage": "2025", "sha256": "0", "row": row, "column": "value"}


def share(value, **more):
    return Record("share", Quantity.stated(value, "%"), "a share of cars", cell(), precision=-1, **more)


@pytest.fixture
def desk(project):
    """Return a project with an article, a registry, an edition with a history and a brief."""
    for name in ("seeds", "data", "briefs", "reports/new"):
        (project / name).mkdir(parents=True)
    (project / "seeds" / "a.txt").write_text(NOTE, encoding="utf-8")
    (project / "reports" / "latest").symlink_to("new")
    for name, value in (("history", "30.4"), ("registry", "31.2")):
        (project / "reports" / "new" / f"{name}.jsonl").write_text(registry.dumps([share(value)]))
    (project / "data" / "registry.jsonl").write_text(registry.dumps([share("31.2")]))
    (project / "briefs" / "b.md").write_text(
        HEAD + "Été: [30.4 %]{fig=share}, then 30.4 % of cars.\r\nAnd []{fig=share}.\n", newline=""
    )
    return project


def invoke(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_figure_is_added_by_its_words_and_found_again(desk):
    done = invoke(
        "registry",
        "add",
        "pledge",
        "seeds/a.txt",
        "--quote",
        "550-billion",
        "--about",
        "the pledge",
        "--set",
        "place=JPN",
    )
    assert done.exit_code == 0, done.output
    held = registry.load(desk / "data" / "registry.jsonl").resolve("pledge")
    assert (held.place, held.source["selector"][0]["exact"]) == ("JPN", "roughly US$ 550-billion")
    shutil.copy(desk / "data" / "registry.jsonl", desk / "reports" / "new" / "registry.jsonl")
    assert "pledge" in invoke("registry", "find", "PLEDGE", "usd").output
    assert json.loads(invoke("registry", "show", "pledge").output)[0]["key"] == "pledge"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["pledge", "seeds/a.txt", "--quote", "five"], "0 figures contain"),
        (["pledge"], "neither an article's figure"),
        (["pledge", "seeds/a.txt", "--quote", "550", "--set", "colour=red"], "no such field"),
        (["share", "seeds/a.txt", "--quote", "30 %", "--about", "x"], "newest record is"),
    ],
)
def test_a_figure_that_cannot_be_added_is_said_and_nothing_written(desk, words, named):
    before = (desk / "data" / "registry.jsonl").read_bytes()
    done = invoke("registry", "add", *words)
    assert done.exit_code == 2
    assert named in done.output
    assert (desk / "data" / "registry.jsonl").read_bytes() == before


def test_superseding_keeps_the_history(desk):
    done = invoke("registry", "add", "share", "seeds/a.txt", "--quote", "30 %", "--about", "x", "--supersede")
    assert done.exit_code == 0, done.output
    held = registry.load(desk / "data" / "registry.jsonl")
    assert [str(record) for record in held.history("share")] == ["31.2 %"]
    _, newest, before = invoke("registry", "log", "share").output.splitlines()
    assert "31.2 %" in newest
    assert "30.4 %" in before


def test_conflicts_are_shown_with_both_sources(desk):
    two = [share("31.2"), replace(share("35.0"), key="share-b")]
    (desk / "reports" / "new" / "registry.jsonl").write_text(registry.dumps(two))
    done = invoke("registry", "conflicts")
    assert done.exit_code == 1
    assert "31.2 % / 35.0 %" in done.output


def test_figures_at_two_rates_of_a_tariff_are_no_conflict():
    about = "change of imports of cars at {} % instead of 2.5 %"
    two = [replace(share(value), about=about.format(rate)) for value, rate in (("31.2", "15"), ("35.0", "27.5"))]
    assert registry.conflicts(two) == []
    assert registry.conflicts([two[0], replace(two[1], about=two[0].about)])


@pytest.mark.parametrize("form", ["csl-json", "annotation", "owid"])
def test_what_is_exported_is_taken_in_again(desk, form):
    (desk / "out.json").write_text(invoke("registry", "show", "share", "--as", form).output)
    done = invoke("registry", "add", "--from", "out.json", "--to", "other.jsonl")
    (desk / "other.jsonl").touch()
    done = invoke("registry", "add", "--from", "out.json", "--to", "other.jsonl") if done.exit_code else done
    assert [*registry.load(desk / "other.jsonl")] == [share("31.2")]


def test_biblatex_is_read_by_pandoc():
    import pypandoc

    held = registry.load(ROOT / "data" / "registry.jsonl")
    bib = registry.export([*held, share("1")], "biblatex")
    found = json.loads(pypandoc.convert_text(bib, "csljson", format="biblatex"))
    assert {each["id"] for each in found} == {record.key for record in held} | {"share"}


def test_records_fit_the_published_schema():
    schema = json.loads((ROOT / "docs" / "record.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    for record in [*registry.load(ROOT / "data" / "registry.jsonl"), share("1")]:
        jsonschema.validate(record.to_dict(), schema)
    assert {*schema["properties"]} == {*share("1").to_dict()}
    assert {*schema["$defs"]["quantity"]["properties"]} == {*Quantity.stated(1, "%").to_dict()}


EDITS = {
    "moved": ("Tokyo pledged", "On Monday Tokyo pledged"),
    "changed": ("550-billion", "500-billion"),
    "gone": (NOTE, "Nothing of it is left."),
}


@pytest.mark.parametrize("state", EDITS)
def test_an_article_that_is_read_again_says_what_became_of_its_quotations(desk, state):
    invoke("registry", "add", "pledge", "seeds/a.txt", "--quote", "550-billion", "--about", "the pledge")
    shutil.copy(desk / "data" / "registry.jsonl", desk / "reports" / "new" / "registry.jsonl")
    path = desk / "seeds" / "a.txt"
    path.write_text(path.read_text().replace(*EDITS[state]))
    done = invoke("registry", "anchors", "--write")
    assert f"pledge: {state}" in done.output
    assert done.exit_code == (state != "moved")
    newest = registry.load(desk / "data" / "registry.jsonl").resolve("pledge")
    place = newest.source["selector"][1]
    if state == "moved":
        assert article.read(path).text[place["start"] : place["end"]] == "roughly US$ 550-billion"
        assert newest.supersedes


@pytest.mark.usefixtures("desk")
def test_check_and_its_json_have_the_promised_form():
    done = invoke("brief", "check", "briefs/b.md")
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == "3 numbers: 1 ok, 2 flagged, 0 ignored, 0 unexplained"
    rows = json.loads(invoke("brief", "check", "briefs/b.md", "--json").output)
    assert [[*row] for row in rows] == [["start", "end", "text", "verdict", "key", "reason", "expected"]] * 3
    assert [row["verdict"] for row in rows] == ["stale", "stale", "ok"]


def test_update_patches_keyed_numbers_in_place_and_tells_the_others(desk):
    path = desk / "briefs" / "b.md"
    before = path.read_bytes()
    dry = invoke("brief", "update", "briefs/b.md")
    assert path.read_bytes() == before
    assert "30.4 % to 31.2 % (+0.8 percentage points)" in dry.output
    assert dry.output.splitlines()[-1] == "3 out of date: 1 to update with --write, 2 to look at"
    invoke("brief", "update", "briefs/b.md", "--write")
    assert path.read_bytes() == before.replace(b"[30.4 %]", b"[31.2 %]")


@pytest.mark.parametrize("printed", ["US$1,304 million", "US$1.3 bn", "more than 1.30 billion dollars"])
def test_an_update_keeps_the_authors_own_words(tmp_path, printed):
    def held(value):
        hedge = "more_than" if "than" in printed else "exact"
        return Record("trade", Quantity.stated(value, "USD", hedge), "trade", cell(), precision=6)

    path = tmp_path / "b.md"
    path.write_text(f"{HEAD}It is [{printed}]{{fig=trade}}.\n")
    now = Registry([held("1448e6")], earlier=[Registry([held("1304e6")])])
    brief.update(path, now)
    digits = re.search(r"[\d.,]+", printed)[0]
    new = {"1,304": "1,448", "1.3": "1.4", "1.30": "1.45"}[digits]
    assert printed.replace(digits, new) in path.read_text()
    assert not [each for each in brief.check(path, now) if each.is_flagged]


def test_a_trace_leads_to_the_highlighted_sentence_and_the_briefs(desk):
    invoke("registry", "add", "pledge", "seeds/a.txt", "--quote", "550-billion", "--about", "the pledge")
    shutil.copy(desk / "data" / "registry.jsonl", desk / "reports" / "new" / "registry.jsonl")
    (desk / "briefs" / "c.md").write_text('\nIt is []{fig="pledge / pledge"} and []{fig=pledge}.\n')
    done = invoke("brief", "trace", "pledge", "--html", "trace.html")
    assert "Tokyo pledged »roughly US$ 550-billion« for projects" in done.output
    assert done.output.count("cited: briefs/c.md:2") == 2
    page = (desk / "trace.html").read_text(encoding="utf-8")
    assert "<mark>roughly US$ 550-billion</mark>" in page
    assert not re.search(r'(?:src|href)="(?!data:)', page)


def test_a_trace_shows_history_notebook_and_inputs(desk):
    made = registry.computed("double", 62.4, "%", about="twice", expression="share * 2", inputs=["share"])
    made = replace(
        made, source=made.source | {"notebook": "notebooks/n.ipynb", "parameters": {"year": 2025}, "run": "abc"}
    )
    code = {"cell_type": "code", "source": ["registry.publish('double', x)"]}
    (desk / "notebooks" / "n.ipynb").write_text(json.dumps({"cells": [code]}))
    text = brief.as_text(brief.trace("double", Registry([share("31.2"), made], earlier=[Registry([share("30.4")])])))
    for words in (
        "share * 2",
        'parameters {"year": 2025}',
        "cell 1: registry.publish('double', x)",
        "run: abc",
        "31.2 % [share]",
        "before: 30.4 %",
    ):
        assert words in text


def test_verdicts_are_shown_on_a_page_in_word_and_as_sarif(desk):
    invoke("brief", "build", "briefs/b.md", "--to", "docx", "--out", "out")
    (desk / "reports" / "new" / "registry.jsonl").write_text(registry.dumps([share("32.0")]))
    before = (desk / "out" / "b.docx").read_bytes()
    done = invoke("brief", "check", "out/b.docx", "--comments", "c.docx", "--html", "v.html", "--sarif", "s.json")
    assert done.exit_code == 1
    assert (desk / "out" / "b.docx").read_bytes() == before
    with zipfile.ZipFile(desk / "c.docx") as archive:
        comments, body = (archive.read(f"word/{name}.xml").decode() for name in ("comments", "document"))
        assert "word/comments.xml" in archive.read("[Content_Types].xml").decode()
    rows = json.loads(invoke("brief", "check", "out/b.docx", "--json").output)
    every = [each["verdict"] for each in rows if each["verdict"] != "ignored"]
    wrong = [each for each in rows if each["verdict"] not in {"ok", "ignored"}]
    flagged = [each for each in wrong if each["where"].startswith(("word/document.xml", "word/footnotes.xml"))]
    assert comments.count("<w:comment ") == body.count("<w:commentReference ") == len(flagged) > 0
    assert "32.0 %" in comments
    again = json.loads(invoke("brief", "check", "c.docx", "--json").output)
    assert [each["verdict"] for each in again if each["verdict"] != "ignored"] == every
    assert (desk / "v.html").read_text().count('<mark class="flagged"') == len(wrong)
    run = json.loads((desk / "s.json").read_text())["runs"][0]
    assert len(run["results"]) == len(wrong)
    with pytest.raises(SchemaError, match="copy of a docx"):
        brief.commented(desk / "briefs" / "b.md", [], desk / "d.docx")


def test_a_note_leads_to_the_trace_of_its_figure(desk):
    invoke("brief", "build", "briefs/b.md", "--to", "html", "--out", "out")
    page = (desk / "out" / "b.html").read_text()
    link = re.search(r'href="(b\.figures\.html)#([^"]+)">Trace', page)
    assert f'id="{link[2]}"' in (desk / "out" / link[1]).read_text()


@pytest.mark.usefixtures("desk")
def test_a_build_never_overwrites_the_brief():
    done = invoke("brief", "build", "briefs/b.md", "--to", "md")
    assert done.exit_code == 2
    assert "would be overwritten" in done.output
