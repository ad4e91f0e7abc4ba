"""Editions that are there can be listed, compared, verified and pruned."""

import json
import os
import shutil
import sys
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from toolkit import nightly
from toolkit.cli import main

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
    assert [line.split() for line in invoke("edition", "list").output.splitlines()] == [
        ["edition", "items", "failed", "moved", "to", "change"],
        [three[0].name, "2", "0", "0", "0"],
        [three[1].name, "2", "0", "1", "0"],
        [three[2].name, "2", "0", "0", "0", "latest"],
    ]
    shown = invoke("edition", "show", "2025-10-29").output.splitlines()
    assert [line.split(maxsplit=3) for line in shown[1:3]] == [
        ["ok", "one", "2025-10-29", "notebook changed"],
        ["ok", "two", "2025-10-28", "unchanged since 2025-10-28"],
    ]
    assert shown[4].strip() == "one-share: 5 % → 6 %, +1 percentage point; new code: notebooks/one.ipynb"
    assert json.loads(invoke("edition", "show", "latest", "--json").output)[0]["made"] == "2025-10-29"
    unknown = invoke("edition", "show", "2025-10")
    assert unknown.exit_code == 2
    assert "3 editions are called '2025-10'" in unknown.output


@pytest.mark.usefixtures("project")
def test_without_an_edition_the_commands_say_so():
    assert invoke("edition", "list").output == "No edition yet: toolkit nightly makes one\n"
    for words in (["show", "latest"], ["verify", "2025"], ["diff", "latest", "latest"]):
        done = invoke("edition", *words)
        assert (done.exit_code, "there is no edition here yet" in done.output) == (2, True)
    assert invoke("edition", "prune").output == "0 editions deleted, 0 editions kept\n"


@pytest.mark.usefixtures("three")
def test_two_editions_differ_in_items_and_figures():
    done = invoke("edition", "diff", "2025-10-28", "latest")
    assert done.exit_code == 1
    assert [line.split() for line in done.output.splitlines()] == [
        ["name", "2025-10-28", "2025-10-30"],
        ["item", "one", "ok", "2025-10-28", "ok", "2025-10-29"],
        ["figure", "one-share", "5", "%", "6", "%"],
    ]
    same = invoke("edition", "diff", "2025-10-29", "latest")
    assert (same.exit_code, "the same items and figures" in same.output) == (0, True)


def test_whatever_was_done_to_an_edition_is_found(three):
    assert invoke("edition", "verify", "latest").output == f"{three[-1].name}: as it was published\n"
    folder = three[-1].folder
    (folder / "index.html").write_text("rot")
    (folder / "changes.html").unlink()
    (folder / "extra").touch()
    done = invoke("edition", "verify", "latest")
    assert done.exit_code == 1
    assert done.output.splitlines()[1:4] == ["changes.html: missing", "extra: not listed", "index.html: changed"]


def flip(path):
    """Turn one bit of a file, in a copy of its own."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)


def test_one_flipped_bit_of_any_file_is_found(three):
    folder = three[-1].folder
    assert nightly.verify(folder) == []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size):
        before = path.read_bytes()
        flip(path)
        assert nightly.verify(folder), path
        path.write_bytes(before)
    assert nightly.verify(folder) == []


def test_an_edition_under_another_name_or_with_other_hashes_in_its_crate_is_found(three):
    folder = three[-1].folder
    renamed = folder.with_name("2025-10-30-000000000000")
    folder.rename(renamed)
    assert nightly.verify(renamed) == [f"edition.json: its inputs are not those that {renamed.name} is named by"]
    crate = renamed / "ro-crate-metadata.json"
    sha = json.loads((renamed / "edition.json").read_text())["files"]["index.html"]
    crate.write_text(crate.read_text().replace(sha, "0" * 64))
    assert "index.html: ro-crate-metadata.json gives another hash" in nightly.verify(renamed)


def test_a_damaged_edition_is_listed_with_what_is_wrong_and_hides_no_other(three):
    (three[1].folder / "edition.json").unlink()
    (three[0].folder / "edition.json").write_text("{")
    listed = invoke("edition", "list").output.splitlines()
    assert listed[1].endswith(
        "edition.json: not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"
    )
    assert listed[2].endswith(f"{three[1].name}/edition.json cannot be read: No such file or directory")
    assert listed[3].endswith("latest")
    for words in (["show", three[1].name], ["diff", three[1].name, "latest"]):
        done = invoke("edition", *words)
        assert (done.exit_code, "cannot be read" in done.output) == (2, True)
    assert invoke("edition", "verify", three[1].name).exit_code == 1


def test_a_report_that_rotted_is_run_again_and_not_handed_on(three, press):
    flip(three[-1].folder / "two" / "report.html")
    shutil.rmtree(three[-1].folder / "one")
    press.ran.clear()
    edition = nightly.run(DAY + timedelta(3))
    assert sorted(press.ran) == ["one", "two"]
    assert {item.why for item in edition.items} == {"its files are not what was published"}
    assert nightly.verify(edition.folder) == []


def test_pruning_keeps_what_the_latest_edition_is_made_from(three, press):
    press.ran.clear()
    said = invoke("edition", "prune", "--keep", "1").output.splitlines()
    assert said == [f"{three[0].name}: deleted", "1 edition deleted, 2 editions kept"]
    assert nightly.names() == [three[1].name, three[2].name]
    assert nightly.verify(three[2].folder) == nightly.verify(three[1].folder) == []
    assert nightly.run(DAY + timedelta(2)).unchanged
    assert nightly.run(DAY + timedelta(3)).previous == three[2].name
    assert press.ran == []


def test_the_summary_goes_to_the_command_that_notifies(project, press):
    command = f"{sys.executable} -c \"import sys; open('told', 'w').write(sys.stdin.read())\""
    assert invoke("nightly", "--date", DAY, "--sample", "0", "--notify", command).exit_code == 0
    assert (project / "told").read_text().splitlines()[0].endswith(": all well")
    wrong = invoke("nightly", "--date", DAY, "--notify", "no-such-command")
    assert wrong.exit_code == 0
    assert "no-such-command" in wrong.output
    assert os.path.exists(project / "reports" / "latest")  # noqa: PTH110 - a link counts
    assert press.ran
