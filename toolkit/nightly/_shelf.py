"""The editions that are there: listed, held against each other, verified, pruned."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit import registry
from toolkit.datasets import home
from toolkit.errors import ToolkitError, UnknownCode
from toolkit.nightly import _crate, _disk, _items, _moves

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path


_DIGEST = 12  # letters of a hash in an edition's name


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two editions do not share: a report or a figure, what it was and what it is."""

    kind: str
    name: str
    before: str
    now: str


def names() -> list[str]:
    """Give the names of the editions that are there, the oldest first, even of those that cannot be read."""
    place = home() / "reports"
    return sorted(path.name for path in place.iterdir() if _disk.NAME.fullmatch(path.name)) if place.is_dir() else []


def editions() -> list[_items.Edition]:
    """Give every edition that can be read, the oldest first."""
    found = []
    for name in names():
        with suppress(ToolkitError):
            found.append(_items.read(home() / "reports" / name))
    return found


def folder(name: str) -> Path:
    """Give the folder of the edition of that name, of which the beginning is enough; ``latest`` is one too.

    Raises
    ------
    UnknownCode
        If there is none, or more than one.
    """
    place = home() / "reports"
    if name == "latest" and (place / name).exists():
        return (place / name).resolve()
    found = [each for each in names() if name and each.startswith(name)]
    if not names():
        raise UnknownCode("there is no edition here yet", remedy="Make one with toolkit nightly")
    if len(found) != 1:
        some = ", ".join(found) or "none"
        raise UnknownCode(f"{len(found)} editions are called {name!r}: {some}", remedy="See toolkit edition list")
    return place / found[0]


def find(name: str) -> _items.Edition:
    """Give the edition of that name; see `folder`."""
    return _items.read(folder(name))


def differences(one: _items.Edition, two: _items.Edition) -> list[Difference]:
    """Give the items that differ in status or date, and the figures that differ in number."""
    old, new = ({item.name: f"{item.status} {item.made}".strip() for item in each.items} for each in (one, two))
    rows = [Difference("item", name, old.get(name, "–"), new.get(name, "–")) for name in {**old, **new}]
    then, now = ({row.key: row for row in registry.load(each.folder / "registry.jsonl")} for each in (one, two))
    keys = [
        key for key in {**then, **now} if key not in then or key not in now or then[key].quantity != now[key].quantity
    ]
    rows = [row for row in rows if row.before != row.now]
    return rows + [Difference("figure", key, *_moves.numbers(then.get(key), now.get(key))) for key in keys]


def verify(place: Path) -> list[str]:
    """Say which files of an edition's folder are missing, changed or not listed; nothing if it is as it was published.

    Every file is held against the hash in ``edition.json`` and in ``ro-crate-metadata.json``,
    ``edition.json`` against its own seal and the name of the folder.
    """
    found = _disk.prints(place)
    found.pop("edition.json", None)
    try:
        listed = _items.listed(place)
        crate = json.loads((place / _crate.NAME).read_text(encoding="utf-8"))["@graph"]
        described = {each["@id"]: each["sha256"] for each in crate if "contentSize" in each}
    except ToolkitError as error:
        return [error.problem]
    except (OSError, ValueError, LookupError, TypeError) as error:
        described = {}
        unread = [f"{_crate.NAME}: cannot be read ({type(error).__name__})"]
    else:
        unread = []
    return [*_seals(place.name, listed), *_prints(listed.get("files", {}), found, described), *unread]


def _seals(name: str, listed: dict[str, Any]) -> Iterator[str]:
    if listed.get("seal") != _items.seal(listed):
        yield "edition.json: changed"
    digest = hashlib.sha256(json.dumps(listed.get("inputs"), sort_keys=True).encode()).hexdigest()
    if not name.endswith(digest[:_DIGEST]):
        yield f"edition.json: its inputs are not those that {name} is named by"


def _prints(listed: dict[str, str], found: dict[str, str], described: dict[str, str]) -> Iterator[str]:
    for name in sorted({**listed, **found}):
        if listed.get(name) != found.get(name):
            yield f"{name}: {'missing' if name not in found else 'changed' if name in listed else 'not listed'}"
        elif described and name != _crate.NAME and described.get(name) != found[name]:
            yield f"{name}: {_crate.NAME} gives another hash"


def prune(keep: int, day: date) -> list[str]:
    """Delete all but the last `keep` editions; name what was deleted.

    The one that ``latest`` shows stays, and the one before it: a night that is run again
    takes reports over from there, and says what moved since.

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
        needed = _needed(place)
        gone = [name for name in names()[:-keep] if name not in needed]
        for name in gone:
            aside = place / f"{_disk.BUILDING}{name}"  # swept, should we die half-way
            (place / name).rename(aside)
            shutil.rmtree(aside)
    return gone


def _needed(place: Path) -> set[str]:
    """Name the edition that ``latest`` shows, and the ones that it and the next night are made from."""
    shown = (place / "latest").resolve()
    with suppress(ToolkitError):
        return {shown.name, str(_items.listed(shown).get("previous"))}
    return {shown.name}
