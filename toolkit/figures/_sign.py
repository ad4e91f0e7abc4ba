"""The currency sign beside a number, and the minus before both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables
from toolkit.figures._lex import NUMBER, SIGN, WORD

if TYPE_CHECKING:
    from toolkit.figures._amount import Amount
    from toolkit.figures._lex import Tokens
    from toolkit.figures._tables import Unit

_MINUS = tables.GRAMMAR["minus"]


def sign(tokens: Tokens, found: Amount) -> None:
    """Take the currency sign before the number."""
    first = found.first
    if tokens.written[first - 1] == "-" and tokens.glued(first) and first > 1:  # $-50.8bn
        first -= 1
    named = tables.SIGNS.before(tokens, first)
    if named is None or not _may_stand(tokens, *named, first):
        return
    if "scaled" in named[0].form and not _scaled(tokens, found.number.after):  # R1.5bn
        return
    found.negative = first < found.first
    found.unit, found.signed, found.first, found.named = named[0], True, named[1], (named[1], first)


def _may_stand(tokens: Tokens, unit: Unit, start: int, first: int) -> bool:
    """Tell whether a sign may stand at `start`, before the number at `first`."""
    glued, opens = tokens.glued(first), start > 0 and tokens.glued(start)
    if "after" in unit.form or ("glued" in unit.form and not glued):
        return False
    if opens and tokens.kinds[start - 1] != SIGN and tokens.kinds[start] == WORD:
        return False
    if start == 0 or tokens.kinds[start - 1] != NUMBER or (glued and not opens):
        return True
    return not opens and tables.SIGNS.before(tokens, start - 1) is not None  # RMB 10 USD 20; not 75 USD 50


def _scaled(tokens: Tokens, index: int) -> bool:
    return tables.SCALES.at(tokens, index) is not None or tokens.lower[index] in tables.GLUED_SCALES


def sign_after(tokens: Tokens, found: Amount) -> None:
    """Take what repeats or refines the sign: $76 US, $ 10 dollars, $5 million USD."""
    unit, index = found.unit, found.after
    if unit is None:
        return
    if unit.symbol == "USD" and unit.family and tokens.written[index] in {"US", "U.S."}:
        found.unit, found.after = unit._replace(certain=True, family=""), index + 1
        return
    named = tables.SIGNS.at(tokens, index) if tokens.kinds[index] == WORD else None
    named = named or tables.CURRENCIES.at(tokens, index)
    if named is None or tokens.kinds[named[1]] == NUMBER or named[0].factor != 1:
        return
    if named[0].symbol == unit.symbol or unit.family == named[0].family != "":
        found.unit, found.after = (named[0] if named[0].certain else unit), named[1]


def minus(tokens: Tokens, found: Amount) -> None:
    """Take the minus before number or sign: -$50.8bn, minus-5 yards."""
    index = found.first - 1
    word = tokens.lower[index] if index >= 0 else ""
    if (
        word == "+"
        and tokens.glued(found.first)
        and (not tokens.glued(index) or tokens.written[index - 1] in {"(", '"'})
    ):
        found.first = index  # +0.6 %
    if word not in _MINUS:
        return
    if word in {"-", "–"}:
        if not tokens.glued(found.first):
            return
        if index and tokens.glued(index) and tokens.lower[index - 1] != "(":
            index -= 1
            if tokens.lower[index] not in _MINUS:
                return
    elif found.number.in_words and word == "minus" and index and tokens.kinds[index - 1] == NUMBER:
        return
    found.negative, found.first = True, index
