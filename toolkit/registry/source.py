"""From an article's figure to a record, and from a record back to its sentence or cell."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit import files
from toolkit.article import Article
from toolkit.errors import SchemaError
from toolkit.registry.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.figures import Figure
    from toolkit.quantity import Quantity

__all__ = ["Anchor", "check", "cited_article", "describe", "from_figure", "publication", "reanchor"]

_POINTER = re.compile(r"data/(?P<file>[^#]+)#row=(?P<row>\d+)&column=(?P<column>.+)")
_AROUND = 32  # characters of prefix and suffix in a quote selector
_CITED = ("title", "outlet", "date", "date_basis", "date_reason", "url", "original_sha256", "is_note")
_IN_WORDS = "99"  # "a third" is read as if two digits were printed
_UNPUBLISHED = dict.fromkeys(("id", "title", "publisher", "published", "url", "read", "licence"), "")


def from_figure(key: str, figure: Figure, article: Article, **more: Any) -> Record:
    """Return the record of a figure that `article` states, with the fields in `more` in place of what was read.

    The source is a W3C Web Annotation target: a quotation with the text around
    it (TextQuoteSelector) and its position (TextPositionSelector).
    """
    start, end, path = figure.start, figure.end, Path(article.path)
    source = {
        "type": "article",
        "source": path.name if path.is_absolute() else path.as_posix(),
        "article_id": article.id,
        "article": {name: getattr(article, name) for name in _CITED},
        "selector": _selectors(article, start, end),
    }
    place, partner = [*figure.economies, None, None][:2]
    read = {
        "about": figure.about or "",
        "place": place,
        "partner": partner,
        "product": " ".join(figure.products) or None,
        "period": figure.period,
        "status": figure.status or "reported",
        "speaker": figure.speaker,
        "precision": _printed(figure.quantity, figure.quote),
    }
    return Record(key, figure.quantity, source=source, **(read | more))


class Anchor(NamedTuple):
    """Where the words that a record quotes now stand in its article; `state` is same, moved, changed or gone."""

    state: str
    start: int = -1
    end: int = -1
    text: str = ""


def check(record: Record, article: Article) -> Anchor:
    """Find a record's quotation in `article`: by its place, by its words, by what stood around it."""
    if record.source["type"] != "article":
        raise SchemaError(f"{record.key} cites no article", remedy="Check records of articles only")
    quote, position = record.source["selector"]
    exact, before, after = quote["exact"], quote["prefix"], quote["suffix"]
    text, start = article.text, position["start"]
    places = [match.start() for match in re.finditer(re.escape(exact), text)]
    framed = [at for at in places if text[:at].endswith(before) or text.startswith(after, at + len(exact))]
    if places:
        alike = {at: _alike(text[:at], before, end=True) + _alike(text[at + len(exact) :], after) for at in places}
        at = min(framed or places, key=lambda place: (-alike[place], abs(place - start)))
        return Anchor("same" if at == start else "moved", at, at + len(exact), exact)
    opened = text.find(before) + len(before)
    closed = text.find(after, opened)
    if before in text and closed >= 0:
        return Anchor("changed", opened, closed, text[opened:closed])
    return Anchor("gone")


def reanchor(record: Record, article: Article) -> tuple[Anchor, Record | None]:
    """Find a record's quotation again, and return the record of its new place if it has moved.

    Where the words have changed or gone there is no new record: a person must read what the figure is now.
    """
    anchor = check(record, article)
    if anchor.state not in {"same", "moved"} or (anchor.state == "same" and article.id == record.source["article_id"]):
        return anchor, None
    source = record.source | {
        "article_id": article.id,
        "article": {name: getattr(article, name) for name in _CITED},
        "selector": _selectors(article, anchor.start, anchor.end),
    }
    return anchor, replace(record, source=source, supersedes=record.id)


def _selectors(article: Article, start: int, end: int) -> list[dict[str, Any]]:
    around = {"prefix": article.text[max(0, start - _AROUND) : start], "suffix": article.text[end : end + _AROUND]}
    return [
        {"type": "TextQuoteSelector", "exact": article.text[start:end], **around},
        {"type": "TextPositionSelector", "start": start, "end": end},
    ]


def _alike(text: str, frame: str, *, end: bool = False) -> int:
    """Count the characters at the start, or the end, that text and frame share."""
    pairs = zip(reversed(text[-len(frame) :]), reversed(frame), strict=False) if end else zip(text, frame, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def cited_article(source: dict[str, Any]) -> Article:
    """Return the article that a source names, without its text."""
    return Article("", source["source"], **source["article"])


def publication(key: str) -> dict[str, str]:
    """Return who published what a cell's ``source`` names: a row of ``data/sources.csv``, else the name itself.

    >>> publication("census-country-2016-11")["publisher"], publication("UN Comtrade")["publisher"]
    ('US Census Bureau', 'UN Comtrade')
    """
    path = files.home() / "data" / "sources.csv"
    listed = _publications(path, path.stat().st_mtime_ns if path.exists() else 0)
    return listed.get(key) or _UNPUBLISHED | {"id": key, "publisher": key, "title": key}


@lru_cache(maxsize=8)
def _publications(path: Path, stamp: int) -> dict[str, dict[str, str]]:  # noqa: ARG001 - a changed file is read anew
    table = csv.DictReader(io.StringIO(files.read_text(path), newline=""), restval="")
    return {row.get("id", ""): _UNPUBLISHED | row for row in table}


def describe(record: Record) -> str:
    """Say in one line where a record's number comes from."""
    source = record.source
    if source["type"] == "article":
        return cited_article(source).citation
    if source["type"] == "dataset":
        return _cell(source)
    used = [each for each in _inputs(source["inputs"]) if each not in source["expression"].split()]
    return f"computed as {source['expression']}" + (f", from {', '.join(used)}" if used else "")


def _inputs(inputs: list[Any]) -> Iterator[str]:
    """Name keys and cells; cells of one table are counted where they are many."""
    cells = Counter(each["dataset"] for each in inputs if not isinstance(each, str))
    for each in inputs:
        if isinstance(each, str):
            yield each
        elif cells[each["dataset"]] == 1:
            yield _cell(each)
    yield from (f"{count} cells of {name}" for name, count in cells.items() if count > 1)


def _cell(cell: dict[str, Any]) -> str:
    row = ", ".join(str(value) for value in cell["row"].values() if value not in {"", "NA"})
    place = _POINTER.fullmatch(str(cell.get("pointer") or ""))
    if place:
        return f"{place['file']}, row {place['row']}" + (f", {place['column']}" if place["column"] != "value" else "")
    return str(cell.get("pointer") or f"{cell['dataset']} ({row}), column {cell['column']}")


def _printed(quantity: Quantity, quote: str) -> int:
    """Return the exponent of the last significant digit in `quote`; zeros at the end of an integer do not count."""
    top = next(number for number in (quantity.value, quantity.high, quantity.low) if number is not None)
    last = [_IN_WORDS, *re.findall(r"\d[\d,]*(?:\.\d+)?", quote)][-1].replace(",", "")
    significant = last.replace(".", "").lstrip("0") if "." in last else last.strip("0")
    return top.adjusted() - max(len(significant), 1) + 1
