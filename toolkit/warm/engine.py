"""The two papermill engines: one runs notebooks in forks of the warm server, one in kernels of their own."""

from __future__ import annotations

import signal
import time
from typing import Any

from nbformat import from_dict
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NBClientEngine, papermill_engines

from toolkit.warm.client import Kernel, Stopped, WarmServer, leftover

__all__ = ["COLD", "WARM", "ColdEngine", "WarmEngine", "ending"]

WARM, COLD = "toolkit-warm", "toolkit-cold"


class WarmEngine(Engine):
    """Runs a notebook in a fork of the warm server."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, _: str, *, server: WarmServer, kernel: Kernel, **__: Any) -> None:
        """Run the cells of `nb_man` and put their outputs into it."""
        book = kernel.notebook = nb_man.nb
        cells = _cells(book)
        run = _Run(nb_man, kernel, last=cells[-1][0] if cells else -1)
        for message in server.run(cells, kernel):
            kind = next(kind for kind in ("start", "cell", "broke", "exit") if kind in message)
            getattr(run, kind)(message)


class ColdEngine(NBClientEngine):
    """Runs a notebook in a kernel of its own, as papermill does, and keeps the outputs of an unfinished run."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, kernel: Kernel, **more: Any) -> Any:
        """Run the cells of `nb_man` under one time limit for all of them."""
        kernel.notebook, until = nb_man.nb, time.monotonic() + kernel.timeout_s
        more = {name: value for name, value in more.items() if name not in {"input_path", "server", "start_timeout"}}
        client = PapermillNotebookClient(
            nb_man, kernel_name=kernel_name, timeout_func=lambda _: max(1, round(until - time.monotonic())), **more
        )
        return client.execute()


class _Run:
    """A notebook that is running: one method for each kind of message; `done` when no cell is left to run."""

    def __init__(self, nb_man: Any, kernel: Kernel, last: int) -> None:
        self.nb_man, self.kernel, self.last, self.done = nb_man, kernel, last, last < 0
        self.running: dict[int, int] = {}  # from a process to the cell that first had it running

    def start(self, message: dict[str, Any]) -> None:
        """Note that a cell has started."""
        number = message["start"]
        self.nb_man.cell_start(self.nb_man.nb.cells[number], number)

    def cell(self, message: dict[str, Any]) -> None:
        """Store the outputs of a cell."""
        number, ok = message["cell"], message["ok"]
        cell = self.nb_man.nb.cells[number]
        for changed, outputs in {number: message["outputs"], **message["changed"]}.items():
            self.nb_man.nb.cells[int(changed)].outputs = [from_dict(output) for output in outputs]
        cell.execution_count = message["count"]
        cell.metadata.setdefault("execution", {})["shell.execute_reply"] = "" if ok else "error"
        for pid in message["running"]:
            self.running.setdefault(pid, number)
        if not ok:
            self.nb_man.cell_exception(cell, cell_index=number)
        self.nb_man.cell_complete(cell, cell_index=number)
        if broken := message["broken"]:
            cell.metadata["toolkit_stopped"] = broken
            self.kernel.broken = self.kernel.broken or broken
        self.done = number == self.last or not ok or bool(broken)

    def broke(self, message: dict[str, Any]) -> None:
        """Report that the notebook's process could not begin or go on."""
        raise Stopped(f"could not be run ({message['broke']})")

    def exit(self, message: dict[str, Any]) -> None:
        """Report what went wrong at the end, if anything did."""
        if message["exit"] != 0 or not self.done:
            raise Stopped(f"lost its kernel: {ending(message['exit'])}")
        if left := message["left"]:
            where = min((self.running[pid] for pid, _ in left if pid in self.running), default=self.last)
            broken = leftover([name for _, name in left])
            self.nb_man.nb.cells[where].metadata["toolkit_stopped"] = broken
            self.kernel.broken = self.kernel.broken or broken


def _cells(book: Any) -> list[tuple[int, str, bool]]:
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return [
        (number, cell.source, "raises-exception" in cell.metadata.get("tags", []))
        for number, cell in enumerate(book.cells)
        if cell.cell_type == "code" and cell.source.strip()
    ]


def ending(code: int) -> str:
    """Describe how a process ended that should not have."""
    if code >= 0:
        return f"its process ended itself with exit code {code}"
    name = signal.Signals(-code).name
    return f"killed by {name}" + ", as a system out of memory does" * (name == "SIGKILL")


papermill_engines.register(WARM, WarmEngine)
papermill_engines.register(COLD, ColdEngine)
