"""Any SDMX 2.1 or 3.0 service (IMF, OECD, Eurostat, ECB, BIS): XML, JSON or CSV."""

from __future__ import annotations

import io
import logging
import re
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pycountry

from toolkit import formats
from toolkit.errors import NotBelieved
from toolkit.period import Grain, Period
from toolkit.sources import _sdmx_json, _table
from toolkit.web import Request

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Origin", "parse", "read", "request", "table"]

_URLS = {
    "BIS": "https://stats.bis.org/api/v1/data/{flow}/{key}",
    "ECB": "https://data-api.ecb.europa.eu/service/data/{flow}/{key}",
    "ESTAT": "https://ec.europa.eu/eurostat/api/dissemination/sdmx/2.1/data/{flow}/{key}",
    "IMF": "https://api.imf.org/external/sdmx/2.1/data/{flow}/{key}",
    "OECD": "https://sdmx.oecd.org/public/rest/data/{flow}/{key}",
}
_XML = "application/vnd.sdmx.structurespecificdata+xml;version=2.1"
_URN = re.compile(r"=([^:]+):([^(]+)\(([^)]*)\)")
_STATUS = {"A": "A", "B": "B", "D": "A", "E": "E", "F": "F", "I": "I", "N": "A", "P": "P", "R": "A", "S": "A", "U": "A"}
_EMPTY = {"", "NaN", "nan", ":"}
# Columns that describe the file, or repeat other columns.
_LABELS = {"ACTION", "LAST UPDATE", "STRUCTURE_NAME", "KEY", "SERIES_CODE"}
_SHARE = re.compile(r"(?:CLV_)?PCH?(?:_.+)?|PT_.+")  # Eurostat's and the OECD's many percentages: PCH_SM, PT_B1GQ
_UNIT_IN_NAME = re.compile(r".+_(USD|EUR|XDC)")  # the IMF's MG_CIF_USD


@dataclass(frozen=True, slots=True)
class Origin:
    """The agency that sends a message, and the data flow in it."""

    agency: str
    flow: str
    version: str
    prepared: str
    note: str = ""


def request(*, agency: str, flow: str, key: str, start: str, end: str) -> Request:
    """Ask one of the agencies in `_URLS` for a series key, ``"M.USD.EUR.SP00.A"``."""
    params = (("startPeriod", start), ("endPeriod", end))
    return Request(_URLS[agency].format(flow=flow, key=key), params, kind="xml", headers=(("Accept", _XML),))


@_table.parser
def parse(raw: bytes, *, agency: str = "", flow: str = "", retrieved_at: str = "", vintage: str = "") -> pd.DataFrame:
    """Return the observations of a message.

    Parameters
    ----------
    raw : bytes
    agency, flow : str
        If the message itself does not name them.

    Raises
    ------
    NotBelieved
        If the message is cut or an error, or scales its values by an attribute of
        unknown meaning at this agency.
    """
    origin, rows = read(raw)
    origin = replace(origin, agency=agency or origin.agency, flow=flow or origin.flow)
    return table(rows, raw, origin=origin, retrieved_at=retrieved_at, vintage=vintage)


def table(
    rows: list[dict[str, Any]], raw: bytes, *, origin: Origin, retrieved_at: str = "", vintage: str = ""
) -> pd.DataFrame:
    """Return the observations in rows whose columns are SDMX concepts."""
    found = [_observation(row, origin) for row in rows]
    name = f"{origin.agency.partition('.')[0]}-{origin.flow}".lower()
    stamp = vintage or origin.prepared[:10]
    return _table.observations(found, raw, dataset=name, source=origin.agency, retrieved_at=retrieved_at, vintage=stamp)


def read(raw: bytes) -> tuple[Origin, list[dict[str, Any]]]:
    """Return the origin of a message, and its rows by the message's own concepts."""
    start = raw.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    return _from_xml(raw) if start == b"<" else _from_json(raw) if start == b"{" else _from_csv(raw)


def _from_xml(raw: bytes) -> tuple[Origin, list[dict[str, Any]]]:
    origin = _head(raw)
    import sdmx
    import sdmx.reader.xml.v30  # sdmx1 cannot load it after reading a message of SDMX 2.1

    logging.getLogger("sdmx").setLevel(logging.ERROR)  # it warns that it has no structure; _head reads what it loses
    try:
        with redirect_stdout(io.StringIO()):  # it prints what it cannot read
            message = sdmx.read_sdmx(io.BytesIO(raw))
    except Exception as error:  # noqa: BLE001 (sdmx1 raises what its parsers raise)
        raise NotBelieved(f"not an SDMX-ML message: {error}", remedy="Look at the answer") from None
    rows, shared = [], _shared(raw)
    for number, data in enumerate(getattr(message, "data", []), start=1):
        place = f"/DataSet[{number}]"
        groups = enumerate(data.series.values(), start=1) if data.series else [(0, data.obs)]
        for index, several in groups:
            inner = f"{place}/Series[{index}]" if index else place
            whole = {name: str(value.value) for name, value in (getattr(data, "attrib", None) or {}).items()}
            whole |= shared[number - 1]
            rows += [whole | _row(seen, f"{inner}/Obs[{n}]") for n, seen in enumerate(several, start=1)]
    return origin, rows


def _row(seen: Any, pointer: str) -> dict[str, Any]:
    pairs = (*seen.key.values.items(), *seen.attrib.items())  # noqa: PD011 (no pandas)
    named = {name: str(value.value) for name, value in pairs}
    return named | {"OBS_VALUE": seen.value, "pointer": pointer}


def _head(raw: bytes) -> Origin:
    """Return the origin, which sdmx1 drops without the service's structure."""
    wanted = {"Sender", "Prepared", "Ref", "URN", "Structure"}
    found = formats.read_xml(raw, wanted, "the SDMX answer")
    first = {word: (attributes, text) for word, attributes, text in reversed(found)}
    names = [text for word, _, text in found if word == "URN"]
    names += [
        attributes["namespace"] for word, attributes, _ in found if word == "Structure" and "namespace" in attributes
    ]
    who = next((match.groups() for name in names if (match := _URN.search(name))), None)
    ref = first.get("Ref", ({}, ""))[0]
    sender = first.get("Sender", ({}, ""))[0].get("id", "")
    agency, flow, version = who or (ref.get("agencyID", sender), ref.get("id", ""), ref.get("version", ""))
    return Origin(agency, flow, version, first.get("Prepared", ({}, ""))[1])


def _shared(raw: bytes) -> list[dict[str, str]]:
    """Return the attributes of each data set, such as UNIT_MULT, which sdmx1 drops without a structure."""
    found = formats.read_xml(raw, {"DataSet"}, "the SDMX answer")
    return [{name: value for name, value in one.items() if _role(name) in _SHARED} for _, one, _ in found]


def _from_json(raw: bytes) -> tuple[Origin, list[dict[str, Any]]]:
    message = _sdmx_json.read(raw)
    sender = message.header.get("sender") or {}
    agency = sender.get("id", "") if isinstance(sender, dict) else ""
    named = (agency, message.header.get("id", ""), "")
    agency, flow, version = message.flow or named
    return Origin(agency, flow, version, message.header.get("prepared", ""), message.note), message.rows


def _from_csv(raw: bytes) -> tuple[Origin, list[dict[str, Any]]]:
    """Read SDMX-CSV 1.0 (DATAFLOW first), 2.0 (STRUCTURE, STRUCTURE_ID, ACTION first) and the IMF's (DATASET).

    Columns after the value are attributes; unknown ones are ignored.
    """
    rows = formats.load_csv(raw, "the SDMX-CSV answer", delimiter=None)
    commas = b"," not in raw.partition(b"\n")[0]  # no comma separates cells: it may be a decimal sign
    rows = [dict(_coded(name, cell, commas=commas) for name, cell in row.items()) for row in rows]
    if "OBS_VALUE" not in rows[0]:
        raise NotBelieved("an SDMX-CSV answer without OBS_VALUE", remedy="Look at the answer")
    name = next((rows[0][column] for column in ("DATAFLOW", "STRUCTURE_ID", "DATASET") if rows[0].get(column)), "")
    who = re.match(r"([^:]+):([^(]+)\(([^)]*)\)", name)
    agency, flow, version = who.groups() if who else ("", "", "")
    header = list(rows[0])
    behind = header[header.index("OBS_VALUE") :]
    if {"freq", "area", "partner", "time"} & set(map(_role, behind)):  # the columns are in another order
        behind = []
    beside = {name for name in header if name in _LABELS or ("STRUCTURE_NAME" in header and not name.isupper())}
    beside |= {name for name in behind if name.upper() not in _table.lookup("sdmx_concepts", "concept")}
    rows = [{name: cell for name, cell in row.items() if name not in beside} for row in rows]
    form = "row={}&column=OBS_VALUE"
    numbered = enumerate(rows, start=formats.FIRST_ROW)
    return Origin(agency, flow, version, ""), [{**row, "pointer": form.format(n)} for n, row in numbered]


def _coded(name: str, cell: str, *, commas: bool) -> tuple[str, str]:
    """Remove the label from "FREQ:Frequency" and "M: Monthly", and a spreadsheet's decimal comma."""
    code, colon, _ = name.partition(":")
    if colon and _role(code) != "comment":
        stated, _, _ = cell.partition(": ")
        cell = stated if re.fullmatch(r"[\w@$*+.-]*", stated) else cell
    if commas and code == "OBS_VALUE" and re.fullmatch(r"-?\d+,\d+", cell):
        cell = cell.replace(",", ".")
    return code, cell


def _observation(row: dict[str, Any], origin: Origin) -> dict[str, Any]:
    by_role: dict[str, str] = {}
    rest = []
    for name, stated in row.items():
        role = _role(name)
        if role == "product":
            rest.append(str(stated))
        elif role:
            by_role[role] = _table.joined(by_role.get(role, ""), str(stated)) if role == "comment" else stated
    where = row["pointer"]
    freq, when = _period(str(by_role.get("time", "")), by_role.get("freq", ""), where)
    stated = by_role.get("value")
    value = None if stated is None or str(stated).strip() in _EMPTY else _table.number(stated, where)
    unit, factor, price = _unit(by_role, origin.agency, rest)
    factor *= _scale(by_role, origin.agency, where)
    flow, valuation = _flow(by_role.get("flow"), [*rest, by_role.get("unit", "")])
    ref, other, unlisted = _sides(by_role)
    status, flag = _status(by_role.get("status") or "A")
    reason = f"status {by_role.get('status') or 'empty'}: no value given"
    return {
        "freq": freq,
        "time_period": when,
        "ref_area": ref,
        "counterpart_area": other,
        "flow": flow,
        "product": ".".join(rest),
        "product_scheme": f"{origin.agency}:{origin.flow}",
        "product_vintage": origin.version,
        "measure": _measure(unit),
        "valuation": valuation,
        "breakdown": unlisted,
        "price_base": f"constant {by_role['base']}" if by_role.get("base") else price,
        "obs_value": None if value is None else value * factor,
        "unit_measure": unit,
        "obs_status": "M" if value is None else status,
        "obs_comment": _table.joined(origin.note, *([reason] if value is None else [flag, by_role.get("comment", "")])),
        "raw_pointer": where,
    }


def _period(stated: str, freq: str, where: str) -> tuple[str, str]:
    """Return frequency and period; a date in a monthly or yearly series is the first day of its month or year."""
    found, when = _table.period(stated)
    if freq not in {"A", "S", "Q", "M"} or found == freq:
        return found, when
    if found == "D" and str((named := Period.of(Period.parse(when).start, Grain(freq))).start) == when:
        return freq, str(named)
    problem = f"{where}: the period {stated!r} is not of the frequency {freq} that the row states"
    raise NotBelieved(problem, remedy="Look at the answer; ask the service which of the two is right")


def _status(stated: str) -> tuple[str, str]:
    """Return the status, and the original flags if they say more: Eurostat writes several as "bd"."""
    letters = [stated] if stated.upper() in _STATUS else list(stated)
    known = [_STATUS.get(letter.upper(), "A") for letter in letters]
    status = next((one for one in known if one != "A"), "A")
    return status, "" if status == stated.upper() else f"status {stated}"


def _scale(by_role: dict[str, str], agency: str, where: str) -> float:
    """Return the factor to units: UNIT_MULT multiplies, the IMF's SCALE only says how tables show the value."""
    factor = 1.0
    for role in ("multiplier", "scale"):
        power = by_role.get(role) or "0"
        if power == "0":
            continue
        senders = (agency, agency.partition(".")[0], "")
        known = _table.lookup("sdmx_scales", "agency", "attribute")
        meaning = next(known[sender, role]["meaning"] for sender in senders if (sender, role) in known)
        if meaning == "refuse":
            problem = f"{where}: {role} {power} of {agency or 'an unnamed agency'} has no known meaning"
            raise NotBelieved(problem, remedy="Prove it by a total, then add a row to data/codes/sdmx_scales.csv")
        if meaning == "multiply":
            factor *= 10.0 ** int(power)
    return factor


def _unit(by_role: dict[str, str], agency: str, rest: list[str]) -> tuple[str, float, str]:
    if by_role.get("denominator"):
        return f"{by_role['currency']}/{by_role['denominator']}", 1.0, "NA"
    named = [found[1] for stated in rest if (found := _UNIT_IN_NAME.fullmatch(stated))]
    code = by_role.get("unit") or by_role.get("currency") or (named[0] if len(named) == 1 else "NA")
    units = _table.lookup("sdmx_units", "agency", "code")
    if known := units.get((agency.partition(".")[0], code)) or units.get(("", code)):
        return known["unit"], float(known["multiplier"]), known["price_base"]
    if _SHARE.fullmatch(code):
        return "%", 1.0, "NA"
    return code, 1.0, "current" if _is_currency(code) else "NA"


def _measure(unit: str) -> str:
    if unit == "%" or "/" in unit:
        return "rate"
    if unit in ("kg", "t", "supplementary unit"):
        return "quantity"
    return "value" if _is_currency(unit) or unit == "local currency" else "level"


def _is_currency(code: str) -> bool:
    return code.isupper() and pycountry.currencies.get(alpha_3=code) is not None


def _flow(code: str | None, rest: list[str]) -> tuple[str, str]:
    for stated in filter(None, (code, *rest)):
        if (stated == code or "_" in stated) and (known := _table.lookup("sdmx_flows", "code").get(stated)):
            return known["flow"], known["valuation"]
    return "NA", "NA"


def _sides(by_role: dict[str, str]) -> tuple[str, str, str]:
    """Return the two areas (of an exchange rate, those of its currencies), and codes that are in no list."""
    if by_role.get("denominator"):
        return _currency_area(by_role["currency"]), _currency_area(by_role["denominator"]), ""
    found, unlisted = {"area": _table.UNLISTED, "partner": ""}, []
    for side, code in [(side, by_role[side]) for side in found if by_role.get(side)]:
        known = _table.area(code, "sdmx", code)  # or its name, where a file was saved with labels alone
        found[side] = known or found[side]
        unlisted += [f"{side}={code}"] if known == _table.UNLISTED else []
    return found["area"], found["partner"], ";".join(unlisted)


def _currency_area(code: str) -> str:
    return "EMU" if code == "EUR" else _table.area(code[:2], "sdmx")


_SHARED = {"unit", "multiplier", "scale", "freq", "area", "price", "base"}


def _role(name: str) -> str:
    """Return the role of a concept; an unknown one is a dimension, and part of the key."""
    known = _table.lookup("sdmx_concepts", "concept").get(name.upper())
    return known["role"] if known else "" if name == "pointer" else "product"
