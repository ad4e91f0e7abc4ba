"""The editions that are there: listed, held against each other, verified, pruned."""

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
from typing import TYPE_CHECKING, Any

from toolkit import registry
from toolkit.errors import ToolkitError, UnknownCode
from toolkit.files import home
from toolkit.nightly import items, revisions, ro_crate
from toolkit.report import file_hash, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

NAME = re.compile(r"(\d{4}-\d\d-\d\d)-[0-9a-f]{12}")
LOG = "log.jsonl"
_PATIENCE_S = 0.5
BUILDING, _REPLACED, _POINTER = ".building-", ".replaced-", ".latest-"


@contextmanager
def alone(place: Path, day: date) -> Iterator[None]:
    """Hold `place` for one nightly, and clear what a killed one left there.

    Raises
    ------
    ToolkitError
        At once, naming the process that is at work.
    """
    from filelock import FileLock, Timeout

    lock, holder = FileLock(place / ".lock", timeout=0), place / ".lock-holder"
    try:
        lock.acquire()
    except Timeout:
        remedy = "Wait for it to end, or end it, and run again"
        raise ToolkitError(f"{place} is in use by {_said(holder)}", remedy=remedy) from None
    try:
        write(holder, f"process {os.getpid()} on {platform.node()}, at work on the edition of {day}\n")
        _sweep(place)
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _said(holder: Path) -> str:
    """Read who holds the lock; it says so just after it has it."""
    until = time.monotonic() + _PATIENCE_S
    while not holder.exists() and time.monotonic() < until:
        time.sleep(0.01)
    try:
        return holder.read_text(encoding="utf-8").strip()
    except OSError:
        return "another process"


@contextmanager
def building(place: Path, name: str) -> Iterator[Path]:
    """Give a folder to build an edition in; it is gone afterwards unless it was published."""
    aside = place / f"{BUILDING}{name}"
    aside.mkdir()
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def publish(aside: Path, final: Path) -> None:
    """Give a finished folder its name, all of it on the disk first; an edition of that name steps aside."""
    settle(aside)
    replaced = final.with_name(_REPLACED + final.name)
    if final.exists():
        final.rename(replaced)
    aside.rename(final)
    flush(final.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def switch(place: Path, name: str) -> None:
    """Point ``latest`` at an edition, in one step."""
    if (place / "latest").is_symlink() and (place / "latest").readlink().name == name:
        return
    pointer = place / f"{_POINTER}{os.getpid()}"
    pointer.symlink_to(name)
    pointer.replace(place / "latest")
    flush(place)


def previous(place: Path, day: date) -> str | None:
    """Name the last edition of an earlier date; of several, the one that ``latest`` shows or the youngest."""
    dated = [path for path in place.iterdir() if (found := NAME.fullmatch(path.name)) and found[1] < day.isoformat()]
    shown = os.path.realpath(place / "latest")
    rank = {path.name: (path.name[:10], str(path.resolve()) == shown, path.stat().st_mtime_ns) for path in dated}
    return max(rank, key=lambda name: rank[name], default=None)


def share(source: Path, target: Path) -> None:
    """Let `target` have the files of `source`, which nobody changes: as hard links, or copies where there are none."""
    target.mkdir()
    for path in sorted(source.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            share_file(path, target / path.name)


def settle(folder: Path) -> None:
    """Have everything below a folder on the disk; a file with a second name has been there since it got its first."""
    for path in [*folder.rglob("*"), folder]:
        if path.is_dir() or path.stat().st_nlink == 1:
            flush(path)


def flush(path: Path) -> None:
    """Have one file or folder on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def prints(folder: Path) -> dict[str, str]:
    """Give the sha256 of every file below a folder, by its path from there; hidden ones aside."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in sorted(files)}


def share_file(source: Path, target: Path) -> None:
    """Give a file that nobody changes a second name; a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK}:
            raise
        shutil.copyfile(source, target)


def _sweep(place: Path) -> None:
    for path in place.glob(f"{_REPLACED}*"):  # killed between the two renames of `publish`
        if not (final := place / path.name.removeprefix(_REPLACED)).exists():
            path.rename(final)
    for path in [*place.glob(f"{BUILDING}*"), *place.glob(f"{_REPLACED}*")]:
        shutil.rmtree(path)
    for path in place.glob(f"{_POINTER}*"):
        path.unlink()
    for path in place.glob("..lock-holder.*"):  # killed while it wrote who it was
        path.unlink()


_DIGEST = 12  # letters of a hash in an edition's name


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two editions do not share: a report or a figure, what it was and what it is."""

    kind: str
    name: str
    before: str
    now: str


def names() -> list[str]:
    """Give the names of the editions that are there, the oldest first, even of those that cannot be read."""
    place = home() / "reports"
    return sorted(path.name for path in place.iterdir() if NAME.fullmatch(path.name)) if place.is_dir() else []


def editions() -> list[items.Edition]:
    """Give every edition that can be read, the oldest first."""
    found = []
    for name in names():
        with suppress(ToolkitError):
            found.append(items.read(home() / "reports" / name))
    return found


def folder(name: str) -> Path:
    """Give the folder of the edition of that name, of which the beginning is enough; ``latest`` is one too.

    Raises
    ------
    UnknownCode
        If there is none, or more than one.
    """
    place = home() / "reports"
    if name == "latest" and (place / name).exists():
        return (place / name).resolve()
    found = [each for each in names() if name and each.startswith(name)]
    if not names():
        raise UnknownCode("there is no edition here yet", remedy="Make one with toolkit nightly")
    if len(found) != 1:
        some = ", ".join(found) or "none"
        raise UnknownCode(f"{len(found)} editions are called {name!r}: {some}", remedy="See toolkit edition list")
    return place / found[0]


def find(name: str) -> items.Edition:
    """Give the edition of that name; see `folder`."""
    return items.read(folder(name))


def differences(one: items.Edition, two: items.Edition) -> list[Difference]:
    """Give the items that differ in status or date, and the figures that differ in number."""
    old, new = ({item.name: f"{item.status} {item.made}".strip() for item in each.items} for each in (one, two))
    rows = [Difference("item", name, old.get(name, "–"), new.get(name, "–")) for name in {**old, **new}]
    then, now = ({row.key: row for row in registry.load(each.folder / "registry.jsonl")} for each in (one, two))
    keys = [
        key for key in {**then, **now} if key not in then or key not in now or then[key].quantity != now[key].quantity
    ]
    rows = [row for row in rows if row.before != row.now]
    return rows + [Difference("figure", key, *revisions.numbers(then.get(key), now.get(key))) for key in keys]


def verify(place: Path) -> list[str]:
    """Say which files of an edition's folder are missing, changed or not listed; nothing if it is as it was published.

    Every file is held against the hash in ``edition.json`` and in ``ro-crate-metadata.json``,
    ``edition.json`` against its own seal and the name of the folder.
    """
    found = prints(place)
    found.pop("edition.json", None)
    try:
        listed = items.listed(place)
        crate = json.loads((place / ro_crate.NAME).read_text(encoding="utf-8"))["@graph"]
        described = {each["@id"]: each["sha256"] for each in crate if "contentSize" in each}
    except ToolkitError as error:
        return [error.problem]
    except (OSError, ValueError, LookupError, TypeError) as error:
        described = {}
        unread = [f"{ro_crate.NAME}: cannot be read ({type(error).__name__})"]
    else:
        unread = []
    return [*_seals(place.name, listed), *_prints(listed.get("files", {}), found, described), *unread]


def _seals(name: str, listed: dict[str, Any]) -> Iterator[str]:
    if listed.get("seal") != items.seal(listed):
        yield "edition.json: changed"
    digest = hashlib.sha256(json.dumps(listed.get("inputs"), sort_keys=True).encode()).hexdigest()
    if not name.endswith(digest[:_DIGEST]):
        yield f"edition.json: its inputs are not those that {name} is named by"


def _prints(listed: dict[str, str], found: dict[str, str], described: dict[str, str]) -> Iterator[str]:
    for name in sorted({**listed, **found}):
        if listed.get(name) != found.get(name):
            yield f"{name}: {'missing' if name not in found else 'changed' if name in listed else 'not listed'}"
        elif described and name != ro_crate.NAME and described.get(name) != found[name]:
            yield f"{name}: {ro_crate.NAME} gives another hash"


def prune(keep: int, day: date) -> list[str]:
    """Delete all but the last `keep` editions; name what was deleted.

    The one that ``latest`` shows stays, and the one before it: a night that is run again
    takes reports over from there, and says what moved since.

    Raises
    ------
    ToolkitError
        If fewer than one is to be kept, or a nightly is at work.
    """
    if keep < 1:
        raise ToolkitError(f"{keep} editions cannot be kept", remedy="Keep at least one")
    place: Path = home() / "reports"
    if not place.is_dir():
        return []
    with alone(place, day):
        needed = _needed(place)
        gone = [name for name in names()[:-keep] if name not in needed]
        for name in gone:
            aside = place / f"{BUILDING}{name}"  # swept, should we die half-way
            (place / name).rename(aside)
            shutil.rmtree(aside)
    return gone


def _needed(place: Path) -> set[str]:
    """Name the edition that ``latest`` shows, and the ones that it and the next night are made from."""
    shown = (place / "latest").resolve()
    with suppress(ToolkitError):
        return {shown.name, str(items.listed(shown).get("previous"))}
    return {shown.name}
