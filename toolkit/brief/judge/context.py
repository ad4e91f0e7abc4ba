"""Whether the sentence around a number contradicts its record: place, year, valuation, product, flow, speaker."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.brief.judge.number import Judgement
from toolkit.brief.judge.printed import YEAR, words_of
from toolkit.errors import UnknownCode
from toolkit.period import Period
from toolkit.registry import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.brief.judge.printed import Printed, SentenceContext
    from toolkit.registry import Record

__all__ = ["flow_of", "objection", "places", "products", "wrong_goods", "years_of"]

Owned = tuple[str | None, str]  # the owner of a flow, or None if none is named, and the flow

_A_YEAR = 12  # months
_NEAR = 70  # characters between a product and its number in one clause
_EDGE = re.compile(rf"[;:,()]|\b(?:{words_of('edge')})\b")
_OF = re.compile(r"\s(?:worth\s)?of\s(?:\w+\s){0,2}$")  # " worth of new "
_OWNED = re.compile(r"(?:[’']s?)?\s(?:[\w-]+\s){0,3}")  # "'s total "
_NOT_OWNED = re.compile(rf"\b(?:{words_of('not owned')})\b")
_NAMES = {"X": "exports", "M": "imports"}


def objection(
    records: Sequence[Record],
    others: Iterable[Record],
    around: SentenceContext,
    read: Printed | None,
    at: int | None = None,
) -> Judgement | None:
    """Return what in the sentence contradicts the records behind a number, or None.

    `others` are the records behind the other numbers of the sentence, which explain what it says about them.
    `at` is the offset of the number in the sentence.
    """
    others = list(others)
    return (
        _wrong_place(records, others, around, at)
        or _other_year(records, read)
        or _wrong_year(records, others, around)
        or _wrong_frame(records, others, around)
        or wrong_goods(records, others, around, at)
        or _wrong_speaker(records, around, read.speaker if read else None)
    )


def places(record: Record) -> set[str]:
    """Return the economies that a record is about."""
    return {code for code in (record.place, record.partner) if code and code != "WLD"}


def _name(code: str) -> str:
    """Return the name of an economy, or the code of a group without one."""
    try:
        return codes.economy_name(code)
    except UnknownCode:
        return code


def _wrong_place(
    records: Sequence[Record], others: list[Record], around: SentenceContext, at: int | None
) -> Judgement | None:
    own = set().union(*map(places, records))
    missing = own - around.economies
    named = around.before_next_clause(at) - own
    if not (missing and named):
        return None
    about = {code for record in (*records, *others) for _, _, code in codes.find_economies(record.about)}
    strange = named - about - set().union(*map(places, others)) - around.asides
    if not strange:
        return None
    names = [", ".join(map(_name, sorted(each))) for each in (strange, own)]
    return Judgement("misattributed", f"the sentence names {names[0]}; the figure is of {names[1]}")


def _other_year(records: Sequence[Record], read: Printed | None) -> Judgement | None:
    """Object to a number directly before another year: "US$148 billion in 2024"."""
    own = _years(records)
    if read is None or not read.year or not own or len(records) > 1 or read.year in own:
        return None
    return Judgement("misattributed", f"it stands before {read.year}; the figure is of {', '.join(sorted(own))}")


def _wrong_year(records: Sequence[Record], others: list[Record], around: SentenceContext) -> Judgement | None:
    own, explained = _years(records), _years(others)
    named = around.years if len(records) > 1 else around.when
    told = {year for record in records for year in YEAR.findall(f"{record.about} {record.quantity.of}")}
    strange = named - own - explained - told
    if not (own and strange and own - around.years):
        return None
    other, held = (", ".join(sorted(each)) for each in (strange, own))
    return Judgement("misattributed", f"the sentence names {other}; the figure is of {held}")


def _wrong_frame(records: Sequence[Record], others: list[Record], around: SentenceContext) -> Judgement | None:
    own, explained = _frames(records), _frames(others)
    for field in ("valuation", "price_base"):
        held = {value for name, value in own if name == field}
        strange = {value for name, value in around.frames - explained if name == field} - held
        if held and strange and not {(field, value) for value in held} & around.frames:
            said, has = (", ".join(sorted(each)) for each in (strange, held))
            return Judgement("wrong_unit", f"the sentence has {said}, the registry {has}")
    return None


def _wrong_speaker(records: Sequence[Record], around: SentenceContext, speaker: str | None) -> Judgement | None:
    said = {record.speaker for record in records if record.speaker and record.source["type"] == "article"}
    if not (said and speaker) or any(_is_named(name, speaker, around) for name in said):
        return None
    if all(name.islower() for name in said) and speaker.islower():
        return None  # "sources" and "officials" name nobody
    return Judgement("misattributed", f"the sentence has {speaker} say it, the source {', '.join(sorted(said))}")


def _is_named(name: str, speaker: str, around: SentenceContext) -> bool:
    """Return whether the sentence names a speaker in full, in part or by the initials."""
    initials = "".join(word[0] for word in name.split() if word[0].isupper())
    short = len(initials) > 1 and re.search(rf"\b{re.escape(initials)}\b", around.text) is not None
    return short or bool(words(name) & (words(speaker) | around.words))


def years_of(record: Record) -> set[str]:
    """Return the years that a figure is of; a fiscal year has the names of both its calendar years."""
    found = set(YEAR.findall(record.period or ""))
    if record.period and (when := Period.parse(record.period)).months == _A_YEAR:
        found.add(str(when.end.year))
    return found


def _years(records: Iterable[Record]) -> set[str]:
    return set().union(*map(years_of, records))


def _frames(records: Iterable[Record]) -> set[tuple[str, str]]:
    frames = set()
    for record in records:
        if record.valuation != "NA":
            frames.add(("valuation", record.valuation))
        if record.quantity.price_base:
            frames.add(("price_base", record.quantity.price_base.split()[0]))
    return frames


def wrong_goods(
    records: Sequence[Record], others: list[Record], around: SentenceContext, at: int | None
) -> Judgement | None:
    """Object to another product or the other flow, if both record and sentence are certain of it."""
    if len(records) != 1 or at is None:
        return None
    return _wrong_product(records[0], others, around, at) or _wrong_flow(records[0], others, around)


def products(record: Record) -> set[str]:
    """Return the HS codes of a record, from its product and from the products that its words name."""
    return set(_products(record.product or "", record.about, record.quantity.of or ""))


@lru_cache(maxsize=65_536)
def _products(product: str, about: str, base: str) -> frozenset[str]:
    coded = {code for code in product.split() if code.isdigit()}
    return frozenset(
        coded | {code for _, _, found in codes.find_products(f"{product}; {about}; {base}") for code in found}
    )


def _wrong_product(record: Record, others: list[Record], around: SentenceContext, at: int) -> Judgement | None:
    own = products(record)
    if not own or not around.products or any(_related(own, set(found)) for *_, found in around.products):
        return None
    explained = set().union(*map(products, others))
    for start, end, found in around.products:
        before = start < at and at - end <= _NEAR and not _EDGE.search(around.text, end, at)
        after = start >= at and start - at <= _NEAR and _OF.search(around.text, at, start)
        if (before or after) and not _related(explained, set(found)):
            said = around.text[start:end]
            return Judgement("misattributed", f"the sentence says {said}; the figure is of: {record.about}")
    return None


def _related(one: set[str], two: set[str]) -> bool:
    """Return whether a product of one set of HS codes is, or is part of, a product of the other."""
    return any(first.startswith(second) or second.startswith(first) for first in one for second in two)


def _wrong_flow(record: Record, others: list[Record], around: SentenceContext) -> Judgement | None:
    own = flow_of(record)
    said = _flows(around.text)
    if not (own and said) or any(flow == own and owner in {None, record.place} for owner, flow in said):
        return None
    if any(flow != own and owner == record.partner for owner, flow in said) or any(
        flow_of(other) not in {own, None} for other in others
    ):
        return None  # the partner's side of the same flow, or the flow of another number
    wrong = [
        (owner, flow)
        for owner, flow in said
        if (flow != own and owner in {None, record.place}) or (flow == own and owner == record.partner)
    ]
    if not wrong or (wrong[0][0] is None and record.partner in around.present and record.place not in around.present):
        return None
    return Judgement("misattributed", f"the sentence speaks of {_NAMES[wrong[0][1]]}; the figure is of: {record.about}")


def flow_of(record: Record) -> str | None:
    """Return X or M as the cell or the words state it, or None if they state neither or both."""
    words = {row["flow"] for _, _, row in codes.find_words(record.about, "trade_words") if row["certain"]}
    row = record.source.get("row")
    stated = str(row.get("flow", "")) if isinstance(row, dict) else ""
    if len(words) > 1 or (stated in _NAMES and words and words != {stated}):
        return None
    return stated if stated in _NAMES else next(iter(words), None)


@lru_cache(maxsize=4096)
def _flows(text: str) -> frozenset[Owned]:
    """Return the flows that a sentence names for certain, with their owners: "Japan's total exports"."""
    economies = codes.find_economies(text)
    found = set()
    for start, _, row in codes.find_words(text, "trade_words"):
        if not row["certain"]:
            continue
        owner = next((code for _, end, code in reversed(economies) if end <= start and _owns(text[end:start])), None)
        found.add((owner, row["flow"]))
    return frozenset(found)


def _owns(between: str) -> bool:
    return _OWNED.fullmatch(between) is not None and not _NOT_OWNED.search(between)
