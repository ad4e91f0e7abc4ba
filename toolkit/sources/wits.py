"""WITS and TRAINS in SDMX-JSON: tariffs by product, and trade by product group."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from toolkit import areas, codes
from toolkit.errors import NotBelieved
from toolkit.sources import _sdmx_json, _table
from toolkit.web import Request

if TYPE_CHECKING:
    import pandas as pd

_URL = "https://wits.worldbank.org/API/V1/SDMX/V21/rest/data"
_CUT = "WITS cuts rates to whole numbers: the rate in law may be higher by less than one point"
_FIELDS = ("REPORTER", "PARTNER", "PRODUCTCODE", "TIME_PERIOD")


def request(*, reporter: str, partner: str, year: int, product: str = "ALL", tariffs: bool = True) -> Request:
    """Ask for tariffs (Comtrade's area numbers, HS 6) or for trade by product group (ISO letters)."""
    if tariffs:
        url = f"{_URL}/DF_WITS_Tariff_TRAINS/.{reporter}.{partner}.{product}.reported/"
    else:
        url = f"{_URL}/DF_WITS_TradeStats_Trade/A.{reporter}.{partner}.{product}.MPRT-TRD-VL;XPRT-TRD-VL/"
    return Request(
        url, (("startperiod", str(year)), ("endperiod", str(year)), ("detail", "DataOnly"), ("format", "JSON"))
    )


@_table.parser
def parse(raw: bytes, *, retrieved_at: str = "", vintage: str = "") -> pd.DataFrame:
    """Give the observations of an answer.

    The positions in the series' keys are checked against the lengths of the value lists
    before they are believed; where the answer's own order is wrong and only one other
    fits, that one is taken and said so.

    Raises
    ------
    NotBelieved
        If no order, or more than one that would read differently, fits the keys.
    """
    message = _sdmx_json.read(raw)
    name = str(message.header.get("id", ""))
    tariff = "tariff" in name.lower()
    found = (_observation(row, message.note, tariff=tariff) for row in message.rows)
    stamp = vintage or str(message.header.get("prepared", ""))[:10]
    dataset = "wits-tariff" if tariff else "wits-trade"
    return _table.observations(
        found, raw, dataset=dataset, source="World Bank WITS", retrieved_at=retrieved_at, vintage=stamp
    )


def _observation(row: dict[str, Any], note: str, *, tariff: bool) -> dict[str, Any]:
    _table.required(row, _FIELDS, row["pointer"])
    freq, when = _table.period(row["TIME_PERIOD"])
    known = _tariff(row) if tariff else _indicator(row.get("INDICATOR", ""))
    value = _table.number(row["OBS_VALUE"], row["pointer"])
    cut = _CUT if tariff and value is not None and value == int(value) else ""
    comment = "; ".join(filter(None, (note, cut, row.get("TARIFFTYPE", ""))))
    product = row["PRODUCTCODE"]
    return {
        "freq": freq,
        "time_period": when,
        "ref_area": _area(row["REPORTER"]),
        "counterpart_area": _area(row["PARTNER"]),
        "flow": known["flow"],
        "product": "TOTAL" if product == "Total" else product,
        "product_scheme": "HS" if product.isdigit() or product == "Total" else "WITS",
        "product_vintage": row.get("NOMENCODE", ""),
        "measure": known["measure"],
        "price_base": "current" if known["measure"] == "value" else "NA",
        "breakdown": row["DATATYPE"] if tariff and row.get("DATATYPE", "Reported") != "Reported" else "",
        "obs_value": None if value is None else value * float(known["multiplier"]),
        "unit_measure": known["unit"],
        "obs_status": "M" if value is None else "A",
        "obs_comment": comment or ("no value given" if value is None else ""),
        "raw_pointer": row["pointer"],
    }


def _area(code: str) -> str:
    return areas.area(code.lstrip("0") or "0", "comtrade").code if code.isdigit() else areas.area(code, "sdmx").code


def _tariff(row: dict[str, Any]) -> dict[str, str]:
    if row.get("OBS_VALUE_MEASURE", "SimpleAverage") != "SimpleAverage":
        raise NotBelieved(f"unknown kind of rate {row['OBS_VALUE_MEASURE']!r}", remedy="Add it to the parser")
    return {"flow": "M", "measure": "rate", "unit": "%", "multiplier": "1"}


def _indicator(code: str) -> dict[str, str]:
    if code not in _indicators():
        raise NotBelieved(f"unknown indicator {code!r}", remedy="Add a row to data/codes/wits_indicators.csv")
    return _indicators()[code]


@cache
def _indicators() -> dict[str, dict[str, str]]:
    return {row["indicator"]: row for row in codes.table("wits_indicators")}
