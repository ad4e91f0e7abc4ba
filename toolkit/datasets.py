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
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import codes
from toolkit.errors import SchemaError, ToolkitError, UnknownCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

_PACKAGE = Path("data", "datapackage.json")
_HEADER = 1  # the line that the field names stand on
_opened: dict[str, None] = {}


@dataclass(frozen=True, slots=True)
class Resource:
    """One declared table.

    Attributes
    ----------
    name, title, description : str
    file : str
        Path from the project's home, with forward slashes.
    sha256 : str
        64 hexadecimal digits of the bytes.
    size : int
        Bytes.
    schema : dict
        Table Schema: fields, primaryKey, foreignKeys.
    totals : tuple of dict
        Sums that must hold (``x-totals``).
    sources : tuple of dict
        Publishers, each with title and path.
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
    _opened.setdefault(name)
    return _checked(_resource(name))[0]


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
    _opened.setdefault(name)
    return _rows(_resource(name))


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
    return [check for resource in resources().values() for check in _verify(resource)]


def _verify(resource: Resource) -> Iterator[Check]:
    try:
        table = _rows(resource)
    except ToolkitError as error:
        yield Check(resource.name, "file", error.problem)
        return
    yield Check(resource.name, "file")
    tests: list[tuple[str, Callable[[], None]]] = [
        ("values", lambda: _check_values(resource, table)),
        ("key", lambda: _check_key(resource, table)),
        ("references", lambda: _check_references(resource, table)),
        *((total["title"], lambda total=total: _check_total(resource, total)) for total in resource.totals),
    ]
    for what, test in tests:
        try:
            test()
        except ToolkitError as error:
            yield Check(resource.name, what, error.problem)
        else:
            yield Check(resource.name, what)


@cache
def _declared(text: str) -> dict[str, Resource]:
    try:
        return {entry["name"]: _declaration(entry) for entry in json.loads(text)["resources"]}
    except (ValueError, KeyError, TypeError) as error:
        raise SchemaError(
            f"{_PACKAGE.as_posix()} is no data package: {error}", remedy="Restore it from version control"
        ) from None


def _declaration(entry: dict[str, Any]) -> Resource:
    return Resource(
        entry["name"],
        entry["title"],
        entry["description"],
        f"data/{entry['path']}",
        entry["hash"].removeprefix("sha256:"),
        entry["bytes"],
        entry["schema"],
        tuple(entry.get("x-totals", ())),
        tuple(entry.get("sources", ())),
    )


def _resource(name: str) -> Resource:
    declared = resources()
    if name not in declared:
        raise UnknownCode(f"no table {name!r} in {_PACKAGE.as_posix()}", remedy=f"Choose one of {', '.join(declared)}")
    return declared[name]


def _checked(resource: Resource) -> tuple[Path, bytes]:
    """Give the file and its bytes, if they are the declared ones."""
    place = home() / resource.file
    try:
        raw = place.read_bytes()
    except OSError:
        raise SchemaError(f"{resource.file} is missing", remedy="Restore it from version control") from None
    if (found := hashlib.sha256(raw).hexdigest()) != resource.sha256:
        raise SchemaError(
            f"{resource.file} has sha256 {found}, declared is {resource.sha256}",
            remedy=f"Restore the file, or declare a wanted change with datasets.declare({resource.name!r})",
        )
    return place, raw


def _rows(resource: Resource) -> list[dict[str, str]]:
    _, raw = _checked(resource)
    return [dict(zip(resource.fields, cells, strict=True)) for cells in _cells(resource.file, raw, resource.fields)]


def _cells(file: str, raw: bytes, fields: list[str]) -> list[list[str]]:
    """Read the cells below a header that must be `fields`."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SchemaError(f"{file}: byte {error.start} is not UTF-8", remedy="Save the file as UTF-8") from None
    if text.startswith("\ufeff"):
        raise SchemaError(f"{file}:1 starts with a byte-order mark", remedy="Save the file as UTF-8 without it")
    header, *body = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    if header != fields:
        raise SchemaError(f"{file}:1 has the columns {header}, declared are {fields}", remedy="Restore the header")
    for line, cells in enumerate(body, _HEADER + 1):
        if len(cells) != len(fields):
            raise SchemaError(
                f"{file}:{line} has {len(cells)} fields, the header {len(fields)}", remedy="Quote a cell with a comma"
            )
    return body


def _check_values(resource: Resource, table: list[dict[str, str]]) -> None:
    for field in resource.schema["fields"]:
        rule, name = field.get("constraints", {}), field["name"]
        pattern = re.compile(rule.get("pattern", ".*"), re.DOTALL)
        for line, row in enumerate(table, _HEADER + 1):
            cell = row[name]
            if not (cell or not rule.get("required")) or (cell and not _fits(cell, field["type"], rule, pattern)):
                raise SchemaError(
                    f"{resource.file}:{line} has {cell!r} as {name}", remedy=f"Use what the schema allows: {rule}"
                )


def _fits(cell: str, kind: str, rule: dict[str, Any], pattern: re.Pattern[str]) -> bool:
    if kind == "number":
        try:
            return Decimal(cell).is_finite()
        except InvalidOperation:
            return False
    return pattern.fullmatch(cell) is not None and cell in rule.get("enum", [cell])


def _check_key(resource: Resource, table: list[dict[str, str]]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for line, row in enumerate(table, _HEADER + 1):
        key = tuple(row[name] for name in resource.schema["primaryKey"])
        if (first := seen.setdefault(key, line)) != line:
            raise SchemaError(
                f"{resource.file}:{line} has the key of line {first}: {', '.join(filter(None, key))}",
                remedy="Tell the rows apart by breakdown or vintage, or remove one",
            )


def _check_references(resource: Resource, table: list[dict[str, str]]) -> None:
    for foreign in resource.schema.get("foreignKeys", ()):
        (name,), (key,), target = foreign["fields"], foreign["reference"]["fields"], foreign["reference"]["resource"]
        known = {row[key] for row in _rows(_resource(target))} | {""}
        for line, row in enumerate(table, _HEADER + 1):
            if row[name] not in known:
                raise SchemaError(
                    f"{resource.file}:{line} has {name} {row[name]!r}, which {target} lacks",
                    remedy=f"Add it to {_resource(target).file}, or correct the row",
                )


def _check_total(resource: Resource, total: dict[str, Any]) -> None:
    """Hold the parts of a total, summed by ``by``, against it; all in base units."""
    by, parts = total["by"], total.get("parts", [total])
    summed: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for part in parts:
        for key, value, _ in _amounts(part.get("resource", resource.name), part["where"], by):
            summed[key] += value * part.get("sign", 1)
    if "equals" in total:
        wanted = [(key, Decimal(total["equals"]), Decimal(1)) for key in summed]
    else:
        wanted = list(_amounts(resource.name, total["where"], by))
    number, _, relative = total["tolerance"].partition(" ")
    for key, value, scale in wanted:
        allowed = abs(value) * Decimal(number) / 100 if relative else Decimal(number) * scale
        if key not in summed or abs(summed[key] - value) > allowed:
            raise SchemaError(
                f"{resource.file}: {total['title']}, not for {' '.join(key)}: {summed.get(key)} against {value}",
                remedy="Restore the rows, or state a tolerance that the source's rounding explains",
            )


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
