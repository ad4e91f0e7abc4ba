"""Eurostat's JSON-stat: a cube of values with its dimensions and flags."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from toolkit import formats
from toolkit.errors import NotBelieved
from toolkit.sources import _table, sdmx
from toolkit.web import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["parse", "request"]

_URL = "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/data/{flow}"
_STATUS = {"b": "B", "e": "E", "f": "F", "i": "I", "p": "P"}


def request(*, flow: str, filters: dict[str, list[str]]) -> Request:
    """Ask for a data flow, ``"namq_10_gdp"``, filtered by dimension: ``{"geo": ["DE", "FR"]}``."""
    pairs = tuple((name, value) for name, values in filters.items() for value in values)
    return Request(_URL.format(flow=flow), (("format", "JSON"), ("lang", "EN"), *pairs))


@_table.parser
def parse(raw: bytes, *, retrieved_at: str = "", vintage: str = "") -> pd.DataFrame:
    """Return the observations of a cube; cells that it leaves out have none.

    Raises
    ------
    NotBelieved
        If sizes, positions and values contradict each other, or it is a warning.
    """
    cube = formats.load_json(raw, "the Eurostat answer")
    if not isinstance(cube, dict) or cube.get("class") != "dataset":
        said = cube.get("warning") or cube.get("error") if isinstance(cube, dict) else ""
        raise NotBelieved(f"not a JSON-stat data set: {said}", remedy="Ask for less, or ask again later")
    agency = str(cube.get("source", "ESTAT"))
    flow = str(cube.get("extension", {}).get("id", cube.get("label", ""))).upper()
    return sdmx.table(
        list(_rows(cube)),
        raw,
        origin=sdmx.Origin(agency, flow, "", str(cube.get("updated", ""))),
        retrieved_at=retrieved_at,
        vintage=vintage,
    )


def _rows(cube: dict[str, Any]) -> Iterator[dict[str, Any]]:
    names, sizes = cube["id"], cube["size"]
    members = [_members(cube["dimension"][name], size, name) for name, size in zip(names, sizes, strict=True)]
    values = _by_position(cube["value"], prod(sizes), "value")
    stated = cube.get("status") or {}
    whole = dict.fromkeys(values, stated) if isinstance(stated, str) else {}  # one flag for all
    flags = whole or _by_position(stated, prod(sizes), "status")
    for position in sorted(values.keys() | flags.keys()):
        flag = str(flags.get(position) or "")
        yield dict(zip(names, _keys(position, members), strict=True)) | {
            "OBS_VALUE": values.get(position),
            "OBS_STATUS": next((_STATUS[letter] for letter in flag if letter in _STATUS), "A"),
            "COMMENT": f"flag {flag}" if flag else "",
            "pointer": f"/value/{position}",
        }


def _keys(position: int, members: list[list[str]]) -> list[str]:
    """Return the members of a cell; the last dimension varies fastest."""
    found = []
    for several in reversed(members):
        position, index = divmod(position, len(several))
        found.append(several[index])
    return found[::-1]


def _members(dimension: dict[str, Any], size: int, name: str) -> list[str]:
    """Return a dimension's members in order; the order must be complete."""
    index = dimension["category"].get("index") or list(dimension["category"]["label"])
    ordered = index if isinstance(index, list) else sorted(index, key=index.get)
    if len(ordered) != size or (isinstance(index, dict) and sorted(index.values()) != list(range(size))):
        raise NotBelieved(f"dimension {name} has {len(ordered)} members, {size} are declared", remedy="Fetch it again")
    return ordered


def _by_position(cells: Any, size: int, what: str) -> dict[int, Any]:
    """Return the cells by position; a list is dense, an object sparse."""
    pairs = enumerate(cells) if isinstance(cells, list) else ((int(key), value) for key, value in cells.items())
    found = {position: value for position, value in pairs if value is not None}
    if (isinstance(cells, list) and len(cells) != size) or any(not 0 <= position < size for position in found):
        raise NotBelieved(f"the {what} cells do not fit the {size} that the sizes allow", remedy="Fetch it again")
    return found
