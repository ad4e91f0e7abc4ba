"""Figures as a reader sees them: cards in a notebook, marked sentences and a table, rows of a spreadsheet."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from toolkit.article import Article
from toolkit.claim import Claim, claim_of
from toolkit.quantity import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.quantity import Quantity

__all__ = [
    "COLUMNS", "Figure", "FigureList", "LocatedQuantity", "Refusal", "Span", "as_csv", "as_json", "card", "marked",
    "plain", "rows", "sentence",
]  # fmt: skip

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LocatedQuantity:
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
    candidates : tuple of (str, str)
        What a field that is left empty might be: ("economies", "JPN USA").
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
    candidates: tuple[tuple[str, str], ...] = ()

    @property
    def claim(self) -> Claim:
        """What the text says that this number is, slot by slot; made at each use."""
        share = self.kind == "percent" and self.quantity.of
        said = {
            "about": self.about,
            "owner": self.economies[:1],
            "partner": self.economies[1:],
            "product": self.products,
            "period": self.period,
            "kind": "share" if share else self.kind,
            "basis": self.quantity.basis,
            "price_base": self.quantity.price_base,
            "status": self.status,
            "speaker": self.speaker,
        }
        return claim_of(said, rule="figure")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return {**asdict(self), "quantity": self.quantity.to_dict()}

    def _repr_html_(self) -> str:
        """Return a card for a notebook."""
        return card(self)


COLUMNS = (
    "quote", "value", "low", "high", "hedge", "unit", "unit_certain", "of", "counted", "basis", "kind", "about", "economies", "products",
    "period", "status", "speaker", "start", "end", "article_id",
)  # fmt: skip
_TABLE = ("quantity", "about", "economies", "period", "status", "speaker")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")
_SHOWN = 400  # characters of a sentence that a card shows
_STYLE = (
    "border-left:3px solid #4c6a92;padding:.4em .8em;margin:.5em 0;max-width:60em;font-family:system-ui,sans-serif;"
    "background:#f6f8fa;color:#1f2328"
)
_MARK = "background:#ffe8a3;color:inherit;padding:0 .1em"


class FigureList(list["Figure"]):
    """A list of figures that shows as cards in a notebook; `text` is what they were read from."""

    def __init__(self, figures: Iterable[Figure] = (), text: str = "", places: Sequence[tuple[int, int]] = ()) -> None:
        super().__init__(figures)
        self.text, self.places = text, tuple(places)

    @overload
    def __getitem__(self, at: SupportsIndex) -> Figure: ...
    @overload
    def __getitem__(self, at: slice) -> FigureList: ...
    def __getitem__(self, at: SupportsIndex | slice) -> Figure | FigureList:
        """Return one figure, or some of them as such a list: a slice shows as cards too."""
        if isinstance(at, slice):
            return FigureList(super().__getitem__(at), self.text, self.places)
        return super().__getitem__(at)

    def _repr_html_(self) -> str:
        """Return one card for each figure."""
        places = self.places or [(part.start, part.end) for part in Article(self.text).sentences()]
        cards = (card(figure, *sentence(self.text, figure, places)) for figure in self)
        return "".join(cards) or "<p>No figures found.</p>"


def sentence(text: str, figure: Figure, places: Sequence[tuple[int, int]]) -> tuple[str, int]:
    """Return the sentence that states a figure, cut around the figure if it is very long, and its start."""
    start, end = next(
        ((first, last) for first, last in places if first <= figure.start < last), (figure.start, figure.end)
    )
    if end - start > _SHOWN:
        start, end = max(start, figure.start - _SHOWN // 2), min(end, figure.end + _SHOWN // 2)
    return text[start:end], start


def card(figure: Figure, words: str = "", start: int = 0) -> str:
    """Return one figure as HTML: quantity, sentence with the figure marked, what is known. All text is escaped.

    Parameters
    ----------
    figure : Figure
    words : str
        The sentence, if it is at hand.
    start : int
        Where `words` begin in the article.
    """
    from html import escape  # slow to import, and only notebooks need it

    facts = " · ".join(escape(fact) for fact in _facts(figure))
    first, last = figure.start - start, figure.end - start
    inside = words and 0 <= first < last <= len(words)
    quoted = (
        f'{escape(words[:first])}<mark style="{_MARK}">{escape(words[first:last])}</mark>{escape(words[last:])}'
        if inside
        else f'<mark style="{_MARK}">{escape(figure.quote)}</mark>'
    )
    return (
        f'<div class="figure-card" style="{_STYLE}"><strong>{escape(show(figure.quantity))}</strong>'
        f'<blockquote style="margin:.3em 0;border:0;padding:0">{quoted}</blockquote><small>{facts}</small></div>'
    )


def marked(article: Article, figures: Sequence[Figure], *, left: str = "[", right: str = "]") -> list[str]:
    """Return the sentences that state figures, each figure between `left` and `right`."""
    lines = []
    for part in article.sentences():
        spans = [
            (one.start - part.start, one.end - part.start) for one in figures if part.start <= one.start < part.end
        ]
        line, at = "", 0
        for start, end in spans:
            line += f"{plain(part.text[at:start])}{left}{plain(part.text[start:end])}{right}"
            at = end
        lines += [line + plain(part.text[at:])] if spans else []
    return lines


def rows(figures: Iterable[Figure]) -> list[dict[str, str]]:
    """Return one row of text for each figure, for a table on a screen; a dash where nothing is known."""
    return [{name: plain(value) or "–" for name, value in _row(figure).items() if name in _TABLE} for figure in figures]


def as_json(figures: Iterable[Figure]) -> str:
    """Return the figures as a JSON list."""
    import json

    return json.dumps([figure.to_dict() for figure in figures], ensure_ascii=False, indent=2)


def as_csv(figures: Iterable[Figure]) -> str:
    """Return the figures as CSV, with a quote before = + - @ so that no spreadsheet runs them as formulas."""
    import csv
    from io import StringIO

    stream = StringIO()
    writer = csv.DictWriter(stream, COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(name, value) for name, value in _row(figure).items()} for figure in figures)
    return stream.getvalue()


def plain(text: str) -> str:
    r"""Return text for a terminal, with spaces for control characters that could overwrite the screen.

    >>> plain("5 %\x1b[2J")
    '5 % [2J'
    """
    return "".join(char if char.isprintable() else " " for char in text)


def _facts(figure: Figure) -> list[str]:
    row = _row(figure)
    names = ("about", "economies", "products", "period", "status", "speaker")
    told = [f"{name} {row[name]}" for name in names if row[name]]
    guess = [] if figure.quantity.unit_certain else [f"{figure.quantity.unit} is a guess"]
    return [*told, *guess, f"characters {figure.start}–{figure.end}"]


def _row(figure: Figure) -> dict[str, str]:
    """Return every column as text."""
    told: dict[str, Any] = {**figure.to_dict(), **figure.quantity.to_dict()}
    told["quantity"] = show(figure.quantity)
    return {name: _text(told.get(name)) for name in ("quantity", *COLUMNS)}


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _cell(name: str, value: str) -> str:
    """Quote what a spreadsheet would run as a formula, except numbers, which may begin with a minus."""
    number = name in {"value", "low", "high", "start", "end"}
    return f"'{value}" if value.lstrip().startswith(_FORMULA) and not number else value
