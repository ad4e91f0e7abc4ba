"""Editions that are there can be listed, compared, verified and pruned."""

import json
import os
import sys
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from toolkit import nightly
from toolkit.__main__ import main

DAY = date(2025, 10, 28)


def invoke(*words):
    return CliRunner().invoke(main, [*map(str, words)])


@pytest.fixture
def three(project, press):
    press.figures = {"one-share": 5}
    made = [nightly.run(DAY)]
    press.figures = {"one-share": 6}
    path = project / "notebooks" / "one.ipynb"
    path.write_text(path.read_text().replace("A question?", "Another?"))
    return [*made, *(nightly.run(DAY + timedelta(days)) for days in (1, 2))]


def test_editions_are_listed_and_shown_by_the_beginning_of_their_name(three):
    assert invoke("edition", "list").output.splitlines()[0] == f"{three[0].name}     2 items    0 failed"
    shown = invoke("edition", "show", "2025-10-29").output.splitlines()
    assert shown == [
        "ok       one  2025-10-29  notebook changed",
        "ok       two  2025-10-28  unchanged since 2025-10-28",
    ]
    assert json.loads(invoke("edition", "show", "latest", "--json").output)[0]["made"] == "2025-10-29"
    unknown = invoke("edition", "show", "2025-10")
    assert unknown.exit_code == 2
    assert "3 editions are called '2025-10'" in unknown.output


@pytest.mark.usefixtures("three")
def test_two_editions_differ_in_items_and_figures():
    done = invoke("edition", "diff", "2025-10-28", "latest")
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "item    one  ok 2025-10-28 -> ok 2025-10-29",
        "figure  one-share  5 % -> 6 %",
    ]
    assert invoke("edition", "diff", "2025-10-29", "latest").exit_code == 0


def test_whatever_was_done_to_an_edition_is_found(three):
    assert invoke("edition", "verify", "latest").output == f"{three[-1].name}: as it was published\n"
    folder = three[-1].folder
    (folder / "index.html").write_text("rot")
    (folder / "changes.html").unlink()
    (folder / "extra").touch()
    done = invoke("edition", "verify", "latest")
    assert done.exit_code == 1
    assert done.output.splitlines()[:3] == ["changes.html: missing", "extra: not listed", "index.html: changed"]


def test_pruning_keeps_the_last_ones_and_what_they_share(three):
    assert invoke("edition", "prune", "--keep", "1").output.splitlines() == [f"{e.name}: deleted" for e in three[:2]]
    assert [each.name for each in nightly.editions()] == [three[-1].name]
    assert nightly.verify(nightly.find("latest")) == []


def test_the_summary_goes_to_the_command_that_notifies(project, press):
    command = f"{sys.executable} -c \"import sys; open('told', 'w').write(sys.stdin.read())\""
    assert invoke("nightly", "--date", DAY, "--sample", "0", "--notify", command).exit_code == 0
    assert (project / "told").read_text().splitlines()[0].endswith(": all well")
    wrong = invoke("nightly", "--date", DAY, "--notify", "no-such-command")
    assert wrong.exit_code == 0
    assert "no-such-command" in wrong.output
    assert os.path.exists(project / "reports" / "latest")  # noqa: PTH110 - a link counts
    assert press.ran
