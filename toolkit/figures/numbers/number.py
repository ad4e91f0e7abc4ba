"""A number in digits or words: its exact value and the tokens it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from toolkit.codes import patterns as re
from toolkit.codes.phrases import NUMBER
from toolkit.figures.numbers import tables
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.codes.phrases import Tokens
    from toolkit.figures.numbers.tables import Unit

__all__ = ["Amount", "Number", "digits", "groups", "number"]

_PLAIN = re.compile(r"0|[1-9][0-9]{0,29}|[0-9]{1,30}\.[0-9]{1,30}")
_GROUPED = re.compile(  # 1,234; 12,34,567 in India; 1'234 in Switzerland
    r"[1-9](?:[0-9]{0,2}(?:,[0-9]{3}){1,9}|[0-9]?(?:,[0-9]{2}){1,9},[0-9]{3}|[0-9]{0,2}(?:'[0-9]{3}){1,9})"
    r"(?:\.[0-9]{1,30})?"
)
_CONTINENTAL = re.compile(
    r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,9}(?:,[0-9]{1,30})?|[1-9][0-9]{0,2}(?:\.[0-9]{3}),[0-9]{1,2}"
)
_MILLIONS = re.compile(r"[1-9][0-9]{0,2}'[0-9]{3}\.[0-9]{3}")  # 1'150.000 in Latin America
_COMMA = re.compile(r"[0-9]{1,30},(?:[0-9]{1,2}|[0-9]{4,30})")
_THREE = re.compile(r"[0-9]{3}(?:[.,][0-9]{1,2})?")
_DOTTED = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_LONGEST = 12  # words; more is no number that news would print
_MOST_PARTS = 1000  # 1/1000 is the smallest fraction written with a stroke
_NONE = (Fraction(0), "")
_FOLLOWS = {"unit": ("ten", "hundred", "scale"), "teen": ("hundred", "scale"), "ten": ("hundred", "scale")}


class Number(NamedTuple):
    """A value, the tokens it takes, and how it is written."""

    value: Decimal
    first: int
    after: int
    in_words: bool = False
    fraction: bool = False
    plain: bool = False  # digits alone, without grouping or decimals
    comma: bool = False  # a decimal comma, to be believed only beside a unit
    dotted: bool = False  # 1.234, which is 1234 on the Continent


@dataclass(slots=True)
class Amount:
    """A number and what stands beside it; token indices, `after` left out.

    `signed`: a currency sign stands before the number; `bare`: nothing says what
    is counted.
    """

    number: Number
    first: int
    after: int
    exponent: int | None = None
    unit: Unit | None = None
    counted: str | None = None
    rate: str | None = None
    negative: bool = False
    signed: bool = False
    hedge: Hedge = Hedge.EXACT
    part: Decimal = Decimal(0)  # 45 cents of "13 dollars and 45 cents"
    named: tuple[int, int] | None = None  # tokens of the unit
    context: list[tuple[int, int]] = field(default_factory=list)  # tokens that gave unit or scale
    marks: list[tuple[int, int]] = field(default_factory=list)  # characters that showed the decimal mark

    @property
    def bare(self) -> bool:
        """Whether neither unit nor noun stands beside the number."""
        return self.unit is None and self.counted is None

    @property
    def value(self) -> Decimal:
        """The value in base units."""
        unit = self.unit.factor if self.unit else Decimal(1)
        value = self.number.value.scaleb(self.exponent or 0) * unit + self.part
        return -value if self.negative else value

    @property
    def symbol(self) -> str:
        """The unit's symbol, with its rate."""
        symbol = self.unit.symbol if self.unit else "1"
        return f"{symbol}/{self.rate}" if self.rate else symbol


def number(tokens: Tokens, index: int) -> Number | None:
    """Return the number that starts at `index`, or None if there is none or its form is not known.

    >>> from toolkit.codes.phrases import Tokens
    >>> number(Tokens("five hundred and fifty"), 0).value
    Decimal('550')
    >>> str(number(Tokens("3¾"), 0).value), str(number(Tokens("two and a half"), 0).value)
    ('3.75', '2.5')
    """
    if tokens.kinds[index] == NUMBER:
        return _and_part(tokens, _digits(tokens, index))
    if tokens.written[index] == "." and tokens.kinds[index + 1] == NUMBER and tokens.glued(index + 1):
        written = tokens.written[index + 1]
        return Number(Decimal("." + written), index, index + 2) if written.isdigit() and len(written) < 30 else None  # noqa: PLR2004
    value, kind = tables.NUMBER_WORDS.get(tokens.lower[index], _NONE)
    if kind == "sign":
        return Number(_decimal(value), index, index + 1, fraction=True)
    if kind in {"part", "article"}:
        return _part(tokens, index, kind)
    return _and_part(tokens, _spoken(tokens, _in_words(tokens, index))) if kind else None


def digits(written: str) -> Decimal | None:
    """Return the value of digits with their grouping; None where the form is not known.

    >>> digits("12,34,567.50"), digits("1.234.567,89"), digits("007")
    (Decimal('1234567.50'), Decimal('1234567.89'), None)
    """
    if _PLAIN.fullmatch(written):
        return Decimal(written)
    if _GROUPED.fullmatch(written) and not _MILLIONS.fullmatch(written):
        return Decimal(written.replace(",", "").replace("'", ""))
    if _CONTINENTAL.fullmatch(written) or _MILLIONS.fullmatch(written):
        return Decimal(written.replace(".", "").replace("'", "").replace(",", "."))
    return Decimal(written.replace(",", ".")) if _COMMA.fullmatch(written) else None


def _digits(tokens: Tokens, index: int) -> Number | None:
    written = tokens.written[index]
    if tokens.written[index + 1] == "/" and tokens.kinds[index + 2] == NUMBER and tokens.glued(index + 1):
        return _stroke(tokens, index)
    after = index + 1
    if written.isdigit() and len(written) <= 3:  # noqa: PLR2004 - 1 234 567 and 816 000 t
        while _group(tokens, after):
            after += 1
        alone = after - index == 2 and tables.SIGNS.before(tokens, index) is None  # noqa: PLR2004
        if alone and not _measured(tokens, after):  # page 12 500 people
            return None
        written = "".join(tokens.written[index:after])
    value = digits(written)
    if value is None or len(written) > 60:  # noqa: PLR2004
        return None
    comma = "," in written and _COMMA.fullmatch(written) is not None
    dotted = "." in written and _DOTTED.fullmatch(written) is not None
    return Number(value, index, after, plain=after == index + 1 and written.isdigit(), comma=comma, dotted=dotted)


def _spoken(tokens: Tokens, whole: Number | None) -> Number | None:
    """Add the digits said after "point": three point two five."""
    if whole is None or tokens.lower[whole.after] != "point":
        return whole
    said, after = "", whole.after + 1
    while (named := tables.NUMBER_WORDS.get(tokens.lower[after], _NONE))[1] == "unit":
        said, after = said + str(named[0]), after + 1
    return Number(whole.value + Decimal(f"0.{said}"), whole.first, after, in_words=True) if said else whole


def _group(tokens: Tokens, index: int) -> bool:
    """Return whether a group of three digits stands one space after the token before."""
    if tokens.kinds[index] != NUMBER or tokens.starts[index] - tokens.ends[index - 1] != 1:
        return False
    return _THREE.fullmatch(tokens.written[index]) is not None and tokens.written[index - 1].isdigit()


def groups(tokens: Tokens, index: int) -> int:
    """Return the index after the groups of digits that follow the number at `index` with spaces."""
    while _group(tokens, index + 1):
        index += 1
    return index + 1


def _measured(tokens: Tokens, index: int) -> bool:
    return tables.measures(tokens, index) and tokens.lower[index] not in {"m", "a"}


def _stroke(tokens: Tokens, index: int) -> Number | None:
    """Read 1/16; improper fractions (24/7, 9/11) are not numbers."""
    over, under = tokens.written[index], tokens.written[index + 2]
    if not (over.isdigit() and under.isdigit() and len(under) <= 4 and 0 < int(over) < int(under) <= _MOST_PARTS):  # noqa: PLR2004
        return None
    return Number(_decimal(Fraction(int(over), int(under))), index, index + 3, fraction=True)


def _and_part(tokens: Tokens, whole: Number | None) -> Number | None:
    """Add what follows a whole number: 2 1/2, 3¾, two and a half; or divide by it: two-thirds."""
    if whole is None or whole.value != whole.value.to_integral_value():
        return whole
    after = whole.after
    value, kind = tables.NUMBER_WORDS.get(tokens.lower[after], _NONE)
    if kind == "sign":
        return Number(whole.value + _decimal(value), whole.first, after + 1)
    if tokens.kinds[after] == NUMBER and whole.plain and (part := _digits(tokens, after)) and part.fraction:
        return Number(whole.value + part.value, whole.first, part.after)
    if tokens.lower[after] == "and" and tokens.lower[after + 1] in {"a", "one", "three"}:
        over = 3 if tokens.lower[after + 1] == "three" else 1
        value, kind = tables.NUMBER_WORDS.get(tokens.lower[after + 2], _NONE)
        if kind == "part" and tokens.lower[after + 2] in {"half", "quarter", "quarters", "third"}:
            return Number(whole.value + _decimal(over / value), whole.first, after + 3, in_words=True)
    hyphen = tokens.written[after] == "-"
    value, kind = tables.NUMBER_WORDS.get(tokens.lower[after + hyphen], _NONE)
    plural = tokens.lower[after + hyphen].endswith("s") or tokens.lower[after + hyphen] == "half"
    if kind == "part" and whole.in_words and 0 < whole.value < value and plural == (whole.value > 1 or value == 2):  # noqa: PLR2004
        return Number(_decimal(int(whole.value) / value), whole.first, after + hyphen + 1, in_words=True, fraction=True)
    return whole


def _part(tokens: Tokens, index: int, kind: str) -> Number | None:
    """Read "half", "half a", "a third", "a quarter of a", "a hundred", "a dozen", "a billion"."""
    start, article = index, kind == "article"
    index += article
    word = tokens.lower[index]
    value, kind = tables.NUMBER_WORDS.get(word, _NONE)
    if article and (kind in {"hundred", "dozen"} or tables.SCALES.at(tokens, index)):
        read = _in_words(tokens, index, one=True)
        return read and read._replace(first=start)
    if kind != "part" or word.endswith("s") or word == "halves" or (not article and word not in {"half", "quarter"}):
        return None
    after = index + 1
    if tokens.lower[after] in {"a", "an"} and not tokens.glued(after + 1):  # half a billion, half an hour
        after += 1
        if tokens.lower[after] == "dozen":
            return Number(_decimal(12 / value), start, after + 1, in_words=True)
    return Number(_decimal(1 / value), start, after, in_words=True, fraction=True)


def _in_words(tokens: Tokens, index: int, *, one: bool = False) -> Number | None:
    """Read number words: forty-five, two hundred thousand, three million four hundred thousand."""
    start, total, group, last = index, 0, int(one), "unit" if one else ""
    for _ in range(_LONGEST):
        value, kind = tables.NUMBER_WORDS.get(tokens.lower[index], _NONE)
        small = kind in _FOLLOWS and (last == "" or last in _FOLLOWS[kind])
        many = kind in {"hundred", "dozen"} and last in {"unit", "teen", "ten"}
        scale = None if small or many else tables.SCALES.at(tokens, index)
        if small or many:
            group = group + int(value) if small else group * int(value)
        elif scale is None or last in {"", "scale"} or not _goes_on(tokens, scale[1]):
            break
        else:
            total, group, kind, index = total + group * 10 ** scale[0], 0, "scale", scale[1] - 1
        last, index = kind, index + 1
        index = _joined(tokens, index, last)
    else:
        return None
    if last == "" or (last in {"unit", "teen", "ten"} and one and index == start):
        return Number(Decimal(1), start, start, in_words=True) if one else None
    return Number(Decimal(total + group), start, index, in_words=True)


def _goes_on(tokens: Tokens, index: int) -> bool:
    """Return whether smaller number words follow the scale word: two million three hundred thousand."""
    index += tokens.lower[index] == "and"
    return tables.NUMBER_WORDS.get(tokens.lower[index], (0, ""))[1] in _FOLLOWS and (
        tables.NUMBER_WORDS.get(tokens.lower[index + 1], (0, ""))[1] == "hundred"
        or (tables.SCALES.at(tokens, index + 1) is not None)
    )


def _joined(tokens: Tokens, index: int, last: str) -> int:
    """Step over the hyphen of forty-five and the "and" of a hundred and five."""
    joins = tokens.lower[index] == "-" or (last in {"hundred", "scale"} and tokens.lower[index] == "and")
    kind = tables.NUMBER_WORDS.get(tokens.lower[index + joins], (0, ""))[1]
    return index + 1 if joins and kind in _FOLLOWS and last in (*_FOLLOWS[kind], "scale") else index


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
