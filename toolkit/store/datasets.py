"""The declared tables of the data package, each believed by the hash of its bytes.

>>> rows("sources")[0]["id"]
'aa-8d02'
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import files
from toolkit.errors import SchemaError, UnknownCode
from toolkit.formats import FIRST_ROW
from toolkit.store import downloads
from toolkit.store.downloads import Copy

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import pandas as pd

__all__ = [
    "Check", "Copy", "Resource", "aside", "bring", "checked_bytes", "checked_rows", "copy", "declare", "describe",
    "elsewhere", "external", "frame", "from_mirror", "is_declared", "keep", "opened", "path", "resource", "resources",
    "rows", "sha256", "source",
]  # fmt: skip
__dir__ = __all__.copy

_PACKAGE = Path("data", "datapackage.json")
_MOST = 2**34  # bytes of a table: some published panels are large
_RESTORE = "Restore the file from version control"
_opened: dict[str, None] = {}


@dataclass(frozen=True, slots=True)
class Resource:
    """One declared table: `file` relative to the project's folder, `sha256` and `size` of its bytes.

    `schema` is its Table Schema; `totals` are the sums that must hold (``x-totals``);
    `sources` its publishers, each with title and path. A table with an `address`
    (``x-address``) is not in the repository: it is fetched by name, and its hash may be "" (unknown).
    A code list (``x-code-list``) is read by the package itself, and is no data set;
    in a `caseless` key (``x-caseless-key``) "GDP" and "gdp" are the same.
    """

    name: str
    title: str
    description: str
    file: str
    sha256: str
    size: int
    schema: dict[str, Any]
    totals: tuple[dict[str, Any], ...]
    sources: tuple[dict[str, str], ...]
    address: str = ""
    licence: str = ""
    code_list: bool = False
    caseless: bool = False

    @property
    def fields(self) -> list[str]:
        """The names of the columns, in order."""
        return [field["name"] for field in self.schema["fields"]]


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check; `problem` is None if it passed."""

    resource: str
    what: str
    problem: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the check passed."""
        return self.problem is None


def resources(*, code_lists: bool = False) -> dict[str, Resource]:
    """Return the declared data sets by name, or the code lists.

    Raises
    ------
    SchemaError
        If ``data/datapackage.json`` is missing or cannot be read.

    Examples
    --------
    >>> resources()["gdp"].file
    'data/gdp.csv'
    """
    place = files.home() / _PACKAGE
    if not place.is_file():
        problem = f"no {_PACKAGE.as_posix()} in {files.home()}"
        raise SchemaError(problem, remedy="Run in a project's folder, or set TOOLKIT_HOME to it")
    declared = _declared(files.read_text(place))
    return {name: each for name, each in declared.items() if each.code_list is code_lists}


def is_declared(name: str) -> bool:
    """Return whether a project's data package declares a table of that name; False outside a project.

    >>> is_declared("gdp"), is_declared("my-survey")
    (True, False)
    """
    return (files.home() / _PACKAGE).is_file() and name in resources()


def resource(name: str) -> Resource:
    """Return the declaration of a table.

    >>> resource("gdp").fields[:2]
    ['series', 'freq']
    """
    if name not in (declared := resources()):
        raise UnknownCode(f"no table {name!r} in {_PACKAGE.as_posix()}", remedy=f"Choose one of {', '.join(declared)}")
    return declared[name]


def path(name: str) -> Path:
    """Return the file of a table, after checking its hash; it counts as opened.

    Raises
    ------
    UnknownCode
        If no such table is declared.
    SchemaError
        If the file is missing, not fetched yet, or its bytes differ.
    """
    checked_bytes(resource(name))
    _opened.setdefault(name)
    return _place(resource(name))


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV table, every cell as text; it counts as opened.

    Raises
    ------
    SchemaError
        If the hash or the header differs, or a row is broken; the error names file and line.

    Examples
    --------
    >>> rows("sources")[0]["read"]
    '2026-11-22'
    """
    table = checked_rows(resource(name))
    _opened.setdefault(name)
    return table


def frame(name: str) -> pd.DataFrame:
    """Return a table as a frame of text, shape (n, fields); an empty cell is ``""``, never NaN.

    A fetched Parquet file keeps its types.

    >>> set(frame("gdp")["unit"]) >= {"USD"}
    True
    """
    import pandas as pd

    if resource(name).file.endswith(".parquet"):
        return pd.read_parquet(path(name))
    return pd.DataFrame(rows(name), columns=resource(name).fields or None, dtype="str")


def source(key: str) -> dict[str, str]:
    """Return the row of ``data/sources.csv`` with this id.

    >>> source("census-country-2016-11")["publisher"]
    'US Census Bureau'
    """
    for row in checked_rows(resource("sources")):
        if row["id"] == key:
            return row
    raise UnknownCode(f"no source {key!r} in data/sources.csv", remedy="Add a row with that id, or cite another id")


def sha256(name: str) -> str:
    """Return the hash that a table must have: declared, or recorded at the first download; else "".

    >>> sha256("gdp") == resources()["gdp"].sha256
    True
    """
    table = resource(name)
    return downloads.believed(_place(table), table.sha256) if table.address else table.sha256


def copy(name: str) -> Copy | None:
    """Return the copy of a table that is not in the repository; None before it is fetched.

    >>> copy("gdp") is None
    True
    """
    table = resource(name)
    if not (table.address and _place(table).is_file()):
        return None
    by_hand = Copy(_place(table), table.sha256, "put in place by hand", "declared") if table.sha256 else None
    return downloads.recorded(_place(table)) or by_hand


def keep(name: str, came: Path, origin: str) -> Copy:
    """Keep a download of a table that is not in the repository, if its bytes are believed.

    Raises
    ------
    NotBelieved
        If they are neither those declared nor those of the first download. Nothing is kept then.
    """
    table = external(name)
    return downloads.accept(came, _place(table), declared=table.sha256, origin=origin, columns=table.fields)


def from_mirror(name: str) -> Copy | None:
    """Copy a table from the folder that ``TOOLKIT_MIRROR`` names instead of fetching it; None without a mirror.

    Raises
    ------
    SchemaError
        If the folder lacks it.
    """
    if not (folder := os.environ.get(downloads.MIRROR)):
        return None
    table = external(name)
    offered = [Path(folder) / Path(each).name for each in (table.file, table.address)]
    if not (found := next((each for each in offered if each.is_file()), None)):
        remedy = f"Put it there, or unset {downloads.MIRROR} to fetch it from {table.address}"
        raise SchemaError(f"{folder} has no {offered[0].name}", remedy=remedy)
    with aside(name) as place:
        return keep(name, Path(shutil.copyfile(found, place / "came")), f"mirror {found.name}")


def aside(name: str) -> AbstractContextManager[Path]:
    """Yield a temporary folder for a download, beside the place where the table is kept."""
    return downloads.aside(_place(external(name)))


def elsewhere() -> dict[str, Resource]:
    """Return the declared tables that are not in the repository; none outside a project's folder.

    >>> "gdp" in elsewhere()
    False
    """
    declared = resources() if (files.home() / _PACKAGE).is_file() else {}
    return {name: each for name, each in declared.items() if each.address}


def bring(names: tuple[str, ...] | None = None) -> None:
    """Copy missing tables that are not in the repository, all or those named, as far as a mirror has them."""
    for name, table in elsewhere().items() if os.environ.get(downloads.MIRROR) else ():
        if (names is None or name in names) and not _place(table).is_file():
            with contextlib.suppress(SchemaError):
                from_mirror(name)


def opened() -> list[str]:
    """Return the names of the tables read so far in this process, in order."""
    return list(_opened)


def describe() -> list[dict[str, Any]]:
    """Return name, title, rows and bytes of every table.

    Tables that are not in the repository have an address, a licence and their copy instead of rows.

    >>> describe()[0]["name"]
    'sources'
    """
    return [_description(table) for table in resources().values()]


def declare(name: str) -> None:
    """Write the present size and hash of a data set or code list into the data package, after a wanted change."""
    place = files.home() / _PACKAGE
    package = json.loads(files.read_text(place))
    known = resources(code_lists=True).get(name) or resource(name)
    entry = next(entry for entry in package["resources"] if entry["name"] == known.name)
    raw = files.read(place.parent / entry["path"], most=_MOST)
    entry.update(bytes=len(raw), hash=f"sha256:{hashlib.sha256(raw).hexdigest()}")
    files.write(place, json.dumps(package, indent=1, ensure_ascii=False) + "\n")


def _description(table: Resource) -> dict[str, Any]:
    about = {"name": table.name, "title": table.title, "bytes": table.size, "file": table.file}
    if not table.address:
        return about | {"rows": len(checked_rows(table))}
    found = copy(table.name)
    kept = {"sha256": found.sha256, "trust": found.trust, "origin": found.origin} if found else None
    return about | {"rows": None, "address": table.address, "licence": table.licence, "copy": kept}


@cache
def _declared(text: str) -> dict[str, Resource]:
    try:
        return {entry["name"]: _declaration(entry) for entry in json.loads(text)["resources"]}
    except (ValueError, KeyError, TypeError) as error:
        raise SchemaError(f"{_PACKAGE.as_posix()} is not a data package: {error}", remedy=_RESTORE) from None


def _declaration(entry: dict[str, Any]) -> Resource:
    address = entry.get("x-address", "")
    return Resource(
        name=entry["name"],
        title=entry["title"],
        description=entry["description"],
        file=f"data/{entry['path']}",
        sha256=(entry.get("hash", "") if address else entry["hash"]).removeprefix("sha256:"),
        size=entry.get("bytes", 0) if address else entry["bytes"],
        schema=entry.get("schema", {"fields": []}) if address else entry["schema"],
        totals=tuple(entry.get("x-totals", ())),
        sources=tuple(entry.get("sources", ())),
        address=address,
        licence=", ".join(row["name"] for row in entry.get("licenses", ())),
        code_list=entry.get("x-code-list", False),
        caseless=entry.get("x-caseless-key", False),
    )


def external(name: str) -> Resource:
    """Return the declaration of a table that is not in the repository.

    Raises
    ------
    UnknownCode
        If no such table is declared, or its file is in the repository.
    """
    if (table := resource(name)).address:
        return table
    raise UnknownCode(f"{name!r} is in the repository: {table.file}", remedy="Open it; there is nothing to fetch")


def checked_bytes(table: Resource) -> bytes:
    """Return the bytes of a table after checking their hash.

    >>> len(checked_bytes(resource("gdp"))) == resource("gdp").size
    True
    """
    fetch = f"toolkit data fetch {table.name}"
    if table.address and not _place(table).is_file():
        bring((table.name,))
    if not _place(table).exists():
        if table.address:
            raise SchemaError(f"data set {table.name} ({table.title}) is not fetched yet", remedy=f"Run: {fetch}")
        raise SchemaError(f"{table.file} is missing", remedy=_RESTORE)
    raw = files.read(_place(table), most=_MOST)
    found, wanted = hashlib.sha256(raw).hexdigest(), sha256(table.name) if table.address else table.sha256
    if found == wanted:
        return raw
    if table.address:
        problem = f"it must have {wanted or 'one that was recorded when it came'}"
        remedy = f"Delete it, then run: {fetch}"
    else:
        problem, command = f"declared is {wanted}", f"from toolkit import datasets; datasets.declare('{table.name}')"
        remedy = f'{_RESTORE}. Is the change meant? Then run: python -c "{command}"'
    raise SchemaError(f"{table.file} has sha256 {found}, {problem}", remedy=remedy)


def checked_rows(table: Resource) -> list[dict[str, str]]:
    """Return the rows of a CSV table after checking its hash and its header.

    >>> len(checked_rows(resource("gdp"))) == len(rows("gdp"))
    True
    """
    file, names = table.file, table.fields
    if not file.endswith(".csv"):
        raise SchemaError(f"{file} is not a CSV", remedy="Open it with datasets.frame (Parquet), or its datasets.path")
    try:
        text = checked_bytes(table).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SchemaError(f"{file}: byte {error.start} is not UTF-8", remedy="Save the file as UTF-8") from None
    if text.startswith("\ufeff"):
        raise SchemaError(f"{file}:1 starts with a byte-order mark", remedy="Save the file as UTF-8 without it")
    header, *body = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    if header != (names := names or header):
        raise SchemaError(f"{file}:1 has the columns {header}, declared are {names}", remedy="Restore the header")
    for line, cells in enumerate(body, FIRST_ROW):
        if len(cells) != len(names):
            problem = f"{file}:{line} has {len(cells)} fields, the header has {len(names)}"
            raise SchemaError(problem, remedy="Put quotation marks around a cell that contains a comma")
    return [dict(zip(names, cells, strict=True)) for cells in body]


def _place(table: Resource) -> Path:
    return files.home() / table.file
