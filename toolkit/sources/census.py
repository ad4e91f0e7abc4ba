"""US Census Bureau: monthly imports and exports by country and product, on the Bureau's own valuations."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from toolkit import formats
from toolkit.errors import NotBelieved
from toolkit.period import Period
from toolkit.sources import _table
from toolkit.web import Key, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["parse", "request"]

_URL = "https://api.census.gov/data/timeseries/intltrade/{flow}/hs"
_EXPORTS = ("E_COMMODITY", "E_ENDUSE", "ALL_", "QTY_")  # names that only answers on exports have
_ONLY_IMPORTS = ("GEN_", "CON_", "DUT_", "CAL_")
_COUNTS = {"CC_MO", "CC_YR"}  # how many forms were filed, which is not an amount of trade
_PRODUCTS = {  # the column that names the product -> its classification
    "I_COMMODITY": "HS", "E_COMMODITY": "HS", "NAICS": "NAICS", "SITC": "SITC", "I_ENDUSE": "ENDUSE",
    "E_ENDUSE": "ENDUSE", "HITECH": "HITECH", "USDA": "USDA",
}  # fmt: skip
_SPLITS = {"DISTRICT": "-", "PORT": "-", "DF": "-", "RP": "-", "STATE": "-"}  # field -> its total
_UNITS = {"NO": ("1", 1.0), "KG": ("kg", 1.0), "T": ("t", 1.0), "G": ("kg", 0.001), "L": ("l", 1.0), "M2": ("m2", 1.0),
          "M3": ("m3", 1.0), "BBL": ("bbl", 1.0), "DOZ": ("1", 12.0), "PRS": ("pair", 1.0), "DPR": ("pair", 12.0)}  # fmt: skip
_NO_QUANTITY = {"", "-", "X", None}


def request(*, flow: str, months: tuple[str, str], country: str, product: str = "-", level: str = "HS6") -> Request:
    """Ask for a country's months, ``("2024-01", "2024-12")``; `flow` is ``imports`` or ``exports``."""
    letter = {"imports": "I", "exports": "E"}[flow]
    values = "GEN_VAL_MO,GEN_CIF_MO,CON_VAL_MO" if letter == "I" else "ALL_VAL_MO"
    params = {
        "get": f"CTY_CODE,CTY_NAME,{letter}_COMMODITY,{values},SUMMARY_LVL",
        "time": f"from {months[0]} to {months[1]}",
        "CTY_CODE": country,
        f"{letter}_COMMODITY": product,
        "COMM_LVL": "-" if product == "-" else level,
    }
    return Request(_URL.format(flow=flow), tuple(params.items()), key=Key("census", "query", "key", required=True))


@_table.parser
def parse(raw: bytes, *, splits: bool = False, retrieved_at: str = "", vintage: str = "") -> pd.DataFrame:
    """Return the observations of an answer: an array of arrays of text, the names first.

    General imports and imports for consumption, customs value, CIF and FAS are kept
    apart; `splits` accepts rows by district, port, state or rate provision.
    """
    header, rows = _arrays(formats.load_json(raw, "the Census answer"))
    product = next((name for name in header if name in _PRODUCTS), "")
    amounts = [name for name in header if name[-3:] in ("_MO", "_YR") and name not in _COUNTS]
    if strange := [name for name in amounts if name[:-3] not in _table.lookup("census_values", "stem")]:
        raise NotBelieved(f"an amount {strange[0]} of unknown meaning", remedy="Add it to data/codes/census_values.csv")
    wanted = list(dict.fromkeys(amounts))
    if not product or not wanted or "CTY_CODE" not in header:
        problem = "a Census answer without a country, a commodity or a value"
        raise NotBelieved(problem, remedy="Ask for CTY_CODE, I_COMMODITY, GEN_VAL_MO ...")
    cells = ((number, dict(zip(header, row, strict=True))) for number, row in enumerate(rows, start=1))
    found = (_observations(row, product, wanted, (header, number), splits=splits) for number, row in cells)
    dataset = "census-exports" if _is_export(header) else "census-imports"
    about = {"source": "US Census Bureau", "retrieved_at": retrieved_at, "vintage": vintage}
    return _table.observations(chain.from_iterable(found), raw, dataset=dataset, **about)


def _arrays(value: Any) -> tuple[list[str], list[list[str | None]]]:
    """Check the form; a repeated column must have the same cells."""
    if not isinstance(value, list) or not value or not all(isinstance(row, list) for row in value):
        raise NotBelieved("not a Census answer of arrays", remedy="Look at the answer")
    first, *rows = [[None if cell is None else str(cell) for cell in row] for row in value]
    header = [str(name) for name in first]
    if not rows:
        raise NotBelieved("a Census answer with a header alone", remedy="Check country, commodity and months")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise NotBelieved(f"row {number} has {len(row)} cells, the header {len(header)}", remedy="Fetch it again")
        for name in {name for name in header if header.count(name) > 1}:
            if len({cell for column, cell in zip(header, row, strict=True) if column == name}) > 1:
                raise NotBelieved(f"row {number}: two columns {name} that differ", remedy="Ask for it once")
    return header, rows


def _observations(
    row: dict[str, str | None], product: str, wanted: list[str], place: tuple[list[str], int], *, splits: bool
) -> Iterator[dict[str, Any]]:
    number = place[1]
    parts = [f"{field.lower()}={row[field]}" for field, total in _SPLITS.items() if row.get(field) not in (None, total)]
    _table.refuse_parts(parts, f"row {number}", remedy="Ask for totals, or pass splits=True", splits=splits)
    code = row[product] or ""
    if _PRODUCTS[product] == "HS" and code.isdigit() and len(code) % 2:
        problem = f"row {number}: {product} {code} has {len(code)} digits: a leading zero is lost"
        raise NotBelieved(problem, remedy="Read codes as text")
    partner = _table.area(row.get("CTY_CODE") or "", "census", row.get("CTY_NAME") or "")
    parts += [f"partner={row.get('CTY_CODE')}"] if partner == _table.UNLISTED else []
    freq, when = _when(row, number)
    shared = {
        "freq": freq,
        "time_period": when,
        "ref_area": "USA",
        "counterpart_area": partner,
        "product": "TOTAL" if code == "-" else code,
        "product_scheme": "HTS" if _PRODUCTS[product] == "HS" and len(code) > len("870421") else _PRODUCTS[product],
        "product_vintage": f"year {Period.parse(when).start.year}",
        "reported_by": "reporter",
    }
    for name in wanted:
        yield shared | _amount(row, name, parts, place)


def _amount(row: dict[str, str | None], name: str, parts: list[str], place: tuple[list[str], int]) -> dict[str, Any]:
    """Return what one column of amounts states: flow, measure, valuation, and the part of a total."""
    header, number = place
    meant = _table.lookup("census_values", "stem")[name[:-3]]
    export = name.startswith(_EXPORTS) or (_is_export(header) and name[:4] not in _ONLY_IMPORTS)
    unit, factor, why = _unit(row, name, number) if meant["measure"] != "value" else ("USD", 1.0, "")
    value = _table.number(row[name], f"row {number}, {name}")
    missing = value is None or bool(why)
    return {
        "flow": "X" if export else "M",
        "measure": meant["measure"],
        "valuation": meant["valuation"] or ("FAS" if export else "CUSTOMS"),
        "price_base": "current" if meant["measure"] == "value" else "NA",
        "trade_system": meant["trade_system"],
        **(_so_far(row, number) if name.endswith("_YR") else {}),
        "breakdown": _table.joined(*parts, meant["part"], by=";"),
        "obs_value": None if missing or value is None else value * factor,
        "unit_measure": unit,
        "obs_status": "M" if missing else "A",
        "obs_comment": (why or "no value given") if missing else _flag(row, name),
        "raw_pointer": f"/{number}/{header.index(name)}",
    }


def _when(row: dict[str, str | None], number: int) -> tuple[str, str]:
    """Read ``time``, or YEAR and MONTH; where both are there they must agree."""
    apart = f"{row['YEAR']}-{row['MONTH']}" if row.get("YEAR") and row.get("MONTH") else None
    stated = row.get("time") or apart or row.get("YEAR") or ""
    if apart and stated != apart:
        raise NotBelieved(f"row {number}: time {stated}, but YEAR and MONTH say {apart}", remedy="Fetch it again")
    return _table.period(stated)


def _so_far(row: dict[str, str | None], number: int) -> dict[str, str]:
    """Return the period of a year-to-date amount: a span that begins in January."""
    freq, when = _when(row, number)
    if freq != "M":
        return {}
    year, month = when.split("-")
    if month == "12":
        return {"freq": "A", "time_period": year}
    return {"freq": "_O", "time_period": f"{year}-01-01/P{int(month)}M"}


def _unit(row: dict[str, str | None], name: str, number: int) -> tuple[str, float, str]:
    if name[4:7] == "WGT":
        return "kg", 1.0, ""
    column = f"UNIT_QY{name[4] if name.startswith('QTY_') else name[6]}"
    if column not in row:
        remedy = f"Ask for {column} too: it says what is counted"
        raise NotBelieved(f"row {number}: {name} without {column}", remedy=remedy)
    if (stated := row[column]) in _NO_QUANTITY:
        return "NA", 1.0, "the Bureau gives no quantity for this product"
    unit, factor = _UNITS.get(str(stated).strip().upper(), (str(stated), 1.0))
    return unit, factor, ""


def _flag(row: dict[str, str | None], name: str) -> str:
    flag = row.get(f"{name}_FLAG")
    return f"flag {flag}" if flag not in _NO_QUANTITY else ""


def _is_export(header: list[str]) -> bool:
    return any(name.startswith(_EXPORTS) for name in header) and not any(name[:4] in _ONLY_IMPORTS for name in header)
