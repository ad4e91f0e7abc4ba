"""The articles and briefs of an edition: read, built and checked, or taken from the store."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from toolkit import report
from toolkit.errors import ToolkitError
from toolkit.nightly import edition_archive
from toolkit.nightly.items import Item, Sentence, fault
from toolkit.store.datasets import home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from toolkit.brief import Brief, Change, Verdict
    from toolkit.nightly.finished import Store
    from toolkit.nightly.revisions import Held

_SPAN = re.compile(r"\[([^\[\]]*)\]\{[^{}]*\}")
_BLOCK_END = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+]|\d+[.)])[ \t])")
_MARKS = re.compile(r"^(?:#+|[-*+]|\d+[.)]|>)\s+|\[\^[^\]]*\]|<!--.*?-->|\*\*|__", re.DOTALL)
_MOST = 160  # characters shown on either side of the number
_EDGE = "\0"  # stands where the number was, so that a space beside it is kept


def touched(path: Path, name: str, verdicts: list[Verdict], held: Held) -> tuple[Sentence, ...]:
    """Give the sentences of a brief in which a number has moved, is gone, or stands on a report that fails."""
    from toolkit import brief as press

    moved = held.moved()
    found = [each for each in verdicts if _touches(each, moved, held.stale)]
    if not found:
        return ()
    read = press.parse(path)
    changes = {each.start: each for each in press.changes(path, held.registry)}
    return tuple(_sentence(each, changes.get(each.start), read, name, held) for each in found)


def _touches(verdict: Verdict, moved: dict[str, str], stale: dict[str, str]) -> bool:
    keys = _keys(verdict)
    overtaken = any(moved.get(key) in {"changed", "gone", "redefined"} for key in keys)
    return verdict.verdict == "stale" or overtaken or any(key in stale for key in keys)


def _keys(verdict: Verdict) -> tuple[str, ...]:
    return tuple((verdict.key or "").split()[::2])


def _sentence(verdict: Verdict, change: Change | None, read: Brief, name: str, held: Held) -> Sentence:
    start, end = _bounds(read.source, verdict.start, verdict.end)
    filled = dict(_filled(read, held, (start, end)))
    old = filled.get(verdict.start) or plain(verdict.text)
    state, new, note = _told(verdict, change, held)
    if state == "filled" and change:
        before = _shown(read, verdict.start, held, past=True)
        old, new = before or old, filled.get(verdict.start, "")
    return Sentence(
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


def _told(verdict: Verdict, change: Change | None, held: Held) -> tuple[str, str, str]:
    """Say what the author is to do, what belongs there, and why."""
    if verdict.verdict == "unknown_key":
        return "gone", "", verdict.reason
    if change and change.new:
        return "change", plain(change.new), verdict.reason
    if change and verdict.verdict != "stale":
        return "filled", "", "the build writes this number; read the words beside it again"
    if verdict.is_flagged:
        note = (
            verdict.reason
            if change is None
            else f"{verdict.reason}; {change.reason}".removesuffix(f"; {verdict.reason}")
        )
        return "look", verdict.expected or "", note
    return _stands(verdict, held)


def _stands(verdict: Verdict, held: Held) -> tuple[str, str, str]:
    """Say the same of a number that is right as it is written."""
    moved, keys = held.moved(), _keys(verdict)
    if anew := [key for key in keys if moved.get(key) == "redefined"]:
        return "reread", verdict.expected or "", f"{', '.join(anew)} now means something else; read the words again"
    if since := next((held.stale[key] for key in keys if key in held.stale), ""):
        return "aged", "", f"the report behind it fails since {since}; this is the number of its last good run"
    return "holds", verdict.expected or "", "right as it is written"


def _bounds(source: str, start: int, end: int) -> tuple[int, int]:
    """Give the sentence, or the row of a table, in which a number stands."""
    from toolkit.article import Article

    line = source.rfind("\n", 0, start) + 1
    if source[line:start].lstrip().startswith("|"):
        return line, source.find("\n", end) if "\n" in source[end:] else len(source)
    opening = max((match.end() for match in _BLOCK_END.finditer(source, 0, start)), default=0)
    closing = _BLOCK_END.search(source, end)
    last = closing.start() if closing else len(source)
    spans = [(each.start + opening, each.end + opening) for each in Article(source[opening:last]).sentences()]
    around = [span for span in spans if span[0] < end and span[1] > start]
    return (around[0][0], around[-1][1]) if around else (opening, last)


def _filled(read: Brief, held: Held, within: tuple[int, int]) -> Iterator[tuple[int, str]]:
    """Give what stands in each cited span of a sentence, what the build fills in included."""
    for span in read.spans:
        if within[0] <= span.start < within[1]:
            text = read.source[span.start : span.end]
            yield span.start, _SPAN.sub(r"\1", text) or _shown(read, span.start, held)


def _shown(read: Brief, start: int, held: Held, *, past: bool = False) -> str:
    from toolkit import brief as press

    span = next((each for each in read.spans if each.start == start), None)
    figures = held.registry.as_of_change(1) if past else held.registry
    try:
        return press.evaluate(span.figure, figures).show(span.style) if span and figures else ""
    except ToolkitError:
        return "…"


def plain(text: str, filled: dict[int, str] | None = None, start: int = 0) -> str:
    """Give source text as readers see it: what is cited without its key, no marks; `filled` by its place there.

    >>> plain("- Imports were **[US$146 billion]{fig=us-imports-jp-2025}** in all")
    'Imports were US$146 billion in all'
    """
    whole = _SPAN.sub(lambda match: (filled or {}).get(start + match.start(), match[1]), text)
    words = " ".join(_MARKS.sub("", whole).split())
    return words.removeprefix("|").removesuffix("|").strip()


def _cut(text: str, most: int) -> str:
    """Keep the `most` characters beside the number."""
    if len(text) <= abs(most):
        return text
    return "… " + text[most:].partition(" ")[2] if most < 0 else text[:most].rpartition(" ")[0] + " …"


_TITLE = re.compile(r"^(?:title:|#) *[\"']?(.+?)[\"']? *$", re.MULTILINE)
_ITEM = "item.json"


def seed(name: str, store: Store) -> tuple[Item, str]:
    """Give the item of an article, and its key in the store."""
    path = home() / name
    return _kept(f"seed-{_key(name, [path, path.with_suffix('.toml')])}", store, lambda _: _seed(name))


def brief(name: str, edition: Path, day: date, held: Held, store: Store) -> tuple[Item, str]:
    """Give the item of a brief whose pages are then in the edition, and its key in the store."""
    files = [path for path in sorted((home() / "briefs").rglob("*")) if path.is_file()]
    key = f"brief-{_key(name, [*files, home() / name], day.isoformat(), held.text, held.past, sorted(held.stale.items()))}"
    item, _ = _kept(key, store, lambda folder: _brief(name, folder, day, held))
    folder = edition / "briefs"
    folder.mkdir(exist_ok=True)
    for page in item.pages:
        source = store.folder / key / page.rpartition("/")[2]
        edition_archive.share_file(source, edition / page)
    return item, key


def _key(name: str, files: list[Path], *more: Any) -> str:
    hashes = [[path.name, report.file_hash(path)] for path in files if path.is_file()]
    known = [name, hashes, report.source_hash(), report.lock_hash(), sys.version.split()[0], *more]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:24]


def _kept(key: str, store: Store, make: Callable[[Path], Item]) -> tuple[Item, str]:
    if found := store.find(key):
        return Item.from_dict(json.loads((found / _ITEM).read_text(encoding="utf-8"))), key
    store.clear(key)
    making = store.making(key)
    making.mkdir()
    item = make(making)
    report.write_json(making / _ITEM, asdict(item))
    report.write_json(making / "run.json", {"status": "ok"})  # a failed check stays what it is: nothing in it is chance
    store.put(key, making)
    return item, key


def _seed(name: str) -> Item:
    from toolkit import article, figures

    try:
        text = article.read_seed(home() / name)
        found = [figure.quote for figure in figures.extract(text)]
    except Exception as error:  # noqa: BLE001 - see fault
        return Item("seed", name, name, "failed", fault(error))
    said = f"{len(found)} figures: {'; '.join(found)}"
    return Item("seed", name, text.title or name, note=said, question=text.citation)


def _brief(name: str, folder: Path, day: date, held: Held) -> Item:
    from toolkit import brief as press

    path = home() / name
    item = Item("brief", name, path.stem)
    try:
        verdicts = press.check(path, held.registry)
        titled = _TITLE.search(text := path.read_text(encoding="utf-8"))
        item = replace(item, title=titled[1] if titled else path.stem, sentences=touched(path, name, verdicts, held))
        pages = [press.build(path, held.registry, to, folder, day).name for to in press.FORMATS]
        pages += sorted({each.name for each in folder.iterdir() if each.is_file()} - {*pages})
    except Exception as error:  # noqa: BLE001 - see fault
        return replace(item, status="failed", note=fault(error))
    wrong = [f"{plain(verdict.text)!r}: {verdict.reason}" for verdict in verdicts if verdict.is_flagged]
    stale = [f"{key} is stale since {since}" for key, since in held.stale.items() if re.search(rf"\b{key}\b", text)]
    return replace(
        item,
        status="failed" if wrong else "ok",
        note="\n".join([press.tally(verdicts), *wrong, *stale]),
        pages=tuple(f"briefs/{page}" for page in pages),
    )
