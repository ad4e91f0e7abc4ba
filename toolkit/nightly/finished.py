"""Finished work, stored by the hash of its inputs: an interrupted night resumes from here."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from toolkit import files, report
from toolkit.errors import NotWritten
from toolkit.nightly import edition_archive

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["FOLDER", "FinishedStore"]

FOLDER, _JOURNAL, _SEAL = ".store", "journal.json", ".seal"


class FinishedStore:
    """Finished reports, briefs and articles, a folder each, sealed with the hashes of their files.

    Failed ones are kept too until their night is complete. Workers on other machines may
    share the store, since a folder appears in it whole, by one rename.
    """

    def __init__(self, editions_folder: Path) -> None:
        self.folder = editions_folder / FOLDER

    def open(self, night: dict[str, Any]) -> None:
        """Begin the night that `night` describes, or resume it if it was interrupted."""
        self.folder.mkdir(exist_ok=True)
        self._sweep()
        journal = self._journal()
        if journal | night == journal:
            return
        for path in self._folders():
            if night["force"] or self.record(path).get("status") != "ok":
                _drop(path)
        report.write_json(self.folder / _JOURNAL, night)

    def ready(self, night: dict[str, Any], keep: Iterable[str]) -> None:
        """Note, before an edition is published, what another night of the same day may reuse."""
        report.write_json(self.folder / _JOURNAL, night | {"keep": sorted(keep)})

    def close(self) -> None:
        """Clean up after a night whose edition is published, even if that night was killed while doing so."""
        if "keep" not in (journal := self._journal()):
            return
        self._sweep()
        for path in self._folders():
            if path.name not in journal["keep"]:
                _drop(path)
        (self.folder / _JOURNAL).unlink()

    def _journal(self) -> dict[str, Any]:
        return _json(self.folder / _JOURNAL) or {}

    def _folders(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.is_dir()]

    def _sweep(self) -> None:
        for path in self.folder.glob(".*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def temporary_path(self, key: str) -> Path:
        """Return a path at which to build what will be put under `key`."""
        return self.folder / f".making-{key}-{os.urandom(8).hex()}"  # a process number could repeat on other machines

    def put(self, key: str, made: Path) -> Path:
        """Store a finished folder, whole and on the disk; if there is one already, it stays as it is."""
        report.write_json(made / _SEAL, edition_archive.file_hashes(made))
        final = self.folder / key
        try:
            files.publish(made, final)
        except NotWritten:
            if not final.exists():  # otherwise another worker has stored the same
                raise
            shutil.rmtree(made, ignore_errors=True)
        return final

    def clear(self, key: str) -> None:
        """Delete what is to be made again; only the process that holds the night's lock may do so."""
        if (self.folder / key).exists():
            _drop(self.folder / key)

    def has(self, key: str) -> bool:
        """Return whether something is stored under `key`, by this machine or another."""
        os.close(os.open(self.folder, os.O_RDONLY))  # makes a network file system forget that it was missing
        return (self.folder / key).is_dir()

    def find(self, key: str) -> Path | None:
        """Return the folder of `key`, if its files and everything it was made from are unchanged."""
        path = self.folder / key
        if not path.is_dir() or _json(path / _SEAL) != edition_archive.file_hashes(path):
            return None
        return None if report.changed_input(self.record(path).get("inputs", {})) else path

    @staticmethod
    def record(path: Path) -> dict[str, Any]:
        """Return the run record in a folder, or an empty one."""
        found = _json(path / "run.json")
        return found if isinstance(found, dict) else {}


def _drop(path: Path) -> None:
    """Delete a folder so that no half of it is ever seen under its name."""
    aside = path.with_name(f".old-{path.name}-{os.urandom(8).hex()}")
    path.rename(aside)
    shutil.rmtree(aside)


def _json(path: Path) -> Any:
    try:
        return report.read_json(path)
    except ValueError:
        return None
