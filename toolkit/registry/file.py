"""Registered figures on the same thing that disagree: shown side by side, never merged."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
import tempfile
from collections import defaultdict
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.codes import table
from toolkit.errors import SchemaError, ToolkitError, UnknownCode
from toolkit.registry.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from toolkit.quantity import Quantity


class Registry:
    """Records by key; a key resolves to its newest, and keeps those before it.

    Parameters
    ----------
    records : iterable of Record
        In the order in which they were registered.
    earlier : iterable of iterables of Record
        What earlier editions held, oldest first; their figures are history only.
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
        """Give the newest record of each key."""
        return iter(self._newest.values())

    def resolve(self, key: str) -> Record:
        """Give the newest record of `key`, or an UnknownCode that names near keys."""
        if key in self._newest:
            return self._newest[key]
        near = ", ".join(difflib.get_close_matches(key, self._newest, n=3) or sorted(self._newest)[:3])
        remedy = f"Cite a registered key ({near or 'there is none yet'}), or register the figure first"
        gone = "; an earlier edition had it" if self.history(key) else ""
        raise UnknownCode(f"no figure {key!r} in the registry{gone}", remedy=remedy)

    def history(self, key: str) -> list[Record]:
        """Give the records that `key` stood for before, the latest first."""
        now = self._newest.get(key)
        said: dict[Quantity, Record] = {}
        for record in reversed(self._earlier.get(key, ())):
            said.setdefault(record.quantity, record)
        before = [*reversed(self._past.get(key, {}).values()), *said.values()]
        return [record for record in before if now is None or record.quantity != now.quantity]

    def back(self, steps: int) -> Registry | None:
        """Give the registry as it was `steps` changes of each key ago; None if nothing was else."""
        view, changed = Registry(), False
        view._newest = dict(self._newest)
        for key in {*self._past, *self._earlier}:
            if len(before := self.history(key)) >= steps:
                view._newest[key], changed = before[steps - 1], True
        return view if changed else None

    def add(self, record: Record) -> None:
        """Take in a record; one whose key is known must supersede the key's newest."""
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
    """Give the registry of one or more files of JSON Lines, read in that order; `earlier` editions' are history.

    Raises
    ------
    SchemaError
        Naming file and line, if a line is no record or a key comes twice.
    """
    registry = Registry(earlier=[list(_read(Path(path), lambda _: None)) for path in earlier])
    for path in map(Path, paths):
        for _ in _read(path, registry.add):
            pass
    return registry


def _read(path: Path, take: Callable[[Record], None]) -> Iterator[Record]:
    """Hand each record of a file on; what is wrong with one is told with its line."""
    for number, line in enumerate(_lines(path), start=1):
        try:
            record = _record(line)
            take(record)
        except ToolkitError as error:
            raise SchemaError(f"{path}:{number}: {error.problem}", remedy=error.remedy) from None
        yield record


def dumps(records: Iterable[Record]) -> str:
    """Give `records` as JSON Lines, one line each for every reader's notion of a line."""
    lines = "".join(json.dumps(record.to_dict(), ensure_ascii=False) + "\n" for record in records)
    return lines.translate({ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"})


def append(path: Path | str, record: Record) -> str:
    """Add `record` to a file under a lock, on the disk when this returns; give its id."""
    from filelock import FileLock

    path = Path(path).resolve()
    # a lock file beside the registry would stay behind in data/
    lock = Path(tempfile.gettempdir()) / f"toolkit-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.lock"
    with FileLock(lock):
        (load(path) if path.exists() else Registry()).add(record)  # refuses before anything is written
        with path.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(dumps([record]))
            stream.flush()
            os.fsync(stream.fileno())
    return record.id


def _lines(path: Path) -> list[bytes]:
    try:
        *lines, rest = path.read_bytes().split(b"\n")
    except OSError as error:
        raise SchemaError(f"{path}: {error.strerror}", remedy="Name a registry file that can be read") from None
    if rest:
        raise SchemaError(f"{path}:{len(lines) + 1}: the line breaks off", remedy="Restore it, or delete that line")
    return lines


def _record(line: bytes) -> Record:
    try:
        return Record.from_dict(json.loads(line.decode("utf-8")))
    except ToolkitError:
        raise
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise SchemaError(f"no record: {error}", remedy="Restore the line; registry.append writes them") from None


_WORD = re.compile(r"[^\W_]+")
_RATE = re.compile(r"\d+(?:\.\d+)?(?=\s?%)")


def conflicts(records: Iterable[Record]) -> list[tuple[Record, Record]]:
    """Give each pair of records that state one thing and disagree, both as they are.

    One thing: the same words and rates (a tariff of 15 %) in `about`, place, partner,
    product, period, unit, base, basis, price base and valuation. Disagree: no number fits both.
    """
    same = defaultdict(list)
    for record in records:
        same[_thing(record)].append(record)
    return [pair for group in same.values() for pair in combinations(group, 2) if disagree(*pair)]


def disagree(one: Record, two: Record) -> bool:
    """Tell whether no number fits both records, each to its own precision and hedge."""
    (low, high), (lower, higher) = _span(one), _span(two)
    return high < lower or higher < low


def words(text: str) -> frozenset[str]:
    """Give the words of `text` that say what it is about, small, without a plural's s.

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
    return (low - half if low is not None else Decimal("-Infinity")), (
        high + half if high is not None else Decimal("Infinity")
    )


@cache
def _empty() -> frozenset[str]:
    return frozenset(row["words"] for row in table("empty_words"))
