"""What a number is said to be, apart from its digits: one set of slots for a sentence, a record and a row of data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from toolkit import codes
from toolkit.errors import SchemaError
from toolkit.period import Period

__all__ = ["Because", "Claim", "Difference", "Slot", "claim", "claim_of", "differ", "measures_in", "members"]

WORLD, ALL_GOODS = "WLD", "TOTAL"
_ECONOMIES, _NOTHING = {"economy", "dissolved"}, {"", "NA", "unknown"}
_HS = re.compile(r"TOTAL|services|\d{2,10}")
_KINDS: dict[str, dict[str, tuple[str, ...]]] = {  # value -> the broader values that include it
    "flow": {"M": ("total",), "X": ("total",), "RM": ("M",), "RX": ("X",), "DX": ("X",)},
    "status": {"computed": ("reported",), "provisional": ("reported",), "revised": ("reported",)},
}
_Values = tuple[str, ...]
_Includes = Callable[[_Values, _Values, Period | None], bool | None]


class Difference(StrEnum):
    """How what is said compares with what is held."""

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
        A measure of ``data/codes/measure_tree.csv``: goods exports, tariff rate.
    flow : Slot
        ``M X RM RX DX balance total none``.
    owner, partner : Slot
        Areas: the owner reports, imposes, owes or owns; the partner is the other side.
    product : Slot
        HS codes, ``TOTAL`` (all goods), ``services``; ``-8703`` leaves out cars.
    period : Slot
        ISO 8601, as `Period` reads it.
    form : Slot
        ``level change share rate index``, and per what: ``rate per month``.
    basis, valuation, price_base, adjustment : Slot
        As in `Quantity` and in the normal form of observations.
    status : Slot
        ``reported estimated expected pledged target denied provisional revised computed``.
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


def claim_of(said: Mapping[str, Any], *, rule: str) -> Claim:
    """Return a claim from the fields of a figure or a record, or from the columns of a row of data.

    ``data/codes/claim_fields.csv`` names the slots that each field fills; other fields fill none, and
    ``NA`` and ``unknown`` say nothing. Several products are taken together; several values of another slot become candidates.

    >>> row = claim_of({"flow": "X", "about": "goods trade", "ref_area": "USA", "valuation": "NA"}, rule="column")
    >>> str(row.measure), str(row.owner), row.owner.because.words, bool(row.valuation)
    ('goods exports', 'USA', 'ref_area', False)
    """
    found: dict[str, dict[str, str]] = {}  # slot -> value -> the field that says so
    for name in (name for name in said if name in _fields()):
        for text in _texts(said[name]):
            for slot, value in _fields()[name].get(text, _fields()[name].get("", [])):
                found.setdefault(slot, {}).update(dict.fromkeys(_readings(slot, value or text), name))
    slots = {slot: _settled(slot, values, rule) for slot, values in found.items() if values}
    if (measure := slots.get("measure", _EMPTY)) and "flow" not in slots and (flow := _flow(str(measure))):
        slots["flow"] = Slot((flow,), measure.because)
    return Claim(**slots)


def differ(said: Claim, held: Claim) -> dict[str, Difference]:
    """Return how what is said compares with what is held, slot by slot.

    A slot is ``narrower`` where what is said is a part of what is held, and ``silent`` where
    one of the two says nothing or the tables cannot tell.

    >>> cars = claim(rule="words", product=("8703", "cars"), period=("2025-06", "in June"))
    >>> goods = claim(rule="column", product=("TOTAL", "product"), period=("2025", "time_period"))
    >>> {slot: str(how) for slot, how in differ(cars, goods).items() if how is not Difference.SILENT}
    {'product': 'narrower', 'period': 'narrower'}
    """
    when = _period(str(held.period)) or _period(str(said.period))
    return {name: _compare(name, getattr(said, name), getattr(held, name), when) for name in SLOTS}


def members(group: str, day: str) -> frozenset[str]:
    """Return the members of a group of economies on a day; an area that is no group has none.

    >>> "GBR" in members("EUU", "2019-12-31"), "GBR" in members("EUU", "2020-02-01")
    (True, False)
    """
    on = date.fromisoformat(day)
    return frozenset(code for code, first, last in _membership().get(group, ()) if first <= on <= last)


@lru_cache(maxsize=4_096)
def measures_in(text: str) -> tuple[str, ...]:
    """Return the measures that a noun phrase names, each once.

    A name counts where the phrase ends after it, or a preposition follows: "trade talks" are no trade.

    >>> measures_in("US merchandise exports to Japan"), measures_in("trade talks"), measures_in("military spending")
    (('goods exports',), (), ('military expenditure',))
    """
    hits = codes.find_words(text, "measure_tree")
    return tuple(dict.fromkeys(row["measure"] for _, end, row in hits if _is_head(text, end)))


def _is_head(text: str, end: int) -> bool:
    rest = text[end:].lstrip()
    return not rest[:1].isalpha() or any(start == 0 for start, _, _ in codes.find_words(rest, "phrase_ends"))


@cache
def _fields() -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Return field -> what it says, empty for anything -> the slots that it fills and their values."""
    known: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for row in codes.table("claim_fields"):
        known.setdefault(row["field"], {}).setdefault(row["said"], []).append((row["slot"], row["value"]))
    return known


def _texts(said: Any) -> Iterable[str]:
    texts = map(str, said if isinstance(said, tuple | list) else () if said is None else (said,))
    return (text for text in texts if text not in _NOTHING)


def _readings(slot: str, text: str) -> Iterable[str]:
    """Return what the text of a field may mean in a slot: measures, separate HS codes, else the text."""
    codes_in = [part for part in text.split() if _HS.fullmatch(part.removeprefix("-").replace(".", ""))]
    several = slot == "product" and len(codes_in) == len(text.split())
    return measures_in(text) if slot == "measure" else codes_in if several else (text,)


def _settled(slot: str, found: Mapping[str, str], rule: str) -> Slot:
    """Return a slot that several fields may fill: all products, the measure that they agree on, else the only value."""
    values, because = tuple(found), Because(rule, ", ".join(dict.fromkeys(found.values())))
    if slot == "measure":
        kind = _common_kind(frozenset(values))
        return Slot((kind,), because) if kind else Slot((), because, values)
    certain = slot == "product" or (len(values) == 1 and (slot != "period" or _period(values[0])))
    return Slot(values, because) if certain else Slot((), because, values)


@lru_cache(maxsize=4_096)
def _period(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except SchemaError:
        return None


@cache
def _kinds(slot: str) -> dict[str, tuple[str, ...]]:
    rows = [row for row in codes.table("measure_tree") if row["words"] == row["measure"]]
    return _KINDS.get(slot) or {row["measure"]: tuple(filter(None, row["parent"].split(";"))) for row in rows}


@lru_cache(maxsize=4_096)
def _above(slot: str, value: str) -> frozenset[str]:
    """Return a value and all that include it."""
    return frozenset({value}).union(*(_above(slot, parent) for parent in _kinds(slot).get(value, ())))


@cache
def _common_kind(values: frozenset[str]) -> str | None:
    """Return the broadest measure that is a kind of all `values`: goods exports of exports and goods trade."""
    kinds = [measure for measure in _kinds("measure") if values <= _above("measure", measure)]
    return next((one for one in kinds if all(one in _above("measure", kind) for kind in kinds)), None)


@cache
def _flow(measure: str) -> str:
    """Return the flow of a measure: its own, else that of the first measure that includes it and has one."""
    row = next(row for row in codes.table("measure_tree") if row["words"] == measure)
    return row["flow"] or next(filter(None, map(_flow, _kinds("measure")[measure])), "")


@cache
def _membership() -> dict[str, list[tuple[str, date, date]]]:
    """Return the members of each group, with the first and the last day of each."""
    found: dict[str, list[tuple[str, date, date]]] = {}
    for row in codes.table("group_members"):
        first, last = date.fromisoformat(row["from"] or f"{date.min}"), date.fromisoformat(row["to"] or f"{date.max}")
        found.setdefault(row["group"], []).append((row["member"], first, last))
    return found


@lru_cache(maxsize=4_096)
def _economies(area: str, when: Period | None) -> tuple[frozenset[str], frozenset[str]]:
    """Return the members throughout a period and those at some time in it, none of a group that no table lists.

    Without a period they are those that have not left, and those that ever were.
    """
    if area not in _membership():
        unlisted = any(row["code"] == area and row["kind"] not in _ECONOMIES for row in codes.table("areas"))
        alone = frozenset(() if unlisted else (area,))
        return alone, alone
    first, last = (when.start, when.end) if when else (date.max, date.max)
    listed = _membership()[area]
    throughout = frozenset(member for member, start, end in listed if start <= first and last <= end)
    at_times = frozenset(member for member, start, end in listed if not when or (start <= last and first <= end))
    return throughout, at_times


def _compare(name: str, said: Slot, held: Slot, when: Period | None) -> Difference:
    if not said or not held:
        return Difference.SILENT
    includes = _INCLUDES.get(name, _includes_words)
    pair = includes(held.values, said.values, when), includes(said.values, held.values, when)
    return _BY_INCLUSION.get(pair, Difference.SILENT)


def _includes_kind(slot: str) -> _Includes:
    return lambda broad, narrow, _: all(not _above(slot, one).isdisjoint(broad) for one in narrow)


def _includes_area(broad: _Values, narrow: _Values, when: Period | None) -> bool | None:
    if WORLD in broad + narrow or set(broad) == set(narrow):
        return WORLD in broad or WORLD not in narrow
    outer, inner = ([_economies(area, when) for area in areas] for areas in (broad, narrow))
    always, ever = (frozenset[str]().union(*sets) for sets in zip(*outer, strict=True))
    within, at_times = (frozenset[str]().union(*sets) for sets in zip(*inner, strict=True))
    if not all(some for _, some in outer + inner) or (within <= ever and not at_times <= always):
        return None
    return at_times <= always


def _includes_product(broad: _Values, narrow: _Values, _: Period | None) -> bool | None:
    (taken, left_out), (parts, lacking) = _goods(broad), _goods(narrow)
    if set(broad) == set(narrow) or not all(map(_HS.fullmatch, taken + parts)):
        return set(broad) == set(narrow) or None
    covered = all(any(_holds(code, part) for code in taken) for part in parts)
    missed = [code for code in left_out if not any(_holds(other, code) for other in lacking)]
    return covered and not any(_holds(code, part) or _holds(part, code) for code in missed for part in parts)


def _goods(values: _Values) -> tuple[list[str], list[str]]:
    """Return the codes that a product is of, and those it leaves out."""
    stated = [value.replace(".", "") for value in values]
    return [code for code in stated if code[0] != "-"], [code[1:] for code in stated if code[0] == "-"]


def _holds(code: str, part: str) -> bool:
    return part.startswith(code) or (code == ALL_GOODS and part.isdigit())


def _includes_period(broad: _Values, narrow: _Values, _: Period | None) -> bool | None:
    outer, inner = (list(map(_period, values)) for values in (broad, narrow))
    if None in outer + inner:
        return set(broad) == set(narrow) or None
    return all(any(one.contains(other) for one in outer if one) for other in inner if other)


def _includes_words(broad: _Values, narrow: _Values, _: Period | None) -> bool:
    """Return whether all words of one text stand in the other: "Takaichi" includes "Sanae Takaichi"."""
    outer, inner = ([set(text.casefold().replace(",", " ").split()) for text in texts] for texts in (broad, narrow))
    return all(any(one <= other for one in outer) for other in inner)


# whether what is held includes what is said, and the other way round
_BY_INCLUSION: dict[tuple[bool | None, ...], Difference] = {
    (True, True): Difference.SAME,
    (True, False): Difference.NARROWER,
    (False, True): Difference.BROADER,
    (False, False): Difference.OTHER,
}
# Whether one value of a slot includes another; None where the tables cannot tell. Other slots compare words.
_INCLUDES: dict[str, _Includes] = {
    "measure": _includes_kind("measure"),
    "flow": _includes_kind("flow"),
    "owner": _includes_area,
    "partner": _includes_area,
    "product": _includes_product,
    "period": _includes_period,
    "status": _includes_kind("status"),
}


def _slot(stored: dict[str, Any]) -> Slot:
    because = stored.get("because")
    return Slot(
        tuple(stored.get("values", ())), Because(**because) if because else None, tuple(stored.get("candidates", ()))
    )
