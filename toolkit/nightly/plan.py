"""What a night would run or reuse, and why; and the reports themselves, run on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from toolkit import files, report, warm
from toolkit.errors import ToolkitError
from toolkit.files import home
from toolkit.nightly import edition_archive, items
from toolkit.nightly.finished import FinishedStore
from toolkit.store import imported_tables
from toolkit.store.datasets import bring, resources

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from toolkit.nightly.report_matrix import Matrix, Report

__all__ = [
    "FAIL", "KEEP", "OFFER", "RUN", "Decision", "Done", "dry_run", "key", "make", "plan", "recheck", "run_all", "run_one",
    "server_for", "write_failure",
]  # fmt: skip

RUN, KEEP, OFFER, FAIL = "run", "keep", "offer", "fail"
Done = tuple["Decision", dict[str, Any]]  # and what it cost
_TRIES = 3
_LEARNT = {"datasets", "articles", "files", "folders"}  # parts of a run record that are known only after the run
# the other parts, and how to describe a change of each
_PARTS = {
    "notebook": "notebook changed", "toolkit": "toolkit changed", "python": "another Python", "lock": "lock changed", "needs": "needs changed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one report.

    Attributes
    ----------
    action : {"run", "keep", "offer", "fail"}
        Keep: its folder `kept` is reused.
    why : str
        The reason in words; it depends only on the inputs and the previous edition.
    key : str
        Hash of everything that is known before the report runs, including its date.
    day : str
        The date printed in the report.
    last_good : Path or None
        The last report that did not fail; it is stale since `stale_since`.
    """

    row: Report
    action: str
    why: str
    key: str = ""
    day: str = ""
    kept: Path | None = None
    last_good: Path | None = None
    stale_since: str = ""


def run_all(jobs: list[Decision], store: FinishedStore, options: items.RunOptions) -> Generator[Done]:
    """Make every report that the store lacks on this machine; yield each as it ends."""
    if not jobs:
        return
    server = server_for(options)
    pool = ThreadPoolExecutor(options.jobs or os.cpu_count() or 1)
    try:
        waiting = {pool.submit(run_one, job, store, server): job for job in jobs}
        for done in as_completed(waiting):
            yield waiting[done], done.result()
    finally:
        if server:
            server.close()  # ends what is still running
        pool.shutdown(cancel_futures=True)


def server_for(options: items.RunOptions) -> warm.WarmServer | None:
    """Return a warm server, not yet started, or None if each report gets a kernel of its own."""
    return None if options.fresh_kernels or not warm.available() else warm.WarmServer(report.environment())


def run_one(job: Decision, store: FinishedStore, server: warm.WarmServer | None) -> dict[str, Any]:
    """Make one report, even a failed one, and store it; return what it cost.

    A failure at the moment when the warm server ended is not the notebook's fault, and is tried again.

    Raises
    ------
    ServerLost
        If the warm server was closed meanwhile; nothing is stored then.
    """
    making, start = store.temporary_path(job.key), time.monotonic()
    try:
        for _ in range(_TRIES):
            shutil.rmtree(making, ignore_errors=True)
            used = make(job, making, server)
            if server is None or not server.gone or store.record(making)["status"] == "ok":
                break
            server.start()
        store.put(job.key, making)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return used | {"seconds": round(time.monotonic() - start, 3)}


def make(job: Decision, folder: Path, server: warm.WarmServer | None) -> dict[str, Any]:
    """Make one report into a folder and return what it cost; a failed one leaves a run record with the reason."""
    row = job.row
    options: dict[str, Any] = {"edition_date": date.fromisoformat(job.day), "limits": row.limits, "server": server}
    try:
        return report.run(row.notebook, row.parameters, folder, **options).used
    except warm.ServerLost:
        raise
    except Exception as error:  # noqa: BLE001 - see failure_of
        write_failure(job, folder, items.failure_of(error))
        return {}


def write_failure(job: Decision, folder: Path, note: str) -> None:
    """Write the run record of a report that failed, even of one that never began."""
    path = folder / "run.json"
    inputs = {name: value for name, value in asdict(job.row).items() if name in {"notebook", "parameters", "slug"}}
    record: dict[str, Any] = {"title": "", "question": "", "finding": "", "inputs": inputs}
    if path.exists():
        record = report.read_json(path)
    record |= {"status": "offered" if job.action == OFFER else "failed", "figures": [], "error": note}
    folder.mkdir(exist_ok=True)
    files.write(folder / "figures.jsonl", "")
    report.write_json(path, record)


def recheck(ran: list[Decision], store: FinishedStore, options: items.RunOptions, name: str) -> list[str]:
    """Run a sample of reports again, forked and in a kernel; name the cells whose results differ."""
    chosen = sorted(ran, key=lambda job: job.key + name)[: options.recheck]
    modes: dict[str, warm.WarmServer | None] = {"in a kernel of its own": None}
    if server := server_for(options):
        modes["a second time"] = server
    found = []
    for mode, each in modes.items():
        for job in chosen:
            again = store.temporary_path(job.key)
            make(job, again, each)
            if cells := _differences(store.folder / job.key, again):
                found.append(f"{job.row.slug}: run {mode}, it gives another result in {cells}")
            shutil.rmtree(again)
    if server:
        server.close()
    return found


def _differences(first: Path, second: Path) -> str:
    """Name the cells whose outputs differ, or else the first file that does."""
    one, two = (report.read_json(folder / "report.ipynb")["cells"] for folder in (first, second))
    cells = [str(number) for number, (old, new) in enumerate(zip(one, two, strict=False), 1) if old != new]
    if cells:
        return f"cell {', '.join(cells)}"
    names = (path.name for path in sorted(second.iterdir()))
    return next((name for name in names if files.read(first / name) != files.read(second / name)), "")


def plan(table: Matrix, day: date, editions_folder: Path, previous: str | None) -> list[Decision]:
    """Decide what to do with each report of a matrix; `previous` names the edition before."""
    old = editions_folder / previous if previous else None
    past = {item.name: item for item in items.read(old).items if item.kind == "report"} if old else {}
    listed: dict[str, dict[str, str]] = {}
    for name, sha in items.read_manifest(old)["files"].items() if old else ():
        slug, _, file = name.partition("/")
        listed.setdefault(slug, {})[file] = sha
    folders = {row.slug: _intact(old / row.slug if old else None, listed) for row in table.reports}
    return [_decide(row, day, folders[row.slug], past.get(row.slug)) for row in table.reports]


def _intact(folder: Path | None, listed: dict[str, dict[str, str]]) -> Path | None:
    """Return the folder of a report if its files are as they were published; a damaged one is not reused."""
    return folder if folder and edition_archive.file_hashes(folder) == listed.get(folder.name) else None


def dry_run(table: Matrix, day: date) -> list[Decision]:
    """Decide as a night would, without taking its lock or writing anything."""
    editions_folder = home() / "reports"
    previous = edition_archive.previous(editions_folder, day) if editions_folder.is_dir() else None
    return plan(table, day, editions_folder, previous)


def _decide(row: Report, day: date, old: Path | None, item: items.Item | None) -> Decision:
    good, since = _last_good(old, item, day)
    common: dict[str, Any] = {"row": row, "last_good": good, "stale_since": since}
    if missing := _missing(row):
        return Decision(action=OFFER, why=missing, **common)
    dated = (row.vintage or day).isoformat()
    try:
        inputs = report.inputs(row.notebook, row.parameters, needs=row.limits.needs)
    except ToolkitError as error:
        return Decision(action=FAIL, why=items.failure_of(error), **common, day=dated)
    record = FinishedStore.record(old) if old and item and item.status == "ok" else {}
    why = _why(row, inputs, record, item)
    if record and not why:
        made = record["inputs"]["edition_date"]
        return Decision(action=KEEP, why=f"unchanged since {made}", key=key(inputs, made), day=made, kept=old, **common)
    return Decision(action=RUN, why=why, key=key(inputs, dated), day=dated, **common)


def key(inputs: dict[str, Any], day: str) -> str:
    """Return the hash of everything that is known about a report before it runs."""
    known = {name: value for name, value in inputs.items() if name not in _LEARNT}
    known["notebook"] = {name: known["notebook"][name] for name in ("path", "code")}
    return hashlib.sha256(json.dumps([known, day], sort_keys=True).encode()).hexdigest()[:24]


def _why(row: Report, inputs: dict[str, Any], record: dict[str, Any], item: items.Item | None) -> str:
    """Say why a report must be run, or return "" if the old one can be reused."""
    if item is None:
        return "new"
    if not record:
        return "its files are not what was published" if item.status == "ok" else f"{item.status} last time"
    old = record["inputs"]
    now, then = ({**each, "notebook": [each["notebook"][name] for name in ("code", "path")]} for each in (inputs, old))
    for name, words in _PARTS.items():
        if now[name] != then.get(name):
            return words
    if inputs["parameters"] != old["parameters"]:
        return f"parameters changed: {_difference(inputs['parameters'], old['parameters'])}"
    if row.vintage and row.vintage.isoformat() != old["edition_date"]:
        return f"vintage {row.vintage}, was {old['edition_date']}"
    changed = report.changed_input(old)
    return f"{changed} changed" if changed else ""


def _difference(now: dict[str, Any], then: dict[str, Any]) -> str:
    names = [name for name in {**then, **now} if now.get(name) != then.get(name)]
    return ", ".join(f"{name} {then.get(name)!r} -> {now.get(name)!r}" for name in names)


def _missing(row: Report) -> str:
    needs = row.limits.needs or ()
    declared = resources() if needs else {}
    bring(needs)
    for name in sorted(set(needs) - imported_tables.entries().keys()):
        if name not in declared or not (home() / declared[name].file).is_file():
            remedy = f"Bring it: toolkit data add FILE --as {name}, or toolkit data fetch PROVIDER ... --as {name}"
            if name in declared and declared[name].address:
                remedy = f"Run: toolkit data fetch {name}"
            return f"Needs data set {name}, which is not here\n→ {remedy}"
    return ""


def _last_good(old: Path | None, item: items.Item | None, day: date) -> tuple[Path | None, str]:
    if old is None or item is None:
        return None, ""
    if item.status == "ok":
        return old, day.isoformat()
    good = old / "last-good"
    return (good, item.stale_since) if item.stale_since and good.is_dir() else (None, "")
