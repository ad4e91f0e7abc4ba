"""The registered figure that a number without a key must be, or those that it may be."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from toolkit import codes
from toolkit.brief.cite import Cited, evaluate
from toolkit.brief.judge.context import flow_of, objection, places, products, years_of
from toolkit.brief.judge.derived import derive
from toolkit.brief.judge.number import Judgement, bounding, ending, fitting, is_change, judge, reading_in_unit, steps
from toolkit.brief.judge.printed import readings
from toolkit.errors import ToolkitError
from toolkit.period import Grain, Period
from toolkit.quantity import is_currency
from toolkit.registry import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.brief.judge.printed import Printed, SentenceContext
    from toolkit.brief.read.prose import Surroundings
    from toolkit.quantity import Quantity
    from toolkit.registry import Record, Registry

__all__ = ["UNCITED", "Match", "Matcher", "NumberContext", "Weight"]

UNCITED = "no key says where it comes from"
_NAMED = 3  # figures named in a reason
_SURE = 10  # weight from which a figure that does not fit is a suspect
_TWO_WORDS = 2
_SLIP = Decimal("0.4")  # share of a figure by which a misprint of it may differ
_FEW = 1  # digits of a number that fits many figures
_SHARES = ("%", "pp")


class Match(NamedTuple):
    """A verdict on a number without a key, and the figures with which it was compared."""

    verdict: str
    reason: str
    cited: Cited | None = None
    may_be: tuple[Record, ...] = ()


class NumberContext(NamedTuple):
    """What surrounds a number.

    Attributes
    ----------
    around : SentenceContext
    far : Surroundings
        What the text beyond the sentence is about.
    at : int
        The offset of the number in the sentence.
    beside : sequence of Record
        What the other numbers of the sentence may be.
    pool : sequence of Record
        The figures before it in the text, from which it may be computed; the nearest last.
    """

    around: SentenceContext
    far: Surroundings
    at: int
    beside: Sequence[Record] = ()
    pool: Sequence[Record] = ()


class Weight(NamedTuple):
    """What speaks for a figure: words of the sentence, words around it, and both with place, year and digits."""

    near: int
    far: int
    whole: int


class Matcher:
    """The figures of a registry by unit, with the words, flow and products of each."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.all = [*registry]
        self.words = {record.key: _subject(record) for record in registry}
        self.flows = {record.key: flow_of(record) for record in registry}
        self.goods = {record.key: products(record) for record in registry}
        self.by_unit: dict[str, list[Record]] = defaultdict(list)
        for record in registry:
            self.by_unit[record.quantity.unit].append(record)

    def match(self, read: Printed, context: NumberContext) -> Match:
        """Compare a number with every figure: what fits by value and words, else what it should have been."""
        fitting_it = self.fits(read)
        free = [each for each in fitting_it if not self._objection(each, read, context)]
        ratio = self._ratio(read, context)
        suspect = self._suspect(read, context) or ratio
        against = self._contradicted([each for each in fitting_it if each not in free], read, context)
        return (
            self._one(free, read, context)
            or self._before(read, context)
            or (ratio if ratio and ratio.verdict == "ok" else None)
            or self._computed(read, context)
            or (None if against else self._there_and_then(free, read, context))
            or (None if suspect or against else self._perhaps(free, read, context))
            or suspect
            or against
            or Match("uncited", UNCITED)
        )

    def fits(self, read: Printed) -> list[Record]:
        """Return the figures that the printed digits fit in any unit that the words may mean, else those that they bound."""
        return next((found for test in (fitting, bounding, ending) if (found := self._fitting(read, test))), [])

    def _fitting(self, read: Printed, test: Callable[[Printed], Callable[[Quantity], bool]]) -> list[Record]:
        found = {}
        for each in readings(read):
            fit = test(each)
            turning = bool(each.direction) and each.quantity.unit in _SHARES  # "fell by 15 %" is no tariff
            for record in self.by_unit[each.quantity.unit]:
                if (not turning or is_change(record)) and fit(record.quantity) and self._means(each, read, record):
                    found[record.key] = record
        return [*found.values()]

    def _means(self, reading: Printed, read: Printed, record: Record) -> bool:
        return reading is read or reading_in_unit(read, Cited.of(record)).quantity.unit == reading.quantity.unit

    def may_be(self, read: Printed, context: NumberContext) -> list[Record]:
        """Return the figures that another number of the sentence may be."""
        return [each for each in self.fits(read) if self._speaks(each, self._weigh(each, context, read), read, context)]

    def siblings(self, records: Sequence[Record]) -> list[Record]:
        """Return the figures of the same things one year earlier."""
        return [each for record in records for each in self._series.get((_thing(record), _year_before(record)), ())]

    @cached_property
    def _series(self) -> dict[tuple[object, ...], list[Record]]:
        found: dict[tuple[object, ...], list[Record]] = defaultdict(list)
        for record in self.all:
            found[_thing(record), record.period].append(record)
        return found

    def _one(self, free: list[Record], read: Printed, context: NumberContext) -> Match | None:
        """Return the figure for which the sentence speaks most, or candidates if there are several."""
        near = [(weight, each) for each in free if (weight := self._weigh(each, context, read)).near]
        best = _best(near)
        if len(best) > 1 or (best and best[0].quantity.value is None and read.quantity.value is not None):
            return _candidates(best)
        return self._judged(best[0], read, context) if best else None

    def _perhaps(self, free: list[Record], read: Printed, context: NumberContext) -> Match | None:
        """Return as candidates the figures for which only the text around speaks; few digits need stronger support."""
        weighed = [(self._weigh(each, context, read), each) for each in free]
        best = _best([(weight, each) for weight, each in weighed if self._speaks(each, weight, read, context)])
        return _candidates(best) if best else None

    def _there_and_then(self, free: list[Record], read: Printed, context: NumberContext) -> Match | None:
        """Return the one figure whose digits, place and year are those of the sentence, though its words are not."""
        around = context.around
        found = [each for each in free if places(each) & around.economies and years_of(each) & around.years]
        return _candidates(found) if len(found) == 1 and _digits(read) > _TWO_WORDS else None

    def _speaks(self, record: Record, weight: Weight, read: Printed, context: NumberContext) -> bool:
        """Return whether the sentence or the text around speaks of a figure."""
        here = bool(places(record) & context.around.economies)
        enough = 1 if _digits(read) > _FEW else _TWO_WORDS
        return bool(weight.near) or (weight.far > 0 and weight.far + here >= enough)

    def _before(self, read: Printed, context: NumberContext) -> Match | None:
        """Return the one figure that had this value before it was revised."""
        fit = fitting(read)
        was = [each for each in self.by_unit[read.quantity.unit] if self._was(each, fit)]
        was = [each for each in was if not self._objection(each, read, context)]
        best = _best([(weight, each) for each in was if (weight := self._weigh(each, context, read)).near])
        return self._judged(best[0], read, context) if len(best) == 1 else None

    def _was(self, record: Record, fit: Callable[[Quantity], bool]) -> bool:
        return any(fit(before.quantity) for before in self.registry.history(record.key))

    def _ratio(self, read: Printed, context: NumberContext) -> Match | None:
        """Return the ratio of two years of the one series of which the sentence speaks."""
        years = sorted(context.around.years)
        if read.quantity.unit != "x" or len(years) != len(("from", "to")):
            return None
        ends = [self._of_year(year, read, context) for year in years]
        if None in ends:
            return None
        try:
            cited = evaluate(f"{ends[1]} / {ends[0]}", self.registry)
        except ToolkitError:
            return None
        judged = self._judged(cited, read, context)
        if judged.verdict != "derived_wrong":
            return judged
        return Match("uncited", f"{UNCITED}; {cited.figure} would be {cited.show('times')}")

    def _of_year(self, year: str, read: Printed, context: NumberContext) -> str | None:
        dated = [each for each in self.all if each.period == year and each.quantity.unit not in {"%", "x"}]
        dated = [each for each in dated if not self._objection(each, read, context)]
        best = _best([(weight, each) for each in dated if (weight := self._weigh(each, context, read)).near])
        return best[0].key if len(best) == 1 else None

    def _computed(self, read: Printed, context: NumberContext) -> Match | None:
        """Return what follows from nearby figures of the years that the sentence names."""
        years = context.around.when
        for each in derive(read, context.pool, self.registry):
            used = each.cited.records
            dated = set().union(*map(years_of, used))
            turned = each.kind in {"ratio", "change"}  # "by 2024 it had shrunk to a third" says only the later year
            if years and not ((max(dated, default="") in years) if turned else dated <= years):
                continue
            if objection(used, context.beside, context.around, None, context.at):
                continue
            reason = f"{UNCITED}; it is the {each.kind} of {each.figure}: cite it so, or have a notebook compute it"
            return Match("candidate", reason, each.cited)
        return None

    def _suspect(self, read: Printed, context: NumberContext) -> Match | None:
        """Return the one figure of which the sentence surely speaks, though the number is another."""
        if not _digits(read):
            return None  # "more than a quarter" is too loose to be held against anything
        kind = _kind(read.quantity.unit)
        alike = [each for each in self.all if _kind(each.quantity.unit) == kind]
        weighed = [(weight, each) for each in alike if (weight := self._weigh(each, context, read, fits=False)).near]
        weighed = [(weight, each) for weight, each in weighed if weight.whole >= _SURE and each not in context.beside]
        best: list[Record] = []
        while weighed and not best:
            top = max(weight.whole for weight, _ in weighed)
            best = [each for weight, each in weighed if weight.whole == top]
            best = [each for each in best if not self._objection(each, read, context)]
            weighed = [(weight, each) for weight, each in weighed if weight.whole < top]
        if len(best) != 1:
            return None
        judged = self._judged(best[0], read, context)
        if judged.verdict == "ok":
            return None
        if judged.verdict == "misrounded" and not _is_near(read, best[0]):
            hint = f"{UNCITED}; the sentence may speak of {best[0].key}, {best[0]}"
            return Match("uncited", hint)
        return judged

    def _contradicted(self, fitting_it: list[Record], read: Printed, context: NumberContext) -> Match | None:
        """Return what in the sentence contradicts the one figure that the digits fit."""
        told = [each for each in fitting_it if self._weigh(each, context, read).near]
        if len(told) != 1:
            return None
        against = self._objection(told[0], read, context)
        if against is None:
            return None
        near = places(told[0]) - context.around.present <= context.far.economies
        known = near and bool(context.far.economies - context.around.economies)
        if known and against.verdict == "misattributed":
            return Match("uncited", f"{UNCITED}; its digits fit {told[0].key}, but {against.reason}", None, (told[0],))
        return Match(*against, Cited.of(told[0]))

    def _objection(self, record: Record, read: Printed, context: NumberContext) -> Judgement | None:
        return objection([record], context.beside, context.around, read, context.at)

    def _weigh(self, record: Record, context: NumberContext, read: Printed, *, fits: bool = True) -> Weight:
        """Weigh what sentence and record share: words of `about` most, then place, year, product."""
        around, far = context.around, context.far
        subject, goods, flow = self.words[record.key], self.goods[record.key], self.flows[record.key]
        near = len(subject & around.words) + any(goods & set(found) for *_, found in around.products)
        further = len(subject & far.words - around.words) + (flow in far.flows)
        named = places(record)
        year = bool(years_of(record) & around.years)
        whole = 4 * (near + year + len(named & around.present)) + min(further, 3) + bool(named & far.economies)
        return Weight(near, further, whole + (fits and steps(read)[:1] == _step(record)))

    def _judged(self, found: Record | Cited, read: Printed, context: NumberContext) -> Match:
        cited = found if isinstance(found, Cited) else Cited.of(found)
        judged = judge(cited, read.quote, None, read)
        if "sign differs" in judged.reason and not read.direction and judged.verdict == "misrounded":
            reason = f"{UNCITED}; it fits {cited.figure}, if it is said to fall"
            return Match("candidate", reason, cited, cited.records)
        if judged.verdict == "ok":
            judged = objection(cited.records, context.beside, context.around, read, context.at) or Judgement(
                "ok", f"without a key, it fits only {cited.figure}; {judged.reason}"
            )
        return Match(judged.verdict, judged.reason, cited, cited.records)


def _candidates(best: list[Record]) -> Match:
    keys = ", ".join(record.key for record in best[:_NAMED])
    which = "cite the one that is meant" if len(best) > 1 else "cite it if that is meant"
    cited = Cited.of(best[0]) if len(best) == 1 else None
    return Match("candidate", f"{UNCITED}; it fits {keys}: {which}", cited, tuple(best))


def _best(weighed: list[tuple[Weight, Record]]) -> list[Record]:
    top = max((weight.whole for weight, _ in weighed), default=0)
    return [each for weight, each in weighed if weight.whole == top]


def _subject(record: Record) -> frozenset[str]:
    """Return the words about a figure that name no economy."""
    text, about = "", record.about
    reached = 0
    for start, end, _ in codes.find_economies(about):
        text, reached = text + about[reached:start] + " ", end
    return words(text + about[reached:])


def _is_near(read: Printed, record: Record) -> bool:
    """Return whether one number may be a misprint of the other."""
    shown, true = read.quantity.value, record.quantity.value
    return shown is None or true is None or abs(abs(shown) - abs(true)) <= abs(true) * _SLIP


def _thing(record: Record) -> tuple[object, ...]:
    fixed = record.place, record.partner, record.product, record.valuation, record.quantity.unit
    return (*fixed, _subject(record)) if record.period else ()


def _year_before(record: Record) -> str | None:
    when = Period.parse(record.period) if record.period else None
    return str(when.shift(-1, Grain.YEAR)) if when and (when.months or when.grain is Grain.DAY) else None


def _digits(read: Printed) -> int:
    return len([sign for sign in read.quote if sign.isdigit()])


def _step(record: Record) -> list[object]:
    return [] if record.precision is None else [Decimal(1).scaleb(record.precision)]


def _kind(unit: str) -> str:
    """Return what a unit may be confused with: another currency, percent for percentage points."""
    return "money" if is_currency(unit) else {"pp": "%"}.get(unit, unit)
