"""The figures of an edition: those kept by hand, those its reports publish, and what they were before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit import registry
from toolkit.datasets import home
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.registry import Record

HISTORY, REGISTRY = "history.jsonl", "registry.jsonl"
# what a number is of; one of these another makes it another figure
_MEANING = ("about", "place", "partner", "product", "period", "valuation", "status")


class Held:
    """The figures of an edition so far: `text` as JSON Lines, and the `registry` that it makes.

    The registry knows what each figure was before: every edition hands on, as its
    ``history.jsonl``, the records that have been overtaken since the first one.
    """

    def __init__(self, before: Path | None = None) -> None:
        path = home() / "data" / REGISTRY
        pasts = [before / name for name in (HISTORY, REGISTRY)] if before else []
        pasts = [past for past in pasts if past.is_file()]
        self.text = path.read_text(encoding="utf-8") if path.exists() else ""
        self.past = "".join(past.read_text(encoding="utf-8") for past in pasts)
        self.overtaken = pasts[0].read_text(encoding="utf-8") if pasts and pasts[0].name == HISTORY else ""
        self.then = {record.key: record for record in registry.load(*(p for p in pasts if p.name == REGISTRY))}
        self.registry = registry.load(*[path][: path.exists()], earlier=pasts)
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

    def moved(self) -> dict[str, str]:
        """Say of each key that it is new, gone, changed, or redefined since the edition before."""
        then, now = self.then, {record.key: record for record in self.registry}
        what = dict.fromkeys(then.keys() - now.keys(), "gone") | dict.fromkeys(now.keys() - then.keys(), "new")
        for key in then.keys() & now.keys():
            if then[key].quantity != now[key].quantity:
                what[key] = "changed"
            elif differences(then[key], now[key]):
                what[key] = "redefined"
        return {key: what[key] for key in sorted(what)}

    def history(self) -> str:
        """Give the records overtaken so far, those of this edition among them, as JSON Lines."""
        return self.overtaken + registry.dumps(self.then[key] for key, what in self.moved().items() if what != "new")


def differences(then: Record, now: Record) -> list[str]:
    """Name, with old and new, what a figure is of that it was not of before."""
    pairs = [(name, getattr(then, name), getattr(now, name)) for name in _MEANING]
    return [f"{name} {old or '–'} → {new or '–'}" for name, old, new in pairs if old != new]
