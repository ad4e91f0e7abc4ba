"""UN Comtrade v1: annual and monthly trade in goods and services as each side reports it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from toolkit import codes, formats
from toolkit.codes import areas
from toolkit.errors import NotBelieved, RowCap, UnknownCode
from toolkit.sources import _table
from toolkit.web import Key, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["parse", "request", "split"]

_URL = "https://comtradeapi.un.org/{door}/v1/get/{kind}/{freq}/{scheme}"
_CAPS = {500, 100_000, 250_000}  # preview, free key, paid key
_FLOWS = {  # Comtrade's flow -> ours, and the part of the whole flow that it is
    "M": ("M", ""), "X": ("X", ""), "RM": ("RM", ""), "RX": ("RX", ""), "DX": ("DX", ""), "FM": ("M", "flow=FM"),
    "MIP": ("M", "flow=MIP"), "MOP": ("M", "flow=MOP"), "XIP": ("X", "flow=XIP"), "XOP": ("X", "flow=XOP"),
}  # fmt: skip
_IMPORTS = {"M", "RM"}
_SPLITS = {"customscode": "C00", "motcode": "0", "partner2code": "0", "moscode": "0"}  # field -> its total
_FIELDS = (
    "freqcode", "period", "reportercode", "flowcode", "partnercode", "classificationcode", "cmdcode", "primaryvalue",
)  # fmt: skip


def request(
    *,
    reporter: list[str],
    partner: list[str],
    years: list[int],
    product: list[str] | None = None,
    flows: tuple[str, ...] = ("M", "X"),
    preview: bool = False,
) -> Request:
    """Ask for annual goods trade, totals over transport mode, procedure and second partner.

    Parameters
    ----------
    reporter, partner : list of str
        ISO 3166 alpha-3, or typed areas such as ``WLD``.
    years : list of int
    product : list of str, optional
        HS codes as text, or ``TOTAL``.
    preview : bool
        Ask without a key, for at most 500 rows.
    """
    params = {
        "reporterCode": ",".join(_numbers(reporter)),
        "period": ",".join(map(str, years)),
        "partnerCode": ",".join(_numbers(partner)),
        "cmdCode": ",".join(product or ["TOTAL"]),
        "flowCode": ",".join(flows),
        "partner2Code": "0",
        "customsCode": "C00",
        "motCode": "0",
        "maxRecords": "500" if preview else "250000",
        "includeDesc": "true",
    }
    url = _URL.format(door="public" if preview else "data", kind="C", freq="A", scheme="HS")
    if preview:
        return Request(url.replace("/get/", "/preview/"), tuple(params.items()))
    key = Key("comtrade", "header", "Ocp-Apim-Subscription-Key", required=True)
    return Request(url, tuple(params.items()), key=key)


def split(query: dict[str, Any]) -> list[dict[str, Any]]:
    """Return two smaller queries that together ask for the same; years are split first, then products, then partners."""
    for name in ("years", "product", "partner", "reporter", "flows"):
        if len(several := query.get(name) or []) > 1:
            half = len(several) // 2
            return [{**query, name: several[:half]}, {**query, name: several[half:]}]
    raise RowCap("one year, product and partner alone reach the row cap", remedy="Use the bulk files")


@_table.parser
def parse(raw: bytes, *, splits: bool = False, retrieved_at: str = "", vintage: str = "") -> pd.DataFrame:
    """Return the observations of an answer, JSON or CSV.

    Every valuation and every quantity is an observation of its own; a 0 that means
    "not given" is a missing value with its reason.

    Parameters
    ----------
    raw : bytes
    splits : bool
        Accept rows that are split by transport mode, procedure or second partner.

    Raises
    ------
    RowCap
        If the number of rows is one of the service's caps.
    NotBelieved
        If it is cut, an error message, or contradicts itself.
    """
    rows = _rows(raw)
    if len(rows) in _CAPS:
        problem = f"the answer has {len(rows):,} rows, which is the service's cap: it is cut"
        raise RowCap(problem, remedy="Split the query by year, product or partner")
    found = (seen for row in rows for seen in _observations(row, splits=splits))
    about = {"source": "UN Comtrade", "retrieved_at": retrieved_at, "vintage": vintage}
    return _table.observations(found, raw, dataset="comtrade", **about)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with normalised names: cifvalue, cifValue and cif_value are one field."""

    fields: dict[str, Any]
    names: dict[str, str]
    form: str  # of the address of its cells

    def __getitem__(self, name: str) -> Any:
        value = self.fields.get(name)
        if value is None or value in ("", "NA", "nan") or value != value:  # noqa: PLR0124 (R and pandas write NA or NaN for an empty cell)
            return None
        if name.endswith("code") or name in (
            "period",
            "aggrlevel",
        ):  # pandas writes 842.0 in a column with an empty cell
            return re.sub(r"\.0$", "", str(value)) if isinstance(value, float | str) else value
        return value

    def cell(self, name: str) -> str:
        return self.form.format(self.names.get(name, name))


def _rows(raw: bytes) -> list[_Row]:
    if raw.lstrip()[:1] not in (b"{", b"["):
        table = formats.load_csv(_utf8(raw), "the Comtrade table", delimiter=None)
        return _folded(table, "row={}&column={{}}", formats.FIRST_ROW)
    answer = formats.load_json(raw, "the Comtrade answer")
    if isinstance(answer, list):
        return _folded(answer, "/{}/{{}}", 0)
    if not isinstance(answer, dict) or "data" not in answer:
        raise NotBelieved("a Comtrade answer has no 'data'", remedy="Look at the answer; it may be an error message")
    if answer.get("error"):
        raise NotBelieved(f"Comtrade says: {answer['error']}", remedy="Do what it says, then fetch again")
    rows = answer["data"] or []
    if str(answer.get("count", len(rows))) not in (str(len(rows)), "-1"):
        problem = f"Comtrade counts {answer['count']} rows and sends {len(rows)}"
        raise NotBelieved(problem, remedy="Fetch it again")
    return _folded(rows, "/data/{}/{{}}", 0)


def _utf8(raw: bytes) -> bytes:
    """Return UTF-8: the site saves names in Windows-1252; codes and numbers are the same in both."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace").encode()
    return raw


def _folded(rows: list[dict[str, Any]], form: str, first: int) -> list[_Row]:
    names = {name.replace("_", "").lower(): name for row in rows[:1] for name in row}
    folded = [{name.replace("_", "").lower(): value for name, value in row.items()} for row in rows]
    for number, row in enumerate(folded, start=first):
        _table.required(row, _FIELDS, form.format(number).format("*"))
    return [_Row(row, names, form.format(number)) for number, row in enumerate(folded, start=first)]


def _observations(row: _Row, *, splits: bool) -> Iterator[dict[str, Any]]:
    flow, part = _flow(row)
    parts = _parts(row, part, splits=splits)
    shared = {
        **_when(row),
        "ref_area": _area(row, "reporter"),
        "counterpart_area": _area(row, "partner"),
        "flow": flow,
        **_product(row),
        "reported_by": "reporter",
    }
    aggregate = "added up by the UN" if _true(row["isaggregate"]) else ""
    for one in (*_values(row, flow), *_quantities(row)):
        name, label = one.pop("cell"), one.pop("label", "")
        comment = _table.joined(one.pop("why", ""), aggregate)
        breakdown = _table.joined(*parts, label, by=";")
        yield {**shared, **one, "breakdown": breakdown, "obs_comment": comment, "raw_pointer": row.cell(name)}


def _values(row: _Row, flow: str) -> Iterator[dict[str, Any]]:
    """Yield CIF, FOB, and `primaryValue` unless it equals one of them."""
    given = {name: _table.number(row[f"{name.lower()}value"], row.cell(name)) for name in ("CIF", "FOB")}
    primary = _table.number(row["primaryvalue"], row.cell("primaryvalue"))
    money = {"measure": "value", "unit_measure": "USD", "price_base": "current"}
    goods = row["typecode"] != "S"
    for name, value in given.items():
        one = money | {"valuation": name, "cell": f"{name.lower()}value"}
        if value:
            yield one | {"obs_value": value, "why": "its primaryValue" if value == primary else ""}
        elif goods and (flow in _IMPORTS or name == "FOB"):
            yield one | _missing(f"{name.lower()}value is {'0' if value == 0 else 'empty'}: not given")
    if not primary:
        yield money | _missing("primaryValue is 0 or empty: not given") | {"cell": "primaryvalue"}
    elif primary not in given.values():
        why = "primaryValue; equals neither CIF nor FOB" if goods else "primaryValue"
        yield money | {"obs_value": primary, "why": why, "cell": "primaryvalue"}


def _quantities(row: _Row) -> Iterator[dict[str, Any]]:
    for name, label in (("qty", ""), ("altqty", "quantity=alternative")):
        found = _quantity(row, name)
        if found.get("obs_value") is not None or not label:
            yield found | {"measure": "quantity", "label": label, "cell": name}
    for name, measure, label in (("netwgt", "net_weight", ""), ("grosswgt", "quantity", "weight=gross")):
        one = {"measure": measure, "unit_measure": "kg", "label": label, "cell": name}
        value = _table.number(row[name], row.cell(name))
        if value:
            yield one | _estimated(row, name) | {"obs_value": value}
        elif not label:
            yield one | _missing("netWgt is 0 or empty: not given")


def _quantity(row: _Row, name: str) -> dict[str, Any]:
    code = str(row[f"{name}unitcode"])
    unit, factor = _units().get(code, ("NA", 0.0))
    value = _table.number(row[name], row.cell(name))
    if value and code not in _units():  # kept as it is counted
        why = {"why": f"counted in unit {code}, which no list of ours has"}
        return _estimated(row, name) | {"obs_value": value, "unit_measure": f"unit {code}"} | why
    if value and factor:
        return _estimated(row, name) | {"obs_value": value * factor, "unit_measure": unit}
    why_not = f"{name} is 0 or empty: not given" if factor else "no quantity unit for this product"
    return _missing(why_not) | {"unit_measure": unit}


def _missing(why: str) -> dict[str, Any]:
    return {"obs_value": None, "obs_status": "M", "why": why}


def _estimated(row: _Row, name: str) -> dict[str, Any]:
    return {"obs_status": "E", "why": "estimated by the UN"} if _true(row[f"is{name}estimated"]) else {}


def _when(row: _Row) -> dict[str, str]:
    freq, when = _table.period(str(row["period"]))
    if freq != row["freqcode"]:
        problem = f"{row.cell('period')}: {row['period']} is not of frequency {row['freqcode']}"
        raise NotBelieved(problem, remedy="Fetch it again")
    return {"freq": freq, "time_period": when}


def _area(row: _Row, side: str) -> str:
    """Return the area of the number; letters in the same row must not contradict it."""
    found = areas.area(row[f"{side}code"], "comtrade")
    letters = str(row[f"{side}iso"] or "").strip()
    if found.kind == "economy" and len(letters) == len("JPN") and letters.isalpha() and letters != found.code:
        problem = f"{row.cell(side + 'code')}: {row[f'{side}code']} is {found.code}, the row's letters say {letters}"
        raise NotBelieved(problem, remedy="Check data/codes/area_codes.csv against the service's list")
    return found.code


def _product(row: _Row) -> dict[str, str]:
    code, level, edition = str(row["cmdcode"]), str(row["aggrlevel"]), str(row["classificationcode"])
    is_hs = re.fullmatch(r"H[S\d]", edition) is not None
    scheme = "HS" if is_hs else str(row["classificationsearchcode"] or edition)
    if is_hs and code.isdigit() and (len(code) != int(level) if level.isdigit() else len(code) % 2):
        problem = f"{row.cell('cmdcode')}: {code} has {len(code)} digits, its level is {level}: a leading zero is lost"
        raise NotBelieved(problem, remedy="Read codes as text")
    return {"product": code, "product_scheme": scheme, "product_vintage": edition}


def _flow(row: _Row) -> tuple[str, str]:
    if (code := str(row["flowcode"])) not in _FLOWS:
        raise NotBelieved(f"{row.cell('flowcode')}: unknown flow {code!r}", remedy=f"Known are {', '.join(_FLOWS)}")
    return _FLOWS[code]


def _parts(row: _Row, part: str, *, splits: bool) -> list[str]:
    """Return what makes a row a part of a total; refuse parts that nobody asked for."""
    parts = [part] if part else []
    for field, total in _SPLITS.items():
        if (value := row[field]) is not None and str(value) != total:
            parts.append(f"{field.removesuffix('code')}={value}")
    remedy = "Ask with customsCode=C00, motCode=0, partner2Code=0; or pass splits=True"
    _table.refuse_parts(parts, row.cell("*"), remedy=remedy, splits=splits)
    return parts


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


def _numbers(wanted: list[str]) -> list[str]:
    """Return Comtrade's numbers; if it has two for one economy, the current and wider one."""
    preferred = {"USA": "842", "FRA": "251", "IND": "699", "NOR": "579", "CHE": "757"}
    known = {row["area"]: row["code"] for row in codes.table("area_codes") if row["scheme"] == "comtrade"} | preferred
    found = {name: areas.named(name).code for name in wanted}
    if absent := [name for name, code in found.items() if code not in known]:
        raise UnknownCode(f"Comtrade has no area {absent[0]!r}", remedy="Use an economy, WLD or a code of areas.csv")
    return [known[code] for code in found.values()]


@cache
def _units() -> dict[str, tuple[str, float]]:
    return {row["code"]: (row["unit"], float(row["multiplier"])) for row in codes.table("comtrade_quantities")}
