"""Whether the sentence around a number speaks of the product and the flow that its record is of."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.brief._judge import Judgement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.brief._sentence import Sentence
    from toolkit.registry import Record

Owned = tuple[str | None, str]  # whose flow: an economy, or nobody's that is named

_NEAR = 70  # characters between a product and its number, in one clause
_EDGE = re.compile(r"[;:,()]|\b(?:and|but|while|as|than|that)\b")
_OF = re.compile(r"\s(?:worth\s)?of\s(?:\w+\s){0,2}$")
_NAMES = {"X": "exports", "M": "imports"}


def wrong_goods(records: Sequence[Record], others: list[Record], around: Sentence, at: int | None) -> Judgement | None:
    """Refuse another product or the other flow, where both record and sentence say it for certain."""
    if len(records) != 1 or at is None:
        return None
    return _wrong_product(records[0], others, around, at) or _wrong_flow(records[0], others, around)


def products(record: Record) -> set[str]:
    """Give the HS codes that a record is of, from its own field and its words.

    Words without a code, as an office's own heading, count where they name a product.
    """
    return set(_products(record.product or "", record.about, record.quantity.of or ""))


@lru_cache(maxsize=65_536)
def _products(product: str, about: str, base: str) -> frozenset[str]:
    coded = {code for code in product.split() if code.isdigit()}
    return frozenset(
        coded | {code for _, _, found in codes.find_products(f"{product}; {about}; {base}") for code in found}
    )


def _wrong_product(record: Record, others: list[Record], around: Sentence, at: int) -> Judgement | None:
    own = products(record)
    if not own or not around.products or any(_related(own, set(found)) for *_, found in around.products):
        return None
    explained = set().union(*map(products, others))
    for start, end, found in around.products:
        before = start < at and at - end <= _NEAR and not _EDGE.search(around.text, end, at)
        after = start >= at and start - at <= _NEAR and _OF.search(around.text, at, start)
        if (before or after) and not _related(explained, set(found)):
            return Judgement(
                "misattributed", f"the sentence says {around.text[start:end]}; the figure is of: {record.about}"
            )
    return None


def _related(one: set[str], two: set[str]) -> bool:
    """Tell whether two sets of HS codes hold one product, or a part of it."""
    return any(first.startswith(second) or second.startswith(first) for first in one for second in two)


def _wrong_flow(record: Record, others: list[Record], around: Sentence) -> Judgement | None:
    own = flow_of(record)
    said = _owned(around.text)
    if not (own and said) or any(flow == own and owner in {None, record.place} for owner, flow in said):
        return None
    if any(flow != own and owner == record.partner for owner, flow in said) or any(
        flow_of(other) not in {own, None} for other in others
    ):
        return None  # the partner's side of the same flow, or another number's
    wrong = [
        (owner, flow)
        for owner, flow in said
        if (flow != own and owner in {None, record.place}) or (flow == own and owner == record.partner)
    ]
    if not wrong or (wrong[0][0] is None and record.partner in around.present and record.place not in around.present):
        return None
    return Judgement("misattributed", f"the sentence speaks of {_NAMES[wrong[0][1]]}; the figure is of: {record.about}")


def flow_of(record: Record) -> str | None:
    """Give X or M, as the cell or the words say it; None if they do not, or say both."""
    words = {row["flow"] for _, _, row in codes.find_words(record.about, "trade_words") if row["certain"]}
    row = record.source.get("row")
    stated = str(row.get("flow", "")) if isinstance(row, dict) else ""
    if len(words) > 1 or (stated in _NAMES and words and words != {stated}):
        return None
    return stated if stated in _NAMES else next(iter(words), None)


def _owned(text: str) -> set[Owned]:
    return set(_said(text))


@lru_cache(maxsize=4096)
def _said(text: str) -> frozenset[Owned]:
    """Give the flows that a sentence names for certain, and whose they are: "Japan's total exports"."""
    economies = codes.find_economies(text)
    found = set()
    for start, _, row in codes.find_words(text, "trade_words"):
        if not row["certain"]:
            continue
        owner = next((code for _, end, code in reversed(economies) if end <= start and _owns(text[end:start])), None)
        found.add((owner, row["flow"]))
    return frozenset(found)


def _owns(between: str) -> bool:
    return re.fullmatch(r"(?:[’']s?)?\s(?:[\w-]+\s){0,3}", between) is not None and not re.search(
        r"\b(?:in|of|to|from|and|for|by|with|on|as|at|its)\b", between
    )
