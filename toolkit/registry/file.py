"""The file of registered figures: read, appended to, and searched for figures that disagree."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tempfile
from collections import defaultdict
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import files
from toolkit.codes import table
from toolkit.errors import SchemaError, ToolkitError, UnknownCode
from toolkit.registry.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from toolkit.quantity import Quantity

__all__ = ["Registry", "append", "conflicts", "disagree", "dumps", "load", "words"]

_WORD = re.compile(r"[^\W_]+")
_RATE = re.compile(r"\d+(?:\.\d+)?(?=\s?%)")  # "15" of "a tariff of 15 %"


class Registry:
    """Records by key: a key resolves to its newest record and keeps the earlier ones.

    Parameters
    ----------
    records : iterable of Record
        In the order in which they were registered.
    earlier : iterable of iterables of Record
        The registries of earlier editions, oldest first; they only add to the history.
    """

    def __init__(self, records: Iterable[Record] = (), earlier: Iterable[Iterable[Record]] = ()) -> None:
        self._newest: dict[str, Record] = {}
        self._past: dict[str, dict[str, Record]] = {}
        self._earlier: dict[str, list[Record]] = {}
        for record in (record for registry in earlier for record in registry):
            self._earlier.setdefault(record.key, []).append(record)
        for record in records:
            self.add(record)

    def __iter__(self) -> Iterator[Record]:
        """Iterate over the newest record of each key."""
        return iter(self._newest.values())

    def resolve(self, key: str) -> Record:
        """Return the newest record of `key`, or raise UnknownCode with similar keys."""
        if key in self._newest:
            return self._newest[key]
        near = ", ".join(difflib.get_close_matches(key, self._newest, n=3) or sorted(self._newest)[:3])
        remedy = f"Cite a registered key ({near or 'there is none yet'}), or register the figure first"
        gone = "; an earlier edition had it" if self.history(key) else ""
        raise UnknownCode(f"no figure {key!r} in the registry{gone}", remedy=remedy)

    def history(self, key: str) -> list[Record]:
        """Return the earlier records of `key` whose quantity was another, the latest first."""
        now = self._newest.get(key)
        said: dict[Quantity, Record] = {}
        for record in reversed(self._earlier.get(key, ())):
            said.setdefault(record.quantity, record)
        before = [*reversed(self._past.get(key, {}).values()), *said.values()]
        return [record for record in before if now is None or record.quantity != now.quantity]

    def as_of_change(self, steps: int) -> Registry | None:
        """Return the registry as it stood `steps` changes of each key ago, or None if it never differed."""
        view, changed = Registry(), False
        view._newest = dict(self._newest)
        for key in {*self._past, *self._earlier}:
            if len(before := self.history(key)) >= steps:
                view._newest[key], changed = before[steps - 1], True
        return view if changed else None

    def add(self, record: Record) -> None:
        """Add a record; if its key is known, it must supersede the key's newest record."""
        before = self._newest.get(record.key)
        if record.supersedes != (newest := before.id if before else None):
            raise SchemaError(
                f"{record.key}: the key's newest record is {newest}, but this one supersedes {record.supersedes}",
                remedy="Choose another key, or set supersedes to the id of the key's newest record",
            )
        if before:
            self._past.setdefault(record.key, {})[before.id] = before
        self._newest[record.key] = record


def load(*paths: Path | str, earlier: Iterable[Path | str] = ()) -> Registry:
    """Return the registry of one or more files of JSON Lines, read in that order; those of `earlier` editions are history.

    Raises
    ------
    SchemaError
        Naming file and line, if a line is not a record or a key comes twice.
    """
    registry = Registry(earlier=[list(_read(Path(path), lambda _: None)) for path in earlier])
    for path in map(Path, paths):
        for _ in _read(path, registry.add):
            pass
    return registry


def _read(path: Path, take: Callable[[Record], None]) -> Iterator[Record]:
    """Pass each record of a file to `take`; an error names file and line."""
    for number, line in enumerate(_lines(path), start=1):
        try:
            record = _record(line)
            take(record)
        except ToolkitError as error:
            raise SchemaError(f"{path}:{number}: {error.problem}", remedy=error.remedy) from None
        yield record


def dumps(records: Iterable[Record]) -> str:
    """Return `records` as JSON Lines, with every other character escaped that some reader takes for the end of a line."""
    lines = "".join(json.dumps(record.to_dict(), ensure_ascii=False) + "\n" for record in records)
    return lines.translate({ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"})


def append(path: Path | str, record: Record) -> str:
    """Append `record` to a file under a lock, on the disk when this returns, and return its id."""
    from filelock import FileLock

    path = Path(path).resolve()
    # a lock file beside the registry would stay behind in data/
    lock = Path(tempfile.gettempdir()) / f"toolkit-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.lock"
    with FileLock(lock):
        (load(path) if path.exists() else Registry()).add(record)  # refuses before anything is written
        files.append(path, dumps([record]))
    return record.id


def _lines(path: Path) -> list[bytes]:
    *lines, rest = files.read(path).split(b"\n")
    if rest:
        raise SchemaError(
            f"{path}:{len(lines) + 1}: the last line is incomplete", remedy="Restore it, or delete that line"
        )
    return lines


def _record(line: bytes) -> Record:
    try:
        return Record.from_dict(json.loads(line.decode("utf-8")))
    except ToolkitError:
        raise
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise SchemaError(f"not a record: {error}", remedy="Restore the line; registry.append writes them") from None


def conflicts(records: Iterable[Record]) -> list[tuple[Record, Record]]:
    """Return each pair of records that disagree about the same thing.

    The same thing: the same words and rates (a tariff of 15 %) in `about`, place, partner,
    product, period, unit, base, basis, price base and valuation. They disagree if no number fits both.
    """
    same = defaultdict(list)
    for record in records:
        same[_thing(record)].append(record)
    return [pair for group in same.values() for pair in combinations(group, 2) if disagree(*pair)]


def disagree(one: Record, two: Record) -> bool:
    """Return whether no number fits both records, each to its own precision and hedge."""
    (low, high), (lower, higher) = _span(one), _span(two)
    return high < lower or higher < low


def words(text: str) -> frozenset[str]:
    """Return the words of `text` that say what it is about, in small letters and without the plural's s.

    >>> sorted(words("the Imports of goods, 2024"))
    ['good', 'import']
    """
    found = (word for word in _WORD.findall(text.lower()) if not word.isdigit() and word not in _empty())
    return frozenset(word.removesuffix("s") if len(word) > len("gas") else word for word in found)


def _thing(record: Record) -> tuple[object, ...]:
    quantity = record.quantity
    fixed = (record.place, record.partner, record.product, record.period, record.valuation)
    rates = frozenset(_RATE.findall(record.about))
    return words(record.about), rates, *fixed, quantity.unit, quantity.of, quantity.basis, quantity.price_base


def _span(record: Record) -> tuple[Decimal, Decimal]:
    quantity = record.quantity
    half = Decimal(1).scaleb(record.precision) / 2 if record.precision is not None else Decimal(0)
    low, high = quantity.low, quantity.high
    if quantity.hedge == "about" and quantity.value is not None:
        low, high, half = quantity.value, quantity.value, max(half, abs(quantity.value) / 20)
    infinity = Decimal("Infinity")
    return -infinity if low is None else low - half, infinity if high is None else high + half


@cache
def _empty() -> frozenset[str]:
    return frozenset(row["words"] for row in table("empty_words"))
