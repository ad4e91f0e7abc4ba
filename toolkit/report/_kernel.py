"""A kernel of Jupyter's under our rules, for runs that are not forks of the warm process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from toolkit import warm

_MOST_SOCKET = 80  # characters of a folder whose sockets still have names short enough for the system


def kernel_manager(kernel: warm.Kernel, folder: str) -> type:
    """Give a kernel manager for this very Python (a kernel named python3 may be another), at home in `folder`."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    from toolkit.warm import _processes

    # a kernel repeats to its terminal what programs print, and says there what it thinks of its transport
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
            below = _processes.below(process.pid) if process and warm.available() else []
            await super()._async_shutdown_kernel(*given, **named)
            kernel.left = _processes.end(below)

        is_alive, shutdown_kernel = _async_is_alive, _async_shutdown_kernel

    return Kernel


def _command(kernel: warm.Kernel) -> list[str]:
    """Give the command of a kernel that puts itself under its rules before the first cell."""
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--HistoryManager.enabled=False"]
    rules = json.dumps(json.dumps(kernel.rules))
    load = "__import__('importlib').import_module('toolkit.warm._guard')"
    guard = f"{load}.install_in_kernel(__import__('json').loads({rules}))"
    argv.append(f"--IPKernelApp.exec_lines={[guard]!r}")
    return argv
