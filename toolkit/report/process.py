"""The kernel process of one run, and its scratch folder, which the next run deletes if this one is killed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import warm
from toolkit.warm import processes

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["kernel_manager", "scratch"]

_PREFIX = "trade-toolkit-run-"
_MOST_SOCKET = 80  # characters of a folder's path; the system limits the length of a socket's path


def kernel_manager(kernel: warm.Kernel, folder: str) -> type:
    """Return a kernel manager for the Python that runs this; a kernel named python3 may be another."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    # a kernel repeats on its terminal what programs print, and warns there about its transport
    nowhere = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    start: dict[str, Any] = {"env": kernel.env, "cwd": kernel.cwd, **nowhere}

    class Kernel(AsyncKernelManager):
        kernel_spec = KernelSpec(argv=_command(kernel), display_name="Python 3", language="python")

        def __init__(self, **options: Any) -> None:
            if os.name == "posix" and len(folder) < _MOST_SOCKET:
                options["transport"] = "ipc"  # a TCP port is open to every user of the machine
            super().__init__(**options, connection_file=f"{folder}/kernel.json")

        async def _async_pre_start_kernel(self, **options: Any) -> Any:
            return await super()._async_pre_start_kernel(**options | start)

        async def _async_is_alive(self) -> bool:
            alive = await super()._async_is_alive()
            if not alive and self.provisioner:
                kernel.code = await self.provisioner.poll()
            return alive

        async def _async_shutdown_kernel(self, *given: Any, **named: Any) -> None:
            process = getattr(self.provisioner, "process", None)
            below = processes.below(process.pid) if process and warm.available() else []
            await super()._async_shutdown_kernel(*given, **named)
            kernel.left = processes.end(below)

        is_alive, shutdown_kernel = _async_is_alive, _async_shutdown_kernel

    return Kernel


def _command(kernel: warm.Kernel) -> list[str]:
    """Return the command of a kernel that installs its guard before the first cell runs."""
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--HistoryManager.enabled=False"]
    rules = json.dumps(json.dumps(kernel.rules))
    load = "__import__('importlib').import_module('toolkit.warm.guard')"
    guard = f"{load}.install_in_kernel(__import__('json').loads({rules}))"
    argv.append(f"--IPKernelApp.exec_lines={[guard]!r}")
    return argv


@contextmanager
def scratch() -> Iterator[str]:
    """Yield a folder that is deleted afterwards; first delete those that killed processes have left."""
    _sweep()
    folder, handle = _locked_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _locked_folder() -> tuple[str, int | None]:
    while True:
        folder = tempfile.mkdtemp(prefix=_PREFIX)
        handle = _lock(folder)
        if os.name != "posix" or (handle is not None and Path(folder).is_dir()):
            return folder, handle
        if handle is not None:  # another run deleted it just before it was locked
            os.close(handle)


def _sweep() -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            ours = path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.getuid()
            if ours and (handle := _lock(str(path))) is not None:
                shutil.rmtree(path, ignore_errors=True)
                os.close(handle)


def _lock(folder: str) -> int | None:
    """Lock a folder until the handle is closed or this process ends; return None if that is not possible."""
    if os.name != "posix":
        return None
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
