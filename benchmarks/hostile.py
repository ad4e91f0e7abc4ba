"""Hostile texts: figures in disguise, families that grow without end, and seeded noise."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Way = Callable[[str], str]

WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
SIGNS = ("$", "US$", "€", "£", "¥", "A$")
CODES = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "A$": "AUD"}
_SENTENCE = 1300  # characters; what is longer is read as no sentence
SCALES = {"million": 6, "billion": 9, "trillion": 12, "bn": 9}


def figures(count: int = 200, seed: int = 1) -> list[tuple[str, Decimal, str]]:
    """Return `count` figures: as an English text prints them, value, unit."""
    dice = random.Random(seed)
    made = []
    for number in range(count):
        whole, cents = dice.randint(1, 999), dice.randint(1, 99)
        digits = dice.choice([str(whole), f"{cents}.{dice.randint(1, 99):02d}", f"{whole},{dice.randint(0, 999):03d}"])
        sign, value = SIGNS[number % len(SIGNS)], Decimal(digits.replace(",", ""))
        scale = dice.choice(list(SCALES))
        joint = "-" if number % 2 and scale != "bn" else " "
        scaled = f"{sign}{digits}{joint}{scale}", value.scaleb(SCALES[scale]), CODES[sign]
        shapes = [
            (f"{digits} %", value, "%"),
            (f"{digits} tonnes", value, "t"),
            (f"-{sign}{digits}", -value, CODES[sign]),
        ]
        made.append([*shapes, scaled, scaled][number % 5])
    return made


def _between(mark: str) -> Way:
    """Return a way to put `mark` between the digits."""

    def way(text: str) -> str:
        return "".join(
            char + mark if char.isdigit() and text[place + 1 : place + 2].isdigit() else char
            for place, char in enumerate(text)
        )

    return way


def _digits(zero: int) -> Way:
    return lambda text: text.translate({ord("0") + digit: zero + digit for digit in range(10)})


def _group(mark: str) -> Way:
    return lambda text: text.replace(",", mark)


def _comma(text: str) -> str:
    return text.translate({ord(","): ".", ord("."): ","})


def _entities(text: str) -> str:
    return (
        text.replace(" ", "&nbsp;")
        .replace("€", "&euro;")
        .replace("£", "&pound;")
        .replace("¥", "&yen;")
        .replace("$", "&#36;")
        .replace("-", "&#8209;")
    )


def _coded(text: str) -> str:
    return "".join(f"&#{ord(char)};" if char.isdigit() else char for char in text)


WAYS = {
    "plain": lambda text: text,
    "no-break space": lambda text: text.replace(" ", "\u00a0"),
    "narrow no-break space": lambda text: text.replace(" ", "\u202f"),
    "thin space": lambda text: text.replace(" ", "\u2009"),
    "hair space": lambda text: text.replace(" ", "\u200a"),
    "figure space": lambda text: text.replace(" ", "\u2007"),
    "ideographic space": lambda text: text.replace(" ", "\u3000"),
    "two spaces": lambda text: text.replace(" ", "  "),
    "tab": lambda text: text.replace(" ", "\t"),
    "zero-width space": _between("\u200b"),
    "zero-width joiner": _between("\u200d"),
    "word joiner": _between("\u2060"),
    "byte order mark": _between("\ufeff"),
    "soft hyphen": lambda text: text.replace("illion", "il\u00adlion").replace("tonnes", "ton\u00adnes"),
    "full-width digits": _digits(0xFF10),
    "full width": lambda text: text.translate(WIDE),
    "Arabic-Indic digits": _digits(0x0660),
    "Persian digits": _digits(0x06F0),
    "Devanagari digits": _digits(0x0966),
    "bold digits": _digits(0x1D7CE),
    "hyphen": lambda text: text.replace("-", "\u2010"),
    "no-break hyphen": lambda text: text.replace("-", "\u2011"),
    "figure dash": lambda text: text.replace("-", "\u2012"),
    "minus": lambda text: text.replace("-", "\u2212"),
    "right-to-left mark": lambda text: "\u200f" + text.replace(" ", " \u200f") + "\u200f",
    "left-to-right marks": _between("\u200e"),
    "isolates": lambda text: f"\u2066{text}\u2069",
    "entities": _entities,
    "coded digits": _coded,
    "Swiss grouping": _group("'"),
    "Swiss apostrophe": _group("\u2019"),
    "spaced grouping": _group("\u202f"),
    "plain-spaced grouping": _group(" "),
    "decimal comma": _comma,
    "variation selectors": _between("\ufe0f"),
    "capitals": lambda text: text.upper() if "bn" not in text else text,
}  # fmt: skip

SENTENCES = ("The deal was put at {} on Monday.", "{}, officials said.", "Exports came to ({}) last year.")


def families() -> dict[str, str]:
    """Return the seeds of texts that grow without end; repeat each as often as wanted."""
    return {
        "digits": "7", "spaced digits": "7 ", "groups": "123,", "dots": "1.", "commas": "1,", "minus signs": "-1", "signs": "+-",
        "dashes": "1-", "en dashes": "1–", "slashes": "1/", "colons": "1:", "percents": "%", "dollars": "$", "dollar ones": "$1", "euros": "€1bn ",
        "one hundred and": "one hundred and ", "half a": "half a ", "a": "a ", "million": "million ", "one million": "one million ", "two-": "two-",
        "twenty-": "twenty-", "to": "5 to ", "between": "between 5 and ", "or": "one or ", "not": "$4, not ", "list": "5, ", "of a": "a quarter of a ",
        "more than": "more than ", "up to 5": "up to 5 ", "brackets": "(", "heads": "($bn) 1.2 ", "bracketed": "($1", "lines": "1\n", "nouns": "5 big ",
        "hyphens": "5-big-", "entities": "&#53;", "ampersands": "&", "zero widths": "5\u200b", "letters": "a1", "apostrophes": "1'", "kanji": "5億",
        "addresses": "http://", "months": "May 5 ", "phones": "+81 3-", "points": ".5", "fractions": "1 1/2 ", "signs after": "5 $ ", "words": "lorem ipsum ",
        "economies": "China and ", "economy list": "China, Japan and the United States, ", "economy figures": "China 5 %, ", "direction marks": "\u200f\u200e",
        "marked digits": "5\u200f", "quotes": "“", "quoted": "“5” ", "speakers": "he said 5 % ", "ministries": "Ministry of Trade, Industry and Energy, ",
        "names": "Alpha, Beta and ", "signs mixed": "€¥£", "semicolons": "5 %; ", "dates": "in May 2025 ", "verbs": "rose 5 % and ", "clauses": "which rose 5 %, ",
        "nested": "(5 % [", "closers": "5 %)] ", "products": "steel and soybeans ", "clues": "$5 in Ottawa ", "bullets": "- 5 %\n", "ellipses": "…",
        "initials": "U.S. ", "combining": "5\u0301", "long words": "x" * 500 + " ", "sources": "according to the bank ", "compared": "compared with 5 % ",
        "double entities": "&amp;amp;", "turned brackets": "]) 5 % ([",
    }  # fmt: skip


ATOMS = [
    "0",
    "1",
    "2",
    "5",
    "7",
    "10",
    "12",
    "27",
    "100",
    "550",
    "1,500",
    "2.5",
    "0.5",
    "1.234",
    "12,34,567",
    "1'000",
    "007",
    "2019",
    "1990",
    "½",
    "¾",
    "%",
    "$",
    "US$",
    "€",
    "£",
    "¥",
    "₩",
    "Rs",
    "A$",
    "USD",
    "EUR",
    "-",
    "–",
    "—",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    ":",
    ";",
    "/",
    "+",
    "~",
    "<",
    ">",
    "≥",
    "'",
    '"',
    "&",
    "#",
    "*",
    "million",
    "billion",
    "bn",
    "m",
    "k",
    "trillion",
    "crore",
    "lakh",
    "thousand",
    "dozen",
    "hundred",
    "hundreds",
    "thousands",
    "of",
    "a",
    "an",
    "the",
    "one",
    "two",
    "three",
    "five",
    "ten",
    "twenty",
    "fifty",
    "half",
    "third",
    "quarter",
    "two-thirds",
    "more",
    "than",
    "less",
    "over",
    "under",
    "about",
    "roughly",
    "nearly",
    "up",
    "to",
    "at",
    "least",
    "between",
    "and",
    "or",
    "to",
    "from",
    "by",
    "not",
    "percent",
    "per",
    "cent",
    "percentage",
    "points",
    "basis",
    "bp",
    "tonnes",
    "t",
    "kg",
    "km",
    "m3",
    "MW",
    "GWh",
    "b/d",
    "barrels",
    "day",
    "month",
    "year",
    "years",
    "week",
    "jobs",
    "people",
    "ships",
    "cars",
    "countries",
    "share",
    "barrel",
    "dollars",
    "yen",
    "pounds",
    "cents",
    "euro",
    "rupees",
    "won",
    "doubled",
    "tripled",
    "twice",
    "double",
    "times",
    "fold",
    "x",
    "-plus",
    "plus",
    "Section",
    "F-35",
    "5G",
    "Boeing",
    "737",
    "May",
    "March",
    "Nov.",
    "Q3",
    "am",
    "pm",
    "rose",
    "fell",
    "cut",
    "ranging",
    "in",
    "out",
    "was",
    "said",
    "not",
    "only",
    "some",
    "just",
    "so",
    "\xa0",
    "\u202f",
    "\u200b",
    "\xad",
    "\u200f",
    "&nbsp;",
    "&#53;",
    "億",
    "兆",
    "円",
    "ドル",
    "５",
    "٥",
    "²",
    "×",
    "°",
    "€",
    "1/2",
    "2-1",
    "12:30",
    "2025-10-28",
    "+81",
    "\n",
    "\n\n",
    "\t",
    "�",
    "\x00",
    "é",
    "ﬁ",
    # hedges stacked, denied, barred, behind
    "past",
    "climbed",
    "not",
    "be",
    "not exceed",
    "no longer than",
    "at least",
    "up to",
    "nearly an",
    "near-",
    "row",
    "if",
    "and up",
    "plus",
    "odd",
    "ish",
    "or so",
    "min",
    "ago",
    "Over",
    "took",
    "as few as",
    "about",
]


def noise(seed: int) -> str:
    """Return one seeded text of up to 30 pieces."""
    dice = random.Random(seed)
    return "".join(dice.choice(ATOMS) + dice.choice(("", " ", " ", " ")) for _ in range(dice.randint(1, 30)))


def prose(size: int, seed: int = 1) -> str:
    """Return news prose of about `size` characters in which no figure is bound to come twice."""
    dice = random.Random(seed)
    text = PROSE * (size // len(PROSE))
    return re.sub("[0-9]", lambda _: str(dice.randint(1, 9)), text)


def sentences(seed: str, count: int = 3) -> str:
    """Return long sentences that are full of one seed."""
    middle = (seed * (1 + _SENTENCE // len(seed)))[:_SENTENCE].replace("\n", " ")
    return f"China said {middle} rose 5 % in May.\n\n" * count


def verdict(figure: tuple[str, Decimal, str], way: Way, number: int, read: Callable[[str], Any]) -> str:
    """Return "right", "wrong", "left" (seen and refused) or "lost" for one figure in disguise."""
    text, value, unit = figure
    reading = read(SENTENCES[number % len(SENTENCES)].format(way(text)))
    found = [(one.quantity.value, one.quantity.unit) for one in reading.figures]
    if found == [(value, unit)]:
        return "right"
    return "wrong" if found else "left" if reading.refused else "lost"


def given_back(text: str, find_quantities: Callable[[str], Any]) -> tuple[int, int]:
    """Count a text's figures, and those whose own words read alone give another quantity."""
    found, differ = find_quantities(text)[0], 0
    for one in found:
        if not one.context:
            alone = find_quantities(text[one.start : one.end])[0]
            differ += [each.quantity for each in alone] != [one.quantity]
    return len(found), differ


PROSE = """\
The two governments said on Tuesday that the agreement would come into force in the spring, once both parliaments
have approved it. Officials who took part in the talks described them as long and at times tense, and said that the
most difficult question had been how to treat parts that cross the border several times before a car is finished.

Imports of steel rose 12.4 per cent to 2.3 million tonnes in the year to March, while exports fell by nearly a fifth,
according to the ministry. Analysts had expected a smaller change. The minister denied that the figures showed a
shift in policy, and pointed to a pledge of US$ 4.5 billion for new plants, most of it private money.

Farmers in the west of the country, who sell most of their soybeans abroad, worry that the pause may not last.
They remember the last dispute, when buyers turned to other suppliers and did not come back for years. At the port,
where ships wait for days to unload, the manager says that little has changed so far, whatever the papers write.

"""
