"""Who states a figure, as far as the sentence says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.codes import patterns as re
from toolkit.figures.meaning.roles import cities
from toolkit.figures.numbers.tables import GRAMMAR

if TYPE_CHECKING:
    from toolkit.figures.figure import LocatedQuantity
    from toolkit.figures.meaning.clauses import Cue, Line

__all__ = ["speaker"]

_LEADING = re.compile(
    r"(?:(?:and|but|meanwhile|however|still|yet|separately|the|a|an|that|while|as|when|also|then|so|if|in \w+ \d{4}|in \w+)\b,?\s+)+",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"\s(?:also|already|since|still|later|earlier|previously|then|now|has|had|have|is|are|was|were|will|would|today|yesterday|[a-z]+ly|on \w+day)$"
)
_PEOPLE = re.compile(
    r"\b(?:sources?|bureau|officials?|analysts?|economists?|government|ministry|minister|company|spokes\w+|statement|report|data|figures|developer|automaker|"
    r"executives?|body|lobby|association|union|council|chamber|federation|regulator|watchdog|consultancy|study|survey|institute|exchange|operator|authorities|\w*makers?|producers?|giant|miner|refiner|retailer|airline|lender|insurer|exporters?|importers?|traders?|supplier|growers?|farmers?|president|chairman|chief|director|director-general|secretary|governor|commissioner|ambassador|spokesperson|investors?|brokers?|broker|brokerage|think tank|newspaper|side|delegation|mission|operator|utility|developers?|shipbuilder|cooperative|court|tribunal|panel|committee|negotiators?|diplomats?|lawmakers?|agency|bank|board|guild|forum|coalition|alliance|commission|treasury|manufacturers?|activists?|campaigners?|researchers?|experts?|industry|leaders?|office|envoy|department|people|group|firm)\b"
)
_PAPERS = re.compile(r"[’']s? (?:own )?(?:figures|data|numbers|statistics|tally|records)$")
_APPOSED = re.compile(r"[\s,]*(?:a|an|the|who|whose|which)\s[^“”\"]{3,120},\s*$")
_LEAD_IN = re.compile(r"(?:[A-Z][a-z]+ing|In|At|On|For|After|Before|During|With|From|By|Asked|Pressed)\b")
_CHUNKS = re.compile(r"[,“”\"]\s*")
_PERSON = re.compile(
    r"(?:(?:Mr|Ms|Mrs|Dr|Sir|Dame)\.?\s)?([A-Z][\w’'-]+(?:\s[A-Z]\.)?(?:\s[A-Z][\w’'-]+){1,3})(?:, (?:the|a|an|who|whose)| (?:heads|runs|leads|chairs|owns|founded|opened|manages|grows|works|is|was))\b"
)
_PRONOUN = re.compile(r"(?:he|she|it|they)$", re.IGNORECASE)
_BODY = re.compile(
    r"(?=[^,]*(?:,[^,]*)*\b(?:Ministry|Department|Minister|Secretary|Association|Council|Federation|Chamber|Bureau|Office|Committee|Society|Agency|Institute|Union|"
    r"Administration|Authority|Organi[sz]ation)\b)(?:[^\W\d_][\w’'-]*\s){0,6}?[A-Z][\w-]+, (?:[A-Z][\w-]+, )*[A-Z][\w-]+,? and (?:[A-Z][\w-]+\s?){1,4}\s*(?:earlier\s*|later\s*)?$"
)
_BODY_NEXT = re.compile(
    r"\s(?:[^\W\d_][\w’'.-]*\s){0,4}?(?:Ministry|Department|Minister|Secretary|Bureau|Office|Committee|Agency|Association) (?:of|for) [A-Z][\w-]+, (?:[A-Z][\w-]+, )*[A-Z][\w-]+,? and [A-Z][\w-]+\b"
)
_CUES_IN = re.compile(r"[;:]|\b(?:and|but|while|as|that|which|who)\b")
_ASIDE = re.compile(
    r"(?:[^,;:.“”\"]{2,90}), (?:whose|which|who|where|a|an|the|one of|based|owned|part of)\b[^;“”]*,\s(?:(?:has|have|had|also|later)\s)*$"
)
_LATER = re.compile(r",\s(?:and|but|while|whereas|although)\s[^,]*$")
_RELATIVE = re.compile(r"[\s,]*(?:(?:in|under|of|to|for|by)\s)?(?:which|who|whose|where)\b")
_WHOM = re.compile(r"\s?which\s([A-Z].+|(?:[a-z]+\s){0,2}[a-z]+s)$")
_NAME = r"(?:(?:Mr|Mrs|Ms|Dr|Sir|Dame|Prof|Engr|Alhaji)\.?\s)?(?P<name>[A-Z][\w’'-]+(?:\s[A-Z][\w.’'-]*){1,3})"
_OFFICES = r"(?:[Mm]inister|[Ss]ecretary|[Pp]resident|[Gg]overnor|[Dd]irector|[Cc]hair(?:man|woman|person)?|[Cc]ommissioner|[Aa]mbassador|[Cc]hief|[Hh]ead|[Ee]conomist|[Aa]nalyst)"
_NAMED, _OFFICIAL = re.compile(rf"\s{_NAME}"), re.compile(rf"\b{_OFFICES}\b[^,]{{0,60}}$")
_HELD = _NAME.replace("name", "holder")
_HOLDER = re.compile(rf"\b{_OFFICES}(?:\b[^,;.“”\"]{{0,40}}, {_NAME}, | {_HELD} (?=[a-z]))")
_MOST_QUOTED = 4  # sentences of one quotation
_HE_SAID_HERE = re.compile(
    r"\b(?:he|she)\s(?:\w+\s)?(?:said|says|added|adds|noted|told|warned|explained|argued|stressed)\b", re.IGNORECASE
)
_ADDED = re.compile(r"\s(?:(?:a|an|another|further|about|some|up to|over|more than)\s)*")
_HE_WANTS = re.compile(
    r"(?:He|She)\s(?:also\s|still\s|now\s)?(?:sees|saw|floated|suggested|foresees|foresaw|envisages|wants|wanted|hopes|hoped|believes|believed|fears|feared|doubts|thinks|argues|argued|called for|calls for|puts|put|reckons|declined to confirm)\b"
)
_IT_FORECAST = re.compile(
    r"(?:It|They|Its(?= (?:\w+ )?(?:forecast|estimate|projection)))\s[^,;]*\b(?:forecasts?|estimates?|outlook|projections?|expects?|sees?|reckons?)\b"
)
_OPENS_QUOTE, _CLOSES_QUOTE = re.compile(r"[“\"]"), re.compile(r"[”\"]")
_OFFICE = re.compile(
    r"(?:[^\W\d_][\w’'-]*\s){0,5}?(?:Ministry|Department|Minister|Secretary|Society|Bureau|Office) (?:of|for) [A-Z]\w+, [A-Z]\w+(?:,? and [A-Z]\w+)\s*"
    r"(?:earlier\s*|later\s*)?$"
    r"|(?:[^\W\d_][\w’'-]*\s){0,6}?[A-Z]\w+, [A-Z]\w+ and [A-Z]\w+ (?:Ministry|Department|Minister)\s*$"
)
_WHICH = re.compile(r"\s?(?:which|who)\s")
_HE_SAID = re.compile(r"\b(?:he|she)\s(?:\w+\s)?$", re.IGNORECASE)
_NO_NAME = re.compile(r"(?:it|they|we|i|you|who|which|that|this|these|those|there|one|some|many)\b|\d", re.IGNORECASE)
_NAME_END = re.compile(
    r"[,;:()”\"](?=\s|$)|(?<![\s.(][A-Z])\.(?=\s|$|[”\"])|\s(?:that|in|on|during|after|when|as|showing|to|has|have|had|released|published|because|which|who|and (?=\w+ed\b))\s"
)
_TURNS = {"q", "a", "question", "answer"}  # a turn of somebody unnamed
_TITLED = re.compile(r"(?:MR|MS|MRS|DR|MINISTER|SECRETARY|PRESIDENT|GOVERNOR|CHAIR|AMBASSADOR|COMMISSIONER)\b")
_LABEL = re.compile(r"(?:Q|A|Reporter|Question|Answer|(?:[A-Z][\w.’-]+\s?){1,4})(?=:\s)")
_LONGEST_NAME = 90
_SILENT = 1  # sentences between "he" and whom it means in which nobody speaks
_LONGEST_TURN = 12  # sentences of one speaker in a transcript


def speaker(line: Line, finding: LocatedQuantity) -> str | None:
    """Return who states a figure, if it is somebody who can speak: no table, product, place or piece of a sentence."""
    name = _named(line, finding)
    headed = name is not None and line.text.startswith(f"{name}:", line.start)
    return name if name and _can_speak(name, headed=headed) else None


def _can_speak(name: str, *, headed: bool) -> bool:
    words = codes.words(name)[1]
    if not words or words[0] in GRAMMAR["mute"] or any(char.isdigit() for char in name):
        return False
    if _PEOPLE.search(name) or name.isupper():
        return True
    places = headed and (codes.find_economies(name) or name in cities())
    flows = any(start == 0 for start, _, _ in codes.find_words(name, "measures"))
    return any(char.isupper() for char in name) and not flows and not places


def _named(line: Line, finding: LocatedQuantity) -> str | None:
    """Return who says the figure: the source named after it, else the subject of the speech verb before it."""
    cues = [
        cue
        for cue in line.cues
        if cue[2]["speaks"]
        and not line.infinitive(cue[0])
        and not _puts_nothing(line, cue, finding)
        and not _adds(line, cue, finding)
    ]
    for cue in cues:
        if cue[0] >= finding.end and (name := _named_after(line, cue, finding)):
            return name
    for cue in reversed([cue for cue in cues if cue[1] <= finding.start]):
        if ";" not in line.text[cue[1] : finding.start] and not _ends_before(line, cue, finding):
            name = _source(line, cue) if cue[2]["role"] == "source" else _subject(line, cue) or _inverted(line, cue)
            if name:
                return name
    return _closing(line, finding) or _of_the_quotation(line, finding) or _of_the_sentence_before(line) or _label(line)


def _closing(line: Line, finding: LocatedQuantity) -> str | None:
    """Return who is named where a quotation ends: “We sell 5 %. It hurts,” said Li."""
    if _OPENS_QUOTE.search(line.text, finding.end, line.end):
        return None
    first = line
    for _ in range(_MOST_QUOTED):
        if first.opens_paragraph or first.before is None:
            break
        first = first.before
    if not _is_open(line.text[first.start : finding.start]):
        return None
    for index in range(line.index + 1, min(line.index + _MOST_QUOTED, len(line.story.sentences))):
        after = line.story.line(index)
        if after.opens_paragraph:
            return None
        if end := _CLOSES_QUOTE.search(line.text, after.start, after.end):
            cue = next((cue for cue in after.cues if cue[0] >= end.end() and cue[2]["speaks"]), None)
            return (_inverted(after, cue) or _subject(after, cue, end.end())) if cue else None
    return None


def _is_open(words: str) -> bool:
    """Return whether a quotation that begins in `words` goes on behind them."""
    return words.rfind("“") > words.rfind("”") or words.count('"') % 2 == 1


def _of_the_quotation(line: Line, finding: LocatedQuantity) -> str | None:
    """Return who speaks in a quotation that goes on: “We sell,” said Li. “That is 5 %” has none of its own."""
    if line.before is None or line.opens_paragraph or not _OPENS_QUOTE.match(line.text, line.start):
        return None
    closed = re.search('[”"]', line.text[line.start + 1 : finding.start])
    if closed:
        return None
    he = _HE_SAID_HERE.search(line.before.text, line.before.start, line.before.end)
    return _last_speaker(line.before) or (_last_of(line.before) if he else None)


def _of_the_sentence_before(line: Line) -> str | None:
    """Read "She wants" and "It left its forecast" as what the last speaker says."""
    if line.before is None or line.opens_paragraph:
        return None
    goes_on = _HE_WANTS.match(line.text, line.start) or _IT_FORECAST.match(line.text, line.start, line.end)
    return _last_speaker(line.before) if goes_on else None


def _puts_nothing(line: Line, cue: Cue, finding: LocatedQuantity) -> bool:
    """Return whether "put" is no estimate: "put a duty on", not "put the cost at"."""
    return cue[2]["words"] in {"put", "puts"} and " at " not in line.text[cue[1] : finding.start]


def _adds(line: Line, cue: Cue, finding: LocatedQuantity) -> bool:
    """Return whether "added" is what a sum does: "services added a further €4 billion"."""
    return cue[2]["words"].startswith("add") and _ADDED.fullmatch(line.text, cue[1], finding.start) is not None


def _ends_before(line: Line, cue: Cue, finding: LocatedQuantity) -> bool:
    """Return whether a pledge ends before a relative clause: "pledged $2bn to the sector, which employs 37,000"."""
    apart = cue[2]["meaning"] == "pledged" and _RELATIVE.match(line.text, line.chain(finding.start)[0][0])
    return bool(apart) and line.chain(finding.start)[0][0] > cue[0]


def _named_after(line: Line, cue: Cue, finding: LocatedQuantity) -> str | None:
    """Read ", officials said", ", said the minister" and ", according to the bank"."""
    if cue[2]["role"] == "source":
        return _source(line, cue)
    start, _ = line.chain(cue[0])[0]
    between = line.text[finding.end : cue[0]]
    closed = between.rstrip()[-1:] in {"”", '"'}  # a quotation ends where its speaker is named
    if not closed and (
        _LATER.search(between)
        or ("," in line.text[line.start : finding.start] and _ASIDE.match(line.text, line.start, cue[0]))
        or _RELATIVE.match(line.text, line.chain(cue[0])[0][0])
    ):
        return None
    if "," not in between and "”" not in between and '"' not in between and start <= finding.end:
        return None
    return _inverted(line, cue) or _subject(line, cue, finding.end)


def _subject(line: Line, cue: Cue, floor: int = 0) -> str | None:
    """Return the noun phrase before a verb, a phrase between commas left out."""
    start = max(line.chain(cue[0])[0][0], floor)
    spoken = line.text[max(line.start, floor) : cue[0]].rstrip(", ")
    closed = max(spoken.rfind("”"), spoken.rfind('"'))
    if closed >= 0 and spoken[closed + 1 :].strip() and not _CUES_IN.search(spoken[closed + 1 :]):
        title, comma, name = spoken[closed + 1 :].partition(", ")
        return _resolved(line, (title if comma else name or title).strip())
    if not floor and (aside := _ASIDE.match(line.text, line.start, cue[0])):
        chunks = aside[0].rstrip(", ").split(", ")
        lead_in = len(chunks) > 2 and _LEAD_IN.match(chunks[0])  # noqa: PLR2004
        return _resolved(line, (chunks[-1] if lead_in else chunks[0]).strip("“”\"', "))
    words = line.text[start : cue[0]].rstrip()
    if floor and (scholar := _before_aside(line, cue, floor)):
        return _resolved(line, scholar)
    for first, last in line.chain(cue[0]):
        if words.strip() and not _WHICH.match(words):
            break
        if named := _WHOM.match(words):
            words = named[1]
            break
        finite = next(
            (
                other[0]
                for other in line.cues
                if first <= other[0] < min(last, cue[0]) and other[2]["role"] in {"verb", "modal"}
            ),
            None,
        )
        words = line.text[first : finite or min(last, cue[0])]
    if words.endswith(","):
        words = _holder(words[:-1]) or words
    quoted = max(words.rfind("”"), words.rfind('"'))
    words = words[quoted + 1 :]
    listed = ", " in words and " and " in words
    office = (_OFFICE.search(words) or _BODY.search(words)) if listed else None
    words = (office[0] if office else words.rpartition(", ")[2]).strip("“”\"' ,")
    while (shorter := _TRAILING.sub("", words)) != words:
        words = shorter
    return _resolved(line, words)


def _holder(words: str) -> str:
    """Return the name of "the council's director, Adaeze Nwokolo", and what an aside is about else."""
    title, _, name = words.rpartition(",")
    person = _NAMED.fullmatch(name) if _OFFICIAL.search(title) else None
    return person["name"] if person else title


def _before_aside(line: Line, cue: Cue, floor: int) -> str | None:
    """Return the name of "…, Li Weiguo, a scholar in Harbin, said"."""
    for start, _ in line.chain(cue[0])[:2]:
        if start > floor and line.text[start - 1] == "," and _APPOSED.fullmatch(line.text, start, cue[0]):
            named = _CHUNKS.split(line.text[floor:start].rstrip(", "))[-1].strip()
            return named if named[:1].isupper() else None
    return None


def _inverted(line: Line, cue: Cue) -> str | None:
    """Read "said the minister" where the quotation or a comma stands before the verb."""
    says = cue[2]["role"] == "say" or (cue[2]["role"] == "verb" and line.text[cue[1] + 1 : cue[1] + 2].isupper())
    if not says or line.text[line.start : cue[0]].rstrip()[-1:] not in {",", "”", '"', ""}:
        return None
    return _source(line, cue)


def _source(line: Line, cue: Cue) -> str | None:
    """Return the noun phrase after "according to"."""
    if body := _BODY_NEXT.match(line.text, cue[1], line.end):
        return _resolved(line, body[0].strip())
    end = _NAME_END.search(line.text, cue[1], line.end)
    return _resolved(line, line.text[cue[1] : end.start() if end else line.end].strip())


def _resolved(line: Line, words: str) -> str | None:
    """Keep what can be a speaker's name; find whom "he" means in the sentence before."""
    leading = _LEADING.match(words)
    words = words[leading.end() :] if leading else words
    if _PRONOUN.match(words):
        return _last_of(line)
    words = _PAPERS.sub("", words)
    good = (
        words
        and len(words) < _LONGEST_NAME
        and not _NO_NAME.match(words)
        and (words[0].isupper() or _PEOPLE.search(words))
    )
    return words if good else None


def _last_of(line: Line) -> str | None:
    """Return whom "he" means: the last speaker named in the sentences before, as far as only "he" speaks in between."""
    silent = 0
    for _ in range(_LONGEST_TURN):
        if line.before is None:
            return None
        line = line.before
        silent += not _HE_SAID_HERE.search(line.text, line.start, line.end)
        if (name := _last_speaker(line)) or silent > _SILENT:
            return name
        holders = [found["name"] or found["holder"] for found in _HOLDER.finditer(line.text, line.start, line.end)]
        if len(holders) == 1:
            return holders[0]
        if (person := _PERSON.match(line.text, line.start, line.end)) and line.opens_paragraph:
            return person[1]
    return None


def _last_speaker(line: Line) -> str | None:
    """Return the last speaker that a sentence names, "he" apart."""
    for cue in reversed(line.cues):
        if cue[2]["speaks"] and not line.infinitive(cue[0]) and not _HE_SAID.search(line.text, line.start, cue[0]):
            name = _source(line, cue) if cue[2]["role"] == "source" else _inverted(line, cue) or _subject(line, cue)
            if name:
                return name
    return None


def _label(line: Line) -> str | None:
    """Return the name before a colon that opens the paragraph, as in a transcript."""
    for _ in range(_LONGEST_TURN):
        if line.before is None or line.opens_paragraph:
            break
        line = line.before
    found = _LABEL.match(line.text, line.start, line.end)
    if found is None or found[0].casefold() in _TURNS or found[0].title() in cities():
        return None
    return found[0] if not found[0].isupper() or _TITLED.match(found[0]) or line.story.turns[found[0]] > 1 else None
