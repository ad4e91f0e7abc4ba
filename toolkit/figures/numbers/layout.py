"""A text cut into the stretches that are read at once: sentences of lines, wrapped lines joined."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from toolkit.codes import patterns as re
from toolkit.codes import table
from toolkit.codes.phrases import NUMBER
from toolkit.figures.numbers import tables
from toolkit.figures.numbers.amount import ParsedAmount
from toolkit.figures.numbers.number import Amount, number
from toolkit.figures.numbers.unit import unit_at
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.codes.phrases import Tokens
    from toolkit.figures.figure import Span
    from toolkit.figures.numbers.tables import Unit

__all__ = ["Folded", "Head", "fold", "head_at", "stretches", "under"]

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
        """Return the original position of the character at `position`."""
        return position + self.shifts[bisect_right(self.cuts, position)] if self.cuts else position

    def end(self, position: int) -> int:
        """Return the original end of a span that ends at `position`, without invisible trailers."""
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

_CLOSERS = {"(": ")", "[": "]", ",": ":", "in": ":"}
_ENDS = frozenset(_CLOSERS.values())
_BASE = 6  # tokens of "of total exports"
_ROW = 40  # tokens; a longer line is prose and no row of a table


class Head(NamedTuple):
    """The scale and unit that a bracket states, and its place in the folded text."""

    exponent: int
    unit: Unit | None
    tokens: Tokens
    first: int
    after: int


def head_at(tokens: Tokens) -> Head | None:
    """Return the last bracket of a line that holds a unit or a scale alone, or such words before a colon.

    >>> from toolkit.codes.phrases import Tokens
    >>> head_at(Tokens("Trade balance ($bn): 12.4")).unit.symbol
    'USD'
    """
    if _ENDS.isdisjoint(tokens.written):
        return None
    found, closed = None, {opener for opener, closer in _CLOSERS.items() if closer in tokens.written}
    for index, word in enumerate(tokens.lower):
        if word in closed and tokens.kinds[index + 1] != NUMBER:
            found = _head(tokens, index) or found
    return found


def _head(tokens: Tokens, index: int) -> Head | None:
    place = index + 1
    place += tokens.lower[place] == "in"
    unit = tables.SIGNS.at(tokens, place) or unit_at(tokens, place)
    place = unit[1] if unit else place
    scale = tables.SCALES.at(tokens, place) or tables.VAGUE_SCALES.at(tokens, place)
    if scale is None and unit and tokens.lower[place] in {**tables.GLUED_SCALES, **tables.MONEY_SCALES}:
        exponent = tables.GLUED_SCALES.get(tokens.lower[place]) or tables.MONEY_SCALES[tokens.lower[place]]
        scale = exponent, place + 1
    place = scale[1] if scale else place
    if unit is None:
        place += tokens.lower[place] == "of"
        unit = tables.SIGNS.at(tokens, place) or unit_at(tokens, place)
        place = unit[1] if unit else place
    if unit and unit[0].symbol == "%" and tokens.lower[place] == "of":
        place = next((end for end in range(place, place + _BASE) if tokens.written[end] == ")"), place)
    if tokens.written[place] != _CLOSERS[tokens.lower[index]] or unit is None or not _is_head(tokens, place + 1):
        return None
    return Head(scale[0] if scale else 0, unit[0], tokens, index, place + 1)


def _is_head(tokens: Tokens, index: int) -> bool:
    """Return whether the bracket is followed by what follows a table head: nothing, a colon, a cell."""
    if tokens.written[index : index + 1] == [","] and tokens.kinds[index + 1] == NUMBER:  # ($bn), 2024: 12.4
        index += 2
    return index >= len(tokens) or tokens.kinds[index] == NUMBER or tokens.written[index] in {":", "|", "-", "("}


def under(tokens: Tokens, head: Head, index: int) -> list[ParsedAmount]:
    """Return the bare number at `index` with the unit of the head above or before it."""
    read = number(tokens, index)
    if read is None or read.in_words or (head.tokens is tokens and index < head.after):
        return []
    if head.tokens is not tokens and (len(tokens) > _ROW or tokens.written[len(tokens) - 1] == "."):
        return []
    found = Amount(read, read.first, read.after, head.exponent, head.unit)
    found.marks.append((head.tokens.starts[head.first], head.tokens.ends[head.after - 1]))
    return [ParsedAmount(found, None, Hedge.EXACT, read.first, read.after)]


_LONGEST = 4000  # characters; a longer line is cut where a sentence or a word ends
_END = re.compile(r"[.!?] (?=[A-Z\"\u201c])(?:(?<=[a-z]{5}..)(?<!pprox..)|(?<=[0-9%)]..))")
_WRAPPED = 60  # a line this long without an end mark goes on in the next


def stretches(text: str) -> Iterator[Span]:
    """Return the sentences of lines, wrapped lines joined, long ones cut; an empty line is an empty span."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        while end - start < _LONGEST and _goes_on(text, start, end):
            following = text.find("\n", end + 1)
            end = len(text) if following < 0 else following
        if end - start > _LONGEST:
            end = _cut(text, start)
        yield from _sentences(text, start, end)
        start = end + (text[end : end + 1] == "\n") if end > start else end + 1


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Return the sentences of a line, split where no abbreviation ends; a blank line is an empty span."""
    if not text[start:end].strip():
        yield start, start
        return
    for found in _END.finditer(text, start, end):
        yield start, found.end()
        start = found.end()
    if start < end:
        yield start, end


def _goes_on(text: str, start: int, end: int) -> bool:
    line = text.rfind("\n", start, end) + 1 or start
    if end - line < _WRAPPED or text[end - 1 : end] in ".!?:;":
        return False
    return text[end : end + 1] == "\n" and not text[end + 1 : end + 2].isspace()


def _cut(text: str, start: int) -> int:
    """Return where a long line may be cut: after a sentence, or a word."""
    end = start + _LONGEST
    for mark in (". ", "。", " "):
        if (place := text.rfind(mark, start + _LONGEST // 2, end)) > 0:
            return place + 1
    return end
