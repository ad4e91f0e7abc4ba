"""Run a notebook through papermill, in a fork of the warm server or in a kernel of its own."""

from __future__ import annotations

import copy
import logging
import os
import sys
import sysconfig
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import warm
from toolkit.errors import ReportFailed
from toolkit.files import PACKAGE, home
from toolkit.report.notebook import FORM, Notebook, join, tags
from toolkit.report.process import kernel_manager, scratch
from toolkit.report.provenance import spell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["FREE", "INPUTS", "Limits", "Task", "environment", "execute", "failure"]

INPUTS = "application/vnd.toolkit.inputs+json"
# what a kernel sees of the caller's environment: more could change a report, or leak a secret into it
_PASSED = {
    "CONDA_PREFIX", "HOME", "LANG", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "PYTHONPATH", "SYSTEMROOT",
    "TOOLKIT_MIRROR", "USER", "VIRTUAL_ENV", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
}  # fmt: skip
_FIXED = {
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",  # adding in another order changes the last digits
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
}
_MOST_DISPLAYS = 2_000
_TRIES = 3  # losing the warm server is not the notebook's fault
_WHAT_WAS_READ = "from toolkit.report import show_inputs\nshow_inputs()"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a report may use and read.

    Attributes
    ----------
    timeout_s, memory_mb, output_mb : float
        Seconds in total, megabytes of memory for each process, megabytes of output.
    needs : tuple of str or None
        The tables that it may read; None allows every declared one.
    """

    timeout_s: float = 600
    memory_mb: float = 4_000
    output_mb: float = 20
    needs: tuple[str, ...] | None = None


FREE = Limits()


@dataclass(frozen=True, slots=True)
class Task:
    """A notebook to run: cells, parameter values, date, the files it may read, the seed of its random numbers."""

    source: Notebook
    values: dict[str, Any]
    name: str
    edition_date: date
    limits: Limits
    allowed: tuple[str, ...] = ()
    seed: str = "00000000"


def execute(task: Task, server: warm.WarmServer | None) -> Notebook:
    """Run a notebook as far as it goes, and return it with its outputs.

    Returns
    -------
    Notebook
        Its last cell shows what was read. Besides the cells: ``stopped`` says why the
        run did not reach the end, or ""; ``broken`` names the rule that it broke, or
        ""; ``used`` is what it cost.
    """
    stopped, kernel, folder = _retried(task, server)
    if kernel.notebook is None:
        raise ReportFailed(f"{task.name}: {stopped}", remedy="Check that `python -m ipykernel_launcher` starts")
    cells = [
        {**cell, "source": join(cell["source"]), **_without_local_paths(cell, folder)}
        for cell in _plain(kernel.notebook)["cells"]
        if "papermill-error-cell-tag" not in tags(cell)
    ]
    _note_leftover(cells, kernel)
    return {"cells": cells, "stopped": stopped, "broken": kernel.broken, "used": kernel.used}


def _retried(task: Task, server: warm.WarmServer | None) -> tuple[str, warm.Kernel, str]:
    for _ in range(_TRIES):
        with scratch() as folder:
            kernel = _kernel(task, folder)
            try:
                return _run(task, kernel, server, folder), kernel, folder
            except warm.ServerLost as error:
                lost = error
    if not kernel.begun:
        raise lost
    # each time the watching process was lost while this notebook ran
    return f"lost the process that watches it, {_TRIES} times", kernel, folder


def _run(task: Task, kernel: warm.Kernel, server: warm.WarmServer | None, folder: str) -> str:
    """Hand the notebook to papermill; return why it did not finish, or ""."""
    if server:
        server.start()  # it imports at the same time as we do
    papermill = _papermill()
    import nbformat
    from papermill.exceptions import PapermillException

    from toolkit.warm import engine

    options: dict[str, Any] = {"engine_name": engine.WARM, "server": server}
    if server is None:
        options = {"engine_name": engine.COLD, "shutdown_kernel": "immediate"}
        options["kernel_manager_class"] = kernel_manager(kernel, folder)
    try:
        papermill.execute_notebook(
            nbformat.from_dict(_prepared(task.source, task.values)),  # type: ignore[no-untyped-call]
            None,
            kernel_name="python3",
            progress_bar=False,
            kernel=kernel,
            **options,
        )
    except PapermillException:
        return ""  # a cell raised an error, which its output shows
    except TimeoutError:
        return f"took longer than {task.limits.timeout_s:g} s"
    except warm.Stopped as error:
        return str(error)
    except RuntimeError as error:
        if kernel.code is not None:
            return f"lost its kernel: {engine.ending(kernel.code)}"
        return f"lost its kernel, killed or out of memory ({str(error).splitlines()[0]})"
    return ""


def _papermill() -> ModuleType:
    """Import papermill without its grammar of web addresses, which takes longer to load than the rest together."""
    with _without("rfc3987_syntax"):
        import papermill
    logging.getLogger("papermill").addHandler(logging.NullHandler())  # our error says what it would log
    logging.getLogger("papermill").propagate = False
    return papermill  # type: ignore[no-any-return]


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Hide an optional module during an import; jsonschema then skips the formats that need it."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.modules.pop(module, None)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _note_leftover(cells: list[Notebook], kernel: warm.Kernel) -> None:
    """Note processes that outlived a Jupyter kernel in the cell after which they were first seen running."""
    if not kernel.left:
        return
    kernel.broken = warm.leftover(list(kernel.left.values()))
    forms = (output.get("data", {}) for cell in cells for output in cell.get("outputs", []))
    running: dict[str, int] = next((each[INPUTS]["running"] for each in forms if INPUTS in each), {})
    since = min((running[str(pid)] for pid in kernel.left if str(pid) in running), default=None)
    for cell in cells:
        if cell.get("execution_count") == since and since is not None:
            cell["metadata"]["toolkit_stopped"] = kernel.broken


def _without_local_paths(cell: Notebook, folder: str) -> Notebook:
    """Return the outputs of a cell without this machine's paths to the project, libraries and scratch folder."""
    paths = sysconfig.get_paths()
    places = {folder: "/tmp/toolkit", paths["purelib"]: "site-packages", paths["platlib"]: "site-packages"}  # noqa: S108
    places |= {paths["stdlib"]: "lib", f"{home().resolve()}/": "", f"{PACKAGE.parent}/": ""}
    person = str(Path.home())
    places |= {f"~{path.removeprefix(person)}": name for path, name in places.items() if path.startswith(f"{person}/")}
    return {"outputs": _replaced(cell["outputs"], places)} if "outputs" in cell else {}


def _replaced(value: Any, places: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: part if key.startswith("image/") else _replaced(part, places) for key, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, places) for part in value]
    if isinstance(value, str):
        for place, name in places.items():
            value = value.replace(place, name)
    return value


def failure(done: Notebook) -> tuple[int, str] | None:
    """Return the cell that ended the run, counted from 1 in the author's notebook, and why; None if none did."""
    number = 0
    for cell in done["cells"]:
        number += cell["id"] != "injected-parameters"
        if reason := cell["metadata"].get("toolkit_stopped"):
            return number, reason
        raised = next((o for o in cell.get("outputs", []) if o["output_type"] == "error"), None)
        if raised and "raises-exception" not in tags(cell):
            left = "; the cells after it did not run" if raised["ename"] == "SystemExit" else ""
            return number, f"raised {raised['ename']}: {raised['evalue']}".rstrip(": ") + left
        answered = "shell.execute_reply" in cell["metadata"].get("execution", {})
        if cell["cell_type"] == "code" and cell["source"].strip() and not answered:
            return number, done["stopped"] or "was never run"
    return (number, done["broken"]) if done["broken"] else None


def _prepared(source: Notebook, values: dict[str, Any]) -> Notebook:
    """Return the notebook with `values` set below its parameters, and a last cell that shows what was read."""
    cells = copy.deepcopy(source["cells"])
    if values:
        place = next(number for number, cell in enumerate(cells, 1) if "parameters" in tags(cell))
        cells.insert(place, _code("injected-parameters", "\n".join(f"{n} = {spell(v)}" for n, v in values.items())))
    return FORM | {"cells": [*cells, _code("inputs-read", _WHAT_WAS_READ)]}


def _code(name: str, source: str) -> Notebook:
    cell: Notebook = {"cell_type": "code", "id": name, "source": source, "outputs": [], "execution_count": None}
    return cell | {"metadata": {"tags": [name]}}


def _kernel(task: Task, folder: str) -> warm.Kernel:
    """Return the environment and the rules under which a notebook runs."""
    place = str(home().resolve())
    epoch = (task.edition_date - date(1970, 1, 1)).days * 86_400
    ours = {"SOURCE_DATE_EPOCH": str(epoch), "TOOLKIT_DATE": task.edition_date.isoformat(), "TOOLKIT_HOME": place}
    own = dict.fromkeys(("IPYTHONDIR", "TEMP", "TMP", "TMPDIR"), folder)
    variables = environment()
    rules = {
        "allowed": list(task.allowed), "code": [str(PACKAGE), str(PACKAGE.parent / "data" / "codes")],
        "displays": _MOST_DISPLAYS, "epoch": epoch, "home": place, "memory_mb": task.limits.memory_mb,
        "output_mb": task.limits.output_mb, "own": [folder, variables["MPLCONFIGDIR"]], "seed": task.seed,
    }  # fmt: skip
    return warm.Kernel(variables | ours | own, place, rules, task.limits.timeout_s)


def environment() -> dict[str, str]:
    """Return the environment of a kernel: what it may see of ours, and what we fix."""
    passed = {name: value for name, value in os.environ.items() if name in _PASSED}
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trade-policy-toolkit"
    return passed | _FIXED | {"MPLCONFIGDIR": str(cache / "matplotlib")}  # the user's own settings would show in charts
