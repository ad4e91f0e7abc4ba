"""An analyst's spreadsheet, CSV or Parquet file, read by a small mapping that a person has confirmed."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit import codes, files, observation
from toolkit.codes import areas
from toolkit.errors import SchemaError, UnknownCode
from toolkit.sources import _table
from toolkit.spreadsheet import cells, values
from toolkit.store import imported_tables, parquet
from toolkit.store.answers import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

__all__ = ["ASKED", "ImportedFile", "add", "parse", "propose"]

ASKED = {  # never guessed: what a person has to say
    "flow": "M imports, X exports, RM, RX, or NA; empty if a column says it",
    "measure": "value, quantity, net_weight, rate, share or level",
    "unit": "as the file counts: USD, thousand USD, million JPY, t, kg, %",
    "valuation": "CIF, FOB, FAS, CUSTOMS, or NA where it does not apply",
    "source": "who published the numbers, and where",
}
_ROLES = ("reporter", "partner", "period", "product", "flow", "part_of_year", "unit", "value")
_BESIDE_YEAR = ("month", "quarter")
_UNKNOWN = "?"
_BELOW = "A total or a note below the table? Then set last_row in the mapping"
_FLOWS = {
    "m": "M", "import": "M", "imports": "M", "x": "X", "export": "X", "exports": "X", "re-import": "RM",
    "re-imports": "RM", "rm": "RM", "re-export": "RX", "re-exports": "RX", "rx": "RX",
}  # fmt: skip
_MARKED = re.compile(r"(?:19|20)\d\d\W*(?:[a-z]|\d|prov\w*|rev\w*|est\w*)?\W*$", re.IGNORECASE)  # 2023*, 2023 (p)
_KINDS = {"header_row": int, "last_row": int, "missing": list, "periods_in_header": bool}


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """The result of importing a file.

    Attributes
    ----------
    table : DataFrame
        The observations.
    path : Path
        The Parquet file they were written to.
    notes : tuple of str
        What was repaired or left out, and where, for the analyst to read.
    """

    table: pd.DataFrame
    path: Path
    notes: tuple[str, ...]


def add(file: Path, name: str, *, folder: Path) -> ImportedFile:
    """Convert `file` to the normal form, as ``folder/own/NAME.parquet``.

    The first call writes a proposed mapping beside the file, ``NAME.map.toml``, for a
    person to confirm; the next call follows it.

    Raises
    ------
    SchemaError
        If the mapping is new or not complete, or a cell cannot be read; the error names
        the cell.
    """
    mapping = file.with_name(f"{name}.map.toml")
    if not mapping.exists():
        files.write(mapping, propose(file))
        problem = f"{mapping} is new: it is proposed from the header of {file.name}"
        remedy = f"Fill in every {_UNKNOWN!r}, set confirmed = true, then run the same command again"
        raise SchemaError(problem, remedy=remedy)
    raw, wanted = files.read(file), _confirmed(mapping)
    receipt = Store(folder / "raw").keep(raw, "own", f"file:{file.name}", query={"name": name, "mapping": wanted})
    table, notes = parse(raw, wanted, file=file.name, name=name, retrieved_at=receipt.received_at)
    path = folder / "own" / f"{name}.parquet"
    parquet.write(table, path)
    imported_tables.register(name, path, max(table["vintage"]), folder=folder)
    return ImportedFile(table, path, tuple(notes))


def propose(file: Path) -> str:
    """Return a mapping as TOML text, proposed from the header; what only a person can say is left open."""
    raw = files.read(file)
    several = cells.sheets(raw, file.name)
    sheet = cells.first_table(raw, file.name, several)
    roles, wide = _roles(sheet.header), _wide(sheet.header)
    lines = [
        f"# Proposed from the header of {file.name}, row {sheet.header_row}. Check every line.",
        "confirmed = false  # set to true when all is right",
        f'sheet = "{_UNKNOWN}"  # which: {", ".join(several)}' if several[1:] else f"sheet = {_quoted(sheet.name)}",
        f"header_row = {sheet.header_row}",
        "last_row = 0  # of the table: what stands below is left out; 0: to the end of the file",
        f"encoding = {_quoted(sheet.encoding)}",
        f'decimal = "{cells.decimal(sheet)}"  # "." or ","; the other one groups thousands',
        'missing = ["", "..", "...", "#n/a", "n/a", "na", "n.a.", "-", "–", "—", "x", "c"]',
        "",
        "[columns]  # heading of the column, or empty if there is none",
        *(f"{role} = {_quoted(roles.get(role, ''))}" for role in _ROLES),
        f"periods_in_header = {str(wide).lower()}  # years side by side instead of one below the other",
        "",
        "[fixed]  # for the whole file; never guessed",
        *(f"{field} = {_quoted('' if field in roles else _UNKNOWN)}  # {meaning}" for field, meaning in ASKED.items()),
        *(
            f"{role} = {_quoted(_UNKNOWN)}  # no column was found"
            for role in _ROLES[:4]
            if not roles.get(role) and not (role == "period" and wide)
        ),
        f"product_scheme = {_quoted(_scheme(sheet, roles.get('product', '')))}  # HS, SITC, NA ...",
        f"product_vintage = {_quoted('')}  # HS edition: H0 (1988) H1 H2 H3 H4 H5 (2017) H6 (2022)",
    ]
    return "\n".join(lines) + "\n"


def _scheme(sheet: cells.Sheet, heading: str) -> str:
    """Return HS for a column of numbers or codes, NA for one of words."""
    codes_of = [cells.plain(row.get(heading)) for row in sheet.rows] if heading else []
    return "HS" if any(code[:1].isdigit() for code in codes_of) else "NA"


def _roles(header: tuple[str, ...]) -> dict[str, str]:
    """Return the columns whose headings are known words; a month beside a year is its part."""
    known = {row["word"]: row["role"] for row in codes.table("spreadsheet_headings")}
    words = {re.sub(r"\s*\(.*|[^a-z0-9_ ]", "", heading.casefold()).strip(): heading for heading in reversed(header)}
    roles = {known[word]: heading for word, heading in words.items() if word in known}
    part = next((words[word] for word in _BESIDE_YEAR if word in words), "")
    return roles | ({"period": words["year"], "part_of_year": part} if part and "year" in words else {})


def parse(
    raw: bytes, mapping: dict[str, Any], *, file: str, name: str, retrieved_at: str = ""
) -> tuple[pd.DataFrame, list[str]]:
    """Return the observations of a file, and notes on what was repaired or left out."""
    sheet = cells.load(
        raw, file, **{name: mapping[name] for name in ("sheet", "header_row", "encoding") if name in mapping}
    )
    columns, fixed, notes = mapping["columns"], mapping["fixed"], list(sheet.notes)
    named = [heading for role, heading in columns.items() if role in _ROLES and heading]
    if absent := [heading for heading in named if heading not in sheet.header]:
        raise SchemaError(f"{file} has no column {absent[0]!r}", remedy=f"It has {', '.join(sheet.header)}")
    shared = {
        "product_scheme": fixed.get("product_scheme", "NA"),
        "product_vintage": fixed.get("product_vintage", ""),
        "measure": fixed["measure"],
        "valuation": fixed["valuation"],
        "price_base": "current" if fixed["measure"] == "value" else "NA",
    }
    rows = [shared | row for row in _rows(sheet, mapping, notes)]
    if negative := [row["raw_pointer"] for row in rows if "taken as negative" in row["obs_comment"]]:
        notes.append(f"numbers in brackets, taken as negative: {len(negative)}, the first at {negative[0]}")
    notes += _levels(rows)
    about = {"source": fixed["source"], "retrieved_at": retrieved_at, "vintage": fixed.get("vintage", "")}
    return _table.observations(rows, raw, dataset=f"own-{name}", **about), notes


def _confirmed(path: Path) -> dict[str, Any]:
    try:
        mapping = tomllib.loads(files.read_text(path))
    except tomllib.TOMLDecodeError as error:
        remedy = "Correct the line, or delete the file to have it proposed again"
        raise SchemaError(f"{path}: {error}", remedy=remedy) from None
    fixed, columns = mapping.get("fixed", {}), mapping.get("columns", {})
    stated = mapping | {"periods_in_header": columns.get("periods_in_header", False)}
    if wrong := [field for field, kind in _KINDS.items() if type(stated.get(field, kind())) is not kind]:
        remedy = "Write a row as a number without quotation marks, missing = [...], periods_in_header = true or false"
        raise SchemaError(f"{path}: {', '.join(wrong)} cannot be read as it stands", remedy=remedy)
    mapping["fixed"] = fixed = {field: str(value) for field, value in fixed.items()}  # unit = 1
    needed = [field for field in (*ASKED, "reporter") if not columns.get(field)]
    unsaid = [field for field in needed if not fixed.get(field)]
    unsaid += [field for field in fixed if fixed[field] == _UNKNOWN]
    unsaid += [field for field in ("sheet", "decimal") if mapping.get(field) == _UNKNOWN]
    needed = [] if columns.get("periods_in_header") else ["value", "period"]
    unsaid += [f"{role} (which column?)" for role in needed if not (columns.get(role) or fixed.get(role))]
    if unsaid:
        raise SchemaError(f"{path} leaves open: {', '.join(unsaid)}", remedy="Say it: it is never guessed")
    if mapping.get("confirmed") is not True:
        raise SchemaError(f"{path} is not confirmed", remedy="Check every line, then set confirmed = true")
    return mapping


def _rows(sheet: cells.Sheet, mapping: dict[str, Any], notes: list[str]) -> Iterator[dict[str, Any]]:
    columns, fixed = mapping["columns"], mapping["fixed"]
    wide, months = _values_in(sheet, columns, fixed["unit"])
    used = {*wide, *(columns.get(role) for role in _ROLES)}
    unused, restored = [each for each in sheet.header if each not in used], 0
    for row in _in_table(sheet, mapping, wide[0], notes):
        said = {role: row.get(columns[role]) if columns.get(role) else fixed.get(role, "") for role in _ROLES[:-1]}
        place = {role: sheet.place(row, columns.get(role) or wide[0]) for role in _ROLES[:-1]}
        product, repaired = _product(said["product"], fixed.get("product_scheme", ""), place["product"])
        restored += repaired
        stated = cells.plain(said["unit"])
        for heading in unused:  # "Millions" in a column of its own
            _expect_unit(_scale_alone(row.get(heading)), stated, sheet.place(row, heading))
        factor, unit = values.read_unit(stated, place["unit"])
        for heading in wide if columns.get("unit") else ():
            _expect_unit(heading, stated, f"the heading {heading!r}")
        shared = {
            "ref_area": _area(said["reporter"], place["reporter"]),
            "counterpart_area": _partner(said["partner"], columns.get("partner"), place["partner"]),
            "flow": _flow(said["flow"], place["flow"]),
            "product": product,
            "unit_measure": unit,
        }
        for heading in wide:
            cell = sheet.place(row, heading)
            at = cell if columns.get("periods_in_header") else place["period"]
            freq, when = values.read_period(_stated(heading, said, columns), at, months=months)
            value, why = cells.number(row.get(heading), mapping, cell, percent=unit == "%")
            yield shared | {
                "freq": freq,
                "time_period": when,
                "obs_value": None if value is None else value * float(factor),
                "obs_status": "M" if value is None else "A",
                "obs_comment": _table.joined(why, "its leading zero was lost and is restored" if repaired else ""),
                "raw_pointer": cell,
            }
    notes += [f"column {each!r}: left out, the mapping does not name it" for each in unused]
    if restored:
        notes.append(f"{restored} product codes had lost their leading zero: it is restored; format the column as text")


def _in_table(sheet: cells.Sheet, mapping: dict[str, Any], first: str, notes: list[str]) -> Iterator[cells.Row]:
    """Yield the rows of the table; rows below it, and remarks of a single cell, go into the notes."""
    unit = mapping["fixed"]["unit"]
    for row in sheet.rows:
        if row.number > (mapping.get("last_row") or row.number):
            notes.append(f"row {row.number}: left out, below last_row: {row.text()[:60]!r}")
        elif len(sheet.header) > 1 and _is_remark(row, mapping["columns"].get("period")):
            _expect_unit(row.text(), unit, f"row {row.number}")
            notes.append(f"{sheet.place(row, first)}: left out, a remark, not a row: {row.text()[:60]!r}")
        else:
            yield row


def _is_remark(row: cells.Row, period: str | None) -> bool:
    """Return whether a row has a single cell that is not a period whose value is missing."""
    filled = [heading for heading, cell in row.cells.items() if cells.plain(cell)]
    return len(filled) == 1 and not (filled[0] == period and values.is_period(cells.plain(row.get(period))))


def _values_in(sheet: cells.Sheet, columns: dict[str, Any], unit: str) -> tuple[list[str], bool]:
    """Return the headings of the columns with values, and whether their days mean whole months."""
    periods = [each for each in sheet.header if values.is_period(each)]
    wide = periods if columns.get("periods_in_header") else [columns["value"]]
    if not wide:
        raise SchemaError("no heading is a year or a month", remedy="Set periods_in_header = false")
    marked = [each for each in sheet.header if each not in {*wide, *columns.values()} and _MARKED.match(each)]
    if columns.get("periods_in_header") and marked:
        remedy = "Write the year alone there; the mark in a note"
        raise SchemaError(f"the heading {marked[0]!r} is a year with a mark", remedy=remedy)
    for number, words in enumerate(sheet.above, start=1):
        _expect_unit(words, unit, f"row {number}")
    for heading in wide:
        _expect_unit(heading, unit, f"the heading {heading!r}")
    if columns.get("periods_in_header"):
        return wide, values.are_months(wide, "the header")
    column = columns.get("period", "")
    return wide, values.are_months([row.get(column) for row in sheet.rows if row.get(column)], f"column {column!r}")


def _stated(heading: str, said: dict[str, Any], columns: dict[str, Any]) -> Any:
    """Return the period of a cell from its heading, its row, or both; a month may have its year in a column."""
    if columns.get("part_of_year"):
        return values.beside(said["period"], said["part_of_year"], columns["part_of_year"])
    if not columns.get("periods_in_header"):
        return said["period"]
    return values.beside(said["period"], heading, "") if heading.isalpha() and said["period"] else heading


def _levels(rows: list[dict[str, Any]]) -> list[str]:
    """Warn of HS codes of several lengths: a chapter includes the lines below it."""
    codes_of = {row["product"] for row in rows if row["product_scheme"] == "HS" and row["product"].isdigit()}
    several = " and ".join(map(str, sorted(set(map(len, codes_of)))))
    return [f"HS codes of {several} digits occur together: their sum would count twice"] if " " in several else []


def _product(stated: Any, scheme: str, place: str) -> tuple[str, bool]:
    """Return the code as text, and whether its leading zero was lost and is restored."""
    code = cells.plain(stated)
    if scheme != "HS" or not code or code.isalpha():
        return code, False
    chapter, dot, rest = code.partition(".")
    if dot and len(chapter) == len("101") and chapter.isdigit():  # 0101.21 as a number
        code = f"0{code}"
    digits = code.replace(".", "")
    cut = len(digits if digits.startswith("0") else rest.replace(".", "")) % 2  # not a zero in front is missing
    if cut or not (digits.isascii() and digits.isdigit()):
        problem = f"{place}: {code!r} is not a code of the Harmonized System"
        remedy = "Put the code alone into the column, as text, with its zeros; words into another column"
        raise SchemaError(problem, remedy=remedy)
    if len(digits) % 2:
        return f"0{digits}", True
    return digits, len(digits) > len(chapter + rest)


def _expect_unit(words: str, unit: str, where: str) -> None:
    """Refuse a unit that the file contradicts: "million USD" in the mapping, "(USD thousand)" in a heading."""
    said = {scale for scale in values.SCALES if re.search(rf"\b{scale}s?\b", words.casefold())}
    meant = {values.scale(unit), *(scale for scale in values.SCALES if scale in unit.casefold())} if unit else said
    if len(said) == 1 and not said <= meant:
        problem = f"{where} says {said.pop()}, the mapping's unit is {unit!r}"
        raise SchemaError(problem, remedy="Correct the unit in the mapping, or the words in the file")


def _partner(stated: Any, column: str | None, place: str) -> str:
    return _area(stated, place) if column or stated not in ("", None) else ""


def _scale_alone(cell: Any) -> str:
    word = cells.plain(cell).casefold()
    return word if word.removesuffix("s") in values.SCALES else ""


def _area(stated: Any, place: str) -> str:
    text = cells.plain(stated)
    try:
        return areas.area(text, "comtrade").code if text.isdigit() else areas.named(text).code
    except UnknownCode as error:
        blank = "A blank cell: write the name into every row. " if not text else ""
        raise SchemaError(f"{place}: {error.problem}", remedy=f"{blank}{error.remedy}. {_BELOW}") from None


def _flow(stated: Any, place: str) -> str:
    text = cells.plain(stated)
    if text == "NA" or text in observation.ALLOWED["flow"]:
        return text
    if text.casefold() not in _FLOWS:
        raise SchemaError(f"{place}: unknown flow {text!r}", remedy="Write M, X, RM, RX or NA, or imports, exports")
    return _FLOWS[text.casefold()]


def _wide(header: tuple[str, ...]) -> bool:
    return sum(values.is_period(heading) for heading in header) > 1


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
