"""The normal form of external data: its columns, its key, its checks.

>>> quantity(select(read("us_japan_goods_annual"), time_period="2023", valuation="CIF").iloc[0]).unit
'USD'
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from toolkit import codes
from toolkit.errors import SchemaError, UnknownCode
from toolkit.quantity import Quantity
from toolkit.store import datasets

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["ALLOWED", "COLUMNS", "EXTRA", "KEY", "cell", "check", "precision", "quantity", "read", "select", "stated"]
__dir__ = __all__.copy

KEY = [
    "freq", "time_period", "ref_area", "counterpart_area", "flow", "product", "product_scheme", "product_vintage",
    "measure", "valuation", "price_base", "trade_system", "breakdown", "dataset", "vintage",
]  # fmt: skip
COLUMNS = [
    *KEY, "obs_value", "unit_measure", "obs_status", "obs_comment", "reported_by", "source",
    "retrieved_at", "raw_sha256", "raw_pointer",
]  # fmt: skip
EXTRA = ["series", "basis", "hedge", "value_stated", "unit_stated"]  # further columns of the embedded tables
ALLOWED = {
    "flow": ("M", "X", "RM", "RX", "DX", "NA"),
    "measure": ("value", "net_weight", "quantity", "rate", "share", "level"),
    "valuation": ("CIF", "FOB", "FAS", "CUSTOMS", "NA"),
    "trade_system": ("general", "special", "NA"),
    "obs_status": ("A", "B", "E", "F", "I", "M", "P"),
    "reported_by": ("reporter", "partner", "reconciled", "NA"),
}
_PERIODS = {
    "A": r"\d{4}",
    "S": r"\d{4}-S[12]",
    "Q": r"\d{4}-Q[1-4]",
    "M": r"\d{4}-(?:0[1-9]|1[0-2])",
    "W": r"\d{4}-W(?:0[1-9]|[1-4]\d|5[0-3])",  # ISO 8601: weeks from Monday
    "D": r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])",
    "_O": r"\d{4}-\d\d-\d\d/P\d+[YM]",  # any other span: Japan's fiscal year 2024 is 2024-04-01/P1Y
    "_U": "",
}
_MADE = {
    "dataset", "obs_value", "unit_measure", "retrieved_at", "raw_sha256", "raw_pointer", "value_stated", "unit_stated",
}  # fmt: skip
_STATED = [column for column in (*COLUMNS, *EXTRA) if column not in _MADE]
_FIRST = 2  # the line of the first row: line 1 has the names


def read(*names: str) -> pd.DataFrame:
    """Return embedded tables in the normal form, concatenated.

    Parameters
    ----------
    *names : str
        Tables of ``data/datapackage.json`` that contain series.

    Returns
    -------
    DataFrame, shape (n, 29)
        `COLUMNS`, then `EXTRA`. ``obs_value`` is a float in base units, NaN where
        ``obs_status`` is M; all else is text. ``raw_pointer`` names the file, line and
        column of the stated digits. No row is dropped.

    Raises
    ------
    SchemaError
        If a table contains no series, or `check` refuses it.

    Examples
    --------
    >>> trade = read("us_japan_goods_annual")
    >>> select(trade, time_period="2023", valuation="CIF").obs_value.item()
    151580564290.0
    """
    import pandas as pd

    table = pd.concat([_normal(name) for name in names], ignore_index=True)
    check(table)
    return table


def check(table: pd.DataFrame) -> None:
    """Refuse a frame that is not in the normal form.

    Raises
    ------
    SchemaError
        If a column is missing, a key occurs twice, a code is unknown, a period does not
        fit its frequency, or a missing value has no reason.

    Examples
    --------
    >>> check(read("gdp"))
    """
    if absent := [name for name in COLUMNS if name not in table.columns]:
        raise SchemaError(f"observations lack the column {absent[0]!r}", remedy=f"Provide all of {', '.join(COLUMNS)}")
    value, status, when = table["obs_value"], table["obs_status"], table["time_period"]
    kinds = zip(table["freq"], when, strict=True)
    odd = [re.fullmatch(_PERIODS.get(freq, "$^"), text) is None for freq, text in kinds]
    areas = "|".join(["[A-Z]{3}", *(row["code"] for row in codes.table("areas"))])
    rules = [
        *((name, ~table[name].isin(allowed), f"one of {', '.join(allowed)}") for name, allowed in ALLOWED.items()),
        ("time_period", odd, "a period that fits its freq: 2024, 2024-Q1, 2024-01, 2024-W05, 2024-04-01/P1Y"),
        ("ref_area", ~table["ref_area"].str.fullmatch(areas), "ISO 3166-1 alpha-3 or a code of areas.csv"),
        ("counterpart_area", ~table["counterpart_area"].str.fullmatch(f"|{areas}"), "as ref_area, or nothing"),
        ("obs_status", value.isna() != (status == "M"), "M where the value is missing, and only there"),
        ("obs_comment", value.isna() & (table["obs_comment"] == ""), "the reason why a value is missing"),
    ]
    for name, bad, wanted in rules:
        if len(found := table[bad]):
            row = found.iloc[0]
            raise SchemaError(f"{row['raw_pointer']}: {name} cannot be {row[name]!r}", remedy=f"Use {wanted}")
    twice = table.loc[table.duplicated(KEY, keep=False), [*KEY, "raw_pointer"]].astype(object).fillna("")
    if not twice.empty:
        first, again = (row for _, row in twice[(twice[KEY] == twice.iloc[0][KEY]).all(axis=1)].head(2).iterrows())
        key = ", ".join(filter(None, (first[name] for name in KEY if first[name] != "NA")))
        problem = f"{again['raw_pointer']}: the same key as in {first['raw_pointer']}: {key}"
        raise SchemaError(problem, remedy="Leave one of the two out, or add what distinguishes them: a key occurs once")


def stated(table: pd.DataFrame) -> pd.DataFrame:
    """Return an imported table with the columns `EXTRA`; its stated values are in base units."""
    digits = [format(Decimal(repr(float(value))), "f") if value == value else "" for value in table["obs_value"]]  # noqa: PLR0124 (NaN)
    basis = table["measure"].map({"rate": "rate", "share": "rate", "level": "unknown"}).fillna("flow")
    return table.assign(
        series="", basis=basis, hedge="exact", value_stated=digits, unit_stated=table["unit_measure"],
    )[[*COLUMNS, *EXTRA]]  # fmt: skip


def select(table: pd.DataFrame, **where: str | list[str]) -> pd.DataFrame:
    """Return the rows whose columns have the wanted values.

    Raises
    ------
    SchemaError
        If a column is unknown or no row is left; the error lists the possible values.

    Examples
    --------
    >>> select(read("gdp"), ref_area="JPN", freq="M")
    Traceback (most recent call last):
        ...
    toolkit.errors.SchemaError: no row has freq 'M' among those chosen before
      -> Choose from 'A', 'Q', '_O'
    """
    for name, wanted in where.items():
        if name not in table.columns:
            raise SchemaError(
                f"observations have no column {name!r}", remedy=f"Use {', '.join(map(str, table.columns))}"
            )
        chosen = table[table[name].isin([wanted] if isinstance(wanted, str) else wanted)]
        if chosen.empty:
            there = ", ".join(map(repr, sorted(set(table[name]))))
            raise SchemaError(f"no row has {name} {wanted!r} among those chosen before", remedy=f"Choose from {there}")
        table = chosen
    return table


def cell(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pointer to the cell of an observation, as in the ``source`` of a registry record.

    >>> row = select(read("us_japan_goods_annual"), time_period="2023", valuation="CIF").iloc[0]
    >>> cell(row)["row"]["ref_area"], cell(row)["column"]
    ('USA', 'value')
    """
    return {
        "type": "dataset",
        "dataset": row["dataset"],
        "vintage": row["vintage"],
        "sha256": row["raw_sha256"],
        "row": {name: row[name] for name in KEY if name != "dataset"},
        "column": "value",
        "pointer": row["raw_pointer"],
        "source": row["source"],
    }


def quantity(row: Mapping[str, Any]) -> Quantity:
    """Return the exact quantity of an observation, or of a row of `datasets.rows`, from the stated digits.

    Raises
    ------
    SchemaError
        If the value is missing.

    Examples
    --------
    >>> print(quantity(select(read("us_japan_goods_annual"), time_period="2023", valuation="CIF").iloc[0]))
    US$151.58056429 billion
    """
    digits, unit = _stated(row)
    factor, base = codes.unit(unit)
    meant = next((known for known in codes.table("data_units") if known["stated"] == unit), {"of": "", "counted": ""})
    return Quantity.stated(
        Decimal(digits) * factor,
        base,
        row.get("hedge") or "exact",
        of=meant["of"] or None,
        counted=meant["counted"] or None,
        basis=row.get("basis") or "unknown",
        price_base="current" if row.get("price_base") == "current" else None,
    )


def precision(row: Mapping[str, Any]) -> int:
    """Return the decimal exponent of the last significant digit as stated, in base units.

    Trailing zeros of a whole number are not significant: 390,000 t is exact to ten thousands.

    >>> precision({"value": "68782.9", "unit": "million USD"}), precision({"value": "390000", "unit": "t REO"})
    (5, 4)
    """
    digits, unit = _stated(row)
    number = Decimal(digits)
    exponent = int(number.as_tuple().exponent) or int(number.normalize().as_tuple().exponent)
    return exponent + codes.unit(unit)[0].adjusted()


def _stated(row: Mapping[str, Any]) -> tuple[str, str]:
    names = ("value_stated", "unit_stated") if "value_stated" in row else ("value", "unit")
    if not row[names[0]]:
        why = row.get("obs_comment") or "no reason is given"
        raise SchemaError(
            f"the value for {row.get('time_period', 'this row')} is missing: {why}", remedy="Show the gap"
        )
    return str(row[names[0]]), str(row[names[1]])


def _normal(name: str) -> pd.DataFrame:
    """Return one embedded table in the normal form, unchecked."""
    table = datasets.frame(name)
    file = datasets.resources()[name]
    if absent := [column for column in (*_STATED, "value", "unit") if column not in table.columns]:
        raise SchemaError(f"{file.file} contains no series: it has no {absent[0]}", remedy="Read it with datasets.rows")
    lines = range(_FIRST, len(table) + _FIRST)
    units = [_unit(f"{file.file}:{line}", unit) for line, unit in zip(lines, table["unit"], strict=True)]
    pairs = zip(table["value"], units, strict=True)
    read_on = {key: datasets.source(key)["read"] for key in set(table["source"])}
    return table.rename(columns={"value": "value_stated", "unit": "unit_stated"}).assign(
        dataset=name,
        obs_value=[float(Decimal(digits) * factor) if digits else math.nan for digits, (factor, _) in pairs],
        unit_measure=[base for _, base in units],
        retrieved_at=[read_on[key] for key in table["source"]],
        raw_sha256=datasets.sha256(name),
        raw_pointer=[f"{file.file}#row={line}&column=value" for line in lines],
    )[[*COLUMNS, *EXTRA]]


def _unit(place: str, unit: str) -> tuple[Decimal, str]:
    try:
        return codes.unit(unit)
    except UnknownCode as error:
        raise SchemaError(f"{place}: {error.problem}", remedy=error.remedy) from None
