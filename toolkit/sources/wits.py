"""WITS and TRAINS in SDMX-JSON or XML: tariffs by product, and trade by product group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.codes import areas
from toolkit.errors import NotBelieved
from toolkit.sources import _sdmx_json, _table, sdmx
from toolkit.web import Request

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["parse", "request"]

_URL = "https://wits.worldbank.org/API/V1/SDMX/V21/rest/data"
_CUT = "WITS cuts rates to whole numbers: the rate in law may be higher by less than one point"
_FIELDS = ("REPORTER", "PARTNER", "PRODUCTCODE", "TIME_PERIOD")


def request(*, reporter: str, partner: str, year: int, product: str = "ALL", tariffs: bool = True) -> Request:
    """Ask for tariffs (Comtrade's area numbers, HS 6) or for trade by product group (ISO letters)."""
    if tariffs:
        url = f"{_URL}/DF_WITS_Tariff_TRAINS/.{reporter}.{partner}.{product}.reported/"
    else:
        url = f"{_URL}/DF_WITS_TradeStats_Trade/A.{reporter}.{partner}.{product}.MPRT-TRD-VL;XPRT-TRD-VL/"
    params = {"startperiod": str(year), "endperiod": str(year), "detail": "DataOnly", "format": "JSON"}
    return Request(url, tuple(params.items()))


@_table.parser
def parse(raw: bytes, *, retrieved_at: str = "", vintage: str = "") -> pd.DataFrame:
    """Return the observations of an answer.

    The positions in the series' keys are checked against the lengths of the value lists;
    if the declared order is wrong and only one other fits, that one is used, with a comment.

    Raises
    ------
    NotBelieved
        If no order, or more than one that would read differently, fits the keys.
    """
    name, rows, note, prepared = _read(raw)
    tariff = "tariff" in name.lower()
    found = (_observation(row, note, tariff=tariff) for row in rows)
    about = {"source": "World Bank WITS", "retrieved_at": retrieved_at, "vintage": vintage or prepared[:10]}
    return _table.observations(found, raw, dataset="wits-tariff" if tariff else "wits-trade", **about)


def _read(raw: bytes) -> tuple[str, list[dict[str, Any]], str, str]:
    """Return data flow, rows, remark and date of a message; WITS may send XML without being asked."""
    if raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        origin, rows = sdmx.read(raw)
        return origin.flow, rows, "", origin.prepared
    message = _sdmx_json.read(raw)
    return str(message.header.get("id", "")), message.rows, message.note, str(message.header.get("prepared", ""))


def _observation(row: dict[str, Any], note: str, *, tariff: bool) -> dict[str, Any]:
    _table.required(row, _FIELDS, row["pointer"])
    freq, when = _table.period(row["TIME_PERIOD"])
    indicator = row.get("INDICATOR", "")
    known = _indicator(indicator) if indicator else _tariff(row)
    (ref, ref_code), (other, other_code) = _area(row["REPORTER"]), _area(row["PARTNER"])
    unlisted = (ref_code and f"area={ref_code}", other_code and f"partner={other_code}")
    value = _table.number(row["OBS_VALUE"], row["pointer"])
    cut = _CUT if tariff and not indicator and value is not None and value == int(value) else ""
    comment = _table.joined(note, cut, row.get("TARIFFTYPE", ""))
    product = row["PRODUCTCODE"]
    return {
        "freq": freq,
        "time_period": when,
        "ref_area": ref,
        "counterpart_area": other,
        "flow": known["flow"],
        "product": "TOTAL" if product == "Total" else product,
        "product_scheme": "HS" if product.isdigit() or product == "Total" else "WITS",
        "product_vintage": row.get("NOMENCODE", ""),
        "measure": known["measure"],
        "price_base": "current" if known["measure"] == "value" else "NA",
        "breakdown": _table.joined(_kind(row, known["measure"]), *unlisted, by=";"),
        "obs_value": None if value is None else value * float(known["multiplier"]),
        "unit_measure": known["unit"],
        "obs_status": "M" if value is None else "A",
        "obs_comment": comment or ("no value given" if value is None else ""),
        "raw_pointer": row["pointer"],
    }


def _kind(row: dict[str, Any], measure: str) -> str:
    """Return what distinguishes rates or shares of one unit: estimated duties, simple and weighted averages."""
    if "INDICATOR" in row:
        return "" if measure == "value" else str(row["INDICATOR"])
    return row["DATATYPE"] if row.get("DATATYPE", "Reported").lower() != "reported" else ""


def _area(code: str) -> tuple[str, str]:
    """Return the area of a number or of letters, some of them peculiar to WITS, and the code if no list has it."""
    if code.isdigit() and _table.area(code, "wits") == _table.UNLISTED:
        return areas.area(code.lstrip("0") or "0", "comtrade").code, ""
    for scheme in ("wits", "sdmx", "worldbank"):
        if (found := _table.area(code, scheme)) != _table.UNLISTED:
            return found, ""
    return _table.UNLISTED, code


def _tariff(row: dict[str, Any]) -> dict[str, str]:
    if row.get("OBS_VALUE_MEASURE", "SimpleAverage") != "SimpleAverage":
        raise NotBelieved(f"unknown kind of rate {row['OBS_VALUE_MEASURE']!r}", remedy="Add it to the parser")
    return {"flow": "M", "measure": "rate", "unit": "%", "multiplier": "1"}


def _indicator(code: str) -> dict[str, str]:
    known = _table.lookup("wits_indicators", "indicator")
    if code not in known:
        raise NotBelieved(f"unknown indicator {code!r}", remedy="Add a row to data/codes/wits_indicators.csv")
    return known[code]
