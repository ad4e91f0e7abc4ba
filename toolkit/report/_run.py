"""One report: a notebook and its values in; page, executed notebook, figures and run record out."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import toolkit
from toolkit.datasets import home
from toolkit.errors import ReportFailed, ToolkitError
from toolkit.report._execute import INPUTS, execute, failure
from toolkit.report._notebook import Notebook, dumps, load, settled, write, write_json
from toolkit.report._page import finding, heading, page
from toolkit.report._parameters import parameters, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGE = Path(toolkit.__file__).parent


@dataclass(frozen=True, slots=True)
class Run:
    """A report that ran to its end.

    Attributes
    ----------
    folder : Path
        Holds ``report.html``, ``report.ipynb``, ``figures.jsonl`` and ``run.json``.
    record : dict
        What ``run.json`` holds: id, title, question, finding, keys of the figures, inputs with hashes.
    """

    folder: Path
    record: dict[str, Any]


def run(
    notebook: str | Path,
    values: Mapping[str, object],
    folder: str | Path,
    *,
    edition_date: date,
    timeout_s: float = 600,
) -> Run:
    """Run `notebook` with `values` for its parameters, and write the report into `folder`.

    Parameters
    ----------
    notebook : path
        Counted from the project's home.
    values : mapping
        From parameter name to value; see `parse` for what fits.
    folder : path
        Made if absent. It holds one run: the files of an earlier one are replaced.
    edition_date : date
        Stands in the report; nothing inside reads the clock.
    timeout_s : float
        Most seconds that one cell may take.

    Raises
    ------
    SchemaError
        Before anything runs, if the notebook or a value is not in order.
    ReportFailed
        If a cell raised, left early, took too long, or the kernel died. The folder
        then holds the page as far as it came, and a ``run.json`` that says why.
    """
    path, folder = (home() / notebook).resolve(), Path(folder)
    name = path.relative_to(home().resolve()).as_posix() if path.is_relative_to(home().resolve()) else path.name
    given, source = parse(path, values), load(path)
    record = _record(name, path, given, edition_date)
    done = execute(source, given, name=name, edition_date=edition_date, timeout_s=timeout_s)
    shown = settled({"cells": [cell for cell in done["cells"] if cell["id"] != "inputs-read"]})
    record["title"], record["question"], record["finding"] = *heading(source), finding(shown)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _expect_whole(name, source, done)
        figures = _harvest(shown, done, record)
    except ToolkitError as error:
        _publish(folder, shown, record | {"status": "failed", "error": f"{error.problem}\n→ {error.remedy}"}, "")
        raise
    _publish(folder, shown, record, figures)
    return Run(folder, record)


def show_inputs() -> None:
    """Tell the press, in an output of its own kind, what this kernel has read: the last cell of every run."""
    from IPython.display import display

    from toolkit import article, datasets

    hashes = {name: datasets.resources()[name].sha256 for name in datasets.opened()}
    display({INPUTS: {"datasets": hashes, "articles": article.opened()}}, raw=True)  # type: ignore[no-untyped-call]


@cache
def source_hash() -> str:
    """Give the sha256 over the toolkit's own code and templates."""
    whole = hashlib.sha256()
    for path in sorted(path for kind in ("*.py", "templates/*.*") for path in PACKAGE.rglob(kind)):
        whole.update(f"{path.relative_to(PACKAGE).as_posix()} {file_hash(path)}\n".encode())
    return whole.hexdigest()


def file_hash(path: Path) -> str:
    """Give the sha256 of the bytes of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def plain(value: Any) -> Any:
    """Give a parameter's value as JSON can hold it.

    >>> plain([date(2025, 10, 28), "0101"])
    ['2025-10-28', '0101']
    """
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def _record(name: str, path: Path, given: dict[str, Any], edition_date: date) -> dict[str, Any]:
    values = {parameter.name: parameter.default for parameter in parameters(path)} | given
    inputs = {
        "notebook": {"path": name, "sha256": file_hash(path)},
        "parameters": {parameter: plain(value) for parameter, value in values.items()},
        "toolkit": {"version": toolkit.__version__, "sha256": source_hash()},
        "python": ".".join(map(str, sys.version_info[:3])),
        "edition_date": edition_date.isoformat(),
        "datasets": {},
        "articles": [],
    }
    return {"status": "ok", "inputs": inputs, "figures": [], "error": "", "id": ""}


def _expect_whole(name: str, source: Notebook, done: Notebook) -> None:
    """Raise ReportFailed unless every cell ran to its end."""
    if (broken := failure(done)) is None:
        return
    number, reason = broken
    lines = [*source["cells"], {"source": "what was read"}][number - 1]["source"].strip().splitlines()
    raise ReportFailed(
        f"{name}, cell {number} ({lines[0][:60]}) {reason}",
        remedy="Open the notebook in JupyterLab with these parameters, mend the cell, and run it again",
    )


def _harvest(shown: Notebook, done: Notebook, record: dict[str, Any]) -> str:
    """Complete `record` by what the kernel read and published; give the figures as JSON Lines."""
    from toolkit import registry

    outputs = (output.get("data", {}) for cell in done["cells"] for output in cell.get("outputs", []))
    inputs = record["inputs"] = record["inputs"] | next(forms[INPUTS] for forms in outputs if INPUTS in forms)
    record["id"] = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:12]
    of = {"notebook": inputs["notebook"]["path"], "parameters": inputs["parameters"], "run_id": record["id"]}
    found = registry.harvest(shown, **of)
    record["figures"] = [each.key for each in found]
    return registry.dumps(found)


def _publish(folder: Path, shown: Notebook, record: dict[str, Any], figures: str) -> None:
    html, notebook = page(shown, record), dumps(shown)  # both made before anything is written
    write(folder / "figures.jsonl", figures)
    write(folder / "report.html", html)
    write(folder / "report.ipynb", notebook)
    write_json(folder / "run.json", record)
