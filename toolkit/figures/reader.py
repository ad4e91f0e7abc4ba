"""A text or an article read from its first figure to its last."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from toolkit import article, files
from toolkit.article import Article
from toolkit.errors import SchemaError, ToolkitError
from toolkit.figures.dates import around
from toolkit.figures.figure import Figure, FigureList, LocatedQuantity, Refusal, Span
from toolkit.figures.meaning import bare, fill
from toolkit.figures.numbers import find_quantities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["KINDS", "Reading", "extract", "read", "read_folder"]

KINDS = (".txt", ".html", ".htm", ".pdf")
_BATCH = 16  # articles that a process takes at a time
_LARGEST = 2**40  # bytes of a file of figures


def read_folder(
    folder: str | Path,
    out: str | Path,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, int]:
    """Read every article below `folder` and write one JSON line for each to `out`.

    A line has ``path``, ``sha256`` of the file, ``article_id`` and ``figures``, or an
    ``error`` with problem and remedy: an article that cannot be read stops no other.
    Lines that an earlier run wrote for the same bytes are kept and not read again.

    Parameters
    ----------
    folder : path
    out : path
        A JSON Lines file; a line that an earlier run left half-written is cut off.
    workers : int, optional
        Processes; every core by default.
    progress : callable, optional
        Called with articles done and articles in all.

    Returns
    -------
    dict
        How many were ``read``, ``kept`` from before, and ``failed``.

    Raises
    ------
    SchemaError
        If `folder` holds no article, or `out` is not what an earlier run wrote.
    """
    from concurrent.futures import ProcessPoolExecutor  # takes as long to load as an article to read

    folder, out = Path(folder), Path(out)
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in KINDS and path.is_file())
    if not paths:
        raise SchemaError(f"{folder}: no article in it", remedy=f"Name a folder with files in {', '.join(KINDS)}")
    before = _written(out)
    names = {path.relative_to(folder).as_posix(): str(path) for path in paths}
    fresh = [(path, name) for name, path in names.items() if before.get(name) != files.sha256(path)]
    count = {"read": 0, "kept": len(paths) - len(fresh), "failed": 0}
    with ProcessPoolExecutor(workers or os.cpu_count(), initializer=_leave_with_parent) as pool:
        for row in _appended(out, pool.map(_row, fresh, chunksize=_BATCH)):
            count["failed" if "error" in row else "read"] += 1
            if progress:
                progress(sum(count.values()), len(paths))
    return count


def _appended(out: Path, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Write rows to the end of a file, a batch at a time, and return each when it is on the disk."""
    import json  # a reading of one text does not need it

    while batch := list(islice(rows, _BATCH)):
        files.append(out, "\n".join(json.dumps(row, ensure_ascii=False) for row in batch))
        yield from batch


def _leave_with_parent() -> None:
    """End this process when the one that started it is killed: it would wait for the next article for ever."""
    import multiprocessing  # the pool has loaded both
    import threading

    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _row(task: tuple[str, str]) -> dict[str, Any]:
    path, name = task
    row: dict[str, Any] = {"path": name, "sha256": files.sha256(path)}
    try:
        text = article.read(path)
        return row | {"article_id": text.id, "figures": [figure.to_dict() for figure in read(text).figures]}
    except ToolkitError as error:
        return row | {"error": {"problem": error.problem, "remedy": error.remedy}}


def _written(out: Path) -> dict[str, str]:
    """Return path and hash of each article that `out` holds, after cutting an incomplete last line."""
    if not out.exists():
        return {}
    import json

    raw = files.read(out, most=_LARGEST)
    if (whole := raw.rfind(b"\n") + 1) < len(raw):
        with out.open("rb+") as stream:
            stream.truncate(whole)
    found: dict[str, str] = {}
    for number, line in enumerate(raw[:whole].splitlines(), 1):
        try:
            row = json.loads(line)
            found[row["path"]] = row["sha256"]
        except (ValueError, KeyError, TypeError):
            raise SchemaError(
                f"{out}:{number} is no line of figures", remedy="Name another file, or none yet"
            ) from None
    return found


Placed = TypeVar("Placed", LocatedQuantity, Refusal)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text states, and what was seen in it and not read.

    Attributes
    ----------
    figures : list of Figure
        In the order of the text.
    refused : list of Refusal
        Each with its place and reason; "unclear" marks what may be a figure and was left.
    """

    figures: list[Figure]
    refused: list[Refusal]


def extract(source: str | Article, *, context: bool = True) -> list[Figure]:
    """Return the figures that a text states, in its order; of an article only the sentences are read.

    Without `context` what the sentence says about a figure is left open, which takes a
    quarter of the time: value, unit, hedge, counted noun and place are the same, and
    `kind` is told by the words beside the figure alone.

    >>> for figure in extract("A roughly US$ 550-billion package, or more than 10 % of GDP."):
    ...     print(figure.quote, "|", figure.quantity.hedge, figure.quantity.value, figure.quantity.unit)
    roughly US$ 550-billion | about 550000000000 USD
    more than 10 % | more_than 10 %
    """
    return read(source, context=context).figures


def read(source: str | Article, *, context: bool = True) -> Reading:
    """Return the figures of a text, and the numbers in it that were not read; `context` is as in `extract`.

    >>> [(seen.quote, seen.reason) for seen in read("Section 232 duties of 25 % from March 12").refused]
    [('232', 'name'), ('12', 'date')]
    """
    if isinstance(source, str):
        article, name = Article(source), None
    else:
        article, name = source, source.id
    sentences = article.sentences() if context or name else []
    findings, refused = find_quantities(article.text)
    places = [(part.start, part.end) for part in sentences]
    if name:
        findings, refused = _within(findings, places), _within(refused, places)
    if context:
        figures = fill(article.text, sentences, findings, around(article))
    else:
        figures = [bare(article.text, finding) for finding in findings]
    if name:
        figures = [replace(figure, article_id=name) for figure in figures]
    return Reading(FigureList(figures, article.text, places), refused)


def _within(found: Iterable[Placed], places: list[Span]) -> list[Placed]:
    """Keep what starts inside one of the places, both in the order of the text."""
    kept: list[Placed] = []
    place = 0
    for one in found:
        while place < len(places) and places[place][1] <= one.start:
            place += 1
        if place < len(places) and places[place][0] <= one.start:
            kept.append(one)
    return kept
