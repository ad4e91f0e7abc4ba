"""The reports of a night, made one by one into the store: in forks of a warm process, or in kernels."""

from __future__ import annotations

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from toolkit import report, warm
from toolkit.nightly import _items

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from toolkit.nightly._plan import Decision
    from toolkit.nightly._store import Store

_TRIES = 3
Done = tuple["Decision", dict[str, Any]]  # and what it cost


def run_all(jobs: list[Decision], store: Store, how: _items.How) -> Generator[Done]:
    """Make every report that the store lacks on this machine; give each as it ends."""
    if not jobs:
        return
    zygote = zygote_for(how)
    pool = ThreadPoolExecutor(how.jobs or os.cpu_count() or 1)
    try:
        waiting = {pool.submit(run_one, job, store, zygote): job for job in jobs}
        for done in as_completed(waiting):
            yield waiting[done], done.result()
    finally:
        if zygote:
            zygote.close()  # ends what is still running
        pool.shutdown(cancel_futures=True)


def zygote_for(how: _items.How) -> warm.Zygote | None:
    """Give a warm process, not yet started; None where kernels of their own are asked for, or all there is."""
    return None if how.cold or not warm.available() else warm.Zygote(report.environment())


def run_one(job: Decision, store: Store, zygote: warm.Zygote | None) -> dict[str, Any]:
    """Make one report into the store, even a failed one; give what it cost.

    A failure that goes with the end of the warm process is no fault of the notebook's.

    Raises
    ------
    Lost
        If the warm process was closed meanwhile; nothing is put into the store then.
    """
    making, start = store.making(job.key), time.monotonic()
    try:
        for _ in range(_TRIES):
            shutil.rmtree(making, ignore_errors=True)
            used = make(job, making, zygote)
            if zygote is None or not zygote.gone or store.record(making)["status"] == "ok":
                break
            zygote.start()
        store.put(job.key, making)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return used | {"seconds": round(time.monotonic() - start, 3)}


def make(job: Decision, folder: Path, zygote: warm.Zygote | None) -> dict[str, Any]:
    """Make one report into a folder; one that fails leaves a run record that says why."""
    row = job.row
    options: dict[str, Any] = {"edition_date": date.fromisoformat(job.day), "limits": row.limits, "zygote": zygote}
    try:
        return report.run(row.notebook, row.parameters, folder, **options).used
    except warm.Lost:
        raise
    except Exception as error:  # noqa: BLE001 - see fault
        failed(job, folder, _items.fault(error))
        return {}


def failed(job: Decision, folder: Path, note: str) -> None:
    """Write the run record of a report that failed, even of one that never began."""
    path = folder / "run.json"
    inputs = {name: value for name, value in asdict(job.row).items() if name in {"notebook", "parameters", "slug"}}
    record: dict[str, Any] = {"title": "", "question": "", "finding": "", "inputs": inputs}
    if path.exists():
        record = json.loads(path.read_text(encoding="utf-8"))
    record |= {"status": "offered" if job.action == "offer" else "failed", "figures": [], "error": note}
    folder.mkdir(exist_ok=True)
    report.write(folder / "figures.jsonl", "")
    report.write_json(path, record)


def sample(ran: list[Decision], store: Store, how: _items.How, name: str) -> list[str]:
    """Run a sample of reports again, warm and cold; say which of their cells gave something else."""
    chosen = sorted(ran, key=lambda job: job.key + name)[: how.sample]
    modes: dict[str, Callable[[], warm.Zygote | None]] = {"cold": lambda: None}
    if not how.cold and warm.available():
        modes["a second time"] = lambda: warm.Zygote(report.environment())
    found = []
    for mode, start in modes.items():
        zygote = start()
        for job in chosen:
            again = store.making(job.key)
            make(job, again, zygote)
            if cells := _differences(store.folder / job.key, again):
                found.append(f"{job.row.slug}: run {mode}, it gives something else in {cells}")
            shutil.rmtree(again)
        if zygote:
            zygote.close()
    return found


def _differences(first: Path, second: Path) -> str:
    """Name the cells whose outputs differ, or the first file that does."""
    one, two = (
        json.loads((folder / "report.ipynb").read_text(encoding="utf-8"))["cells"] for folder in (first, second)
    )
    cells = [str(number) for number, (old, new) in enumerate(zip(one, two, strict=False), 1) if old != new]
    if cells:
        return f"cell {', '.join(cells)}"
    files = (path.name for path in sorted(second.iterdir()))
    return next((name for name in files if (first / name).read_bytes() != (second / name).read_bytes()), "")
