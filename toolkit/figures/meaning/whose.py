"""Whose a figure is: the economies of its clause, or of what it continues."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.codes import patterns as re
from toolkit.figures.meaning import home, mentions
from toolkit.figures.meaning.mentions import COMPARED, WORLD
from toolkit.figures.meaning.nameless import (
    BILATERAL,
    BOTH,
    FROM_IT,
    STATE,
    WE,
    Case,
    calls_a_firm,
    nameless,
    names_a_firm,
    side_words,
)
from toolkit.figures.meaning.sides import both_sides, for_each, next_in_row, of_a_row, respective, told_imposer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.figures.figure import Figure, LocatedQuantity
    from toolkit.figures.meaning.clauses import Cue, Line
    from toolkit.figures.meaning.mentions import Hit

_OR = re.compile(r",?\sor\s(?:(?:about|some|nearly|almost|roughly|around|over|more than)\s)?$")
_OR_WORDS = {"or"}
_FOR = re.compile(r"\sfor\s")
_INVESTED = re.compile(r"\binvested\s")
_INVESTS = re.compile(r"\b(?:invest|investing|spend|build)\s")
_THE_COUNTRY = re.compile(
    r"\b(?:to|from|into|with)\s(?:(?:the|that)\s(?:[\w-]+\s){0,2}(?:country|nation|kingdom|republic|island)|(?:the|its)\s(?:[\w-]+\s){0,2}neighbou?r)\b"
)
_ITS = re.compile(r"\b(?:their|they|bilateral|mutual)\b")
_SECTOR = re.compile(r"\b(?:industry|industries|sector|[Cc]orporate|nationwide)\b")
_MUTUAL = re.compile(
    r"\b(?:bilateral|two-way|mutual)\b|\btrade (?:turnover )?between\b|\bthe two (?:countries|sides|nations|neighbou?rs|economies) (?:traded|exchanged)\b",
    re.IGNORECASE,
)
_FLOWS = re.compile(r"\b(?:exports|imports|shipments|surplus|deficit)\b(?! (?:to|from|of))", re.IGNORECASE)
_ON_ALL = re.compile(
    r"\b(?:export|all (?:countries|imports|trading|steel|nations)|global|worldwide|universal|other countries|rest of the world)\b",
    re.IGNORECASE,
)
_TARIFF_NEXT = re.compile(r"(?:[’']s?)?\s(?:[\w-]+\s){0,2}?(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|sanctions|quotas?)\b")
_LEAD = 5  # sentences
_WHICH = re.compile(r",?\s?which\b")
_THE_STATE = re.compile(r"The (?:government|cabinet|ministry|parliament|central bank|treasury)\b")
_OTHERS = re.compile(
    r"\s(?:[\w-]+\s){0,2}?(?:that\s|which\s)?(?:all |most |many )?(?:other|rival) (?:countries|nations|exporters|suppliers|partners|producers)\b"
)
_ANY = re.compile(r"\b(?:a|any) (?:single|third|one|other) (?:country|nation|supplier)\b|\bthird countries\b")
_AVERAGE = re.compile(r"\baverage\b", re.IGNORECASE)
_BUYS = re.compile(
    r"(?:,\s(?:which|who)(?:\s[^,.;]{1,40},)?)?(?:\s(?:buyers|importers|customers|mills|refiners|consumers|suppliers|sellers))?\s(?:(?:has|have|had|also|still|then|once|alone|together)\s)?(?:took|takes|taken|received|receives|bought|buys|absorbed|absorbs|purchased|cancelled|canceled|supplied|supplies|supplying|provided)\b"
)
_PAID = re.compile(r"(?:\s(?:buyers|importers|customers|mills|refiners|shoppers))?\s(?:paid|pay|pays)\b")
_US = re.compile(r"\b(?:[Ww]e|[Oo]urs?|us)\b")
_US_WORDS = {"we", "our", "ours", "us"}
_YOU = re.compile(r"\b[Yy]ou(?:rs?)?\b")
_PARTNER = re.compile(
    r"\b(?:was|is|were|are|remain(?:s|ed)?|became|stayed)\s(?:by far\s)?(?:the|its|our|their)\s(?:[\w-]+\s){0,2}(?:buyers?|customers?|suppliers?|export (?:market|destination)s?|(?:trading|trade) partners?|source)\b"
)
_FACES = re.compile(r"\b(?:fac(?:e|es|ed|ing)|pays?|paid|attracts?)\s")
_PAYS = re.compile(
    r"\b(?:pay|pays|paid|paying|face|faces|faced|facing|attracts?|incurs?|bears?|taxed(?: at)?|charged|subject to|hit with|away with|stung by)\s(?:(?:a|an|the|just|only|about|around|some|tariffs? of|dut(?:y|ies) of|lev(?:y|ies) of|rates? of)\s)*$"
)
_PAID_RATE = re.compile(r"\b(?:pays?|paid|fac(?:e|es|ed)|taxed|charged|subject to|hit with)\b")
_PAY_WORDS = {"pay", "pays", "paid", "paying", "face", "faces", "faced", "facing", "attract", "attracts", "incurs", "bears", "taxed", "charged", "subject", "hit", "away", "stung"}  # fmt: skip
_RATE_WORDS = {
    "rate",
    "levy",
    "duty",
    "tariff",
    "got",
    "gets",
    "secured",
    "won",
    "negotiated",
    "agreed",
    "obtained",
    "clinched",
    "landed",
    "accepted",
}
_BOUND_FOR = re.compile(
    r"\b(?:export(?:s|ed)?|s(?:old|ales|hip(?:ments|ped)?|ent)|goods|bound|enter(?:s|ing)?)\s(?:(?:to|into|for)\s)?(?:the\s)?$"
)
_GETS = re.compile(r"\b(?:got|gets|secured|won|negotiated|agreed(?: to| on)?|obtained|clinched|landed|accepted)\b")
_RATE_IS = re.compile(
    r"\b(?:rate|tariff|duty|levy)\s(?:(?:for|on|facing)\s[^,.;]{2,40}?\s)?(?:is|was|stays at|remains|remained|stands at|stood at|will be)\s$"
)
_OTHER_RATE = re.compile(
    r"\b(?:interest|growth|inflation|policy|unemployment|jobless|exchange|repo|lending|utili[sz]ation|tax|savings|birth|default|benchmark|annual|mortgage|bank|key|usage|fill|success)\b"
)
_DUTY = re.compile(r"\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies))\b", re.IGNORECASE)
_SOLD = re.compile(
    r"\b(?:[Ss]ales|[Dd]eliveries|[Oo]rders)\s(?:to|from|in)\s|\bIn\s(?:the\s)?[A-Z][\w ]{2,20},?\s(?:sales|deliveries|orders)\b"
)
_SOLD_AMID = re.compile(
    r"\b(?:[Ss]ales|[Ss]hipments|[Ee]xports|[Dd]eliveries|[Cc]onsignments)\s(?:[\w ]{0,20}\s)?to\s[^,;]{2,80}?\b(?:amid|under|because of|due to|after|since|despite|as)\b"
)
_BUYING = re.compile(r"\b(?:(?:buy|purchas|import|suppl|sell|export|ship)\w*|sent|sends|sold)\b", re.IGNORECASE)
_IN_RETURN = re.compile(
    r"\b(?:for (?:its|their) part|in (?:re)?turn|in exchange|in kind|retaliated|responded)\b", re.IGNORECASE
)


def economies(
    line: Line, finding: LocatedQuantity, measure: Cue | None, said_by: str | None, told: Sequence[Figure]
) -> tuple[str, ...]:
    """Give whose the figure is: owners and partners in its clause, completed by what the text is about.

    `told` are the figures before it.
    """
    last = told[-1] if told and told[-1].start >= line.floor else None
    if last and last.start >= line.start and line.has(_OR_WORDS) and _OR.search(line.text, last.end, finding.start):
        return last.economies
    kind = measure[2]["whose"] if measure else ""
    case = Case(line, finding, kind, said_by, last, told, home.home(line.story))
    if kind == "tariff" and last and _OTHERS.match(line.text, finding.end, line.end):
        return tuple(_imposer(line, (), last))
    if calls_a_firm(line, case.clause[0], finding.start):
        case = replace(case, kind="firm")
    elif case.kind == "firm" and measure and _of_the_nation(case, line.text[measure[0] : measure[1]]):
        case = replace(case, kind="nation")
    if measure and case.kind == "nation" and _is_duty_rate(case, line.text[measure[0] : measure[1]]):
        case = replace(case, kind="tariff")
    hits = mentions.hits(line, finding, said_by)
    if case.line.story.is_talk and _speaks_of_us(case) and not _speaks_for_whom(case):
        return ()
    return _of_ours(case, hits) or both_sides(case, _named(case, hits) if hits else nameless(case))


def _speaks_of_us(case: Case) -> bool:
    return case.line.has(_US_WORDS) and case.within(_US) is not None


def _is_duty_rate(case: Case, noun: str) -> bool:
    """Tell whether "the rate" is of a tariff: where the text opens with one and no other rate is named."""
    if noun.lower() not in {"rate", "rates"} or case.finding.quantity.unit != "%" or case.within(_OTHER_RATE):
        return False
    return any(_DUTY.search(line.text, line.start, line.end) for line in case.line.story.opening[:_LEAD])


def _speaks_for_whom(case: Case) -> str | None:
    return home.home_of(case.line.story, case.said_by) if case.said_by else None


def _of_ours(case: Case, hits: list[Hit]) -> tuple[str, ...]:
    """Read "we sold you" and "Vietnam bought it from us" as of whom the speaker speaks for, and of whom is named beside."""
    own = _speaks_for_whom(case) if _speaks_of_us(case) else None
    if own is None:
        return ()
    named = [hit[2] for hit in hits if case.clause[0] <= hit[0] < case.clause[1]] or [hit[2] for hit in hits]
    across = not named and (case.kind == "tariff" or case.before(_BUYING) or case.within(_YOU))
    return tuple(dict.fromkeys([own, *named, *(case.partner(own) if across else ())]))


def _named(case: Case, hits: list[Hit]) -> tuple[str, ...]:
    """Give the economies of a figure whose clause names some."""
    if (one := respective(case.line, case.finding)) is not None:
        return (one,)
    own = for_each(case.line, case.finding) or _of_payers(case, hits)
    pays = case.line.has(_PAY_WORDS) and case.finding.quantity.unit == "%" and case.in_sentence(_PAID_RATE)
    giver = home.imposer(case.line) if pays or case.kind == "tariff" else None
    host = giver or (None if pays else case.home)
    if own := own or of_a_row(case.line, case.finding, host):
        return own
    found = tuple(dict.fromkeys(code for _, _, code in sorted(hits)))
    if row := next_in_row(case, found):
        return row
    if len(found) == 1 and found[0] in (both := _of_both(case)):
        return both
    if case.last and set(found) < set(case.last.economies) and (_goes_on(case) or _hangs_on(case, hits)):
        return case.last.economies
    owned = mentions.owned(case.line, case.finding, hits)
    return found if owned and len(found) > 1 else _completed(case, found, owned=owned)


def _of_payers(case: Case, hits: list[Hit]) -> tuple[str, ...]:
    """Read "Peru and Chile pay 10 %" as of the payers and of the one economy whose tariffs the text is about."""
    line, finding = case.line, case.finding
    if finding.quantity.unit != "%" or not (line.has(_PAY_WORDS) or line.has(_RATE_WORDS)):
        return ()
    pays, after = _pays(case), max([end for _, end in line.figures if end <= finding.start] + [line.start])
    by = home.imposer(line) or (told_imposer(case) if pays == "pays" else None)
    if by is None or any(code == by for _, _, code in hits) or not pays:
        return ()
    before = [hit for hit in hits if hit[0] < finding.start]
    if any(_BOUND_FOR.search(line.text, line.start, hit[0]) for hit in before):
        return ()  # "meat sold to India faces 33 %": who is sold to, taxes
    near = [hit[2] for hit in before if hit[0] >= max(after, case.clause[0])]
    near = near or [hit[2] for hit in before[-1:] if pays == "pays"]
    return tuple(dict.fromkeys([by, *near])) if near else ()


def _pays(case: Case) -> str:
    """Tell how a rate is paid: "pays 10 %"; "got 20 %", "Japan's rate is 15 %" where duties are told of; "" if it is not."""
    line, at = case.line, case.finding.start
    if _PAYS.search(line.text, max(line.start, at - 40), at):
        return "pays"
    if case.kind not in {"", "tariff"} and not case.before(_RATE_IS):
        return ""
    told = any(_DUTY.search(one.about or "") for one in case.told[-3:]) or case.in_sentence(_DUTY) is not None
    told = told or (
        line.before is not None and _DUTY.search(line.before.text, line.before.start, line.before.end) is not None
    )
    return "gets" if told and (_GETS.search(line.text, line.start, at) or case.before(_RATE_IS)) else ""


def _hangs_on(case: Case, hits: list[Hit]) -> bool:
    """Tell whether a clause that names nobody hangs on the figure before: ", which left a deficit of"."""
    start, end = case.clause
    own = any(start <= hit[0] < end for hit in hits)
    here = case.last is not None and case.last.start >= case.line.start
    return here and not own and _WHICH.match(case.line.text, start) is not None


def _goes_on(case: Case) -> bool:
    """Tell whether a figure is between the same two as the one before: "imports from it", "in return"."""
    line = case.line
    told = case.last and not line.opens_paragraph and line.text[line.before.start if line.before else 0 : case.last.end]
    if told and _MUTUAL.search(told) and case.before(_FLOWS):
        return True
    return bool(case.before(FROM_IT) or _IN_RETURN.search(line.text, line.start, case.finding.start))


def _of_the_nation(case: Case, noun: str) -> bool:
    """Tell whether "revenue" is a nation's: where no firm is named in this sentence or the one before."""
    if case.line.before is None or case.home in {None, WORLD}:
        return False
    if _SECTOR.search(case.line.text, *case.clause):
        return True
    if noun.lower() == "orders" and any(names_a_firm(line) for line in case.line.story.opening[:_LEAD]):
        return False
    at_work = noun.lower() in {"workers", "jobs", "people", "employees", "staff", "orders", "projects", "plants"}
    theirs = at_work or (
        noun.lower() in {"revenue", "revenues", "sales"} and case.last is not None and case.home in case.last.economies
    )
    return theirs and not names_a_firm(case.line) and not names_a_firm(case.line.before)


def _completed(case: Case, found: tuple[str, ...], *, owned: bool) -> tuple[str, ...]:
    """Add the other side, where the clause names only one and the text is plainly about two."""
    others = _others(case, found, owned=owned)
    return tuple(dict.fromkeys(code for code in (*others, *found) if code))


def _others(case: Case, found: tuple[str, ...], *, owned: bool) -> Iterable[str | None]:
    line, (start, end), first = case.line, case.clause, found[0]
    if COMPARED.match(line.text, start):
        for_goods = case.kind == "tariff" and _FOR.search(line.text, case.finding.end, end)
        return _imposer(line, found, case.last) if for_goods else ()
    if len(found) > 1:
        return () if owned or not _needs_home(case) else (case.home,)
    by_the_state = case.kind == "tariff" and not owned
    if by_the_state or case.before(BILATERAL) or _THE_COUNTRY.search(line.text, start, end):
        by_state = (case.home,) if by_the_state and (case.in_sentence(STATE) or case.before(_FACES)) else ()
        return case.partner(first) or _other_before(case, first) or by_state or _struck(case, first)
    return _beside_one(case, first, owned=owned)


def _struck(case: Case, first: str) -> Iterable[str | None]:
    """Give whom the tariffs of the one who imposes them are told to strike: whom the text is plainly about."""
    imposed = first == home.imposer(case.line) or case.in_sentence(_SOLD_AMID)
    strikes = case.kind == "tariff" and imposed and not case.within(_AVERAGE)
    return (case.strong_home,) if strikes and not _ON_ALL.search(case.line.text, case.line.start, case.line.end) else ()


def _beside_one(case: Case, first: str, *, owned: bool) -> Iterable[str | None]:
    """Give the other side of a figure whose clause names one economy and no pair."""
    line, last = case.line, case.last
    goes_on = last is not None and (first != case.home or last.start >= line.start or case.before(_BUYING))
    if not case.kind and last and first in last.economies and goes_on and not line.opens_paragraph:
        ours = (_of_our_own(case, first),) if _speaks_for(case) else last.economies
        return () if case.in_sentence(_ANY) else ours
    acts = case.kind != "firm" and _THE_STATE.match(line.text, line.start, line.end)
    if acts and case.home not in {None, WORLD, first}:
        return (case.home,)
    if owned:
        return _beside_the_owner(case, first)
    if first == case.home and line.before and not line.opens_paragraph and case.before(_BUYING) and _needs_home(case):
        return (mentions.last_owner(line.before),)
    if not _needs_home(case):
        return ()
    return (_of_our_own(case, first) if _speaks_for(case) else mentions.antecedent(line) or case.home,)


def _of_our_own(case: Case, first: str) -> str | None:
    """Read "we sent America 6.3 million cartons", said by whom nothing places elsewhere, as of the text's own economy."""
    own = case.strong_home
    here = {code for _, _, code in case.line.economies} <= {first, own}
    return own if here and not case.line.story.is_talk and case.before(_BUYING) else None


def _other_before(case: Case, first: str) -> Iterable[str]:
    """Give the only other economy of the sentence before, where "the Gulf nation" means one."""
    if case.line.before is None or not _THE_COUNTRY.search(case.line.text, *case.clause):
        return ()
    others = {code for _, _, code in case.line.before.economies} - {first, WORLD}
    return tuple(others) if len(others) == 1 else ()


def _beside_the_owner(case: Case, owner: str) -> Iterable[str | None]:
    """Give the other side of an owner's figure: of a tariff put on what the sentence tells of, of a purchase."""
    abroad = case.in_sentence(_PARTNER) and case.kind in {"nation", ""} and case.home not in {None, WORLD, owner}
    trades = case.kind != "firm" or not home.of_a_firm(case.line.story)
    if abroad or case.before(_INVESTED) or (trades and _buys(case, owner)):
        return (case.home,)
    chain = case.line.chain(case.finding.start)
    if case.kind != "tariff" or case.within(_AVERAGE):
        return _hit_by(case, owner)
    if case.home not in {None, WORLD, owner} and any(code == case.home for _, _, code in case.line.economies):
        return (case.home,)
    told = dict.fromkeys(code for at, _, code in case.line.economies if chain[-1][0] <= at < chain[0][0])
    if owner in told and len(told) == len("AB"):
        return tuple(told)
    return _across(case, owner)


def _across(case: Case, owner: str) -> Iterable[str | None]:
    """Give who stands across the border that an owner's tariff is on, where the text is plainly about one or two."""
    if case.finding.quantity.unit != "%" or _ON_ALL.search(case.line.text, case.line.start, case.line.end):
        return ()
    if owner != case.home:
        return (case.strong_home,)
    told = case.last.economies if case.last else ()
    return [code for code in case.partner(owner) if code in told]


def _hit_by(case: Case, owner: str) -> tuple[str | None, ...]:
    """Read "a U.S. tariff would cut shipments" as the shipments of whom the text is about."""
    hits = [hit for hit in case.line.economies if case.clause[0] <= hit[0] < case.clause[1] and hit[2] == owner]
    barred = bool(hits) and all(_TARIFF_NEXT.match(case.line.text, end, case.line.end) for _, end, _ in hits)
    return (case.strong_home,) if barred and case.kind in {"nation", ""} and owner != case.strong_home else ()


def _buys(case: Case, owner: str) -> bool:
    """Tell whether an economy stands as the buyer or seller of what another one makes: "China took 3 tonnes"."""
    if case.home in {None, WORLD, owner} or any(code == WORLD for _, _, code in case.line.economies):
        return False
    alone = {code for _, _, code in case.line.economies} == {owner}
    money = case.finding.kind in {"money", "price"}
    bought = (
        _BUYS.match(case.line.text, end, case.finding.start)
        or (money and _PAID.match(case.line.text, end, case.finding.start))
        for at, end, code in case.line.economies
        if code == owner and at < case.finding.start
    )
    return any(found and (alone or not found[0].startswith(",")) for found in bought)


def _speaks_for(case: Case) -> bool:
    """Tell whether "we" is whom the speaker's office names."""
    return case.before(WE) is not None and all(at > case.finding.end for at, _, _ in case.line.economies)


def _needs_home(case: Case) -> bool:
    """Tell whether a direction alone ("to China") leaves the text's own economy unsaid."""
    told = case.kind not in {"firm", "market"} or (
        case.kind == "firm"
        and (case.within(_SOLD) or case.before(_INVESTS)) is not None
        and not home.of_a_firm(case.line.story)
    )
    single = "single" in side_words(case.line, *case.clause)
    return told and not single and case.home != WORLD and not mentions.regional(case.line, case.finding)


def _of_both(case: Case) -> tuple[str, ...]:
    """Read "The two countries … want their trade to reach" where one of them is named again."""
    subject = BOTH.match(case.line.text, case.line.start, case.line.end) or BOTH.match(
        case.line.text, case.line.start + len("The ")
    )
    own = _ITS.search(case.line.text, case.clause[0], case.finding.start)
    if not (subject and own):
        return ()
    told = case.last.economies if case.last and len(case.last.economies) == len("AB") else ()
    return told or mentions.pair(case.line, case.line.start)


def _imposer(line: Line, found: tuple[str, ...], last: Figure | None) -> list[str]:
    """Give who imposes the tariff that "3 % for Brazilian beans" is compared with: not the owner of the goods."""
    goods = {start for start, _, _ in line.products}
    sellers = {code for _, end, code in line.economies if end + 1 in goods}
    return [code for code in (last.economies if last else ()) if code not in sellers and code not in found]
