"""The analyst's own spreadsheet, CSV or Parquet file, by a small mapping that a person has confirmed."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from toolkit import areas, brought, codes, observation, parquet
from toolkit.errors import SchemaError, ToolkitError, UnknownCode
from toolkit.raw import Store
from toolkit.sources import _cells, _table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

ASKED = {  # never guessed: what a person has to say
    "flow": "M imports, X exports, RM, RX, or NA; empty if a column says it",
    "measure": "value, quantity, net_weight, rate, share or level",
    "unit": "as the file counts: USD, thousand USD, million JPY, t, kg, %",
    "valuation": "CIF, FOB, FAS, CUSTOMS, or NA where it does not apply",
    "source": "who published the numbers, and where",
}
_ROLES = ("reporter", "partner", "period", "product", "flow", "value")
_UNKNOWN = "?"
_SCALES = ("thousand", "million", "billion", "trillion")
_BELOW = "A total or a note below the table? Then set last_row in the mapping"
_FLOWS = {
    "m": "M", "import": "M", "imports": "M", "x": "X", "export": "X", "exports": "X", "re-import": "RM",
    "re-imports": "RM", "rm": "RM", "re-export": "RX", "re-exports": "RX", "rx": "RX",
}  # fmt: skip
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 (a line reads better)
_LONG_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
_MARKED = re.compile(r"(?:19|20)\d\d\W*(?:[a-z]|\d|prov\w*|rev\w*|est\w*)?\W*$", re.IGNORECASE)  # 2023*, 2023 (p)
_RESTORED = "its leading zero was lost and is restored"
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 60_000  # 1954 to 2064, as spreadsheets count days


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a file.

    Attributes
    ----------
    table : DataFrame
        The observations.
    path : Path
        The Parquet file they were written to.
    notes : tuple of str
        What was repaired or left out, and where: for the analyst to read.
    """

    table: pd.DataFrame
    path: Path
    notes: tuple[str, ...]


def add(file: Path, name: str, *, folder: Path) -> Added:
    """Bring `file` into the normal form as ``folder/own/NAME.parquet``.

    The first call writes a proposed mapping beside the file, ``NAME.map.toml``, and asks
    a person to confirm it; the next call follows it.

    Raises
    ------
    SchemaError
        If the mapping is not there yet, not complete, or a cell cannot be read; the
        error names the cell.
    """
    mapping = file.with_name(f"{name}.map.toml")
    if not mapping.exists():
        mapping.write_text(propose(file), encoding="utf-8")
        problem = f"{mapping} is new: it is proposed from the header of {file.name}"
        remedy = f"Fill in every {_UNKNOWN!r}, set confirmed = true, then run the same command again"
        raise SchemaError(problem, remedy=remedy)
    raw, wanted = file.read_bytes(), _confirmed(mapping)
    receipt = Store(folder / "raw").keep(raw, "own", f"file:{file.name}", query={"name": name, "mapping": wanted})
    table, notes = parse(raw, wanted, file=file.name, name=name, retrieved_at=receipt.received_at)
    path = folder / "own" / f"{name}.parquet"
    parquet.write(table, path)
    brought.register(name, path, max(table["vintage"]), folder=folder)
    return Added(table, path, tuple(notes))


def propose(file: Path) -> str:
    """Give a mapping as TOML text, proposed from the header; what is asked for is left open."""
    raw = file.read_bytes()
    several = _cells.sheets(raw, file.name)
    sheet = _cells.load(raw, file.name, sheet=several[0] if len(several) > 1 else "")
    known = {row["word"]: row["role"] for row in codes.table("own_headers")}
    roles: dict[str, str] = {}
    for heading in sheet.header:
        folded = re.sub(r"\s*\(.*|[^a-z0-9_ ]", "", heading.casefold()).strip()
        if (role := known.get(folded)) and role not in roles:
            roles[role] = heading
    lines = [
        f"# Proposed from the header of {file.name}, row {sheet.header_row}. Check every line.",
        "confirmed = false  # set to true when all is right",
        f'sheet = "{_UNKNOWN}"  # which: {", ".join(several)}' if several[1:] else f"sheet = {_quoted(sheet.name)}",
        f"header_row = {sheet.header_row}",
        "last_row = 0  # of the table: what stands below is left out; 0: to the end of the file",
        f"encoding = {_quoted(sheet.encoding)}",
        f'decimal = "{_cells.decimal(sheet)}"  # "." or ","; the other one groups thousands',
        'missing = ["", "..", "...", "#n/a", "n/a", "na", "n.a.", "-", "–", "—", "x", "c"]',
        "",
        "[columns]  # heading of the column, or empty if there is none",
        *(f"{role} = {_quoted(roles.get(role, ''))}" for role in _ROLES),
        f"periods_in_header = {str(_wide(sheet.header)).lower()}  # years side by side instead of one below the other",
        "",
        "[fixed]  # for the whole file; never guessed",
        *(
            f"{field} = {_quoted('' if roles.get(field) else _UNKNOWN)}  # {meaning}"
            for field, meaning in ASKED.items()
        ),
        *(
            f"{role} = {_quoted(_UNKNOWN)}  # no column was found"
            for role in _ROLES[:4]
            if not roles.get(role) and role != "period"
        ),
        f"product_scheme = {_quoted('HS' if roles.get('product') else 'NA')}  # HS, SITC, NA ...",
        f"product_vintage = {_quoted('')}  # HS edition: H0 (1988) H1 H2 H3 H4 H5 (2017) H6 (2022)",
    ]
    return "\n".join(lines) + "\n"


def parse(
    raw: bytes, mapping: dict[str, Any], *, file: str, name: str, retrieved_at: str = ""
) -> tuple[pd.DataFrame, list[str]]:
    """Give the observations of a file, and notes on what was repaired or left out."""
    sheet = _cells.load(
        raw,
        file,
        sheet=mapping.get("sheet", ""),
        header_row=mapping["header_row"],
        encoding=mapping.get("encoding", ""),
    )
    columns, fixed, notes = mapping["columns"], mapping["fixed"], list(sheet.notes)
    if absent := [
        heading for role, heading in columns.items() if role in _ROLES and heading and heading not in sheet.header
    ]:
        raise SchemaError(f"{file} has no column {absent[0]!r}", remedy=f"It has {', '.join(sheet.header)}")
    factor, unit = _cells.unit(fixed["unit"])
    shared = {
        "product_scheme": fixed.get("product_scheme", "NA"),
        "product_vintage": fixed.get("product_vintage", ""),
        "measure": fixed["measure"],
        "valuation": fixed["valuation"],
        "price_base": "current" if fixed["measure"] == "value" else "NA",
        "unit_measure": unit,
    }
    rows = [shared | row for row in _rows(sheet, mapping, float(factor), notes)]
    if negative := [row["raw_pointer"] for row in rows if "taken as negative" in row["obs_comment"]]:
        notes.append(f"numbers in brackets, taken as negative: {len(negative)}, the first at {negative[0]}")
    table = _table.observations(
        rows,
        raw,
        dataset=f"own-{name}",
        source=fixed["source"],
        retrieved_at=retrieved_at,
        vintage=fixed.get("vintage", ""),
    )
    observation.check(table)
    return table, notes


def _confirmed(path: Path) -> dict[str, Any]:
    try:
        mapping = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SchemaError(
            f"{path}: {error}", remedy="Correct the line, or delete the file to have it proposed again"
        ) from None
    fixed, columns = mapping.get("fixed", {}), mapping.get("columns", {})
    needed = [field for field in (*ASKED, "reporter") if not columns.get(field)]
    unsaid = [field for field in needed if not fixed.get(field)]
    unsaid += [field for field in fixed if fixed[field] == _UNKNOWN]
    unsaid += [field for field in ("sheet", "decimal") if mapping.get(field) == _UNKNOWN]
    unsaid += ["value (which column?)"] if not columns.get("value") and not columns.get("periods_in_header") else []
    if unsaid:
        raise SchemaError(f"{path} leaves open: {', '.join(unsaid)}", remedy="Say it: it is never guessed")
    if mapping.get("confirmed") is not True:
        raise SchemaError(f"{path} is not confirmed", remedy="Check every line, then set confirmed = true")
    return mapping


def _rows(sheet: _cells.Sheet, mapping: dict[str, Any], factor: float, notes: list[str]) -> Iterator[dict[str, Any]]:
    columns, fixed = mapping["columns"], mapping["fixed"]
    wide, months = _values_in(sheet, columns, fixed["unit"])
    wide_form, restored = bool(columns.get("periods_in_header")), 0
    for row in sheet.rows:
        if row.number > (mapping.get("last_row") or row.number):
            notes.append(f"row {row.number}: left out, below last_row: {row.text()[:60]!r}")
            continue
        if sum(_cells.plain(cell) != "" for cell in row.cells.values()) == 1 and len(sheet.header) > 1:
            _expect_unit(row.text(), fixed["unit"], f"row {row.number}")
            notes.append(f"{sheet.place(row, wide[0])}: left out, a remark and no row: {row.text()[:60]!r}")
            continue
        said = {role: row.get(columns[role]) if columns.get(role) else fixed.get(role, "") for role in _ROLES[:5]}
        place = sheet.place(row, wide[0])
        product, repaired = _product(said["product"], fixed.get("product_scheme", ""), place)
        restored += repaired
        for heading in wide:
            cell = sheet.place(row, heading)
            stated = _stated(heading, said["period"], months=months) if wide_form else said["period"]
            freq, when = _period(stated, cell)
            value, why = _cells.number(row.get(heading), mapping, cell)
            yield {
                "freq": freq,
                "time_period": when,
                "ref_area": _area(said["reporter"], place),
                "counterpart_area": _area(said["partner"], place) if said["partner"] not in ("", None) else "",
                "flow": _flow(said["flow"], place),
                "product": product,
                "obs_value": None if value is None else value * factor,
                "obs_status": "M" if value is None else "A",
                "obs_comment": "; ".join(filter(None, [why, _RESTORED if repaired else ""])),
                "raw_pointer": cell,
            }
    used = {*wide, *(columns.get(role) for role in _ROLES)}
    notes += [f"column {each!r}: left out, the mapping does not name it" for each in sheet.header if each not in used]
    if restored:
        notes.append(f"{restored} product codes had lost their leading zero: it is restored; format the column as text")


def _values_in(sheet: _cells.Sheet, columns: dict[str, Any], unit: str) -> tuple[list[str], bool]:
    """Give the headings of the columns with values, and whether they are days that stand for their months."""
    wide = (
        [each for each in sheet.header if _is_period(each)] if columns.get("periods_in_header") else [columns["value"]]
    )
    if not wide:
        raise SchemaError("no heading is a year or a month", remedy="Set periods_in_header = false")
    marked = [
        each for each in sheet.header if each not in wide and each not in columns.values() and _MARKED.match(each)
    ]
    if columns.get("periods_in_header") and marked:
        raise SchemaError(
            f"the heading {marked[0]!r} is a year with a mark", remedy="Write the year alone there; the mark in a note"
        )
    for heading in wide:
        _expect_unit(heading, unit, f"the heading {heading!r}")
    return wide, len(wide) > 1 and all(re.fullmatch(r"\d{4}-\d\d-01", heading) for heading in wide)


def _stated(heading: str, year: Any, *, months: bool) -> str:
    """Give the period of a heading: a month may have its year in a column."""
    if heading.isalpha() and year:
        return f"{heading} {_cells.plain(year)}"
    return heading[:7] if months else heading


def _product(stated: Any, scheme: str, place: str) -> tuple[str, bool]:
    """Give the code as text; an HS code of 1, 3 or 5 digits has lost its leading zero."""
    code = _cells.plain(stated)
    if scheme != "HS" or not code or code.isalpha():
        return code, False
    chapter, dot, rest = code.partition(".")
    if dot and len(chapter) == len("101") and chapter.isdigit():  # 0101.21 as a number
        code = f"0{code}"
    digits = code.replace(".", "")
    if not digits.isdigit() or (isinstance(stated, float) and dot and len(rest) % 2):
        problem = f"{place}: {code!r} is no code of the Harmonized System"
        raise SchemaError(
            problem, remedy="Put the code alone into the column, as text: words beside it, zeros at its end"
        )
    if len(digits) % 2:
        return f"0{digits}", True
    return digits, len(digits) > len(chapter + rest)


def _expect_unit(words: str, unit: str, where: str) -> None:
    """Refuse a unit that the file itself contradicts: "million USD" under a heading, "(USD thousand)" in it."""
    said = {scale for scale in _SCALES if re.search(rf"\b{scale}s?\b", words.casefold())}
    meant = {scale for scale in _SCALES if scale in unit.casefold()}
    if len(said) == 1 and said != meant:
        problem = f"{where} says {said.pop()}, the mapping's unit is {unit!r}"
        raise SchemaError(problem, remedy="Correct the unit in the mapping, or the words in the file")


def _area(stated: Any, place: str) -> str:
    text = _cells.plain(stated)
    try:
        return areas.area(text, "comtrade").code if text.isdigit() else areas.named(text).code
    except UnknownCode as error:
        blank = "A blank cell: write the name into every row. " if not text else ""
        raise SchemaError(f"{place}: {error.problem}", remedy=f"{blank}{error.remedy}. {_BELOW}") from None


def _flow(stated: Any, place: str) -> str:
    text = _cells.plain(stated)
    if text == "NA" or text in observation.ALLOWED["flow"]:
        return text
    if text.casefold() not in _FLOWS:
        raise SchemaError(f"{place}: unknown flow {text!r}", remedy="Write M, X, RM, RX or NA, or imports, exports")
    return _FLOWS[text.casefold()]


def _period(stated: Any, place: str) -> tuple[str, str]:
    """Read a year, quarter or month as people write them; a date must be the first of a month."""
    if isinstance(stated, date | datetime):
        stated = stated.strftime("%Y-%m") if stated.day == 1 else str(stated)
    text = _cells.plain(stated)
    try:
        return _table.period(_worded(text))
    except ToolkitError as error:
        remedy = f"{error.remedy}. {_BELOW}"
        if text.isdigit() and _FIRST_SERIAL < int(text) < _LAST_SERIAL:
            day = date(1899, 12, 30) + timedelta(days=int(text))
            remedy = f"It looks like a spreadsheet's number for {day}: format the column as a date"
        raise SchemaError(f"{place}: {error.problem}", remedy=remedy) from None


def _worded(text: str) -> str:
    """Write "Jan-2024" as 2024-01."""
    worded = re.fullmatch(r"([A-Za-z]{3})[a-z]*\.?[ -/]?(\d{4})", text)
    if worded and worded[1].lower() in _MONTHS:
        return f"{worded[2]}-{_MONTHS.index(worded[1].lower()) + 1:02d}"
    return text


def _is_period(heading: str) -> bool:
    try:
        _table.period(_worded(heading))
    except ToolkitError:
        return heading.isalpha() and (heading.casefold() in _MONTHS or heading.casefold() in _LONG_MONTHS)
    return True


def _wide(header: tuple[str, ...]) -> bool:
    return sum(_is_period(heading) for heading in header) > 1


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
