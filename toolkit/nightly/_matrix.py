"""What a night makes: the reports, briefs and seeds that ``notebooks/nightly.toml`` lists."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit import report
from toolkit.datasets import home
from toolkit.errors import SchemaError

MATRIX = "notebooks/nightly.toml"
_SLUG = re.compile(r"(?!(briefs|latest)$)[a-z0-9]+(-[a-z0-9]+)*")
_FIELDS = {"matrix": {"briefs", "report", "seeds", "timeout_s"}, "report": {"needs", "notebook", "parameters", "slug"}}


@dataclass(frozen=True, slots=True)
class Report:
    """A notebook, the folder its report goes to, its values, and the tables it cannot do without."""

    notebook: str
    slug: str
    parameters: dict[str, Any]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Reports; briefs and seeds as paths from the project's home; the most seconds that a cell may take."""

    reports: tuple[Report, ...]
    briefs: tuple[str, ...]
    seeds: tuple[str, ...]
    timeout_s: float


def matrix() -> Matrix:
    """Read ``notebooks/nightly.toml``, and refuse what could not be run.

    Raises
    ------
    SchemaError
        Naming the entry: not TOML, an unknown field or parameter, a value of the
        wrong type, a folder used twice. A notebook that cannot be read is no such
        error: it fails alone, when its turn comes.
    """
    try:
        table = tomllib.loads((home() / MATRIX).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SchemaError(f"{MATRIX}: {error}", remedy="Write it as TOML, a [[report]] table each report") from None
    _expect_known("matrix", MATRIX, table)
    rows = tuple(_row(row) for row in table.get("report", []))
    slugs = [row.slug for row in rows]
    if twice := [slug for slug in slugs if slugs.count(slug) > 1]:
        raise SchemaError(f"{MATRIX}: two reports are called {twice[0]!r}", remedy="Give each its own slug")
    return Matrix(rows, _found(table.get("briefs", [])), _found(table.get("seeds", [])), table.get("timeout_s", 600))


def _row(row: dict[str, Any]) -> Report:
    name = str(row.get("notebook", ""))
    slug = str(row.get("slug", Path(name).stem.replace("_", "-")))
    _expect_known("report", f"{MATRIX}, report {slug!r}", row)
    if not _SLUG.fullmatch(slug):
        raise SchemaError(f"{MATRIX}: {slug!r} cannot name a folder", remedy="Use a-z, 0-9 and single hyphens as slug")
    values = dict(row.get("parameters", {}))
    try:
        report.parameters(home() / name)
    except SchemaError:
        return Report(name, slug, values, tuple(row.get("needs", ())))
    report.parse(home() / name, values)
    return Report(name, slug, values, tuple(row.get("needs", ())))


def _expect_known(kind: str, place: str, table: dict[str, Any]) -> None:
    if wrong := sorted(table.keys() - _FIELDS[kind]):
        raise SchemaError(f"{place}: unknown field {wrong[0]!r}", remedy=f"Use {', '.join(sorted(_FIELDS[kind]))}")


def _found(patterns: list[str]) -> tuple[str, ...]:
    paths = {path for pattern in patterns for path in home().glob(pattern)}
    return tuple(sorted(path.relative_to(home()).as_posix() for path in paths))
