"""The editions that are there: listed, held against each other, verified, pruned."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit import registry
from toolkit.datasets import home
from toolkit.errors import ToolkitError, UnknownCode
from toolkit.nightly import _disk, _items

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two editions do not share: a report or a figure, what it was and what it is."""

    kind: str
    name: str
    before: str
    now: str


def editions() -> list[_items.Edition]:
    """Give every edition, the oldest first."""
    place = home() / "reports"
    names = sorted(path.name for path in place.iterdir() if _disk.NAME.fullmatch(path.name)) if place.is_dir() else []
    return [_items.read(place / name) for name in names]


def find(name: str) -> _items.Edition:
    """Give the edition of that name, of which the beginning is enough; ``latest`` is one too.

    Raises
    ------
    UnknownCode
        If there is none, or more than one.
    """
    place = home() / "reports"
    if name == "latest" and (place / name).exists():
        return _items.read((place / name).resolve())
    found = [path for path in place.glob(f"{name}*") if _disk.NAME.fullmatch(path.name)] if name else []
    if len(found) != 1:
        some = ", ".join(sorted(path.name for path in found)) or "none"
        raise UnknownCode(f"{len(found)} editions are called {name!r}: {some}", remedy="See toolkit edition list")
    return _items.read(found[0])


def differences(one: _items.Edition, two: _items.Edition) -> list[Difference]:
    """Give the items that differ in status or date, and the figures that differ in number."""
    old, new = ({item.name: f"{item.status} {item.made}".strip() for item in each.items} for each in (one, two))
    rows = [Difference("item", name, old.get(name, "–"), new.get(name, "–")) for name in {**old, **new}]
    then, now = ({row.key: str(row) for row in registry.load(each.folder / "registry.jsonl")} for each in (one, two))
    rows += [Difference("figure", key, then.get(key, "–"), now.get(key, "–")) for key in {**then, **now}]
    return [row for row in rows if row.before != row.now]


def verify(edition: _items.Edition) -> list[str]:
    """Say which files of an edition are missing, changed or not listed; nothing if it is as it was published."""
    listed: dict[str, Any] = _items.listed(edition.folder).get("files", {})
    found = _disk.prints(edition.folder)
    found.pop("edition.json", None)
    return [
        f"{name}: {'missing' if name not in found else 'changed' if name in listed else 'not listed'}"
        for name in sorted({**listed, **found})
        if listed.get(name) != found.get(name)
    ]


def prune(keep: int, day: date) -> list[str]:
    """Delete all but the last `keep` editions and the one that `latest` shows; name what was deleted.

    Raises
    ------
    ToolkitError
        If fewer than one is to be kept, or a nightly is at work.
    """
    if keep < 1:
        raise ToolkitError(f"{keep} editions cannot be kept", remedy="Keep at least one")
    place: Path = home() / "reports"
    if not place.is_dir():
        return []
    with _disk.alone(place, day):
        shown = (place / "latest").resolve().name
        gone = [each for each in editions()[:-keep] if each.name != shown]
        for edition in gone:
            aside = place / f"{_disk.BUILDING}{edition.name}"  # swept, should we die half-way
            edition.folder.rename(aside)
            shutil.rmtree(aside)
    return [edition.name for edition in gone]
