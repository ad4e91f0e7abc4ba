"""A verdict on every number in a brief, whatever its format."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from toolkit.article import Article
from toolkit.brief.cite import Cited, evaluate
from toolkit.brief.cite.notes import TRACE, entries, note, rows
from toolkit.brief.judge.context import objection
from toolkit.brief.judge.match import UNCITED, Matcher, NumberContext
from toolkit.brief.judge.number import Judgement, judge
from toolkit.brief.judge.printed import NUMBER, Printed, plain, printed, sentence, within, words_of
from toolkit.brief.judge.verdict import Quotes, Verdict
from toolkit.brief.read import read
from toolkit.brief.read.prose import Prose, fill, overlaps
from toolkit.errors import NotComparable, SchemaError, ToolkitError, UnknownCode
from toolkit.registry import conflicts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolkit.brief.judge.printed import SentenceContext
    from toolkit.brief.read.source import Brief, Place, Span
    from toolkit.figures import Figure
    from toolkit.registry import Record, Registry

__all__ = ["check"]

_YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d")
_NUMBERS = r"\s*(?:\d+(?:\.\d+)*(?:\s*(?:,|and|to|–|-)\s*))*$"  # "1.2 to " of "tables 1.2 to 1.4"
_REFERENCE = re.compile(rf"\b(?:{words_of('reference')}){_NUMBERS}", re.IGNORECASE)
_FEW = 12  # the largest number of things that is counted in words without a source
_MANY = 4  # digits of a number that cannot arise by chance
_UNIT_WITHIN = 16  # characters after digits within which a scale word or "times" ends
_SECTION = re.compile(r"(?:\A|\n\n)(?:\d+\.)*$")
_FAULTS: dict[type[ToolkitError], str] = {
    UnknownCode: "unknown_key",
    NotComparable: "not_comparable",
    SchemaError: "malformed",
}
_ALIKE = str.maketrans({"|": " ", "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "..."})
_WRONG_NUMBER = {"misrounded", "wrong_scale", "derived_wrong", "wrong_unit", "hedge_lost"}


def check(path: Path | str, registry: Registry) -> list[Verdict]:
    """Judge every number that a reader of a brief sees, in the order of the source.

    Parameters
    ----------
    path : path
        A brief as md, docx, html, tex, ipynb or pdf.
    registry : Registry
        With the earlier records of its figures, without which no number is found stale.

    Raises
    ------
    SchemaError
        If the brief cannot be read.
    """
    brief = read(path)
    checker = _Checker(brief, fill(brief, registry), registry)
    found = [*checker.judge_cited(), *checker.judge_uncited(), *_judge_unread(brief)]
    return sorted(found, key=lambda verdict: (verdict.start, verdict.end))


class _Checker:
    """Compares the text of a brief with the registry."""

    def __init__(self, brief: Brief, prose: Prose, registry: Registry) -> None:
        self.brief, self.prose, self.registry = brief, prose, registry
        self.quotes = Quotes()
        self._sentences: dict[int, SentenceContext] = {}
        self._loose: dict[int, list[Printed]] = defaultdict(list)
        self._known: list[tuple[int, tuple[Record, ...]]] = []  # offsets of the numbers so far, and what they may be
        self.keys = {
            record.key for cited in prose.cited.values() if isinstance(cited, Cited) for record in cited.records
        }

    def judge_cited(self) -> Iterator[Verdict]:
        """Judge the cited spans."""
        for span, place in self.prose.within.items():
            cited = self.prose.cited[span]
            text = self.brief.source[span.start : span.end]
            if isinstance(cited, Cited):
                verdict, reason = self._judged(span, cited, place)
                expected = cited.show(span.style)
            else:
                verdict, reason, expected = _FAULTS[type(cited)], cited.problem, None
            where = self.brief.where(span.start)
            yield Verdict(span.start, span.end, text, verdict, span.figure, reason, expected, where)

    def _judged(self, span: Span, cited: Cited, place: Place) -> Judgement:
        number, alone = within(self.prose, place, single=cited.quantity.value is not None)
        text = self.prose.text[slice(*place)]
        judged = judge(cited, text, span.style, number, alone=alone)
        if judged.verdict in _WRONG_NUMBER:
            return self._stale(span, text, place) or judged
        if judged.verdict != "ok":
            return judged
        at, around = self._sentence(place[0])
        others = [record for other in self._beside(at, span) for record in other.records]
        into = place[0] - self._starts[at][0]
        return (
            self.quotes.objection(cited.records, self.prose.text, place)
            or objection(cited.records, others, around, number, into)
            or self._conflict(cited.records)
            or judged
        )

    def _stale(self, span: Span, text: str, place: Place) -> Judgement | None:
        """Recognise a number that was right until its figure was revised."""
        steps = 1
        while view := self.registry.as_of_change(steps):
            try:
                before = evaluate(span.figure, view)
            except ToolkitError:
                return None
            number, alone = within(self.prose, place, single=before.quantity.value is not None)
            if judge(before, text, span.style, number, alone=alone).verdict == "ok":
                now = evaluate(span.figure, self.registry).show(span.style)
                return Judgement("stale", f"right until the figure was revised from {before.show(span.style)} to {now}")
            steps += 1
        return None

    def _conflict(self, records: tuple[Record, ...]) -> Judgement | None:
        """Return the conflict with another source that the brief does not cite."""
        for record in records:
            for one, two in self._conflicts:
                if record.key in (one.key, two.key) and not {one.key, two.key} <= self.keys:
                    other = two if record.key == one.key else one
                    reason = f"{other.key} says {other} of the same thing; cite both, or say which one holds"
                    return Judgement("conflict", reason)
        return None

    def judge_uncited(self) -> Iterator[Verdict]:
        """Judge the numbers outside every cited span."""
        prose = self.prose
        covered = sorted([*prose.within.values(), *self._written])
        numbers = [printed(prose, figure) for figure in prose.read if not _is_small_count(figure)]
        numbers = [each for each in numbers if not overlaps((each.start, each.end), covered)]
        numbers = [each for each in numbers if not overlaps((each.start, each.end), prose.dates)]
        for number in numbers:
            self._loose[self._index(number.start)].append(number)
        for span, (start, _) in prose.within.items():
            if isinstance(cited := prose.cited[span], Cited):
                self._known.append((start, cited.records))
        covered = sorted(covered + [(each.start, each.end) for each in numbers])
        waiting: list[Printed | Place] = [*numbers]
        for match in NUMBER.finditer(prose.text):
            if overlaps(match.span(), self._written):
                yield self._verdict(match.span(), "ignored", "in a note or list that the build writes")
            elif not overlaps(match.span(), covered):
                waiting.append(match.span())
        for each in sorted(waiting, key=lambda each: each.start if isinstance(each, Printed) else each[0]):
            yield self._matched(each) if isinstance(each, Printed) else self._judge_unread_digits(each)

    def _judge_unread_digits(self, place: Place) -> Verdict:
        """Judge digits that were not read as a figure."""
        why = "a date" if overlaps(place, self.prose.dates) else _why_ignored(self.prose.text, *place)
        if why:
            return self._verdict(place, "ignored", why)
        end = self.prose.text.find("\n", place[1], place[1] + _UNIT_WITHIN)
        number = plain(self.prose.text, place[0], end if end > 0 else place[1] + _UNIT_WITHIN)
        if number:
            number = number._replace(quantity=self.prose.headed(number.quantity, number.start))
        return self._matched(number) if number else self._verdict(place, "uncited", UNCITED)

    def _matched(self, number: Printed) -> Verdict:
        place = (number.start, number.end)
        context = self._context(number)
        found = self._matcher.match(number, context)
        self._known.append((number.start, found.may_be))
        verdict, reason = found.verdict, found.reason
        if found.cited and verdict == "ok":
            objected = self.quotes.objection(found.cited.records, self.prose.text, place)
            verdict, reason = objected or self._conflict(found.cited.records) or (verdict, reason)
        if found.cited and verdict in _WRONG_NUMBER:
            verdict, reason = self._overtaken(number, found.cited) or (verdict, reason)
        key, expected = (found.cited.figure, found.cited.show()) if found.cited else (None, None)
        return self._verdict(place, verdict, reason, key, expected)

    def _context(self, number: Printed) -> NumberContext:
        """Return what surrounds a number: its sentence, the text around, the figures beside and before it."""
        at, around = self._sentence(number.start)
        into = number.start - (self._starts[at][0] if at >= 0 else 0)
        alone = NumberContext(around, self.prose.around.surroundings(number.start), into)
        others = [each for each in self._loose[at] if each is not number]
        beside = [record for each in others for record in self._matcher.may_be(each, alone)]
        beside += [record for cited in self._beside(at, None) for record in cited.records]
        return alone._replace(beside=beside, pool=[*self._matcher.siblings(beside), *self._pool(number)])

    def _pool(self, number: Printed) -> list[Record]:
        """Return the figures nearby that precede a number, the nearest last; all that precede one of many digits."""
        around, many = self.prose.around, sum(sign.isdigit() for sign in number.quote) >= _MANY
        near = around.before(number.start)
        known = [each for each in self._known if each[0] < number.start and (many or around.index(each[0]) in near)]
        return [record for _, records in sorted(known, key=lambda each: each[0]) for record in records]

    def _overtaken(self, number: Printed, cited: Cited) -> Judgement | None:
        """Recognise a number without a key that was right until its figure was revised."""
        for record in self.registry.history(cited.figure):
            before = Cited.of(record)
            if judge(before, number.quote, None, number).verdict == "ok":
                reason = f"right until {record.key} was revised from {before.show()} to {cited.show()}"
                return Judgement("stale", reason)
        return None

    def _verdict(
        self, place: Place, verdict: str, reason: str, key: str | None = None, expected: str | None = None
    ) -> Verdict:
        start, end = self.prose.source(*place)
        if verdict == "uncited" and start < self.brief.titled:
            reason = "a title cannot carry a key; say it in the text"
        text, where = self.brief.source[start:end], self.brief.where(start)
        return Verdict(start, end, text, verdict, key, reason, expected, where)

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher(self.registry)

    @cached_property
    def _conflicts(self) -> list[tuple[Record, Record]]:
        return conflicts(self.registry)

    @cached_property
    def _written(self) -> list[Place]:
        """The paragraphs that the build writes, word for word: notes, sources, the table of figures."""
        held = {each.figure: each for each in self.prose.cited.values() if isinstance(each, Cited)}
        expected = {_squashed(words) for words in _expected(held, self.registry)} if held else set()
        found, reached = [], 0
        for paragraph in self.prose.text.split("\n\n"):
            if _squashed(paragraph) in expected:
                found.append((reached, reached + len(paragraph)))
            reached += len(paragraph) + 2
        return found

    @cached_property
    def _starts(self) -> list[Place]:
        return [(each.start, each.end) for each in Article(self.prose.text).sentences()]

    @cached_property
    def _spans(self) -> dict[int, list[Span]]:
        """The cited spans by sentence."""
        found: dict[int, list[Span]] = defaultdict(list)
        for span, (start, _) in self.prose.within.items():
            found[self._index(start)].append(span)
        return found

    def _index(self, position: int) -> int:
        return bisect_right(self._starts, (position, len(self.prose.text))) - 1

    def _beside(self, at: int, span: Span | None) -> Iterator[Cited]:
        for other in self._spans.get(at, ()):
            cited = self.prose.cited[other]
            if other is not span and isinstance(cited, Cited):
                yield cited

    def _sentence(self, position: int) -> tuple[int, SentenceContext]:
        """Return the index of a sentence and what it says, its cited numbers blanked."""
        at = self._index(position)
        if at not in self._sentences:
            start, end = self._starts[at] if at >= 0 else (0, 0)
            text = self.prose.text[start:end]
            for span in self._spans.get(at, ()):
                first, last = (max(0, edge - start) for edge in self.prose.within[span])
                text = text[:first] + " " * (last - first) + text[last:]
            self._sentences[at] = sentence(text, self.prose.around.whole.economies)
        return at, self._sentences[at]


def _expected(held: dict[str, Cited], registry: Registry) -> Iterator[str]:
    """Yield every paragraph that a build of these figures may have written, on this registry or an earlier one."""
    try:
        for each in held.values():
            yield note(each)
            yield f"{note(each)} {TRACE}"
        for row in rows(held.values()):
            yield "".join(row)
        listed = entries((record for each in held.values() for record in each.records), registry)
    except ToolkitError:  # without the table of sources no note can be recognised
        return
    yield from (f"{entry.text} {entry.url or ''}" for entry in listed)


def _squashed(words: str) -> str:
    return "".join(words.translate(_ALIKE).replace("---", "-").replace("--", "-").split())


def _is_small_count(figure: Figure) -> bool:
    """Return whether a figure only counts a few things in words ("three figures"), which needs no source."""
    value = figure.quantity.value
    written = not any(sign.isdigit() for sign in figure.quote)
    return written and figure.kind in {"count", "multiple", "duration"} and value is not None and value <= _FEW


def _why_ignored(text: str, start: int, end: int) -> str | None:
    """Return why a digit in prose is not a figure, or None if it may be one."""
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


def _judge_unread(brief: Brief) -> Iterator[Verdict]:
    """Judge every digit that the prose does not show."""
    seen = bytearray(len(brief.source))
    shown = [(piece.start, piece.end) for piece in brief.pieces]
    for start, end in [*shown, *(each[:2] for each in brief.unread if not each[2])]:
        seen[start:end] = b"\1" * (end - start)
    known = sorted(each for each in brief.unread if each[2])
    places = [each[:2] for each in known]
    for match in NUMBER.finditer(brief.source):
        start, end = match.span()
        at = bisect_right(places, (start, len(brief.source))) - 1
        why = known[at][2] if at >= 0 and places[at][1] >= end else ""
        if not why and at >= 0 and start < places[at][1] < end and all(seen[places[at][1] : end]):
            end, why = places[at][1], known[at][2]  # "999" deleted before "145.8"
        if why or not all(seen[start:end]):
            verdict, reason = ("ignored", why) if why else ("unexplained", "neither text nor markup that is known")
            yield Verdict(start, end, brief.source[start:end], verdict, None, reason, None, brief.where(start))
