"""CEPII BACI: reconciled bilateral trade by product, a zip with one CSV per year."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from typing import TYPE_CHECKING, Any

from toolkit import codes, formats
from toolkit.codes import areas
from toolkit.errors import NotBelieved
from toolkit.sources import _table
from toolkit.web import Limits, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = [
    "EDITIONS", "KG_PER_UNIT", "LIMITS", "SHARED", "USD_PER_UNIT", "area", "check", "named", "numbers", "parse", "request",
]  # fmt: skip

_URL = "https://www.cepii.fr/DATA_DOWNLOAD/baci/data/BACI_{edition}_V{version}.zip"
_FILE = re.compile(r"BACI_(HS\d\d)_Y(\d{4})_V(\w+)\.csv")
_COLUMNS = ["t", "i", "j", "k", "v", "q"]
EDITIONS = {"HS92": "H0", "HS96": "H1", "HS02": "H2", "HS07": "H3", "HS12": "H4", "HS17": "H5", "HS22": "H6"}
USD_PER_UNIT, KG_PER_UNIT = 1000.0, 1000.0  # v counts thousands of dollars, q tonnes
LIMITS = Limits(seconds=4 * 3600.0, most_bytes=16 * 2**30)
# A release is gigabytes: the zip's own checksums are enough before it is stored.
check: None = None
SHARED = {"freq": "A", "flow": "X", "product_scheme": "HS", "reported_by": "reconciled"}


def request(*, edition: str = "HS22", version: str = "202501", years: list[int] | None = None) -> Request:  # noqa: ARG001
    """Ask for a whole release, all years in one zip; of these `years` are kept, or all."""
    return Request(_URL.format(edition=edition, version=version), kind="zip")


@_table.parser
def parse(raw: bytes, *, name: str = "", retrieved_at: str = "", vintage: str = "") -> pd.DataFrame:
    """Return the observations of a zip, or of one CSV with the file name `name`.

    A row makes two: the value FOB in US dollars, and the weight in kg. The exporter is
    ``ref_area``. For whole years use `toolkit.sources.bulk.convert`, which streams.

    Raises
    ------
    NotBelieved
        If a code has lost its leading zero, or a file's name and its years differ.
    """
    import pandas as pd

    tables, files = [], list(_files(raw, name))
    for file, text in files:
        edition, year, version = named(file)
        place = f"{file}#" if len(files) > 1 else ""
        found = _rows(formats.load_csv(text, file), file, place, (year, EDITIONS[edition]))
        shared = {"retrieved_at": retrieved_at, "vintage": vintage or version}
        tables.append(_table.observations(found, raw, dataset="baci", source="CEPII BACI", **shared))
    return pd.concat(tables, ignore_index=True)


def named(file: str) -> tuple[str, str, str]:
    """Return edition, year and version from a file's name.

    >>> named("BACI_HS22_Y2023_V202501.csv")
    ('HS22', '2023', '202501')
    """
    found = _FILE.search(file)
    if not found or found[1] not in EDITIONS:
        remedy = "Keep CEPII's file name, BACI_HS22_Y2023_V202501.csv: it has the HS edition"
        raise NotBelieved(f"{file or 'the file'} is not named like a file of BACI", remedy=remedy)
    return found[1], found[2], found[3]


def _files(raw: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    if not raw.startswith(b"PK"):
        yield name, raw
        return
    formats.check(raw, "zip", name or "the BACI zip")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        years = [file for file in archive.namelist() if _FILE.search(file)]
        if not years:
            raise NotBelieved("no BACI year in the zip", remedy="Use CEPII's own zip")
        for file in years:
            yield file, archive.read(file)


def _rows(rows: list[dict[str, str]], file: str, place: str, about: tuple[str, str]) -> Iterator[dict[str, Any]]:
    year, edition = about
    if list(rows[0]) != _COLUMNS:
        raise NotBelieved(f"{file} has the columns {', '.join(rows[0])}", remedy=f"BACI has {', '.join(_COLUMNS)}")
    for number, row in enumerate(rows, start=formats.FIRST_ROW):
        where = f"{place}row={number}"
        if row["t"] != year or not re.fullmatch(r"\d{6}", row["k"]):
            problem = f"{file}, row {number}: year {row['t']!r}, product {row['k']!r}"
            raise NotBelieved(problem, remedy=f"Rows of {year} with six digits belong here; read codes as text")
        shared = SHARED | {
            "time_period": year,
            "ref_area": area(row["i"]),
            "counterpart_area": area(row["j"]),
            "product": row["k"],
            "product_vintage": edition,
        }
        value, weight = (_table.number(_filled(row[column]), where) for column in ("v", "q"))
        if value is None:
            remedy = "BACI has no rows without one: fetch it again"
            raise NotBelieved(f"{file}, row {number} has no value", remedy=remedy)
        money = {"measure": "value", "valuation": "FOB", "price_base": "current", "unit_measure": "USD"}
        yield shared | money | {"obs_value": value * USD_PER_UNIT, "raw_pointer": f"{where}&column=v"}
        known = {"obs_value": None if weight is None else weight * KG_PER_UNIT}
        missing = {"obs_status": "M", "obs_comment": "q is NA: weight not known"} if weight is None else {}
        mass = {"measure": "net_weight", "unit_measure": "kg", "raw_pointer": f"{where}&column=q"}
        yield shared | mass | known | missing


def _filled(cell: str) -> str:
    return "" if cell.strip() == "NA" else cell.strip()


@cache
def area(number: str) -> str:
    """Return the area of a BACI number, which is Comtrade's."""
    return areas.area(number, "comtrade").code


def numbers() -> dict[str, str]:
    """Return all of BACI's numbers with our areas."""
    return {row["code"]: row["area"] for row in codes.table("area_codes") if row["scheme"] == "comtrade"}
