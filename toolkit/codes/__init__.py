"""Economies, products by HS edition, currencies, units; every table is data in `data/codes/`."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import UnknownCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Lexicon = dict[str, list[tuple[list[str], dict[str, str]]]]  # first word -> the words after it, longest first

_WORD = re.compile(r"((?:[A-Z]\.){2,}|[^\W_]+)")
_SIGNS = ("$", "€", "£", "¥")  # US$ is a currency, not an economy
_LONGEST = 4_000  # characters; the words of what is longer than a sentence are not kept
_ARTICLED = re.compile(
    r"^(?:United|European Union|Netherlands|Philippines|Bahamas|Maldives|Gambia|Comoros|Holy See|world$)|Republic|Islands|Emirates"
)
_GAP = frozenset({" ", "-", "'", "’", ". ", "\u00a0", "\u202f", "\u2010", "\u2011", "\n", "\r\n"})
# In a wheel the tables lie inside the package, in a checkout beside it.
_PLACES = (Path(__file__).parents[1] / "codes_tables", Path(__file__).parents[2] / "data" / "codes")


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Give the rows of ``data/codes/{name}.csv``, all cells as text.

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
    """Give how many base units one stated unit is, and the base unit.

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
    """Give the ISO 3166-1 alpha-3 code of an economy named in English, or a typed non-country.

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
    """Give the usual English name of an economy.

    >>> economy_name("JPN"), economy_name("WLD")
    ('Japan', 'world')
    """
    for row in table("economies"):
        if row["iso3"] == iso3:
            return row["name"]
    raise UnknownCode(f"no economy has the code {iso3!r}", remedy="Use ISO 3166-1 alpha-3, EUU or WLD")


def economy_in_text(iso3: str) -> str:
    """Give the name of an economy as a sentence has it, with its article.

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
    found = (_economies if len(text) <= _LONGEST else _economies.__wrapped__)(text)
    certain = {row["iso3"] for _, _, row in found if row["kind"] != "ambiguous"}.union(known) - {""}
    left_out = set() if regions else {"region"}
    return [
        (start, end, row["iso3"]) for start, end, row in found if row["iso3"] in certain and row["kind"] not in left_out
    ]


@lru_cache(maxsize=32)
def _economies(text: str) -> list[tuple[int, int, dict[str, str]]]:
    """Give the names of economies, certain or not; the first sentences of a text are asked for more than once."""
    return [hit for hit in _scan(text, _economy_words(), str) if not text.startswith(_SIGNS, hit[1])]


def find_products(text: str, edition: str = "HS2022") -> list[tuple[int, int, tuple[str, ...]]]:
    """Find the traded products that `text` names, as (start, end, HS codes of one edition).

    >>> find_products("tariffs on pick-up trucks and soybeans", edition="HS2017")
    [(11, 25, ('870421', '870431', '870490')), (30, 38, ('1201',))]
    """
    found = ((start, end, row["codes"].split()) for start, end, row in _scan(text, _product_words(edition), _singular))
    return [(start, end, tuple(codes)) for start, end, codes in found if codes]


def find_words(text: str, name: str) -> list[tuple[int, int, dict[str, str]]]:
    """Find the phrases of a code table's column `words`, as (start, end, row); small and capital letters alike.

    >>> [row["meaning"] for _, _, row in find_words("She pledged it", "context_words")]
    ['pledged']
    """
    return list(_scan(text, _table_words(name), str.lower))


def words(text: str) -> tuple[list[int], list[str]]:
    """Give the places of the words of `text`, and the words in small letters.

    >>> words("The U.S. cut it")
    ([0, 4, 9, 13], ['the', 'u.s.', 'cut', 'it'])
    """
    starts, _, found = (_words if len(text) <= _LONGEST else _words.__wrapped__)(text, str.lower)
    return starts, found


@cache
def _table_words(name: str) -> _Lexicon:
    return _lexicon(((row["words"], row) for row in table(name)), str.lower)


@cache
def _economy_codes() -> dict[str, str]:
    rows = [row for row in table("economies") if row["iso3"]]
    return {row["iso3"].casefold(): row["iso3"] for row in rows} | {row["name"].casefold(): row["iso3"] for row in rows}


@cache
def _economy_words() -> _Lexicon:
    return _lexicon(((row["name"], row) for row in table("economies")), str)


@cache
def _product_words(edition: str) -> _Lexicon:
    """Take a word in `edition` where the table has it, else in the newest one."""
    rows = {row["word"]: row for row in table("products") if row["hs_edition"] == "HS2022"}
    rows |= {row["word"]: row for row in table("products") if row["hs_edition"] == edition}
    return _lexicon(rows.items(), _singular)


def _lexicon(rows: Iterable[tuple[str, dict[str, str]]], fold: Callable[[str], str]) -> _Lexicon:
    lexicon: _Lexicon = {}
    for name, row in rows:
        first, *rest = (fold(word) for word in _WORD.findall(name))
        lexicon.setdefault(first, []).append((rest, row))
    for names in lexicon.values():
        names.sort(key=lambda pair: -len(pair[0]))
    return lexicon


def _scan(text: str, lexicon: _Lexicon, fold: Callable[[str], str]) -> Iterator[tuple[int, int, dict[str, str]]]:
    """Find the longest names, left to right, none inside another."""
    starts, ends, words = (_words if len(text) <= _LONGEST else _words.__wrapped__)(text, fold)
    after = 0
    for at in [at for at, word in enumerate(words) if word in lexicon]:
        if at < after:
            continue
        for rest, row in lexicon[words[at]]:
            last = at + len(rest)
            if not rest or (
                words[at + 1 : last + 1] == rest and all(text[ends[k] : starts[k + 1]] in _GAP for k in range(at, last))
            ):
                yield starts[at], ends[last], row
                after = last + 1
                break


@lru_cache(maxsize=8)
def _words(text: str, fold: Callable[[str], str]) -> tuple[list[int], list[int], list[str]]:
    """Give where the words of `text` start and end, and the words: several tables are looked for in one sentence."""
    if fold is not str:
        starts, ends, words = (_words if len(text) <= _LONGEST else _words.__wrapped__)(text, str)
        return starts, ends, list(map(fold, words))
    pieces = _WORD.split(text)  # a word at every second place
    places = list(accumulate(map(len, pieces)))
    return places[:-1:2], places[1::2], pieces[1::2]


@lru_cache(maxsize=4096)
def _singular(word: str) -> str:
    word = word.lower()
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
