r"""What a LaTeX source's own macros and siunitx print: ``\newcommand{\inv}{550}``, ``\qty{2}{\percent}``."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_DEFINED = re.compile(
    r"(?<!%)\\(?:(?:new|renew|provide)command\*?\s*\{?\s*\\(?P<name>[A-Za-z@]+)\s*\}?\s*(?:\[(?P<count>\d)\])?"
    r"|def\s*\\(?P<plain>[A-Za-z@]+))\s*(?=\{)"
)
_CALL = re.compile(r"(?P<name>\\[A-Za-z@]+)(?:\s*\{\})?")
_LARGEST = 30  # power of ten that is written out
_LONGEST, _DEEPEST = 2_000, 8  # characters and levels that a macro may expand to
_UNITS = {
    "percent": "%",
    "tonne": "t",
    "kilogram": "kg",
    "kilo": "k",
    "gram": "g",
    "mega": "M",
    "giga": "G",
    "tera": "T",
    "watt": "W",
    "hour": "h",
    "metre": "m",
    "meter": "m",
    "cubic": "cubic ",
    "per": "/",
    "USD": "US dollars",
    "EUR": "euros",
    "euro": "euros",
    "dollar": "dollars",
    "year": "year",
    "day": "day",
}  # of siunitx, and those that briefs declare
_BILLIONS = re.compile(r"\\(trillion|billion|million|thousand)")


def defined(source: str, closing: Callable[[int], int]) -> dict[str, tuple[int, str]]:
    """Give each macro's count of arguments and its body; `closing` gives the place after a braced argument."""
    found = {}
    for match in _DEFINED.finditer(source):
        end = closing(match.end())
        body = source[match.end() + 1 : end - 1]
        if len(body) <= _LONGEST and source[end - 1 : end] == "}":
            found["\\" + (match["name"] or match["plain"])] = int(match["count"] or 0), body
    return found


def expanded(macros: dict[str, tuple[int, str]], text: str, arguments: list[str]) -> str:
    r"""Give `text` with its arguments, and the macros in it, put in their place.

    >>> expanded({"\\inv": (0, "550")}, r"\inv{} billion #1", ["euros"])
    '550 billion euros'
    """
    for at, argument in enumerate(arguments, 1):
        text = text.replace(f"#{at}", argument)
    bare = {name: body for name, (count, body) in macros.items() if not count}
    for _ in range(_DEEPEST):
        before = text
        text = _CALL.sub(lambda call: bare.get(call["name"], call[0]), text)
        if text == before or len(text) > _LONGEST:
            break
    return text[:_LONGEST]


def number(digits: str) -> str:
    r"""Give a number as siunitx prints it, powers of ten written out.

    >>> number("550e9"), number("1234,5"), number("-0.9")
    ('550,000,000,000', '1,234.5', '−0.9')
    """
    try:
        value = Decimal(digits.replace(" ", "").replace(",", ".").replace("−", "-").lower().replace("d", "e"))
    except InvalidOperation:
        return digits
    if not value.is_finite() or abs(value.adjusted()) > _LARGEST:
        return digits
    places = max(0, -int(value.as_tuple().exponent))
    return f"{value:,.{places}f}".replace("-", "−")


def unit(macros: str) -> str:
    r"""Give a siunitx unit in words.

    >>> unit(r"\percent"), unit(r"\mega\tonne"), unit(r"\billion\USD")
    ('%', 'Mt', 'billion US dollars')
    """
    scale = "".join(f"{each} " for each in _BILLIONS.findall(macros))
    rest = _BILLIONS.sub("", macros)
    said = re.sub(r"\\([A-Za-z]+)\s*", lambda found: _UNITS.get(found[1], f"{found[1]} "), rest)
    return f"{scale}{said}".strip().strip("{}")
