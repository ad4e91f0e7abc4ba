"""The client of the warm server: start it, send it notebooks, and learn how each of them ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from select import select
from typing import TYPE_CHECKING, Any, Self

from toolkit.errors import ToolkitError
from toolkit.warm.processes import receive, send

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Kernel", "ServerLost", "Stopped", "WarmServer", "available", "leftover"]

_DYING_S = 0.5
_START_S = 120  # time limit of the imports, long enough for a busy machine


_REMEDY = "Run again; --fresh-kernels works without the warm server"


class ServerLost(ToolkitError):
    """The server or its supervisor died; the notebook is not to blame."""


class Stopped(RuntimeError):
    """A notebook was stopped before its end; the message says why."""


@dataclass
class Kernel:
    """What the notebook of one run may do, and what is known of the run so far.

    Attributes
    ----------
    rules : dict
        The argument of `guard.Guard`.
    broken : str
        The first rule that it broke, or "".
    used : dict
        Seconds of processor time and megabytes, where known.
    begun : bool
        Whether its process was started.
    code : int or None
        Exit code of a Jupyter kernel that died.
    left : dict
        Number and name of the processes that it left running.
    notebook : Any
        The notebook with its outputs so far.
    """

    env: dict[str, str]
    cwd: str
    rules: dict[str, Any]
    timeout_s: float
    broken: str = ""
    used: dict[str, float] = field(default_factory=dict)
    begun: bool = False
    code: int | None = None
    left: dict[int, str] = field(default_factory=dict)
    notebook: Any = None


def available() -> bool:
    """Return whether this system can fork and watch child processes."""
    return sys.platform == "linux"


def leftover(names: list[str]) -> str:
    """Describe the processes that a notebook left running.

    >>> leftover(["sleep"])
    'left 1 process running (sleep), ended with it'
    """
    many = "es" * (len(names) > 1)
    return f"left {len(names)} process{many} running ({', '.join(sorted(set(names)))}), ended with it"


class WarmServer:
    """A process that has imported everything; started before the first run, and again if it is lost."""

    def __init__(self, env: dict[str, str]) -> None:
        self._env, self._lock = env, threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The number of the process; 0 before it is started."""
        return self._process.pid if self._process else 0

    @property
    def gone(self) -> bool:
        """Whether the process ended or was closed, and with it every notebook that it ran."""
        return self._closed or (self._process is not None and self._process.poll() is not None)

    def start(self) -> None:
        """Start the process if it is not running, without waiting for its imports.

        Raises
        ------
        ServerLost
            If it was closed.
        """
        with self._lock:
            if self._closed:
                raise ServerLost("the warm server was closed", remedy="Open another")
            if self._process is None or self._process.poll() is not None:
                self._start()

    def close(self) -> None:
        """End the process and every notebook that it runs."""
        self._closed = True
        if self._process is None or self._control is None:
            return
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def run(self, cells: list[tuple[int, str, bool]], kernel: Kernel) -> Iterator[dict[str, Any]]:
        """Run cells in a new fork; yield a message as each cell starts and ends, and one at the end.

        Raises
        ------
        ServerLost
            If the warm server ended meanwhile; the run may be tried again.
        Stopped
            If the notebook took too long, or its process ended before its last cell did.
        """
        results, status = self._fork()
        until = time.monotonic() + kernel.timeout_s
        with results, status:
            first = receive(status)
            try:
                send(results, {"cells": cells, "env": kernel.env, "cwd": kernel.cwd, "rules": kernel.rules})
            except OSError:
                first = None
            if first is None:
                self._let_die()
                raise ServerLost("the warm server was lost", remedy=_REMEDY)
            kernel.begun = True
            try:
                yield from _followed(results, status, first["supervisor"], until, kernel)
            except ServerLost:
                self._let_die()
                raise

    def _let_die(self) -> None:
        """Wait a moment: a dying process still counts as running, and would be used again."""
        with suppress(subprocess.TimeoutExpired):
            if self._process:
                self._process.wait(_DYING_S)

    def _start(self) -> None:
        if self._control:
            self._control.close()
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "toolkit.warm.server", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._ready = False

    def _fork(self) -> tuple[socket.socket, socket.socket]:
        self.start()
        with self._lock:
            control: Any = self._control
            if not self._ready:
                control.settimeout(_START_S)
                self._ready = _is_ready(control)
            results, theirs = socket.socketpair()
            status, theirs_too = socket.socketpair()
            with theirs, theirs_too:
                try:
                    socket.send_fds(control, [b"f"], [theirs.fileno(), theirs_too.fileno()])
                except OSError as error:
                    results.close()
                    status.close()
                    raise ServerLost(f"the warm server was lost ({error})", remedy=_REMEDY) from None
        return results, status


def _is_ready(control: socket.socket) -> bool:
    try:
        return control.recv(1) == b"r"
    except OSError:
        return False


def _followed(
    results: socket.socket, status: socket.socket, supervisor: int, until: float, kernel: Kernel
) -> Iterator[dict[str, Any]]:
    """Pass on what a notebook sends, until its supervisor reports how it ended."""
    late, open_lines, last = False, [results, status], None
    while status in open_lines:
        ready, _, _ = select(open_lines, [], [], None if late else max(0.0, until - time.monotonic()))
        if not ready:
            late = True
            with suppress(ProcessLookupError):
                os.kill(supervisor, signal.SIGTERM)
            continue
        message = receive(ready[0])
        if message is None:
            open_lines.remove(ready[0])
            continue
        if ready[0] is status:
            last = message
            continue
        yield message
    while select([results], [], [], 0)[0] and (message := receive(results)):
        yield message
    if late:
        raise Stopped(f"took longer than {kernel.timeout_s:g} s")
    if last is None:
        raise ServerLost("the process that watches a notebook was lost", remedy=_REMEDY)
    kernel.used = {name: last[name] for name in ("cpu_s", "rss_mb")}
    yield last
