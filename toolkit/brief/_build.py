"""A brief with its figures filled in, a note for each and a list of their sources -> html, docx."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.brief import _docx, _html
from toolkit.brief._cited import Cited, evaluate
from toolkit.brief._source import Brief, Node, attributes, is_figure, parse
from toolkit.brief._sources import entries, note
from toolkit.errors import SchemaError, ToolkitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.registry import Registry

_WRITERS: dict[str, Callable[..., bytes]] = {"html": _html.page, "docx": _docx.document}
FORMATS = tuple(_WRITERS)
_UNNOTED = {"Header", "Note", "Link"}  # a note would be nested in them, or torn from its line
_PLAIN = {"Str", "Space"}
_DROPPED = {"RawBlock", "RawInline"}  # the author's comments: all that `parse` lets through


def build(path: Path | str, registry: Registry, to: str, folder: Path | str) -> Path:
    """Write a brief with its figures, notes and sources; give the file.

    The dates inside are those of ``SOURCE_DATE_EPOCH``, else of the brief's own
    ``date``: the same inputs give the same bytes.

    Parameters
    ----------
    path : path
        The brief, in Markdown.
    registry : Registry
    to : {"html", "docx"}
    folder : path
        Made if absent; the file has the brief's name.

    Raises
    ------
    SchemaError, UnknownCode, NotComparable
        Naming file and line, if the brief cannot be read or a figure not be given.
    """
    if to not in FORMATS:
        raise SchemaError(f"no format {to!r} for a brief", remedy=f"Choose {' or '.join(FORMATS)}")
    brief = parse(path)
    filler = _Filler(_figures(brief, registry), in_word=to == "docx")
    tree = {**brief.tree, "blocks": filler.fill(brief.tree["blocks"], noted=True)}
    tree["meta"] = {**brief.tree["meta"], **filler.expressions}
    records = (record for cited in filler.cited.values() for record in cited.records)
    made = _WRITERS[to](tree, entries(records, registry), path=brief.path, epoch=_epoch(tree["meta"]))
    target = Path(folder) / f"{Path(path).stem}.{to}"
    _write(target, made)
    return target


def _figures(brief: Brief, registry: Registry) -> dict[str, Cited]:
    cited = {}
    for span in brief.spans:
        try:
            cited[span.figure] = evaluate(span.figure, registry)
            cited[span.figure].show(span.style)
        except ToolkitError as error:
            raise type(error)(f"{brief.place(span.start)}: {error.problem}", remedy=error.remedy) from None
    return cited


@dataclass
class _Filler:
    """Turns the tree as read into the tree as printed."""

    cited: dict[str, Cited]
    in_word: bool
    noted: set[str] = field(default_factory=set)
    used: Counter[str] = field(default_factory=Counter)
    expressions: dict[str, Node] = field(default_factory=dict)

    def fill(self, value: Any, *, noted: bool) -> Any:
        if isinstance(value, list):
            filled: list[Any] = []
            for each in value:
                made = self.fill(each, noted=noted)
                filled.extend(made if isinstance(each, dict) and "t" in each else [made])
            return filled
        return self._element(value, noted=noted) if isinstance(value, dict) and "t" in value else value

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
        return [{**node, "c": content} if "c" in node else node]

    def _figure(self, node: Node, *, noted: bool) -> list[Node]:
        found = attributes(node)
        figure = " ".join(found["fig"].split())
        cited = self.cited[figure]
        content = self.fill(node["c"][1], noted=False) or [{"t": "Str", "c": cited.show(found.get("as"))}]
        pairs = [["data-fig", figure], ["title", note(cited)]]
        made: list[Node] = [{"t": "Span", "c": [[self._name(cited), ["figure"], pairs], _unbroken(content)]}]
        if self.in_word:
            made = _docx.control(figure, made)
        if noted and figure not in self.noted:
            self.noted.add(figure)
            made.append({"t": "Note", "c": [{"t": "Para", "c": [{"t": "Str", "c": note(cited)}]}]})
        return made

    def _name(self, cited: Cited) -> str:
        """Give an id that is a bookmark in Word: the key, or for an expression a hash that the metadata explain."""
        name = f"fig-{cited.figure}"
        if cited.is_computed:
            name = f"figx-{hashlib.sha256(cited.figure.encode()).hexdigest()[:12]}"
            self.expressions[name] = {"t": "MetaString", "c": cited.figure}
        self.used[name] += 1
        return name if self.used[name] == 1 else f"{name}--{self.used[name]}"


def _unbroken(content: list[Node]) -> list[Node]:
    """Keep a number and its unit on one line."""
    words = "".join(" " if each["t"] == "Space" else each.get("c", "") for each in content if each["t"] in _PLAIN)
    kept = [{"t": "Str", "c": re.sub(r"(?<=\d) ", "\u00a0", words)}]
    return kept if all(each["t"] in _PLAIN for each in content) else content


def _unplaced(part: Any) -> Any:
    """Take the position out of what may be attributes: id, classes, pairs."""
    if isinstance(part, list) and len(part) == len(("id", "classes", "pairs")) and isinstance(part[0], str):
        return [*part[:2], [pair for pair in part[2] if pair[0] != "data-pos"]]
    return part


def _epoch(meta: dict[str, Node]) -> str:
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    try:
        day = date.fromisoformat(_html.plain(meta.get("date")))
    except ValueError:
        raise SchemaError(
            "the brief has no date", remedy="Write date: 2025-10-28 at its head, between --- lines"
        ) from None
    return str(int(datetime.combine(day, time(), UTC).timestamp()))


def _write(target: Path, made: bytes) -> None:
    """Put the file in place whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.part")
    with aside.open("wb") as stream:
        stream.write(made)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(target)
