"""Economies, products by HS edition, currencies, units; every table is data in `data/codes/`.

>>> economy_name("JPN"), unit("million USD")[1]
('Japan', 'USD')
"""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.codes.phrases import LONGEST, Phrases, Words, words_of
from toolkit.errors import UnknownCode

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "economy", "economy_in_text", "economy_name", "find_economies", "find_products", "find_words", "table", "unit",
    "words",
]  # fmt: skip
__dir__ = __all__.copy

_Table = Phrases[dict[str, str]]

_SIGNS = ("$", "€", "£", "¥")  # US$ is a currency, not an economy
_ARTICLED = re.compile(
    r"^(?:United|European Union|Netherlands|Philippines|Bahamas|Maldives|Gambia|Comoros|Holy See|world$)|Republic|Islands|Emirates"
)
# In a wheel the tables lie inside the package, in a checkout beside it.
_PLACES = (Path(__file__).parents[1] / "codes_tables", Path(__file__).parents[2] / "data" / "codes")


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of ``data/codes/{name}.csv``, all cells as text.

    >>> table("scales")[0]["word"]
    'thousand'
    """
    for place in _PLACES:
        if (path := place / f"{name}.csv").is_file():
            with path.open(encoding="utf-8", newline="") as stream:
                head, *rows = csv.reader(stream)
                return tuple(dict(zip(head, row, strict=False)) for row in rows if row)
    raise UnknownCode(f"no code table {name!r}", remedy="Use the name of a file in data/codes/, without .csv")


def unit(stated: str) -> tuple[Decimal, str]:
    """Return how many base units one stated unit is, and the base unit.

    >>> unit("million USD"), unit("t REO")
    ((Decimal('1000000'), 'USD'), (Decimal('1'), 't'))

    Raises
    ------
    UnknownCode
        If ``data/codes/data_units.csv`` lacks the unit.
    """
    if (known := _units().get(stated)) is None:
        raise UnknownCode(f"no unit {stated!r}", remedy="Add a row to data/codes/data_units.csv")
    return known


@cache
def _units() -> dict[str, tuple[Decimal, str]]:
    currencies = {row["code"]: (Decimal(1), row["code"]) for row in table("currencies")}
    return currencies | {row["stated"]: (Decimal(row["multiplier"]), row["unit"]) for row in table("data_units")}


def economy(name: str) -> str:
    """Return the ISO 3166-1 alpha-3 code of an economy named in English, or a typed non-country.

    >>> economy("South Korea"), economy("Tokyo"), economy("European Union")
    ('KOR', 'JPN', 'EUU')

    Raises
    ------
    UnknownCode
        If no list holds the name.
    """
    if (code := _economy_codes().get(name.strip().casefold())) is None:
        raise UnknownCode(f"no economy {name!r}", remedy="Write its usual English name, or add a row to economies.csv")
    return code


def economy_name(iso3: str) -> str:
    """Return the usual English name of an economy.

    >>> economy_name("JPN"), economy_name("WLD")
    ('Japan', 'world')
    """
    for row in table("economies"):
        if row["iso3"] == iso3:
            return row["name"]
    raise UnknownCode(f"no economy has the code {iso3!r}", remedy="Use ISO 3166-1 alpha-3, EUU or WLD")


def economy_in_text(iso3: str) -> str:
    """Return the name of an economy as a sentence has it, with its article.

    >>> economy_in_text("EUU"), economy_in_text("JPN")
    ('the European Union', 'Japan')
    """
    name = economy_name(iso3)
    return f"the {name}" if _ARTICLED.search(name) else name


def find_economies(text: str, known: Iterable[str] = (), *, regions: bool = True) -> list[tuple[int, int, str]]:
    """Find the economies that `text` names, as (start, end, ISO3), in the order of the text.

    Demonyms, capitals and governments count ("Tokyo", "the White House"); a name
    that is also something else ("Georgia", "the Union") counts where a certain name of
    the same economy stands in the same text, or where the economy is `known` to be meant.
    Without `regions`, "Ohio" is no name of the United States.

    >>> find_economies("Washington cut its duty on Japanese cars")
    [(0, 10, 'USA'), (27, 35, 'JPN')]
    >>> find_economies("exports to the Union", known=["EUU"])
    [(11, 20, 'EUU')]
    """
    found = (_economies if len(text) <= LONGEST else _economies.__wrapped__)(text)
    certain = {row["iso3"] for _, _, row in found if row["kind"] != "ambiguous"}.union(known) - {""}
    left_out = set() if regions else {"region"}
    return [
        (start, end, row["iso3"]) for start, end, row in found if row["iso3"] in certain and row["kind"] not in left_out
    ]


@lru_cache(maxsize=32)
def _economies(text: str) -> list[tuple[int, int, dict[str, str]]]:
    """Return the names of economies, certain or not; the first sentences of a text are asked for more than once."""
    return [hit for hit in _economy_words().find(words_of(text)) if not text.startswith(_SIGNS, hit[1])]


def find_products(text: str, edition: str = "HS2022") -> list[tuple[int, int, tuple[str, ...]]]:
    """Find the traded products that `text` names, as (start, end, HS codes of one edition).

    >>> find_products("tariffs on pick-up trucks and soybeans", edition="HS2017")
    [(11, 25, ('870421', '870431', '870490')), (30, 38, ('1201',))]
    """
    found = ((start, end, row["codes"].split()) for start, end, row in _product_words(edition).find(words_of(text)))
    return [(start, end, tuple(codes)) for start, end, codes in found if codes]


def find_words(text: str, name: str) -> list[tuple[int, int, dict[str, str]]]:
    """Find the phrases of a code table's column `words`, as (start, end, row); small and capital letters alike.

    >>> [row["meaning"] for _, _, row in find_words("She pledged it", "context_words")]
    ['pledged']
    """
    return _table_words(name).find(words_of(text))


def words(text: str) -> tuple[list[int], list[str]]:
    """Return the places of the words of `text`, and the words in small letters.

    >>> words("The U.S. cut it")
    ([0, 4, 9, 13], ['the', 'u.s.', 'cut', 'it'])
    """
    found = words_of(text)
    return found.starts, found.lower


@cache
def _table_words(name: str) -> _Table:
    return Phrases(((row["words"], row) for row in table(name)), cut=Words)


@cache
def _economy_codes() -> dict[str, str]:
    rows = [row for row in table("economies") if row["iso3"]]
    return {row["iso3"].casefold(): row["iso3"] for row in rows} | {row["name"].casefold(): row["iso3"] for row in rows}


@cache
def _economy_words() -> _Table:
    return Phrases(((row["name"], row) for row in table("economies")), form="written", cut=Words)


@cache
def _product_words(edition: str) -> _Table:
    """Take a word in `edition` where the table has it, else in the newest one."""
    rows = {row["word"]: row for row in table("products") if row["hs_edition"] == "HS2022"}
    rows |= {row["word"]: row for row in table("products") if row["hs_edition"] == edition}
    return Phrases(rows.items(), form="singular", cut=Words)
