import hashlib
import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from toolkit import nightly, registry, report
from toolkit.errors import ReportFailed, SchemaError, ToolkitError
from toolkit.nightly import edition_archive

DAY, NEXT = date(2025, 10, 28), date(2025, 10, 29)
ROOT = Path(__file__).parents[2]
MATRIX = """
[[report]]
notebook = "notebooks/one.ipynb"
parameters = { x = 2 }
[[report]]
notebook = "notebooks/two.ipynb"
"""


def write_matrix(project, text):
    (project / "notebooks" / "nightly.toml").write_text(text)


def change(project, *names):
    """Say something else in notebooks, so that they are run again."""
    for name in names:
        path = project / "notebooks" / f"{name}.ipynb"
        path.write_text(path.read_text().replace("A question?", "A question?!"))


def prints(folder):
    """Return a print of every file and pointer of the editions below a folder."""
    editions = [path for path in folder.iterdir() if edition_archive.NAME.fullmatch(path.name)]
    files = [path for edition in editions for path in edition.rglob("*") if path.is_file()]
    hashes = {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return hashes | {"latest": str((folder / "latest").readlink())}


def test_an_edition_holds_every_report_and_latest_points_at_it(project, press):
    press.figures = {"one-share": 5}
    edition = nightly.run(DAY)
    assert edition.name.startswith("2025-10-28-")
    assert [(item.name, item.status, item.title) for item in edition.items] == [
        ("one", "ok", "Report one"),
        ("two", "ok", "Report two"),
    ]
    assert (project / "reports" / "latest").resolve() == edition.folder
    listed = json.loads((edition.folder / "edition.json").read_text())
    assert set(listed["inputs"]["files"]) >= {"notebooks/nightly.toml", "notebooks/one.ipynb", "notebooks/two.ipynb"}
    index = (edition.folder / "index.html").read_text()
    assert 'href="one/report.html">Report one' in index
    assert registry.load(edition.folder / "registry.jsonl").resolve("one-share")
    assert "first edition" in (edition.folder / "changes.html").read_text()


def test_the_same_inputs_are_not_run_again_unless_forced(project, press):
    first = nightly.run(DAY)
    before = prints(project / "reports")
    again = nightly.run(DAY)
    assert (again.name, again.unchanged, again.items) == (first.name, True, first.items)
    assert prints(project / "reports") == before
    assert sorted(press.ran) == ["one", "two"]
    assert not nightly.run(DAY, nightly.RunOptions(force=True)).unchanged
    assert sorted(press.ran) == ["one", "one", "two", "two"]
    assert prints(project / "reports") == before


def test_an_edition_that_failed_is_made_again(press):
    press.fails["two"] = ReportFailed("two: lost its kernel", remedy="Run again")
    assert nightly.run(DAY).failed
    del press.fails["two"]
    again = nightly.run(DAY)
    assert not again.unchanged
    assert not again.failed


@pytest.mark.usefixtures("press")
@pytest.mark.parametrize("changed", ["notebooks/one.ipynb", "notebooks/nightly.toml", "data/x.csv", "seeds/a.toml",
                                     "briefs/refs.bib", "requirements.lock"])  # fmt: skip
def test_whatever_goes_in_changes_the_name(project, changed):
    first = nightly.run(DAY)
    path = project / changed
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "\n")
    second = nightly.run(DAY)
    assert first.name != second.name
    assert (project / "reports" / "latest").resolve() == second.folder
    assert first.folder.is_dir()


@pytest.mark.usefixtures("press")
def test_the_toolkit_itself_and_the_edition_before_go_in(monkeypatch):
    first, second = nightly.run(DAY), nightly.run(NEXT)
    assert second.previous == first.name
    monkeypatch.setattr(report, "source_hash", lambda: "another")
    assert nightly.run(DAY).name != first.name


def test_one_failed_report_never_loses_the_others(press):
    press.fails["one"] = ReportFailed("notebooks/one.ipynb, cell 3 (1/0) raised", remedy="Mend it")
    edition = nightly.run(DAY)
    assert [item.status for item in edition.items] == ["failed", "ok"]
    record = json.loads((edition.folder / "one" / "run.json").read_text())
    assert record["status"] == "failed"
    assert record["error"] == "notebooks/one.ipynb, cell 3 (1/0) raised\n→ Mend it"
    index = (edition.folder / "index.html").read_text()
    assert "cell 3 (1/0) raised" in index
    assert "Report two" in index


def test_an_error_nobody_foresaw_costs_one_report(press):
    press.fails["one"] = KeyError("hedge")
    edition = nightly.run(DAY)
    assert [item.status for item in edition.items] == ["failed", "ok"]
    assert "KeyError: 'hedge'" in edition.items[0].note


@pytest.mark.usefixtures("press")
def test_a_notebook_that_cannot_be_read_fails_alone(project, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("TOOLKIT_HOME", str(project))
    (project / "notebooks" / "one.ipynb").write_text('{"cells": [')
    write_matrix(project, '[[report]]\nnotebook = "notebooks/one.ipynb"\n[[report]]\nnotebook = "notebooks/gone.ipynb"')
    edition = nightly.run(DAY)
    assert [item.status for item in edition.items] == ["failed", "failed"]
    assert edition.items[0].note.startswith("notebooks/one.ipynb: not a notebook")
    assert str(project) not in (edition.folder / "index.html").read_text()
    assert json.loads((edition.folder / "gone" / "run.json").read_text())["status"] == "failed"


WRONG = {
    "no TOML": ("[[report", "nightly.toml: "),
    "unknown field": ('[[report]]\nnotebok = "n"', "unknown field 'notebok'"),
    "unknown table": ("[reports]", "unknown field 'reports'"),
    "unknown parameter": ('[[report]]\nnotebook = "notebooks/one.ipynb"\nparameters = { y = 1 }', "no parameter 'y'"),
    "wrong type": (
        '[[report]]\nnotebook = "notebooks/one.ipynb"\nparameters = { x = "0101" }',
        "'x' is int, and '0101'",
    ),
    "twice": ('[[report]]\nnotebook = "notebooks/one.ipynb"\n' * 2, "two reports are called 'one'"),
    "climbs out": ('[[report]]\nnotebook = "notebooks/one.ipynb"\nslug = "../x"', "'../x' cannot name a folder"),
    "hides": ('[[report]]\nnotebook = "notebooks/one.ipynb"\nslug = "briefs"', "'briefs' cannot name a folder"),
}


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=WRONG)
def test_a_mistake_in_the_matrix_stops_before_anything_runs(project, press, text, says):
    nightly.run(DAY)
    press.ran.clear()
    before = prints(project / "reports")
    write_matrix(project, text)
    with pytest.raises(SchemaError) as refused:
        nightly.run(NEXT)
    assert says in refused.value.problem
    assert press.ran == []
    assert prints(project / "reports") == before


def test_yesterdays_edition_is_untouched_by_a_failing_night(project, press):
    yesterday = nightly.run(DAY)
    before = prints(yesterday.folder.parent)
    press.fails = {"one": ReportFailed("one", remedy="Mend it"), "two": ReportFailed("two", remedy="Mend it")}
    (project / "requirements.lock").write_text("a==1\n")
    today = nightly.run(NEXT)
    assert [item.status for item in today.failed] == ["failed", "failed"]
    assert {name: before[name] for name in before if name.startswith("2025-10-28")}.items() <= prints(
        project / "reports"
    ).items()


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["disk", "Ctrl-C"])
def test_a_night_that_breaks_off_leaves_nothing_and_changes_nothing(project, press, fault):
    nightly.run(DAY)
    before = prints(project / "reports")
    press.fails["two"] = fault
    change(project, "two")
    with pytest.raises((ToolkitError, KeyboardInterrupt)):
        nightly.run(NEXT)
    assert prints(project / "reports") == before
    assert not [path for path in (project / "reports").iterdir() if path.name.startswith((".b", ".r", ".latest"))]


@pytest.mark.usefixtures("press")
def test_what_a_killed_night_left_is_swept():
    first = nightly.run(DAY)
    reports = first.folder.parent
    (reports / ".building-2025-10-29-000000000000" / "one").mkdir(parents=True)
    (reports / ".latest-99").symlink_to(first.name)
    first.folder.rename(reports / f".replaced-{first.name}")  # killed between the two renames of a forced run
    again = nightly.run(DAY)
    assert again.unchanged
    assert {path.name for path in reports.iterdir()} == {".lock", ".store", "latest", "log.jsonl", first.name}


def test_the_second_of_two_nightlies_says_who_holds_the_lock(project, press):
    (project / "reports").mkdir()
    with (
        edition_archive.alone(project / "reports", DAY),
        pytest.raises(
            ToolkitError, match=rf"in use by process {os.getpid()} on .*, at work on the edition of 2025-10-28"
        ),
    ):
        nightly.run(NEXT)
    assert press.ran == []
    assert nightly.run(NEXT).items


def test_a_forced_night_never_replaces_a_good_edition_by_a_worse_one(project, press):
    nightly.run(DAY)
    before = prints(project / "reports")
    press.fails["one"] = ReportFailed("one broke", remedy="Mend it")
    with pytest.raises(ToolkitError, match="one broke"):
        nightly.run(DAY, nightly.RunOptions(force=True))
    assert prints(project / "reports") == before


def test_a_missing_data_set_is_offered_not_failed(project, press):
    (project / "data").mkdir()
    (project / "data" / "datapackage.json").write_text('{"resources": []}')
    write_matrix(project, MATRIX + 'needs = ["gravity_panel"]\n')
    edition = nightly.run(DAY)
    assert [item.status for item in edition.items] == ["ok", "offered"]
    assert edition.items[1].note.startswith("Needs data set gravity_panel, which is not here")
    assert edition.failed == []
    assert press.ran == ["one"]


def test_one_key_never_stands_for_two_figures(project, press, monkeypatch):
    press.figures = {"one-share": 5}
    monkeypatch.setattr(registry.Record, "id", property(lambda record: str(record.quantity.value)))
    assert nightly.run(DAY).failed == []
    folder = Path(os.environ["TOOLKIT_HOME"]) / "data"
    folder.mkdir()
    (folder / "registry.jsonl").write_text(
        registry.dumps([registry.computed("one-share", 6, "%", about="a", expression="a", inputs=["a"])])
    )
    change(project, "one")
    edition = nightly.run(NEXT)
    assert [item.name for item in edition.failed] == ["one"]
    assert "publishes 'one-share', which is another figure's key" in edition.failed[0].note


def test_changes_list_what_moved_came_and_went(project, press):
    press.figures = {"one-same": 1, "one-moved": 5, "one-gone": 7}
    nightly.run(DAY)
    press.figures = {"one-same": 1, "one-moved": 6, "two-new": 8}
    change(project, "one", "two")
    edition = nightly.run(NEXT)
    assert [(move.key, move.what, move.old, move.new, move.size) for move in edition.moves] == [
        ("one-moved", "changed", "5 %", "6 %", "+1 percentage point"),
        ("one-gone", "gone", "7 %", "–", ""),
        ("two-new", "new", "–", "8 %", ""),
    ]
    changes = (edition.folder / "changes.html").read_text()
    assert all(f'id="{move.key}"' in changes and move.why[0] in changes for move in edition.moves)
    assert "one-same" not in changes
    assert nightly.find("latest").moves == edition.moves


@pytest.mark.usefixtures("press")
def test_progress_counts_every_item():
    seen = []
    nightly.run(DAY, progress=lambda step: seen.append((step.done, step.total, step.name, step.state)))
    assert seen[:2] == [(0, 2, "one", "runs"), (0, 2, "two", "runs")]
    assert {row[2:] for row in seen[2:]} == {("one", "ok"), ("two", "ok")}
    assert [row[:2] for row in seen[2:]] == [(1, 2), (2, 2)]


BAD_SEEDS = {
    "empty": (b"", "empty"),
    "binary": (b"\x00\x01\x02\xff", "binary"),
    "no side-car": (b"Trade fell.", "side-car"),
}


@pytest.mark.usefixtures("press")
@pytest.mark.parametrize(("content", "says"), BAD_SEEDS.values(), ids=BAD_SEEDS)
def test_a_bad_article_is_named_and_the_rest_published(project, content, says):
    (project / "seeds").mkdir()
    (project / "seeds" / "a.txt").write_bytes(content)
    if says != "side-car":
        shutil.copy(ROOT / "seeds" / "us-japan-deal.toml", project / "seeds" / "a.toml")
    write_matrix(project, 'seeds = ["seeds/*.txt"]\n' + MATRIX)
    edition = nightly.run(DAY)
    assert [item.status for item in edition.items] == ["ok", "ok", "failed"]
    assert "seeds/a.txt" in edition.items[2].note or "a.toml" in edition.items[2].note
    assert says in edition.items[2].note


def test_an_article_shows_its_figures_and_a_brief_its_verdict(project, press):
    shutil.copytree(ROOT / "seeds", project / "seeds")
    (project / "briefs").mkdir()
    (project / "briefs" / "good.md").write_text(
        "---\ntitle: Trade\ndate: 2025-10-28\n---\n\nThe share is [5 %]{fig=one-share}.\n"
    )
    (project / "briefs" / "bad.md").write_text("---\ntitle: Trade\ndate: 2025-10-28\n---\n\nThe share is 7 %.\n")
    (project / "briefs" / "unknown.md").write_text(
        "---\ntitle: Trade\ndate: 2025-10-28\n---\n\nThe share is [7 %]{fig=two-share}.\n"
    )
    press.figures = {"one-share": 5}
    write_matrix(project, 'seeds = ["seeds/*.txt"]\nbriefs = ["briefs/*.md"]\n' + MATRIX)
    edition = nightly.run(DAY)
    made = {item.name: item for item in edition.items if item.kind != "report"}
    assert "roughly US$ 550-billion" in made["seeds/us-japan-deal.txt"].note
    assert made["briefs/good.md"].status == "ok", made["briefs/good.md"].note
    assert (edition.folder / "briefs" / "good.html").is_file()
    assert (edition.folder / "briefs" / "good.docx").is_file()
    assert "'7 %'" in made["briefs/bad.md"].note
    assert made["briefs/bad.md"].status == made["briefs/unknown.md"].status == "failed"
    assert "two-share" in made["briefs/unknown.md"].note


@pytest.mark.slow
@pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning")
def test_a_real_night_runs_kernels_and_names_the_broken_cell(project, notebook):
    publish = 'from toolkit import registry\nregistry.publish("s", x, "%", about="a", expression="a", inputs=["a"])'
    notebook("one", publish, parameters="x: int = 1")
    notebook("two", "1 / 0", "2")
    write_matrix(project, MATRIX)
    edition = nightly.run(DAY)
    assert [item.status for item in edition.items] == ["ok", "failed"]
    assert edition.items[1].note.startswith("notebooks/two.ipynb, cell 3 (1 / 0) raised ZeroDivisionError")
    assert registry.load(edition.folder / "registry.jsonl").resolve("s").source["notebook"] == "notebooks/one.ipynb"
    assert "nothing in it may be cited" in (edition.folder / "two" / "report.html").read_text()
    before = prints(project / "reports")
    assert nightly.run(DAY, nightly.RunOptions(force=True)).name == edition.name
    assert prints(project / "reports") == before
