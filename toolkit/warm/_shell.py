"""The cells of one notebook, run in this very process through IPython, their outputs as a kernel would send them."""

from __future__ import annotations

import base64
import io
import os
import sys
import tempfile
import time
import traceback
from typing import TYPE_CHECKING, Any

from ipykernel.jsonutil import json_clean
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from traitlets import Type

from toolkit.warm import _guard
from toolkit.warm._wire import send

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

_MOST_FILE = 500_000_000  # bytes; output past Python's streams is one
_outputs: list[dict[str, Any]] = []  # of the cell that is running
_later: Callable[[], None] = lambda: None  # takes in what C code and programs wrote past Python  # noqa: E731


class Stream(io.TextIOBase):
    """Stands in for stdout or stderr."""

    def __init__(self, name: str, number: int, guard: _guard.Guard) -> None:
        self.name, self._number, self._guard = name, number, guard

    encoding = "utf-8"

    def write(self, text: str) -> int:
        """Add to the outputs, to the last one if it is of this stream."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._guard.spend(len(text))
        _later()
        _add(self.name, text)
        return len(text)

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def isatty(self) -> bool:
        """Tell that it is no terminal."""
        return False

    def fileno(self) -> int:
        """Give the number that C code writes to."""
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
        """Add a display, or change the one of the same id."""
        forms, name = _spelled(data), (transient or {}).get("display_id")
        _spend(forms)
        _later()
        if update:
            for output in _outputs:
                if output.get("_id") == name:
                    output.update(data=forms, metadata=metadata or {})
            return
        _outputs.append({"output_type": "display_data", "data": forms, "metadata": metadata or {}, "_id": name})

    def clear_output(self, wait: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - IPython's signature
        """Forget the cell's outputs so far."""
        _outputs.clear()


class Hook(DisplayHook):
    """Collects the value of a cell's last line."""

    def write_output_prompt(self) -> None:
        """Do nothing: there is no prompt."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Add a result."""
        forms = _spelled(format_dict)
        _spend(forms)
        _later()
        count = self.prompt_count
        result = {"output_type": "execute_result", "execution_count": count, "data": forms, "metadata": md_dict or {}}
        _outputs.append(result)

    def finish_displayhook(self) -> None:
        """Do nothing: nothing is held back."""


class WarmZMQShell(ZMQInteractiveShell):
    """A kernel's shell without a kernel; pandas looks for "zmq" in its name."""

    display_pub_class = Type(Publisher)  # type: ignore[assignment]
    displayhook_class = Type(Hook)  # type: ignore[assignment]

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        _later()
        error = {"ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
        _outputs.append({"output_type": "error", **error})

    def init_io(self) -> None:
        """Leave the streams: they are ours already."""


def run(request: dict[str, Any], results: socket.socket) -> None:
    """Run the cells of `request` in order, and send the outputs of each when it has ended."""
    os.environ.clear()
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
    for number, source, may_fail in request["cells"]:
        _outputs.clear()
        send(results, {"start": number})
        ok = _ran(shell, source, guard)
        _later()
        for output in _outputs:
            output.pop("_id", None)
        send(results, {
            "cell": number, "count": shell.execution_count - 1, "outputs": _outputs, "ok": ok, "broken": guard.broken,
            "running": _running(),
        })  # fmt: skip
        if guard.broken or not (ok or may_fail):
            return


def _ran(shell: Any, source: str, guard: _guard.Guard) -> bool:
    """Run one cell under guard; tell whether it came to its end."""
    guard.off = False
    try:
        return bool(shell.run_cell(source, store_history=True).success)
    except _guard.TooMuch:
        return False
    except BaseException:  # noqa: BLE001 - IPython lets a few through, KeyboardInterrupt among them
        guard.broken = guard.broken or traceback.format_exc(limit=0).strip()
        return False
    finally:
        guard.off = True


def _running() -> list[int]:
    """Give the processes that this notebook has running, those that its warden adopted among them."""
    from toolkit.warm._zygote import children

    ours = children()
    for pid in ours:
        ours += children(pid)
    return [*ours, *(pid for pid in children(os.getppid()) if pid != os.getpid())]


def _shell(guard: _guard.Guard) -> Any:
    from matplotlib_inline.backend_inline import configure_inline_support
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell: Any = WarmZMQShell.instance(config=config)
    shell.display_formatter.active_types = shell.display_formatter.format_types
    configure_inline_support(shell, os.environ["MPLBACKEND"])  # figures would vanish without a word
    _guard.prepare(shell, guard)
    sys.modules["builtins"].input = _ask  # type: ignore[attr-defined]
    return shell


def _ask(*_: Any, **__: Any) -> str:
    from IPython.core.error import StdinNotImplementedError

    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")


def _catch_low_level(guard: _guard.Guard) -> None:
    """Let what is written past Python's streams go to a file of ours, and become output in its turn."""
    global _later  # noqa: PLW0603 - one notebook a process
    caught = os.memfd_create("output")
    _limit_files(guard.left)
    for number in (1, 2):
        os.dup2(caught, number)
    position = 0

    def later() -> None:
        nonlocal position
        if (end := os.lseek(1, 0, os.SEEK_CUR)) > position:
            start, position = position, end
            guard.spend(end - start)
            _add("stdout", os.pread(1, end - start, start).decode("utf-8", "replace"))

    _later = later


def _limit_files(size: int) -> None:
    import resource

    most = max(size * 2, _MOST_FILE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _add(name: str, text: str) -> None:
    last = _outputs[-1] if _outputs else {}
    if last.get("name") == name:
        last["text"] += text
    elif text:
        _outputs.append({"output_type": "stream", "name": name, "text": text})


def _spend(forms: dict[str, Any]) -> None:
    shell: Any = WarmZMQShell.instance()
    shell.toolkit_guard.spend(_guard.size(forms), 1)


def _spelled(forms: dict[str, Any]) -> dict[str, Any]:
    encoded = {
        name: base64.b64encode(form).decode() if isinstance(form, bytes) else form for name, form in forms.items()
    }
    cleaned: dict[str, Any] = json_clean(encoded)
    return cleaned
