"""The warm process: it has imported everything, runs nothing itself, and forks a watched child for each notebook."""

from __future__ import annotations

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

PRELOADED = (
    "IPython.core.interactiveshell", "ipykernel.kernelbase", "ipykernel.zmqshell", "numpy", "pandas", "statsmodels.api",
    "statsmodels.formula.api", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "toolkit.warm.cells",
    "toolkit.report", "toolkit.registry", "toolkit.figures", "toolkit.article", "toolkit.observation",
    "toolkit.econ.indicators", "toolkit.charts", "toolkit.compare",
    # what these import at their first use only: each child would have to do it again
    "IPython.core.application", "IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect",
    "PIL.BmpImagePlugin", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.PpmImagePlugin",
    "pandas.core.reshape.reshape", "pandas.io.formats.html", "pandas.io.formats.string", "pandas.io.formats.style",
    "pandas.plotting._matplotlib", "pyarrow.pandas_compat", "toolkit.warm.guard",
)  # fmt: skip
_FIRST_FREE, _MOST_OPEN = 3, 1024


def main() -> None:
    """Import, say so, then fork a child for each pair of sockets that comes; end with who started us."""
    control = socket.socket(fileno=int(sys.argv[1]))
    _preload()
    adopt()
    gc.collect()
    gc.freeze()
    control.sendall(b"r")
    _serve(control)


def _preload() -> None:
    """Import what notebooks use, as in a kernel: pandas looks for one when it is imported."""
    import builtins

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
    wardens: set[int] = set()
    while True:
        for key, _ in selector.select():
            if key.fileobj is not control:
                os.read(woken, _MOST_OPEN)
                _reap(wardens)
                continue
            message, lines, *_ = socket.recv_fds(control, 1, 2)
            if not message:
                os._exit(0)  # our children are told by the system
            wardens.add(_fork_warden([socket.socket(fileno=line) for line in lines], (control, woken, wake)))


def _reap(wardens: set[int]) -> None:
    """Take note of the wardens that ended; end what one that was killed has left to us."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if pid == 0:
            break
        wardens.discard(pid)
    for pid in set(children()) - wardens:
        kill(pid)


def _fork_warden(lines: list[socket.socket], ours: tuple[Any, ...]) -> int:
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


def _watch(results: socket.socket, status: socket.socket, zygote: int) -> int:
    """Fork the notebook's own process, wait for it, end whatever it leaves, and tell how it ended.

    If it is told to end, by the press or because the warm process was lost, all ends and
    nothing is told: that is no fault of the notebook's. (The warm process has threads: the
    one that forked us may be dead and the process still seem to be our parent.)
    """
    watched = {signal.SIGCHLD, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    parent = os.getpid()
    if (child := os.fork()) == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, watched)
        status.close()
        _run(results, parent)
    results.close()
    _tell(status, {"warden": parent, "child": child})
    ended, told = None, False
    while ended is None:
        if signal.sigwait(watched) == signal.SIGTERM:
            told = True
            kill(child)
        ended = _ended(child)
    left = _end_the_rest()
    if told or os.getppid() != zygote or signal.SIGTERM in signal.sigpending():
        return 1
    code, usage = os.waitstatus_to_exitcode(ended[0]), ended[1]
    _tell(status, {
        "exit": code, "left": left, "cpu_s": round(usage.ru_utime + usage.ru_stime, 3), "rss_mb": usage.ru_maxrss // 1024,
    })  # fmt: skip
    return 0


def _tell(status: socket.socket, message: Any) -> None:
    try:
        send(status, message)
    except OSError:  # the press is gone; what runs here must end all the same
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
    """Kill what the notebook has left running, and all that this leaves; give number and name of each."""
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
    """Be the notebook's process: take its rules and cells, run them, leave without a look back."""
    code = 1
    try:
        os.setsid()
        end_with_parent(signal.SIGKILL)
        for number in (signal.SIGTERM, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for handle in range(_FIRST_FREE, _MOST_OPEN):
            if handle != results.fileno():
                _close(handle)
        if os.getppid() == parent and (request := receive(results)):
            from toolkit.warm import cells

            cells.run(request, results)
            code = 0
    except BaseException as error:  # noqa: BLE001 - the press is told; there is nobody else
        send(results, {"broke": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(code)


def _close(handle: int) -> None:
    try:
        os.close(handle)
    except OSError:
        return


if __name__ == "__main__":
    main()
