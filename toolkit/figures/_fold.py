"""A text with every disguise of a character undone, and the way back to the untouched text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from toolkit.codes import table

_GONE = "\uffff"  # a noncharacter: what it replaces is dropped
_DROP = re.compile(f"{_GONE}+|&(?:#[0-9]{{1,7}}|#[xX][0-9a-fA-F]{{1,6}}|[a-zA-Z]{{2,8}});")
_DROPPED = {"Cf", "Mn", "Me"}
_VULGAR = "⁄"  # NFKC would make it a division
_BREAKS = "\u0085\u2028\u2029"


@dataclass(frozen=True, slots=True)
class Folded:
    """Plain text, and where it was cut, how far each stretch lies from the original."""

    text: str
    cuts: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def start(self, position: int) -> int:
        """Give the original position of the character at `position`."""
        return position + self.shifts[bisect_right(self.cuts, position)] if self.cuts else position

    def end(self, position: int) -> int:
        """Give the original end of a span that ends at `position`, without invisible trailers."""
        if not self.cuts:
            return position
        place = bisect_left(self.cuts, position)
        if place < len(self.cuts) and self.cuts[place] == position:
            return self.ends[place]
        return position + self.shifts[place]


class _Table(dict[int, str]):
    """Each character's plain form, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = plain = _plain(chr(code))
        return plain


def _plain(char: str) -> str:
    if char.isascii() or char in _VULGAR:
        return char
    if unicodedata.category(char) in _DROPPED:
        return _GONE
    if unicodedata.category(char) == "No":  # a raised digit is a footnote or an exponent, never a digit
        return char
    if char.isspace():
        return "\n" if char in _BREAKS else " "
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    wide = unicodedata.normalize("NFKC", char)
    return wide if len(wide) == 1 else char


def fold(text: str) -> Folded:
    r"""Undo disguises: odd spaces, hyphens and digits, invisible characters, HTML entities.

    >>> folded = fold("US$ 5\u200b50\u2011billion")
    >>> folded.text, folded.end(len(folded.text))
    ('US$ 550-billion', 16)
    """
    if not text.isascii():
        text = text.translate(_TABLE)
    if "&" not in text and _GONE not in text:
        return Folded(text)
    pieces: list[str] = []
    cuts, shifts, ends = [], [0], []
    done = length = 0
    for found in _DROP.finditer(text):
        if (plain := _entity(found[0])) is None:
            continue
        pieces += (text[done : found.start()], plain)
        length += found.start() - done + len(plain)
        done = found.end()
        cuts.append(length)
        shifts.append(done - length)
        ends.append(done if plain else found.start())
    return Folded("".join((*pieces, text[done:])), tuple(cuts), tuple(shifts), tuple(ends))


def _entity(found: str) -> str | None:
    if found[0] == _GONE:
        return ""
    from html import unescape  # few texts hold entities

    plain = unescape(found).translate(_TABLE).replace(_GONE, "")
    return None if plain.startswith("&") and len(plain) > 1 else plain


_TABLE = _Table({ord(row["sign"]): row["plain"] for row in table("folds")})
