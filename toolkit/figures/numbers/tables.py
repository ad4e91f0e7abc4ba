"""The word tables of the grammar, read once from `data/codes/`."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from toolkit.codes import patterns as re
from toolkit.codes import table
from toolkit.codes.phrases import Phrases, Tokens
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ACTORS", "ATTRIBUTES", "CHANGES", "CLUES", "CURRENCIES", "DATE_WORDS", "DURATIONS", "GLUED_SCALES", "GRAMMAR",
    "HEDGES", "HEDGES_AFTER", "HEDGES_END", "HEDGE_BARS", "LAWS", "LEADS", "MEASURING_SIGNS", "MEASURING_WORDS",
    "MONEY_SCALES", "MONTHS", "MULTIPLES", "NOT_PLURAL", "NUMBER_WORDS", "PERIOD_WORDS", "PLURALS", "POINTERS",
    "RANGE_WORDS", "RATES", "RATE_PERIODS", "SCALES", "SIGNS", "SIZES", "STATUS_WORDS", "STOPS", "SUFFIXES",
    "UNIT_SYMBOLS", "UNIT_WORDS", "VAGUE_SCALES", "WEIGHTS", "Unit", "either", "gate", "measures",
]  # fmt: skip


class Unit(NamedTuple):
    """What a unit word means: base unit, factor to it, and the word's full name.

    `family` names the currencies that a sign or word could be, such as "dollar";
    `form` says where a sign may stand.
    """

    symbol: str
    factor: Decimal
    said: str
    certain: bool = True
    family: str = ""
    form: str = ""
    money: bool = False


def measures(tokens: Tokens, index: int) -> bool:
    """Return whether a unit, a currency or a scale stands at `index`."""
    if tokens.lower[index] not in _SCALED_WORDS and tokens.written[index] not in MEASURING_SIGNS:
        return False
    phrases = (UNIT_WORDS, UNIT_SYMBOLS, SCALES, SIGNS, CURRENCIES)
    return any(table.at(tokens, index) is not None for table in phrases)


def either(words: Iterable[str]) -> str:
    """Return the part of a pattern that matches any of `words`, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def gate(words: Iterable[str]) -> frozenset[str]:
    """Return the first word of each phrase in lower case: a sentence without them has none of the phrases."""
    return frozenset(word.lower().split()[0] for word in words)


def _unit(row: dict[str, str]) -> Unit:
    return Unit(row["unit"], Decimal(row["factor"]), row["said"])


def _money(row: dict[str, str]) -> Unit:
    said = row.get("name") or row["sign"]
    certain = row["certain"] == "yes"
    return Unit(row["code"], Decimal(row["factor"]), said, certain, row["family"], row.get("form", ""), money=True)


def _words(name: str, role: str, column: str = "word") -> frozenset[str]:
    return frozenset(row[column] for row in table(name) if row["role"] == role)


def _by_role(name: str, column: str) -> dict[str, frozenset[str]]:
    return {role: _words(name, role, column) for role in {row["role"] for row in table(name)}}


# A weight is what goods are traded by; a size is neither that nor a length.
_KINDS = ("time", "weight", "size")
_UNITS, _SCALES, _HEDGES = table("units"), table("scales"), table("hedges")
SIGNS = Phrases([(row["sign"], _money(row)) for row in table("currency_signs")], form="written")
CURRENCIES = Phrases((row["name"], _money(row)) for row in table("currencies"))
UNIT_WORDS = Phrases((row["name"], _unit(row)) for row in _UNITS if row["form"] == "word")
UNIT_SYMBOLS = Phrases([(row["name"], _unit(row)) for row in _UNITS if row["form"] != "word"], form="written")
SCALES = Phrases((row["word"], int(row["exponent"])) for row in _SCALES if row["where"] == "any")
GLUED_SCALES = {row["word"]: int(row["exponent"]) for row in _SCALES if row["where"] == "glued"}
MONEY_SCALES = {row["word"]: int(row["exponent"]) for row in _SCALES if row["where"] == "money"}
VAGUE_SCALES = Phrases((row["word"], int(row["exponent"])) for row in _SCALES if row["where"] == "plural")
HEDGES = Phrases((row["words"], Hedge(row["hedge"])) for row in _HEDGES if row["side"] == "before")
HEDGES_AFTER = Phrases((row["words"], Hedge(row["hedge"])) for row in _HEDGES if row["side"] == "after")
HEDGES_END = Phrases((row["words"], Hedge(row["hedge"])) for row in _HEDGES if row["side"] == "end")
HEDGE_BARS = {(row["hedge"], row["before"]): row["when"] for row in table("hedge_bars")}
RATES = Phrases((row["name"], row["symbol"]) for row in table("rates"))
NUMBER_WORDS = {row["word"]: (Fraction(row["value"]), row["kind"]) for row in table("number_words")}
MULTIPLES = {row["word"]: Decimal(row["value"]) for row in table("multiples")}
MONTHS = {row["name"]: int(row["number"]) for row in table("months")}
LEADS = _words("not_figures", "lead")
SUFFIXES = _words("not_figures", "suffix")
ACTORS = _words("not_figures", "actor")
POINTERS = _words("not_figures", "pointer")
LAWS = _words("not_figures", "law")
STOPS = _words("noun_words", "stop")
NOT_PLURAL = _words("noun_words", "not plural")
ATTRIBUTES = _words("noun_words", "attribute")
PLURALS = _words("noun_words", "plural")
CHANGES = _words("motion_words", "change")
RANGE_WORDS = _words("motion_words", "range")
CLUES = [(row["words"], row["family"], row["code"]) for row in table("currency_clues")]
GRAMMAR, DATE_WORDS = _by_role("grammar_words", "word"), _by_role("date_words", "word")
PERIOD_WORDS = _by_role("period_words", "words")
STATUS_WORDS = {
    role: {row["words"]: row["meaning"] for row in table("status_words") if row["role"] == role}
    for role in {row["role"] for row in table("status_words")}
}
DURATIONS, WEIGHTS, SIZES = (frozenset(row["unit"] for row in _UNITS if row["kind"] == kind) for kind in _KINDS)
RATE_PERIODS = frozenset({"d", "week", "month", "quarter", "year"})
MEASURING_WORDS, MEASURING_SIGNS = UNIT_WORDS.firsts | CURRENCIES.firsts, UNIT_SYMBOLS.firsts | SIGNS.firsts
_SCALED_WORDS = MEASURING_WORDS | SCALES.firsts
