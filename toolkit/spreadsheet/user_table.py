"""A user's table, a file or an imported table by name, with the columns that an analysis asks for.

>>> paths("no-such-table")
[]
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import files
from toolkit.errors import SchemaError
from toolkit.spreadsheet import cells as _cells
from toolkit.store import imported_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["UserTable", "paths", "read"]
__dir__ = __all__.copy

_FILES = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet"}
_MISSING = ["", "..", "...", "n/a", "na", "n.a.", "-", "–", "—"]
_NORMAL = {  # our columns by those of the normal form
    "time_period": "period", "obs_value": "value", "ref_area": "reporter", "counterpart_area": "partner",
    "unit_measure": "unit",
}  # fmt: skip
_SHOWN, _LETTERS = 5, 12
_PLACE = " place"  # where a row stands in its file
_YEAR = re.compile(r"^(\d{4})\.0$")  # a year that a program wrote as a float


@dataclass(frozen=True)
class UserTable:
    """A user's table, checked.

    Attributes
    ----------
    rows : DataFrame
        The columns asked for as text and numbers, the others as they are. A missing
        number is NaN, and counted in `notes`.
    name : str
        Of the file, or of the imported table.
    credit : str
        For a source line.
    unit : str
        From the table's column `unit`, else "".
    cited : str
        For the inputs of a published number: name and first twelve digits of the sha256.
    notes : tuple of str
    """

    rows: pd.DataFrame = field(repr=False)
    name: str
    credit: str
    unit: str
    cited: str
    notes: tuple[str, ...]


def read(reference: str, *, text: Sequence[str], numbers: Sequence[str], where: Sequence[str] = ()) -> UserTable:
    r"""Return a user's table.

    Parameters
    ----------
    reference : str
        A CSV, spreadsheet or Parquet file, relative to the project's folder or to the working
        folder; or the name of a table from ``toolkit data add --as`` or ``toolkit data fetch --as``.
    text, numbers : sequence of str
        Columns that the analysis asks for; those of `text` together identify a row. An
        imported table has period, value, reporter, partner, product, flow and unit, and
        exporter and importer according to its flow.
    where : sequence of str
        Rows to keep, as "product=8703".

    Raises
    ------
    SchemaError
        If there is no such table or column, a number cannot be read, a cell of `text` is
        empty, or a row occurs twice; the error names file and cell.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "cars.csv"
    >>> _ = file.write_text("period,value\n2023,10.5\n2024,n/a\n", encoding="utf-8")
    >>> table = read(str(file), text=["period"], numbers=["value"])
    >>> table.rows["value"].to_list(), table.notes
    ([10.5, nan], ('cars.csv: 1 of 2 rows have no value',))
    """
    table, name, sha256, credit = _opened(reference)
    wanted = [*text, *numbers]
    if absent := [column for column in wanted if column not in table.columns]:
        there = ", ".join(str(column) for column in table.columns if column != _PLACE)
        remedy = f"Name the columns {', '.join(wanted)}, or import the file with: toolkit data add FILE --as NAME"
        raise SchemaError(f"{name} has no column {absent[0]!r}; it has {there}", remedy=remedy)
    table = _kept(table, where, name)
    notes = [
        f"{name}: numbers of {column} in brackets, taken as negative: {n}"
        for column in numbers
        if (n := int(table[column].map(_cells.plain).str.fullmatch(r"\(.*\)").sum()))
    ]
    table = table.assign(
        **{column: _text(table, column, name) for column in text},
        **{column: _numbers(table, column, name) for column in numbers},
    )
    _expect_once(table, list(text), name)
    holes = {column: int(table[column].isna().sum()) for column in numbers}
    units = sorted({str(unit) for unit in table.get("unit", [])} - {""})
    if len(units) > 1:
        raise SchemaError(f"{name} mixes the units {', '.join(units)}", remedy="Keep one: where unit=...")
    rows = table.drop(columns=_PLACE).reset_index(drop=True)
    notes += [f"{name}: {n} of {len(rows)} rows have no {column}" for column, n in holes.items() if n]
    return UserTable(
        rows, name, credit or f"own table {name}", units[0] if units else "", f"{name} {sha256}", tuple(notes)
    )


def paths(reference: str) -> list[Path]:
    """Return the files that `read` opens for a reference; none if there is no such table.

    >>> paths("no such table")
    []
    """
    places = [Path(reference)] if Path(reference).is_absolute() else [files.home() / reference, Path.cwd() / reference]
    if found := [place for place in places if place.suffix.lower() in _FILES and place.is_file()]:
        return found[:1]
    entry = imported_tables.find(reference)
    return [files.home() / name for name in entry.files] if entry else []


def _opened(reference: str) -> tuple[pd.DataFrame, str, str, str]:
    """Return a table with the place of each row, its name, its sha256 and what to credit."""
    found = paths(reference)
    if not found:
        there = ", ".join(imported_tables.names()) or "none yet"
        problem = f"no table {reference!r}: no such file, and nothing was added or fetched under that name"
        raise SchemaError(problem, remedy=f"Name a file from the project's folder, or one of: {there}")
    if len(found) > 1:
        table = imported_tables.read(reference)
        whole = table["raw_sha256"].iloc[0] if len(table) else ""
        credit = "; ".join(sorted({str(source) for source in table["source"]})[:_SHOWN])
        return _renamed(table), reference, f"raw sha256 {whole[:_LETTERS]}", f"{credit} (own table {reference})"
    raw = files.read(found[0])
    sha256 = hashlib.sha256(raw).hexdigest()
    name = found[0].name
    table = _from_parquet(raw) if found[0].suffix == ".parquet" else _from_cells(raw, name)
    return table, name, f"sha256 {sha256[:_LETTERS]}", ""


def _from_parquet(raw: bytes) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_parquet(io.BytesIO(raw))
    return table.assign(**{_PLACE: [f"row {number}" for number in range(1, len(table) + 1)]})


def _from_cells(raw: bytes, name: str) -> pd.DataFrame:
    import pandas as pd

    sheet = _cells.load(raw, name)
    if (mark := _cells.decimal(sheet)) != ".":
        problem = f"{name} writes a decimal comma" if mark == "," else f"{name}: a comma may group or be decimal"
        raise SchemaError(problem, remedy="Write decimal points, or import it with: toolkit data add FILE --as NAME")
    table = pd.DataFrame([row.cells for row in sheet.rows], columns=list(sheet.header), dtype=object)
    return table.assign(**{_PLACE: [f"row {row.number}" for row in sheet.rows]})


def _renamed(table: pd.DataFrame) -> pd.DataFrame:
    """Rename the columns of the normal form, and add exporter and importer according to the flow."""
    out = table["flow"].isin(["X", "RX", "DX"])
    sides = {
        "exporter": table["ref_area"].where(out, table["counterpart_area"]),
        "importer": table["counterpart_area"].where(out, table["ref_area"]),
    }
    return table.assign(**sides, **{_PLACE: table["raw_pointer"].astype(str)}).rename(columns=_NORMAL)


def _kept(table: pd.DataFrame, where: Sequence[str], name: str) -> pd.DataFrame:
    for rule in where:
        column, equals, wanted = rule.partition("=")
        if not equals or column not in table.columns:
            remedy = f"Write COLUMN=VALUE of {', '.join(map(str, table))}"
            raise SchemaError(f"{name}: {rule!r} keeps nothing", remedy=remedy)
        cells = table[column].map(_cells.plain)
        if not (cells == wanted).any():
            some = ", ".join(sorted(set(cells))[:_SHOWN])
            raise SchemaError(f"{name} has no {column} {wanted!r}", remedy=f"It has {some} ...")
        table = table[cells == wanted]
    if table.empty:
        raise SchemaError(f"{name} has no rows", remedy="Name a table with at least one row below its header")
    return table


def _text(table: pd.DataFrame, column: str, name: str) -> list[str]:
    cells = [_YEAR.sub(r"\1", _cells.plain(cell)) for cell in table[column]]
    if "" in cells:
        place = table[_PLACE].iloc[cells.index("")]
        raise SchemaError(f"{name}, {place}: no {column}", remedy="Fill the cell in, or delete the row")
    return cells


def _numbers(table: pd.DataFrame, column: str, name: str) -> Any:
    import numpy as np

    if table[column].dtype.kind in "iuf":
        values = table[column].to_numpy(dtype=float)
    else:
        pairs = zip(table[column], table[_PLACE], strict=True)
        read = [_number(cell, f"{name}, {place}, column {column}") for cell, place in pairs]
        values = np.array([np.nan if number is None else number for number in read])
    if np.isinf(values).any():
        place = table[_PLACE].iloc[int(np.flatnonzero(np.isinf(values))[0])]
        raise SchemaError(f"{name}, {place}, column {column}: an infinite number", remedy="Correct the cell")
    return values


def _number(cell: Any, place: str) -> float | None:
    try:
        return _cells.number(cell, {"missing": _MISSING}, place)[0]
    except SchemaError as error:
        remedy = "Write digits with a decimal point, or nothing where the number is missing"
        raise SchemaError(error.problem, remedy=remedy) from None


def _expect_once(table: pd.DataFrame, key: list[str], name: str) -> None:
    twice = table[table.duplicated(key, keep=False)]
    if twice.empty:
        return
    first = twice[(twice[key] == twice[key].iloc[0]).all(axis=1)]
    shown = {"value", _PLACE, "raw_pointer", "raw_sha256", "retrieved_at", "obs_status", "obs_comment", *key}
    vary = [column for column in first.columns if column not in shown and len(set(first[column].astype(str))) > 1]
    named = ", ".join(f"{column} {first[column].iloc[0]}" for column in key)
    differ = "; ".join(f"{column}: {', '.join(sorted(first[column].astype(str).unique())[:_SHOWN])}" for column in vary)
    problem = f"{name}: {named} occurs {len(first)} times" + (f"; the rows differ in {differ}" if differ else "")
    raise SchemaError(problem, remedy='Keep one series (where: "COLUMN=VALUE"), or delete the duplicate row')
