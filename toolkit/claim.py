"""What a number is said to be, apart from its digits: one set of slots for a sentence, a record and a row of data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from toolkit import codes
from toolkit.errors import SchemaError
from toolkit.period import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Because", "Claim", "Difference", "Slot", "claim", "differ", "members"]

WORLD, ALL_GOODS = "WLD", "TOTAL"


class Difference(StrEnum):
    """How what is said stands to what is held."""

    SAME = "same"
    NARROWER = "narrower"
    BROADER = "broader"
    OTHER = "other"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Because:
    """Why a slot has its value: the words, or the name of a column, and the rule that read them.

    Attributes
    ----------
    rule : str
        The rule's name, or ``column`` for a row of data.
    words : str
        The words themselves, or the column's name.
    start, end : int or None
        Half-open span of the words in the text.
    """

    rule: str
    words: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that is said of a number; an empty slot is silent, and may list what it could have been.

    Attributes
    ----------
    values : tuple of str
        One code or word; several where one number is of several, such as two HS headings.
    because : Because or None
    candidates : tuple of str
        Fair readings of a slot that is left empty.
    """

    values: tuple[str, ...] = ()
    because: Because | None = None
    candidates: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether the slot says anything."""
        return bool(self.values)

    def __str__(self) -> str:
        """Return the values, separated by spaces."""
        return " ".join(self.values)


_EMPTY = Slot()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Everything that is said of a number apart from its digits; see `docs/architecture.md`.

    Attributes
    ----------
    measure : Slot
        A row of ``codes/measure_tree.csv``: goods exports, tariff rate.
    flow : Slot
        ``M X balance total``.
    owner, partner : Slot
        Areas: the owner reports, imposes, owes or owns; the partner is the other side.
    product : Slot
        HS codes, or ``TOTAL`` for all goods.
    period : Slot
        ISO 8601, as `Period` reads it.
    form : Slot
        ``level change share rate index``.
    basis, valuation, price_base, adjustment : Slot
        As in `Quantity` and in the normal form of observations.
    status : Slot
        ``reported estimated expected pledged target denied``.
    speaker, definition : Slot
        Who says it; by whose count.
    """

    measure: Slot = _EMPTY
    flow: Slot = _EMPTY
    owner: Slot = _EMPTY
    partner: Slot = _EMPTY
    product: Slot = _EMPTY
    period: Slot = _EMPTY
    form: Slot = _EMPTY
    basis: Slot = _EMPTY
    valuation: Slot = _EMPTY
    price_base: Slot = _EMPTY
    adjustment: Slot = _EMPTY
    status: Slot = _EMPTY
    speaker: Slot = _EMPTY
    definition: Slot = _EMPTY

    def to_dict(self) -> dict[str, Any]:
        """Return the slots that say something, or might, as plain JSON values."""
        return {name: asdict(slot) for name in SLOTS if (slot := getattr(self, name)) != _EMPTY}

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Claim:
        """Return the claim that `to_dict` wrote.

        >>> one = claim(rule="column", owner=("JPN", "ref_area"), period=("2025", "time_period"))
        >>> Claim.from_dict(one.to_dict()) == one
        True
        """
        if unknown := sorted(row.keys() - set(SLOTS)):
            raise SchemaError(f"a claim has no slot {unknown[0]!r}", remedy=f"Use {', '.join(SLOTS)}")
        return cls(**{name: _slot(stored) for name, stored in row.items()})


SLOTS = tuple(each.name for each in fields(Claim))


def claim(*, rule: str, **said: tuple[str | Iterable[str] | None, str]) -> Claim:
    """Return a claim from slots given as (value or values, words that say so); empty values are left out.

    >>> one = claim(rule="column", owner=("JPN", "ref_area"), partner=("", "counterpart_area"))
    >>> str(one.owner), one.owner.because.words, bool(one.partner)
    ('JPN', 'ref_area', False)
    """
    filled = {}
    for name, (value, words) in said.items():
        values = (value,) if isinstance(value, str) else tuple(value or ())
        if values := tuple(each for each in values if each):
            filled[name] = Slot(values, Because(rule, words))
    return Claim(**filled)


def differ(said: Claim, held: Claim) -> dict[str, Difference]:
    """Return how each slot of what is said stands to what is held; a slot that is empty on either side is silent.

    >>> cars = claim(rule="words", product=("8703", "cars"), period=("2025-06", "in June"))
    >>> goods = claim(rule="column", product=("TOTAL", "product"), period=("2025", "time_period"))
    >>> {slot: str(how) for slot, how in differ(cars, goods).items() if how is not Difference.SILENT}
    {'product': 'narrower', 'period': 'narrower'}
    """
    return {name: _compare(name, getattr(said, name), getattr(held, name), held) for name in SLOTS}


def members(group: str, day: str) -> frozenset[str]:
    """Return the members of a group of economies on a day; an area that is no group has none.

    >>> "GBR" in members("EUU", "2019-12-31"), "GBR" in members("EUU", "2020-02-01")
    (True, False)
    """
    rows = _membership().get(group, ())
    return frozenset(code for code, first, last in rows if first <= day and (not last or day <= last))


def _compare(name: str, said: Slot, held: Slot, claim: Claim) -> Difference:
    if not said or not held:
        return Difference.SILENT
    if set(said.values) == set(held.values):
        return Difference.SAME
    within = _WITHIN.get(name)
    if within is None:
        return Difference.OTHER
    day = str(Period.parse(claim.period.values[0]).end) if claim.period else _TODAY
    if all(any(within(one, other, day) for other in held.values) for one in said.values):
        return Difference.NARROWER
    if all(any(within(one, other, day) for other in said.values) for one in held.values):
        return Difference.BROADER
    return Difference.OTHER


def _within_area(one: str, other: str, day: str) -> bool:
    return other in {one, WORLD} or one in members(other, day)


def _within_measure(one: str, other: str, _: str) -> bool:
    while one != other and one in _parents():
        one = _parents()[one]
    return one == other


def _within_product(one: str, other: str, _: str) -> bool:
    return one == other or (other == ALL_GOODS and one.isdigit()) or (one.isdigit() and one.startswith(other))


def _within_period(one: str, other: str, _: str) -> bool:
    return Period.parse(other).contains(Period.parse(one))


# slot -> whether one value lies within another on a day; the slots that are not here are the same or other
_WITHIN: dict[str, Callable[[str, str, str], bool]] = {
    "measure": _within_measure,
    "flow": lambda one, other, _: one == other or (other == "total" and one in {"M", "X"}),
    "owner": _within_area,
    "partner": _within_area,
    "product": _within_product,
    "period": _within_period,
}
_TODAY = "9999-12-31"  # membership as it last stood, where no period says when


@cache
def _parents() -> dict[str, str]:
    return {row["measure"]: row["parent"] for row in codes.table("measure_tree") if row["parent"]}


@cache
def _membership() -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in codes.table("group_members"):
        found.setdefault(row["group"], []).append((row["member"], row["from"], row["to"]))
    return found


def _slot(stored: dict[str, Any]) -> Slot:
    because = stored.get("because")
    return Slot(
        tuple(stored.get("values", ())), Because(**because) if because else None, tuple(stored.get("candidates", ()))
    )
