"""The cells of a file that a person made: find the table, read numbers as written, name the place of each cell."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from toolkit import formats
from toolkit.errors import SchemaError

__all__ = ["Row", "Sheet", "decimal", "first_table", "load", "number", "plain", "sheets"]

_LEAST_COLUMNS = 2
_GAP = "[\u00a0\u202f\u2009\u2007 ]"
_FOOTNOTED = re.compile(rf"\d{_GAP}+\d")  # "1234 2": a footnote mark, not groups of three
_SPACED = re.compile(rf"\D*\d{{1,3}}(?:{_GAP}\d{{3}})+(?:[.,]\d+)?\D*")
_LITERAL = re.compile(r'"[^"]*"|\\.')  # text in a number format, which the cell shows but does not mean
_MOST_HEADER_ROW = 50
_ONE_HEADER = "Put one heading over each column, all in one row: unmerge cells, join header rows"
_CURRENCY = re.compile(r"[^\d\s.,()+*-]{1,4}\s?(?=[\d(])|(?<=[\d)])\s?[^\d\s.,()+%*-]{1,4}$")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: its number in the file, counted from 1, and its cells by heading."""

    number: int
    cells: dict[str, Any]

    def get(self, heading: str) -> Any:
        """Return a cell as it is."""
        return self.cells.get(heading)

    def text(self) -> str:
        """Return all cells as one line."""
        return " ".join(filter(None, (plain(cell) for cell in self.cells.values())))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table in a file: its name, its header and where that is, its rows."""

    name: str
    header: tuple[str, ...]
    header_row: int
    rows: tuple[Row, ...]
    encoding: str = ""
    notes: tuple[str, ...] = ()
    columns: dict[str, int] = field(default_factory=dict)
    delimiter: str = ""
    above: tuple[str, ...] = ()

    def place(self, row: Row, heading: str) -> str:
        """Return the address of a cell: as a spreadsheet names it, or by row and column."""
        if not self.name:
            return f"row={row.number}&column={heading}"
        from openpyxl.utils import get_column_letter

        return f"sheet={self.name}&cell={get_column_letter(self.columns[heading] + 1)}{row.number}"


def load(raw: bytes, file: str, *, sheet: str = "", header_row: int = 0, encoding: str = "") -> Sheet:
    """Find the table in a spreadsheet, CSV or Parquet file.

    Without `header_row` the header is the first row as wide as the table below it.

    Raises
    ------
    SchemaError
        If there is no table, two columns have one heading, or a row is too wide.
    """
    name, grid, encoding, hidden = _grid(raw, file, sheet, encoding)
    at = header_row - 1 if header_row else _header(grid, file)
    if not 0 <= at < len(grid):
        raise SchemaError(f"{file} has no row {header_row}", remedy="Correct header_row in the mapping")
    header = [plain(cell) for cell in grid[at]]
    while header and not header[-1]:
        header.pop()
    named = [heading for heading in header if heading]
    if twice := next((heading for heading in named if named.count(heading) > 1), None) or not named:
        what = f"two columns are called {twice!r}" if named else "no column has a heading"
        raise SchemaError(f"{file}, row {at + 1}: {what}", remedy=_ONE_HEADER)
    rows = []
    for number, cells in enumerate(grid[at + 1 :], start=at + 2):
        if any(plain(cell) for cell in cells[len(header) :]):
            problem = f"{file}, row {number} is wider than the header in row {at + 1}"
            raise SchemaError(problem, remedy=f"Look for a shifted cell. {_ONE_HEADER}")
        if any(plain(cell) for cell in cells):
            pairs = zip(header, cells[: len(header)], strict=False)
            rows.append(Row(number, {heading: cell for heading, cell in pairs if heading}))
    notes = [*([f"{file}: {at} rows stand above the table"] if at else []), *hidden]
    columns = {heading: index for index, heading in enumerate(header) if heading}
    delimiter = _mark(raw.decode(encoding)) if encoding else ""
    above = tuple(" ".join(filter(None, map(plain, cells))) for cells in grid[:at])
    return Sheet(name, tuple(named), at + 1, tuple(rows), encoding, tuple(notes), columns, delimiter, above)


def plain(cell: Any) -> str:
    """Return a cell as text: 2023.0 and 2023 are the same, a date is in ISO 8601.

    >>> plain(2023.0), plain(" n/a "), plain(None)
    ('2023', 'n/a', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell != cell:  # noqa: PLR0124 (NaN)
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()


def number(cell: Any, mapping: dict[str, Any], place: str, *, percent: bool = False) -> tuple[float | None, str]:
    """Return the number of a cell, or None and why it is missing; for a negative in brackets, its original text.

    >>> rules = {"decimal": ".", "missing": ["..", "n/a"]}
    >>> number("1,716,414", rules, "D5"), number("(12)", rules, "D6"), number("..", rules, "D7")
    ((1716414.0, ''), (-12.0, "'(12)' in the file, taken as negative"), (None, "'..' in the file"))

    Raises
    ------
    SchemaError
        If the cell is neither a number nor marked as missing: a footnote mark, a currency sign, odd groups.
    """
    if isinstance(cell, bool):
        raise SchemaError(f"{place}: {cell!r} is not a number", remedy="Correct the cell")
    if isinstance(cell, _Percent) and percent:
        return float(Decimal(repr(float(cell))) * 100), ""
    if isinstance(cell, int | float | Decimal) and cell == cell:  # noqa: PLR0124 (NaN)
        return _finite(cell, place), ""
    text = plain(cell)
    if text.casefold() in {str(word).casefold() for word in mapping.get("missing", [""])} | {""}:
        return None, f"{text!r} in the file" if text else "an empty cell in the file"
    point = mapping.get("decimal", ".")
    group = "," if point == "." else "."
    negative = re.fullmatch(r"\((.*)\)", text)
    digits = (negative[1] if negative else text).replace("−", "-")
    spaced = not _FOOTNOTED.search(digits) or _SPACED.fullmatch(digits)
    digits = re.sub(_GAP, "", digits) if spaced else digits
    if re.fullmatch(r"-?\d{1,3}(['’]\d{3})+(\.\d+)?", digits):
        digits = digits.replace("'", "").replace("’", "")
    if percent:
        digits = digits.removesuffix("%")
    if written := re.fullmatch(rf"[+-]?\d(?:{re.escape(point)}\d+)?[eE][+-]?\d{{1,3}}", digits):
        return _finite(digits.replace(point, "."), place), f"written {written[0]}: further digits may be rounded away"
    form = rf"[+-]?(\d+|\d{{1,3}}(?:{re.escape(group)}\d{{3}})+)({re.escape(point)}\d+)?"
    if not re.fullmatch(form, digits, re.ASCII) or (negative and digits[0] in "+-"):
        remedy = f"Correct the cell, or say in the mapping what it means (missing = [...], decimal = {group!r})"
        if not negative and re.fullmatch(form, _CURRENCY.sub("", digits), re.ASCII):
            remedy = "Remove the sign from the cells; the unit in the mapping says what is counted"
        raise SchemaError(f"{place}: {text!r} is not a number with decimal {point!r}", remedy=remedy)
    value = float(digits.replace(group, "").replace(point, "."))
    return (-value, f"{text!r} in the file, taken as negative") if negative else (value, "")


def _finite(digits: Any, place: str) -> float:
    if math.isinf(value := float(digits)):
        raise SchemaError(f"{place}: {digits!r} is not a number", remedy="Correct the cell")
    return value


def _grid(raw: bytes, file: str, sheet: str, encoding: str) -> tuple[str, list[list[Any]], str, list[str]]:
    ending = Path(file).suffix.lower()
    if ending in {".xlsx", ".xlsm"}:
        name, grid, notes = _workbook(raw, file, sheet)
        return name, grid, "", notes
    if ending == ".parquet":
        return "", _parquet(raw, file), "", []
    if ending in {".csv", ".tsv", ".txt"}:
        return "", *_csv(raw, file, encoding), []
    raise SchemaError(f"{file} is not a file of a known kind", remedy="Save it as .xlsx, .csv or .parquet")


def _workbook(raw: bytes, file: str, sheet: str) -> tuple[str, list[list[Any]], list[str]]:
    book = _book(raw, file, data_only=True)
    filled = [found for found in book.worksheets if found.max_row > 1 or found["A1"].value is not None]
    names = [found.title for found in filled if found.sheet_state == "visible" or found.title == sheet]
    if sheet and sheet not in names:
        raise SchemaError(f"{file} has no sheet {sheet!r}", remedy=f"It has {', '.join(names)}")
    if not sheet and len(names) != 1:
        problem = f"{file} has {len(names)} sheets: {', '.join(names)}"
        raise SchemaError(problem, remedy="Say in the mapping which: sheet = ...")
    found = book[sheet or names[0]]
    for area in found.merged_cells.ranges:
        if area.min_col == area.max_col:  # one word for several rows
            for row in range(area.min_row + 1, area.max_row + 1):
                found._cells[row, area.min_col] = found.cell(area.min_row, area.min_col)  # noqa: SLF001 (a merged cell cannot be written)
    hidden = [str(at) for at, row in found.row_dimensions.items() if row.hidden]
    notes = [f"hidden in the sheet, and taken like the other rows: {', '.join(hidden)}"] if hidden else []
    formulas = _book(raw, file)[found.title]
    for row in formulas.iter_rows():
        for cell in row:
            if cell.data_type == "f" and found[cell.coordinate].value is None:
                problem = f"{file}, cell {cell.coordinate}: a formula without its result"
                raise SchemaError(problem, remedy="Open the file, let it calculate, save it again")
    return found.title, [[_shown(cell) for cell in row] for row in found.iter_rows()], notes


def _book(raw: bytes, file: str, **options: bool) -> Any:
    """Return a workbook, after checking that the file is whole."""
    import openpyxl

    formats.check(raw, "xlsx", file)
    try:
        return openpyxl.load_workbook(io.BytesIO(raw), **options)
    except Exception as error:  # noqa: BLE001 (openpyxl raises what its parsers raise)
        problem = f"{file} is not a workbook that can be read: {error}"
        raise SchemaError(problem, remedy="Open it in a spreadsheet program and save it again") from None


class _Percent(float):
    """A share that a spreadsheet shows in per cent: the cell contains 0.054 and the reader sees 5.4 %."""


def _shown(cell: Any) -> Any:
    if isinstance(cell.value, int | float) and not isinstance(cell.value, bool) and _is_percent(cell):
        return _Percent(cell.value)
    return cell.value


def _is_percent(cell: Any) -> bool:
    """Return whether a cell is shown in per cent: by 0.0%, but not by 0.0"%", which only appends the sign."""
    return "%" in _LITERAL.sub("", str(cell.number_format))


def _csv(raw: bytes, file: str, encoding: str) -> tuple[list[list[Any]], str]:
    text, used = None, ""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = encoding or "utf-16"
    for used in (encoding,) if encoding else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(used)
            break
        except (UnicodeDecodeError, LookupError):
            continue
    if text is None:
        raise SchemaError(f"{file} cannot be read as {used}", remedy="Save it as UTF-8")
    mark = _mark(text)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)], used
    except csv.Error as error:
        raise SchemaError(f"{file} is not a whole CSV: {error}", remedy="Look for an open quotation mark") from None


def _mark(text: str) -> str:
    """Return the sign that separates cells: the one in most lines; a tie with a comma means decimals or words."""
    lines = text.splitlines()[:_MOST_HEADER_ROW]
    return max("\t;,", key=lambda mark: sum(mark in line for line in lines))


def sheets(raw: bytes, file: str) -> list[str]:
    """Return the visible sheets of a workbook; none for another file."""
    if Path(file).suffix.lower() not in {".xlsx", ".xlsm"}:
        return []
    return [sheet.title for sheet in _book(raw, file).worksheets if sheet.sheet_state == "visible"]


def first_table(raw: bytes, file: str, several: list[str]) -> Sheet:
    """Return the first sheet with a table: a title page may come before it."""
    for name in several[:-1]:
        try:
            return load(raw, file, sheet=name)
        except SchemaError:
            continue
    return load(raw, file, sheet=several[-1] if several[1:] else "")


def decimal(sheet: Sheet) -> str:
    """Return the decimal sign that the cells prove, "?" if they do not and it matters.

    "1.234,5" proves a comma; "1,234" alone proves nothing: it may be over a thousand or a
    little over one.
    """
    texts = [cell.strip() for row in sheet.rows for cell in row.cells.values() if isinstance(cell, str)]
    numbers = [text for text in texts if re.fullmatch(r"[(−-]?\d[\d.,]*\d\)?", text)]
    proved = {sign for text in numbers for sign in _proved(text)}
    if len(proved) == 1:
        return proved.pop()
    if sheet.delimiter == ";":
        return "?" if any(sign in text for text in numbers for sign in ",.") else "."
    return "?" if proved and any("," in text for text in numbers) else "."


def _proved(text: str) -> set[str]:
    digits = text.strip("()−-")
    signs = [sign for sign in digits if sign in ".,"]
    if len(set(signs)) > 1:
        return {signs[-1]}
    if len(signs) > 1:
        return {"," if signs[0] == "." else "."}
    head, _, tail = digits.partition(signs[0]) if signs else ("", "", "")
    group = len(tail) == 3 and 0 < len(head) <= 3 and not head.startswith("0")  # noqa: PLR2004 (of thousands)
    return {signs[0]} if signs and not group else set()


def _parquet(raw: bytes, file: str) -> list[list[Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(raw), page_checksum_verification=True)
    except (pa.ArrowException, OSError) as error:
        raise SchemaError(f"{file} is not a whole Parquet file: {error}", remedy="Write it again") from None
    return [
        table.column_names,
        *(list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)),
    ]


def _header(grid: list[list[Any]], file: str) -> int:
    """Return the index of the header: the first row of text as wide as the rows below it."""
    widths = [sum(plain(cell) != "" for cell in row) for row in grid]
    usual = sorted(widths)[len(widths) // 2] if widths else 0
    for at, row in enumerate(grid[:_MOST_HEADER_ROW]):
        if (
            widths[at] >= max(_LEAST_COLUMNS, usual - 1)
            and isinstance(row[0] or next(filter(plain, row), ""), str)
            and at + 1 < len(grid)
        ):
            return at
    raise SchemaError(f"{file} has no table with a header", remedy="Put the headings into one row above the numbers")
