"""Patterns that are compiled when first used, and the words one of which every match of a pattern holds."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, cached_property
from re import IGNORECASE, MULTILINE, Match, escape, findall, finditer, fullmatch, match, search, split, sub
from typing import TYPE_CHECKING, Any, AnyStr, Generic

from toolkit.codes import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = [
    "IGNORECASE", "MULTILINE", "Match", "Pattern", "compile", "escape", "findall", "finditer", "fullmatch", "match",
    "needed_words", "search", "split", "sub",
]  # fmt: skip

_METHODS = ("finditer", "findall", "fullmatch", "match", "search", "split", "sub")
# In a form of a pattern's matches: anything at all, and the edge of a word.
_ANYTHING, _EDGE, _SPACE = "\0", "\1", " "
_BOUNDS = (_EDGE, _SPACE)
_WHOLE = re.compile(rf"(?<=[{_EDGE}{_SPACE}])[^\W_]{{2,}}(?=[{_EDGE}{_SPACE}])")
_MOST = 4_000  # forms


class Pattern(Generic[AnyStr]):
    """A compiled pattern; its methods lie in its own dictionary and are as fast to call as those of `re`."""

    pattern: str
    flags: int
    finditer: Callable[..., Iterator[Match[str]]]
    findall: Callable[..., list[Any]]
    fullmatch: Callable[..., Match[str] | None]
    match: Callable[..., Match[str] | None]
    search: Callable[..., Match[str] | None]
    split: Callable[..., list[Any]]
    sub: Callable[..., str]

    @cached_property
    def words(self) -> frozenset[str] | None:
        """Words, in small letters, one of which every match holds; None if that cannot be told."""
        return needed_words(self.pattern, self.flags)


class _Waiting(Pattern[AnyStr]):
    """A pattern that nothing has been sought with."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self.pattern, self.flags)
        self.__dict__.update({method: getattr(compiled, method) for method in _METHODS})
        self.__class__ = Pattern  # type: ignore[assignment]  # which looks nothing up
        return getattr(compiled, name)


def compile(pattern: str, flags: int = 0) -> Pattern[str]:  # noqa: A001 - as in re, whose place this module takes
    """Return a pattern that is compiled at its first search.

    >>> compile("[0-9]+").findall("25 of 40")
    ['25', '40']
    """
    return _Waiting(pattern, flags)


def needed_words(pattern: str, flags: int = 0) -> frozenset[str] | None:
    r"""Return words, in small letters, one of which every match of `pattern` holds; None if that cannot be told.

    A text without them need not be searched, if the search ends at no place within a word.

    >>> sorted(needed_words(r"\b(?:bears?|is subject to)\s\d"))
    ['bear', 'bears', 'subject']
    >>> needed_words(r"\bexport") is None  # "exporters"
    True
    """
    try:
        # Private to the standard library since 3.11; the tests draw strings of every pattern to guard its use.
        forms = _forms(re._parser.parse(pattern, flags))  # type: ignore[attr-defined]  # noqa: SLF001
    except OverflowError:
        return None
    whole = dict.fromkeys(tuple(_WHOLE.findall(form)) for form in forms)
    return _fewest(list(whole)) if () not in whole else None


def _fewest(forms: list[tuple[str, ...]]) -> frozenset[str]:
    """Return few words, and such as few sentences have, of which every form has one."""
    counts = Counter(word for words in forms for word in set(words) - _common())
    chosen: set[str] = set()
    for words in sorted(forms, key=len):  # where a form has one word there is no choice
        if chosen.isdisjoint(words):
            chosen.add(max(words, key=lambda word: (counts[word], len(word))))
    return frozenset(chosen)


@cache
def _common() -> frozenset[str]:
    return frozenset(row["words"] for row in table("empty_words"))


def _forms(parsed: Iterable[tuple[Any, Any]]) -> list[str]:
    """Return the forms that matches can take, as far as their words are concerned."""
    forms, shared = [""], ""
    for kind, of in parsed:
        read = _READ.get(kind.name)
        parts = read(of) if read else [_ANYTHING]
        if len(parts) == 1:
            shared += parts[0]
            continue
        # Between words, whole words that may be left out add nothing that is needed.
        between = [part for part in parts if not part.endswith(_BOUNDS)] if "" in parts else parts
        so_far = [form + shared for form in forms]
        longer = (form + part for form in so_far for part in (between if form.endswith(_BOUNDS) else parts))
        forms, shared = list(dict.fromkeys(longer)), ""
        if len(forms) > _MOST:
            raise OverflowError
    return [form + shared for form in forms]


def _character(code: int) -> str:
    letter = chr(code).lower()
    return letter if letter.isalnum() else _ANYTHING if letter == "_" else _SPACE


def _of_set(members: list[tuple[Any, Any]]) -> list[str]:
    """Return one form a member, if all are letters, signs or white space."""
    found = [
        _character(of) if kind.name == "LITERAL" else _SPACE if str(of) == "CATEGORY_SPACE" else _ANYTHING
        for kind, of in members
    ]
    return [_ANYTHING] if _ANYTHING in found else list(dict.fromkeys(found))


def _of_repeat(of: tuple[int, int, Any]) -> list[str]:
    """Return the forms of what stands none, one or several times; of several, the edges of what lies between."""
    least, most, repeated = of
    once = _forms(repeated)
    first = _SPACE if all(form.startswith(_BOUNDS) for form in once) else ""
    last = _SPACE if all(form.endswith(_BOUNDS) for form in once) else ""
    more = [f"{first}{_ANYTHING}{last}"] if most > 1 else []
    if least:
        return once + [form + part for form in once for part in more]
    return ["", *(more or once)]


_READ: dict[str, Callable[[Any], list[str]]] = {
    "LITERAL": lambda code: [_character(code)],
    "IN": _of_set,
    "BRANCH": lambda of: [form for branch in of[1] for form in _forms(branch)],
    "SUBPATTERN": lambda of: _forms(of[3]),
    "ATOMIC_GROUP": _forms,
    "MAX_REPEAT": _of_repeat,
    "MIN_REPEAT": _of_repeat,
    "POSSESSIVE_REPEAT": _of_repeat,
    "AT": lambda place: [_EDGE if str(place) in {"AT_BOUNDARY", "AT_BEGINNING"} else ""],
    "ASSERT": lambda _: [""],
    "ASSERT_NOT": lambda _: [""],
}
