"""The word tables of the grammar, read once from `data/codes/`."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from toolkit.codes import table
from toolkit.figures._lex import Phrases
from toolkit.quantity import Hedge


class Unit(NamedTuple):
    """What a unit word means: base unit, factor to it, and the word's full name."""

    symbol: str
    factor: Decimal
    said: str
    certain: bool = True


def _unit(row: dict[str, str]) -> Unit:
    return Unit(row["unit"], Decimal(row["factor"]), row["said"])


def _money(row: dict[str, str]) -> Unit:
    return Unit(row["code"], Decimal(row.get("factor", "1")), row["code"], row["certain"] == "yes")


_UNITS, _SIGNS = table("units"), table("currency_signs")
SIGNS = Phrases([(row["sign"], _money(row)) for row in _SIGNS], exact=True)
CURRENCIES = Phrases((row["name"], _money(row)) for row in table("currencies"))
UNIT_WORDS = Phrases((row["name"], _unit(row)) for row in _UNITS if row["form"] == "word")
UNIT_SYMBOLS = Phrases([(row["name"], _unit(row)) for row in _UNITS if row["form"] == "symbol"], exact=True)
SCALES = Phrases((row["word"], int(row["exponent"])) for row in table("scales") if row["where"] == "any")
GLUED_SCALES = {row["word"]: int(row["exponent"]) for row in table("scales") if row["where"] != "any"}
HEDGES = Phrases((row["words"], Hedge(row["hedge"])) for row in table("hedges") if row["side"] == "before")
HEDGES_AFTER = Phrases((row["words"], Hedge(row["hedge"])) for row in table("hedges") if row["side"] == "after")
