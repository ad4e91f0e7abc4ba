"""Charts and tables in one style, each with its finding, unit, source and alternative text.

>>> import pandas as pd
>>> caption = Caption("Imports fell", "US$ billion", "Census Bureau (2026-01)", "Imports of two years")
>>> print(table(pd.DataFrame({"year": ["2024", "2025"], "imports": [148.2, 146.0]}), caption).plain.splitlines()[0])
Imports fell
"""

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

__all__ = ["Caption", "Exhibit", "answer", "bars", "credit", "line", "prose", "ranges", "table"]
__dir__ = __all__.copy

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito 2008
_INK, _QUIET, _GRID = "#1f2933", "#9aa5b1", "#e4e7eb"
_LOOK: dict[str, Any] = {
    "axes.axisbelow": True, "axes.edgecolor": _QUIET, "axes.grid": True, "axes.labelcolor": _INK,
    "axes.spines.left": False, "axes.spines.right": False, "axes.spines.top": False,
    "font.family": "DejaVu Sans",  # ships with matplotlib, so every machine draws the same
    "font.size": 12.5,  # ten pixels high where a telephone shows the picture 370 wide
    "grid.color": _GRID, "lines.linewidth": 2.2, "text.color": _INK,
    "xtick.color": _INK, "xtick.major.pad": 7, "xtick.major.size": 0, "ytick.color": _INK, "ytick.major.size": 0,
}  # fmt: skip
_WIDTH, _HEIGHT, _DPI = 6.4, 3.6, 200  # inches, inches, dots an inch: twice a screen's
_NAMED = 4  # at most so many publishers are named in a source line
_MANY, _THIN = 150, 1.2  # a line of more points than this is drawn thinner
_LINE = 0.068  # the height of a line of text, as a share of the axis
_DIRECT = 3  # at most so many lines are labelled at their ends
_WRAP = {"line": 15, "row": 26}  # characters per line of a label
_HEDGE = "about |more than |at least |less than |up to "
_NUMBER = re.compile(rf"({_HEDGE})?[A-Z$€¥₩]*\s?[−+-]?\d[\d,.]*( to \d[\d.,]*)?( ?%| (b|m|tr)illion)?|–|")
_MINUS, _PER_CENT = re.compile(r"(?<![\w.)/])(?<!\d )-(?=\d)"), re.compile(r"(?<=\d)%(?![\dA-F]{2})")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+")
# a line that joined two values of any of these would show a change that nobody measured
_ONE_LINE = ("dataset", "vintage", "source", "valuation", "unit_measure", "price_base", "flow", "measure")


@dataclass(frozen=True, slots=True)
class Caption:
    """The words that accompany every chart and table.

    Attributes
    ----------
    finding : str
        What the reader should see, shown as the title.
    unit : str
        Measure, unit and period.
    source : str
        Publisher and vintage.
    alt : str
        Description of the picture, for those who do not see it.
    note : str
        What the reader must know to read it correctly; may be empty.
    """

    finding: str
    unit: str
    source: str
    alt: str
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a caption in which a part is empty."""
        for field in fields(self)[:4]:
            if not getattr(self, field.name).strip():
                raise SchemaError(f"the caption has no {field.name}", remedy=f"Write the {field.name}")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A chart, table or text as a notebook shows it: `html` for a page, `plain` for a terminal."""

    html: str
    plain: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return both forms for Jupyter."""
        return {"text/html": self.html, "text/plain": self.plain}


def answer(*paragraphs: str) -> Exhibit:
    """Show computed sentences as the page's answer.

    >>> answer("Imports fell by 4 %.").html
    '<div class="answer"><p>Imports fell by 4 %.</p></div>'
    """
    return _prose("answer", paragraphs)


def prose(*paragraphs: str) -> Exhibit:
    """Show computed sentences as ordinary paragraphs.

    >>> prose("Exports rose by 2 %.").plain
    'Exports rose by 2 %.'
    """
    return _prose("prose", paragraphs)


def credit(*frames: pd.DataFrame) -> str:
    """Return the publishers of the rows, with the vintages, for a source line."""
    vintages: dict[str, set[str]] = {}
    for frame in frames:
        for row in frame[["source", *({"vintage"} & {*frame})]].drop_duplicates().to_dict("records"):
            publisher = imported_tables.source(str(row["source"]))["publisher"]
            vintage = str(row.get("vintage", ""))
            named = vintage and not _HOST.fullmatch(vintage)  # the address of a page names no vintage
            vintages.setdefault(publisher, set()).update({vintage} if named else ())
    words = [f"{name} ({', '.join(sorted(found))})" if found else name for name, found in vintages.items()]
    return "; ".join(words[:_NAMED]) + (f"; and {len(words) - _NAMED} more, listed below" if words[_NAMED:] else "")


def line(frame: pd.DataFrame, caption: Caption, *, by: Sequence[str], per: float = 1.0, zero: bool = True) -> Exhibit:
    """Draw values over time; a missing period is a gap.

    Parameters
    ----------
    frame : DataFrame
        Observations: `time_period`, `obs_value` and the columns of `by`.
    caption : Caption
    by : sequence of str
        The first column colours and labels the lines; each further one divides a line into
        pieces that are not joined, such as two vintages of one series.
    per : float
        The unit of the axis: 1e9 for billions.
    zero : bool
        Whether the axis starts at zero, as it should for amounts.

    Raises
    ------
    NotComparable
        If a line would join different sources, vintages, valuations or units.
    """
    from matplotlib.ticker import MaxNLocator

    pieces = [(str(key[0]), _piece(part, key, per)) for key, part in frame.groupby(list(by), sort=True)]
    names = sorted({name for name, _ in pieces}, key=lambda name: -max(p.iloc[-1] for n, p in pieces if n == name))
    if len(names) > len(_COLOURS):
        raise SchemaError(f"{len(names)} lines in one chart", remedy=f"Draw at most {len(_COLOURS)}, or use bars")

    def paint(axes: Axes) -> None:
        last: dict[str, tuple[float, float]] = {}
        for name, piece in pieces:
            colour = _COLOURS[names.index(name)]
            alone = piece.notna() & piece.shift().isna() & piece.shift(-1).isna()
            width = _THIN if len(piece) > _MANY else None
            axes.plot(piece.index, piece, color=colour, label="" if name in last else name, linewidth=width)
            axes.plot(piece.index[alone], piece[alone], "o", color=colour, markersize=5)
            last[name] = max(last.get(name, (0.0, 0.0)), (piece.index[-1], piece.iloc[-1]))
        axes.grid(visible=False, axis="x")
        axes.xaxis.set_major_locator(MaxNLocator(7, integer=True))
        axes.yaxis.set_major_formatter("{x:z,g}")
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]) if zero else None)
        _name_lines(axes, last, _COLOURS) if len(names) <= _DIRECT else axes.legend(frameon=False, ncols=2)

    return _chart(caption, paint)


def bars(
    frame: pd.DataFrame, caption: Caption, *, label: str, value: str, highlight: Collection[str] = (), digits: int = 0
) -> Exhibit:
    """Draw one bar per row, the largest at the top, those of `highlight` in colour."""
    rows = frame.sort_values(value, kind="stable")
    if rows[value].isna().any():
        raise SchemaError(f"{rows[label][rows[value].isna()].iloc[0]} has no value", remedy="Leave it out, and say so")

    def paint(axes: Axes) -> None:
        colours = [_COLOURS[0] if name in highlight or not highlight else _QUIET for name in rows[label]]
        drawn = axes.barh(range(len(rows)), rows[value], color=colours, height=0.68)
        axes.bar_label(drawn, [f"{v:,.{digits}f}".replace("-", "−") for v in rows[value]], padding=4)
        axes.axvline(0, color=_QUIET, linewidth=1)
        axes.margins(x=0.14)
        _name_rows(axes, rows[label], numbers=False)

    return _chart(caption, paint, height=_tall(rows[label]))


def ranges(frame: pd.DataFrame, caption: Caption, *, label: str, ends: tuple[float, float] | None = None) -> Exhibit:
    """Draw one interval per row, in the order of the rows.

    The columns are `low`, `high` and `value`. If one end is missing, the interval is open
    and drawn as an arrow from the value; if both are, the value is approximate and drawn
    as a ring.
    """

    def paint(axes: Axes) -> None:
        axes.set_xlim(*(ends or _bounds(frame)))
        for at, row in enumerate(frame.iloc[::-1][["low", "high", "value"]].to_dict("records")):
            _interval(axes, at, **{str(name): number for name, number in row.items()})
        _name_rows(axes, frame[label].iloc[::-1], numbers=True)

    return _chart(caption, paint, height=_tall(frame[label]))


def table(frame: pd.DataFrame, caption: Caption) -> Exhibit:
    """Show the rows of `frame` as a table, columns of numbers right-aligned, missing values as dashes."""
    cells = frame.astype(object).where(frame.notna(), "–").astype(str)
    right = {name for name in cells.columns[1:] if cells[name].map(lambda text: bool(_NUMBER.fullmatch(text))).all()}

    def row(tag: str, values: Iterable[str]) -> str:
        opened = (f'{tag} class="num"' if name in right else tag for name in cells)
        return "".join(f"<{open_}>{_safe(text)}</{tag}>" for open_, text in zip(opened, values, strict=True))

    body = "".join(f"<tr>{row('td', values)}</tr>" for values in cells.itertuples(index=False))
    head = f"<thead><tr>{row('th', map(str, cells))}</tr></thead>"
    grid = f'<div class="scroll"><table class="data">{head}<tbody>{body}</tbody></table></div>'
    return _exhibit("table", grid, caption, cells.to_string(index=False))


def _prose(kind: str, paragraphs: Sequence[str]) -> Exhibit:
    body = "".join(f"<p>{_safe(words)}</p>" for words in paragraphs)
    return Exhibit(f'<div class="{kind}">{body}</div>', "\n\n".join(paragraphs))


def _safe(words: str) -> str:
    """Return `words` as HTML, with a true minus sign and a space before a per cent sign.

    Jupyter would typeset text between two dollar signs in one text node as mathematics.
    """
    return escape(_PER_CENT.sub(" %", _MINUS.sub("−", words))).replace("$", "<span>$</span>")


def _chart(caption: Caption, paint: Callable[[Axes], None], *, height: float = _HEIGHT) -> Exhibit:
    from matplotlib import style
    from matplotlib.figure import Figure

    stream = io.BytesIO()
    with style.context(_LOOK, after_reset=True):  # a reader's own matplotlibrc must not change a report
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
    """Return one line: values in units of `per` by decimal year, NaN where a period is missing."""
    for name in _ONE_LINE:
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
    """Write each name beside the end of its line, without overlaps."""
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
    colour, size, (left, right) = _COLOURS[0], 9, axes.get_xlim()
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
