"""Every way in which a notebook can fail, and how each is to be named; warm or cold."""

import json
import os
import time
from datetime import date
from pathlib import Path

from conftest import cell

from toolkit import report, warm
from toolkit.errors import ToolkitError

LIMITS = report.Limits(timeout_s=3, memory_mb=900, output_mb=1)
_COLD = report.Limits(timeout_s=12, memory_mb=900, output_mb=1)  # a kernel takes seconds to start
_PATIENCE_S = 5
_NAP_S = f"600.{os.getpid()}"  # no other process on the machine sleeps as long
FAULTS = {
    "raises": ("1 / 0", "raised ZeroDivisionError: division by zero"),
    "sys.exit(0)": ("import sys\nsys.exit(0)", "raised SystemExit: 0; the cells after it did not run"),
    "quit()": ("quit()", "raised SystemExit: quit() was called"),
    "os._exit": ("import os\nos._exit(0)", "lost its kernel: its process ended itself with exit code 0"),
    "killed": ("import os\nos.kill(os.getpid(), 9)", "lost its kernel: killed by SIGKILL"),
    "segfault": ("import ctypes\nctypes.string_at(0)", "lost its kernel: killed by SIGSEGV"),
    "endless loop": ("while True:\n    pass", "took longer than 3 s"),
    "endless, deaf to SIGINT": (
        "import signal\nsignal.signal(2, signal.SIG_IGN)\nsignal.signal(15, signal.SIG_IGN)\nwhile True:\n    pass",
        "took longer than 3 s",
    ),
    "memory hog": ("hog = bytearray(5_000_000_000)", "raised MemoryError"),
    "1 GB of output": ("for _ in range(1_000_000):\n    print('x' * 1000)", "put out more than a report may hold"),
    "100,000 displays": ("for i in range(100_000):\n    display(i)", "put out more than a report may hold"),
    "children that outlive it": (
        f"import subprocess\nsubprocess.Popen(['sleep', '{_NAP_S}'], start_new_session=True)",
        "left 1 process running (sleep), ended with it",
    ),
    "stderr flood": (
        "import sys\nwhile True:\n    sys.stderr.write('x' * 1000)", "put out more than a report may hold"
    ),
    "a flood past Python": ("import os\nwhile True:\n    os.write(1, b'x' * 100_000)", "put out more than a report may hold"),
    "writes outside its folder": ("open('data.csv', 'w')", "writes data.csv, outside its own folder"),
    "reads an undeclared file": ("open('secret.txt').read()", "reads secret.txt, which it does not declare"),
    "reads outside the project": ("open('/etc/passwd').read()", "reads /etc/passwd, which is outside the project"),
    "lists an undeclared folder": ("import os\nos.listdir('notes')", "lists notes, which it does not declare"),
    "lists the project": ("import glob\nglob.glob('*')", "lists the whole project"),
    "asks for input": ("input('?')", "raised StdinNotImplementedError"),
    "changes directory": ("import os\nos.chdir('/')", "changes the working directory to /"),
    "hides what it did": ("try:\n    open('secret.txt')\nexcept OSError:\n    pass", "reads secret.txt, which it does not"),
}  # fmt: skip


# said otherwise of a kernel of Jupyter's, whose children nobody watches
COLD = {
    "endless loop": "took longer than 12 s",
    "endless, deaf to SIGINT": "took longer than 12 s",
}


def processes():
    """Return the command lines of everything that runs on this machine."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found


def wrong(home, source, reason, server):
    """Run a notebook that fails; say what is wrong with how that is told and with what stays behind, or ""."""
    (home / "secret.txt").write_text("secret")
    for folder in ("notes", "notebooks"):
        (home / folder).mkdir(exist_ok=True)
    sources = ["x: int = 1", "print('before')", source, "print('after')"]
    cells = [cell("markdown", "# A title", 0), cell("code", sources[0], 1, ["parameters"])]
    cells += [cell("code", each, number) for number, each in enumerate(sources[1:], 2)]
    path, folder = home / "notebooks" / "n.ipynb", home / "out"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    limits = LIMITS if server else _COLD
    try:
        report.run(path, {"x": 2}, folder, edition_date=date(2025, 10, 28), limits=limits, server=server)
    except ToolkitError as error:
        return _untold(error.problem, folder, source.splitlines()[0], reason) or _left()
    return "nothing is said"


def tried(home):
    """Try every one of them; give what is wrong with each, by mode and name."""
    with warm.WarmServer(report.environment()) as server:
        warmly = {name: wrong(home, source, reason, server) for name, (source, reason) in FAULTS.items()}
    cold = {name: wrong(home, source, COLD.get(name, reason), None) for name, (source, reason) in FAULTS.items()}
    return {"warm": warmly, "cold": cold}


def _untold(problem, folder, first, reason):
    record, page = json.loads((folder / "run.json").read_text()), (folder / "report.html").read_text()
    expected = {
        "cell": problem.startswith(f"notebooks/n.ipynb, cell 4 ({first})"),
        "reason": reason in problem and reason in record["error"],
        "status": record["status"] == "failed",
        "figures": (folder / "figures.jsonl").read_text() == "",
        "banner": "nothing in it may be cited" in page,
        "what came before": "before" in page,
        "size": sum(path.stat().st_size for path in folder.iterdir()) < 4_000_000,
    }
    amiss = [name for name, right in expected.items() if not right]
    return f"{', '.join(amiss)}: {problem}" if amiss else ""


def _left():
    until = time.monotonic() + _PATIENCE_S
    while (running := any(f"sleep {_NAP_S}" in line for line in processes())) and time.monotonic() < until:
        time.sleep(0.05)
    return "a child still runs" if running else ""
