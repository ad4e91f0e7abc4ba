"""An edition tells which figures moved, why, and which sentence of a brief to change."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from toolkit import nightly, registry, report
from toolkit.errors import ReportFailed
from toolkit.nightly import revisions
from toolkit.report.html import finding

DAY = date(2025, 10, 28)
ROOT = Path(__file__).parents[2]
BRIEF = """---
title: Shares
date: 2025-10-28
---

# What we found

First, the share was [{share}]{{fig=one-share}} of the market. Next year it may be []{{fig=one-share as=short}}; or not.
Nothing else is said here.
"""


def write_brief(project, text):
    (project / "briefs").mkdir(exist_ok=True)
    (project / "briefs" / "shares.md").write_text(text)


def nights(project, press, *shares, tables=""):
    """Make an edition a day, in each of which ``one-share`` is another."""
    path = project / "notebooks" / "nightly.toml"
    if "briefs" not in path.read_text():
        path.write_text('briefs = ["briefs/*.md"]\n' + path.read_text() + tables)
    for number, share in enumerate(shares):
        press.figures = {"one-share": share} if share is not None else {}
        notebook = project / "notebooks" / "one.ipynb"
        notebook.write_text(re.sub(r"A question\?!*", "A question?" + "!" * number, notebook.read_text()))
        yield nightly.run(DAY + timedelta(number))


def test_a_moved_figure_names_the_sentence_with_the_old_number_and_the_new(project, press):
    write_brief(project, BRIEF.format(share="5 %"))
    _, second = nights(project, press, 5, 6)
    change, filled = second.sentences
    assert (change.state, change.old, change.new, change.line) == ("change", "5 %", "6 %", 8)
    assert f"{change.before}{change.old}{change.after}" == "First, the share was 5 % of the market."
    assert (filled.state, filled.old, filled.new) == ("filled", "5 %", "6 %")
    assert f"{filled.before}{filled.new}{filled.after}" == "Next year it may be 6 %; or not."
    assert [each.state for each in second.to_change] == ["change"]
    page = (second.folder / "changes.html").read_text()
    assert "First, the share was <del>5 %</del> <ins>6 %</ins> of the market." in page
    assert "Next year it may be <del>5 %</del> <ins>6 %</ins>; or not." in page
    assert 'href="briefs/shares.html"' in page
    assert '<a href="changes.html">1 sentence to change</a>' in (second.folder / "index.html").read_text()


def test_a_sentence_is_named_every_night_until_it_is_changed(project, press):
    write_brief(project, BRIEF.format(share="5 %"))
    *_, last = nights(project, press, 5, 6, 6, 7, 7)
    assert [(each.state, each.old, each.new) for each in last.to_change] == [("change", "5 %", "7 %")]
    write_brief(project, BRIEF.format(share="7 %"))
    mended = nightly.run(DAY + timedelta(9))
    assert mended.to_change == mended.failed == []


def test_the_words_of_another_number_or_none_are_left_to_the_author(project, press):
    write_brief(project, BRIEF.format(share="about a twentieth") + "\nThe share is 5 % in all.\n")
    _, second = nights(project, press, 5, 40)
    found = {each.line: each for each in second.to_change}
    assert found[11].state == "look"
    assert found[11].old == "5 %"
    assert "no key" in found[11].note


def test_a_sentence_whose_digits_still_hold_is_listed_and_is_no_task(project, press):
    write_brief(project, BRIEF.format(share="about 5 %"))
    _, second = nights(project, press, "5.0", "5.01")
    assert second.moves
    assert "holds" in {each.state for each in second.sentences}
    assert second.to_change == []


def test_a_figure_that_is_gone_leaves_its_sentence_to_change(project, press):
    write_brief(project, BRIEF.format(share="5 %"))
    _, second = nights(project, press, 5, None)
    assert {each.state for each in second.sentences} == {"gone"}
    assert second.moves[0].why[0] == "the report one no longer publishes it"


def test_a_sentence_that_stands_on_a_failing_report_is_told(project, press):
    write_brief(project, BRIEF.format(share="5 %"))
    list(nights(project, press, 5))
    press.fails["one"] = ReportFailed("one broke", remedy="Mend it")
    notebook = project / "notebooks" / "one.ipynb"
    notebook.write_text(notebook.read_text().replace("A question?", "Another?"))
    edition = nightly.run(DAY + timedelta(1))
    assert {each.state for each in edition.sentences} == {"aged"}
    assert "failed since 2025-10-29" in edition.sentences[0].note
    assert edition.moves == ()
    assert "Numbers from reports that failed" in (edition.folder / "changes.html").read_text()


def test_a_figure_that_went_back_is_not_taken_for_what_it_was_before(project, press):
    write_brief(project, BRIEF.format(share="5 %"))
    *_, last = nights(project, press, 5, 6, 5, 7)
    assert [(each.old, each.new) for each in last.to_change] == [("5 %", "7 %")]
    assert "revised from 5 % to 7 %" in last.to_change[0].note
    records = registry.load(last.folder / "registry.jsonl", earlier=[last.folder / "history.jsonl"])
    assert [str(each) for each in records.history("one-share")] == ["5 %", "6 %"]


def parameters(project):
    path = project / "notebooks" / "nightly.toml"
    path.write_text(path.read_text().replace("x = 2", "x = 3"))


def code(project):
    path = project / "notebooks" / "one.ipynb"
    path.write_text(path.read_text().replace("A question?", "Another?"))


def lock(project):
    (project / "requirements.lock").write_text("a==2\n")


def data(project):
    (project / "data" / "x.csv").write_text("a\n2\n")


CAUSES = {
    "parameters": (parameters, ["parameters: x 2 → 3"]),
    "code": (code, ["new code: notebooks/one.ipynb"]),
    "lock": (lock, ["other libraries: requirements.lock"]),
    "data": (data, ["new data: data/x.csv"]),
}


@pytest.mark.parametrize(("change", "why"), CAUSES.values(), ids=CAUSES)
def test_what_went_in_anew_is_why_a_figure_moved(project, press, change, why):
    (project / "data").mkdir()
    (project / "data" / "x.csv").write_text("a\n1\n")
    press.figures = {"one-share": 5}
    nightly.run(DAY)
    press.figures = {"one-share": 6}
    change(project)
    assert [list(move.why) for move in nightly.run(DAY + timedelta(1)).moves] == [why]


def test_a_new_toolkit_is_why_and_a_forced_run_without_a_cause_says_so(press, monkeypatch):
    press.figures = {"one-share": 5}
    nightly.run(DAY)
    press.figures = {"one-share": 6}
    forced = nightly.run(DAY + timedelta(1), nightly.RunOptions(force=True))
    assert forced.moves[0].why == ("no input changed: the result differs from run to run",)
    press.figures = {"one-share": 7}
    monkeypatch.setattr(report, "source_hash", lambda: "f" * 64)
    monkeypatch.setattr(report.runner, "source_hash", lambda: "f" * 64)
    assert re.fullmatch(r"new code: the toolkit, \w{8} → ffffffff", nightly.run(DAY + timedelta(2)).moves[0].why[0])


def cell(vintage, value, **more):
    source = {"type": "dataset", "dataset": "gdp", "vintage": vintage, "sha256": "0", "row": {}, "column": "value"}
    quantity = registry.computed("k", value, "USD", about="GDP", expression="a", inputs=["a"]).quantity
    return registry.Record("jp-gdp", quantity, "GDP of Japan", source, precision=9, **more)


def test_a_new_vintage_and_changed_bytes_of_the_same_vintage_are_told_apart():
    old, new = cell("2025", 10**12), cell("2026", 2 * 10**12)
    told = [revisions._cells(each, {}) for each in (old, new, old)]
    runs = [{"datasets": {"gdp": sha * 8}} for sha in "ab"]
    assert revisions._dataset("gdp", *runs, told[0], told[1]) == "gdp, vintage 2025 → 2026"
    assert (
        revisions._dataset("gdp", *runs, told[0], told[2])
        == "gdp, vintage 2025, its bytes changed (aaaaaaaa → bbbbbbbb)"
    )


def test_a_computed_figure_is_followed_to_the_data_behind_its_keys():
    half = registry.computed("half", 1, "USD", about="half", expression="jp-gdp / 2", inputs=["jp-gdp"])
    known = {"jp-gdp": cell("2025", 2), "half": half}
    assert revisions._cells(half, known) == {"gdp": {"2025"}}


def test_the_same_number_of_something_else_is_called_redefined(project):
    (project / "data").mkdir()
    (project / "notebooks" / "nightly.toml").write_text("")
    path = project / "data" / "registry.jsonl"
    path.write_text(registry.dumps([cell("2025", 10**12, period="2024")]))
    nightly.run(DAY)
    path.write_text(registry.dumps([cell("2025", 10**12, period="2025")]))
    move = nightly.run(DAY + timedelta(1)).moves[0]
    assert (move.what, move.why[0]) == ("redefined", "another meaning: period 2024 → 2025")


def test_a_sentence_whose_figure_means_something_else_is_to_be_read_again(project):
    write_brief(project, BRIEF.format(share="5 %"))
    (project / "data").mkdir()
    path = project / "data" / "registry.jsonl"
    (project / "notebooks" / "nightly.toml").write_text('briefs = ["briefs/*.md"]\n')
    for number, about in enumerate(("share of exports", "share of exports of goods")):
        share = registry.computed("one-share", 5, "%", about=about, expression="a", inputs=[])
        path.write_text(registry.dumps([share]))
        edition = nightly.run(DAY + timedelta(number))
    states = {each.old: each.state for each in edition.sentences}
    assert states["5 %"] == "reread"
    assert edition.to_change == []
    assert "now means something else" in (edition.folder / "changes.html").read_text()
    assert "To read again:" in nightly.summary(edition)


def test_quantities_that_cannot_be_compared_have_no_size(project):
    (project / "data").mkdir()
    (project / "notebooks" / "nightly.toml").write_text("")
    path = project / "data" / "registry.jsonl"
    path.write_text(registry.dumps([registry.computed("k", 5, "USD", about="a", expression="a", inputs=["a"])]))
    nightly.run(DAY)
    path.write_text(registry.dumps([registry.computed("k", 6, "JPY", about="a", expression="a", inputs=["a"])]))
    assert nightly.run(DAY + timedelta(1)).moves[0].size.startswith("not comparable: US$5 and ¥6 differ in unit")


def test_the_index_remembers_how_each_report_went(project, press):
    nightly.run(DAY)
    nightly.run(DAY + timedelta(1))
    press.fails["one"] = ReportFailed("one broke", remedy="Mend it")
    code(project)
    edition = nightly.run(DAY + timedelta(2))
    days = [(DAY + timedelta(number)).isoformat() for number in range(3)]
    assert edition.items[0].history == tuple(zip(days, ("made", "kept", "failed"), strict=True))
    index = (edition.folder / "index.html").read_text()
    assert 'aria-label="The last 3 editions: 2025-10-28 new, 2025-10-29 reused, 2025-10-30 failed"' in index
    assert '<a href="#one">' in index.partition('id="search"')[0]
    assert 'id="search" hidden' in index


def test_reports_of_one_grid_stand_below_one_heading_with_their_parameters(project, press):
    (project / "notebooks" / "nightly.toml").write_text(
        '[[report]]\nnotebook = "notebooks/one.ipynb"\ngrid = { x = [1, 2] }\n'
    )
    index = (nightly.run(DAY).folder / "index.html").read_text()
    assert press.ran == ["one", "one"]
    assert index.count("Report one</h3>") == 1
    assert [
        f'one-x-{x}/report.html">x {x}</a>' in index or f'one-{x}/report.html">x {x}</a>' in index for x in (1, 2)
    ] == [True, True]


@pytest.mark.parametrize(
    ("markup", "first"),
    [
        (
            '<div class="answer"><p>Imports were US<span>$</span>5 billion. They fell.</p></div>',
            "Imports were US$5 billion.",
        ),
        ('<figcaption class="finding">It rose &amp; fell</figcaption>', "It rose & fell"),
        ("<p>no answer</p>", ""),
    ],
)
def test_the_finding_is_the_first_sentence_of_the_answer_or_the_first_title(markup, first):
    assert finding({"cells": [{"outputs": [{"data": {"text/html": markup}}]}]}) == first


@pytest.mark.slow
def test_a_new_vintage_of_one_cell_names_the_sentence_in_page_terminal_and_mail(tmp_path):
    for name in ("data", "seeds"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("notebooks", "briefs"):
        (tmp_path / name).mkdir()
    shutil.copy(ROOT / "notebooks" / "bilateral_trade.ipynb", tmp_path / "notebooks")
    (tmp_path / "notebooks" / "nightly.toml").write_text(
        'briefs = ["briefs/*.md"]\n[[report]]\nnotebook = "notebooks/bilateral_trade.ipynb"\n'
    )
    (tmp_path / "briefs" / "imports.md").write_text(
        "---\ntitle: Imports\ndate: 2026-11-22\n---\n\nIn 2025 the United States bought goods for "
        "[US$145.8 billion]{fig=us-imports-jp-2025} from Japan.\n"
    )
    environment = os.environ | {"TOOLKIT_HOME": str(tmp_path)}

    def night(day, *words):
        command = [sys.executable, "-m", "toolkit", "nightly", "--date", day, "--sample", "0", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    first = night("2026-11-22")
    assert first.returncode == 0, first.stdout
    new_vintage(tmp_path)
    tell = f"{sys.executable} -c \"import sys; open('mail', 'w').write(sys.stdin.read())\""
    second = night("2026-11-23", "--notify", tell)
    assert second.returncode == 3
    page = (tmp_path / "reports" / "latest" / "changes.html").read_text()
    assert "bought goods for <del>US$145.8 billion</del> <ins>US$147.9 billion</ins> from Japan." in page
    assert "new data: us_japan_goods_annual, vintage 2026-06-17 → 2026-07-20" in page
    for told in (second.stdout, (tmp_path / "mail").read_text()):
        assert "briefs/imports.md:6: In 2025" in told
        assert "[US$145.8 billion → US$147.9 billion] from Japan." in told
        assert "vintage 2026-06-17 → 2026-07-20" in told
    assert "1 sentence to change" in (tmp_path / "mail").read_text().splitlines()[0]


def new_vintage(home):
    """Append a release to a table in which one cell is another, and declare the table's new bytes."""
    path = home / "data" / "us_japan_goods_annual.csv"
    kinds = tuple(f"us_goods_{flow}_japan,A,{year}" for flow in ("imports_from", "exports_to") for year in (2024, 2025))
    rows = [line for line in path.read_text().splitlines() if line.startswith(kinds) and ",2026-06-17," in line]
    text = "".join(
        row.replace(",2026-06-17,145842,", ",2026-06-17,147912.3,").replace(",2026-06-17,", ",2026-07-20,") + "\n"
        for row in rows
    )
    path.write_text(path.read_text() + text)
    command = [sys.executable, "-c", "from toolkit import datasets; datasets.declare('us_japan_goods_annual')"]
    subprocess.run(command, check=True, env=os.environ | {"TOOLKIT_HOME": str(home)})
