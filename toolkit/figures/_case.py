"""A figure whose economies are sought, and what its sentence may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.figures import _home, _mentions
from toolkit.figures import _patterns as re

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.figures._clauses import Line
    from toolkit.figures._figure import Figure, Finding

_FIRMS = (
    "company", "companies", "automaker", "automakers", "carmaker", "carmakers", "chipmaker", "chipmakers", "steelmaker", "steelmakers",
    "firm", "firms", "meatpacker", "retailer", "shipbuilder",
)  # fmt: skip
_FIRM = re.compile(rf"\b(?:{'|'.join(_FIRMS)}|(?<!industry )(?<!trade )(?<!lobby )(?<!business )group)\b")
_FIRM_WORDS = {*_FIRMS, "group"}
WE = re.compile(r"\b(?:[Ww]e|[Oo]ur)\s")
BILATERAL = re.compile(r"\b(?:bilateral|two-way|mutual)\b", re.IGNORECASE)
BOTH = re.compile(
    r"\b(?:the two|both|each) (?:country|nation|side|government|countries|nations|sides|governments|economies|presidents|leaders|ministers|premiers|allies|neighbou?rs|partners|capitals)\b|\b(?:between|with) (?:them|each other)\b",
    re.IGNORECASE,
)
FROM_IT = re.compile(r"\b(?:from|to|with) (?:it|them)\b")
STATE = re.compile(r"\b(?:ministry|minister|government|cabinet|parliament|treasury|central bank)\b", re.IGNORECASE)
_FIRM_NAME = re.compile(r"\b(?:Corp|Co|Inc|Ltd|Plc|PLC|plc|Group|Motor|Motors|Holdings|SA|AG|NV|SE|GmbH)\b")
_FIRM_NAME_WORDS = {
    "corp",
    "co",
    "inc",
    "ltd",
    "plc",
    "group",
    "motor",
    "motors",
    "holdings",
    "sa",
    "ag",
    "nv",
    "se",
    "gmbh",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A figure whose economies are sought: what it measures, who says it, the figure before, the text's own economy."""

    line: Line
    finding: Finding
    kind: str
    said_by: str | None
    last: Figure | None
    told: Sequence[Figure]
    home: str | None

    @property
    def clause(self) -> tuple[int, int]:
        return self.line.chain(self.finding.start)[0]

    def before(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Find `pattern` in the figure's clause before it."""
        return pattern.search(self.line.text, self.clause[0], self.finding.start)

    def within(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Find `pattern` in the figure's clause."""
        return pattern.search(self.line.text, *self.clause)

    def in_sentence(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Find `pattern` in the figure's sentence."""
        return pattern.search(self.line.text, self.line.start, self.line.end)

    @property
    def strong_home(self) -> str | None:
        """The economy that the text is plainly about."""
        return _home.strong_home(self.line.story)

    def partner(self, code: str) -> list[str]:
        return _mentions.partner(self.line.story, code)


def calls_a_firm(line: Line, start: int, end: int) -> bool:
    """Tell whether a stretch of a sentence calls somebody a firm."""
    return line.has(_FIRM_WORDS) and _FIRM.search(line.lower, start, end) is not None


def names_a_firm(line: Line) -> bool:
    named = line.has(_FIRM_NAME_WORDS) and _FIRM_NAME.search(line.text, line.start, line.end)
    return bool(named) or calls_a_firm(line, line.start, line.end)


@lru_cache(maxsize=16)
def side_words(line: Line, start: int, end: int) -> frozenset[str]:
    """Give what the words of a stretch tell of two sides: "across", "pledge"."""
    if not line.has(_first_words()):
        return frozenset()
    return frozenset(row["means"] for _, _, row in codes.find_words(line.text[start:end], "side_words"))


@cache
def _first_words() -> frozenset[str]:
    return frozenset(row["words"].replace("-", " ").split()[0].lower() for row in codes.table("side_words"))
