"""Estimates side by side as a publication table: html, tex, docx."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from toolkit.econ.gravity.result import Estimate

STARS = ((0.01, "***"), (0.05, "**"), (0.10, "*"))
_TEX = str.maketrans({
    "\\": r"\textbackslash{}", "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "^": r"\^{}", "$": r"\$", "{": r"\{",
    "}": r"\}", "~": r"\~{}", "<": "$<$", ">": "$>$", "×": r"$\times$", "−": "$-$", "²": r"$^2$",
})  # fmt: skip
_HYPHEN = re.compile(r"(?<!\w)-(?=\d)")  # a minus before a number


@dataclass(frozen=True, slots=True)
class Table:
    """A table of models, already worded.

    Attributes
    ----------
    head : tuple of str
        One title a model.
    body : tuple of (str, tuple of str)
        A label and one cell a model; a standard error follows its coefficient without a label.
    foot : tuple of (str, tuple of str)
        Observations, effects, fit, rows left out.
    notes : tuple of str
        How the standard errors were made, what the stars mean.
    caption : str
        The finding or subject; may be empty.
    """

    head: tuple[str, ...]
    body: tuple[tuple[str, tuple[str, ...]], ...]
    foot: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[str, ...]
    caption: str

    def html(self) -> str:
        """Give the table as HTML: a figure with its finding and notes."""
        notes = "".join(f'<p class="source">{escape(note)}</p>' for note in self.notes)
        caption = f'<figcaption class="finding">{escape(self.caption)}</figcaption>' if self.caption else ""
        return f'<figure class="table">{caption}{self._rows()}{notes}</figure>'

    def _rows(self) -> str:
        """Give the bare table; a standard error stands in the cell of its coefficient."""
        head = "".join(f'<th style="text-align: right">{escape(title)}</th>' for title in self.head)
        pairs = [
            (label, zip(cells, below, strict=True))
            for (label, cells), (_, below) in zip(self.body[::2], self.body[1::2], strict=True)
        ]
        lines = [(label, [_cell_html(*cell) for cell in cells]) for label, cells in pairs]
        lines += [(label, [_cell_html(cell) for cell in cells]) for label, cells in self.foot]
        rows = (f'<tr><th style="text-align: left">{escape(label)}</th>{"".join(cells)}</tr>' for label, cells in lines)
        return f'<table class="data"><thead><tr><th></th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'

    def tex(self) -> str:
        """Give the table as LaTeX with booktabs rules."""
        lines = [
            r"\begin{table}",
            r"\centering",
            *([rf"\caption{{{self.caption.translate(_TEX)}}}"] if self.caption else []),
            rf"\begin{{tabular}}{{l{'c' * len(self.head)}}}",
            r"\toprule",
            " & ".join(["", *(title.translate(_TEX) for title in self.head)]) + r" \\",
            r"\midrule",
            *(_tex_row(label, cells) for label, cells in self.body),
            r"\midrule",
            *(_tex_row(label, cells) for label, cells in self.foot),
            r"\bottomrule",
            r"\end{tabular}",
            *(rf"\par\footnotesize {note.translate(_TEX)}" for note in self.notes),
            r"\end{table}",
        ]
        return "\n".join(lines) + "\n"

    def docx(self, path: Path) -> None:
        """Write the table to a Word file: through pandoc, whole or not at all."""
        import pypandoc

        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        title = f"<p><strong>{escape(self.caption)}</strong></p>" if self.caption else ""
        aside = path.with_name(f".{path.name}.part")
        try:
            pypandoc.convert_text(f"{title}{self._rows()}{notes}", to="docx", format="html", outputfile=str(aside))
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)

    def text(self) -> str:
        """Give the table as plain text, for a terminal."""
        rows = [("", self.head), *self.body, *self.foot]
        wide = [max(len(cells[0]) for cells in ((label, *row) for label, row in rows))]
        wide += [max(len(row[at]) for _, row in rows) for at in range(len(self.head))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip((label, *row), wide, strict=True)) for label, row in rows
        ]
        return "\n".join([self.caption, *(line.rstrip() for line in lines), *self.notes])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.text()}


def table(
    *models: Estimate,
    titles: Sequence[str] = (),
    terms: Sequence[str] = (),
    decimals: int = 3,
    errors: Literal["se", "t", "ci"] = "se",
    caption: str = "",
) -> Table:
    """Set models side by side.

    Parameters
    ----------
    titles : sequence of str
        One a model; "(1)", "(2)" if empty.
    terms : sequence of str
        Which coefficients, in which order; all if empty.
    errors : "se", "t" or "ci"
        What stands in brackets below a coefficient.
    """
    if not models or (titles and len(titles) != len(models)):
        raise SchemaError(f"{len(models)} models, {len(titles)} titles", remedy="Pass one title a model")
    shown = list(terms) or list(dict.fromkeys(term for model in models for term in model.coefficients.index))
    body: list[tuple[str, tuple[str, ...]]] = []
    for term in shown:
        body.append((term, tuple(_cell(model, term, decimals) for model in models)))
        body.append(("", tuple(_error(model, term, decimals, errors) for model in models)))
    return Table(
        head=tuple(titles) or tuple(f"({i})" for i in range(1, len(models) + 1)),
        body=tuple(body),
        foot=_foot(models),
        notes=_notes(models, errors),
        caption=caption,
    )


def _cell(model: Estimate, term: str, decimals: int) -> str:
    if term not in model.coefficients.index:
        return "collinear" if term in model.collinear else ""
    found = model[term]
    stars = next((mark for level, mark in STARS if found.p_value < level), "")
    return f"{found.estimate:.{decimals}f}{stars}"


def _error(model: Estimate, term: str, decimals: int, errors: str) -> str:
    if term not in model.coefficients.index:
        return ""
    found = model[term]
    if errors == "ci":
        return f"[{found.low:.{decimals}f}, {found.high:.{decimals}f}]"
    return f"({found.std_error if errors == 'se' else found.statistic:.{decimals}f})"


def _foot(models: Sequence[Estimate]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    effects = list(dict.fromkeys(effect for model in models for effect in model.fe))
    lines = [("Estimator", tuple(model.model.upper() for model in models))]
    lines += [
        (f"Effects: {name.replace('^', ' × ')}", tuple("yes" if name in model.fe else "no" for model in models))
        for name in effects
    ]
    if any(model.weights or model.offset for model in models):
        lines.append(
            ("Weights, offset", tuple(", ".join(filter(None, (m.weights, m.offset))) or "none" for m in models))
        )
    lines.append(("Observations", tuple(f"{model.n:,}" for model in models)))
    reasons = list(dict.fromkeys(part.reason for model in models for part in model.rows.dropped))
    for reason in reasons:
        counts = [sum(part.count for part in model.rows.dropped if part.reason == reason) for model in models]
        lines.append((f"Left out, {reason}", tuple(f"{count:,}" for count in counts)))
    lines.append(("R²", tuple(f"{model.r2:.3f}" for model in models)))
    return tuple(lines)


def _notes(models: Sequence[Estimate], errors: str) -> tuple[str, ...]:
    brackets = {"se": "Standard errors", "t": "t statistics", "ci": "95 % intervals"}[errors]
    said = dict.fromkeys(f"{model.model.upper()}: {model.se}" for model in models)
    stars = ", ".join(f"{mark} p < {level:g}" for level, mark in reversed(STARS))
    fit = "R² of PPML is the squared correlation of trade and fitted trade."
    return (f"{brackets} in brackets. {'; '.join(said)}. {stars}. {fit}",)


def _tex_row(label: str, cells: tuple[str, ...]) -> str:
    return " & ".join(_set(cell).translate(_TEX) for cell in (label, *cells)) + r" \\"


def _cell_html(*parts: str) -> str:
    return f'<td style="text-align: right">{"<br>".join(escape(_set(part)) for part in parts if part)}</td>'


def _set(cell: str) -> str:
    """Give a cell with minus signs where hyphens stand before numbers."""
    return _HYPHEN.sub("−", cell)
