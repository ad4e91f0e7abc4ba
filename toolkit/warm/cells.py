"""Run the cells of one notebook in this process through IPython, with the outputs that a kernel would send."""

from __future__ import annotations

import asyncio
import base64
import builtins
import getpass
import io
import os
import resource
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ipykernel import zmqshell
from ipykernel.compiler import XCachingCompiler
from ipykernel.jsonutil import json_clean
from ipykernel.kernelbase import Kernel
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from traitlets import Type

from toolkit.warm import guard as _guard
from toolkit.warm.processes import children, send

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

__all__ = ["Hook", "Outputs", "Publisher", "Stream", "ZMQInteractiveShell", "run"]

Output = dict[str, Any]


class Outputs:
    """The outputs of the running cell, and those of earlier cells that may still change."""

    def __init__(self) -> None:
        self.cell, self.now = -1, list[Output]()
        self._shown: dict[str, list[tuple[int, Output]]] = defaultdict(list)  # displays with an id
        self._past: dict[int, list[Output]] = {}
        self._changed: set[int] = set()
        self._clear_next = False

    def begin(self, cell: int) -> None:
        """Start the outputs of a cell."""
        if any(number == self.cell for rows in self._shown.values() for number, _ in rows):
            self._past[self.cell] = self.now
        self.cell, self.now, self._clear_next = cell, [], False
        self._changed.clear()

    def changed(self) -> dict[int, list[Output]]:
        """Return the outputs of earlier cells that the running cell has changed."""
        return {cell: self._past[cell] for cell in sorted(self._changed)}

    def stream(self, name: str, text: str) -> None:
        """Add text to a stream; continue the last output if it belongs to the same stream."""
        last = self.now[-1] if self.now else {}
        if text and last.get("name") == name and not self._clear_next:
            last["text"] += text
        elif text:
            self.add({"output_type": "stream", "name": name, "text": text})

    def add(self, output: Output, name: str | None = None) -> None:
        """Add an output; earlier displays with the same id are updated to show it too."""
        if name:
            self.update(name, output["data"], output["metadata"])
        if self._clear_next:
            self.clear()
        self.now.append(output)
        if name:
            self._shown[name].append((self.cell, output))

    def update(self, name: str, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Change every display with an id."""
        for cell, output in self._shown[name]:
            output.update(data=data, metadata=metadata)
            if cell != self.cell:
                self._changed.add(cell)

    def clear(self, *, wait: bool = False) -> None:
        """Delete the outputs of this cell, at once or when the next output comes."""
        self._clear_next = wait
        if wait:
            return
        self.now.clear()
        for rows in self._shown.values():
            rows[:] = [row for row in rows if row[0] != self.cell]


_MOST_FILE = 500_000_000  # bytes; what C code and programs print goes to a file
_outputs = Outputs()  # a process runs one notebook
_later: Callable[[], None] = lambda: None  # collects what C code and programs have printed  # noqa: E731


class Stream(io.TextIOBase):
    """Replaces stdout or stderr."""

    def __init__(self, name: str, number: int, guard: _guard.Guard) -> None:
        self.name, self._number, self._guard = name, number, guard

    encoding = "UTF-8"

    def write(self, text: str) -> int:
        """Add to the outputs."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._guard.spend(len(text))
        _later()
        _outputs.stream(self.name, text)
        return len(text)

    def writable(self) -> bool:
        """Return True: a text stream is not writable unless it says so."""
        return True

    def fileno(self) -> int:
        """Return the file number to which C code writes."""
        return self._number


class Publisher(DisplayPublisher):
    """Collects displays."""

    def publish(  # type: ignore[override]
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        """Add a display, or change those of the same id."""
        forms, name = _as_json(data), (transient or {}).get("display_id")
        _spend(forms)
        _later()
        if update and name:
            _outputs.update(name, forms, metadata or {})
        elif not update:
            _outputs.add({"output_type": "display_data", "data": forms, "metadata": metadata or {}}, name)

    def clear_output(self, wait: bool = False) -> None:  # noqa: FBT001, FBT002 - IPython's signature
        """Delete the cell's outputs so far."""
        _later()
        _outputs.clear(wait=wait)


class Hook(DisplayHook):
    """Collects the value of a cell's last line; `msg` is set while the value is being formatted."""

    msg: object = None

    def start_displayhook(self) -> None:
        """Note that a value is being formatted."""
        self.msg = self

    def write_output_prompt(self) -> None:
        """Do nothing: there is no prompt."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Add a result."""
        forms = _as_json(format_dict)
        _spend(forms)
        _later()
        count = self.prompt_count
        result = {"output_type": "execute_result", "execution_count": count, "data": forms, "metadata": md_dict or {}}
        if forms:
            _outputs.add(result)

    def finish_displayhook(self) -> None:
        """Note that the value has been formatted."""
        self.msg = None


class ZMQInteractiveShell(zmqshell.ZMQInteractiveShell):
    """A kernel's shell without a kernel; libraries recognise it by its name."""

    display_pub_class = Type(Publisher)  # type: ignore[assignment]
    displayhook_class = Type(Hook)  # type: ignore[assignment]

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        _later()
        error = {"ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
        _outputs.add({"output_type": "error", **error})
        hook: Any = self.displayhook
        self._last_traceback_during_displayhook = bool(hook.msg)
        self._last_traceback = stb

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing for ``%matplotlib inline``, which is active already."""
        if gui is not None:
            super().enable_gui(gui)

    def awaits(self, source: str) -> bool:
        """Return whether a cell uses await at its top level."""
        try:
            return bool(self.should_run_async(source, transformed_cell=self.transform_cell(source)))
        except Exception:  # noqa: BLE001 - running the cell will show what is wrong
            return False

    async def run_at_once(self, source: str) -> bool:
        """Run a cell; return whether it ended without an error."""
        result = self.run_cell(source, store_history=True)
        return bool(result.success) and not self._last_traceback_during_displayhook

    async def run_awaiting(self, source: str) -> bool:
        """Run a cell that uses await, as ipykernel does; return whether it ended without an error."""
        self._last_traceback_during_displayhook, result = False, None
        try:
            transformed = self.transform_cell(source)
            result = await self.run_cell_async(source, store_history=True, transformed_cell=transformed)
        finally:
            self.events.trigger("post_execute")
            self.events.trigger("post_run_cell", result)
        return bool(result and result.success) and not self._last_traceback_during_displayhook

    def init_io(self) -> None:
        """Keep the streams, which are ours already."""


def run(request: dict[str, Any], results: socket.socket) -> None:
    """Run the cells of `request` in order, and send the outputs of each as it ends."""
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    tempfile.tempdir = None
    sys.path[:0] = [request["cwd"]] if request["cwd"] not in sys.path else []
    rules = request["rules"]
    guard = _guard.install(rules)
    _catch_low_level(guard)
    sys.stdout, sys.stderr = Stream("stdout", 1, guard), Stream("stderr", 2, guard)
    shell = _shell(guard)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(_run_all(request["cells"], shell, guard, results))


async def _run_all(cells: list[tuple[int, str, bool]], shell: Any, guard: _guard.Guard, results: socket.socket) -> None:
    for number, source, may_fail in cells:
        _outputs.begin(number)
        send(results, {"start": number})
        ok = await _ran(shell, source, guard)
        _later()
        send(results, {
            "cell": number, "count": shell.execution_count - 1, "outputs": _outputs.now, "ok": ok or may_fail,
            "broken": guard.broken, "running": _running(), "changed": _outputs.changed(),
        })  # fmt: skip
        if guard.broken or not (ok or may_fail):
            return


async def _ran(shell: Any, source: str, guard: _guard.Guard) -> bool:
    """Run one cell under guard in a running event loop, as a kernel does; return whether it ended without an error."""
    guard.off = False
    try:
        run = shell.run_awaiting if shell.awaits(source) else shell.run_at_once
        ok = await run(source)
        await asyncio.sleep(0)  # let other tasks run
        return bool(ok)
    except _guard.OutputLimit:
        return False
    except BaseException:  # noqa: BLE001 - IPython lets a few through, KeyboardInterrupt among them
        guard.broken = guard.broken or traceback.format_exc(limit=0).strip()
        return False
    finally:
        guard.off = True


def _running() -> list[int]:
    """Return the processes that this notebook has running, including those that its supervisor adopted."""
    ours = children()
    for pid in ours:
        ours += children(pid)
    return [*ours, *(pid for pid in children(os.getppid()) if pid != os.getpid())]


def _shell(guard: _guard.Guard) -> Any:
    from IPython.core.pylabtools import activate_matplotlib
    from matplotlib_inline.backend_inline import configure_inline_support
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell: Any = ZMQInteractiveShell.instance(config=config, compiler_class=XCachingCompiler)
    shell.display_formatter.active_types = shell.display_formatter.format_types
    activate_matplotlib(os.environ["MPLBACKEND"])  # without these two calls, charts would silently be missing
    configure_inline_support(shell, os.environ["MPLBACKEND"])
    _guard.prepare(shell, guard)
    nobody: Any = SimpleNamespace(_allow_stdin=False)
    builtins.input, getpass.getpass = partial(Kernel.raw_input, nobody), partial(Kernel.getpass, nobody)
    return shell


def _catch_low_level(guard: _guard.Guard) -> None:
    """Redirect what C code and programs print to a file, and add it to the outputs in its turn."""
    global _later  # noqa: PLW0603 - one notebook a process
    most = max(guard.left * 2, _MOST_FILE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    taken = {}
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.memfd_create(name), number)
        taken[number] = (name, 0)

    def later() -> None:
        for number, (name, start) in taken.items():
            if (end := os.lseek(number, 0, os.SEEK_CUR)) > start:
                taken[number] = (name, end)
                guard.spend(end - start)
                _outputs.stream(name, os.pread(number, end - start, start).decode("utf-8", "replace"))

    _later = later


def _spend(forms: dict[str, Any]) -> None:
    shell: Any = ZMQInteractiveShell.instance()
    shell.toolkit_guard.spend(_guard.size(forms), 1)


def _as_json(forms: dict[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = json_clean(
        {name: base64.b64encode(form).decode() if isinstance(form, bytes) else form for name, form in forms.items()}
    )
    return cleaned
