"""The articles and briefs of an edition: read, built and checked, or taken from the store."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from toolkit import report
from toolkit.datasets import home
from toolkit.nightly import _disk
from toolkit.nightly._items import Item, fault
from toolkit.nightly._sentences import plain, touched

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from toolkit.nightly._held import Held
    from toolkit.nightly._store import Store

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
        _disk.share_file(source, edition / page)
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
