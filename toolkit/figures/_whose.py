"""Whose a figure is: the economies of its clause, or of what it continues."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit import codes

if TYPE_CHECKING:
    from collections.abc import Iterable

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


@dataclass(frozen=True, slots=True)
class _Case:
    """A figure whose economies are sought: what it measures, who says it, the figure before, the text's own economy."""

    line: Line
    finding: Finding
    kind: str
    said_by: str | None
    last: Figure | None
    home: str | None

    @property
    def clause(self) -> tuple[int, int]:
        return self.line.chain(self.finding.start)[0]

    def before(self, pattern: re.Pattern[str]) -> bool:
        """Tell whether `pattern` stands in the figure's clause before it."""
        return pattern.search(self.line.text, self.clause[0], self.finding.start) is not None

    def partner(self, code: str) -> list[str]:
        return _partner(self.line.story, code)


def economies(
    line: Line, finding: Finding, measure: Cue | None, said_by: str | None, last: Figure | None
) -> tuple[str, ...]:
    """Give whose the figure is: owners and partners in its clause, completed by what the text is about."""
    if last and last.start >= line.start and _OR.search(line.text, last.end, finding.start):
        return last.economies
    case = _Case(line, finding, measure[2]["whose"] if measure else "", said_by, last, _home(line.story))
    if case.before(_FIRM):
        case = replace(case, kind="firm")
    hits = _hits(line, finding, said_by)
    if not hits:
        rules = (_of_the_list, _of_a_region, _of_two, _of_the_state, _of_the_world, _of_its, _of_the_last, _of_the_text)
        return next((found for rule in rules if (found := rule(case)) is not None), ())
    found = tuple(dict.fromkeys(code for _, _, code in sorted(hits)))
    owned = any(owns(line, hit) for hit in hits)
    return found if owned and len(found) > 1 else _completed(case, found, owned=owned)


def _completed(case: _Case, found: tuple[str, ...], *, owned: bool) -> tuple[str, ...]:
    """Add the other side, where the clause names only one and the text is plainly about two."""
    line, (start, end), first = case.line, case.clause, found[0]
    other: Iterable[str | None] = ()
    if _COMPARED.match(line.text, start):
        for_goods = case.kind == "tariff" and _FOR.search(line.text, case.finding.end, end)
        other = _imposer(line, found, case.last) if for_goods else ()
    elif len(found) > 1:
        other = () if owned or not _needs_home(case) else (case.home,)
    elif case.before(_BILATERAL) or _THE_COUNTRY.search(line.text, start, end) or (case.kind == "tariff" and not owned):
        other = case.partner(first)
    elif not case.kind and case.last and first in case.last.economies and not line.opens_paragraph:
        other = case.last.economies
    elif owned:
        other = (case.home,) if case.before(_INVESTED) else ()
    elif _needs_home(case):
        other = (_antecedent(line) or case.home,)
    return tuple(dict.fromkeys(code for code in (*other, *found) if code))


def _needs_home(case: _Case) -> bool:
    """Tell whether a direction alone ("to China") leaves the text's own economy unsaid."""
    return case.kind not in {"firm", "market"} and case.home != _WORLD and not _regional(case.line, case.finding)


def _of_the_list(case: _Case) -> tuple[str, ...] | None:
    opener = case.line.opener()
    return tuple(dict.fromkeys(hit[2] for hit in opener.economies)) if opener else None


def _of_a_region(case: _Case) -> tuple[str, ...] | None:
    return () if _regional(case.line, case.finding) else None


def _of_two(case: _Case) -> tuple[str, ...] | None:
    return (case.home, *case.partner(case.home)) if case.home and case.before(_BILATERAL) else None


def _of_the_state(case: _Case) -> tuple[str, ...] | None:
    """Read "the government" and "we" as the text's own economy."""
    if case.home in {None, _WORLD} or case.kind == "tariff":
        return None
    we = _WE.search(case.line.text, case.line.start, case.finding.start)
    return (case.home or "",) if we or (case.said_by is None and case.before(_STATE)) else None


def _of_the_world(case: _Case) -> tuple[str, ...] | None:
    return (_WORLD,) if any(code == _WORLD for _, _, code in case.line.economies) else None


def _of_its(case: _Case) -> tuple[str, ...] | None:
    before = _antecedent(case.line)
    return (before, *(case.partner(before) if case.kind == "tariff" else ())) if before else None


def _of_the_last(case: _Case) -> tuple[str, ...] | None:
    """Go on with the economies of the figure before, in its paragraph; what is a firm's or a market's has none."""
    if case.kind in {"firm", "market"}:
        return ()
    goes_on = not case.line.opens_paragraph or _ANAPHOR.match(case.line.text, case.line.start)
    if not (case.last and case.last.economies and goes_on):
        return None
    return (
        (case.home,)
        if case.home in case.last.economies and case.kind == "nation" and case.home
        else case.last.economies
    )


def _of_the_text(case: _Case) -> tuple[str, ...] | None:
    """Give the economy, or the two, that the text is about, where the figure is a nation's."""
    goods = not case.kind and bool(case.line.products)
    if case.home is None or not (case.kind in _CONTINUES or goods):
        return None
    return (case.home, *(case.partner(case.home) if goods or case.kind == "tariff" else ()))


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
    own, _ = line.chain(finding.start)[0]
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


def _regional(line: Line, finding: Finding) -> bool:
    """Tell whether the figure is a region's: "Asia's exports"."""
    start, end = line.chain(finding.start)[0]
    found = _REGION.search(line.text, start, end)
    return found is not None and (
        "countries" in found[0] or any(found.start() < cue[0] <= found.end() for cue in line.measures)
    )


@lru_cache(maxsize=1)
def _home(story: Story) -> str | None:
    """Give the economy that the text is about: the first owner or actor it names."""
    for line in story.opening:
        for hit in line.economies:
            if not _is_place(line, hit) and (owns(line, hit) or (hit[2] == _WORLD and line.index <= 1)):
                return hit[2]
    return None


def _partner(story: Story, code: str) -> list[str]:
    """Give the other economy of a text about two."""
    two = _two(story)
    return [other for other in two if other != code] if code in two else []


@lru_cache(maxsize=1)
def _two(story: Story) -> tuple[str, ...]:
    """Give the two economies that a text is about, if it names hardly any other."""
    counts = Counter(hit[2] for line in story.opening for hit in line.economies if hit[2] != _WORLD)
    two = counts.most_common(2)
    mostly = sum(count for _, count in two) >= _SHARE_OF_MENTIONS * counts.total()
    return tuple(code for code, _ in two) if mostly else ()
