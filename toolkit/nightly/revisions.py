"""Published figures that changed since the previous edition, with size and cause."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from toolkit import registry, report
from toolkit.errors import NotComparable, SchemaError
from toolkit.files import home, read_text
from toolkit.nightly.items import Item, Move, read
from toolkit.quantity import Quantity, like_with_like, show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolkit.registry import Record

__all__ = ["HISTORY", "REGISTRY", "EditionFigures", "differences", "moves", "numbers", "size"]

HISTORY, REGISTRY = "history.jsonl", "registry.jsonl"
# what a number is of: a change of one of these makes it another figure
_MEANING = ("about", "place", "partner", "product", "period", "valuation", "status")
_BY_HAND = f"data/{REGISTRY}"
_POINTS = {"%", "pp"}  # their changes are given in points: a percentage of a percentage would mislead
_SHOWN = 8  # letters of a hash
_EXACT = Decimal("0.1")  # per cent; a smaller change is given to one significant digit
_READABLE = 3  # digits of a change
_ORDER = {"changed": 0, "redefined": 1, "gone": 2, "new": 3}
_WORD_LISTS = "data/codes/"
_COMMON = {"data/datapackage.json", "data/sources.csv"}  # every report reads them; a cause only if there is no other


class EditionFigures:
    """The figures of an edition so far, as JSON Lines in `text` and as a `registry`.

    The registry knows the earlier records of each figure, since every edition passes on
    all superseded records in its ``history.jsonl``.
    """

    def __init__(self, before: Path | None = None) -> None:
        path = home() / "data" / REGISTRY
        pasts = [before / name for name in (HISTORY, REGISTRY)] if before else []
        pasts = [past for past in pasts if past.is_file()]
        texts = {past.name: read_text(past) for past in pasts}
        self.text = read_text(path) if path.exists() else ""
        self.past, self.overtaken = "".join(texts.values()), texts.get(HISTORY, "")
        self.then = {record.key: record for record in registry.load(*(p for p in pasts if p.name == REGISTRY))}
        self.registry = registry.load(*[path][: path.exists()], earlier=pasts)
        self.ids = {record.key: record.id for record in self.registry}  # an id is a hash, too slow for every report
        self.stale: dict[str, str] = {}  # from a key to the day since which its report has failed

    def __len__(self) -> int:
        return sum(1 for _ in self.registry)

    def take(self, path: Path) -> tuple[str, ...]:
        """Add the figures of a report, all or none, and return their keys; two reports may publish the same figure."""
        found = list(registry.load(path))
        fresh = [record for record in found if self.ids.get(record.key) != record.id]
        if clash := [record.key for record in fresh if record.supersedes != self.ids.get(record.key)]:
            problem = f"{path.parent.name} publishes {clash[0]!r}, which is another figure's key in this edition"
            raise SchemaError(problem, remedy="Choose another key in one of the notebooks")
        for record in fresh:
            self.registry.add(record)
            self.ids[record.key] = record.id
        self.text += registry.dumps(fresh)
        return tuple(record.key for record in found)

    def take_stale(self, path: Path, since: str) -> tuple[str, ...]:
        """Add the figures of the last good report, or none if another figure now has one of their keys."""
        try:
            keys = self.take(path)
        except SchemaError:
            return ()
        self.stale |= dict.fromkeys(keys, since)
        return keys

    def moved(self) -> dict[str, str]:
        """Return what happened to each key since the previous edition: new, gone, changed or redefined."""
        then, now = self.then, {record.key: record for record in self.registry}
        what = dict.fromkeys(then.keys() - now.keys(), "gone") | dict.fromkeys(now.keys() - then.keys(), "new")
        for key in then.keys() & now.keys():
            if then[key].quantity != now[key].quantity:
                what[key] = "changed"
            elif differences(then[key], now[key]):
                what[key] = "redefined"
        return {key: what[key] for key in sorted(what)}

    def history(self) -> str:
        """Return the records superseded so far, this edition included, as JSON Lines."""
        return self.overtaken + registry.dumps(self.then[key] for key, what in self.moved().items() if what != "new")


def differences(then: Record, now: Record) -> list[str]:
    """List the fields in which the meaning of two records differs, with old and new value."""
    pairs = [(name, getattr(then, name), getattr(now, name)) for name in _MEANING]
    return [f"{name} {old or '–'} → {new or '–'}" for name, old, new in pairs if old != new]


def moves(figures: EditionFigures, items: list[Item], folder: Path, before: Path | None) -> tuple[Move, ...]:
    """Return every figure that changed since the edition `before`; first those for which a brief must change."""
    if before is None:
        return ()
    then = _Side(before, list(read(before).items), figures.then)
    new = _Side(folder, items, {record.key: record for record in figures.registry})
    cited = {key for item in items for each in item.sentences if each.to_change for key in each.keys}
    found = [_move(key, what, then, new) for key, what in figures.moved().items()]
    order = {each.key: _rank(each, then.records.get(each.key), new.records.get(each.key)) for each in found}
    return tuple(sorted(found, key=lambda each: (each.key not in cited, *order[each.key], each.key)))


@dataclass
class _Side:
    """One of two editions that are compared: its folder, items and figures."""

    folder: Path
    items: list[Item]
    records: dict[str, Record]

    def report(self, key: str) -> Item | None:
        """Return the report that publishes a figure."""
        return next((item for item in self.items if key in item.figures), None)

    def inputs(self, item: Item | None) -> dict[str, Any]:
        """Return what a report was made from; if it failed, what its last good run was made from."""
        if item is None:
            return {}
        path = self.folder / item.name / ("run.json" if item.status == "ok" else "last-good/run.json")
        return dict(report.read_json(path)["inputs"]) if path.is_file() else {}


def _move(key: str, what: str, then: _Side, now: _Side) -> Move:
    old, new = then.records.get(key), now.records.get(key)
    item = now.report(key) or then.report(key)
    return Move(
        key,
        what,
        next(record.about for record in (new, old) if record),
        *numbers(old, new),
        size(old.quantity, new.quantity, (old.precision, new.precision)) if old and new else "",
        tuple(_why(key, then, now)) or ("no input changed: the result differs from run to run",),
        item.name if item else "",
    )


def numbers(old: Record | None, new: Record | None) -> tuple[str, str]:
    """Return both numbers rounded for reading, or with all digits if they would look the same."""
    shown = [each.readable if each else "–" for each in (old, new)]
    if old and new and old.quantity != new.quantity and shown[0] == shown[1]:
        shown = [str(each) for each in (old, new)]
    return shown[0], shown[1]


def _rank(move: Move, then: Record | None, now: Record | None) -> tuple[int, Decimal]:
    old, new = (record.quantity.value if record else None for record in (then, now))
    return _ORDER[move.what], -abs((new - old) / old) if old and new is not None else Decimal(0)


def size(then: Quantity, now: Quantity, precisions: tuple[int | None, ...] = ()) -> str:
    """Return how far a figure moved, in its unit and in percent.

    >>> size(Quantity.stated("145e9", "USD"), Quantity.stated("147e9", "USD"))
    '+US$2 billion (+1.4 %)'
    >>> size(Quantity.stated("20.5", "%"), Quantity.stated("18", "%"))
    '−2.5 percentage points'
    """
    try:
        like_with_like(then, now)
    except NotComparable as error:
        return f"not comparable: {error.problem}"
    if then.value is None or now.value is None or then.value == now.value:
        return ""
    delta = now.value - then.value
    known = [each for each in precisions if each is not None]
    precision = min(max(min(known), delta.adjusted() - _READABLE + 1), delta.adjusted()) if known else None
    unit = "pp" if then.unit in _POINTS else then.unit
    moved = ("+" if delta > 0 else "−") + show(Quantity.stated(abs(delta), unit), "short", precision=precision)
    return moved if unit == "pp" or not then.value else f"{moved} ({_percent(delta / abs(then.value) * 100)})"


def _percent(value: Decimal) -> str:
    digits = 1 if abs(value) >= _EXACT else -value.adjusted()
    return f"{value:+.{digits}f} %".replace("-", "−")


def _why(key: str, then: _Side, now: _Side) -> Iterator[str]:
    """List which inputs of a figure changed."""
    old, new = then.records.get(key), now.records.get(key)
    was, item = then.report(key), now.report(key)
    if old and new:
        yield from (f"another meaning: {each}" for each in differences(old, new))
    if new and item and was is None:
        known = item.name in {each.name for each in then.items}
        yield f"{item.name} publishes it now" if known else f"new report: {item.name}"
    if old and new is None and was:
        yield from _gone(was, now)
    if was is None and item is None:
        yield from _by_hand(old, new)
    old_inputs, new_inputs = then.inputs(was), now.inputs(item or _same(was, now))
    if old_inputs and new_inputs:
        yield from _inputs(old_inputs, new_inputs, _cells(old, then.records), _cells(new, now.records))


def _same(item: Item | None, side: _Side) -> Item | None:
    return next((each for each in side.items if item and each.name == item.name and each.status == "ok"), None)


def _gone(was: Item, now: _Side) -> Iterator[str]:
    item = next((each for each in now.items if each.name == was.name), None)
    if item is None:
        yield f"the report {was.name} is no longer made"
    elif item.status != "ok":
        yield f"the report {item.name} {item.status}: {item.note.partition(chr(10))[0]}"
    else:
        yield f"the report {item.name} no longer publishes it"


def _by_hand(old: Record | None, new: Record | None) -> Iterator[str]:
    if old is None or new is None:
        yield f"by hand: {'registered in' if new else 'removed from'} {_BY_HAND}"
        return
    kinds = {record.source["type"] for record in (old, new)}
    if kinds == {"article"} and old.source["article_id"] != new.source["article_id"]:
        yield f"new article: {new.source['source']}"
    elif kinds == {"dataset"}:
        yield from (f"new data: {each}" for each in _data(_cells(old, {}), _cells(new, {})))
    else:
        yield f"by hand: superseded in {_BY_HAND}"


def _inputs(old: dict[str, Any], new: dict[str, Any], then: _Cells, now: _Cells) -> Iterator[str]:
    """Compare the inputs of two runs of a report; `then` and `now` are the data sets that the figure cites."""
    cited = {*then, *now}
    changed = _changed(old["datasets"], new["datasets"])
    hashes = {side["datasets"].get(name) for side in (old, new) for name in changed}
    files = [
        name
        for name in _changed(old["files"], new["files"])
        if not {old["files"].get(name), new["files"].get(name)} & hashes and not _is_kept(name, old, new)
    ]
    found = [f"new data: {_dataset(name, old, new, then, now)}" for name in changed if name in cited or not cited]
    found += [f"new data, read by the report too: {name}" for name in changed if cited and name not in cited]
    found += [_file(name) for name in files if name not in _COMMON]
    if old["notebook"] | {"sha256": ""} != new["notebook"] | {"sha256": ""}:
        found.append(f"new code: {new['notebook']['path']}")
    if names := _changed(old["parameters"], new["parameters"]):
        changes = (f"{name} {old['parameters'].get(name)!r} → {new['parameters'].get(name)!r}" for name in names)
        found.append(f"parameters: {', '.join(changes)}")
    if old["toolkit"] != new["toolkit"]:
        found.append(f"new code: the toolkit, {_versions(old['toolkit'], new['toolkit'])}")
    if old["python"] != new["python"]:
        found.append(f"another Python: {old['python']} → {new['python']}")
    if old["lock"] != new["lock"]:
        found.append("other libraries: requirements.lock")
    found = found or [_file(name) for name in files]
    if not found and old["edition_date"] != new["edition_date"]:
        found = [f"the date of the report: {old['edition_date']} → {new['edition_date']}"]
    yield from found


def _is_kept(name: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return whether only one run read a word list: a warm server has it in memory, and `toolkit` covers its hash."""
    return name.startswith(_WORD_LISTS) and not (name in old["files"] and name in new["files"])


def _file(name: str) -> str:
    kind = "new article" if name.startswith("seeds/") else "by hand" if name == _BY_HAND else "new data"
    return f"{kind}: {name}"


def _versions(old: dict[str, str], new: dict[str, str]) -> str:
    if old["version"] != new["version"]:
        return f"{old['version']} → {new['version']}"
    return f"{old['sha256'][:_SHOWN]} → {new['sha256'][:_SHOWN]}"


_Cells = dict[str, set[str]]  # from data sets to their vintages


def _cells(record: Record | None, records: dict[str, Record], seen: frozenset[str] = frozenset()) -> _Cells:
    """Return the data sets and vintages behind a figure, followed through the keys it was computed from."""
    if record is None or record.key in seen:
        return {}
    source = record.source
    found: _Cells = {}
    cells = [source] if source["type"] == "dataset" else source.get("inputs", ())
    for cell in cells:
        if isinstance(cell, str):
            below = _cells(records.get(cell), records, seen | {record.key})
            found |= {name: found.get(name, set()) | vintages for name, vintages in below.items()}
        elif "dataset" in cell:
            found[cell["dataset"]] = found.get(cell["dataset"], set()) | {str(cell.get("vintage") or "")}
    return found


def _dataset(name: str, old: dict[str, Any], new: dict[str, Any], then: _Cells, now: _Cells) -> str:
    """Name a data set that changed, with its vintages; say so if the bytes changed within one vintage."""
    before, after = (", ".join(sorted(side.get(name, set()) - {""})) for side in (then, now))
    hashes = " → ".join(str(side["datasets"].get(name, "none"))[:_SHOWN] for side in (old, new))
    if before != after:
        return f"{name}, vintage {before or 'not said'} → {after or 'not said'}"
    return f"{name}, vintage {before}, its bytes changed ({hashes})" if before else f"{name} ({hashes})"


def _data(then: _Cells, now: _Cells) -> list[str]:
    old, new = (
        "; ".join(f"{name}, vintage {', '.join(sorted(side[name]))}" for name in sorted(side)) for side in (then, now)
    )
    return [new if old == new else f"{old} → {new}"]


def _changed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return sorted(name for name in {**old, **new} if old.get(name) != new.get(name))
