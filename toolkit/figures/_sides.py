"""The other side of a figure that stands between two, where the clause names only one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _patterns as re
from toolkit.figures._case import names_a_firm, side_words
from toolkit.figures._home import money_homes
from toolkit.figures._mentions import WORLD, owns
from toolkit.figures._nameless import firm_home

if TYPE_CHECKING:
    from toolkit.figures._case import Case
    from toolkit.figures._clauses import Line

_BARE = re.compile(r",\s(?:(?:at|with|on)\s)?(?:(?:about|around|some|roughly|nearly|almost|only|just)\s)?$")
_UNDER = re.compile(r"\bunder (?:the|this|that|their)\b", re.IGNORECASE)
_ITS = re.compile(r"\b(?:its|our|their)\s$")
_OF = re.compile(r"\sof\s")
_DOWN_FROM = re.compile(r",?\s?(?:down|up|compared|against|versus)\b")
_TAXED = re.compile(r"\b(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|surcharge|rate|pays?|enters?)\b")
_NEAR = 40  # characters
_BLOCS = {WORLD, "EUU"}


def both_sides(case: Case, found: tuple[str, ...]) -> tuple[str, ...]:
    """Add the partner of a flow, a pact, a pledge or a stake to the one economy found."""
    if len(found) != 1 or found[0] == WORLD:
        return found
    own = found[0]
    other = next((code for rule in _RULES if (code := rule(case, own)) not in {None, own}), None)
    return (own, other) if other else found


def next_in_row(case: Case, found: tuple[str, ...]) -> tuple[str, ...]:
    """Read "Taiwan, at 35 %, is now the largest market" as of who sells, told of before, and of the new partner."""
    last = case.last
    if len(found) != 1 or case.kind or last is None or case.line.opens_paragraph or found[0] in last.economies:
        return ()
    near = case.line.before is not None and last.start >= case.line.before.start
    pair = len(last.economies) == len("AB") and case.strong_home in last.economies
    bare = (
        _BARE.search(case.line.text, case.line.start, case.finding.start)
        and last.quantity.unit == case.finding.quantity.unit
    )
    ranked = "rank" in side_words(case.line, case.line.start, case.line.end)
    return (case.strong_home or "", *found) if near and pair and (bare or ranked) else ()


def told_imposer(case: Case) -> str | None:
    """Give who taxes the goods of the text's own economy, by the last figure of a duty between two."""
    text = case.line.text
    taxed = (
        one
        for one in reversed(case.told)
        if len(one.economies) > 1 and _TAXED.search(text, max(0, one.start - _NEAR), one.end + _NEAR)
    )
    return _partner_in(next((one.economies for one in taxed), ()), case.home or "")


def _of_what_goes_on(case: Case, own: str) -> str | None:
    """Read "49 % a year ago", which the figure before is set against, as of the same two."""
    last = case.last
    compared = (
        last
        and own in last.economies
        and last.start >= case.line.start
        and _DOWN_FROM.match(case.line.text, case.clause[0])
    )
    return _partner_in(last.economies, own) if last and compared else None


def _across_the_border(case: Case, own: str) -> str | None:
    """Read "across the Atlantic" and "we sold them": the partner of a text about two, or the only one told of."""
    said = side_words(case.line, *case.clause)
    if own != case.home or not said & {"across", "goes on"}:
        return None
    told = case.last.economies if case.last and "goes on" in said else ()
    return _partner_in(tuple(case.partner(own)) or told, own) or _only_other(case, own)


def _of_the_pact(case: Case, own: str) -> str | None:
    """Read "under the trade deal, Canada opened 3 % of its market" in a text about two."""
    pact = (
        own == case.home and case.before(_UNDER) and "pact" in side_words(case.line, case.clause[0], case.finding.start)
    )
    return _partner_in(tuple(case.partner(own)), own) if pact else None


def _of_the_pledge(case: Case, own: str) -> str | None:
    """Read "the $550 billion investment package" as promised by one of the two that the sentence names."""
    pledged = own == case.home and "pledge" in side_words(case.line, *case.clause)
    return _other_of(case.line, own) if pledged else None


def _of_the_stake(case: Case, own: str) -> str | None:
    """Read a stake that an economy holds as one in the firm that the text, of another economy, is about."""
    holds = own != case.home and case.finding.quantity.unit == "%" and "stake" in side_words(case.line, *case.clause)
    return case.strong_home if holds and case.kind != "market" else None


def _of_the_firm(case: Case, own: str) -> str | None:
    """Read "China took 27 % of sales" and a firm's sales to China as of its home too."""
    code = firm_home(case.line.story) if case.kind in {"firm", "nation"} else None
    if not code or names_a_firm(case.line) or "sold" not in side_words(case.line, *case.clause):
        return None
    its = any(
        _ITS.search(case.line.text, max(case.line.start, at - 8), at)
        for at, _, named in case.line.economies
        if named == own
    )
    return (
        code
        if its
        or _in_scene(case, own)
        or _directed(case, own)
        or _OF.match(case.line.text, case.finding.end, case.line.end)
        else None
    )


def _of_who_enters(case: Case, own: str) -> str | None:
    """Read "stoppers enter America at 15 %" as the duty on what the text's own economy sells."""
    enters = own != case.home and case.finding.quantity.unit == "%" and "entry" in side_words(case.line, *case.clause)
    return case.strong_home if enters else None


def _in_its_own_money(case: Case, own: str) -> str | None:
    """Read "RM24 billion came from Singapore" as of whose money it is, too."""
    code = money_homes().get(case.finding.quantity.unit[:3])
    lone = code not in {None, "USA", *_BLOCS} and case.kind == "nation" and own == case.home
    return code if lone and _directed(case, own) else None


def _directed(case: Case, own: str) -> bool:
    """Tell whether the clause names an economy as a direction only: "to China"."""
    here = [hit for hit in case.line.economies if hit[2] == own and case.clause[0] <= hit[0] < case.clause[1]]
    return any(not owns(case.line, hit) for hit in here)


def _in_scene(case: Case, own: str) -> bool:
    """Tell whether a sentence opens with a place: "In China, where it has 900 workers, revenue rose"."""
    return any(
        named == own and case.line.text[case.line.start : at] in {"In ", "In the "}
        for at, _, named in case.line.economies
    )


def _as_much_again(case: Case, own: str) -> str | None:
    """Read "it will sell twice as much" as of the two whose sale the figure before is."""
    last = case.last
    again = last is not None and not case.line.opens_paragraph and "again" in side_words(case.line, *case.clause)
    return _partner_in(last.economies, own) if last and again and own in last.economies else None


_RULES = (
    _in_its_own_money,
    _as_much_again,
    _of_who_enters,
    _of_what_goes_on,
    _across_the_border,
    _of_the_pact,
    _of_the_pledge,
    _of_the_stake,
    _of_the_firm,
)


def _only_other(case: Case, own: str) -> str | None:
    return _other_of(case.line, own) or (_other_of(case.line.before, own) if case.line.before else None)


def _other_of(line: Line, own: str) -> str | None:
    """Give the only other economy that a sentence names."""
    return _partner_in(tuple({code for _, _, code in line.economies}), own)


def _partner_in(two: tuple[str, ...], own: str) -> str | None:
    others = {*two} - {own, *_BLOCS}
    return others.pop() if len(others) == 1 else None
