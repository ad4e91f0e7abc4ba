"""A text or an article read from its first figure to its last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from toolkit.article import Article
from toolkit.figures._context import bare, fill
from toolkit.figures._dateline import around
from toolkit.figures._figure import Figure, Finding, Refusal, Span
from toolkit.figures._findings import findings_of
from toolkit.figures._show import FigureList

if TYPE_CHECKING:
    from collections.abc import Iterable

Placed = TypeVar("Placed", Finding, Refusal)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text states, and what was seen in it and not read.

    Attributes
    ----------
    figures : list of Figure
        In the order of the text.
    refused : list of Refusal
        Each with its place and reason; "unclear" marks what may be a figure and was left.
    """

    figures: list[Figure]
    refused: list[Refusal]


def extract(source: str | Article, *, context: bool = True) -> list[Figure]:
    """Give the figures that a text states, in its order; of an article, its sentences alone are read.

    Without `context` what the sentence says about a figure is left open, which takes a
    quarter of the time: value, unit, hedge, counted noun and place are the same, and
    `kind` is told by the words beside the figure alone.

    >>> for figure in extract("A roughly US$ 550-billion package, or more than 10 % of GDP."):
    ...     print(figure.quote, "|", figure.quantity.hedge, figure.quantity.value, figure.quantity.unit)
    roughly US$ 550-billion | about 550000000000 USD
    more than 10 % | more_than 10 %
    """
    return read(source, context=context).figures


def read(source: str | Article, *, context: bool = True) -> Reading:
    """Give the figures of a text, and the numbers in it that were not read; `context` is as in `extract`.

    >>> [(seen.quote, seen.reason) for seen in read("Section 232 duties of 25 % from March 12").refused]
    [('232', 'name'), ('12', 'date')]
    """
    if isinstance(source, str):
        article, name = Article(source), None
    else:
        article, name = source, source.id
    sentences = article.sentences() if context or name else []
    findings, refused = findings_of(article.text)
    places = [(part.start, part.end) for part in sentences]
    if name:
        findings, refused = _within(findings, places), _within(refused, places)
    if context:
        figures = fill(article.text, sentences, findings, around(article))
    else:
        figures = [bare(article.text, finding) for finding in findings]
    if name:
        figures = [replace(figure, article_id=name) for figure in figures]
    return Reading(FigureList(figures, article.text, places), refused)


def _within(found: Iterable[Placed], places: list[Span]) -> list[Placed]:
    """Keep what starts inside one of the places, both in the order of the text."""
    kept: list[Placed] = []
    place = 0
    for one in found:
        while place < len(places) and places[place][1] <= one.start:
            place += 1
        if place < len(places) and places[place][0] <= one.start:
            kept.append(one)
    return kept
