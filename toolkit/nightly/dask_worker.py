"""What a Dask worker does for a night: check that it is set up alike, start a warm server, make one report a task."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Any

from distributed import WorkerPlugin, get_worker

from toolkit import report, warm
from toolkit.errors import ToolkitError
from toolkit.files import home
from toolkit.nightly import plan
from toolkit.nightly.finished import FinishedStore

if TYPE_CHECKING:
    from pathlib import Path

    from distributed import Worker

    from toolkit.nightly.items import RunOptions
    from toolkit.nightly.plan import Decision

__all__ = ["NAME", "WorkerSetup", "attempts", "attempts_file", "dependency_versions", "make", "proof_file"]

NAME = "toolkit-night"  # the same for every night, so that the next one replaces what a killed one left
_SHOWN = 3


class WorkerSetup(WorkerPlugin):
    """The plugin that prepares a worker for one night.

    Attributes
    ----------
    project : str
        The project's folder, for a worker that was started without ``TOOLKIT_HOME``.
    proof : str
        Names the file `proof_file`, by which the worker recognises the store.
    options : RunOptions
        How the reports are run.
    versions : dict
        The versions that the worker must have too: Python, the toolkit, packages.
    problem : ToolkitError or None
        Why a worker that joined during the night cannot be used.
    """

    name = NAME

    def __init__(self, project: str, proof: str, options: RunOptions) -> None:
        self.project, self.proof, self.options, self.versions = project, proof, options, dependency_versions()
        self.problem: ToolkitError | None = None
        self.server: warm.WarmServer | None = None

    def setup(self, worker: Worker) -> None:
        """Check that this worker can be used, and start its warm server."""
        os.environ["TOOLKIT_HOME"] = _own_home() or self.project
        try:
            for found in (_versions_at_first(), dependency_versions()):  # what is imported, and what is installed
                _expect_same(self.versions, found, str(worker.name))
            _expect_store(FinishedStore(home() / "reports"), self.proof, str(worker.name))
        except ToolkitError as error:
            self.problem = error
            raise
        if server := plan.server_for(self.options):
            server.start()  # a separate program, independent of the worker's threads
        self.server = server

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - the signature of a plugin
        """End the warm server and every notebook that still runs here."""
        if self.server:
            self.server.close()


def make(job: Decision, most: int) -> dict[str, Any]:
    """Make one report in the shared store, unless it is there already; return what it cost.

    Raises
    ------
    ServerLost
        If it was begun `most` times before, and its worker died each time.
    """
    worker = get_worker()
    setup: Any = worker.plugins[NAME]
    store = FinishedStore(home() / "reports")
    if setup.problem:
        raise setup.problem
    cost: dict[str, Any] = {"seconds": 0.0, "worker": str(worker.name)}
    if store.has(job.key):  # made by a worker that was believed to be lost
        return cost
    if attempts(store, job.key) >= most:
        raise warm.ServerLost(f"its worker was lost {most} times while it ran", remedy="Give its worker more memory")
    with attempts_file(store, job.key).open("a") as stream:
        stream.write("x")
    cost |= plan.run_one(job, store, setup.server)
    attempts_file(store, job.key).unlink(missing_ok=True)
    return cost


def attempts(store: FinishedStore, key: str) -> int:
    """Count how often a report was begun without being finished."""
    try:
        return attempts_file(store, key).stat().st_size
    except OSError:
        return 0


def attempts_file(store: FinishedStore, key: str) -> Path:
    """Name the file that grows by a letter with each attempt; it is deleted at the end of the night."""
    return store.folder / f".begun-{key}"


def proof_file(store: FinishedStore, proof: str) -> Path:
    """Name the file by which a worker recognises the store of the night."""
    return store.folder / f".proof-{proof}"


def dependency_versions() -> dict[str, str]:
    """Return the versions of everything that can change a report's bytes."""
    packages = {each.metadata["Name"]: each.version for each in distributions()}
    return {"Python": sys.version.split()[0]} | packages | {"the toolkit's source": report.source_hash.__wrapped__()}


_versions_at_first = cache(dependency_versions)


@cache
def _own_home() -> str:
    """Return ``TOOLKIT_HOME`` as it was when this worker was started."""
    return os.environ.get("TOOLKIT_HOME", "")


def _expect_same(ours: dict[str, str], theirs: dict[str, str], worker: str) -> None:
    other = [name for name in ours if name in theirs and ours[name] != theirs[name]]
    if other:
        shown = ", ".join(f"{name} {theirs[name][:12]}, here {ours[name][:12]}" for name in other[-_SHOWN:])
        raise ToolkitError(
            f"worker {worker} has another {shown}",
            remedy="Install this project and its requirements.lock on every worker, and start the workers again",
        )


def _expect_store(store: FinishedStore, proof: str, worker: str) -> None:
    remedy = "Mount the project there at the same path, or start the workers with TOOLKIT_HOME set to where it is"
    if not proof_file(store, proof).is_file():
        raise ToolkitError(f"worker {worker} does not see this night's store: {store.folder}", remedy=remedy)
    try:
        probe = store.temporary_path(proof)
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        problem = f"worker {worker} cannot write into the store: {store.folder}: {error.strerror}"
        raise ToolkitError(problem, remedy="Let the workers run as a user who may write there") from None
