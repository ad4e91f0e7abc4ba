"""Whose a figure is: the economies of its clause, or of what it continues."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.figures import _mentions
from toolkit.figures._mentions import COMPARED, WORLD
from toolkit.figures._rows import of_a_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.figures._clauses import Cue, Line
    from toolkit.figures._figure import Figure, Finding

_OR = re.compile(r",?\sor\s(?:(?:about|some|nearly|almost|roughly|around|over|more than)\s)?$")
_FIRMS = {
    "company", "automaker", "carmaker", "chipmaker", "steelmaker", "firm", "group", "meatpacker", "retailer", "shipbuilder",
}  # fmt: skip
_FIRM = re.compile(
    r"\b(?:company|automaker|carmaker|chipmaker|steelmaker|firm|(?<!industry )(?<!trade )(?<!lobby )(?<!business )group|meatpacker|retailer|shipbuilder)\b",
    re.IGNORECASE,
)
_FIRM_NAME = re.compile(r"\b(?:Corp|Co|Inc|Ltd|Plc|PLC|plc|Group|Motor|Motors|Holdings|SA|AG|NV|SE|GmbH)\b")
_FOR = re.compile(r"\sfor\s")
_INVESTED = re.compile(r"\binvested\s")
_WE = re.compile(r"\b(?:[Ww]e|[Oo]ur)\s")
_ANAPHOR = re.compile(
    r"(?:Of the (?:total|sum|amount)|The (?:amount|sum|total|deal|agreement|package|fund|plan|pact|measure)|Under (?:the|this) (?:deal|agreement|plan|pact)|This|These|That|Those)\b"
)
_BILATERAL = re.compile(r"\b(?:bilateral|two-way|mutual)\b", re.IGNORECASE)
_TOGETHER = {"two", "both", "them", "other"}
_BOTH = re.compile(
    r"\b(?:the two|both) (?:countries|nations|sides|governments|economies|neighbou?rs|partners|capitals)\b|\b(?:between|with) (?:them|each other)\b",
    re.IGNORECASE,
)
_THE_DEAL = re.compile(r"\bthe (?:deal|agreement|pact|accord|treaty)\b", re.IGNORECASE)
_THE_COUNTRY = re.compile(r"\b(?:to|from|into|with)\s(?:the|that)\s(?:country|nation)\b")
_OF_THE_COUNTRY = re.compile(
    r"(?<!to )(?<!from )(?<!into )(?<!with )\b(?:the|that) (?:country|nation)\b", re.IGNORECASE
)
_ITS_PARTNER = re.compile(
    r"\bits (?:[a-z-]+ ){0,2}(?:customer|supplier|buyer|partner|neighbou?r|market)\b(?! (?:share|value|price))"
)
_FROM_IT = re.compile(r"\b(?:from|to|with) (?:it|them)\b")
_STATE = re.compile(r"\b(?:ministry|minister|government|cabinet|parliament|treasury|central bank)\b", re.IGNORECASE)
_OFFICE = re.compile(r"\b(?:[Mm]inister|[Mm]inistry|President|Chancellor|[Gg]overnment)\b")
_THE_SAME = re.compile(
    r"\bthe (?:old |same |new |current |existing |present |lower |higher )?(quota|tariff|duty|levy|rate)\b"
)
_OTHERS = re.compile(
    r"\s(?:[\w-]+\s){0,2}?(?:that\s|which\s)?(?:all |most |many )?(?:other|rival) (?:countries|nations|exporters|suppliers|partners|producers)\b"
)
_ANY = re.compile(r"\b(?:a|any) (?:single|third|one|other) (?:country|nation|supplier)\b|\bthird countries\b")
_AVERAGE = re.compile(r"\baverage\b", re.IGNORECASE)
_PLANT = re.compile(r"\b(?:plant|mine|smelter|refinery|factory|mill|shipyard|terminal|pipeline)\b", re.IGNORECASE)
_BUYS = re.compile(
    r"(?:\s(?:buyers|importers|customers|mills|refiners|consumers|suppliers|sellers))?\s(?:(?:has|have|had|also|still|then)\s)?(?:took|taken|bought|absorbed|purchased|cancelled|canceled|supplied|supplies|supplying|provided)\b"
)
_MONEY_NAME = re.compile(
    r"\b[Tt]he ([a-z]+)\s(?:has\s|had\s)?[a-z]+(?:\s[a-z]+)?\s$|^(?:The )?([A-Z]?[a-z]+)\s[a-z]+\s$"
)
_CONTINUES = {"nation", "tariff"}


@dataclass(frozen=True, slots=True)
class _Case:
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

    def partner(self, code: str) -> list[str]:
        return _mentions.partner(self.line.story, code)


def economies(
    line: Line, finding: Finding, measure: Cue | None, said_by: str | None, told: Sequence[Figure]
) -> tuple[str, ...]:
    """Give whose the figure is: owners and partners in its clause, completed by what the text is about.

    `told` are the figures before it.
    """
    last = told[-1] if told and (line.before is None or told[-1].start >= line.before.start) else None
    if last and last.start >= line.start and _OR.search(line.text, last.end, finding.start):
        return last.economies
    kind = measure[2]["whose"] if measure else ""
    case = _Case(line, finding, kind, said_by, last, told, _mentions.home(line.story))
    if kind == "tariff" and last and _OTHERS.match(line.text, finding.end, line.end):
        return tuple(_imposer(line, (), last))
    if line.has(_FIRMS) and case.before(_FIRM):
        case = replace(case, kind="firm")
    elif case.kind == "firm" and measure and _of_the_nation(case, line.text[measure[0] : measure[1]]):
        case = replace(case, kind="nation")
    hits = _mentions.hits(line, finding, said_by)
    if not hits:
        return next((found for rule in _WITHOUT_NAME if (found := rule(case)) is not None), ())
    if row := of_a_row(line, finding, case.home):
        return row
    found = tuple(dict.fromkeys(code for _, _, code in sorted(hits)))
    if case.before(_FROM_IT) and last and set(found) < set(last.economies):
        return last.economies
    owned = _mentions.owned(line, finding, hits)
    return found if owned and len(found) > 1 else _completed(case, found, owned=owned)


def _of_the_nation(case: _Case, noun: str) -> bool:
    """Tell whether "revenue" is a nation's: where no firm is named in this sentence or the one before."""
    if noun.lower() not in {"revenue", "revenues", "sales", "orders"} or case.line.before is None:
        return False
    theirs = case.last is not None and case.home in case.last.economies
    return theirs and not _names_a_firm(case.line) and not _names_a_firm(case.line.before)


def _names_a_firm(line: Line) -> bool:
    return any(pattern.search(line.text, line.start, line.end) for pattern in (_FIRM, _FIRM_NAME))


def _completed(case: _Case, found: tuple[str, ...], *, owned: bool) -> tuple[str, ...]:
    """Add the other side, where the clause names only one and the text is plainly about two."""
    others = _others(case, found, owned=owned)
    return tuple(dict.fromkeys(code for code in (*others, *found) if code))


def _others(case: _Case, found: tuple[str, ...], *, owned: bool) -> Iterable[str | None]:
    line, (start, end), first = case.line, case.clause, found[0]
    if COMPARED.match(line.text, start):
        for_goods = case.kind == "tariff" and _FOR.search(line.text, case.finding.end, end)
        return _imposer(line, found, case.last) if for_goods else ()
    if len(found) > 1:
        return () if owned or not _needs_home(case) else (case.home,)
    by_the_state = case.kind == "tariff" and not owned
    if by_the_state or case.before(_BILATERAL) or _THE_COUNTRY.search(line.text, start, end):
        return case.partner(first) or ((case.home,) if by_the_state and case.in_sentence(_STATE) else ())
    if not case.kind and case.last and first in case.last.economies and not line.opens_paragraph:
        return () if case.in_sentence(_ANY) or _speaks_for(case) else case.last.economies
    if owned:
        return _beside_the_owner(case, first)
    return (_mentions.antecedent(line) or case.home,) if _needs_home(case) and not _speaks_for(case) else ()


def _beside_the_owner(case: _Case, owner: str) -> Iterable[str | None]:
    """Give the other side of an owner's figure: of a tariff put on what the sentence tells of, of a purchase."""
    if case.before(_INVESTED) or (case.kind != "firm" and _buys(case, owner)):
        return (case.home,)
    chain = case.line.chain(case.finding.start)
    if case.kind != "tariff" or len(chain) == 1 or case.within(_AVERAGE):
        return ()
    told = dict.fromkeys(code for at, _, code in case.line.economies if chain[-1][0] <= at < chain[0][0])
    return tuple(told) if owner in told and len(told) == len("AB") else ()


def _buys(case: _Case, owner: str) -> bool:
    """Tell whether an economy stands as the buyer or seller of what another one makes: "China took 3 tonnes"."""
    if case.home in {None, WORLD, owner} or any(code == WORLD for _, _, code in case.line.economies):
        return False
    return any(
        _BUYS.match(case.line.text, end, case.finding.start)
        for at, end, code in case.line.economies
        if code == owner and at < case.finding.start
    )


def _speaks_for(case: _Case) -> bool:
    """Tell whether "we" is whom the speaker's office names."""
    return case.before(_WE) is not None and all(at > case.finding.end for at, _, _ in case.line.economies)


def _needs_home(case: _Case) -> bool:
    """Tell whether a direction alone ("to China") leaves the text's own economy unsaid."""
    return (
        case.kind not in {"firm", "market"} and case.home != WORLD and not _mentions.regional(case.line, case.finding)
    )


def _of_the_list(case: _Case) -> tuple[str, ...] | None:
    opener = case.line.opener()
    return tuple(dict.fromkeys(hit[2] for hit in opener.economies)) if opener else None


def _of_a_region(case: _Case) -> tuple[str, ...] | None:
    return () if _mentions.regional(case.line, case.finding) else None


def _of_two(case: _Case) -> tuple[str, ...] | None:
    """Read "the two countries", "trade between them" and "bilateral"."""
    if case.line.has(_TOGETHER) and case.within(_BOTH):
        return _mentions.pair(case.line, case.clause[0]) or None
    return (case.home, *case.partner(case.home)) if case.home and case.before(_BILATERAL) else None


def _of_the_deal(case: _Case) -> tuple[str, ...] | None:
    """Read "the deal would save it" in a text about two."""
    if case.home is None or not case.before(_THE_DEAL) or _ANAPHOR.match(case.line.text, case.line.start):
        return None
    other = case.partner(case.home)
    return (case.home, *other) if other else None


def _of_the_same(case: _Case) -> tuple[str, ...] | None:
    """Read "under the old quota" as the economies of the quota that a figure before tells of."""
    if (same := case.within(_THE_SAME)) is None:
        return None
    return next((one.economies for one in reversed(case.told) if same[1] in (one.about or "")), None)


def _of_the_state(case: _Case) -> tuple[str, ...] | None:
    """Read "the government" and "we" as the text's own economy."""
    if case.home in {None, WORLD} or case.kind == "tariff":
        return None
    we = _WE.search(case.line.text, case.line.start, case.finding.start)
    return (case.home or "",) if we or (case.said_by is None and case.before(_STATE)) else None


def _of_the_world(case: _Case) -> tuple[str, ...] | None:
    return (WORLD,) if any(code == WORLD for _, _, code in case.line.economies) else None


def _of_its(case: _Case) -> tuple[str, ...] | None:
    """Read "its exports" and "the country ran a surplus with its largest customer"."""
    if case.kind == "firm" and case.line.before and _names_a_firm(case.line.before):
        return None
    owner = _mentions.antecedent(case.line)
    if owner is None and case.line.before and case.before(_OF_THE_COUNTRY):
        owner = _mentions.last_owner(case.line.before)
    if owner is None:
        return None
    told = case.last.economies if case.last and not case.line.opens_paragraph else ()
    if case.within(_ITS_PARTNER) and owner in told:
        return told
    return (owner, *(case.partner(owner) if case.kind == "tariff" else ()))


def _of_its_money(case: _Case) -> tuple[str, ...] | None:
    """Read "the pound rose" as the economy whose money it is."""
    found = case.before(_MONEY_NAME)
    code = _money_homes().get((found[1] or found[2]).lower()) if found else None
    return (code,) if code else None


def _of_its_plant(case: _Case) -> tuple[str, ...] | None:
    """Read a firm's plant as standing where the paragraph told of."""
    goes_on = case.last is not None and not case.line.opens_paragraph and case.home in case.last.economies
    if not (case.home and goes_on and _PLANT.search(case.line.text, case.line.start, case.clause[1])):
        return None
    return (case.home,)


def _of_the_last(case: _Case) -> tuple[str, ...] | None:
    """Go on with the economies of the figure before, in its paragraph; what is a firm's or a market's has none."""
    if case.kind in {"firm", "market"} and not case.before(_FROM_IT):
        return ()
    if not (case.last and case.last.economies):
        return None
    anaphor = _ANAPHOR.match(case.line.text, case.line.start)
    if case.line.opens_paragraph and not anaphor and case.last.start < case.line.start:
        return None
    own = case.home in case.last.economies and case.kind == "nation" and not anaphor
    return (case.home,) if case.home and own else case.last.economies


def _of_the_minister(case: _Case) -> tuple[str, ...] | None:
    """Read what a minister promises as the text's own economy's."""
    own = case.home not in {None, WORLD} and case.kind not in {"tariff", "firm", "market"}
    return (case.home or "",) if own and case.said_by and _OFFICE.search(case.said_by) else None


def _of_the_text(case: _Case) -> tuple[str, ...] | None:
    """Give the economy, or the two, that the text is about, where the figure is a nation's."""
    goods = not case.kind and bool(case.line.products)
    if case.home is None or not (case.kind in _CONTINUES or goods):
        return None
    return (case.home, *(case.partner(case.home) if goods or case.kind == "tariff" else ()))


_WITHOUT_NAME = (
    _of_the_list,
    _of_a_region,
    _of_two,
    _of_the_same,
    _of_the_deal,
    _of_the_state,
    _of_the_world,
    _of_its,
    _of_its_money,
    _of_its_plant,
    _of_the_last,
    _of_the_minister,
    _of_the_text,
)


def _imposer(line: Line, found: tuple[str, ...], last: Figure | None) -> list[str]:
    """Give who imposes the tariff that "3 % for Brazilian beans" is compared with: not the owner of the goods."""
    goods = {start for start, _, _ in line.products}
    sellers = {code for _, end, code in line.economies if end + 1 in goods}
    return [code for code in (last.economies if last else ()) if code not in sellers and code not in found]


@cache
def _money_homes() -> dict[str, str]:
    return {row["words"]: row["iso3"] for row in codes.table("currency_homes")}
