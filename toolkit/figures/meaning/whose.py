"""Whose a figure is: the economies of its clause, or of what it continues."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.codes import patterns as re
from toolkit.figures.meaning import mentions, roles
from toolkit.figures.meaning.mentions import COMPARED, WORLD
from toolkit.figures.meaning.nameless import BILATERAL, STATE, Case, calls_a_firm, nameless, names_a_firm, side_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.figures.figure import Figure, LocatedQuantity
    from toolkit.figures.meaning.clauses import Cue, Line
    from toolkit.figures.meaning.mentions import Hit

    Place = tuple[int, int]

__all__ = ["economies", "of_a_row", "place_in_row"]

_BARE_ROW = re.compile(
    r"(?:[’']s)?(?:\s[a-z]+(?=\sat\s))?,?\s?\(?(?:(?:at|with|by|about|nearly|almost|roughly|around|some|over|only|just)\s)?"
)
_LISTED = re.compile(r",?\s(?:and|or)\s(?:the\s)?|,\s(?:the\s)?")
_RESPECTIVELY = re.compile(r",?\srespectively\b")
_TRADED = re.compile(
    r"\b(?:b[ou]+ghts?|buys?|buying|took|takes?|taking|imports?|imported|importing|exports?|exported|purchase\w*|absorb\w*|suppl(?:y|ies|ied|ying)|shipments|shipped|"
    r"sold|sells?|sales|deliver\w+|account\w*|tariffs?|dut(?:y|ies)|lev(?:y|ies)|pays?|faces?|taxed|charged)\b",
    re.IGNORECASE,
)


def place_in_row(line: Line, finding: LocatedQuantity) -> tuple[int, int] | None:
    """Return which of how many figures that "respectively" ends a figure is: the second of two."""
    if not line.has(_RESPECTIVELY.words):
        return None
    row: list[Place] = []
    for place in line.figures:
        if row and not _LISTED.fullmatch(line.text, row[-1][1], place[0]):
            row = []
        row.append(place)
        if _RESPECTIVELY.match(line.text, place[1], line.end):
            at = next((index for index, one in enumerate(row) if one[0] == finding.start), None)
            return (at, len(row)) if at is not None and len(row) > 1 else None
    return None


def of_a_row(line: Line, finding: LocatedQuantity, home: str | None) -> tuple[str, ...]:
    """Return the figure's own economy and what its row is told of; nothing where it stands in no row."""
    row = _row(line, finding)
    if not row:
        return ()
    own = next(hit for place, hit in row if place[0] == finding.start)
    first, holder = row[0]
    members = {hit[2] for _, hit in row}
    hosts = line.chain(first[0])
    apart = line.text.rfind(";", line.start, first[0])
    told = [
        hit[2]
        for start, end in hosts
        for hit in line.economies
        if max(start, apart) <= hit[0] < min(end, first[0]) and hit is not holder and hit[2] not in members
    ]
    if any(hit[2] == WORLD and first[0] < hit[0] for hit in line.economies):
        return (own[2],)  # "71 % of orders placed worldwide"
    flows = any(row["whose"] == "nation" and at < first[0] for at, _, row in line.measures)
    if not told and home and home not in members and (flows or _TRADED.search(line.text, line.start, first[0])):
        told = [home]
    return tuple(dict.fromkeys([*[code for code in told if code != WORLD], own[2]]))


def _row(line: Line, finding: LocatedQuantity) -> list[tuple[Place, Hit]]:
    """Return the row of figures that a figure stands in: each after the first has its economy right before it."""
    row: list[tuple[Place, Hit]] = []
    after = line.start
    for place in line.figures:
        hit = _last_between(line, after, place[0])
        if not (row and hit and _BARE_ROW.fullmatch(line.text, hit[1], place[0])):
            if _holds(row, finding):
                break
            row = []
        if hit:
            row.append((place, hit))
        after = place[1]
    different = len({hit[2] for _, hit in row}) == len(row)
    return row if len(row) > 1 and different and _holds(row, finding) else []


def _holds(row: list[tuple[Place, Hit]], finding: LocatedQuantity) -> bool:
    return len(row) > 1 and any(place[0] == finding.start for place, _ in row)


def _last_between(line: Line, start: int, end: int) -> Hit | None:
    return next((hit for hit in reversed(line.economies) if start <= hit[0] and hit[1] <= end), None)


_OR = re.compile(r",?\sor\s(?:(?:about|some|nearly|almost|roughly|around|over|more than)\s)?$")
_INVESTED = re.compile(r"\binvested\s")
_INVESTS = re.compile(r"\b(?:invest|investing|spend|build)\s")
_THE_COUNTRY = re.compile(
    r"\b(?:to|from|into|with)\s(?:(?:the|that)\s(?:[\w-]+\s){0,2}(?:country|nation|kingdom|republic|island)|(?:the|its)\s(?:[\w-]+\s){0,2}neighbou?r)\b"
)
_SECTOR = re.compile(r"\b(?:industry|industries|sector|[Cc]orporate|nationwide)\b")
_LEAD = 5  # sentences
_THE_STATE = re.compile(r"The (?:government|cabinet|ministry|parliament|central bank|treasury)\b")
_ANY = re.compile(r"\b(?:a|any) (?:single|third|one|other) (?:country|nation|supplier)\b|\bthird countries\b")
_AVERAGE = re.compile(r"\baverage\b", re.IGNORECASE)
_BUYS = re.compile(
    r"(?:,\s(?:which|who)(?:\s[^,.;]{1,40},)?)?(?:\s(?:buyers|importers|customers|mills|refiners|consumers|suppliers|sellers))?\s(?:(?:has|have|had|also|still|then|once|alone|together)\s)?(?:took|takes|taken|received|receives|bought|buys|absorbed|absorbs|purchased|cancelled|canceled|supplied|supplies|supplying|provided)\b"
)
_PAID = re.compile(r"(?:\s(?:buyers|importers|customers|mills|refiners|shoppers))?\s(?:paid|pay|pays)\b")
_PARTNER = re.compile(
    r"\b(?:was|is|were|are|remain(?:s|ed)?|became|stayed)\s(?:by far\s)?(?:the|its|our|their)\s(?:[\w-]+\s){0,2}(?:buyers?|customers?|suppliers?|export (?:market|destination)s?|(?:trading|trade) partners?|source)\b"
)
_FACES = re.compile(r"\b(?:fac(?:e|es|ed|ing)|pays?|paid|attracts?)\s")
_SOLD = re.compile(
    r"\b(?:[Ss]ales|[Dd]eliveries|[Oo]rders)\s(?:to|from|in)\s|\bIn\s(?:the\s)?[A-Z][\w ]{2,20},?\s(?:sales|deliveries|orders)\b"
)
_BUYING = re.compile(r"\b(?:(?:buy|purchas|import|suppl|sell|export|ship)\w*|sent|sends|sold)\b", re.IGNORECASE)


def economies(
    line: Line, finding: LocatedQuantity, measure: Cue | None, said_by: str | None, told: Sequence[Figure]
) -> tuple[str, ...]:
    """Return whose the figure is: owners and partners in its clause, completed by what the text is about.

    `told` are the figures before it.
    """
    last = told[-1] if told and told[-1].start >= line.floor else None
    if last and last.start >= line.start and line.has(_OR.words) and _OR.search(line.text, last.end, finding.start):
        return last.economies
    kind = measure[2]["whose"] if measure else ""
    case = Case(line, finding, kind, said_by, last, told, roles.home(line.story))
    if calls_a_firm(line, case.clause[0], finding.start):
        case = replace(case, kind="firm")
    elif case.kind == "firm" and measure and _of_the_nation(case, line.text[measure[0] : measure[1]]):
        case = replace(case, kind="nation")
    hits = mentions.hits(line, finding, said_by)
    return _named(case, hits) if hits else nameless(case)


def _named(case: Case, hits: list[Hit]) -> tuple[str, ...]:
    """Return the economies of a figure whose clause names some."""
    host = (roles.imposer(case.line) if case.kind == "tariff" else None) or case.home
    if own := of_a_row(case.line, case.finding, host):
        return own
    found = tuple(dict.fromkeys(code for _, _, code in sorted(hits)))
    owned = mentions.owned(case.line, case.finding, hits)
    return found if owned and len(found) > 1 else _completed(case, found, owned=owned)


def _of_the_nation(case: Case, noun: str) -> bool:
    """Return whether "revenue" is a nation's: where no firm is named in this sentence or the one before."""
    if case.line.before is None or case.home in {None, WORLD}:
        return False
    if _SECTOR.search(case.line.text, *case.clause):
        return True
    if noun.lower() == "orders" and any(names_a_firm(line) for line in case.line.story.opening[:_LEAD]):
        return False
    at_work = noun.lower() in {"workers", "jobs", "people", "employees", "staff", "orders", "projects", "plants"}
    theirs = at_work or (
        noun.lower() in {"revenue", "revenues", "sales"} and case.last is not None and case.home in case.last.economies
    )
    return theirs and not names_a_firm(case.line) and not names_a_firm(case.line.before)


def _completed(case: Case, found: tuple[str, ...], *, owned: bool) -> tuple[str, ...]:
    """Add the other side, where the clause names only one and the text is plainly about two."""
    others = _others(case, found, owned=owned)
    return tuple(dict.fromkeys(code for code in (*others, *found) if code))


def _others(case: Case, found: tuple[str, ...], *, owned: bool) -> Iterable[str | None]:
    line, (start, end), first = case.line, case.clause, found[0]
    if COMPARED.match(line.text, start):
        return ()
    if len(found) > 1:
        return () if owned or not _needs_home(case) else (case.home,)
    by_the_state = case.kind == "tariff" and not owned
    if by_the_state or case.before(BILATERAL) or _THE_COUNTRY.search(line.text, start, end):
        by_state = (case.home,) if by_the_state and (case.in_sentence(STATE) or case.before(_FACES)) else ()
        return case.partner(first) or by_state
    return _beside_one(case, first, owned=owned)


def _beside_one(case: Case, first: str, *, owned: bool) -> Iterable[str | None]:
    """Return the other side of a figure whose clause names one economy and no pair."""
    line, last = case.line, case.last
    goes_on = last is not None and (first != case.home or last.start >= line.start or case.before(_BUYING))
    if not case.kind and last and first in last.economies and goes_on and not line.opens_paragraph:
        return () if case.in_sentence(_ANY) else last.economies
    acts = case.kind != "firm" and _THE_STATE.match(line.text, line.start, line.end)
    if acts and case.home not in {None, WORLD, first}:
        return (case.home,)
    if owned:
        return _beside_the_owner(case, first)
    if first == case.home and line.before and not line.opens_paragraph and case.before(_BUYING) and _needs_home(case):
        return (mentions.last_owner(line.before),)
    if not _needs_home(case):
        return ()
    return (mentions.antecedent(line) or case.home,)


def _beside_the_owner(case: Case, owner: str) -> Iterable[str | None]:
    """Return the other side of an owner's figure: of a tariff put on what the sentence tells of, of a purchase."""
    abroad = case.in_sentence(_PARTNER) and case.kind in {"nation", ""} and case.home not in {None, WORLD, owner}
    if abroad or case.before(_INVESTED) or _buys(case, owner):
        return (case.home,)
    chain = case.line.chain(case.finding.start)
    if case.kind != "tariff" or case.within(_AVERAGE):
        return ()
    if case.home not in {None, WORLD, owner} and any(code == case.home for _, _, code in case.line.economies):
        return (case.home,)
    told = dict.fromkeys(code for at, _, code in case.line.economies if chain[-1][0] <= at < chain[0][0])
    return tuple(told) if owner in told and len(told) == len("AB") else ()


def _buys(case: Case, owner: str) -> bool:
    """Return whether an economy stands as the buyer or seller of what another one makes: "China took 3 tonnes"."""
    if case.home in {None, WORLD, owner} or any(code == WORLD for _, _, code in case.line.economies):
        return False
    alone = {code for _, _, code in case.line.economies} == {owner}
    money = case.finding.kind in {"money", "price"}
    bought = (
        _BUYS.match(case.line.text, end, case.finding.start)
        or (money and _PAID.match(case.line.text, end, case.finding.start))
        for at, end, code in case.line.economies
        if code == owner and at < case.finding.start
    )
    return any(found and (alone or not found[0].startswith(",")) for found in bought)


def _needs_home(case: Case) -> bool:
    """Return whether a direction alone ("to China") leaves the text's own economy unsaid."""
    told = case.kind not in {"firm", "market"} or (
        case.kind == "firm" and (case.within(_SOLD) or case.before(_INVESTS)) is not None
    )
    single = "single" in side_words(case.line, *case.clause)
    return told and not single and case.home != WORLD
