"""The articles and briefs of an edition: read, built and checked, or reused from the store."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from toolkit import article, brief, files, report
from toolkit.article import Article
from toolkit.errors import ToolkitError
from toolkit.figures import extract
from toolkit.files import home
from toolkit.nightly import edition_archive
from toolkit.nightly.items import AffectedSentence, Item, failure_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from toolkit.brief import Brief, Change, Verdict
    from toolkit.nightly.finished import FinishedStore
    from toolkit.nightly.revisions import EditionFigures

__all__ = ["affected", "article_item", "brief_item", "plain"]

_SPAN = re.compile(r"\[([^\[\]]*)\]\{[^{}]*\}")
_BLOCK_END = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+]|\d+[.)])[ \t])")
_MARKS = re.compile(r"^(?:#+|[-*+]|\d+[.)]|>)\s+|\[\^[^\]]*\]|<!--.*?-->|\*\*|__", re.DOTALL)
_TITLE = re.compile(r"^(?:title:|#) *[\"']?(.+?)[\"']? *$", re.MULTILINE)
_MOST = 160  # characters shown on either side of the number
_EDGE = "\0"  # marks where the number was, so that a space beside it is kept
_ITEM = "item.json"


def affected(path: Path, name: str, verdicts: list[Verdict], figures: EditionFigures) -> tuple[AffectedSentence, ...]:
    """Return the sentences of a brief in which a figure has moved, is gone, or comes from a failing report."""
    moved = figures.moved()
    found = [each for each in verdicts if _is_affected(each, moved, figures.stale)]
    if not found:
        return ()
    read = brief.parse(path)
    changes = {each.start: each for each in brief.changes(path, figures.registry)}
    return tuple(_sentence(each, changes.get(each.start), read, name, figures) for each in found)


def _is_affected(verdict: Verdict, moved: dict[str, str], stale: dict[str, str]) -> bool:
    keys = _keys(verdict)
    overtaken = any(moved.get(key) in {"changed", "gone", "redefined"} for key in keys)
    return verdict.verdict == "stale" or overtaken or any(key in stale for key in keys)


def _keys(verdict: Verdict) -> tuple[str, ...]:
    return tuple((verdict.key or "").split()[::2])


def _sentence(
    verdict: Verdict, change: Change | None, read: Brief, name: str, figures: EditionFigures
) -> AffectedSentence:
    start, end = _bounds(read.source, verdict.start, verdict.end)
    filled = dict(_filled(read, figures, (start, end)))
    old = filled.get(verdict.start) or plain(verdict.text)
    state, new, note = _advice(verdict, change, figures)
    if state == "filled" and change:
        before = _shown(read, verdict.start, figures, past=True)
        old, new = before or old, filled.get(verdict.start, "")
    return AffectedSentence(
        brief=name,
        line=read.source.count("\n", 0, verdict.start) + 1,
        keys=_keys(verdict),
        before=_cut(plain(read.source[start : verdict.start] + _EDGE, filled, start)[:-1], -_MOST),
        old=old,
        after=_cut(plain(_EDGE + read.source[verdict.end : end], filled, verdict.end - 1)[1:], _MOST),
        new=new,
        state=state,
        note=note,
    )


def _advice(verdict: Verdict, change: Change | None, figures: EditionFigures) -> tuple[str, str, str]:
    """Return the state of a sentence, the number that should stand there, and the reason."""
    if verdict.verdict == "unknown_key":
        return "gone", "", verdict.reason
    if change and change.new:
        return "change", plain(change.new), verdict.reason
    if change and verdict.verdict != "stale":
        return "filled", "", "the build writes this number; read the words beside it again"
    if not verdict.is_flagged:
        return _advice_if_right(verdict, figures)
    reasons = dict.fromkeys([verdict.reason, change.reason if change else verdict.reason])
    return "look", verdict.expected or "", "; ".join(reasons)


def _advice_if_right(verdict: Verdict, figures: EditionFigures) -> tuple[str, str, str]:
    """Return the same for a number that is right as written."""
    moved, keys = figures.moved(), _keys(verdict)
    if redefined := [key for key in keys if moved.get(key) == "redefined"]:
        note = f"{', '.join(redefined)} now means something else; read the words again"
        return "reread", verdict.expected or "", note
    if since := next((figures.stale[key] for key in keys if key in figures.stale), ""):
        return "aged", "", f"the report behind it has failed since {since}; this number is from its last good run"
    return "holds", verdict.expected or "", "right as it is written"


def _bounds(source: str, start: int, end: int) -> tuple[int, int]:
    """Return the start and end of the sentence or table row around a number."""
    line = source.rfind("\n", 0, start) + 1
    if source[line:start].lstrip().startswith("|"):
        return line, source.find("\n", end) if "\n" in source[end:] else len(source)
    opening = max((match.end() for match in _BLOCK_END.finditer(source, 0, start)), default=0)
    closing = _BLOCK_END.search(source, end)
    last = closing.start() if closing else len(source)
    spans = [(each.start + opening, each.end + opening) for each in Article(source[opening:last]).sentences()]
    around = [span for span in spans if span[0] < end and span[1] > start]
    return (around[0][0], around[-1][1]) if around else (opening, last)


def _filled(read: Brief, figures: EditionFigures, within: tuple[int, int]) -> Iterator[tuple[int, str]]:
    """Yield the text of each cited span in a sentence, including what the build fills in."""
    for span in read.spans:
        if within[0] <= span.start < within[1]:
            text = read.source[span.start : span.end]
            yield span.start, _SPAN.sub(r"\1", text) or _shown(read, span.start, figures)


def _shown(read: Brief, start: int, figures: EditionFigures, *, past: bool = False) -> str:
    span = next((each for each in read.spans if each.start == start), None)
    registry = figures.registry.as_of_change(1) if past else figures.registry
    try:
        return brief.evaluate(span.figure, registry).show(span.style) if span and registry else ""
    except ToolkitError:
        return "…"


def plain(text: str, filled: dict[int, str] | None = None, start: int = 0) -> str:
    """Return source text as readers see it: without marks and keys, and with `filled` texts at their offsets.

    >>> plain("- Imports were **[US$146 billion]{fig=us-imports-jp-2025}** in all")
    'Imports were US$146 billion in all'
    """
    whole = _SPAN.sub(lambda match: (filled or {}).get(start + match.start(), match[1]), text)
    words = " ".join(_MARKS.sub("", whole).split())
    return words.removeprefix("|").removesuffix("|").strip()


def _cut(text: str, most: int) -> str:
    """Keep the `most` characters beside the number: the last ones if `most` is negative."""
    if len(text) <= abs(most):
        return text
    return "… " + text[most:].partition(" ")[2] if most < 0 else text[:most].rpartition(" ")[0] + " …"


def article_item(name: str, store: FinishedStore) -> tuple[Item, str]:
    """Return the item of an article, and its key in the store."""
    path = home() / name
    return _stored(f"seed-{_key(name, [path, path.with_suffix('.toml')])}", store, lambda _: _read(name))


def brief_item(name: str, aside: Path, day: date, figures: EditionFigures, store: FinishedStore) -> tuple[Item, str]:
    """Put the pages of a brief into the edition; return its item, and its key in the store."""
    paths = [path for path in sorted((home() / "briefs").rglob("*")) if path.is_file()]
    parts = (day.isoformat(), figures.text, figures.past, sorted(figures.stale.items()))
    key = f"brief-{_key(name, [*paths, home() / name], *parts)}"
    item, _ = _stored(key, store, lambda folder: _build(name, folder, day, figures))
    (aside / "briefs").mkdir(exist_ok=True)
    for page in item.pages:
        edition_archive.link_file(store.folder / key / page.rpartition("/")[2], aside / page)
    return item, key


def _key(name: str, paths: list[Path], *more: Any) -> str:
    hashes = [[path.name, files.sha256(path)] for path in paths if path.is_file()]
    known = [name, hashes, report.source_hash(), report.lock_hash(), sys.version.split()[0], *more]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:24]


def _stored(key: str, store: FinishedStore, make: Callable[[Path], Item]) -> tuple[Item, str]:
    if found := store.find(key):
        return Item.from_dict(report.read_json(found / _ITEM)), key
    store.clear(key)
    making = store.temporary_path(key)
    making.mkdir()
    item = make(making)
    report.write_json(making / _ITEM, asdict(item))
    report.write_json(making / "run.json", {"status": "ok"})  # a failed check would fail again: it is never chance
    store.put(key, making)
    return item, key


def _read(name: str) -> Item:
    try:
        text = article.read_seed(home() / name)
        quotes = [figure.quote for figure in extract(text)]
    except Exception as error:  # noqa: BLE001 - see failure_of
        return Item("seed", name, name, "failed", failure_of(error))
    note = f"{len(quotes)} figures: {'; '.join(quotes)}"
    return Item("seed", name, text.title or name, note=note, question=text.citation)


def _build(name: str, folder: Path, day: date, figures: EditionFigures) -> Item:
    path = home() / name
    item = Item("brief", name, path.stem)
    try:
        verdicts = brief.check(path, figures.registry)
        title = _TITLE.search(text := files.read_text(path))
        sentences = affected(path, name, verdicts, figures)
        item = replace(item, title=title[1] if title else path.stem, sentences=sentences)
        pages = [brief.build(path, figures.registry, form, folder, day).name for form in brief.FORMATS]
        pages += sorted({each.name for each in folder.iterdir() if each.is_file()} - {*pages})
    except Exception as error:  # noqa: BLE001 - see failure_of
        return replace(item, status="failed", note=failure_of(error))
    wrong = [f"{plain(verdict.text)!r}: {verdict.reason}" for verdict in verdicts if verdict.is_flagged]
    stale = [f"{key} is stale since {since}" for key, since in figures.stale.items() if re.search(rf"\b{key}\b", text)]
    note = "\n".join([brief.tally(verdicts), *wrong, *stale])
    pages = [f"briefs/{page}" for page in pages]
    return replace(item, status="failed" if wrong else "ok", note=note, pages=tuple(pages))
