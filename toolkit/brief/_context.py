"""Whether the sentence around a number says whose it is, of when, by whom and on what terms, as its record does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from toolkit import codes
from toolkit.brief._judge import Judgement
from toolkit.registry import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.brief._printed import Printed
    from toolkit.registry import Record

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NOT_WHEN = re.compile(
    r"\b(?:since|than|from|before|after|until|till|to|against|over|versus)\s(?:in\s|the\s(?:year\s)?)?$", re.IGNORECASE
)
_ASIDE = re.compile(r"\b(?:like|unlike|than|behind|after|ahead of|besides?|alongside|not)\s(?:the\s)?$", re.IGNORECASE)


class Sentence(NamedTuple):
    """What a sentence says beside its numbers.

    Attributes
    ----------
    text : str
    economies, asides : frozenset of str
        ISO3; `asides` are only compared with ("like Japan").
    years, when : frozenset of str
        All that are named; those that may say when ("in 2024", not "since 2018").
    frames : frozenset of (str, str)
        Valuation and price base: ("valuation", "CIF").
    words : frozenset of str
    """

    text: str
    economies: frozenset[str]
    asides: frozenset[str]
    years: frozenset[str]
    when: frozenset[str]
    frames: frozenset[tuple[str, str]]
    words: frozenset[str]


def sentence(text: str) -> Sentence:
    """Read the sentence, its cited numbers blanked.

    >>> sorted(sentence("Japan grew in 2024 more than since 2018").when)
    ['2024']
    """
    economies = [(start, code) for start, _, code in codes.find_economies(text, regions=False) if code != "WLD"]
    asides = {code for start, code in economies if _ASIDE.search(text, max(0, start - 20), start)}
    years = [
        (match[0], bool(_NOT_WHEN.search(text, max(0, match.start() - 20), match.start())))
        for match in _YEAR.finditer(text)
    ]
    named = {code for _, code in economies}
    frames = frozenset((row["field"], row["value"]) for _, _, row in codes.find_words(text, "frame_words"))
    return Sentence(
        text,
        frozenset(named),
        frozenset(asides),
        frozenset(year for year, _ in years),
        frozenset(year for year, other in years if not other),
        frames,
        words(text),
    )


def objection(
    records: Sequence[Record], others: Iterable[Record], around: Sentence, read: Printed | None
) -> Judgement | None:
    """Say what in the sentence contradicts the records behind a number; None if nothing does.

    `others` are the records behind the other numbers of the sentence: what is theirs is explained.
    """
    others = list(others)
    return (
        _wrong_place(records, others, around)
        or _other_year(records, read)
        or _wrong_year(records, others, around)
        or _wrong_frame(records, others, around)
        or _wrong_speaker(records, around, read.speaker if read else None)
    )


def places(record: Record) -> set[str]:
    """Give the economies that a record is about."""
    return {code for code in (record.place, record.partner) if code and code != "WLD"}


def _wrong_place(records: Sequence[Record], others: list[Record], around: Sentence) -> Judgement | None:
    own = set().union(*map(places, records))
    about = {code for record in (*records, *others) for _, _, code in codes.find_economies(record.about)}
    strange = around.economies - own - about - set().union(*map(places, others)) - around.asides
    missing = own - around.economies
    if not (strange and missing):
        return None
    names = [", ".join(map(codes.economy_name, sorted(each))) for each in (strange, own)]
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
        - {year for record in records for year in _YEAR.findall(f"{record.about} {record.quantity.of}")}
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
    if not (said and speaker) or any(words(name) & (words(speaker) | around.words) for name in said):
        return None
    if all(name.islower() for name in said) and speaker.islower():
        return None  # "sources" and "officials" name nobody
    return Judgement("misattributed", f"the sentence has {speaker} say it, the source {', '.join(sorted(said))}")


def _years(records: Iterable[Record]) -> set[str]:
    return {year for record in records for year in _YEAR.findall(record.period or "")}


def _frames(records: Iterable[Record]) -> set[tuple[str, str]]:
    frames = set()
    for record in records:
        if record.valuation != "NA":
            frames.add(("valuation", record.valuation))
        if record.quantity.price_base:
            frames.add(("price_base", record.quantity.price_base.split()[0]))
    return frames
