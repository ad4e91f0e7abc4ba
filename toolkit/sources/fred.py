"""FRED and ALFRED: one file per series, one column per vintage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from toolkit import codes, formats
from toolkit.errors import NotBelieved, SchemaError
from toolkit.period import Grain, Period
from toolkit.sources import _table
from toolkit.web import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["parse", "request"]

_URLS = {
    True: "https://alfred.stlouisfed.org/graph/alfredgraph.csv",
    False: "https://fred.stlouisfed.org/graph/fredgraph.csv",
}
_DATES = ("observation_date", "DATE")
_MISSING = {".", "", "NA"}
_GRAINS = {"A", "D", "M", "Q", "S"}


def request(*, series: str, vintages: list[str] | None = None) -> Request:
    """Ask for a series; `vintages` are dates, ``"2026-05-28"``: each returns the series as it stood then."""
    params = [("id", ",".join([series] * len(vintages)) if vintages else series)]
    if vintages:
        params.append(("vintage_date", ",".join(vintages)))
    return Request(_URLS[bool(vintages)], tuple(params), kind="csv")


@_table.parser
def parse(
    raw: bytes, *, known: dict[str, str] | None = None, retrieved_at: str = "", vintage: str = ""
) -> pd.DataFrame:
    """Return the observations of every series and vintage of a file.

    Parameters
    ----------
    raw : bytes
    known : dict, optional
        ``freq``, ``area``, ``unit``, ``multiplier``, ``measure``: what the file does not
        say, for series that are not in ``data/codes/fred_series.csv``.

    Raises
    ------
    SchemaError
        If the unit of a series is unknown.
    """
    import pandas as pd

    if raw.lstrip()[:1] == b"{":
        problem = "FRED's JSON does not name its series, or it is an error message"
        raise NotBelieved(problem, remedy="Fetch the CSV: toolkit data fetch fred --series ID")
    rows = formats.load_csv(raw, "the FRED file")
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
    """Split GDP_20260528 into the series and the day of the vintage."""
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
    for number, row in enumerate(rows, start=formats.FIRST_ROW):
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
    """Return the period that begins on a day; a day that begins none is an error."""
    try:
        named = Period.of(Period.parse(day).start, Grain(freq)) if freq in _GRAINS else None
    except SchemaError:
        named = None
    if named is None or str(named.start) != day:
        raise NotBelieved(f"{where}: {day!r} does not begin a period of frequency {freq}", remedy="Check the frequency")
    return str(named)
