"""Tables that an analyst added or fetched: the file that each name leads to now, and what was read of them.

>>> source("agtpa-applications")["publisher"]
'WTO and UNCTAD'
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from toolkit import files
from toolkit.errors import SchemaError, UnknownCode
from toolkit.store import datasets, parquet

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = [
    "FOLDER", "ImportedTable", "entries", "entry", "find", "names", "opened", "path", "read", "register", "source",
]  # fmt: skip
__dir__ = __all__.copy

FOLDER = "brought"  # the name that it has on users' disks
_MOST_ROWS = 5_000_000
_opened: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """Where the table of a name is.

    Attributes
    ----------
    name, vintage : str
    file : str
        The Parquet file, relative to the folder of data.
    """

    name: str
    file: str
    vintage: str

    @property
    def files(self) -> tuple[str, ...]:
        """What is read with it, relative to the project's folder: the entry itself, the table, its seal."""
        return (f"data/{FOLDER}/{self.name}.json", f"data/{self.file}", f"data/{self.file}.seal")


def register(name: str, path: Path, vintage: str, *, folder: Path) -> ImportedTable:
    """Let `name` lead to the file at `path` from now on; reports that read the name are made again.

    Raises
    ------
    SchemaError
        If the name cannot be a file name, or belongs to a declared table.
    """
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name):
        raise SchemaError(f"{name!r} cannot be the name of a table", remedy="Use letters, digits and hyphens")
    if datasets.is_declared(name):
        raise SchemaError(f"{name!r} is a table of the data package", remedy="Call yours by another name")
    found = ImportedTable(name, path.relative_to(folder).as_posix(), vintage)
    files.write(_entry_file(name, folder), json.dumps(asdict(found), indent=1) + "\n", parents=True)
    return found


def entries(folder: Path | None = None) -> dict[str, ImportedTable]:
    """Return all imported tables by name."""
    return {name: entry(name, folder) for name in names(folder)}


def names(folder: Path | None = None) -> list[str]:
    """Return the names of the imported tables, without opening any of them."""
    return sorted(path.stem for path in _entry_file("*", folder).parent.glob("*.json"))


def find(name: str, folder: Path | None = None) -> ImportedTable | None:
    """Return the imported table of that name, or None."""
    path = _entry_file(name, folder)
    if not path.is_file():
        return None
    try:
        return ImportedTable(**json.loads(files.read_text(path)))
    except (ValueError, TypeError) as error:
        remedy = "Delete it, and add or fetch the table again"
        raise SchemaError(f"{path} cannot be read: {getattr(error, 'problem', error)}", remedy=remedy) from None


def entry(name: str, folder: Path | None = None) -> ImportedTable:
    """Return the imported table of that name.

    Raises
    ------
    UnknownCode
        If there is none; the error says how to import it.
    """
    if found := find(name, folder):
        return found
    there = ", ".join(names(folder)) or "nothing yet"
    commands = f"toolkit data add FILE --as {name}, or toolkit data fetch PROVIDER ... --as {name}"
    raise UnknownCode(f"no table {name!r} was imported", remedy=f"Import it: {commands}; there is {there}")


def path(name: str, folder: Path | None = None) -> Path:
    """Return the Parquet file of `name` after checking its seal; it counts as opened.

    SQL can query the file without reading all of it.
    """
    found = (folder or _data()) / entry(name, folder).file
    _opened[name] = parquet.verify(found)
    return found


def read(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Return the newest vintage of `name` as it was imported; it counts as opened.

    Raises
    ------
    SchemaError
        If it has too many rows for memory; SQL can query its `path`.
    """
    found = path(name, folder)
    if (rows := parquet.head(found, 1)[0]) > _MOST_ROWS:
        remedy = f"Query the file imported_tables.path({name!r}) with SQL, as sources.bulk.partner_shares does"
        raise SchemaError(f"{name} has {rows:,} rows, which is too many for a frame", remedy=remedy)
    return parquet.read(found)


def opened() -> dict[str, str]:
    """Return the names read so far in this process, each with the sha256 of its file."""
    return dict(_opened)


def source(key: str) -> dict[str, str]:
    """Return who published a row: a row of ``data/sources.csv``, or of an imported table the words that it states itself.

    >>> source("UN Comtrade")["publisher"], source("census-country-2016-11")["publisher"]
    ('UN Comtrade', 'US Census Bureau')
    """
    try:
        return datasets.source(key)
    except UnknownCode:
        return dict.fromkeys(datasets.resources()["sources"].fields, "") | {"id": key, "publisher": key, "title": key}


def _data() -> Path:
    return files.home() / "data"


def _entry_file(name: str, folder: Path | None) -> Path:
    return (folder or _data()) / FOLDER / f"{name}.json"
