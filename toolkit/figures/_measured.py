"""The noun that a figure measures, and the whole that a share is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _patterns as re

if TYPE_CHECKING:
    from toolkit.figures._clauses import Cue, Line
    from toolkit.figures._figure import Finding

_OF = re.compile(r"\s+of\s+(?:(?:the|its|their|his|her|our|a|an|all|any|overall|total(?=\s+[^\W\d_]))\s+)*")
_JOIN = re.compile(" (?:of|on|in) ")
_LEVEL = re.compile(r"(?:19|20)\d\d levels?\b")
_OWNERS = ("'s", "’s", "s'", "s’")
_TOTAL = re.compile(r"\s(?:total|overall|entire|annual|combined|whole|quarterly|monthly|additional)\s")


def base(line: Line, finding: Finding) -> str | None:
    """Give the base of a share: "of global output"."""
    found = _OF.match(line.text, finding.end, line.end) if finding.quantity.unit == "%" else None
    if found is None:
        return None
    level = _LEVEL.match(line.text, found.end(), line.end)
    total = "total" if "total" in found[0] or line.text.startswith("total", found.end()) else None
    return level[0] if level else _whole(line, found.end()) or total


def _whole(line: Line, position: int) -> str | None:
    """Give the noun phrase at `position`, "total" within it: "Japan's total exports"."""
    phrase = line.phrase(position)
    if phrase and phrase.endswith(_OWNERS) and (total := _TOTAL.match(line.text, position + len(phrase), line.end)):
        rest = line.phrase(total.end())
        return phrase + total[0] + rest if rest else phrase
    return phrase


def measure(line: Line, finding: Finding, phrase: str | None) -> Cue | None:
    """Give the measuring noun in what the figure is about, else the nearest one before it in its clauses."""
    if phrase:
        for words in (_JOIN.split(phrase)[0].lower(), phrase.lower()):
            if within := [cue for cue in line.nouns if line.text[cue[0] : cue[1]].lower() in words]:
                return within[-1]
    for start, end in line.chain(finding.start):
        nouns = [cue for cue in line.nouns if start <= cue[0] and cue[1] <= min(end, finding.start)]
        if before := [cue for cue in nouns if not counted_before(line, cue)]:
            return before[-1]
    return _measure_after(line, finding)


def counted_before(line: Line, cue: Cue) -> bool:
    """Tell whether a noun is what another figure counts: "employs 200,000 people and made"."""
    return any(start <= cue[0] <= end + 1 for start, end in line.figures)


def _measure_after(line: Line, finding: Finding) -> Cue | None:
    """Give the first measuring noun between a figure and the end of its clause, or the next figure."""
    end = min([line.chain(finding.start)[0][1], *(start for start, _ in line.figures if start > finding.start)])
    return next((cue for cue in line.nouns if finding.end <= cue[0] and cue[1] <= end), None)
