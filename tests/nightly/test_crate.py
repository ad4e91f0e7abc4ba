"""An edition's Workflow Run RO-Crate: whole, linked, deterministic, and true to the files beside it."""

import hashlib
import json
import shutil
from datetime import date, timedelta

import pytest

from toolkit import nightly
from toolkit.errors import ReportFailed

DAY = date(2025, 10, 28)
WORKFLOW = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
NEEDED = {  # what the profiles ask of each kind of entity
    "CreateAction": {"name", "description", "instrument", "actionStatus", "endTime"},
    "File": {"name", "encodingFormat"},
    "FormalParameter": {"name", "additionalType", "workExample"},
    "PropertyValue": {"name", "value", "exampleOfWork"},
    "SoftwareApplication": {"name", "softwareVersion"},
    "ComputationalWorkflow": {"name", "programmingLanguage", "version"},
}


def many(value):
    return value if isinstance(value, list) else [value]


def graph(edition):
    found = json.loads((edition.folder / "ro-crate-metadata.json").read_text())
    entities = {each["@id"]: each for each in found["@graph"]}
    assert len(entities) == len(found["@graph"]), "an id comes twice"
    return entities


def references(value):
    if isinstance(value, dict):
        yield value["@id"]
    for each in value if isinstance(value, list) else ():
        yield from references(each)


@pytest.fixture
def night(project, press):
    (project / "requirements.lock").write_text("a==1\n")
    press.figures = {"one-share": 5}
    nightly.run(DAY)
    press.fails["two"] = ReportFailed("two broke", remedy="Mend it")
    notebook = project / "notebooks" / "two.ipynb"
    notebook.write_text(notebook.read_text().replace("A question?", "Another?"))
    return nightly.run(DAY + timedelta(1))


def test_every_entity_has_what_the_profiles_ask_for(night):
    for each in graph(night).values():
        for kind in many(each["@type"]):
            assert NEEDED.get(kind, {"@id"}) <= each.keys(), each["@id"]


def test_every_reference_leads_to_an_entity_or_the_web(night):
    entities = graph(night)
    for each in entities.values():
        for name, value in each.items():
            for target in references(value) if name != "@id" else ():
                assert target in entities or target.startswith("https://"), f"{each['@id']} {name} {target}"


def test_the_root_is_a_workflow_run_crate_whose_main_entity_was_run(night):
    entities = graph(night)
    root, main = entities["./"], entities[entities["./"]["mainEntity"]["@id"]]
    assert entities["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert {"https://w3id.org/ro/wfrun/workflow/0.5", "https://w3id.org/ro/wfrun/process/0.5"} <= {
        *references(root["conformsTo"])
    }
    assert root["datePublished"] == "2025-10-29"
    assert root["license"]
    assert main["@type"] == WORKFLOW
    assert {*references(main["hasPart"])} == {"source/notebooks/one.ipynb", "source/notebooks/two.ipynb"}
    run = [each for each in entities.values() if main["@id"] in references(each.get("instrument"))]
    assert {each["@type"] for each in run} == {"CreateAction"}
    assert {each["@id"] for each in run} <= {*references(root["mentions"])}


def test_every_file_of_the_edition_is_there_with_its_hash_and_size(night):
    entities = graph(night)
    files = {path.relative_to(night.folder).as_posix(): path for path in night.folder.rglob("*") if path.is_file()}
    files.pop("ro-crate-metadata.json")
    assert {*references(entities["./"]["hasPart"])} == {*files}
    for name, path in files.items():
        if name != "edition.json":  # which has the hash of the crate
            assert entities[name]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
            assert entities[name]["contentSize"] == str(path.stat().st_size)


def test_a_run_names_its_notebook_values_results_and_how_it_ended(night):
    entities = graph(night)
    run = entities["#one"]
    assert "source/notebooks/one.ipynb" in references(run["instrument"])
    value = entities["#one/x"]
    assert (value["value"], value["exampleOfWork"]) == (2, {"@id": "#source/notebooks/one.ipynb/x"})
    assert entities["source/notebooks/one.ipynb"]["input"] == {"@id": "#source/notebooks/one.ipynb/x"}
    assert "one/report.html" in references(run["result"])
    assert run["actionStatus"].endswith("CompletedActionStatus")
    assert entities["#two/last-good"]["actionStatus"].endswith("CompletedActionStatus")


def test_a_brief_names_its_pages(project, press):
    (project / "briefs").mkdir()
    (project / "briefs" / "a.md").write_text("---\ntitle: A\ndate: 2025-10-28\n---\n\nIt was [5 %]{fig=one-share}.\n")
    path = project / "notebooks" / "nightly.toml"
    path.write_text('briefs = ["briefs/*.md"]\n' + path.read_text())
    press.figures = {"one-share": 5}
    built = graph(nightly.run(DAY))["#briefs/a.md"]
    assert {"briefs/a.html", "briefs/a.docx"} <= {*references(built["result"])}
    assert built["actionStatus"].endswith("CompletedActionStatus")


def test_the_same_inputs_give_the_same_crate_and_keep_the_notebooks(project, night):
    before = (night.folder / "ro-crate-metadata.json").read_bytes()
    kept = night.folder / "source" / "notebooks" / "one.ipynb"
    assert kept.read_bytes() == (project / "notebooks" / "one.ipynb").read_bytes()
    shutil.rmtree(project / "reports" / night.name)
    assert (nightly.run(DAY + timedelta(1)).folder / "ro-crate-metadata.json").read_bytes() == before
