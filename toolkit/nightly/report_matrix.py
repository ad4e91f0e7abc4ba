"""The report matrix: the reports, briefs and articles listed in ``notebooks/nightly.toml``."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import report
from toolkit.errors import SchemaError
from toolkit.files import home, read_text

if TYPE_CHECKING:
    from datetime import date

__all__ = ["MATRIX", "Matrix", "Report", "matrix"]
MATRIX = "notebooks/nightly.toml"
_SLUG = re.compile(r"(?!(briefs|latest|source)$)[a-z0-9]+(-[a-z0-9]+)*")
_LIMITS = {"memory_mb", "timeout_s"}
_FIELDS = {
    "matrix": {"briefs", "report", "seeds"} | _LIMITS,
    "report": {"exclude", "grid", "include", "needs", "notebook", "parameters", "slug", "tags", "vintage"} | _LIMITS,
}
_MOST_REPORTS = 20_000
_REMEDY = "Write it as TOML, with a [[report]] table for each report"


@dataclass(frozen=True, slots=True)
class Report:
    """One report of a night.

    Attributes
    ----------
    notebook : str
        Path relative to the project's folder.
    slug : str
        Name of the folder for its report.
    limits : Limits
        What it may use and read. If a table that it needs is missing, it is offered
        but not run.
    vintage : date or None
        The date printed in it; None stands for the date of the edition.
    """

    notebook: str
    slug: str
    parameters: dict[str, Any]
    tags: tuple[str, ...] = ()
    limits: report.Limits = report.FREE
    vintage: date | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Reports, and the paths of briefs and articles relative to the project's folder."""

    reports: tuple[Report, ...]
    briefs: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()

    def tagged(self, tags: tuple[str, ...]) -> Matrix:
        """Keep the reports with one of `tags`, or all reports if there are no tags.

        Raises
        ------
        SchemaError
            If no report has one of the tags.
        """
        known = {tag for row in self.reports for tag in row.tags}
        if wrong := sorted(set(tags) - known):
            known_words = ", ".join(sorted(known)) or "none"
            raise SchemaError(f"{MATRIX}: no report is tagged {wrong[0]!r}", remedy=f"The tags are: {known_words}")
        kept = tuple(row for row in self.reports if not tags or {*row.tags} & {*tags})
        return Matrix(kept, self.briefs, self.seeds)


def matrix() -> Matrix:
    """Read ``notebooks/nightly.toml``, and refuse what could not be run.

    Raises
    ------
    SchemaError
        If it is not TOML, or an entry has an unknown field or parameter, a value of the
        wrong type, a folder that another entry uses, or an exclusion that excludes
        nothing. A notebook that cannot be read fails later and alone.
    """
    try:
        table = tomllib.loads(read_text(home() / MATRIX))
    except SchemaError as error:
        raise SchemaError(error.problem, remedy=_REMEDY) from None
    except ValueError as error:
        raise SchemaError(f"{MATRIX}: {error}", remedy=_REMEDY) from None
    _expect_known("matrix", MATRIX, table)
    rows = [row for entry in table.get("report", []) for row in _rows(entry, table)]
    seen: set[str] = set()
    for row in rows:
        if row.slug in seen:
            raise SchemaError(f"{MATRIX}: two reports are called {row.slug!r}", remedy="Give each its own slug")
        seen.add(row.slug)
    return Matrix(tuple(rows), _found(table.get("briefs", [])), _found(table.get("seeds", [])))


def _rows(entry: dict[str, Any], table: dict[str, Any]) -> list[Report]:
    """Return the reports of one ``[[report]]`` entry: one, or one for each point of its grid."""
    name = str(entry.get("notebook", ""))
    stem = Path(name).stem.replace("_", "-")
    place = f"{MATRIX}, report {entry.get('slug', stem)!r}"
    _expect_known("report", place, entry)
    common, points = _mapping(entry, "parameters", place), _points(entry, place)
    needs, tags = (tuple(entry[field]) if field in entry else None for field in ("needs", "tags"))
    limits = _limits(table | {field: entry[field] for field in _LIMITS & entry.keys()}, needs, place)
    checks, rows = _declares_parameters(home() / name), []
    for point in points:
        slug = _slug(str(entry.get("slug", "-".join([stem, *("{" + each + "}" for each in point)]))), point, place)
        values = common | point
        if checks:
            report.parse(home() / name, values)
        rows.append(Report(name, slug, values, tags or (), limits, entry.get("vintage")))
    return rows


def _points(entry: dict[str, Any], place: str) -> list[dict[str, Any]]:
    """Return the points of the grid: every combination that is not excluded, and those that are included."""
    grid = _mapping(entry, "grid", place)
    if wrong := next((name for name, values in grid.items() if not isinstance(values, list) or not values), None):
        raise SchemaError(f"{place}: grid {wrong!r} is not a list of values", remedy=f'Write {wrong} = ["a", "b"]')
    if (size := math.prod(map(len, grid.values()))) > _MOST_REPORTS:
        raise SchemaError(f"{place}: a grid of {size:,} reports", remedy=f"Keep it to {_MOST_REPORTS:,}")
    points = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    for rule in entry.get("exclude", []):
        left = [point for point in points if not rule.items() <= point.items()]
        if len(left) == len(points) or not rule:
            raise SchemaError(f"{place}: exclude {rule} excludes nothing", remedy="Name values that the grid has")
        points = left
    points += [dict(point) for point in entry.get("include", []) if point not in points]
    if not points:
        raise SchemaError(f"{place}: every report of the grid is excluded", remedy="Exclude less, or delete the entry")
    return points


def _slug(pattern: str, point: dict[str, Any], place: str) -> str:
    words = {name: re.sub(r"[^a-z0-9]+", "-", str(report.plain(value)).lower()) for name, value in point.items()}
    try:
        slug = pattern.format_map(words).strip("-")
    except (LookupError, ValueError) as error:
        names = ", ".join("{" + name + "}" for name in point) or "no names"
        raise SchemaError(f"{place}: slug {pattern!r} has no value for {error}", remedy=f"It may use {names}") from None
    if not _SLUG.fullmatch(slug):
        raise SchemaError(f"{MATRIX}: {slug!r} cannot name a folder", remedy="Use a-z, 0-9 and single hyphens as slug")
    return slug


def _limits(table: dict[str, Any], needs: tuple[str, ...] | None, place: str) -> report.Limits:
    given = {field: table[field] for field in _LIMITS & table.keys()}
    for field, value in given.items():
        if type(value) not in {int, float} or value <= 0:
            raise SchemaError(f"{place}: {field} is {value!r}", remedy="Give a number above zero")
    return report.Limits(**given, needs=needs)


def _mapping(entry: dict[str, Any], field: str, place: str) -> dict[str, Any]:
    value = entry.get(field, {})
    if not isinstance(value, dict):
        raise SchemaError(f"{place}: {field} is not a table", remedy=f"Write {field} = {{ name = value }}")
    return dict(value)


def _declares_parameters(path: Path) -> bool:
    try:
        report.parameters(path)
    except SchemaError:
        return False
    return True


def _expect_known(kind: str, place: str, table: dict[str, Any]) -> None:
    if wrong := sorted(table.keys() - _FIELDS[kind]):
        raise SchemaError(f"{place}: unknown field {wrong[0]!r}", remedy=f"Use {', '.join(sorted(_FIELDS[kind]))}")


def _found(patterns: list[str]) -> tuple[str, ...]:
    paths = {path for pattern in patterns for path in home().glob(pattern)}
    return tuple(sorted(path.relative_to(home()).as_posix() for path in paths))
