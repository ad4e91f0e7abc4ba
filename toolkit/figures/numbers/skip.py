"""Numbers that are not figures: names, dates, times, ordinals, telephone numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.codes import patterns as re
from toolkit.codes.phrases import NUMBER, WORD
from toolkit.figures.numbers import tables
from toolkit.figures.numbers.unit import noun

if TYPE_CHECKING:
    from toolkit.codes.phrases import Tokens

__all__ = ["in_title", "skip"]

_CLUSTER = re.compile(r"\+?\(?[0-9][0-9 ().\-/]{5,38}[0-9]")
_ISO = re.compile(
    r"(?:1[5-9]|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])(?:-[0-3][0-9])?|[0-3]?[0-9]([./-])[0-3]?[0-9]\1(?:19|20)?[0-9]{2}"
)
_ORDINALS, _HALVES = tables.GRAMMAR["digit ordinal"], tables.GRAMMAR["time mark"]
_YEARS = range(1500, 2150)
_DAYS = range(1, 32)
_HOUR = re.compile("(?:[01]?[0-9]|2[0-4])[.](?:00|15|30|45)")
_CLOCK = re.compile("(?:[01]?[0-9]|2[0-3])[.][0-5][0-9]")
_FEWEST_DIGITS, _FEWEST_GROUPS = 7, 3
_PEOPLE, _BEFORE_YEAR = tables.GRAMMAR["counted in thousands"], tables.GRAMMAR["before year"]
_OPENERS = tables.STOPS | tables.CHANGES | tables.RANGE_WORDS | tables.GRAMMAR["opening"]
_TITLE_WORDS, _TITLE_SHARE, _SHORT_WORD = 4, 0.75, 3
_DEMONYM_ENDS = ("s", "an", "ese", "ish", "ch", "i")
_NEVER_MEASURED = frozenset({"hs", "section", "article", "chapter"})


def skip(tokens: Tokens, index: int) -> tuple[int, str] | None:
    """Return the index after a number that is not a figure, and its kind; None if it may be one.

    >>> from toolkit.codes.phrases import Tokens
    >>> skip(Tokens("on March 29, 2019"), 2), skip(Tokens("the F-35 jet"), 3)
    ((5, 'date'), (4, 'name'))
    """
    for rule in _IN_DIGITS if tokens.kinds[index] == NUMBER else _IN_WORDS:
        if (found := rule(tokens, index)) is not None:
            return found
    return None


def _identifier(tokens: Tokens, index: int) -> tuple[int, str] | None:
    """Find telephone numbers and codes: three or more groups of digits, not grouped as in a number."""
    found = _CLUSTER.match(tokens.text, tokens.starts[index], tokens.stop)
    if not found or "," in found[0]:
        return None
    groups = re.findall("[0-9]+", found[0])
    regular = re.fullmatch(r"[0-9]{1,3}(?:[ .][0-9]{3})+(?:\.[0-9]+)?", found[0])
    date = _ISO.match(found[0])
    many = len(groups) >= _FEWEST_GROUPS and sum(map(len, groups)) >= _FEWEST_DIGITS
    if date and not found[0][date.end() :].strip(" -"):
        return _until(tokens, index, tokens.starts[index] + date.end()), "date"
    if (
        not many
        or regular
        or re.search(r" - |[0-9]-[0-9]{1,3} [0-9]|[0-9]/", found[0])
        or ("-" not in found[0] and "(" not in found[0] and " " not in found[0])
    ):
        return (_until(tokens, index, tokens.starts[index] + date.end()), "date") if date else None
    return _until(tokens, index, found.end()), "identifier"


def _until(tokens: Tokens, index: int, place: int) -> int:
    while index < len(tokens) and tokens.starts[index] < place:
        index += 1
    return index


def _date(tokens: Tokens, index: int) -> tuple[int, str] | None:
    """Find days beside a month, years, school and fiscal years."""
    written = tokens.written[index]
    if not written.isdigit() or len(written) > 4:  # noqa: PLR2004
        return _after_month(tokens, index) if "," in written else None
    if int(written) in _DAYS and (found := _beside_month(tokens, index)) is not None:
        return found, "date"
    return _year(tokens, index) if len(written) == 4 and int(written) in _YEARS else None  # noqa: PLR2004


def _after_month(tokens: Tokens, index: int) -> tuple[int, str] | None:
    """Find "Nov 1,2025", whose comma has no space."""
    day, _, year = tokens.written[index].partition(",")
    dated = day.isdigit() and int(day) in _DAYS and len(year) == 4 and _month(tokens, index - 1)  # noqa: PLR2004
    return (index + 1, "date") if dated else None


def _month(tokens: Tokens, index: int) -> bool:
    """Return whether a month's name stands at `index`, with a capital: "may" is a verb."""
    if index >= 0 and tokens.written[index] == ".":
        index -= 1
    return index >= 0 and tokens.lower[index] in tables.MONTHS and tokens.written[index][0].isupper()


def _beside_month(tokens: Tokens, index: int) -> int | None:
    after = index + 1
    if tokens.lower[after] in _ORDINALS and tokens.glued(after):
        after += 1
    if index and _month(tokens, index - 1) and not tokens.glued(index) and not _unit_at(tokens, after):
        comma = tokens.written[after] == ","
        year = tokens.written[after + comma]
        return after + comma + 1 if len(year) == 4 and year.isdigit() and int(year) in _YEARS else after  # noqa: PLR2004
    of = tokens.lower[after] == "of"
    if _month(tokens, after + of) and not tokens.glued(after + of):
        return after + of
    dashed = tokens.written[after] in {"-", "–"} and tokens.kinds[after + 1] == NUMBER and _month(tokens, after + 2)
    return after + 2 if dashed else None


def _year(tokens: Tokens, index: int) -> tuple[int, str] | None:
    """Find years: 2019, 2025-26, 1930s; not 2,019, nor 2000 people."""
    after, before = index + 1, tokens.lower[index - 1] if index else ""
    if tokens.lower[after] == "s" or (tokens.written[after] in {"'", "′"} and tokens.lower[after + 1] == "s"):
        return after + 1, "date"
    if tokens.written[after] in {"-", "–", "/"} and tokens.glued(after) and tokens.glued(after + 1):
        second = tokens.written[after + 1]
        if second.isdigit() and len(second) in {2, 4} and (len(second) == 2 or int(second) in _YEARS):  # noqa: PLR2004
            return after + 2, "date"
    if _unit_at(tokens, after) or (index and tables.SIGNS.before(tokens, index) and not _month(tokens, index - 1)):
        return None
    end = noun(tokens, after)
    if end is None:
        return after, "date"
    people = tokens.lower[end - 1] in _PEOPLE
    round_ = tokens.written[index].endswith("00") and before not in _BEFORE_YEAR | {","}
    hedged = before in tables.GRAMMAR["hedge, no year"]
    return None if hedged or ((people or round_) and before not in _BEFORE_YEAR) else (after, "date")


def _unit_at(tokens: Tokens, index: int) -> bool:
    index += tokens.written[index] == "-"
    if tokens.lower[index] in tables.NUMBER_WORDS and tables.NUMBER_WORDS[tokens.lower[index]][1] == "article":
        return False
    return tables.measures(tokens, index)


def _time(tokens: Tokens, index: int) -> tuple[int, str] | None:
    after = index + 1
    if tokens.written[after] in tables.GRAMMAR["date glyph"]:
        return after + 1, "date"
    while tokens.written[after] == ":" and tokens.kinds[after + 1] == NUMBER and tokens.glued(after + 1):
        after += 2
    dotted = tokens.lower[after] in {"a", "p"} and tokens.lower[after + 1 : after + 3] == [".", "m"]
    if dotted or tokens.lower[after] in _HALVES:
        return after + 1, "time"
    return (after, "time") if after > index + 1 else None


def _hours(tokens: Tokens, index: int) -> tuple[int, str] | None:
    """Find opening hours written with points: between 9.00 and 17.30."""
    joined = tokens.lower[index + 1] in {"and", "to", "-", "–", "until"}
    if not joined or not (_HOUR.fullmatch(tokens.written[index]) and _HOUR.fullmatch(tokens.written[index + 2])):
        return None
    money = tables.SIGNS.before(tokens, index) or tables.SIGNS.before(tokens, index + 2)
    return None if money or _unit_at(tokens, index + 3) else (index + 3, "time")


def _stamp(tokens: Tokens, index: int) -> tuple[int, str] | None:
    """Find the time that opens an entry of a live report, and one with its zone: "14.05 Prices jump", "9.30 GMT"."""
    if not _CLOCK.fullmatch(tokens.written[index]):
        return None
    start, following = tokens.starts[index], tokens.written[index + 1]
    opens = start == 0 or tokens.text[start - 1] == "\n"
    capital = following[:1].isupper() and tokens.kinds[index + 1] == WORD
    entry = opens and capital and len(tokens.written[index]) == len("14.05")
    zoned = following in tables.GRAMMAR["time zone"]
    return (index + 1, "time") if zoned or (entry and not _unit_at(tokens, index + 1)) else None


def _half_year(tokens: Tokens, index: int) -> tuple[int, str] | None:
    """Find "half-year", which is a part of the year, not a length of time."""
    joined = tokens.written[index + 1] == "-" and tokens.glued(index + 1) and tokens.lower[index + 2] == "year"
    return (index + 3, "date") if tokens.lower[index] == "half" and joined else None


def _ordinal(tokens: Tokens, index: int) -> tuple[int, str] | None:
    after = index + 1
    if tokens.kinds[index] == NUMBER:
        glued = tokens.glued(after) and (tokens.lower[after] in _ORDINALS or tokens.lower[after] == "s")
        return (after + 1, "ordinal") if glued else None
    ended = tokens.written[after] == "-" and tokens.lower[after + 1] in tables.GRAMMAR["word ordinal"]
    small = tables.NUMBER_WORDS.get(tokens.lower[index], (0, ""))[1] == "ten"
    return (after + 2, "ordinal") if ended and small else None


def _glued_name(tokens: Tokens, index: int) -> tuple[int, str] | None:
    """Find numbers glued to letters, as in F-35, 5G and SSN-688."""
    before = index - 1
    hyphen = index and tokens.glued(index) and tokens.written[before] in {"-", "–", "/", ".", "_", "#", "@", "&", "'"}
    if hyphen and tokens.glued(before) and before:
        before -= 1
    touches = index and tokens.glued(index) and tokens.glued(before + 1)
    letters = touches and tokens.kinds[before] == WORD and before < index
    if letters and _names(tokens, index, before, hyphen=bool(hyphen)):
        return _rest(tokens, index + 1), "name"
    after = index + 1
    counts = tokens.kinds[after + 1] == NUMBER
    if tokens.written[after] == "+" and counts and tokens.glued(after) and tokens.glued(after + 1):
        return _rest(tokens, after + 2), "name"  # the 17+1 format
    if tokens.written[after] in {"×", "^", "*"} and counts:
        return _rest(tokens, after + 1), "unclear"
    if not tokens.glued(after) or tokens.kinds[after] != WORD or _suffix(tokens, after):
        return None
    return _rest(tokens, after + 1), "name"


def _names(tokens: Tokens, index: int, before: int, *, hyphen: bool) -> bool:
    """Return whether the letters glued before a number name it, rather than being a sign, hedge or unit."""
    known: object = (
        tables.SIGNS.before(tokens, index - (before < index - 1)) or tokens.lower[before] in tables.GRAMMAR["joined"]
    )
    if hyphen and not known:  # more-than-5%; not the under-21 team
        hedged = tables.HEDGES.before(tokens, before + 1)
        known = hedged is not None and hedged[1] < before
    return not known and not (hyphen and _unit_before(tokens, before) and tokens.glued(before))


def _unit_before(tokens: Tokens, index: int) -> bool:
    """Return whether what the hyphen joins is itself measured: 5W-10W, €5bn-€7bn."""
    return index > 0 and tokens.kinds[index - 1] == NUMBER


def _suffix(tokens: Tokens, index: int) -> bool:
    """Return whether letters glued to a number are a unit, a scale or a sign."""
    lower = tokens.lower[index]
    if tables.NUMBER_WORDS.get(lower, (0, ""))[1] == "sign":
        return True
    if _unit_at(tokens, index) or lower in {"x", "fold", "ish"} | _HALVES:
        return True
    return tokens.written[index] != "G" and (lower in tables.GLUED_SCALES or lower in tables.MONEY_SCALES)


def _rest(tokens: Tokens, index: int) -> int:
    """Step over what is still glued to a name."""
    while index < len(tokens) and tokens.glued(index):
        if tokens.kinds[index] not in {NUMBER, WORD} and tokens.written[index] not in {"-", "×", "^", "*"}:
            break
        index += 1
    return index


def _led_name(tokens: Tokens, index: int) -> tuple[int, str] | None:
    """Find numbers that a word names: Section 232, pillar 2, Boeing 737."""
    before = index - 1
    if _cited(tokens, index):
        return index + 1, "name"
    if before < 0 or (tokens.kinds[index] != NUMBER and tokens.lower[before] not in tables.LEADS):
        return _spelt_name(tokens, index)
    if _model(tokens, index):
        return index + 1, "name"
    if tokens.written[before] in {".", "-"} and before:
        before -= 1
    if tokens.lower[before] in tables.LEADS or tokens.written[before] == "#":
        measured = _unit_at(tokens, index + 1) and tokens.lower[before] not in _NEVER_MEASURED
        return None if measured else (_more_names(tokens, index + 1), "name")
    return (index + 1, "name") if before == index - 1 and _capital_leads(tokens, before, index) else None


def _cited(tokens: Tokens, index: int) -> bool:
    """Return whether a number names a book of law, a coordinate or a group: 19 CFR 351, 35.7° N, the Group of 20."""
    title = tokens.lower[index + 1] in tables.LAWS and tokens.written[index + 1].isupper()
    law = title and tokens.kinds[index + 2] == NUMBER
    place = tokens.written[index + 1] == "°" and tokens.written[index + 2] in {"N", "E", "S", "W"}
    group = index > 1 and tokens.lower[index - 1] == "of" and tokens.written[index - 2] == "Group"
    return law or place or group


def _capital_leads(tokens: Tokens, before: int, index: int) -> bool:
    """Return whether a word with a capital names the number: Boeing 737; not "The 27", "Japan's 27"."""
    word, lower = tokens.written[before], tokens.lower[before]
    if tokens.kinds[before] != WORD or word.islower() or word.endswith("'s") or lower in tables.MONTHS:
        return False
    if not tokens.written[index].replace(".", "").isdigit() or (_opens(tokens, before) and lower in _OPENERS):
        return False
    measured = _unit_at(tokens, index + 1) or tables.SIGNS.before(tokens, index) or tables.HEDGES.before(tokens, index)
    return not measured and not in_title(tokens)


def _spelt_name(tokens: Tokens, index: int) -> tuple[int, str] | None:
    """Find "Group of Seven", "Formula One": a number word whose capital no sentence gives."""
    word = tokens.written[index]
    number = tables.NUMBER_WORDS.get(tokens.lower[index], (0, ""))[1] in {"unit", "teen", "ten"}
    if (
        not (number and word.istitle() and len(word) > 1)
        or _opens(tokens, index)
        or in_title(tokens)
        or tables.HEDGES.before(tokens, index)
    ):
        return None
    return index + 1, "name"


def _model(tokens: Tokens, index: int) -> bool:
    """Return whether a number and a name are a model: 737 Max, 787 Dreamliner; not 137 Japanese firms."""
    written, word = tokens.written[index], tokens.written[index + 1]
    odd = len(written) == 3 and written.isdigit() and written[-1] != "0"  # noqa: PLR2004
    named = word.istitle() and tokens.kinds[index + 1] == WORD and not word.endswith(_DEMONYM_ENDS)
    if not (odd and named) or in_title(tokens):
        return False
    return not tables.SIGNS.before(tokens, index) and not _unit_at(tokens, index + 1)


def _more_names(tokens: Tokens, index: int) -> int:
    """Step over the further numbers of "headings 2602, 2603 and 2604"."""
    while (
        tokens.lower[index] in {",", "and", "or", "to", "-", "–", "&"}
        and tokens.kinds[index + 1] == NUMBER
        and not _unit_at(tokens, index + 2)
        and tokens.written[index + 1].replace(".", "").isdigit()
    ):
        index += 2
    return index


def _opens(tokens: Tokens, index: int) -> bool:
    return index == 0 or tokens.written[index - 1] in {".", "!", "?", ":", ";", '"', "(", "•", "|"}


def in_title(tokens: Tokens) -> bool:
    """Return whether most words have a capital, as in a headline."""
    words = [
        word
        for word, kind in zip(tokens.written[:60], tokens.kinds, strict=False)
        if kind == WORD and len(word) > _SHORT_WORD
    ]
    return len(words) >= _TITLE_WORDS and sum(word[0].isupper() for word in words) >= _TITLE_SHARE * len(words)


_IN_DIGITS = (_stamp, _identifier, _date, _time, _hours, _ordinal, _glued_name, _led_name)
_IN_WORDS = (_half_year, _ordinal, _led_name)
