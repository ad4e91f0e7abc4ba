"""Read the rows of an SDMX-JSON message, after checking the positions in its keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from toolkit import formats
from toolkit.errors import NotBelieved

__all__ = ["Message", "read"]

_AGAIN = "Fetch it again; if it stays, read it with the service's structure at hand"
_MOST_DIMENSIONS = 8  # more would be too many orders to try


@dataclass(frozen=True, slots=True)
class Message:
    """The content of one message.

    Attributes
    ----------
    header : dict
    rows : list of dict
        Dimensions and attributes by id; ``OBS_VALUE`` and ``pointer``.
    note : str
        A remark if the order of the keys is not the declared one.
    """

    header: dict[str, Any]
    rows: list[dict[str, Any]]
    note: str
    flow: tuple[str, str, str] | None = None


def read(raw: bytes) -> Message:
    """Read SDMX-JSON 1.0 or 2.0, with or without series.

    Raises
    ------
    NotBelieved
        If no order of the dimensions fits the keys, or several that read differently; or
        if an index points past its list.
    """
    answer = formats.load_json(raw, "the SDMX-JSON answer")
    try:
        body = answer.get("data", answer)
        structure = body["structures"][0] if "structures" in body else body["structure"]
        header = answer.get("header") or answer.get("meta") or {}
        found = [_rows(data, structure, number) for number, data in enumerate(body["dataSets"])]
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        raise NotBelieved("not an SDMX-JSON message with data sets and a structure", remedy=_AGAIN) from None
    note = "; ".join({note for _, note in found if note})
    return Message(header, [row for rows, _ in found for row in rows], note, _flow(structure))


def _flow(structure: dict[str, Any]) -> tuple[str, str, str] | None:
    """Return agency, data flow and version from the structure's links; the header only has a number."""
    for link in structure.get("links") or []:
        for form in (r"Dataflow=([^:]+):([^(]+)\(([^)]*)\)", r"/dataflow/([^/]+)/([^/]+)/([^/?]+)"):
            if found := re.search(form, f"{link.get('urn', '')} {link.get('href', '')}"):
                return found[1], found[2], found[3]
    return None


def _rows(data: dict[str, Any], structure: dict[str, Any], number: int) -> tuple[list[dict[str, Any]], str]:
    dimensions, attributes = structure["dimensions"], structure.get("attributes", {})
    labels, inner = attributes.get("observation", []), dimensions["observation"]
    whole = _of_all(data, structure)
    if "series" not in data:
        order, note = _order(list(data["observations"]), inner)
        groups = _groups(data, attributes, order)
        place = f"/dataSets/{number}/observations"
        cells = ((key, whole | _named(key, order), cell) for key, cell in data["observations"].items())
        return [
            _row(named | _of_groups(named, groups), cell, labels, f"{place}/{key}/0") for key, named, cell in cells
        ], note
    order, note = _order(list(data["series"]), dimensions["series"])
    groups = _groups(data, attributes, [*order, *inner])
    rows = []
    for key, series in data["series"].items():
        named = whole | _named(key, order)
        shared = named | _of_groups(named, groups)
        shared |= _attributes(series.get("attributes") or [], attributes.get("series", []), key)
        for when, cell in (series.get("observations") or {}).items():
            place = f"/dataSets/{number}/series/{key}/observations/{when}/0"
            rows.append(_row(shared | _named(when, inner), cell, labels, place))
    return rows, note


def _of_all(data: dict[str, Any], structure: dict[str, Any]) -> dict[str, str]:
    """Return what applies to a whole data set: dimensions of one value, and attributes such as UNIT_MULT."""
    attributes, dimensions = structure.get("attributes", {}), structure["dimensions"]
    labels = attributes.get("dataSet") or attributes.get("dataset") or []
    fixed = [each for each in dimensions.get("dataSet") or dimensions.get("dataset") or [] if each.get("values")]
    named = {each["id"]: _at(each["values"], 0, each["id"]) for each in fixed}
    return named | _attributes(data.get("attributes") or [], labels, "the data set's attributes")


def _groups(
    data: dict[str, Any], attributes: dict[str, Any], order: list[dict[str, Any]]
) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Return the attributes that apply to some members ("0::1" in place of a key), with those members."""
    labels = attributes.get("dimensionGroup", [])
    found = []
    for key, cells in (data.get("dimensionGroupAttributes") or {}).items():
        pairs = zip(key.split(":"), order, strict=False)
        members = {each["id"]: _at(each["values"], part, key) for part, each in pairs if part != ""}
        found.append((members, _attributes(cells, labels, key)))
    if labels and not found:
        raise ValueError("attributes of groups that are nowhere")  # refused by `read`: one of them may be a scale
    return found


def _of_groups(named: dict[str, str], groups: list[tuple[dict[str, str], dict[str, str]]]) -> dict[str, str]:
    fitting = (attributes for members, attributes in groups if members.items() <= named.items())
    return {name: value for attributes in fitting for name, value in attributes.items()}


def _row(shared: dict[str, Any], cell: list[Any], labels: list[dict[str, Any]], place: str) -> dict[str, Any]:
    return shared | _attributes(cell[1:], labels, place) | {"OBS_VALUE": cell[0], "pointer": place}


def _order(keys: list[str], dimensions: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], str]:
    """Return the dimensions in the order in which they really occur in the keys."""
    parts = [[int(part) for part in key.split(":")] for key in keys]
    if not parts:
        return dimensions, ""
    if {len(part) for part in parts} != {len(dimensions)}:
        raise NotBelieved("the keys do not have one part per dimension", remedy=_AGAIN)
    most = [max(column) for column in zip(*parts, strict=True)]
    declared = sorted(dimensions, key=lambda dimension: int(dimension.get("keyPosition", 0)))
    if _fits(most, declared):
        return declared, ""
    fitting = [order for order in permutations(declared) if _fits(most, order)] if len(most) <= _MOST_DIMENSIONS else []
    # orders that differ only in dimensions of one value read the same
    readings = {tuple(d["id"] if len(d["values"]) > 1 else "" for d in order) for order in fitting}
    if len(readings) != 1:
        raise NotBelieved(f"the keys do not fit the value lists: {len(readings)} orders would", remedy=_AGAIN)
    moved = ", ".join(d["id"] for d in declared if len(d["values"]) > 1)
    return list(fitting[0]), f"{moved} stands elsewhere in the keys than the answer declares"


def _fits(most: list[int], order: Any) -> bool:
    return all(index < len(dimension["values"]) for index, dimension in zip(most, order, strict=True))


def _named(key: str, order: list[dict[str, Any]]) -> dict[str, str]:
    pairs = zip(key.split(":"), order, strict=True)
    return {dimension["id"]: _at(dimension["values"], part, key) for part, dimension in pairs}


def _attributes(cells: list[Any], labels: list[dict[str, Any]], place: str) -> dict[str, str]:
    """Return the attributes of a value, which are indexes into lists, by name."""
    if len(cells) > len(labels):
        raise NotBelieved(f"{place}: {len(cells)} attributes, {len(labels)} are declared", remedy=_AGAIN)
    pairs = zip(labels, cells, strict=False)  # the standard lets empty ones at the end be left out
    return {label["id"]: _at(label["values"], cell, place) for label, cell in pairs if cell is not None}


def _at(values: list[dict[str, Any]], index: str | int, place: str) -> str:
    if not 0 <= int(index) < len(values):
        raise NotBelieved(f"{place} points at value {index} of {len(values)}", remedy=_AGAIN)
    value = values[int(index)]
    return str(next((value[name] for name in ("id", "value", "name") if value.get(name) is not None), ""))
