"""One night: every report, article and brief of the matrix, and the pages that lead to them."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from toolkit import registry, report
from toolkit.datasets import home, resources
from toolkit.errors import SchemaError, ToolkitError
from toolkit.nightly import _disk
from toolkit.nightly._matrix import MATRIX, Matrix, Report, matrix

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

_TITLE = re.compile(r"^(?:title:|#) *[\"']?(.+?)[\"']? *$", re.MULTILINE)
_FOLDERS = ("data", "seeds", "briefs")  # every file in these is an input
Progress = Callable[[int, int, str], None]  # done, total, what comes next


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one report, article ("seed") or brief.

    Attributes
    ----------
    status : {"ok", "failed", "offered"}
        Offered: a table that the report needs is not here.
    note : str
        Why it failed, what it needs, or what was counted.
    pages : tuple of str
        What to open, counted from the edition's folder.
    figures : tuple of str
        Keys of the figures that a report published.
    """

    kind: str
    name: str
    title: str
    status: str = "ok"
    note: str = ""
    pages: tuple[str, ...] = ()
    question: str = ""
    finding: str = ""
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """A published edition; `unchanged` if an earlier run with the same inputs had made it."""

    name: str
    folder: Path
    items: tuple[Item, ...]
    previous: str | None = None
    unchanged: bool = False

    @property
    def failed(self) -> list[Item]:
        """The items that failed."""
        return [item for item in self.items if item.status == "failed"]


def run(day: date, *, force: bool = False, progress: Progress = lambda *_: None) -> Edition:
    """Make the edition of `day` under ``reports/`` and point ``reports/latest`` at it.

    Parameters
    ----------
    day : date
        The edition's date; nothing inside reads the clock.
    force : bool
        Run again even if an edition of the same inputs is there; one that failed is run again anyway.
    progress : callable
        Called with done, total and what comes next.

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
        with _disk.alone(place, day):
            return _edition(place, day, force=force, progress=progress)
    except OSError as error:
        raise ToolkitError(
            f"the edition cannot be written: {error.filename}: {error.strerror}",
            remedy="Make room, or allow writing to reports/, and run again; the last edition is as it was",
        ) from error


def _edition(place: Path, day: date, *, force: bool, progress: Progress) -> Edition:
    plan, before = matrix(), _disk.previous(place, day)
    inputs = _inputs(plan, before)
    name = f"{day.isoformat()}-{hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:12]}"
    old = _read(place / name) if (place / name).exists() else None
    if old and not old.failed and not force:
        _disk.switch(place, name)
        return old
    with _disk.building(place, name) as aside:
        edition = _made(plan, Edition(name, aside, (), before), day, progress)
        report.write_json(aside / "edition.json", asdict(edition) | {"folder": name, "inputs": inputs})
        if old and len(edition.failed) > len(old.failed):
            worse = "; ".join(item.note for item in edition.failed)
            raise ToolkitError(f"{name}, made again, failed: {worse}", remedy="Mend it; the edition there was kept")
        _disk.publish(aside, place / name)
    _disk.switch(place, name)
    return replace(edition, folder=place / name)


def _read(folder: Path) -> Edition:
    row = json.loads((folder / "edition.json").read_text(encoding="utf-8"))
    items = [Item(**item | {name: tuple(item[name]) for name in ("pages", "figures")}) for item in row["items"]]
    return Edition(folder.name, folder, tuple(items), row["previous"], unchanged=True)


def _inputs(plan: Matrix, before: str | None) -> dict[str, Any]:
    """Give the hash of everything that an edition is made from."""
    files = {home() / MATRIX, home() / "requirements.lock", *(home() / row.notebook for row in plan.reports)}
    files |= {path for folder in _FOLDERS for path in (home() / folder).rglob("*")}
    hashes = {path.relative_to(home()).as_posix(): report.file_hash(path) for path in files if path.is_file()}
    return {"files": hashes, "toolkit": report.source_hash(), "python": sys.version.split()[0], "previous": before}


def _made(plan: Matrix, edition: Edition, day: date, progress: Progress) -> Edition:
    """Make every item, then the edition's registry and the pages that lead to all of it."""
    held = _Held(edition.previous)
    tasks: list[tuple[str, Callable[[], Item]]] = [
        *((row.slug, partial(_report, row, edition.folder, day, plan.timeout_s, held)) for row in plan.reports),
        *((name, partial(_seed, name)) for name in plan.seeds),
        *((name, partial(_brief, name, edition.folder, day, held)) for name in plan.briefs),
    ]
    items = []
    for done, (name, make) in enumerate(tasks):
        progress(done, len(tasks), name)
        items.append(make())
    progress(len(tasks), len(tasks), "pages")
    report.write(edition.folder / "registry.jsonl", held.text)
    edition = replace(edition, items=tuple(items))
    shown = {"edition": edition, "day": day.isoformat(), "moved": held.moved(edition.previous), "count": len(held)}
    for page, title in (("index.html", "Edition of reports"), ("changes.html", "What moved")):
        report.write(edition.folder / page, report.render(page, title=title, **shown))
    return edition


class _Held:
    """The figures of an edition so far: `text` as JSON Lines, and the `registry` that it makes."""

    def __init__(self, previous: str | None = None) -> None:
        path, before = (home() / part / "registry.jsonl" for part in ("data", f"reports/{previous}"))
        self.text = path.read_text(encoding="utf-8") if path.exists() else ""
        earlier = [before] if before.is_file() else []  # what a figure was, so that a brief can be called stale
        self.registry = registry.load(*[path][: path.exists()], earlier=earlier)

    def __len__(self) -> int:
        return sum(1 for _ in self.registry)

    def take(self, path: Path) -> None:
        """Take in the figures of a report, all or none; the same figure from two reports is one."""
        known = {record.key: record.id for record in self.registry}
        fresh = [record for record in registry.load(path) if known.get(record.key) != record.id]
        if clash := [record.key for record in fresh if record.supersedes != known.get(record.key)]:
            problem = f"{path.parent.name} publishes {clash[0]!r}, which stands for another figure in this edition"
            raise SchemaError(problem, remedy="Choose another key in one of the notebooks")
        for record in fresh:
            self.registry.add(record)
        self.text += registry.dumps(fresh)

    def moved(self, previous: str | None) -> list[dict[str, str]]:
        """Give a row for each key that is new, gone, or has another quantity than in the edition before."""
        path = home() / "reports" / str(previous) / "registry.jsonl"
        before = {record.key: record for record in registry.load(path)} if path.is_file() else {}
        now = {record.key: record for record in self.registry}
        what = dict.fromkeys(before.keys() - now.keys(), "gone") | dict.fromkeys(now.keys() - before.keys(), "new")
        what |= {key: "changed" for key in before.keys() & now.keys() if before[key].quantity != now[key].quantity}
        return [
            {"key": key, "what": what[key], "about": (now | before)[key].about}
            | {name: str(side.get(key, "–")) for name, side in (("old", before), ("new", now))}
            for key in sorted(what)
        ]


def _report(row: Report, edition: Path, day: date, timeout_s: float, held: _Held) -> Item:
    folder, status = edition / row.slug, "offered"
    try:
        _expect_data(row.needs)
        status = "failed"
        record = report.run(row.notebook, row.parameters, folder, edition_date=day, timeout_s=timeout_s).record
        held.take(folder / "figures.jsonl")
    except Exception as error:  # noqa: BLE001 - see _fault
        record = _failed(row, folder, status, _fault(error))
    shown = {name: record[name] for name in ("title", "status", "question", "finding")}
    page = (f"{row.slug}/report.html",) if (folder / "report.html").exists() else ()
    return Item("report", row.slug, note=record["error"], pages=page, figures=tuple(record["figures"]), **shown)


def _expect_data(names: tuple[str, ...]) -> None:
    declared = resources() if names else {}
    for name in names:
        if name not in declared or not (home() / declared[name].file).is_file():
            remedy = "Declare it in data/datapackage.json, put its file in place, and run again"
            raise ToolkitError(f"Needs data set {name}, which is not here", remedy=remedy)


def _failed(row: Report, folder: Path, status: str, note: str) -> dict[str, Any]:
    """Write and give the run record of a report that failed, even of one that never began."""
    path = folder / "run.json"
    record: dict[str, Any] = {"title": "", "question": "", "finding": "", "inputs": asdict(row)}
    if path.exists():
        record = json.loads(path.read_text(encoding="utf-8"))
    record |= {"status": status, "figures": [], "error": note}
    folder.mkdir(exist_ok=True)
    report.write(folder / "figures.jsonl", "")
    report.write_json(path, record)
    return record


def _fault(error: Exception) -> str:
    """Say what went wrong with one item; an error that nobody foresaw costs that item, not the night."""
    if isinstance(error, OSError):
        raise error  # the disk is everyone's
    remedy = "A fault of the toolkit: its command for this file shows where"
    told = error if isinstance(error, ToolkitError) else ToolkitError(f"{type(error).__name__}: {error}", remedy=remedy)
    return f"{told.problem}\n→ {told.remedy}".replace(f"{home()}/", "")  # an edition does not tell where it was made


def _seed(name: str) -> Item:
    from toolkit import article, figures

    try:
        text = article.read_seed(home() / name)
        found = [figure.quote for figure in figures.extract(text)]
    except Exception as error:  # noqa: BLE001 - see _fault
        return Item("seed", name, name, "failed", _fault(error))
    return Item(
        "seed", name, text.title or name, note=f"{len(found)} figures: {'; '.join(found)}", question=text.citation
    )


def _brief(name: str, edition: Path, day: date, held: _Held) -> Item:
    from toolkit import brief

    path, folder = home() / name, edition / "briefs"
    folder.mkdir(exist_ok=True)
    try:
        verdicts = brief.check(path, held.registry)
        titled = _TITLE.search(path.read_text(encoding="utf-8"))
        pages = tuple(f"briefs/{brief.build(path, held.registry, to, folder, day).name}" for to in brief.FORMATS)
    except Exception as error:  # noqa: BLE001 - see _fault
        return Item("brief", name, path.stem, "failed", _fault(error))
    wrong = [f"{verdict.text!r}: {verdict.reason}" for verdict in verdicts if verdict.is_flagged]
    return Item(
        "brief",
        name,
        titled[1] if titled else path.stem,
        "failed" if wrong else "ok",
        "\n".join([brief.tally(verdicts), *wrong]),
        pages,
    )
