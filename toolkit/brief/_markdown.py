"""A finished brief in Markdown: the author's own file, its empty spans filled in, with notes, sources and annex behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.brief import _backmatter
from toolkit.brief._backmatter import ANNEX, SOURCES
from toolkit.brief._source import METADATA
from toolkit.brief._sources import entries, note
from toolkit.brief._styles import ends_hedged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.brief._cited import Cited
    from toolkit.brief._source import Brief, Span
    from toolkit.registry import Registry

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+.!|<>~^$@&\"'-])")
_UNNOTED = re.compile(r"^(?:#+\s|\[\^[^\]]+\]:)|^[^\n]*\n(?:=+|-+)\s*$", re.MULTILINE)  # headings and notes


def document(brief: Brief, cited: dict[str, Cited], registry: Registry) -> bytes:
    """Give the finished text."""
    if not cited:
        return brief.source.encode()
    noted: dict[str, str] = {}
    parts, reached = [], 0
    for span in brief.spans:
        parts += [brief.source[reached : span.start], _filled(brief, span, cited[span.figure])]
        if span.figure not in noted and not _unnoted(brief.source, span.start):
            noted[span.figure] = f"fig-{len(noted) + 1}"
            parts.append(f"[^{noted[span.figure]}]")
        reached = span.end
    text = "".join([*parts, brief.source[reached:]]).rstrip()
    return "\n\n".join([text, *_back(cited, noted, registry)]).encode() + b"\n"


def escaped(words: str) -> str:
    r"""Give `words` so that Markdown prints them as they stand.

    >>> print(escaped("1. A *b*"))
    1\. A \*b\*
    """
    return _MARKUP.sub(r"\\\1", words)


def filled(source: str, span: Span, words: str) -> str:
    """Give a span's source with `words` in its brackets."""
    whole = source[span.start : span.end]
    return f"[{escaped(words) if '[' in words else words}{whole[whole.rindex(']{') :]}"


def _filled(brief: Brief, span: Span, cited: Cited) -> str:
    whole = brief.source[span.start : span.end]
    hedged = not ends_hedged(brief.source[: span.start])
    return filled(brief.source, span, cited.show(span.style, hedged=hedged)) if whole.startswith("[]") else whole


def _unnoted(source: str, at: int) -> bool:
    """Tell whether a note would be nested in a heading or another note, or stand in the metadata."""
    head = METADATA.match(source)
    if head and at < head.end():
        return True
    first = source.rfind("\n", 0, at) + 1
    last = source.find("\n", at)
    following = source.find("\n", last + 1)
    line = source[first : following if following > 0 else len(source)]
    return _UNNOTED.match(line) is not None


def _back(cited: dict[str, Cited], noted: dict[str, str], registry: Registry) -> Iterator[str]:
    for figure, label in noted.items():
        yield f"[^{label}]: {escaped(note(cited[figure]))}"
    yield f"# {SOURCES}"
    for entry in entries((record for each in cited.values() for record in each.records), registry):
        yield f"{escaped(entry.text)} <{entry.url}>" if entry.url else escaped(entry.text)
    yield f"# {ANNEX}"
    lines = [("Key", "Figure", "What it is", "From"), *_backmatter.rows(cited.values())]
    table = [f"| {' | '.join(map(escaped, line))} |" for line in lines]
    yield "\n".join([table[0], "|:--|--:|:--|:--|", *table[1:]])
