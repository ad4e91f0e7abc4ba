"""Run a notebook through papermill, in a fork of the warm process or a kernel of its own; tell how far it came."""

from __future__ import annotations

import copy
import logging
import os
import sys
import sysconfig
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import warm
from toolkit.errors import ReportFailed
from toolkit.files import home
from toolkit.report.notebook import FORM, Notebook, join, tags
from toolkit.report.parameter import spell
from toolkit.report.process import kernel_manager, scratch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

INPUTS = "application/vnd.toolkit.inputs+json"
# what a kernel sees of the caller's environment; more could change a report, or be a secret in one
_PASSED = {
    "CONDA_PREFIX", "HOME", "LANG", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "PYTHONPATH", "SYSTEMROOT",
    "TOOLKIT_MIRROR", "USER", "VIRTUAL_ENV", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
}  # fmt: skip
_FIXED = {
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",  # sums in another order differ in their last digits
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
}
_MOST_DISPLAYS = 2_000
_TRIES = 3  # a warm process that is lost is no fault of the notebook's
_PACKAGE = Path(warm.__file__).parents[1]
_WHAT_WAS_READ = "from toolkit.report import show_inputs\nshow_inputs()"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a report may take and read.

    Attributes
    ----------
    timeout_s, memory_mb, output_mb : float
        Seconds in all, megabytes of memory of each process, megabytes of output.
    needs : tuple of str or None
        The tables that it may read; None: every declared one.
    """

    timeout_s: float = 600
    memory_mb: float = 4_000
    output_mb: float = 20
    needs: tuple[str, ...] | None = None


FREE = Limits()


@dataclass(frozen=True, slots=True)
class Task:
    """A notebook to run: its cells and values, the date it bears, the files it may read, what seeds its dice."""

    source: Notebook
    values: dict[str, Any]
    name: str
    edition_date: date
    limits: Limits
    allowed: tuple[str, ...] = ()
    seed: str = "00000000"


def execute(task: Task, zygote: warm.Zygote | None) -> Notebook:
    """Run a notebook; give it with outputs, as far as it came.

    Returns
    -------
    Notebook
        With a last cell that holds what was read, and besides its cells ``stopped``:
        why it did not come to its end, or ""; ``broken``: the rule that it broke, or
        ""; ``used``: what it cost.
    """
    stopped, kernel, folder = _tried(task, zygote)
    if kernel.notebook is None:
        raise ReportFailed(f"{task.name}: {stopped}", remedy="Check that `python -m ipykernel_launcher` starts")
    cells = [
        {**cell, "source": join(cell["source"]), **_placeless(cell, folder)}
        for cell in _plain(kernel.notebook)["cells"]
    ]
    cells = [cell for cell in cells if "papermill-error-cell-tag" not in tags(cell)]
    _note_left(cells, kernel)
    return {"cells": cells, "stopped": stopped, "broken": kernel.broken, "used": kernel.used}


def _tried(task: Task, zygote: warm.Zygote | None) -> tuple[str, warm.Kernel, str]:
    for _ in range(_TRIES - 1):
        with suppress(warm.Lost):
            return _tried_once(task, zygote)
    return _tried_once(task, zygote, last=True)


def _tried_once(task: Task, zygote: warm.Zygote | None, *, last: bool = False) -> tuple[str, warm.Kernel, str]:
    with scratch() as folder:
        kernel = _kernel(task, folder)
        try:
            return _run(task, kernel, zygote, folder), kernel, folder
        except warm.Lost:
            if last and kernel.begun:  # whatever it is, only this notebook has it
                return f"lost the process that watches it, {_TRIES} times", kernel, folder
            raise


def _run(task: Task, kernel: warm.Kernel, zygote: warm.Zygote | None, folder: str) -> str:
    """Hand the notebook to papermill; say why it gave up, or ""."""
    if zygote:
        zygote.start()  # it imports while we do
    papermill = _papermill()
    import nbformat
    from papermill.exceptions import PapermillException

    from toolkit.warm import engine

    how: dict[str, Any] = {"engine_name": engine.WARM, "zygote": zygote}
    if zygote is None:
        how = {"engine_name": engine.COLD, "shutdown_kernel": "immediate"}
        how["kernel_manager_class"] = kernel_manager(kernel, folder)
    try:
        papermill.execute_notebook(
            nbformat.from_dict(_prepared(task.source, task.values)),  # type: ignore[no-untyped-call]
            None,
            kernel_name="python3",
            progress_bar=False,
            kernel=kernel,
            **how,
        )
    except PapermillException:
        return ""  # a cell raised: its output says what
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
    """Import papermill without the grammar of all web addresses, which takes longer than all else together."""
    with _without("rfc3987_syntax"):
        import papermill
    logging.getLogger("papermill").addHandler(logging.NullHandler())  # what it would log stands in our error
    logging.getLogger("papermill").propagate = False
    return papermill  # type: ignore[no-any-return]


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Let an optional module seem absent; jsonschema then leaves the formats that need it unchecked."""
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


def _note_left(cells: list[Notebook], kernel: warm.Kernel) -> None:
    """Let the cell that first had them running bear the processes that a kernel of Jupyter's has left."""
    if not kernel.left:
        return
    kernel.broken = warm.leftover(list(kernel.left.values()))
    forms = (output.get("data", {}) for cell in cells for output in cell.get("outputs", []))
    running: dict[str, int] = next((each[INPUTS]["running"] for each in forms if INPUTS in each), {})
    since = min((running[str(pid)] for pid in kernel.left if str(pid) in running), default=None)
    for cell in cells:
        if cell.get("execution_count") == since and since is not None:
            cell["metadata"]["toolkit_stopped"] = kernel.broken


def _placeless(cell: Notebook, folder: str) -> Notebook:
    """Give the outputs of a cell without the places where this machine keeps the project, its libraries, its scraps."""
    paths = sysconfig.get_paths()
    places = {folder: "/tmp/toolkit", paths["purelib"]: "site-packages", paths["platlib"]: "site-packages"}  # noqa: S108
    places |= {paths["stdlib"]: "lib", f"{home().resolve()}/": "", f"{_PACKAGE.parent}/": ""}
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
    """Tell which cell, counted from 1 in the author's notebook, broke off the run, and why; None if none did."""
    number = 0
    for cell in done["cells"]:
        number += cell["id"] != "injected-parameters"
        if told := cell["metadata"].get("toolkit_stopped"):
            return number, told
        raised = next((o for o in cell.get("outputs", []) if o["output_type"] == "error"), None)
        if raised and "raises-exception" not in tags(cell):
            left = "; the cells after it did not run" if raised["ename"] == "SystemExit" else ""
            return number, f"raised {raised['ename']}: {raised['evalue']}".rstrip(": ") + left
        answered = "shell.execute_reply" in cell["metadata"].get("execution", {})
        if cell["cell_type"] == "code" and cell["source"].strip() and not answered:
            return number, done["stopped"] or "was never run"
    return (number, done["broken"]) if done["broken"] else None


def _prepared(source: Notebook, values: dict[str, Any]) -> Notebook:
    """Give the notebook with `values` set below its parameters, and a last cell that tells what was read."""
    cells = copy.deepcopy(source["cells"])
    if values:
        place = next(number for number, cell in enumerate(cells, 1) if "parameters" in tags(cell))
        cells.insert(place, _code("injected-parameters", "\n".join(f"{n} = {spell(v)}" for n, v in values.items())))
    return FORM | {"cells": [*cells, _code("inputs-read", _WHAT_WAS_READ)]}


def _code(name: str, source: str) -> Notebook:
    cell: Notebook = {"cell_type": "code", "id": name, "source": source, "outputs": [], "execution_count": None}
    return cell | {"metadata": {"tags": [name]}}


def _kernel(task: Task, folder: str) -> warm.Kernel:
    """Give the environment and the rules that a notebook runs under, warm or cold."""
    place = str(home().resolve())
    epoch = (task.edition_date - date(1970, 1, 1)).days * 86_400
    ours = {"SOURCE_DATE_EPOCH": str(epoch), "TOOLKIT_DATE": task.edition_date.isoformat(), "TOOLKIT_HOME": place}
    own = dict.fromkeys(("IPYTHONDIR", "TEMP", "TMP", "TMPDIR"), folder)
    variables = environment()
    rules = {
        "allowed": list(task.allowed), "code": [str(_PACKAGE), str(_PACKAGE.parent / "data" / "codes")], "displays": _MOST_DISPLAYS, "epoch": epoch,
        "home": place, "memory_mb": task.limits.memory_mb, "output_mb": task.limits.output_mb, "own": [folder, variables["MPLCONFIGDIR"]],
        "seed": task.seed,
    }  # fmt: skip
    return warm.Kernel(variables | ours | own, place, rules, task.limits.timeout_s)


def environment() -> dict[str, str]:
    """Give the part of the environment that a kernel may see, and what we fix in it."""
    passed = {name: value for name, value in os.environ.items() if name in _PASSED}
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trade-policy-toolkit"
    return passed | _FIXED | {"MPLCONFIGDIR": str(cache / "matplotlib")}  # the user's own settings would show in charts
