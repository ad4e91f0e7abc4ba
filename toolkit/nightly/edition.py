"""A night's reports, articles and briefs, made into one edition, and pages that lead to them."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from contextlib import closing
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from toolkit import report
from toolkit.errors import ToolkitError
from toolkit.files import home
from toolkit.nightly import digest as _log
from toolkit.nightly import edition_archive, ro_crate, texts
from toolkit.nightly import items as _items
from toolkit.nightly import plan as _work
from toolkit.nightly.finished import Store
from toolkit.nightly.items import Edition, How, Item, Progress, Step
from toolkit.nightly.plan import FAIL, KEEP, OFFER, RUN, Decision, plan
from toolkit.nightly.report_matrix import MATRIX, Matrix, matrix
from toolkit.nightly.revisions import HISTORY, REGISTRY, Held, moves

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import date
    from pathlib import Path

_MOST_HISTORY = 30  # editions that an item remembers


def write(edition: _items.Edition, held: Held, before: Path | None, inputs: dict[str, Any]) -> _items.Edition:
    """Write the registry, the pages and the lists of a finished edition; give it with what moved in it."""
    folder, day = edition.folder, edition.name[:10]
    report.write(folder / REGISTRY, held.text)
    report.write(folder / HISTORY, held.history())
    items = _remembered(edition.items, before, day)
    edition = replace(edition, items=items, moves=moves(held, [*items], folder, before))
    shown = {"edition": edition, "day": day, "count": len(held)}
    report.write(
        folder / "index.html", report.render("index.html", title=f"Reports of {day}", groups=_groups(items), **shown)
    )
    report.write(folder / "changes.html", report.render("changes.html", title=f"What moved, {day}", **shown))
    _keep_sources(folder, before, inputs["files"])
    files = edition_archive.prints(folder)
    report.write_json(folder / ro_crate.NAME, ro_crate.metadata(edition, files))
    listed: dict[str, Any] = {"folder": edition.name, "previous": edition.previous, "inputs": inputs}
    listed |= {"items": [asdict(item) for item in items], "moves": [asdict(move) for move in edition.moves]}
    listed["files"] = files | {ro_crate.NAME: report.file_hash(folder / ro_crate.NAME)}
    report.write_json(folder / "edition.json", listed | {"seal": _items.seal(listed)})
    return edition


def _keep_sources(folder: Path, before: Path | None, hashes: dict[str, str]) -> None:
    """Keep the notebooks, the matrix and the lock that an edition was made with; those of the edition before serve again."""
    kept = _items.listed(before)["files"] if before else {}
    for name, sha in hashes.items():
        path = f"{ro_crate.SOURCE}/{name}"
        if not name.endswith((".ipynb", ".lock")) and name != MATRIX:
            continue
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if before and kept.get(path) == sha and (before / path).is_file():
            edition_archive.share_file(before / path, folder / path)
        else:
            shutil.copyfile(home() / name, folder / path)


def _remembered(items: tuple[_items.Item, ...], before: Path | None, day: str) -> tuple[_items.Item, ...]:
    """Give each item its history: that of the edition before, and what it is now."""
    past = {(item.kind, item.name): item.history for item in _items.read(before).items} if before else {}
    return tuple(
        replace(item, history=(*past.get((item.kind, item.name), ()), (day, _state(item, day)))[-_MOST_HISTORY:])
        for item in items
    )


def _state(item: _items.Item, day: str) -> str:
    if item.status != "ok":
        return item.status
    return "kept" if item.made and item.made < day else "made"


def _groups(items: tuple[_items.Item, ...]) -> list[dict[str, Any]]:
    """Give the reports by title and question, so that those of one grid stand below one heading."""
    groups: dict[tuple[str, str], list[_items.Item]] = {}
    for item in items:
        if item.kind == "report":
            groups.setdefault((item.title or item.name, item.question), []).append(item)
    return [{"title": title, "question": question, "items": found} for (title, question), found in groups.items()]


_FOLDERS = ("data", "seeds", "briefs")  # every file in these is an input
_USUAL = How()


def run(day: date, how: How = _USUAL, *, progress: Progress = lambda _: None) -> Edition:
    """Make the edition of `day` under ``reports/`` and point ``reports/latest`` at it.

    Parameters
    ----------
    day : date
        The edition's date; nothing inside reads the clock.
    how : How
        Warm or cold, how many at a time, again or not: nothing that changes its bytes.
    progress : callable
        Told each `Step`.

    Raises
    ------
    SchemaError
        Before anything runs, if the matrix or a parameter in it is not in order.
    ToolkitError
        If another nightly is at work here, or the disk refuses. The last edition stays.
    """
    place = home() / "reports"
    try:
        place.mkdir(exist_ok=True)
        with edition_archive.alone(place, day):
            return _Night(place, day, how, progress).edition()
    except OSError as error:
        raise ToolkitError(
            f"the edition cannot be written: {error.filename}: {error.strerror}",
            remedy="Make room, or allow writing to reports/, and run again; the last edition is as it was",
        ) from error


class _Night:
    """One run of the nightly, from the matrix to the pointer."""

    def __init__(self, place: Path, day: date, how: How, progress: Progress) -> None:
        self.place, self.day, self.how, self.progress = place, day, how, progress
        self.start = time.monotonic()
        self.table = matrix().tagged(how.tags)
        self.before = edition_archive.previous(place, day)
        self.inputs = _inputs(self.table, self.before, how.tags)
        digest = hashlib.sha256(json.dumps(self.inputs, sort_keys=True).encode()).hexdigest()
        self.name = f"{day.isoformat()}-{digest[:12]}"
        self.store = Store(place)
        self.held = Held(place / self.before if self.before else None)
        self.ran: list[Decision] = []
        self.done, self.total = 0, len(self.table.reports) + len(self.table.seeds) + len(self.table.briefs)

    def edition(self) -> Edition:
        """Make it, publish it, and keep a log of it; or find that it is there, and whole."""
        old = _items.read(self.place / self.name) if (self.place / self.name).exists() else None
        if old and not old.failed and not self.how.force:
            self._switch()
            self.store.close()
            return old
        decisions = plan(self.table, self.day, self.place, self.before)
        if self.how.force:
            decisions = [replace(each, action=RUN) if each.action == KEEP else each for each in decisions]
        night = {"edition": self.name, "force": self.how.force}
        self.store.open(night)
        with edition_archive.building(self.place, self.name) as aside:
            edition = self._made(decisions, aside)
            _expect_no_worse(edition, old)
            self.store.ready(night, [*(each.key for each in decisions), *self.texts])
            edition_archive.publish(aside, self.place / self.name)
        self._switch()
        warnings = _work.sample(self.ran, self.store, self.how, self.name) if self.ran and self.how.sample else []
        self.store.close()
        edition = replace(
            edition,
            folder=self.place / self.name,
            ran=tuple(job.row.slug for job in self.ran),
            warnings=tuple(warnings),
        )
        _log.ended(self.place, edition, time.monotonic() - self.start)
        return edition

    def _switch(self) -> None:
        if not self.how.tags:  # what is only a part never becomes the latest
            edition_archive.switch(self.place, self.name)

    def _made(self, decisions: list[Decision], aside: Path) -> Edition:
        """Make every item, then the edition's registry and the pages that lead to all of it."""
        self._run([each for each in decisions if each.action == RUN])
        items = [self._report(each, aside) for each in decisions]
        self.texts = []
        for names, make in ((self.table.seeds, self._seed), (self.table.briefs, self._brief)):
            for name in names:
                item, key = make(name, aside)
                items.append(item)
                self.texts.append(key)
                self._step(name, item.status)
        before = self.place / self.before if self.before else None
        return write(Edition(self.name, aside, tuple(items), self.before), self.held, before, self.inputs)

    def _run(self, jobs: list[Decision]) -> None:
        """Run what the store lacks; what fails is no reason to stop."""
        waiting = [job for job in jobs if not self.store.find(job.key)]
        for job in waiting:
            self.store.clear(job.key)
            self._step(job.row.slug, "runs", ended=False)
        with closing(_press(self.how)(waiting, self.store, self.how)) as made:
            for job, cost in made:
                self.ran.append(job)
                status = self.store.record(self.store.folder / job.key)["status"]
                _log.ran(self.place, self.name, job, status, cost)
                self._step(job.row.slug, status, cost["seconds"])
        for job in jobs:
            if job not in waiting:
                self._step(job.row.slug, "kept")

    def _step(self, name: str, state: str, seconds: float = 0.0, *, ended: bool = True) -> None:
        self.done += ended
        self.progress(Step(self.done, self.total, name, state, seconds))

    def _seed(self, name: str, _: Path) -> tuple[Item, str]:
        return texts.seed(name, self.store)

    def _brief(self, name: str, aside: Path) -> tuple[Item, str]:
        return texts.brief(name, aside, self.day, self.held, self.store)

    def _report(self, job: Decision, aside: Path) -> Item:
        """Put a report, or what is left of it, into the edition."""
        folder = aside / job.row.slug
        if job.action in {OFFER, FAIL}:
            _work.failed(job, folder, job.why)
            self._step(job.row.slug, "offered" if job.action == OFFER else "failed")
        else:
            edition_archive.share(job.kept if job.action == KEEP and job.kept else self.store.folder / job.key, folder)
        if job.action == KEEP:
            self._step(job.row.slug, "kept")
        record = self.store.record(folder)
        if record["status"] == "ok":
            try:
                self.held.take(folder / "figures.jsonl")
            except Exception as error:  # noqa: BLE001 - see fault
                (folder / "run.json").unlink()  # a second name of what is in the store, which is to stay
                (folder / "figures.jsonl").unlink()
                report.write_json(folder / "run.json", record)
                _work.failed(job, folder, _items.fault(error))
                record = self.store.record(folder)
        return self._item(job, folder, record)

    def _item(self, job: Decision, folder: Path, record: dict[str, Any]) -> Item:
        slug = job.row.slug
        shown = {name: record[name] for name in ("title", "status", "question", "finding")}
        pages = (f"{slug}/report.html",) if (folder / "report.html").exists() else ()
        item = Item("report", slug, note=record["error"], pages=pages, figures=tuple(record["figures"]), **shown)
        given = {name: report.plain(value) for name, value in job.row.parameters.items()}
        item = replace(item, made=job.day, given=given, why=job.why if job.action in {RUN, KEEP} else "")
        if record["status"] == "ok" or not job.last_good:
            return item
        return self._stale(item, job, folder)

    def _stale(self, item: Item, job: Decision, folder: Path) -> Item:
        """Keep the last good report beside the one that failed, its page marked with since when."""
        good, record = folder / "last-good", self.store.record(job.last_good) if job.last_good else {}
        if not job.last_good or not record:
            return item
        edition_archive.share(job.last_good, good)
        shown = json.loads((good / "report.ipynb").read_text(encoding="utf-8"))
        (good / "report.html").unlink()
        report.write(good / "report.html", report.page(shown, record | {"stale_since": job.stale_since}))
        page = f"{job.row.slug}/last-good/report.html"
        keys = self.held.take_stale(good / "figures.jsonl", job.stale_since)
        made = record["inputs"]["edition_date"]
        return replace(
            item, stale_since=job.stale_since, made=made, pages=(page, *item.pages), figures=keys,
            title=item.title or record["title"], finding=record["finding"],
        )  # fmt: skip


def _press(how: How) -> Callable[[list[Decision], Store, How], Generator[_work.Done]]:
    """Give what makes the reports: this machine, or the workers of a scheduler."""
    if not how.scheduler:
        return _work.run_all
    from toolkit.nightly import cluster

    return cluster.run_all


def _expect_no_worse(edition: Edition, old: Edition | None) -> None:
    if old and len(edition.failed) > len(old.failed):
        worse = "; ".join(item.note for item in edition.failed)
        raise ToolkitError(f"{edition.name}, made again, failed: {worse}", remedy="Mend it; the edition there was kept")


def _inputs(table: Matrix, before: str | None, tags: tuple[str, ...]) -> dict[str, Any]:
    """Give the hash of everything that an edition is made from."""
    files = {home() / MATRIX, home() / "requirements.lock", *(home() / row.notebook for row in table.reports)}
    files |= {path for folder in _FOLDERS for path in (home() / folder).rglob("*")}
    hashes = {path.relative_to(home()).as_posix(): report.file_hash(path) for path in files if path.is_file()}
    part = {"tags": sorted(tags)} if tags else {}
    python = sys.version.split()[0]
    return {"files": hashes, "toolkit": report.source_hash(), "python": python, "previous": before} | part
