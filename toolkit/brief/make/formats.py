"""A brief written as Markdown, Word, PDF, LaTeX or one self-contained web page."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import files
from toolkit.brief.cite.notes import ANNEX, COLUMNS, SOURCES, entries, note, rows
from toolkit.brief.cite.styles import ends_hedged
from toolkit.brief.read.source import METADATA, run_pandoc
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from toolkit.brief.cite import Cited
    from toolkit.brief.read.source import Brief, Span
    from toolkit.registry import Registry

__all__ = [
    "docx_document", "escaped", "filled", "html_document", "markdown_document", "pdf_document", "plain", "render", "tex_document",
    "zipped",
]  # fmt: skip

_TEMPLATES = files.PACKAGE / "templates"
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+.!|<>~^$@&\"'-])")
_UNNOTED = re.compile(r"^(?:#+\s|\[\^[^\]]+\]:)|^[^\n]*\n(?:=+|-+)\s*$", re.MULTILINE)  # headings and notes
_A4 = '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1361" w:right="1993" w:bottom="1361" w:left="1993" w:header="709" w:footer="709" w:gutter="0"/>'
_SECTION = re.compile(
    rb"<w:footnotePr>.*?</w:footnotePr>(?=\s*</w:sectPr>)", re.DOTALL
)  # restarts notes in each section
_EARLIEST = 315532800  # a zip archive cannot be older than 1980
_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_MEND, _LETTER = "Correct the Markdown there", "Leave that letter out, or build html or docx: the PDF's font lacks it"
_BACK_IN_TEX = b"\\section{Sources}\\label{list-of-sources}"  # from there on in small letters
_STYLED = re.compile(r' style="([^"<>]*)"')  # the page allows no inline style
_ALIGNED = re.compile(r"text-align: (right|center)")
_BACK_IN_HTML = '<div id="sources" class="back-matter">'
_NOTES = '<section id="footnotes"'  # where pandoc's notes begin; text cannot hold it, being escaped


def render(template: str, *styles: str, language: str = "en-GB", **values: Any) -> bytes:
    """Fill a template of ``toolkit/templates``, with its text escaped and `styles` after that of the reports."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    css = "".join(files.read_text(_TEMPLATES / name) for name in ("style.css", *styles))
    seal = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return environment.get_template(template).render(css=css, seal=seal, language=language, **values).encode()


def markdown_document(brief: Brief, cited: dict[str, Cited], registry: Registry) -> bytes:
    """Return the text with its figures filled in, and notes, sources and table of figures as Markdown."""
    if not cited:
        return brief.source.encode()
    noted: dict[str, str] = {}
    parts, reached = [], 0
    for span in brief.spans:
        parts += [brief.source[reached : span.start], _filled(brief, span, cited[span.figure])]
        if span.figure not in noted and not _unnoted(brief.source, span.start):
            noted[span.figure] = f"fig-{len(noted) + 1}"
            parts.append(f"[^{noted[span.figure]}]")
        reached = span.end
    text = "".join([*parts, brief.source[reached:]]).rstrip()
    return "\n\n".join([text, *_back(cited, noted, registry)]).encode() + b"\n"


def escaped(words: str) -> str:
    r"""Return `words` escaped so that Markdown prints them as they are.

    >>> print(escaped("1. A *b*"))
    1\. A \*b\*
    """
    return _MARKUP.sub(r"\\\1", words)


def filled(source: str, span: Span, words: str) -> str:
    """Return the source of a span with `words` in its brackets."""
    whole = source[span.start : span.end]
    return f"[{escaped(words) if '[' in words else words}{whole[whole.rindex(']{') :]}"


def _filled(brief: Brief, span: Span, cited: Cited) -> str:
    whole = brief.source[span.start : span.end]
    hedged = not ends_hedged(brief.source[: span.start])
    return filled(brief.source, span, cited.show(span.style, hedged=hedged)) if whole.startswith("[]") else whole


def _unnoted(source: str, at: int) -> bool:
    """Return whether a note would be inside a heading, another note or the metadata."""
    head = METADATA.match(source)
    if head and at < head.end():
        return True
    first = source.rfind("\n", 0, at) + 1
    last = source.find("\n", at)
    following = source.find("\n", last + 1)
    line = source[first : following if following > 0 else len(source)]
    return _UNNOTED.match(line) is not None


def _back(cited: dict[str, Cited], noted: dict[str, str], registry: Registry) -> Iterator[str]:
    for figure, label in noted.items():
        yield f"[^{label}]: {escaped(note(cited[figure]))}"
    yield f"# {SOURCES}"
    for entry in entries((record for each in cited.values() for record in each.records), registry):
        yield f"{escaped(entry.text)} <{entry.url}>" if entry.url else escaped(entry.text)
    yield f"# {ANNEX}"
    lines = [COLUMNS, *rows(cited.values())]
    table = [f"| {' | '.join(map(escaped, line))} |" for line in lines]
    yield "\n".join([table[0], "|:--|--:|:--|:--|", *table[1:]])


def docx_document(tree: dict[str, Any], media: dict[str, bytes], *, path: str, epoch: str) -> bytes:  # noqa: ARG001 - they are in the tree
    """Return a filled-in tree as a Word document."""
    options = ("-f", "json", "-t", "docx", "--citeproc", "-o", "-")
    return _finish(run_pandoc(json.dumps(tree).encode(), *options, path=path, epoch=epoch), int(epoch))


def _finish(raw: bytes, epoch: int) -> bytes:
    """Put styles, page size and dates into what pandoc wrote; in its sandbox every date is 1970."""
    moment = datetime.fromtimestamp(max(epoch, _EARLIEST), UTC)
    undated, dated = (f"{when:{_STAMP}}".encode() for when in (datetime.fromtimestamp(0, UTC), moment))
    edits: dict[str, Callable[[bytes], bytes]] = {
        "word/styles.xml": lambda _: files.read(_TEMPLATES / "brief-styles.xml"),
        "word/document.xml": lambda part: _SECTION.sub(_A4.encode(), part),
        "docProps/core.xml": lambda part: part.replace(undated, dated),
    }
    with zipfile.ZipFile(io.BytesIO(raw)) as old:
        parts = {name: edits.get(name, bytes)(old.read(name)) for name in old.namelist()}
    return zipped(parts, moment.timetuple()[:6])


def zipped(parts: dict[str, bytes], dated: tuple[int, ...] = (1980, 1, 1, 0, 0, 0)) -> bytes:
    """Return a zip archive of `parts` in which every date is the same."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in parts.items():
            archive.writestr(zipfile.ZipInfo(name, dated), raw, zipfile.ZIP_DEFLATED)  # type: ignore[arg-type]
    return made.getvalue()


def pdf_document(tree: dict[str, Any], media: dict[str, bytes], *, path: str, epoch: str) -> bytes:
    """Return a filled-in tree as a PDF."""
    import typst

    options = ("-f", "json", "-t", "typst", "--citeproc", "--template", str(_TEMPLATES / "brief.typ"), "--wrap=none")
    source = run_pandoc(json.dumps(tree).encode(), *options, path=path, epoch=epoch)
    with tempfile.TemporaryDirectory() as folder:
        for name, raw in {"brief.typ": source, **media}.items():
            (Path(folder) / name).write_bytes(raw)
        try:
            made: bytes = typst.compile(
                str(Path(folder) / "brief.typ"),
                root=folder,
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=["ua-1"],
                timestamp=int(epoch),
            )
        except typst.TypstError as error:
            remedy = _LETTER if "with font" in str(error) else _MEND
            raise ToolkitError(f"{path}: Typst says {error}", remedy=remedy) from None
    return made


def tex_document(tree: dict[str, Any], media: dict[str, bytes], *, path: str, epoch: str) -> bytes:  # noqa: ARG001 - the build writes them beside it
    """Return a filled-in tree as LaTeX."""
    options = ("-f", "json", "-t", "latex", "--citeproc", "--template", str(_TEMPLATES / "brief.tex"), "--wrap=none")
    made = run_pandoc(json.dumps(tree).encode(), *options, path=path, epoch=epoch)
    return made.replace(_BACK_IN_TEX, _BACK_IN_TEX + b"\n\\footnotesize")


def html_document(tree: dict[str, Any], media: dict[str, bytes], *, path: str, epoch: str) -> bytes:  # noqa: ARG001 - they are in the tree
    """Return a filled-in tree as one web page."""
    from markupsafe import Markup

    options = ("-f", "json", "-t", "html5", "--citeproc", "--wrap=none")
    fragment = run_pandoc(json.dumps(tree).encode(), *options, path=path, epoch=epoch).decode()
    text, mark, footnotes = _STYLED.sub(_class, fragment).partition(_NOTES)
    text, behind, back = text.partition(_BACK_IN_HTML)
    facts = {name: plain(tree["meta"].get(name)) for name in ("title", "subtitle", "author", "date", "lang")}
    return render(
        "brief.html",
        "brief.css",
        title=facts["title"] or Path(path).stem,
        subtitle=facts["subtitle"],
        language=facts["lang"] or "en-GB",
        facts=[(name.capitalize(), facts[name]) for name in ("author", "date")],
        text=Markup(text),  # noqa: S704  # pandoc's own escaping; raw HTML is refused when the brief is read
        notes=Markup(mark + footnotes),  # noqa: S704
        back=Markup(behind + back),  # noqa: S704
    )


def _class(style: re.Match[str]) -> str:
    aligned = _ALIGNED.search(style[1])
    return f' class="{aligned[1]}"' if aligned else ""


def plain(meta: Any) -> str:
    """Return a value of pandoc's metadata as text, a list joined by commas.

    >>> plain({"t": "MetaInlines", "c": [{"t": "Str", "c": "A"}, {"t": "Space"}, {"t": "Str", "c": "B"}]})
    'A B'
    """
    if isinstance(meta, list):
        return "".join(map(plain, meta))
    if not isinstance(meta, dict):
        return ""
    kind, content = meta["t"], meta.get("c")
    if isinstance(content, str):
        return content
    if kind in {"Space", "SoftBreak", "LineBreak"}:
        return " "
    parts = [plain(each) for each in content if isinstance(each, dict | list)] if content else []
    return (", " if kind == "MetaList" else "").join(parts)
