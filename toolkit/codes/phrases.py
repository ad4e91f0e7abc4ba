"""A stretch of text as tokens, and phrases of the word tables found among them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")
_Parts = list[tuple[str, bool]]  # each word of a phrase, and whether it is glued to the one before

_TOKEN = re.compile(
    r"(?=\S)(?:"  # spares the rest of the pattern at every space
    r"([0-9]++(?:[.,'][0-9]++)*+)"  # a number with its grouping
    r"|(?:https?://|www\.)\S++"  # an address, whole
    r"|((?:[A-Za-z]\.){2,}+|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]++(?:'[^\W\d_]++)*+)"  # U.S., Japan's
    r"|([\u30a0-\u30ff]++|[\u3040-\u309f]++|[\u3400-\u9fff\uac00-\ud7af])"  # scripts that put no space between words
    r"|\S)"
)
NUMBER, WORD, GLYPH, SIGN = 1, 2, 3, 4
_PADDING = 12
_EMPTY, _NOTHING = [""] * _PADDING, [0] * _PADDING


class Tokens:
    """The tokens of one stretch of text: as written, in small letters, kind and place.

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
        """Tell whether token `index` follows the one before it without a space."""
        return index > 0 and self.ends[index - 1] == self.starts[index]

    def said(self, first: int, after: int) -> str:
        """Give the text of tokens `first` to `after`, the latter left out."""
        return self.text[self.starts[first] : self.ends[after - 1]]


class Phrases(Generic[T]):
    """A table of phrases, looked up forwards or backwards from a token.

    Where the phrase has a space the text may have a hyphen or both; where it
    has none the text has none.
    """

    def __init__(self, rows: Iterable[tuple[str, T]], *, exact: bool = False) -> None:
        self._exact = exact
        self._first: dict[str, list[tuple[_Parts, T]]] = defaultdict(list)
        self._alone: dict[str, T] = {}
        self._last: dict[tuple[str, str], list[tuple[_Parts, T]]] = defaultdict(list)
        for phrase, meaning in rows:
            entry = _parts(phrase if exact else phrase.lower()), meaning
            parts, _ = entry
            self._first[parts[0][0]].append(entry)
            if len(parts) > 1:
                self._last[parts[-2][0], parts[-1][0]].append(entry)
            else:
                self._alone[parts[0][0]] = meaning
        for entries in (*self._first.values(), *self._last.values()):
            if len(entries) > 1:
                entries.sort(key=lambda entry: -len(entry[0]))
        self.firsts, self._ends = frozenset(self._first), {*self._alone, *(last for _, last in self._last)}

    def at(self, tokens: Tokens, index: int) -> tuple[T, int] | None:
        """Give the meaning of the longest phrase that starts at `index`, and the index after it."""
        words = tokens.written if self._exact else tokens.lower
        if words[index] not in self.firsts:
            return None
        for parts, meaning in self._first[words[index]]:
            if (end := _walk(tokens, words, parts, index)) is not None:
                return meaning, end
        return None

    def before(self, tokens: Tokens, index: int) -> tuple[T, int] | None:
        """Give the meaning of the longest phrase that ends before `index`, and the index of its start."""
        words = tokens.written if self._exact else tokens.lower
        if index <= 0 or (last := words[index - 1]) not in self._ends:
            return None
        previous = words[index - 2] if index > 1 else ""
        if previous == "-" and index > 2 and (previous, last) not in self._last:  # noqa: PLR2004
            previous = words[index - 3]
        for parts, meaning in self._last.get((previous, last), ()):
            for start in range(max(0, index - 2 * len(parts)), index - len(parts) + 1):
                if _walk(tokens, words, parts, start) == index:
                    return meaning, start
        return (self._alone[last], index - 1) if last in self._alone else None


def _parts(phrase: str) -> _Parts:
    words = phrase.split()
    if phrase.isascii() and "".join(words).isalpha():  # most are plain words: no need to lex
        return [(word, False) for word in words]
    tokens = Tokens(phrase)
    return [(tokens.written[i], tokens.glued(i)) for i in range(len(tokens))]


def _walk(tokens: Tokens, words: list[str], parts: _Parts, index: int) -> int | None:
    for place, (part, glued) in enumerate(parts):
        if place and not glued and words[index] == "-":
            index += 1
        if words[index] != part or (place and glued and not tokens.glued(index)):
            return None
        index += 1
    return index
