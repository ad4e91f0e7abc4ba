"""Who states a figure, as far as the sentence says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.figures._clauses import Cue, Line
    from toolkit.figures._figure import Finding

_LEADING = re.compile(
    r"(?:(?:and|but|meanwhile|however|still|yet|separately|the|a|an|that|while|as|when|also|then|so|if)\b,?\s*)+",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"\s(?:also|later|earlier|previously|then|now|has|had|have|is|are|was|were|will|would|\w+ly|on \w+day)$"
)
_PEOPLE = re.compile(
    r"\b(?:sources?|officials?|analysts?|economists?|government|ministry|minister|company|spokes\w+|statement|report|data|figures|"
    r"executives?|negotiators?|diplomats?|lawmakers?|agency|bank|researchers?|experts?|industry|leaders?)\b"
)
_PRONOUN = re.compile(r"(?:he|she|it|they|we|i|you|who|which|that|this|these|there)$", re.IGNORECASE)
_NAME_END = re.compile(r"[,;:.)”\"](?=\s|$)|\s(?:that|in|on|at|during|after|when|as|and|showing|to)\s")


def speaker(line: Line, finding: Finding) -> str | None:
    """Give who says the figure: the subject of the speech verb before it, or the source named after it."""
    spoken = [cue for cue in line.cues if cue[2]["speaks"] and not line.infinitive(cue[0])]
    for cue in reversed([cue for cue in spoken if cue[1] <= finding.start]):
        if name := _source(line, cue) if cue[2]["role"] == "source" else _subject(line, cue):
            return name
    for cue in spoken:
        if cue[0] >= finding.end and cue[2]["role"] in {"source", "say"}:
            return _source(line, cue) if cue[2]["role"] == "source" else _subject(line, cue)
    return None


def _subject(line: Line, cue: Cue) -> str | None:
    """Give the noun phrase before a verb, a phrase between commas left out."""
    start, _ = next(line.chain(cue[0]))
    words = line.text[start : cue[0]].rstrip()
    if words.endswith(","):
        words = words[:-1].rpartition(",")[0] or words
    words = words.rpartition(", ")[2].strip("“”\"' ,")
    while (shorter := _TRAILING.sub("", words)) != words:
        words = shorter
    return _named(words)


def _source(line: Line, cue: Cue) -> str | None:
    """Give the noun phrase after "according to"."""
    end = _NAME_END.search(line.text, cue[1], line.end)
    return _named(line.text[cue[1] : end.start() if end else line.end].strip())


def _named(words: str) -> str | None:
    words = _LEADING.sub("", words, count=1) if _LEADING.match(words) else words
    good = words and not _PRONOUN.match(words) and (words[0].isupper() or _PEOPLE.search(words))
    return words if good else None
