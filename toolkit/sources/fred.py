"""FRED and ALFRED: one series a file, one column a vintage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from toolkit import codes, content
from toolkit.errors import NotBelieved, SchemaError
from toolkit.sources import _table
from toolkit.web import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

_URLS = {
    True: "https://alfred.stlouisfed.org/graph/alfredgraph.csv",
    False: "https://fred.stlouisfed.org/graph/fredgraph.csv",
}
_DATES = ("observation_date", "DATE")
_MISSING = {".", "", "NA"}
_MONTHS = {"Q": 3, "S": 6, "A": 12}


def request(*, series: str, vintages: list[str] | None = None) -> Request:
    """Ask for a series; `vintages` are dates, ``"2026-05-28"``: each gives the series as it stood then."""
    params = [("id", ",".join([series] * len(vintages)) if vintages else series)]
    if vintages:
        params.append(("vintage_date", ",".join(vintages)))
    return Request(_URLS[bool(vintages)], tuple(params), kind="csv")


@_table.parser
def parse(
    raw: bytes, *, known: dict[str, str] | None = None, retrieved_at: str = "", vintage: str = ""
) -> pd.DataFrame:
    """Give the observations of every series and vintage of a file.

    Parameters
    ----------
    raw : bytes
    known : dict, optional
        ``freq``, ``area``, ``unit``, ``multiplier``, ``measure``: what the file does not
        say, for series that ``data/codes/fred_series.csv`` does not hold.

    Raises
    ------
    SchemaError
        If nobody says in what unit a series counts.
    """
    import pandas as pd

    if raw.lstrip()[:1] == b"{":
        problem = "FRED's JSON does not say which series it holds, or it is an error message"
        raise NotBelieved(problem, remedy="Fetch the CSV: toolkit data fetch fred --series ID")
    rows = content.load_csv(raw, "the FRED file")
    dates, *columns = rows[0]
    if dates not in _DATES or not columns:
        raise NotBelieved(f"a FRED file begins with {_DATES[0]}, not {dates!r}", remedy="Look at the answer")
    tables = []
    for column in columns:
        name, stamp = _vintage(column, vintage)
        about = known or _about(name)
        found = _series(rows, (dates, column), name, about)
        shared = {"retrieved_at": retrieved_at, "vintage": stamp}
        tables.append(_table.observations(found, raw, dataset=f"fred-{name.lower()}", source="FRED", **shared))
    return pd.concat(tables, ignore_index=True)


def _vintage(column: str, given: str) -> tuple[str, str]:
    """Split GDP_20260528 into the series and the day it stood so."""
    found = re.fullmatch(r"(\w+?)_(\d{4})(\d\d)(\d\d)", column)
    return (found[1], "-".join(found.groups()[1:])) if found else (column, given)


def _about(series: str) -> dict[str, str]:
    for row in codes.table("fred_series"):
        if row["series"] == series:
            return row
    remedy = "Add a row to data/codes/fred_series.csv, or pass known=dict(freq=, area=, unit=, multiplier=, measure=)"
    raise SchemaError(f"the file does not say in what unit {series} counts", remedy=remedy)


def _series(
    rows: list[dict[str, str]], columns: tuple[str, str], name: str, about: dict[str, str]
) -> Iterator[dict[str, Any]]:
    dates, column = columns
    for number, row in enumerate(rows, start=_table.FIRST_ROW):
        where = f"row={number}&column={column}"
        missing = row[column] in _MISSING
        value = None if missing else _table.number(row[column], where)
        yield {
            "freq": about["freq"],
            "time_period": _period(row[dates], about["freq"], where),
            "ref_area": about["area"],
            "counterpart_area": about.get("counterpart", ""),
            "flow": about.get("flow", "NA"),
            "product": name,
            "product_scheme": "FRED",
            "measure": about["measure"],
            "valuation": about.get("valuation", "NA"),
            "price_base": about.get("price_base", "NA"),
            "obs_value": None if value is None else value * float(about["multiplier"]),
            "unit_measure": about["unit"],
            "obs_status": "M" if missing else "A",
            "obs_comment": "no value in this vintage" if missing else about.get("note", ""),
            "raw_pointer": where,
        }


def _period(day: str, freq: str, where: str) -> str:
    """Turn the first day of a period into the period; another day is an error."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", day)
    if freq == "D" and found:
        return day
    months = _MONTHS.get(freq, 1)
    if not found or found[3] != "01" or (int(found[2]) - 1) % months:
        raise NotBelieved(f"{where}: {day!r} begins no period of frequency {freq}", remedy="Check the frequency")
    number = (int(found[2]) - 1) // months + 1
    return {"A": found[1], "M": f"{found[1]}-{found[2]}"}.get(freq, f"{found[1]}-{freq}{number}")
