"""The other side of a figure that stands between two, where the clause names only one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.codes import patterns as re
from toolkit.figures.meaning.home import money_homes
from toolkit.figures.meaning.mentions import WORLD, owns
from toolkit.figures.meaning.nameless import firm_home, names_a_firm, side_words

if TYPE_CHECKING:
    from toolkit.figures.figure import LocatedQuantity
    from toolkit.figures.meaning.clauses import Line
    from toolkit.figures.meaning.mentions import Hit
    from toolkit.figures.meaning.nameless import Case

    Place = tuple[int, int]

_BARE_ROW = re.compile(
    r"(?:[’']s)?(?:\s[a-z]+(?=\sat\s))?,?\s?\(?(?:(?:at|with|by|about|nearly|almost|roughly|around|some|over|only|just)\s)?"
)
_LISTED = re.compile(r",?\s(?:and|or)\s(?:the\s)?|,\s(?:the\s)?")
_FOR = re.compile(r"\s(?:for|on goods from|on imports from)\s(?:the\s)?")
_RESPECTIVELY = re.compile(r",?\srespectively\b")
_TRADED = re.compile(
    r"\b(?:b[ou]+ghts?|buys?|buying|took|takes?|taking|imports?|imported|importing|exports?|exported|purchase\w*|absorb\w*|suppl(?:y|ies|ied|ying)|shipments|shipped|"
    r"sold|sells?|sales|deliver\w+|account\w*|tariffs?|dut(?:y|ies)|lev(?:y|ies)|pays?|faces?|taxed|charged)\b",
    re.IGNORECASE,
)


def place_in_row(line: Line, finding: LocatedQuantity) -> tuple[int, int] | None:
    """Give which of how many figures that "respectively" ends a figure is: the second of two."""
    if not line.has({"respectively"}):
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


def respective(line: Line, finding: LocatedQuantity) -> str | None:
    """Give the economy of "Bangladesh and Nepal sold $50 billion and $1 billion respectively" that a figure is of."""
    if (place := place_in_row(line, finding)) is None:
        return None
    listed: list[Hit] = []
    for hit in sorted(hit for hit in line.economies if hit[1] <= finding.start):
        if listed and not _LISTED.fullmatch(line.text, listed[-1][1], hit[0]):
            if len(listed) == place[1]:
                break
            listed = []
        listed.append(hit)
    return listed[place[0]][2] if len(listed) == place[1] else None


def for_each(line: Line, finding: LocatedQuantity) -> tuple[str, ...]:
    """Read "30 % for Algeria and Iraq, 25 % for Moldova": what a figure is for, and who is told of before the first."""
    row = [(place, named) for place in line.figures if (named := _named_for(line, place[1]))]
    own = next((named for place, named in row if place[0] == finding.start), ())
    if len(row) < len("AB") or not own:
        return ()
    each = {code for _, named in row for code in named}
    before = [hit[2] for hit in line.economies if hit[1] <= row[0][0][0] and hit[2] not in each | {WORLD}]
    return tuple(dict.fromkeys([*before, *own]))


def _named_for(line: Line, end: int) -> tuple[str, ...]:
    """Give the economies listed behind "for" at `end`."""
    link, found = _FOR.match(line.text, end, line.end), list[str]()
    at = link.end() if link else -1
    for start, stop, code in sorted(line.economies) if link else ():
        if start == at:
            found.append(code)
            listed = _LISTED.match(line.text, stop, line.end)
            at = listed.end() if listed else -1
    return tuple(found)


def of_a_row(line: Line, finding: LocatedQuantity, home: str | None) -> tuple[str, ...]:
    """Give the figure's own economy and what its row is told of; nothing where it stands in no row."""
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
    """Give the row of figures that a figure stands in: each after the first has its economy right before it."""
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


_BARE = re.compile(r",\s(?:(?:at|with|on)\s)?(?:(?:about|around|some|roughly|nearly|almost|only|just)\s)?$")
_UNDER = re.compile(r"\bunder (?:the|this|that|their)\b", re.IGNORECASE)
_ITS = re.compile(r"\b(?:its|our|their)\s$")
_OF = re.compile(r"\sof\s")
_DOWN_FROM = re.compile(r",?\s?(?:down|up|compared|against|versus)\b")
_TAXED = re.compile(r"\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharge|rate|pays?|enters?)\b")
_NEAR = 40  # characters
_BLOCS = {WORLD, "EUU"}


def both_sides(case: Case, found: tuple[str, ...]) -> tuple[str, ...]:
    """Add the partner of a flow, a pact, a pledge or a stake to the one economy found."""
    if len(found) != 1 or found[0] == WORLD:
        return found
    own = found[0]
    other = next((code for rule in _RULES if (code := rule(case, own)) not in {None, own}), None)
    return (own, other) if other else found


def next_in_row(case: Case, found: tuple[str, ...]) -> tuple[str, ...]:
    """Read "Taiwan, at 35 %, is now the largest market" as of who sells, told of before, and of the new partner."""
    last = case.last
    if len(found) != 1 or case.kind or last is None or case.line.opens_paragraph or found[0] in last.economies:
        return ()
    near = case.line.before is not None and last.start >= case.line.before.start
    pair = len(last.economies) == len("AB") and case.strong_home in last.economies
    bare = (
        _BARE.search(case.line.text, case.line.start, case.finding.start)
        and last.quantity.unit == case.finding.quantity.unit
    )
    ranked = "rank" in side_words(case.line, case.line.start, case.line.end)
    return (case.strong_home or "", *found) if near and pair and (bare or ranked) else ()


def told_imposer(case: Case) -> str | None:
    """Give who taxes the goods of the text's own economy, by the last figure of a duty between two."""
    text = case.line.text
    taxed = (
        one
        for one in reversed(case.told)
        if len(one.economies) > 1 and _TAXED.search(text, max(0, one.start - _NEAR), one.end + _NEAR)
    )
    return _partner_in(next((one.economies for one in taxed), ()), case.home or "")


def _of_what_goes_on(case: Case, own: str) -> str | None:
    """Read "49 % a year ago", which the figure before is set against, as of the same two."""
    last = case.last
    compared = (
        last
        and own in last.economies
        and last.start >= case.line.start
        and _DOWN_FROM.match(case.line.text, case.clause[0])
    )
    return _partner_in(last.economies, own) if last and compared else None


def _across_the_border(case: Case, own: str) -> str | None:
    """Read "across the Atlantic" and "we sold them": the partner of a text about two, or the only one told of."""
    said = side_words(case.line, *case.clause)
    if own != case.home or not said & {"across", "goes on"}:
        return None
    told = case.last.economies if case.last and "goes on" in said else ()
    return _partner_in(tuple(case.partner(own)) or told, own) or _only_other(case, own)


def _of_the_pact(case: Case, own: str) -> str | None:
    """Read "under the trade deal, Canada opened 3 % of its market" in a text about two."""
    pact = (
        own == case.home and case.before(_UNDER) and "pact" in side_words(case.line, case.clause[0], case.finding.start)
    )
    return _partner_in(tuple(case.partner(own)), own) if pact else None


def _of_the_pledge(case: Case, own: str) -> str | None:
    """Read "the $550 billion investment package" as promised by one of the two that the sentence names."""
    pledged = own == case.home and "pledge" in side_words(case.line, *case.clause)
    return _other_of(case.line, own) if pledged else None


def _of_the_stake(case: Case, own: str) -> str | None:
    """Read a stake that an economy holds as one in the firm that the text, of another economy, is about."""
    holds = own != case.home and case.finding.quantity.unit == "%" and "stake" in side_words(case.line, *case.clause)
    return case.strong_home if holds and case.kind != "market" else None


def _of_the_firm(case: Case, own: str) -> str | None:
    """Read "China took 27 % of sales" and a firm's sales to China as of its home too."""
    code = firm_home(case.line.story) if case.kind in {"firm", "nation"} else None
    if not code or names_a_firm(case.line) or "sold" not in side_words(case.line, *case.clause):
        return None
    its = any(
        _ITS.search(case.line.text, max(case.line.start, at - 8), at)
        for at, _, named in case.line.economies
        if named == own
    )
    return (
        code
        if its
        or _in_scene(case, own)
        or _directed(case, own)
        or _OF.match(case.line.text, case.finding.end, case.line.end)
        else None
    )


def _of_who_enters(case: Case, own: str) -> str | None:
    """Read "stoppers enter America at 15 %" as the duty on what the text's own economy sells."""
    enters = own != case.home and case.finding.quantity.unit == "%" and "entry" in side_words(case.line, *case.clause)
    return case.strong_home if enters else None


def _in_its_own_money(case: Case, own: str) -> str | None:
    """Read "RM24 billion came from Singapore" as of whose money it is, too."""
    code = money_homes().get(case.finding.quantity.unit[:3])
    lone = code not in {None, "USA", *_BLOCS} and case.kind == "nation" and own == case.home
    return code if lone and _directed(case, own) else None


def _directed(case: Case, own: str) -> bool:
    """Tell whether the clause names an economy as a direction only: "to China"."""
    here = [hit for hit in case.line.economies if hit[2] == own and case.clause[0] <= hit[0] < case.clause[1]]
    return any(not owns(case.line, hit) for hit in here)


def _in_scene(case: Case, own: str) -> bool:
    """Tell whether a sentence opens with a place: "In China, where it has 900 workers, revenue rose"."""
    return any(
        named == own and case.line.text[case.line.start : at] in {"In ", "In the "}
        for at, _, named in case.line.economies
    )


def _as_much_again(case: Case, own: str) -> str | None:
    """Read "it will sell twice as much" as of the two whose sale the figure before is."""
    last = case.last
    again = last is not None and not case.line.opens_paragraph and "again" in side_words(case.line, *case.clause)
    return _partner_in(last.economies, own) if last and again and own in last.economies else None


_RULES = (
    _in_its_own_money,
    _as_much_again,
    _of_who_enters,
    _of_what_goes_on,
    _across_the_border,
    _of_the_pact,
    _of_the_pledge,
    _of_the_stake,
    _of_the_firm,
)


def _only_other(case: Case, own: str) -> str | None:
    return _other_of(case.line, own) or (_other_of(case.line.before, own) if case.line.before else None)


def _other_of(line: Line, own: str) -> str | None:
    """Give the only other economy that a sentence names."""
    return _partner_in(tuple({code for _, _, code in line.economies}), own)


def _partner_in(two: tuple[str, ...], own: str) -> str | None:
    others = {*two} - {own, *_BLOCS}
    return others.pop() if len(others) == 1 else None
