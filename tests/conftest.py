"""A small project of a test's own, and notebooks made on the spot."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

from toolkit import files, registry, report

# one machine's luck must not decide whether a change lands; on a desk every run tries new examples
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


MATRIX = """
[[report]]
notebook = "notebooks/one.ipynb"
parameters = { x = 2 }
[[report]]
notebook = "notebooks/two.ipynb"
"""


def cell(kind, source, number, tags=()):
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": f"cell-{number:02}", "metadata": {"tags": [*tags]}, "source": source} | code


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return an empty project's folder, which every module then takes for its home."""
    monkeypatch.setenv("TOOLKIT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notebooks").mkdir()
    return tmp_path


@pytest.fixture
def notebook(project):
    """Return a function that writes a notebook: its heading, its parameters, then a cell a source."""

    def write(name, *sources, parameters="", heading="# A title\n\nA question?"):
        cells = [cell("markdown", heading, 0), cell("code", parameters, 1, ["parameters"])]
        cells += [cell("code", source, number) for number, source in enumerate(sources, 2)]
        path = project / "notebooks" / f"{name}.ipynb"
        path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        return path

    return write


class Press:
    """Stands in for `report.run`: notes what ran, publishes what it is told to, fails where it is told to."""

    def __init__(self):
        self.ran, self.figures, self.fails = [], {}, {}

    def run(self, notebook, values, folder, *, edition_date, limits, server=None):  # noqa: ARG002 - the signature of report.run
        name = Path(notebook).stem
        self.ran.append(name)
        folder.mkdir()
        if name in self.fails:
            raise self.fails[name]
        found = [
            registry.computed(key, v, "%", about=key, expression="a", inputs=[]) for key, v in self.figures.items()
        ]
        run = {"notebook": str(notebook), "parameters": dict(values), "run": "1"}
        found = [replace(each, source=each.source | run) for each in found if each.key.startswith(name)]
        files.write(folder / "figures.jsonl", registry.dumps(found))
        files.write(folder / "report.html", f"{values} {edition_date}")
        record = {"title": f"Report {name}", "question": "", "finding": "", "status": "ok", "error": "", "id": "1"}
        made = report.inputs(notebook, values, needs=limits.needs) | {"edition_date": edition_date.isoformat()}
        data = os.environ["TOOLKIT_HOME"] + "/data/x.csv"
        made["files"] = {"data/x.csv": files.sha256(Path(data))} if name == "one" and Path(data).exists() else {}
        record |= {"figures": [each.key for each in found], "inputs": made}
        cells = [cell("markdown", [f"# Report {name}\n", "\n", "Why?"], 0), cell("code", ["1\n", "2"], 1)]
        report.write_json(folder / "report.ipynb", {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        report.write_json(folder / "run.json", record)
        return report.Run(folder, record)


@pytest.fixture
def press(project, notebook, monkeypatch):
    notebook("one", parameters="x: int = 1")
    notebook("two")
    (project / "notebooks" / "nightly.toml").write_text(MATRIX)
    press = Press()
    monkeypatch.setattr(report, "run", press.run)
    return press
