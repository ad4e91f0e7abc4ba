"""Run a notebook in a kernel of its own, through papermill, and tell how far it came."""

from __future__ import annotations

import copy
import json
import logging
import os
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from toolkit.datasets import home
from toolkit.errors import ReportFailed
from toolkit.report._notebook import FORM, Notebook, join, tags
from toolkit.report._parameters import spell

INPUTS = "application/vnd.toolkit.inputs+json"
# what a kernel sees of the caller's environment; more could change a report, or be a secret in one
_PASSED = {
    "CONDA_PREFIX", "HOME", "LANG", "LD_LIBRARY_PATH", "LOGNAME", "MPLCONFIGDIR", "PATH", "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "USER", "VIRTUAL_ENV", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
}  # fmt: skip
_FIXED = {
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",  # sums in another order differ in their last digits
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
}
_MOST_SOCKET = 80  # characters of a folder whose sockets still have names short enough for the system
_WHAT_WAS_READ = "from toolkit.report import show_inputs\nshow_inputs()"


def execute(source: Notebook, values: dict[str, Any], *, name: str, edition_date: date, timeout_s: float) -> Notebook:
    """Run a notebook with `values`; give it with outputs, as far as it came.

    Returns
    -------
    Notebook
        With a last cell that holds what was read, and ``stopped``: why papermill gave up, or "".
    """
    import nbformat
    import papermill
    from papermill.exceptions import PapermillException

    logging.getLogger("papermill").addHandler(logging.NullHandler())  # what it would log stands in our error
    stopped = ""
    with tempfile.TemporaryDirectory(prefix="toolkit-") as folder:
        scratch = Path(folder) / "report.ipynb"
        try:
            papermill.execute_notebook(
                nbformat.from_dict(_prepared(source, values)),  # type: ignore[no-untyped-call]
                scratch,
                kernel_name="python3",
                progress_bar=False,
                execution_timeout=timeout_s,
                shutdown_kernel="immediate",
                kernel_manager_class=_kernel_manager(_environment(edition_date), folder),
            )
        except PapermillException:
            pass  # a cell raised: its output says what
        except TimeoutError:
            stopped = f"took longer than {timeout_s:g} s"
        except RuntimeError as error:
            stopped = f"lost its kernel, killed or out of memory ({str(error).splitlines()[0]})"
        if not scratch.is_file():
            raise ReportFailed(f"{name}: {stopped}", remedy="Check that `python -m ipykernel_launcher` starts")
        done = json.loads(scratch.read_text(encoding="utf-8"))
    cells = [{**cell, "source": join(cell["source"])} for cell in done["cells"]]
    return {"cells": [cell for cell in cells if "papermill-error-cell-tag" not in tags(cell)], "stopped": stopped}


def failure(done: Notebook) -> tuple[int, str] | None:
    """Tell which cell, counted from 1 in the author's notebook, broke off the run, and why; None if none did."""
    number = 0
    for cell in done["cells"]:
        number += cell["id"] != "injected-parameters"
        raised = next((o for o in cell.get("outputs", []) if o["output_type"] == "error"), None)
        if raised and "raises-exception" not in tags(cell):
            left = "; the cells after it did not run" if raised["ename"] == "SystemExit" else ""
            return number, f"raised {raised['ename']}: {raised['evalue']}".rstrip(": ") + left
        answered = "shell.execute_reply" in cell["metadata"].get("execution", {})
        if cell["cell_type"] == "code" and cell["source"].strip() and not answered:
            return number, done["stopped"] or "was never run"
    return None


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


def _environment(edition_date: date) -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if name in _PASSED or name.startswith("TOOLKIT_")}
    epoch = (edition_date - date(1970, 1, 1)).days * 86_400
    ours = {
        "SOURCE_DATE_EPOCH": str(epoch),
        "TOOLKIT_DATE": edition_date.isoformat(),
        "TOOLKIT_HOME": str(home().resolve()),
    }
    return passed | _FIXED | ours


def _kernel_manager(variables: dict[str, str], folder: str) -> type:
    """Give a kernel manager for this very Python (a kernel named python3 may be another), at home in `folder`."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--HistoryManager.enabled=False"]
    start = {"env": variables | {"IPYTHONDIR": folder}, "cwd": str(home())}

    class Kernel(AsyncKernelManager):
        kernel_spec = KernelSpec(argv=argv, display_name="Python 3", language="python")

        def __init__(self, **options: Any) -> None:
            if os.name == "posix" and len(folder) < _MOST_SOCKET:
                options["transport"] = "ipc"  # a TCP port is open to every user of the machine
            super().__init__(**options, connection_file=f"{folder}/kernel.json")

        async def _async_pre_start_kernel(self, **options: Any) -> Any:
            return await super()._async_pre_start_kernel(**options | start)

    return Kernel
