"""A sentence as its clauses, with the words in it that say who, what, when and how firmly."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from functools import cache, cached_property, wraps
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from toolkit import codes
from toolkit.codes import patterns as re
from toolkit.figures.dates import DateMention, dates_between
from toolkit.period import Grain, Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from toolkit.article import Sentence

    Span = tuple[int, int]
    Cue = tuple[int, int, dict[str, str]]

__all__ = ["Line", "Story", "T", "kept"]

T = TypeVar("T")
P = ParamSpec("P")
Read = TypeVar("Read", "Story", "Line")

_CUT = re.compile(
    r"[\s;:()\[\],](?:"  # most characters cut nothing
    r"(?<=[;:])(?=\s)|(?<=\s)(?:[—–]|--?)(?=\s)|(?<=[()\[\]])|(?<=\s)(?=(?:while|whereas|although|though|but|because|if|unless|which|despite|amid|(?:owing|thanks) to|in (?:spite|response) (?:of|to)|as a result of)\s)"
    r"|(?<=,)(?=\s(?:of which|which|who|whose|where|as|after|before|with|compared|versus|against|up|down|from|to|including|a|an|or|than|led|and|[a-z]+ing|"
    r"(?:exports|imports|shipments|sales|deliveries) (?:to|from|of)|half|more than|less than|about|nearly|almost|roughly|the highest|the lowest|citing|according|said|in exchange)\b)"
    r"|(?<=\s)(?=(?P<join>and|or|after|when|before|until|since|(?<!such )(?<!well )(?<!much )(?<!many )(?<!soon )as)\s))"
)
_WORD = re.compile(r"(?:[A-Z]\.){2,}|[^\W\d_][^\W_]*(?:[.&/'’-][^\W_]+)*")
_LAST_WORD = re.compile(r"(?<![^\W_])[^\W\d_][^\W_]*(?:[.&/'’-][^\W_]+)*\.?(?=[ \u00a0-]$)")
_TO = re.compile(
    r"\b(?:to|will|would|may|might|could|can|should|must|shall|not|n[’']t)\s(?:(?:\w+ly|soon|sooner|also|not|then|now|again|further|still)\s)?$"
)
_DETERMINERS = ("a", "an", "the", "its", "their", "his", "her", "our", "no", "any", "this", "that", "under", "by", "of", "in", "into", "from")  # fmt: skip
_BETWEEN = ("new", "initial", "first", "median", "latest", "market", "average", "sharp", "further", "possible")  # fmt: skip
_NOUN_BEFORE = re.compile(rf"\b(?:{'|'.join(_DETERMINERS)}|[^\W\d_]+[’']s)\s(?:(?:{'|'.join(_BETWEEN)})\s)*$")
_NOUN_ENDS = (*_DETERMINERS, *_BETWEEN, "’s", "'s")
_PARTICIPLE = re.compile(r"\s(?:with|by|in|on|at|to|from|last|this|under|since)\b")
_OTHER_HEAD = re.compile(
    r"[\s-](?:envoys?|negotiators?|ministers?|ministry|officials?|representatives?|war|talks|pact|agreements?|group|policy|chief|partners?|experts?)\b"
)
_IN_NAMES = re.compile(r"\b[A-Z][\w-]+, [A-Z][\w-]+,?$")
_NAME = re.compile(r"and [A-Z]")
_RELATIVE = re.compile(r"\s?(?:which|who|whose|where)\s")
_DID = re.compile(r"[a-z]{3,}ed\s(?!by\b)")
_INK = re.compile(r"\S")
_COMMA = re.compile(r",\s(?:(?:has|have|had|also|then|still)\s)?")
_FINITE = {"verb", "modal", "say", "show"}
_LONGEST_PHRASE = 6
_HEADINGS = 4  # lines
_TURN = re.compile(r"^([A-Z][A-Z .’'-]{1,30}):\s", re.MULTILINE)
_OPENING = 12
_KEPT = 64
_LONGEST_LIST = 20
_LONGEST_CHAIN = 20  # clauses, each hanging on the one before
_LONGEST = 4_000  # characters of a sentence that are searched


def _is_months(period: str | None) -> bool:
    """Return whether a period is a month, or a few of one year."""
    when = Period.parse(period) if period else None
    return when is not None and when.grain is not Grain.YEAR and 0 < when.months <= 12  # noqa: PLR2004


def kept(function: Callable[Concatenate[Read, P], T]) -> Callable[Concatenate[Read, P], T]:
    """Keep what a function answers about a text or a sentence with it, for as long as it lives."""

    @wraps(function)
    def answer(read: Read, /, *args: P.args, **kwargs: P.kwargs) -> T:
        question = (function, args, *kwargs.items())
        if question not in read.kept:
            read.kept[question] = function(read, *args, **kwargs)
        found: T = read.kept[question]
        return found

    return answer


class Story:
    """A text as a row of sentences, each read when it is first asked for."""

    def __init__(
        self,
        text: str,
        sentences: Sequence[Sentence],
        figures: Sequence[Span] = (),
        date: str | None = None,
        money: Mapping[str, int] | None = None,
    ) -> None:
        self.text, self.sentences, self.figures, self.date = text, sentences, figures, date
        self.money = money or {}  # how many amounts are in which currency
        self.starts = [start for start, _ in figures]
        self.topic: tuple[str | None, bool] = None, False  # whom it is about, and whether plainly so
        self.kept: dict[object, Any] = {}
        self._lines: dict[int, Line] = {}

    def line(self, index: int) -> Line:
        """Return the sentence at `index`, read; what lies far behind is forgotten."""
        if index not in self._lines:
            self._lines[index] = Line(self, index)
            self._lines.pop(index - _KEPT, None)
        return self._lines[index]

    @cached_property
    def lower(self) -> str:
        """The text in small letters, each where it stands: searched much faster than either case at once."""
        small = self.text.lower()
        return small if len(small) == len(self.text) else "".join(char.lower()[0] for char in self.text)

    @cached_property
    def turns(self) -> Counter[str]:
        """How often each label in capitals opens a line, as in a transcript."""
        return Counter(_TURN.findall(self.text))

    @cached_property
    def headed(self) -> str | None:
        """The one month or quarter that a heading of the text names: "External trade, April 2025"."""
        for line in self.opening[:_HEADINGS]:
            named = [date for date in line.dates if date.basis == "stated" and date.period]
            heading = line.opens_paragraph and self.text[line.end - 1] not in ".?!"
            if heading and len(named) == 1 and _is_months(named[0].period) and named[0].start > line.start:
                return named[0].period
        return None

    @cached_property
    def is_talk(self) -> bool:
        """Whether the text is a transcript: speakers' names in capitals open two lines or more."""
        return self.turns.total() > 1

    @cached_property
    def opening(self) -> list[Line]:
        """The first sentences, that say whom the text is about."""
        return [self.line(index) for index in range(min(_OPENING, len(self.sentences)))]

    @cached_property
    def known(self) -> frozenset[str]:
        """The economies that the first sentences name for certain: "the Union" is one of them, or no economy."""
        places = self.sentences[:_OPENING]
        named = (
            codes.find_economies(self.text[place.start : min(place.end, place.start + _LONGEST)]) for place in places
        )
        return frozenset(code for found in named for _, _, code in found)


class Line:
    """A sentence of a text, cut into clauses, and its place among the other sentences."""

    def __init__(self, story: Story, index: int) -> None:
        self.story, self.text, self.lower, self.index = story, story.text, story.lower, index
        self.start, self.end = story.sentences[index].start, story.sentences[index].end
        self.kept: dict[object, Any] = {}
        self._chains: dict[int, tuple[Span, ...]] = {}
        self._infinitives: dict[int, bool] = {}

    @property
    def before(self) -> Line | None:
        """The sentence before this one."""
        return self.story.line(self.index - 1) if self.index else None

    @cached_property
    def floor(self) -> int:
        """Where the sentence before this one starts: what stands before it is too far to go on from."""
        return self.story.sentences[self.index - 1].start if self.index else 0

    @cached_property
    def opens_paragraph(self) -> bool:
        """Whether a line break stands before the sentence."""
        return not self.index or "\n" in self.text[self.story.sentences[self.index - 1].end : self.start]

    @cached_property
    def words(self) -> frozenset[str]:
        """The sentence's words in small letters: what a search for some of them is spared by."""
        return frozenset(codes.words(self._said)[1])

    def has(self, words: AbstractSet[str] | None) -> bool:
        """Return whether one of `words` may stand in the sentence."""
        return words is None or not self.words.isdisjoint(words) or self.end - self.start > _LONGEST

    @property
    def is_item(self) -> bool:
        """Whether the sentence is an item of a list that another one opens."""
        return self.text[self.start] in "-–—•*·" and self.index > 0

    @cached_property
    def cues(self) -> list[Cue]:
        """The words that say how firm a figure is, or who speaks; "the cut" and "the United States" are none."""
        names = [(start, end) for start, end, _ in self.economies]
        return [
            cue
            for cue in self._shifted(lambda words: codes.find_words(words, "context_words"))
            if self.text[cue[0] : cue[1]] not in {"May", "Can"}  # the month, the dollar
            and not any(start <= cue[0] < end for start, end in names)
            and not self._is_noun(cue)
        ]

    @cached_property
    def nouns(self) -> list[Cue]:
        """The measuring nouns that are no verbs here ("imports 98 % of"), and head their phrase ("trade", not "trade envoy")."""
        verbs = {start for start, _, row in self.cues if row["role"] in _FINITE}
        figures = {start for start, _ in self.figures}
        return [
            cue
            for cue in self.measures
            if cue[0] not in verbs and cue[1] + 1 not in figures and not _OTHER_HEAD.match(self.text, cue[1], self.end)
        ]

    @cached_property
    def measures(self) -> list[Cue]:
        """The nouns that figures measure: exports, tariff, investment package."""
        return self._shifted(lambda words: codes.find_words(words, "measures"))

    @cached_property
    def economies(self) -> list[tuple[int, int, str]]:
        """The economies that are named."""
        return self._shifted(lambda words: codes.find_economies(words, self.story.known))

    @cached_property
    def products(self) -> list[tuple[int, int, tuple[str, ...]]]:
        """The traded products that are named; "to ship" names none."""
        return [hit for hit in self._shifted(codes.find_products) if self.text[hit[0] : hit[1]].lower() != "ship"]

    @cached_property
    def dates(self) -> list[DateMention]:
        """The dates that are mentioned."""
        return list(dates_between(self.text, self.start, self.end, self.story.date))

    @cached_property
    def clauses(self) -> list[tuple[int, int, int]]:
        """The clauses as (start, end, index of the clause they hang on)."""
        clauses: list[tuple[int, int, int]] = []
        start, host, opened = self.start, -1, list[int]()
        for cut in self._cuts():
            if self.text[start : cut.start()].strip():
                start, host = self._resumed(clauses, start, cut.start(), host)
                clauses.append((start, cut.start(), host))
                host = len(clauses) - 1
            start = cut.end()
            if cut[0] in "([":
                opened.append(host)
            elif cut[0] in ")]" and opened:
                host = opened.pop()
        start, host = self._resumed(clauses, start, self.end, host)
        return [*clauses, (start, self.end, host)]

    def _resumed(self, clauses: list[tuple[int, int, int]], start: int, end: int, host: int) -> tuple[int, int]:
        """End a relative clause where its main clause goes on: "Peru, which overtook Congo, mined"."""
        verbs = self._verbs
        if not verbs.isdisjoint(range(start, self._ink(start) + 1)):
            above = host
            while above >= 0 and not _RELATIVE.match(self.text, clauses[above][0]):
                above = clauses[above][2]
            host = clauses[above][2] if above >= 0 else host
        if host < 0 or not _RELATIVE.match(self.text, start, end):
            return start, host
        for comma in _COMMA.finditer(self.text, start + 1, end):
            if comma.end() in verbs or _DID.match(self.text, comma.end(), end):
                clauses.append((start, comma.start(), host))
                return comma.end(), host
        return start, host

    @cached_property
    def figures(self) -> list[Span]:
        """The places of the figures in the sentence."""
        starts = self.story.starts
        return list(self.story.figures[bisect_left(starts, self.start) : bisect_left(starts, self.end)])

    def opener(self) -> Line | None:
        """Return the sentence that opens the list this one is an item of."""
        line: Line | None = self if self.is_item else None
        for _ in range(_LONGEST_LIST):
            if line is None or not line.is_item:
                break
            line = line.before
        return line

    def chain(self, position: int) -> tuple[Span, ...]:
        """Return the clause at `position`, then the ones it hangs on, nearest first."""
        if (known := self._chains.get(position)) is not None:
            return known
        start, end, host = self.clauses[self._index(position)]
        spans = [(start, end)]
        while host >= 0 and len(spans) < _LONGEST_CHAIN:
            start, end, host = self.clauses[host]
            spans.append((start, end))
        self._chains[position] = tuple(spans)
        return self._chains[position]

    def following(self, position: int) -> Iterator[Span]:
        """Return the clause after the one at `position`, if it hangs on it."""
        at = self._index(position)
        yield from ((start, end) for start, end, host in self.clauses[at + 1 :][:1] if host == at)

    def cues_before(self, position: int, start: int) -> list[Cue]:
        """Return the cues from `start` up to `position`, the nearest first."""
        return [cue for cue in reversed(self.cues) if start <= cue[0] and cue[1] <= position]

    def phrase(self, position: int) -> str | None:
        """Return the noun phrase that starts at `position`."""
        words: list[re.Match[str]] = []
        while (
            (word := _WORD.match(self.text, position, self.end))
            and len(words) < _LONGEST_PHRASE
            and not self.stops(word)
        ):
            if words and word[0].endswith("ed") and _PARTICIPLE.match(self.text, word.end(), self.end):
                break
            words.append(word)
            position = word.end() + 1
            if self.text[word.end() : position] not in {" ", "\u00a0", "\u202f"}:
                break
        return self.text[words[0].start() : words[-1].end()] if words else None

    def phrase_before(self, position: int, floor: int) -> str | None:
        """Return the noun phrase that ends one space before `position`, from `floor` on."""
        start = end = position
        while (word := _LAST_WORD.search(self.text, max(floor, start - 40), start)) and not self.stops(word):
            start = word.start()
        return self.text[start : end - 1] if start < end else None

    def stops(self, word: re.Match[str]) -> bool:
        """Return whether a word ends a noun phrase."""
        return word[0].lower() in _stop_words() or any(
            start == word.start() and row["role"] in _FINITE for start, _, row in self.cues
        )

    def infinitive(self, position: int) -> bool:
        """Return whether the verb at `position` hangs on "to" or on a modal before it."""
        if position not in self._infinitives:
            self._infinitives[position] = _TO.search(self.lower, max(self.start, position - 30), position) is not None
        return self._infinitives[position]

    def _is_noun(self, cue: Cue) -> bool:
        """Return whether a verb's form is a noun here: "the forecast", "a cut"."""
        if cue[2]["role"] not in {"verb", "show"} or cue[2]["frame"] == "pays":
            return False
        if not self.lower.endswith(_NOUN_ENDS, max(self.start, cue[0] - 12), max(self.start, cue[0] - 1)):
            return False  # the search is slow
        return _NOUN_BEFORE.search(self.lower, max(self.start, cue[0] - 40), cue[0]) is not None

    def _ink(self, position: int) -> int:
        """Return where the text goes on after the white space at `position`."""
        found = _INK.search(self.text, position)
        return found.start() if found else len(self.text)

    @cached_property
    def _verbs(self) -> frozenset[int]:
        return frozenset(start for start, _, row in self.cues if row["role"] in _FINITE)

    def _index(self, position: int) -> int:
        return max(bisect_right(self.clauses, position, key=itemgetter(0)) - 1, 0)

    def _cuts(self) -> Iterator[re.Match[str]]:
        """Cut at "and" only between two verbs."""
        cuts, last = list(_CUT.finditer(self.text, self.start, self.end)), self.start
        hard = [cut.start() for cut in cuts if not cut["join"]] + [self.end]
        for cut in cuts:
            if cut["join"]:
                if _IN_NAMES.search(self.text, max(last, cut.start() - 60), cut.start()) and _NAME.match(
                    self.text, cut.end()
                ):
                    continue
                following = next(place for place in hard if place > cut.start())
                if not (self._verb(last, cut.start()) and self._verb(cut.end(), following)):
                    continue
            last = cut.end()
            yield cut

    def _verb(self, start: int, end: int) -> bool:
        return any(start <= cue[0] < end and cue[2]["role"] in _FINITE for cue in self.cues)

    def _shifted(self, find: Callable[[str], list[tuple[int, int, T]]]) -> list[tuple[int, int, T]]:
        return [(self.start + start, self.start + end, row) for start, end, row in find(self._said)]

    @cached_property
    def _said(self) -> str:
        """The sentence itself: one text, whose words are kept for every table that they are sought in."""
        return self.text[self.start : min(self.end, self.start + _LONGEST)]


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(row["words"] for row in codes.table("phrase_ends"))
