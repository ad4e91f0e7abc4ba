"""Which goods a figure is of: the HS codes of its clause, or of what it continues."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit import codes

if TYPE_CHECKING:
    from toolkit.figures._clauses import Cue, Line, Story
    from toolkit.figures._figure import Figure, Finding

_SHARE_OF_MENTIONS = 0.7
_FEW = 4  # sentences


def products(
    line: Line, finding: Finding, phrase: str | None, measure: Cue | None, last: Figure | None
) -> tuple[str, ...]:
    """Give the products of the figure's clause, of those it hangs on, or of the one that follows it."""
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
    """Give the products that a phrase names; a text says the same of many figures."""
    return tuple(dict.fromkeys(code for _, _, found in codes.find_products(phrase) for code in found))


def named_before(line: Line, position: int) -> tuple[int, int, tuple[str, ...]] | None:
    """Give the product that was named last before a weight: in its sentence, or a few before."""
    here: Line | None = line
    for _ in range(_FEW):
        if here is None:
            break
        if named := [hit for hit in here.products if hit[1] <= position]:
            return named[-1]
        here = here.before
    return None


@lru_cache(maxsize=1)
def _main_product(story: Story) -> tuple[str, ...]:
    """Give the product of a text about one."""
    named = [hit[2] for line in story.opening for hit in line.products]
    counts = Counter(code for found in named for code in found)
    code, count = counts.most_common(1)[0] if counts else ("", 0)
    return next((found for found in named if code in found), ()) if count >= _SHARE_OF_MENTIONS * len(named) else ()


@lru_cache(maxsize=1)
def main_word(story: Story) -> str | None:
    """Give the word for the product of a text about one: "LNG"."""
    main = _main_product(story)
    words = Counter(
        story.text[start:end] for line in story.opening for start, end, found in line.products if found == main
    )
    return words.most_common(1)[0][0] if main and words else None
