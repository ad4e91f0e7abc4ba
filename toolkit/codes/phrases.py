"""Phrases of the word tables, found in a text: one matcher over two ways of cutting a text into words."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["GLYPH", "LONGEST", "NUMBER", "SIGN", "WORD", "Phrases", "Tokens", "Words", "words_of"]

T = TypeVar("T")
_Form = Literal["written", "lower", "singular"]
_Parts = list[tuple[str, bool]]  # each word of a phrase, and whether it is glued to the one before

_GROUPED = r"([0-9]++(?:[.,'][0-9]++)*+)"  # a number with its grouping: 1,234.5
_ADDRESS = r"(?:https?://|www\.)\S++"
_JAPANESE, _CHINESE_KOREAN = r"\u3040-\u30ff", r"\u3400-\u9fff\uac00-\ud7af"
_SPELLED = rf"((?:[A-Za-z]\.){{2,}}+|[^\W\d_{_JAPANESE}{_CHINESE_KOREAN}]++(?:'[^\W\d_]++)*+)"  # U.S., Japan's
_UNSPACED = rf"([\u30a0-\u30ff]++|[\u3040-\u309f]++|[{_CHINESE_KOREAN}])"  # scripts that put no space between words
# the look-ahead spares the rest of the pattern at every space
_TOKEN = re.compile(rf"(?=\S)(?:{_GROUPED}|{_ADDRESS}|{_SPELLED}|{_UNSPACED}|\S)")
NUMBER, WORD, GLYPH, SIGN = 1, 2, 3, 4
_PADDING = 12
_EMPTY, _NOTHING = [""] * _PADDING, [0] * _PADDING
_WORD = re.compile(r"((?:[A-Z]\.){2,}|[^\W_]+)")
_GAPS = frozenset({" ", "-", "'", "’", ". ", "\u00a0", "\u202f", "\u2010", "\u2011", "\n", "\r\n"})
LONGEST = 4_000  # characters; the words of what is longer than a sentence are not kept


class Tokens:
    """The numbers, words and signs of one stretch of text: as written, in small letters, kind and place.

    >>> Tokens("US$ 5-bn").written[:5]
    ['US', '$', '5', '-', 'bn']
    """

    __slots__ = ("ends", "kinds", "lower", "starts", "stop", "text", "written")

    def __init__(self, text: str, start: int = 0, end: int | None = None) -> None:
        self.text, self.stop = text, len(text) if end is None else end
        found = list(_TOKEN.finditer(text, start, self.stop))
        self.written = [match[0] for match in found]
        self.lower = [word.lower() for word in self.written]
        self.kinds = [match.lastindex or SIGN for match in found]
        self.starts = [match.start() for match in found]
        self.ends = [match.end() for match in found]
        # Empty tokens at the end spare bounds checks.
        last = self.ends[-1] + 1 if self.ends else 0
        self.written += _EMPTY
        self.lower += _EMPTY
        self.kinds += _NOTHING
        self.starts += [last] * _PADDING
        self.ends += _NOTHING

    def __len__(self) -> int:
        return len(self.written) - _PADDING

    def glued(self, index: int) -> bool:
        """Return whether token `index` follows the one before it without a space."""
        return index > 0 and self.ends[index - 1] == self.starts[index]

    def said(self, first: int, after: int) -> str:
        """Return the text of tokens `first` to `after`, the latter left out."""
        return self.text[self.starts[first] : self.ends[after - 1]]

    def end_of(self, rest: _Parts, words: list[str], index: int) -> int | None:
        """Return the index after `rest` if it stands at `index`, where a space may also be a hyphen."""
        for part, glued in rest:
            if not glued and words[index] == "-":
                index += 1
            if words[index] != part or (glued and not self.glued(index)):
                return None
            index += 1
        return index


class Words:
    """The words of a text without its numbers' grouping and its signs: as written, in small letters, and place.

    >>> Words("U.S. firms' cars").lower, Words("U.S. firms' cars").singular
    (['u.s.', 'firms', 'cars'], ['u.s.', 'firm', 'car'])
    """

    __slots__ = ("ends", "lower", "starts", "text", "written")

    def __init__(self, text: str) -> None:
        pieces = _WORD.split(text)  # a word at every second place
        places = list(accumulate(map(len, pieces)))
        self.text, self.written = text, pieces[1::2]
        self.starts, self.ends = places[:-1:2], places[1::2]
        self.lower = list(map(str.lower, self.written))

    def __len__(self) -> int:
        return len(self.written)

    @property
    def singular(self) -> list[str]:
        """The words in small letters, plurals cut to what they share with their singular."""
        return list(map(_singular, self.written))

    def glued(self, index: int) -> bool:
        """Return False: what stands between two words is judged where they are found."""
        return index < 0

    def end_of(self, rest: _Parts, words: list[str], index: int) -> int | None:
        """Return the index after `rest` if it stands at `index`, its words a space, hyphen or apostrophe apart."""
        if index + len(rest) > len(words):
            return None
        for part, _ in rest:
            if words[index] != part or self.text[self.ends[index - 1] : self.starts[index]] not in _GAPS:
                return None
            index += 1
        return index


class Phrases(Generic[T]):
    """A table of phrases, found in a text cut as they are; where several fit, the longest counts.

    Among `Tokens` a space of a phrase may be a hyphen in the text or both, and what has no space
    has none in the text; among `Words` one of a few gaps stands between two words.

    Parameters
    ----------
    rows : iterable of (phrase, meaning)
    form : {"lower", "written", "singular"}
        Which form of the words must agree; "singular" is one of `Words`.
    cut : {Tokens, Words}

    Examples
    --------
    >>> weights = Phrases([("metric ton", 1000), ("ton", 907)])
    >>> weights.at(Tokens("5 metric-ton loads"), 1), weights.before(Tokens("a metric ton"), 3)
    ((1000, 4), (1000, 1))
    >>> Phrases([("rare earth", "REO")], form="singular", cut=Words).find(Words("Rare-earths from Burma"))
    [(0, 11, 'REO')]
    """

    def __init__(
        self, rows: Iterable[tuple[str, T]], *, form: _Form = "lower", cut: type[Tokens | Words] = Tokens
    ) -> None:
        self._form, self._folded = form, form == "lower"
        self._first: dict[str, list[tuple[_Parts, T]]] = defaultdict(list)
        self._last: dict[tuple[str, str], list[tuple[str, _Parts, T]]] = defaultdict(list)
        self._alone: dict[str, T] = {}
        for phrase, meaning in rows:
            (first, _), *rest = parts = _parts(phrase, form, cut)
            self._first[first].append((rest, meaning))
            if rest:
                self._last[parts[-2][0], parts[-1][0]].append((first, rest, meaning))
            else:
                self._alone[first] = meaning
        for starting in self._first.values():
            starting.sort(key=lambda entry: -len(entry[0]))
        for ending in self._last.values():
            ending.sort(key=lambda entry: -len(entry[1]))
        self.firsts, self._ends = frozenset(self._first), {*self._alone, *(last for _, last in self._last)}

    def at(self, text: Tokens | Words, index: int) -> tuple[T, int] | None:
        """Return the meaning of the longest phrase that starts at `index`, and the index after it."""
        words: list[str] = text.lower if self._folded else getattr(text, self._form)
        return self._longest(text, words, index) if words[index] in self.firsts else None

    def before(self, text: Tokens | Words, index: int) -> tuple[T, int] | None:
        """Return the meaning of the longest phrase that ends before `index`, and the index of its start."""
        words: list[str] = text.lower if self._folded else getattr(text, self._form)
        if index <= 0 or (last := words[index - 1]) not in self._ends:
            return None
        previous = words[index - 2] if index > 1 else ""
        if previous == "-" and index > 2 and (previous, last) not in self._last:  # noqa: PLR2004
            previous = words[index - 3]
        for first, rest, meaning in self._last.get((previous, last), ()):
            for start in range(max(0, index - 2 * len(rest) - 2), index - len(rest)):
                if words[start] == first and text.end_of(rest, words, start + 1) == index:
                    return meaning, start
        return (self._alone[last], index - 1) if last in self._alone else None

    def find(self, text: Tokens | Words) -> list[tuple[int, int, T]]:
        """Return the phrases in `text` as (start, end, meaning), left to right, none inside another."""
        words: list[str] = getattr(text, self._form)
        firsts, found, after = self.firsts, list[tuple[int, int, T]](), 0
        for index in [index for index, word in enumerate(words) if word in firsts]:
            if index >= after and (hit := self._longest(text, words, index)):
                meaning, after = hit
                found.append((text.starts[index], text.ends[after - 1], meaning))
        return found

    def _longest(self, text: Tokens | Words, words: list[str], index: int) -> tuple[T, int] | None:
        for rest, meaning in self._first[words[index]]:
            if (after := text.end_of(rest, words, index + 1) if rest else index + 1) is not None:
                return meaning, after
        return None


def words_of(text: str) -> Words:
    """Return the words of `text`, kept for a while: several tables are looked for in one sentence."""
    return (_kept if len(text) <= LONGEST else Words)(text)


@lru_cache(maxsize=8)
def _kept(text: str) -> Words:
    return Words(text)


def _parts(phrase: str, form: _Form, cut: type[Tokens | Words]) -> _Parts:
    plain = phrase.split()
    if phrase.isascii() and "".join(plain).isalpha():  # most are plain words, and need not be cut
        return [(_FORMS[form](word), False) for word in plain]
    text = cut(phrase)
    return [(getattr(text, form)[index], text.glued(index)) for index in range(len(text))]


@lru_cache(maxsize=4096)
def _singular(word: str) -> str:
    word = word.lower()
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


_FORMS: dict[_Form, Callable[[str], str]] = {"written": str, "lower": str.lower, "singular": _singular}
