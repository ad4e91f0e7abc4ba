"""Decide from the whole text what "$" and the point of "1.234" mean."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from toolkit import codes
from toolkit.codes import patterns as re
from toolkit.figures.numbers import tables
from toolkit.figures.numbers.tables import Unit

if TYPE_CHECKING:
    from toolkit.figures.numbers.number import Amount

__all__ = ["Clues"]

Span = tuple[int, int]
_CLUE = re.compile(rf"(?<![A-Za-z])(?:{tables.either({words for words, _, _ in tables.CLUES})})(?![A-Za-z])")
_MEANINGS: dict[str, list[tuple[str, str]]] = defaultdict(list)
for _words, _family, _code in tables.CLUES:
    _MEANINGS[_words].append((_family, _code))
_POINT = re.compile(r"(?<![0-9.,])(?:[0-9]{1,3}(?:,[0-9]{3})++(?![0-9,])|[0-9]{1,12}\.[0-9]{1,2}(?![0-9.,]))")
_COMMA = re.compile(r"(?<![0-9.,])(?:[0-9]{1,3}(?:\.[0-9]{3}){2,}+|[0-9]{1,3}(?:\.[0-9]{3})?,[0-9]{1,2}(?![0-9.,]))")
_POUND = Unit("lb", Decimal(1), "pound-mass")
_MONEY_SCALE = 6
_FEWEST_CLUES = 2
_OWN_DOLLARS = {"AUD": "A$", "CAD": "C$", "NZD": "NZ$", "SGD": "S$"}  # written "$" at home
_AT_HOME = {"AUD": "AUS", "CAD": "CAN", "NZD": "NZL", "SGD": "SGP"}
_DOLLAR = "US$"
_HEAD = 400  # characters in which a dateline stands
_DATELINE = re.compile(
    r"^(?:[^\n|]{0,40}\|\s?)?([A-Z][A-Za-z. ]{2,20})(?:,\s([A-Z][A-Za-z ]{2,20}))?(?:,|\s[-–—(])", re.MULTILINE
)
# "| Feb. 3, 2026 | Ottawa", "3 Oct. 2025, Sydney -": the place after the date.
_PLACE = re.compile(r"(?:19|20)\d\d(?:,|\s?[|/·])\s([A-Z][A-Za-z ]{2,20}?)(?=\s?(?:[-–—|(:/]|\n|$))")
# "All figures are in New Zealand dollars."
_STATED = re.compile(
    rf"\b(?:{tables.either(tables.GRAMMAR['money stated'])})\b[^.;\n]{{0,40}}?"
    rf"\b({tables.either(tables.GRAMMAR['own dollar'])}) (?:dollars|currency)\b[^.;\n]{{0,60}}(?=[.);\n]|$)"
)
_TURNED = re.compile(
    r"(?:A|C|NZ|S|HK|NT|CA|AU)\$\s?[\d.,]+(?:[\s-]?[a-z]{1,8})?\s?\((?:about |around |roughly |some |or )?$"
)
_TURN = 48  # characters of an amount and the bracket behind it: "NZ$9 billion ("
_DOLLAR_SIGNS = re.compile(r"(?<![A-Za-z])[A-Z]{0,3}\$")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"\n]*\"")
_OURS = re.compile(r"\b(?:[Ww]e|[Oo]urs?)\b")
_SENTENCE = 300  # characters before a figure in which its subject stands
_END = re.compile(r"(?<![A-Z])[.!?]\s|\n")
_TOWARDS = re.compile(r"\b(?:to|from|with|for|in|on|of|by)\s(?:the\s)?$")


class Clues:
    """The currencies that a text names, by family, and where."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[str, dict[str, tuple[int, Span]]] | None = None
        self._marks: tuple[Span | None, Span | None] | None = None
        self._own: tuple[str, Span] | str | None = ""
        self._once: str | None = None

    def point(self) -> tuple[bool, Span] | None:
        """Return whether the text's decimal mark is the point, and where it shows; None if it does not."""
        if self._marks is None:
            found = [pattern.search(self._text) for pattern in (_POINT, _COMMA)]
            self._marks = found[0] and found[0].span(), found[1] and found[1].span()
        point, comma = self._marks
        if (point is None) == (comma is None):
            return None
        return (True, point) if point else (False, comma or (0, 0))

    def resolve(self, unit: Unit, found: Amount, following: str, at: int = 0) -> tuple[Unit, Span | None]:
        """Return the unit that is meant, and the clue that says so if one was needed."""
        if not unit.family:
            return unit, None
        seen = self._seen().get(unit.family, {})
        if unit.family == "pound":
            return self._pound(unit, found, following, seen)
        if unit.symbol == "USD" and _TURNED.search(self._text, max(0, at - _TURN), at):
            return unit._replace(certain=True), None
        if unit.symbol == "USD" and (own := self._home_dollar()):
            return (unit, None) if self._of_another(at) else (unit._replace(symbol=own[0], certain=True), own[1])
        return self._by_clues(unit, seen)

    def _signed_once(self, seen: dict[str, tuple[int, Span]]) -> str | None:
        """Return the dollar whose sign a text writes out only the first time, if it never names the American one."""
        code = max(seen, key=lambda code: seen[code][0], default="")
        if "USD" in seen or code not in _OWN_DOLLARS or seen[code][0] < _FEWEST_CLUES:
            return None
        signs = _DOLLAR_SIGNS.findall(self._text)
        once = signs[:1] == [_OWN_DOLLARS[code]] and set(signs[1:]) <= {"$"} and "($" not in self._text
        return code if once else None

    def _by_clues(self, unit: Unit, seen: dict[str, tuple[int, Span]]) -> tuple[Unit, Span | None]:
        if unit.symbol == "USD" and self._once is None:
            self._once = self._signed_once(seen) or ""
        if unit.symbol == "USD" and (code := self._once):
            return unit._replace(symbol=code, certain=False), seen[code][1]
        if seen.keys() == {unit.symbol}:
            return unit._replace(certain=True), seen[unit.symbol][1]
        others = [code for code in seen if code != unit.symbol]
        if (
            unit.symbol not in seen
            and len(others) == 1
            and (unit.family != "dollar" or seen[others[0]][0] >= _FEWEST_CLUES)
        ):
            sure = unit.family != "dollar"
            return unit._replace(symbol=others[0], certain=sure), seen[others[0]][1]
        return unit, None

    @staticmethod
    def _pound(
        unit: Unit, found: Amount, following: str, seen: dict[str, tuple[int, Span]]
    ) -> tuple[Unit, Span | None]:
        others = [code for code in seen if code != unit.symbol]
        if len(seen) == 1 and others:
            return unit._replace(symbol=others[0]), seen[others[0]][1]
        if (found.exponent or 0) >= _MONEY_SCALE and following != "of":
            return unit, None
        if seen and following != "of":
            return unit, seen[unit.symbol][1] if unit.symbol in seen else None
        return _POUND, None

    def _home_dollar(self) -> tuple[str, Span] | None:
        """Return the dollar that a bare "$" means in a text from its own country, and the clue; None if that is not plain.

        The text comes from there and tells its own dollar apart by writing "US$" for the
        other, or speaks of "us" there and never signs its own; else it names that country
        more often than the United States, and says from where it comes or writes "US$".
        """
        if isinstance(self._own, str):
            self._own = self._find_home_dollar()
        return self._own

    def _find_home_dollar(self) -> tuple[str, Span] | None:
        seen = self._seen().get("dollar", {})
        if stated := _STATED.search(self._text):
            code = next((code for family, code in _MEANINGS.get(stated[1], []) if family == "dollar"), "")
            return (code, stated.span()) if code in _OWN_DOLLARS else None
        places = [place for form in (_DATELINE, _PLACE) for place in form.finditer(self._text, 0, _HEAD)]
        heads = [name.title() for place in places for name in place.groups() if name]
        local = {code: seen[code] for code in seen if code in _OWN_DOLLARS}
        if not local and (home := next(filter(None, map(_dollar_of, heads)), None)):
            local = {home: (1, places[0].span(1))}
        code = max(local, key=lambda code: local[code][0], default="")
        placed = any(("dollar", code) in _MEANINGS.get(head, []) or _dollar_of(head) == code for head in heads)
        if not code or (local[code][0] < _FEWEST_CLUES and not placed):
            return None
        apart = self._text.count(_DOLLAR)
        others = max((seen[other][0] - (apart if other == "USD" else 0) for other in seen if other != code), default=0)
        signed = re.search(r"(?<![A-Za-z])" + re.escape(_OWN_DOLLARS[code]), self._text)
        if placed and (apart or (not signed and self._speaks_of_us())):
            return code, local[code][1]
        plain = apart or (placed and not signed)
        return (code, local[code][1]) if plain and local[code][0] > others else None

    def _speaks_of_us(self) -> bool:
        """Return whether the text itself says "we" and "our" of its readers, leaving quotations aside."""
        return len(_OURS.findall(_QUOTED.sub("", self._text))) >= _FEWEST_CLUES

    def _of_another(self, at: int) -> bool:
        """Return whether the subject of the sentence before `at` is of the United States alone."""
        start = max([end.end() for end in _END.finditer(self._text, max(0, at - _SENTENCE), at)] + [0, at - _SENTENCE])
        found = [
            clue
            for clue in _CLUE.finditer(self._text, start, at)
            if not _TOWARDS.search(self._text, max(0, clue.start() - 10), clue.start())
        ]
        codes = {code for clue in found for family, code in _MEANINGS[clue[0]] if family == "dollar"}
        return codes == {"USD"}

    def _seen(self) -> dict[str, dict[str, tuple[int, Span]]]:
        if self._found is None:
            self._found = defaultdict(dict)
            for clue in _CLUE.finditer(self._text):
                for family, code in _MEANINGS[clue[0]]:
                    count, first = self._found[family].get(code, (0, clue.span()))
                    self._found[family][code] = count + 1, first
        return self._found


def _dollar_of(head: str) -> str | None:
    """Return the dollar of the country that a city lies in."""
    return _city_dollars().get(head)


@cache
def _city_dollars() -> dict[str, str]:
    dollars = {iso3: code for code, iso3 in _AT_HOME.items()}
    return {row["name"].title(): dollars[row["iso3"]] for row in codes.table("cities") if row["iso3"] in dollars}
