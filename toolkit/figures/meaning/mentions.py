"""Which economies a sentence names: as owner, as direction, or by a word that stands for them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.codes import patterns as re
from toolkit.figures.meaning.clauses import kept

if TYPE_CHECKING:
    from toolkit.figures.figure import LocatedQuantity
    from toolkit.figures.meaning.clauses import Line, Story

    Hit = tuple[int, int, str]

__all__ = ["COMPARED", "WORLD", "antecedent", "hits", "is_place", "last_owner", "owned", "owns", "partner"]

WORLD = "WLD"
_SHARE_OF_MENTIONS = 0.7
_LONGEST_LIST = 20
_LEAD = 6  # sentences, the headline among them
COMPARED = re.compile(r",?\s?(?:compared (?:with|to)|against|versus)\b")
_TOWARDS = re.compile(
    r"\b(?:to|from|with|into|for|in|on|against|of|at|over|by|than|through|via|towards?|near|including|except)\s(?:the\s)?$",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:in|at|from)\s$", re.IGNORECASE)
_HOUSE_THERE = re.compile(
    r"(?:-based)?\s(?:(?:investment|commodity|research|grain|metals?|oil|ship)\s)?(?:banks?|brokers?|brokerages?|consultanc(?:y|ies)|traders?|analysts?|think[ -]tanks?|dealers?|exchange)\b|-(?:based|listed)\b"
)
_RELATIVE = re.compile(r",?\s?(?:of )?(?:which|who|with)\b")
_LISTED = re.compile(r"(?:\s\([^()]{1,40}\))?(?:,?\s(?:and|or|&)\s|,\s)(?:to\s|from\s)?(?:the\s)?")
_LIST_GOES_ON = re.compile(r"(?:\s\([^()]{1,40}\))?(?:,\s(?!which|who|where)|,?\s(?:and|or)\s)(?:the\s)?[A-Z]|\s\(")
_WHILE = re.compile(r",?\s?(?:while|whereas|although|but|and)\b")
_APPOSED = re.compile(r",?\s?(?:or|more than|less than|about|nearly|almost|roughly)\b")
_IT = re.compile(r"(?:Its|Their|It|The country[’']s?|The country|The nation[’']s?|The nation)\b")
_ITS = re.compile(r"\b(?:its|their|those (?:to|from))\b")
_BACKDROP = re.compile(
    r"\b(?:as|after|amid|because|when|since|than|hit by|dragged|hurt by|thanks to|on the back of|on (?:strong|weak|robust|higher|lower))\b"
)
_ANAPHOR = re.compile(r"\b(?:it|its|they|their|them|that|those|this|there)\b")
_PART_OF_IT = re.compile(
    r",\s(?:and\s)?(?:[^\s,]{0,4}\d[^,;]{0,30}?|(?:[a-z-]+\s){0,3}(?:[a-z]+-)?(?:half|thirds?|quarters?|fifths?|tenths?|most|some|many|none|all))\sof\s(?:it|them|that|which|this)\b"
)
_PLEDGE = re.compile(r"\b(?:promised|pledge[ds]|committed)\b")
_THERE = re.compile(r"\bthere\b(?!\s(?:is|are|was|were|has|have|had|will|would|may|could)\b)")


def hits(line: Line, finding: LocatedQuantity, said_by: str | None) -> list[Hit]:
    """Return the economies of the figure's clause; of the clauses it hangs on the owners, if it has none itself."""
    found: list[Hit] = []
    named = _named(line, said_by)
    if not named and not line.has(_THERE.words):
        return []
    chain = line.chain(finding.start)
    own = chain[0][0]
    continuing = (line.has(_ITS.words) and _ITS.search(line.text, own, finding.start)) or (
        _WHILE.match(line.text, own) and any(own <= cue[0] < finding.start for cue in line.nouns)
    )
    for start, end in chain:
        here = [hit for hit in named if start <= hit[0] < end]
        apposed = _APPOSED.match(line.text, own) is not None
        narrow = (found and not apposed) or (
            start != own
            and (
                continuing
                or (line.text[end : end + 1] == ";" and _ANAPHOR.search(line.text, own, finding.start) is None)
            )
        )
        found += [hit for hit in here if hit not in found and (not narrow or owns(line, hit))]
        if found and COMPARED.match(line.text, start):
            break
        if any(owns(line, hit) for hit in found) and not (apposed or _RELATIVE.match(line.text, start)):
            break
    found = [hit for hit in found if not (hit[0] > finding.end and _BACKDROP.search(line.text, finding.end, hit[0]))]
    of = line.text.find(" of ", finding.end, chain[0][1]) >= 0  # the search is slow
    if of and (part := _PART_OF_IT.search(line.text, finding.end, chain[0][1])):
        found = [hit for hit in found if hit[0] < part.start()]
    return found + _there(line, finding, found)


def owns(line: Line, hit: Hit) -> bool:
    """Return whether an economy is named as owner or actor, not as direction or place; a list is as its first name."""
    at = bisect_left(line.economies, hit)
    if line.economies[at : at + 1] != [hit]:
        return False  # "there"
    for start, end, _ in reversed(line.economies[max(at - _LONGEST_LIST, 0) : at + 1]):
        if line.text.startswith(("'s", "’s"), end) or line.text[end - 1 : end + 1] in {"s'", "s’"}:
            return True
        link = at and _LISTED.fullmatch(line.text, line.economies[at - 1][1], start)
        if not link:
            return _sets_the_scene(line, start, end) or not _TOWARDS.search(
                line.text, max(line.start, start - 12), start
            )
        if "and" not in link[0] and not _LIST_GOES_ON.match(line.text, end, line.end):
            return True
        at -= 1
    return True


def _sets_the_scene(line: Line, start: int, end: int) -> bool:
    """Return whether a name opens its sentence: "In Brazil, planting was"."""
    opened = line.text[line.start : start].strip().lower() in {"in", "in the"}
    return opened and line.text[end : end + 1] in {",", ":"}


def owned(line: Line, finding: LocatedQuantity, found: list[Hit]) -> bool:
    """Return whether an owner is among the economies of a figure; a direction in its own clause is none elsewhere."""
    start, end = line.chain(finding.start)[0]
    directed = {hit[2] for hit in found if start <= hit[0] < end and not owns(line, hit)}
    return any(owns(line, hit) and (start <= hit[0] < end or hit[2] not in directed) for hit in found)


def antecedent(line: Line) -> str | None:
    """Return whom "its" at the head of a sentence means: the owner that the sentence before names, or the only one."""
    return last_owner(line.before) if line.before and _IT.match(line.text, line.start, line.end) else None


def last_owner(line: Line) -> str | None:
    """Return the first owner that a sentence names, or the only economy."""
    named = [hit for hit in line.economies if hit[2] != WORLD]
    owners = [hit[2] for hit in named if owns(line, hit)]
    return owners[0] if owners else named[0][2] if len({hit[2] for hit in named}) == 1 else None


def partner(story: Story, code: str) -> list[str]:
    """Return the other economy of a text about two."""
    both = _two(story)
    return [other for other in both if other != code] if code in both else []


@kept
def _two(story: Story) -> tuple[str, ...]:
    """Return the two economies that a text is about, if it names them together and hardly any other."""
    counts = Counter(hit[2] for line in story.opening for hit in line.economies if hit[2] != WORLD)
    both = counts.most_common(2)
    if len(both) < len("AB"):
        return ()
    together = any({code for code, _ in both} <= {hit[2] for hit in line.economies} for line in story.opening[:_LEAD])
    together = together or (sum(count for _, count in both) == counts.total() and min(count for _, count in both) > 1)
    mostly = sum(count for _, count in both) >= _SHARE_OF_MENTIONS * counts.total()
    return tuple(code for code, _ in both) if mostly and together else ()


def _there(line: Line, finding: LocatedQuantity, found: list[Hit]) -> list[Hit]:
    """Return the economy that "there" stands for: the last one named before the clause, none of the figure's own."""
    start, end = line.chain(finding.start)[0]
    word = _THERE.search(line.text, start, end) if line.has(_THERE.words) else None
    if word is None or any(not owns(line, hit) for hit in found):
        return []
    near = [hit for hit in line.economies if hit[1] <= start]
    near = near or [hit for hit in line.before.economies if not _acts(line.before, hit)] if line.before else near
    codes_found = {hit[2] for hit in found} | {WORLD}
    last = next((hit[2] for hit in reversed(near) if hit[2] not in codes_found), None)
    return [(word.start(), word.end(), last)] if last else []


def _acts(line: Line, hit: Hit) -> bool:
    """Return whether a capital stands for a government that acts, and so for no place: "Washington extended"."""
    return line.text[hit[0] : hit[1]] in _capitals() and owns(line, hit)


def _named(line: Line, said_by: str | None) -> list[Hit]:
    """Return the economies named in a sentence, a speaker's own and the place of a meeting left out."""
    found = [hit for hit in line.economies if hit[2] != WORLD]
    if line.has(_PLEDGE.words) and _PLEDGE.search(line.text, line.start, line.end):
        return [hit for hit in found if not is_place(line, hit)]  # who promises is who pays
    at = line.text.find(said_by, line.start, line.end) if said_by else -1
    speaking = [hit for hit in found if at <= hit[0] < at + len(said_by or "") and at >= 0]
    rest = [hit for hit in found if hit not in speaking and not is_place(line, hit)]
    bare = [hit for hit in speaking if line.text[hit[0] : hit[1]] == said_by]
    return rest + bare if rest or bare else speaking


def is_place(line: Line, hit: Hit) -> bool:
    """Return whether a capital is named as a place, not as its government."""
    if line.text[hit[0] : hit[1]] not in _capitals():
        return False
    at = _PLACE.search(line.text, max(line.start, hit[0] - 6), hit[0])
    return at is not None or _HOUSE_THERE.match(line.text, hit[1], line.end) is not None


@cache
def _capitals() -> frozenset[str]:
    return frozenset(row["name"] for row in codes.table("economies") if row["kind"] == "capital")
