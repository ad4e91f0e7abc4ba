"""Publication tables of models, as HTML, LaTeX, Word or plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from toolkit import files

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Table"]

_TEX = str.maketrans({
    "\\": r"\textbackslash{}", "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "^": r"\^{}", "$": r"\$", "{": r"\{",
    "}": r"\}", "~": r"\~{}", "<": "$<$", ">": "$>$", "×": r"$\times$", "−": "$-$", "²": r"$^2$",
})  # fmt: skip
_HYPHEN = re.compile(r"(?<!\w)-(?=\d)")  # a minus before a number


@dataclass(frozen=True, slots=True)
class Table:
    """A table of models in words and rounded numbers.

    Attributes
    ----------
    head : tuple of str
        One title per model.
    body : tuple of (str, tuple of str)
        A label and one cell per model; each coefficient is followed by its standard error, without a label.
    foot : tuple of (str, tuple of str)
        Observations, effects, fit, rows left out.
    notes : tuple of str
        How the standard errors were computed, and what the stars mean.
    caption : str
        The finding or subject; may be empty.
    """

    head: tuple[str, ...]
    body: tuple[tuple[str, tuple[str, ...]], ...]
    foot: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[str, ...]
    caption: str

    def html(self) -> str:
        """Return the table as an HTML figure with caption and notes."""
        notes = "".join(f'<p class="source">{escape(note)}</p>' for note in self.notes)
        caption = f'<figcaption class="finding">{escape(self.caption)}</figcaption>' if self.caption else ""
        return f'<figure class="table">{caption}{self._rows()}{notes}</figure>'

    def _rows(self) -> str:
        """Return the bare HTML table, each standard error in the cell of its coefficient."""
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
        """Return the table as LaTeX with booktabs rules."""
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
        """Write the table to a Word file, whole or not at all."""
        import pypandoc

        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        title = f"<p><strong>{escape(self.caption)}</strong></p>" if self.caption else ""
        with files.replacing(path) as made:
            pypandoc.convert_text(f"{title}{self._rows()}{notes}", to="docx", format="html", outputfile=str(made))

    def text(self) -> str:
        """Return the table as plain text, for a terminal."""
        rows = [("", self.head), *self.body, *self.foot]
        wide = [max(len(cells[0]) for cells in ((label, *row) for label, row in rows))]
        wide += [max(len(row[at]) for _, row in rows) for at in range(len(self.head))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip((label, *row), wide, strict=True)) for label, row in rows
        ]
        return "\n".join([self.caption, *(line.rstrip() for line in lines), *self.notes])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.text()}


def _tex_row(label: str, cells: tuple[str, ...]) -> str:
    return " & ".join(_set(cell).translate(_TEX) for cell in (label, *cells)) + r" \\"


def _cell_html(*parts: str) -> str:
    return f'<td style="text-align: right">{"<br>".join(escape(_set(part)) for part in parts if part)}</td>'


def _set(cell: str) -> str:
    """Return the cell with a minus sign for each hyphen before a number."""
    return _HYPHEN.sub("−", cell)
