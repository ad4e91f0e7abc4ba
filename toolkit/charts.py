"""Charts and tables with a finding, a unit, a source line and alt text, in one look."""

from __future__ import annotations

import base64
import io
import math
import re
import textwrap
from dataclasses import dataclass, fields
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.econ import indicators
from toolkit.errors import NotComparable, SchemaError
from toolkit.store import imported_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito 2008
INK, QUIET, GRID = "#1f2933", "#9aa5b1", "#e4e7eb"
LOOK: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": QUIET,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": "DejaVu Sans",  # ships with matplotlib, so every machine draws the same
    "font.size": 12.5,  # ten pixels high where a telephone shows the picture 370 wide
    "grid.color": GRID,
    "lines.linewidth": 2.2,
    "text.color": INK,
    "xtick.color": INK,
    "xtick.major.pad": 7,
    "xtick.major.size": 0,
    "ytick.color": INK,
    "ytick.major.size": 0,
}
_WIDTH, _HEIGHT, _DPI = 6.4, 3.6, 200  # inches, inches, dots an inch: twice a screen's
_NAMED = 4  # so many publishers stand in a source line
_MANY, _THIN = 150, 1.2  # a line of so many points is drawn thinner
_LINE = 0.068  # the height of a line of text, as a part of the axis
_DIRECT = 3  # up to so many lines are labelled at their ends
_WRAP = {"line": 15, "row": 26}  # characters a line of a label
_HEDGE = "about |more than |at least |less than |up to "
_NUMBER = re.compile(rf"({_HEDGE})?[A-Z$€¥₩]*\s?[−+-]?\d[\d,.]*( to \d[\d.,]*)?( ?%| (b|m|tr)illion)?|–|")
_MINUS, _PER_CENT = re.compile(r"(?<![\w.)/])(?<!\d )-(?=\d)"), re.compile(r"(?<=\d)%(?![\dA-F]{2})")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+")
# a line that joined two of any of these would draw a change that nobody measured
ONE_LINE = ("dataset", "vintage", "source", "valuation", "unit_measure", "price_base", "flow", "measure")


@dataclass(frozen=True, slots=True)
class Caption:
    """The words that every chart and table carries.

    Attributes
    ----------
    finding : str
        What the reader should see; it stands as the title.
    unit : str
        Measure, unit and period.
    source : str
        Who measured it, and which vintage.
    alt : str
        What the picture shows, for those who do not see it.
    note : str
        What the reader must know to read it right; may be empty.
    """

    finding: str
    unit: str
    source: str
    alt: str
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a caption with a part left empty."""
        for field in fields(self)[:4]:
            if not getattr(self, field.name).strip():
                raise SchemaError(f"the caption has no {field.name}", remedy=f"Write the {field.name}")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A chart or table as a notebook shows it: `html` for a page, `plain` for a terminal."""

    html: str
    plain: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return both forms, as Jupyter asks for them."""
        return {"text/html": self.html, "text/plain": self.plain}


def answer(*paragraphs: str) -> Exhibit:
    """Set computed sentences as the answer to the question of the page.

    >>> answer("Imports fell by 4 %.").html
    '<div class="answer"><p>Imports fell by 4 %.</p></div>'
    """
    return _prose("answer", paragraphs)


def prose(*paragraphs: str) -> Exhibit:
    """Set computed sentences as plain prose, one paragraph each."""
    return _prose("prose", paragraphs)


def credit(*frames: pd.DataFrame) -> str:
    """Name the publishers of the rows of `frames`, with the vintages, for a source line."""
    vintages: dict[str, set[str]] = {}
    for frame in frames:
        for row in frame[["source", *({"vintage"} & {*frame})]].drop_duplicates().to_dict("records"):
            publisher = imported_tables.source(str(row["source"]))["publisher"]
            vintage = str(row.get("vintage", ""))
            named = vintage and not _HOST.fullmatch(vintage)  # a page is no edition of anything
            vintages.setdefault(publisher, set()).update({vintage} if named else ())
    words = [f"{name} ({', '.join(sorted(found))})" if found else name for name, found in vintages.items()]
    return "; ".join(words[:_NAMED]) + (f"; and {len(words) - _NAMED} more, listed below" if words[_NAMED:] else "")


def line(frame: pd.DataFrame, caption: Caption, *, by: Sequence[str], per: float = 1.0, zero: bool = True) -> Exhibit:
    """Draw values over time; a period that is not there is a gap.

    Parameters
    ----------
    frame : DataFrame
        Observations: `time_period`, `obs_value` and the columns of `by`.
    caption : Caption
    by : sequence of str
        The first column colours and labels the lines; each further one parts a line
        in pieces that are not joined, as two vintages of one series.
    per : float
        What one step of the axis counts: 1e9 draws billions.
    zero : bool
        Whether the axis starts at zero, as it should for amounts.

    Raises
    ------
    NotComparable
        If a piece would join sources, vintages, valuations or units.
    """
    from matplotlib.ticker import MaxNLocator

    pieces = [(str(key[0]), _piece(part, key, per)) for key, part in frame.groupby(list(by), sort=True)]
    names = sorted({name for name, _ in pieces}, key=lambda name: -max(p.iloc[-1] for n, p in pieces if n == name))
    if len(names) > len(COLOURS):
        raise SchemaError(f"{len(names)} lines in one chart", remedy=f"Draw at most {len(COLOURS)}, or use bars")

    def paint(axes: Axes) -> None:
        last: dict[str, tuple[float, float]] = {}
        for name, piece in pieces:
            colour = COLOURS[names.index(name)]
            alone = piece.notna() & piece.shift().isna() & piece.shift(-1).isna()
            width = _THIN if len(piece) > _MANY else None
            axes.plot(piece.index, piece, color=colour, label="" if name in last else name, linewidth=width)
            axes.plot(piece.index[alone], piece[alone], "o", color=colour, markersize=5)
            last[name] = max(last.get(name, (0.0, 0.0)), (piece.index[-1], piece.iloc[-1]))
        axes.grid(visible=False, axis="x")
        axes.xaxis.set_major_locator(MaxNLocator(7, integer=True))
        axes.yaxis.set_major_formatter("{x:z,g}")
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]) if zero else None)
        _name_lines(axes, last, COLOURS) if len(names) <= _DIRECT else axes.legend(frameon=False, ncols=2)

    return _chart(caption, paint)


def bars(
    frame: pd.DataFrame, caption: Caption, *, label: str, value: str, highlight: Collection[str] = (), digits: int = 0
) -> Exhibit:
    """Draw one amount a row, the largest on top, the rows of `highlight` in colour."""
    rows = frame.sort_values(value, kind="stable")
    if rows[value].isna().any():
        raise SchemaError(f"{rows[label][rows[value].isna()].iloc[0]} has no value", remedy="Leave it out and say so")

    def paint(axes: Axes) -> None:
        colours = [COLOURS[0] if name in highlight or not highlight else QUIET for name in rows[label]]
        drawn = axes.barh(range(len(rows)), rows[value], color=colours, height=0.68)
        axes.bar_label(drawn, [f"{v:,.{digits}f}".replace("-", "−") for v in rows[value]], padding=4)
        axes.axvline(0, color=QUIET, linewidth=1)
        axes.margins(x=0.14)
        _name_rows(axes, rows[label], numbers=False)

    return _chart(caption, paint, height=_tall(rows[label]))


def ranges(frame: pd.DataFrame, caption: Caption, *, label: str, ends: tuple[float, float] | None = None) -> Exhibit:
    """Draw an interval a row, in the order of the rows.

    Columns `low`, `high` and `value`: an end that is missing beside a value is open
    and drawn as an arrow; with both ends missing the value is approximate and drawn
    as a ring.
    """

    def paint(axes: Axes) -> None:
        axes.set_xlim(*(ends or _bounds(frame)))
        for at, row in enumerate(frame.iloc[::-1][["low", "high", "value"]].to_dict("records")):
            _interval(axes, at, **{str(name): number for name, number in row.items()})
        _name_rows(axes, frame[label].iloc[::-1], numbers=True)

    return _chart(caption, paint, height=_tall(frame[label]))


def table(frame: pd.DataFrame, caption: Caption) -> Exhibit:
    """Set the rows of `frame` as text; columns of numbers after the first are right-aligned, a hole is a dash."""
    cells = frame.astype(object).where(frame.notna(), "–").astype(str)
    right = {name for name in cells.columns[1:] if cells[name].map(lambda text: bool(_NUMBER.fullmatch(text))).all()}

    def row(tag: str, values: Iterable[str]) -> str:
        number = ' class="num"'
        return "".join(
            f"<{tag}{number if name in right else ''}>{_safe(text)}</{tag}>"
            for name, text in zip(cells, values, strict=True)
        )

    body = "".join(f"<tr>{row('td', values)}</tr>" for values in cells.itertuples(index=False))
    head = f"<thead><tr>{row('th', map(str, cells))}</tr></thead>"
    grid = f'<div class="scroll"><table class="data">{head}<tbody>{body}</tbody></table></div>'
    return _exhibit("table", grid, caption, cells.to_string(index=False))


def _prose(kind: str, paragraphs: Sequence[str]) -> Exhibit:
    body = "".join(f"<p>{_safe(words)}</p>" for words in paragraphs)
    return Exhibit(f'<div class="{kind}">{body}</div>', "\n\n".join(paragraphs))


def _safe(words: str) -> str:
    """Escape `words`, with a true minus and a space before a per cent sign.

    Two dollar signs in one text node would be set as mathematics by Jupyter.
    """
    return escape(_PER_CENT.sub(" %", _MINUS.sub("−", words))).replace("$", "<span>$</span>")


def _chart(caption: Caption, paint: Callable[[Axes], None], *, height: float = _HEIGHT) -> Exhibit:
    from matplotlib import style
    from matplotlib.figure import Figure

    stream = io.BytesIO()
    with style.context(LOOK, after_reset=True):  # a reader's own matplotlibrc must not change a report
        figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, layout="constrained")
        paint(figure.subplots())
        figure.savefig(stream, format="png", metadata={"Software": None})
    picture = base64.b64encode(stream.getvalue()).decode()
    image = f'<img alt="{escape(caption.alt)}" src="data:image/png;base64,{picture}">'
    return _exhibit("chart", image, caption, caption.alt)


def _exhibit(kind: str, inner: str, caption: Caption, plain: str) -> Exhibit:
    note = f'<p class="note">{_safe(caption.note)}</p>' if caption.note else ""
    html = (
        f'<figure class="{kind}"><figcaption class="finding">{_safe(caption.finding)}</figcaption>'
        f'<p class="unit">{_safe(caption.unit)}</p>{inner}{note}'
        f'<p class="source">Source: {_safe(caption.source)}</p></figure>'
    )
    return Exhibit(html, f"{caption.finding}\n{caption.unit}\n{plain}\n{caption.note}\nSource: {caption.source}")


def _piece(part: pd.DataFrame, key: tuple[Any, ...], per: float) -> pd.Series:
    """Return one unbroken line: decimal years, values in `per`, NaN where a period lacks."""
    for name in ONE_LINE:
        if name in part and len(part[name].unique()) > 1:
            found = ", ".join(map(str, part[name].unique()[:3]))
            raise NotComparable(f"line {key[0]!r} would join {name} {found}", remedy=f"Add {name!r} to `by`")
    freq = indicators.frequency(str(part["time_period"].iloc[0]))
    periods = pd.PeriodIndex(part["time_period"], freq=freq)
    if periods.has_duplicates:
        raise SchemaError(f"line {key[0]!r} has {periods[periods.duplicated()][0]} twice", remedy="Add to `by`")
    values = pd.Series(part["obs_value"].to_numpy(dtype=float) / per, index=periods).dropna()
    values = values.reindex(pd.period_range(values.index.min(), values.index.max(), freq=freq))
    steps = {"Y": 1, "Q": 4, "M": 12}[freq]
    values.index = pd.Index([p.year + (0.0 if steps == 1 else (p.ordinal % steps + 0.5) / steps) for p in values.index])
    return values


def _name_lines(axes: Axes, last: dict[str, tuple[float, float]], colours: Sequence[str]) -> None:
    """Write each name beside the end of its line, names apart from each other."""
    low, high = axes.get_ylim()
    floor = low - (high - low) * _LINE  # a name may hang a little below the axis
    order = sorted(last, key=lambda name: last[name][1])
    for name in order:
        words = textwrap.fill(name, _WRAP["line"])
        step = (high - low) * _LINE * (words.count("\n") + 1)
        middle = max(last[name][1], floor + step / 2)
        floor = middle + step / 2
        colour = colours[len(order) - 1 - order.index(name)]
        at = (last[name][0], middle)
        axes.annotate(words, at, (7, 0), textcoords="offset points", va="center", color=colour, annotation_clip=False)


def _interval(axes: Axes, at: int, *, low: float, high: float, value: float) -> None:
    colour, size, (left, right) = COLOURS[0], 9, axes.get_xlim()
    if math.isnan(low) and math.isnan(high):
        axes.plot(value, at, "o", markersize=size, color="white", markeredgecolor=colour, markeredgewidth=2)
    elif math.isnan(low) or math.isnan(high):
        arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 2, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", (right if math.isnan(high) else left, at), (value, at), arrowprops=arrow)
        axes.plot(value, at, "|", markersize=13, markeredgewidth=3, color=colour)
    else:
        axes.plot([low, high], [at, at], "o-", markersize=size, color=colour, linewidth=5, clip_on=False)


def _bounds(frame: pd.DataFrame) -> tuple[float, float]:
    every = [float(number) for name in ("low", "high", "value") for number in frame[name].dropna()]
    room = (max(every) - min(every) or 1.0) * 0.12
    return min(every) - room, max(every) + room


def _name_rows(axes: Axes, names: pd.Series, *, numbers: bool) -> None:
    axes.set_yticks(range(len(names)), [textwrap.fill(str(name), _WRAP["row"]) for name in names])
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.grid(visible=False, axis="y")
    if not numbers:
        axes.grid(visible=False)
        axes.xaxis.set_visible(False)
        axes.spines["bottom"].set_visible(False)


def _tall(names: pd.Series) -> float:
    lines = max(len(textwrap.wrap(str(name), _WRAP["row"])) for name in names)
    return 0.5 + (0.12 + 0.19 * max(lines, 1)) * len(names)
