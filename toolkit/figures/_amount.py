"""One number with its sign, scale, currency or unit, rate and counted noun."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.figures._lex import WORD, Tokens
from toolkit.figures._number import Number, number
from toolkit.figures._rate import hedge_after, rate
from toolkit.figures._scale import of_a, scale, scale_after_code
from toolkit.figures._sign import minus, sign, sign_after
from toolkit.figures._unit import unit
from toolkit.quantity import Hedge

if TYPE_CHECKING:
    from toolkit.figures._tables import Unit


@dataclass(slots=True)
class Amount:
    """A number and what stands beside it; token indices, `after` left out.

    `signed` tells that a currency sign stands before the number, `bare` that
    nothing says what is counted.
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


def amount(tokens: Tokens, index: int) -> Amount | None:
    """Give the amount whose number starts at token `index`, or None if there is no number.

    >>> found = amount(Tokens("US$ 550-billion"), 2)
    >>> found.value, found.symbol
    (Decimal('550000000000'), 'USD')
    """
    if (read := number(tokens, index)) is None:
        return None
    found = Amount(read, read.first, read.after)
    sign(tokens, found)
    if not found.signed and tokens.glued(found.first) and tokens.kinds[found.first - 1] == WORD:
        return None
    hedge_after(tokens, found)
    of_a(tokens, found)
    scale(tokens, found)
    hedge_after(tokens, found)
    (sign_after if found.signed else unit)(tokens, found)
    if found.exponent is None and found.unit and found.unit.money:
        scale_after_code(tokens, found)
    rate(tokens, found)
    hedge_after(tokens, found)
    minus(tokens, found)
    return found
