"""What the sentence says about a figure: of what, whose, when, how firm, and who says so."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.figures._clauses import Line
from toolkit.figures._figure import Figure, Finding
from toolkit.figures._speaker import speaker
from toolkit.quantity import Basis, is_currency

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.article import Sentence
    from toolkit.figures._clauses import Cue

_LONGEST = 1500  # characters; what is longer is no sentence, and is not read as one
_OF = re.compile(r"\s+of\s+(?:(?:the|its|their|his|her|a|an|all|total|[\w.]+['’]s?)\s+)*")
_ON = re.compile(r"\s(?:on|of)\s(?:(?:the|all|its|imported)\s)?")
_BEFORE_NOUN = re.compile(r"[\s-]*(?:(?:worth of|worth|of|in)\s)?(?:[\w'’&.-]+\s){0,3}$")
_NOT_WHEN = re.compile(
    r"\b(?:since|than|from|before|after|until|till|with|to|against|over|versus|vs\.?)\s(?:the\s)?$", re.IGNORECASE
)
_WHEN = re.compile(r"^[\s,(]*(?:(?:in|for|during|by|of|at|on|the|end|late|early|mid|fiscal|as)[\s-]){0,4}$")
_NEAR = 25  # characters between a figure and the noun that says how firm it is: "$550 billion investment pledge"
_BY = re.compile(
    r"\b(?:by|up|down|rose|fell|grew|gained|lost|dropped|declined|climbed|jumped|surged|slumped|shrank|slipped|contracted|expanded|increased|"
    r"decreased|plunged|soared|tumbled)\s(?:by\s)?(?:a\s)?(?:further\s)?$",
    re.IGNORECASE,
)


def fill(
    text: str, sentences: Sequence[Sentence], findings: Iterable[Finding], date: str | None = None
) -> list[Figure]:
    """Give the figures of `findings` with what their sentences say about them.

    What is not certain stays empty. `date` is the article's own, to resolve "last year".
    """
    figures, parts = [], iter(sentences)
    sentence, line = next(parts, None), None
    for finding in findings:
        while sentence and sentence.end <= finding.start:
            sentence = next(parts, None)
        if sentence is None or finding.start < sentence.start or sentence.end - sentence.start > _LONGEST:
            figures.append(_bare(text, finding))
            continue
        if line is None or line.start != sentence.start:
            line = Line(text, sentence.start, sentence.end, date)
        figures.append(_figure(line, finding))
    return figures


def _bare(text: str, finding: Finding) -> Figure:
    return Figure(
        finding.quantity, finding.start, finding.end, text[finding.start : finding.end], finding.kind, finding.context
    )


def _figure(line: Line, finding: Finding) -> Figure:
    status, measure, base = _status(line, finding), _measure(line, finding), _base(line, finding)
    quantity = replace(finding.quantity, of=finding.quantity.of or base, basis=_basis(finding, measure, status))
    return replace(
        _bare(line.text, finding),
        quantity=quantity,
        kind=_kind(line, finding),
        about=_about(line, finding, measure) if measure else None,
        economies=_economies(line, finding, base),
        products=_products(line, finding),
        period=_period(line, finding),
        status=status,
        speaker=speaker(line, finding),
    )


def _base(line: Line, finding: Finding) -> str | None:
    """Give the base of a share: "of global output"."""
    found = _OF.match(line.text, finding.end, line.end) if finding.quantity.unit == "%" else None
    return line.phrase(found.end()) if found else None


def _measure(line: Line, finding: Finding) -> Cue | None:
    """Give the noun that the figure measures: the one it stands before, else the nearest before it."""
    after = next((cue for cue in line.measures if cue[0] >= finding.end), None)
    if after and _OF.match(line.text, finding.end, line.end):
        after = None  # the base of a share is not what it measures
    if after and _BEFORE_NOUN.fullmatch(line.text, finding.end, after[0]):
        return after
    for start, end in line.chain(finding.start):
        if within := [cue for cue in line.measures if start <= cue[0] and cue[1] <= min(end, finding.start)]:
            return within[-1]
    start, end = next(line.chain(finding.start))
    return after if after and after[1] <= end else None


def _about(line: Line, finding: Finding, measure: Cue) -> str:
    """Give the noun with the words that belong to it: "defence spending", "tariff on cars"."""
    start, end, _ = measure
    taken = {hit[0] for hit in line.economies}
    while (word := line.word_before(start)) and word.start() >= finding.end * (start >= finding.end):
        if line.stops(word) or word.start() in taken:
            break
        start = word.start()
    if (found := _ON.match(line.text, end, line.end)) and (noun := line.phrase(found.end())):
        end = found.end() + len(noun)
    return line.text[start:end]


def _economies(line: Line, finding: Finding, base: str | None) -> tuple[str, ...]:
    """Give the economies of the figure's clause, else of the clauses it hangs on."""
    based = range(finding.end, finding.end + len(base) + 20 if base else finding.end)
    for start, end in line.chain(finding.start):
        hits = [code for at, _, code in line.economies if start <= at < end and at not in based]
        if hits := [code for code in hits if code != "WLD"]:
            return tuple(dict.fromkeys(hits))
    return ()


def _products(line: Line, finding: Finding) -> tuple[str, ...]:
    """Give the products of the figure's clause, of those it hangs on, or of the one that follows it."""
    spans = [*line.chain(finding.start), *line.following(finding.start)]
    for start, end in spans:
        if hits := [code for at, _, found in line.products if start <= at < end for code in found]:
            return tuple(dict.fromkeys(hits))
    return ()


def _period(line: Line, finding: Finding) -> str | None:
    """Give the date that stands with the figure, else the one that opens its clause."""
    dates = [
        date for date in line.dates if not _NOT_WHEN.search(line.text, max(line.start, date.start - 12), date.start)
    ]
    for date in dates:
        if date.start >= finding.end and _WHEN.match(line.text[finding.end : date.start]):
            return date.period
    return None


def _status(line: Line, finding: Finding) -> str:
    """Tell how firm the figure is: by a noun beside it, else by the verb that governs it."""
    if "estimated" in line.text[finding.start : finding.end].lower():
        return "estimated"
    for start, end, row in line.cues:
        if row["role"] == "noun" and (finding.end <= start <= finding.end + _NEAR or 0 <= finding.start - end <= 1):
            return row["meaning"]
    for start, end in line.chain(finding.start):
        before = [cue for cue in line.cues if start <= cue[0] and cue[1] <= min(end, finding.start)]
        if firm := _governing(line, before):
            return firm
    return "reported"


def _governing(line: Line, cues: list[Cue]) -> str | None:
    """Read the verbs before a figure from the nearest on: a modal waits for what it hangs on."""
    waiting = None
    for said in ("estimated", "denied"):
        if any(
            row["meaning"] == said and row["role"] == "verb" and not line.infinitive(start) for start, _, row in cues
        ):
            return said
    for start, _, row in reversed(cues):
        if row["role"] == "modal":
            waiting = waiting or row["meaning"]
        elif row["role"] == "verb" and not line.infinitive(start):
            return waiting or row["meaning"] if row["meaning"] in {"reported", "expected"} else row["meaning"]
    return waiting


def _basis(finding: Finding, measure: Cue | None, status: str) -> Basis:
    unit = finding.quantity.unit
    if finding.quantity.basis is not Basis.UNKNOWN or unit in {"x", "day", "month", "year"} or "/" in unit:
        return finding.quantity.basis
    if unit in {"%", "pp"}:
        return Basis.RATE  # a number per hundred, whatever of
    if status == "pledged" and is_currency(unit):
        return Basis.COMMITMENT
    stated = Basis(measure[2]["basis"]) if measure else Basis.UNKNOWN
    return Basis.UNKNOWN if stated in {Basis.RATE, Basis.INDEX} else stated


def _kind(line: Line, finding: Finding) -> str:
    """Tell a change from a share, and a price from a sum."""
    if finding.kind == "money" and "/" in finding.quantity.unit:
        return "price"
    moved = _BY.search(line.text, line.start, finding.start)
    return "change" if finding.kind == "percent" and moved else finding.kind
