"""A stretch of text as tokens, and phrases of the word tables found among them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

_TOKEN = re.compile(
    r"([0-9]++(?:[.,'][0-9]++)*+)"  # a number with its grouping
    r"|((?:[^\W\d_]\.){2,}+|[^\W\d_]++(?:'[^\W\d_]++)*+)"  # U.S., Japan's, billion
    r"|(\S)"
)
NUMBER, WORD, SIGN = 1, 2, 3


class Tokens:
    """The tokens of one stretch of text: as written, in small letters, kind and place.

    >>> Tokens("US$ 5-bn").written
    ['US', '$', '5', '-', 'bn', '']
    """

    __slots__ = ("ends", "kinds", "lower", "starts", "written")

    def __init__(self, text: str, start: int = 0, end: int | None = None) -> None:
        found = [
            (match[0], match.lastindex or 0, match.start(), match.end())
            for match in _TOKEN.finditer(text, start, len(text) if end is None else end)
        ]
        found.append(("", 0, found[-1][3] + 1 if found else start, 0))  # a last, empty token spares bounds checks
        self.written, self.kinds, self.starts, self.ends = (list(column) for column in zip(*found, strict=True))
        self.lower = [word.lower() for word in self.written]

    def __len__(self) -> int:
        return len(self.written) - 1

    def glued(self, index: int) -> bool:
        """Tell whether token `index` follows the one before it without a space."""
        return index > 0 and self.ends[index - 1] == self.starts[index]


class Phrases(Generic[T]):
    """A table of phrases, looked up forwards or backwards from a token.

    A phrase in small letters matches any letters; one with a capital, or a
    symbol, matches as written. Where the phrase has a space the text may have
    a hyphen or both; where it has none the text has none.
    """

    def __init__(self, rows: Iterable[tuple[str, T]], *, exact: bool = False) -> None:
        self._exact = exact
        self._first: dict[str, list[tuple[list[tuple[str, bool]], T]]] = defaultdict(list)
        self._last: dict[str, list[tuple[list[tuple[str, bool]], T]]] = defaultdict(list)
        for phrase, meaning in rows:
            tokens = Tokens(phrase)
            parts = [(tokens.written[i], tokens.glued(i)) for i in range(len(tokens))]
            self._first[parts[0][0]].append((parts, meaning))
            self._last[parts[-1][0]].append((parts, meaning))
        for entries in (*self._first.values(), *self._last.values()):
            entries.sort(key=lambda entry: -len(entry[0]))

    def at(self, tokens: Tokens, index: int) -> tuple[T, int] | None:
        """Give the meaning of the longest phrase that starts at `index`, and the index after it."""
        words = tokens.written if self._exact else tokens.lower
        for parts, meaning in self._first.get(words[index], ()):
            if (end := _walk(tokens, words, parts, index)) is not None:
                return meaning, end
        return None

    def before(self, tokens: Tokens, index: int) -> tuple[T, int] | None:
        """Give the meaning of the longest phrase that ends before `index`, and the index of its start."""
        if index <= 0:
            return None
        words = tokens.written if self._exact else tokens.lower
        for parts, meaning in self._last.get(words[index - 1], ()):
            for start in range(max(0, index - 2 * len(parts)), index - len(parts) + 1):
                if _walk(tokens, words, parts, start) == index:
                    return meaning, start
        return None


def _walk(tokens: Tokens, words: list[str], parts: list[tuple[str, bool]], index: int) -> int | None:
    for place, (part, glued) in enumerate(parts):
        if place and not glued and words[index] == "-":
            index += 1
        if words[index] != part or (place and glued and not tokens.glued(index)):
            return None
        index += 1
    return index
