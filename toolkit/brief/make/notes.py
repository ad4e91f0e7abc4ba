"""What the build writes behind a brief's text: its sources and the figures used; and which paragraphs those are."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit import files
from toolkit.brief.cited import Cited
from toolkit.errors import ToolkitError, UnknownCode
from toolkit.registry import cited_article, describe
from toolkit.store import imported_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from toolkit.brief.read.prose import Prose
    from toolkit.brief.read.source import Node, Place
    from toolkit.registry import Record, Registry

Source = dict[str, Any]


class Entry(NamedTuple):
    """One source in the list: what it is, and its address if that may be linked."""

    text: str
    url: str | None = None


def note(cited: Cited) -> str:
    """Give the words of a figure's footnote: the sentence or the cells it rests on."""
    notes = " ".join(_note(record) for record in {each.key: each for each in cited.records}.values())
    return f"Computed here: {cited.figure} = {_result(cited)}. {notes}" if cited.is_computed else notes


def _result(cited: Cited) -> str:
    """Give a ratio below one as a share, and any other as a multiple."""
    value = cited.quantity.value
    return cited.show("percent" if cited.quantity.unit == "x" and value is not None and 0 < value < 1 else None)


def entries(records: Iterable[Record], registry: Registry) -> list[Entry]:
    """Give the sources behind `records`, each once, in alphabetical order."""
    seen: set[str] = set()
    found = {_entry(source) for record in records for source in _leaves(record.source, registry, seen)}
    return sorted(found, key=lambda entry: entry.text.lstrip("“").casefold())


def credit(record: Record) -> str:
    """Name in a few words what a record was taken from."""
    source = record.source
    if source["type"] == "article":
        return describe(record).partition(" (original sha256")[0]
    return _maker(source) if source["type"] == "computed" else _credit(source)


def _note(record: Record) -> str:
    source = record.source
    about = record.about[:1].upper() + record.about[1:]
    if source["type"] == "article":
        said = f"{record.status}, according to {record.speaker}" if record.speaker else record.status
        return f"{about}: “{source['selector'][0]['exact']}” ({said}). {_sentence(describe(record))}"
    if record.period and record.period[:4] not in about:
        about = f"{about}, {record.period}"
    if source["type"] == "dataset":
        return f"{about}: {_shown(record)}. {_credit(source)}; {describe(record)}."
    run = f"{_maker(source)}, run {source['run']}" if source["run"] else "a notebook that has not run yet"
    return f"{about}: {_shown(record)}, {describe(record)}; {run}."


def _maker(source: Source) -> str:
    return f"notebook {PurePosixPath(source['notebook']).stem}" if source["notebook"] else "a computation"


def _shown(record: Record) -> str:
    """Give the figure to its stated precision; the trace has every digit of the cell."""
    return Cited(record.key, record.quantity, record.precision, (record,)).show()


def _leaves(source: Source, registry: Registry, seen: set[str]) -> Iterator[Source]:
    """Give a source and, for a computed one, the sources of what went in."""
    yield source
    for each in source.get("inputs", ()):
        if not isinstance(each, str):
            yield each
        elif each not in seen:
            seen.add(each)
            yield from _leaves(_input(each, registry).source, registry, seen)


def _input(key: str, registry: Registry) -> Record:
    try:
        return registry.resolve(key)
    except UnknownCode:
        raise UnknownCode(
            f"a cited figure was computed from {key!r}, which the registry lacks",
            remedy="Run the notebook that publishes it, or cite another figure",
        ) from None


def _entry(source: Source) -> Entry:
    if "selector" in source:
        article = cited_article(source)
        named, _, _ = article.citation.partition(" (original sha256")
        whose = "the original" if article.is_note else "the text"
        return Entry(
            f"{_sentence(named)} Kept in {source['source']}; sha256 of {whose}: {article.original_sha256}.",
            _link(article.url),
        )
    if "expression" in source:
        return Entry(f"Notebook {source['notebook']}, run {source['run']}, of this project.")
    if not source.get("source"):
        return Entry(f"{_credit(source)}.")
    cited = _source(source["source"])
    read = f" Read {cited['read']}." if cited["read"] else ""
    return Entry(f"{_credit(source)}.{read}", _link(cited["url"]))


def _credit(cell: Source) -> str:
    """Say who published the cell, and in what."""
    if not cell.get("source"):
        return f"Table {cell['dataset']}, vintage {cell['vintage']}"
    cited = _source(cell["source"])
    publisher = "" if cited["publisher"] in cited["title"] else cited["publisher"]
    # a title such as "..., data to 2023" or "as fetched 2026-06-17" needs no second date
    published = "" if cited["published"] in cited["title"] else cited["published"]
    return ", ".join(part for part in (publisher, cited["title"], published) if part)


def _source(key: str) -> dict[str, str]:
    """Give a row of the table of sources, which is read once as long as it stays the same."""
    path = files.home() / "data" / "sources.csv"
    return _row(key, str(path), path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=4096)
def _row(key: str, path: str, stamp: int) -> dict[str, str]:  # noqa: ARG001 - what makes the row another one
    return imported_tables.source(key)


def _link(url: str | None) -> str | None:
    return url if url and url.startswith(("https://", "http://")) else None


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


SOURCES, ANNEX, TRACE = "Sources", "Figures used", "Trace"
CLASS = "back-matter"
_ALIKE = str.maketrans({"|": " ", "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "..."})
_COLUMNS = (
    ("Key", "AlignLeft", 0.22),
    ("Figure", "AlignLeft", 0.16),
    ("What it is", "AlignLeft", 0.31),
    ("From", "AlignLeft", 0.31),
)


def blocks(cited: Iterable[Cited], registry: Registry) -> list[Node]:
    """Give sources and annex as pandoc's blocks; none where no figure is cited."""
    cited = list(cited)
    if not cited:
        return []
    listed = []
    for entry in entries((record for each in cited for record in each.records), registry):
        link = [{"t": "Space"}, {"t": "Link", "c": [["", [], []], [_text(entry.url)], [entry.url, ""]]}]
        listed.append({"t": "Para", "c": [_text(entry.text), *(link if entry.url else [])]})
    styled = {"t": "Div", "c": [["", ["references"], [["custom-style", "Bibliography"]]], listed]}
    return [_div("sources", [_heading(SOURCES), styled]), _div("annex", [_heading(ANNEX), _table(rows(cited))])]


def rows(cited: Iterable[Cited]) -> list[tuple[str, ...]]:
    """Give a row of the annex for each figure, in the order of their keys."""
    found: list[tuple[str, ...]] = []
    for each in sorted(cited, key=lambda cited: cited.figure):
        records = {record.key: record for record in each.records}.values()
        about = "computed here" if each.is_computed else next(iter(records)).about
        found.append((each.figure, each.show("short"), about, "; ".join(dict.fromkeys(map(credit, records)))))
    return found


def written(prose: Prose, registry: Registry) -> list[Place]:
    """Give the places of the paragraphs in `prose` that the build writes, word for word."""
    held = {each.figure: each for each in prose.cited.values() if isinstance(each, Cited)}
    expected = {_squashed(words) for words in _expected(held, registry)} if held else set()
    found, reached = [], 0
    for paragraph in prose.text.split("\n\n"):
        if _squashed(paragraph) in expected:
            found.append((reached, reached + len(paragraph)))
        reached += len(paragraph) + 2
    return found


def _expected(held: dict[str, Cited], registry: Registry) -> Iterator[str]:
    """Give every paragraph that a build of these figures may have written, on this registry or an earlier one."""
    try:
        for each in held.values():
            yield note(each)
            yield f"{note(each)} {TRACE}"
        for row in rows(held.values()):
            yield "".join(row)
        listed = entries((record for each in held.values() for record in each.records), registry)
    except ToolkitError:  # without the table of sources there is no note to know again
        return
    yield from (f"{entry.text} {entry.url or ''}" for entry in listed)


def _squashed(words: str) -> str:
    return "".join(words.translate(_ALIKE).replace("---", "-").replace("--", "-").split())


def _div(name: str, content: list[Node]) -> Node:
    return {"t": "Div", "c": [[name, [CLASS], []], content]}


def _heading(words: str) -> Node:
    return {"t": "Header", "c": [1, [f"list-of-{words.split(maxsplit=1)[0].lower()}", [], []], [_text(words)]]}


def _text(words: str | None) -> Node:
    return {"t": "Str", "c": words or ""}


def _table(lines: list[tuple[str, ...]]) -> Node:
    empty: list[Any] = ["", [], []]
    columns = [[{"t": align}, {"t": "ColWidth", "c": width}] for _, align, width in _COLUMNS]

    def row(cells: Iterable[str]) -> list[Any]:
        return [empty, [[empty, {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": [_text(cell)]}]] for cell in cells]]

    head = [empty, [row(name for name, *_ in _COLUMNS)]]
    body = [[empty, 0, [], [row(line) for line in lines]]]
    return {"t": "Table", "c": [empty, [None, []], columns, head, body, [empty, []]]}
