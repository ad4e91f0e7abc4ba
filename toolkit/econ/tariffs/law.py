"""The tariff that applies on a day, average rates, and effective protection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.errors import SchemaError, UnknownCode

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AppliedRate", "Layer", "applied_rate", "effective_protection", "effective_rate", "trade_weighted_rate"]

_TABLE = "us_tariff_layers"
_WORLD, _UNKNOWN = "WLD", "not known"
_LAST_READ = date(2026, 7, 23)  # the sources of the table do not cover later days
# HS headings that lie wholly within one kind of goods; parts, metals and wood must be named by kind
_KINDS = {"8703": "cars", "8704.21": "light trucks", "8704.31": "light trucks"}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a tariff.

    Attributes
    ----------
    name : str
        column 1, section 232, reciprocal or section 122.
    rate_pct : Decimal
        As the law states it.
    form : str
        "column 1"; "additional": added on top; "inclusive": raises the total to this rate, never lowers it.
    authority, htsus, source, note : str
        Order or proclamation, provision of the tariff schedule, key in ``data/sources.csv``, remark.
    """

    name: str
    rate_pct: Decimal
    form: str
    authority: str
    htsus: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class AppliedRate:
    """The rate in percent ad valorem, its layers, and what changes later.

    `later` lists what the table knows to start or end after `as_of`: if it is not empty, a
    scenario of that day does not describe the present.
    """

    rate_pct: Decimal
    goods: str
    origin: str
    as_of: date
    layers: tuple[Layer, ...]
    later: tuple[str, ...]


def applied_rate(
    goods: str,
    *,
    origin: str,
    as_of: date | str,
    column_1_pct: Decimal | float | str | None = None,
    known_on: date | str | None = None,
) -> AppliedRate:
    """Return the US tariff on a day as the sum of the layers in force.

    Goods under section 232 pay neither the reciprocal nor the section 122 layer.

    Parameters
    ----------
    goods : str
        A kind of goods in the table ("cars", "light trucks", "steel and aluminium", ...), or
        an HS code wholly within one kind; "other" for goods of no kind.
    origin : str
        ISO3. The table has the layers for Japan and for all countries.
    column_1_pct : number, optional
        The ordinary rate; required if the table has none.
    known_on : date, optional
        Use only law published by that day, since an order may apply retroactively.

    Examples
    --------
    >>> applied_rate("8703", origin="JPN", as_of="2025-05-01").rate_pct
    Decimal('27.5')
    >>> applied_rate("cars", origin="JPN", as_of="2025-09-16").rate_pct
    Decimal('15')
    >>> applied_rate("light trucks", origin="JPN", as_of="2025-09-16").rate_pct
    Decimal('25')
    """
    kind, day = _kind(goods), _day(as_of)
    known = None if known_on is None else _day(known_on)
    if origin != "JPN":
        raise UnknownCode(
            f"no layers for goods of {origin}",
            remedy=f"Add their rows to data/codes/{_TABLE}.csv, each with its source",
        )
    rows = [row for row in codes.table(_TABLE) if row["goods"] == kind and row["origin"] in {_WORLD, origin}]
    rows = _expect_known(rows, origin, day)
    base = _column_1(kind, column_1_pct, rows)
    above = _in_force([row for row in rows if row["form"] != "column 1"], day, known)
    rate = base.rate_pct
    for layer in above:
        rate = max(rate, layer.rate_pct) if layer.form == "inclusive" else rate + layer.rate_pct
    return AppliedRate(rate, kind, origin, day, (base, *above), _later(rows, day))


def _expect_known(rows: list[dict[str, str]], origin: str, day: date) -> list[dict[str, str]]:
    """Return the rows with a rate; raise UnknownCode if the table has no known rate for the day."""
    for row in rows:
        if row["form"] == _UNKNOWN and date.fromisoformat(row["start"]) <= day <= date.fromisoformat(row["end"]):
            raise UnknownCode(
                f"the rate on {row['goods']} of {origin} on {day} is not known: {row['note']}",
                remedy=f"Choose a day outside {row['start']} to {row['end']}, or add the row to data/codes/{_TABLE}.csv",
            )
    return [row for row in rows if row["form"] != _UNKNOWN]


def _kind(goods: str) -> str:
    kinds = sorted({row["goods"] for row in codes.table(_TABLE)})
    found = next(
        (kind for code, kind in _KINDS.items() if goods.replace(".", "").startswith(code.replace(".", ""))), goods
    )
    if found not in kinds:
        raise UnknownCode(
            f"no kind of goods {goods!r} in the tariff layers",
            remedy=f"Use {', '.join(kinds)}; 'other' only if no section 232 order names the goods",
        )
    return found


def _day(value: date | str) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except ValueError:
        raise SchemaError(f"{value!r} is not a day", remedy="Write it as 2025-09-16") from None


def _column_1(kind: str, given: Decimal | float | str | None, rows: list[dict[str, str]]) -> Layer:
    stated = next((row for row in rows if row["form"] == "column 1"), None)
    if given is not None:
        rate = Decimal(str(given))
        if not 0 <= rate <= 1000:  # noqa: PLR2004 (beyond any ad valorem rate)
            raise SchemaError(f"column 1 of {rate} %", remedy="Pass percent ad valorem, 2.5 for 2.5 %")
        return Layer("column 1", rate, "column 1", "given by the caller", "", "", "")
    if stated is None:
        raise SchemaError(f"the table has no column 1 rate of {kind}", remedy="Pass column_1_pct")
    return _layer(stated)


def _in_force(rows: list[dict[str, str]], day: date, known: date | None) -> list[Layer]:
    """Return the layers in force: the origin's own before those for all countries; only section 232 if it applies."""
    on: dict[str, dict[str, str]] = {}
    for row in rows:
        starts, ends = date.fromisoformat(row["start"]), date.fromisoformat(row["end"] or "9999-12-31")
        replaced = row["replaced_on"] and (known is None or date.fromisoformat(row["replaced_on"]) <= known)
        unknown = known is not None and date.fromisoformat(row["announced"] or row["start"]) > known
        if starts <= day <= ends and not replaced and not unknown:
            present = on.get(row["layer"])
            if present is None or present["origin"] == _WORLD:
                on[row["layer"]] = row
    chosen = [row for row in on.values() if row["layer"] == "section 232"] or list(on.values())
    return [_layer(row) for row in chosen]


def _layer(row: dict[str, str]) -> Layer:
    return Layer(
        row["layer"], Decimal(row["rate_pct"]), row["form"], row["authority"], row["htsus"], row["source"], row["note"]
    )


def _later(rows: list[dict[str, str]], day: date) -> tuple[str, ...]:
    """Return what starts or ends after the day, in words and in order of time."""
    said: dict[str, str] = {}
    for row in rows:
        what = f"{row['layer']}, {row['goods']}: {row['rate_pct']} % {row['form']} ({row['authority']})"
        if row["start"] and date.fromisoformat(row["start"]) > day:
            said[f"{row['start']} from {what}"] = row["start"]
        if row["end"] and not row["replaced_on"] and date.fromisoformat(row["end"]) >= day:
            note = f"; {row['note']}" if row["note"] else ""
            said[f"{row['end']} last day of {what}{note}"] = row["end"]
    if day > _LAST_READ:
        said[f"{_LAST_READ} is the last day covered by the sources of the table"] = str(_LAST_READ)
    return tuple(sorted(said, key=lambda text: (said[text], text)))


def effective_rate(*, duties: float, imports: float) -> float:
    """Return duties collected as a percentage of the customs value of imports.

    >>> effective_rate(duties=3.0, imports=20.0)
    15.0
    """
    if not (duties >= 0 and imports > 0):
        raise SchemaError(
            f"duties of {duties} on imports of {imports}", remedy="Pass both in one unit, imports above 0"
        )
    return 100 * duties / imports


def trade_weighted_rate(value: pd.Series, rate_pct: pd.Series) -> float:
    """Return the average of rates in percent, weighted by imports.

    Products that a tariff keeps out have no weight, so a high tariff can lower the average.

    >>> import pandas as pd
    >>> trade_weighted_rate(pd.Series([3.0, 1.0]), pd.Series([2.5, 25.0]))
    8.125
    """
    if value.isna().any() or rate_pct.isna().any() or not value.index.equals(rate_pct.index):
        raise SchemaError("a value or a rate is missing", remedy="Pass both for each line, under the same label")
    if (value < 0).any() or not (total := float(value.sum())):
        raise SchemaError("imports are negative or zero", remedy="Pass import values above zero")
    return float((value * rate_pct).sum()) / total


def effective_protection(*, output_pct: float, input_pct: float, input_share: float) -> float:
    """Return the protection of value added in percent: ``(t - a * t_inputs) / (1 - a)`` (Corden 1966).

    `input_share` is the share of inputs in the price under free trade.

    >>> effective_protection(output_pct=15, input_pct=5, input_share=0.5)
    25.0
    """
    if not 0 <= input_share < 1:
        raise SchemaError(f"an input share of {input_share}", remedy="Pass a share as a part of 1, below 1")
    return (output_pct - input_share * input_pct) / (1 - input_share)
