"""One report: a notebook and its values in; page, executed notebook, figures and run record out."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import toolkit
from toolkit.errors import ReportFailed, ToolkitError
from toolkit.files import home
from toolkit.report.execute import FREE, INPUTS, Limits, Task, execute, failure
from toolkit.report.hashes import file_hash, lock_hash, notebook_hash, readable, settle_files, source_hash
from toolkit.report.notebook import Notebook, dumps, load, settled, write, write_json
from toolkit.report.pages import finding, heading, page
from toolkit.report.parameter import parameters, parse
from toolkit.store.datasets import bring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.warm import Zygote


@dataclass(frozen=True, slots=True)
class Run:
    """A report that ran to its end.

    Attributes
    ----------
    folder : Path
        Holds ``report.html``, ``report.ipynb``, ``figures.jsonl`` and ``run.json``.
    record : dict
        What ``run.json`` holds: id, title, question, finding, keys of the figures, inputs with hashes.
    used : dict
        Seconds of processor time and megabytes that it took, where known.
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
    zygote: Zygote | None = None,
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
    limits : Limits
        What the report may take and read.
    zygote : Zygote or None
        The warm process to fork from; None: a kernel of its own.

    Raises
    ------
    SchemaError
        Before anything runs, if the notebook or a value is not in order.
    ReportFailed
        If a cell raised, left early, took too long, broke a rule, or the kernel died.
        The folder then holds the page as far as it came, and a ``run.json`` that says why.
    """
    path, folder = (home() / notebook).resolve(), Path(folder)
    name = path.relative_to(home().resolve()).as_posix() if path.is_relative_to(home().resolve()) else path.name
    given, source = parse(path, values), load(path)
    made = inputs(notebook, values, needs=limits.needs) | {"edition_date": edition_date.isoformat()}
    record: dict[str, Any] = {"status": "ok", "inputs": made, "figures": [], "error": "", "id": ""}
    seed = hashlib.sha256(json.dumps([name, record["inputs"]["parameters"]], sort_keys=True).encode()).hexdigest()
    bring(limits.needs)
    done = execute(
        Task(source, given, name, edition_date, limits, readable(limits.needs, made["parameters"]), seed), zygote
    )
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
    return Run(folder, record, done["used"])


def inputs(
    notebook: str | Path, values: Mapping[str, object], *, needs: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """Give what is known of a report before it runs: everything that it is made from but its date and what it reads.

    Raises
    ------
    SchemaError
        If the notebook or a value is not in order.
    """
    path = (home() / notebook).resolve()
    name = path.relative_to(home().resolve()).as_posix() if path.is_relative_to(home().resolve()) else path.name
    given = {parameter.name: parameter.default for parameter in parameters(path)} | parse(path, values)
    return {
        "notebook": {"path": name, "sha256": file_hash(path), "code": notebook_hash(path)},
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


def show_inputs() -> None:
    """Tell the press, in an output of its own kind, what this kernel has read: the last cell of every run."""
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    from toolkit import article
    from toolkit.store import datasets, imported_tables

    hashes = {name: datasets.sha256(name) for name in datasets.opened()} | imported_tables.opened()
    shell: Any = get_ipython()
    guard = shell.toolkit_guard
    read = {"datasets": hashes, "articles": article.articles_read(), "files": guard.read, "folders": guard.listed}
    display({INPUTS: read | {"broken": guard.broken, "at": guard.at, "running": guard.running}}, raw=True)  # type: ignore[no-untyped-call]


def plain(value: Any) -> Any:
    """Give a parameter's value as JSON can hold it.

    >>> plain([date(2025, 10, 28), "0101"])
    ['2025-10-28', '0101']
    """
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


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
    at, broken, _ = (inputs.pop(name) for name in ("at", "broken", "running"))
    if broken:
        cell = next(number for number, cell in enumerate(shown["cells"], 1) if cell.get("execution_count") == at)
        number = cell - sum(cell["id"] == "injected-parameters" for cell in shown["cells"][:cell])
        first = shown["cells"][cell - 1]["source"].strip().splitlines()[0][:60]
        where = f"{inputs['notebook']['path']}, cell {number} ({first})"
        raise ReportFailed(f"{where} {broken}", remedy="Let no cell hide it; mend the one that does")
    inputs["files"] = settle_files(inputs["files"])
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
