"""The figures of an edition: those kept by hand, those its reports publish, and how they moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit import registry
from toolkit.datasets import home
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path


class Held:
    """The figures of an edition so far: `text` as JSON Lines, and the `registry` that it makes."""

    def __init__(self, before: Path | None = None) -> None:
        path, past = home() / "data" / "registry.jsonl", (before or home()) / "registry.jsonl"
        self.text = path.read_text(encoding="utf-8") if path.exists() else ""
        self.past = past.read_text(encoding="utf-8") if before and past.is_file() else ""
        # what a figure was in the edition before, so that a brief can be called stale
        self.registry = registry.load(*[path][: path.exists()], earlier=[past] if self.past else [])
        self.ids = {record.key: record.id for record in self.registry}  # an id is a hash: once, not once a report
        self.stale: dict[str, str] = {}  # from a key to since when its report fails

    def __len__(self) -> int:
        return sum(1 for _ in self.registry)

    def take(self, path: Path) -> tuple[str, ...]:
        """Take in the figures of a report, all or none, and give their keys; the same figure from two reports is one."""
        found = list(registry.load(path))
        fresh = [record for record in found if self.ids.get(record.key) != record.id]
        if clash := [record.key for record in fresh if record.supersedes != self.ids.get(record.key)]:
            problem = f"{path.parent.name} publishes {clash[0]!r}, which stands for another figure in this edition"
            raise SchemaError(problem, remedy="Choose another key in one of the notebooks")
        for record in fresh:
            self.registry.add(record)
            self.ids[record.key] = record.id
        self.text += registry.dumps(fresh)
        return tuple(record.key for record in found)

    def take_stale(self, path: Path, since: str) -> tuple[str, ...]:
        """Take in the figures of the last good report; none where another figure has come to bear a key of theirs."""
        try:
            keys = self.take(path)
        except SchemaError:
            return ()
        self.stale |= dict.fromkeys(keys, since)
        return keys

    def moved(self, before: Path | None) -> list[dict[str, str]]:
        """Give a row for each key that is new, gone, or has another quantity than in the edition `before`."""
        path = before / "registry.jsonl" if before else None
        then = {record.key: record for record in registry.load(path)} if path and path.is_file() else {}
        now = {record.key: record for record in self.registry}
        what = dict.fromkeys(then.keys() - now.keys(), "gone") | dict.fromkeys(now.keys() - then.keys(), "new")
        what |= {key: "changed" for key in then.keys() & now.keys() if then[key].quantity != now[key].quantity}
        return [
            {"key": key, "what": what[key], "about": (now | then)[key].about}
            | {name: str(side.get(key, "–")) for name, side in (("old", then), ("new", now))}
            for key in sorted(what)
        ]
