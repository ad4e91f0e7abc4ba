import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from toolkit import __version__, figures, nightly, report
from toolkit.cli import main
from toolkit.errors import ToolkitError
from toolkit.store import datasets, verify

ROOT = Path(__file__).parents[2]
HEAVY = {"pandas", "numpy", "matplotlib", "papermill", "nbformat", "rich", "jinja2", "markdown_it", "nh3", "pypandoc"}
EDITION = nightly.Edition("2025-10-28-000000000000", Path("reports/2025-10-28-000000000000"), ())


def invoke(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def commands(group, words=()):
    for name in group.list_commands(None):
        command = group.commands[name]
        if isinstance(command, click.Group) and not command.commands:
            continue  # `data fetch` makes a command for each service when it is asked for one
        yield (*words, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))


@pytest.mark.parametrize("words", [[], *([*words] for words, _ in commands(main))], ids=" ".join)
def test_help_imports_nothing_heavy(words):
    code = (
        "import sys; from toolkit.__main__ import main\n"
        "try: main(sys.argv[1:])\nfinally: print(sorted(set(sys.modules) & set(sys.stdin.read().split())))"
    )
    command = [sys.executable, "-c", code, *words, "--help"]
    done = subprocess.run(command, input=" ".join(HEAVY), capture_output=True, text=True, check=True)
    assert "Usage: " in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("words", [words for words, _ in commands(main)], ids=" ".join)
def test_help_teaches_with_an_example(words):
    found = dict(commands(main))[words]
    shown = invoke(*words, "--help").output
    assert len(found.help) > 20
    if not isinstance(found, click.Group):
        assert f"Example:\n    toolkit {' '.join(words)}" in shown


def test_version_is_the_packages():
    assert invoke("--version").output == f"toolkit, version {__version__}\n"


@pytest.mark.slow
def test_a_users_mistake_is_one_paragraph_exit_code_2_and_no_traceback(project):
    (project / "empty.txt").touch()
    command = [sys.executable, "-m", "toolkit", "figures", "empty.txt"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: empty.txt")
    assert "\n  -> " in done.stderr
    assert "Traceback" not in done.stderr


MISTAKES = {
    "no article": ("figures gone.txt", "gone.txt"),
    "binary article": ("figures binary.txt", "binary.txt"),
    "no notebook": ("report gone.ipynb", "gone.ipynb"),
    "no JSON": ("report binary.txt", "binary.txt"),
    "unknown parameter": ("report notebooks/n.ipynb -p frist_year=2019", "Did you mean 'first_year'?"),
    "wrong type": ("report notebooks/n.ipynb -p first_year=0101", "'first_year' is int"),
    "no value": ("report notebooks/n.ipynb -p first_year", "Write -p name=value"),
    "value twice": ("report notebooks/n.ipynb -p first_year=1 -p first_year=2", "given twice"),
    "no matrix": ("nightly --date 2025-10-28", "notebooks/nightly.toml"),
    "no brief": ("brief check gone.md", "gone.md"),
    "no data": ("data list", "TOOLKIT_HOME"),
    "no data to verify": ("data verify", "TOOLKIT_HOME"),
    "no notebook to tidy": ("tidy gone.ipynb", "gone.ipynb"),
}


@pytest.mark.parametrize(("line", "says"), MISTAKES.values(), ids=MISTAKES)
def test_every_mistake_names_itself_and_the_remedy(project, notebook, line, says):
    notebook("n", parameters="first_year: int = 2019  # first year")
    (project / "binary.txt").write_bytes(b"\x00\x01\xff\xfe")
    (project / "data").mkdir()
    (project / "data" / "registry.jsonl").touch()
    done = invoke(*line.split())
    assert done.exit_code == 2
    assert done.output.startswith("Error: ")
    assert says in done.output
    assert "\n  -> " in done.output
    assert not (project / "reports" / "drafts").exists()


@pytest.mark.parametrize(
    "line", ["nightly --date 28.10.2025", "nightly --datum 1", "report", "brief build x.md --to odt"]
)
def test_a_command_written_wrong_is_explained(line):
    done = invoke(*line.split())
    assert done.exit_code == 2
    assert "Usage: toolkit" in done.output


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(datasets, "describe", lambda: 1 / 0)
    assert isinstance(invoke("data", "list").exception, ZeroDivisionError)


def test_figures_are_listed_for_readers_and_for_programs():
    seed = ROOT / "seeds" / "us-japan-deal.txt"
    shown = invoke("figures", seed).output
    assert "commit to a [roughly US$ 550-billion] investment package" in shown
    assert shown.splitlines()[-1] == "3 figures; 0 left as unclear"
    assert invoke("figures", seed, "--csv").output.startswith("quote,value,low,high,hedge,unit,")
    listed = json.loads(invoke("figures", seed, "--json").output)
    assert [row["quote"] for row in listed] == [figure.quote for figure in figures.extract(seed.read_text())]


def test_a_folder_of_articles_is_read_into_a_file(tmp_path):
    (tmp_path / "one.txt").write_text("Exports rose 5 % in May.")
    out = tmp_path / "figures.jsonl"
    assert "remedy" not in invoke("figures", tmp_path, "--out", out).output
    assert json.loads(out.read_text())["figures"][0]["quote"] == "5 %"
    assert "--out figures.jsonl" in invoke("figures", tmp_path).output


def test_an_address_that_is_not_public_is_refused():
    answer = invoke("figures", "http://127.0.0.1/story")
    assert answer.exit_code == 2
    assert "not a public address" in answer.output


def test_report_hands_over_the_values_and_the_date(project, notebook, monkeypatch):
    seen = {}

    def run(path, values, folder, *, edition_date):
        seen.update(path=path, values=values, folder=folder, date=edition_date.isoformat())
        return report.Run(folder, {"figures": ["a"]})

    monkeypatch.setattr(report, "run", run)
    path = notebook("bilateral_trade")
    done = invoke("report", "notebooks/bilateral_trade.ipynb", "-p", "a=b=c", "-p", "empty=", "--date", "2025-10-28")
    folder = project / "reports" / "drafts" / "bilateral-trade"
    assert seen == {"path": path, "values": {"a": "b=c", "empty": ""}, "folder": folder, "date": "2025-10-28"}
    assert done.output == f"{folder / 'report.html'}: 1 figures\n"


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("offered", 0), ("failed", 3)])
def test_nightly_ends_with_3_where_a_report_failed(monkeypatch, status, code):
    item = nightly.Item("report", "one", "One", status, note="why")
    made = nightly.Edition(EDITION.name, EDITION.folder, (item,))
    monkeypatch.setattr(nightly, "run", lambda *_, **__: made)
    done = invoke("nightly", "--date", "2025-10-28")
    assert done.exit_code == code
    assert ("why" in done.output) == (status != "ok")
    assert EDITION.name in done.output
    assert json.loads(invoke("nightly", "--json", "--date", "2025-10-28").stdout)["items"][0]["status"] == status


def test_nightly_shows_plain_lines_where_there_is_no_terminal(monkeypatch):
    def run(*_, progress, **__):
        progress(nightly.Step(0, 2, "one", "runs"))
        progress(nightly.Step(1, 2, "one", "ok", 1.25))
        return EDITION

    monkeypatch.setattr(nightly, "run", run)
    done = invoke("nightly", "--date", "2025-10-28")
    assert done.stderr == "[1/2] one ok in 1.2 s\n"


def test_a_held_lock_is_a_mistake_of_the_second(monkeypatch):
    def run(*_, **__):
        raise ToolkitError("reports is in use by process 7", remedy="Wait")

    monkeypatch.setattr(nightly, "run", run)
    done = invoke("nightly", "--date", "2025-10-28")
    assert (done.exit_code, done.output) == (2, "Error: reports is in use by process 7\n  -> Wait\n")


def test_brief_check_ends_with_1_where_a_number_is_uncited(project):
    (project / "data").mkdir()
    (project / "data" / "registry.jsonl").touch()
    (project / "b.md").write_text("---\ntitle: T\ndate: 2025-10-28\n---\n\nImports rose by 7 %.\n")
    done = invoke("brief", "check", "b.md")
    assert done.exit_code == 1
    assert "7 %" in done.output
    assert json.loads(invoke("brief", "check", "b.md", "--json").stdout)[0]["verdict"] == "uncited"


def test_brief_build_writes_the_formats_asked_for(project):
    (project / "data").mkdir()
    (project / "data" / "registry.jsonl").touch()
    (project / "b.md").write_text("---\ntitle: T\ndate: 2025-10-28\n---\n\nTrade fell.\n")
    done = invoke("brief", "build", "b.md", "--to", "html", "--out", "out")
    assert done.exit_code == 0, done.output
    assert done.output == f"{Path('out') / 'b.html'}\n"
    assert (project / "out" / "b.html").is_file()


def test_data_is_listed_and_verified(monkeypatch):
    monkeypatch.setenv("TOOLKIT_HOME", str(ROOT))
    assert "us_japan_goods_monthly" in invoke("data", "list").output
    assert {"name", "rows"} <= json.loads(invoke("data", "list", "--json").output)[0].keys()
    monkeypatch.setattr(
        verify, "verify", lambda: [datasets.Check("gdp", "file"), datasets.Check("gdp", "key", "twice")]
    )
    done = invoke("data", "verify")
    assert done.exit_code == 1
    assert "gdp" in done.output
    assert "2 checks: 1 ok, 1 not" in done.output


def test_tidy_says_what_it_changed(notebook):
    before = notebook("n").read_bytes()
    checked = invoke("tidy", "--check", "notebooks/n.ipynb")
    assert (checked.exit_code, checked.output) == (1, "notebooks/n.ipynb: not canonical\n")
    assert Path("notebooks/n.ipynb").read_bytes() == before
    assert invoke("tidy", "notebooks/n.ipynb").output == "notebooks/n.ipynb: made canonical\n"
    assert invoke("tidy", "--check", "notebooks/n.ipynb").output == ""


def test_every_notebook_of_the_project_is_canonical_and_the_matrix_fits(monkeypatch):
    monkeypatch.setenv("TOOLKIT_HOME", str(ROOT))
    assert nightly.matrix().reports
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert not report.tidy(path, check=True), f"run toolkit tidy {path.name}"


FORMER = {
    "nightly --cold": {"fresh_kernels": True},
    "nightly --sample 3": {"recheck": 3},
    "registry add --from": {"exported": Path("x")},
    "registry add --to": {"file": Path("x")},
}


@pytest.mark.parametrize("line", FORMER)
def test_the_former_name_of_an_option_still_works_and_is_not_shown(line):
    words = line.split()
    group, names = main, [word for word in words if not word.startswith("--") and not word.isdigit()]
    for name in names:
        group = group.commands[name]
    given = [word for word in words if word not in names] + (["x"] if names[0] == "registry" else [])
    assert FORMER[line].items() <= group.make_context(names[-1], [*given]).params.items()
    assert f"{given[0]} " not in invoke(*names, "--help").output


@pytest.mark.parametrize(("former", "name"), [("log", "history"), ("anchors", "recheck")])
def test_the_former_name_of_a_command_still_works_and_is_not_shown(former, name):
    registry = main.commands["registry"]
    assert registry.get_command(None, former) is registry.commands[name]
    assert former not in registry.list_commands(None)
