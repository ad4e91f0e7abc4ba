"""Who trades: economies, dissolved states, and what is neither, whatever number or letters a service gives it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pycountry

from toolkit import codes
from toolkit.errors import UnknownCode


@dataclass(frozen=True, slots=True)
class Area:
    """A side of a trade flow.

    Attributes
    ----------
    code : str
        ISO 3166 alpha-3, a code of a dissolved state (``CSK``), or a typed
        non-country (``C899``, ``WB-HIC``); empty for "not applicable".
    kind : {"economy", "dissolved", "world", "group", "nes", "special", "free_zone", "none"}
    name : str
    note : str
    """

    code: str
    kind: str
    name: str
    note: str = ""


def area(code: str | int, scheme: str) -> Area:
    """Give the area that `code` stands for in a service's own list.

    Parameters
    ----------
    code : str or int
        A blank at the end is dropped; 842 and "842" are the same.
    scheme : {"comtrade", "worldbank", "sdmx", "census"}

    Raises
    ------
    UnknownCode
        If neither the scheme's table nor, where letters are used, ISO 3166 has it.

    Examples
    --------
    >>> area(842, "comtrade").code, area("490", "comtrade").kind
    ('USA', 'nes')
    >>> area("JP", "sdmx").code, area("EL", "sdmx").code, area("HIC", "worldbank").kind
    ('JPN', 'GRC', 'group')
    """
    found = _areas().get((scheme, str(code).strip()))
    if found is None and scheme in {"sdmx", "worldbank"}:
        found = _iso(str(code).strip())
    if found is None:
        raise UnknownCode(f"{scheme} has no area {code!r}", remedy="Add a row to data/codes/areas.csv")
    return found


def named(name: str) -> Area:
    """Give the area that goes by an English `name`, an ISO code, or the name in a service's list.

    >>> named("Korea, South").code, named("JP").code, named("Bunkers").kind
    ('KOR', 'JPN', 'special')
    """
    wanted = " ".join(name.split())
    turned = " ".join(reversed(wanted.split(", "))) if wanted.count(", ") == 1 else wanted
    for word in dict.fromkeys((wanted, turned)):
        found = _iso(word) or _names().get(word.casefold())
        if found is None and word.casefold() in _economies():
            found = Area(_economies()[word.casefold()], "economy", word)
        if found is not None:
            return found
    raise UnknownCode(f"no area {name!r}", remedy="Write its usual English name or its ISO 3166 alpha-3 code")


def kind(code: str) -> str:
    """Tell what kind of area a code of the normal form is; today's ISO codes are economies.

    >>> kind("JPN"), kind("CSK"), kind("WLD")
    ('economy', 'dissolved', 'world')
    """
    for found in _areas().values():
        if found.code == code:
            return found.kind
    return "economy" if _iso(code) else "none"


def _iso(code: str) -> Area | None:
    size = {2: "alpha_2", 3: "alpha_3"}.get(len(code))
    country = pycountry.countries.get(**{size: code}) if size and code.isupper() else None
    return Area(country.alpha_3, "economy", getattr(country, "common_name", country.name)) if country else None


@cache
def _areas() -> dict[tuple[str, str], Area]:
    rows = codes.table("areas")
    return {(r["scheme"], r["code"]): Area(r["area"], r["kind"], r["name"], r["note"]) for r in rows}


@cache
def _names() -> dict[str, Area]:
    return {found.name.casefold(): found for found in reversed(_areas().values())}


@cache
def _economies() -> dict[str, str]:
    """English names of economies; Census writes them in capitals, so case is no matter."""
    named_here = {row["name"].casefold(): row["iso3"] for row in codes.table("economies") if row["kind"] != "demonym"}
    official = {country.name.casefold(): country.alpha_3 for country in pycountry.countries}
    return {name: code for name, code in (official | named_here).items() if code}
