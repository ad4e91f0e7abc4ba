"""A brief built as html, docx, tex, pdf or md: figures filled in, a note for each, and their sources."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import files
from toolkit.brief.cite import Cited, evaluate
from toolkit.brief.make import formats
from toolkit.brief.make.formats import plain
from toolkit.brief.make.tracing import page
from toolkit.brief.make.tree import Filler, as_meta, back_matter, cited_keys, references
from toolkit.brief.read.source import Brief, parse
from toolkit.errors import SchemaError, ToolkitError

if TYPE_CHECKING:
    from toolkit.registry import Registry

__all__ = ["FORMATS", "build"]

_WRITERS = {
    "html": formats.html_document,
    "docx": formats.docx_document,
    "tex": formats.tex_document,
    "pdf": formats.pdf_document,
}
FORMATS = (*_WRITERS, "md")


def build(path: Path | str, registry: Registry, to: str, folder: Path | str, day: date | None = None) -> Path:
    """Write a brief with its figures, notes, sources and table of figures, and return the file.

    The dates inside are `day`, else ``SOURCE_DATE_EPOCH``, else the brief's own ``date``:
    the same inputs give the same bytes.

    Parameters
    ----------
    path : path
        The brief, in Markdown.
    registry : Registry
    to : {"html", "docx", "tex", "pdf", "md"}
    folder : path
        Made if absent; the file has the brief's name. Beside it are the page
        ``<name>.figures.html``, to which its notes link, and the images of tex.
    day : date, optional
        Day of the edition.

    Raises
    ------
    SchemaError, UnknownCode, NotComparable
        Naming file and line, if the brief cannot be read or a figure cannot be shown.
    """
    if to not in FORMATS:
        raise SchemaError(f"no format {to!r} for a brief", remedy=f"Choose {' or '.join(FORMATS)}")
    brief = parse(path)
    cited = _figures(brief, registry)
    target = Path(folder) / f"{Path(path).stem}.{to}"
    if target.resolve() == Path(path).resolve():
        raise SchemaError(f"{path}: the brief itself would be overwritten", remedy="Name another folder with --out")
    if to == "md":
        files.write(target, formats.markdown_document(brief, cited, registry), parents=True)
        return target
    filler = Filler(brief.path, to, cited)
    tree = _tree(brief, filler, registry)
    made = _WRITERS[to](tree, filler.media, path=brief.path, epoch=_epoch(tree["meta"], day))
    files.write(target, made, parents=True)
    if cited:
        title = f"{plain(tree['meta'].get('title')) or target.stem}: its figures"
        files.write(target.with_name(f"{target.stem}.figures.html"), page(sorted(cited), registry, title))
    for name, raw in filler.media.items() if to == "tex" else ():
        files.write(target.with_name(name), raw)
    return target


def _tree(brief: Brief, filler: Filler, registry: Registry) -> dict[str, Any]:
    """Return the whole tree: text, references, sources, table of figures."""
    text = filler.fill(brief.tree["blocks"])
    meta = {"lang": {"t": "MetaString", "c": "en-GB"}, **brief.tree["meta"], **filler.expressions}
    if keys := cited_keys(brief.source):
        listed = references(meta, brief.path)
        if unknown := sorted(keys - {each["id"] for each in listed}):
            problem = f"{brief.path}: [@{unknown[0]}] is not in the bibliography"
            raise SchemaError(problem, remedy="Name one at the head: bibliography: refs.bib")
        meta = {name: value for name, value in meta.items() if name != "bibliography"} | {"references": as_meta(listed)}
        heading = {"t": "Header", "c": [1, ["literature", [], []], [{"t": "Str", "c": "References"}]]}
        text = [*text, heading, {"t": "Div", "c": [["refs", ["references"], []], []]}]
    return {**brief.tree, "meta": meta, "blocks": [*text, *back_matter(filler.cited.values(), registry)]}


def _figures(brief: Brief, registry: Registry) -> dict[str, Cited]:
    cited = {}
    for span in brief.spans:
        try:
            cited[span.figure] = evaluate(span.figure, registry)
            cited[span.figure].show(span.style)
        except ToolkitError as error:
            raise type(error)(f"{brief.place(span.start)}: {error.problem}", remedy=error.remedy) from None
    return cited


def _epoch(meta: dict[str, Any], day: date | None) -> str:
    if day is None and (given := os.environ.get("SOURCE_DATE_EPOCH")):
        return given
    try:
        day = day or date.fromisoformat(plain(meta.get("date")))
    except ValueError:
        remedy = "Write date: 2025-10-28 at its head, between --- lines"
        raise SchemaError("the brief has no date", remedy=remedy) from None
    return str(int(datetime.combine(day, time(), UTC).timestamp()))
