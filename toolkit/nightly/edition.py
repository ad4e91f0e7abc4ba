"""Make one edition: run the reports, check the briefs, and write the pages that lead to them."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from contextlib import closing
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from toolkit import files, report
from toolkit.errors import ToolkitError
from toolkit.files import home
from toolkit.nightly import edition_archive, plan, ro_crate, texts
from toolkit.nightly import items as _items
from toolkit.nightly.finished import FinishedStore
from toolkit.nightly.items import Edition, Item, Progress, RunOptions, Step
from toolkit.nightly.plan import FAIL, KEEP, OFFER, RUN, Decision
from toolkit.nightly.report_matrix import MATRIX, Matrix, matrix
from toolkit.nightly.revisions import HISTORY, REGISTRY, EditionFigures, moves

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import date
    from pathlib import Path

__all__ = ["run", "write"]

_MOST_HISTORY = 30  # editions that an item's history covers
_FOLDERS = ("data", "seeds", "briefs")  # every file in these is an input
_DEFAULTS = RunOptions()


def write(edition: Edition, figures: EditionFigures, before: Path | None, inputs: dict[str, Any]) -> Edition:
    """Write the registry, the pages and the file lists of an edition; return it with the figures that moved."""
    folder, day = edition.folder, edition.name[:10]
    files.write(folder / REGISTRY, figures.text)
    files.write(folder / HISTORY, figures.history())
    edition = replace(edition, items=_with_history(edition.items, before, day))
    edition = replace(edition, moves=moves(figures, [*edition.items], folder, before))
    shown = {"edition": edition, "day": day, "count": len(figures)}
    index = report.render("index.html", title=f"Reports of {day}", groups=_groups(edition.items), **shown)
    files.write(folder / "index.html", index)
    files.write(folder / "changes.html", report.render("changes.html", title=f"What moved, {day}", **shown))
    _keep_sources(folder, before, inputs["files"])
    hashes = edition_archive.file_hashes(folder)
    report.write_json(folder / ro_crate.NAME, ro_crate.metadata(edition, hashes))
    manifest: dict[str, Any] = {"folder": edition.name, "previous": edition.previous, "inputs": inputs}
    manifest |= {name: [*map(asdict, found)] for name, found in (("items", edition.items), ("moves", edition.moves))}
    manifest["files"] = hashes | {ro_crate.NAME: files.sha256(folder / ro_crate.NAME)}
    report.write_json(folder / "edition.json", manifest | {"seal": _items.seal(manifest)})
    return edition


def _keep_sources(folder: Path, before: Path | None, hashes: dict[str, str]) -> None:
    """Keep the notebooks, the matrix and the lock file; unchanged ones are linked from the previous edition."""
    kept = _items.read_manifest(before)["files"] if before else {}
    for name, sha in hashes.items():
        path = f"{ro_crate.SOURCE}/{name}"
        if not name.endswith((".ipynb", ".lock")) and name != MATRIX:
            continue
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if before and kept.get(path) == sha and (before / path).is_file():
            edition_archive.link_file(before / path, folder / path)
        else:
            shutil.copyfile(home() / name, folder / path)


def _with_history(items: tuple[Item, ...], before: Path | None, day: str) -> tuple[Item, ...]:
    """Add today's state to each item's history in the previous edition."""
    past = {(item.kind, item.name): item.history for item in _items.read(before).items} if before else {}
    return tuple(
        replace(item, history=(*past.get((item.kind, item.name), ()), (day, _state(item, day)))[-_MOST_HISTORY:])
        for item in items
    )


def _state(item: Item, day: str) -> str:
    if item.status != "ok":
        return item.status
    return "kept" if item.made and item.made < day else "made"


def _groups(items: tuple[Item, ...]) -> list[dict[str, Any]]:
    """Group the reports by title and question, so that those of one grid share a heading."""
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        if item.kind == "report":
            groups.setdefault((item.title or item.name, item.question), []).append(item)
    return [{"title": title, "question": question, "items": found} for (title, question), found in groups.items()]


def run(day: date, options: RunOptions = _DEFAULTS, *, progress: Progress = lambda _: None) -> Edition:
    """Make the edition of `day` under ``reports/`` and point ``reports/latest`` at it.

    Parameters
    ----------
    day : date
        The edition's date; nothing inside reads the clock.
    options : RunOptions
        How the reports are run; no option changes the bytes of the edition.
    progress : callable
        Called with each `Step`.

    Raises
    ------
    SchemaError
        Before anything runs, if the matrix or a parameter in it is invalid.
    ToolkitError
        If another process is making an edition here, or the disk fails. The last edition stays.
    """
    editions_folder = home() / "reports"
    try:
        editions_folder.mkdir(exist_ok=True)
        with edition_archive.alone(editions_folder, day):
            return _Night(editions_folder, day, options, progress).edition()
    except OSError as error:
        raise ToolkitError(
            f"the edition cannot be written: {error.filename}: {error.strerror}",
            remedy="Make room, or allow writing to reports/, and run again; the last edition is unchanged",
        ) from error


class _Night:
    """One run of the nightly, from the matrix to the published edition."""

    def __init__(self, editions_folder: Path, day: date, options: RunOptions, progress: Progress) -> None:
        self.editions_folder, self.day, self.options, self.progress = editions_folder, day, options, progress
        self.start = time.monotonic()
        self.table = matrix().tagged(options.tags)
        previous = edition_archive.previous(editions_folder, day)
        self.previous, self.before = previous, editions_folder / previous if previous else None
        self.inputs = _inputs(self.table, previous, options.tags)
        digest = hashlib.sha256(json.dumps(self.inputs, sort_keys=True).encode()).hexdigest()
        self.name = f"{day.isoformat()}-{digest[:12]}"
        self.folder = editions_folder / self.name
        self.store = FinishedStore(editions_folder)
        self.figures = EditionFigures(self.before)
        self.ran: list[Decision] = []
        self.text_keys: list[str] = []
        self.done, self.total = 0, len(self.table.reports) + len(self.table.seeds) + len(self.table.briefs)

    def edition(self) -> Edition:
        """Make and publish the edition and log its cost, unless it exists already and is complete."""
        old = _items.read(self.folder) if self.folder.exists() else None
        if old and not old.failed and not self.options.force:
            self._switch()
            self.store.close()
            return old
        decisions = plan.plan(self.table, self.day, self.editions_folder, self.previous)
        if self.options.force:
            decisions = [replace(each, action=RUN) if each.action == KEEP else each for each in decisions]
        night = {"edition": self.name, "force": self.options.force}
        self.store.open(night)
        with edition_archive.building(self.editions_folder, self.name) as aside:
            edition = self._made(decisions, aside)
            _expect_no_worse(edition, old)
            self.store.ready(night, [*(each.key for each in decisions), *self.text_keys])
            edition_archive.publish(aside, self.folder)
        self._switch()
        warnings = plan.recheck(self.ran, self.store, self.options, self.name)
        self.store.close()
        ran = tuple(job.row.slug for job in self.ran)
        edition = replace(edition, folder=self.folder, ran=ran, warnings=tuple(warnings))
        self._log(edition)
        return edition

    def _switch(self) -> None:
        if not self.options.tags:  # an edition of some reports only never becomes the latest
            edition_archive.switch(self.editions_folder, self.name)

    def _log(self, edition: Edition) -> None:
        counts = {"items": len(edition.items), "ran": len(edition.ran), "failed": len(edition.failed)}
        took = {"seconds": round(time.monotonic() - self.start, 3), "warnings": list(edition.warnings)}
        edition_archive.log(self.editions_folder, {"edition": self.name} | took | counts)

    def _made(self, decisions: list[Decision], aside: Path) -> Edition:
        """Make every item, then the edition's registry and the pages that lead to all of it."""
        self._run([each for each in decisions if each.action == RUN])
        items = [self._report(each, aside) for each in decisions]
        items += self._texts(self.table.seeds, partial(texts.article_item, store=self.store))
        brief = partial(texts.brief_item, aside=aside, day=self.day, figures=self.figures, store=self.store)
        items += self._texts(self.table.briefs, brief)
        return write(Edition(self.name, aside, tuple(items), self.previous), self.figures, self.before, self.inputs)

    def _texts(self, names: tuple[str, ...], make: Callable[[str], tuple[Item, str]]) -> list[Item]:
        """Make the items of articles or briefs, and remember their keys in the store."""
        items = []
        for name in names:
            item, key = make(name)
            items.append(item)
            self.text_keys.append(key)
            self._step(name, item.status)
        return items

    def _run(self, jobs: list[Decision]) -> None:
        """Run the reports that the store lacks; a failure does not stop the others."""
        waiting = [job for job in jobs if not self.store.find(job.key)]
        for job in waiting:
            self.store.clear(job.key)
            self._step(job.row.slug, "runs", ended=False)
        with closing(_runner(self.options)(waiting, self.store, self.options)) as made:
            for job, cost in made:
                self.ran.append(job)
                status = self.store.record(self.store.folder / job.key)["status"]
                row = {"edition": self.name, "report": job.row.slug, "key": job.key, "status": status}
                edition_archive.log(self.editions_folder, row | cost)
                self._step(job.row.slug, status, cost["seconds"])
        for job in jobs:
            if job not in waiting:
                self._step(job.row.slug, "kept")

    def _step(self, name: str, state: str, seconds: float = 0.0, *, ended: bool = True) -> None:
        self.done += ended
        self.progress(Step(self.done, self.total, name, state, seconds))

    def _report(self, job: Decision, aside: Path) -> Item:
        """Put a report, or the record of its failure, into the edition."""
        folder = aside / job.row.slug
        if job.action in {OFFER, FAIL}:
            plan.write_failure(job, folder, job.why)
            self._step(job.row.slug, "offered" if job.action == OFFER else "failed")
        else:
            kept = job.kept if job.action == KEEP else None
            edition_archive.link_files(kept or self.store.folder / job.key, folder)
        if job.action == KEEP:
            self._step(job.row.slug, "kept")
        record = self.store.record(folder)
        if record["status"] == "ok":
            try:
                self.figures.take(folder / "figures.jsonl")
            except Exception as error:  # noqa: BLE001 - see failure_of
                (folder / "run.json").unlink()  # they are links to files in the store, which must not change
                (folder / "figures.jsonl").unlink()
                report.write_json(folder / "run.json", record)
                plan.write_failure(job, folder, _items.failure_of(error))
                record = self.store.record(folder)
        return self._item(job, folder, record)

    def _item(self, job: Decision, folder: Path, record: dict[str, Any]) -> Item:
        slug = job.row.slug
        shown = {name: record[name] for name in ("title", "status", "question", "finding")}
        pages = (f"{slug}/report.html",) if (folder / "report.html").exists() else ()
        item = Item("report", slug, note=record["error"], pages=pages, figures=tuple(record["figures"]), **shown)
        given = {name: report.plain(value) for name, value in job.row.parameters.items()}
        item = replace(item, made=job.day, given=given, why=job.why if job.action in {RUN, KEEP} else "")
        return item if record["status"] == "ok" else self._stale(item, job, folder)

    def _stale(self, item: Item, job: Decision, folder: Path) -> Item:
        """Show the last good report beside the one that failed, and mark its page as stale."""
        good, record = folder / "last-good", self.store.record(job.last_good) if job.last_good else {}
        if not job.last_good or not record:
            return item
        edition_archive.link_files(job.last_good, good)
        (good / "report.html").unlink()  # a link: rewriting it would change the last edition
        page = report.page(report.read_json(good / "report.ipynb"), record | {"stale_since": job.stale_since})
        files.write(good / "report.html", page)
        keys = self.figures.take_stale(good / "figures.jsonl", job.stale_since)
        return replace(
            item, stale_since=job.stale_since, made=record["inputs"]["edition_date"], figures=keys,
            pages=(f"{job.row.slug}/last-good/report.html", *item.pages), title=item.title or record["title"],
            finding=record["finding"],
        )  # fmt: skip


def _runner(options: RunOptions) -> Callable[[list[Decision], FinishedStore, RunOptions], Generator[plan.Done]]:
    """Return the function that runs reports: on this machine, or on the workers of a scheduler."""
    if not options.scheduler:
        return plan.run_all
    from toolkit.nightly import cluster  # loads Dask

    return cluster.run_all


def _expect_no_worse(edition: Edition, old: Edition | None) -> None:
    if old and len(edition.failed) > len(old.failed):
        worse = "; ".join(item.note for item in edition.failed)
        problem = f"{edition.name} was made again, and more of it failed: {worse}"
        raise ToolkitError(problem, remedy="Correct it; the edition that exists was kept")


def _inputs(table: Matrix, previous: str | None, tags: tuple[str, ...]) -> dict[str, Any]:
    """Return the hash of everything from which an edition is made."""
    paths = {home() / MATRIX, home() / "requirements.lock", *(home() / row.notebook for row in table.reports)}
    paths |= {path for folder in _FOLDERS for path in (home() / folder).rglob("*")}
    hashes = {path.relative_to(home()).as_posix(): files.sha256(path) for path in paths if path.is_file()}
    made = {"files": hashes, "toolkit": report.source_hash(), "python": sys.version.split()[0], "previous": previous}
    return made | ({"tags": sorted(tags)} if tags else {})
