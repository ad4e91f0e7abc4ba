"""A sentence as its clauses, with the words in it that say who, what, when and how firmly."""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import TYPE_CHECKING, TypeVar

from toolkit import codes
from toolkit.figures._dates import DateMention, dates_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Span = tuple[int, int]
    Cue = tuple[int, int, dict[str, str]]

T = TypeVar("T")

_CUT = re.compile(
    r"[;:](?=\s)|\s[—–-](?=\s)|[()\[\]]|\s(?=(?:while|whereas|although|though|but|because|if|unless|which)\s)"
    r"|,(?=\s(?:which|who|whose|where|as|after|before|with|compared|versus|against|up|down|from|to|including|a|an|or|than|led|and|[a-z]+ing)\b)"
    r"|(?P<join>\s(?=(?:and|or)\s))"
)
_WORD = re.compile(r"[^\W\d_][^\W_]*(?:[.&/'’-][^\W_]+)*")
_LAST_WORD = re.compile(r"(?<![^\W_])[^\W\d_][^\W_]*(?:[.&/'’-][^\W_]+)*(?=[ \u00a0-]$)")
_TO = re.compile(
    r"\b(?:to|will|would|may|might|could|can|should|must|shall|not|n[’']t)\s(?:(?:\w+ly|soon|sooner|also|not|then|now|again|further)\s)?$",
    re.IGNORECASE,
)
_FINITE = {"verb", "modal", "say", "show"}
_LONGEST_PHRASE = 6


class Line:
    """A sentence of `text`, cut into clauses; `before` is the one before it that had figures."""

    def __init__(self, text: str, start: int, end: int, date: str | None = None) -> None:
        self.text, self.start, self.end, self.date = text, start, end, date

    @cached_property
    def cues(self) -> list[Cue]:
        """The words that say how firm a figure is, or who speaks."""
        return self._shifted(lambda words: codes.find_words(words, "context_words"))

    @cached_property
    def measures(self) -> list[Cue]:
        """The nouns that figures measure: exports, tariff, investment package."""
        return self._shifted(lambda words: codes.find_words(words, "measures"))

    @cached_property
    def economies(self) -> list[tuple[int, int, str]]:
        """The economies that are named."""
        return self._shifted(codes.find_economies)

    @cached_property
    def products(self) -> list[tuple[int, int, tuple[str, ...]]]:
        """The traded products that are named."""
        return self._shifted(codes.find_products)

    @cached_property
    def dates(self) -> list[DateMention]:
        """The dates that are mentioned."""
        return list(dates_between(self.text, self.start, self.end, self.date))

    @cached_property
    def clauses(self) -> list[tuple[int, int, int]]:
        """The clauses as (start, end, index of the clause they hang on)."""
        clauses, start, host, opened = [], self.start, -1, []
        for cut in self._cuts():
            clauses.append((start, cut.start(), host))
            start, host = cut.end(), len(clauses) - 1
            if cut[0] in "([":
                opened.append(host)
            elif cut[0] in ")]" and opened:
                host = opened.pop()
        return [*clauses, (start, self.end, host)]

    def chain(self, position: int) -> Iterator[Span]:
        """Give the clause at `position`, then the ones it hangs on, nearest first."""
        at = self._index(position)
        while at >= 0:
            start, end, at = self.clauses[at]
            yield start, end

    def phrase(self, position: int) -> str | None:
        """Give the noun phrase that starts at `position`."""
        words: list[re.Match[str]] = []
        while (
            (word := _WORD.match(self.text, position, self.end))
            and len(words) < _LONGEST_PHRASE
            and not self.stops(word)
        ):
            words.append(word)
            position = word.end() + 1
            if self.text[word.end() : position] not in {" ", "\u00a0", "\u202f"}:
                break
        return self.text[words[0].start() : words[-1].end()] if words else None

    def word_before(self, position: int) -> re.Match[str] | None:
        """Give the word that ends one space or hyphen before `position`."""
        found = _LAST_WORD.search(self.text, max(self.start, position - 40), position)
        return found if found and found.start() >= self.start else None

    def following(self, position: int) -> Iterator[Span]:
        """Give the clause after the one at `position`, if it hangs on it."""
        at = self._index(position)
        yield from ((start, end) for start, end, host in self.clauses[at + 1 :][:1] if host == at)

    def stops(self, word: re.Match[str]) -> bool:
        """Tell whether a word ends a noun phrase."""
        return word[0].lower() in _stop_words() or any(
            start == word.start() and row["role"] in _FINITE for start, _, row in self.cues
        )

    def infinitive(self, position: int) -> bool:
        """Tell whether the verb at `position` hangs on "to" or on a modal before it."""
        return _TO.search(self.text, max(self.start, position - 30), position) is not None

    def _index(self, position: int) -> int:
        return max((index for index, clause in enumerate(self.clauses) if clause[0] <= position), default=0)

    def _cuts(self) -> Iterator[re.Match[str]]:
        """Cut at "and" only between two verbs."""
        cuts, last = list(_CUT.finditer(self.text, self.start, self.end)), self.start
        hard = [cut.start() for cut in cuts if not cut["join"]] + [self.end]
        for cut in cuts:
            if cut["join"]:
                following = next(place for place in hard if place > cut.start())
                if not (self._verb(last, cut.start()) and self._verb(cut.end(), following)):
                    continue
            last = cut.end()
            yield cut

    def _verb(self, start: int, end: int) -> bool:
        return any(start <= cue[0] < end and cue[2]["role"] in _FINITE for cue in self.cues)

    def _shifted(self, find: Callable[[str], list[tuple[int, int, T]]]) -> list[tuple[int, int, T]]:
        return [
            (self.start + start, self.start + end, row) for start, end, row in find(self.text[self.start : self.end])
        ]


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(row["words"] for row in codes.table("phrase_ends"))
