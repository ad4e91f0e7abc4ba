"""A text cut into the stretches that are read at once: sentences of lines, wrapped lines joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _patterns as re

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.figures._figure import Span

_LONGEST = 4000  # characters; a longer line is cut where a sentence or a word ends
_END = re.compile(r"[.!?] (?=[A-Z\"\u201c])(?:(?<=[a-z]{5}..)(?<!pprox..)|(?<=[0-9%)]..))")
_WRAPPED = 60  # a line this long without an end mark goes on in the next


def stretches(text: str) -> Iterator[Span]:
    """Give the sentences of lines, wrapped lines joined, long ones cut; an empty line is an empty span."""
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
    """Give the sentences of a line, by ends that no abbreviation has; nothing but blanks is an empty span."""
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
    return (
        end - line >= _WRAPPED
        and text[end - 1 : end] not in ".!?:;"
        and text[end : end + 1] == "\n"
        and not text[end + 1 : end + 2].isspace()
    )


def _cut(text: str, start: int) -> int:
    """Give where a long line may be cut: after a sentence, or a word."""
    end = start + _LONGEST
    for mark in (". ", "。", " "):
        if (place := text.rfind(mark, start + _LONGEST // 2, end)) > 0:
            return place + 1
    return end
