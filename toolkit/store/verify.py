"""The checks of declared tables: bytes, hash, shape, values, keys, and totals that must add up."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from toolkit import codes, files
from toolkit.errors import ToolkitError
from toolkit.formats import FIRST_ROW
from toolkit.store.datasets import Check, Resource, checked_bytes, checked_rows, resources
from toolkit.store.datasets import resource as declaration

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["checks", "verify"]

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def verify() -> list[Check]:
    """Check every table: bytes, hash, shape, values, keys, and totals that must add up.

    >>> [check for check in verify() if not check.ok]
    []
    """
    declared = (*resources().values(), *resources(code_lists=True).values())
    return [check for table in declared for check in checks(table)]


def checks(resource: Resource) -> Iterator[Check]:
    """Yield the checks of one table; of a table that is not in the repository only its bytes, once it is fetched."""
    if resource.address and not (files.home() / resource.file).is_file():
        return
    try:
        rows = [] if resource.address and checked_bytes(resource) else checked_rows(resource)
    except ToolkitError as error:
        yield Check(resource.name, "file", f"{error.problem}; {error.remedy}")
        return
    yield Check(resource.name, "file")
    if resource.address:
        return
    yield Check(resource.name, "values", _first(_wrong_values(resource, rows)))
    yield Check(resource.name, "key", _first(_double_keys(resource, rows)))
    yield Check(resource.name, "references", _first(_lost_references(resource, rows)))
    for total in resource.totals:
        yield Check(resource.name, total["title"], _first(_wrong_sums(resource, total)))


def _first(problems: Iterator[str]) -> str | None:
    """Return the first problem; a second table that cannot be read is one too."""
    try:
        return next(problems, None)
    except ToolkitError as error:
        return error.problem


def _wrong_values(resource: Resource, table: list[dict[str, str]]) -> Iterator[str]:
    for line, row in enumerate(table, FIRST_ROW):
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
    for line, row in enumerate(table, FIRST_ROW):
        key = tuple(row[name] for name in resource.schema["primaryKey"])
        key = tuple(map(str.casefold, key)) if resource.caseless else key
        if (first := seen.setdefault(key, line)) != line:
            yield f"{resource.file}:{line} has the key of line {first}: {', '.join(filter(None, key))}"


def _lost_references(resource: Resource, table: list[dict[str, str]]) -> Iterator[str]:
    for foreign in resource.schema.get("foreignKeys", ()):
        (name,), (key,), target = foreign["fields"], foreign["reference"]["fields"], foreign["reference"]["resource"]
        known = {"", *(row[key] for row in checked_rows(declaration(target)))}
        for line, row in enumerate(table, FIRST_ROW):
            if row[name] not in known:
                yield f"{resource.file}:{line} has {name} {row[name]!r}, which {target} lacks"


def _wrong_sums(resource: Resource, total: dict[str, Any]) -> Iterator[str]:
    """Compare each total with the sum of its parts, grouped by ``by``, all in base units."""
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
    """Yield group, value in base units and scale of every row with a value that matches `where`."""
    for row in checked_rows(declaration(name)):
        if row["value"] and all(_matches(row[column], wanted) for column, wanted in where.items()):
            scale, _ = codes.unit(row["unit"])
            group = tuple(row["time_period"][:4] if column == "period" else row[column] for column in by)
            yield group, Decimal(row["value"]) * scale, scale


def _matches(cell: str, wanted: str | list[str]) -> bool:
    if isinstance(wanted, list):
        return cell in wanted
    return cell != wanted[1:] if wanted.startswith("!") else cell == wanted
