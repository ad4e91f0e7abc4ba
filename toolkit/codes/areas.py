"""Who trades: economies, dissolved states, and what is neither, whatever number or letters a service gives it."""

from __future__ import annotations

import gettext
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pycountry

from toolkit import codes
from toolkit.errors import UnknownCode

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Area", "area", "kind", "named"]

_LANGUAGES = ("de", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "zh_CN")
_SHORT = {
    "rep": "republic", "dem": "democratic", "fed": "federated", "sts": "states", "st": "saint", "ste": "saint",
    "is": "islands", "isl": "islands", "the": "", "of": "", "and": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """A side of a trade flow.

    Attributes
    ----------
    code : str
        ISO 3166 alpha-3, a code of a dissolved state (``CSK``), or a typed
        non-country (``C899``, ``WB-HIC``); empty for "not applicable".
    kind : str
        "economy", "dissolved", "world", "group", "union", "nes", "special",
        "free_zone", "residual", or "none".
    name : str
    note : str
    """

    code: str
    kind: str
    name: str
    note: str = ""


def area(code: str | int, scheme: str) -> Area:
    """Return the area that `code` stands for in a service's own list.

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
    code = str(code).strip()
    found = _coded().get((scheme, code))
    if found is None and scheme in {"sdmx", "worldbank"}:
        found = _known(code)
    if found is None:
        raise UnknownCode(f"{scheme} has no area {code!r}", remedy="Add a row to data/codes/areas.csv")
    return found


def named(name: str) -> Area:
    """Return the area that goes by `name`, an ISO code, or the name in a service's list.

    Names are those of a table: "Tokyo" or "Texas" is a part, and no name of an economy. Where
    English does not know one, the spellings of services and a dozen languages are asked.

    >>> named("Korea, South").code, named("JP").code, named("Bunkers").kind
    ('KOR', 'JPN', 'special')
    >>> named("Egypt, Arab Rep.").code, named("Côte d’Ivoire").code, named("Frankreich").code
    ('EGY', 'CIV', 'FRA')
    """
    wanted = " ".join(name.split())
    turned = " ".join(reversed(wanted.split(", "))) if wanted.count(", ") == 1 else wanted
    for word in dict.fromkeys((wanted, turned)):
        code = _economies().get(word.casefold())
        found = _known(word) or _names().get(word.casefold()) or (Area(code, "economy", word) if code else None)
        if found is not None:
            return found
    code = "" if re.fullmatch("[A-Z]{2,3}", wanted) else _spellings().get(_spelt(wanted), "")  # CAD is no Çad
    if found := _known(code):
        return found
    raise UnknownCode(f"no area {name!r}", remedy="Write its usual English name or its ISO 3166 alpha-3 code")


def kind(code: str) -> str:
    """Tell what kind of area a code of the normal form is.

    >>> kind("JPN"), kind("CSK"), kind("WLD")
    ('economy', 'dissolved', 'world')
    """
    found = _known(code) if len(code) != len("JP") else None
    return found.kind if found else "none"


def _known(code: str) -> Area | None:
    """Return a typed area or a country of ISO 3166, by the code of the normal form or by ISO's two letters."""
    if (typed := _typed().get(code)) is not None:
        return typed
    found = {2: pycountry.countries.get(alpha_2=code), 3: pycountry.countries.get(alpha_3=code)}
    country = found.get(len(code)) if code.isupper() else None
    return Area(country.alpha_3, "economy", getattr(country, "common_name", country.name)) if country else None


@cache
def _typed() -> dict[str, Area]:
    return {row["code"]: Area(**row) for row in codes.table("areas")}


@cache
def _coded() -> dict[tuple[str, str], Area]:
    found = {}
    for row in codes.table("area_codes"):
        known = _known(row["area"]) or Area("", "none", row["note"])
        found[row["scheme"], row["code"]] = Area(known.code, known.kind, known.name, row["note"] or known.note)
    return found


@cache
def _names() -> dict[str, Area]:
    return {found.name.casefold(): found for found in _typed().values()}


@cache
def _economies() -> dict[str, str]:
    """English names of economies; Census writes them in capitals, so case is no matter."""
    named_here = {row["name"].casefold(): row["iso3"] for row in codes.table("economies") if row["kind"] == "name"}
    official = {country.name.casefold(): country.alpha_3 for country in pycountry.countries}
    spelt = {row["name"].casefold(): row["area"] for row in codes.table("area_names")}
    return {name: code for name, code in (official | named_here | spelt).items() if code}


@cache
def _spellings() -> dict[tuple[str, ...], str]:
    """Names by their words, whatever order, accents and marks; one that two areas share names neither."""
    countries = [(country.alpha_3, _said(country)) for country in pycountry.countries]
    local = [(code, translated(name)) for translated in _translations() for code, names in countries for name in names]
    official = [(code, name) for code, names in countries for name in names]
    here = [(code, name) for name, code in _economies().items()]
    spelt = [(row["area"], row["name"]) for row in codes.table("area_names")]
    found: dict[tuple[str, ...], set[str]] = {}
    for code, name in (*here, *official, *spelt, *local):
        known = _known(code) if code else None
        found.setdefault(_spelt(name), set()).add(known.code if known else "")
    return {words: codes_of.pop() for words, codes_of in found.items() if len(codes_of) == 1}


def _said(country: Any) -> list[str]:
    """Return the names that ISO 3166 has for a country: short, official, usual."""
    return [name for part in ("name", "official_name", "common_name") if (name := getattr(country, part, None))]


def _translations() -> list[Callable[[str], str]]:
    """Return what puts a name of ISO 3166 into each of `_LANGUAGES`."""
    folder = pycountry.LOCALES_DIR
    return [gettext.translation("iso3166-1", folder, [language]).gettext for language in _LANGUAGES]


def _spelt(name: str) -> tuple[str, ...]:
    """Return the words of a name in one order: "Korea, Rep." and "Republic of Korea" are the same."""
    plain = unicodedata.normalize("NFKD", re.sub("['’`.]", "", name.casefold()))
    words = re.findall(r"\w+", "".join(mark for mark in plain if not unicodedata.combining(mark)))
    return tuple(sorted(filter(None, (_SHORT.get(word, word) for word in words))))
