"""A figure whose economies are sought, and what its sentence may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.codes import patterns as re
from toolkit.figures.meaning import home as _home
from toolkit.figures.meaning import mentions
from toolkit.figures.meaning.home import home_of, imposer, money_homes
from toolkit.figures.meaning.mentions import WORLD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.figures.figure import Figure, LocatedQuantity
    from toolkit.figures.meaning.clauses import Line, Story

_ANAPHOR = re.compile(
    r"(?:Of the (?:total|sum|amount)|The (?:amount|sum|total|deal|agreement|package|fund|plan|pact|measure)|Under (?:the|this) (?:deal|agreement|plan|pact)|This|These|That|Those)\b"
)
_THE_DEAL = re.compile(r"\bthe (?:deal|agreement|pact|accord|treaty)\b", re.IGNORECASE)
_OF_THE_COUNTRY = re.compile(
    r"(?<!to )(?<!from )(?<!into )(?<!with )\b(?:the|that) (?:country|nation)\b", re.IGNORECASE
)
_ITS_PARTNER = re.compile(
    r"\bits (?:[a-z-]+ ){0,2}(?:customer|supplier|buyer|partner|neighbou?r|market)\b(?! (?:share|value|price))"
)
_OFFICE = re.compile(r"\b(?:[Mm]inister|[Mm]inistry|President|Chancellor|[Gg]overnment)\b")
_THE_SAME = re.compile(
    r"\b(?:the|an?) (?:old |same |new |current |existing |present |lower |higher )?(quota|tariff|duty|levy|rate|package|pledge)\b"
)
_LARGEST = re.compile(
    r"\bthe world[’']s (?:[\w-]+[\s-])?(?:largest|biggest|top|leading|main|No\. ?\d|number)\b", re.IGNORECASE
)
_TOGETHER = {"two", "both", "each", "them", "other"}
_OF_THEM = re.compile(r"\s(?:of|among) (?:them|which|these|those)\b")
_SAME_WORDS, _LARGEST_WORDS, _COUNTRY_WORDS = (
    {"quota", "tariff", "duty", "levy", "rate", "package", "pledge"},
    {"world"},
    {"country", "nation"},
)
_PLANT = re.compile(r"\b(?:plant|mine|smelter|refinery|factory|mill|shipyard|terminal|pipeline)\b", re.IGNORECASE)
_MONEY_NAME = re.compile(
    r"\b[Tt]he (?:[A-Z][a-z]+ )?([a-z]+)\s(?:has\s|had\s)?[a-z]+(?:\s[a-z]+)?\s$|^(?:The )?([A-Z]?[a-z]+)\s[a-z]+\s$"
)
_ITS_FIRM = re.compile(
    r"(?:[’']s)?(?:,?\s[\w-]+){0,4}\s(?:company|\w*maker|producer|manufacturer|giant|exporter|importer|refiner|miner|retailer|group|firm|conglomerate|trader|supplier|operator|developer|start-?up|\w*builder)\b"
    r"(?!\s(?:prices?|countries|nations?|associations?|lobby))"
)
_LEAD = 5  # sentences
_DUTY = re.compile(r"\b(?:tariff|dut(?:y|ies)|lev(?:y|ies)|exempt)\b", re.IGNORECASE)
_CONTINUES = {"nation", "tariff"}


def _of_the_list(case: Case) -> tuple[str, ...] | None:
    opener = case.line.opener()
    return (tuple(dict.fromkeys(hit[2] for hit in opener.economies)) or None) if opener else None


def _of_a_region(case: Case) -> tuple[str, ...] | None:
    return () if mentions.regional(case.line, case.finding) else None


def _of_two(case: Case) -> tuple[str, ...] | None:
    """Read "the two countries", "trade between them" and "bilateral"."""
    if case.line.has(_TOGETHER) and case.within(BOTH):
        return mentions.pair(case.line, case.clause[0]) or None
    return (case.home, *case.partner(case.home)) if case.home and case.before(BILATERAL) else None


def _of_the_deal(case: Case) -> tuple[str, ...] | None:
    """Read "the deal would save it" in a text about two."""
    if case.home is None or not case.before(_THE_DEAL) or _ANAPHOR.match(case.line.text, case.line.start):
        return None
    other = case.partner(case.home)
    return (case.home, *other) if other else None


def _of_the_same(case: Case) -> tuple[str, ...] | None:
    """Read "under the old quota" as the economies of the quota that a figure before tells of."""
    if not case.line.has(_SAME_WORDS) or (same := case.within(_THE_SAME)) is None:
        return None
    if same[0].startswith("a") and case.kind != "tariff":
        return None
    return next((one.economies for one in reversed(case.told) if same[1] in (one.about or "")), None)


def _of_the_state(case: Case) -> tuple[str, ...] | None:
    """Read "the government" and "we" as the text's own economy."""
    if case.home in {None, WORLD} or case.kind == "tariff":
        return None
    we = WE.search(case.line.text, case.line.start, case.finding.start)
    return (case.home or "",) if we or (case.said_by is None and case.before(STATE)) else None


def _of_the_world(case: Case) -> tuple[str, ...] | None:
    start, end = case.clause
    if _OF_THEM.match(case.line.text, case.finding.end, end):
        return (case.strong_home,) if case.strong_home else None
    if case.line.has(_LARGEST_WORDS) and case.before(_LARGEST):
        return None
    return (WORLD,) if any(code == WORLD and start <= at < end for at, _, code in case.line.economies) else None


def _of_its(case: Case) -> tuple[str, ...] | None:
    """Read "its exports" and "the country ran a surplus with its largest customer"."""
    if case.kind == "firm" and case.line.before and names_a_firm(case.line.before):
        return None
    owner = mentions.antecedent(case.line)
    the_country = owner is None and case.line.before and case.line.has(_COUNTRY_WORDS)
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


def _of_its_money(case: Case) -> tuple[str, ...] | None:
    """Read "the pound rose" as the economy whose money it is."""
    found = case.before(_MONEY_NAME) if case.line.has(_money_words()) else None
    code = money_homes().get((found[1] or found[2]).lower()) if found else None
    return (code,) if code else None


@cache
def _money_words() -> frozenset[str]:
    return frozenset(money_homes())


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


@lru_cache(maxsize=1)
def firm_home(story: Story) -> str | None:
    """Give whose firm a text is about, where its first sentences say so of one."""
    for line in story.opening[:_LEAD]:
        for _, end, code in line.economies:
            if code != WORLD and _ITS_FIRM.match(line.text, end, line.end):
                return code
    return None


def _of_its_plant(case: Case) -> tuple[str, ...] | None:
    """Read a firm's plant as standing where the paragraph told of."""
    goes_on = case.last is not None and not case.line.opens_paragraph and case.home in case.last.economies
    if not (case.home and goes_on and _PLANT.search(case.line.text, case.line.start, case.clause[1])):
        return None
    return (case.home,)


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


def _of_the_minister(case: Case) -> tuple[str, ...] | None:
    """Read what a minister promises as the text's own economy's."""
    own = case.home not in {None, WORLD} and case.kind not in {"tariff", "firm", "market"}
    return (case.home or "",) if own and case.said_by and _OFFICE.search(case.said_by) else None


def _of_the_text(case: Case) -> tuple[str, ...] | None:
    """Give the economy, or the two, that the text is about, where the figure is a nation's."""
    goods = not case.kind and bool(case.line.products)
    if case.home is None or not (case.kind in _CONTINUES or goods):
        return None
    if case.kind == "tariff" and (by := imposer(case.line)) not in {None, case.home}:
        return (case.home, by or "")
    return (case.home, *(case.partner(case.home) if case.kind == "tariff" or (goods and _pays_duty(case)) else ()))


def _pays_duty(case: Case) -> bool:
    """Tell whether goods are told of between figures of a tariff: "Pharmaceuticals, worth $10 billion, remain exempt"."""
    return any(_DUTY.search(one.about or "") for one in case.told) or case.in_sentence(_DUTY) is not None


def _of_no_one(case: Case) -> tuple[str, ...] | None:
    return () if _is_world_price(case) else None


def _is_world_price(case: Case) -> bool:
    """Tell whether a price is in dollars, which are not the money of the text's own economy: "copper at $11,000 a tonne"."""
    if case.kind or case.home == WORLD:
        return False
    abroad = case.home != "USA" and case.finding.quantity.unit.startswith("USD/")
    return abroad or "market" in side_words(case.line, case.line.start, case.line.end)


def _of_the_plain_text(case: Case) -> tuple[str, ...] | None:
    """Read what names nothing, and is no firm's and no market's, as that of whom the text is plainly about."""
    mine = not case.kind and not names_a_firm(case.line)
    code = case.strong_home if mine else None
    return (code,) if code and case.finding.kind in {"money", "measure", "count", "percent", "change"} else None


_RULES = (
    _of_the_list,
    _of_a_region,
    _of_two,
    _of_the_same,
    _of_the_deal,
    _in_its_money,
    _of_the_state,
    _of_the_world,
    _of_its,
    _of_no_one,
    _of_its_money,
    _of_its_plant,
    _of_its_firm,
    _of_the_last,
    _of_the_minister,
    _of_the_text,
    _of_the_plain_text,
)


def nameless(case: Case) -> tuple[str, ...]:
    """Give the economies of a figure whose clause names none: what the first rule finds that applies."""
    of_all = case.line.story.is_talk and not (case.said_by and home_of(case.line.story, case.said_by))
    rules = _RULES[: _RULES.index(_of_the_last)] if of_all else _RULES  # in a transcript all speak
    told = next((found for rule in rules if (found := rule(case)) is not None), ())
    own = money_homes().get(case.finding.quantity.unit[:3])
    return () if told and own and own not in {*told, "EUU"} else told  # rupees are not America's


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
    """Tell whether a stretch of a sentence calls somebody a firm."""
    return line.has(_FIRM_WORDS) and _FIRM.search(line.lower, start, end) is not None


def names_a_firm(line: Line) -> bool:
    """Return whether the sentence names a firm."""
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
