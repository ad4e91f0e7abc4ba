"""What an edition shows of itself: index, what moved, and the lists that a program reads."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from toolkit import report
from toolkit.datasets import home
from toolkit.nightly import _crate, _disk, _items
from toolkit.nightly._held import HISTORY, REGISTRY
from toolkit.nightly._matrix import MATRIX
from toolkit.nightly._moves import moves

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.nightly._held import Held

_MOST_HISTORY = 30  # editions that an item remembers


def write(edition: _items.Edition, held: Held, before: Path | None, inputs: dict[str, Any]) -> _items.Edition:
    """Write the registry, the pages and the lists of a finished edition; give it with what moved in it."""
    folder, day = edition.folder, edition.name[:10]
    report.write(folder / REGISTRY, held.text)
    report.write(folder / HISTORY, held.history())
    items = _remembered(edition.items, before, day)
    edition = replace(edition, items=items, moves=moves(held, [*items], folder, before))
    shown = {"edition": edition, "day": day, "count": len(held)}
    report.write(
        folder / "index.html", report.render("index.html", title=f"Reports of {day}", groups=_groups(items), **shown)
    )
    report.write(folder / "changes.html", report.render("changes.html", title=f"What moved, {day}", **shown))
    _keep_sources(folder, before, inputs["files"])
    files = _disk.prints(folder)
    report.write_json(folder / _crate.NAME, _crate.metadata(edition, files))
    listed: dict[str, Any] = {"folder": edition.name, "previous": edition.previous, "inputs": inputs}
    listed |= {"items": [asdict(item) for item in items], "moves": [asdict(move) for move in edition.moves]}
    listed["files"] = files | {_crate.NAME: report.file_hash(folder / _crate.NAME)}
    report.write_json(folder / "edition.json", listed | {"seal": _items.seal(listed)})
    return edition


def _keep_sources(folder: Path, before: Path | None, hashes: dict[str, str]) -> None:
    """Keep the notebooks, the matrix and the lock that an edition was made with; those of the edition before serve again."""
    kept = _items.listed(before)["files"] if before else {}
    for name, sha in hashes.items():
        path = f"{_crate.SOURCE}/{name}"
        if not name.endswith((".ipynb", ".lock")) and name != MATRIX:
            continue
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if before and kept.get(path) == sha and (before / path).is_file():
            _disk.share_file(before / path, folder / path)
        else:
            shutil.copyfile(home() / name, folder / path)


def _remembered(items: tuple[_items.Item, ...], before: Path | None, day: str) -> tuple[_items.Item, ...]:
    """Give each item its history: that of the edition before, and what it is now."""
    past = {(item.kind, item.name): item.history for item in _items.read(before).items} if before else {}
    return tuple(
        replace(item, history=(*past.get((item.kind, item.name), ()), (day, _state(item, day)))[-_MOST_HISTORY:])
        for item in items
    )


def _state(item: _items.Item, day: str) -> str:
    if item.status != "ok":
        return item.status
    return "kept" if item.made and item.made < day else "made"


def _groups(items: tuple[_items.Item, ...]) -> list[dict[str, Any]]:
    """Give the reports by title and question, so that those of one grid stand below one heading."""
    groups: dict[tuple[str, str], list[_items.Item]] = {}
    for item in items:
        if item.kind == "report":
            groups.setdefault((item.title or item.name, item.question), []).append(item)
    return [{"title": title, "question": question, "items": found} for (title, question), found in groups.items()]
