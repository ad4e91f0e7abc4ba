"""The files an analysis may read: declared, hashed, licensed, dated; a pointer to a cell."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import codes
from toolkit.errors import SchemaError, ToolkitError, UnknownCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

_PACKAGE = Path("data", "datapackage.json")
_FIRST = 2  # the line of the first row: line 1 has the names
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_RESTORE = "Restore the file from version control"
_opened: dict[str, None] = {}


@dataclass(frozen=True, slots=True)
class Resource:
    """One declared table: `file` from the project's home, `sha256` and `size` of its bytes.

    `schema` is its Table Schema; `totals` are the sums that must hold (``x-totals``);
    `sources` its publishers, each with title and path.
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
    """Give every declared table by name.

    Raises
    ------
    SchemaError
        If ``data/datapackage.json`` is missing or cannot be read.

    Examples
    --------
    >>> resources()["gdp"].file
    'data/gdp.csv'
    """
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
        If the file is missing or its bytes differ.
    """
    resource = _resource(name)
    _bytes(resource)
    _opened.setdefault(name)
    return home() / resource.file


def rows(name: str) -> list[dict[str, str]]:
    """Give the rows of a table, every cell as text.

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

    >>> set(frame("gdp")["unit"]) >= {"USD"}
    True
    """
    import pandas as pd

    return pd.DataFrame(rows(name), columns=_resource(name).fields, dtype="str")


def source(key: str) -> dict[str, str]:
    """Give the row of ``data/sources.csv`` that a table's ``source`` cites.

    >>> source("census-country-2016-11")["publisher"]
    'US Census Bureau'
    """
    for row in _rows(_resource("sources")):
        if row["id"] == key:
            return row
    raise UnknownCode(f"no source {key!r} in data/sources.csv", remedy="Add a row with that id, or cite another id")


def opened() -> list[str]:
    """Give the names of the tables read so far in this process, in order."""
    return list(_opened)


def describe() -> list[dict[str, Any]]:
    """Give name, title, rows and bytes of every table, for a list.

    >>> describe()[0]["name"]
    'sources'
    """
    return [
        {"name": r.name, "title": r.title, "rows": len(_rows(r)), "bytes": r.size, "file": r.file}
        for r in resources().values()
    ]


def declare(name: str) -> None:
    """Write the present bytes and hash of a table into the package, after it was changed on purpose."""
    place = home() / _PACKAGE
    package = json.loads(place.read_text(encoding="utf-8"))
    entry = next(entry for entry in package["resources"] if entry["name"] == _resource(name).name)
    raw = (place.parent / entry["path"]).read_bytes()
    entry.update(bytes=len(raw), hash=f"sha256:{hashlib.sha256(raw).hexdigest()}")
    aside = place.with_suffix(".new")
    with aside.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(json.dumps(package, indent=1, ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(place)


def verify() -> list[Check]:
    """Check every table: bytes, hash, shape, values, keys, and totals that must add up.

    >>> [check for check in verify() if not check.ok]
    []
    """
    return [check for resource in resources().values() for check in _checks(resource)]


def _checks(resource: Resource) -> Iterator[Check]:
    try:
        table = _rows(resource)
    except ToolkitError as error:
        yield Check(resource.name, "file", f"{error.problem}; {error.remedy}")
        return
    yield Check(resource.name, "file")
    yield Check(resource.name, "values", _first(_wrong_values(resource, table)))
    yield Check(resource.name, "key", _first(_double_keys(resource, table)))
    yield Check(resource.name, "references", _first(_lost_references(resource, table)))
    for total in resource.totals:
        yield Check(resource.name, total["title"], _first(_wrong_sums(resource, total)))


def _first(problems: Iterator[str]) -> str | None:
    """Give the first problem; a table that cannot be read on the way is one."""
    try:
        return next(problems, None)
    except ToolkitError as error:
        return error.problem


@cache
def _declared(text: str) -> dict[str, Resource]:
    try:
        return {entry["name"]: _declaration(entry) for entry in json.loads(text)["resources"]}
    except (ValueError, KeyError, TypeError) as error:
        raise SchemaError(f"{_PACKAGE.as_posix()} is no data package: {error}", remedy=_RESTORE) from None


def _declaration(entry: dict[str, Any]) -> Resource:
    return Resource(
        name=entry["name"],
        title=entry["title"],
        description=entry["description"],
        file=f"data/{entry['path']}",
        sha256=entry["hash"].removeprefix("sha256:"),
        size=entry["bytes"],
        schema=entry["schema"],
        totals=tuple(entry.get("x-totals", ())),
        sources=tuple(entry.get("sources", ())),
    )


def _resource(name: str) -> Resource:
    if name not in (declared := resources()):
        raise UnknownCode(f"no table {name!r} in {_PACKAGE.as_posix()}", remedy=f"Choose one of {', '.join(declared)}")
    return declared[name]


def _bytes(resource: Resource) -> bytes:
    """Give the bytes of a table, if they are the declared ones."""
    try:
        raw = (home() / resource.file).read_bytes()
    except OSError:
        raise SchemaError(f"{resource.file} is missing", remedy=_RESTORE) from None
    if (found := hashlib.sha256(raw).hexdigest()) != resource.sha256:
        raise SchemaError(
            f"{resource.file} has sha256 {found}, declared is {resource.sha256}",
            remedy=f"{_RESTORE}, or declare a wanted change with datasets.declare({resource.name!r})",
        )
    return raw


def _rows(resource: Resource) -> list[dict[str, str]]:
    """Give the rows below a header that must be the declared one."""
    file, names = resource.file, resource.fields
    try:
        text = _bytes(resource).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SchemaError(f"{file}: byte {error.start} is not UTF-8", remedy="Save the file as UTF-8") from None
    if text.startswith("\ufeff"):
        raise SchemaError(f"{file}:1 starts with a byte-order mark", remedy="Save the file as UTF-8 without it")
    header, *body = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    if header != names:
        raise SchemaError(f"{file}:1 has the columns {header}, declared are {names}", remedy="Restore the header")
    for line, cells in enumerate(body, _FIRST):
        if len(cells) != len(names):
            raise SchemaError(
                f"{file}:{line} has {len(cells)} fields, the header has {len(names)}",
                remedy="Quote a cell that holds a comma",
            )
    return [dict(zip(names, cells, strict=True)) for cells in body]


def _wrong_values(resource: Resource, table: list[dict[str, str]]) -> Iterator[str]:
    for line, row in enumerate(table, _FIRST):
        for field in resource.schema["fields"]:
            rule, cell = field.get("constraints", {}), row[field["name"]]
            if not (_fits(cell, field["type"], rule) if cell else not rule.get("required")):
                allowed = rule or field["type"]
                yield f"{resource.file}:{line} has {cell!r} as {field['name']}; the schema allows {allowed}"


def _fits(cell: str, kind: str, rule: dict[str, Any]) -> bool:
    if kind == "number":
        return _NUMBER.fullmatch(cell) is not None
    return re.fullmatch(rule.get("pattern", "(?s:.*)"), cell) is not None and cell in rule.get("enum", [cell])


def _double_keys(resource: Resource, table: list[dict[str, str]]) -> Iterator[str]:
    seen: dict[tuple[str, ...], int] = {}
    for line, row in enumerate(table, _FIRST):
        key = tuple(row[name] for name in resource.schema["primaryKey"])
        if (first := seen.setdefault(key, line)) != line:
            yield f"{resource.file}:{line} has the key of line {first}: {', '.join(filter(None, key))}"


def _lost_references(resource: Resource, table: list[dict[str, str]]) -> Iterator[str]:
    for foreign in resource.schema.get("foreignKeys", ()):
        (name,), (key,), target = foreign["fields"], foreign["reference"]["fields"], foreign["reference"]["resource"]
        known = {"", *(row[key] for row in _rows(_resource(target)))}
        for line, row in enumerate(table, _FIRST):
            if row[name] not in known:
                yield f"{resource.file}:{line} has {name} {row[name]!r}, which {target} lacks"


def _wrong_sums(resource: Resource, total: dict[str, Any]) -> Iterator[str]:
    """Hold the parts of a total, summed by ``by``, against it; all in base units."""
    summed: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for part in total["parts"]:
        for key, value, _ in _amounts(part.get("resource", resource.name), part["where"], total["by"]):
            summed[key] += value * part.get("sign", 1)
    number, _, percent = total["tolerance"].partition(" ")
    for key, value, scale in _amounts(resource.name, total["where"], total["by"]):
        allowed = Decimal(number) * (abs(value) / 100 if percent else scale)
        wanted = Decimal(total["equals"]) if "equals" in total else value
        if key not in summed or abs(summed[key] - wanted) > allowed:
            yield f"{resource.file}: {total['title']}; not for {' '.join(key)}: {summed.get(key)} against {wanted}"


def _amounts(name: str, where: dict[str, Any], by: list[str]) -> Iterator[tuple[tuple[str, ...], Decimal, Decimal]]:
    """Give group, value and scale in base units of every present row that fits `where`."""
    for row in _rows(_resource(name)):
        if row["value"] and all(_matches(row[column], wanted) for column, wanted in where.items()):
            scale, _ = codes.unit(row["unit"])
            group = tuple(row["time_period"][:4] if column == "period" else row[column] for column in by)
            yield group, Decimal(row["value"]) * scale, scale


def _matches(cell: str, wanted: str | list[str]) -> bool:
    if isinstance(wanted, list):
        return cell in wanted
    return cell != wanted[1:] if wanted.startswith("!") else cell == wanted
