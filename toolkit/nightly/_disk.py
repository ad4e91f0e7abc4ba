"""Editions on disk: one nightly at a time, nothing half-written, nothing left over."""

from __future__ import annotations

import errno
import os
import platform
import re
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from toolkit.errors import ToolkitError
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
