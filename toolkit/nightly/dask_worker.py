"""A worker's side of a night on many machines: proof that it is the right one, one warm process, one report a task."""

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
from toolkit.nightly.finished import Store

if TYPE_CHECKING:
    from pathlib import Path

    from distributed import Worker

    from toolkit.nightly.plan import Decision

NAME = "toolkit-night"  # one at a time: what a killed night left on a worker makes way for the next
_SHOWN = 3


class Hand(WorkerPlugin):
    """What a worker gets for one night.

    Attributes
    ----------
    place : str
        The project's folder, for a worker that was started without ``TOOLKIT_HOME``.
    proof : str
        What stands in the file `proof_file` of the store.
    ground : dict
        What the worker must have too: Python, the toolkit, packages.
    problem : ToolkitError or None
        Why this worker, which came in the middle of a night, is not the right one.
    """

    name = NAME

    def __init__(self, place: str, proof: str, *, cold: bool) -> None:
        self.place, self.proof, self.cold, self.ground = place, proof, cold, ground()
        self.problem: ToolkitError | None = None
        self.zygote: warm.Zygote | None = None

    def setup(self, worker: Worker) -> None:
        """Look whether this is the right worker, and start its warm process."""
        os.environ["TOOLKIT_HOME"] = _own_home() or self.place
        try:
            for found in (_at_first(), ground()):  # what was imported then, and what is imported now
                _expect_same(self.ground, found, str(worker.name))
            _expect_store(Store(home() / "reports"), self.proof, str(worker.name))
        except ToolkitError as error:
            self.problem = error
            raise
        self.zygote = None if self.cold or not warm.available() else warm.Zygote(report.environment())
        if self.zygote:
            self.zygote.start()  # a program of its own, which no thread of the worker's has a part in

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - the signature of a plugin
        """End the warm process, and with it every notebook that still runs here."""
        if self.zygote:
            self.zygote.close()


def make(job: Decision, most: int) -> dict[str, Any]:
    """Make one report into the store that all share, unless it is there; give what it cost.

    Raises
    ------
    Lost
        If it was begun `most` times before, and its worker died each time.
    """
    worker = get_worker()
    hand: Any = worker.plugins[NAME]
    store = Store(home() / "reports")
    if hand.problem:
        raise hand.problem
    cost: dict[str, Any] = {"seconds": 0.0, "worker": str(worker.name)}
    if store.has(job.key):  # made by a worker that was thought to be lost
        return cost
    if begun(store, job.key) >= most:
        raise warm.Lost(f"its worker was lost {most} times while it ran", remedy="Give its worker more memory")
    with tally(store, job.key).open("a") as stream:
        stream.write("x")
    cost |= plan.run_one(job, store, hand.zygote)
    tally(store, job.key).unlink(missing_ok=True)
    return cost


def begun(store: Store, key: str) -> int:
    """Count how often a report was begun and not ended."""
    try:
        return tally(store, key).stat().st_size
    except OSError:
        return 0


def tally(store: Store, key: str) -> Path:
    """Name the file that grows by a letter each time a report is begun; swept with the rest of a night."""
    return store.folder / f".begun-{key}"


def proof_file(store: Store, proof: str) -> Path:
    """Name the file by which a worker knows the store of the night."""
    return store.folder / f".proof-{proof}"


def ground() -> dict[str, str]:
    """Give the versions of all that a report's bytes depend on, by name."""
    packages = {each.metadata["Name"]: each.version for each in distributions()}
    return {"Python": sys.version.split()[0]} | packages | {"the toolkit's source": report.source_hash.__wrapped__()}


_at_first = cache(ground)


@cache
def _own_home() -> str:
    """Give the project's folder as this worker was started with it, before the first night named another."""
    return os.environ.get("TOOLKIT_HOME", "")


def _expect_same(ours: dict[str, str], theirs: dict[str, str], worker: str) -> None:
    other = [name for name in ours if name in theirs and ours[name] != theirs[name]]
    if other:
        shown = ", ".join(f"{name} {theirs[name][:12]}, here {ours[name][:12]}" for name in other[-_SHOWN:])
        raise ToolkitError(
            f"worker {worker} has another {shown}",
            remedy="Install this project and its requirements.lock on every worker, and start the workers again",
        )


def _expect_store(store: Store, proof: str, worker: str) -> None:
    remedy = "Mount the project there at the same path, or start the workers with TOOLKIT_HOME set to where it is"
    if not proof_file(store, proof).is_file():
        raise ToolkitError(f"worker {worker} does not see this night's store: {store.folder}", remedy=remedy)
    try:
        probe = store.making(proof)
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        problem = f"worker {worker} cannot write into the store: {store.folder}: {error.strerror}"
        raise ToolkitError(problem, remedy="Let the workers run as a user who may write there") from None
