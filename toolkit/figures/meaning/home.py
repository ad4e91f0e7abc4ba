"""Whom a text is about: by the owner it names first, the money of its amounts and the place at its head."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.codes import patterns as re
from toolkit.figures.meaning.mentions import WORLD

if TYPE_CHECKING:
    from toolkit.figures.meaning.clauses import Line, Story

_LEAD = 6  # sentences, the headline among them
_DATELINE = re.compile(r"(?:[^\n|]{0,40}\|\s?)?([A-ZÀ-Þ][\w .’'-]{2,25}?)(?:,|:|\s[-–—(])")
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
_NEAR, _LONGEST = 50, 1500  # characters


def home(story: Story) -> str | None:
    """Return the economy that the text is about, plainly or not."""
    return story.topic[0]


def strong_home(story: Story) -> str | None:
    """Return the economy that the text is plainly about."""
    code, plain = story.topic
    return code if plain else None


def imposer(line: Line) -> str | None:
    """Give the one economy whose tariffs the text is about at a sentence: "the US duty", "Washington charges 20 %"."""
    found, near = set[str](), line
    for _ in range(_LEAD):
        found |= imposers(near)
        if near.before is None:
            break
        near = near.before
    found = found or _opening_imposers(line.story)
    if len(found) > 1:
        found = found - {home(line.story)}  # who replies in kind
    return next(iter(found)) if len(found) == 1 else None


@lru_cache(maxsize=1)
def _opening_imposers(story: Story) -> set[str]:
    return {code for line in story.opening for code in imposers(line)}


@lru_cache(maxsize=16)
def imposers(line: Line) -> frozenset[str]:
    """Give whose tariffs a sentence names."""
    if not any(line.has(one.words) for one in (_TARIFF_OF, _LEVIES, _LEVIED_BY)):
        return frozenset()
    return frozenset(
        code
        for start, end, code in line.economies
        if code != WORLD
        and (
            _TARIFF_OF.match(line.text, end, line.end)
            or _LEVIES.match(line.text, end, line.end)
            or _LEVIED_BY.search(line.text, max(line.start, start - _NEAR), start)
        )
    )


@lru_cache(maxsize=1)
def places(story: Story) -> set[str]:
    """Give the economies of the places that head the text: "KUALA LUMPUR, Oct 3 -"."""
    named = {code for head in _heads(story) for _, _, code in codes.find_economies(head)}
    return named | towns(story)


def towns(story: Story) -> set[str]:
    """Give the economies of the cities that head the text and are no capitals, from where no agency of many nations writes."""
    return {cities()[head] for head in _heads(story) if head in cities()}


def _heads(story: Story) -> list[str]:
    starts = [line.start for line in story.opening[:_LEAD] if line.opens_paragraph]
    found = [form.match(story.text, start) for start in starts for form in (_DATELINE, _AFTER_DATE)]
    return [head[1].title() for head in found if head]


@cache
def money_homes() -> dict[str, str]:
    """Give the economy of each money that has one: "yen", "JPY"."""
    return {row["words"]: row["iso3"] for row in codes.table("currency_homes")}


@cache
def cities() -> dict[str, str]:
    """Give the economy of each city that a text may come from, capitals apart."""
    return {row["name"].title(): row["iso3"] for row in codes.table("cities")}
