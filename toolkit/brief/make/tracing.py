"""The way from a figure back to its sentence or cell, and on to the briefs that cite it."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit import files
from toolkit.brief.cite import Cited, evaluate
from toolkit.brief.cite.notes import credit, kept_article
from toolkit.brief.make import formats
from toolkit.errors import ToolkitError
from toolkit.registry import check, describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from toolkit.registry import Record, Registry

__all__ = ["Step", "Trace", "as_text", "page", "publishing_cell", "trace"]

_CITING = re.compile(r"\{[^{}]*?\bfig\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s}]+))")
_ROW = re.compile(r"#row=(\d+)")


class Step(NamedTuple):
    """One step of the way: its name, the words, and which of them to highlight."""

    name: str
    words: str
    start: int = 0
    end: int = 0

    @property
    def parts(self) -> tuple[str, str, str]:
        """The words before, in and after the highlight."""
        return self.words[: self.start], self.words[self.start : self.end], self.words[self.end :]


class Trace(NamedTuple):
    """A figure as it is shown, and the steps behind it."""

    figure: str
    shown: str
    about: str
    steps: tuple[Step, ...]


def trace(figure: str, registry: Registry) -> list[Trace]:
    """Return the way back from a key or an expression, then those of the figures that it was computed from.

    Raises
    ------
    UnknownCode
        If a key is not registered.
    """
    cited = evaluate(figure, registry)
    found = [_computed(cited)] if cited.is_computed else []
    seen: set[str] = set()
    waiting = [*cited.records]
    while waiting:
        record = waiting.pop(0)
        if record.key not in seen:
            seen.add(record.key)
            found.append(Trace(record.key, str(record), record.about, tuple(_steps(record, registry))))
            waiting += _inputs(record, registry)
    return found


def as_text(traces: Iterable[Trace]) -> str:
    """Return the way as lines of text, highlights between » and «."""
    lines = []
    for each in traces:
        lines.append(f"{each.shown} [{each.figure}]: {each.about}")
        for step in each.steps:
            before, marked, after = step.parts
            lines.append(f"  {step.name}: {before}{'»' + marked + '«' if marked else ''}{after}")
    return "\n".join(lines)


def page(figures: Iterable[str], registry: Registry, title: str) -> bytes:
    """Return one self-contained page with the way back of each figure at its own anchor."""
    groups = [(figure, trace(figure, registry)) for figure in figures]
    return formats.render("trace.html", "brief.css", "trace.css", title=title, groups=groups)


def _computed(cited: Cited) -> Trace:
    keys = ", ".join(dict.fromkeys(record.key for record in cited.records))
    steps = Step("from", keys), *_briefs(cited.figure)
    return Trace(cited.figure, cited.show(), "computed when the brief is built", steps)


def _steps(record: Record, registry: Registry) -> Iterator[Step]:
    source = record.source
    yield Step("record", f"{record.id}, {record.status}" + (f", said by {record.speaker}" if record.speaker else ""))
    yield from {"article": _sentence, "dataset": _cell, "computed": _notebook}[source["type"]](record)
    if record.retrieved:
        yield Step("read", record.retrieved)
    for before in registry.history(record.key):
        yield Step("before", f"{before} ({before.id})")
    yield from _briefs(record.key)


def _sentence(record: Record) -> Iterator[Step]:
    """Yield the sentence as the article has it now, or as the record keeps it."""
    quote = record.source["selector"][0]
    kept = quote["prefix"] + quote["exact"] + quote["suffix"]
    yield Step("article", describe(record))
    text = kept_article(record)
    anchor = check(record, text) if text else None
    if text is None or anchor is None or anchor.start < 0:
        state = "gone from the article" if text else "as the record keeps it"
        yield Step(f"sentence, {state}", kept, len(quote["prefix"]), len(quote["prefix"]) + len(quote["exact"]))
        return
    within = next((each for each in text.sentences() if each.start <= anchor.start < each.end), None)
    start, end = (within.start, within.end) if within else (anchor.start, anchor.end)
    yield Step(f"sentence, {anchor.state}", text.text[start:end], anchor.start - start, anchor.end - start)


def _cell(record: Record) -> Iterator[Step]:
    source = record.source
    yield Step("source", credit(record))
    yield Step("table", f"{source['dataset']}, vintage {source['vintage'] or 'not stated'}, sha256 {source['sha256']}")
    yield Step("cell", str(source.get("pointer") or describe(record)))
    pointer = str(source.get("pointer", ""))
    row, path = _ROW.search(pointer), files.home() / pointer.partition("#")[0]
    if row and path.is_file():
        lines = files.read_text(path).splitlines()
        if int(row[1]) <= len(lines):
            line = lines[int(row[1]) - 1]
            cells = dict(zip(*csv.reader([lines[0], line]), strict=False))
            value = str(cells.get(source["column"], ""))
            at = line.find(value) if value else -1
            yield Step("row", line, max(at, 0), max(at, 0) + len(value))


def _notebook(record: Record) -> Iterator[Step]:
    source = record.source
    yield Step("computed", describe(record).removeprefix("computed as "))
    yield Step("notebook", f"{source['notebook']}, parameters {json.dumps(source['parameters'], ensure_ascii=False)}")
    if cell := publishing_cell(files.home() / str(source["notebook"]), record.key):
        number, code = cell
        yield Step(f"cell {number}", code)
    yield Step("run", str(source["run"]))


def publishing_cell(path: Path, key: str) -> tuple[int, str] | None:
    """Return the number and code of the cell that publishes a key; the key may be built at run time."""
    if not path.is_file():
        return None
    cells: list[dict[str, Any]] = json.loads(files.read_text(path))["cells"]
    sources = [(at, "".join(cell["source"])) for at, cell in enumerate(cells, 1) if cell["cell_type"] == "code"]
    parts = key.split("-")
    for length in range(len(parts), min(len(parts), 2) - 1, -1):  # f"us-imports-jp-{year}"
        stem = "-".join(parts[:length])
        if named := [each for each in sources if stem in each[1] and "publish" in each[1]]:
            return named[0]
    return None


def _briefs(figure: str) -> Iterator[Step]:
    """Yield file and line of each place in the project's briefs that cites a figure."""
    for path in sorted((files.home() / "briefs").glob("*.md")):
        source = path.read_text(encoding="utf-8", errors="replace")
        for found in _CITING.finditer(source):
            keys = next(each for each in found.groups() if each)
            if figure in (keys, *keys.split()):
                yield Step("cited", f"{path.relative_to(files.home())}:{source.count(chr(10), 0, found.start()) + 1}")


def _inputs(record: Record, registry: Registry) -> Iterator[Record]:
    for each in record.source.get("inputs", ()):
        if isinstance(each, str):
            try:
                yield registry.resolve(each)
            except ToolkitError:
                continue  # an input that the registry of this edition lacks
