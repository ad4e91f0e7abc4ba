"""The one registered figure that a number without a key can only be."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from toolkit.brief._cited import Cited
from toolkit.brief._context import objection, places
from toolkit.brief._judge import Judgement, fits, judge
from toolkit.quantity import is_currency
from toolkit.registry import words

if TYPE_CHECKING:
    from toolkit.brief._context import Sentence
    from toolkit.brief._printed import Printed
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
        self.words = {record.key: words(record.about) for record in registry}
        self.by_unit: dict[str, list[Record]] = defaultdict(list)
        for record in registry:
            self.by_unit[record.quantity.unit].append(record)
        self.all = [*registry]

    def match(self, read: Printed, around: Sentence) -> Match:
        """Hold a number against every figure: what fits by value and words, else what it should have been."""
        fitting = [record for record in self.by_unit[read.quantity.unit] if fits(read, record.quantity)]
        good = self._best(fitting, around, read)
        if len(good) > 1:
            keys = ", ".join(record.key for record in good[:_NAMED])
            return Match("uncited", f"{UNCITED}; it fits {keys}")
        if good:
            return self._judged(good[0], read, around)
        before = [each for each in self.by_unit[read.quantity.unit] if self._was(each, read)]
        if len(best := self._best(before, around, read)) == 1:
            return self._judged(best[0], read, around)
        alike = [record for record in self.all if _kind(record.quantity.unit) == _kind(read.quantity.unit)]
        suspects = self._best(alike, around, read, least=_ENOUGH)
        if len(suspects) == 1 and not fits(read, suspects[0].quantity):
            return self._judged(suspects[0], read, around)
        wrong = [(record, found) for record in fitting if (found := objection([record], (), around, read.speaker))]
        told = [(record, found) for record, found in wrong if self.words[record.key] & around.words]
        if len(told) == 1:
            return Match(*told[0][1], _cited(told[0][0]))
        return Match("uncited", UNCITED)

    def _was(self, record: Record, read: Printed) -> bool:
        return any(fits(read, before.quantity) for before in self.registry.history(record.key))

    def _best(self, records: list[Record], around: Sentence, read: Printed, least: int = 1) -> list[Record]:
        """Give the records for which the sentence speaks most, if it does at all and nothing in it objects."""
        scored = [(self._evidence(record, around), record) for record in records]
        top = max((score for score, _ in scored), default=0)
        best: list[Record] = []
        while top >= least and not best:
            best = [each for score, each in scored if score == top and not objection([each], (), around, read.speaker)]
            top = max((score for score, _ in scored if score < top), default=0)
        return best

    def _evidence(self, record: Record, around: Sentence) -> int:
        """Count what sentence and record share; the words of `about` weigh most."""
        shared = len(self.words[record.key] & around.words)
        if not shared:
            return 0
        year = any(year in (record.period or "") for year in around.years)
        return 2 * shared + len(places(record) & around.economies) + 2 * year

    def _judged(self, record: Record, read: Printed, around: Sentence) -> Match:
        cited = _cited(record)
        judged = judge(cited, read.quote, None, read)
        if judged.verdict == "ok":
            judged = objection([record], (), around, read.speaker) or Judgement(
                "ok", f"without a key, it fits only {record.key}; {judged.reason}"
            )
        return Match(judged.verdict, judged.reason, cited)


def _kind(unit: str) -> str:
    """Name what a unit may be mistaken for: another currency, percent for percentage points."""
    return "money" if is_currency(unit) else {"pp": "%"}.get(unit, unit)


def _cited(record: Record) -> Cited:
    return Cited(record.key, record.quantity, record.precision, (record,))
