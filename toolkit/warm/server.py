"""The warm server: a process that has imported everything and forks a watched child for each notebook."""

from __future__ import annotations

import builtins
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
import time
from types import SimpleNamespace
from typing import Any, NoReturn

from toolkit.warm.processes import GRACE_S, adopt, children, end_with_parent, kill, name_of, receive, send

__all__ = ["PRELOADED", "main"]

PRELOADED = (
    "IPython.core.interactiveshell", "ipykernel.kernelbase", "ipykernel.zmqshell", "numpy", "pandas", "statsmodels.api",
    "statsmodels.formula.api", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "toolkit.warm.cells",
    "toolkit.report", "toolkit.registry", "toolkit.figures", "toolkit.article", "toolkit.observation",
    "toolkit.econ.indicators", "toolkit.charts", "toolkit.compare",
    # what these import only when first used; each child would have to import it again
    "IPython.core.application", "IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect",
    "PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.PpmImagePlugin",
    "pandas.core.reshape.reshape", "pandas.io.formats.html", "pandas.io.formats.string", "pandas.io.formats.style",
    "pandas.plotting._matplotlib", "pyarrow.pandas_compat", "toolkit.warm.guard",
)  # fmt: skip
_FIRST_FREE, _MOST_OPEN = 3, 1024


def main() -> None:
    """Import everything, report it, then fork a child for each pair of sockets received; end with the client."""
    control = socket.socket(fileno=int(sys.argv[1]))
    _preload()
    adopt()
    gc.collect()
    gc.freeze()
    control.sendall(b"r")
    _serve(control)


def _preload() -> None:
    """Import what notebooks use, as if in a kernel: pandas looks for one when it is imported."""
    builtins.get_ipython = lambda: SimpleNamespace(kernel=True)  # type: ignore[attr-defined]
    for name in PRELOADED:
        importlib.import_module(name)
    del builtins.get_ipython  # type: ignore[attr-defined]


def _serve(control: socket.socket) -> None:
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    supervisors: set[int] = set()
    while True:
        for key, _ in selector.select():
            if key.fileobj is not control:
                os.read(woken, _MOST_OPEN)
                _reap(supervisors)
                continue
            message, lines, *_ = socket.recv_fds(control, 1, 2)
            if not message:
                os._exit(0)  # the system signals our children
            supervisors.add(_fork_supervisor([socket.socket(fileno=line) for line in lines], (control, woken, wake)))


def _reap(supervisors: set[int]) -> None:
    """Remove the supervisors that ended; kill the processes that a killed supervisor left to us."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if pid == 0:
            break
        supervisors.discard(pid)
    for pid in set(children()) - supervisors:
        kill(pid)


def _fork_supervisor(lines: list[socket.socket], ours: tuple[Any, ...]) -> int:
    parent = os.getpid()
    if pid := os.fork():
        for line in lines:
            line.close()
        return pid
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in ours:
            os.close(end if isinstance(end, int) else end.detach())
        adopt()
        end_with_parent(signal.SIGTERM)
        status = _watch(lines[0], lines[1], parent) if os.getppid() == parent else 1
    finally:
        os._exit(status)


def _watch(results: socket.socket, status: socket.socket, server: int) -> int:
    """Fork the notebook's own process, wait for it, end whatever it leaves, and report how it ended.

    After a SIGTERM, from the client or because the warm server was lost, everything ends
    and nothing is reported: the notebook is not to blame. (The warm server has threads: the
    one that forked us may be dead although the process still seems to be our parent.)
    """
    watched = {signal.SIGCHLD, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    parent = os.getpid()
    if (child := os.fork()) == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, watched)
        status.close()
        _run(results, parent)
    results.close()
    _report(status, {"supervisor": parent, "child": child})
    ended, stopped = None, False
    while ended is None:
        if signal.sigwait(watched) == signal.SIGTERM:
            stopped = True
            kill(child)
        ended = _ended(child)
    left = _end_the_rest()
    if stopped or os.getppid() != server or signal.SIGTERM in signal.sigpending():
        return 1
    code, usage = os.waitstatus_to_exitcode(ended[0]), ended[1]
    _report(status, {
        "exit": code, "left": left, "cpu_s": round(usage.ru_utime + usage.ru_stime, 3), "rss_mb": usage.ru_maxrss // 1024,
    })  # fmt: skip
    return 0


def _report(status: socket.socket, message: Any) -> None:
    try:
        send(status, message)
    except OSError:  # the client is gone, and the notebook must not go on without it
        os.kill(os.getpid(), signal.SIGTERM)


def _ended(child: int) -> tuple[int, Any] | None:
    found = None
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == child:
            found = (status, usage)


def _end_the_rest() -> list[list[Any]]:
    """Kill what the notebook left running, and its descendants; return number and name of each."""
    until = time.monotonic() + GRACE_S
    while (rest := children()) and time.monotonic() < until:
        _ended(0)
        time.sleep(0.01)
    named = {pid: name_of(pid) for pid in rest}
    while rest := children():
        for pid in rest:
            named.setdefault(pid, name_of(pid))
            kill(pid)
        _ended(0)
        time.sleep(0.005)
    return [[pid, name] for pid, name in named.items() if name]


def _run(results: socket.socket, parent: int) -> NoReturn:
    """Become the notebook's process: receive its rules and cells, run them, and exit at once."""
    code = 1
    try:
        os.setsid()
        end_with_parent(signal.SIGKILL)
        for number in (signal.SIGTERM, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.closerange(_FIRST_FREE, results.fileno())
        os.closerange(results.fileno() + 1, _MOST_OPEN)
        if os.getppid() == parent and (request := receive(results)):
            from toolkit.warm import cells

            cells.run(request, results)
            code = 0
    except BaseException as error:  # noqa: BLE001 - the client reports it; nobody else can
        send(results, {"broke": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
