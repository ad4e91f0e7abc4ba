"""USGS mineral summaries: world mine production from the text of the document, believed only if it adds up."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from itertools import product as combinations
from math import prod
from typing import TYPE_CHECKING, Any

from toolkit.codes import areas
from toolkit.errors import NotBelieved, UnknownCode
from toolkit.sources import _table
from toolkit.web import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["parse", "request"]

_URL = "https://pubs.usgs.gov/periodicals/mcs{edition}/mcs{edition}-{mineral}.pdf"
_TITLE = re.compile(r"World\s+(?:Mine\s+)?Production\b.*?Reserves", re.IGNORECASE)
_YEAR = re.compile(r"\b20\d\d(?=e?\b)")
_TOTAL = re.compile(r"^World\s+total", re.IGNORECASE)
_GOOD = re.compile(r"\d{1,3}(?:,\d{3})*")  # thousands are grouped in these documents
_ESTIMATED = re.compile(r"^\[?e\]?\s*(?=\d)|(?<=\d)\s*\[?e\]?$")  # beside one number: e 22,600
_CELL = re.compile(r"(?:\[?e\]?\s*)?(?:\d{1,2}\s+)?[<>]?[\d,]+(?:\s?\[?e\]?)?|NA|W|E|[—–-]+")
_PLAIN = re.compile(rf"([A-Z][A-Za-z’'. ()]*?)\d{{0,2}}\s+((?:{_CELL.pattern})(?:\s+(?:{_CELL.pattern}))*)\s*$")
_NOTE = re.compile(r"^\s*(\d{1,2})\s*[A-Z]")
_STATED = re.compile(r"[\[(]\s*Data\s+in\s+([^,\])]+?)\s*(?:,|\]|\)|\bunless\b)", re.IGNORECASE)
_STEPS = {"thousand": 1e3, "million": 1e6}
_UNITS = {"metric tons": "t", "metric dry tons": "t", "kilograms": "kg"}
_SAID = "estimated by the Survey"
_NOTHING = {"—": 0.0, "–": 0.0, "-": 0.0, "——": 0.0, "--": 0.0}
_MARKS = re.compile(r"<[^>]+>|[*_`#]")
_MOST_PAGES = 10  # a summary has two
_MOST_READINGS = 200_000
_AGAIN = "Read the PDF itself, or another text version of it"


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    cells: tuple[str, ...]
    number: int


def request(*, mineral: str, edition: int) -> Request:
    """Ask for the two pages on one mineral, ``"rare-earths"``."""
    return Request(_URL.format(edition=edition, mineral=mineral), kind="pdf")


@_table.parser
def parse(
    raw: bytes, *, mineral: str = "", edition: int | None = None, retrieved_at: str = "", vintage: str = ""
) -> pd.DataFrame:
    """Return mine production by country for the two years of a summary's world table.

    Footnote marks that a converter joined to numbers ("14270,000") are removed
    if exactly one reading adds up to the document's own total in both years.

    Raises
    ------
    NotBelieved
        If the column does not add up to the world total, or the document counts in an
        unknown unit.
    """
    text = _pdf(raw) if raw.startswith(b"%PDF-") else raw.decode("utf-8")
    lines = [_MARKS.sub("", line).strip() for line in text.splitlines()]
    rows, total, years = _world_table(lines)
    notes = {int(found[1]) for line in lines if (found := _NOTE.match(line))}
    repaired = _read(rows, total, notes)
    name = (mineral or _mineral(lines)).lower()
    stamp = vintage or (str(edition) if edition else years[-1])
    seen = _observations(repaired, years, name, _unit(text))
    about = {"source": "US Geological Survey", "retrieved_at": retrieved_at, "vintage": stamp}
    return _table.observations(seen, raw, dataset="usgs-mcs", **about)


def _unit(text: str) -> tuple[str, float]:
    """Return the unit that the head of the document states, and the factor of its numbers."""
    found = _STATED.search(_MARKS.sub("", text))
    if not found:
        return "not stated", 1.0
    words = found[1].lower().split()
    factor = _STEPS.get(words[0], 1.0)
    name = " ".join(words[words[0] in _STEPS :])
    unit = next((unit for stated, unit in _UNITS.items() if name.startswith(stated)), None)  # "of cobalt content"
    if unit is None:
        raise NotBelieved(f"the document counts in {' '.join(words)}", remedy="Add the unit to toolkit/sources/usgs.py")
    return unit, factor


def _pdf(raw: bytes) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages[:_MOST_PAGES])


def _world_table(lines: list[str]) -> tuple[list[_Line], _Line, list[str]]:
    """Return the rows above the total, the total, and the years of the columns."""
    start = next((n for n, line in enumerate(lines) if _TITLE.search(line)), None)
    if start is None:
        raise NotBelieved("no world table in this text", remedy=_AGAIN)
    numbered = enumerate(lines[start + 1 :], start=start + 2)
    table = [(line, found) for number, line in numbered for found in [_line(line, number)]]
    end = next((n for n, (_, found) in enumerate(table) if found and _TOTAL.match(found.name)), None)
    if end is None:
        raise NotBelieved("the world table has no total to check against", remedy=_AGAIN)
    rows, total = [found for _, found in table[:end] if found], table[end][1]
    years = next((named for line, found in table[:end] if not found and (named := _YEAR.findall(line)[:2])), [])
    if len(years) != 2 or total is None:  # noqa: PLR2004 (last year and the year before)
        problem = "the world table does not name its two years, and its first column adds up to "
        problem += f"{_first_column(rows):,.0f}, not to {total.cells[0] if total else 'nothing'}"
        raise NotBelieved(problem, remedy=_AGAIN)
    return rows, total, years


def _first_column(rows: list[_Line]) -> float:
    found = (_GOOD.search(row.cells[0]) for row in rows)
    return sum(float(number[0].replace(",", "")) for number in found if number)


def _line(line: str, number: int) -> _Line | None:
    """Split a row of the table, with pipes or with spaces, into a name and three cells."""
    if "|" in line:
        name, *cells = [cell.strip() for cell in line.strip("| ").split("|")]
    else:
        found = _PLAIN.match(line)
        name, cells = (found[1], _cells(found[2])) if found else ("", [])
    good = name[:1].isupper() and len(cells) >= 2 and all(_CELL.fullmatch(cell) for cell in cells)  # noqa: PLR2004
    return _Line(name.strip(), tuple(cells), number) if good else None


def _cells(text: str) -> list[str]:
    """Split a run of cells; a small number before another is its footnote mark."""
    words = text.split()
    cells: list[str] = []
    while words:
        word = words.pop(0)
        if word in ("e", "[e]") and words:
            word = f"e{words.pop(0)}"
        spare = len(words) + len(cells) + 1 > 3  # noqa: PLR2004 (two years and reserves)
        mark = re.fullmatch(r"e?\d{1,2}", word) and words and _GOOD.fullmatch(words[0])
        cells.append(f"{word} {words.pop(0)}" if spare and mark else word)
    return cells


def _read(rows: list[_Line], total: _Line, notes: set[int]) -> list[tuple[_Line, list[tuple[float | None, str]]]]:
    """Return the one reading of all rows that agrees with the total in every year."""
    choices = [_readings(row, notes) for row in rows]
    if not 0 < prod(map(len, choices)) <= _MOST_READINGS:
        raise NotBelieved("the world table cannot be read in a bounded number of ways", remedy=_AGAIN)
    totals = [[value for value, _ in reading if value is not None] for reading in _readings(total, notes)]
    totals = [numbers for numbers in totals if len(numbers) == len(total.cells[:2])]
    if not totals:
        raise NotBelieved(f"the world total {total.cells[0]!r} is not a number", remedy=_AGAIN)
    fitting = [chosen for chosen in combinations(*choices) if any(_adds_up(chosen, wanted) for wanted in totals)]
    if len(fitting) != 1:
        as_is = _sums([several[0] for several in choices])
        problem = f"production adds up to {' and '.join(f'{value:,.0f}' for value in as_is)}, the document's total is "
        problem += f"{' and '.join(total.cells[:2])}; {len(fitting) or 'no'} readings agree with it"
        raise NotBelieved(problem, remedy=_AGAIN)
    return list(zip(rows, [list(one) for one in fitting[0]], strict=True))


def _readings(row: _Line, notes: set[int]) -> list[tuple[tuple[float | None, str], ...]]:
    """Return the ways to read a row; one footnote mark applies to both of its years."""
    ways = []
    for mark in (None, *sorted(notes)):
        cells = [_value(cell, mark) for cell in row.cells[:2]]
        if all(cell is not None for cell in cells):
            ways.append(tuple(cell for cell in cells if cell is not None))
    return list(dict.fromkeys(ways))


def _value(cell: str, mark: int | None) -> tuple[float | None, str] | None:
    """Read one cell that begins with the footnote mark `mark`; None if it cannot be read so."""
    if (sure := _ESTIMATED.sub("", cell)) != cell and (read := _value(sure, mark)) is not None:
        return read[0], _table.joined(_SAID, read[1])
    if cell in _NOTHING:
        return 0.0, ""
    if cell in {"NA", "W"}:
        return None, {"NA": "not available", "W": "withheld"}[cell]
    apart = re.fullmatch(rf"(\d{{1,2}})\s+({_GOOD.pattern})", cell)
    if apart:
        return float(apart[2].replace(",", "")), f"footnote {apart[1]}"
    rest = cell.removeprefix(str(mark)) if mark is not None else cell
    if (mark is not None and rest == cell) or not _GOOD.fullmatch(rest) or (rest.startswith("0") and rest != "0"):
        return None
    return float(rest.replace(",", "")), "" if mark is None else f"footnote {mark} was glued to the number: {cell}"


def _adds_up(chosen: Any, wanted: list[float]) -> bool:
    pairs = zip(_sums(chosen), wanted, strict=True)
    return all(abs(found - total) <= _half_a_digit(total) for found, total in pairs)


def _sums(chosen: Any) -> list[float]:
    return [sum(value or 0 for value, _ in column) for column in zip(*chosen, strict=True)]


def _half_a_digit(total: float) -> float:
    """Return half a unit of the last digit that is not a trailing zero: totals are rounded."""
    zeros = len(f"{total:.0f}") - len(f"{total:.0f}".rstrip("0"))
    return 0.5 * 10.0**zeros


def _mineral(lines: list[str]) -> str:
    found = next((line for line in lines if re.match(r"^[A-Z][A-Z ,()-]{3,}", line)), "")
    return re.sub(r"[\[\d\]].*", "", found).strip()


def _observations(
    rows: list[tuple[_Line, list[tuple[float | None, str]]]], years: list[str], mineral: str, unit: tuple[str, float]
) -> Iterator[dict[str, Any]]:
    for line, cells in rows:
        for column, (year, (value, note)) in enumerate(zip(years, cells, strict=True), start=1):
            estimated = year == years[-1] or note.startswith(_SAID)
            yield {
                "freq": "A",
                "time_period": year,
                "ref_area": _area(line.name),
                "product": mineral,
                "product_scheme": "USGS",
                "measure": "quantity",
                "breakdown": "mine production",
                "obs_value": None if value is None else value * unit[1],
                "unit_measure": unit[0],
                "obs_status": "M" if value is None else "E" if estimated else "A",
                "obs_comment": note,
                "raw_pointer": f"line={line.number}&column={column}",
            }


def _area(name: str) -> str:
    if name.lower().startswith("other"):
        return "XOT"
    try:
        return areas.named(name).code
    except UnknownCode as error:
        raise UnknownCode(f"world table: {error.problem}", remedy=error.remedy) from None
