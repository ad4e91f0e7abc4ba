"""A verdict on every number in a brief."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from toolkit import figures
from toolkit.brief._cited import Cited
from toolkit.brief._judge import judge
from toolkit.brief._prose import Prose, fill, overlaps
from toolkit.brief._source import METADATA, Brief, Place, parse
from toolkit.errors import NotComparable, SchemaError, ToolkitError, UnknownCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from toolkit.figures import Figure
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
    r"<!--.*?-->|\{[^{}]*\}|\]\([^()\n]*\)|\[\^[^\]\n]+\]:?|^\[[^\]\n]+\]:[^\n]*$", re.MULTILINE | re.DOTALL
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
    prose = fill(brief, registry)
    found = [*_cited(brief, prose), *_loose(brief, prose), *_unprinted(brief)]
    return sorted(found, key=lambda verdict: (verdict.start, verdict.end))


def tally(verdicts: Iterable[Verdict]) -> str:
    """Give the last line of a check.

    >>> tally([Verdict(0, 1, "5", "uncited", None, "no key", None)])
    '1 number: 0 ok, 1 flagged, 0 ignored, 0 unexplained'
    """
    kinds = ("ok", "flagged", "ignored", "unexplained")
    count = Counter(each.verdict if each.verdict in kinds else "flagged" for each in verdicts)
    counted = ", ".join(f"{count[kind]} {kind}" for kind in kinds)
    return f"{count.total()} number{'s' * (count.total() != 1)}: {counted}"


def _cited(brief: Brief, prose: Prose) -> Iterator[Verdict]:
    """Judge the cited spans."""
    for span, place in prose.within.items():
        text, cited = brief.source[span.start : span.end], prose.cited[span]
        if isinstance(cited, Cited):
            read, alone = _read(prose, cited, place)
            verdict, reason = judge(cited, prose.text[slice(*place)], span.style, read, alone=alone)
            yield Verdict(span.start, span.end, text, verdict, span.figure, reason, cited.show(span.style))
        else:
            yield Verdict(span.start, span.end, text, _FAULTS[type(cited)], span.figure, cited.problem, None)


def _read(prose: Prose, cited: Cited, place: Place) -> tuple[Figure | None, bool]:
    """Give the figure that stands in a span, and whether it is the only number there."""
    start, end = place
    read, known = prose.figure(start, end), place
    if read and read.quantity.value is None and cited.quantity.value is not None:
        # one end of "from 20 to 25 %", cited by itself
        read = next(iter(figures.extract(prose.text[start:end])), None)
        known = (start + read.start, start + read.end) if read else place
    elif read:
        known = read.start, read.end
    digits = [match.span() for match in _NUMBER.finditer(prose.text, start, end)]
    return read, all(overlaps(each, [known]) or overlaps(each, prose.dates) for each in digits)


def _loose(brief: Brief, prose: Prose) -> Iterator[Verdict]:
    """Judge the numbers outside every cited span."""
    covered = sorted(prose.within.values())
    read = [(figure.start, figure.end) for figure in prose.read]
    uncited = [place for place in read if not overlaps(place, covered) and not overlaps(place, prose.dates)]
    for place in uncited:
        yield _verdict(brief, prose, place, None)
    covered = sorted(covered + uncited)
    for match in _NUMBER.finditer(prose.text):
        if not overlaps(match.span(), covered):
            why = "a date" if overlaps(match.span(), prose.dates) else _why_ignored(prose.text, *match.span())
            yield _verdict(brief, prose, match.span(), why)


def _verdict(brief: Brief, prose: Prose, place: Place, ignored: str | None) -> Verdict:
    start, end = prose.source(*place)
    head = METADATA.match(brief.source)
    in_title = head is not None and start < head.end()
    uncited = "a title cannot carry a key; say it in the text" if in_title else "no key says where it comes from"
    verdict = "ignored" if ignored else "uncited"
    return Verdict(start, end, brief.source[start:end], verdict, None, ignored or uncited, None)


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
    head = METADATA.match(brief.source)
    unseen = [match.span() for match in _MARKUP.finditer(brief.source)] + ([head.span()] if head else [])
    for start, end in [(piece.start, piece.end) for piece in brief.pieces] + unseen:
        seen[start:end] = b"\1" * (end - start)
    lists = {match.span(1) for match in _LIST.finditer(brief.source)}
    for match in _NUMBER.finditer(brief.source):
        start, end = match.span()
        if not all(seen[start:end]):
            why = "code" if overlaps((start, end), brief.code) else "a list's number" if (start, end) in lists else None
            verdict = ("ignored", why) if why else ("unexplained", "neither text nor markup that is known")
            yield Verdict(start, end, match[0], verdict[0], None, verdict[1], None)
