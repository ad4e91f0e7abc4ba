"""A verdict on every number in a brief."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from toolkit import figures
from toolkit.brief._cited import Cited, evaluate
from toolkit.brief._judge import judge
from toolkit.brief._source import Brief, Place, Span, parse
from toolkit.errors import NotComparable, SchemaError, ToolkitError, UnknownCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from toolkit.registry import Registry

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d")
_REFERENCE = re.compile(
    r"\b(?:annex|article|box|chapter|figure|hs|note|no\.|order|p\.|page|pages|paragraph|part|phase|resolution|section|table|title)"
    r"\s*(?:\d+(?:\.\d+)*(?:\s*(?:,|and|to|–|-)\s*))*$",
    re.IGNORECASE,
)
_SECTION = re.compile(r"(?:\A|\n\n)(?:\d+\.)*$")
_LIST = re.compile(r"^(?:[ \t]|>)*(\d+)[.)](?=\s)", re.MULTILINE)
_MARKUP = re.compile(  # what readers do not see
    r"<!--.*?-->|\{[^{}]*\}|\]\([^()\n]*\)|\[\^[^\]\n]+\]:?|^\[[^\]\n]+\]:.*$|\A---\n.*?\n(?:---|\.\.\.)\n",
    re.MULTILINE | re.DOTALL,
)
_FAULTS: dict[type[ToolkitError], str] = {
    UnknownCode: "unknown_key",
    NotComparable: "not_comparable",
    SchemaError: "malformed",
}


class Verdict(NamedTuple):
    """What the check says of one number: ``source[start:end] == text``.

    `verdict` is ok, ignored, or what is wrong: uncited, unknown_key, malformed,
    not_comparable, misrounded, derived_wrong, wrong_scale, wrong_unit, hedge_lost,
    unreadable, unexplained.
    """

    start: int
    end: int
    text: str
    verdict: str
    key: str | None
    reason: str
    expected: str | None

    @property
    def is_flagged(self) -> bool:
        """Tell whether the author has something to mend."""
        return self.verdict not in {"ok", "ignored"}


def check(path: Path | str, registry: Registry) -> list[Verdict]:
    """Judge every number that a brief's readers see, in the order of the source.

    Raises
    ------
    SchemaError
        If the brief cannot be read; see `parse`.
    """
    brief = parse(path)
    prose = _fill(brief, registry)
    found = [*_cited(brief, prose), *_loose(brief, prose), *_unprinted(brief)]
    return sorted(found)


def tally(verdicts: Iterable[Verdict]) -> str:
    """Give the last line of a check.

    >>> tally([Verdict(0, 1, "5", "uncited", None, "no key", None)])
    '1 number: 0 ok, 1 flagged, 0 ignored, 0 unexplained'
    """
    count = Counter(
        "flagged" if each.is_flagged and each.verdict != "unexplained" else each.verdict for each in verdicts
    )
    kinds = ", ".join(f"{count[kind]} {kind}" for kind in ("ok", "flagged", "ignored", "unexplained"))
    return f"{count.total()} number{'s' * (count.total() != 1)}: {kinds}"


@dataclass(frozen=True)
class _Prose:
    """The text that readers will see, empty spans filled in, and the way back to the source."""

    texts: tuple[str, ...]
    places: tuple[Place, ...]
    cited: dict[Span, Cited | ToolkitError]
    within: dict[Span, Place]

    @cached_property
    def text(self) -> str:
        return "".join(self.texts)

    @cached_property
    def ends(self) -> list[int]:
        return [*accumulate(map(len, self.texts))]

    def source(self, start: int, end: int) -> Place:
        """Give the source offsets of ``text[start:end]``."""
        return self._offset(start, 0), self._offset(end - 1, 1)

    def _offset(self, position: int, after: int) -> int:
        at = bisect_right(self.ends, position)
        start, end = self.places[at]
        into = position - (self.ends[at] - len(self.texts[at]))
        literal = len(self.texts[at]) == end - start
        return start + into + after if literal else (start, end)[after]


def _fill(brief: Brief, registry: Registry) -> _Prose:
    written = Counter(piece.span for piece in brief.pieces if piece.text)
    cited = {span: _evaluate(span, registry) for span in brief.spans}
    texts: list[str] = []
    within: dict[Span, Place] = {}
    reached = 0
    for piece in brief.pieces:
        text = piece.text
        source = cited[piece.span] if piece.span and not written[piece.span] else None
        if piece.span and isinstance(source, Cited):
            text = source.show(piece.span.style)
        reached += len(text)
        texts.append(text)
        if piece.span:
            start, _ = within.get(piece.span, (reached - len(text), 0))
            within[piece.span] = start, reached
    return _Prose(tuple(texts), tuple((piece.start, piece.end) for piece in brief.pieces), cited, within)


def _evaluate(span: Span, registry: Registry) -> Cited | ToolkitError:
    try:
        cited = evaluate(span.figure, registry)
        cited.show(span.style)
    except (UnknownCode, NotComparable, SchemaError) as error:
        return error
    return cited


def _cited(brief: Brief, prose: _Prose) -> Iterator[Verdict]:
    found = figures.extract(prose.text)
    ends = [figure.end for figure in found]
    for span, (start, end) in prose.within.items():
        text, cited = brief.source[span.start : span.end], prose.cited[span]
        if not isinstance(cited, Cited):
            yield Verdict(span.start, span.end, text, _FAULTS[type(cited)], span.figure, cited.problem, None)
            continue
        printed, near = prose.text[start:end], found[bisect_right(ends, start) :][:1]
        read = near[0] if near and near[0].start < end else None
        if read and read.quantity.value is None and cited.quantity.value is not None:
            read = next(iter(figures.extract(printed)), None)  # one end of "from 20 to 25 %", cited by itself
        verdict, reason = judge(cited, printed, span.style, read)
        yield Verdict(span.start, span.end, text, verdict, span.figure, reason, cited.show(span.style))


def _loose(brief: Brief, prose: _Prose) -> Iterator[Verdict]:
    """Judge the numbers outside every cited span."""
    covered = sorted(prose.within.values())
    dates = [(each.start, each.end) for each in figures.extract_dates(prose.text)]
    read = [(figure.start, figure.end) for figure in figures.extract(prose.text)]
    uncited = [place for place in read if not _overlaps(place, covered) and not _overlaps(place, dates)]
    for place in uncited:
        yield _verdict(brief, prose, place, "uncited", "no key says where it comes from")
    covered = sorted(covered + uncited)
    for match in _NUMBER.finditer(prose.text):
        if not _overlaps(match.span(), covered):
            why = "a date" if _overlaps(match.span(), dates) else _why_ignored(prose.text, *match.span())
            verdict = ("ignored", why) if why else ("uncited", "no key says where it comes from")
            yield _verdict(brief, prose, match.span(), *verdict)


def _verdict(brief: Brief, prose: _Prose, place: Place, verdict: str, reason: str) -> Verdict:
    start, end = prose.source(*place)
    return Verdict(start, end, brief.source[start:end], verdict, None, reason, None)


def _overlaps(place: Place, covered: list[Place]) -> bool:
    """Tell whether `place` touches one of the sorted, disjoint `covered`."""
    at = bisect_left(covered, (place[1], 0)) - 1
    return at >= 0 and covered[at][1] > place[0]


def _why_ignored(text: str, start: int, end: int) -> str | None:
    """Say why a digit in prose is no figure; None if it may be one."""
    before, after = text[max(0, start - 60) : start], text[end : end + 1]
    word = re.search(r"\S*$", before)
    if word and "://" in word[0]:
        return "a web address"
    if re.search(r"[^\W\d_][-–‑]?$", before) or after.isalpha():
        return "part of a name"
    if _REFERENCE.search(before):
        return "a reference"
    if _SECTION.search(before) and after in {".", ")"}:
        return "a section's number"
    return "a year" if _YEAR.fullmatch(text, start, end) else None


def _unprinted(brief: Brief) -> Iterator[Verdict]:
    """Account for every digit that the prose does not show."""
    seen = bytearray(len(brief.source))
    for start, end in [(piece.start, piece.end) for piece in brief.pieces]:
        seen[start:end] = b"\1" * (end - start)
    for match in _LIST.finditer(brief.source):
        if not any(seen[slice(*match.span(1))]):
            yield Verdict(*match.span(1), match[1], "ignored", None, "a list's number", None)
            seen[slice(*match.span(1))] = b"\1" * len(match[1])
    for match in _MARKUP.finditer(brief.source):
        seen[slice(*match.span())] = b"\1" * len(match[0])
    for start, end in brief.code:
        for match in _NUMBER.finditer(brief.source, start, end):
            yield Verdict(*match.span(), match[0], "ignored", None, "code", None)
        seen[start:end] = b"\1" * (end - start)
    for match in _NUMBER.finditer(brief.source):
        if not all(seen[slice(*match.span())]):
            yield Verdict(*match.span(), match[0], "unexplained", None, "neither text nor markup that is known", None)
