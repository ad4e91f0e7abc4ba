"""How firm a figure is: reported, estimated, expected, pledged, a target, or denied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.codes import patterns as re
from toolkit.figures.numbers.tables import STATUS_WORDS as WORDS
from toolkit.figures.numbers.tables import either

if TYPE_CHECKING:
    from toolkit.figures.figure import LocatedQuantity
    from toolkit.figures.meaning.clauses import Cue, Line

__all__ = ["status"]

_NEAR = 25  # characters between a figure and the noun that says how firm it is: "$550 billion investment pledge"
_APART = re.compile(r"[,;.]|\s(?:in|of|by|to|for|from)\s")
_NOUN_THEN = re.compile(r"\s?(?:(?:a|an|the|of|for|to|at)\s){0,3}")
_COMPARED = re.compile(
    rf"\b(?:{either(WORDS['compared'])}|half)\s(?:(?:a|an|the|its|their|initial|previous|current|about|around|just|u\.s\.|us|average|of)\s)*(?:(?:deficit|surplus|loss|profit|gain|rise|fall|drop)\sof\s)?$"
)
_OWN_PROMISE = re.compile(
    r"\b(?:it|they|we|he|she)\s(?:will|would)\s(?:also\s)?(?:buy|purchase|invest|spend|provide|lend|build|contribute|donate|fund|finance|import)\b[^,;]*$",
    re.IGNORECASE,
)
_ESTIMATED = re.compile(r"\bestimated\s(?:\w+\s){0,2}(?:of|at)\s$")
_SENTENCE_END = re.compile(r"\W*$|\s(?:on|in|last|this)\s\w+\W*$")
_FORECAST = re.compile(
    rf"\b({either(WORDS['outlook'])})\b(?:\s(?:for|of)\s[^,;]{{2,60}})?\s(?:to|at|of|for|is|was|stands at)\s$"
)
_WHICH = re.compile(r",?\s?(?:of )?which\b")
_SIGHT = 90  # characters before a figure that may qualify it
_DONE = re.compile(
    rf"\s(?:({either(WORDS['participle'])})\b(?!\s(?:to|that))"
    r"|(?:that\s|which\s)?(?:it|they|he|she|[A-Z]\w+)\s(?:has\s|had\s|have\s)?(pledged|promised)\b)"
)
_PROBABLY = re.compile(rf"\b(?:{either(WORDS['probably'])})\s\w+ed?\b", re.IGNORECASE)
_INTENDED = re.compile(rf"\b({either(WORDS['intent'])})s?\b(?:\s[^,;:]{{1,40}})?\sto\s(?:[a-z]+ly\s)?[a-z]+\s")
_SAID_THAT = re.compile(r"\b(?:said|says|that|added|warned|which|if)\s$")
_CLOSED = re.compile(r"[,.!?][”\"]\s(?=[^“\"]*$)")
_SUBJECT = 6  # words before a figure that is a subject: "the new reciprocal tariff of 25 %"
_AT = re.compile(r"\bat\s")
_IF = re.compile(r",?\s?(?:if|unless)\b", re.IGNORECASE)
_RULE = re.compile(
    r"\b(?:[Uu]nder the [A-Z]|Act|Regulation|Directive|law|targets?|goals?|benchmarks?|roadmap|strategy)\b"
)
_UNDER = re.compile(
    r"Under (?:the|its|this|that|a|their) (?:[\w-]+ ){0,3}?(?:(?P<pact>deal|agreement|pact|accord|framework|treaty|memorandum)|(?P<plan>plan|strategy|roadmap|blueprint|programme|program|scheme))\b"
)
_PAYS_THEN = re.compile(
    r"\b(?:will|would|is to|are to)\s(?:\w+ly\s|each\s|also\s)?(?:put|invest|spend|buy|purchase|provide|lend|contribute|import|commit|fund)\b"
)
_BY_YEAR = re.compile(r"\bby (?:the end of |mid-|early |late )?20\d\d\b")
_UNDONE = re.compile(rf"\b(?:{either(WORDS['undone'])}) the (?:\w+ )?$")
_LEVY = re.compile(r"\s(?:[\w-]+\s){0,3}?(?:lev(?:y|ies)|tariffs?|dut(?:y|ies)|tax(?:es)?|surcharge)\b")
_KEEPER = re.compile(
    r"\b(?:[Bb]ank|[Mm]inistry|[Mm]inister|[Oo]ffice|[Bb]ureau|[Cc]ustoms|[Tt]reasury|[Aa]uthority|[Ss]tatistics)\b"
)
_GUESSED = re.compile(r"\b(?:costs?|loss(?:es)?|damage|toll|growth|next|could|would|might|value of)\b")
_MEASURED = re.compile(r"\b(?:below|above|than|with|against)\s(?:the|its)\s\w+\s$")  # "below the winter forecast"
_PAID = re.compile(
    r"\s(?:has|have|had)\s(?:already\s)?(?:been\s(?:spent|paid|disbursed|received|delivered)|arrived)\b|[^.;\d]{0,60}\bin (?:force|effect) since\b"
)
_CLAIMS = {"estimated", "denied"}
_ESTIMATES = re.compile(
    r"\s(?:consensus\b|(?:average|mean|median|consensus)(?: of)? (?:[\w’']+ )?(?:estimates?|forecasts?)|(?:that |which )?(?:analysts|economists|the market|Wall Street) (?:had )?(?:expected|forecast|predicted|pencil?led in))"
)


def status(line: Line, finding: LocatedQuantity) -> str:
    """Return how firm a figure is: by a noun beside it, else by the verb that governs it.

    A base of comparison ("from 25 %") is reported, whatever the verb says of the other figure.
    """
    rules = (
        _paid,
        _standing,
        _hedged,
        _supposed,
        _participle,
        _noun,
        _forecast,
        _compared,
        _attributed,
        _listed,
        _governed,
        _after,
    )
    firm = next((firm for rule in rules if (firm := rule(line, finding))), "reported")
    firm = _intended(line, finding) or firm if firm == "reported" else firm
    if firm == "expected" and (under := _UNDER.match(line.text, line.start, line.end)):
        pays = finding.kind == "money" and _PAYS_THEN.search(line.text, under.end(), finding.start)
        firm = (
            "pledged"
            if under["pact"] and pays
            else "target"
            if under["plan"] and _BY_YEAR.search(line.text, line.start, line.end)
            else firm
        )
    return "target" if firm == "expected" and _ought(line) else firm


def _paid(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "of the promised €40 billion, €3 billion has been spent"."""
    return "reported" if _PAID.match(line.text, finding.end, line.end) else None


def _standing(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "may reconsider the 4 percent levy" as a levy that there is."""
    if not line.has(_UNDONE.words) or not _UNDONE.search(line.text, line.start, finding.start):
        return None
    return "reported" if _LEVY.match(line.text, finding.end, line.end) else None


def _intended(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "hit by plans to double tariffs to 50 %" and "exports probably rose 5 %"."""
    start, _ = line.chain(finding.start)[0]
    if line.has(_PROBABLY.words) and _PROBABLY.search(line.text, start, finding.start):
        return "estimated"
    if not line.has(_INTENDED.words):
        return None
    last = next(reversed(list(_INTENDED.finditer(line.text, start, finding.start))), None)
    if last is None or _COMPARED.search(_before(line, finding)):
        return None
    verbs = [
        cue
        for cue in line.cues
        if last.end() <= cue[0] < finding.start and cue[2]["role"] in {"verb", "modal"} and not line.infinitive(cue[0])
    ]
    return None if verbs else WORDS["intent"][last[1]]


def _participle(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "the 0.6 percent projected in July" and "the $4 billion average of estimates"."""
    if line.has(_ESTIMATES.words) and _ESTIMATES.match(line.text, finding.end, line.end):
        return "expected"
    found = _DONE.match(line.text, finding.end, line.end)
    return WORDS["participle"][found[1] or found[2]] if found else None


def _ought(line: Line) -> bool:
    """Return whether "should" is a rule's: "Under the Act, 10 % should be recycled"."""
    start, end = line.start, line.end
    told = _RULE.search(line.text, start, end) or (
        line.before and not line.opens_paragraph and _RULE.search(line.text, line.before.start, line.before.end)
    )
    return bool(told) and any(row["words"] == "should" for row in (cue[2] for cue in line.cues_before(end, start)))


def _supposed(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "if the duty of 20 % stays" as a duty there is, and "if it imposes 20 %" as one there may be."""
    start, _ = line.chain(finding.start)[0]
    if not _IF.match(line.text, start):
        return None
    acts = any(cue[2]["role"] in {"verb", "modal", "act"} for cue in line.cues_before(finding.start, start))
    return "expected" if acts else "reported"


def _before(line: Line, finding: LocatedQuantity) -> str:
    """Return what stands before a figure, in small letters."""
    return line.lower[max(line.start, finding.start - _SIGHT) : finding.start]


def _hedged(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "an estimated $5 billion" and "an estimated cost of $5 billion"."""
    said = "estimated" in line.lower[finding.start : finding.end] or (
        line.has(_ESTIMATED.words) and _ESTIMATED.search(_before(line, finding))
    )
    return "estimated" if said else None


def _forecast(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "its forecast for the year to ¥50 billion"."""
    found = _FORECAST.search(_before(line, finding)) if line.has(_FORECAST.words) else None
    if found is None:
        return None
    return WORDS["outlook"][found[1]]


def _compared(line: Line, finding: LocatedQuantity) -> str | None:
    if not line.has(_COMPARED.words) or not _COMPARED.search(_before(line, finding)):
        return None
    if line.has(_FORECAST.words) and any(
        start < finding.start and _FORECAST.search(line.lower, line.start, start) for start, _ in line.figures
    ):
        return "expected"  # "raised its forecast to 3 % from 2 %"
    cues = [cue for start, _ in line.chain(finding.start) for cue in line.cues_before(finding.start, start)]
    return "estimated" if _governing(line, cues, finding.start) == "estimated" else "reported"


def _listed(line: Line, finding: LocatedQuantity) -> str | None:
    """Read an item by the sentence that opens its list."""
    opener = line.opener() if finding.start >= line.start else None
    return _governing(opener, opener.cues_before(opener.end, opener.start), opener.end) if opener else None


def _governed(line: Line, finding: LocatedQuantity) -> str | None:
    own, _ = line.chain(finding.start)[0]
    if any(finding.start <= cue[0] < finding.end for cue in line.cues):  # "more than doubled" governs itself
        return _governing(line, line.cues_before(finding.start, own), finding.start) or "reported"
    if _SAID_THAT.search(line.text, own, finding.start) and (firm := _after(line, finding)):
        told = _governing(line, line.cues_before(finding.start, own), finding.start)
        return "denied" if told == "denied" else firm
    for start, _ in line.chain(finding.start):
        if _CLOSED.search(line.text, start, finding.start):
            return "reported"
        if firm := _governing(line, line.cues_before(finding.start, start), finding.start):
            return firm
        which = _WHICH.match(line.text, start)
        if which and "of " not in line.text[start - 3 : which.end()]:  # "of which": as firm as the whole
            return _after(line, finding) or "reported"
    return None


def _noun(line: Line, finding: LocatedQuantity) -> str | None:
    for start, end, row in line.cues:
        if row["role"] != "noun":
            continue
        beside = finding.end <= start <= finding.end + _NEAR and not _APART.search(line.text, finding.end, start)
        if beside or (end <= finding.start and _NOUN_THEN.fullmatch(line.text, end, finding.start)):
            return row["meaning"]
    return None


def _governing(line: Line, cues: list[Cue], position: int) -> str | None:
    """Read the verbs before a figure from the nearest on: a modal waits for what it hangs on."""
    for start, _, row in cues:
        if row["words"] in {"put", "puts", "had put"} and (
            not _AT.search(line.text, start, position) or _counted(line, start, position)
        ):
            return "reported"
        if row["role"] == "verb" and row["meaning"] in _CLAIMS and not line.infinitive(start):
            modal = any(cue[2]["role"] == "modal" and cue[0] > start for cue in cues)
            return "expected" if modal and row["meaning"] == "estimated" else row["meaning"]
    waiting = None
    for at, (start, _, row) in enumerate(cues):
        acts_only = all(cue[2]["role"] == "act" for cue in cues[:at])
        own = row["role"] == "say" and waiting and _OWN_PROMISE.search(line.text, start, position)
        if own or (row["role"] == "noun" and row["meaning"] == "pledged" and acts_only):
            return "pledged"
        if row["role"] == "modal":
            waiting = waiting or row["meaning"]
        elif row["role"] == "verb" and not line.infinitive(start):
            return waiting or row["meaning"] if row["meaning"] in {"reported", "expected"} else row["meaning"]
    return waiting


def _counted(line: Line, start: int, position: int) -> bool:
    """Return whether "put" gives a statistic of its keeper, "the central bank put reserves at", and guesses nothing."""
    kept = _KEEPER.search(line.text, max(line.start, start - 60), start)
    return (
        kept is not None and not _GUESSED.search(line.text, start, line.end) and line.text[start:position][:4] == "put "
    )


def _attributed(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "…, the bank estimated" at the end of the sentence."""
    said = [
        cue
        for cue in line.cues
        if cue[0] >= finding.end
        and cue[2]["role"] == "verb"
        and cue[2]["speaks"]
        and not _MEASURED.search(line.text, finding.end, cue[0])
    ]
    ends = [row["meaning"] for _, end, row in said if _SENTENCE_END.match(line.text, end, line.end)]
    return ends[0] if ends else None


def _after(line: Line, finding: LocatedQuantity) -> str | None:
    """Read the verb after a figure that is its subject: "a 25 % tariff would"."""
    start, end = line.chain(finding.start)[0]
    if len(line.text[start : finding.start].split()) > _SUBJECT:
        return None
    following = [
        row["meaning"] for start, _, row in line.cues if finding.end <= start < end and row["role"] in {"verb", "modal"}
    ]
    return following[0] if following else None
