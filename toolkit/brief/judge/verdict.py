"""A verdict on one number, what its article says now, and the last line of a check."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from toolkit.brief.cite.notes import kept_article
from toolkit.brief.judge.number import Judgement
from toolkit.registry import check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.article import Article
    from toolkit.brief.read.source import Place
    from toolkit.registry import Record

__all__ = ["Quotes", "Verdict", "tally"]

_COUNTED = ("ok", "flagged", "ignored", "unexplained")
_QUIET = ("ok", "ignored", "candidate")
_MARKS = {"“": "”", '"': '"', "‘": "’", "«": "»", "„": "“"}


class Quotes:
    """The articles behind the figures, each read once."""

    def __init__(self) -> None:
        self._read: dict[str, Article | None] = {}

    def objection(self, records: Iterable[Record], text: str, place: Place) -> Judgement | None:
        """Return what differs: the article from its record, or a quotation from the article."""
        for record in records:
            if record.source["type"] != "article":
                continue
            exact = record.source["selector"][0]["exact"]
            held = self._article(record)
            state = check(record, held).state if held else "same"
            if state in {"changed", "gone"}:
                return Judgement("quote_changed", f"“{exact}” is {state} in {record.source['source']} as it stands now")
            quoted = _quoted(text, place)
            if quoted and _plain(quoted) not in _plain(exact) and _plain(exact) not in _plain(quoted):
                return Judgement("quote_changed", f"the brief quotes “{quoted}”, the source has “{exact}”")
        return None

    def _article(self, record: Record) -> Article | None:
        name = record.source["source"]
        if name not in self._read:
            self._read[name] = kept_article(record)
        return self._read[name]


def _quoted(text: str, place: Place) -> str | None:
    """Return the words of a span in quotation marks, inside or around it."""
    start, end = place
    inside = text[start:end]
    if _MARKS.get(inside[:1]) == inside[-1:] and len(inside) > 1:
        return inside[1:-1]
    return inside if _MARKS.get(text[max(0, start - 1) : start]) == text[end : end + 1] != "" else None


def _plain(words: str) -> str:
    return "".join(words.split()).casefold()


class Verdict(NamedTuple):
    """What the check finds about one number: ``source[start:end] == text``.

    Attributes
    ----------
    start, end : int
        Characters of the file; for docx and pdf of the text read from it.
    verdict : str
        ok; ignored; candidate (without a key: the text does not show which figure it is, or it
        is computed from figures nearby); or what is wrong: uncited, stale, misrounded, wrong_scale,
        wrong_unit, misattributed, hedge_lost, derived_wrong, conflict, quote_changed; for a key or
        a text that cannot be followed unknown_key, malformed, not_comparable, unreadable; unexplained.
    key : str or None
        The key or expression cited, or the one figure that fits a number without a key.
    reason : str
        With the interval that the printed digits imply, and the registered value.
    expected : str or None
        How the registered figure would be written.
    where : str or None
        The part of a docx, the page of a pdf.
    """

    start: int
    end: int
    text: str
    verdict: str
    key: str | None
    reason: str
    expected: str | None
    where: str | None = None

    @property
    def is_flagged(self) -> bool:
        """Whether the author has something to correct."""
        return self.verdict not in _QUIET

    def to_dict(self) -> dict[str, object]:
        """Return the fields as JSON values; `where` only if it is known."""
        row = self._asdict()
        return row if self.where else {name: value for name, value in row.items() if name != "where"}


def tally(verdicts: Iterable[Verdict]) -> str:
    """Return the last line of a check.

    >>> tally([Verdict(0, 1, "5", "uncited", None, "no key", None)])
    '1 number: 0 ok, 1 flagged, 0 ignored, 0 unexplained'
    """
    known = {*_COUNTED, *_QUIET}
    count = Counter(each.verdict if each.verdict in known else "flagged" for each in verdicts)
    to_cite = count["candidate"]
    more = f", {to_cite} candidate{'s' * (to_cite != 1)} to cite" if to_cite else ""
    counted = ", ".join(f"{count[kind]} {kind}" for kind in _COUNTED)
    return f"{count.total()} number{'s' * (count.total() != 1)}: {counted}{more}"
