"""The matrix, what would run and why, what is taken over and what a death leaves to do."""

import json
from datetime import date

import pytest

from toolkit import nightly, report
from toolkit.errors import ReportFailed, SchemaError
from toolkit.nightly import finished

DAY, NEXT, LATER = date(2025, 10, 28), date(2025, 10, 29), date(2025, 10, 30)
GRID = """
[[report]]
notebook = "notebooks/trade.ipynb"
grid = { reporter = ["USA", "JPN"], product = ["8703", "0101"] }
exclude = [{ reporter = "JPN", product = "0101" }]
include = [{ reporter = "EUU", product = "TOTAL" }]
tags = ["trade"]
timeout_s = 60
memory_mb = 900
"""
DECLARED = 'reporter: str = "USA"\nproduct: str = "8703"\nyear: int = 2019  # calendar year, 1990..2030'


def matrix(project, text):
    (project / "notebooks" / "nightly.toml").write_text(text)
    return nightly.matrix()


@pytest.fixture
def trade(notebook):
    return notebook("trade", parameters=DECLARED)


@pytest.mark.usefixtures("trade")
def test_a_grid_gives_a_report_a_point_with_its_limits_and_tags(project):
    rows = matrix(project, GRID).reports
    assert [row.slug for row in rows] == ["trade-usa-8703", "trade-usa-0101", "trade-jpn-8703", "trade-euu-total"]
    assert rows[1].parameters == {"reporter": "USA", "product": "0101"}
    assert {(row.limits.timeout_s, row.limits.memory_mb, row.tags) for row in rows} == {(60, 900, ("trade",))}


@pytest.mark.usefixtures("trade")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('"TOTAL" }]', '"TOTAL", partner = "JPN" }]'), "no parameter 'partner'"),
        (('"TOTAL" }]', "8703 }]"), "'product' is str"),
        (('product = "0101" }]', 'product = "101" }]'), "excludes nothing"),
        (('["USA", "JPN"]', '"USA"'), "grid 'reporter' is not a list"),
        (("timeout_s = 60", "timeout_s = 0"), "timeout_s is 0"),
        (('tags = ["trade"]', 'slug = "t-{partner}"'), "has no value for 'partner'"),
        (('tags = ["trade"]', 'slug = "t-{product}"'), "two reports are called 't-8703'"),
        (('tags = ["trade"]', "parameters = { year = 1989 }"), "1989 is not within 1990..2030"),
    ],
)
def test_a_grid_that_cannot_be_meant_is_refused(project, change, says):
    with pytest.raises(SchemaError) as refused:
        matrix(project, GRID.replace(*change))
    assert says in refused.value.problem


@pytest.mark.usefixtures("trade")
def test_tags_choose_and_an_unknown_one_is_an_error(project):
    table = matrix(project, GRID + '[[report]]\nnotebook = "notebooks/trade.ipynb"\ntags = ["x"]\n')
    assert len(table.tagged(("x",)).reports) == 1
    with pytest.raises(SchemaError, match="no report is tagged 'y'"):
        table.tagged(("y",))


def why(day=NEXT):
    return {each.row.slug: (each.action, each.why) for each in nightly.dry_run(nightly.matrix(), day)}


def test_a_dry_run_says_what_would_run_and_why(project, press, monkeypatch):
    assert why(DAY) == {"one": ("run", "new"), "two": ("run", "new")}
    assert not (project / "reports").exists()
    (project / "data").mkdir()
    (project / "data" / "x.csv").write_text("1")
    press.fails["two"] = ReportFailed("two", remedy="Mend it")
    nightly.run(DAY)
    assert why() == {"one": ("keep", "unchanged since 2025-10-28"), "two": ("run", "failed last time")}
    (project / "data" / "x.csv").write_text("2")
    assert why()["one"] == ("run", "data/x.csv changed")
    (project / "requirements.lock").write_text("a==1")
    assert why()["one"] == ("run", "lock changed")
    monkeypatch.setattr("toolkit.report.runner.source_hash", lambda: "another")
    assert why()["one"] == ("run", "toolkit changed")
    text = (project / "notebooks" / "nightly.toml").read_text()
    monkeypatch.undo()
    monkeypatch.setenv("TOOLKIT_HOME", str(project))
    (project / "requirements.lock").unlink()
    (project / "notebooks" / "nightly.toml").write_text(text.replace("x = 2", "x = 3"))
    assert why()["one"] == ("run", "parameters changed: x 2 -> 3")


def test_what_has_not_changed_is_taken_over_with_its_date(project, press):
    first = nightly.run(DAY)
    path = project / "notebooks" / "two.ipynb"
    path.write_text(path.read_text().replace("A question?", "Another?"))
    press.ran.clear()
    second = nightly.run(NEXT)
    assert press.ran == ["two"] == list(second.ran)
    assert [(item.made, item.why) for item in second.items] == [
        ("2025-10-28", "unchanged since 2025-10-28"),
        ("2025-10-29", "notebook changed"),
    ]
    for name in ("run.json", "report.html"):
        assert (first.folder / "one" / name).samefile(second.folder / "one" / name)


def test_a_report_that_is_not_canonical_json_but_says_the_same_is_not_run_again(project, press):
    nightly.run(DAY)
    report.tidy(project / "notebooks" / "one.ipynb")
    press.ran.clear()
    assert nightly.run(NEXT).ran == ()


def test_a_failed_report_leaves_the_last_good_one_marked_stale(project, press):
    press.figures = {"one-share": 5}
    first = nightly.run(DAY)
    path = project / "notebooks" / "one.ipynb"
    path.write_text(path.read_text().replace("A question?", "Another?"))
    press.fails["one"] = ReportFailed("cell 3 raised", remedy="Mend it")
    for day in (NEXT, LATER):
        edition = nightly.run(day)
        item = edition.items[0]
        assert (item.status, item.stale_since, item.made) == ("failed", "2025-10-29", "2025-10-28")
        assert item.pages[0] == "one/last-good/report.html"
        assert "Stale since 29 October 2025." in (edition.folder / item.pages[0]).read_text()
        assert "stale since 29 October 2025" in (edition.folder / "index.html").read_text()
        assert json.loads((edition.folder / "one" / "run.json").read_text())["status"] == "failed"
        assert "one-share" in (edition.folder / "registry.jsonl").read_text()
    assert "Stale" not in (first.folder / "one" / "report.html").read_text()


def test_after_a_death_only_what_was_interrupted_is_run_again(project, press, monkeypatch):
    clean = prints(nightly.run(DAY).folder)
    for path in (project / "reports").glob("2025*"):
        path.rename(project / "kept")
    (project / "reports" / ".store").rename(project / "store")
    press.ran.clear()
    publish = finished.FinishedStore.put
    monkeypatch.setattr(finished.FinishedStore, "put", lambda store, key, made: publish(store, key, made) and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        nightly.run(DAY, nightly.RunOptions(jobs=1))
    monkeypatch.setattr(finished.FinishedStore, "put", publish)
    assert prints(nightly.run(DAY, nightly.RunOptions(jobs=1)).folder) == clean
    assert sorted(press.ran) == ["one", "two"]


def test_a_damaged_report_in_the_store_is_made_again(project, press):
    first = nightly.run(DAY)
    clean = prints(first.folder)
    (project / "seeds").mkdir()
    (project / "seeds" / "a.toml").write_text("")  # another input: another edition of the same day
    [kept] = [
        path
        for path in (project / "reports" / ".store").iterdir()
        if path.is_dir() and "two" in str(json.loads((path / "run.json").read_text()))
    ]
    (kept / "report.html").unlink()
    (kept / "report.html").write_text("rot")
    press.ran.clear()
    second = nightly.run(DAY)
    assert press.ran == ["two"]
    assert prints(second.folder)["two/report.html"] == clean["two/report.html"]


def test_only_tagged_reports_are_run_and_the_latest_edition_stays(project, press):
    text = (project / "notebooks" / "nightly.toml").read_text()
    (project / "notebooks" / "nightly.toml").write_text(text + 'tags = ["quick"]\n')
    whole = nightly.run(DAY)
    part = nightly.run(DAY, nightly.RunOptions(tags=("quick",)))
    assert [item.name for item in part.items] == ["two"]
    assert (project / "reports" / "latest").resolve() == whole.folder
    assert sorted(press.ran) == ["one", "two"]


def prints(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
