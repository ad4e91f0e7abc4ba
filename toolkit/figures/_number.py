"""A number in digits or words: its exact value and how many tokens it takes."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from toolkit.codes import table
from toolkit.figures._lex import NUMBER

if TYPE_CHECKING:
    from toolkit.figures._lex import Tokens

_WRITTEN = re.compile(
    r"0|[1-9]\d{0,29}|\d{1,30}\.\d{1,30}"
    r"|\d{1,3}(?:,\d{3}){1,9}(?:\.\d{1,30})?"
    r"|\d{1,2}(?:,\d{2}){1,9},\d{3}(?:\.\d{1,30})?"  # India
    r"|\d{1,3}(?:'\d{3}){1,9}(?:\.\d{1,30})?"  # Switzerland
)
_WORDS = {row["word"]: (int(row["value"]), row["kind"]) for row in table("number_words")}
_ROOM = {"unit": {"ten", "hundred"}, "teen": {"hundred"}, "ten": {"hundred"}}  # what each kind may follow


class Number(NamedTuple):
    """A value, the index after its last token, and whether it stands in words."""

    value: Decimal
    after: int
    in_words: bool = False


def number(tokens: Tokens, index: int) -> Number | None:
    """Give the number that starts at `index`, or None if there is none or its form is not known.

    >>> from toolkit.figures._lex import Tokens
    >>> number(Tokens("five hundred and fifty million"), 0)
    Number(value=Decimal('550'), after=4, in_words=True)
    """
    if tokens.kinds[index] == NUMBER:
        value = digits(tokens.written[index])
        return None if value is None else Number(value, index + 1)
    return _words(tokens, index)


def digits(written: str) -> Decimal | None:
    """Give the value of digits with their grouping; None where the form is ambiguous.

    >>> digits("12,34,567.50"), digits("1.234.567"), digits("007")
    (Decimal('1234567.50'), None, None)
    """
    return Decimal(re.sub("[,']", "", written)) if _WRITTEN.fullmatch(written) else None


def _words(tokens: Tokens, index: int) -> Number | None:
    total, last, start = 0, "", index
    while (found := _WORDS.get(tokens.lower[index])) is not None:
        value, kind = found
        if kind == "hundred" and last == "unit":
            total *= value
        elif last == "" or last in _ROOM.get(kind, ()):
            total += value
        else:
            break
        last, index = kind, index + 1
        joined = index + (tokens.lower[index] == "-" or (last == "hundred" and tokens.lower[index] == "and"))
        if tokens.lower[joined] in _WORDS and _WORDS[tokens.lower[joined]][1] in {"unit", "teen", "ten"}:
            index = joined
    return Number(Decimal(total), index, in_words=True) if index > start and last else None
