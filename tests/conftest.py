"""A small project of a test's own, and notebooks made on the spot."""

import json
import os

import pytest
from hypothesis import settings

# one machine's luck must not decide whether a change lands; on a desk every run tries new examples
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def cell(kind, source, number, tags=()):
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": f"cell-{number:02}", "metadata": {"tags": [*tags]}, "source": source} | code


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Give an empty project's folder, which every module then takes for its home."""
    monkeypatch.setenv("TOOLKIT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notebooks").mkdir()
    return tmp_path


@pytest.fixture
def notebook(project):
    """Give a function that writes a notebook: its heading, its parameters, then a cell a source."""

    def write(name, *sources, parameters="", heading="# A title\n\nA question?"):
        cells = [cell("markdown", heading, 0), cell("code", parameters, 1, ["parameters"])]
        cells += [cell("code", source, number) for number, source in enumerate(sources, 2)]
        path = project / "notebooks" / f"{name}.ipynb"
        path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        return path

    return write
