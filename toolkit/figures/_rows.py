"""Figures in a row, each with its own economy: "Türkiye supplied 15 % and India 13 %"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _patterns as re
from toolkit.figures._mentions import WORLD

if TYPE_CHECKING:
    from toolkit.figures._clauses import Line
    from toolkit.figures._figure import Finding
    from toolkit.figures._mentions import Hit

    Place = tuple[int, int]

_BARE = re.compile(
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


def place_in_row(line: Line, finding: Finding) -> tuple[int, int] | None:
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


def respective(line: Line, finding: Finding) -> str | None:
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


def for_each(line: Line, finding: Finding) -> tuple[str, ...]:
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


def of_a_row(line: Line, finding: Finding, home: str | None) -> tuple[str, ...]:
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


def _row(line: Line, finding: Finding) -> list[tuple[Place, Hit]]:
    """Give the row of figures that a figure stands in: each after the first has its economy right before it."""
    row: list[tuple[Place, Hit]] = []
    after = line.start
    for place in line.figures:
        hit = _last_between(line, after, place[0])
        if not (row and hit and _BARE.fullmatch(line.text, hit[1], place[0])):
            if _holds(row, finding):
                break
            row = []
        if hit:
            row.append((place, hit))
        after = place[1]
    different = len({hit[2] for _, hit in row}) == len(row)
    return row if len(row) > 1 and different and _holds(row, finding) else []


def _holds(row: list[tuple[Place, Hit]], finding: Finding) -> bool:
    return len(row) > 1 and any(place[0] == finding.start for place, _ in row)


def _last_between(line: Line, start: int, end: int) -> Hit | None:
    return next((hit for hit in reversed(line.economies) if start <= hit[0] and hit[1] <= end), None)
