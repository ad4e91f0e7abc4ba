"""What a reader of figures gives: the quantity, its exact place, and what is known about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.quantity import Quantity

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """A quantity and its place, before the sentence around it is read.

    `said` is the unit's word and its factor to the base unit: ("gigawatt", 1e9).
    """

    quantity: Quantity
    start: int
    end: int
    kind: str
    context: tuple[Span, ...] = ()
    said: tuple[str, Decimal] = ("", Decimal(1))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Digits or number words that are not read as a figure, and why.

    Attributes
    ----------
    start, end : int
        Half-open span in the untouched text.
    quote : str
        The words themselves.
    reason : str
        ``name date time ordinal identifier idiom``: no figure; ``unclear``: it may be one.
    """

    start: int
    end: int
    quote: str
    reason: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity that a text states, and where it states it.

    Attributes
    ----------
    quantity : Quantity
        In base units.
    start, end : int
        Half-open span in the untouched text, hedge included: ``text[start:end] == quote``.
    quote : str
        The words themselves.
    kind : str
        ``money percent change multiple count measure price duration``.
    context : tuple of (int, int)
        Further spans that gave unit or scale, such as a table head "($bn)".
    about, period, status, speaker : str or None
        Noun phrase; ISO 8601; ``reported estimated expected pledged target denied``;
        who says so. None where the text leaves it open.
    economies, products : tuple of str
        ISO 3166-1 alpha-3 and HS codes.
    article_id : str or None
        `Article.id` of the source.
    """

    quantity: Quantity
    start: int
    end: int
    quote: str
    kind: str
    context: tuple[Span, ...] = ()
    about: str | None = None
    economies: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    period: str | None = None
    status: str | None = None
    speaker: str | None = None
    article_id: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as plain JSON values."""
        return {**asdict(self), "quantity": self.quantity.to_dict()}

    def _repr_html_(self) -> str:
        """Give a card for a notebook."""
        from toolkit.figures._show import card  # it needs this module

        return card(self)
