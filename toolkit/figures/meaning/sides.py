"""The other side of a figure that stands between two, where the clause names only one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.codes import patterns as re
from toolkit.figures.meaning.mentions import WORLD

if TYPE_CHECKING:
    from toolkit.figures.figure import LocatedQuantity
    from toolkit.figures.meaning.clauses import Line
    from toolkit.figures.meaning.mentions import Hit

    Place = tuple[int, int]

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
    """Give which of how many figures that "respectively" ends a figure is: the second of two."""
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
