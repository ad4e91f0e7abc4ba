"""The tree of a brief as it is printed: figures filled in, with notes and keys; the author's citations, ``[@key, p. 5]``."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from toolkit import files
from toolkit.brief.cite.notes import ANNEX, COLUMNS, SOURCES, TRACE, entries, note, rows
from toolkit.brief.cite.styles import asked, ends_hedged
from toolkit.brief.make.formats import plain
from toolkit.brief.read.source import Node, attributes, is_figure, run_pandoc
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.brief.cite import Cited
    from toolkit.registry import Registry

__all__ = ["CITATION", "Filler", "as_meta", "back_matter", "cite", "cited_keys", "references"]

_UNNOTED = {"Header", "Note", "Link", "Image"}  # a note inside one would be nested, or separated from its line
_BEFORE = 8  # elements in which a hedge before a figure may stand
_PLAIN = {"Str", "Space"}
_DROPPED = {"RawBlock", "RawInline"}  # the author's comments: all that `parse` lets through
_IMAGES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg"}
_LARGEST = 20_000_000  # bytes of an image


@dataclass
class Filler:
    """Turns the tree as it was read into the tree as it is printed in one format.

    Attributes
    ----------
    path : str
        The brief; its images are in the same folder.
    to : str
        The format.
    cited : dict of str to Cited
    expressions : dict
        Metadata with the expression for each hash that names a bookmark.
    media : dict of str to bytes
        The images by their names in the text.
    before : str
        The words before the element that is filled now.
    """

    path: str
    to: str
    cited: dict[str, Cited]
    noted: set[str] = field(default_factory=set)
    used: Counter[str] = field(default_factory=Counter)
    expressions: dict[str, Node] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    before: str = ""

    def fill(self, value: Any, *, noted: bool = True) -> Any:
        """Return a part of pandoc's tree as it is printed."""
        if isinstance(value, list):
            filled: list[Any] = []
            for each in value:
                self.before = plain(filled[-_BEFORE:])
                made = self.fill(each, noted=noted)
                filled.extend(made if isinstance(each, dict) and "t" in each else [made])
            return cite(filled)
        return self._element(value, noted=noted) if isinstance(value, dict) and "t" in value else value

    def address(self, anchor: str) -> str:
        """Return the address of a figure's trace, on the page beside the brief."""
        return f"{Path(self.path).stem}.figures.html#{quote(anchor, safe='')}"

    def _element(self, node: Node, *, noted: bool) -> list[Node]:
        if is_figure(node):
            return self._figure(node, noted=noted)
        if node["t"] in _DROPPED:
            return []
        content = self.fill(node.get("c"), noted=noted and node["t"] not in _UNNOTED)
        found = attributes(node)
        if "wrapper" in found:
            return list(content[1])
        if "data-pos" in found:
            content = [_unplaced(part) for part in content]
        if node["t"] == "Image":
            return [self._image({**node, "c": content})]
        return [{**node, "c": content} if "c" in node else node]

    def _figure(self, node: Node, *, noted: bool) -> list[Node]:
        found = attributes(node)
        figure = " ".join(found["fig"].split())
        cited = self.cited[figure]
        shown = cited.show(asked(found), hedged=not ends_hedged(self.before))
        content = self.fill(node["c"][1], noted=False) or [{"t": "Str", "c": shown}]
        made = self._keyed(figure, cited, _unbroken(content))
        if noted and figure not in self.noted:
            self.noted.add(figure)
            words = [{"t": "Str", "c": note(cited)}, {"t": "Space"}, self._link(TRACE, figure)]
            made.append({"t": "Note", "c": [{"t": "Para", "c": words}]})
        return made

    def _keyed(self, figure: str, cited: Cited, content: list[Node]) -> list[Node]:
        """Return the words of a figure with its key, as the format carries it."""
        if self.to == "tex":
            return [_raw("latex", f"\\tradefigure{{{figure}}}{{"), *content, _raw("latex", "}")]
        if self.to == "pdf":
            return [_raw("typst", f'#trade-figure("{self.address("fig=" + figure)}")['), *content, _raw("typst", "]")]
        pairs = [["data-fig", figure], ["title", note(cited)]]
        made = [{"t": "Span", "c": [[self._name(cited), ["figure"], pairs], content]}]
        if self.to != "docx":
            return made
        opening = f'<w:sdt><w:sdtPr><w:alias w:val="{figure}"/><w:tag w:val="fig:{figure}"/></w:sdtPr><w:sdtContent>'
        return [_raw("openxml", opening), *made, _raw("openxml", "</w:sdtContent></w:sdt>")]

    def _link(self, words: str, anchor: str) -> Node:
        return {"t": "Link", "c": [["", [], []], [{"t": "Str", "c": words}], [self.address(anchor), ""]]}

    def _name(self, cited: Cited) -> str:
        """Return an id, which is a bookmark in Word: the key, or a hash of the expression that the metadata explain."""
        name = f"fig-{cited.figure}"
        if cited.is_computed:
            name = f"figx-{hashlib.sha256(cited.figure.encode()).hexdigest()[:12]}"
            self.expressions[name] = {"t": "MetaString", "c": cited.figure}
        self.used[name] += 1
        return name if self.used[name] == 1 else f"{name}--{self.used[name]}"

    def _image(self, node: Node) -> Node:
        """Return an image with its bytes: in its sandbox pandoc would silently leave it out."""
        where, alt, (target, title) = node["c"]
        raw, kind = self._bytes(target)
        if not alt:
            raise SchemaError(f"{self.path}: the image {target} has no alt text", remedy="Write ![what it shows](file)")
        name = f"{Path(self.path).stem}-{hashlib.sha256(raw).hexdigest()[:8]}.{kind}"
        if self.to not in {"tex", "pdf"}:
            return {**node, "c": [where, alt, [f"data:image/{kind};base64,{base64.b64encode(raw).decode()}", title]]}
        self.media[name] = raw
        if self.to == "tex":
            return {**node, "c": [where, alt, [name, title]]}
        words = re.sub(r'([\\"])', r"\\\1", plain(alt))
        return _raw("typst", f'#image("{name}", alt: "{words}")')

    def _bytes(self, target: str) -> tuple[bytes, str]:
        """Return bytes and kind of an image in the brief's own folder or below."""
        folder = Path(self.path).parent.resolve()
        path = (folder / target).resolve()
        remedy = "Name a PNG or JPEG file beside the brief"
        if not path.is_relative_to(folder) or not path.is_file() or path.stat().st_size > _LARGEST:
            raise SchemaError(f"{self.path}: no image {target} beside the brief", remedy=remedy)
        raw = files.read(path)
        kind = next((kind for mark, kind in _IMAGES.items() if raw.startswith(mark)), None)
        if kind is None:
            raise SchemaError(f"{self.path}: {target} is neither PNG nor JPEG", remedy=remedy)
        return raw, kind


def _raw(form: str, words: str) -> Node:
    return {"t": "RawInline", "c": [form, words]}


def _unbroken(content: list[Node]) -> list[Node]:
    """Keep a number and its unit on one line."""
    words = "".join(" " if each["t"] == "Space" else each.get("c", "") for each in content if each["t"] in _PLAIN)
    kept = [{"t": "Str", "c": re.sub(r"(?<=\d) ", "\u00a0", words)}]
    return kept if all(each["t"] in _PLAIN for each in content) else content


def _unplaced(part: Any) -> Any:
    """Return attributes (id, classes, pairs) without the position; any other part as it is."""
    if isinstance(part, list) and len(part) == len(("id", "classes", "pairs")) and isinstance(part[0], str):
        return [*part[:2], [pair for pair in part[2] if pair[0] != "data-pos"]]
    return part


_KEY = re.compile(r"(-?)@([\w](?:[\w:.#$%&+?<>~/-]*\w)?)(.*)", re.DOTALL)
CITATION = re.compile(r"\[(-?@\w[^\[\]\n]*)\]")
_FORMS = {".json": "csljson", ".bib": "biblatex", ".yaml": "markdown"}
_MOST = 200  # inlines of one citation


def cite(inlines: list[Any]) -> list[Any]:
    """Replace each bracketed run of words that begins with @ by a Cite."""
    made: list[Any] = []
    at = 0
    while at < len(inlines):
        end = _end(inlines, at)
        parts = [_citation(part) for part in _words(inlines[at + 1 : end - 1]).split(";")] if end else [None]
        if end and all(parts):
            made.append({"t": "Cite", "c": [parts, inlines[at:end]]})
            at = end
        else:
            made.append(inlines[at])
            at += 1
    return made


def references(meta: dict[str, Any], path: str) -> list[dict[str, Any]]:
    """Return the entries of the bibliography that a brief names, as CSL-JSON."""
    named = plain(meta.get("bibliography"))
    if not named:
        return []
    file = Path(path).parent / named
    form = _FORMS.get(file.suffix)
    if form is None or not file.is_file():
        raise SchemaError(f"{path}: no bibliography {named}", remedy="Name a .bib or CSL .json file beside the brief")
    found: list[dict[str, Any]] = json.loads(run_pandoc(file.read_bytes(), "-f", form, "-t", "csljson", path=str(file)))
    return found


def as_meta(value: Any) -> Any:
    """Return a JSON value as pandoc's metadata."""
    if isinstance(value, dict):
        return {"t": "MetaMap", "c": {name: as_meta(each) for name, each in value.items()}}
    if isinstance(value, list):
        return {"t": "MetaList", "c": [as_meta(each) for each in value]}
    return {"t": "MetaString", "c": str(value)}


def cited_keys(source: str) -> set[str]:
    """Return the keys of the works that a text cites."""
    return {
        found[2] for run in CITATION.findall(source) for part in run.split(";") if (found := _KEY.match(part.strip()))
    }


def _end(inlines: list[Any], at: int) -> int:
    """Return the end of the citation that begins at `at`, or 0 if there is none."""
    opened = _is(inlines, at, "[") and at + 1 < len(inlines)
    if not (opened and _words(inlines[at + 1 : at + 3]).lstrip("-").startswith("@")):
        return 0
    for end in range(at + 1, min(at + _MOST, len(inlines))):
        if _is(inlines, end, "]"):
            return end + 1
        if not isinstance(inlines[end], dict) or inlines[end].get("t") not in {"Str", "Space", "SoftBreak"}:
            return 0
    return 0


def _is(inlines: list[Any], at: int, words: str) -> bool:
    each = inlines[at]
    return isinstance(each, dict) and each.get("t") == "Str" and each.get("c") == words


def _words(inlines: list[Node]) -> str:
    return "".join(each.get("c", " ") if isinstance(each, dict) and each.get("t") == "Str" else " " for each in inlines)


def _citation(words: str) -> Node | None:
    found = _KEY.fullmatch(words.strip())
    if not found:
        return None
    suffix = [{"t": "Str", "c": found[3].rstrip()}] if found[3].strip() else []
    mode = "SuppressAuthor" if found[1] else "NormalCitation"
    return {
        "citationId": found[2],
        "citationPrefix": [],
        "citationSuffix": suffix,
        "citationMode": {"t": mode},
        "citationNoteNum": 0,
        "citationHash": 0,
    }


_CLASS = "back-matter"
_WIDTHS = (0.22, 0.16, 0.31, 0.31)  # of the columns of the table of figures


def back_matter(cited: Iterable[Cited], registry: Registry) -> list[Node]:
    """Return the list of sources and the table of figures as blocks of pandoc's tree."""
    cited = list(cited)
    if not cited:
        return []
    listed = []
    for entry in entries((record for each in cited for record in each.records), registry):
        link = [{"t": "Space"}, {"t": "Link", "c": [["", [], []], [_text(entry.url)], [entry.url, ""]]}]
        listed.append({"t": "Para", "c": [_text(entry.text), *(link if entry.url else [])]})
    styled = {"t": "Div", "c": [["", ["references"], [["custom-style", "Bibliography"]]], listed]}
    return [_part("sources", SOURCES, styled), _part("annex", ANNEX, _table(rows(cited)))]


def _part(name: str, title: str, content: Node) -> Node:
    anchor = f"list-of-{title.split(maxsplit=1)[0].lower()}"
    heading = {"t": "Header", "c": [1, [anchor, [], []], [_text(title)]]}
    return {"t": "Div", "c": [[name, [_CLASS], []], [heading, content]]}


def _text(words: str | None) -> Node:
    return {"t": "Str", "c": words or ""}


def _table(lines: list[tuple[str, ...]]) -> Node:
    empty: list[Any] = ["", [], []]
    columns = [[{"t": "AlignLeft"}, {"t": "ColWidth", "c": width}] for width in _WIDTHS]

    def row(cells: Iterable[str]) -> list[Any]:
        return [empty, [[empty, {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": [_text(cell)]}]] for cell in cells]]

    head, body = [empty, [row(COLUMNS)]], [[empty, 0, [], [row(line) for line in lines]]]
    return {"t": "Table", "c": [empty, [None, []], columns, head, body, [empty, []]]}
