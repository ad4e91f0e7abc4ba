"""What the sentence around a number says beside it: economies, years, terms and products."""

from __future__ import annotations

import re
from typing import NamedTuple

from toolkit import codes
from toolkit.registry import words

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NOT_WHEN = re.compile(
    r"\b(?:since|than|from|before|after|until|till|to|against|over|versus)\s(?:in\s|the\s(?:year\s)?)?$", re.IGNORECASE
)
_ASIDE = re.compile(  # "like Japan", "the war in Ukraine"
    r"\b(?:(?:like|unlike|than|behind|after|ahead of|besides?|alongside|not)"
    r"|(?:war|wars|invasion|conflict|crisis|summit|talks|meeting|fighting)\s(?:in|of|on|with|against))\s(?:the\s)?$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(  # where another clause begins, whose places are its own
    r"[;:]|,\s(?:and|but|while|whereas|though|although|so|yet|which|where)\s|\s(?:while|whereas|although)\s|[—–]"
)


class Sentence(NamedTuple):
    """What a sentence says beside its numbers.

    Attributes
    ----------
    text : str
    economies, asides : frozenset of str
        ISO3; `asides` are only compared with ("like Japan").
    present : frozenset of str
        The economies that are named, or a part of which is: Texas is in the United States.
    mentions : tuple of (int, str)
        Where an economy is named.
    years, when : frozenset of str
        All that are named; those that may say when ("in 2024", not "since 2018").
    frames : frozenset of (str, str)
        Valuation and price base: ("valuation", "CIF").
    words : frozenset of str
    products : tuple of (int, int, tuple of str)
        Where a product is named, and its HS codes.
    """

    text: str
    economies: frozenset[str]
    asides: frozenset[str]
    present: frozenset[str]
    mentions: tuple[tuple[int, str], ...]
    years: frozenset[str]
    when: frozenset[str]
    frames: frozenset[tuple[str, str]]
    words: frozenset[str]
    products: tuple[tuple[int, int, tuple[str, ...]], ...]

    def before_next_clause(self, at: int | None) -> frozenset[str]:
        """Give the economies named up to the end of the clause in which the number at `at` stands."""
        end = _CLAUSE.search(self.text, at) if at is not None else None
        return frozenset(code for start, code in self.mentions if end is None or start < end.start())


def sentence(text: str, known: frozenset[str] = frozenset()) -> Sentence:
    """Read the sentence, its cited numbers blanked; the whole text speaks of the `known` economies.

    >>> sorted(sentence("Japan grew in 2024 more than since 2018").when)
    ['2024']
    """
    parts = [(start, code) for start, _, code in codes.find_economies(text, known) if code != "WLD"]
    economies = [(start, code) for start, _, code in codes.find_economies(text, known, regions=False) if code != "WLD"]
    asides = {code for start, code in economies if _ASIDE.search(text, max(0, start - 30), start)}
    years = [
        (match[0], bool(_NOT_WHEN.search(text, max(0, match.start() - 20), match.start())))
        for match in YEAR.finditer(text)
    ]
    frames = frozenset((row["field"], row["value"]) for _, _, row in codes.find_words(text, "frame_words"))
    return Sentence(
        text,
        frozenset(code for _, code in economies),
        frozenset(asides),
        frozenset(code for _, code in parts),
        tuple(economies),
        frozenset(year for year, _ in years),
        frozenset(year for year, other in years if not other),
        frames,
        words(text),
        tuple(codes.find_products(text)),
    )
