"""The sentences of a text, and its boilerplate lines: share buttons, links, credits."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from toolkit import codes

if TYPE_CHECKING:
    from collections.abc import Iterator

Span = tuple[int, int]

__all__ = ["Span", "blocks", "boilerplate", "split", "text_lines"]

_LINE = re.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_END = re.compile(r"[.!?…。！？](?:(?:(?<=[.!?])[.!?]*+|(?<=\S…))[”’»\"')\]]*+(?=\s)|(?<=[。！？])[。！？]*+[」』”]*+)")
_INK = re.compile(r"\S")
_LAST_WORD = re.compile(r"(?:(?<![^\W_])[^\W\d_]\.)*[^\W\d_]++\.$")
_OPENING = " \t\u00a0\u202f\n\r“‘\"'«([—–-"
_WRAPPED = 60  # a line at least this long without a full stop may go on in the next
_SIGNATURE_WORDS = 8  # "Africa Digital News, New York"


@cache
def _stock(form: str) -> tuple[str, ...]:
    return tuple(row["words"].casefold() for row in codes.table("boilerplate") if row["form"] == form)


def text_lines(text: str) -> list[Span]:
    r"""Return the spans of the non-blank lines, without the white space around them.

    >>> text_lines("Trade fell.\n\n  Exports rose. ")
    [(0, 11), (15, 28)]
    """
    found = []
    for match in _LINE.finditer(text):
        line = match[0]
        if stripped := line.strip():
            start = match.start() + line.index(stripped[0])
            found.append((start, start + len(stripped)))
    return found


def boilerplate(text: str, lines: list[Span], outlet: str | None) -> list[Span]:
    """Return the lines that do not belong to the article: share buttons, links, repeated headlines, credits."""
    folded = [text[start:end].casefold() for start, end in lines]
    first = folded[0] if folded else ""
    stock = [_is_stock(line) or (at > 0 and _repeats(line, first)) for at, line in enumerate(folded)]
    return [line for line, is_stock in zip(lines, _signed(folded, stock, outlet), strict=True) if is_stock]


def _is_stock(line: str) -> bool:
    return line in _stock("line") or line.startswith(_stock("start"))


def _repeats(line: str, headline: str) -> bool:
    """Return whether a line repeats the headline, alone or after an agency's name."""
    agency, slash, rest = line.partition("/")
    return line == headline or (bool(slash) and agency in _stock("source") and rest == headline)


def _signed(lines: list[str], stock: list[bool], outlet: str | None) -> list[bool]:
    """Mark the last line of the text as boilerplate if it is only the outlet's name and place."""
    last = max((at for at, is_stock in enumerate(stock) if not is_stock), default=0)
    if last == 0 or lines[last][-1] in ".!?”\"’':" or len(lines[last].split()) > _SIGNATURE_WORDS:
        return stock
    named = lines[last].startswith((outlet or "\0").casefold())
    return [is_stock or (at == last and (named or any(stock[last + 1 :]))) for at, is_stock in enumerate(stock)]


def blocks(text: str, lines: list[Span], left_out: set[Span]) -> Iterator[Span]:
    """Yield spans of text, joining lines that were broken only by the width of the page."""
    block: Span | None = None
    for start, end in lines:
        if block and (start, end) not in left_out and _goes_on(text, block, start):
            block = (block[0], end)
            continue
        if block:
            yield block
        block = None if (start, end) in left_out else (start, end)
    if block:
        yield block


def _goes_on(text: str, block: Span, start: int) -> bool:
    one_break = len(_BREAK.findall(text, block[1], start)) == 1
    wide = block[1] - max(text.rfind("\n", 0, block[1]), block[0]) >= _WRAPPED
    return one_break and (text[start].islower() or (wide and text[block[1] - 1] not in '.!?:”"'))


def split(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the spans of the sentences in one block."""
    for match in _END.finditer(text, start, end):
        if start < match.end() < end and _ends(text, match):
            yield start, match.end()
            start = next(_INK.finditer(text, match.end(), end)).start()
    yield start, end


def _ends(text: str, match: re.Match[str]) -> bool:
    """Return whether a full stop ends a sentence, judged by the words before and after it."""
    following = text[match.end() : match.end() + 40].lstrip(_OPENING)
    if not following or following[0].islower():
        return False
    word = _LAST_WORD.search(text, max(0, match.start() - 20), match.start() + 1) if match[0] == "." else None
    joined = text[max(0, match.start() - 2)] == "&"  # c&f., R&D.
    if word and text[max(0, word.start() - 1)].isdigit() and len(word[0]) > len("m"):  # $1.5bn. Then
        return True
    initials = word is not None and not joined and ("." in word[0][:-1] or word[0] == word[0][:1] + ".")
    ends = "may_end" if initials else _edge_words().get(word[0][:-1], "yes") if word else "yes"
    if ends != "may_end":
        return ends == "yes"
    return _edge_words().get(following.split(maxsplit=1)[0]) == "starts"


@cache
def _edge_words() -> dict[str, str]:
    return {row["word"]: row["role"] for row in codes.table("sentence_edges")}
