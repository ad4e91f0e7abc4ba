"""What a night would run, what it would take over, and why."""

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

from toolkit import report, warm
from toolkit.errors import ToolkitError
from toolkit.files import home
from toolkit.nightly import edition_archive, items
from toolkit.nightly import items as _items
from toolkit.store import imported_tables
from toolkit.store.datasets import bring, resources

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from toolkit.nightly.finished import Store
    from toolkit.nightly.report_matrix import Matrix, Report

_TRIES = 3
Done = tuple["Decision", dict[str, Any]]  # and what it cost


def run_all(jobs: list[Decision], store: Store, how: items.How) -> Generator[Done]:
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


def zygote_for(how: items.How) -> warm.Zygote | None:
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
        failed(job, folder, items.fault(error))
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


def sample(ran: list[Decision], store: Store, how: items.How, name: str) -> list[str]:
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


RUN, KEEP, OFFER, FAIL = "run", "keep", "offer", "fail"
# parts of a run record, and what to call it if one of them is another
_PARTS = {"notebook": "notebook changed", "toolkit": "toolkit changed", "python": "another Python", "lock": "lock changed",
          "needs": "needs changed"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one report.

    Attributes
    ----------
    action : {"run", "keep", "offer", "fail"}
        Keep: its folder `kept` is taken over.
    why : str
        In words; it depends on the inputs and the edition before, on nothing else.
    key : str
        Hash of all that is known before the report runs, its date among it.
    day : str
        The date that the report bears.
    last_good : Path or None
        The last report that did not fail, and since when it is stale.
    """

    row: Report
    action: str
    why: str
    key: str = ""
    day: str = ""
    kept: Path | None = None
    last_good: Path | None = None
    stale_since: str = ""


def plan(table: Matrix, day: date, place: Path, before: str | None) -> list[Decision]:
    """Decide for each report of a matrix; `before` names the edition before."""
    old = place / before if before else None
    items = {item.name: item for item in _items.read(old).items if item.kind == "report"} if old else {}
    listed: dict[str, dict[str, str]] = {}
    for name, sha in _items.listed(old)["files"].items() if old else ():
        slug, _, file = name.partition("/")
        listed.setdefault(slug, {})[file] = sha
    return [
        _decide(row, day, _whole(old / row.slug if old else None, listed), items.get(row.slug)) for row in table.reports
    ]


def _whole(folder: Path | None, listed: dict[str, dict[str, str]]) -> Path | None:
    """Give the folder of a report if its files are those that were published; what has rotted is not handed on."""
    return folder if folder and edition_archive.prints(folder) == listed.get(folder.name) else None


def dry_run(table: Matrix, day: date) -> list[Decision]:
    """Decide as a night would, without taking its lock or writing anything."""
    place = home() / "reports"
    return plan(table, day, place, edition_archive.previous(place, day) if place.is_dir() else None)


def _decide(row: Report, day: date, old: Path | None, item: _items.Item | None) -> Decision:
    good, since = _last_good(old, item, day)
    common: dict[str, Any] = {"row": row, "last_good": good, "stale_since": since}
    if missing := _missing(row):
        return Decision(action=OFFER, why=missing, **common)
    bears = (row.vintage or day).isoformat()
    try:
        inputs = report.inputs(row.notebook, row.parameters, needs=row.limits.needs)
    except ToolkitError as error:
        return Decision(action=FAIL, why=_items.fault(error), **common, day=bears)
    record = _record(old) if item and item.status == "ok" else None
    why = _why(row, inputs, record, item)
    if record and not why:
        made = record["inputs"]["edition_date"]
        return Decision(action=KEEP, why=f"unchanged since {made}", key=key(inputs, made), day=made, kept=old, **common)
    return Decision(action=RUN, why=why, key=key(inputs, bears), day=bears, **common)


def key(inputs: dict[str, Any], day: str) -> str:
    """Give the hash of all that is known of a report before it runs."""
    known = {name: value for name, value in inputs.items() if name not in {"datasets", "articles", "files", "folders"}}
    known["notebook"] = {name: known["notebook"][name] for name in ("path", "code")}
    return hashlib.sha256(json.dumps([known, day], sort_keys=True).encode()).hexdigest()[:24]


def _why(row: Report, inputs: dict[str, Any], record: dict[str, Any] | None, item: _items.Item | None) -> str:
    """Say why a report must be run, or "" where the old one stands for what it would be."""
    if item is None or record is None:
        return (
            "new"
            if item is None
            else "its files are not what was published"
            if item.status == "ok"
            else f"{item.status} last time"
        )
    old = record["inputs"]
    for name, words in _PARTS.items():
        now, then = inputs[name], old.get(name)
        if (now["code"] != then["code"] or now["path"] != then["path"]) if name == "notebook" else now != then:
            return words
    if inputs["parameters"] != old["parameters"]:
        return f"parameters changed: {_difference(inputs['parameters'], old['parameters'])}"
    if row.vintage and row.vintage.isoformat() != old["edition_date"]:
        return f"vintage {row.vintage}, was {old['edition_date']}"
    changed = report.still(old)
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
            elsewhere = name in declared and declared[name].address
            remedy = f"Bring it: toolkit data add FILE --as {name}, or toolkit data fetch PROVIDER ... --as {name}"
            remedy = f"Run: toolkit data fetch {name}" if elsewhere else remedy
            return f"Needs data set {name}, which is not here\n→ {remedy}"
    return ""


def _last_good(old: Path | None, item: _items.Item | None, day: date) -> tuple[Path | None, str]:
    if old is None or item is None:
        return None, ""
    if item.status == "ok":
        return old, day.isoformat()
    good = old / "last-good"
    return (good, item.stale_since) if item.stale_since and good.is_dir() else (None, "")


def _record(folder: Path | None) -> dict[str, Any] | None:
    try:
        return json.loads((folder / "run.json").read_text(encoding="utf-8")) if folder else None
    except (OSError, ValueError):
        return None
