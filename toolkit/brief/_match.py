"""The one registered figure that a number without a key can only be."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from toolkit.brief._cited import Cited, evaluate
from toolkit.brief._context import objection, places
from toolkit.brief._judge import Judgement, fitting, judge
from toolkit.errors import ToolkitError
from toolkit.quantity import is_currency
from toolkit.registry import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.brief._context import Sentence
    from toolkit.brief._printed import Printed
    from toolkit.quantity import Quantity
    from toolkit.registry import Record, Registry

UNCITED = "no key says where it comes from"
_ENOUGH = 3  # points of evidence without which a figure that does not fit is no suspect
_NAMED = 3  # figures named in a reason


class Match(NamedTuple):
    """A verdict on a number without a key, and the figure that it was held against."""

    verdict: str
    reason: str
    cited: Cited | None = None


class Matcher:
    """The registry, by unit, with the words of each figure."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.beside: Sequence[Record] = ()
        self.words = {record.key: words(record.about) for record in registry}
        self.by_unit: dict[str, list[Record]] = defaultdict(list)
        for record in registry:
            self.by_unit[record.quantity.unit].append(record)
        self.all = [*registry]

    def match(self, read: Printed, around: Sentence, beside: Sequence[Record] = ()) -> Match:  # noqa: PLR0911 - one a way to fit
        """Hold a number against every figure: what fits by value and words, else what it should have been.

        `beside` are the figures that other numbers of the sentence may be: what is theirs is explained.
        """
        self.beside = beside
        fits = fitting(read)
        same = [record for record in self.by_unit[read.quantity.unit] if fits(record.quantity)]
        good = self._best(same, around, read)
        if len(good) > 1:
            keys = ", ".join(record.key for record in good[:_NAMED])
            return Match("uncited", f"{UNCITED}; it fits {keys}")
        if good:
            return self._judged(good[0], read, around)
        before = [each for each in self.by_unit[read.quantity.unit] if self._was(each, fits)]
        if len(best := self._best(before, around, read)) == 1:
            return self._judged(best[0], read, around)
        if ratio := self._ratio(read, around):
            return self._judged(ratio, read, around)
        alike = [record for record in self.all if _kind(record.quantity.unit) == _kind(read.quantity.unit)]
        suspects = self._best(alike, around, read, least=_ENOUGH)
        if len(suspects) == 1 and not fits(suspects[0].quantity):
            return self._judged(suspects[0], read, around)
        wrong = [(record, found) for record in same if (found := objection([record], self.beside, around, read))]
        told = [(record, found) for record, found in wrong if self.words[record.key] & around.words]
        if len(told) == 1:
            return Match(*told[0][1], _cited(told[0][0]))
        return Match("uncited", UNCITED)

    def fitting(self, read: Printed, around: Sentence) -> list[Record]:
        """Give the figures that a number may be: its value and at least one word fit."""
        fits = fitting(read)
        return [
            each
            for each in self.by_unit[read.quantity.unit]
            if fits(each.quantity) and self.words[each.key] & around.words
        ]

    def _was(self, record: Record, fits: Callable[[Quantity], bool]) -> bool:
        return any(fits(before.quantity) for before in self.registry.history(record.key))

    def _ratio(self, read: Printed, around: Sentence) -> Cited | None:
        """Give the multiple that two years of the one series, which the sentence speaks of, make."""
        years = sorted(around.years)
        if read.quantity.unit != "x" or len(years) != len(("from", "to")):
            return None
        ends = []
        for year in years:
            dated = [
                record
                for record in self.all
                if (record.period or "") == year and record.quantity.unit not in {"%", "x"}
            ]
            ends.append(self._best(dated, around, read, least=_ENOUGH))
        if [len(end) for end in ends] != [1, 1]:
            return None
        try:
            return evaluate(f"{ends[1][0].key} / {ends[0][0].key}", self.registry)
        except ToolkitError:
            return None

    def _best(self, records: list[Record], around: Sentence, read: Printed, least: int = 1) -> list[Record]:
        """Give the records for which the sentence speaks most, if it does at all and nothing in it objects."""
        scored = [(self._evidence(record, around), record) for record in records]
        top = max((score for score, _ in scored), default=0)
        best: list[Record] = []
        while top >= least and not best:
            best = [each for score, each in scored if score == top and not objection([each], self.beside, around, read)]
            top = max((score for score, _ in scored if score < top), default=0)
        return best

    def _evidence(self, record: Record, around: Sentence) -> int:
        """Count what sentence and record share; the words of `about` weigh most."""
        shared = len(self.words[record.key] & around.words)
        if not shared:
            return 0
        year = any(year in (record.period or "") for year in around.years)
        return 2 * shared + len(places(record) & around.economies) + 2 * year

    def _judged(self, found: Record | Cited, read: Printed, around: Sentence) -> Match:
        cited = found if isinstance(found, Cited) else _cited(found)
        judged = judge(cited, read.quote, None, read)
        if judged.verdict == "ok":
            judged = objection(cited.records, self.beside, around, read) or Judgement(
                "ok", f"without a key, it fits only {cited.figure}; {judged.reason}"
            )
        return Match(judged.verdict, judged.reason, cited)


def _kind(unit: str) -> str:
    """Name what a unit may be mistaken for: another currency, percent for percentage points."""
    return "money" if is_currency(unit) else {"pp": "%"}.get(unit, unit)


def _cited(record: Record) -> Cited:
    return Cited(record.key, record.quantity, record.precision, (record,))
