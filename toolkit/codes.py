"""Economies, products by HS edition, currencies, units; every table is data in `data/codes/`."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from toolkit.errors import UnknownCode

# In a wheel the tables lie inside the package, in a checkout beside it.
_PLACES = (Path(__file__).parent / "codes_tables", Path(__file__).parents[1] / "data" / "codes")


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Give the rows of ``data/codes/{name}.csv``, all cells as text.

    >>> table("scales")[0]["word"]
    'thousand'
    """
    for place in _PLACES:
        if (path := place / f"{name}.csv").is_file():
            with path.open(encoding="utf-8", newline="") as stream:
                return tuple(csv.DictReader(stream))
    raise UnknownCode(f"no code table {name!r}", remedy="Use the name of a file in data/codes/, without .csv")
