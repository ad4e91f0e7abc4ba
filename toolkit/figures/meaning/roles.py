"""Which part each named economy plays in its sentence, and whom the text is about."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from toolkit.codes import patterns as re
from toolkit.figures.meaning.home import money_homes, places
from toolkit.figures.meaning.mentions import WORLD

if TYPE_CHECKING:
    from toolkit.figures.meaning.clauses import Line, Story

__all__ = ["BACKDROP", "BASE", "OWNER", "PLACE", "TOWARDS", "Mention", "mentions", "topic", "topic_scores"]

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
_LEAD, _FAR = 6, 45  # sentences; characters
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
    return any(_HUBS.match(story.text, line.start) for line in story.opening[:_LEAD] if line.opens_paragraph)


def topic(story: Story) -> tuple[str | None, bool]:
    """Return whom a text is about, and whether it is plainly so."""
    best = topic_scores(story).most_common(2)
    if not best:
        return None, False
    (code, score), rest = best[0], best[1][1] if len(best) > 1 else 0.0
    return code, score >= _PLAIN and score >= _MARGIN * rest


_WEIGHTS = {OWNER: 2.0, TOWARDS: 0.25, PLACE: 0.4, BACKDROP: 0.1, BASE: 0.1}
_POSITION = (2.0, 2.0, 1.3, 1.3)  # how much an owner of the first sentences weighs; of later ones 0.8
_DATELINE, _HUB_DATELINE, _FIRST_OWNER, _PLAIN, _MARGIN = 5.0, 1.0, 1.5, 4.0, 1.6
_OPENS, _NEAR = 12, 40  # characters
_SHARED = {"USD", "EUR"}  # the money of trade, whoever trades


def topic_scores(story: Story) -> Counter[str]:
    """Return how much a text speaks of each economy: by role and place in the text, by dateline and by own money."""
    scores: Counter[str] = Counter()
    owned = False
    for index in range(len(story.sentences)):
        line = story.line(index)
        for one in (each for each in mentions(line) if each.code != WORLD):
            scores[one.code] += _weight(line, one, first=not owned)  # type: ignore[assignment]  # a weight is no whole number
            owned = owned or one.role == OWNER
    for code in places(story):
        scores[code] += _HUB_DATELINE if _is_hub(story) else _DATELINE  # type: ignore[assignment]
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
