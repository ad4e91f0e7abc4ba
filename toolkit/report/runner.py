"""Run one notebook as a report: write its page, the executed notebook, its figures and its run record."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import toolkit
from toolkit import article, files, registry
from toolkit.errors import ReportFailed, ToolkitError
from toolkit.files import home
from toolkit.report.execute import FREE, INPUTS, Limits, Task, execute, failure
from toolkit.report.html import finding, heading, page
from toolkit.report.notebook import Notebook, dumps, load, without_timings, write_json
from toolkit.report.provenance import (
    lock_hash,
    notebook_hash,
    parameters,
    parse,
    readable,
    source_hash,
    stable_hashes,
)
from toolkit.store import datasets, imported_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.warm import WarmServer


__all__ = ["Run", "inputs", "plain", "run", "show_inputs"]


@dataclass(frozen=True, slots=True)
class Run:
    """A report that ran to its end.

    Attributes
    ----------
    folder : Path
        Contains ``report.html``, ``report.ipynb``, ``figures.jsonl`` and ``run.json``.
    record : dict
        The content of ``run.json``: id, title, question, finding, keys of the figures, inputs with hashes.
    used : dict
        Seconds of processor time and megabytes used, where known.
    """

    folder: Path
    record: dict[str, Any]
    used: dict[str, float] = field(default_factory=dict)


def run(
    notebook: str | Path,
    values: Mapping[str, object],
    folder: str | Path,
    *,
    edition_date: date,
    limits: Limits = FREE,
    server: WarmServer | None = None,
) -> Run:
    """Run `notebook` with parameter `values`, and write the report into `folder`.

    Parameters
    ----------
    notebook : path
        Relative to the project's folder.
    values : mapping
        From parameter name to value; `parse` says what fits.
    folder : path
        Made if missing. The files of an earlier run in it are replaced.
    edition_date : date
        The date printed in the report; a notebook cannot read the clock.
    limits : Limits
        What the report may use and read.
    server : WarmServer or None
        The warm server to fork from; None starts a kernel for this run.

    Raises
    ------
    SchemaError
        Before anything runs, if the notebook or a value is invalid.
    ReportFailed
        If a cell raised, quit early, took too long or broke a rule, or the kernel died.
        The folder then contains the page up to that point, and a ``run.json`` with the reason.
    """
    path, name = _located(notebook)
    given, source, folder = parse(path, values), load(path), Path(folder)
    made = inputs(notebook, values, needs=limits.needs) | {"edition_date": edition_date.isoformat()}
    record: dict[str, Any] = {"status": "ok", "inputs": made, "figures": [], "error": "", "id": ""}
    seed = hashlib.sha256(json.dumps([name, made["parameters"]], sort_keys=True).encode()).hexdigest()
    datasets.bring(limits.needs)
    allowed = readable(limits.needs, made["parameters"])
    done = execute(Task(source, given, name, edition_date, limits, allowed, seed), server)
    shown = without_timings({"cells": [cell for cell in done["cells"] if cell["id"] != "inputs-read"]})
    record["title"], record["question"], record["finding"] = *heading(source), finding(shown)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _expect_complete(name, source, done)
        figures = _harvest(shown, done, record)
    except ToolkitError as error:
        _publish(folder, shown, record | {"status": "failed", "error": f"{error.problem}\n→ {error.remedy}"}, "")
        raise
    _publish(folder, shown, record, figures)
    return Run(folder, record, done["used"])


def inputs(
    notebook: str | Path, values: Mapping[str, object], *, needs: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """Return what is known of a report before it runs: all its inputs except its date and the files it will read.

    Raises
    ------
    SchemaError
        If the notebook or a value is invalid.
    """
    path, name = _located(notebook)
    given = {parameter.name: parameter.default for parameter in parameters(path)} | parse(path, values)
    return {
        "notebook": {"path": name, "sha256": files.sha256(path), "code": notebook_hash(path)},
        "parameters": {parameter: plain(value) for parameter, value in given.items()},
        "toolkit": {"version": toolkit.__version__, "sha256": source_hash()},
        "python": ".".join(map(str, sys.version_info[:3])),
        "lock": lock_hash(),
        "needs": None if needs is None else list(needs),
        "datasets": {},
        "articles": [],
        "files": {},
        "folders": {},
    }


def _located(notebook: str | Path) -> tuple[Path, str]:
    """Return the path of a notebook, and its name relative to the project's folder."""
    path, base = (home() / notebook).resolve(), home().resolve()
    return path, path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name


def show_inputs() -> None:
    """Publish what this kernel has read as an output of its own type; the last cell of every run calls this."""
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    hashes = {name: datasets.sha256(name) for name in datasets.opened()} | imported_tables.opened()
    shell: Any = get_ipython()
    guard = shell.toolkit_guard
    read = {"datasets": hashes, "articles": article.articles_read(), "files": guard.read, "folders": guard.listed}
    display({INPUTS: read | {"broken": guard.broken, "at": guard.at, "running": guard.running}}, raw=True)  # type: ignore[no-untyped-call]


def plain(value: Any) -> Any:
    """Convert a parameter's value to what JSON can express.

    >>> plain([date(2025, 10, 28), "0101"])
    ['2025-10-28', '0101']
    """
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def _expect_complete(name: str, source: Notebook, done: Notebook) -> None:
    """Raise ReportFailed unless every cell ran to its end."""
    if (broken := failure(done)) is None:
        return
    number, reason = broken
    cell = [*source["cells"], {"source": "what was read"}][number - 1]
    raise ReportFailed(
        f"{name}, cell {number} ({_first_line(cell)}) {reason}",
        remedy="Open the notebook in JupyterLab with these parameters, correct the cell, and run it again",
    )


def _first_line(cell: Notebook) -> str:
    return str(cell["source"].strip().splitlines()[0][:60])


def _harvest(shown: Notebook, done: Notebook, record: dict[str, Any]) -> str:
    """Complete `record` with what the kernel read and published; return the figures as JSON Lines."""
    outputs = (output.get("data", {}) for cell in done["cells"] for output in cell.get("outputs", []))
    inputs = record["inputs"] = record["inputs"] | next(forms[INPUTS] for forms in outputs if INPUTS in forms)
    at, broken, _ = (inputs.pop(name) for name in ("at", "broken", "running"))
    if broken:
        cell = next(number for number, cell in enumerate(shown["cells"], 1) if cell.get("execution_count") == at)
        number = cell - sum(cell["id"] == "injected-parameters" for cell in shown["cells"][:cell])
        where = f"{inputs['notebook']['path']}, cell {number} ({_first_line(shown['cells'][cell - 1])})"
        raise ReportFailed(f"{where} {broken}", remedy="Do not hide it in a try block; correct the cell that does it")
    inputs["files"] = stable_hashes(inputs["files"])
    record["id"] = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:12]
    of = {"notebook": inputs["notebook"]["path"], "parameters": inputs["parameters"], "run_id": record["id"]}
    found = registry.harvest(shown, **of)
    record["figures"] = [each.key for each in found]
    return registry.dumps(found)


def _publish(folder: Path, shown: Notebook, record: dict[str, Any], figures: str) -> None:
    html, notebook = page(shown, record), dumps(shown)  # both are made before anything is written
    files.write(folder / "figures.jsonl", figures)
    files.write(folder / "report.html", html)
    files.write(folder / "report.ipynb", notebook)
    write_json(folder / "run.json", record)
