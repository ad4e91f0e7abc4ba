"""Regular expressions that are compiled when they are first used: a first reading needs few of them."""

from __future__ import annotations

import re
from re import IGNORECASE, MULTILINE, Match, Pattern, escape, findall, finditer, fullmatch, match, search, split, sub
from typing import Any, cast

__all__ = [
    "IGNORECASE", "MULTILINE", "Match", "Pattern", "compile", "escape", "findall", "finditer", "fullmatch", "match", "search", "split", "sub",
]  # fmt: skip

_METHODS = ("finditer", "findall", "fullmatch", "match", "search", "split", "sub")


class _Compiled:
    """The methods of a compiled pattern, in a dictionary of their own: as fast to call as the pattern's."""


class _Waiting(_Compiled):
    """A pattern that nothing has been sought with."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._stated = pattern, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._stated)
        self.__dict__.update({method: getattr(compiled, method) for method in _METHODS})
        self.__class__ = _Compiled  # type: ignore[assignment]  # which looks nothing up
        return getattr(compiled, name)


def compile(pattern: str, flags: int = 0) -> Pattern[str]:  # noqa: A001 - as in re, whose place this module takes
    """Give a pattern that is compiled at its first search.

    >>> compile("[0-9]+").findall("25 of 40")
    ['25', '40']
    """
    return cast("Pattern[str]", _Waiting(pattern, flags))
