"""The press's side of the warm process: start it, hand it notebooks, learn how each of them ended."""

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

_DYING_S = 0.5
_START_S = 120  # most seconds for the imports, on a machine that does much else


class Lost(ToolkitError):
    """The warm process, or the one that watches a notebook, is gone: no fault of the notebook's."""


class Stopped(RuntimeError):
    """A notebook that did not end by itself; the words say why."""


@dataclass
class Kernel:
    """What a notebook may do, and what was learnt of it; one a run.

    Attributes
    ----------
    rules : dict
        As `_guard.Guard` takes them.
    broken : str
        The first rule that it broke, or "".
    used : dict
        Seconds of processor time and megabytes, where known.
    begun : bool
        Whether its process was there.
    code : int or None
        What a kernel of Jupyter's ended with, if it died.
    left : dict
        Number and name of the processes that it left.
    notebook : Any
        As far as it came.
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
    """Tell whether this system can fork watched children."""
    return sys.platform == "linux"


def leftover(names: list[str]) -> str:
    """Say that a notebook has left processes running.

    >>> leftover(["sleep"])
    'left 1 process running (sleep), ended with it'
    """
    many = "es" * (len(names) > 1)
    return f"left {len(names)} process{many} running ({', '.join(sorted(set(names)))}), ended with it"


class Zygote:
    """A warm process; started before the first run, and again when it is lost."""

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
        """Number of the process, 0 before it is started."""
        return self._process.pid if self._process else 0

    @property
    def gone(self) -> bool:
        """Whether it ended, or was closed; what it ran then was ended with it."""
        return self._closed or (self._process is not None and self._process.poll() is not None)

    def start(self) -> None:
        """Start the process if it does not run, without waiting for its imports.

        Raises
        ------
        Lost
            If it was closed.
        """
        with self._lock:
            if self._closed:
                raise Lost("the warm process was closed", remedy="Open another")
            if self._process is None or self._process.poll() is not None:
                self._start()

    def close(self) -> None:
        """End the process, and with it every notebook that it runs."""
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
        """Run cells in a fresh fork; give a message as each starts and ends, and one at the end.

        Raises
        ------
        Lost
            If the warm process ended meanwhile; the run may be tried again.
        Stopped
            If the notebook took too long, or its process ended before its cells did.
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
                raise Lost("the warm process was lost", remedy="Run again; --cold does without it")
            kernel.begun = True
            try:
                yield from _followed(results, status, first["warden"], until, kernel)
            except Lost:
                self._let_die()
                raise

    def _let_die(self) -> None:
        """Wait a moment: a process that is dying still counts as running, and would be asked again."""
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
                self._ready = _heard(control)
            results, theirs = socket.socketpair()
            status, theirs_too = socket.socketpair()
            with theirs, theirs_too:
                try:
                    socket.send_fds(control, [b"f"], [theirs.fileno(), theirs_too.fileno()])
                except OSError as error:
                    results.close()
                    status.close()
                    raise Lost(f"the warm process was lost ({error})", remedy="Run again, or with --cold") from None
        return results, status


def _heard(control: socket.socket) -> bool:
    try:
        return control.recv(1) == b"r"
    except OSError:
        return False


def _followed(
    results: socket.socket, status: socket.socket, warden: int, until: float, kernel: Kernel
) -> Iterator[dict[str, Any]]:
    """Pass on what a notebook sends until its warden says how it ended."""
    late, open_lines, last = False, [results, status], None
    while status in open_lines:
        ready, _, _ = select(open_lines, [], [], None if late else max(0.0, until - time.monotonic()))
        if not ready:
            late = True
            _end(warden)
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
        raise Lost("the process that watches a notebook was lost", remedy="Run again; --cold does without it")
    kernel.used = {name: last[name] for name in ("cpu_s", "rss_mb")}
    yield last


def _end(warden: int) -> None:
    try:
        os.kill(warden, signal.SIGTERM)
    except ProcessLookupError:
        return
