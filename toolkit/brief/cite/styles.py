"""How a figure may be written: form, scale, decimals and language, each from one table."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from toolkit import codes
from toolkit.errors import SchemaError
from toolkit.quantity import Hedge, currency_signs, is_currency, scale_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from toolkit.quantity import Quantity

__all__ = [
    "FORMS", "LOCALES", "SCALES", "Style", "any_of", "asked", "ends_hedged", "foreign", "hedges_before", "is_foreign", "parse", "write",
]  # fmt: skip

FORMS = {  # as=
    "full": "hedge, sign, number, unit and base: about US$550 billion, 2 % of GDP",
    "short": "the same without the base: 2 %",
    "words": "no signs: about 550 billion US dollars, 2 per cent of GDP",
    "symbols": "signs and short scales: about US$550bn, 2%",
    "number": "digits alone: 550",
    "percent": "a share, or a ratio of two keys as one: 13.7 %",
    "times": "a ratio as a multiple: 1.03 times",
    "change": "a ratio as a change, with its sign: +3.2 %",
}
SCALES = {"one": 0} | scale_words()  # scale=
LOCALES = ("en", "de", "fr", "ja")  # locale=
_HEDGE_WITHIN = 40  # characters
_MOST_DECIMALS = 6  # decimals=
_MILLION, _MAN = 6, 4
_SHORT = {3: "k", 6: "m", 9: "bn", 12: "trn"}
_VOWEL = re.compile(r"[aeiouéèâ]", re.IGNORECASE)
_UNSCALED = {"%", "pp", "x"}  # nobody writes millions of per cent
_FAITHFUL = Decimal("0.05")  # of a number, which rounding may take away
_LETTERS = re.compile(r"[^\W\d_]+")
_NAMES = ("as", "scale", "decimals", "locale")


class Style(NamedTuple):
    """How a span asks for its figure to be written; None leaves the choice to the build."""

    form: str = "full"
    scale: int | None = None
    decimals: int | None = None
    locale: str = "en"

    @property
    def text(self) -> str:
        """The style as `parse` reads it."""
        scale = next((name for name, each in SCALES.items() if each == self.scale), None)
        named = {"as": self.form, "scale": scale, "decimals": self.decimals, "locale": self.locale}
        return " ".join(f"{name}={each}" for name, each in named.items() if each is not None)

    @property
    def is_plain(self) -> bool:
        """Whether only a form is chosen that `toolkit.quantity.show` writes."""
        return self[1:] == (None, None, "en") and self.form not in {"words", "symbols"}


def asked(attributes: dict[str, str]) -> str | None:
    """Return what the attributes of a span ask for, as one text; None if they ask for nothing.

    >>> asked({"fig": "a", "as": "words", "locale": "de"})
    'as=words locale=de'
    """
    found = [f"{name}={attributes[name]}" for name in _NAMES if name in attributes]
    return " ".join(found).removeprefix("as=") if len(found) == 1 and "as" in attributes else " ".join(found) or None


@cache
def parse(style: str | None) -> Style:
    """Read what a span asks for.

    >>> parse("short"), parse("as=words scale=million decimals=1 locale=fr")
    (Style(form='short', scale=None, decimals=None, locale='en'), Style(form='words', scale=6, decimals=1, locale='fr'))

    Raises
    ------
    SchemaError
        Naming what may be asked for.
    """
    pairs = dict(part.partition("=")[::2] if "=" in part else ("as", part) for part in (style or "").split())
    form, locale = pairs.get("as", "full"), pairs.get("locale", "en").partition("-")[0].lower()
    scale, decimals = pairs.get("scale"), pairs.get("decimals")
    _choose("as", form, FORMS)
    _choose("locale", locale, LOCALES)
    if scale is not None:
        _choose("scale", scale, SCALES)
    if decimals is not None:
        _choose("decimals", decimals, [str(each) for each in range(_MOST_DECIMALS + 1)])
    return Style(form, None if scale is None else SCALES[scale], None if decimals is None else int(decimals), locale)


def _choose(name: str, value: str, allowed: Iterable[str]) -> None:
    names = list(allowed)
    if value not in names:
        raise SchemaError(f"no {name}={value} for a figure", remedy=f"Use {name}= one of {', '.join(names)}")


def write(quantity: Quantity, style: Style, precision: int | None) -> str:
    """Write a quantity in a form, scale and language; `precision` is the exponent of its last digit.

    >>> from toolkit.quantity import Quantity
    >>> pledge = Quantity.stated("550e9", "USD", "about")
    >>> write(pledge, parse("as=words locale=de"), 9), write(pledge, parse("as=symbols scale=million"), 9)
    ('rund 550 Milliarden US-Dollar', 'about US$550,000m')
    """
    ends = (quantity.low, quantity.high) if quantity.value is None else (quantity.value,)
    shown = [_amount(end, quantity, style, precision) for end in ends if end is not None]
    if style.form == "number":
        return "–".join(shown)
    text = shown[0] if len(shown) == 1 else _word(style, "range", "to").format(*shown)
    if quantity.of and style.form in {"full", "words"}:
        text = _with_base(text, quantity.of, style)
    plain = quantity.hedge in {Hedge.EXACT, Hedge.RANGE}
    return text if plain else _word(style, "hedge", str(quantity.hedge)).format(text)


def foreign() -> Iterator[Style]:
    """Return every style of another language in which a figure may have been printed."""
    scales: list[int | None] = [None, *SCALES.values()]
    decimals: list[int | None] = [None, *range(_MOST_DECIMALS + 1)]
    for form, locale, scale, places in product(FORMS, LOCALES[1:], scales, decimals):
        if form != "number":
            yield Style(form, scale, places, locale)


def is_foreign(text: str) -> bool:
    """Return whether a number is written as in another language: a decimal comma, foreign words.

    >>> is_foreign("550 Milliarden US-Dollar"), is_foreign("0,52"), is_foreign("US$1,234 million")
    (True, True, False)
    """
    return _others().search(text) is not None


@cache
def _others() -> re.Pattern[str]:
    rows = codes.table("number_words_by_locale")
    said = [(row["locale"], word) for row in rows for word in _LETTERS.findall(f"{row['one']} {row['many']}")]
    english = {word for locale, word in said if locale == "en"} | {"points"}
    return re.compile(rf"\d,(?!\d{{3}}(?!\d))\d|(?<![^\W\d_])(?:{any_of({word for _, word in said} - english)})")


def ends_hedged(text: str) -> bool:
    """Return whether a text ends with a hedge, which the number after it need not repeat.

    >>> ends_hedged("a package of roughly "), ends_hedged("a package of ")
    (True, False)
    """
    return _hedge_at_end().search(text[-_HEDGE_WITHIN:]) is not None


@cache
def _hedge_at_end() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{hedges_before()})\s?$", re.IGNORECASE)


def hedges_before() -> str:
    """Return the part of a pattern that matches a hedge before a number: "roughly", "more than"."""
    return any_of(row["words"] for row in codes.table("hedges") if row["side"] == "before")


def any_of(words: Iterable[str]) -> str:
    r"""Return the part of a pattern that matches any of `words`, the longest first.

    >>> print(any_of(["up", "up to"]))
    up\ to|up
    """
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


@cache
def _words(locale: str, role: str) -> dict[str, tuple[str, str]]:
    rows = codes.table("number_words_by_locale")
    return {row["key"]: (row["one"], row["many"]) for row in rows if (row["locale"], row["role"]) == (locale, role)}


def _word(style: Style, role: str, key: str) -> str:
    found = _words(style.locale, role).get(key)
    if found is None:
        raise SchemaError(
            f"no words for {key!r} in locale={style.locale}",
            remedy="Use as=short or as=number and write the rest yourself, or add a row to data/codes/number_words_by_locale.csv",
        )
    return found[0]


def _with_base(text: str, base: str, style: Style) -> str:
    return f"{text} of {base}" if style.locale == "en" else _word(style, "base", base).format(text)


def _amount(number: Decimal, quantity: Quantity, style: Style, precision: int | None) -> str:
    if precision is not None and style.decimals is None:
        number = round(number, -precision)
    if style.scale and (quantity.unit in _UNSCALED or "/" in quantity.unit):
        raise SchemaError(f"scale= does not go with the unit {quantity.unit}", remedy="Leave scale= out")
    exponent = _exponent(number, style)
    places = style.decimals
    if places is None:
        places = max(0, exponent - precision) if precision is not None else None
    if places is not None and abs(round(number, places - exponent) - number) > abs(number) * _FAITHFUL:
        raise SchemaError(
            f"{places} decimals at that scale do not show {number.normalize():,f}",
            remedy="Ask for more decimals= or a smaller scale=",
        )
    digits = _digits(number.scaleb(-exponent), places, style.locale)
    if style.form == "number":
        return digits
    return _united(digits, exponent, quantity, style)


def _exponent(number: Decimal, style: Style) -> int:
    """Return the power of ten of the scale word to write: the one asked for, or the largest that fits."""
    known = sorted(int(each) for each in _words(style.locale, "scale"))
    if style.scale is not None:
        if style.scale and style.scale not in known and style.form != "number":
            names = ", ".join(name for name, each in SCALES.items() if each in known or not each)
            raise SchemaError(f"no scale of that size in locale={style.locale}", remedy=f"Use scale= one of {names}")
        return style.scale
    least = _MAN if style.locale == "ja" else _MILLION
    return next((each for each in reversed(known) if each >= least and abs(number) >= Decimal(10) ** each), 0)


def _digits(number: Decimal, places: int | None, locale: str) -> str:
    from babel.numbers import format_decimal  # slow to import, and few spans ask for it

    if places is None:
        places = max(0, -int(number.normalize().as_tuple().exponent))
    pattern = "#,##0" + ("." + "0" * places if places else "")
    rounded = round(number, places) + 0  # no negative zero
    return str(format_decimal(rounded, format=pattern, locale=locale)).replace("-", "−")


def _united(digits: str, exponent: int, quantity: Quantity, style: Style) -> str:
    unit, locale = quantity.unit, style.locale
    sign, size = ("−", digits[1:]) if digits.startswith("−") else ("", digits)
    glue = "" if locale == "ja" else " "
    scaled = size + (f"{glue}{_one_or_many('scale', str(exponent), size, style)}" if exponent else "")
    if is_currency(unit):
        return sign + _money(size, scaled, exponent, unit, style)
    if unit in _words(locale, "sign") and style.form != "words":
        spaced = locale == "en" and style.form in {"full", "short"}
        return ("{} %" if spaced else _word(style, "sign", unit)).format(digits)
    if unit in _words(locale, "unit"):
        of = " de" if locale == "fr" and exponent >= _MILLION else ""  # millions de tonnes
        return _one_or_many("unit", unit, "" if exponent else size, style).format(sign + scaled + of)
    if quantity.counted and locale != "en":
        return _word(style, "unit", quantity.counted)
    return f"{sign}{scaled} {quantity.counted or ('' if unit == '1' else unit)}".strip()


def _one_or_many(role: str, key: str, size: str, style: Style) -> str:
    one, many = _words(style.locale, role)[key]
    singular = size == "1" or (style.locale == "fr" and size.startswith(("1,", "0,")))
    return one if singular else many or one


def _money(size: str, scaled: str, exponent: int, unit: str, style: Style) -> str:
    from babel.numbers import get_currency_name

    sign = currency_signs().get(unit, f"{unit} ")
    if style.form == "symbols" and exponent in {0, *_SHORT} and style.locale == "en":
        return f"{sign}{size}{_SHORT.get(exponent, '')}"
    if style.form != "words" and style.locale == "en":
        return f"{sign}{scaled}"
    if style.form != "words" and unit in currency_signs() and style.locale != "ja":
        return f"{scaled} {sign}"
    name = str(get_currency_name(unit, count=2, locale=style.locale))
    if style.locale == "fr" and exponent >= _MILLION:
        name = f"d’{name}" if _VOWEL.match(name) else f"de {name}"
    return f"{scaled}{name}" if style.locale == "ja" else f"{scaled} {name}"
