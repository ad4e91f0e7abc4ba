"""A figure whose economies are sought, and what its sentence may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.codes import patterns as re
from toolkit.figures.meaning import mentions
from toolkit.figures.meaning import roles as _home
from toolkit.figures.meaning.clauses import kept
from toolkit.figures.meaning.mentions import WORLD
from toolkit.figures.meaning.roles import imposer, money_homes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.figures.figure import Figure, LocatedQuantity
    from toolkit.figures.meaning.clauses import Line, Story

__all__ = [
    "BILATERAL",
    "FROM_IT",
    "STATE",
    "Case",
    "calls_a_firm",
    "firm_home",
    "nameless",
    "names_a_firm",
    "side_words",
]

_ANAPHOR = re.compile(
    r"(?:Of the (?:total|sum|amount)|The (?:amount|sum|total|deal|agreement|package|fund|plan|pact|measure)|Under (?:the|this) (?:deal|agreement|plan|pact)|This|These|That|Those)\b"
)
_OF_THE_COUNTRY = re.compile(
    r"(?<!to )(?<!from )(?<!into )(?<!with )\b(?:the|that) (?:country|nation)\b", re.IGNORECASE
)
_ITS_PARTNER = re.compile(
    r"\bits (?:[a-z-]+ ){0,2}(?:customer|supplier|buyer|partner|neighbou?r|market)\b(?! (?:share|value|price))"
)
_LARGEST = re.compile(
    r"\bthe world[’']s (?:[\w-]+[\s-])?(?:largest|biggest|top|leading|main|No\. ?\d|number)\b", re.IGNORECASE
)
_OF_THEM = re.compile(r"\s(?:of|among) (?:them|which|these|those)\b")
_ITS_FIRM = re.compile(
    r"(?:[’']s)?(?:,?\s[\w-]+){0,4}\s(?:company|\w*maker|producer|manufacturer|giant|exporter|importer|refiner|miner|retailer|group|firm|conglomerate|trader|supplier|operator|developer|start-?up|\w*builder)\b"
    r"(?!\s(?:prices?|countries|nations?|associations?|lobby))"
)
_LEAD = 5  # sentences
_DUTY = re.compile(r"\b(?:tariff|dut(?:y|ies)|lev(?:y|ies)|exempt)\b", re.IGNORECASE)
_CONTINUES = {"nation", "tariff"}


def _of_the_world(case: Case) -> tuple[str, ...] | None:
    start, end = case.clause
    if _OF_THEM.match(case.line.text, case.finding.end, end):
        return (case.strong_home,) if case.strong_home else None
    if case.line.has(_LARGEST.words) and case.before(_LARGEST):
        return None
    return (WORLD,) if any(code == WORLD and start <= at < end for at, _, code in case.line.economies) else None


def _of_its(case: Case) -> tuple[str, ...] | None:
    """Read "its exports" and "the country ran a surplus with its largest customer"."""
    owner = mentions.antecedent(case.line)
    the_country = owner is None and case.line.before and case.line.has(_OF_THE_COUNTRY.words)
    if case.line.opens_paragraph and owner and case.strong_home and case.kind == "nation":
        owner = case.strong_home
    if the_country and case.line.before and case.before(_OF_THE_COUNTRY):
        owner = mentions.last_owner(case.line.before) or case.strong_home
    if owner is None:
        return None
    told = case.last.economies if case.last and not case.line.opens_paragraph else ()
    if case.within(_ITS_PARTNER) and owner in told:
        return told
    return (owner, *(case.partner(owner) if case.kind == "tariff" else ()))


def _in_its_money(case: Case) -> tuple[str, ...] | None:
    """Read a sum in the money of the text's own economy as that economy's."""
    code = money_homes().get(case.finding.quantity.unit[:3])
    if code is None or case.kind in {"firm", "market"}:
        return None
    own = code == case.home or (case.kind == "nation" and code != "USA")
    named = own or any(hit[2] == code for line in case.line.story.opening for hit in line.economies)
    return (code,) if named and code != "EUU" else None


def _of_its_firm(case: Case) -> tuple[str, ...] | None:
    """Read a firm's figure as that of the economy whose firm the text calls it: "Britain's last maker of rails"."""
    code = firm_home(case.line.story) if case.kind == "firm" else None
    return (code,) if code else None


@kept
def firm_home(story: Story) -> str | None:
    """Return whose firm a text is about, where its first sentences say so of one."""
    for line in story.opening[:_LEAD]:
        for _, end, code in line.economies:
            if code != WORLD and _ITS_FIRM.match(line.text, end, line.end):
                return code
    return None


def _of_the_last(case: Case) -> tuple[str, ...] | None:
    """Go on with the economies of the figure before, in its paragraph; what is a firm's or a market's has none."""
    if case.kind in {"firm", "market"} and not case.before(FROM_IT):
        return ()
    if not (case.last and case.last.economies):
        return None
    anaphor = _ANAPHOR.match(case.line.text, case.line.start)
    if case.line.opens_paragraph and not anaphor and case.last.start < case.line.start:
        return None
    if case.home in case.last.economies and case.kind == "nation" and not anaphor:
        return (case.home or "",)
    if anaphor or case.kind == "tariff" or case.last.start >= case.line.start:
        return case.last.economies
    return _of_the_owner(case, case.last.economies)


def _of_the_owner(case: Case, told: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out the partner that an earlier sentence named; both go on where the text is about the two."""
    if case.home in told:
        both = not case.kind and set(told) == {case.home, *case.partner(case.home or "")}
        return told if both else (case.home or "",)
    named = mentions.last_owner(case.line.before) if case.line.before else None
    if named in told and (case.kind or case.finding.kind != "money" or not case.strong_home):
        return (named or "",)
    return () if case.strong_home else told


def _of_the_text(case: Case) -> tuple[str, ...] | None:
    """Return the economy, or the two, that the text is about, where the figure is a nation's."""
    goods = not case.kind and bool(case.line.products)
    if case.home is None or not (case.kind in _CONTINUES or goods):
        return None
    if case.kind == "tariff" and (by := imposer(case.line)) not in {None, case.home}:
        return (case.home, by or "")
    return (case.home, *(case.partner(case.home) if case.kind == "tariff" or (goods and _pays_duty(case)) else ()))


def _pays_duty(case: Case) -> bool:
    """Return whether goods are told of between figures of a tariff: "Pharmaceuticals, worth $10 billion, remain exempt"."""
    return any(_DUTY.search(one.about or "") for one in case.told) or case.in_sentence(_DUTY) is not None


def _of_the_plain_text(case: Case) -> tuple[str, ...] | None:
    """Read what names nothing, and is no firm's and no market's, as that of whom the text is plainly about."""
    mine = not case.kind and not names_a_firm(case.line)
    code = case.strong_home if mine else None
    return (code,) if code and case.finding.kind in {"money", "measure", "count", "percent", "change"} else None


_RULES = (
    _in_its_money,
    _of_the_world,
    _of_its,
    _of_its_firm,
    _of_the_last,
    _of_the_text,
    _of_the_plain_text,
)


def nameless(case: Case) -> tuple[str, ...]:
    """Return the economies of a figure whose clause names none: what the first rule finds that applies."""
    of_all = case.line.story.is_talk
    rules = _RULES[: _RULES.index(_of_the_last)] if of_all else _RULES  # in a transcript all speak
    told = next((found for rule in rules if (found := rule(case)) is not None), ())
    own = money_homes().get(case.finding.quantity.unit[:3])
    return () if told and own and own not in {*told, "EUU"} else told  # rupees are not America's


_FIRMS = (
    "company", "companies", "automaker", "automakers", "carmaker", "carmakers", "chipmaker", "chipmakers", "steelmaker", "steelmakers",
    "firm", "firms", "meatpacker", "retailer", "shipbuilder",
)  # fmt: skip
_FIRM = re.compile(rf"\b(?:{'|'.join(_FIRMS)}|(?<!industry )(?<!trade )(?<!lobby )(?<!business )group)\b")
BILATERAL = re.compile(r"\b(?:bilateral|two-way|mutual)\b", re.IGNORECASE)
FROM_IT = re.compile(r"\b(?:from|to|with) (?:it|them)\b")
STATE = re.compile(r"\b(?:ministry|minister|government|cabinet|parliament|treasury|central bank)\b", re.IGNORECASE)
_FIRM_NAME = re.compile(r"\b(?:Corp|Co|Inc|Ltd|Plc|PLC|plc|Group|Motor|Motors|Holdings|SA|AG|NV|SE|GmbH)\b")


@dataclass(frozen=True, slots=True)
class Case:
    """A figure whose economies are sought: what it measures, who says it, the figure before, the text's own economy."""

    line: Line
    finding: LocatedQuantity
    kind: str
    said_by: str | None
    last: Figure | None
    told: Sequence[Figure]
    home: str | None

    @property
    def clause(self) -> tuple[int, int]:
        """The clause of the figure."""
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
        """Return the other economies that the sentence names."""
        return mentions.partner(self.line.story, code)


def calls_a_firm(line: Line, start: int, end: int) -> bool:
    """Return whether a stretch of a sentence calls somebody a firm."""
    return line.has(_FIRM.words) and _FIRM.search(line.lower, start, end) is not None


def names_a_firm(line: Line) -> bool:
    """Return whether the sentence names a firm."""
    named = line.has(_FIRM_NAME.words) and _FIRM_NAME.search(line.text, line.start, line.end)
    return bool(named) or calls_a_firm(line, line.start, line.end)


@kept
def side_words(line: Line, start: int, end: int) -> frozenset[str]:
    """Return what the words of a stretch tell of two sides: "across", "pledge"."""
    if not line.has(_first_words()):
        return frozenset()
    return frozenset(row["means"] for _, _, row in codes.find_words(line.text[start:end], "side_words"))


@cache
def _first_words() -> frozenset[str]:
    return frozenset(row["words"].replace("-", " ").split()[0].lower() for row in codes.table("side_words"))
