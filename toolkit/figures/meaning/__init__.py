"""What the sentence says about a figure: of what, whose, when, how firm, and who says so."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.codes import patterns as re
from toolkit.figures.figure import Figure, LocatedQuantity
from toolkit.figures.meaning.about import about
from toolkit.figures.meaning.clauses import Line, Story
from toolkit.figures.meaning.goods import base, measure, products
from toolkit.figures.meaning.periods import is_day, period
from toolkit.figures.meaning.roles import imposer, imposers, nearest, topic
from toolkit.figures.meaning.roles import mentions as roles_of
from toolkit.figures.meaning.speaker import speaker
from toolkit.figures.meaning.status import status
from toolkit.figures.meaning.when import (
    When,
    earlier,
    first_reading,
    going_on,
    is_backdrop,
    looking_forward,
    of_the_lead,
    of_the_outlook,
    of_the_session,
    restated,
    strayed,
)
from toolkit.figures.meaning.whose import economies
from toolkit.figures.numbers.tables import STATUS_WORDS, WEIGHTS
from toolkit.quantity import Basis, is_currency

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from toolkit.article import Sentence
    from toolkit.figures.meaning.clauses import Cue

__all__ = ["bare", "fill"]

_LONGEST = 1500  # characters; what is longer is no sentence, and is not read as one
_MOST = 40  # figures; what holds more is a table, whatever its end mark
_NO_BASIS = {"x", "day", "month", "year", "km", "m", "W", "V"}
_NEAR = 6  # figures
_FAR = 4  # sentences over which a report of the past goes on
_ASIDE = re.compile(r"\s?(?:which|who|whose|where)\s")
_ROW = re.compile(r"\w+ed,?\s(?:and\s)?$")
_ROW_ENDS = re.compile(r"\s\w+ed\b")
_BASE = re.compile(
    r"\b(?:from|against|versus|than|over(?= the)|compared (?:with|to))\s(?:(?:a|an|the|about|around|some|just|initial)\s)*$"
)
_FOLLOWED = re.compile(
    r"\b(?:[Ff]ollow(?:ed|s|ing)|after|compares? with)\s(?:(?:a|an|the|upwardly|downwardly|revised)\s)*$"
)
_LET = re.compile(r"\b(?:let|lets|letting|make|makes|help|helps)\s(?:\w+\s){1,3}$")
_AT_END = re.compile(r"\s(?:at|as of|by) (?:the )?end(?: of|-)")
_FRAMES = {"flow": Basis.FLOW, "stock": Basis.STOCK, "cumulative": Basis.CUMULATIVE, "pays": Basis.COMMITMENT}
_LIFT = re.compile(r"\b(?:lift|raise|double|expand|increase|boost|grow|bring)\s[^,;]{3,50}\sto\s$")
_OURS = re.compile(r"\b(?:[Ww]e|[Oo]urs?|us)\b")
# words that mean the other side of a figure without naming it
_OTHER_SIDE = re.compile(
    r"\b(?:bilateral(?! (?:deal|talks|pact))|two-way|mutual|[Tt]he two\s\w+|their trade|(?:to|from|with|into)\s(?:it|them|the\s(?:[\w-]+\s)?(?:nation|country|bloc|kingdom|neighbour)))\b"
)
_DUTY = re.compile(
    r"\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|rates?|pays?|fac(?:e|es|ed)|bears?|incurs?|charged)\b", re.IGNORECASE
)
_PER_TIME = re.compile(r"/(?:year|quarter|month|week|d|day)$")
_AND = re.compile(
    r"(?:\s(?:in|for)\s[\w\s]{3,14})?,?\s(?:and|but|after|against|versus|then)\s(?:(?:about|only|just)\s)?"
)
_MOVED = re.compile(
    r"\b(?:by|up|down|rose|risen|rise|fell|fallen|fall|grew|grown|grow|gained|gain|lost|dropped|drop|declined|decline|climbed|jumped|surged|slumped|shrank|"
    r"shrink|slipped|contracted|expanded|expand|increased|increase|decreased|plunged|soared|tumbled|widened|narrowed|slid|eased|edged(?: up| down)?|dipped|leapt|leaped|sank|ticked (?:up|down)|inched (?:up|down)|crept up|advanced|retreated|rebounded|bounced|swelled|shed|ballooned|rocketed|skyrocketed|spiked|collapsed|crashed|nosedived|plummeted|weakened|strengthened|firmed|softened|rallied|cooled|slowed|recovered|improved|worsened|lost|dip|climb|(?:reduction|increase|rise|drop|decline|decrease|gain|cut|fall|jump) of)\s"
    r"(?:by\s)?(?:a\s)?(?:further\s)?(?:an average of\s)?$"
)
_MOVING = re.compile(
    r"[\s-](?:year-on-year\s)?(?:higher|lower|above|below|rise|fall|gain|drop|increase|decrease|decline|jump|growth|cut|reduction|contraction|plunge|surge|(?:more|less|fewer) than|dearer|cheaper)\b",
    re.IGNORECASE,
)


def fill(
    text: str, sentences: Sequence[Sentence], findings: Iterable[LocatedQuantity], date: str | None = None
) -> list[Figure]:
    """Return the figures of `findings` with what their sentences say about them.

    What is not certain stays empty. `date` is the article's own, to resolve "last year".
    """
    found, index = list(findings), 0
    money = Counter(one.quantity.unit[:3] for one in found if one.kind in {"money", "price"})
    story, figures = Story(text, sentences, [(one.start, one.end) for one in found], date, money), list[Figure]()
    story.topic = topic(story)
    for finding in found:
        while index < len(sentences) and sentences[index].end <= finding.start:
            index += 1
        inside = index < len(sentences) and sentences[index].start <= finding.start
        if (
            not inside
            or sentences[index].end - sentences[index].start > _LONGEST
            or len(story.line(index).figures) > _MOST
        ):
            figures.append(bare(text, finding))
            continue
        figures.append(_figure(story.line(index), finding, figures))
    return _agreed(story, found, figures)


def _agreed(story: Story, findings: Sequence[LocatedQuantity], figures: Sequence[Figure]) -> list[Figure]:
    """Leave empty whose a figure is, unless two readings agree and nothing that they rest on is itself in doubt."""
    settled, index = list[Figure](), 0
    previous: tuple[str, ...] = ()
    for finding, figure in zip(findings, figures, strict=True):
        while index < len(story.sentences) and story.sentences[index].end <= finding.start:
            index += 1
        if figure.status is None or index == len(story.sentences):
            settled.append(figure)
            continue
        line = story.line(index)
        previous = tuple(sorted(nearest(line, finding, previous)))
        if previous == tuple(sorted(figure.economies)) and not _doubtful(line, figure, settled):
            settled.append(figure)
        else:
            both = dict.fromkeys(" ".join(each) for each in (figure.economies, previous) if each)
            settled.append(replace(figure, economies=(), candidates=tuple(("economies", each) for each in both)))
    return settled


def _doubtful(line: Line, figure: Figure, settled: Sequence[Figure]) -> bool:
    """Return whether what both readings rest on is in doubt: the text's topic, the figure before, or an unnamed side."""
    code, plain = line.story.topic
    named = {one.code for one in roles_of(line)}
    if not plain and not set(figure.economies) <= named:
        return True
    if line.story.is_talk and _OURS.search(line.text, line.start, line.end):
        return True
    last = settled[-1] if settled and settled[-1].start >= line.start else None
    beside = any((last.end if last else line.start) <= one.start < figure.start for one in roles_of(line))
    if last and last.candidates and not beside:
        return True
    alone = len(figure.economies) == 1
    if alone and _OTHER_SIDE.search(line.text, *line.chain(figure.start)[0]):
        return True
    if figure.kind == "percent" and not figure.quantity.of and _DUTY.search(line.text, line.start, line.end):
        imposing = imposers(line) if alone else {imposer(line)} - {None} or {*figure.economies}
        return imposing.isdisjoint(figure.economies)
    return alone and (figure.status, figure.kind) == ("pledged", "money") and figure.economies[0] != code


def bare(text: str, finding: LocatedQuantity) -> Figure:
    """Return a figure with nothing of what its sentence says about it."""
    start, end = finding.start, finding.end
    return Figure(finding.quantity, start, end, text[start:end], finding.kind, finding.context)


def _figure(line: Line, finding: LocatedQuantity, before: Sequence[Figure]) -> Figure:
    near = before[-_NEAR:]
    last = near[-1] if near and near[-1].start >= line.floor else None
    phrase, said_by = about(line, finding, last), speaker(line, finding)
    firm = _firm(line, finding, last, said_by)
    noun = measure(line, finding, phrase)
    whose = economies(line, finding, noun, said_by, near)
    quantity = finding.quantity
    of = quantity.of or base(line, finding) or _same_whole(line, finding, last)
    basis = _basis(line, finding, phrase, noun, firm)
    if basis is Basis.UNKNOWN and last and last.quantity.unit == quantity.unit and phrase == last.about:
        basis = last.quantity.basis  # "they stood at $338m"
    when = _when(line, finding, before, noun, whose, firm).period
    if basis is Basis.UNKNOWN and _is_made(line, firm) and _runs(line, finding, noun, when):
        basis = Basis.FLOW
    if of is not quantity.of or basis is not quantity.basis:
        quantity = replace(quantity, of=of, basis=basis)
    start, end = finding.start, finding.end
    return Figure(
        quantity,
        start,
        end,
        line.text[start:end],
        _kind(line, finding, last),
        finding.context,
        about=phrase,
        economies=whose,
        products=products(line, finding, phrase, noun, last),
        period=when,
        status=firm,
        speaker=said_by,
    )


def _when(
    line: Line, finding: LocatedQuantity, before: Sequence[Figure], noun: Cue | None, whose: tuple[str, ...], firm: str
) -> When:
    """Return the period and its rule: of its own words, of the figure that it is compared with, else of what the text goes on telling."""
    if settled := first_reading(line, finding, before, whose):
        return settled
    kind = noun[2]["whose"] if noun else ""
    far, duty = kind == "nation", finding.quantity.unit == "%" and kind == "tariff"
    floor, near = line.story.sentences[max(line.index - (_FAR if far else 1), 0)].start, before[-_NEAR:]
    told = next((one for one in reversed(near) if one.start >= floor and _tells_when(line, one)), None)
    if told and told.kind == "percent" and kind == "market":
        told = None  # a price does not go on with a share
    if told and strayed(line, told, before):
        told = None
    told_of = firm == "reported" and (far or kind == "firm") and not duty
    readings: tuple[tuple[str, Callable[[], str | None]], ...] = (
        ("earlier than the figure before it", lambda: earlier(line, finding, before)),
        ("the figure it restates", lambda: restated(line, finding, before[-1] if before else None)),
        ("the year of an outlook", lambda: of_the_outlook(line, finding, firm)),
        (
            "the date of its sentence",
            lambda: looking_forward(line, finding, period(line, finding, whose, told, lasting=duty)),
        ),
        ("the heading", lambda: _as_headed(line, noun) if firm == "reported" else None),
        ("the session", lambda: of_the_session(line, finding) if firm == "reported" else None),
        ("the lead", lambda: of_the_lead(line, finding, before) if told_of else None),
        ("the sentences before it", lambda: going_on(line, finding, before) if told_of else None),
    )
    return next((When(found, rule) for rule, read in readings if (found := read())), When(None, ""))


def _is_made(line: Line, firm: str) -> bool:
    """Return whether a sum is one that was made, or is expected to be made: not one that is needed."""
    return firm == "reported" or (firm == "expected" and not line.has(STATUS_WORDS["needed"].keys()))


def _runs(line: Line, finding: LocatedQuantity, noun: Cue | None, when: str | None) -> bool:
    """Return whether a sum was made over a month or more: a flow, unless it is a price or stands at an end."""
    priced = noun is not None and noun[2]["whose"] in {"market", "tariff"}
    whole = when is not None and not is_day(when) and "/" not in finding.quantity.unit
    made = finding.kind == "money" or (finding.quantity.unit in WEIGHTS and not line.has(STATUS_WORDS["kept"].keys()))
    return made and whole and not priced and not _AT_END.match(line.text, finding.end, line.end)


def _firm(line: Line, finding: LocatedQuantity, last: Figure | None, said_by: str | None) -> str:
    """Return the status, of a figure in a row that of the first: "10 % should be mined, 40 % refined and 25 % recycled"."""
    before = line.text[max(line.start, finding.start - 30) : finding.start]
    if (
        last
        and last.status
        and last.start >= line.start
        and _ROW_ENDS.match(line.text, finding.end)
        and _ROW.search(before)
    ):
        return last.status
    firm = status(line, finding)
    return "estimated" if firm == "reported" and said_by and said_by.endswith(("estimate", "estimates")) else firm


def _as_headed(line: Line, noun: Cue | None) -> str | None:
    """Return the month or quarter in the heading of a release to a nation's flow that its sentence does not date."""
    flow = noun is not None and noun[2]["whose"] == "nation" and noun[2]["basis"] == "flow"
    return line.story.headed if flow and not line.dates else None


def _same_whole(line: Line, finding: LocatedQuantity, last: Figure | None) -> str | None:
    """Read "6.8 % of GDP in 2025 from 7.7 % in 2024" as twice of GDP."""
    if last is None or last.quantity.of is None or last.start < line.start:
        return None
    alike = finding.quantity.unit == last.quantity.unit == "%"
    based = alike and _BASE.search(line.text, max(line.start, finding.start - 30), finding.start)
    return last.quantity.of if based else None


def _tells_when(line: Line, one: Figure) -> bool:
    """Return whether a figure's period may go on: it is told as so, and is no base of comparison."""
    if one.status not in {"reported", "estimated"} or one.period is None:
        return False
    there: Line | None = line
    while there and there.start > one.start:
        there = there.before
    if there and is_backdrop(there, one):
        return False
    if there and there is not line and _ASIDE.match(line.text, there.chain(one.start)[0][0]):
        return False
    compared = _BASE.search(line.text, max(0, one.start - 30), one.start) or _FOLLOWED.search(
        line.text, max(0, one.start - 40), one.start
    )
    return compared is None


def _basis(line: Line, finding: LocatedQuantity, phrase: str | None, noun: Cue | None, firm: str) -> Basis:
    """Return the kind of magnitude: of the noun beside it, of its verb ("exported", "invested"), else of the nearest noun."""
    unit = finding.quantity.unit
    if finding.quantity.basis is not Basis.UNKNOWN or unit in _NO_BASIS or _is_price(unit):
        return finding.quantity.basis
    if unit in {"%", "pp"}:
        return Basis.RATE  # a number per hundred, whatever of
    opener = line.opener()
    if firm == "pledged" or (
        opener and status(opener, replace(finding, start=opener.end, end=opener.end)) == "pledged"
    ):
        return Basis.FLOW if _lifted(line, finding, noun) else Basis.COMMITMENT
    stated = Basis(noun[2]["basis"]) if noun else Basis.UNKNOWN
    if stated in {Basis.COMMITMENT, Basis.UNKNOWN} and _AT_END.match(line.text, finding.end, line.end):
        stated = Basis.STOCK
    beside = (
        noun is not None
        and line.text[noun[0] : noun[1]] in (phrase or "")
        and stated not in {Basis.UNKNOWN, Basis.RATE}
    )
    if not beside and (frame := _frame(line, finding)) in _FRAMES:
        return _FRAMES[frame]
    if _PER_TIME.search(unit):
        return Basis.FLOW
    return Basis.UNKNOWN if stated in {Basis.RATE, Basis.INDEX} else stated


def _lifted(line: Line, finding: LocatedQuantity, noun: Cue | None) -> bool:
    """Return whether a figure is the level that something is to reach: "pledged to lift trade to $100 billion"."""
    flow = noun is not None and noun[2]["whose"] == "nation" and noun[2]["basis"] == "flow"
    return flow and line.has(_LIFT.words) and _LIFT.search(line.text, line.start, finding.start) is not None


def _is_price(unit: str) -> bool:
    """Return whether a unit is money per unit of something, not per time."""
    return unit[3:4] == "/" and is_currency(unit[:3]) and not _PER_TIME.search(unit)


def _frame(line: Line, finding: LocatedQuantity) -> str:
    """Return what the nearest verb before a figure does with it: "flow" of "exported", "pays" of "set aside"."""
    for start, _ in line.chain(finding.start):
        for at, _, row in line.cues_before(finding.start, start):
            if row["role"] == "verb" or (
                row["role"] == "act" and (line.infinitive(at) or _LET.search(line.text, max(start, at - 40), at))
            ):
                return row["frame"]
    return ""


def _kind(line: Line, finding: LocatedQuantity, last: Figure | None) -> str:
    """Tell a change from a share, and a price from a sum."""
    unit = finding.quantity.unit
    if finding.kind in {"money", "measure", "price"} and unit[3:4] == "/" and is_currency(unit[:3]):
        return "money" if _PER_TIME.search(unit) else "price"
    if finding.kind != "percent":
        return finding.kind
    moved = _MOVED.search(line.lower, max(line.start, finding.start - 40), finding.start) or _MOVING.match(
        line.text, finding.end, line.end
    )
    goes_on = (
        last
        and last.kind == "change"
        and last.start >= line.start
        and _AND.fullmatch(line.text, last.end, finding.start)
    )
    return "change" if moved or goes_on else finding.kind
