"""The noun that a number counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables
from toolkit.figures._lex import NUMBER, SIGN, WORD

if TYPE_CHECKING:
    from toolkit.figures._lex import Tokens

_MOST_WORDS, _SHORTEST, _MODEL = 5, 3, 3


def noun(tokens: Tokens, index: int, *, one: bool = False) -> int | None:
    """Give the index after the counted noun that starts at `index`: its first plural, or one word for one.

    >>> from toolkit.figures._lex import Tokens
    >>> noun(Tokens("14 first-team players left the club"), 1)
    5
    """
    place, end = index, None
    for _ in range(_MOST_WORDS):
        word = tokens.lower[place]
        if end is not None and _model(tokens, place):
            place = end = place + 1
            continue
        if tokens.kinds[place] != WORD or word in tables.STOPS or not _spaced(tokens, place):
            return None
        end = place + 1
        if tokens.written[end] == "-" and tokens.glued(end) and tokens.glued(end + 1) and tokens.kinds[end + 1] != SIGN:
            end += 2
            word = tokens.lower[end - 1]
        if is_plural(word) or (
            end == index + 1 and word in tables.ATTRIBUTES and (end == len(tokens) or tokens.kinds[end] == WORD)
        ):
            return end
        if (
            tokens.lower[end] == "and"
            and is_plural(tokens.lower[end + 2])
            and tokens.lower[end + 1] not in tables.STOPS
        ):
            return end + 3  # digital and physical sales
        if one and not _adjective(word):
            return end
        place = end
    return None


def is_plural(word: str) -> bool:
    """Tell whether a word has the form of a plural noun.

    >>> is_plural("containers"), is_plural("people"), is_plural("across")
    (True, True, False)
    """
    if word in tables.PLURALS:
        return True
    return (
        len(word) >= _SHORTEST
        and word[-1] == "s"
        and not word.endswith(("ss", "us", "is", "'s", "ous"))
        and word not in tables.NOT_PLURAL
    )


def _model(tokens: Tokens, index: int) -> bool:
    """Tell whether a model's number stands within the noun: two new 737 Max jets."""
    written = tokens.written[index]
    return (
        tokens.kinds[index] == NUMBER
        and len(written) == _MODEL
        and written.isdigit()
        and tokens.written[index + 1].istitle()
    )


def _adjective(word: str) -> bool:
    return (
        word.endswith(("al", "ous", "ive", "ful", "ish", "ic", "ed", "ing", "ble", "ian", "ese", "ary"))
        or word in tables.GRAMMAR["plain adjective"]
    )


def _spaced(tokens: Tokens, index: int) -> bool:
    """Tell whether a word stands apart from the one before, or after its hyphen."""
    return not tokens.glued(index) or tokens.written[index - 1] == "-"
