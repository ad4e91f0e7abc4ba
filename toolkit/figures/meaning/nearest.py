"""A second reading of whose a figure is: by the nearest names and their roles, independent of the first reading's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toolkit.codes import patterns as re
from toolkit.figures.meaning.mentions import WORLD
from toolkit.figures.meaning.roles import BACKDROP, BASE, OWNER, PLACE, TOWARDS, mentions

if TYPE_CHECKING:
    from toolkit.figures.figure import LocatedQuantity
    from toolkit.figures.meaning.clauses import Line
    from toolkit.figures.meaning.roles import Mention

__all__ = ["nearest"]

_TARIFF = re.compile(r"\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharges?)\b", re.IGNORECASE)
_FLOW = re.compile(
    r"\b(?:exports?|imports?|shipments?|deliver\w+|sales|sold|bought|purchases?|sells?|buys?|deficit|surplus|trade)\b",
    re.IGNORECASE,
)
_MARKET = re.compile(
    r"\b(?:barrel|crude|futures|benchmark|bushel|ounce|spot price|Brent|WTI|contract)\b", re.IGNORECASE
)
_ON_ALL = re.compile(
    r"\b(?:all|global|universal|worldwide|steel|baseline|sectoral)\s(?:[\w-]+\s){0,2}(?:tariff|dut|lev|import)",
    re.IGNORECASE,
)
_STOP = re.compile(r"[,;()]|\b(?:and|while|after|compared|against|but)\b")
_ITEM = re.compile(
    r"(?:\s\(|,?\s(?:alone\s)?(?:took|takes|taking|supplied|supplies|supplying|bought|buying|sold|accounted for|"
    r"accounting for|provided|with|at)\s)"
)
_SAME_CLAUSE = re.compile(r"[^,;:]+")  # between "when China" and the figure of that clause
_BOTH = re.compile(r"\b(?:with|between) the two\b|\bbilateral\b|\bthe two\b", re.IGNORECASE)
_WINDOW, _BESIDE, _NEAR = (60, 45), 25, 110  # characters around a figure
_RATES = {"%", "pp", "x"}


class _Stretch(NamedTuple):
    """What a figure's own stretch of the sentence names: before it, behind it, and the sentence as a whole."""

    before: list[Mention]
    after: list[Mention]
    named: list[Mention]
    follows: bool  # another figure stands before it in the sentence


def nearest(line: Line, finding: LocatedQuantity, previous: tuple[str, ...]) -> set[str]:
    """Return the economies of a figure; `previous` are those that this reading gave the figure before it."""
    found = {code for code in _found(line, finding, previous, line.story.topic[0]) if code is not None}
    stretch = _stretch(line, finding)
    owned = any(one.code == WORLD and one.role == OWNER for one in stretch.before)
    return found if owned or found == {WORLD} else found - {WORLD}


def _found(line: Line, finding: LocatedQuantity, previous: tuple[str, ...], topic: str | None) -> set[str | None]:
    stretch, (back, ahead) = _stretch(line, finding), _WINDOW
    window = line.text[max(line.start, finding.start - back) : min(line.end, finding.end + ahead)]
    if _MARKET.search(window) and not _FLOW.search(window):
        return set()
    floor = max([line.start, *(end for _, end in line.figures if end <= finding.start)])
    flow_beside = _FLOW.search(line.text, max(floor, finding.start - _BESIDE), finding.start)
    if finding.quantity.unit in _RATES and _TARIFF.search(window) and not flow_beside:
        return _of_a_tariff(line, finding, stretch.named, topic)
    if stretch.before or stretch.after:
        return _of_a_flow(line, finding, stretch, topic, previous)
    if stretch.follows:
        return {*previous}
    owners = [one.code for one in stretch.named if one.start < finding.start and one.role == OWNER]
    both = previous if not owners and _BOTH.search(line.text, line.start, line.end) else ()
    return {owners[0] if owners else topic, *both}


def _stretch(line: Line, finding: LocatedQuantity) -> _Stretch:
    bracketed = line.text[finding.start - 2 : finding.start] == " ("  # "ahead of Iraq ($1.1 billion)"
    named = [
        one._replace(role=OWNER) if one.role == BACKDROP else one
        for one in mentions(line)
        if one.role not in {BACKDROP, BASE}
        or (bracketed and one.end == finding.start - 2)
        or (one.role == BACKDROP and _SAME_CLAUSE.fullmatch(line.text, one.end, finding.start))
    ]
    last = max((end for _, end in line.figures if end <= finding.start), default=None)
    following = min((start for start, _ in line.figures if start >= finding.end), default=line.end)
    stop = _STOP.search(line.text, finding.end, following)
    end = stop.start() if stop else following
    before = [one for one in named if (line.start if last is None else last) <= one.start < finding.start]
    return _Stretch(before, [one for one in named if finding.end <= one.start < end], named, last is not None)


def _of_a_tariff(line: Line, finding: LocatedQuantity, named: list[Mention], topic: str | None) -> set[str | None]:
    near = sorted(
        (one for one in named if abs(one.start - finding.start) < _NEAR and one.code != WORLD),
        key=lambda one: abs(one.start - finding.start),
    )
    found: set[str | None] = {*list(dict.fromkeys(one.code for one in near))[:2]}
    if found == {topic}:
        found = set()
    if len(found) == 1 and topic not in found and not _ON_ALL.search(line.text, line.start, line.end):
        found.add(topic)
    return found or {topic, "USA" if "USA" in line.story.known else None}


def _of_a_flow(
    line: Line, finding: LocatedQuantity, stretch: _Stretch, topic: str | None, previous: tuple[str, ...]
) -> set[str | None]:
    before, after, named, follows = stretch
    owners = [one.code for one in before if one.role == OWNER]
    earlier = [one.code for one in named if one.start < finding.start and one.role == OWNER]
    owner = owners[-1] if owners else (earlier[-1] if follows else earlier[0]) if earlier else None
    if owner is None and not any(one.code == topic for one in named):
        owner = next((one.code for one in before if one.role == PLACE), None)  # "arrivals at ports in Ivory Coast"
    towards = [one.code for one in before if one.role == TOWARDS]
    if follows and before and not towards:
        return _of_an_item(line, finding, before[-1], earlier[0] if earlier else topic, topic, previous)
    directed = [
        *(towards[-1:] if follows else towards[-2:]),
        *(one.code for one in after[:1] if one.role == TOWARDS and one.code != WORLD),
    ]
    found: set[str | None] = {*directed, owner or topic}
    if owner and directed and owner != topic and not _FLOW.search(line.text, line.start, finding.start):
        found.add(topic)
    return found


def _of_an_item(
    line: Line, finding: LocatedQuantity, item: Mention, host: str | None, topic: str | None, previous: tuple[str, ...]
) -> set[str | None]:
    """Return the economies of a figure whose economy stands right before it, in a row of figures."""
    if item.role != OWNER:
        return {item.code, topic} if topic in previous and len(previous) > 1 else {item.code}
    return {item.code, host} if _ITEM.match(line.text, item.end, finding.start) else {item.code}
