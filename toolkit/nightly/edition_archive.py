"""The folder of editions: lock it, publish into it, list, compare, verify and prune what it contains."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import re
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from toolkit import files, registry, report
from toolkit.errors import ToolkitError, UnknownCode
from toolkit.files import home
from toolkit.nightly import items, revisions, ro_crate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

__all__ = [
    "LOG", "NAME", "Difference", "alone", "building", "differences", "file_hashes", "find", "folder",
    "link_file", "link_files", "log", "names", "previous", "prune", "publish", "switch", "verify",
]  # fmt: skip

NAME = re.compile(r"(\d{4}-\d\d-\d\d)-[0-9a-f]{12}")
LOG = "log.jsonl"
_BUILDING, _REPLACED, _POINTER = ".building-", ".replaced-", ".latest-"
_PATIENCE_S = 0.5
_DIGEST = 12  # letters of a hash in an edition's name


@contextmanager
def alone(editions_folder: Path, day: date) -> Iterator[None]:
    """Lock the folder of editions for one process, and delete what a killed one left there.

    Raises
    ------
    ToolkitError
        At once, naming the process that holds the lock.
    """
    from filelock import FileLock, Timeout

    lock, holder = FileLock(editions_folder / ".lock", timeout=0), editions_folder / ".lock-holder"
    try:
        lock.acquire()
    except Timeout:
        remedy = "Wait for it to end, or end it, and run again"
        raise ToolkitError(f"{editions_folder} is in use by {_read_holder(holder)}", remedy=remedy) from None
    try:
        files.write(holder, f"process {os.getpid()} on {platform.node()}, at work on the edition of {day}\n")
        _sweep(editions_folder)
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _read_holder(holder: Path) -> str:
    """Return who holds the lock; the process writes it just after taking the lock."""
    until = time.monotonic() + _PATIENCE_S
    while not holder.exists() and time.monotonic() < until:
        time.sleep(0.01)
    with suppress(ToolkitError):
        return files.read_text(holder).strip()
    return "another process"


@contextmanager
def building(editions_folder: Path, name: str) -> Iterator[Path]:
    """Yield a folder to build an edition in; it is deleted afterwards unless it was published."""
    aside = editions_folder / f"{_BUILDING}{name}"
    aside.mkdir()
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def publish(aside: Path, final: Path) -> None:
    """Rename a finished folder to `final`, everything on the disk first; an edition of that name is replaced."""
    files.sync_folder(aside)
    replaced = final.with_name(_REPLACED + final.name)
    if final.exists():
        final.rename(replaced)
    files.publish(aside, final)
    shutil.rmtree(replaced, ignore_errors=True)


def switch(editions_folder: Path, name: str) -> None:
    """Point ``latest`` at an edition, in one step."""
    latest, pointer = editions_folder / "latest", editions_folder / f"{_POINTER}{os.getpid()}"
    if latest.is_symlink() and latest.readlink().name == name:
        return
    pointer.symlink_to(name)
    pointer.replace(latest)
    files.sync(editions_folder)


def previous(editions_folder: Path, day: date) -> str | None:
    """Name the last edition of an earlier date; of several, the one that ``latest`` shows, or else the newest."""
    named = ((path, NAME.fullmatch(path.name)) for path in editions_folder.iterdir())
    dated = [path for path, match in named if match and match[1] < day.isoformat()]
    shown = os.path.realpath(editions_folder / "latest")
    rank = {path.name: (path.name[:10], str(path.resolve()) == shown, path.stat().st_mtime_ns) for path in dated}
    return max(rank, key=lambda name: rank[name], default=None)


def log(editions_folder: Path, row: dict[str, Any]) -> None:
    """Append what a report or an edition cost, when and where, to the log beside the editions."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    row |= {"at": now, "host": platform.node(), "process": os.getpid()}
    files.append(editions_folder / LOG, json.dumps(row, sort_keys=True))


def file_hashes(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder, by relative path; hidden files are left out."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): files.sha256(path) for path in sorted(found)}


def link_files(source: Path, target: Path) -> None:
    """Make a folder with the files of another, which never change."""
    target.mkdir()
    for path in sorted(source.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            link_file(path, target / path.name)


def link_file(source: Path, target: Path) -> None:
    """Add a hard link to a file that never changes, or copy it if the file system has no hard links."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK}:
            raise
        shutil.copyfile(source, target)


def _sweep(editions_folder: Path) -> None:
    for path in editions_folder.glob(f"{_REPLACED}*"):  # killed between the two renames of `publish`
        if not (final := editions_folder / path.name.removeprefix(_REPLACED)).exists():
            path.rename(final)
    for path in [*editions_folder.glob(f"{_BUILDING}*"), *editions_folder.glob(f"{_REPLACED}*")]:
        shutil.rmtree(path)
    for path in [*editions_folder.glob(f"{_POINTER}*"), *editions_folder.glob(f"{files.PART}*")]:
        path.unlink()


@dataclass(frozen=True, slots=True)
class Difference:
    """A report or figure in which two editions differ, with its old and new state."""

    kind: str
    name: str
    before: str
    now: str


def names() -> list[str]:
    """Return the names of all editions, oldest first, including those that cannot be read."""
    editions_folder = home() / "reports"
    found = editions_folder.iterdir() if editions_folder.is_dir() else ()
    return sorted(path.name for path in found if NAME.fullmatch(path.name))


def folder(name: str) -> Path:
    """Return the folder of the edition called `name`: ``latest``, or the beginning of an edition's name.

    Raises
    ------
    UnknownCode
        If there is no such edition, or more than one.
    """
    editions_folder = home() / "reports"
    if name == "latest" and (editions_folder / name).exists():
        return (editions_folder / name).resolve()
    found = [each for each in names() if name and each.startswith(name)]
    if not names():
        raise UnknownCode("there is no edition here yet", remedy="Make one with toolkit nightly")
    if len(found) != 1:
        some = ", ".join(found) or "none"
        raise UnknownCode(f"{len(found)} editions are called {name!r}: {some}", remedy="See toolkit edition list")
    return editions_folder / found[0]


def find(name: str) -> items.Edition:
    """Return the edition called `name`, as `folder` understands it."""
    return items.read(folder(name))


def differences(one: items.Edition, two: items.Edition) -> list[Difference]:
    """Return the items whose status or date differs, and the figures whose number differs."""
    old, new = ({item.name: f"{item.status} {item.made}".strip() for item in each.items} for each in (one, two))
    rows = [Difference("item", name, old.get(name, "–"), new.get(name, "–")) for name in {**old, **new}]
    then, now = ({row.key: row for row in registry.load(each.folder / "registry.jsonl")} for each in (one, two))
    for key in {**then, **now}:
        before, after = then.get(key), now.get(key)
        if before is None or after is None or before.quantity != after.quantity:
            rows.append(Difference("figure", key, *revisions.numbers(before, after)))
    return [row for row in rows if row.kind == "figure" or row.before != row.now]


def verify(folder: Path) -> list[str]:
    """Name the files of an edition that are missing, changed or not listed; none if it is as it was published.

    Each file is compared with its hash in ``edition.json`` and in ``ro-crate-metadata.json``,
    and ``edition.json`` with its own seal and the name of the folder.
    """
    found = file_hashes(folder)
    found.pop("edition.json", None)
    try:
        listed = items.read_manifest(folder)
    except ToolkitError as error:
        return [error.problem]
    described, unread = {}, []
    try:
        crate = report.read_json(folder / ro_crate.NAME)["@graph"]
        described = {each["@id"]: each["sha256"] for each in crate if "contentSize" in each}
    except (ValueError, LookupError, TypeError) as error:
        unread = [f"{ro_crate.NAME}: cannot be read ({type(error).__name__})"]
    return [*_wrong_seals(folder.name, listed), *_wrong_files(listed.get("files", {}), found, described), *unread]


def _wrong_seals(name: str, listed: dict[str, Any]) -> Iterator[str]:
    if listed.get("seal") != items.seal(listed):
        yield "edition.json: changed"
    digest = hashlib.sha256(json.dumps(listed.get("inputs"), sort_keys=True).encode()).hexdigest()
    if not name.endswith(digest[:_DIGEST]):
        yield f"edition.json: its inputs are not those that {name} is named by"


def _wrong_files(listed: dict[str, str], found: dict[str, str], described: dict[str, str]) -> Iterator[str]:
    for name in sorted({**listed, **found}):
        if listed.get(name) != found.get(name):
            yield f"{name}: {'missing' if name not in found else 'changed' if name in listed else 'not listed'}"
        elif described and name != ro_crate.NAME and described.get(name) != found[name]:
            yield f"{name}: {ro_crate.NAME} gives another hash"


def prune(keep: int, day: date) -> list[str]:
    """Delete all but the last `keep` editions; return the names of the deleted ones.

    The edition that ``latest`` shows is always kept, and so is the one before it: running
    the night again reuses its reports, and compares the figures with it.

    Raises
    ------
    ToolkitError
        If `keep` is below one, or another process is at work on the editions.
    """
    if keep < 1:
        raise ToolkitError(f"{keep} editions cannot be kept", remedy="Keep at least one")
    editions_folder = home() / "reports"
    if not editions_folder.is_dir():
        return []
    with alone(editions_folder, day):
        needed = _needed(editions_folder)
        gone = [name for name in names()[:-keep] if name not in needed]
        for name in gone:
            aside = editions_folder / f"{_BUILDING}{name}"  # the next night deletes it if this process is killed
            (editions_folder / name).rename(aside)
            shutil.rmtree(aside)
    return gone


def _needed(editions_folder: Path) -> set[str]:
    """Name the edition that ``latest`` shows, and the one before it."""
    shown = (editions_folder / "latest").resolve()
    with suppress(ToolkitError):
        return {shown.name, str(items.read_manifest(shown).get("previous"))}
    return {shown.name}
