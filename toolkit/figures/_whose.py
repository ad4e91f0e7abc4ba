"""Whose a figure is: the economies of its clause, or of what it continues."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from toolkit import codes

if TYPE_CHECKING:
    from toolkit.figures._clauses import Cue, Line, Story
    from toolkit.figures._figure import Figure, Finding

_WORLD = "WLD"
_TOWARDS = re.compile(
    r"\b(?:to|from|with|into|for|in|on|against|of|at|over|by|than|including|except)\s(?:the\s)?$", re.IGNORECASE
)
_PLACE = re.compile(r"\b(?:in|at|from)\s$", re.IGNORECASE)
_REGION = re.compile(
    r"\b(?:Asia|Africa|America|Europe|ASEAN|OPEC)[’']s?\s(?:[a-z]+\s)?(?=[a-z])|\b(?:other|most|many|some) countries\b"
)
_RELATIVE = re.compile(r",?\s?(?:of )?(?:which|who|with)\b")
_COMPARED = re.compile(r",?\s?(?:compared (?:with|to)|against|versus)\b")
_OR = re.compile(r",?\sor\s(?:(?:about|some|nearly|almost|roughly|around|over|more than)\s)?$")
_FIRM = re.compile(
    r"\b(?:company|automaker|carmaker|chipmaker|steelmaker|firm|group|meatpacker|retailer|shipbuilder)\b", re.IGNORECASE
)
_FOR = re.compile(r"\sfor\s")
_INVESTED = re.compile(r"\binvested\s")
_WE = re.compile(r"\b(?:[Ww]e|[Oo]ur)\s")
_ANAPHOR = re.compile(
    r"(?:Of the (?:total|sum|amount)|The (?:amount|sum|total|deal|agreement|package|fund|plan|pact|measure)|Under (?:the|this) (?:deal|agreement|plan|pact)|This|These|That|Those)\b"
)
_WHILE = re.compile(r",?\s?(?:while|whereas|although|but|and)\b")
_APPOSED = re.compile(r",?\s?(?:or|more than|less than|about|nearly|almost|roughly)\b")
_BILATERAL = re.compile(r"\b(?:bilateral|two-way|mutual)\b", re.IGNORECASE)
_IT = re.compile(r"(?:Its|Their|It|The country[’']s?|The country)\b")
_ITS = re.compile(r"\b(?:its|their|those (?:to|from))\b")
_THE_COUNTRY = re.compile(r"\b(?:to|from|into|with)\s(?:the|that)\scountry\b")
_STATE = re.compile(r"\b(?:ministry|minister|government|cabinet|parliament|treasury|central bank)\b", re.IGNORECASE)
_CONTINUES = {"nation", "tariff"}
_SHARE_OF_MENTIONS = 0.7


def economies(
    line: Line, finding: Finding, measure: Cue | None, said_by: str | None, last: Figure | None
) -> tuple[str, ...]:
    """Give whose the figure is: owners and partners in its clause, completed by what the text is about."""
    if last and last.start >= line.start and _OR.search(line.text, last.end, finding.start):
        return last.economies
    start, _ = next(line.chain(finding.start))
    kind = "firm" if _FIRM.search(line.text, start, finding.start) else measure[2]["whose"] if measure else ""
    hits = _hits(line, finding, said_by)
    if not hits:
        return _carried(line, finding, kind, last, said_by)
    found = tuple(dict.fromkeys(code for _, _, code in sorted(hits)))
    return (
        found
        if len(found) > 1 and any(owns(line, hit) for hit in hits)
        else _completed(line, finding, kind, hits, last)
    )


def _completed(
    line: Line, finding: Finding, kind: str, hits: list[tuple[int, int, str]], last: Figure | None
) -> tuple[str, ...]:
    """Add the other side, where the clause names only one and the text is plainly about two."""
    found = tuple(dict.fromkeys(code for _, _, code in sorted(hits)))
    start, end = next(line.chain(finding.start))
    home, owned, one = _home(line.story), any(owns(line, hit) for hit in hits), len(found) == 1
    if _COMPARED.match(line.text, start):
        return (
            (*found, *_imposer(line, found, last))
            if kind == "tariff" and _FOR.search(line.text, finding.end, end)
            else found
        )
    if one and (_BILATERAL.search(line.text, start, finding.start) or _THE_COUNTRY.search(line.text, start, end)):
        return (*found, *_partner(line.story, found[0]))
    if one and kind == "tariff" and not owned:
        return (*found, *_partner(line.story, found[0]))
    if one and not kind and last and found[0] in last.economies and not line.opens_paragraph:
        return last.economies
    if one and owned and home and _INVESTED.search(line.text, start, finding.start):
        return tuple(dict.fromkeys((*found, home)))
    if owned or kind in {"firm", "market"} or home in {None, _WORLD} or _regional(line, finding):
        return found
    return tuple(dict.fromkeys((_antecedent(line) or home or "", *found)))


def _imposer(line: Line, found: tuple[str, ...], last: Figure | None) -> list[str]:
    """Give who imposes the tariff that "3 % for Brazilian beans" is compared with: not the owner of the goods."""
    goods = {start for start, _, _ in line.products}
    sellers = {code for _, end, code in line.economies if end + 1 in goods}
    return [code for code in (last.economies if last else ()) if code not in sellers and code not in found]


def _antecedent(line: Line) -> str | None:
    """Give whom "its" at the head of a sentence means: the owner that the sentence before names, or the only one."""
    if not _IT.match(line.text, line.start, line.end) or line.before is None:
        return None
    named = [hit for hit in line.before.economies if hit[2] != _WORLD]
    owners = [hit[2] for hit in named if owns(line.before, hit)]
    return owners[0] if owners else named[0][2] if len({hit[2] for hit in named}) == 1 else None


def _hits(line: Line, finding: Finding, said_by: str | None) -> list[tuple[int, int, str]]:
    """Give the economies of the figure's clause; of the clauses it hangs on the owners, if it has none itself."""
    hits: list[tuple[int, int, str]] = []
    named = _named(line, said_by)
    own, _ = next(line.chain(finding.start))
    continuing = _ITS.search(line.text, own, finding.start) or (
        _WHILE.match(line.text, own) and any(own <= cue[0] < finding.start for cue in line.nouns)
    )
    for start, end in line.chain(finding.start):
        here = [hit for hit in named if start <= hit[0] < end]
        apposed = _APPOSED.match(line.text, own) is not None
        narrow = (hits and not apposed) or (start != own and continuing)
        hits += [hit for hit in here if hit not in hits and (not narrow or owns(line, hit))]
        if hits and _COMPARED.match(line.text, start):
            break
        if any(owns(line, hit) for hit in hits) and not (apposed or _RELATIVE.match(line.text, start)):
            break
    return hits


def owns(line: Line, hit: tuple[int, int, str]) -> bool:
    """Tell whether an economy is named as owner or actor, not as direction or place."""
    start, end, _ = hit
    if line.text.startswith(("'s", "’s"), end) or line.text[end - 1 : end + 1] in {"s'", "s’"}:
        return True
    return _TOWARDS.search(line.text, max(line.start, start - 12), start) is None


def _named(line: Line, said_by: str | None) -> list[tuple[int, int, str]]:
    """Give the economies named in a sentence, a speaker's own and the place of a meeting left out."""
    found = [hit for hit in line.economies if hit[2] != _WORLD]
    at = line.text.find(said_by, line.start, line.end) if said_by else -1
    speaking = [hit for hit in found if at <= hit[0] < at + len(said_by or "") and at >= 0]
    rest = [hit for hit in found if hit not in speaking and not _is_place(line, hit)]
    bare = [hit for hit in speaking if line.text[hit[0] : hit[1]] == said_by]
    return rest + bare if rest or bare else speaking


def _is_place(line: Line, hit: tuple[int, int, str]) -> bool:
    capital = _kind(line.text[hit[0] : hit[1]]) == "capital"
    return capital and _PLACE.search(line.text, max(line.start, hit[0] - 6), hit[0]) is not None


def _kind(name: str) -> str:
    return next((row["kind"] for row in codes.table("economies") if row["name"] == name), "")


def _carried(line: Line, finding: Finding, kind: str, last: Figure | None, said_by: str | None) -> tuple[str, ...]:
    """Give the economies of the sentence that this one continues, or the one the text is about."""
    home, opener = _home(line.story), line.opener()
    if opener:
        return tuple(dict.fromkeys(hit[2] for hit in opener.economies))
    if _regional(line, finding):
        return ()
    start, _ = next(line.chain(finding.start))
    if home and _BILATERAL.search(line.text, start, finding.start):
        return (home, *_partner(line.story, home))
    state = said_by is None and _STATE.search(line.text, start, finding.start)
    if home not in {None, _WORLD} and kind != "tariff" and (state or _WE.search(line.text, line.start, finding.start)):
        return (home or "",)
    if any(code == _WORLD for _, _, code in line.economies):
        return (_WORLD,)
    if before := _antecedent(line):
        return (before, *_partner(line.story, before)) if kind == "tariff" else (before,)
    if kind in {"firm", "market"}:
        return ()
    if last and last.economies and (not line.opens_paragraph or _ANAPHOR.match(line.text, line.start)):
        return (home,) if home in last.economies and kind == "nation" else last.economies
    return _of_the_text(line, finding, kind, home)


def _of_the_text(line: Line, finding: Finding, kind: str, home: str | None) -> tuple[str, ...]:
    """Give the economy, or the two, that the text is about, where the figure is a nation's."""
    goods = not kind and bool(line.products)
    if home is None or not (kind in _CONTINUES or goods):
        return ()
    two = kind == "tariff" or goods
    return (home, *_partner(line.story, home)) if two else (home,)


def _regional(line: Line, finding: Finding) -> bool:
    """Tell whether the figure is a region's: "Asia's exports"."""
    start, end = next(line.chain(finding.start))
    found = _REGION.search(line.text, start, end)
    return found is not None and (
        "countries" in found[0] or any(found.start() < cue[0] <= found.end() for cue in line.measures)
    )


def _home(story: Story) -> str | None:
    """Give the economy that the text is about: the first owner or actor it names."""
    for line in story.opening:
        for hit in line.economies:
            if not _is_place(line, hit) and (owns(line, hit) or (hit[2] == _WORLD and line.index <= 1)):
                return hit[2]
    return None


def _partner(story: Story, code: str) -> list[str]:
    """Give the other economy of a text about two."""
    counts = Counter(hit[2] for line in story.opening for hit in line.economies if hit[2] != _WORLD)
    two = counts.most_common(2)
    if (
        len(two) == 2
        and code in {two[0][0], two[1][0]}
        and sum(count for _, count in two) >= _SHARE_OF_MENTIONS * counts.total()
    ):
        return [other for other, _ in two if other != code]
    return []
