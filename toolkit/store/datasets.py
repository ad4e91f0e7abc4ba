"""The files an analysis may read: declared, hashed, licensed, dated; a pointer to a cell."""

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

from toolkit.errors import SchemaError, UnknownCode
from toolkit.store import downloads
from toolkit.store.downloads import Copy as Copy  # noqa: PLC0414 (part of what this module offers)

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import pandas as pd

_PACKAGE = Path("data", "datapackage.json")
_FIRST = 2  # the line of the first row: line 1 has the names
_RESTORE = "Restore the file from version control"
_opened: dict[str, None] = {}


@dataclass(frozen=True, slots=True)
class Resource:
    """One declared table: `file` from the project's home, `sha256` and `size` of its bytes.

    `schema` is its Table Schema; `totals` are the sums that must hold (``x-totals``);
    `sources` its publishers, each with title and path. A table with an `address`
    (``x-address``) lies elsewhere and is fetched by name; its hash may be "", not known.
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
        """Names of the columns, in order."""
        return [field["name"] for field in self.schema["fields"]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked; `problem` is None where all is well."""

    resource: str
    what: str
    problem: str | None = None

    @property
    def ok(self) -> bool:
        """Tell whether the check passed."""
        return self.problem is None


def home() -> Path:
    """Give the project's folder: ``TOOLKIT_HOME``, or the nearest folder upwards that has data.

    >>> (home() / "data" / "datapackage.json").is_file()
    True
    """
    if named := os.environ.get("TOOLKIT_HOME"):
        return Path(named)
    here = Path.cwd()
    return next((place for place in (here, *here.parents) if (place / _PACKAGE).is_file()), here)


def resources() -> dict[str, Resource]:
    """Return the declared data sets by name.

    Raises
    ------
    SchemaError
        If ``data/datapackage.json`` is missing or cannot be read.

    Examples
    --------
    >>> resources()["gdp"].file
    'data/gdp.csv'
    """
    return {name: each for name, each in _package().items() if not each.code_list}


def code_lists() -> dict[str, Resource]:
    """Return the declared code lists by name.

    >>> code_lists()["units"].file
    'data/codes/units.csv'
    """
    return {name: each for name, each in _package().items() if each.code_list}


def _package() -> dict[str, Resource]:
    try:
        text = (home() / _PACKAGE).read_text(encoding="utf-8")
    except OSError:
        raise SchemaError(
            f"no {_PACKAGE.as_posix()} in {home()}", remedy="Run in a project's folder, or set TOOLKIT_HOME to it"
        ) from None
    return _declared(text)


def path(name: str) -> Path:
    """Give the file of a table, after its bytes match the declared hash; it counts as opened.

    Raises
    ------
    UnknownCode
        If no such table is declared.
    SchemaError
        If the file is missing, not fetched yet, or its bytes differ.
    """
    resource = _resource(name)
    _bytes(resource)
    _opened.setdefault(name)
    return home() / resource.file


def rows(name: str) -> list[dict[str, str]]:
    """Give the rows of a table, every cell as text; of one that was fetched, CSV only.

    Raises
    ------
    SchemaError
        Naming file and line, if the hash differs, the header is another, or a row is broken.

    Examples
    --------
    >>> rows("sources")[0]["read"]
    '2026-11-22'
    """
    table = _rows(_resource(name))
    _opened.setdefault(name)
    return table


def frame(name: str) -> pd.DataFrame:
    """Give a table as a frame of text, shape (n, fields); an empty cell is ``""``, never NaN.

    A fetched Parquet file keeps the types that it has.

    >>> set(frame("gdp")["unit"]) >= {"USD"}
    True
    """
    import pandas as pd

    if _resource(name).file.endswith(".parquet"):
        return pd.read_parquet(path(name))
    return pd.DataFrame(rows(name), columns=_resource(name).fields or None, dtype="str")


def source(key: str) -> dict[str, str]:
    """Give the row of ``data/sources.csv`` that a table's ``source`` cites.

    >>> source("census-country-2016-11")["publisher"]
    'US Census Bureau'
    """
    for row in _rows(_resource("sources")):
        if row["id"] == key:
            return row
    raise UnknownCode(f"no source {key!r} in data/sources.csv", remedy="Add a row with that id, or cite another id")


def sha256(name: str) -> str:
    """Give the hash that the bytes of a table must have: declared, or recorded when it first came; else "".

    >>> sha256("gdp") == resources()["gdp"].sha256
    True
    """
    resource = _resource(name)
    return downloads.believed(home() / resource.file, resource.sha256) if resource.address else resource.sha256


def copy(name: str) -> Copy | None:
    """Give the copy of a table that lies elsewhere; None before it is fetched.

    >>> copy("gdp") is None
    True
    """
    place = home() / _resource(name).file
    found = downloads.recorded(place) if _resource(name).address and place.is_file() else None
    if found or not (_resource(name).address and place.is_file() and _resource(name).sha256):
        return found
    return Copy(place, _resource(name).sha256, "put in place by hand", "declared")


def keep(name: str, came: Path, origin: str) -> Copy:
    """Keep the file that came for a table that lies elsewhere, if its bytes are believed.

    Raises
    ------
    NotBelieved
        If they are not those declared, or those that came first. Nothing is kept then.
    """
    resource = external(name)
    return downloads.accept(
        came, home() / resource.file, declared=resource.sha256, origin=origin, columns=resource.fields
    )


def from_mirror(name: str) -> Copy | None:
    """Bring a table from the folder that ``TOOLKIT_MIRROR`` names, in place of its address; None without a mirror.

    Raises
    ------
    SchemaError
        If the folder lacks it.
    """
    if not (folder := os.environ.get(downloads.MIRROR)):
        return None
    resource = external(name)
    file = home() / resource.file
    offered = [Path(folder) / Path(each).name for each in (resource.file, resource.address)]
    if not (found := next((each for each in offered if each.is_file()), None)):
        remedy = f"Put it there, or unset {downloads.MIRROR} to fetch it from {resource.address}"
        raise SchemaError(f"{folder} has no {offered[0].name}", remedy=remedy)
    with downloads.aside(file) as place:
        return keep(name, Path(shutil.copyfile(found, place / "came")), f"mirror {found.name}")


def aside(name: str) -> AbstractContextManager[Path]:
    """Lend a folder for what comes, beside the place where a table is kept; it is gone afterwards."""
    return downloads.aside(home() / external(name).file)


def elsewhere() -> dict[str, Resource]:
    """Give the declared tables that lie elsewhere; none outside a project's folder.

    >>> "gdp" in elsewhere()
    False
    """
    declared = resources() if (home() / _PACKAGE).is_file() else {}
    return {name: each for name, each in declared.items() if each.address}


def bring(names: tuple[str, ...] | None = None) -> None:
    """Bring the tables that lie elsewhere, all or those named, as far as a mirror has them and they are not here."""
    for name, resource in elsewhere().items() if os.environ.get(downloads.MIRROR) else ():
        if (names is None or name in names) and not (home() / resource.file).is_file():
            with contextlib.suppress(SchemaError):
                from_mirror(name)


def opened() -> list[str]:
    """Give the names of the tables read so far in this process, in order."""
    return list(_opened)


def describe() -> list[dict[str, Any]]:
    """Give name, title, rows and bytes of every table, for a list.

    Those that lie elsewhere have an address, a licence and their copy instead of rows.

    >>> describe()[0]["name"]
    'sources'
    """
    return [_description(resource) for resource in resources().values()]


def declare(name: str) -> None:
    """Write the present bytes and hash of a data set or code list into the package, after it was changed on purpose."""
    place = home() / _PACKAGE
    package = json.loads(place.read_text(encoding="utf-8"))
    known = code_lists().get(name) or _resource(name)
    entry = next(entry for entry in package["resources"] if entry["name"] == known.name)
    raw = (place.parent / entry["path"]).read_bytes()
    entry.update(bytes=len(raw), hash=f"sha256:{hashlib.sha256(raw).hexdigest()}")
    aside = place.with_suffix(".new")
    with aside.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(json.dumps(package, indent=1, ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(place)


def _description(resource: Resource) -> dict[str, Any]:
    about = {"name": resource.name, "title": resource.title, "bytes": resource.size, "file": resource.file}
    if not resource.address:
        return about | {"rows": len(_rows(resource))}
    found = copy(resource.name)
    kept = {"sha256": found.sha256, "trust": found.trust, "origin": found.origin} if found else None
    return about | {"rows": None, "address": resource.address, "licence": resource.licence, "copy": kept}


@cache
def _declared(text: str) -> dict[str, Resource]:
    try:
        return {entry["name"]: _declaration(entry) for entry in json.loads(text)["resources"]}
    except (ValueError, KeyError, TypeError) as error:
        raise SchemaError(f"{_PACKAGE.as_posix()} is no data package: {error}", remedy=_RESTORE) from None


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


def _resource(name: str) -> Resource:
    if name not in (declared := resources()):
        raise UnknownCode(f"no table {name!r} in {_PACKAGE.as_posix()}", remedy=f"Choose one of {', '.join(declared)}")
    return declared[name]


def external(name: str) -> Resource:
    """Give the declaration of a table that lies elsewhere.

    Raises
    ------
    UnknownCode
        If no such table is declared, or its file is in the repository.
    """
    if not (resource := _resource(name)).address:
        raise UnknownCode(
            f"{name!r} is in the repository: {resource.file}", remedy="Open it; there is nothing to fetch"
        )
    return resource


def _bytes(resource: Resource) -> bytes:
    """Give the bytes of a table, if they are the declared ones."""
    if resource.address and not (home() / resource.file).is_file():
        bring((resource.name,))
    try:
        raw = (home() / resource.file).read_bytes()
    except OSError:
        problem = f"data set {resource.name} ({resource.title}) is not fetched yet"
        fetched = {"problem": problem, "remedy": f"Run: toolkit data fetch {resource.name}"}
        missing = {"problem": f"{resource.file} is missing", "remedy": _RESTORE}
        raise SchemaError(**(fetched if resource.address else missing)) from None
    wanted = sha256(resource.name) if resource.address else resource.sha256
    if (found := hashlib.sha256(raw).hexdigest()) != wanted and resource.address:
        raise SchemaError(
            f"{resource.file} has sha256 {found}, it must have {wanted or 'one that was recorded when it came'}",
            remedy=f"Delete it, then run: toolkit data fetch {resource.name}",
        )
    if found != wanted:
        raise SchemaError(
            f"{resource.file} has sha256 {found}, declared is {resource.sha256}",
            remedy=f"{_RESTORE}. Is the change meant? Then run: "
            f"python -c \"from toolkit import datasets; datasets.declare('{resource.name}')\"",
        )
    return raw


def _rows(resource: Resource) -> list[dict[str, str]]:
    """Give the rows below a header that must be the declared one."""
    file, names = resource.file, resource.fields
    if not file.endswith(".csv"):
        raise SchemaError(f"{file} is no CSV", remedy="Open it with datasets.frame (Parquet), or its datasets.path")
    try:
        text = _bytes(resource).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SchemaError(f"{file}: byte {error.start} is not UTF-8", remedy="Save the file as UTF-8") from None
    if text.startswith("\ufeff"):
        raise SchemaError(f"{file}:1 starts with a byte-order mark", remedy="Save the file as UTF-8 without it")
    header, *body = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    if header != (names := names or header):
        raise SchemaError(f"{file}:1 has the columns {header}, declared are {names}", remedy="Restore the header")
    for line, cells in enumerate(body, _FIRST):
        if len(cells) != len(names):
            raise SchemaError(
                f"{file}:{line} has {len(cells)} fields, the header has {len(names)}",
                remedy="Quote a cell that holds a comma",
            )
    return [dict(zip(names, cells, strict=True)) for cells in body]
