"""Units as people write them in tables: "US$ million", "thousand tonnes", "Mio. EUR"."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

import pycountry

from toolkit import codes
from toolkit.errors import SchemaError, UnknownCode

SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SHORT = {"mn": 6, "mln": 6, "mio": 6, "bn": 9, "bln": 9, "mrd": 9, "tn": 12, "trn": 12}
_NOUGHTS = re.compile(r"['’]000s?\b|(?<![\d.,])1[ ,.]?000\b")
_GLUED = re.compile(r"[$€£¥₩₹](?=[^\W\d])")  # US$bn
_PLAIN = re.compile(r"pp|1|m2|m3|l|W|Wh|J|head|pair|carat|index.*|[A-Z]{3}/[a-z]+")


def read(stated: str, place: str = "") -> tuple[Decimal, str]:
    """Give factor and base unit of a unit that stands at `place`.

    >>> read("thousand USD"), read("US$ mn"), read("1,000 tonnes")
    ((Decimal('1000'), 'USD'), (Decimal('1000000'), 'USD'), (Decimal('1000'), 't'))

    Raises
    ------
    SchemaError
        If a word of it is not known, or may be two things: "$", "USD m", "lakh".
    """
    power, rest = 0, []
    if (exact := _base(stated.strip())) is not None:
        return exact
    spaced = _GLUED.sub(r"\g<0> ", _NOUGHTS.sub(" thousand ", stated))
    for word in spaced.replace("(", " ").replace(")", " ").split():
        folded = word.casefold().rstrip(".")
        scale = SCALES.get(folded.removesuffix("s")) or _SHORT.get(folded)
        power += scale or 0
        rest += [] if scale or folded == "of" else [word]
    if (base := _base(" ".join(rest))) is None:
        where = f"{place}: " if place else ""
        problem = f"{where}unit {stated!r} is not known"
        raise SchemaError(problem, remedy="Write USD, thousand USD, million JPY, t, kg, % ...")
    return Decimal(10) ** power * base[0], base[1]


def scale(stated: str) -> str:
    """Give the word for a unit's power of ten, empty if there is none.

    >>> scale("US$ mn"), scale("kt"), scale("kg")
    ('million', 'thousand', '')
    """
    factor = read(stated)[0]
    return next((word for word, power in SCALES.items() if factor == Decimal(10) ** power), "")


def _base(text: str) -> tuple[Decimal, str] | None:
    """Give a unit without words for powers of ten: a code, a symbol, a name."""
    if (text.isupper() and pycountry.currencies.get(alpha_3=text)) or _PLAIN.fullmatch(text):
        return Decimal(1), text
    try:
        return codes.unit(text)
    except UnknownCode:
        return _names().get(text) or _names().get(text.casefold())


@cache
def _names() -> dict[str, tuple[Decimal, str]]:
    """Names of units and currencies; symbols as they stand, those that may be two things not at all."""
    units = {row["name"]: (Decimal(row["factor"]), row["unit"]) for row in codes.table("units") if row["form"]}
    money = [*codes.table("currencies"), *codes.table("currency_signs")]
    named = {row.get("name") or row["sign"]: row for row in money if row["certain"] == "yes"}
    return units | {name: (Decimal(row["factor"]), row["code"]) for name, row in named.items()}
