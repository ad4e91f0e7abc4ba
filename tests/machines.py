"""A Dask scheduler and workers in processes of their own on 127.0.0.1, to be killed one by one; and who runs what there."""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from conftest import cell

ROOT = Path(__file__).parents[1]
QUIET = {"DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]", "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "[]"}
NAMED = (
    "import ctypes, time\nctypes.CDLL(None).prctl(15, f'report-{x}'.encode())\ntime.sleep(seconds)\n'from ' + str(x)"
)


class Machines:
    """One scheduler, and workers that a nanny starts again; `folder` is theirs alone."""

    def __init__(self, folder, workers=2, **variables):
        self.folder, self.variables = folder, variables
        folder.mkdir(parents=True, exist_ok=True)
        self.found = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(self.found))
        wait(self.found.exists, "the scheduler")
        self.address = json.loads(self.found.read_text())["address"]
        own = ("--nthreads", "1", "--memory-limit", "0", "--local-directory", str(folder), "--death-timeout", "60")
        self.nannies = [self._start("worker", self.address, *own) for _ in range(workers)]

    def _start(self, kind, *words):
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--host", "127.0.0.1", "--no-dashboard"]
        environment = {**os.environ, **QUIET, "PYTHONPATH": str(ROOT), **self.variables}
        log = (self.folder / f"{kind}.log").open("a")
        with log:
            return subprocess.Popen(
                [*command, "--dashboard-address", "127.0.0.1:0", *words],
                env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def workers(self):
        """Return the processes of the workers that are there: children of the nannies with a warm process below them."""
        below = [child for nanny in self.nannies for child in children(nanny.pid)]
        return [pid for pid in below if alive(pid) and any("toolkit.warm" in words(each) for each in children(pid))]

    def running(self):
        """Return from the name of each report that runs to its worker."""
        found = {}
        for worker in self.workers():
            for warden in [each for server in children(worker) for each in children(server)]:
                found |= {name: worker for child in children(warden) if (name := comm(child)).startswith("report-")}
        return found

    def close(self):
        """End everything, by number."""
        for process in (*self.nannies, self.scheduler):
            process.terminate()
        for process in (*self.nannies, self.scheduler):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Killer(threading.Thread):
    """Kills the worker that runs a report: as often as `plan` says for the report's name."""

    def __init__(self, machines, plan):
        super().__init__(daemon=True)
        self.machines, self.plan, self.over = machines, dict(plan), threading.Event()
        self.killed, self.orphans = [], []

    def run(self):
        """Look who runs what until told to stop."""
        while not self.over.wait(0.02):
            for name, worker in self.machines.running().items():
                if self.plan.get(name, 0) > 0:
                    self.orphans += descendants(worker)
                    with suppress(ProcessLookupError):
                        os.kill(worker, 9)
                    self.plan[name] -= 1
                    self.killed.append(name)
                    wait(lambda worker=worker: not alive(worker), "the end of a killed worker")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def project(home, count, seconds):
    """Write a project of `count` reports that take a moment each, and bear the report's name as they run."""
    (home / "notebooks").mkdir(parents=True, exist_ok=True)
    cells = [
        cell("markdown", "# Report\n\nWho ran it?", 0),
        cell("code", "x: int = 1\nseconds: float = 1.0", 1, ["parameters"]),
        cell("code", NAMED, 2),
    ]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (home / "notebooks" / "n.ipynb").write_text(json.dumps(book))
    grid = f'[[report]]\nnotebook = "notebooks/n.ipynb"\nslug = "report-{{x}}"\ngrid = {{ x = {list(range(count))} }}\n'
    (home / "notebooks" / "nightly.toml").write_text(f"{grid}parameters = {{ seconds = {seconds} }}\n")


def night(home, *more, start=subprocess.run, **named):
    """Make the edition as a user would."""
    command = [sys.executable, "-m", "toolkit", "nightly", "--date", "2025-10-28", "--sample", "0", *more]
    environment = {**os.environ, "TOOLKIT_HOME": str(home), "PYTHONPATH": str(ROOT)}
    if start is subprocess.run:
        named |= {"check": False}
    return start(command, env=environment, cwd=home, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **named)


def wait(until, what, seconds=60):
    """Wait for something that is to come."""
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


def alive(pid):
    """Return whether a process runs; a dead one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid):
    """Return the processes that a process has started, in any of its threads."""
    with suppress(OSError):
        tasks = [*Path(f"/proc/{pid}/task").iterdir()]
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return []


def descendants(pid):
    """Return all processes below a process."""
    return [each for child in children(pid) for each in (child, *descendants(child))]


def words(pid):
    """Return the command line of a process."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def comm(pid):
    """Return the name of a process."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""
