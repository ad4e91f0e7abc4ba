"""Which goods a figure is of: the HS codes of its clause, or of what it continues."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.codes import patterns as re
from toolkit.figures.meaning.clauses import kept

if TYPE_CHECKING:
    from toolkit.figures.figure import Figure, LocatedQuantity
    from toolkit.figures.meaning.clauses import Cue, Line, Story

__all__ = ["base", "counted_before", "main_word", "measure", "named_before", "products"]

_OF = re.compile(r"\s+of\s+(?:(?:the|its|their|his|her|our|a|an|all|any|overall|total(?=\s+[^\W\d_]))\s+)*")
_JOIN = re.compile(" (?:of|on|in) ")
_LEVEL = re.compile(r"(?:19|20)\d\d levels?\b")
_OWNERS = ("'s", "’s", "s'", "s’")
_TOTAL = re.compile(r"\s(?:total|overall|entire|annual|combined|whole|quarterly|monthly|additional)\s")


def base(line: Line, finding: LocatedQuantity) -> str | None:
    """Return the base of a share: "of global output"."""
    found = _OF.match(line.text, finding.end, line.end) if finding.quantity.unit == "%" else None
    if found is None:
        return None
    level = _LEVEL.match(line.text, found.end(), line.end)
    total = "total" if "total" in found[0] or line.text.startswith("total", found.end()) else None
    return level[0] if level else _whole(line, found.end()) or total


def _whole(line: Line, position: int) -> str | None:
    """Return the noun phrase at `position`, "total" within it: "Japan's total exports"."""
    phrase = line.phrase(position)
    if phrase and phrase.endswith(_OWNERS) and (total := _TOTAL.match(line.text, position + len(phrase), line.end)):
        rest = line.phrase(total.end())
        return phrase + total[0] + rest if rest else phrase
    return phrase


def measure(line: Line, finding: LocatedQuantity, phrase: str | None) -> Cue | None:
    """Return the measuring noun in what the figure is about, else the nearest one before it in its clauses."""
    if phrase:
        for words in (_JOIN.split(phrase)[0].lower(), phrase.lower()):
            if within := [cue for cue in line.nouns if line.text[cue[0] : cue[1]].lower() in words]:
                return within[-1]
    for start, end in line.chain(finding.start):
        nouns = [cue for cue in line.nouns if start <= cue[0] and cue[1] <= min(end, finding.start)]
        if before := [cue for cue in nouns if not counted_before(line, cue)]:
            return before[-1]
    return _measure_after(line, finding)


def counted_before(line: Line, cue: Cue) -> bool:
    """Return whether a noun is what another figure counts: "employs 200,000 people and made"."""
    return any(start <= cue[0] <= end + 1 for start, end in line.figures)


def _measure_after(line: Line, finding: LocatedQuantity) -> Cue | None:
    """Return the first measuring noun between a figure and the end of its clause, or the next figure."""
    end = min([line.chain(finding.start)[0][1], *(start for start, _ in line.figures if start > finding.start)])
    return next((cue for cue in line.nouns if finding.end <= cue[0] and cue[1] <= end), None)


_SHARE_OF_MENTIONS = 0.7
_FEW = 4  # sentences


def products(
    line: Line, finding: LocatedQuantity, phrase: str | None, measure: Cue | None, last: Figure | None
) -> tuple[str, ...]:
    """Return the products of the figure's clause, of those it hangs on, or of the one that follows it."""
    if phrase and (found := _products_of(phrase)):
        return found
    for start, end in [*line.chain(finding.start), *line.following(finding.start)]:
        if hits := [code for at, _, found in line.products if start <= at < end for code in found]:
            return tuple(dict.fromkeys(hits))
    of_goods = finding.kind == "measure" or (measure is not None and measure[2]["whose"] in {"tariff", "market"})
    if last and last.products and (last.start >= line.start or (of_goods and not line.opens_paragraph)):
        return last.products
    if finding.kind == "measure" and (named := named_before(line, finding.start)):
        return named[2]
    return _main_product(line.story) if of_goods or "/" in finding.quantity.unit else ()


@lru_cache(maxsize=1024)
def _products_of(phrase: str) -> tuple[str, ...]:
    """Return the products that a phrase names; a text says the same of many figures."""
    return tuple(dict.fromkeys(code for _, _, found in codes.find_products(phrase) for code in found))


def named_before(line: Line, position: int) -> tuple[int, int, tuple[str, ...]] | None:
    """Return the product that was named last before a weight: in its sentence, or a few before."""
    here: Line | None = line
    for _ in range(_FEW):
        if here is None:
            break
        if named := [hit for hit in here.products if hit[1] <= position]:
            return named[-1]
        here = here.before
    return None


@kept
def _main_product(story: Story) -> tuple[str, ...]:
    """Return the product of a text about one."""
    named = [hit[2] for line in story.opening for hit in line.products]
    counts = Counter(code for found in named for code in found)
    code, count = counts.most_common(1)[0] if counts else ("", 0)
    return next((found for found in named if code in found), ()) if count >= _SHARE_OF_MENTIONS * len(named) else ()


@kept
def main_word(story: Story) -> str | None:
    """Return the word for the product of a text about one: "LNG"."""
    main = _main_product(story)
    words = Counter(
        story.text[start:end] for line in story.opening for start, end, found in line.products if found == main
    )
    return words.most_common(1)[0][0] if main and words else None
