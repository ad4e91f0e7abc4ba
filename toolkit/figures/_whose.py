"""Whose a figure is, and of which products: the economies and HS codes of its clause, or of what it continues."""

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
_WHILE = re.compile(r",?\s?(?:while|whereas|although|but|and)\b")
_BILATERAL = re.compile(r"\b(?:bilateral|two-way|mutual)\b", re.IGNORECASE)
_IT = re.compile(r"(?:Its|Their|It|The country[’']s?|The country)\b")
_ITS = re.compile(r"\b(?:its|their)\b")
_THE_COUNTRY = re.compile(r"\b(?:to|from|into|with)\s(?:the|that)\scountry\b")
_STATE = re.compile(r"\b(?:ministry|minister|government|cabinet|parliament|treasury|central bank)\b", re.IGNORECASE)
_CONTINUES = {"nation", "tariff"}
_SHARE_OF_MENTIONS = 0.7


def economies(
    line: Line, finding: Finding, measure: Cue | None, said_by: str | None, last: Figure | None
) -> tuple[str, ...]:
    """Give whose the figure is: owners and partners in its clause, completed by what the text is about."""
    kind = measure[2]["whose"] if measure else ""
    hits = _hits(line, finding, said_by)
    if not hits and (opener := line.opener()):
        return tuple(dict.fromkeys(hit[2] for hit in opener.economies))
    if not hits:
        return _carried(line, finding, kind, last)
    found = {code: None for _, _, code in sorted(hits)}
    home, start = _home(line.story), next(line.chain(finding.start))[0]
    if _BILATERAL.search(line.text, start, finding.start) or _THE_COUNTRY.search(
        line.text, *next(line.chain(finding.start))
    ):
        return tuple(found | dict.fromkeys(_partner(line.story, next(iter(found))) if len(found) == 1 else ()))
    if any(owns(line, hit) for hit in hits) or _COMPARED.match(line.text, start):
        return tuple(found)
    if kind == "tariff" and len(found) == 1:
        return tuple(found | dict.fromkeys(_partner(line.story, next(iter(found)))))
    if kind in {"firm", "market"} or home in {None, _WORLD} or _regional(line, finding):
        return tuple(found)
    before = _antecedent(line)
    return tuple({before or home or "": None, **found})


def _antecedent(line: Line) -> str | None:
    """Give whom "its" at the head of a sentence means: the owner that the sentence before names."""
    if not _IT.match(line.text, line.start, line.end) or line.before is None:
        return None
    return next((hit[2] for hit in line.before.economies if hit[2] != _WORLD and owns(line.before, hit)), None)


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
        narrow = hits or (start != own and continuing)
        hits += [hit for hit in here if hit not in hits and (not narrow or owns(line, hit))]
        if hits and _COMPARED.match(line.text, start):
            break
        if any(owns(line, hit) for hit in hits) and not _RELATIVE.match(line.text, start):
            break
    return hits


def products(
    line: Line, finding: Finding, phrase: str | None, measure: Cue | None, last: Figure | None
) -> tuple[str, ...]:
    """Give the products of the figure's clause, of those it hangs on, or of the one that follows it."""
    if phrase and (hits := [code for _, _, found in codes.find_products(phrase) for code in found]):
        return tuple(dict.fromkeys(hits))
    for start, end in [*line.chain(finding.start), *line.following(finding.start)]:
        if hits := [code for at, _, found in line.products if start <= at < end for code in found]:
            return tuple(dict.fromkeys(hits))
    general = measure is not None and measure[2]["whose"] == "nation" and finding.kind != "measure"
    if last and last.products and (last.start >= line.start or not (general or line.opens_paragraph)):
        return last.products
    own = (
        finding.kind == "measure"
        or "/" in finding.quantity.unit
        or (measure is not None and measure[2]["whose"] in {"tariff", "market"})
    )
    return _main_product(line.story) if own else ()


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


def _carried(line: Line, finding: Finding, kind: str, last: Figure | None) -> tuple[str, ...]:
    """Give the economies of the sentence that this one continues, or the one the text is about."""
    if _regional(line, finding):
        return ()
    if any(code == _WORLD for _, _, code in line.economies):
        return (_WORLD,)
    if kind in {"firm", "market"}:
        return ()
    home = _home(line.story)
    if last and last.economies and not line.opens_paragraph:
        return (home,) if home in last.economies and kind == "nation" else last.economies
    if last and line.is_item:
        return last.economies
    if before := _antecedent(line):
        return (before,)
    if home is None or not (
        kind in _CONTINUES or (not kind and line.products) or _STATE.search(line.text, line.start, finding.start)
    ):
        return ()
    two = kind == "tariff" or _BILATERAL.search(line.text, line.start, finding.start) or (not kind and line.products)
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


def _main_product(story: Story) -> tuple[str, ...]:
    """Give the product of a text about one."""
    named = [hit[2] for line in story.opening for hit in line.products]
    counts = Counter(code for found in named for code in found)
    code, count = counts.most_common(1)[0] if counts else ("", 0)
    return next((found for found in named if code in found), ()) if count >= _SHARE_OF_MENTIONS * len(named) else ()


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
