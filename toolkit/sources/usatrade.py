"""USA Trade Online of the US Census Bureau: the CSV that a user saves by hand after logging in."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from toolkit import codes
from toolkit.codes import areas
from toolkit.errors import NotBelieved, UnknownCode
from toolkit.period import Period
from toolkit.sources import _table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["parse"]

_PRODUCTS, _PARTNERS = ("Commodity", "Commodities"), ("Country", "Countries")
_PLACES = ("State", "District", "Port")  # rows of one are a part of the country's trade
_WHOLE = {"total", "all commodities", "world total", "all states", "all districts", "all ports", "united states", ""}
_MOST_TITLE_ROWS = 10
_DEFAULT = " (Default Member)"


@_table.parser
def parse(raw: bytes, *, splits: bool = False, retrieved_at: str = "", vintage: str = "") -> pd.DataFrame:
    """Return the observations of a saved report.

    Titles come above the header, amounts have commas, a commodity begins with its code,
    and a year may be incomplete: "2024 through March" is a span of three months.

    Parameters
    ----------
    raw : bytes
    splits : bool
        Accept rows by state, district or port.

    Raises
    ------
    NotBelieved
        If there is no header, a row is cut, or a column's meaning is not known.
    """
    rows = _lines(raw)
    start = next((n for n, row in enumerate(rows[:_MOST_TITLE_ROWS]) if "Time" in row), None)
    if start is None:
        problem = "no header with Time in the first rows"
        raise NotBelieved(problem, remedy="Save the report of USA Trade Online as CSV, with time as a column")
    header = [cell.removesuffix(_DEFAULT) for cell in rows[start]]
    wanted = _columns(header)
    naics = any("NAICS" in cell for row in rows[:start] for cell in row)  # the title says so
    found = (
        seen
        for number, row in enumerate(rows[start + 1 :], start=start + 2)
        if any(row)
        for seen in _observations(dict(zip(header, _as_wide(row, header, number), strict=True)), wanted, number, splits)
    )
    found = (row | {"product_scheme": "NAICS"} if naics and row["product_scheme"] != "NA" else row for row in found)
    return _table.observations(
        found, raw, dataset="usatrade", source="US Census Bureau, USA Trade Online", retrieved_at=retrieved_at, vintage=vintage
    )  # fmt: skip


def _lines(raw: bytes) -> list[list[str]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="strict")
    if text and not text.endswith("\n"):
        raise NotBelieved("the file ends within a line: it may be cut", remedy="Save the report again")
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except csv.Error as error:
        raise NotBelieved(f"the file is not a whole CSV: {error}", remedy="Save the report again") from None


def _columns(header: list[str]) -> dict[str, dict[str, str]]:
    """Return the meaning of each column of amounts; an unknown column is an error."""
    known = {row["heading"]: row for row in codes.table("usatrade_columns")}
    beside = {*_PRODUCTS, *_PARTNERS, *_PLACES, "Time", ""}
    if strange := [name for name in header if name not in known and name not in beside]:
        there = ", ".join(known)
        remedy = f"Leave it out of the report, or add it to data/codes/usatrade_columns.csv; known are {there}"
        raise NotBelieved(f"a column {strange[0]!r} whose meaning is not known", remedy=remedy)
    if len(set(filter(None, header))) < len(list(filter(None, header))):
        raise NotBelieved("two columns of one name", remedy="Save the report with each once")
    wanted = {name: known[name] for name in header if name in known}
    if not wanted or not {*_PARTNERS} & {*header}:
        raise NotBelieved("no country or no amount in the header", remedy="Add both to the report")
    return wanted


def _as_wide(row: list[str], header: list[str], number: int) -> list[str]:
    if len(row) != len(header):
        raise NotBelieved(f"row {number} has {len(row)} cells, the header {len(header)}", remedy="Save it again")
    return row


def _observations(
    row: dict[str, str],
    wanted: dict[str, dict[str, str]],
    number: int,
    splits: bool,  # noqa: FBT001
) -> Iterator[dict[str, Any]]:
    parts = [f"{name.lower()}={row[name]}" for name in _PLACES if row.get(name, "").casefold() not in _WHOLE]
    remedy = "Choose the totals of states, districts and ports, or pass splits=True"
    _table.refuse_parts(parts, f"row {number}", remedy=remedy, splits=splits)
    partner, unlisted = _partner(next(row[name] for name in _PARTNERS if name in row))
    freq, when = _period(row["Time"], number)
    shared = {
        "freq": freq,
        "time_period": when,
        "ref_area": "USA",
        "counterpart_area": partner,
        "reported_by": "reporter",
    }
    shared |= _product(next((row[name] for name in _PRODUCTS if name in row), ""), when, number)
    for heading, meant in wanted.items():
        text = row[heading].replace(",", "").replace("$", "")
        value = _table.number(text, f"row {number}, {heading}")
        yield shared | {
            "flow": meant["flow"],
            "measure": meant["measure"],
            "valuation": meant["valuation"],
            "price_base": "current" if meant["measure"] == "value" else "NA",
            "trade_system": meant["trade_system"],
            "breakdown": _table.joined(*parts, unlisted, meant["part"], by=";"),
            "obs_value": value,
            "unit_measure": meant["unit"],
            "obs_status": "M" if value is None else "A",
            "obs_comment": "an empty cell" if value is None else "",
            "raw_pointer": f"row={number}&column={heading}",
        }


def _partner(name: str) -> tuple[str, str]:
    if name.casefold() in _WHOLE:
        return "WLD", ""
    try:
        return areas.named(name).code, ""
    except UnknownCode:
        return _table.UNLISTED, f"partner={name}"


def _product(stated: str, when: str, number: int) -> dict[str, str]:
    """Read "870323 Motor cars": the code before the words; its length shows the classification."""
    code = stated.partition(" ")[0]
    if stated.casefold() in _WHOLE:
        return {"product": "TOTAL", "product_scheme": "NA"}
    if not re.fullmatch(r"\d{2,10}", code) or len(code) % 2:
        problem = f"row {number}: {stated!r} does not begin with a code of the Harmonized System"
        raise NotBelieved(problem, remedy="Save the report by HS commodity, with the codes")
    scheme = "HTS" if len(code) > len("870323") else "HS"
    return {"product": code, "product_scheme": scheme, "product_vintage": f"year {Period.parse(when).start.year}"}


def _period(stated: str, number: int) -> tuple[str, str]:
    """Read "2023", "January 2023", "Jan-23" and "2024 through March"."""
    if so_far := re.fullmatch(r"(\d{4}) through (\w+)", stated):
        return "_O", f"{so_far[1]}-01-01/P{_month(so_far[2], number)}M"
    if named := re.fullmatch(r"([A-Za-z]+)[ -](\d{4}|\d{2})", stated):
        year = named[2] if len(named[2]) > 2 else f"{'19' if int(named[2]) > 88 else '20'}{named[2]}"  # noqa: PLR2004 (digits; it begins in 1989)
        return "M", f"{year}-{_month(named[1], number):02d}"
    return _table.period(stated)


def _month(name: str, number: int) -> int:
    if not (found := _table.month(name)):
        raise NotBelieved(f"row {number}: {name!r} is not a month", remedy="Look at the report")
    return found
