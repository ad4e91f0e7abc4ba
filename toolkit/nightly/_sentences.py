"""The sentences of a brief that a figure's move touches, and what the author is to do with each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.errors import ToolkitError
from toolkit.nightly._items import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolkit.brief import Brief, Change, Verdict
    from toolkit.nightly._held import Held

_SPAN = re.compile(r"\[([^\[\]]*)\]\{[^{}]*\}")
_BLOCK_END = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+]|\d+[.)])[ \t])")
_MARKS = re.compile(r"^(?:#+|[-*+]|\d+[.)]|>)\s+|\[\^[^\]]*\]|<!--.*?-->|\*\*|__", re.DOTALL)
_MOST = 160  # characters shown on either side of the number
_EDGE = "\0"  # stands where the number was, so that a space beside it is kept


def touched(path: Path, name: str, verdicts: list[Verdict], held: Held) -> tuple[Sentence, ...]:
    """Give the sentences of a brief in which a number has moved, is gone, or stands on a report that fails."""
    from toolkit import brief as press

    moved = held.moved()
    found = [each for each in verdicts if _touches(each, moved, held.stale)]
    if not found:
        return ()
    read = press.parse(path)
    changes = {each.start: each for each in press.changes(path, held.registry)}
    return tuple(_sentence(each, changes.get(each.start), read, name, held) for each in found)


def _touches(verdict: Verdict, moved: dict[str, str], stale: dict[str, str]) -> bool:
    keys = _keys(verdict)
    overtaken = any(moved.get(key) in {"changed", "gone", "redefined"} for key in keys)
    return verdict.verdict == "stale" or overtaken or any(key in stale for key in keys)


def _keys(verdict: Verdict) -> tuple[str, ...]:
    return tuple((verdict.key or "").split()[::2])


def _sentence(verdict: Verdict, change: Change | None, read: Brief, name: str, held: Held) -> Sentence:
    start, end = _bounds(read.source, verdict.start, verdict.end)
    filled = dict(_filled(read, held, (start, end)))
    old = filled.get(verdict.start) or plain(verdict.text)
    state, new, note = _told(verdict, change, held)
    if state == "filled" and change:
        before = _shown(read, verdict.start, held, past=True)
        old, new = before or old, filled.get(verdict.start, "")
    return Sentence(
        brief=name,
        line=read.source.count("\n", 0, verdict.start) + 1,
        keys=_keys(verdict),
        before=_cut(plain(read.source[start : verdict.start] + _EDGE, filled, start)[:-1], -_MOST),
        old=old,
        after=_cut(plain(_EDGE + read.source[verdict.end : end], filled, verdict.end - 1)[1:], _MOST),
        new=new,
        state=state,
        note=note,
    )


def _told(verdict: Verdict, change: Change | None, held: Held) -> tuple[str, str, str]:
    """Say what the author is to do, what belongs there, and why."""
    if verdict.verdict == "unknown_key":
        return "gone", "", verdict.reason
    if change and change.new:
        return "change", plain(change.new), verdict.reason
    if change and verdict.verdict != "stale":
        return "filled", "", "the build writes this number; read the words beside it again"
    if verdict.is_flagged:
        note = (
            verdict.reason
            if change is None
            else f"{verdict.reason}; {change.reason}".removesuffix(f"; {verdict.reason}")
        )
        return "look", verdict.expected or "", note
    return _stands(verdict, held)


def _stands(verdict: Verdict, held: Held) -> tuple[str, str, str]:
    """Say the same of a number that is right as it is written."""
    moved, keys = held.moved(), _keys(verdict)
    if anew := [key for key in keys if moved.get(key) == "redefined"]:
        return "reread", verdict.expected or "", f"{', '.join(anew)} now means something else; read the words again"
    if since := next((held.stale[key] for key in keys if key in held.stale), ""):
        return "aged", "", f"the report behind it fails since {since}; this is the number of its last good run"
    return "holds", verdict.expected or "", "right as it is written"


def _bounds(source: str, start: int, end: int) -> tuple[int, int]:
    """Give the sentence, or the row of a table, in which a number stands."""
    from toolkit.article import Article

    line = source.rfind("\n", 0, start) + 1
    if source[line:start].lstrip().startswith("|"):
        return line, source.find("\n", end) if "\n" in source[end:] else len(source)
    opening = max((match.end() for match in _BLOCK_END.finditer(source, 0, start)), default=0)
    closing = _BLOCK_END.search(source, end)
    last = closing.start() if closing else len(source)
    spans = [(each.start + opening, each.end + opening) for each in Article(source[opening:last]).sentences()]
    around = [span for span in spans if span[0] < end and span[1] > start]
    return (around[0][0], around[-1][1]) if around else (opening, last)


def _filled(read: Brief, held: Held, within: tuple[int, int]) -> Iterator[tuple[int, str]]:
    """Give what stands in each cited span of a sentence, what the build fills in included."""
    for span in read.spans:
        if within[0] <= span.start < within[1]:
            text = read.source[span.start : span.end]
            yield span.start, _SPAN.sub(r"\1", text) or _shown(read, span.start, held)


def _shown(read: Brief, start: int, held: Held, *, past: bool = False) -> str:
    from toolkit import brief as press

    span = next((each for each in read.spans if each.start == start), None)
    figures = held.registry.back(1) if past else held.registry
    try:
        return press.evaluate(span.figure, figures).show(span.style) if span and figures else ""
    except ToolkitError:
        return "…"


def plain(text: str, filled: dict[int, str] | None = None, start: int = 0) -> str:
    """Give source text as readers see it: what is cited without its key, no marks; `filled` by its place there.

    >>> plain("- Imports were **[US$146 billion]{fig=us-imports-jp-2025}** in all")
    'Imports were US$146 billion in all'
    """
    whole = _SPAN.sub(lambda match: (filled or {}).get(start + match.start(), match[1]), text)
    words = " ".join(_MARKS.sub("", whole).split())
    return words.removeprefix("|").removesuffix("|").strip()


def _cut(text: str, most: int) -> str:
    """Keep the `most` characters beside the number."""
    if len(text) <= abs(most):
        return text
    return "… " + text[most:].partition(" ")[2] if most < 0 else text[:most].rpartition(" ")[0] + " …"
