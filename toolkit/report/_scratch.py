"""The scrap folder of one run: held by a lock while its process lives, swept by the next run if it was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "trade-toolkit-run-"


@contextmanager
def scratch() -> Iterator[str]:
    """Give a folder that is gone afterwards; first clear those that killed processes have left."""
    _sweep()
    folder, handle = _held()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _held() -> tuple[str, int | None]:
    while True:
        folder = tempfile.mkdtemp(prefix=_PREFIX)
        handle = _lock(folder)
        if os.name != "posix" or (handle is not None and Path(folder).is_dir()):
            return folder, handle
        if handle is not None:  # swept by another run, just before it was ours
            os.close(handle)


def _sweep() -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.getuid():
                _clear(path)


def _clear(path: Path) -> None:
    if (handle := _lock(str(path))) is not None:
        shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


def _lock(folder: str) -> int | None:
    """Hold a folder until the handle is closed or we die; None where another does, or nobody can."""
    if os.name != "posix":
        return None
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
