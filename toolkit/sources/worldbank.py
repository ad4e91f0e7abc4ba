"""World Bank indicators v2: one series per indicator, by country and year."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from toolkit import formats
from toolkit.errors import NotBelieved
from toolkit.sources import _table
from toolkit.web import Request

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check", "further", "parse", "request"]

_URL = "https://api.worldbank.org/v2/country/{countries}/indicator/{indicator}"
_FIELDS = ("indicator", "country", "date", "value")
_FLOWS = {  # how an indicator's code begins -> flow and valuation, by the Bank's own definitions
    "TX.VAL.MRCH": ("X", "FOB"), "TM.VAL.MRCH": ("M", "CIF"), "NE.EXP": ("X", "NA"), "NE.IMP": ("M", "NA"),
    "BX.GSR": ("X", "NA"), "BM.GSR": ("M", "NA"), "TX.": ("X", "NA"), "TM.": ("M", "NA"),
}  # fmt: skip
_STATUS = {"": "A", "E": "E", "F": "F", "P": "P"}

_SCALES = {"thousands": 1e3, "millions": 1e6, "billions": 1e9}


def request(*, indicator: str, countries: list[str], years: list[int], page: int = 1) -> Request:
    """Ask for one indicator; `countries` are ISO 3166 alpha-3, or ``all``."""
    params = {"format": "json", "date": f"{min(years)}:{max(years)}", "per_page": "1000", "page": str(page)}
    return Request(_URL.format(countries=";".join(countries), indicator=indicator), tuple(params.items()))


def further(raw: bytes, query: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the queries for the pages after the first."""
    head = _answer(formats.load_json(raw))[0]
    first = int(query.get("page", 1))
    return [{**query, "page": page} for page in range(2, int(head["pages"]) + 1)] if first == 1 else []


def check(raw: bytes) -> None:
    """Refuse a page that is an error message or has no rows; `parse` checks all pages together."""
    _answer(formats.load_json(raw, "the World Bank's answer"))


@_table.parser
def parse(*pages: bytes, retrieved_at: str = "", vintage: str = "") -> pd.DataFrame:
    """Return the observations of all pages of one answer, or of a recording of several answers.

    Raises
    ------
    NotBelieved
        If a page is missing or repeated, the count differs from the total that the
        service states, the pages are from different updates, or it is an error message.
    """
    import pandas as pd

    values = [formats.load_json(raw, "the World Bank's answer") for raw in pages]
    if len(values) == 1 and isinstance(values[0], dict) and "requests" in values[0]:
        answers = [(f"/requests/{n}/response/1", [one["response"]]) for n, one in enumerate(values[0]["requests"])]
    else:
        answers = [("/1", values)]
    tables = []
    for where, several in answers:
        updated = _complete([_answer(value) for value in several])
        for raw, value in zip(pages, several, strict=True):
            found = (_observation(row, f"{where}/{n}") for n, row in enumerate(_answer(value)[1]))
            shared = {"retrieved_at": retrieved_at, "vintage": vintage or updated}
            tables.append(_table.observations(found, raw, dataset="worldbank-wdi", source="World Bank", **shared))
    return pd.concat(tables, ignore_index=True)


def _answer(value: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return head and rows of an answer; refuse an error message, [{"message": ...}]."""
    if isinstance(value, list) and value and "message" in value[0]:
        said = "; ".join(str(one.get("value", one)) for one in value[0]["message"])
        raise NotBelieved(f"the World Bank says: {said}", remedy="Check the indicator's and the countries' codes")
    if isinstance(value, list) and len(value) == 2 and "pages" in value[0] and not value[1]:  # noqa: PLR2004
        raise NotBelieved("an answer of the World Bank has no rows", remedy="Check indicator, countries and years")
    if not isinstance(value, list) or len(value) != 2 or "pages" not in value[0]:  # noqa: PLR2004
        raise NotBelieved("not a World Bank answer of head and rows", remedy="Look at the answer")
    return value[0], value[1]


def _complete(answers: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> str:
    """Refuse missing, repeated and mixed pages; return the date of the update."""
    heads = [head for head, _ in answers]
    numbers, wanted = sorted(int(head["page"]) for head in heads), int(heads[0]["pages"])
    if numbers != list(range(1, wanted + 1)):
        problem = f"pages {numbers} of {wanted}"
        raise NotBelieved(f"{problem}: one is missing or repeated", remedy="Fetch all pages again")
    if len(marks := {(head["total"], head.get("lastupdated")) for head in heads}) > 1:
        raise NotBelieved(f"the pages are from different updates: {sorted(marks)}", remedy="Fetch all pages again")
    rows = [(row["indicator"]["id"], row["country"]["id"], row["date"]) for _, found in answers for row in found]
    if len(rows) != int(heads[0]["total"]) or len(set(rows)) < len(rows):
        problem = f"{len(rows)} rows, {len(set(rows))} of them different, where the service states {heads[0]['total']}"
        raise NotBelieved(problem, remedy="Fetch all pages again")
    return str(heads[0].get("lastupdated") or "")


def _observation(row: dict[str, Any], where: str) -> dict[str, Any]:
    _table.required(row, _FIELDS, where)
    indicator, name = row["indicator"]["id"], row["indicator"]["value"]
    flow, valuation = next((found for start, found in _FLOWS.items() if indicator.startswith(start)), ("NA", "NA"))
    unit = _unit(name)
    if str(row.get("scale") or "0") != "0":
        raise NotBelieved(f"{where}: a scale {row['scale']!r} of unknown meaning", remedy="Prove it by a total first")
    value = _table.number(row["value"], where)
    freq, when = _table.period(row["date"])
    status = _STATUS.get(row.get("obs_status") or "", "A") if value is not None else "M"
    letters = row.get("countryiso3code") or row["country"]["id"]
    ref = _table.area(letters, "worldbank", row["country"].get("value", ""))
    return {
        "freq": freq,
        "time_period": when,
        "ref_area": ref,
        "breakdown": f"area={letters}" if ref == _table.UNLISTED else "",
        "flow": flow,
        "product": indicator,
        "product_scheme": "WDI",
        "measure": unit["measure"],
        "valuation": valuation,
        "price_base": unit["price_base"],
        "obs_value": None if value is None else value * float(unit["multiplier"]),
        "unit_measure": unit["unit"],
        "obs_status": status,
        "obs_comment": f"{name}: no value given" if value is None else name,
        "raw_pointer": f"{where}/value",
    }


def _unit(name: str) -> dict[str, str]:
    """Return the unit in an indicator's name; an unknown unit is kept in the Bank's words."""
    known = _table.lookup("wdi_units", "stated")
    for stated in (*re.findall(r"\(([^()]*(?:\([^()]*\))?)\)", name), name.rpartition(", ")[2]):
        word = stated.strip()
        if word in known:
            return known[word]
        if word.startswith("% "):
            return known["% of"]
    parts = name.casefold().split(", ")  # "Exports, current US$, millions, seas. adj."
    if plain := next((unit for stated, unit in known.items() if stated.casefold() in parts), None):
        scale = next((factor for word, factor in _SCALES.items() if word in parts), 1)
        return plain | {"multiplier": str(scale * float(plain["multiplier"]))}
    stated = name[name.index("(") + 1 : name.rindex(")")] if "(" in name and ")" in name else "not stated"
    return {"unit": stated, "multiplier": "1", "price_base": "NA", "measure": "level"}
