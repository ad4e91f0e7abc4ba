"""What was made, by the hash of what it was made from: a night that dies is taken up from here."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

from toolkit import report
from toolkit.nightly import edition_archive

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOLDER, _JOURNAL, _SEAL = ".store", "journal.json", ".seal"


class Store:
    """Finished reports, briefs and articles, a folder each, sealed with the hashes of their files.

    It holds what failed too, as long as the night that made it is unfinished. Workers on
    other machines may share it: a folder appears whole, by one rename.
    """

    def __init__(self, place: Path) -> None:
        self.folder = place / FOLDER

    def open(self, night: dict[str, Any]) -> None:
        """Begin a night, or take up the one that died: `night` says which it is."""
        self.folder.mkdir(exist_ok=True)
        self._sweep()
        journal = _json(self.folder / _JOURNAL) or {}
        if journal | night == journal:
            return
        for path in self.folder.iterdir():
            if path.is_dir() and (night["force"] or self.record(path).get("status") != "ok"):
                _drop(path)
        report.write_json(self.folder / _JOURNAL, night)

    def ready(self, night: dict[str, Any], keep: Iterable[str]) -> None:
        """Note, before an edition is published, what another night of the same day may want."""
        report.write_json(self.folder / _JOURNAL, night | {"keep": sorted(keep)})

    def close(self) -> None:
        """End a night whose edition is published, even one that died while it did this."""
        journal = _json(self.folder / _JOURNAL) or {}
        if "keep" not in journal:
            return
        self._sweep()
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in journal["keep"]:
                _drop(path)
        (self.folder / _JOURNAL).unlink()

    def _sweep(self) -> None:
        for path in self.folder.glob(".*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def making(self, key: str) -> Path:
        """Give a name to make something under."""
        return self.folder / f".making-{key}-{os.urandom(8).hex()}"  # numbers of processes repeat on other machines

    def put(self, key: str, made: Path) -> Path:
        """Take in a finished folder, whole and on the disk; the first to come stays, so that none ever changes."""
        report.write_json(made / _SEAL, edition_archive.prints(made))
        edition_archive.settle(made)
        final = self.folder / key
        try:
            made.rename(final)
        except OSError:
            if not final.exists():  # else another worker was first, with the same
                raise
            shutil.rmtree(made, ignore_errors=True)
        edition_archive.flush(self.folder)
        return final

    def clear(self, key: str) -> None:
        """Make room for what is to be made again; for the one who holds the night's lock."""
        if (self.folder / key).exists():
            _drop(self.folder / key)

    def has(self, key: str) -> bool:
        """Tell whether something was put under `key`, wherever that was done."""
        os.close(os.open(self.folder, os.O_RDONLY))  # a network file system then forgets what it took to be absent
        return (self.folder / key).is_dir()

    def find(self, key: str) -> Path | None:
        """Give the folder of `key`, if its files and all that it was made from are as they were."""
        path = self.folder / key
        if not path.is_dir() or _json(path / _SEAL) != edition_archive.prints(path):
            return None
        return None if report.still(self.record(path).get("inputs", {})) else path

    @staticmethod
    def record(path: Path) -> dict[str, Any]:
        """Give the run record of a folder, or an empty one."""
        found = _json(path / "run.json")
        return found if isinstance(found, dict) else {}


def _drop(path: Path) -> None:
    """Delete a folder so that no half of it is ever seen under its name."""
    aside = path.with_name(f".old-{path.name}-{os.urandom(8).hex()}")
    path.rename(aside)
    shutil.rmtree(aside)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
