"""Tables that an analyst brought: which file each name stands for now, and what was read of them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import SchemaError, UnknownCode
from toolkit.store import datasets, parquet

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "brought"
_MOST_ROWS = 5_000_000
_opened: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Brought:
    """What a name stands for.

    Attributes
    ----------
    name, vintage : str
    file : str
        The Parquet file, counted from the folder of data.
    """

    name: str
    file: str
    vintage: str

    @property
    def files(self) -> tuple[str, ...]:
        """What is read with it, counted from the project's home: the entry itself, the table, its seal."""
        return (f"data/{FOLDER}/{self.name}.json", f"data/{self.file}", f"data/{self.file}.seal")


def register(name: str, path: Path, vintage: str, *, folder: Path) -> Brought:
    """Let `name` stand for the file at `path` from now on; reports that read the name are made again.

    Raises
    ------
    SchemaError
        If the name could not name a file, or is the name of a declared table.
    """
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name):
        raise SchemaError(f"{name!r} is no name for a table", remedy="Use letters, digits and hyphens")
    if (datasets.home() / "data" / "datapackage.json").is_file() and name in datasets.resources():
        raise SchemaError(f"{name!r} is a table of the data package", remedy="Call yours by another name")
    entry = Brought(name, path.relative_to(folder).as_posix(), vintage)
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=".part-", dir=place)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(entry), indent=1) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    Path(aside).replace(place / f"{name}.json")
    return entry


def entries(folder: Path | None = None) -> dict[str, Brought]:
    """Give what was brought, by name."""
    return {name: _entry((folder or _data()) / FOLDER / f"{name}.json") for name in names(folder)}


def names(folder: Path | None = None) -> list[str]:
    """Give the names of what was brought, without opening any of it."""
    return sorted(path.stem for path in ((folder or _data()) / FOLDER).glob("*.json"))


def find(name: str, folder: Path | None = None) -> Brought | None:
    """Give what `name` stands for, or None."""
    path = (folder or _data()) / FOLDER / f"{name}.json"
    return _entry(path) if path.is_file() else None


def entry(name: str, folder: Path | None = None) -> Brought:
    """Give what `name` stands for.

    Raises
    ------
    UnknownCode
        If nothing of that name was brought; the error says how to bring it.
    """
    found = find(name, folder)
    if found is None:
        there = ", ".join(names(folder)) or "nothing yet"
        remedy = f"Bring it: toolkit data add FILE --as {name}, or toolkit data fetch PROVIDER ... --as {name}; there is {there}"
        raise UnknownCode(f"no table {name!r} was brought", remedy=remedy)
    return found


def path(name: str, folder: Path | None = None) -> Path:
    """Give the Parquet file of `name`, whole and sealed; it counts as opened. SQL can ask it without reading it all."""
    found = (folder or _data()) / entry(name, folder).file
    parquet.verify(found)
    with found.open("rb") as stream:
        _opened[name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found


def read(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Give the newest vintage of `name` as it was brought in; it counts as opened.

    Raises
    ------
    SchemaError
        If it has more rows than fit into memory with ease; SQL can ask its `path`.
    """
    found = path(name, folder)
    if (rows := parquet.head(found, 1)[0]) > _MOST_ROWS:
        remedy = f"Ask the file brought.path({name!r}) with SQL, as sources.bulk.partner_shares does"
        raise SchemaError(f"{name} has {rows:,} rows, which is too many for a frame", remedy=remedy)
    return parquet.read(found)


def opened() -> dict[str, str]:
    """Give the names read so far in this process, with the sha256 of what they stood for."""
    return dict(_opened)


def source(key: str) -> dict[str, str]:
    """Give who published a row: a row of ``data/sources.csv``, or of a brought table the words that it states itself.

    >>> source("UN Comtrade")["publisher"], source("census-country-2016-11")["publisher"]
    ('UN Comtrade', 'US Census Bureau')
    """
    try:
        return datasets.source(key)
    except UnknownCode:
        return dict.fromkeys(datasets.resources()["sources"].fields, "") | {"id": key, "publisher": key, "title": key}


def _data() -> Path:
    return datasets.home() / "data"


def _entry(path: Path) -> Brought:
    try:
        return Brought(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        remedy = "Delete it, and add or fetch the table again"
        raise SchemaError(f"{path} cannot be read: {error}", remedy=remedy) from None
