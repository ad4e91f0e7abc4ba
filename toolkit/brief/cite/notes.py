"""How the sources of cited figures are named: in a note, in the list of sources, in the table of figures."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit import article, files
from toolkit.brief.cite import Cited
from toolkit.errors import ToolkitError, UnknownCode
from toolkit.registry import cited_article, describe, publication

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from toolkit.article import Article
    from toolkit.registry import Record, Registry

__all__ = ["ANNEX", "COLUMNS", "SOURCES", "TRACE", "Entry", "credit", "entries", "kept_article", "note", "rows"]

Source = dict[str, Any]

SOURCES, ANNEX, TRACE = "Sources", "Figures used", "Trace"
COLUMNS = ("Key", "Figure", "What it is", "From")  # of `rows`


class Entry(NamedTuple):
    """One source in the list: what it is, and its address if that may be linked."""

    text: str
    url: str | None = None


def note(cited: Cited) -> str:
    """Return the words of a figure's footnote: the sentence or the cells it rests on."""
    notes = " ".join(_note(record) for record in {each.key: each for each in cited.records}.values())
    return f"Computed here: {cited.figure} = {_result(cited)}. {notes}" if cited.is_computed else notes


def entries(records: Iterable[Record], registry: Registry) -> list[Entry]:
    """Return the sources behind `records`, each once, in alphabetical order."""
    seen: set[str] = set()
    found = {_entry(source) for record in records for source in _leaves(record.source, registry, seen)}
    return sorted(found, key=lambda entry: entry.text.lstrip("“").casefold())


def credit(record: Record) -> str:
    """Name in a few words what a record was taken from."""
    source = record.source
    if source["type"] == "article":
        return describe(record).partition(" (original sha256")[0]
    return _maker(source) if source["type"] == "computed" else _credit(source)


def kept_article(record: Record) -> Article | None:
    """Return the article of a record as it stands now, or None if the project does not keep it."""
    path = files.home() / record.source["source"]
    try:
        return article.read(path) if path.is_file() else None
    except ToolkitError:
        return None


def rows(cited: Iterable[Cited]) -> list[tuple[str, ...]]:
    """Return a row of the table of figures for each one, in the order of their keys."""
    found: list[tuple[str, ...]] = []
    for each in sorted(cited, key=lambda cited: cited.figure):
        records = {record.key: record for record in each.records}.values()
        about = "computed here" if each.is_computed else next(iter(records)).about
        found.append((each.figure, each.show("short"), about, "; ".join(dict.fromkeys(map(credit, records)))))
    return found


def _result(cited: Cited) -> str:
    """Return a ratio below one as a share, and any other as a multiple."""
    value = cited.quantity.value
    return cited.show("percent" if cited.quantity.unit == "x" and value is not None and 0 < value < 1 else None)


def _note(record: Record) -> str:
    source = record.source
    about = record.about[:1].upper() + record.about[1:]
    if source["type"] == "article":
        said = f"{record.status}, according to {record.speaker}" if record.speaker else record.status
        return f"{about}: “{source['selector'][0]['exact']}” ({said}). {_sentence(describe(record))}"
    if record.period and record.period[:4] not in about:
        about = f"{about}, {record.period}"
    shown = Cited.of(record).show()  # to the stated precision; the trace has every digit of the cell
    if source["type"] == "dataset":
        return f"{about}: {shown}. {_credit(source)}; {describe(record)}."
    run = f"{_maker(source)}, run {source['run']}" if source["run"] else "a notebook that has not run yet"
    return f"{about}: {shown}, {describe(record)}; {run}."


def _maker(source: Source) -> str:
    return f"notebook {PurePosixPath(source['notebook']).stem}" if source["notebook"] else "a computation"


def _leaves(source: Source, registry: Registry, seen: set[str]) -> Iterator[Source]:
    """Yield a source and, for a computed one, the sources of what went in."""
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
        text = cited_article(source)
        named, _, _ = text.citation.partition(" (original sha256")
        whose = "the original" if text.is_note else "the text"
        kept = f"Kept in {source['source']}; sha256 of {whose}: {text.original_sha256}."
        return Entry(f"{_sentence(named)} {kept}", _link(text.url))
    if "expression" in source:
        return Entry(f"Notebook {source['notebook']}, run {source['run']}, of this project.")
    if not source.get("source"):
        return Entry(f"{_credit(source)}.")
    cited = publication(source["source"])
    read = f" Read {cited['read']}." if cited["read"] else ""
    return Entry(f"{_credit(source)}.{read}", _link(cited["url"]))


def _credit(cell: Source) -> str:
    """Name who published the cell, and in what."""
    if not cell.get("source"):
        return f"Table {cell['dataset']}, vintage {cell['vintage']}"
    cited = publication(cell["source"])
    publisher = "" if cited["publisher"] in cited["title"] else cited["publisher"]
    # a title such as "..., data to 2023" or "as fetched 2026-06-17" needs no second date
    published = "" if cited["published"] in cited["title"] else cited["published"]
    return ", ".join(part for part in (publisher, cited["title"], published) if part)


def _link(url: str | None) -> str | None:
    return url if url and url.startswith(("https://", "http://")) else None


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
