"""The part each named economy plays, whom the text is about, and a second reading of whose a figure is."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from toolkit import codes
from toolkit.codes import patterns as re
from toolkit.figures.meaning.clauses import kept
from toolkit.figures.meaning.mentions import WORLD

if TYPE_CHECKING:
    from toolkit.figures.figure import LocatedQuantity
    from toolkit.figures.meaning.clauses import Line, Story

__all__ = [
    "BACKDROP",
    "BASE",
    "OWNER",
    "PLACE",
    "TOWARDS",
    "Mention",
    "cities",
    "home",
    "imposer",
    "imposers",
    "mentions",
    "money_homes",
    "nearest",
    "places",
    "strong_home",
    "topic",
    "towns",
]

_OPENING = 6  # sentences, the headline among them
_PLACE_AT_HEAD = re.compile(r"(?:[^\n|]{0,40}\|\s?)?([A-ZÀ-Þ][\w .’'-]{2,25}?)(?:,|:|\s[-–—(])")
# "July 16, 2025, Eindhoven -", "Opinion | 3 Feb 2026 | Ottawa": the place after the date.
_AFTER_DATE = re.compile(
    r"(?:[^\n|]{0,40}\|\s?)?(?:\d{1,2}\s[A-Z][a-z]+\.?|[A-Z][a-z]+\.?\s\d{1,2},)\s(?:19|20)\d\d(?:,|\s?[|/·])\s([A-ZÀ-Þ][\w .’'-]{2,25}?)(?=\s?(?:[-–—|(:/]|\n|$))"
)
_TARIFF_OF = re.compile(
    r"(?:[’']s?)?\s(?:(?:import|export|[\w-]*\d[\w.,%-]*|per|cent|percent|new|steep|steeper|higher|punitive|heavy|reciprocal|additional|extra|blanket|sweeping|steel|auto|car|trade|tax|global|universal|baseline|emergency|recent|latest|own)\s){0,5}?"
    r"(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharges?|import tax(?:es)?)\b"
)
_LEVIED_BY = re.compile(
    r"\btariff (?:deal|pact|agreement|talks|truce|accord)s?\swith\s(?:the\s)?$|\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharges?|import tax(?:es)?|rates?)\b[^.;,]{0,24}\s(?:by|from|in|that|which)\s(?:the\s|President\s)?$"
)
_LEVIES = re.compile(
    r"\s(?:has |had |have |also |then |first |will |would |may |might |could |wants to |is to )*(?:charg(?:e|es|ed)|impos(?:e|es|ed)|slap(?:s|ped)|levie[sd]|put|set|rais(?:e|es|ed)|cut|lower(?:s|ed)|doubled|hit)\s[^.;]{0,60}?\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharges?|import tax(?:es)?)\b"
)
_NEAR_TARIFF = 50  # characters


def home(story: Story) -> str | None:
    """Return the economy that the text is about, plainly or not."""
    return story.topic[0]


def strong_home(story: Story) -> str | None:
    """Return the economy that the text is plainly about."""
    code, plain = story.topic
    return code if plain else None


def imposer(line: Line) -> str | None:
    """Return the one economy whose tariffs the text is about at a sentence: "the US duty", "Washington charges 20 %"."""
    found, near = set[str](), line
    for _ in range(_OPENING):
        found |= imposers(near)
        if near.before is None:
            break
        near = near.before
    found = found or _opening_imposers(line.story)
    if len(found) > 1:
        found = found - {home(line.story)}  # who replies in kind
    return next(iter(found)) if len(found) == 1 else None


@kept
def _opening_imposers(story: Story) -> set[str]:
    return {code for line in story.opening for code in imposers(line)}


@kept
def imposers(line: Line) -> frozenset[str]:
    """Return whose tariffs a sentence names."""
    if not any(line.has(one.words) for one in (_TARIFF_OF, _LEVIES, _LEVIED_BY)):
        return frozenset()
    return frozenset(
        code
        for start, end, code in line.economies
        if code != WORLD
        and (
            _TARIFF_OF.match(line.text, end, line.end)
            or _LEVIES.match(line.text, end, line.end)
            or _LEVIED_BY.search(line.text, max(line.start, start - _NEAR_TARIFF), start)
        )
    )


@kept
def places(story: Story) -> set[str]:
    """Return the economies of the places that head the text: "KUALA LUMPUR, Oct 3 -"."""
    named = {code for head in _heads(story) for _, _, code in codes.find_economies(head)}
    return named | towns(story)


def towns(story: Story) -> set[str]:
    """Return the economies of the cities that head the text and are no capitals, from where no agency of many nations writes."""
    return {cities()[head] for head in _heads(story) if head in cities()}


def _heads(story: Story) -> list[str]:
    starts = [line.start for line in story.opening[:_OPENING] if line.opens_paragraph]
    found = [form.match(story.text, start) for start in starts for form in (_PLACE_AT_HEAD, _AFTER_DATE)]
    return [head[1].title() for head in found if head]


@cache
def money_homes() -> dict[str, str]:
    """Return the economy of each money that has one: "yen", "JPY"."""
    return {row["words"]: row["iso3"] for row in codes.table("currency_homes")}


@cache
def cities() -> dict[str, str]:
    """Return the economy of each city that a text may come from, capitals apart."""
    return {row["name"].title(): row["iso3"] for row in codes.table("cities")}


OWNER, TOWARDS, PLACE, BACKDROP, BASE = "owner", "towards", "place", "backdrop", "base"
_ARTICLE = r"\s(?:the\s|its\s|their\s|rest of the\s)*(?:[a-z]+(?:ing|ern|ed|ish|al|er|st)\s)?$"
_TOWARDS = re.compile(
    r"\b(?:to|from|with|into|for|in|on|against|by|via|including|between|under|at|over|through|towards?|of)" + _ARTICLE,
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:in|at|by|over|through)\s(?:the\s)?$", re.IGNORECASE)
_BASE = re.compile(
    r"\b(?:than|versus|like|unlike|behind|ahead of|outside|beyond|excluding|compared (?:with|to))" + _ARTICLE,
    re.IGNORECASE,
)
_BACKDROP = re.compile(
    r"\b(?:as|because|since|despite|amid|when|until|although|hit by|due to|thanks to)\s(?:[\w'’-]+\s){0,3}$",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"[’']s|s[’']|[’'](?=\s)")
_FLOW_OF = re.compile(
    r"(?:exports|imports|sales|trade|surplus|deficit|balance|output|government|ministry|economy|shipments|gap|purchases)"
    r"\s(?:[\w-]+\s){0,2}of\s(?:the\s)?$",
    re.IGNORECASE,
)
_LIST = re.compile(r"(?:\s\([^()]{1,40}\))?[\s,]*(?:and|or|&|then)?[\s,]*(?:the\s|those to\s|to\s)?(?:the\s)?")
_OVER_FIGURES = re.compile(r"[^.;:a-zA-Z]*(?:[a-z%$€£¥.\d\s,()-]|US|U\.S\.)*(?:and\s|,\s|by\s)(?:the\s|to\s)*")
_FAR = 45  # characters
_TARIFF = re.compile(r"\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharges?)\b", re.IGNORECASE)


class Mention(NamedTuple):
    """An economy that a sentence names, and the part it plays there."""

    start: int
    end: int
    code: str
    role: str
    possessive: bool


def mentions(line: Line) -> list[Mention]:
    """Return the economies of a sentence with their roles; an item of a list has the role of the item before it."""
    found: list[Mention] = []
    for start, end, code in line.economies:
        possessive = _POSSESSIVE.match(line.text, end) is not None
        role = OWNER if possessive else _role(line, start)
        if role is OWNER and not possessive and found and _goes_on(line, found[-1].end, start):
            role = found[-1].role
        found.append(Mention(start, end, code, role, possessive))
    return found


def _goes_on(line: Line, end: int, start: int) -> bool:
    if start - end > _FAR:
        return False
    return bool(_LIST.fullmatch(line.text, end, start) or _OVER_FIGURES.fullmatch(line.text, end, start))


def _role(line: Line, start: int) -> str:
    floor = max(line.start, start - _FAR)
    if _FLOW_OF.search(line.text, floor, start):
        return OWNER
    if _BACKDROP.search(line.text, floor, start):
        return BACKDROP
    if _BASE.search(line.text, floor, start):
        return BASE
    if line.text[line.start : start].lower() in {"in ", "in the "}:
        return OWNER  # "In Ghana the regulator has cut"
    if _TOWARDS.search(line.text, floor, start):
        return PLACE if _PLACE.search(line.text, floor, start) else TOWARDS
    return OWNER


_HUBS = re.compile(
    r"(?:[^\n|]{0,40}\|\s?)?(?i:london|new york|geneva|brussels|paris|singapore|chicago|washington|vienna|davos)\b"
)


def _is_hub(story: Story) -> bool:
    """Return whether a text is datelined in a city from where news of the whole world is reported."""
    return any(_HUBS.match(story.text, line.start) for line in story.opening[:_OPENING] if line.opens_paragraph)


def topic(story: Story) -> tuple[str | None, bool]:
    """Return whom a text is about, and whether it is plainly so."""
    best = sorted(_topic_scores(story).items(), key=lambda pair: -pair[1])[:2]
    if not best:
        return None, False
    (code, score), rest = best[0], best[1][1] if len(best) > 1 else 0.0
    return code, score >= _PLAIN and score >= _MARGIN * rest


_WEIGHTS = {OWNER: 2.0, TOWARDS: 0.25, PLACE: 0.4, BACKDROP: 0.1, BASE: 0.1}
_POSITION = (2.0, 2.0, 1.3, 1.3)  # how much an owner of the first sentences weighs; of later ones 0.8
_DATELINE, _HUB_DATELINE, _FIRST_OWNER, _PLAIN, _MARGIN = 5.0, 1.0, 1.5, 4.0, 1.6
_OPENS, _NEAR = 12, 40  # characters
_SHARED = {"USD", "EUR"}  # the money of trade, whoever trades


def _topic_scores(story: Story) -> dict[str, float]:
    """Return how much a text speaks of each economy: by role and place in the text, by dateline and by own money."""
    scores = defaultdict[str, float](float)
    owned = False
    for index in range(len(story.sentences)):
        line = story.line(index)
        for one in (each for each in mentions(line) if each.code != WORLD):
            scores[one.code] += _weight(line, one, first=not owned)
            owned = owned or one.role == OWNER
    for code in sorted(places(story)):
        scores[code] += _HUB_DATELINE if _is_hub(story) else _DATELINE
    for money, count in story.money.items():
        if money not in _SHARED and (home := money_homes().get(money)):
            scores[home] += count
    return scores


def _weight(line: Line, one: Mention, *, first: bool) -> float:
    weight = _WEIGHTS[one.role] + one.possessive
    weight += _FLOW_OF.search(line.text, max(line.start, one.start - _NEAR), one.start) is not None
    if one.role == OWNER:
        weight += one.start - line.start < _OPENS
        weight *= _POSITION[line.index] if line.index < len(_POSITION) else 0.8
        weight += _FIRST_OWNER if first else 0
    beside = _TARIFF.search(line.text, one.end, one.end + 30) or _TARIFF.search(
        line.text, max(line.start, one.start - 20), one.start
    )
    return weight * 0.3 if one.code == "USA" and beside else weight  # who imposes is seldom whom the text is about


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
_WINDOW, _BESIDE, _NEAR_RATE = (60, 45), 25, 110  # characters around a figure
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
        (one for one in named if abs(one.start - finding.start) < _NEAR_RATE and one.code != WORLD),
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
