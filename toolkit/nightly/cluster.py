"""Run the reports of a night on the workers of a Dask scheduler, which share one store."""

from __future__ import annotations

import logging
import os
import queue
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from toolkit import files, warm
from toolkit.errors import ToolkitError
from toolkit.files import home
from toolkit.nightly import plan

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from distributed import Client, Future, LocalCluster

    from toolkit.nightly.dask_worker import WorkerSetup
    from toolkit.nightly.finished import FinishedStore
    from toolkit.nightly.items import RunOptions
    from toolkit.nightly.plan import Decision

__all__ = ["LOCAL", "run_all"]

LOCAL = "local"
_CONNECT_S, _FIRST_WORKER_S, _NO_WORKER_S = 10, 60, 60
_ANSWER_S, _LOOK_S = 20, 2
_SEEN_S = 90  # a network file system may show a folder that much later on other machines
_TOGETHER, _ALONE = 2, 3  # how often a report may be begun: together with others, and in total
_HANDED_OUT = 3  # limit for a report that only waited on workers that died
_A_MESSAGE = 500  # reports
_INSTALL = "Install this project on the scheduler and every worker, and start them again"
_BY_HAND = "Run its notebook with these parameters by hand, or give the workers more memory"


def run_all(jobs: list[Decision], store: FinishedStore, options: RunOptions) -> Generator[plan.Done]:
    """Make every report that the store lacks, on the workers of a scheduler; yield each as it ends.

    Raises
    ------
    ToolkitError
        If the scheduler does not answer, has no suitable worker, or is lost for good.
        What was finished is in the store.
    """
    if not jobs:
        return
    with _connected(options) as client, _prepared(client, store, options):
        yield from _Round(client, store, options.scheduler).made(jobs)


class _Round:
    """Reports that were handed out; one that lost its worker repeatedly is tried alone at the end."""

    def __init__(self, client: Client, store: FinishedStore, address: str) -> None:
        self.client, self.store, self.address = client, store, address
        self.night = os.urandom(8).hex()
        self.ended: queue.Queue[Future[Any]] = queue.Queue()
        self.waiting: dict[Any, tuple[Decision, Future[Any]]] = {}
        self.handed: Counter[str] = Counter()
        self.suspects: list[Decision] = []

    def made(self, jobs: list[Decision]) -> Iterator[plan.Done]:
        """Yield each report and what it cost, once it is in the store."""
        try:
            self._hand_out(jobs, _TOGETHER)
            while self.waiting or self.suspects:
                if not self.waiting:
                    self._hand_out([self.suspects.pop()], _ALONE)
                future = self._next()
                job, _ = self.waiting.pop(future.key)
                if (cost := self._cost(job, future)) is not None:
                    yield job, cost
        finally:
            with suppress(Exception):  # also after Ctrl-C, when the client may be in any state
                self.client.cancel([future for _, future in self.waiting.values()], force=True)

    def _hand_out(self, jobs: list[Decision], most: int) -> None:
        """Hand out reports under one group of keys, so that the scheduler holds back those that must wait."""
        from toolkit.nightly import dask_worker

        self.handed.update(job.key for job in jobs)
        keys = [(f"report-{self.night}", f"{job.key}-{self.handed[job.key]}") for job in jobs]
        futures = self.client.map(
            dask_worker.make, jobs, [most] * len(jobs), key=keys, pure=False, retries=0, batch_size=_A_MESSAGE
        )
        for job, future in zip(jobs, futures, strict=True):
            self.waiting[future.key] = job, future
            future.add_done_callback(self.ended.put)

    def _next(self) -> Future[Any]:
        """Wait for the next future that ends, as long as there are workers."""
        since = time.monotonic()
        while True:
            with suppress(queue.Empty):
                return self.ended.get(timeout=_LOOK_S)
            if self._workers():
                since = time.monotonic()
            elif time.monotonic() - since > _NO_WORKER_S:
                raise ToolkitError(
                    f"{self.address}: no worker is left, {self._left} reports to go",
                    remedy="Start workers and run the same command again: what is finished is kept",
                )

    def _workers(self) -> int:
        try:
            return len(self.client.nthreads(callback_timeout=_ANSWER_S))
        except Exception:  # noqa: BLE001 - any error means that the scheduler does not answer
            raise self._lost() from None

    @property
    def _left(self) -> int:
        return len(self.waiting) + len(self.suspects) or 1

    def _lost(self) -> ToolkitError:
        return ToolkitError(
            f"{self.address}: the scheduler was lost, {self._left} reports to go",
            remedy="Start it again and run the same command: what is finished is kept",
        )

    def _cost(self, job: Decision, future: Future[Any]) -> dict[str, Any] | None:
        """Return what a stored report cost, or None if it is to be tried again."""
        cost: dict[str, Any] = {"seconds": 0.0}
        if future.status == "finished":
            with suppress(Exception):  # the worker may be gone; the store shows whether the report is there
                cost = future.result(timeout=_ANSWER_S)
            self._expect_seen(job, cost.get("worker", "a worker"))
        elif not self.store.has(job.key):  # otherwise its worker died just after finishing it
            return cost if self._given_up(job, self._attempts(job, future)) else None
        return cost

    def _expect_seen(self, job: Decision, worker: str) -> None:
        until = time.monotonic() + _SEEN_S
        while not self.store.has(job.key):
            if time.monotonic() > until:
                raise ToolkitError(
                    f"{job.row.slug}: made on {worker}, but not visible in {self.store.folder}",
                    remedy="Let all machines share the folder, and run the same command again",
                )
            time.sleep(0.2)

    def _attempts(self, job: Decision, future: Future[Any]) -> int:
        """Count the attempts at a report whose worker died; raise any other error."""
        from distributed import KilledWorker

        from toolkit.nightly import dask_worker

        if future.status != "error":
            raise self._lost()
        error: Any = future.exception(timeout=_ANSWER_S)
        if isinstance(error, warm.ServerLost | KilledWorker):
            return dask_worker.attempts(self.store, job.key)
        if isinstance(error, ToolkitError | OSError):
            raise error
        raise ToolkitError(f"{job.row.slug}: {type(error).__name__}: {error}", remedy=_INSTALL)

    def _given_up(self, job: Decision, attempts: int) -> bool:
        """Hand out a report that lost its worker again, or store that it failed; return whether it failed."""
        if attempts >= _ALONE or self.handed[job.key] > _HANDED_OUT:
            making = self.store.temporary_path(job.key)
            note = f"its worker was lost {attempts} times while it ran, the last time alone\n→ {_BY_HAND}"
            plan.write_failure(job, making, note)
            self.store.put(job.key, making)
            return True
        if attempts >= _TOGETHER or self.handed[job.key] == _HANDED_OUT:
            self.suspects.append(job)
        else:
            self._hand_out([job], _TOGETHER)
        return False


@contextmanager
def _connected(options: RunOptions) -> Iterator[Client]:
    """Yield a client of the scheduler; a local one is started first."""
    name, _, count = options.scheduler.partition(":")
    local = name == LOCAL
    if (local and count and not count.isdecimal()) or (options.jobs and (count or not local)):
        raise ToolkitError(
            f"--scheduler {options.scheduler}" + f" --jobs {options.jobs}" * bool(options.jobs),
            remedy="Give the address of a scheduler, whose workers say how many at a time; or local, or local:N",
        )
    try:
        from distributed import Client
    except ImportError:
        raise ToolkitError(
            "--scheduler needs Dask, which is not installed", remedy="pip install 'trade-policy-toolkit[cluster]'"
        ) from None
    _quiet()
    with ExitStack() as stack:
        target: Any = options.scheduler
        if local:
            target = stack.enter_context(_local(int(count or 0) or options.jobs or os.cpu_count() or 1))
        try:
            client = Client(target, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ToolkitError(
                f"no Dask scheduler answers at {options.scheduler} ({error})".replace("\n", " "),
                remedy="Start one: dask scheduler, then dask worker tcp://HOST:8786 on each machine; or --scheduler local",
            ) from None
        stack.callback(client.close, timeout=_ANSWER_S)
        yield client


@contextmanager
def _local(count: int) -> Iterator[LocalCluster]:
    """Start a scheduler and workers on this machine for this user only: encrypted, and without web pages."""
    import dask
    from distributed import LocalCluster
    from distributed.security import Security

    quiet: dict[str, Any] = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}
    own: dict[str, Any] = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
    with (
        tempfile.TemporaryDirectory(prefix="toolkit-", ignore_cleanup_errors=True) as folder,
        dask.config.set(quiet | {"distributed.worker.profile.enabled": False}),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            scheduler_kwargs=own,
            security=Security.temporary(),
            memory_limit=0,
            local_directory=folder,
            silence_logs=logging.CRITICAL,
        ) as cluster,
    ):
        yield cluster


def _quiet() -> None:
    """Silence Dask's log messages: our own errors say what went wrong."""
    for name in ("distributed", "distributed.client", "distributed.core", "distributed.nanny", "distributed.scheduler"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


@contextmanager
def _prepared(client: Client, store: FinishedStore, options: RunOptions) -> Iterator[None]:
    """Check and prepare every worker, including those that join later; end what still runs there afterwards."""
    from toolkit.nightly import dask_worker

    proof = os.urandom(8).hex()
    seen = dask_worker.proof_file(store, proof)
    files.write(seen, proof)
    try:
        _prepare(client, dask_worker.WorkerSetup(str(home().resolve()), proof, options), options.scheduler)
        yield
    finally:
        with suppress(Exception):  # the scheduler may be gone
            client.sync(client._unregister_worker_plugin, name=dask_worker.NAME, callback_timeout=_ANSWER_S)  # noqa: SLF001
        seen.unlink(missing_ok=True)


def _prepare(client: Client, setup: WorkerSetup, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_FIRST_WORKER_S)
        client.register_plugin(setup)
    except TimeoutError:
        problem, remedy = f"{address}: no worker came within {_FIRST_WORKER_S} s", "Start some: dask worker ADDRESS"
        raise ToolkitError(problem, remedy=remedy) from None
    except ToolkitError:
        raise
    except Exception as error:  # noqa: BLE001 - such as a worker that has no toolkit to import
        raise ToolkitError(
            f"{address}: a worker cannot be made ready: {type(error).__name__}: {error}",
            remedy=_INSTALL,
        ) from None
