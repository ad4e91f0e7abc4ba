"""What a figure measures: the noun it stands with, or the subject of its verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.codes import patterns as re
from toolkit.figures.meaning.goods import base, counted_before, main_word, named_before
from toolkit.quantity import is_currency

if TYPE_CHECKING:
    from toolkit.figures.figure import Figure, LocatedQuantity
    from toolkit.figures.meaning.clauses import Line

__all__ = ["about"]

_DOING = re.compile(r"[a-z]+ing\s")
_IN_NOUN = re.compile(r"\s+(?:in|of|worth of|from)\s+(?:(?:the|its|their|our|new)\s+)*")
_COMPLEMENT = re.compile(r"\s(?:on|of|in)\s(?:(?:the|all|its|their)\s)?")
_LINK = re.compile(r"\s(?:of|at|worth|valued at|totalling|totaling|to|for)\s(?:(?:a|an|the|just|only|some|about)\s)?$")
_MODIFIES = re.compile(r"[\s-](?=[^\W\d_])")
_LEADING = re.compile(
    r"^(?:\W|(?:the|a|an|its|their|his|her|our|but|and|or|as|because|those of|that of|that|this|these|those|of which|which|overall|total|meanwhile|while|although|though|today|under|in|on|by|for)\b)+",
    re.IGNORECASE,
)
_OWNER = re.compile(r"^.*[’']s?\s")
_SUBJECT_END = re.compile(
    r",|\s(?:to|from|with|by|for|in|at|into|under|against|that|which|who|and|over|during|since|as|between|outside)\s"
)
_THEY = re.compile(
    r"\s*(?:(?:(?:In|Last|This|By|On|During)\b[^,]{0,25},?\s)|And\s|But\s)?(?:They|they|It|it) (?:had |have |has )?(?:stood|rose|fell|grew|reached|climbed|dropped|totalled|totaled|amounted|hit|declined|increased|jumped|came to|averaged)\b"
)
_THOSE = re.compile(r"\W*(?:(?:and|while|whereas|but)\s)?(?:those|that)\s(?:to|from|in|with)\b")
_MOVE_IN = re.compile(
    r"(?:\soff|[\s-](?:(?:[a-z-]+)\s)?(?:rise|fall|increase|decrease|drop|decline|jump|cut|reduction|surge|slump|growth|gain|plunge)\sin)\s(?:(?:the|its|their|all|overall|total)\s)*"
)
_MOVES = {
    "gain",
    "rise",
    "increase",
    "drop",
    "fall",
    "decline",
    "cut",
    "jump",
    "surge",
    "plunge",
    "reduction",
    "hike",
    "slump",
    "loss of",
    "half",
    "average",
    "record",
    "total",
    "maximum",
    "minimum",
    "level",
}
_ADVERB = re.compile(r"\s(?:nevertheless|however|also|still|meanwhile|already|even|then|now|[a-z]+ly)$")
_FORWARD = re.compile(r"\s(?:on|for|in)\s")
_WHICH = re.compile(r",?\s?which\b")
_TIME = re.compile(r"\b(?:years?|months?|quarters?|halves|seasons?|weeks?|decades?|period)$", re.IGNORECASE)
_GAINS = {"gain", "loss", "increase", "cut", "rise", "fall"}
_ASIDE = re.compile(
    r"\s*(?:in|by|on|at|after|before|under|for|since|during|despite|with|as|such|including|like|which|who|overall|meanwhile|however|still|but|and|to|from)\b",
    re.IGNORECASE,
)
_SHARE = re.compile(r"[^,]*\b(?:share|stake|trade) in (?!\w+ \d)[^,]+")
_SHARE_IN = {"share", "trade", "stake"}
_CHANGED_BY = re.compile(r"\s(?:lower|higher|smaller|larger|bigger|weaker|stronger|cheaper|dearer)\b")
_OF_BEFORE = re.compile(r"[^\W_]\sof\s(?:the\s)?$")
_GIVEN_TO = re.compile(r"\s(?:to|for|towards?|into)\s(?:(?:the|its|their|a|an|help|support|new)\s)*")
_WORTHS = ("worth", "valued at", "totalling", "totaling")
_WORTH = re.compile(r"([^\W\d_][\w\s-]{2,30}),\s(?:worth|valued at|totalling|totaling)\s$")
_IS = re.compile(r"\s(?:is|are|was|were|will|would)\s(?:(?:expected|likely|due|set)\sto\s)?(?:be\s)?(?:the\s|a\s)?")
_IT_PLEDGED = re.compile(
    r"\s(?:that\s|which\s)?(?:it|they|he|she|[A-Z][a-z]+)\s(?:has\s|have\s|had\s)?(?:pledged|promised|agreed|committed|offered|vowed)\sto\s"
)
_MONEY_ONLY = {
    "cost", "costs", "price", "prices", "value", "deficit", "surplus", "profit", "revenue", "revenues", "earnings", "loan", "loans", "tariff",
    "tariffs", "duty", "duties", "investment", "deal", "package", "fund",
}  # fmt: skip
_PRONOUNS = frozenset(
    (
        "it",
        "they",
        "he",
        "she",
        "we",
        "i",
        "you",
        "this",
        "that",
        "there",
        "those",
        "these",
        "which",
        "who",
        "one",
        "what",
        "amount",
        "sum",
        "number",
    )
)


def about(line: Line, finding: LocatedQuantity, last: Figure | None) -> str | None:
    """Return the noun phrase that is measured, without article, owner and number."""
    if last and last.start >= line.start and _told_of_those(line, finding):
        return last.about
    if last and last.start >= line.start and line.text[last.end : finding.start].strip() == "(":
        return last.about
    if last and not line.opens_paragraph and _THEY.match(line.text, line.chain(finding.start)[0][0], finding.start):
        return last.about
    if finding.kind == "count" and finding.quantity.counted:
        return _without_owner(line, finding.quantity.counted) or finding.quantity.counted
    for rule in (
        _moved_in,
        _bracketed,
        _moved,
        _measure_before,
        _noun_after,
        _noun_before,
        _worth,
        _antecedent,
        _subject,
        _shared,
        _acted,
        _nearest,
        _given_to,
        _goods,
        _named_after,
    ):
        if (phrase := rule(line, finding)) and not _TIME.search(phrase):
            return phrase
    return last.about if last and last.start >= line.start and last.kind != "count" else None


def _told_of_those(line: Line, finding: LocatedQuantity) -> bool:
    """Return whether "those to the U.S." is the subject: what the figure before measures."""
    start, _ = line.chain(finding.start)[0]
    return _THOSE.match(line.text, start, finding.start) is not None


def _moved_in(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "a 10 per cent fall in commodity prices"."""
    link = _MOVE_IN.match(line.text, finding.end, line.end)
    return _extended(line, link.end(), complement=False) if link and not _is_name(line, link.end()) else None


def _measure_before(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "mine production at 270,000 tons of oxide": a measuring noun that is linked to the figure comes first."""
    phrase = _noun_before(line, finding)
    return phrase if phrase and any(line.text[start:end] in phrase for start, end, _ in line.nouns) else None


def _antecedent(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "reserves, which came to $422 billion"."""
    start, _ = line.chain(finding.start)[0]
    if not _WHICH.match(line.text, start) or not any(
        cue[2]["frame"] == "subject" for cue in line.cues_before(finding.start, start)
    ):
        return None
    end = len(line.text[line.start : start].rstrip(" ,")) + line.start
    noun = line.phrase_before(end + 1, line.start)
    return _without_owner(line, noun) or None if noun else None


def _acted(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "to invest $26 billion": the verb's own noun."""
    if not is_currency(finding.quantity.unit):
        return None
    start, _ = line.chain(finding.start)[0]
    if pledged := _IT_PLEDGED.match(line.text, finding.end, line.end):
        return next((row["noun"] or None for at, _, row in line.cues if at >= pledged.end() - 1), None)
    verb = _verb(line, finding, start)
    return verb["noun"] or None if verb else None


def _verb(line: Line, finding: LocatedQuantity, start: int) -> dict[str, str] | None:
    cues = line.cues_before(finding.start, start)
    return next(
        (
            row
            for first, _, row in cues
            if row["role"] == "verb"
            or (row["role"] == "act" and (line.infinitive(first) or line.text.startswith("and ", first - 4)))
        ),
        None,
    )


def _given_to(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "committed A$4 billion to the Critical Minerals Facility": what the money is for."""
    given = _GIVEN_TO.match(line.text, finding.end, line.end) if is_currency(finding.quantity.unit) else None
    start, _ = line.chain(finding.start)[0]
    if given is None or _is_name(line, given.end()) or any(given.end() == at for at, _, _ in line.cues):
        return None
    verb = _verb(line, finding, start)
    return _extended(line, given.end(), complement=False) if verb and verb["frame"] == "pays" else None


def _moved(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "leave the level of GDP 1.5 % lower": what is moved stands before the figure."""
    if not _CHANGED_BY.match(line.text, finding.end, line.end):
        return None
    floor, _ = line.chain(finding.start)[0]
    noun = line.phrase_before(finding.start, floor)
    if not noun or not any(
        row["role"] == "verb" or row["role"] == "modal" for _, _, row in line.cues_before(finding.start, floor)
    ):
        return None
    at = finding.start - 1 - len(noun)
    if (of := _OF_BEFORE.search(line.text, floor, at)) and (whole := line.phrase_before(of.start() + 2, floor)):
        noun = line.text[of.start() + 1 - len(whole) : finding.start - 1]
    return _without_owner(line, noun) or None


def _worth(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "Pharmaceuticals, worth $10.5 billion"."""
    floor, _ = line.chain(finding.start)[0]
    if not line.text.endswith(_WORTHS, floor, max(finding.start - 1, floor)):  # the search is slow
        return None
    found = _WORTH.search(line.text, floor, finding.start)
    return _head(line, found[1]) if found else None


def _named_after(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "only 1 % is expected to be equity"."""
    link = _IS.match(line.text, finding.end, line.end) if finding.quantity.unit == "%" else None
    return line.phrase(link.end()) if link else None


def _shared(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "mines 70 % of the world's rare earths": the base, where no noun before the figure is measured."""
    shared = base(line, finding)
    start, _ = line.chain(finding.start)[0]
    nouns = [cue for cue in line.nouns if start <= cue[0] and cue[1] <= finding.start]
    if shared is None or (nouns and not _FORWARD.fullmatch(line.text, nouns[-1][1], finding.start)):
        return None
    cues = (cue for start, _ in line.chain(finding.start) for cue in line.cues_before(finding.start, start))
    verb = next(cues, None)
    apart = line.text[max(line.start, finding.start - 2) : finding.start] == ", "
    bound = verb and verb[2]["frame"] == "subject" and not apart
    told = shared == "total" or (bound and _subject(line, finding))
    return None if told else _without_owner(line, shared)


def _bracketed(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "rare-earth processing (more than 90 % of output)": the noun before the bracket."""
    start, _ = line.chain(finding.start)[0]
    if start <= line.start or line.text[start - 1] not in "([" or line.text[start : finding.start].strip():
        return None
    opened = len(line.text[line.start : start - 1].rstrip()) + line.start
    if any(end == opened for _, end in line.figures):
        return None
    noun = line.phrase_before(opened + 1, line.start)
    return _without_owner(line, noun) or None if noun else None


def _goods(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "supplied 6 million tonnes": the product named before a weight, in this sentence or the one before."""
    if finding.kind != "measure":
        return None
    named = named_before(line, finding.start)
    return line.text[named[0] : named[1]] if named else main_word(line.story)


def _noun_after(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "a 25 % tariff on cars", "58,000 tons of magnets", "$250 million in loans"."""
    counts = finding.quantity.unit == "1" or finding.kind in {"measure", "count"}
    link = None if finding.quantity.unit == "%" else _IN_NOUN.match(line.text, finding.end, line.end)
    link = None if link and finding.kind == "measure" and "from" in link[0].split() else link
    if link and not _is_name(line, link.end()) and (noun := _extended(line, link.end(), complement=False)):
        return noun
    if (join := _MODIFIES.match(line.text, finding.end, line.end)) is None:
        return None
    noun = _extended(line, join.end(), complement=not counts)
    return None if noun is None or noun.split()[0].lower() in _MOVES else noun


def _extended(line: Line, position: int, *, complement: bool = True) -> str | None:
    """Return the noun phrase at `position`, with a complement that follows it, without the economies that begin it."""
    if (noun := line.phrase(position)) is None:
        return None
    end = position + len(noun)
    hit = next((hit for hit in line.economies if hit[0] == position and hit[1] < end), None)
    start = hit[1] + 1 if hit else position
    if (
        complement
        and (link := _COMPLEMENT.match(line.text, end, line.end))
        and (more := line.phrase(link.end()))
        and _binds(line.text[start:end], link[0])
    ):
        end = link.end() + len(more)
    return line.text[start:end] or None


def _binds(noun: str, link: str) -> bool:
    """Return whether a preposition joins a complement to the noun: "share in world trade", but not "exports in May"."""
    return link.split(maxsplit=1)[0] in {"of", "on"} or noun.rpartition(" ")[2].lower() in _SHARE_IN


def _noun_before(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "a tariff of 10 %", "cars worth £7.6bn"."""
    floor = line.chain(finding.start)[0][0]
    link = _LINK.search(line.text, max(floor, finding.start - 20), finding.start)
    if link is None or link[0].split()[0] in {"to", "for"}:
        return None
    noun = line.phrase_before(link.start() + 1, floor)
    noun = _without_owner(line, noun) if noun else ""
    if _DOING.match(noun) and line.text[floor : link.start()].lstrip().startswith(noun):
        noun = noun.partition(" ")[2]
    moves = noun.lower() in _MOVES and (finding.quantity.unit in {"%", "pp"} or noun.lower() not in _GAINS)
    return None if moves or noun.endswith("ed") else noun or None


def _subject(line: Line, finding: LocatedQuantity) -> str | None:
    """Read "exports of cars to China rose 5 %": the subject of the verb that the figure completes."""
    for opening, end in line.chain(finding.start):
        start = _after_speech(line, opening, finding.start)
        cues = line.cues_before(min(end, finding.start), start)
        verbs = [cue for cue in cues if cue[2]["role"] in {"verb", "modal"} and not line.infinitive(cue[0])]
        if verbs:
            linked = any(cue[2]["frame"] == "subject" for cue in cues)
            return _head(line, line.text[start : verbs[-1][0]]) if linked else None
    return None


def _after_speech(line: Line, start: int, position: int) -> int:
    """Return where what is said begins in a clause: after "He noted that", "the group said"."""
    said = [end for at, end, row in line.cues if row["role"] == "say" and start <= at and end <= position]
    return said[-1] if said else start


def _head(line: Line, words: str) -> str | None:
    """Cut a subject down to its noun phrase."""
    words = words.rstrip(" ,")
    chunks = [chunk for chunk in words.split(", ") if not _ASIDE.match(chunk)]
    words = chunks[0] if chunks else ""
    leading = _LEADING.match(words)
    words = words[leading.end() :] if leading else words
    words = words if _SHARE.fullmatch(words.strip()) else _SUBJECT_END.split(words.strip() + " ", maxsplit=1)[0]
    words = _without_owner(line, _ADVERB.sub("", words.strip()))
    names = {line.text[first:last] for first, last, _ in line.economies}
    return None if not words or words.lower() in _PRONOUNS or words in names or any(map(str.isdigit, words)) else words


def _without_owner(line: Line, words: str) -> str:
    """Leave out what stands before the last possessive, and the economy that begins the phrase."""
    words = _OWNER.sub("", words)
    for start, end, _ in line.economies:
        if words.startswith(name := line.text[start:end]) and len(words) > len(name):
            words = words[len(name) :].lstrip()
    leading = _LEADING.match(words)
    return (words[leading.end() :] if leading else words).strip()


def _nearest(line: Line, finding: LocatedQuantity) -> str | None:
    """Return the nearest measuring noun before the figure, in its clauses."""
    for start, end in line.chain(finding.start):
        for first, last, _ in reversed(
            [
                cue
                for cue in line.nouns
                if start <= cue[0] and cue[1] <= min(end, finding.start) and not counted_before(line, cue)
            ]
        ):
            if finding.kind == "measure" and line.text[first:last].lower() in _MONEY_ONLY:
                continue
            noun = line.phrase_before(last + 1, start) or line.text[first:last]
            link = _COMPLEMENT.match(line.text, last, line.end)
            more = (
                line.phrase(link.end())
                if link and link[0].strip() in {"on", "of"} and link.end() < finding.start
                else None
            )
            return _without_owner(line, noun) + (line.text[last : link.end()] + more if link and more else "")
    return None


def _is_name(line: Line, position: int) -> bool:
    """Return whether a date or an economy alone stands at `position`: "in 2024", "from the US last year"."""
    named = any(
        start <= position < end and line.phrase(position) == line.text[start:end] for start, end, _ in line.economies
    )
    return named or any(date.start <= position < date.end for date in line.dates)
