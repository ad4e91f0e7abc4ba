"""Whether the sentence around a number says whose it is, of when, by whom and on what terms, as its record does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.brief._goods import wrong_goods
from toolkit.brief._judge import Judgement
from toolkit.brief._sentence import YEAR
from toolkit.errors import UnknownCode
from toolkit.registry import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.brief._printed import Printed
    from toolkit.brief._sentence import Sentence
    from toolkit.registry import Record


def objection(
    records: Sequence[Record],
    others: Iterable[Record],
    around: Sentence,
    read: Printed | None,
    at: int | None = None,
) -> Judgement | None:
    """Say what in the sentence contradicts the records behind a number; None if nothing does.

    `others` are the records behind the other numbers of the sentence: what is theirs is explained.
    `at` is the place of the number in the sentence.
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
    """Give the economies that a record is about."""
    return {code for code in (record.place, record.partner) if code and code != "WLD"}


def _name(code: str) -> str:
    """Name an economy; a group that has no name of its own is given by its code."""
    try:
        return codes.economy_name(code)
    except UnknownCode:
        return code


def _wrong_place(records: Sequence[Record], others: list[Record], around: Sentence, at: int | None) -> Judgement | None:
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
    """Refuse a number with another year directly behind it: "US$148 billion in 2024"."""
    own = _years(records)
    if read is None or not read.year or not own or len(records) > 1 or read.year in own:
        return None
    return Judgement("misattributed", f"it stands before {read.year}; the figure is of {', '.join(sorted(own))}")


def _wrong_year(records: Sequence[Record], others: list[Record], around: Sentence) -> Judgement | None:
    own, explained = _years(records), _years(others)
    named = around.years if len(records) > 1 else around.when
    strange = (
        named
        - own
        - explained
        - {year for record in records for year in YEAR.findall(f"{record.about} {record.quantity.of}")}
    )
    if not (own and strange and own - around.years):
        return None
    return Judgement(
        "misattributed", f"the sentence names {', '.join(sorted(strange))}; the figure is of {', '.join(sorted(own))}"
    )


def _wrong_frame(records: Sequence[Record], others: list[Record], around: Sentence) -> Judgement | None:
    own, explained = _frames(records), _frames(others)
    for field in ("valuation", "price_base"):
        held = {value for name, value in own if name == field}
        strange = {value for name, value in around.frames - explained if name == field} - held
        if held and strange and not {(field, value) for value in held} & around.frames:
            return Judgement(
                "wrong_unit", f"the sentence has {', '.join(sorted(strange))}, the registry {', '.join(sorted(held))}"
            )
    return None


def _wrong_speaker(records: Sequence[Record], around: Sentence, speaker: str | None) -> Judgement | None:
    said = {record.speaker for record in records if record.speaker and record.source["type"] == "article"}
    if not (said and speaker) or any(_is_named(name, speaker, around) for name in said):
        return None
    if all(name.islower() for name in said) and speaker.islower():
        return None  # "sources" and "officials" name nobody
    return Judgement("misattributed", f"the sentence has {speaker} say it, the source {', '.join(sorted(said))}")


def _is_named(name: str, speaker: str, around: Sentence) -> bool:
    """Tell whether the sentence names a speaker, in full, in part or by the initials."""
    initials = "".join(word[0] for word in name.split() if word[0].isupper())
    short = len(initials) > 1 and re.search(rf"\b{re.escape(initials)}\b", around.text) is not None
    return short or bool(words(name) & (words(speaker) | around.words))


def years_of(record: Record) -> set[str]:
    """Give the years that a figure is of; a fiscal year bears the names of both its calendar years."""
    found = set(YEAR.findall(record.period or ""))
    if (record.period or "").endswith("/P1Y") and "-01-01/" not in str(record.period):
        found |= {str(int(year) + 1) for year in found}
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
